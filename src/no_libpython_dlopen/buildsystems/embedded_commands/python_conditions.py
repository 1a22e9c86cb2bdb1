"""Decides, for plain Unix, the tests of platforms in Python code that runs commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from no_libpython_dlopen.buildsystems.commands.platform_conditions import is_foreign
from no_libpython_dlopen.python.syntax.parse_ast import last_word

_NEGATIVE = re.compile(r"!=|\bnot\b")
#: What asks for the platform, and the answer of Linux, which represents the other Unix systems.
_ANSWERS = {"platform": "linux", "name": "posix", "system": "Linux"}
_OTHER_UNIX = re.compile(r"darwin|bsd|sunos|solaris|aix|linux", re.IGNORECASE)
_EXITS = frozenset({"exit", "_exit", "quit", "skip", "error"})


def truth_on_unix(test: ast.expr) -> bool | None:
    """Return the outcome of a test on plain Unix; ``None`` if that cannot be told."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = truth_on_unix(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        outcomes = [truth_on_unix(value) for value in test.values]
        decisive = isinstance(test.op, ast.Or)
        if decisive in outcomes:
            return decisive
        return None if None in outcomes else not decisive
    decided = _comparison(test) if isinstance(test, ast.Compare) else _prefix(test)
    if decided is not None:
        return decided
    text = ast.unparse(test)
    return bool(_NEGATIVE.search(text)) if is_foreign(text) else None


def leaves(body: list[ast.stmt]) -> bool:
    """Return whether nothing behind a block runs where the block does."""
    last = body[-1] if body else None
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return last_word(last.value.func) in _EXITS
    return isinstance(last, (ast.Return, ast.Raise, ast.Continue, ast.Break))


def _comparison(test: ast.Compare) -> bool | None:
    """Return the outcome of ``sys.platform == "win32"``, of ``!=``, ``in`` and ``not in``."""
    answer = _answer(test.left)
    if answer is None or len(test.ops) != 1:
        return None
    operator, wanted = test.ops[0], test.comparators[0]
    items = wanted.elts if isinstance(wanted, (ast.List, ast.Tuple, ast.Set)) else [wanted]
    words = [one.value if isinstance(one, ast.Constant) else None for one in items]
    outcome = _is_among(answer, words, prefix=False)
    if outcome is None or not isinstance(operator, (ast.Eq, ast.NotEq, ast.In, ast.NotIn)):
        return None
    return outcome is isinstance(operator, (ast.Eq, ast.In))


def _prefix(test: ast.expr) -> bool | None:
    """Return the outcome of ``sys.platform.startswith(("win", "cygwin"))``."""
    if not (isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute) and test.args):
        return None
    answer = _answer(test.func.value)
    if test.func.attr != "startswith" or answer is None:
        return None
    wanted = test.args[0]
    items = wanted.elts if isinstance(wanted, ast.Tuple) else [wanted]
    words = [one.value if isinstance(one, ast.Constant) else None for one in items]
    return _is_among(answer, words, prefix=True)


def _answer(node: ast.expr) -> str | None:
    """Return the value of ``sys.platform``, ``os.name`` or ``platform.system()`` on Linux."""
    asked = node.func if isinstance(node, ast.Call) else node
    owner = last_word(asked.value) if isinstance(asked, ast.Attribute) else ""
    return _ANSWERS.get(last_word(asked)) if owner in ("sys", "os", "platform") else None


def _is_among(answer: str, words: Sequence[object], *, prefix: bool) -> bool | None:
    """Return whether an answer is one of some words; ``None`` if another Unix's may be."""
    texts = [word for word in words if isinstance(word, str)]
    if any(answer.startswith(text) if prefix else answer == text for text in texts):
        return True
    if len(texts) < len(words) or any(map(_OTHER_UNIX.search, texts)):
        return None
    return False
