"""What a test of a part of a name says of the whole: of its suffix, its stem, or a piece split off."""

from __future__ import annotations

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.evaluator.narrowing.implications import Implication
from no_libpython_dlopen.python.syntax.parse import last_word

_DIVIDING = frozenset({"split", "rsplit", "partition", "rpartition"})


def implication_of_whole(known: Implication, attribute: str) -> Implication:
    """Return the implication about a path that follows from one about its part."""
    if attribute == "suffix":
        return Implication(known.subject, tails=known.wholes or known.tails)
    if attribute in ("name", "stem", "basename"):
        known = known.surround(f"{UNKNOWN_PART}/", "")
    if attribute in ("stem", "head"):
        known = known._replace(heads=known.wholes or known.heads, wholes=(), tails=())
    return known


def whole_of(node: cst.BaseExpression) -> tuple[cst.BaseExpression | None, str]:
    """Return the path of which an expression gives a part or a form, and the part's name."""
    if isinstance(node, cst.Subscript) and isinstance(node.value, cst.Call):
        key = node.slice[0].slice
        number = key.value if isinstance(key, cst.Index) else None
        index = number.evaluated_value if isinstance(number, cst.Integer) else None
        return divided_text(node.value, index)
    if isinstance(node, cst.Attribute) and node.attr.value in ("name", "stem", "path", "suffix"):
        return node.value, node.attr.value
    if isinstance(node, cst.Call):
        word = last_word(node.func)
        if word in ("str", "fspath", "basename") and len(node.args) == 1:
            return node.args[0].value, word
        if (
            isinstance(node.func, cst.Attribute)
            and word in ("lower", "as_posix", "strip", "rstrip")
            and not node.args
        ):
            return node.func.value, word
    return None, ""


def divided_text(called: cst.Call, index: object) -> tuple[cst.BaseExpression | None, str]:
    """Return the text of which ``split`` and the like give a part, and the part's name."""
    func, word = called.func, last_word(called.func)
    if word == "splitext" and called.args and index in (0, 1):
        return called.args[0].value, "suffix" if index else "head"
    if isinstance(func, cst.Attribute) and word in _DIVIDING and index == 0:
        return func.value, "head"
    return None, ""
