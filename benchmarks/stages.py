"""Where the time of a clean tree goes, in processor time of one process.

    python benchmarks/stages.py TREE

Each stage is run alone over all files of the tree, and beside it what Python itself needs for
it: a walk with ``os.scandir``, and opening, reading and closing the same files. What a run in
two processes takes by the clock is about half of the sum, and a twentieth for the pool.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import TypeVar

START = time.process_time()

from no_libpython_dlopen.config import Configuration  # noqa: E402  it is measured
from no_libpython_dlopen.engine import check_file, prefilter  # noqa: E402
from no_libpython_dlopen.engine.discover import discover  # noqa: E402
from no_libpython_dlopen.files import byte_search, file_tree, safe_open  # noqa: E402
from no_libpython_dlopen.model.kind import Kind  # noqa: E402

T = TypeVar("T")


def timed(stage: str, work: Callable[[], T]) -> T:
    """Run a stage, print what it took, and return its result."""
    start = time.process_time()
    result = work()
    print(f"{stage:45} {(time.process_time() - start) * 1000:5.0f} ms", flush=True)
    return result


def walk(folder: str) -> list[str]:
    """Return the paths of the Python files below a folder."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                found += walk(entry.path)
            elif entry.name.endswith(".py"):
                found.append(entry.path)
    return found


def read(path: str) -> bytes:
    """Return a file's bytes, by the fewest calls."""
    descriptor = os.open(path, os.O_RDONLY)
    data = os.read(descriptor, os.fstat(descriptor).st_size + 1)
    os.close(descriptor)
    return data


def needs_look(path: str) -> bool:
    """Return whether the one pass for all words leaves a file; it takes part in the reading."""
    data = safe_open.read_file(path)
    return not prefilter._is_utf8(data) or not prefilter.PYTHON_SCAN.rejects(data)


def main() -> int:
    """Measure the stages of a check of one tree, and print them."""
    tree = os.path.abspath(sys.argv[1])
    print(f"{'start, with what a clean run imports':45} {START * 1000:5.0f} ms of Python")
    print(f"{'':45} {(time.process_time() - START) * 1000:5.0f} ms of ours")
    timed("floor: os.scandir", lambda: walk(tree))
    paths = walk(tree)
    timed("floor: open, read, close", lambda: [len(read(path)) for path in paths])
    check_file.raise_gc_thresholds()
    byte_search.use_memmem()
    timed("Hyperscan's start", prefilter.PYTHON_SCAN.wait)
    targets = timed("discovery", lambda: list(discover(tree, Configuration())))
    code = [one for one in targets if one.kind is Kind.PYTHON]
    left = timed(
        "Python: reading, UTF-8, one pass for all words",
        lambda: [one for one in code if needs_look(one.path)],
    )
    task = check_file.Task()
    others = [one for one in targets if one.kind is not Kind.PYTHON]
    with file_tree.Snapshot():
        rest = timed(
            f"Python: closer look at {len(left)} files and their imports",
            lambda: check_file.prefilter_batch(task, left)[1],
        )
        timed(
            f"Python: ast of {len(rest)} files",
            lambda: [check_file.check_file(one, task) for one in rest],
        )
        timed(f"{len(others)} files of other types", lambda: check_file.check_batch(task, others))
    return 0


if __name__ == "__main__":
    sys.exit(main())
