"""Reads Waf's ``wscript``, which is Python: a target with the features ``pyext pyembed``.

Each feature brings flags of its own: ``pyext`` those of an extension module, ``pyembed``
those of a program that embeds Python, libpython among them. A target with both is a
module that is linked to libpython; one with ``pyembed`` alone may be a program. The flags of
embedding programs are also given by their name, ``use="PYEMBED"``. What is read is written where
it is given, or assigned to a name that nothing else uses; what is built for Windows alone is not.
"""

from __future__ import annotations

import ast
import os
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common.deletions import Deletion, Span
from no_libpython_dlopen.buildsystems.common.host_kind import HostKind, host_kind
from no_libpython_dlopen.buildsystems.common.link_fact import HOST, MACOS, deletion, link
from no_libpython_dlopen.buildsystems.embedded_commands.python_conditions import truth_on_unix
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Edit
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.python.syntax import parse
from no_libpython_dlopen.python.syntax.parse_ast import TOO_DEEP
from no_libpython_dlopen.python.syntax.positions import Positions, positions_of

#: What gives a target the flags of an embedding program, by the argument.
_EMBEDDING = {"features": "pyembed", "use": "PYEMBED", "uselib": "PYEMBED"}
_MODULE = "pyext"
_FEATURE = re.compile(r"[\w.]+")
_ASSIGNED_AND_READ = 2


class _Feature(NamedTuple):
    """A feature of a target, where it is written, and how it is deleted."""

    name: str
    span: Span
    edit: Deletion | Edit


def read(source: Source) -> Iterator[Link]:
    """Yield the extension modules that a ``wscript`` builds as if they embedded Python.

    Raises ``Unreadable`` where the text is not Python.
    """
    try:
        with parse.deep_recursion():
            yield from list(_links(source))
    except RecursionError:
        raise Unreadable(TOO_DEEP) from None


def _links(source: Source) -> Iterator[Link]:
    module = parse.parse(source)
    positions = positions_of(source)
    nodes = list(_nodes_on_unix(module, positions, source.text))
    values = _values(nodes)
    for node in nodes:
        if not isinstance(node, cst.Call) or parse.last_word(node.func).startswith("check"):
            continue  # a check of ``configure`` links no module
        given = {one.keyword.value: one.value for one in node.args if one.keyword is not None}
        if "features" not in given:
            continue
        features = list(_features(given["features"], positions, source.text, values))
        if _MODULE not in {feature.name for feature in features}:
            continue
        hosts = host_kind(_sources(source, given.get("source")))
        if hosts is HostKind.CERTAIN:
            continue
        caveats = [MACOS, HOST] if hosts is HostKind.POSSIBLE else [MACOS]
        for argument, name in _EMBEDDING.items():
            value = given.get(argument)
            for feature in (
                _features(value, positions, source.text, values) if value is not None else ()
            ):
                if feature.name == name:
                    fix = deletion(name, feature.edit, caveats)
                    yield link(source, *feature.span, fix, embedding=True, target=_target(given))


def _nodes_on_unix(module: cst.Module, positions: Positions, text: str) -> Iterator[cst.CSTNode]:
    """Yield the nodes of a program without the branches that are for Windows alone."""
    waiting: list[cst.CSTNode] = [module]
    while waiting:
        node = waiting.pop()
        yield node
        below = parse.children(node)
        if isinstance(node, cst.If):
            test = ast.parse(f"({text[slice(*positions.span(node.test))]})", mode="eval")
            truth = truth_on_unix(test.body)
            ways: list[cst.CSTNode] = [node.body] if truth is not False else []
            ways += [node.orelse] if truth is not True and node.orelse is not None else []
            below = [node.test, *ways]
        waiting += below[::-1]


def _values(nodes: list[cst.CSTNode]) -> dict[str, cst.BaseExpression]:
    """Return the values of the names that are assigned once and read once."""
    uses = Counter(node.value for node in nodes if isinstance(node, cst.Name))
    uses.subtract(
        node.keyword.value for node in nodes if isinstance(node, cst.Arg) and node.keyword
    )
    return {
        node.targets[0].target.value: node.value
        for node in nodes
        if isinstance(node, cst.Assign)
        and isinstance(node.targets[0].target, cst.Name)
        and uses[node.targets[0].target.value] == _ASSIGNED_AND_READ
    }


def _features(
    node: cst.BaseExpression, positions: Positions, text: str, values: dict[str, cst.BaseExpression]
) -> Iterator[_Feature]:
    """Yield the features in a string of words, in a list of strings, and in a sum of such."""
    if isinstance(node, cst.ConcatenatedString) or (
        isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add)
    ):
        if not _is_joined(node.left, node.right):
            for part in (node.left, node.right):
                yield from _features(part, positions, text, values)
    elif isinstance(node, cst.Name):  # what reads itself is read nowhere else
        if node.value in values:
            yield from _features(values[node.value], positions, text, values)
    elif isinstance(node, cst.Call) and not node.args and isinstance(node.func, cst.Attribute):
        if node.func.attr.value == "split":
            yield from _features(node.func.value, positions, text, values)
    elif isinstance(node, cst.SimpleString):
        start, end = positions.span(node)
        inner = start + len(node.prefix) + len(node.quote), end - len(node.quote)
        for match in _FEATURE.finditer(text, *inner):
            yield _Feature(match[0], match.span(), deletions.word(text, *match.span()))
    elif isinstance(node, (cst.List, cst.Tuple)):
        spans = [positions.span(element.value) for element in node.elements]
        whole = positions.span(node)
        inner = whole[0] + 1, whole[1] - 1
        for index, element in enumerate(node.elements):
            if isinstance(element.value, cst.SimpleString):
                name = element.value.evaluated_value
                edit = deletions.item(text, spans, index, inner)
                if isinstance(name, str):
                    yield _Feature(name, spans[index], edit)


def _is_joined(left: cst.BaseExpression, right: cst.BaseExpression) -> bool:
    """Return whether the last word of a string and the first one of the next may be one word."""
    while isinstance(left, (cst.BinaryOperation, cst.ConcatenatedString)):
        left = left.right
    while isinstance(right, (cst.BinaryOperation, cst.ConcatenatedString)):
        right = right.left
    texts = [one.evaluated_value for one in (left, right) if isinstance(one, cst.SimpleString)]
    return len(texts) > 1 and not (str(texts[0])[-1:].isspace() or str(texts[1])[:1].isspace())


def _sources(source: Source, node: cst.BaseExpression | None) -> Iterator[str]:
    """Yield the paths of a target's sources; an empty one for what is not written there."""
    folder = os.path.dirname(os.path.abspath(source.path))
    parts = [node]
    if isinstance(node, (cst.List, cst.Tuple)):
        parts = [one.value for one in node.elements]
    for part in parts:
        text = part.evaluated_value if isinstance(part, cst.SimpleString) else None
        names = text.split() if isinstance(text, str) else [""]
        yield from (os.path.join(folder, one) if one else "" for one in names)


def _target(given: dict[str, cst.BaseExpression]) -> str:
    """Return the name of a target, empty where it is not written down."""
    node = given.get("target")
    name = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return name.rpartition("/")[2] if isinstance(name, str) else ""
