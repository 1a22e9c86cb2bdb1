"""Finds the calls of Python code that run a command, before anything reads commands.

A command is a text for the shell (``c.run("f2py -c …")``, ``os.system``) or its words
(``session.run("f2py", "-c", …)``, ``subprocess.run([…])``); nox' ``session.install`` runs
pip.
"""

from __future__ import annotations

import ast
import re

from no_libpython_dlopen.python.syntax.parse_ast import last_word

#: One of these is in every command, or its environment, that builds something.
NEEDED = re.compile(r"f2py|LDFLAGS|RUSTFLAGS|-shared|-bundle|LD_PRELOAD")
#: Last words of the names of functions that run a command.
RUNNERS = frozenset(
    {
        *("run", "run_always", "run_install", "install", "system", "popen", "getoutput"),
        *("call", "check_call", "check_output", "Popen", "sudo", "local", "shell"),
    }
)
#: Expressions by which a call writes its command: words, or a text.
_WRITTEN = (ast.List, ast.Tuple, ast.Constant, ast.JoinedStr, ast.BinOp)


def is_command(call: ast.Call) -> bool:
    """Return whether a call runs a command that is written in it."""
    if last_word(call.func) not in RUNNERS or not call.args:
        return False
    first = call.args[0]
    return isinstance(first, _WRITTEN) or len(call.args) > 1 or last_word(call.func) == "install"
