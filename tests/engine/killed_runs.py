"""Runs ``nolibpy`` until it is killed before its N-th change of the file system, for each N.

    python -m tests.engine.killed_runs TREE FOLDER LINKS COMMAND...

``TREE`` is copied for each run, and the copy is named ``tree`` in the numbered directories
of ``FOLDER``; the last run ends by itself. ``LINKS`` is ``no`` to have the system refuse links.
Each killed tree is copied twice: one is restored (``undone``), the other is fixed again
(``fixed``) and then restored (``fixed-undone``).
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from itertools import count
from typing import Any

from no_libpython_dlopen.__main__ import main

CHANGES = ("mkdir", "rmdir", "link", "unlink", "replace")
KILLED = 99


def die_before(step: int, *, links: bool) -> None:
    """Have this process end before its ``step``-th change of the file system."""
    left = iter(range(step - 1, -1, -1))

    def patched(name: str, change: Callable[..., Any]) -> Callable[..., Any]:
        def stand_in(*arguments: Any, **more: Any) -> Any:
            if next(left) == 0:
                os._exit(KILLED)
            if name == "link" and not links and not arguments[0].startswith("/proc/"):
                raise PermissionError(1, "Operation not permitted")
            return change(*arguments, **more)

        return stand_in

    for name in CHANGES:
        setattr(os, name, patched(name, getattr(os, name)))


def run(command: list[str], step: int = 1 << 30, *, links: bool = True) -> int:
    """Run ``nolibpy`` in a child process and return its status."""
    child = os.fork()
    if not child:
        status = 98
        try:
            die_before(step, links=links)
            status = main(command)
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def copy(tree: str, to: str) -> str:
    """Copy a tree with its links, and return the copy."""
    return str(shutil.copytree(tree, to, symlinks=True))


def kill_each(tree: str, folder: str, links: bool, command: list[str]) -> None:
    """Make all the trees."""
    fix = ["fix", "--isolated", "--unsafe-fixes", "--include-managed"]
    warm = copy(tree, f"{folder}/0/tree")  # so that no child has to import anything
    for each in (["fix", "--isolated", "--undo", warm], [*fix, warm]):
        main(each)
    for step in count(1):
        here = os.path.join(folder, str(step))
        killed = copy(tree, f"{here}/tree")
        status = run([*command, killed], step, links=links)
        run(["fix", "--isolated", "--undo", copy(killed, f"{here}/undone")])
        run([*fix, copy(killed, f"{here}/fixed")])
        run(["fix", "--isolated", "--undo", copy(f"{here}/fixed", f"{here}/fixed-undone")])
        if status != KILLED:
            break


if __name__ == "__main__":
    kill_each(sys.argv[1], sys.argv[2], sys.argv[3] != "no", sys.argv[4:])
