"""What else in a project may miss the library that a fix takes away, in places that no link shows.

A script copies what ``ldd`` prints, a program without Python opens the module, a file looks into
itself, a packager's setting forbids undefined symbols.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.buildsystems.rewriting import found

NAME = "t.cpython-311-x86_64-linux-gnu.so"
LINK = f"gcc -shared -fPIC -o {NAME} t.c -lpython3.11"
SETUP = """\
from setuptools import setup, Extension
setup(name="x", ext_modules=[Extension("t", ["t.c"], libraries=["m", "python3.11"])])
"""
LISTFILE = """\
cmake_minimum_required(VERSION 3.18)
project(t C)
find_package(Python3 COMPONENTS Interpreter Development REQUIRED)
{}Python3_add_library(t MODULE t.c)
target_link_libraries(t PRIVATE Python3::Python)
"""
MESON = """\
project('x', 'c')
py = import('python').find_installation()
py.extension_module('t', 't.c', dependencies: py.dependency(embed: true))
"""
OPENS = '#include <dlfcn.h>\nint main(void) {{ return !dlopen("./{}", RTLD_NOW); }}\n'
SAFE, UNSAFE, NO_FIX = "safe", "unsafe", "no fix"

#: The name of a build file, its text, other files, and what the fix is.
PROJECTS: dict[str, tuple[str, str, dict[str, str], str]] = {
    "plain sh": ("build.sh", f"{LINK}\n", {}, SAFE),
    "plain setup": ("setup.py", SETUP, {}, SAFE),
    "plain cmake": ("CMakeLists.txt", LISTFILE.format(""), {}, SAFE),
    "plain meson": ("meson.build", MESON, {}, SAFE),
    "sh ldd copy": (
        "build.sh",
        f"{LINK}\ncp $(ldd {NAME} | awk '/libpython/{{print $3}}') dist/\n",
        {},
        UNSAFE,
    ),
    "sh ldd grep": ("build.sh", f"set -e\n{LINK}\nldd {NAME} | grep -q libpython\n", {}, UNSAFE),
    "sh readelf": (
        "build.sh",
        f"{LINK}\nreadelf -d {NAME} | grep 'NEEDED.*libpython'\n",
        {},
        UNSAFE,
    ),
    "sh objdump cont": (
        "build.sh",
        f"{LINK}\nobjdump -p {NAME} \\\n  | grep libpython3.11.so\n",
        {},
        UNSAFE,
    ),
    "sh patchelf": (
        "build.sh",
        f"{LINK}\npatchelf --replace-needed libpython3.11.so.1.0 libpython3.so {NAME}\n",
        {},
        UNSAFE,
    ),
    "docker ldd": (
        "Dockerfile",
        f"FROM x\nRUN gcc -shared -fPIC -o {NAME} t.c -lpython3.11 && ldd {NAME} | grep -q libpython\n",
        {},
        UNSAFE,
    ),
    "make ldd": (
        "Makefile",
        f"{NAME}: t.c\n\tgcc -shared -o $@ $< -lpython3.11\ncheck:\n\tldd {NAME} | grep libpython\n",
        {},
        UNSAFE,
    ),
    "setup + build.sh": (
        "setup.py",
        SETUP,
        {
            "build.sh": "python setup.py build_ext -i\ncp $(ldd t.cpython-311-x86_64-linux-gnu.so | awk '/libpython/{print $3}') dist/\n"
        },
        UNSAFE,
    ),
    "cmake + ci": (
        "CMakeLists.txt",
        LISTFILE.format(""),
        {
            ".github/workflows/a.yml": "jobs:\n  a:\n    steps:\n    - run: ldd build/t.so | grep libpython\n"
        },
        UNSAFE,
    ),
    "setup + py": (
        "setup.py",
        SETUP,
        {
            "tools/check.py": "import subprocess\nassert 'libpython' in subprocess.getoutput('ldd t.so')\nsubprocess.run('readelf -d t.so | grep libpython', shell=True, check=True)\n"
        },
        UNSAFE,
    ),
    "ldd other": ("build.sh", f"{LINK}\nldd {NAME} | grep -v libz\n", {}, SAFE),
    "ldd comment": ("build.sh", f"{LINK}\n# ldd t.so | grep libpython\n", {}, SAFE),
    "ldd in docs": ("setup.py", SETUP, {"README.md": "ldd t.so | grep libpython\n"}, SAFE),
    "libpython text": ("setup.py", SETUP, {"notes.txt": "libpython is not needed\n"}, SAFE),
    "setup own": (
        "setup.py",
        "import re\nV=re.search(r'\"python(3\\.\\d+)\"', open(__file__).read()).group(1)\n" + SETUP,
        {},
        UNSAFE,
    ),
    "setup own path": (
        "setup.py",
        "from pathlib import Path\nV=Path(__file__).read_text().count('python3')\n" + SETUP,
        {},
        UNSAFE,
    ),
    "setup getsource": (
        "setup.py",
        "import inspect,sys\nV=inspect.getsource(sys.modules[__name__])\n" + SETUP,
        {},
        UNSAFE,
    ),
    "setup readme": (
        "setup.py",
        "import os\nh=os.path.dirname(__file__)\nV=open(os.path.join(os.path.dirname(__file__),'README')).read()\n"
        + SETUP,
        {},
        SAFE,
    ),
    "setup here": (
        "setup.py",
        "from pathlib import Path\nh=Path(__file__).parent\nV=(h/'README').read_text()\n" + SETUP,
        {},
        SAFE,
    ),
    "sh own": ("build.sh", f"{LINK}\ngrep -o 'lpython3...' \"$0\"\n", {}, UNSAFE),
    "sh own bash source": (
        "build.sh",
        f"{LINK}\nsed -n 's/lpython//p' ${{BASH_SOURCE[0]}}\n",
        {},
        UNSAFE,
    ),
    "sh dir0": ("build.sh", f'cd "$(dirname "$0")"\n{LINK}\n', {}, SAFE),
    "sh usage": ("build.sh", f"echo usage: $0\n{LINK}\n", {}, SAFE),
    "sh usage cat": ("build.sh", f"cat <<E\nusage: $0 x\nE\n{LINK}\n", {}, SAFE),
    "sh awk field": ("build.sh", f"x=$(ls | awk '{{print $0}}')\n{LINK}\n", {}, SAFE),
    "sh awk field dq": ("build.sh", f'x=$(ls | awk "{{print \\$0}}")\n{LINK}\n', {}, SAFE),
    "llvm": (
        "CMakeLists.txt",
        LISTFILE.format("find_package(LLVM REQUIRED)\ninclude(HandleLLVMOptions)\n"),
        {},
        UNSAFE,
    ),
    "kde": ("CMakeLists.txt", LISTFILE.format("include(KDECompilerSettings)\n"), {}, UNSAFE),
    "llvm other": (
        "CMakeLists.txt",
        LISTFILE.format("find_package(LLVM REQUIRED)\ninclude(AddLLVM)\n"),
        {},
        SAFE,
    ),
    "rpm global": (
        "setup.py",
        SETUP,
        {"x.spec": "Name: x\n%global _strict_symbol_defs_build 1\n%build\n%py3_build\n"},
        UNSAFE,
    ),
    "rpm define": (
        "setup.py",
        SETUP,
        {"pkg/x.sh": "rpmbuild --define '_strict_symbol_defs_build 1' x.spec\n"},
        UNSAFE,
    ),
    "rpm undefine": (
        "setup.py",
        SETUP,
        {"x.spec": "Name: x\n%undefine _strict_symbol_defs_build\n%build\n%py3_build\n"},
        SAFE,
    ),
    "rpm 0": (
        "setup.py",
        SETUP,
        {"x.spec": "Name: x\n%global _strict_symbol_defs_build 0\n%build\n%py3_build\n"},
        SAFE,
    ),
    "rpm none": ("setup.py", SETUP, {"x.spec": "Name: x\n%build\n%py3_build\n"}, SAFE),
    "deb": (
        "setup.py",
        SETUP,
        {
            "debian/rules": "export DEB_LDFLAGS_MAINT_APPEND = -Wl,-z,defs\n%:\n\tdh $@\n",
            "debian/control": "",
        },
        NO_FIX,
    ),
    "deb plain": (
        "setup.py",
        SETUP,
        {
            "debian/rules": "export DEB_LDFLAGS_MAINT_APPEND = -Wl,-z,now\n%:\n\tdh $@\n",
            "debian/control": "",
        },
        SAFE,
    ),
    "cmake dlopen": (
        "CMakeLists.txt",
        LISTFILE.format("add_executable(l l.c)\n"),
        {"l.c": OPENS.format("t.so")},
        UNSAFE,
    ),
    "cmake dlopen name tag": (
        "CMakeLists.txt",
        LISTFILE.format("add_executable(l l.c)\n"),
        {"src/l.c": OPENS.format("lib/t.cpython-311-x86_64-linux-gnu.so")},
        UNSAFE,
    ),
    "sh dlopen": (
        "build.sh",
        f"{LINK}\ngcc l.c -o l -ldl\n",
        {"l.c": OPENS.format("t.cpython-311-x86_64-linux-gnu.so")},
        UNSAFE,
    ),
    "make dlopen": (
        "Makefile",
        f"{NAME}: t.c\n\tgcc -shared -o $@ $< -lpython3.11\nl: l.c\n\tgcc -o $@ $< -ldl\n",
        {"l.c": OPENS.format("t.cpython-311-x86_64-linux-gnu.so")},
        UNSAFE,
    ),
    "meson dlopen": (
        "meson.build",
        MESON + "executable('l','l.c')\n",
        {"l.c": OPENS.format("t.cpython-311-x86_64-linux-gnu.so")},
        UNSAFE,
    ),
    "setup dlopen": (
        "setup.py",
        SETUP,
        {"host.c": OPENS.format("t.cpython-311-x86_64-linux-gnu.so")},
        UNSAFE,
    ),
    "dlopen other": (
        "build.sh",
        f"{LINK}\ngcc l.c -o l -ldl\n",
        {"l.c": OPENS.format("libz.so")},
        SAFE,
    ),
    "dlopen longer name": (
        "build.sh",
        f"{LINK}\ngcc l.c -o l -ldl\n",
        {"l.c": OPENS.format("test.so")},
        SAFE,
    ),
    "dlopen python host": (
        "build.sh",
        f"{LINK}\ngcc l.c -o l -ldl\n",
        {
            "l.c": '#include <Python.h>\nint main(){Py_Initialize();dlopen("./t.cpython-311-x86_64-linux-gnu.so",2);}'
        },
        SAFE,
    ),
    "no dlopen": (
        "build.sh",
        f"{LINK}\ngcc l.c -o l\n",
        {"l.c": 'int main(){puts("t.so");}'},
        SAFE,
    ),
    "dict del": (
        "setup.py",
        'import sys\nfrom setuptools import setup, Extension\nlibs=["m","python3.11"]\nd=dict.fromkeys(libs)\nif sys.platform=="win32":\n    del d["python3.11"]\nsetup(ext_modules=[Extension("t",["t.c"],libraries=list(d))])\n',
        {},
        UNSAFE,
    ),
    "dict pop": (
        "setup.py",
        'import sys\nfrom setuptools import setup, Extension\nlibs=["m","python3.11"]\nd=dict.fromkeys(libs)\nif sys.platform=="win32":\n    d.pop("python3.11")\nsetup(ext_modules=[Extension("t",["t.c"],libraries=list(d))])\n',
        {},
        UNSAFE,
    ),
    "set remove": (
        "setup.py",
        'import sys\nfrom setuptools import setup, Extension\nlibs=["m","python3.11"]\nd=set(libs)\nif sys.platform=="win32":\n    d.remove("python3.11")\nsetup(ext_modules=[Extension("t",["t.c"],libraries=sorted(d))])\n',
        {},
        UNSAFE,
    ),
    "dict keep": (
        "setup.py",
        'from setuptools import setup, Extension\nlibs=["m","python3.11"]\nsetup(ext_modules=[Extension("t",["t.c"],libraries=list(dict.fromkeys(libs)))])\n',
        {},
        SAFE,
    ),
}


@pytest.mark.parametrize(("name", "text", "files", "outcome"), PROJECTS.values(), ids=PROJECTS)
def test_a_fix_is_safe_only_if_nothing_misses_the_library(
    tmp_path: Path, name: str, text: str, files: dict[str, str], outcome: str
) -> None:
    source = {"t.c": "PyMODINIT_FUNC PyInit_t(void) { return 0; }\n"}
    for path, content in {**source, **files, name: text}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    (finding,) = found(text, str(tmp_path / name))
    assert outcome == (NO_FIX if finding.fix is None else finding.fix.applicability.value)


@pytest.mark.parametrize(
    ("line", "outcome"),
    [
        ("here = Path(numpy) / '..' / 'lib'", SAFE),
        ("here = Path(__file__) / '..' / 'flags'", UNSAFE),
        ("here = os.path.join(HERE, '..', 'flags')", UNSAFE),
        ("here = os.path.join(HERE, '..', name)", UNSAFE),
        ("here = '../lib'", UNSAFE),
        ("# and so on...", SAFE),
    ],
)
def test_a_path_leads_up_to_what_is_there(tmp_path: Path, line: str, outcome: str) -> None:
    (tmp_path / "flags").write_text("-Wl,--no-undefined\n")
    (tmp_path / "p").mkdir()
    text = f"import os\nfrom pathlib import Path\n{SETUP}{line}\n"
    (tmp_path / "p" / "setup.py").write_text(text)
    (finding,) = found(text, str(tmp_path / "p" / "setup.py"))
    assert finding.fix is not None
    assert finding.fix.applicability.value == outcome
