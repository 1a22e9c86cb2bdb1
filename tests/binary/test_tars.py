"""Tar archives of every format, held against ``tarfile`` and made by ``tar``."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from no_libpython_dlopen.binary.archives.seekable_stream import Budget
from no_libpython_dlopen.binary.archives.tars import tar_members
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary

NAMES = [
    "a.so",
    "./pkg/b.so",
    "x" * 99,
    "y" * 100,
    "z" * 101 + "/" + "w" * 99,
    "v" * 150 + "/" + "u" * 200,
    "päck/ü.so",
    "\udcff/bytes.so",
    "with\nline.so",
]


def read_all(data: bytes) -> dict[str, bytes | str]:
    """Return the members' contents, or what is said of those that are not read."""
    found: dict[str, bytes | str] = {}
    for member in tar_members(io.BytesIO(data), Budget(1 << 20)):
        found[member.path] = member.problem or (member.read(0, 1 << 20) if member.read else b"")
    return found


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_format_is_read_as_tarfile_reads_it(form: int) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=form) as archive:
        for number, name in enumerate(NAMES):
            if form == tarfile.USTAR_FORMAT and len(name) > 255:
                continue
            info = tarfile.TarInfo(name)
            data = bytes([number]) * (511 + number)
            info.size = len(data)
            info.linkname = "l" * 200 if form != tarfile.USTAR_FORMAT else ""
            info.mtime = 1.5 if form == tarfile.PAX_FORMAT else 1
            archive.addfile(info, io.BytesIO(data))
            for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
                other = tarfile.TarInfo(f"{number}-{kind!r}")
                other.type = kind
                other.linkname = "a.so"
                archive.addfile(other)
    data = made.getvalue()
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        theirs = {
            info.name.removeprefix("./"): stream.read()
            for info in archive
            if info.isreg() and (stream := archive.extractfile(info))
        }
    assert read_all(data) == theirs
    assert len(theirs) >= 8


@pytest.mark.skipif(shutil.which("tar") is None, reason="needs tar")
@pytest.mark.parametrize(
    "options",
    [
        ["--format=gnu"],
        ["--format=pax", "--sparse-version=0.0"],
        ["--format=pax", "--sparse-version=0.1"],
        ["--format=pax", "--sparse-version=1.0"],
    ],
)
def test_a_sparse_file_is_told_and_what_follows_is_read(tmp_path: Path, options: list[str]) -> None:
    with open(tmp_path / "holes.so", "wb") as file:
        for number in range(60):
            file.seek(number << 20)
            file.write(b"data" * 2000)
    (tmp_path / "next.so").write_bytes(b"next")
    command = ["tar", "-C", str(tmp_path), *options, "-c", "--sparse", "-f", "-"]
    made = subprocess.run([*command, "holes.so", "next.so"], capture_output=True, check=True)
    found: dict[str, str] = {}
    for member in tar_members(io.BytesIO(made.stdout), Budget(1 << 20)):
        found[member.path] = member.problem
        if member.path == "next.so":
            assert member.read is not None
            assert member.read(0, 9) == b"next"
    assert found == {"holes.so": "is a sparse file, which is not supported", "next.so": ""}


def header(kind: bytes, data: bytes, name: str = "x") -> bytes:
    """Return a header of any type and the data behind it."""
    info = tarfile.TarInfo(name)
    info.type = kind
    info.size = len(data)
    return info.tobuf(tarfile.USTAR_FORMAT) + data + bytes(-len(data) % 512)


def record(key: str, value: str) -> bytes:
    rest = f" {key}={value}\n".encode()
    length = len(rest) + len(str(len(rest) + 1))
    return str(length).encode() + rest


END = bytes(1024)


def test_global_records_hold_until_a_member_s_own() -> None:
    data = header(b"g", record("path", "all.so")) + header(b"0", b"1", "a.so")
    data += header(b"x", record("path", "own.so") + record("comment", "c")) + header(b"0", b"2")
    assert read_all(data + END) == {"all.so": b"1", "own.so": b"2"}


def test_the_size_in_an_extended_header_counts() -> None:
    data = header(b"x", record("size", "5")) + header(b"0", b"", "a.so") + b"12345" + bytes(507)
    assert read_all(data + header(b"0", b"2", "b.so") + END) == {"a.so": b"12345", "b.so": b"2"}


@pytest.mark.parametrize(
    "records",
    [
        b"9" * 900,
        b"0 path=a\n",
        b"5 path=a\n",
        b"99 path=a\n",
        b"-9 path=a\n",
        b"path=a\n",
        b"9 path=ab",
        record("size", "-1"),
        record("size", "9" * 30),
        record("size", "1e3"),
        record("size", str(1 << 62)),
    ],
)
def test_an_extended_header_that_contradicts_itself_is_one_clause(records: bytes) -> None:
    with pytest.raises(MalformedBinary, match="corrupt: an extended header"):
        read_all(header(b"x", records) + header(b"0", b"1", "a.so") + END)


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (b"", "truncated: it ends after 1024 bytes"),
        (b"x" * 100, "truncated: it ends after 1124 bytes"),
        (b"x" * 512, "corrupt: a member's header, at byte 1024, is invalid"),
        (bytes(511) + b"x", "corrupt: a member's header, at byte 1024, is invalid"),
    ],
)
def test_what_follows_the_last_member_must_be_its_end(end: bytes, reason: str) -> None:
    with pytest.raises(MalformedBinary, match=reason):
        read_all(header(b"0", b"1", "a.so") + end)
