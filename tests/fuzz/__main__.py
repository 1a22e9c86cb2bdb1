"""Fuzzes readers for as long as is asked: ``python -m tests.fuzz [NAME…] --seconds 60``.

With atheris the inputs follow what they reach (CPython 3.11 and later, Linux); without it
they are drawn like those of the test, from other seeds. An input that breaks a promise is
written to ``corpus/NAME``, where ``test_fuzz.py`` replays it from then on; the status is 1
if there was one. One line a target says what was done.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.fuzz.mutation import mutated
from tests.fuzz.targets import CORPUS, LONGEST, TARGETS

_STATISTIC = re.compile(r"stat::(\w+):\s+(\d+)")
_COVERED = re.compile(r"cov: (\d+) ft: (\d+) corp: (\d+)/")


def guided(name: str, seconds: int) -> tuple[str, bool]:
    """Fuzz a target with atheris. Return its figures, and whether it kept its promises."""
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:  # atheris does not clean up
        command = [sys.executable, "-m", "tests.fuzz.guided", name, str(seconds)]
        done = subprocess.run(
            command,
            env={**os.environ, "TMPDIR": folder, "PYTHONHASHSEED": "0"},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        told = Path(folder, "found")
        hits = told.read_text() if told.exists() else "0"
    said = done.stdout + done.stderr
    if done.returncode:
        last = [*done.stdout.splitlines()[-60:], *done.stderr.splitlines()[-20:]]
        print("\n".join(last), file=sys.stderr)  # what went wrong, and with which input
    statistics = dict(_STATISTIC.findall(said))
    edges, features, inputs = (_COVERED.findall(said) or [("?", "?", "?")])[-1]
    figures = (
        f"{statistics.get('number_of_executed_units', '?')} inputs, {hits} with a fact, "
        f"{edges} edges, {features} features, corpus {inputs}, "
        f"slowest {statistics.get('slowest_unit_time_sec', '?')} s, "
        f"memory {statistics.get('peak_rss_mb', '?')} MiB"
    )
    return figures, not done.returncode


def drawn(name: str, seconds: int) -> tuple[str, bool]:
    """Fuzz a target with drawn inputs. Return as ``guided`` does."""
    target = TARGETS[name]
    seeds, words = target.inputs(), target.dictionary()
    end = time.monotonic() + seconds
    count = hits = 0
    while time.monotonic() < end:
        chance = random.Random(f"{name} {count} long")
        data = mutated(chance.choice(seeds), chance, words, seeds)[:LONGEST]
        data = target.mend(data) if target.mend and chance.random() < 0.8 else data
        count += 1
        try:
            hits += target.check(data)
        except Exception:  # noqa: BLE001  whatever it is, it was promised not to happen
            traceback.print_exc()
            kept = CORPUS / name
            kept.mkdir(parents=True, exist_ok=True)
            (kept / f"crash-{hashlib.sha1(data).hexdigest()}").write_bytes(data)
            return f"{count} inputs, {hits} with a fact", False
    return f"{count} inputs, {hits} with a fact", True


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(TARGETS)
    if unknown:
        parser.error(f"no target is called {', '.join(sorted(unknown))}")
    run = guided if importlib.util.find_spec("atheris") else drawn
    status = 0
    for name in arguments.names or TARGETS:
        started = time.monotonic()
        figures, right = run(name, arguments.seconds)
        status |= not right
        took = time.monotonic() - started
        print(f"{name}: {'right' if right else 'BROKEN'}, {run.__name__}, {took:.0f} s, {figures}")
    return status


if __name__ == "__main__":
    sys.exit(main())
