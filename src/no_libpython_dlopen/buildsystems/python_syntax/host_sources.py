"""Asks the sources of an extension of a build file in Python's syntax whether they start Python."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import cached_property

import libcst as cst

from no_libpython_dlopen.buildsystems.common.host_kind import HostKind, host_kind
from no_libpython_dlopen.buildsystems.common.source_files import (
    files_below,
    files_of,
    named_sources,
)
from no_libpython_dlopen.buildsystems.python_syntax.backward_slice import BackwardSlice
from no_libpython_dlopen.buildsystems.python_syntax.script_model import Script
from no_libpython_dlopen.buildsystems.python_syntax.sinks import Shape, Sink
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.module_definitions import role_of
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.evaluator.abstract_values import Items, elements
from no_libpython_dlopen.python.syntax.parse import last_word

#: The argument of sources: distutils', SCons' and Bazel's; the first two take it by position.
_SOURCES = frozenset({"sources", "source", "srcs"})
#: What is linked into the module besides, and may be its source as well.
_LINKED_IN = frozenset({"extra_objects", "link_objects", "deps"})
#: Calls that write the source of the module themselves.
_WRITES_SOURCE = frozenset({"set_source", "set_source_pkgconfig", "verify", "load_inline"})
#: cffi builds a file with a name of the script's own, as for a library that C programs load.
_TARGET = re.compile(r"\.compile\([^()]*\btarget\s*=\s*(?:[\"'](\w+)\.)?")
#: A list of sources that is changed in the extension.
_CHANGED = re.compile(r"\.sources\b")
#: So many folders above the file may be the one that a path begins at.
_MOST_ABOVE = 3


def with_host_kinds(source: Source, script: Script, sinks: list[Sink]) -> list[Sink]:
    """Return sinks that say whether what they link starts an interpreter."""
    asked = _HostSources(source, script)
    return [sink._replace(host_kind=asked.of(sink)) for sink in sinks]


class _HostSources:
    """The sources that one build file names."""

    def __init__(self, source: Source, script: Script) -> None:
        self._folder = os.path.dirname(os.path.abspath(source.path))
        self._is_read = file_tree.is_file(source.path)
        self._text = source.text
        self._script = script
        self._known: dict[cst.CSTNode | None, HostKind] = {}

    def of(self, sink: Sink) -> HostKind:
        """Return whether what a sink links starts an interpreter."""
        if not self._is_read:
            return HostKind.NONE
        if sink.at not in self._known:
            self._known[sink.at] = self._of_call(sink.at)
        return self._known[sink.at]

    def _of_call(self, call: cst.CSTNode | None) -> HostKind:
        given = _argument(call, _SOURCES, at=1) if isinstance(call, cst.Call) else None
        writes = isinstance(call, cst.Call) and last_word(call.func) in _WRITES_SOURCE
        if given is None or writes:
            paths = {""}
        else:
            paths = set(self._paths(self._items(given)))
        linked = _argument(call, _LINKED_IN)
        changed = _CHANGED.search(self._text) is not None
        if changed or self._links_archives or linked is not None:
            paths.add("")
        if "" in paths:  # what the file names elsewhere may be a source of it
            paths.update(named_sources(self._folder, self._text))
        for label in self._items(linked) if linked is not None else ():
            paths.update(self._sources_of_label(label))
        found = host_kind(sorted(paths))
        # A source that is not there may be what the file itself writes.
        may_host = (writes and self._is_renamed) or ("" in paths and role_of(self._text).may_start)
        return HostKind.POSSIBLE if may_host and found is HostKind.NONE else found

    def _sources_of_label(self, label: str) -> list[str]:
        """Return the sources in the folder of a library of Bazel in another package."""
        package = label[2:].partition(":")[0] if label.startswith("//") else ""
        at = self._folder
        while package and not file_tree.is_folder(os.path.join(at, package)):
            if os.path.dirname(at) == at:
                return []
            at = os.path.dirname(at)
        return files_below(os.path.join(at, package)) if package else []

    @cached_property
    def _is_renamed(self) -> bool:
        """Return whether cffi compiles to a file that is not called like a module of this file."""
        stems = [one[1] or "" for one in _TARGET.finditer(self._text)]
        return any(not re.search(rf"[\"'.]{one or '$.'}[\"']", self._text) for one in stems)

    @cached_property
    def _links_archives(self) -> bool:
        """Return whether ``setup`` is told to build libraries for the extensions to link."""
        return any(
            isinstance(node, cst.Call)
            and last_word(node.func) == "setup"
            and _argument(node, frozenset({"libraries"})) is not None
            for node in self._script.flow.live_expressions
        )

    def _items(self, given: cst.BaseExpression) -> Iterator[str]:
        """Yield the texts of a list of sources; an empty one for what is not known."""
        if isinstance(given, cst.Call) and last_word(given.func) == "Split":  # SCons'
            words = given.args[0].value if given.args else given
            given = words if isinstance(words, cst.SimpleString) else given
        value = self._script.evaluator.evaluate(given)
        known = [one for one in value.alternatives if isinstance(one, (str, Items))]
        if not known or len(known) < len(value.alternatives) or not value.exhaustive:
            yield ""
        for one in known:
            if isinstance(one, str):
                yield from one.split()
            else:
                inner = elements(one)
                texts = [each for each in inner.alternatives if isinstance(each, str)]
                yield from texts
                if not texts or len(texts) < len(inner.alternatives) or not inner.exhaustive:
                    yield ""
        backward = BackwardSlice(self._script)
        backward.run(given, Shape.LIST)
        for item, shape in backward.items.items():
            for text in self._script.texts(item):
                yield from (text.split() if shape is Shape.TEXT else [text])

    def _paths(self, names: Iterable[str]) -> Iterator[str]:
        """Yield the paths of files; an empty one for what is not found."""
        for name in names:
            found = list(self._find(name)) if name else []
            yield from found or [""]

    def _find(self, name: str) -> Iterator[str]:
        head, slash, rest = name.partition("/")
        if head == UNKNOWN_PART and slash:  # a folder that is not known, of the project
            yield from files_below(self._folder, rest)
            return
        folder = self._folder
        for _ in range(_MOST_ABOVE):
            path = os.path.normpath(os.path.join(folder, name))
            found = files_of(path)
            if found:
                yield from found
                return
            folder = os.path.dirname(folder)


def _argument(
    call: cst.CSTNode | None, names: frozenset[str], at: int = -1
) -> cst.BaseExpression | None:
    """Return the argument of a call with one of some names, or at a position."""
    given = call.args if isinstance(call, cst.Call) else ()
    for argument in given:
        if argument.keyword is not None and argument.keyword.value in names:
            return argument.value
    plain = [one for one in given if one.keyword is None]
    if 0 <= at < len(plain) and not any(one.star for one in plain[: at + 1]):
        return plain[at].value
    return None
