"""Flags that a program prints or another step sets, and commands in unusual places."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.buildsystems.rewriting import found

#: What a command makes, and a module's source.
MODULE = "-o t.cpython-311-x86_64-linux-gnu.so t.c"
SOURCES = {"t.c": "PyMODINIT_FUNC PyInit_t(void) { return 0; }\n", "boot.c": "Py_Initialize();"}
#: Prints the flag for libpython.
PRINTS = "\"import sysconfig; print('-lpython' + sysconfig.get_config_var('LDVERSION'))\""
GITHUB = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
LISTFILE = """\
cmake_minimum_required(VERSION 3.18)
project(x C)
find_package(PythonLibs)
add_library(t SHARED {sources})
set_target_properties(t PROPERTIES PREFIX "")
target_link_libraries(t ${{PYTHON_LIBRARIES}})
"""

#: The name of a file, its text, and whether a link is found.
FILES: dict[str, tuple[str, str, bool]] = {
    "sh flag": ("build.sh", f"gcc -shared {MODULE} $(python3 -c {PRINTS})\n", True),
    "sh backquote": ("build.sh", f"gcc -shared {MODULE} `python3 -c {PRINTS}`\n", True),
    "sh var": ("build.sh", f"F=$(python3 -c {PRINTS})\ngcc -shared {MODULE} $F\n", True),
    "sh var quoted": ("build.sh", f'F="$(python3 -c {PRINTS})"\ngcc -shared {MODULE} $F\n', True),
    "sh fstring": (
        "build.sh",
        f'F=$(python3 -c \'import sysconfig as s; print(f"-lpython{{s.get_config_var(\\"LDVERSION\\")}}")\')\ngcc -shared {MODULE} $F\n',
        True,
    ),
    "sh format": (
        "build.sh",
        f"F=$(python3 -c 'import sys; print(\"-lpython%d.%d\" % sys.version_info[:2])')\ngcc -shared {MODULE} $F\n",
        True,
    ),
    "sh base": (
        "build.sh",
        f'F=$("$PYTHON" -c \'import sysconfig\nv=sysconfig.get_config_var\nbase="python"+v("VERSION")+(v("ABIFLAGS") or "")\nlibdir=v("LIBDIR")\nprint(f"-L{{libdir}} -l{{base}}")\')\ngcc -shared {MODULE} $F\n',
        True,
    ),
    "sh name": (
        "build.sh",
        f'V="$(python3 -c \'import sysconfig; print("python" + sysconfig.get_config_var("VERSION"))\')"\ngcc -shared {MODULE} -l"$V"\n',
        True,
    ),
    "sh name2": (
        "build.sh",
        f'V=$(python3 -c \'import sysconfig; print("python{{}}".format(sysconfig.get_config_var("VERSION")))\')\ngcc -shared {MODULE} -l$V\n',
        True,
    ),
    "sh ver": (
        "build.sh",
        f"V=$(python3 -c 'import sys; print(\"%d.%d\" % sys.version_info[:2])')\ngcc -shared {MODULE} -lpython$V\n",
        True,
    ),
    "make shell": (
        "Makefile",
        f"PYLIB := $(shell python3 -c {PRINTS})\nEXT := $(shell python3-config --extension-suffix)\nt$(EXT): t.c\n\tgcc -shared -o $@ $< $(PYLIB)\n",
        True,
    ),
    "make backq": (
        "Makefile",
        f"EXT := $(shell python3-config --extension-suffix)\nt$(EXT): t.c\n\tgcc -shared -o $@ $< `python3 -c {PRINTS}`\n",
        True,
    ),
    "sh program": ("build.sh", f"gcc -o main main.c $(python3 -c {PRINTS})\n", False),
    "sh lib": ("build.sh", f"gcc -shared -o libx.so x.c $(python3 -c {PRINTS})\n", False),
    "sh other flag": ("build.sh", f"gcc -shared {MODULE} $(python3 -c \"print('-lm')\")\n", False),
    "sh incl": (
        "build.sh",
        f"gcc -shared {MODULE} $(python3 -c \"import sysconfig; print('-I' + sysconfig.get_path('include'))\")\n",
        False,
    ),
    "sh win": (
        "build.sh",
        f"gcc -shared {MODULE} $(python3 -c \"import sys; print('-lpython3.11' if sys.platform == 'win32' else '')\")\n",
        False,
    ),
    "sh python2": ("build.sh", f"gcc -shared {MODULE} $(python2 -c {PRINTS})\n", False),
    "sh boost": (
        "build.sh",
        f"V=$(python3 -c 'print(\"boost_python311\")')\ngcc -shared {MODULE} -l$V\n",
        False,
    ),
    "sh dir": (
        "build.sh",
        f'V=$(python3 -c \'print("/usr/lib/python" + "3.11")\')\ngcc -shared {MODULE} -L$V\n',
        False,
    ),
    "sh name other use": (
        "build.sh",
        f'V="$(python3 -c \'import sysconfig; print("python" + sysconfig.get_config_var("VERSION"))\')"\ngcc -shared {MODULE} -I/usr/include/"$V"\n',
        False,
    ),
    "sh pyname only -l other": (
        "build.sh",
        f"V=$(python3 -c 'print(\"m\")')\ngcc -shared {MODULE} -l$V\n",
        False,
    ),
    "sh echo": ("build.sh", f"echo $(python3 -c {PRINTS})\n", False),
    "cmake headers": ("CMakeLists.txt", LISTFILE.format(sources="t.c ${HEADERS}"), True),
    "cmake my hdrs": ("CMakeLists.txt", LISTFILE.format(sources="t.c ${T_HDRS}"), True),
    "cmake srcs unknown": ("CMakeLists.txt", LISTFILE.format(sources="t.c ${MORE}"), False),
    "cmake headers host": (
        "CMakeLists.txt",
        LISTFILE.format(sources="t.c boot.c ${HEADERS}"),
        False,
    ),
    "gh env": (
        ".github/workflows/a.yml",
        GITHUB
        + '    - run: echo "LDFLAGS=-lpython3.11" >> $GITHUB_ENV\n    - run: pip install .\n',
        True,
    ),
    "gh env block": (
        ".github/workflows/a.yml",
        GITHUB
        + '    - run: |\n        echo hi\n        echo LDFLAGS=-lpython3.11 >> "$GITHUB_ENV"\n    - name: b\n      run: |\n        python -m build\n',
        True,
    ),
    "gh env other job": (
        ".github/workflows/a.yml",
        GITHUB
        + '    - run: echo "LDFLAGS=-lpython3.11" >> $GITHUB_ENV\n  b:\n    runs-on: ubuntu-latest\n    steps:\n    - run: pip install .\n',
        False,
    ),
    "gh env under a condition": (
        ".github/workflows/a.yml",
        GITHUB
        + '    - run: |\n        if [ "$RUNNER_OS" = Windows ]; then\n          echo "LDFLAGS=-lpython3.11" >> $GITHUB_ENV\n        fi\n    - run: pip install .\n',
        False,
    ),
    "gh env before": (
        ".github/workflows/a.yml",
        GITHUB
        + '    - run: pip install .\n    - run: echo "LDFLAGS=-lpython3.11" >> $GITHUB_ENV\n',
        False,
    ),
    "gh env windows": (
        ".github/workflows/a.yml",
        'on: push\njobs:\n  a:\n    runs-on: windows-latest\n    steps:\n    - run: echo "LDFLAGS=-lpython3.11" >> $GITHUB_ENV\n    - run: pip install .\n',
        False,
    ),
    "gh env same step": (
        ".github/workflows/a.yml",
        GITHUB
        + '    - run: |\n        echo "LDFLAGS=-lpython3.11" >> $GITHUB_ENV\n        pip install .\n',
        False,
    ),
    "gh env reset": (
        ".github/workflows/a.yml",
        GITHUB
        + '    - run: echo "LDFLAGS=-lpython3.11" >> $GITHUB_ENV\n    - run: echo "LDFLAGS=" >> $GITHUB_ENV\n    - run: pip install .\n',
        False,
    ),
    "gh env if win": (
        ".github/workflows/a.yml",
        "on: push\njobs:\n  a:\n    runs-on: ${{ matrix.os }}\n    steps:\n    - run: echo \"LDFLAGS=-lpython3.11\" >> $GITHUB_ENV\n      if: runner.os == 'Windows'\n    - run: pip install .\n",
        False,
    ),
    "gh output": (
        ".github/workflows/a.yml",
        GITHUB
        + '    - run: echo "LDFLAGS=-lpython3.11" >> $GITHUB_OUTPUT\n    - run: pip install .\n',
        False,
    ),
    "gh flow": (
        ".github/workflows/a.yml",
        GITHUB + '    - {run: "LDFLAGS=-lpython3.11 pip install ."}\n',
        True,
    ),
    "gh flow2": (
        ".github/workflows/a.yml",
        GITHUB + "    - { name: 'x, y', run: LDFLAGS=-lpython3.11 pip install . }\n",
        True,
    ),
    "gh flow win": (
        ".github/workflows/a.yml",
        GITHUB
        + "    - { name: x, if: \"runner.os == 'Windows'\", run: LDFLAGS=-lpython3.11 pip install . }\n",
        False,
    ),
    "gh flow shell": (
        ".github/workflows/a.yml",
        GITHUB + "    - {shell: pwsh, run: 'LDFLAGS=-lpython3.11 pip install .'}\n",
        False,
    ),
    "gh flow name": (
        ".github/workflows/a.yml",
        GITHUB + "    - {name: 'LDFLAGS=-lpython3.11 pip install .', run: 'true'}\n",
        False,
    ),
    "docker here bash": (
        "Dockerfile",
        f"FROM debian\nRUN <<EOF bash\ngcc -shared {MODULE} -lpython3.11\nEOF\n",
        True,
    ),
    "docker here sh -e": (
        "Dockerfile",
        f"FROM debian\nRUN <<EOF /bin/sh -e\ngcc -shared {MODULE} -lpython3.11\nEOF\n",
        True,
    ),
    "docker bash here": (
        "Dockerfile",
        f"FROM debian\nRUN bash -ex <<EOF\ngcc -shared {MODULE} -lpython3.11\nEOF\n",
        True,
    ),
    "docker here": (
        "Dockerfile",
        f"FROM debian\nRUN <<EOF\ngcc -shared {MODULE} -lpython3.11\nEOF\n",
        True,
    ),
    "docker onbuild": (
        "Dockerfile",
        f"FROM debian\nONBUILD RUN gcc -shared {MODULE} -lpython3.11\n",
        True,
    ),
    "docker here python": (
        "Dockerfile",
        f"FROM debian\nRUN <<EOF python3\ngcc -shared {MODULE} -lpython3.11\nEOF\n",
        False,
    ),
    "docker here cat": (
        "Dockerfile",
        f"FROM debian\nRUN <<EOF cat > x.sh\ngcc -shared {MODULE} -lpython3.11\nEOF\n",
        False,
    ),
    "docker onbuild copy": (
        "Dockerfile",
        f"FROM debian\nONBUILD COPY gcc -shared {MODULE} -lpython3.11\n",
        False,
    ),
    "docker onbuild prog": (
        "Dockerfile",
        "FROM debian\nONBUILD RUN gcc -o main main.c -lpython3.11\n",
        False,
    ),
    "tox cfg": (
        "setup.cfg",
        "[tox:tox]\nenvlist = py\n[testenv]\nsetenv =\n  LDFLAGS = -lpython3.11\ncommands =\n  pip install .\n",
        True,
    ),
    "tox cfg2": (
        "setup.cfg",
        f"[testenv]\ncommands =\n  gcc -shared {MODULE} -lpython3.11\n",
        True,
    ),
    "tox cfg none": (
        "setup.cfg",
        "[tox:tox]\nenvlist = py\n[testenv]\nsetenv =\n  LDFLAGS = -lpython3.11\ncommands =\n  pytest\n",
        False,
    ),
    "tox cfg descr": (
        "setup.cfg",
        "[testenv]\ndescription =\n  LDFLAGS=-lpython3.11 pip install .\n",
        False,
    ),
    "rustc cdylib": (
        "Makefile",
        "t.abi3.so: lib.rs\n\trustc --crate-type cdylib lib.rs -o $@ -lpython3.11\n",
        True,
    ),
    "rustc cdylib=": (
        "build.sh",
        "rustc --crate-type=cdylib -C link-arg=-lpython3.11 -o t.cpython-311-x86_64-linux-gnu.so lib.rs\n",
        True,
    ),
    "rustc pyo3": (
        "build.sh",
        "rustc --crate-type=cdylib --extern pyo3 -l python3.11 -o t.so lib.rs\n",
        True,
    ),
    "rustc dylib kind": (
        "build.sh",
        "rustc --crate-type=cdylib -l dylib=python3.11 -o t.abi3.so lib.rs\n",
        True,
    ),
    "rustc bin": ("build.sh", "rustc main.rs -o main -lpython3.11\n", False),
    "rustc lib": ("build.sh", "rustc --crate-type cdylib lib.rs -o libx.so -lpython3.11\n", False),
    "rustc staticlib": (
        "build.sh",
        "rustc --crate-type staticlib lib.rs -o t.abi3.so -lpython3.11\n",
        False,
    ),
    "rustc link dir": (
        "build.sh",
        "rustc --crate-type cdylib lib.rs -o t.abi3.so -L native=/usr/lib/python3.11\n",
        False,
    ),
    "rustc rpath": (
        "build.sh",
        "rustc --crate-type cdylib lib.rs -o t.abi3.so -C link-arg=-Wl,-rpath,/usr/lib/libpython3.11.so\n",
        False,
    ),
}


@pytest.mark.parametrize(("name", "text", "is_found"), FILES.values(), ids=FILES)
def test_what_a_file_links(tmp_path: Path, name: str, text: str, is_found: bool) -> None:
    for path, content in {**SOURCES, name: text}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    codes = {finding.code for finding in found(text, str(tmp_path / name))}
    assert codes == ({"NLP202" if "PYTHON_LIBRARIES" in text else "NLP201"} if is_found else set())
