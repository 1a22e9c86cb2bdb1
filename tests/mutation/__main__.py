"""Changes of the parts on which safety depends, a sample: some test must notice each.

``python -m tests.mutation [ROOM ...] [--count 40] [--seed 24]`` takes so many places in each
room of ``rooms.py``. A room's tests run once under coverage; then each change is tried with
those that reach its line, the quickest first, for a minute at most. What no test noticed is
printed, and the figures of each room. The tree is not changed: a copy is.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.mutation.changes import ON_IMPORT, Change, changes
from tests.mutation.rooms import ROOMS, Room

ROOT = Path(__file__).parents[2]
PACKAGE = "src/no_libpython_dlopen"
#: Seconds of tests for one change; whoever takes much longer than they did is in a loop.
MOST_SECONDS, SLACK = 60.0, 60.0


class Reached(NamedTuple):
    """What the tests of a room do without a change."""

    seconds: dict[str, float]
    tests: dict[str, dict[str, list[str]]]  # by module and line

    def tests_of(self, module: str, change: Change) -> list[str]:
        """Return the tests that reach a change, the quickest first.

        What runs when a module is imported is reached by all that reach the module.
        """
        by_line = self.tests.get(module, {})
        first, last = change.head
        lines = map(str, range(first, last + 1)) if change.head != ON_IMPORT else by_line
        found = {name for line in lines for name in by_line.get(line, ())}
        names = sorted(found, key=lambda name: (self.seconds[name], name))
        total = itertools.accumulate(self.seconds[name] for name in names)
        return [name for name, spent in zip(names, total, strict=True) if spent < MOST_SECONDS]


def pytest(tree: Path, tests: list[str], *options: str, timeout: float | None = None) -> int:
    """Run tests in a copy of the tree, the named plugin of this package perhaps among them."""
    listed = tree / ".tests"
    listed.write_text("\n".join(tests), encoding="utf-8")
    words = [sys.executable, "-m", *options, "-n0", "-q", "-p", "no:cacheprovider", f"@{listed}"]
    environment = {"PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        [*words, f"--basetemp={tree}.tmp"],
        cwd=tree,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as running:
        try:
            return running.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, 9)
            return 1


def modules_of(tree: Path, room: Room) -> list[str]:
    """Return the modules of a room, relative to the tree."""
    found: list[Path] = []
    for name in room.modules:
        path = tree / PACKAGE / name
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [str(path.relative_to(tree)) for path in found]


def measure(tree: Path, room: Room) -> Reached:
    """Return which tests reach which lines of a room's modules."""
    target = tree / ".reached"
    target.unlink(missing_ok=True)
    os.environ["MUTATION_REACHED"] = str(target)
    os.environ["MUTATION_MODULES"] = os.pathsep.join(modules_of(tree, room))
    if status := pytest(tree, [*room.tests], "pytest", "-p", "tests.mutation.recorder"):
        sys.exit(f"the tests fail without any change: status {status}")
    return Reached(**json.loads(target.read_text(encoding="utf-8")))


def sample(tree: Path, room: Room, count: int, seed: int) -> Iterator[tuple[str, Change]]:
    """Yield the modules and changes that are tried: one at each place."""
    places: list[tuple[str, list[Change]]] = []
    for module in modules_of(tree, room):
        found = changes((tree / module).read_text(encoding="utf-8"))
        at_place = itertools.groupby(sorted(found), key=lambda change: (change.start, change.end))
        places += [(module, list(group)) for _, group in at_place]
    chance = random.Random(seed)
    for module, group in chance.sample(places, min(count, len(places))):
        yield module, chance.choice(group)


def is_noticed(tree: Path, module: str, change: Change, reached: Reached) -> bool:
    """Tell whether a test fails with the change."""
    tests = reached.tests_of(module, change)
    if not tests:
        return False
    path = tree / module
    source = path.read_text(encoding="utf-8")
    path.write_text(change.applied(source), encoding="utf-8")
    seconds = sum(reached.seconds[name] for name in tests)
    try:
        return pytest(tree, tests, "pytest", "-x", timeout=SLACK + 5 * seconds) != 0
    finally:
        path.write_text(source, encoding="utf-8")


def copy_of_the_tree(folder: Path) -> Path:
    """Copy what git knows, as it is in the working tree."""
    tree = folder / "tree"
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, tree / name)
    return tree


def main() -> int:
    """Try the changes; return 1 if one is not noticed."""
    parser = argparse.ArgumentParser(prog="tests.mutation", description=__doc__)
    parser.add_argument("rooms", nargs="*", help=", ".join(ROOMS))
    parser.add_argument("--count", type=int, default=40, help="places in each room")
    parser.add_argument("--seed", type=int, default=24)
    options = parser.parse_args()
    survived = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = copy_of_the_tree(Path(folder))
        for name in options.rooms or ROOMS:
            reached = measure(tree, ROOMS[name])
            tried = passed = 0
            for module, change in sample(tree, ROOMS[name], options.count, options.seed):
                tried += 1
                if not is_noticed(tree, module, change, reached):
                    passed += 1
                    shown = change.shown((tree / module).read_text(encoding="utf-8"))
                    reach = len(reached.tests_of(module, change))
                    print(f"{module}:{change.line}: {shown} ({reach} tests)", flush=True)
            print(f"{name}: {tried} changes, {passed} not noticed", flush=True)
            survived += passed
    return min(survived, 1)


if __name__ == "__main__":
    sys.exit(main())
