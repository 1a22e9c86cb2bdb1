"""Reads ``meson.build``: which setting links which extension module to libpython.

The interpreter adds what each target links on each platform to the link graph; here is
the edit that undoes it. Meson itself tells macOS'
linker that symbols come later, so what is deleted here needs nothing in its place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache

from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError, is_template
from no_libpython_dlopen.buildsystems.common.link_fact import OTHER_SYSTEM, deletion, make_fix
from no_libpython_dlopen.buildsystems.common.link_graph import (
    Blocker,
    LinkGraph,
    Reference,
    ReferenceKind,
    package_of_modules,
)
from no_libpython_dlopen.buildsystems.meson.abstract_values import Atom
from no_libpython_dlopen.buildsystems.meson.array_readers import ArrayReaders
from no_libpython_dlopen.buildsystems.meson.model import parse_file
from no_libpython_dlopen.buildsystems.meson.project_cache import view
from no_libpython_dlopen.buildsystems.meson.strict_links import is_read_otherwise, leave_undefined
from no_libpython_dlopen.buildsystems.meson.syntax_tree import Assignment, String
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.link_references import EMBED_SUFFIX
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Fix
from no_libpython_dlopen.model.source import Source, Unreadable

#: The variable that gets the dependency; so much before a word may belong to its assignment.
_ASSIGNED = re.compile(r"(\w+)\s*\+?=(?!=)[^=]*\Z")
_BEFORE = 400


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a ``meson.build`` makes.

    Raises ``Unreadable`` where the text is not Meson.
    """
    path = os.path.abspath(source.path) if file_tree.is_file(source.path) else ""
    try:
        current = parse_file(path, source.text)
    except LexError as error:
        if is_template(source.path, source.text):
            return
        raise Unreadable(f"not valid Meson: {error.reason}", source.locate(error.offset)) from None
    project = view(current)
    for limit in project.cuts:
        analysis.note_limit(limit)
    graph = LinkGraph(source, project.uses_of(project.current))
    graph.other_libraries = project.other_libraries_of(project.current)
    graph.is_complete = project.is_complete
    graph.edits_strict_lines = True

    readers = cache(lambda: ArrayReaders(project.files()))

    def edit(reference: Reference[Atom]) -> Fix | str:
        atom = reference.first.written
        fix = _edit(source.text, atom)
        is_of_python = atom.kind in (ReferenceKind.PACKAGE, ReferenceKind.KEYWORD)
        listing = atom.home[0] if isinstance(atom.home, tuple) and not is_of_python else None
        if not isinstance(fix, str) and listing and (name := readers().of(atom.file, listing)):
            fix = make_fix(fix.message, fix.edits, (*fix.caveats, Blocker.USED.about(name)))
        if not isinstance(fix, str) and not is_of_python and project.asks_by_name:
            fix = make_fix(fix.message, fix.edits, (*fix.caveats, OTHER_SYSTEM))
        named = _ASSIGNED.search(source.text, max(0, atom.start - _BEFORE), atom.start)
        if not isinstance(fix, str) and named and project.asks_about(named[1]):
            fix = make_fix(fix.message, fix.edits, (*fix.caveats, Blocker.USED.about(named[1])))
        return fix if isinstance(fix, str) else leave_undefined(fix, project, reference)

    yield from graph.links(edit)


def _edit(text: str, atom: Atom) -> Fix | str:
    """Return the fix that undoes an atom, or why there is none."""
    spelled = text[atom.start : atom.end]
    if atom.kind is ReferenceKind.PACKAGE:
        fix = package_of_modules(text, (atom.start, atom.end))
        return Blocker.NO_EDIT if _is_asked_for_both(atom) else fix
    if atom.within:
        return deletion(spelled, deletions.word(text, atom.start, atom.end))
    if isinstance(atom.home, Assignment) and atom.home.added:
        found = deletions.lines(text, atom.home.start, atom.home.end)
        return Blocker.NO_EDIT if found is None else deletion(spelled, found)
    if not isinstance(atom.home, tuple):
        return Blocker.NO_EDIT
    listing, index = atom.home
    if name := is_read_otherwise(text, listing):
        return Blocker.USED.about(name)
    spans = [(item.start, item.end) for item in listing.items]
    return deletion(spelled, deletions.item(text, spans, index, listing.inner))


def _is_asked_for_both(atom: Atom) -> bool:
    """Return whether a call names the package of modules, too: Meson takes no name twice."""
    plain = atom.text.replace(EMBED_SUFFIX, "")
    items = atom.home[0].items if isinstance(atom.home, tuple) else ()
    return any(isinstance(item.value, String) and item.value.text == plain for item in items)
