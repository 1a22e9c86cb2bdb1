"""What the run-time guard costs: per audit event, at start-up, and on importing scipy.

Runs with and without the guard take turns, in changing order, and the time of the processor
is counted, so that what else the machine does falls on neither or on both; the median of the
differences counts. An audit hook and a ``.pth`` file that do nothing are measured beside
them: Python itself makes that part of the cost, whatever the hook and the file do.
Prints a table and ends with status 1 where a figure is over its target.

    python benchmarks/guard.py [--turns N] [PYTHON...]
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

SRC = Path(__file__).parents[1] / "src"

#: Microseconds that one event costs more with the guard: the best of some rounds of each.
EVENT = """
import sys, time, timeit
def cost():
    code = lambda: sys.audit({event})
    return min(timeit.repeat(code, timer=time.thread_time, number=5000, repeat=90)) / 5000 * 1e6
before = cost()
from no_libpython_dlopen.runtime import install
install()
print(cost() - before)
"""
EVENTS = {
    "open": '"open", "name", "r", 0',
    "object.__getattr__": '"object.__getattr__", None, "name"',
    "import of a Python module": '"import", "name", None, None, None, None',
}
#: Seconds of the processor that code takes in its thread, after something has started: numpy
#: starts threads that are none of ours.
TIMED = """
import sys, time
{start}
start = time.thread_time()
{code}
print(time.thread_time() - start)
"""
NOTHING = ""
EMPTY_HOOK = "sys.addaudithook(lambda event, args: None)"
GUARD = "from no_libpython_dlopen.runtime import install; install()"
#: Most of scipy is loaded on demand; the second is all of its public part. That copies its
#: docstrings, at 60,000 events, so that an empty hook takes most of what the target allows.
SCIPY = {
    "import scipy": "import scipy",
    "all of scipy": """
import scipy.cluster, scipy.fft, scipy.integrate, scipy.interpolate, scipy.io, scipy.linalg
import scipy.ndimage, scipy.optimize, scipy.signal, scipy.sparse, scipy.spatial, scipy.special
import scipy.stats
""",
}
TARGETED = ("import scipy",)
ANY_FILE, ENABLED = "any .pth file", "guard enabled, off"
#: Milliseconds that a start may take longer; for one that is off, than with any ``.pth`` file,
#: for the first of which Python 3.13 imports a codec.
STARTS = {ENABLED: 0.4, "NOLIBPY_GUARD=warn": 5.0}


def run(python: str, code: str) -> float:
    """Return the number that code prints. Raises ``subprocess.CalledProcessError``."""
    environment = {**os.environ, "PYTHONPATH": str(SRC)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # or every run compiles the guard anew
    command = [python, "-c", code]
    result = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True, timeout=600
    )
    return float(result.stdout)


def compare(python: str, code: str, count: int) -> tuple[float, float, float]:
    """Return median seconds without anything, and what an empty hook and the guard add.

    The kinds take turns, in changing order; each addition is the median of the differences
    to the plain run of the same turn.
    """
    starts = [NOTHING, EMPTY_HOOK, GUARD]
    for start in starts:  # fills the caches of files and of bytecode
        run(python, TIMED.format(start=start, code=code))
    turns = []
    for number in range(count):
        order = starts[number % 3 :] + starts[: number % 3]
        turns.append({start: run(python, TIMED.format(start=start, code=code)) for start in order})
    plain, empty, guard = (
        statistics.median(turn[start] - (turn[NOTHING] if start else 0) for turn in turns)
        for start in starts
    )
    return plain, empty, guard


def installing(python: str, count: int) -> float:
    """Return the median milliseconds that importing and installing the guard takes."""
    code = TIMED.format(start=NOTHING, code=GUARD)
    return statistics.median(run(python, code) for _ in range(count)) * 1000


def start(command: list[str], variables: dict[str, str]) -> float:
    """Return the milliseconds of the processor that a process and its children take."""
    taken = {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}
    process = os.posix_spawn(command[0], command, {**taken, **variables})
    _, status, usage = os.wait4(process, 0)
    if status:
        raise subprocess.CalledProcessError(status, command)
    return (usage.ru_utime + usage.ru_stime) * 1000


def starting(python: str, count: int) -> tuple[float, dict[str, float]]:
    """Return the milliseconds of a start in a virtual environment, and what is added to it."""
    with tempfile.TemporaryDirectory() as folder:
        pythons = {}
        for name in ("plain", "comment", "enabled"):
            home = Path(folder, name)
            subprocess.run([python, "-m", "venv", "--without-pip", home], check=True)
            pythons[name] = str(home / "bin/python")
        (site,) = Path(folder, "comment").rglob("site-packages")
        (site / "comment.pth").write_text("# nothing\n")
        source = {"PYTHONPATH": str(SRC)}
        nolibpy = [sys.executable, "-m", "no_libpython_dlopen"]
        enable = [*nolibpy, "guard", "enable", "--python", pythons["enabled"]]
        subprocess.run(enable, env={**os.environ, **source}, check=True, capture_output=True)
        empty = ["-c", "pass"]
        kinds: dict[str, tuple[list[str], dict[str, str]]] = {
            "plain": ([pythons["plain"], *empty], {}),
            ANY_FILE: ([pythons["comment"], *empty], {}),
            ENABLED: ([pythons["enabled"], *empty], {}),
            "NOLIBPY_GUARD=warn": ([pythons["enabled"], *empty], {"NOLIBPY_GUARD": "warn"}),
            "nolibpy run": ([python, *nolibpy[1:], "run", *empty], source),
        }
        for _ in range(2):  # fills the caches of files and of bytecode
            for kind in kinds.values():
                start(*kind)
        turns = []
        names = list(kinds)
        for number in range(count):
            first = number % len(names)
            order = names[first:] + names[:first]
            turns.append({name: start(*kinds[name]) for name in order})
    added = {
        name: statistics.median(turn[name] - turn["plain"] for turn in turns) for name in names[1:]
    }
    return statistics.median(turn["plain"] for turn in turns), added


def measure(python: str, count: int) -> bool:
    """Print the figures of one interpreter; return whether all are within their targets."""
    version = subprocess.run([python, "-VV"], capture_output=True, text=True, check=True).stdout
    print(f"\n{python}: {version.strip()}")
    good = True
    for name, arguments in EVENTS.items():
        cost = statistics.median(run(python, EVENT.format(event=arguments)) for _ in range(3))
        good &= cost <= 0.5
        print(f"  {'event ' + name:<34} {cost:6.3f} us    target: at most 0.5")
    print(f"  {'import and install the guard':<34} {installing(python, count):6.2f} ms")
    plain, added = starting(python, count * 2)
    for name, cost in added.items():
        limit = STARTS.get(name)
        own = cost - (added[ANY_FILE] if name == ENABLED else 0)
        good &= limit is None or own <= limit
        wanted = f"    target: at most {limit}" if limit else ""
        print(f"  {'start, ' + name:<34} {cost:+6.2f} ms, {1 + cost / plain:.2f} times{wanted}")
    has_scipy = subprocess.run([python, "-c", "import scipy"], capture_output=True, check=False)
    if has_scipy.returncode:
        print("  scipy is not installed there: pip install scipy")
        return good
    for name, code in SCIPY.items():
        target = name in TARGETED
        plain, empty, guard = compare(python, code, count * (4 if target else 1))
        good &= guard <= 0.03 * plain or not target
        print(
            f"  {name:<34} {guard / plain:+6.2%} of {plain * 1000:.0f} ms"
            f"{', target: at most 3 %' if target else ''}; a hook that does nothing: "
            f"{empty / plain:+.2%}"
        )
    return good


def main() -> int:
    """Measure the interpreters that are named, by default the running one."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=21)
    parser.add_argument("pythons", nargs="*", default=[sys.executable], metavar="PYTHON")
    arguments = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} processors")
    results = [measure(python, arguments.turns) for python in arguments.pythons]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
