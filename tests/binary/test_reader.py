"""Built modules on disk, alone and beside the libraries that they are led to."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from no_libpython_dlopen.binary.formats.random_access import (
    MalformedBinary,
    bytes_reader,
    read_exactly,
    read_pieces,
    read_text,
)
from no_libpython_dlopen.binary.reader import read
from no_libpython_dlopen.model.facts import Fact, Needed, Unread
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Unreadable
from tests.binary.index_wheels import Modules

LIBRARY = "libpython3.12.so.1.0"


def facts(path: Path) -> list[Fact]:
    return list(read(str(path), Kind.BINARY))


def link(folder: Path, name: str, *options: str, code: str = "int PyInit_x;") -> Path:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    (folder / "code.c").write_text(code)
    command = ["gcc", "-shared", "-fPIC", "-Wl,--no-as-needed", "-o", str(path)]
    subprocess.run([*command, str(folder / "code.c"), *options], check=True)
    return path


def chain(folder: Path, rpath: str) -> Path:
    """Build a module that needs libouter, which needs libinner, which needs libpython."""
    stub = link(folder, "stub.so", f"-Wl,-soname,{LIBRARY}", code="int stub;")
    inner = link(folder, "libs/libinner.so", "-Wl,-soname,libinner.so", str(stub), code="int i;")
    options = ["-Wl,-soname,libouter.so", "-Wl,-rpath,$ORIGIN", str(inner)]
    outer = link(folder, "libs/libouter.so", *options, code="int o;")
    return link(folder, "pkg/_x.abi3.so", f"-Wl,-rpath,{rpath}", str(outer))


@pytest.mark.parametrize("rpath", ["$ORIGIN/../libs", "/nowhere:${ORIGIN}/../libs"])
def test_a_need_is_followed_along_the_module_s_own_paths(tmp_path: Path, rpath: str) -> None:
    (fact,) = facts(chain(tmp_path, rpath))
    assert isinstance(fact, Needed)
    assert fact.through == os.path.join("..", "libs", "libinner.so")
    assert fact.libraries == (LIBRARY,)
    assert "not an extension module" in fact.no_fix_reason


def test_paths_that_are_not_the_package_s_are_not_followed(tmp_path: Path) -> None:
    assert facts(chain(tmp_path, f"{tmp_path}/libs")) == []


@pytest.mark.parametrize("there", ["nothing", "noise", "a folder"])
def test_a_library_that_is_not_there_or_not_readable_is_passed_over(
    tmp_path: Path, there: str
) -> None:
    module = chain(tmp_path, "$ORIGIN/../libs")
    library = tmp_path / "libs" / "libinner.so"
    library.unlink()
    if there == "noise":
        library.write_bytes(b"\x7fELF\2\1\1")
    elif there == "a folder":
        library.mkdir()
    assert facts(module) == []


def test_what_is_no_regular_file_or_damaged_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "_x.abi3.so")
    with pytest.raises(Unreadable, match="not a regular file"):
        facts(tmp_path / "_x.abi3.so")
    with pytest.raises(Unreadable, match="No such file"):
        facts(tmp_path / "no.so")
    (tmp_path / "bad.abi3.so").write_bytes(b"\x7fELF\2\1\1")
    (fact,) = facts(tmp_path / "bad.abi3.so")
    assert isinstance(fact, Unread)


def test_a_module_that_works_with_one_interpreter_only_says_so(tmp_path: Path) -> None:
    stub = link(tmp_path, "stub.so", f"-Wl,-soname,/opt/lib/{LIBRARY}", code="int stub;")
    (fact,) = facts(link(tmp_path, "_x.abi3.so", str(stub)))
    assert isinstance(fact, Needed)
    assert "works only with the interpreter" in fact.fails_on


def test_a_clean_module_says_nothing(tmp_path: Path, modules: Modules) -> None:
    (tmp_path / "_x.abi3.so").write_bytes(modules.clean())
    assert facts(tmp_path / "_x.abi3.so") == []


def test_reading_outside_a_file_is_malformed() -> None:
    read_some = bytes_reader(b"text without an end" * 99)
    for offset in (-1, 1 << 63):
        with pytest.raises(MalformedBinary, match="outside"):
            read_exactly(read_some, offset, 4, "it")
        with pytest.raises(MalformedBinary, match="outside"):
            read_text(read_some, offset, "it")
        assert list(read_pieces(read_some, offset, 4, 0)) == []
    with pytest.raises(MalformedBinary, match="does not end"):
        read_text(read_some, 0, "it")
    large = bytes(range(256)) * 4096
    whole = b"".join(part for _, part in read_pieces(bytes_reader(large), 0, len(large), 0))
    assert whole == large
