"""Reads CMake: which word links which extension module to libpython.

The listfile is walked once for each platform, which fills a model of targets and of what
is linked to them. From it, the words of one listfile that mean libpython go into a link
graph; ``fixes`` has the edit that is right for all of their uses.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache

from no_libpython_dlopen.buildsystems.cmake.arguments import Word
from no_libpython_dlopen.buildsystems.cmake.fixes.link_fixes import Fixes
from no_libpython_dlopen.buildsystems.cmake.fixes.strict_links import (
    StrictLinks,
    linker_flag_files,
)
from no_libpython_dlopen.buildsystems.cmake.model import Definition, LinkedWord, Maker, Model, Via
from no_libpython_dlopen.buildsystems.cmake.project_cache import view
from no_libpython_dlopen.buildsystems.cmake.receivers import Receiver, Receivers, linking
from no_libpython_dlopen.buildsystems.cmake.references import Meaning, may_link, meaning
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import (
    Listfile,
    Project,
    all_commands,
    listfile,
)
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.common.link_fact import siblings_forbid_undefined
from no_libpython_dlopen.buildsystems.common.link_graph import (
    Blocker,
    LinkGraph,
    LinkUse,
    ReferenceKind,
    TargetKind,
)
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM, Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source, Unreadable

#: ``config.h.cmake``: what ``configure_file`` makes a header of is named so, and is no CMake.
_TEMPLATE = re.compile(
    r"\.(?:hh?|hpp|hxx|cc?|cpp|cxx|cu|f|f90|py|pyi?|pc|txt|in|xml|sh|bat|ps1|json|rc|tex|i|m|java|cs"
    r"|rs|go|js|toml|cfg|conf|ini|ya?ml|html|md|rst|def|map|plist|desktop|iss|nsi|spec)"
    r"(?:[-_]in)?\.cmake\Z"
)
#: How a variable gets out of its folder.
_HANDED_ON = re.compile(r"\b(?:PARENT_SCOPE|CACHE|GLOBAL)\b")


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a listfile makes.

    Raises ``Unreadable`` where the text does not lex as CMake.
    """
    path = os.path.abspath(source.path) if file_tree.is_file(source.path) else ""
    try:
        current = listfile(path, source.text)
    except LexError as error:
        if _TEMPLATE.search(source.path):
            return
        raise Unreadable(f"not CMake: {error.reason}", source.locate(error.offset)) from None
    if not may_link(all_commands(current.nodes)):
        return
    seen = view(current, lambda model, file: _graph(source, model, model, file).references())
    for limit in seen.project.cuts:
        analysis.note_limit(limit)
    graph = _graph(source, seen.judged, seen.model, seen.current, seen.project)
    graph.is_complete = seen.project.complete
    yield from graph.links(Fixes(seen.project, seen.model, graph).edit)


def _graph(
    source: Source,
    judged: Model,
    model: Model,
    current: Listfile,
    project: Project | None = None,
) -> LinkGraph[Word]:
    """Return who links the words of a listfile that mean libpython.

    What a target is on a judged platform does not depend on what it is on others.
    """
    graph: LinkGraph[Word] = LinkGraph(source)
    graph.edits_strict_lines = True
    variants = {True: cache(model.variants), False: cache(judged.variants)}
    sets_dynamic_lookup = cache(model.sets_dynamic_lookup)

    @cache
    def strict_links() -> StrictLinks:
        if project is None:
            return StrictLinks(())
        outside = source.derive(siblings_forbid_undefined)
        return StrictLinks(linker_flag_files(project), outside=outside)

    @cache
    def blockers_of(name: str) -> tuple[Blocker, ...]:
        made = list(model.definitions(name))
        names = {name, *(each.raw for each in made)}
        is_module = bool(made) and all(map(_is_surely_module, made))
        strict = strict_links().are_of(names, is_module=is_module)
        linked = not is_module and any(
            target.kind is not TargetKind.EXTENSION_MODULE
            for user in linking(model, name)
            for target in variants[True](user, swig=False)
        )
        return (Blocker.STRICT,) * strict + (Blocker.LINKED,) * linked

    @cache
    def is_empty(meant: Meaning) -> bool:
        return _is_empty(model, meant)

    #: What a word means in a command, and what forbids its edit: many targets may get one.
    known: dict[object, tuple[Meaning | None, tuple[Blocker, ...]]] = {}

    @cache
    def describe(name: str, platform: Platform) -> tuple[object, ...]:
        kinds = [each.kind for each in variants[platform is ANY_PLATFORM](name, swig=False)]
        return (*kinds, blockers_of(name), sets_dynamic_lookup(name))

    receivers = Receivers(model, describe)
    for linked in model.linked_in(current):
        word, span = linked.word, (linked.word.start, linked.word.end)
        key = (id(word), linked.via, linked.target if word.file.in_function(word.start) else "")
        if key not in known:
            known[key] = _meaning(model, linked), tuple(_blockers(model, linked))
        meant, blockers = known[key]
        if meant is None:
            graph.other_libraries.add(span)
            continue
        is_any = linked.platform is ANY_PLATFORM
        swig = linked.command.name == "swig_link_libraries"
        users = [
            (each, False) for each in receivers.of(linked.target, linked.platform, linked.passes)
        ]
        if linked.own:
            users.insert(0, (Receiver(linked.target, linked.fallback), swig))
        for (name, fallback), of_swig in users:
            for target in variants[is_any](name, swig=of_swig):
                graph.add(
                    LinkUse(
                        span,
                        meant.kind,
                        target,
                        linked.platform,
                        word,
                        via=_via(linked, current),
                        counterpart=meant.counterpart,
                        exempt=linked.fallback
                        or fallback
                        or word.text in model.own
                        or is_empty(meant),
                        is_shared=name != linked.target or _is_shared(word, project),
                        sets_dynamic_lookup=sets_dynamic_lookup(name),
                        blockers=(*blockers, *blockers_of(name)),
                    )
                )
    return graph


def _is_surely_module(target: Definition) -> bool:
    """Return whether the command that makes a target says that its type is ``MODULE``."""
    texts = {argument.text for argument in target.command.arguments}
    return target.type == "MODULE" and "MODULE" in texts


def _via(linked: LinkedWord, current: Listfile) -> tuple[int, int] | None:
    return (linked.command.start, linked.command.end) if linked.file is current else None


def _is_shared(word: Word, project: Project | None) -> bool:
    """Return whether files which were not read may use a word: in a variable, say.

    Those of a folder's ``CMakeLists.txt`` are seen in the folders below, and nowhere else
    unless they are handed on.
    """
    if word.command.name == "link_libraries":
        return True
    if word.command.name not in ("set", "list", "string"):
        return False
    path = word.file.path
    local = os.path.basename(path) == "CMakeLists.txt" and not word.file.in_function(word.start)
    if project is None or not local or _HANDED_ON.search(word.file.text):
        return True
    below = os.path.join(os.path.dirname(path), "")
    return any(
        gap.startswith(below) or os.path.basename(gap) != "CMakeLists.txt" for gap in project.gaps
    )


def _meaning(model: Model, linked: LinkedWord) -> Meaning | None:
    if linked.via is Via.TYPE:
        return Meaning(ReferenceKind.SHARED, "MODULE")
    return meaning(linked.word, linked.via is Via.FLAGS, model.named)


def _is_empty(model: Model, meant: Meaning) -> bool:
    """Return whether a variable is empty, as where only ``Development.Module`` is found."""
    finds = [find for find in model.finds if f"{find.prefix}::Module" == meant.counterpart]
    variable = meant.kind is ReferenceKind.VARIABLE
    return variable and bool(finds) and not any(find.embeds for find in finds)


def _blockers(model: Model, linked: LinkedWord) -> Iterator[Blocker]:
    """Yield the blockers of an edit of a word."""
    word = linked.word
    if word.file.in_function(word.start) and not _is_made_beside(model, linked):
        yield Blocker.IN_FUNCTION
    if word.spelled != word.text:
        yield Blocker.ASSEMBLED


def _is_made_beside(model: Model, linked: LinkedWord) -> bool:
    """Return whether the function that links a word also makes the target, of a type it names.

    Then it links modules, whoever calls it.
    """
    word = linked.word
    scope = next((each for each in word.file.functions if each[0] <= word.start < each[1]), (0, 0))
    made = list(model.definitions(linked.target))
    return bool(made) and all(
        target.file is word.file
        and scope[0] <= target.command.start < scope[1]
        and (
            target.maker is not Maker.LIBRARY
            or target.type in {argument.text for argument in target.command.arguments}
        )
        for target in made
    )
