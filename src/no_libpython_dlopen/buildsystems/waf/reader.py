"""Reads Waf's ``wscript``, which is Python: a target with the features ``pyext pyembed``.

Each feature brings flags of its own: ``pyext`` those of an extension module, ``pyembed``
those of a program that embeds Python, libpython among them. A target with both is a
module that is linked to libpython; one with ``pyembed`` alone may be a program. The flags of
embedding programs are also given by their name, ``use="PYEMBED"``. Only what is written where
it is given is read, and not what is built for Windows alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import libcst as cst

from no_libpython_dlopen.buildsystems.commands.platform_conditions import is_foreign
from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common.deletions import Deletion, Span
from no_libpython_dlopen.buildsystems.common.link_fact import MACOS, deletion, link
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Edit
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.python.syntax import parse
from no_libpython_dlopen.python.syntax.parse_ast import TOO_DEEP
from no_libpython_dlopen.python.syntax.positions import Positions

#: What gives a target the flags of an embedding program, by the argument.
_EMBEDDING = {"features": "pyembed", "use": "PYEMBED", "uselib": "PYEMBED"}
_MODULE = "pyext"
#: What turns a test round, or joins it with another one.
_OPEN_TEST = re.compile(r"\bnot\b|!=|\bor\b")
_FEATURE = re.compile(r"[\w.]+")


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
    positions = Positions(module, source.text)
    for node in _nodes_on_unix(module, positions, source.text):
        if not isinstance(node, cst.Call):
            continue
        given = {one.keyword.value: one.value for one in node.args if one.keyword is not None}
        if "features" not in given:
            continue
        features = list(_features(given["features"], positions, source.text))
        if _MODULE not in {feature.name for feature in features}:
            continue
        for argument, name in _EMBEDDING.items():
            value = given.get(argument)
            for feature in _features(value, positions, source.text) if value is not None else ():
                if feature.name == name:
                    fix = deletion(name, feature.edit, [MACOS])
                    yield link(source, *feature.span, fix, embedding=True, target=_target(given))


def _nodes_on_unix(module: cst.Module, positions: Positions, text: str) -> Iterator[cst.CSTNode]:
    """Yield the nodes of a program without the branches that are for Windows alone."""
    waiting: list[cst.CSTNode] = [module]
    while waiting:
        node = waiting.pop()
        yield node
        below = parse.children(node)
        if isinstance(node, cst.If):
            test = text[slice(*positions.span(node.test))]
            if is_foreign(test) and not _OPEN_TEST.search(test):
                below = [node.orelse] if node.orelse is not None else []
        waiting += below[::-1]


def _features(node: cst.BaseExpression, positions: Positions, text: str) -> Iterator[_Feature]:
    """Yield the features in a string of words, or in a list of strings."""
    if isinstance(node, cst.ConcatenatedString):
        for part in (node.left, node.right):
            yield from _features(part, positions, text)
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


def _target(given: dict[str, cst.BaseExpression]) -> str:
    """Return the name of a target, empty where it is not written down."""
    node = given.get("target")
    name = node.evaluated_value if isinstance(node, cst.SimpleString) else None
    return name.rpartition("/")[2] if isinstance(name, str) else ""
