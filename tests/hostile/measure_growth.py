"""Measures the list of ``growing``: ``python -m tests.hostile.measure_growth [PART OF A NAME]``.

Each file is checked, and fixed where it says so, at 8, 16, 32 and 64 kB, in a process of its
own. What takes more than 2 seconds of processor time or 256 MiB at 64 kB, or grows faster than
n log n without a limit that says so, is told, and the status is 1.
"""

from __future__ import annotations

import math
import resource
import sys
import time

from no_libpython_dlopen.engine import api
from tests.hostile.confined import confined
from tests.hostile.growing import GROWING, Growing, of_size

SIZES = (8_000, 16_000, 32_000, 64_000)
SECONDS, MEGABYTES = 2.0, 256
#: How much more than n log n a step may take: a machine is not always equally fast.
SLACK = 1.6


def measure(growing: Growing, size: int) -> tuple[float, float, bool]:
    """Return the seconds and megabytes that a file takes, and whether a limit cut it."""
    text = of_size(growing, size).encode()

    def work() -> tuple[float, float, bool]:
        before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
        found = api.check_bytes(text, growing.name)
        taken = time.process_time() - begun
        if growing.fixed:
            api.fix_bytes(text, growing.name, unsafe=True)
        memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        return taken, memory, any(one.code == "NLP900" for one in found)

    return confined(work, seconds=60)


def main(part: str = "") -> int:
    """Measure each file whose name has the part; return 1 if one takes too much."""
    failed = 0
    for name, growing in GROWING.items():
        if part not in name:
            continue
        rows = [measure(growing, size) for size in SIZES]
        (_, (seconds, memory, is_cut)) = rows[-2], rows[-1]
        ratio = rows[-1][0] / max(rows[-2][0], 0.05)
        allowed = SLACK * 2 * math.log(SIZES[-1]) / math.log(SIZES[-2])
        bad = seconds > SECONDS or memory > MEGABYTES or (ratio > allowed and not is_cut)
        failed += bad
        times = " ".join(f"{row[0]:.2f}" for row in rows)
        print(f"{'!!' if bad else '  '} {name:50} {times} {memory:.0f} MiB{' cut' * is_cut}")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
