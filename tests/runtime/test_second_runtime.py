"""The real thing: a static Python beside a real libpython, Debian's or of the same build.

Other tests open libraries that only have libpython's name. Here a second runtime is
mapped, and the guard has to say so before that happens.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.runtime.interpreters import SRC, Compiler, Interpreter, relinked

pytestmark = pytest.mark.slow

Write = Callable[..., Path]

MAPPED = "print('libpython' in open('/proc/self/maps').read())\n"
OPENS = f"import ctypes, sys\n{MAPPED}\nctypes.PyDLL(sys.argv[1])\n{MAPPED}"


@pytest.fixture(scope="module", params=["Debian", "3.10", "3.11", "3.12", "3.13"])
def beside(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Interpreter, str]]:
    """A static interpreter and what leads to a real libpython: a name, or a path."""
    if request.param != "Debian":
        made = relinked(request.param, tmp_path_factory.mktemp("static"))
        if made is None:
            pytest.skip(f"no libpython{request.param}.a under pyenv, or no gcc")
        yield made[0], str(made[1])
        return
    name = "libpython3.11.so.1.0"
    command = ["/usr/bin/python3.11", "-c", f"import ctypes; ctypes.CDLL({name!r})"]
    if not os.path.exists(command[0]) or subprocess.run(
        command, capture_output=True, check=False
    ).returncode not in (0, -6, -11):
        pytest.skip("no /usr/bin/python3.11 with libpython3.11 (apt install libpython3.11)")
    yield Interpreter(command[0], "static", (3, 11)), name


def test_it_is_warned_about_at_its_line_and_keeps_running(
    beside: tuple[Interpreter, str], script: Write
) -> None:
    python, library = beside
    path = script("from no_libpython_dlopen.runtime import install; install()\n" + OPENS)
    result = python(path, library)
    assert f"{path}:5: LibpythonWarning: NLP401 ctypes opens `{library}`, a second copy" in (
        result.stderr
    )
    assert f"this one runs from {os.path.realpath(python.path)}" in result.stderr
    assert result.stderr.count("NLP401") == 1
    assert result.stdout == "False\nTrue\n"


@pytest.mark.parametrize(
    "options", [("--error",), ("-W", "error::DeprecationWarning"), ("-W", "error")]
)
def test_as_an_error_it_stops_before_the_second_runtime_is_mapped(
    beside: tuple[Interpreter, str], script: Write, options: tuple[str, ...]
) -> None:
    python, library = beside
    path = script(f"import atexit\natexit.register(lambda: {MAPPED.strip()})\n{OPENS}")
    command = [sys.executable, "-m", "no_libpython_dlopen", "run", "--python", python.path]
    result = subprocess.run(
        [*command, *options, str(path), library],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stdout == "False\nFalse\n"  # before, and at exit
    assert f'File "{path}", line 6, in <module>' in result.stderr
    assert "\nno_libpython_dlopen.runtime.LibpythonWarning: NLP401" in result.stderr


def test_a_module_that_was_built_against_it_is_caught_before_its_map(
    beside: tuple[Interpreter, str], script: Write, compiler: Compiler
) -> None:
    python, library = beside
    place = Path(library)
    if not place.is_absolute():
        place = Path("/usr/lib", os.uname().machine + "-linux-gnu", library)
    module = compiler.module("needy", str(place), f"-Wl,-rpath,{place.parent}")
    path = script(
        f"import sys\nsys.path.insert(0, {str(module.parent)!r})\n"
        "from no_libpython_dlopen.runtime import install; install(sys.argv[1])\n"
        f"try:\n    import needy\nexcept DeprecationWarning as error: print(error.code)\n{MAPPED}"
    )
    assert python(path, "error").stdout == "NLP402\nFalse\n"
    warned = python(path, "warn", check=False)  # two runtimes that meet may well crash
    assert f"{path}:5: LibpythonWarning: NLP402 extension module `needy`" in warned.stderr
    assert f"needs `{place.name}`, a second copy of the Python runtime" in warned.stderr


#: Opens a libpython as cffi does and calls it, which crashes: that runtime was never started.
CALLS = """
#include <dlfcn.h>
void *call(const char *name) {
    void *(*make)(void) = (void *(*)(void))dlsym(dlopen(name, RTLD_NOW), "PyDict_New");
    return make();
}
"""


def test_the_crash_of_a_second_runtime_is_explained(
    beside: tuple[Interpreter, str], script: Write, compiler: Compiler
) -> None:
    python, library = beside
    caller = compiler.library("libcaller.so", source=CALLS)
    path = script(
        "import ctypes, sys\ncall = ctypes.CDLL(sys.argv[1]).call\ncall(sys.argv[2].encode())\n"
    )
    words = ["-m", "no_libpython_dlopen", "run", path, caller, library]
    result = python(*words, check=False)
    assert result.returncode == -11
    first, second = result.stderr.splitlines()
    assert first == f"nolibpy: the program was ended by SIGSEGV at {path}:3"
    assert second.startswith(f"nolibpy: NLP401 `{library}`")
    assert second.endswith(f"was mapped; `{caller}` opened it by `dlopen`")


def test_the_doctor_sees_two_runtimes(beside: tuple[Interpreter, str]) -> None:
    python, library = beside
    code = (
        "import ctypes, sys; ctypes.PyDLL(sys.argv.pop(1));"
        "from no_libpython_dlopen.__main__ import main; sys.exit(main(['doctor']))"
    )
    result = python("-c", code, library, check=False)
    sentence = result.stdout.splitlines()[0]
    assert result.returncode == 1
    assert sentence.startswith(
        f"Two Python runtimes are in this process: it runs from {python.path}"
    )
    assert os.path.basename(library) in sentence
    alone = python("-c", "from no_libpython_dlopen.__main__ import main; main(['doctor'])")
    assert alone.stdout.startswith("Healthy: this interpreter is statically linked")
