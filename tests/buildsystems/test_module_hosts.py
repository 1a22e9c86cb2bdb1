"""Modules whose own sources start an interpreter, for a program that has none.

Such a library needs the link. Where it defines no module, it is none; where it does, it may be
both, and the fix must be asked for.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.buildsystems.rewriting import CARGO, found

MODULE = "PyMODINIT_FUNC PyInit_spam(void) { return 0; }\n"
STARTS = "int boot(void) { Py_Initialize(); return 0; }\n"
SILENT, UNSAFE, SAFE, NO_FIX = "silent", "unsafe", "safe", "no fix"

SETUP = "import os, glob, sysconfig\nfrom setuptools import setup, Extension\n"
EXTENSION = 'setup(ext_modules=[Extension("spam", [{}], libraries=["python3.11"])])'
FIND = "cmake_minimum_required(VERSION 3.18)\nproject(x C CXX)\n"
FINDPYTHON = FIND + "find_package(Python3 COMPONENTS Interpreter Development REQUIRED)\n"
MESON = "project('x', 'c')\npy = import('python').find_installation()\n"
EMBED = "dependencies: py.dependency(embed: true))"
CARGO_LINE = 'fn main() { println!("cargo:rustc-cdylib-link-arg=-lpython3.11"); }'
PYPROJECT = (
    '[tool.setuptools]\next-modules = [{name = "spam", sources = ["spam.c", "more.c"], '
    'libraries = ["m", "python3.11"]}]'
)

CFFI = (
    "import cffi\nffi = cffi.FFI()\nffi.cdef('int f(int);')\n"
    "ffi.set_source('_spam', 'int f(int x) {{ return x; }}', libraries=['python3.11'])\n"
    "ffi.compile({})\n"
)


def setup(sources: str) -> str:
    """Return a ``setup.py`` of one extension."""
    return SETUP + EXTENSION.format(sources)


#: The name of a build file, its text, the other files, and what becomes of its one finding.
PROJECTS: dict[str, tuple[str, str, dict[str, str], str]] = {
    # setup.py
    "an extension": ("setup.py", setup('"spam.c"'), {"spam.c": MODULE}, SAFE),
    "an extension of which no source is there": ("setup.py", setup('"spam.c"'), {}, SAFE),
    "a host that the script writes": (
        "setup.py",
        "src = 'made.c'\nopen(src, 'w').write('int f(void) { Py_InitializeEx(0); return 0; }')\n"
        + setup("src"),
        {},
        UNSAFE,
    ),
    "a module that the script writes": (
        "setup.py",
        "src = 'made.c'\nopen(src, 'w').write('PyMODINIT_FUNC PyInit_spam(void) { return 0; }')\n"
        + setup("src"),
        {},
        SAFE,
    ),
    "a host": ("setup.py", setup('"boot.c"'), {"boot.c": STARTS}, SILENT),
    "a host in C++": (
        "setup.py",
        setup('"src/boot.cpp"'),
        {"src/boot.cpp": '#include "gpi.h"\nvoid f() { py::initialize_interpreter(); }'},
        SILENT,
    ),
    "a host by a guard": (
        "setup.py",
        setup('"boot.cc"'),
        {"boot.cc": "void f() { py::scoped_interpreter guard{}; }"},
        SILENT,
    ),
    "a host with a module inside": (
        "setup.py",
        setup('"boot.cc"'),
        {"boot.cc": "PYBIND11_EMBEDDED_MODULE(x, m) {}\nvoid f() { scoped_interpreter guard; }"},
        SILENT,
    ),
    "a host and the module": (
        "setup.py",
        setup('"boot.c", "spam.c"'),
        {"boot.c": STARTS, "spam.c": MODULE},
        UNSAFE,
    ),
    "one source for both": ("setup.py", setup('"spam.c"'), {"spam.c": STARTS + MODULE}, UNSAFE),
    "a host beside a source that is missing": (
        "setup.py",
        setup('"boot.c", "made.c"'),
        {"boot.c": STARTS},
        UNSAFE,
    ),
    "a host beside a source of Cython": (
        "setup.py",
        setup('"boot.c", "spam.pyx"'),
        {"boot.c": STARTS, "spam.pyx": "x = 1"},
        UNSAFE,
    ),
    "a host by a header": (
        "setup.py",
        setup('"spam.c"'),
        {"spam.c": '#include "in/boot.h"\n' + MODULE, "in/boot.h": STARTS},
        UNSAFE,
    ),
    "a host by a header of another folder": (
        "setup.py",
        setup('"src/spam.c"'),
        {"src/spam.c": '#include "boot.h"\n' + MODULE, "include/boot.h": STARTS},
        UNSAFE,
    ),
    "a host whose header defines the module": (
        "setup.py",
        setup('"boot.c"'),
        {"boot.c": '#include "module.h"\n' + STARTS, "module.h": "#define M PyModuleDef\n"},
        UNSAFE,
    ),
    "a macro of the project's own": (
        "setup.py",
        setup('"boot.c"'),
        {"boot.c": STARTS + "DECLARE_MODULE(spam) {}\n"},
        UNSAFE,
    ),
    "a host that speaks of modules": (
        "setup.py",
        setup('"boot.c"'),
        {"boot.c": "#include <gpi.h>\n" + STARTS, "include/gpi.h": "enum { GPI_MODULE = 2 };\n"},
        SILENT,
    ),
    "Python's own function by its name": (
        "setup.py",
        setup('"spam.c"'),
        {"spam.c": 'void f() { dlsym(0, "Py_Initialize"); }\n' + MODULE},
        UNSAFE,
    ),
    "what comments speak of": (
        "setup.py",
        setup('"spam.c"'),
        {"spam.c": "/* not before Py_Initialize() */ // Py_Main()\n" + MODULE},
        SAFE,
    ),
    "a question whether it runs": (
        "setup.py",
        setup('"spam.c"'),
        {"spam.c": "void f() { if (Py_IsInitialized()) PyRun_SimpleString(0); }\n" + MODULE},
        SAFE,
    ),
    "another extension that hosts": (
        "setup.py",
        SETUP
        + 'setup(ext_modules=[Extension("spam", ["spam.c"], libraries=["python3.11"]), '
        + 'Extension("host", ["boot.c"], libraries=["python3.11"])])',
        {"boot.c": STARTS, "spam.c": MODULE},
        SAFE,
    ),
    "a list that both use": (
        "setup.py",
        SETUP
        + 'LIBS = ["m", "python3.11"]\nsetup(ext_modules=[Extension("host", ["boot.c"], '
        + 'libraries=LIBS), Extension("spam", ["spam.c"], libraries=LIBS)])',
        {"boot.c": STARTS, "spam.c": MODULE},
        NO_FIX,
    ),
    "a list that both use, the module first": (
        "setup.py",
        SETUP
        + 'LIBS = ["m", "python3.11"]\nsetup(ext_modules=[Extension("spam", ["spam.c"], '
        + 'libraries=LIBS), Extension("host", ["boot.c"], libraries=LIBS)])',
        {"boot.c": STARTS, "spam.c": MODULE},
        NO_FIX,
    ),
    "a computed library": (
        "setup.py",
        SETUP
        + 'lib = "python" + sysconfig.get_config_var("LDVERSION")\n'
        + 'setup(ext_modules=[Extension("jep", ["boot.c"], libraries=[lib, "dl"])])',
        {"boot.c": STARTS},
        SILENT,
    ),
    "a folder that is joined": (
        "setup.py",
        SETUP
        + "root = os.path.relpath(os.path.join(os.environ['X'], 'share'))\n"
        + 'host = Extension(os.path.join("x", "libhost"), libraries=["python3.11"], '
        + 'sources=[os.path.join(root, "embed", "boot.cpp")])\nsetup(ext_modules=[host])',
        {"x/share/embed/boot.cpp": STARTS},
        SILENT,
    ),
    "a pattern": (
        "setup.py",
        setup('*glob.glob("src/*.c")'),
        {"src/boot.c": STARTS, "src/spam.c": MODULE},
        UNSAFE,
    ),
    "a pattern of a module": (
        "setup.py",
        setup('*glob.glob("src/*.c")'),
        {"src/more.c": "int x;", "src/spam.c": MODULE},
        SAFE,
    ),
    "a list of another function": (
        "setup.py",
        SETUP
        + 'def files():\n    return ["boot.c"]\n'
        + 'setup(ext_modules=[Extension("host", files(), libraries=["python3.11"])])',
        {"boot.c": STARTS},
        SILENT,
    ),
    "a list of another module": (
        "setup.py",
        SETUP
        + "from tools import files\n"
        + 'setup(ext_modules=[Extension("host", ["boot.c", *files()], libraries=["python3.11"])])',
        {"boot.c": STARTS},
        UNSAFE,
    ),
    "keywords in a dictionary": (
        "setup.py",
        SETUP
        + 'given = dict(sources=["boot.c"], libraries=["python3.11"])\n'
        + 'setup(ext_modules=[Extension("host", **given)])',
        {"boot.c": STARTS},
        UNSAFE,
    ),
    "an attribute of the extension": (
        "setup.py",
        SETUP
        + 'ext = Extension("spam", ["boot.c", "spam.c"])\n'
        + 'ext.libraries.append("python3.11")\nsetup(ext_modules=[ext])',
        {"boot.c": STARTS, "spam.c": MODULE},
        UNSAFE,
    ),
    "an attribute of an extension that hosts nothing": (
        "setup.py",
        SETUP
        + 'ext = Extension("spam", ["spam.c"])\n'
        + 'ext.libraries.append("python3.11")\nsetup(ext_modules=[ext])',
        {"spam.c": MODULE},
        SAFE,
    ),
    "a source that is added to the extension": (
        "setup.py",
        SETUP
        + 'ext = Extension("spam", ["spam.c"], libraries=["python3.11"])\n'
        + 'ext.sources.append("boot.c")\nsetup(ext_modules=[ext])',
        {"boot.c": STARTS, "spam.c": MODULE},
        UNSAFE,
    ),
    "a program's source that nothing names": (
        "setup.py",
        setup('"spam.c"'),
        {"spam.c": MODULE, "main.c": STARTS},
        SAFE,
    ),
    # settings
    "pyproject.toml": ("pyproject.toml", PYPROJECT, {"spam.c": MODULE, "more.c": "int x;"}, SAFE),
    "pyproject.toml's host": (
        "pyproject.toml",
        PYPROJECT,
        {"spam.c": STARTS, "more.c": "int x;"},
        SILENT,
    ),
    "pyproject.toml, both": (
        "pyproject.toml",
        PYPROJECT,
        {"spam.c": MODULE, "more.c": STARTS},
        UNSAFE,
    ),
    "setup.cfg": (
        "setup.cfg",
        "[build_ext]\nlibraries = python3.11\n",
        {"spam.c": MODULE, "setup.py": setup('"spam.c"')},
        SAFE,
    ),
    "setup.cfg beside a host": (
        "setup.cfg",
        "[build_ext]\nlibraries = python3.11\n",
        {"spam.c": MODULE, "boot.c": STARTS, "setup.py": setup('"spam.c", "boot.c"')},
        UNSAFE,
    ),
    "Cython": ("spam.pyx", "# distutils: libraries = python3.11\nx = 1\n", {}, SAFE),
    "Cython that starts Python": (
        "spam.pyx",
        "# distutils: libraries = python3.11\ncdef extern from *:\n    void Py_Initialize()\n",
        {},
        UNSAFE,
    ),
    "Cython with another source": (
        "spam.pyx",
        "# distutils: libraries = python3.11\n# distutils: sources = boot.c\n",
        {"boot.c": STARTS},
        UNSAFE,
    ),
    # CMake
    "FindPython's command": (
        "CMakeLists.txt",
        FINDPYTHON
        + "Python3_add_library(spam MODULE spam.c)\n"
        + "target_link_libraries(spam PRIVATE Python3::Python)\n",
        {"spam.c": MODULE},
        SAFE,
    ),
    "FindPython's command for a host": (
        "CMakeLists.txt",
        FINDPYTHON
        + "Python3_add_library(spam MODULE boot.c)\n"
        + "target_link_libraries(spam PRIVATE Python3::Python)\n",
        {"boot.c": STARTS},
        SILENT,
    ),
    "another prefix, and only the libraries of programs": (
        "CMakeLists.txt",
        FIND
        + "find_package(Python COMPONENTS Interpreter Development.Embed REQUIRED)\n"
        + "Python_add_library(spam MODULE boot.c)\n"
        + "target_link_libraries(spam PRIVATE Python::Python)\n",
        {"boot.c": STARTS},
        SILENT,
    ),
    "a host and the module in CMake": (
        "CMakeLists.txt",
        FINDPYTHON
        + "set(SOURCES spam.c)\nlist(APPEND SOURCES boot.c)\n"
        + "Python3_add_library(spam MODULE ${SOURCES})\n"
        + "target_link_libraries(spam PRIVATE Python3::Python)\n",
        {"boot.c": STARTS, "spam.c": MODULE},
        UNSAFE,
    ),
    "a host that is added later": (
        "CMakeLists.txt",
        FINDPYTHON
        + "Python3_add_library(spam MODULE spam.c)\ntarget_sources(spam PRIVATE boot.c)\n"
        + "target_link_libraries(spam PRIVATE Python3::Python)\n",
        {"boot.c": STARTS, "spam.c": MODULE},
        UNSAFE,
    ),
    "a host in an archive": (
        "CMakeLists.txt",
        FINDPYTHON
        + "add_library(core STATIC boot.c)\nadd_library(all INTERFACE)\n"
        + "target_link_libraries(all INTERFACE core)\nPython3_add_library(spam MODULE spam.c)\n"
        + "target_link_libraries(spam PRIVATE all Python3::Python)\n",
        {"boot.c": STARTS, "spam.c": MODULE},
        UNSAFE,
    ),
    "an archive that starts nothing": (
        "CMakeLists.txt",
        FINDPYTHON
        + "add_library(core STATIC more.c)\nadd_executable(app boot.c)\n"
        + "Python3_add_library(spam MODULE spam.c)\n"
        + "target_link_libraries(spam PRIVATE core Python3::Python)\n",
        {"boot.c": STARTS, "more.c": "int x;", "spam.c": MODULE},
        SAFE,
    ),
    "a host and sources that are not known": (
        "CMakeLists.txt",
        FINDPYTHON
        + "Python3_add_library(spam MODULE boot.c ${GENERATED})\n"
        + "target_link_libraries(spam PRIVATE Python3::Python)\n",
        {"boot.c": STARTS},
        UNSAFE,
    ),
    "a host that CMake configures": (
        "CMakeLists.txt",
        FINDPYTHON
        + "configure_file(boot.c.in boot.c)\n"
        + "Python3_add_library(spam MODULE spam.c ${CMAKE_CURRENT_BINARY_DIR}/boot.c)\n"
        + "target_link_libraries(spam PRIVATE Python3::Python)\n",
        {"boot.c.in": STARTS, "spam.c": MODULE},
        UNSAFE,
    ),
    "pybind11": (
        "CMakeLists.txt",
        FIND
        + "find_package(pybind11)\npybind11_add_module(spam MODULE spam.cpp)\n"
        + "target_link_libraries(spam PRIVATE pybind11::embed)\n",
        {"spam.cpp": "PYBIND11_MODULE(spam, m) {}\n"},
        SAFE,
    ),
    "pybind11's host": (
        "CMakeLists.txt",
        FIND
        + "find_package(pybind11)\npybind11_add_module(spam MODULE boot.cpp)\n"
        + "target_link_libraries(spam PRIVATE pybind11::embed)\n",
        {"boot.cpp": "#include <pybind11/embed.h>\nint f() { py::scoped_interpreter g; }\n"},
        SILENT,
    ),
    "pybind11, both": (
        "CMakeLists.txt",
        FIND
        + "find_package(pybind11)\npybind11_add_module(spam boot.cpp spam.cpp)\n"
        + "target_link_libraries(spam PRIVATE pybind11::embed)\n",
        {
            "boot.cpp": "#include <pybind11/embed.h>\nint f() { py::scoped_interpreter g; }\n",
            "spam.cpp": "PYBIND11_MODULE(spam, m) {}\n",
        },
        UNSAFE,
    ),
    "nanobind's host": (
        "CMakeLists.txt",
        FINDPYTHON
        + "find_package(nanobind CONFIG)\nnanobind_add_module(spam boot.cpp)\n"
        + "target_link_libraries(spam PRIVATE Python3::Python)\n",
        {"boot.cpp": "int f() { Py_InitializeFromConfig(&config); }\n"},
        SILENT,
    ),
    # Meson
    "Meson": (
        "meson.build",
        f"{MESON}py.extension_module('spam', 'spam.c', {EMBED}",
        {"spam.c": MODULE},
        SAFE,
    ),
    "Meson's host": (
        "meson.build",
        f"{MESON}names = files('boot.c')\npy.extension_module('spam', names, {EMBED}",
        {"boot.c": STARTS},
        SILENT,
    ),
    "Meson, both": (
        "meson.build",
        (
            f"{MESON}names = ['boot.c']\nnames += 'spam.c'\n"
            f"py.extension_module('spam', names, {EMBED}"
        ),
        {"boot.c": STARTS, "spam.c": MODULE},
        UNSAFE,
    ),
    "Meson's host with a source that is written": (
        "meson.build",
        (
            f"{MESON}made = configure_file(input: 'a', output: 'b.c')\n"
            f"py.extension_module('spam', ['boot.c', made], {EMBED}"
        ),
        {"boot.c": STARTS},
        UNSAFE,
    ),
    "a host by a header of an include folder": (
        "setup.py",
        setup('"src/spam.cpp"'),
        {"src/spam.cpp": "#include <x/boot.hpp>\n" + MODULE, "include/x/boot.hpp": STARTS},
        UNSAFE,
    ),
    "setup.cfg beside a host in a folder": (
        "setup.cfg",
        "[build_ext]\nlibraries = python3.11\n",
        {"src/boot.c": STARTS, "setup.py": setup('os.path.join("src", "boot.c")')},
        UNSAFE,
    ),
    "setup.cfg beside a host that is searched for": (
        "setup.cfg",
        "[build_ext]\nlibraries = python3.11\n",
        {"src/boot.c": STARTS, "setup.py": setup('*found("src")')},
        UNSAFE,
    ),
    "a script that installs a module": (
        "build.sh",
        'LDFLAGS="-lpython3.11 -lm" pip install .\n',
        {"spam.c": MODULE, "setup.py": setup('"spam.c"')},
        SAFE,
    ),
    "a script that installs a host": (
        "build.sh",
        'LDFLAGS="-lpython3.11 -lm" pip install .\n',
        {"boot.c": STARTS, "setup.py": setup('"boot.c"')},
        UNSAFE,
    ),
    "a script that builds a host": (
        "build.sh",
        "python setup.py build_ext --libraries=python3.11\n",
        {"boot.c": STARTS, "setup.py": setup('"boot.c"')},
        UNSAFE,
    ),
    "a host in the file of an archive": (
        "CMakeLists.txt",
        FINDPYTHON
        + "add_library(core STATIC boot.c)\nPython3_add_library(spam MODULE spam.c)\n"
        + "target_link_libraries(spam PRIVATE Python3::Python "
        + "-Wl,--whole-archive $<TARGET_FILE:core>)\n",
        {"boot.c": STARTS, "spam.c": MODULE},
        UNSAFE,
    ),
    "a host whose module is in objects": (
        "CMakeLists.txt",
        FINDPYTHON
        + "add_library(bind OBJECT spam.c)\nPython3_add_library(spam MODULE boot.c)\n"
        + "target_link_libraries(spam PRIVATE bind Python3::Python)\n",
        {"boot.c": STARTS, "spam.c": MODULE},
        UNSAFE,
    ),
    "a host with an archive that defines nothing": (
        "CMakeLists.txt",
        FINDPYTHON
        + "add_library(core STATIC more.c)\nPython3_add_library(spam MODULE boot.c)\n"
        + "target_link_libraries(spam PRIVATE core Python3::Python)\n",
        {"boot.c": STARTS, "more.c": "int x;"},
        SILENT,
    ),
    "a host of Meson whose module is in an archive": (
        "meson.build",
        (
            f"{MESON}core = static_library('core', 'spam.c')\n"
            f"py.extension_module('spam', 'boot.c', link_whole: core, {EMBED}"
        ),
        {"boot.c": STARTS, "spam.c": MODULE},
        UNSAFE,
    ),
    "a macro for the module's name": (
        "setup.py",
        setup('"boot.c"'),
        {"boot.c": STARTS + "EXPORT_PYTHON(spam) { }\n"},
        UNSAFE,
    ),
    "a host in a subproject of Meson": (
        "meson.build",
        (
            f"{MESON}d = subproject('emb').get_variable('d')\n"
            "py.extension_module('spam', 'spam.c', dependencies: [d, py.dependency(embed: true)])"
        ),
        {"subprojects/emb/boot.c": STARTS, "spam.c": MODULE},
        UNSAFE,
    ),
    "a host in the sources of a dependency": (
        "meson.build",
        (
            f"{MESON}d = declare_dependency(sources: 'boot.c')\n"
            "py.extension_module('spam', 'spam.c', dependencies: [d, py.dependency(embed: true)])"
        ),
        {"boot.c": STARTS, "spam.c": MODULE},
        UNSAFE,
    ),
    "a host in another package of Bazel": (
        "plug/BUILD.bazel",
        'pybind_extension(name="spam", srcs=["spam.cc"], deps=["//emb"], linkopts=["-lpython3.11"])',
        {"emb/boot.cc": STARTS, "plug/spam.cc": "PYBIND11_MODULE(spam, m) {}"},
        UNSAFE,
    ),
    # others
    "SCons": (
        "SConstruct",
        (
            'env = Environment()\nenv.LoadableModule("spam", Split("spam.c more.c"), '
            'LIBS=["python3.11"], LDMODULEPREFIX="", LDMODULESUFFIX=".so")'
        ),
        {"spam.c": MODULE, "more.c": "int x;"},
        UNSAFE,
    ),
    "SCons' host": (
        "SConstruct",
        (
            'env = Environment()\nenv.LoadableModule("spam", Split("boot.c more.c"), '
            'LIBS=["python3.11"], LDMODULEPREFIX="", LDMODULESUFFIX=".so")'
        ),
        {"boot.c": STARTS, "more.c": "int x;"},
        SILENT,
    ),
    "waf": (
        "wscript",
        'def build(bld):\n    bld.shlib(features="c pyext pyembed", source="spam.c", target="spam")',
        {"spam.c": MODULE},
        UNSAFE,
    ),
    "waf's host": (
        "wscript",
        'def build(bld):\n    bld.shlib(features="c pyext pyembed", source=["boot.c"], target="x")',
        {"boot.c": STARTS},
        SILENT,
    ),
    "Bazel": (
        "BUILD.bazel",
        'pybind_extension(name="spam", srcs=["spam.cc"], linkopts=["-lpython3.11"])',
        {"spam.cc": "PYBIND11_MODULE(spam, m) {}"},
        SAFE,
    ),
    "Bazel's host": (
        "BUILD.bazel",
        'pybind_extension(name="spam", srcs=["boot.cc"], linkopts=["-lpython3.11"])',
        {"boot.cc": STARTS},
        SILENT,
    ),
    "Bazel, both by a pattern": (
        "BUILD.bazel",
        'pybind_extension(name="spam", srcs=glob(["*.cc"]), linkopts=["-lpython3.11"])',
        {"boot.cc": STARTS, "spam.cc": "PYBIND11_MODULE(spam, m) {}"},
        UNSAFE,
    ),
    "Rust": (
        "build.rs",
        CARGO_LINE,
        {"Cargo.toml": CARGO, "src/lib.rs": "#[pymodule]\nfn x() {}"},
        UNSAFE,
    ),
    "Rust's host": (
        "build.rs",
        CARGO_LINE,
        {"Cargo.toml": CARGO, "src/in/a.rs": "fn f() { pyo3::prepare_freethreaded_python(); }"},
        SILENT,
    ),
    "a script": (
        "build.sh",
        "gcc -shared spam.c -o spam.cpython-311-x86_64-linux-gnu.so -lpython3.11\n",
        {"spam.c": MODULE},
        SAFE,
    ),
    "a script's host": (
        "build.sh",
        "gcc -shared boot.c -o spam.cpython-311-x86_64-linux-gnu.so -lpython3.11\n",
        {"boot.c": STARTS},
        SILENT,
    ),
    "a script's host with files that are not known": (
        "build.sh",
        "gcc -shared boot.c $MORE -o spam.cpython-311-x86_64-linux-gnu.so -lpython3.11\n",
        {"boot.c": STARTS},
        UNSAFE,
    ),
    "a script's wildcard": (
        "build.sh",
        "gcc -shared src/*.c -o spam.cpython-311-x86_64-linux-gnu.so -lpython3.11\n",
        {"src/boot.c": STARTS, "src/spam.c": MODULE},
        UNSAFE,
    ),
    "cffi's module": ("build_ffi.py", CFFI.format("verbose=True"), {}, SAFE),
    "cffi's module under its name": (
        "build_ffi.py",
        CFFI.format("verbose=True, target='_spam.*'"),
        {},
        SAFE,
    ),
    "cffi's library under a name of its own": (
        "build_ffi.py",
        CFFI.format("target='libspam.so', verbose=True"),
        {},
        UNSAFE,
    ),
    "a makefile's host": (
        "Makefile",
        (
            "spam.abi3.so: boot.o\n\tgcc -shared -o $@ $^ -lpython3.11\n"
            "boot.o: boot.c\n\tgcc -c -o $@ $<\n"
        ),
        {"boot.c": STARTS},
        SILENT,
    ),
}


@pytest.mark.parametrize(("name", "text", "files", "outcome"), PROJECTS.values(), ids=PROJECTS)
def test_what_sources_start_decides(
    tmp_path: Path, name: str, text: str, files: dict[str, str], outcome: str
) -> None:
    for path, content in {**files, name: text}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    findings = found(text, str(tmp_path / name))
    if outcome == SILENT:
        assert not findings
        return
    (finding,) = findings
    assert outcome == (NO_FIX if finding.fix is None else finding.fix.applicability.value)
