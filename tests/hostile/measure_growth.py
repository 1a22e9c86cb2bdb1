"""Measures the lists of ``growing`` and ``pieces``.

``python -m tests.hostile.measure_growth [PART OF A NAME]``; ``pieces`` is a part of all of the
latter.

Each file is checked, and fixed where it says so, at 8, 16, 32 and 64 kB, in a folder and a
process of its own. What takes more than 2 seconds of processor time or 256 MiB at 64 kB, or grows faster than
n log n without a limit that says so, is told, and the status is 1. A fix checks a file at least
twice, and with the time for each pass: it has 6 seconds.

A file of pieces is not written, as long as one may be that is read, and longer. It has 2
seconds and 700 MiB.
"""

from __future__ import annotations

import math
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import CARGO
from tests.hostile.confined import confined
from tests.hostile.growing import GROWING, Growing, of_size
from tests.hostile.pieces import BEYOND, OfPieces, files_of_pieces

SIZES = (8_000, 16_000, 32_000, 64_000)
SECONDS, FIX_SECONDS, MEGABYTES, MEGABYTES_OF_LONGEST = 2.0, 6.0, 256, 700
#: How much more than n log n a step may take: a machine is not always equally fast.
SLACK = 1.6


class Measured(NamedTuple):
    """The processor seconds of a check and of a fix, and the megabytes of both."""

    check: float
    fix: float
    megabytes: float
    is_cut: bool


def measure(growing: Growing, size: int) -> Measured:
    """Return what a file of a size takes, and whether a limit cut its analysis."""
    text = of_size(growing, size).encode()
    with _project() as folder:
        path = os.path.join(folder, growing.name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text)
        return confined(lambda: _measure(growing, text, path), seconds=60)


def measure_pieces(pieces: OfPieces, size: int) -> Measured:
    """Return what a check of so many bytes takes in memory."""
    growing, text = Growing(pieces.name, str), pieces.text(size)
    with _project() as folder:
        path = os.path.join(folder, pieces.name)
        return confined(lambda: _measure(growing, text, path), memory=4 << 30, seconds=20)


@contextmanager
def _project() -> Iterator[str]:
    """Make a folder of an extension module in Rust, which a ``build.rs`` asks for."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "Cargo.toml"), "w", encoding="utf-8") as file:
            file.write(CARGO)
        yield folder


def _measure(growing: Growing, text: bytes, path: str) -> Measured:
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    found = api.check_bytes(text, path)
    checked = time.process_time()
    assert not any("internal error" in one.message for one in found), found
    if growing.fixed:
        api.fix_bytes(text, path, unsafe=True)
    fixed = time.process_time()
    megabytes = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    is_cut = any(one.code == "NLP900" for one in found)
    return Measured(checked - begun, fixed - checked, megabytes, is_cut)


def grows_too_fast(half: float, whole: float) -> bool:
    """Return whether twice the text took more than n log n; short times say nothing."""
    allowed = SLACK * 2 * math.log(SIZES[-1]) / math.log(SIZES[-2])
    return whole / max(half, 0.05) > allowed


def complaint(rows: list[Measured]) -> str:
    """Return what is wrong with the figures of a file, or an empty string."""
    half, whole = rows[-2:]
    if whole.check > SECONDS or whole.fix > FIX_SECONDS or whole.megabytes > MEGABYTES:
        return "too much"
    if not whole.is_cut and grows_too_fast(half.check, whole.check):
        return "check grows"
    return "fix grows" if not whole.is_cut and grows_too_fast(half.fix, whole.fix) else ""


def main(*parts: str) -> int:
    """Measure each file whose name has one of the parts; return 1 if one takes too much."""
    failed = 0
    for name, growing in GROWING.items():
        if parts and not any(part in name for part in parts):
            continue
        try:
            rows = [measure(growing, size) for size in SIZES]
        except AssertionError as killed:
            wrong, shown = str(killed), ""
        else:
            wrong = complaint(rows)
            shown = " ".join(f"{row.check:.2f}" for row in rows)
            if growing.fixed:
                shown += " fix " + " ".join(f"{row.fix:.2f}" for row in rows)
            shown += f" {rows[-1].megabytes:.0f} MiB{' cut' * rows[-1].is_cut}"
        failed += bool(wrong)
        print(f"{'!!' if wrong else '  '} {name:50} {shown} {wrong}", flush=True)
    for pieces in files_of_pieces():
        name = f"pieces: {pieces.name} {pieces.piece!r}"
        if parts and not any(part in name for part in parts):
            continue
        try:
            rows = [measure_pieces(pieces, size) for size in (pieces.longest, BEYOND)]
        except AssertionError as killed:
            wrong, shown = str(killed), ""
        else:
            wrong = "too much" * any(
                row.check > SECONDS or row.megabytes > MEGABYTES_OF_LONGEST for row in rows
            )
            shown = " ".join(f"{row.check:.2f} {row.megabytes:.0f} MiB" for row in rows)
        failed += bool(wrong)
        print(f"{'!!' if wrong else '  '} {name:50} {shown} {wrong}", flush=True)
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
