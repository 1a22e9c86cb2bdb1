"""What must hold of any binary or archive, whatever stands in it; as in ``texts``."""

from __future__ import annotations

import base64
import bz2
import contextlib
import csv
import gzip
import hashlib
import io
import os
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary import reader
from no_libpython_dlopen.binary.archives import reading
from no_libpython_dlopen.binary.formats.elf import Elf, read_elf
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, bytes_reader
from no_libpython_dlopen.binary.repair import plan
from no_libpython_dlopen.binary.repair import repair as repairs
from no_libpython_dlopen.binary.shared_object import read_shared_object
from no_libpython_dlopen.knowledge.libpython_names import is_libpython
from no_libpython_dlopen.model.facts import Fact, Needed, Unread
from no_libpython_dlopen.model.source import Unreadable
from no_libpython_dlopen.runtime import loader_search
from tests.fuzz.texts import project

if TYPE_CHECKING:
    from no_libpython_dlopen.binary.formats.random_access import Read

MODULE = "_x.abi3.so"
WHEEL = "spam-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
#: Bytes that a reader may ask for, as a multiple of the file's and beyond it.
MOST_TIMES, MOST_BYTES = 200, 1 << 22


def counted(data: bytes) -> Read:
    """Return the reader of bytes that asserts that no file is read over and over."""
    left = MOST_BYTES + MOST_TIMES * len(data)
    inner = bytes_reader(data)

    def read(offset: int, size: int) -> bytes:
        nonlocal left
        assert offset >= 0 <= size
        piece = inner(offset, size)
        left -= len(piece)
        assert left >= 0, "the file is read over and over"
        return piece

    return read


def assert_told_in_a_line(facts: list[Fact]) -> None:
    for fact in facts:
        assert not isinstance(fact, Unread) or "\n" not in fact.reason


def binary(data: bytes) -> bool:
    """Check one shared object under the names that decide what it is, and its repair."""
    found = False
    for name in (MODULE, "libx.so.1", "libpython3.12.so.1.0"):
        facts = reader.read_bytes(str(project() / name), counted(data))
        assert_told_in_a_line(facts)
        found |= any(isinstance(fact, Needed) for fact in facts)
    assert_repaired(data)
    return found


def elf(data: bytes) -> bool:
    """Check the ELF reader's answers one by one, then as ``binary``."""
    try:
        read = read_elf(counted(data))
    except MalformedBinary:
        return binary(data)
    for ask in (
        read.version_needs,
        lambda: read.holds((b"PyInit_", b"Py_Main\0")),
        lambda: read.symbols((b"PyInit_", b"Py_")),
        lambda: read.offset_of(read.dynamic_address, "x"),
    ):
        with contextlib.suppress(MalformedBinary):
            ask()
    assert read.pack_entries(read.entries) == data[read.dynamic_offset :][: _size(read)]
    return binary(data)


def _size(read: Elf) -> int:
    return len(read.entries) * read.bits // 4


def assert_repaired(data: bytes) -> None:
    """Assert that a repair takes away the need, once, and nothing but the need."""
    read = counted(data)
    try:
        found = read_shared_object(MODULE, read)
        if found is None or not found.module or not found.libpython:
            return
        patch = plan.plan_patch(found, read)
    except (MalformedBinary, plan.NotRepairable):
        return
    after = patch.apply_to(0, data)
    assert len(after) == len(data)
    start, end = patch.offset, patch.offset + len(patch.new)
    assert after[:start] == data[:start]
    assert after[end:] == data[end:]
    left = read_shared_object(MODULE, bytes_reader(after))
    assert left is not None
    assert left.needed == tuple([name for name in found.needed if not is_libpython(name)])


def zipped(data: bytes) -> bool:
    """Check a wheel: reading, and a repair that gives a right wheel or none."""
    facts = list(reading.facts(WHEEL, io.BytesIO(data), len(data)))
    assert_told_in_a_line(facts)
    assert_wheel_repaired(data)
    return any(isinstance(fact, Needed) for fact in facts)


def assert_wheel_repaired(data: bytes) -> None:
    """Assert that a repaired wheel is a right one, differs where planned, and stays as it is."""
    path, output = project() / WHEEL, project() / "output"
    shutil.rmtree(output, ignore_errors=True)
    path.write_bytes(data)
    try:
        done = repairs.repair(str(path), str(output), unsafe=True)
    except Unreadable as error:
        assert "\n" not in error.reason  # noqa: PT017
        assert not output.exists() or not os.listdir(output)
        return
    assert path.read_bytes() == data
    if done.written is None:
        return
    after = Path(done.written).read_bytes()
    if not done.repaired:
        assert after == data
        return
    _assert_right_wheel(data, after, set(done.repaired))
    again = repairs.repair(done.written, None, unsafe=True)
    assert not again.repaired
    assert Path(done.written).read_bytes() == after


def _assert_right_wheel(before: bytes, after: bytes, repaired: set[str]) -> None:
    with zipfile.ZipFile(io.BytesIO(before)) as old, zipfile.ZipFile(io.BytesIO(after)) as new:
        names = [name for name in old.namelist() if not name.endswith((".jws", ".p7s"))]
        assert [name for name in new.namelist() if name in names] == names
        record = next(name for name in names if name.endswith(".dist-info/RECORD"))
        for name in repaired:
            read_shared_object(name, bytes_reader(new.read(name)))
        for name in set(names) - repaired - {record}:
            assert new.getinfo(name).CRC == old.getinfo(name).CRC
        text = new.read(record).decode("utf-8", "surrogateescape")
        rows = csv.reader(io.StringIO(text, newline=""))
        hashes = {row[0]: row[1] for row in rows if len(row) > 1}
        for name in repaired:
            method, _, digest = hashes[name].partition("=")
            real = hashlib.new(method, new.read(name)).digest()
            assert base64.urlsafe_b64encode(real).decode().rstrip("=") == digest


def tar(data: bytes) -> bool:
    """Check a tar archive, given before it is compressed: the first byte chooses by what."""
    choice, data = data[:1], data[1:]
    if choice < b"\x55":
        return packed("spam-1.0.tar.gz", gzip.compress(data, 1, mtime=0))
    if choice < b"\xaa":
        return packed("spam-1.0.tar.bz2", bz2.compress(data, 1))
    return packed("spam-1.0-0.conda", conda(data))


def conda(tar: bytes) -> bytes:
    """Return a conda package whose content is a tar archive."""
    import zstandard

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archived:
        archived.writestr(zipfile.ZipInfo("metadata.json"), "{}")
        archived.writestr(zipfile.ZipInfo("pkg-spam-1.0-0.tar.zst"), zstandard.compress(tar, 1))
    return made.getvalue()


#: How a compressed stream begins, and what a file of it is called.
STREAMS = {b"\x1f\x8b": "spam-1.0.tar.gz", b"BZ": "spam-1.0.tar.bz2", b"PK": "spam-1.0-0.conda"}


def stream(data: bytes) -> bool:
    """Check compressed bytes, of whatever kind they start like."""
    return packed(STREAMS.get(data[:2], "spam-1.0.tar.gz"), data)


def packed(name: str, data: bytes) -> bool:
    """Check an archive that is read only, under a name that says how it is compressed."""
    facts = list(reading.facts(name, io.BytesIO(data), len(data)))
    assert_told_in_a_line(facts)
    return any(isinstance(fact, Needed) for fact in facts)


def loader_cache(data: bytes) -> bool:
    """Check the reader of ``ld.so.cache``, on which `doctor` rests."""
    return bool(loader_search.parse_cache(data))
