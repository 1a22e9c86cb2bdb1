"""Asks pkg-config for ``python3`` in place of ``python3-embed``, where only modules link it."""

from __future__ import annotations

import re

from no_libpython_dlopen.buildsystems.cmake.arguments import Word
from no_libpython_dlopen.buildsystems.cmake.fixes.mentions import query_mentions, template_mentions
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Project, all_commands
from no_libpython_dlopen.buildsystems.common.link_graph import (
    Blocker,
    LinkGraph,
    Reference,
    ReferenceKind,
    package_of_modules,
)
from no_libpython_dlopen.knowledge.link_references import is_embedding_package
from no_libpython_dlopen.model.finding import Fix

#: The prefix of a query, in the names of its target and of its variables.
_PREFIX = re.compile(r"PkgConfig::(\w+)|(?<!\w)(\w+?)_(?:STATIC_)?(?:LINK_)?(?:LIBRARIES|LDFLAGS)")
_QUERIES = frozenset({"pkg_check_modules", "pkg_search_module"})


def ask_for_module_package(
    project: Project, graph: LinkGraph[Word], reference: Reference[Word], caveats: tuple[str, ...]
) -> Fix | str:
    """Return the change of the query that a linked word comes from, or why there is none.

    The two packages have the same headers, version and directories; only the embedding one has a
    library (CPython 3.8 and later).
    """
    prefix = _prefix_of(reference)
    current = project.current
    queries = [
        (file, command)
        for file in project.files()
        for command in all_commands(file.nodes)
        if command.name in _QUERIES and command.arguments and command.arguments[0].text == prefix
    ]
    if len(queries) != 1 or not project.complete:
        return Blocker.PKG_CONFIG
    ((place, query),) = queries
    packages = [one for one in query.arguments[1:] if is_embedding_package(one.text)]
    if place is not current or len(packages) != 1 or query.name != "pkg_check_modules":
        return Blocker.PKG_CONFIG
    linked = {
        each.first.span
        for each in graph.references()
        if each.first.kind is ReferenceKind.PACKAGE and not graph.fix_blocker(each)
    }
    for file in project.files():
        if template_mentions(file, prefix):
            return Blocker.USED.about(prefix)
        for start, end in query_mentions(file, prefix):
            if file is not current or not any(a <= start and end <= b for a, b in linked):
                return Blocker.OTHER_TARGET
    return package_of_modules(current.text, (packages[0].start, packages[0].end), caveats)


def _prefix_of(reference: Reference[Word]) -> str:
    match = _PREFIX.search(reference.first.written.spelled)
    return (match[1] or match[2]) if match else ""
