"""Pythons that a program under ``nolibpy run`` starts and that the guard does not reach.

The guard comes in by ``PYTHONPATH`` and its own variables. A program that gives a child
another environment (tox does), or the option ``-I``, ``-E`` or ``-S``, keeps it out; a run
that looks at the exit status is to say so. What the audit events announce is known before
the child starts: a guard that comes in by a ``.pth`` file contradicts later.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

#: The events, and where their arguments have the executable, the words and the environment.
STARTS = {"subprocess.Popen": (0, 1, 3), "os.posix_spawn": (0, 1, 2), "os.exec": (0, 1, 2)}
_KEEPING_OUT = frozenset("IES")
#: Letters of options that take a value: the rest of the word, or the next one.
_WITH_VALUE = frozenset("WX")
_BOOTSTRAP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bootstrap")


def unguarded_command(event: str, args: tuple[Any, ...]) -> str:
    """Return the command of a Python that is about to start without the guard, or ``""``."""
    executable, words, environment = (args[index] for index in STARTS[event])
    if isinstance(words, (str, bytes, os.PathLike)):
        words = [words]
    command = [os.fsdecode(word) for word in words]
    path = os.fsdecode(executable or command[0])
    name = os.path.basename(path)
    if "/" in path and not os.path.isfile(path):  # a folder of PATH that is tried
        return ""
    version = name.removeprefix("python").removesuffix("t").replace(".", "")
    if not name.startswith("python") or not (version == "" or version.isdecimal()):
        return ""
    if _is_let_in(os.environ if environment is None else environment) and not _keep_out(command):
        return ""
    return " ".join(command)


def _is_let_in(environment: Mapping[Any, Any]) -> bool:
    """Return whether a child with these variables would load the guard."""
    variables = {os.fsdecode(name): os.fsdecode(text) for name, text in environment.items()}
    folders = variables.get("PYTHONPATH", "").split(os.pathsep)
    return _BOOTSTRAP in folders and bool(variables.get("NOLIBPY_GUARD"))


def _keep_out(command: list[str]) -> bool:
    """Return whether options of the interpreter keep ``PYTHONPATH`` or ``site`` out."""
    words = iter(command[1:])
    for word in words:
        if not word.startswith("-") or word == "-" or word.startswith("--"):
            return False
        for position, letter in enumerate(word[1:], 2):
            if letter in _KEEPING_OUT:
                return True
            if letter in "cm":  # the program's own words follow
                return False
            if letter in _WITH_VALUE:
                if position == len(word):
                    next(words, "")
                break
    return False
