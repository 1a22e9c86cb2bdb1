"""Archives made to fill memory or to stall: read, or refused in one clause, in bounds."""

from __future__ import annotations

import gzip
import io
import sys
from collections.abc import Callable

import pytest

from no_libpython_dlopen.binary.archives import archive
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
    work: Callable[[], list[Fact]] = lambda: list(archive.facts(name, io.BytesIO(data), len(data)))  # noqa: E731
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


TARS = {
    "a chain of sparse tables": (sparse(2000) + MODULE, True),
    "a sparse table without end": (sparse(400_000) + MODULE, False),
    "a header of digits": (header(b"x", b"1" * 1_000_000) + MODULE, False),
    "many headers of digits": (header(b"x", b"1" * 20_000) * 50 + MODULE, False),
    "a header of numbers": (header(b"x", b"1 " * 400_000) + MODULE, False),
    "many keys": (header(b"x", keys(60_000)) + MODULE, True),
    "many global keys": (header(b"g", keys(60_000)) + header(b"0", b"", "a") * 2000 + MODULE, True),
    "megabytes of keys": (
        b"".join(header(b"g", keys(60_000, f"{n}k")) + header(b"0", b"", f"{n}") for n in range(12)) + MODULE,
        True,
    ),
    "many headers before one member": (header(b"x", record("comment", "c")) * 100_000, False),
    "long names": (
        b"".join(header(b"L", f"{n}".encode() + b"n" * 500_000) + header(b"0", b"") for n in range(80)),
        False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "whole"), TARS.values(), ids=TARS)
def test_a_tar_archive_of_many_headers_is_read_in_bounds(data: bytes, whole: bool) -> None:
    found = facts(SDIST, gzip.compress(data, 1))
    assert any(isinstance(fact, Needed) for fact in found) is whole
    unread = [fact.reason for fact in found if isinstance(fact, Unread) and not fact.member]
    assert len(unread) == (0 if whole else 1)
    assert all(len(reason) < 200 for reason in unread)
