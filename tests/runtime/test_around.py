"""Libraries around an interpreter, the one that an embedding program wants, and the guard's start."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

from no_libpython_dlopen.runtime import binary_info
from no_libpython_dlopen.runtime.doctor import libpython_inventory
from no_libpython_dlopen.runtime.doctor.inspection import Library
from no_libpython_dlopen.runtime.guard import source_location
from no_libpython_dlopen.runtime.guard.interpreter import InterpreterError
from no_libpython_dlopen.runtime.guard.supervisor import launch
from no_libpython_dlopen.runtime.guard.supervisor.launch import LaunchError
from no_libpython_dlopen.runtime.guard.supervisor.run_folder import RunFolder
from tests.runtime.interpreters import SRC, Compiler, Interpreter

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}{getattr(sys, 'abiflags', '')}"


def library(path: str, *, own: bool = False) -> Library:
    return Library(path, "", (), (), own, False)


def test_an_embedding_program_gets_the_own_library_or_one_of_the_same_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other, same = library("/a/libpython3.99.so.1.0"), library(f"/a/libpython{VERSION}.so.1.0")
    own = library("/b/libpython3.98.so", own=True)
    assert libpython_inventory.library_for_embedding((other, same, own)) == own.path
    monkeypatch.setattr(
        libpython_inventory, "shared_library_of_prefix", lambda: "/prefix/libpython.so"
    )
    assert libpython_inventory.library_for_embedding((other, same)) == "/prefix/libpython.so"
    monkeypatch.setattr(libpython_inventory, "shared_library_of_prefix", lambda: "")
    assert libpython_inventory.library_for_embedding((other, same)) == same.path
    assert libpython_inventory.library_for_embedding((other,)) == ""


def test_the_expected_library_is_in_the_prefix_and_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = {"INSTSONAME": "libpython3.99.so.1.0", "LIBDIR": str(tmp_path)}
    monkeypatch.setattr(sysconfig, "get_config_var", said.get)
    assert libpython_inventory.shared_library_of_prefix() == ""
    (tmp_path / "libpython3.99.so.1.0").touch()
    assert libpython_inventory.shared_library_of_prefix() == str(tmp_path / "libpython3.99.so.1.0")
    said["INSTSONAME"] = "python"  # of a build without one
    assert libpython_inventory.shared_library_of_prefix() == ""


def test_libraries_of_conda_and_of_frameworks_are_listed_with_their_place(
    compiler: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conda = compiler.library("lib/libpython3.99.so.1.0")
    framework = tmp_path / "Python.framework/Versions/3.99/Python"
    framework.parent.mkdir(parents=True)
    framework.touch()
    said = {"PYTHONFRAMEWORKPREFIX": str(tmp_path)}
    monkeypatch.setattr(sysconfig, "get_config_var", said.get)
    found = libpython_inventory.find_libraries("", {"CONDA_PREFIX": str(tmp_path)}, [])
    places = {one.path: one.places for one in found}
    assert places[str(conda)] == ("CONDA_PREFIX",)
    assert places[str(framework)] == ("framework",)
    assert not any(one.own for one in found)


def test_what_is_no_binary_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("text")
    (tmp_path / "cut").write_bytes(b"\x7fELF\x02")
    for name in ("text", "cut", "none", "."):
        assert binary_info.read(str(tmp_path / name)) is None


GUARDED = """
import sys, warnings
from no_libpython_dlopen.runtime.guard import guard
from no_libpython_dlopen.runtime.guard.startup import from_environment
found = [from_environment({"NOLIBPY_GUARD": word}) for word in sys.argv[1:]]
print([one and one.action for one in found], guard._guard is not None)
shown = list(warnings.filters)
from_environment({"NOLIBPY_GUARD": sys.argv[1]})
print(warnings.filters == shown)
"""


@pytest.mark.parametrize(
    ("words", "actions", "installed"),
    [
        (("", "0", "off", "No"), [None] * 4, False),
        (("1", "on", "TRUE"), ["warn"] * 3, True),
        (("warn",), ["warn"], True),
        (("log",), ["log"], True),
        (("error",), ["error"], True),
    ],
)
def test_the_environment_says_what_the_guard_does(
    python: Interpreter, words: tuple[str, ...], actions: list[str | None], installed: bool
) -> None:
    result = python("-c", GUARDED, *words)
    assert result.stdout == f"{actions!r} {installed}\nTrue\n"
    assert result.stderr == ""


def test_a_word_that_is_not_known_is_told_once(python: Interpreter) -> None:
    result = python("-c", GUARDED, "maybe", "maybe", "perhaps")
    assert result.stdout == "[None, None, None] False\nTrue\n"
    assert result.stderr == (
        "nolibpy: invalid NOLIBPY_GUARD value 'maybe' (expected warn, error or log)\n"
        "nolibpy: invalid NOLIBPY_GUARD value 'perhaps' (expected warn, error or log)\n"
    )


def test_what_cannot_be_run_under_the_guard_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "")
    with pytest.raises(LaunchError, match=r"does not know its own path"):
        launch.run(["-c", ""])
    with pytest.raises(InterpreterError, match="cannot run /nowhere/python: No such file"):
        launch.run(["-c", ""], python="/nowhere/python", action="error")


def test_too_few_descriptors_are_told_in_one_line(static: Interpreter) -> None:
    # At one of these limits the child fails, and not the parent before it.
    for limit in range(5, 8):
        command = [static.path, "-m", "no_libpython_dlopen", "run", "--error", "-c", "pass"]
        result = subprocess.run(
            ["sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh", *command],
            env={**os.environ, "PYTHONPATH": str(SRC)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode in {0, 2}
        assert "internal error" not in result.stderr


@pytest.mark.skipif(not os.access("/dev/shm", os.W_OK), reason="no shared memory")
def test_shared_memory_is_used_where_no_other_directory_can_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def find_none() -> str:
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setattr(tempfile, "gettempdir", find_none)
    with RunFolder() as folder:
        assert Path(folder.path).parent == Path("/dev/shm")
        assert Path(folder.notes.path).exists()
    assert not Path(folder.path).exists()


def test_where_the_guard_has_no_business_the_program_is_run_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(launch, "is_silent", lambda: True)  # as on Windows
    code = "import os, sys; sys.exit(3 if any('NOLIBPY' in name for name in os.environ) else 4)"
    assert launch.run(["-c", code], action="error") == 4


def test_a_place_whose_columns_are_not_known_is_the_beginning_of_its_line() -> None:
    code = compile("x = 1\ny = 2\n", "a.py", "exec")
    for known, instruction in ((None, 0), (code, 9999), (code.replace(co_linetable=b""), 2)):
        one = source_location.SourceLocation(
            "a.py", 2, "a", {}, code=known, instruction=instruction
        )
        assert one.columns() == (2, 1, 2, 1)
