"""Parses Python with ``ast``, within the limits of its parser and of libcst's.

``ast`` parses ten times faster than libcst, whose parser is native code that overflows the
stack on nesting that CPython's refuses.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator

from no_libpython_dlopen.model.analysis import LimitReached
from no_libpython_dlopen.model.finding import START, Location
from no_libpython_dlopen.model.limits import (
    PYTHON_BLANKS,
    PYTHON_BRACES,
    PYTHON_MARKS,
    PYTHON_QUOTES,
)
from no_libpython_dlopen.model.source import Source, Unreadable

_MARKS = "(,=.[:;<>+-*/|&^@%\n\r"
_OPERATORS = re.compile(r"\b(?:and|in|is|or)\b")
#: Blanks, and the characters that continue a line.
_BLANKS = " \t\f\\\r\n"
#: Literals of a sum that are looked at together: the letters of "python", and what is beside them.
_PIECES = 8

TOO_DEEP = "nested too deeply to be analysed"


def parse_source(source: Source) -> ast.Module | SyntaxError:
    """Return ``ast``'s tree of a Python file, or why this interpreter cannot parse it.

    All who read the file share the tree, so nobody may change it. Python's warnings about the
    text are not passed on. Raises ``Unreadable`` for a text that takes too much memory, or
    nests too deeply.
    """
    return source.derive(_parse)


def _parse(source: Source) -> ast.Module | SyntaxError:
    text = source.text
    if len(text) > PYTHON_MARKS and _count_marks(text) > PYTHON_MARKS:
        raise LimitReached(PYTHON_MARKS)
    if len(text) > PYTHON_QUOTES and text.count('"') + text.count("'") > PYTHON_QUOTES:
        raise LimitReached(PYTHON_QUOTES)  # some 170 bytes for each literal
    if len(text) > PYTHON_BRACES and text.count("{") > PYTHON_BRACES:
        raise LimitReached(PYTHON_BRACES)  # in one f-string: quadratic before 3.12
    if _is_blank_for_long(text):
        raise LimitReached(PYTHON_BLANKS)  # libcst takes some 160 bytes for each
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except SyntaxError as error:
        if "too many nested" in str(error.msg) or "too deep" in str(error.msg):
            location = Location(max(error.lineno or 1, 1), max(error.offset or 1, 1))
            raise Unreadable(TOO_DEEP, location) from None
        return error
    except (RecursionError, MemoryError):
        raise Unreadable(TOO_DEEP, START) from None
    except UnicodeEncodeError:
        raise Unreadable("cannot be parsed: it contains half of a surrogate pair") from None
    except ValueError as error:
        reason = str(error).partition("\n")[0]
        raise Unreadable(f"cannot be parsed: {reason}") from None


def _count_marks(text: str) -> int:
    """Return the number of marks in a text; each may become a node of the tree, of some 2 kB."""
    return sum(map(text.count, _MARKS)) + sum(1 for _ in _OPERATORS.finditer(text))


def _is_blank_for_long(text: str) -> bool:
    """Return whether one of the parts of a text of a certain length is all blank.

    A long row of blanks has such a part in it; one of less than twice the length may have none.
    """
    length = PYTHON_BLANKS + 1
    starts = range(0, len(text) - length + 1, length)
    return any(not text[start : start + length].strip(_BLANKS) for start in starts)


def child_nodes(node: ast.AST) -> list[ast.AST]:
    """Return the nodes right below one that have nodes or values below them.

    A node without fields, such as ``ast.Load()``, is one object for all trees of the process, in
    which another program, a linter beside this one say, may have noted something.
    """
    found: list[ast.AST] = []
    for name in _FIELDS.get(type(node), ()):
        value = getattr(node, name)
        kind = type(value)
        if kind is list:
            found += [one for one in value if type(one) in _INNER]
        elif kind in _INNER:
            found.append(value)
    return found


def _kinds_with_fields(kind: type[ast.AST]) -> Iterator[type[ast.AST]]:
    for one in kind.__subclasses__():
        if one._fields:
            yield one
        yield from _kinds_with_fields(one)


#: The kinds of nodes that have something below them.
_INNER = frozenset(_kinds_with_fields(ast.AST))
#: Fields that hold no node in any kind, but a name, a number or a node without fields.
_LEAVES = frozenset(
    {"arg", "attr", "conversion", "ctx", "id", "level", "module", "op", "ops", "rest", "simple"}
)
#: The fields of each kind that may hold a node.
_FIELDS = {kind: [one for one in kind._fields if one not in _LEAVES] for kind in _INNER}


def last_word(node: ast.AST | None) -> str:
    """Return the last part of a dotted name, empty for another expression."""
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def text_of_sum(node: ast.BinOp) -> str:
    """Return the text that the last literals of a sum make, as many as a name is cut into."""
    pieces: list[str] = []
    part: ast.expr = node
    while isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add) and len(pieces) < _PIECES:
        pieces.append(_literal_text(part.right))
        part = part.left if pieces[-1] else part.right
    pieces.append(_literal_text(part))
    return "".join(reversed(pieces))


def _literal_text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def without_message(node: ast.Raise) -> list[ast.AST]:
    """Return the nodes right below a ``raise``, without the texts that an error is made with."""
    error = node.exc
    if not isinstance(error, ast.Call) or not last_word(error.func).endswith("Error"):
        return child_nodes(node)
    found: list[ast.AST] = [error.func, *error.keywords, *filter(None, [node.cause])]
    todo = list(error.args)
    while todo:
        part = todo.pop()
        if isinstance(part, ast.BinOp):  # "%s: no such library" % name
            todo += [part.left, part.right]
        elif not isinstance(part, ast.Constant):
            found.append(part)
    return found
