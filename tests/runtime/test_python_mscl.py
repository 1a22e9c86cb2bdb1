"""The canonical wheel in the wild: python-mscl's extension is linked to libpython3.12."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.runtime.interpreters import Interpreter, interpreters

pytestmark = pytest.mark.network

CODE = """
from no_libpython_dlopen.runtime import install
install({action})
try:
    import python_mscl._mscl
except DeprecationWarning as error:
    print(error.code, error.library)
except ImportError as error:
    print("ImportError", error)
with open("/proc/self/maps") as maps:
    print("_mscl" in maps.read())
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel for CPython 3.12, installed into a folder of its own."""
    folder = tmp_path_factory.mktemp("mscl")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", folder]
    command += ["--only-binary=:all:", "--python-version=3.12", "--implementation=cp"]
    command += ["--abi=cp312", "--platform=manylinux2014_x86_64", "python-mscl==67.0.1.0"]
    subprocess.run(command, check=True)
    return folder


@pytest.fixture
def python312() -> Interpreter:
    """Any Python 3.12."""
    for interpreter in interpreters():
        if interpreter.version == (3, 12):
            return interpreter
    pytest.skip("no Python 3.12 on this machine")


def test_it_is_caught_before_its_map(python312: Interpreter, unpacked: Path) -> None:
    code = f"import sys\nsys.path.insert(0, {str(unpacked)!r})\n"
    stopped = python312("-c", code + CODE.format(action="'error'"))
    assert stopped.stdout == "NLP402 libpython3.12.so.1.0\nFalse\n"
    warned = python312("-Wdefault", "-c", code + CODE.format(action=""))
    assert "LibpythonWarning: NLP402 extension module `python_mscl._mscl` (" in warned.stderr
    assert str(unpacked / "python_mscl/_mscl.so") in warned.stderr
