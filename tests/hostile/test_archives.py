"""Archives made to fill memory or to stall: read, or refused in one clause, in bounds."""

from __future__ import annotations

import gzip
import io
import itertools
import struct
import sys
import time
import zipfile
from collections.abc import Callable, Sequence

import pytest

from no_libpython_dlopen.binary.archives import members, reading
from no_libpython_dlopen.model.facts import Fact, Needed, Unread
from tests.binary.made_elf import made_elf
from tests.binary.test_tars import END, header, record
from tests.hostile.confined import confined

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork and resource limits")

#: Bytes that the reading of one archive may take beyond the interpreter, and seconds.
MEMORY, SECONDS = 128 << 20, 20
LIBRARY = "libpython3.12.so.1.0"
LONG = 60_000
SDIST = "spam-1.0.tar.gz"
MODULE = header(b"0", made_elf(64, "<", needed=[LIBRARY]), "_x.abi3.so") + END


def facts(name: str, data: bytes) -> list[Fact]:
    """Return the facts of an archive, read in bounds."""
    work: Callable[[], list[Fact]] = lambda: list(reading.facts(name, io.BytesIO(data), len(data)))  # noqa: E731
    return confined(work, memory=MEMORY, seconds=SECONDS)


def sparse(count: int) -> bytes:
    """Return a member whose table of holes goes on for ``count`` blocks."""
    block = bytearray(header(b"S", b"", "holes.so"))
    block[482] = 1
    block[148:156] = b" " * 8
    block[148:156] = f"{sum(block):06o}\0 ".encode()
    return bytes(block) + (bytes(504) + b"\1" + bytes(7)) * (count - 1) + bytes(512)


def keys(count: int, prefix: str = "k") -> bytes:
    return b"".join(record(f"{prefix}{number:05}", "v") for number in range(count))


#: Made when they are read: all of them together are some hundred megabytes.
TARS: dict[str, tuple[Callable[[], bytes], bool]] = {
    "a chain of sparse tables": (lambda: sparse(2000) + MODULE, True),
    "a sparse table without end": (lambda: sparse(400_000) + MODULE, False),
    "a header of digits": (lambda: header(b"x", b"1" * 1_000_000) + MODULE, False),
    "many headers of digits": (lambda: header(b"x", b"1" * 20_000) * 50 + MODULE, False),
    "a header of numbers": (lambda: header(b"x", b"1 " * 400_000) + MODULE, False),
    "many keys": (lambda: header(b"x", keys(60_000)) + MODULE, True),
    "many global keys": (lambda: header(b"g", keys(60_000)) + header(b"0", b"", "a") * 2000 + MODULE, True),
    "megabytes of keys": (
        lambda: b"".join(header(b"g", keys(60_000, f"{n}k")) + header(b"0", b"", f"{n}") for n in range(12)) + MODULE,
        True,
    ),
    "many headers before one member": (lambda: header(b"x", record("comment", "c")) * 100_000, False),
    "long names": (
        lambda: b"".join(header(b"L", f"{n}".encode() + b"n" * 500_000) + header(b"0", b"") for n in range(80)),
        False,
    ),
    "one name": (lambda: header(b"0", b"", "a.so") * 12_000 + MODULE, False),
    "absolute names": (lambda: b"".join(header(b"0", b"", f"/{n}.so") for n in range(12_000)) + MODULE, False),
    "damaged modules": (lambda: b"".join(header(b"0", b"\x7fELF", f"{n}.so") for n in range(12_000)) + MODULE, False),
    "some damaged modules": (lambda: b"".join(header(b"0", b"\x7fELF", f"{n}.so") for n in range(900)) + MODULE, True),
}  # fmt: skip


@pytest.mark.parametrize(("make", "whole"), TARS.values(), ids=TARS)
def test_a_tar_archive_of_many_headers_is_read_in_bounds(
    make: Callable[[], bytes], whole: bool
) -> None:
    found = facts(SDIST, gzip.compress(make(), 1))
    assert any(isinstance(fact, Needed) for fact in found) is whole
    unread = [fact.reason for fact in found if isinstance(fact, Unread) and not fact.member]
    assert len(unread) == (0 if whole else 1)
    assert all(len(reason) < 200 for reason in unread)


#: Members of a wheel that its server sends again and again.
ENDLESS = {
    "one module": ("a.so", "has more than 10,000 members that cannot be read"),
    "one directory": ("a/", "has more than 1,000 members"),
    "one text": ("a.txt", "has more than 1,000 members"),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_a_wheel_that_does_not_end_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from no_libpython_dlopen.package_index.wheel_stream import facts_of_wheel

    path, reason = ENDLESS[name]
    monkeypatch.setattr(members, "_MOST_MEMBERS", 20_000 if path == "a.so" else 1_000)
    record = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, len(path), 0)
    pieces = itertools.repeat(record + path.encode())
    found = confined(
        lambda: list(facts_of_wheel(WHEEL, pieces, 0, lambda _: True)),
        memory=MEMORY,
        seconds=SECONDS,
    )
    assert isinstance(found[-1], Unread)
    assert found[-1].reason == reason


def wheel(members: dict[str, bytes], *, directory: int = 0) -> bytes:
    """Return a wheel, with ``directory`` one whose 64-bit record says so much of its size."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archived:
        for name, data in members.items():
            archived.writestr(name, data)
    data = made.getvalue()
    if directory:
        end = data[-22:]
        record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, directory, 0)
        locator = struct.pack("<4sIQI", b"PK\6\7", 0, len(data) - 22, 1)
        data = data[:-22] + record + locator + end
    return data


def shared(needed: Sequence[str], soname: str = "") -> bytes:
    """Return a library, or without a soname a module."""
    data = made_elf(64, "<", needed=needed, soname=soname)
    return data.replace(b"PyInit_x", b"NoInit_x") if soname else data


def crowd(count: int, needed: Callable[[int], list[str]]) -> dict[str, bytes]:
    """Return modules that need libraries, which are as many and need ``needed(number)``."""
    names = [f"lib{number}.so" for number in range(count)]
    members = {f"_{number}.abi3.so": shared([names[number]]) for number in range(count)}
    return members | {f"x.libs/{name}": shared(needed(n), name) for n, name in enumerate(names)}


def each_needs_all(count: int) -> dict[str, bytes]:
    names = [f"lib{number}.so" for number in range(200)]
    members = {f"_{n}.abi3.so": shared([f"l{n}.so", *names]) for n in range(count)}
    return members | {name: shared([*names, LIBRARY], name) for name in names}


def silent_chain(count: int) -> dict[str, bytes]:
    return crowd(count, lambda n: [f"lib{n + 1}.so", f"lib{n + 2}.so"])


def telling_chain(count: int) -> dict[str, bytes]:
    return crowd(count, lambda n: [f"lib{n + 1}.so", LIBRARY])


WHEEL = "spam-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
WHEELS: dict[str, tuple[Callable[[], dict[str, bytes]], int | None, str]] = {
    "each leads to the next": (lambda: silent_chain(8000), 0, ""),
    "each leads to the next and to libpython": (
        lambda: telling_chain(3000),
        None,
        "in too many ways",
    ),
    "each module needs all": (lambda: each_needs_all(2000), None, "in too many ways"),
    "names": (
        lambda: {f"{n}.so": shared(["n" * 15_000] * 30, "l") for n in range(200)},
        0,
        "name too many libraries",
    ),
}


@pytest.mark.parametrize(("make", "needs", "clause"), WHEELS.values(), ids=WHEELS)
def test_a_wheel_of_thousands_of_binaries_is_read_in_bounds(
    make: Callable[[], dict[str, bytes]], needs: int | None, clause: str
) -> None:
    found = facts(WHEEL, wheel(make()))
    assert needs is None or sum(isinstance(fact, Needed) for fact in found) == needs
    unread = [fact.reason for fact in found if isinstance(fact, Unread)]
    assert len(unread) == bool(clause)
    assert all(clause in reason for reason in unread)


def test_the_time_for_a_wheel_grows_with_its_modules() -> None:
    """Many modules need one library that leads to libpython: each is told, and how."""

    def seconds(count: int) -> float:
        data = wheel(
            crowd(count, lambda _: ["libpy.so"]) | {"libpy.so": shared([LIBRARY], "libpy.so")}
        )
        before = time.process_time()
        found = list(reading.facts(WHEEL, io.BytesIO(data), len(data)))
        assert sum(isinstance(fact, Needed) for fact in found) == count
        return time.process_time() - before

    seconds(10)
    assert seconds(2000) < 10 * seconds(500) + 0.2


#: What a module beside them makes the texts of a wheel be searched for.
TEXTS = {
    "suffixes": b".so",
    "names": b"_x1.so.",
    "loaders": b"ld-",
    "loaders of names": b"ld-.so ",
    "options": b"--preload ",
    "options of a loader": b"ld-x.so --preload=",
    "comments": b"# .so" + b"#" * 250,
    "tools": b": strip .so",
    "one long name": b"x.so" * 50 + b"=: -",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_wheel_whose_texts_are_searched_is_read_in_bounds(text: bytes) -> None:
    data = io.BytesIO()
    content = text * ((4 << 20) // len(text))
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for length in range(1, 150):
            archive.writestr(f"_{'x' * length}.abi3.so", made_elf(64, "<", needed=[LIBRARY]))
        for number in range(4):
            archive.writestr(f"text{number}.sh", content)
    packed = data.getvalue()
    name = "spam-1-cp312-cp312-linux_x86_64.whl"
    found = confined(
        lambda: list(reading.facts(name, io.BytesIO(packed), len(packed), repairs=True)),
        memory=MEMORY,
        seconds=SECONDS,
    )
    assert sum(isinstance(fact, Needed) for fact in found) == 149


def test_a_directory_is_as_large_as_its_64_bit_record_says() -> None:
    data = wheel({"_x.abi3.so": shared([LIBRARY])}, directory=40 << 20)
    (fact,) = facts(WHEEL, data)
    assert isinstance(fact, Unread)
    assert "its central directory is larger than 24 MiB" in fact.reason


def test_a_64_bit_record_elsewhere_is_refused() -> None:
    data = wheel({"_x.abi3.so": shared([LIBRARY])}, directory=60)
    (fact,) = facts(WHEEL, data.replace(b"PK\6\6", b"PK\6\5"))
    assert isinstance(fact, Unread)
    assert "64-bit record" in fact.reason
