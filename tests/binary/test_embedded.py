"""NLP303 on modules that were really linked with libpython's static library."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from no_libpython_dlopen.binary.reader import read
from no_libpython_dlopen.model.facts import Embedded
from no_libpython_dlopen.model.kind import Kind

pytestmark = pytest.mark.skipif(shutil.which("gcc") is None, reason="gcc is not installed")

NAME = "tally.cpython-311-x86_64-linux-gnu.so"
ARCHIVES = list(Path("/usr/lib/python3.11").glob("config-3.11-*/libpython3.11-pic.a"))
MODULE = """#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "tally", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_tally(void) { return PyModule_Create(&module); }
"""
#: The runtime's messages, as a program that speaks of them has them too.
SAYING = 'const char *said[] = {"PYTHONHASHSEED", "Fatal Python error: "};\n'
THIN = "void *make(void);\nvoid *PyInit_tally(void) { return make(); }\n"
CALLING = (
    "void *PyModuleDef_Init(void *);\nvoid *PyInit_tally(void) { return PyModuleDef_Init(0); }\n"
)
NUMBERS = "void *PyLong_FromLong(long);\nvoid *PyInit_tally(void) { return PyLong_FromLong(1); }\n"
PYPY = "void *PyPyModuleDef_Init(void *);\nvoid *PyInit_tally(void) { return PyPyModuleDef_Init(0); }\n"


def build(folder: Path, code: str, *more: str | Path) -> Path:
    """Build a module and return its path."""
    source, module = folder / "code.c", folder / NAME
    source.write_text(code)
    subprocess.run(["gcc", "-shared", "-fPIC", source, "-o", module, *more], check=True)
    return module


def static(folder: Path, *more: str) -> Path:
    """Build a module with Debian's static library in it."""
    if not ARCHIVES or not Path("/usr/include/python3.11/Python.h").exists():
        pytest.skip("no static libpython3.11")
    include = "-I/usr/include/python3.11"
    libraries = (str(ARCHIVES[0]), "-lm", "-Wl,--unresolved-symbols=ignore-all")
    return build(folder, MODULE, include, *more, *libraries)


def embedded(path: Path) -> list[Embedded]:
    return [fact for fact in read(str(path), Kind.BINARY) if isinstance(fact, Embedded)]


def test_a_runtime_with_visible_symbols_is_found_by_them(tmp_path: Path) -> None:
    (fact,) = embedded(static(tmp_path, "-Wl,-u,Py_Initialize"))
    assert "_PyRuntime" in fact.symbols


@pytest.mark.parametrize("strip", [False, True])
def test_a_runtime_with_hidden_symbols_is_found_by_what_it_says(
    tmp_path: Path, strip: bool
) -> None:
    more = ["-Wl,-u,Py_Initialize", "-Wl,--exclude-libs,ALL", *(["-s"] if strip else [])]
    (fact,) = embedded(static(tmp_path, *more))
    assert fact.symbols == ()


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(CALLING + SAYING, id="it calls the interpreter"),
        pytest.param(PYPY + SAYING, id="it calls PyPy"),
        pytest.param(NUMBERS + SAYING, id="it calls another function of the interpreter"),
        pytest.param(THIN, id="it leaves the calls to a library"),
        pytest.param("int other;\n" + SAYING, id="it is no module"),
    ],
)
def test_what_has_no_runtime_inside_is_not_reported(tmp_path: Path, code: str) -> None:
    assert embedded(build(tmp_path, code)) == []
