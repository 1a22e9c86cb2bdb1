"""What becomes of an exception: whether a handler, a ``finally`` or a task ends it."""

from __future__ import annotations

import builtins

import libcst as cst

from no_libpython_dlopen.python.syntax.parse import descendants

#: Jumps that leave a handler or a ``finally``, perhaps, without its exception.
_EXITS = (cst.Return, cst.Break, cst.Continue, cst.Yield)
#: Functions that end a program or a test.
_ENDING = frozenset({"exit", "_exit", "abort", "fail", "skip", "skipTest"})


def catches_os_error(caught: cst.BaseExpression | None) -> bool:
    """Return whether a handler of these classes catches what a failed load raises."""
    if caught is None:
        return True
    for name in names_in(caught):
        known = getattr(builtins, name, None)
        if not isinstance(known, type) or issubclass(known, OSError) or issubclass(OSError, known):
            return True
    return False


def reraises(handler: cst.ExceptHandler | cst.ExceptStarHandler) -> bool:
    """Return whether a handler always lets the exception go on, as if it were not there."""
    last = handler.body.body[-1] if handler.body.body else None
    statement = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    return (
        isinstance(statement, cst.Raise)
        and statement.exc is None
        and not any(isinstance(part, _EXITS) for part in descendants(handler.body))
    )


def decides(node: cst.CSTNode) -> bool:
    """Return whether a ``try`` goes different ways, as the statements in it fail or not.

    A handler that only logs does not: what it stands around is not asked for its outcome.
    """
    if not isinstance(node, cst.Try):
        return False
    handlers = [one for one in node.handlers if catches_os_error(one.type) and not reraises(one)]
    return bool(handlers) and (
        node.orelse is not None
        or any(
            isinstance(part, (*_EXITS, cst.Raise, cst.Assign, cst.AugAssign)) or _ends_program(part)
            for handler in handlers
            for part in descendants(handler.body)
        )
    )


def swallows(node: cst.CSTNode) -> bool:
    """Return whether a ``finally`` leaves by a jump or an exit, which ends every exception."""
    finalbody = node.finalbody if isinstance(node, (cst.Try, cst.TryStar)) else None
    return finalbody is not None and any(
        isinstance(part, (*_EXITS, cst.Raise)) or _ends_program(part)
        for part in descendants(finalbody)
    )


def _ends_program(node: cst.CSTNode) -> bool:
    """Return whether a call ends the program or the test, whatever exception is on its way."""
    return isinstance(node, cst.Call) and not _ENDING.isdisjoint(names_in(node.func))


def observes(node: cst.CSTNode) -> bool:
    """Return whether a task's exception is a result: of ``exception()``, or of ``gather``."""
    if isinstance(node, cst.Arg):
        return node.keyword is not None and node.keyword.value == "return_exceptions"
    if not isinstance(node, cst.Call) or node.args or not isinstance(node.func, cst.Attribute):
        return False
    return node.func.attr.value == "exception"


def runs_later(node: cst.FunctionDef) -> bool:
    """Return whether a call of a function only makes a coroutine or a generator."""
    return node.asynchronous is not None or any(
        isinstance(part, cst.Yield) for part in descendants(node.body)
    )


def names_in(node: cst.CSTNode | None) -> set[str]:
    """Return all names in an expression, those of attributes included."""
    if node is None:
        return set()
    return {part.value for part in descendants(node) if isinstance(part, cst.Name)}
