"""Decides, for plain Unix, the tests of platforms in Python code that runs commands."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable

from no_libpython_dlopen.knowledge import platforms
from no_libpython_dlopen.knowledge.platforms import System
from no_libpython_dlopen.knowledge.three_valued import all_of, any_of, negation
from no_libpython_dlopen.python.syntax.parse_ast import last_word

_NEGATIVE = re.compile(r"!=|\bnot\b")
#: What asks for the platform, and the answers.
_ANSWERS = {
    "platform": platforms.SYS_PLATFORM,
    "name": platforms.OS_NAME,
    "system": platforms.PLATFORM_SYSTEM,
}
_EXITS = frozenset({"exit", "_exit", "quit", "skip", "error"})


def truth_on_unix(test: ast.expr) -> bool | None:
    """Return the outcome of a test on plain Unix; ``None`` if that cannot be told."""
    return platforms.usual_outcome(lambda system: _outcome(test, system))


def _outcome(test: ast.expr, system: System | None) -> bool | None:
    """Return the outcome of a test on one system, or on all of Unix."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return negation(_outcome(test.operand, system))
    if isinstance(test, ast.BoolOp):
        outcomes = [_outcome(value, system) for value in test.values]
        return any_of(outcomes) if isinstance(test.op, ast.Or) else all_of(outcomes)
    asks, outcome = (
        _comparison(test, system) if isinstance(test, ast.Compare) else _prefix(test, system)
    )
    if asks:
        return outcome
    text = ast.unparse(test)
    return bool(_NEGATIVE.search(text)) if platforms.names_foreign(text) else None


def leaves(body: list[ast.stmt]) -> bool:
    """Return whether nothing behind a block runs where the block does."""
    last = body[-1] if body else None
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return last_word(last.value.func) in _EXITS
    return isinstance(last, (ast.Return, ast.Raise, ast.Continue, ast.Break))


def _comparison(test: ast.Compare, system: System | None) -> tuple[bool, bool | None]:
    """Return whether a comparison asks for the platform, and its outcome.

    ``sys.platform == "win32"``, ``"win" in sys.platform``, ``!=`` and ``not in`` are such.
    """
    if len(test.ops) != 1:
        return False, None
    relation, other = test.ops[0], test.comparators[0]
    equal = isinstance(relation, (ast.Eq, ast.In))
    if not equal and not isinstance(relation, (ast.NotEq, ast.NotIn)):
        return False, None
    names, words = _answers(test.left, system), _words(other)
    fits: Callable[[str, str], bool] = operator.eq
    if names is None and isinstance(relation, (ast.In, ast.NotIn)):
        names, words, fits = _answers(other, system), _words(test.left), operator.contains
    elif names is None:
        names, words = _answers(other, system), _words(test.left)
    if names is None or words is None:
        return names is not None, None
    outcome = platforms.is_among(names, words, fits)
    return True, outcome if equal else negation(outcome)


def _prefix(test: ast.expr, system: System | None) -> tuple[bool, bool | None]:
    """Return whether a call is one of ``sys.platform.startswith``, and its outcome."""
    if not (isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute) and test.args):
        return False, None
    names = _answers(test.func.value, system)
    if test.func.attr != "startswith" or names is None:
        return False, None
    words = _words(test.args[0])
    return True, None if words is None else platforms.is_among(names, words, str.startswith)


def _answers(node: ast.expr, system: System | None) -> tuple[str, ...] | None:
    """Return the values that ``sys.platform`` and its like may have on a system."""
    asked = node.func if isinstance(node, ast.Call) else node
    if not isinstance(asked, ast.Attribute):
        return None
    if asked.attr in ("lower", "casefold") and isinstance(node, ast.Call):
        names = _answers(asked.value, system)
        return None if names is None else tuple(map(str.lower, names))
    known = (
        _ANSWERS.get(asked.attr) if last_word(asked.value) in ("sys", "os", "platform") else None
    )
    return None if known is None else platforms.names_on(system, known)


def _words(node: ast.expr) -> list[str] | None:
    """Return the texts of a constant or a collection of such; ``None`` for others."""
    items = node.elts if isinstance(node, (ast.List, ast.Tuple, ast.Set)) else [node]
    found = [one.value for one in items if isinstance(one, ast.Constant)]
    texts = [value for value in found if isinstance(value, str)]
    return texts if len(texts) == len(items) else None
