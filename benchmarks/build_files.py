"""What checking build files costs: all listfiles that CMake's own wheel ships.

The whole command is run on them, in turns with ``cmake --version``; the target is at
most one such start per 50 files. ``cmake`` is the command that pip installs, a Python
script; the bare program, which starts faster than any Python, is shown beside it.
Prints the figures and ends with status 1 above the target.

    python benchmarks/build_files.py [--turns N]
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import cmake

FILES_A_START = 50


def seconds(command: list[str]) -> float:
    """Return how long a command takes."""
    start = time.perf_counter()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=5)
    turns = parser.parse_args().turns
    data = Path(cmake.CMAKE_DATA)
    files = [
        path for path in data.rglob("*") if path.suffix == ".cmake" or path.name == "CMakeLists.txt"
    ]
    options = ["--isolated", "--no-respect-gitignore"]
    check = [sys.executable, "-m", "no_libpython_dlopen", "check", *options, str(data)]
    start = [str(Path(sys.executable).parent / "cmake"), "--version"]
    bare = [str(Path(cmake.CMAKE_BIN_DIR) / "cmake"), "--version"]
    taken = [(seconds(check), seconds(start), seconds(bare)) for _ in range(turns)]
    checked, started, alone = (statistics.median(values) for values in zip(*taken, strict=True))
    allowed = started * len(files) / FILES_A_START
    print(f"{platform.platform()}, Python {platform.python_version()}, median of {turns}")
    print(f"listfiles                        {len(files)}")
    print(f"nolibpy check, whole command     {checked:.2f} s")
    print(f"cmake --version                  {started:.3f} s")
    print(f"the bare program                 {alone:.3f} s")
    print(f"one cmake --version per {FILES_A_START} files {allowed:.2f} s")
    print(f"ratio                            {checked / allowed:.2f} (wanted: at most 1)")
    return int(checked > allowed)


if __name__ == "__main__":
    raise SystemExit(main())
