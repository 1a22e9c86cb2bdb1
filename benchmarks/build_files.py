"""What checking build files costs: listfiles of CMake's own wheel, and large projects.

The whole command is run on the listfiles that the wheel ships, in turns with
``cmake --version``; the target is at most one such start per 50 files. ``cmake`` is the
command that pip installs, a Python script; the bare program, which starts faster than any
Python, is shown beside it.

With ``--trees FOLDER`` whole projects are checked as well, each a Debian source package that
``apt-get source`` fetches into the folder unless it is there. Their floor is what nothing that
follows variables on Linux and macOS can do without: a Python that parses each listfile, and
walks the project once for each of the two, from its outermost listfile. (The check walks some
projects a third time, for the fixes, and judges the links.) The targets are three times that for
the build files, and 4 seconds for all files: the loads of Python code, which have nothing to do
with the floor, take most of the time in some projects, and a project without listfiles has none.
What is compared is processor time, which other programs on the machine disturb least.

Prints the figures and ends with status 1 above a target.

    python benchmarks/build_files.py [--turns N] [--trees FOLDER]
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

import cmake

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.real.__main__ import fetch, rows

FILES_A_START = 50
#: Large projects, by Debian's source package.
TREES = ("gnuradio", "kitty", "neuron", "plplot", "rdkit")
MOST_SECONDS, MOST_FLOORS = 4, 3
FLOOR = """
import sys
from pathlib import Path
from no_libpython_dlopen.buildsystems.cmake.interpreter import Interpreter
from no_libpython_dlopen.buildsystems.cmake.model import Model
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Project, listfile
from no_libpython_dlopen.knowledge.target_platforms import DARWIN, LINUX

def parsed(path):
    return listfile(str(path.resolve()), path.read_text("utf-8", "replace"))

tree = Path(sys.argv[1])
for path in tree.rglob("*"):
    if path.suffix == ".cmake" or path.name == "CMakeLists.txt":
        try:
            parsed(path)
        except (OSError, ValueError):
            pass
root = parsed(tree / "CMakeLists.txt")
for platform in (LINUX, DARWIN):
    Interpreter(Project(root), Model(), platform).start(root)
"""
OPTIONS = ("--isolated", "--no-respect-gitignore")
#: As users have it: what Python compiled is kept, so compiling is not what is measured.
COMPILED = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
CHECK = (sys.executable, "-m", "no_libpython_dlopen", "check", *OPTIONS)


def seconds(command: list[str]) -> float:
    """Return how long a command takes."""
    start = time.perf_counter()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def processor_seconds(command: list[str]) -> float:
    """Return how much processor time a command and its children take."""
    before = os.times()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, env=COMPILED)
    after = os.times()
    return (
        after.children_user + after.children_system - before.children_user - before.children_system
    )


def measure_tree(tree: Path, turns: int) -> bool:
    """Print what one project costs; return whether that is above a target."""
    check = [*CHECK, "--jobs", "1", str(tree)]
    build_files = [*check, "--exclude", "*.py,*.ipynb"]
    floor = [sys.executable, "-c", FLOOR, str(tree)]
    has_floor = (tree / "CMakeLists.txt").exists()
    commands = (check, build_files, floor) if has_floor else (check, build_files)
    taken = [tuple(map(processor_seconds, commands)) for _ in range(turns)]
    checked, built, *rest = (statistics.median(values) for values in zip(*taken, strict=True))
    print(f"{tree.name:<12} all files {checked:5.2f} s   build files {built:5.2f} s", end="")
    ratio = built / rest[0] if rest else 0
    print(f"   floor {rest[0]:5.2f} s   ratio {ratio:.2f}" if rest else "")
    return checked > MOST_SECONDS or ratio > MOST_FLOORS


def measure_trees(folder: Path, turns: int) -> bool:
    """Fetch and measure the projects; return whether one is above a target."""
    folder.mkdir(parents=True, exist_ok=True)
    above = False
    print(f"processor time of projects (wanted: {MOST_SECONDS} s and {MOST_FLOORS} floors)")
    for row in rows("sources.tsv"):
        if row["package"] in TREES:
            tree = folder / row["package"]
            reason = None if tree.is_dir() else fetch(row, tree)
            if reason:
                print(f"{tree.name:<12} is not to be had: {reason}")
            above = (reason is None and measure_tree(tree, turns)) or above
    return above


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--trees", type=Path, metavar="FOLDER")
    given = parser.parse_args()
    turns = given.turns
    data = Path(cmake.CMAKE_DATA)
    files = [
        path for path in data.rglob("*") if path.suffix == ".cmake" or path.name == "CMakeLists.txt"
    ]
    check = [*CHECK, str(data)]
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
    above = measure_trees(given.trees, turns) if given.trees else False
    return int(checked > allowed or above)


if __name__ == "__main__":
    raise SystemExit(main())
