"""Finds the calls of Python code that run a command, before anything reads commands.

A command is a text for the shell (``c.run("f2py -c …")``, ``os.system``) or its words
(``session.run("f2py", "-c", …)``, ``subprocess.run([…])``); nox' ``session.install`` runs
pip.
"""

from __future__ import annotations

import ast
import re

from no_libpython_dlopen.python.syntax.parse_ast import child_nodes, last_word

#: What a command has in it that builds something, or its environment.
NEEDED = re.compile(r"f2py|LDFLAGS|RUSTFLAGS|-shared|-bundle|LD_PRELOAD")
_RUNNERS = frozenset(
    {
        *("run", "run_always", "run_install", "install", "system", "popen", "getoutput"),
        *("call", "check_call", "check_output", "Popen", "sudo", "local", "shell"),
    }
)
#: What a command that is written in a call is: words, or a text.
_WRITTEN = (ast.List, ast.Tuple, ast.Constant, ast.JoinedStr, ast.BinOp)


def is_command(call: ast.Call) -> bool:
    """Return whether a call runs a command that is written in it."""
    if last_word(call.func) not in _RUNNERS or not call.args:
        return False
    first = call.args[0]
    return isinstance(first, _WRITTEN) or len(call.args) > 1 or last_word(call.func) == "install"


def may_build(tree: ast.Module) -> bool:
    """Return whether a program runs commands, and a text in it says what builds something."""
    runs = builds = False
    todo: list[ast.AST] = [tree]
    while todo and not (runs and builds):
        node = todo.pop()
        if isinstance(node, ast.Constant):
            builds = builds or NEEDED.search(str(node.value)) is not None
        elif isinstance(node, ast.Call):
            runs = runs or is_command(node)
        # A docstring is no command.
        if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            todo += child_nodes(node)
    return runs and builds
