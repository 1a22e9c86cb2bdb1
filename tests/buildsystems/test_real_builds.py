"""Small extensions, built as found, fixed by ``nolibpy fix``, built again and imported.

As found they need libpython; afterwards they do not, and every interpreter of this
machine with the same version imports them, whether it is linked to libpython or
carries it inside.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile

from tests.buildsystems.rewriting import reported
from tests.runtime.interpreters import interpreters

LIBRARY = Path(str(sysconfig.get_config_var("LIBDIR")), str(sysconfig.get_config_var("LDLIBRARY")))
NAME = f"python{sysconfig.get_config_var('LDVERSION')}"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="reads ELF"),
    pytest.mark.skipif(
        LIBRARY.suffix != ".so" or not LIBRARY.exists(),
        reason="this Python comes without a libpython to link to",
    ),
    pytest.mark.skipif(
        not Path(sysconfig.get_path("include"), "Python.h").exists(), reason="no Python.h"
    ),
    pytest.mark.skipif(not shutil.which("g++"), reason="no C++ compiler"),
]

C = """
#include <Python.h>
static PyObject *sum(PyObject *self, PyObject *args)
{
    long a, b;
    if (!PyArg_ParseTuple(args, "ll", &a, &b)) return NULL;
    return PyLong_FromLong(a + b);
}
static PyMethodDef methods[] = {{"sum", sum, METH_VARARGS, ""}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "tally", "", -1, methods};
PyMODINIT_FUNC PyInit_tally(void) { return PyModule_Create(&definition); }
"""
CXX = """
#include <pybind11/pybind11.h>
PYBIND11_MODULE(tally, m) { m.def("sum", [](long a, long b) { return a + b; }); }
"""

FINDPYTHON = """
cmake_minimum_required(VERSION 3.18)
project(tally C)
find_package(Python3 COMPONENTS Interpreter Development REQUIRED)
Python3_add_library(tally MODULE WITH_SOABI tally.c)
target_link_libraries(tally PRIVATE Python3::Python)
"""
MODULE = """
cmake_minimum_required(VERSION 3.18)
project(tally C)
find_package(Python3 COMPONENTS Interpreter Development REQUIRED)
add_library(tally MODULE tally.c)
target_include_directories(tally PRIVATE ${Python3_INCLUDE_DIRS})
set_target_properties(tally PROPERTIES PREFIX "")
if(WIN32)
  target_link_libraries(tally PRIVATE Python3::Module)
else()
  list(APPEND LIBS m ${Python3_LIBRARIES})
endif()
target_link_libraries(tally PRIVATE ${LIBS})
"""
ALIAS = """
cmake_minimum_required(VERSION 3.18)
project(tally C)
find_package(Python3 COMPONENTS Interpreter Development REQUIRED)
add_library(tally::python ALIAS Python3::Python)
add_library(options INTERFACE IMPORTED)
set_target_properties(options PROPERTIES INTERFACE_LINK_LIBRARIES "${Python3_LIBRARIES}")
Python3_add_library(tally MODULE WITH_SOABI tally.c)
target_link_libraries(tally PRIVATE tally::python options)
"""
PYBIND11 = """
cmake_minimum_required(VERSION 3.18)
project(tally CXX)
find_package(Python COMPONENTS Interpreter Development REQUIRED)
find_package(pybind11 CONFIG REQUIRED)
pybind11_add_module(tally NO_EXTRAS tally.cpp)
target_link_libraries(tally PRIVATE pybind11::embed)
"""
MESON = """
project('tally', 'c')
py = import('python').find_installation(pure: false)
py_dep = py.dependency(embed: true)
py.extension_module('tally', 'tally.c', dependencies: py_dep)
"""
SETUP_PY = f"""
from setuptools import Extension, setup

setup(
    name="tally",
    ext_modules=[
        Extension(
            "tally",
            ["tally.c"],
            libraries=["m", "{NAME}"],
            library_dirs=[{str(LIBRARY.parent)!r}],
        )
    ],
)
"""
GROWN_SETUP_PY = f"""
import os
import sys

from setuptools import Extension, setup


def python_library():
    if sys.platform == "win32":
        return "python%d%d" % sys.version_info[:2]
    return "python%d.%d" % sys.version_info[:2]


options = dict(libraries=["m"], library_dirs=[{str(LIBRARY.parent)!r}])
if os.name == "posix":
    options["libraries"].append(python_library())
setup(name="tally", ext_modules=[Extension("tally", ["tally.c"], **options)])
"""
VARIABLE_SETUP_PY = """
import sysconfig

from setuptools import Extension, setup

link_args = ["-L" + sysconfig.get_config_var("LIBDIR"), "-Wl,--no-as-needed"]
link_args += sysconfig.get_config_var("BLDLIBRARY").split()
setup(name="tally", ext_modules=[Extension("tally", ["tally.c"], extra_link_args=link_args)])
"""
CONFIG_SETUP_PY = """
import os
import subprocess
import sysconfig

from setuptools import Extension, setup

config = os.path.join(
    sysconfig.get_config_var("BINDIR"), f"python{sysconfig.get_config_var('LDVERSION')}-config"
)
flags = subprocess.check_output([config, "--ldflags", "--embed"], text=True).split()
setup(name="tally", ext_modules=[Extension("tally", ["tally.c"], extra_link_args=flags)])
"""
SUBCLASS_SETUP_PY = f"""
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class Build(build_ext):
    def finalize_options(self):
        super().finalize_options()
        self.libraries.append("{NAME}")

    def build_extension(self, ext):
        ext.libraries += ["{NAME}"]
        super().build_extension(ext)

    def build_extensions(self):
        for ext in self.extensions:
            ext.extra_link_args.append("-l{NAME}")
        super().build_extensions()


LIBRARIES = ["m", "{NAME}"]
setup(
    name="tally",
    cmdclass={{"build_ext": Build}},
    ext_modules=[
        Extension(
            "tally",
            ["tally.c"],
            libraries=sorted(set(name for name in LIBRARIES if not name.startswith("boost"))),
            library_dirs=[{str(LIBRARY.parent)!r}],
        )
    ],
)
"""
PYPROJECT = f"""
[build-system]
requires = ["setuptools>=74.1"]
build-backend = "setuptools.build_meta"

[project]
name = "tally"
version = "1"

[[tool.setuptools.ext-modules]]
name = "tally"
sources = ["tally.c"]
libraries = ["m", "{NAME}"]
library-dirs = [{str(LIBRARY.parent)!r}]
extra-link-args = ["-Wl,--no-as-needed", "-l{NAME}"]
"""
CYTHON_SETUP_PY = """
from Cython.Build import cythonize
from setuptools import setup

setup(name="tally", ext_modules=cythonize("tally.pyx", force=True, quiet=True))
"""
CYTHON = f"""
# distutils: libraries = m {NAME}
# distutils: library_dirs = {LIBRARY.parent}
# distutils: extra_link_args = -Wl,--no-as-needed -l{NAME}
# cython: language_level = 3
def sum(long a, long b):
    return a + b
"""
_GCC = f"gcc -shared -fPIC -I{sysconfig.get_path('include')} -L{LIBRARY.parent} -Wl,--no-as-needed"
#: Built by the commands behind ``RUN``: nothing here asks for a container.
DOCKERFILE = f"""
FROM debian
ENV LIBS="-lm -l{NAME}"
COPY tally.c .
RUN LIBS="-lm"; {_GCC} tally.c -o tally.abi3.so $LIBS \\
    -l{NAME} -lm
"""
SCRIPT = f"""
#!/bin/sh
set -e
LIBS="-lm -l{NAME}"
{_GCC} tally.c -o tally.linux.so $LIBS "-l{NAME}"
mv tally.linux.so tally.abi3.so
"""
CARGO_TOML = """
[package]
name = "tally"
version = "0.1.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[features]
default = ["extension-module"]
extension-module = []
"""
BUILD_RS = f"""
fn main() {{
    println!("cargo:rustc-cdylib-link-arg=-L{LIBRARY.parent}");
    println!("cargo:rustc-cdylib-link-arg=-Wl,--no-as-needed");
    println!("cargo:rustc-cdylib-link-arg=-l{NAME}");
    if std::env::var("CARGO_CFG_TARGET_OS").unwrap() == "macos" {{
        println!("cargo:rustc-cdylib-link-arg=-Wl,-undefined,dynamic_lookup");
    }} else {{
        println!("cargo:rustc-link-arg-cdylib=-l{NAME}");
    }}
}}
"""
CARGO_SETUP_PY = """
import shutil
import subprocess

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class Build(build_ext):
    def run(self):
        subprocess.check_call(["cargo", "build", "--quiet", "--offline"])
        shutil.move("target/debug/libtally.so", "tally.abi3.so")
        shutil.rmtree("target")


setup(name="tally", ext_modules=[Extension("tally", [])], cmdclass={"build_ext": Build})
"""
CARGO_DOCKERFILE = f"""
FROM debian
RUN RUSTFLAGS="-C link-arg=-L{LIBRARY.parent} -C link-arg=-Wl,--no-as-needed \\
    -C link-arg=-l{NAME} -Clink-args=-l{NAME}" python setup.py -q build_ext
"""
RUST = """
use std::ffi::{c_char, c_int, c_long, c_void};
use std::ptr::{null, null_mut};

type Function = unsafe extern "C" fn(*mut c_void, *mut c_void) -> *mut c_void;
#[repr(C)]
struct Method(*const c_char, Option<Function>, c_int, *const c_char);
#[repr(C)]
struct Definition([usize; 5], *const c_char, *const c_char, isize, *const Method, [usize; 4]);

extern "C" {
    fn PyModule_Create2(definition: *mut Definition, version: c_int) -> *mut c_void;
    fn PyArg_ParseTuple(arguments: *mut c_void, format: *const c_char, ...) -> c_int;
    fn PyLong_FromLong(value: c_long) -> *mut c_void;
}

unsafe extern "C" fn sum(_: *mut c_void, arguments: *mut c_void) -> *mut c_void {
    let (mut a, mut b): (c_long, c_long) = (0, 0);
    if PyArg_ParseTuple(arguments, b"ll\\0".as_ptr().cast(), &mut a as *mut _, &mut b as *mut _) == 0 {
        return null_mut();
    }
    PyLong_FromLong(a + b)
}

#[no_mangle]
pub unsafe extern "C" fn PyInit_tally() -> *mut c_void {
    let name = b"sum\\0".as_ptr().cast();
    let methods = [Method(name, Some(sum), 1, null()), Method(null(), None, 0, null())];
    let methods = Box::leak(Box::new(methods)).as_ptr();
    let name = b"tally\\0".as_ptr().cast();
    let definition = Definition([1, 0, 0, 0, 0], name, null(), -1, methods, [0; 4]);
    PyModule_Create2(Box::leak(Box::new(definition)), 1013)
}
"""
DODO = f"""
LIBRARY = "-l{NAME}"

def task_tally():
    yield {{
        "name": "dictionary",
        "file_dep": ["tally.c"],
        "targets": ["tally.abi3.so"],
        "actions": ["{_GCC} %(dependencies)s -o %(targets)s -lm " + LIBRARY],
    }}
    yield dict(name="words", actions=[[*"{_GCC} tally.c -o tally.cpython-1.so -lm".split(), "-l{NAME}"]])
"""
SETUP_CFG = f"""
[build_ext]
libraries = m {NAME}
library_dirs = {LIBRARY.parent}
"""

#: What an environment of SCons needs to compile, and to link, a module.
_SCONS = f"""
import sys
import sysconfig

env = Environment(
    CPPPATH=[sysconfig.get_path("include")],
    LIBPATH=[{str(LIBRARY.parent)!r}],
    LINKFLAGS=["-Wl,--no-as-needed"],
)
"""
#: Lines of a ``SConstruct`` that link a module. macOS may need another flag: no fix is safe.
SCONSTRUCTS = {
    "module": f'env.LoadableModule("tally", ["tally.c"], LDMODULEPREFIX="", LIBS=["m", "{NAME}"])',
    "library": (
        f'env.SharedLibrary("tally", ["tally.c"], SHLIBPREFIX="", SHLIBSUFFIX=sysconfig'
        f'.get_config_var("EXT_SUFFIX"), LIBS=["{NAME}"])'
    ),
    "grown": f"""
libs = ["m"]
if sys.platform != "win32":
    libs.append("python%s" % sysconfig.get_config_var("LDVERSION"))
modules = env.Clone(SHLIBPREFIX="")
modules.Append(LIBS=["{NAME}"], LINKFLAGS=["-l{NAME}"])
modules.MergeFlags("-lm -l{NAME}")
modules.SharedLibrary("tally", "tally.c", LIBS=modules["LIBS"] + libs)
""",
    "parsed": """
modules = env.Clone(SHLIBPREFIX="")
modules.ParseConfig(sysconfig.get_config_var("BINDIR") + "/python3-config --ldflags --embed")
modules.SharedLibrary("tally", ["tally.c"])
""",
    "strict": f"""
modules = env.Clone(SHLIBPREFIX="")
modules.Append(LIBS=["{NAME}"], SHLINKFLAGS=["-Wl,-z,defs"])
modules.SharedLibrary("tally", ["tally.c"])
""",
}


def _run(*command: str, cwd: Path) -> str:
    """Run a command in a folder; return what it prints."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("LD", "CFLAGS", "CXXFLAGS", "CPPFLAGS", "PYTHON"))
    }
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=180
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]
    return result.stdout


def _cmake(project: Path, build: str) -> Path:
    import pybind11

    _run(
        "cmake",
        "-S.",
        f"-B{build}",
        "-GNinja",
        "-DCMAKE_BUILD_TYPE=Debug",
        f"-DPython3_EXECUTABLE={sys.executable}",
        f"-DPython_EXECUTABLE={sys.executable}",
        f"-Dpybind11_DIR={pybind11.get_cmake_dir()}",
        cwd=project,
    )
    _run("cmake", "--build", build, cwd=project)
    return project / build


def _meson(project: Path, build: str) -> Path:
    _run("meson", "setup", build, cwd=project)
    _run("meson", "compile", "-C", build, cwd=project)
    return project / build


def _setuptools(project: Path, build: str) -> Path:
    command = [sys.executable, "setup.py", "-q", "build_ext", "--force", f"--build-lib={build}"]
    _run(*command, f"--build-temp={build}.temp", cwd=project)
    return project / build


def _scons(project: Path, build: str) -> Path:
    scons = [sys.executable, "-m", "SCons", "-Q"]
    _run(*scons, cwd=project)
    (project / build).mkdir()
    for module in project.glob("tally*.so"):
        module.replace(project / build / module.name)
    _run(*scons, "-c", cwd=project)
    return project / build


def _sh(project: Path, build: str) -> Path:
    _run("sh", "build.sh", cwd=project)
    return _keep(project, build)


def _dockerfile(project: Path, build: str) -> Path:
    commands = (project / "Dockerfile").read_text().partition("RUN ")[2]
    _run("sh", "-e", "-c", commands, cwd=project)
    return _keep(project, build)


def _cargo(project: Path, build: str) -> Path:
    _run("cargo", "build", "--quiet", "--offline", cwd=project)
    (project / "target/debug/libtally.so").replace(project / "tally.abi3.so")
    shutil.rmtree(project / "target")
    return _keep(project, build)


def _keep(project: Path, build: str) -> Path:
    """Move the module that was built into a folder of its own."""
    (project / build).mkdir()
    (module,) = project.glob("tally*.so")
    module.replace(project / build / "tally.abi3.so")
    return project / build


def needed(folder: Path, pattern: str = "tally*.so") -> list[str]:
    """Return the libpythons that the one module in a folder needs, by pyelftools."""
    (module,) = folder.glob(pattern)
    with module.open("rb") as file:
        names = [
            tag.needed
            for section in ELFFile(file).iter_sections()
            if isinstance(section, DynamicSection)
            for tag in section.iter_tags("DT_NEEDED")
        ]
    return [name for name in names if name.startswith("libpython")]


BUILDS = [
    pytest.param(_cmake, {"CMakeLists.txt": FINDPYTHON, "tally.c": C}, id="cmake-findpython"),
    pytest.param(_cmake, {"CMakeLists.txt": ALIAS, "tally.c": C}, id="cmake-alias"),
    pytest.param(_cmake, {"CMakeLists.txt": MODULE, "tally.c": C}, id="cmake-module"),
    pytest.param(_cmake, {"CMakeLists.txt": PYBIND11, "tally.cpp": CXX}, id="cmake-pybind11"),
    pytest.param(_meson, {"meson.build": MESON, "tally.c": C}, id="meson"),
    pytest.param(_setuptools, {"setup.py": SETUP_PY, "tally.c": C}, id="setup.py"),
    pytest.param(_setuptools, {"setup.py": GROWN_SETUP_PY, "tally.c": C}, id="setup.py-grown"),
    pytest.param(
        _setuptools, {"setup.py": SUBCLASS_SETUP_PY, "tally.c": C}, id="setup.py-subclass"
    ),
    pytest.param(
        _setuptools, {"setup.py": VARIABLE_SETUP_PY, "tally.c": C}, id="setup.py-bldlibrary"
    ),
    pytest.param(
        _setuptools,
        {"setup.py": CONFIG_SETUP_PY, "tally.c": C},
        id="setup.py-config-embed",
        marks=[
            pytest.mark.skipif(
                not Path(
                    str(sysconfig.get_config_var("BINDIR")),
                    f"python{sysconfig.get_config_var('LDVERSION')}-config",
                ).exists(),
                reason="no python-config",
            )
        ],
    ),
    pytest.param(
        _setuptools,
        {"setup.py": "from setuptools import setup; setup()", "pyproject.toml": PYPROJECT}
        | {"tally.c": C},
        id="pyproject.toml",
    ),
    pytest.param(
        _setuptools,
        {"setup.py": CYTHON_SETUP_PY, "setup.cfg": SETUP_CFG, "tally.pyx": CYTHON},
        id="cython-setup.cfg",
        marks=pytest.mark.skipif(not find_spec("Cython"), reason="no Cython"),
    ),
    pytest.param(_sh, {"build.sh": SCRIPT, "tally.c": C}, id="sh"),
    pytest.param(_dockerfile, {"Dockerfile": DOCKERFILE, "tally.c": C}, id="dockerfile"),
    pytest.param(
        _cargo,
        {"Cargo.toml": CARGO_TOML, "build.rs": BUILD_RS, "src/lib.rs": RUST},
        id="cargo",
        marks=pytest.mark.skipif(not shutil.which("cargo"), reason="no cargo"),
    ),
    pytest.param(
        _dockerfile,
        {"Cargo.toml": CARGO_TOML, "src/lib.rs": RUST}
        | {"setup.py": CARGO_SETUP_PY, "Dockerfile": CARGO_DOCKERFILE},
        id="dockerfile-rustflags",
        marks=pytest.mark.skipif(not shutil.which("cargo"), reason="no cargo"),
    ),
    *(
        pytest.param(
            _scons,
            {"SConstruct": _SCONS + lines, "tally.c": C},
            id=f"scons-{name}",
            marks=pytest.mark.skipif(not find_spec("SCons"), reason="no SCons"),
        )
        for name, lines in SCONSTRUCTS.items()
    ),
]


@pytest.mark.parametrize(("build", "files"), BUILDS)
def test_a_fixed_project_builds_a_module_that_every_interpreter_imports(
    build, files: dict[str, str], tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text.lstrip("\n"))
    assert needed(build(tmp_path, "before")), "as found it does not link libpython"

    shutil.rmtree(tmp_path / "before")
    nolibpy = [sys.executable, "-m", "no_libpython_dlopen"]
    unsafe = ["--unsafe-fixes"] if build is _scons else []
    _run(*nolibpy, "fix", "--isolated", *unsafe, ".", cwd=tmp_path)
    _run(*nolibpy, "check", "--isolated", ".", cwd=tmp_path)

    built = build(tmp_path, "after")
    assert needed(built) == []
    importing = [found for found in interpreters() if found.version == sys.version_info[:2]]
    assert importing
    for interpreter in importing:
        printed = interpreter("-c", "import tally; print(tally.sum(40, 2))", PYTHONPATH=str(built))
        assert printed.stdout == "42\n", interpreter


@pytest.mark.skipif(not find_spec("doit"), reason="no doit")
def test_what_is_reported_of_tasks_is_what_doit_links(tmp_path: Path) -> None:
    """No fix rewrites a command in another language: the words that are reported are deleted."""
    (tmp_path / "tally.c").write_text(C)
    for text, is_linked in ((DODO, True), (DODO.replace(f'"-l{NAME}"', '"-lm"'), False)):
        (tmp_path / "dodo.py").write_text(text)
        _run(sys.executable, "-m", "doit", "--always-execute", cwd=tmp_path)
        words = [word for _, word in reported(text, "dodo.py")]
        assert words == [f"-l{NAME}"] * 2 * is_linked
        for module in ("tally.abi3.so", "tally.cpython-1.so"):
            assert bool(needed(tmp_path, module)) is is_linked


HOST = """
#include <dlfcn.h>
#include <stdio.h>
int main(int count, char **names) {
    void *library = dlopen(names[1], RTLD_NOW);
    int (*boot)(void) = library ? (int (*)(void))dlsym(library, "boot") : NULL;
    puts(boot ? boot() ? "started" : "failed" : dlerror());
    return 0;
}
"""
BOOT = """
#include <Python.h>
__attribute__((visibility("default"))) int boot(void) {
    Py_Initialize();
    return Py_IsInitialized();
}
"""


@pytest.mark.parametrize(
    ("build", "name", "text"),
    [
        pytest.param(_cmake, "CMakeLists.txt", FINDPYTHON, id="cmake"),
        pytest.param(_meson, "meson.build", MESON, id="meson"),
        pytest.param(_setuptools, "setup.py", SETUP_PY, id="setup.py"),
    ],
)
def test_a_module_for_a_program_without_python_is_left_alone(
    build, name: str, text: str, tmp_path: Path
) -> None:
    assert reported(text, name), "the same build file with a module's source"
    for path, content in {name: text.lstrip("\n"), "tally.c": BOOT, "host.c": HOST}.items():
        (tmp_path / path).write_text(content)
    assert reported(text, str(tmp_path / name)) == []
    (module,) = build(tmp_path, "out").glob("tally*.so")
    _run("gcc", "host.c", "-o", "host", "-ldl", cwd=tmp_path)
    assert _run("./host", str(module), cwd=tmp_path) == "started\n"
    _run(*_GCC.split(), "tally.c", "-o", "bare.so", cwd=tmp_path)
    assert "undefined symbol: Py_I" in _run("./host", "./bare.so", cwd=tmp_path)
