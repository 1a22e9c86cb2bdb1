"""Reads ``meson.build``: which setting links which extension module to libpython.

``meson_walk`` notes what each target links in each platform; here every atom that an
extension module links on plain Unix becomes a ``Link``. Meson itself tells macOS'
linker that symbols come later, so what is deleted here needs nothing in its place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.common.link_fact import changed, deletion, link
from no_libpython_dlopen.buildsystems.meson.abstract_values import Atom, Way
from no_libpython_dlopen.buildsystems.meson.interpreter import Interpreter
from no_libpython_dlopen.buildsystems.meson.model import Project, Use, parse_file
from no_libpython_dlopen.buildsystems.meson.parser import Assignment
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM, PLATFORMS
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Edit, Fix, Related
from no_libpython_dlopen.model.source import Source, Unreadable

_EXPLICIT = frozenset({Way.TEXT, Way.FLAG, Way.LIBRARY})
_EMBED = "-embed"
_LINE_END = re.compile(r"\r\n|\r|\n|\Z")


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a ``meson.build`` makes.

    Raises ``Unreadable`` where the text is not Meson.
    """
    path = os.path.abspath(source.path) if os.path.isfile(source.path) else ""
    try:
        current = parse_file(path, source.text)
    except LexError as error:
        raise Unreadable(f"not Meson: {error.reason}", source.locate(error.offset)) from None
    project = Project(current)
    root = project.root()
    for platform in PLATFORMS:
        walk = Interpreter(project, platform)
        walk.start(root)
        if current.path not in walk.reached:
            Interpreter(project, platform).start(current)
    users: dict[tuple[int, int], list[Use]] = {}
    for use in project.uses:
        if use.atom.file is current:
            users.setdefault((use.atom.start, use.atom.end), []).append(use)
    for _, uses in sorted(users.items()):
        guilty = [use for use in uses if use.module and use.platform is not ANY_PLATFORM]
        if guilty:
            yield _link(source, project, guilty[0], uses)


def _link(source: Source, project: Project, first: Use, uses: list[Use]) -> Link:
    atom = first.atom
    reason = _obstacle(project, uses)
    fix = None if reason else _fix(source.text, atom)
    related: tuple[Related, ...] = ()
    if first.file is project.current and not _inside(atom, first):
        start, end = source.locate(first.call.start), source.locate(first.call.end)
        related = (Related("it is linked here", start, end),)
    return link(
        source,
        atom.start,
        atom.end,
        fix,
        embedding=atom.way not in _EXPLICIT,
        target="" if UNKNOWN_PART in first.target or first.target == "?" else first.target,
        no_fix_reason=reason or "where it would have to be cut out is not plain",
        related=related,
    )


def _inside(atom: Atom, use: Use) -> bool:
    """Tell whether an atom is written in the call that links it."""
    return use.file is atom.file and use.call.start <= atom.start and atom.end <= use.call.end


def _obstacle(project: Project, uses: list[Use]) -> str:
    """Return why nothing may be changed, whatever it is."""
    if any(use.everywhere for use in uses):
        return "it is for all targets of the project"
    if not all(use.module for use in uses):
        return "something that is no extension module uses it as well"
    atom = uses[0].atom
    if (atom.file.path, atom.start, atom.end) in project.others:
        return "it may be another library as well"
    if not project.complete and not all(_inside(use.atom, use) for use in uses):
        return "parts of the project that may use it could not be read"
    return ""


def _fix(text: str, atom: Atom) -> Fix | None:
    """Return the edit that undoes an atom, ``None`` where there is no plain one."""
    spelled = text[atom.start : atom.end]
    if atom.way is Way.PKG_CONFIG:
        at = spelled.rfind(_EMBED)
        if at < 0:
            return None
        edit = deletions.span(text, atom.start + at, atom.start + at + len(_EMBED))
        return changed("ask for the dependency of extension modules", (edit,))
    if atom.within:
        return deletion(spelled, deletions.word(text, atom.start, atom.end))
    if isinstance(atom.home, Assignment):
        if not atom.home.added:
            return None
        return deletion(spelled, _statement(text, atom.home))
    if atom.home is None:
        return None
    listing, index = atom.home
    spans = [(item.start, item.end) for item in listing.items]
    return deletion(spelled, deletions.item(text, spans, index, listing.inner))


def _statement(text: str, statement: Assignment) -> deletions.Cut:
    """Return the deletion of a statement with the lines that it has for itself."""
    start = deletions.line_start(text, statement.start)
    end = _LINE_END.search(text, statement.end)
    assert end is not None
    rest = text[statement.end : end.start()].strip(" \t")
    edit = Edit(start, end.end(), text[start : end.end()], "")
    return deletions.Cut(edit, bool(rest))
