"""Damages bytes in the ways in which files are damaged, always the same from one seed.

A generator knows words, and parts of other seeds; it also mends what no damage gets past:
the checksums of archives, whose readers would otherwise be asked for nothing but those.
"""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Sequence
from struct import pack_into, unpack_from

#: Numbers at the edges of their types, and what lies next to them.
_NUMBERS = [0, 1, 2, 3, 7, 8, 16, 64, 0x7F, 0x80, 0xFF, 0xFFFF, 0x10000, 1 << 31, (1 << 32) - 1]
_NUMBERS += [(1 << 62), (1 << 63) - 1, 1 << 63, (1 << 64) - 1]
_TAR_BLOCK = 512


def mutated(
    data: bytes, chance: random.Random, words: Sequence[bytes], others: Sequence[bytes]
) -> bytes:
    """Return ``data`` with one to five changes."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 2, 3, 5))):
        at = chance.randint(0, len(made))
        end = min(len(made), at + chance.choice((0, 1, 1, 2, 4, 8, 30)))
        kind = chance.randrange(8)
        if kind == 0:
            made[at:end] = b""
        elif kind == 1:
            made[at:end] = made[at:end] * chance.choice((2, 2, 3, 40))
        elif kind in (2, 3) and words:
            made[at : chance.choice((at, end))] = chance.choice(words)
        elif kind == 4 and others:
            made[at:at] = _line(chance.choice(others), chance)
        elif kind == 5:
            made[at:end] = chance.randbytes(end - at)
        elif kind == 6:
            lines = made.splitlines(keepends=True)
            if lines:
                moved = lines.pop(chance.randrange(len(lines)))
                lines.insert(chance.randint(0, len(lines)), moved)
                made = bytearray(b"".join(lines))
        else:
            size = chance.choice((1, 2, 4, 8))
            order = chance.choice(("little", "big"))
            number = (chance.choice(_NUMBERS) + chance.randint(-2, 2)) % (1 << 8 * size)
            made[at : at + size] = number.to_bytes(size, order)
    return bytes(made)


def _line(data: bytes, chance: random.Random) -> bytes:
    """Return a few lines of another file."""
    lines = data.splitlines(keepends=True)
    if not lines:
        return b""
    at = chance.randrange(len(lines))
    return b"".join(lines[at : at + chance.choice((1, 1, 3))])[:4096]


def with_crcs(data: bytes) -> bytes:
    """Return a zip archive whose stored members have the checksums that they ask for."""
    made = bytearray(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entry = archive.start_dir
            for info in archive.infolist():
                at = info.header_offset
                if info.compress_type == zipfile.ZIP_STORED and data[at : at + 4] == b"PK\3\4":
                    start = at + 30 + sum(unpack_from("<HH", made, at + 26))
                    checksum = zlib.crc32(made[start : start + info.compress_size])
                    pack_into("<I", made, at + 14, checksum)
                    pack_into("<I", made, entry + 16, checksum)
                entry += 46 + sum(unpack_from("<3H", made, entry + 28))
    except Exception:  # noqa: BLE001  too much is broken for checksums to matter
        return data
    return bytes(made)


def with_tar_checksums(data: bytes) -> bytes:
    """Return a tar archive, behind one byte, whose headers have right checksums."""
    made = bytearray(data)
    for at in range(1, len(made) - _TAR_BLOCK + 1, _TAR_BLOCK):
        if made[at + 257 : at + 262] == b"ustar":
            made[at + 148 : at + 156] = b" " * 8
            checksum = sum(made[at : at + _TAR_BLOCK])
            made[at + 148 : at + 156] = b"%06o\0 " % checksum
    return bytes(made)
