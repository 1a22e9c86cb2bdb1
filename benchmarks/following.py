"""What following imports costs: the check of a tree with it and without it.

    python benchmarks/following.py [--turns N] TREE...

Whole processes are timed in turns, in one job each, and the median of the ratios of
neighbouring runs counts. Processor time is compared, which hardly depends on other programs.
Ends with status 1 where following takes more than a twentieth.

The target is missed: of the 15,443 files of the large tree of ``run.py`` 30 call a loader or give
libpython's name and lack the other, and 67 hand a Python a text under a name. 200 modules that
these import, directly or by way of another, are found, read and searched, which takes 0.085 s of
1.35 s: 22 ms to find their imports, 25 ms to find the files of these, 23 ms to look for a part
of libpython's name. Two of the 30 are parsed by ``ast``, in 0.04 s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys

TARGET = 1.05
#: Starts the command line; without imports no file has neighbours to import from.
CHECK = """
import sys
from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.python.project import import_graph, import_prefilter
if sys.argv[1] == "alone":
    import_graph.is_on_disk = import_prefilter.is_on_disk = lambda path: False
options = ["check", "--isolated", "--no-respect-gitignore", "--jobs=1", "--quiet"]
sys.exit(main([*options, *sys.argv[2:]]))
"""


def seconds(way: str, trees: list[str]) -> float:
    """Return the processor time of one check. Raises ``SystemExit`` where it fails."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHECK, way, *trees],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"the check ended with status {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=5, help="pairs of runs (default: 5)")
    parser.add_argument("trees", nargs="+", metavar="TREE")
    args = parser.parse_args()
    pairs = [
        (seconds("following", args.trees), seconds("alone", args.trees)) for _ in range(args.turns)
    ]
    ratio = statistics.median(first / second for first, second in pairs)
    ours, alone = (statistics.median(values) for values in zip(*pairs, strict=True))
    print(f"{ours:.2f} s with imports, {alone:.2f} s without, ratio {ratio:.3f}")
    return int(ratio > TARGET)


if __name__ == "__main__":
    sys.exit(main())
