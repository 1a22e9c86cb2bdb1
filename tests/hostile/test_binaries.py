"""Binaries made to fill memory or to stall: read, or refused in one clause, in bounds."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from struct import pack

import pytest

from no_libpython_dlopen.binary.reader import read
from no_libpython_dlopen.config import Settings
from no_libpython_dlopen.engine.check_file import Task, check_file
from no_libpython_dlopen.engine.fix_binary import fix_binary
from no_libpython_dlopen.engine.installed.installed_files import InstalledFiles
from no_libpython_dlopen.engine.target import TargetFile
from no_libpython_dlopen.model.facts import Fact, Needed, Unread
from no_libpython_dlopen.model.kind import Kind
from tests.binary.made_elf import made_elf
from tests.binary.test_macho import command
from tests.hostile.confined import confined

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs fork and resource limits"),
]

#: Bytes that the reading of one binary may take beyond the interpreter, and seconds.
MEMORY, SECONDS = 96 << 20, 10
LIBRARY = "libpython3.12.so.1.0"
LONG = 60_000
NEEDED, SONAME, RUNPATH, VERNEED, VERNEEDNUM = 1, 14, 29, 0x6FFFFFFE, 0x6FFFFFFF
HASH, GNU_HASH = 4, 0x6FFFFEF5


def facts(path: Path, kind: Kind = Kind.BINARY) -> list[Fact]:
    """Return the facts of a file, read in bounds."""
    return confined(lambda: list(read(str(path), kind)), memory=MEMORY, seconds=SECONDS)


def reasons(path: Path) -> list[str]:
    found = facts(path)
    assert all(isinstance(fact, Unread) for fact in found)
    return [fact.reason for fact in found if isinstance(fact, Unread)]


def library_elf(soname: str) -> bytes:
    """Return a library that is no module: what it defines is not named like one's ``PyInit_``."""
    data = made_elf(64, "<", needed=[LIBRARY], soname=soname)
    return data.replace(b"PyInit_x", b"NoInit_x")


def many_needed(count: int, step: int) -> bytes:
    """Return a file whose entries lead to one long name, each ``step`` bytes further."""
    more = [(NEEDED, 1 + step * number) for number in range(count)]
    return made_elf(64, "<", needed=["n" * LONG], more=more)


def versions(count: int) -> bytes:
    one = pack("<HHIII", 1, 1, 1, 16 * count, 16) * count + pack("<IHHII", 0, 0, 0, 1, 0) * count
    return made_elf(
        64, "<", needed=["v" * LONG, LIBRARY], tables={VERNEED: one}, more=[(VERNEEDNUM, count)]
    )


def symbols(count: int) -> bytes:
    """Return a file with ``count`` symbols, all of one long name that is looked for."""
    needed = ["PyInit_" * (LONG // 7)]
    hashes = {HASH: pack("<2I", 1, count)}
    table = b"".join(pack("<IBBHQQ", 1 + 7 * (n % 8000), 0x12, 0, 1, 0, 0) for n in range(count))
    at, data = 0, b""
    for _ in range(2):  # the first time, to know how long it is
        at = len(data)
        load = [(1, at, 0x900000, len(table))]
        data = made_elf(
            64, "<", needed=needed, tables=hashes, segments=load, symbols_address=0x900000
        )
    return data + table


TOO_LONG = "are longer than any linker writes"
ELF: dict[str, tuple[Callable[[], bytes], str]] = {
    "one name needed often": (lambda: many_needed(60_000, 0), TOO_LONG),
    "ends of one name": (lambda: many_needed(59_000, 1), TOO_LONG),
    "version needs": (lambda: versions(16_000), TOO_LONG),
    "symbols": (lambda: symbols(200_000), TOO_LONG),
    "a note beyond 2^63": (
        lambda: made_elf(64, "<", needed=["libc.so.6"], segments=[(4, 1 << 63, 0, 16)]),
        "",
    ),
    "a note at the end of numbers": (
        lambda: made_elf(64, "<", needed=["libc.so.6"], segments=[(4, (1 << 64) - 1, 0, 16)]),
        "",
    ),
    "many notes": (
        lambda: made_elf(64, "<", needed=["libc.so.6"], segments=[(4, 0, 0, 1 << 16)] * 60_000),
        "",
    ),
}


@pytest.mark.parametrize(("make", "clause"), ELF.values(), ids=ELF)
def test_an_elf_file_that_repeats_itself_is_refused_in_bounds(
    tmp_path: Path, make: Callable[[], bytes], clause: str
) -> None:
    path = tmp_path / "x.so"
    path.write_bytes(make())
    found = reasons(path)
    assert bool(found) == bool(clause)
    assert all(clause in reason and len(reason) < 200 for reason in found)


@pytest.mark.parametrize(
    ("tag", "place"),
    [(tag, place) for tag in (5, 6, SONAME, 15, RUNPATH, HASH, GNU_HASH, VERNEED, 25)
     for place in (1 << 62, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)],
)  # fmt: skip
def test_every_number_of_the_dynamic_section_may_be_anything(
    tmp_path: Path, tag: int, place: int
) -> None:
    path = tmp_path / "x.so"
    for segments in ([], [(1, 1 << 62, 1 << 62, (1 << 64) - 1)]):
        path.write_bytes(
            made_elf(64, "<", needed=[LIBRARY], more=[(tag, place)], segments=segments)
        )
        for fact in facts(path):
            assert isinstance(fact, (Unread, Needed))


@pytest.mark.parametrize("count", [4000, 16_000])
def test_search_paths_and_names_do_not_multiply_without_end(tmp_path: Path, count: int) -> None:
    path = tmp_path / "_x.abi3.so"
    names = [f"l{number}" for number in range(count // 4)]
    runpath = ":".join(f"$ORIGIN/{number:x}" for number in range(count // 4))[:LONG]
    path.write_bytes(made_elf(64, "<", needed=names, runpath=runpath))
    (reason,) = reasons(path)
    assert "search paths lead to more than" in reason


def test_search_paths_that_repeat_are_followed_once(tmp_path: Path) -> None:
    path = tmp_path / "_x.abi3.so"
    names = ["liba.so"] * 5000 + ["libb.so"]
    path.write_bytes(made_elf(64, "<", needed=names, runpath=":".join(["$ORIGIN"] * 7000)))
    (tmp_path / "libb.so").write_bytes(library_elf("libb.so"))
    (fact,) = facts(path)
    assert isinstance(fact, Needed)
    assert fact.through == "libb.so"


def library(name: str) -> bytes:
    return command("<", 0xC, pack("<IIII", 24, 0, 0, 0) + name.encode() + b"\0")


def with_commands(commands: list[bytes]) -> bytes:
    """Return a Mach-O image that has these commands alone."""
    whole = b"".join(commands)
    return pack("<8I", 0xFEEDFACF, 7, 3, 8, len(commands), len(whole), 0, 0) + whole


def fat_of(count: int, data: bytes) -> bytes:
    """Return a fat file that has the same image ``count`` times, in one place."""
    head = pack(">II", 0xCAFEBABE, count)
    head += b"".join(pack(">IIIII", 7 + n, 3, 4096, len(data), 12) for n in range(count))
    return head.ljust(4096, b"\0") + data


MACHO: dict[str, tuple[Callable[[], bytes], str]] = {
    "libraries": (lambda: with_commands([library("l")] * 80_000), "80000 load commands"),
    "libraries without end": (lambda: with_commands([library("l")] * 60_000), TOO_LONG),
    "search paths": (
        lambda: with_commands([command("<", 0x8000001C, pack("<I", 12) + b"/x\0")] * 60_000),
        TOO_LONG,
    ),
    "one image often": (
        lambda: fat_of(44, with_commands([command("<", 0x99, b"")] * 60_000)),
        "overlap",
    ),
}


@pytest.mark.parametrize(("make", "clause"), MACHO.values(), ids=MACHO)
def test_a_mach_o_file_that_repeats_itself_is_refused_in_bounds(
    tmp_path: Path, make: Callable[[], bytes], clause: str
) -> None:
    path = tmp_path / "_x.abi3.so"
    path.write_bytes(make())
    (reason,) = reasons(path)
    assert clause in reason


def test_a_mach_o_file_of_many_commands_is_read(tmp_path: Path) -> None:
    path = tmp_path / "_x.abi3.so"
    other = command("<", 0x99, b"")
    path.write_bytes(
        with_commands([library(LIBRARY.replace(".so.1.0", ".dylib")), *[other] * 60_000])
    )
    (fact,) = facts(path)
    assert isinstance(fact, Needed)


#: What a field of a header may claim: the sign bit, the largest numbers, one beyond 32 bits.
CLAIMS = (1 << 63, (1 << 63) - 1, (1 << 64) - 1, 1 << 40)


@pytest.mark.parametrize("claim", CLAIMS, ids=hex)
@pytest.mark.parametrize("order", "<>")
def test_every_number_of_a_header_may_be_any_number(claim: int, order: str, tmp_path: Path) -> None:
    segments = [(4, 0x100, 0x100, 64), (6, 0x40, 0x40, 64)]
    data = made_elf(64, order, needed=["libpython3.11.so.1.0", "libc.so.6"], segments=segments)
    path = tmp_path / "m.abi3.so"
    target = TargetFile(str(path), Kind.BINARY, Settings())
    for at in range(16, len(data) - 8, 8):
        path.write_bytes(data[:at] + pack(f"{order}Q", claim) + data[at + 8 :])
        result = check_file(target, Task(fix=True))
        if result is not None and result.repair:
            installed = InstalledFiles(managed=False)
            result = fix_binary(
                result, write=False, output_dir=None, outputs={}, installed=installed
            )
        told = [one.message for one in result.findings] if result is not None else []
        assert not [one for one in told if "internal error" in one], (at, told)
