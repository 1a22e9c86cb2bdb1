"""Checks artefacts in a process of bounded memory: each as it is, truncated, and with wrong lengths.

    python -m tests.binary.damaged_artefacts CUTS LENGTHS ARTEFACT...

``CUTS`` random truncations and ``LENGTHS`` wrong lengths are tried of each. Prints each
deviation: a traceback, a status that is none, a slow check, more than one line about what cannot
be read, or a result that differs from that of the artefact itself without such a line.
"""

from __future__ import annotations

import contextlib
import io
import os
import random
import re
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator

from no_libpython_dlopen.__main__ import main

#: Bytes of address space, as ``ulimit -v`` has them, and seconds of processor time for one check.
_MEMORY, _SECONDS = 1 << 30, 5.0
#: Where a structure begins, and its lengths, offsets and counts: each one's place and bytes.
_FIELDS: tuple[tuple[bytes, tuple[tuple[int, int], ...]], ...] = (
    (rb"PK\x01\x02", ((20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (42, 4))),
    (rb"PK\x03\x04", ((18, 4), (22, 4), (26, 2), (28, 2))),
    (rb"PK\x05\x06", ((8, 2), (10, 2), (12, 4), (16, 4), (20, 2))),
    (rb"\x8e\xad\xe8\x01", ((8, 4), (12, 4))),  # RPM
    (rb"hsqs", (*((at, 4) for at in (4, 12, 16, 22, 26)), *((at, 8) for at in range(32, 96, 8)))),
    (rb"\x7fELF.{4}AI\x02", ((32, 8), (40, 8), (54, 2), (58, 2), (60, 2))),
    (rb"MEI\x0c\x0b\x0a\x0b\x0e", ((8, 4), (12, 4), (16, 4), (20, 4))),  # PyInstaller
)
#: A length as a text: octal in tar, hexadecimal in cpio, decimal in ar. Digests are none.
_DIGITS = (
    (re.compile(rb"(?<![0-9a-f])[0-7]{11}(?=[\0 ])"), b"7"),
    (re.compile(rb"(?<=07070[12])[0-9a-f]{104}"), b"f"),
    (re.compile(rb"\d+(?= *`\n)"), b"9"),
    (re.compile(rb"(?<=\n)\d+(?= (?:path|size|mtime)=)"), b"9"),
)


def check(path: str) -> tuple[int, list[str]]:
    """Return the exit status and the lines of a check."""
    told = io.StringIO()
    with contextlib.redirect_stdout(told), contextlib.redirect_stderr(told):
        status = main(["check", "--isolated", "--quiet", "--output-format=concise", path])
    return status, told.getvalue().splitlines()


def variants(data: bytes, cuts: int, lengths: int) -> Iterator[tuple[str, bytes]]:
    """Yield damaged forms of an artefact, each with the words for it."""
    chance = random.Random(len(data))
    for size in sorted(chance.sample(range(len(data)), cuts)):
        yield f"truncated to {size}", data[:size]
    places: list[tuple[int, bytes]] = []
    for pattern, digit in _DIGITS:
        for found in pattern.finditer(data):
            width = 8 if digit == b"f" else len(found[0])
            places += [(at, digit * width) for at in range(found.start(), found.end(), width)]
    for signature, fields in _FIELDS:
        for found in re.finditer(signature, data, re.DOTALL):
            places += [(found.start() + at, b"\xff" * width) for at, width in fields]
    for at, value in sorted(chance.sample(places, min(lengths, len(places)))):
        yield f"{value!r} at {at}", data[:at] + value + data[at + len(value) :]


def deviation(path: str, expected: tuple[int, list[str]]) -> str:
    """Return what is wrong with the check of a damaged artefact, or nothing."""
    started = time.process_time()
    try:
        found = check(path)
    except BaseException as error:  # noqa: BLE001  the command is to say so itself
        return f"{type(error).__name__}: {error}"
    taken = time.process_time() - started
    status, lines = found
    unread = [line for line in lines if "NLP900" in line]
    if taken > _SECONDS:
        return f"{taken:.1f} s"
    if any("Traceback" in line or "internal error" in line for line in lines):
        return "\n".join(lines[:5])
    if found != expected and not (status == 2 and unread):
        return f"status {status}, {lines[:3]}"
    return f"{len(unread)} lines: {unread[:3]}" if len(unread) > 3 else ""


def run(paths: list[str], cuts: int, lengths: int) -> int:
    """Check all and return the exit status."""
    expected = {path: check(path) for path in paths}
    for path, (status, lines) in expected.items():
        if (status, len(lines)) == (0, 0):
            print(f"{os.path.basename(path)}: nothing is found in it")
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    wrong = 0
    for path in paths:
        with open(path, "rb") as file:
            data = file.read()
        with tempfile.TemporaryDirectory() as folder:
            damaged = os.path.join(folder, os.path.basename(path))
            shutil.copyfile(path, damaged)
            same = [line.replace(path, damaged) for line in expected[path][1]]
            for words, content in variants(data, cuts, lengths):
                with open(damaged, "wb") as file:
                    file.write(content)
                problem = deviation(damaged, (expected[path][0], same))
                if problem:
                    wrong += 1
                    print(f"{os.path.basename(path)}: {words}: {problem}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[3:], int(sys.argv[1]), int(sys.argv[2])))
