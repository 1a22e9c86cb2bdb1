"""Checking large wheels: `nolibpy check` against `auditwheel show` on the same files.

`auditwheel show` looks at one wheel a call and `nolibpy check` at all in one; both are timed
as a user runs them, in turns, and the median counts. A call of nolibpy for each wheel is
shown beside it, so that what starting Python costs can be told apart. Peak memory is that
of the largest process. Ends with status 1 where the ratio is under its target, which holds
for twenty wheels or more.

    python benchmarks/wheels.py [--turns N] [--wheels FOLDER]

Without a folder the wheels are fetched by pip.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TARGET = 10.0
PACKAGES = (
    *("numpy", "scipy", "pandas", "matplotlib", "scikit-learn", "pyarrow", "lxml", "pillow"),
    *("h5py", "numba", "llvmlite", "shapely", "rasterio", "pyproj", "astropy", "scikit-image"),
    *("statsmodels", "grpcio", "tables", "opencv-python-headless", "onnxruntime", "vtk"),
)


def fetched(folder: str) -> list[Path]:
    """Download the wheels and return those that are for this platform alone."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    subprocess.run([*command, "--only-binary=:all:", "-d", folder, *PACKAGES], check=True)
    return wheels_in(folder)


def wheels_in(folder: str) -> list[Path]:
    """Return the wheels in a folder that auditwheel takes."""
    return sorted(path for path in Path(folder).glob("*.whl") if "linux" in path.name)


def measured(commands: list[list[str]]) -> tuple[float, int]:
    """Return the seconds that the commands take one after the other, and the peak in KiB."""
    started = time.perf_counter()
    peak = 0
    for command in commands:
        process = os.posix_spawnp(
            command[0],
            command,
            os.environ,
            file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
        )
        _, status, usage = os.wait4(process, 0)
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            raise SystemExit(f"{' '.join(command)[:200]}: exit status {status}")
        peak = max(peak, usage.ru_maxrss)
    return time.perf_counter() - started, peak


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--wheels", metavar="FOLDER")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        wheels = wheels_in(args.wheels) if args.wheels else fetched(scratch)
        names = [str(wheel) for wheel in wheels]
        size = sum(wheel.stat().st_size for wheel in wheels)
        nolibpy = [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated", "--quiet"]
        ways = {
            "auditwheel show, each": [
                [sys.executable, "-m", "auditwheel", "show", n] for n in names
            ],
            "nolibpy check, each": [[*nolibpy, name] for name in names],
            "nolibpy check, all at once": [[*nolibpy, *names]],
        }
        figures: dict[str, list[tuple[float, int]]] = {way: [] for way in ways}
        for _ in range(args.turns):
            for way, commands in ways.items():
                figures[way].append(measured(commands))
    machine = (
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )
    print(f"{len(names)} wheels, {size / 1e6:.0f} MB; {machine}")
    print(f"{'':<28}{'seconds':>9}{'ratio':>8}{'peak MiB':>10}")
    base = statistics.median(seconds for seconds, _ in figures["auditwheel show, each"])
    ratio = 0.0
    for way, results in figures.items():
        seconds = statistics.median(each for each, _ in results)
        ratio = base / seconds
        peak = max(each for _, each in results) / 1024
        print(f"{way:<28}{seconds:>9.2f}{ratio:>8.1f}{peak:>10.0f}")
    print(f"wanted: at least {TARGET:.0f} times as fast, with 20 wheels or more")
    return 0 if ratio >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
