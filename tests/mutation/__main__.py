"""Mutants of the parts on which safety depends, a sample: some test must kill each.

``python -m tests.mutation [TARGET ...] [--count 40] [--seed 24]`` takes so many places in each
target of ``targets.py``. A target's tests run once under coverage; then each mutant meets those
that cover its line, the quickest first, for a minute at most. The mutants that survived are
printed, and the figures of each target. The tree is not mutated: a copy is.
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

from tests.mutation.mutants import ON_IMPORT, Mutant, mutants
from tests.mutation.targets import TARGETS, Target

ROOT = Path(__file__).parents[2]
PACKAGE = "src/no_libpython_dlopen"
#: Seconds of tests for one mutant; whoever takes much longer than they did is in a loop.
MOST_SECONDS, SLACK = 60.0, 60.0


class Covering(NamedTuple):
    """The tests of a target: how long they take, and what they cover."""

    seconds: dict[str, float]
    tests: dict[str, dict[str, list[str]]]  # by module and line
    failed: list[str]  # they fail without a mutant, and are left out

    def tests_of(self, module: str, mutant: Mutant) -> list[str]:
        """Return the tests that cover a mutant, the quickest first.

        What runs when a module is imported is covered by all that cover the module.
        """
        by_line = self.tests.get(module, {})
        first, last = mutant.head
        lines = map(str, range(first, last + 1)) if mutant.head != ON_IMPORT else by_line
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


def modules_of(tree: Path, target: Target) -> list[str]:
    """Return the modules of a target, relative to the tree."""
    found: list[Path] = []
    for name in target.modules:
        path = tree / PACKAGE / name
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [str(path.relative_to(tree)) for path in found]


def measure(tree: Path, target: Target) -> Covering:
    """Return which tests cover which lines of a target's modules."""
    noted = tree / ".covering"
    noted.unlink(missing_ok=True)
    os.environ["MUTATION_COVERAGE"] = str(noted)
    os.environ["MUTATION_MODULES"] = os.pathsep.join(modules_of(tree, target))
    status = pytest(tree, [*target.tests], "pytest", "-p", "tests.mutation.recorder")
    if status not in (0, 1) or not noted.exists():
        sys.exit(f"the tests cannot be run: status {status}")
    covering = Covering(**json.loads(noted.read_text(encoding="utf-8")))
    for name in covering.failed:
        print(f"{name}: fails without a mutant", flush=True)
    return covering


def sample(tree: Path, target: Target, count: int, seed: int) -> Iterator[tuple[str, Mutant]]:
    """Yield modules and their mutants, one for each place."""
    places: list[tuple[str, list[Mutant]]] = []
    for module in modules_of(tree, target):
        found = mutants((tree / module).read_text(encoding="utf-8"))
        at_place = itertools.groupby(sorted(found), key=lambda mutant: (mutant.start, mutant.end))
        places += [(module, list(group)) for _, group in at_place]
    chance = random.Random(seed)
    for module, group in chance.sample(places, min(count, len(places))):
        yield module, chance.choice(group)


def is_killed(tree: Path, module: str, mutant: Mutant, covering: Covering) -> bool:
    """Tell whether a test fails with the mutant."""
    tests = covering.tests_of(module, mutant)
    if not tests:
        return False
    path = tree / module
    source = path.read_text(encoding="utf-8")
    path.write_text(mutant.apply(source), encoding="utf-8")
    seconds = sum(covering.seconds[name] for name in tests)
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
    """Run the tests on the mutants; return 1 if one survived."""
    parser = argparse.ArgumentParser(prog="tests.mutation", description=__doc__)
    parser.add_argument("targets", nargs="*", help=", ".join(TARGETS))
    parser.add_argument("--count", type=int, default=40, help="places in each target")
    parser.add_argument("--seed", type=int, default=24)
    options = parser.parse_args()
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = copy_of_the_tree(Path(folder))
        for name in options.targets or TARGETS:
            covering = measure(tree, TARGETS[name])
            tried = survived = 0
            for module, mutant in sample(tree, TARGETS[name], options.count, options.seed):
                tried += 1
                if not is_killed(tree, module, mutant, covering):
                    survived += 1
                    shown = mutant.describe((tree / module).read_text(encoding="utf-8"))
                    tests = len(covering.tests_of(module, mutant))
                    print(f"{module}:{mutant.line}: {shown} ({tests} tests)", flush=True)
            killed = tried - survived
            print(f"{name}: {tried} mutants, {killed} killed, {survived} survived", flush=True)
            survivors += survived
    return min(survivors, 1)


if __name__ == "__main__":
    sys.exit(main())
