"""Finds the calls of Python code that run a command, before anything reads commands.

A command is a text for the shell (``c.run("f2py -c …")``, ``os.system``) or its words
(``session.run("f2py", "-c", …)``, ``subprocess.run([…])``); nox' ``session.install`` runs
pip. The tasks of doit are dictionaries with such in a list, ``"actions"``.
"""

from __future__ import annotations

import ast
import re

from no_libpython_dlopen.knowledge import process_functions
from no_libpython_dlopen.python.syntax.parse_ast import last_word

#: One of these is in every command, or its environment, that builds something.
NEEDED = re.compile(r"f2py|LDFLAGS|RUSTFLAGS|-shared|-bundle|LD_PRELOAD")
#: Last words of the names of functions that run a command: Python's, nox' and Fabric's.
RUNNERS = process_functions.RUNNERS | frozenset(
    {"run_always", "run_install", "install", "sudo", "local", "shell"}
)
#: The file of doit's tasks.
TASKS_OF_DOIT = "dodo.py"


def is_command(call: ast.Call) -> bool:
    """Return whether a call may run a command that its arguments say."""
    return last_word(call.func) in RUNNERS and bool(call.args)
