"""Fixtures: real interpreters of both kinds, libraries made on the spot, scripts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runtime.interpreters import Compiler, Interpreter, interpreters


def _of_kind(linkage: str) -> Interpreter:
    for interpreter in interpreters():
        if interpreter.linkage == linkage:
            return interpreter
    pytest.skip(f"no {linkage} Python 3.10 or later on PATH, in /usr/bin or under pyenv")


@pytest.fixture(params=["static", "shared"])
def python(request: pytest.FixtureRequest) -> Interpreter:
    """An interpreter of each linkage."""
    return _of_kind(request.param)


@pytest.fixture
def static() -> Interpreter:
    """A statically linked interpreter."""
    return _of_kind("static")


@pytest.fixture
def shared() -> Interpreter:
    """An interpreter that is linked to its libpython."""
    return _of_kind("shared")


@pytest.fixture(params=["3.10", "3.11", "3.12", "3.13", "3.14", "3.15"])
def version(request: pytest.FixtureRequest) -> Interpreter:
    """An interpreter of each version."""
    for interpreter in interpreters():
        if "{}.{}".format(*interpreter.version) == request.param:
            return interpreter
    pytest.skip(f"no Python {request.param} on this machine")


@pytest.fixture
def compiler(tmp_path: Path) -> Compiler:
    """The C compiler, or a skipped test."""
    gcc = shutil.which("gcc") or shutil.which("cc")
    if gcc is None:
        pytest.skip("no C compiler")
    return Compiler(gcc, tmp_path)


@pytest.fixture
def stray(compiler: Compiler) -> Path:
    """A library that has libpython's name and is nobody's runtime: safe to open."""
    return compiler.library("libpython3.99.so.1.0")


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., Path]:
    """Writes a script and returns its path."""

    def write(text: str, name: str = "script.py") -> Path:
        path = tmp_path / name
        path.write_text(text)
        return path

    return write
