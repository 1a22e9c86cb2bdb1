"""Deletes one word or item of Python source, so that the rest is valid Python.

A list keeps its brackets, a tuple the comma that makes it one, a block a statement.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import libcst as cst

from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common import strict_flags as of_list
from no_libpython_dlopen.buildsystems.common.deletions import Deletion, Span
from no_libpython_dlopen.buildsystems.python_syntax.string_origins import Word
from no_libpython_dlopen.model.finding import Edit
from no_libpython_dlopen.python.syntax.parse import descendants
from no_libpython_dlopen.python.syntax.positions import Positions

_LINE_END = re.compile(r"\r\n|\r|\n|\Z")
_PUTS_ONE = frozenset({"append", "insert", "add", "appendleft", "add_library", "add_link_object"})


def item(positions: Positions, node: cst.CSTNode, *, before: int = 0) -> Deletion | None:
    """Return the deletion of an item of a list, or of an argument of ``append``.

    ``before`` items ahead of it go with it. ``None`` for anything else.
    """
    part = deletions.part_of_flag(positions.text, *positions.whole(node))
    if part is not None:
        return Deletion(part)
    parent = positions.parent(node)
    if isinstance(parent, cst.Element):
        sequence = positions.parent(parent)
        if isinstance(sequence, (cst.List, cst.Tuple)):
            index = positions.place_in(sequence, parent)
            return _element(positions, sequence, index, before)
        return None
    if isinstance(parent, cst.Arg):
        call = positions.parent(parent)
        if (
            isinstance(call, cst.Call)
            and isinstance(call.func, cst.Attribute)
            and call.func.attr.value in _PUTS_ONE
            and call.args[-1] is parent
        ):
            return statement(positions, call)
    return None


def _element(
    positions: Positions, sequence: cst.List | cst.Tuple, index: int, before: int
) -> Deletion | None:
    text = positions.text
    spans = list(positions.elements(sequence))
    first = index - before
    spans[first : index + 1] = [(spans[first][0], spans[index][1])]
    start, end = positions.whole(sequence)
    bracketed = isinstance(sequence, cst.List) or bool(sequence.lpar)
    if isinstance(sequence, cst.List):
        inner = start + 1, end - 1
    elif bracketed:
        inner = positions.span(sequence) if len(sequence.lpar) == 1 else (start, end)
        inner = start + 1, end - 1
    else:
        inner = start, end
    if isinstance(sequence, cst.Tuple) and len(spans) <= 2:
        return _short_tuple(text, spans, first, inner, bracketed=bracketed)
    return deletions.item(text, spans, first, inner)


def _short_tuple(
    text: str, spans: Sequence[Span], index: int, inner: Span, *, bracketed: bool
) -> Deletion:
    """Delete an item of a tuple that one comma makes a tuple."""
    if len(spans) == 1:
        comment = "#" in text[inner[0] : spans[0][0]] + text[spans[0][1] : inner[1]]
        old = text[inner[0] : inner[1]]
        return Deletion(Edit(*inner, old, "" if bracketed else "()"), comment)
    start, end = spans[index]
    other = spans[1 - index]
    trailing = text[spans[1][1] : inner[1]]
    if index == 1:
        comma = text.index(",", other[1])
        gap = text[comma + 1 : start]
        stop = end + (trailing.index(",") + 1 if trailing.lstrip().startswith(",") else 0)
        return Deletion(deletions.span(text, comma + 1, stop), "#" in gap)
    if trailing.lstrip().startswith(","):
        return Deletion(deletions.span(text, start, other[0]), "#" in text[end : other[0]])
    kept = text[other[0] : other[1]]
    comment = "#" in text[end : other[0]]
    return Deletion(Edit(start, other[1], text[start : other[1]], f"{kept},"), comment)


def statement(positions: Positions, call: cst.CSTNode) -> Deletion | None:
    """Return the deletion of a whole statement; ``pass`` takes its place in an empty block.

    ``None`` where the expression is a part of a statement.
    """
    parent = positions.parent(call)
    expression = call if isinstance(call, cst.BaseSmallStatement) else parent
    if not isinstance(expression, (cst.Expr, cst.AugAssign)):
        return None
    text = positions.text
    start, end = positions.span(expression)
    line = positions.parent(expression)
    if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
        block = positions.parent(line)
        if isinstance(block, (cst.IndentedBlock, cst.Module)) and (
            len(block.body) > 1 or isinstance(block, cst.Module)
        ):
            first = deletions.line_start(text, start)
            last = _LINE_END.search(text, end)
            assert last is not None
            rest = text[end : last.start()].strip()
            return Deletion(deletions.span(text, first, last.end()), bool(rest.strip(";")))
    if isinstance(line, cst.SimpleStatementLine) and len(line.body) > 1:
        index = next(i for i, one in enumerate(line.body) if one is expression)
        if index:
            return Deletion(deletions.span(text, positions.span(line.body[index - 1])[1], end))
        return Deletion(deletions.span(text, start, positions.span(line.body[1])[0]))
    return Deletion(Edit(start, end, text[start:end], "pass"))


def strict_flags(
    positions: Positions, module: cst.Module, other_use: Callable[[cst.CSTNode], str]
) -> list[Edit] | None:
    """Return the deletion of all flags that forbid undefined symbols, ``None`` if one cannot go.

    ``other_use`` says for an item what else its list is used for, if that forbids an edit.
    """
    found: list[Edit | None] = []
    for node in descendants(module):
        if isinstance(node, (cst.List, cst.Tuple)):
            texts = [_plain_text(each.value) for each in node.elements]
        elif isinstance(node, cst.SimpleString) and not isinstance(
            positions.parent(node), (cst.Element, cst.Expr)
        ):
            texts = [_plain_text(node)]
        else:
            continue
        cuts = of_list.cuts(texts)
        if cuts is None:
            return None
        if isinstance(node, (cst.List, cst.Tuple)) and any(
            _is_joined(positions, node) or other_use(node.elements[cut.first].value) for cut in cuts
        ):
            return None
        found += [_strict_flag(positions, node, cut) for cut in cuts]
    return None if None in found else [edit for edit in found if edit is not None]


def _strict_flag(positions: Positions, node: cst.CSTNode, cut: of_list.Cut) -> Edit | None:
    """Return the deletion of a flag from a list or tuple, or from a text on its own."""
    if isinstance(node, (cst.List, cst.Tuple)) and cut.part is None:
        found = _element(positions, node, cut.last, cut.last - cut.first)
        return found.edit if found and not found.comment else None
    of_text = node if isinstance(node, cst.SimpleString) else node.elements[cut.first].value  # type: ignore[attr-defined]
    start, end = positions.span(of_text)
    start, end = start + len(of_text.prefix) + len(of_text.quote), end - len(of_text.quote)
    if cut.part is not None:
        if positions.text[start:end] != of_text.raw_value:
            return None
        return deletions.span(positions.text, start + cut.part[0], start + cut.part[1])
    appended = item(positions, node)
    if appended is not None:
        return None if appended.comment else appended.edit
    return deletions.span(positions.text, start, end) if _is_variable(positions, node) else None


def _is_joined(positions: Positions, node: cst.CSTNode) -> bool:
    """Return whether the items of a list are made one text, or are told apart by their places."""
    argument = positions.parent(node)
    if isinstance(argument, (cst.Element, cst.AssignTarget)) or _is_unpacked(argument):
        return True
    call = positions.parent(argument) if isinstance(argument, cst.Arg) else None
    func = call.func if isinstance(call, cst.Call) else None
    return isinstance(func, cst.Attribute) and func.attr.value == "join"


def _is_unpacked(holder: cst.CSTNode | None) -> bool:
    """Return whether an assignment gives its value to something other than one name."""
    return isinstance(holder, cst.Assign) and not all(
        isinstance(each.target, (cst.Name, cst.Attribute)) for each in holder.targets
    )


def _is_variable(positions: Positions, text: cst.CSTNode) -> bool:
    """Return whether a text is the value of a variable of flags, which may be empty."""
    holder = positions.parent(text)
    if isinstance(holder, cst.Arg) and holder.keyword is not None:
        return "FLAGS" in holder.keyword.value
    if isinstance(holder, cst.AugAssign):
        return "FLAGS" in positions.code(holder.target)
    targets = [each.target for each in holder.targets] if isinstance(holder, cst.Assign) else []
    return bool(targets) and all(
        isinstance(each, cst.Subscript) and "FLAGS" in positions.code(each) for each in targets
    )


def _plain_text(node: cst.CSTNode) -> str | None:
    """Return the text of a literal without escapes, ``None`` for anything else."""
    if not isinstance(node, cst.SimpleString) or "b" in node.prefix.lower():
        return None
    return None if "\\" in node.raw_value else node.raw_value


def word(positions: Positions, found: Word) -> Edit | None:
    """Return the deletion of a word from its literal; ``None`` where no single edit does it."""
    if found.span is None or found.literal is None or found.fields:
        return None
    text = positions.text
    start, end = found.span
    part = deletions.part_of_flag(text, start, end)
    if part is not None:
        return part
    first, last = found.literal
    if found.lone:
        return deletions.span(text, first, last)
    left, right = start, end
    while left > first and text[left - 1] in " \t":
        left -= 1
    while right < last and text[right] in " \t":
        right += 1
    # The blank of a literal's first word is the one behind it.
    return deletions.span(text, left, end) if left > first else deletions.span(text, start, right)


def term(positions: Positions, node: cst.CSTNode) -> Deletion | Edit | None:
    """Return the deletion of a list that holds nothing else: ``+ variable.split()``.

    An operand goes with its operator, ``extend(...)`` and ``+=`` with their statement;
    a whole argument becomes ``[]``. ``None`` where it is something else.
    """
    text = positions.text
    parent = positions.parent(node)
    while (
        isinstance(parent, cst.Attribute)
        or (isinstance(parent, cst.Call) and isinstance(parent.func, cst.Attribute))
        or (isinstance(parent, cst.Arg) and _splits(positions.parent(parent)))
    ):
        if isinstance(parent, cst.Call) and parent.func.attr.value not in _TEXT_METHODS:  # type: ignore[attr-defined]
            break
        node, parent = parent, positions.parent(parent)
        if isinstance(node, cst.Arg):
            node, parent = parent, positions.parent(parent)  # type: ignore[assignment,arg-type]
    start, end = positions.whole(node)
    if isinstance(parent, cst.BinaryOperation) and isinstance(parent.operator, cst.Add):
        other = parent.right if parent.left is node else parent.left
        whole = positions.span(parent)
        kept = positions.whole(other)
        cutting = (whole[0], kept[0]) if other is parent.right else (kept[1], whole[1])
        return Deletion(deletions.span(text, *cutting), "#" in text[cutting[0] : cutting[1]])
    if isinstance(parent, cst.StarredElement):
        return None
    if isinstance(parent, cst.AugAssign):
        return statement(positions, parent)
    if isinstance(parent, cst.Arg):
        call = positions.parent(parent)
        if (
            isinstance(call, cst.Call)
            and isinstance(call.func, cst.Attribute)
            and call.func.attr.value == "extend"
        ):
            return statement(positions, call)
        if parent.keyword is not None and not parent.star:
            return Edit(start, end, text[start:end], "[]")
    return None


#: Methods that make a list of flags of a text.
_TEXT_METHODS = frozenset({"split", "strip", "decode", "rstrip", "lstrip"})


def _splits(call: cst.CSTNode | None) -> bool:
    if not isinstance(call, cst.Call):
        return False
    func = call.func
    word = func.attr.value if isinstance(func, cst.Attribute) else getattr(func, "value", "")
    owner = (
        func.value.value
        if isinstance(func, cst.Attribute) and isinstance(func.value, cst.Name)
        else ""
    )
    return word in ("split_quoted", "list") or (word == "split" and owner == "shlex")
