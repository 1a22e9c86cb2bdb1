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
PLAIN_SETUP_PY = """
from setuptools import Extension, setup

setup(name="tally", ext_modules=[Extension("tally", ["tally.c"])])
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
    "variable": """
libs = ["m"]
if sys.platform != "win32":
    libs.append("python%s" % sysconfig.get_config_var("LDVERSION"))
env.SharedLibrary("tally", "tally.c", SHLIBPREFIX="", LIBS=libs)
""",
    "clone": f"""
modules = env.Clone(SHLIBPREFIX="")
modules.Append(LIBS=["{NAME}"], LINKFLAGS=["-l{NAME}"])
modules.SharedLibrary("tally", ["tally.c"])
""",
    "merged": f"""
modules = env.Clone(SHLIBPREFIX="")
modules.MergeFlags("-lm -l{NAME}")
modules.SharedLibrary("tally", ["tally.c"])
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
        {"setup.py": PLAIN_SETUP_PY, "setup.cfg": SETUP_CFG, "tally.c": C},
        id="setup.cfg",
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
