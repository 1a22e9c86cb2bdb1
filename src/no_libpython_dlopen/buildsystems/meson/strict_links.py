"""What lets a module link without libpython where a ``meson.build`` forbids undefined symbols.

The flags that a project lists itself are deleted. Meson's own, ``b_lundef``, is passed for
``shared_library`` and not for modules (``get_base_link_args`` in Meson's ``compilers.py``); a
library that is a module gets an option of its own against it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.common import deletions, strict_flags
from no_libpython_dlopen.buildsystems.common.deletions import Deletion, Span, line_start
from no_libpython_dlopen.buildsystems.common.link_fact import STRICT
from no_libpython_dlopen.buildsystems.common.link_graph import Blocker, Reference
from no_libpython_dlopen.buildsystems.common.project_flags import forbids_undefined
from no_libpython_dlopen.buildsystems.meson import syntax_tree as syntax
from no_libpython_dlopen.buildsystems.meson.abstract_values import Atom
from no_libpython_dlopen.buildsystems.meson.model import Project
from no_libpython_dlopen.model.finding import Edit, Fix

_OPTION = "override_options: ['b_lundef=false']"
#: Functions that may be called with no flag, and those that may not.
_FILTERS = frozenset({"get_supported_link_arguments"})
_ADDING = frozenset({"add_project_link_arguments", "add_global_link_arguments"})
_BLANK = re.compile(r"[ \t]*")
_ASSIGNED = re.compile(r"(\w+)\s*\+?=\s*\[\Z")
#: Questions for the items of an array by number, for how many they are, and for one of them.
_READS = r"\b{0}\s*\[|\b{0}\s*\.\s*\w|\bin\s+{0}\b|\b{0}\s*[!=]=|[!=]=\s*{0}\b"


def leave_undefined(fix: Fix, project: Project, reference: Reference[Atom]) -> Fix | str:
    """Return a fix that also lets a module's symbols stay undefined, or why there is none."""
    file = project.current
    if project.others_forbid_undefined():
        return STRICT
    checked = project.checks_libraries()
    calls = {use.via for use in reference.uses if checked and Blocker.STRICT in use.blockers}
    if not calls and not forbids_undefined(file.text):
        return fix
    edits = [*_options(file.text, file.statements, calls), *_flags(file.text, file.statements)]
    found = [edit for edit in edits if edit is not None]
    return strict_flags.without(fix, file.text, found if len(found) == len(edits) else None)


def _options(
    text: str, statements: tuple[syntax.Statement, ...], calls: set[Span | None]
) -> Iterator[Edit | None]:
    """Yield the options for some calls, ``None`` for a call that takes none."""
    made = {
        (node.start, node.end): node
        for node in syntax.nodes(statements)
        if isinstance(node, syntax.Call)
    }
    for span in calls:
        call = made.get(span) if span else None
        items = call.arguments.items if call else ()
        if not items or any(each.keyword in ("override_options", "kwargs") for each in items):
            yield None
            continue
        last = items[-1].end
        line = line_start(text, items[-1].start)
        indent = _BLANK.match(text, line)
        alone = indent is not None and indent.end() == items[-1].start
        end = "\r\n" if text[:line].endswith("\r\n") else "\n"
        lead = f"{end}{text[line : items[-1].start]}" if alone else " "
        yield Edit(last, last, "", f",{lead}{_OPTION}")


def _flags(text: str, statements: tuple[syntax.Statement, ...]) -> Iterator[Edit | None]:
    """Yield the deletion of each strict flag, ``None`` for one that cannot go."""
    inner = {
        item.value.start
        for node in syntax.nodes(statements)
        if isinstance(node, syntax.Listing)
        for item in node.items
    }
    for node in syntax.nodes(statements):
        if isinstance(node, syntax.Listing):
            listing, call = node, None
        elif isinstance(node, syntax.Call):
            listing, call = node.arguments, node
        elif isinstance(node, syntax.Assignment) and isinstance(node.value, syntax.String):
            yield from _flags_of_assignment(text, node, node.value)
            continue
        else:
            continue
        texts = [_plain_text(text, each.value) for each in listing.items]
        found = strict_flags.cuts(texts)
        if found is None or (
            found and (listing.start in inner or is_read_otherwise(text, listing))
        ):
            yield None
            continue
        for cut in found:
            yield _flag(text, listing, call, cut, len(found))


def is_read_otherwise(text: str, listing: syntax.Listing) -> str:
    """Return the name of an array of which more is asked than that all of it is passed on."""
    name = _ASSIGNED.search(text, max(0, listing.inner[0] - 200), listing.inner[0])
    return name[1] if name and re.search(_READS.format(re.escape(name[1])), text) else ""


def _flag(
    text: str, listing: syntax.Listing, call: syntax.Call | None, cut: strict_flags.Cut, cuts: int
) -> Edit | None:
    """Return the deletion of a strict flag from an array or a call's arguments."""
    item = listing.items[cut.first]
    if cut.part is not None and isinstance(item.value, syntax.String):
        inner = item.value.inner
        return deletions.span(text, inner + cut.part[0], inner + cut.part[1])
    spans = [(each.start, each.end) for each in listing.items]
    if call is not None:
        if item.keyword == "link_args" and cut.first == cut.last:
            return Edit(item.value.start, item.value.end, _text(text, item.value), "[]")
        given = sum(not each.keyword for each in listing.items)
        removed = cut.last - cut.first + 1
        if item.keyword or call.name not in _ADDING | _FILTERS:
            return None
        if call.name in _ADDING and removed == given:
            return _edit(deletions.lines(text, call.start, call.end))
        if call.name in _ADDING and cuts > 1:
            return None
    return _edit(deletions.items(text, spans, cut.first, cut.last, listing.inner))


def _flags_of_assignment(
    text: str, node: syntax.Assignment, value: syntax.String
) -> Iterator[Edit | None]:
    """Yield the deletion of an assignment's flag; ``+=`` goes whole."""
    found = strict_flags.cuts([_plain_text(text, value)])
    if found is None:
        yield None
    for cut in found or ():
        if cut.part is not None:
            inner = value.inner
            yield deletions.span(text, inner + cut.part[0], inner + cut.part[1])
        else:
            yield _edit(deletions.lines(text, node.start, node.end)) if node.added else None


def _edit(found: Deletion | None) -> Edit | None:
    return None if found is None or found.comment else found.edit


def _plain_text(text: str, node: syntax.Expression) -> str | None:
    """Return the text of a string without escapes, ``None`` for anything else."""
    if not isinstance(node, syntax.String) or node.formatted:
        return None
    return node.text if text[node.inner : node.inner + len(node.text)] == node.text else None


def _text(text: str, node: syntax.Expression) -> str:
    return text[node.start : node.end]
