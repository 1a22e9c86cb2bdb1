"""Checking large wheels: `nolibpy check` against `auditwheel show` on the same files.

`auditwheel show` looks at one wheel a call and `nolibpy check` at all in one; both are timed
as a user runs them, in turns, and the median counts. A call of nolibpy for each wheel is
shown beside it, so that what starting Python costs can be told apart, and what it takes to list
the needed libraries of all binaries with pyelftools, which is less than either does. Times are
those of the processor, so that other work on the machine does not count. Peak memory is that
of the largest process. Ends with status 1 where the ratio is under its target, which holds
for twenty wheels or more.

    python benchmarks/wheels.py [--turns N] [--wheels FOLDER] [--only WAY]

Without a folder the wheels are fetched by pip. ``--only`` leaves out the other ways, and so the
target: ``auditwheel show`` takes ten minutes and more.
"""

from __future__ import annotations

import argparse
import io
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import zipfile
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


def scan(wheels: list[str]) -> None:
    """List the needed libraries of all ELF files in the wheels with pyelftools."""
    from elftools.elf.dynamic import DynamicSection
    from elftools.elf.elffile import ELFFile

    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for info in archive.infolist():
                with archive.open(info) as member:
                    if member.read(4) != b"\x7fELF":
                        continue
                elf = ELFFile(io.BytesIO(archive.read(info)))
                for section in elf.iter_sections("SHT_DYNAMIC"):
                    assert isinstance(section, DynamicSection)
                    needed = [tag.needed for tag in section.iter_tags("DT_NEEDED")]
                    print(info.filename, *needed)


def measured(commands: list[list[str]]) -> tuple[float, int]:
    """Return the processor's seconds that the commands take, and the peak in KiB."""
    seconds, peak = 0.0, 0
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
        seconds += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss)
    return seconds, peak


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--wheels", metavar="FOLDER")
    parser.add_argument("--only", action="append", choices=("auditwheel", "pyelftools", "nolibpy"))
    parser.add_argument("--scan", nargs="+", metavar="WHEEL", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.scan:
        scan(args.scan)
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        wheels = wheels_in(args.wheels) if args.wheels else fetched(scratch)
        names = [str(wheel) for wheel in wheels]
        size = sum(wheel.stat().st_size for wheel in wheels)
        nolibpy = [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated", "--quiet"]
        ways = {
            "auditwheel show, each": [
                [sys.executable, "-m", "auditwheel", "show", n] for n in names
            ],
            "pyelftools, all at once": [[sys.executable, __file__, "--scan", *names]],
            "nolibpy check, each": [[*nolibpy, name] for name in names],
            "nolibpy check, all at once": [[*nolibpy, *names]],
        }
        if args.only:
            ways = {way: ways[way] for way in ways if way.split()[0].strip(",") in args.only}
        figures: dict[str, list[tuple[float, int]]] = {way: [] for way in ways}
        for _ in range(args.turns):
            for way, commands in ways.items():
                figures[way].append(measured(commands))
    machine = (
        f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )
    print(f"{len(names)} wheels, {size / 1e6:.0f} MB; {machine}")
    print(f"{'':<28}{'seconds':>9}{'ratio':>8}{'peak MiB':>10}")
    base = statistics.median(seconds for seconds, _ in next(iter(figures.values())))
    ratio = 0.0
    for way, results in figures.items():
        seconds = statistics.median(each for each, _ in results)
        ratio = base / seconds
        peak = max(each for _, each in results) / 1024
        print(f"{way:<28}{seconds:>9.2f}{ratio:>8.1f}{peak:>10.0f}")
    if args.only:
        return 0
    print(f"wanted: at least {TARGET:.0f} times as fast, with 20 wheels or more")
    return 0 if ratio >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
