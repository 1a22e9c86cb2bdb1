"""Reads CMake: which word links which extension module to libpython.

The listfile is walked once for each platform, which fills a model of targets and of what
is linked to them. From it, the words of one listfile that mean libpython go into a link
graph; ``fixes`` has the edit that is right for all of their uses.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache, cached_property
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.cmake.arguments import Word
from no_libpython_dlopen.buildsystems.cmake.fixes.link_fixes import Fixes
from no_libpython_dlopen.buildsystems.cmake.fixes.strict_links import StrictLinks, strict_links_of
from no_libpython_dlopen.buildsystems.cmake.model import Model
from no_libpython_dlopen.buildsystems.cmake.project_cache import view
from no_libpython_dlopen.buildsystems.cmake.receivers import Receiver, Receivers, linkers_of
from no_libpython_dlopen.buildsystems.cmake.references import Meaning, may_link, meaning
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import (
    Listfile,
    Project,
    all_commands,
    listfile,
)
from no_libpython_dlopen.buildsystems.cmake.targets import Definition, LinkedWord, Maker, Via
from no_libpython_dlopen.buildsystems.common.host_kind import HostKind
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError, is_template
from no_libpython_dlopen.buildsystems.common.link_graph import (
    Blocker,
    LinkGraph,
    LinkUse,
    ReferenceKind,
    Target,
    TargetKind,
)
from no_libpython_dlopen.buildsystems.common.project_flags import siblings_forbid_undefined
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
#: Copies of CMake's own modules for Python; they link only what `find_package` is asked for.
_OF_CMAKE = re.compile(
    r"(?:\A|/)(?:FindPython(?:[23]|Libs|Interp)?|FindPython[23]?/Support)\.cmake\Z"
)
_LICENSE = "https://cmake.org/licensing"
#: The licence is named within this many characters.
_HEAD = 400
#: How a variable gets out of its folder.
_HANDED_ON = re.compile(r"\b(?:PARENT_SCOPE|CACHE|GLOBAL)\b")


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a listfile makes.

    Raises ``Unreadable`` where the text does not lex as CMake.
    """
    if _OF_CMAKE.search(source.path.replace(os.sep, "/")) and _LICENSE in source.text[:_HEAD]:
        return
    path = os.path.abspath(source.path) if file_tree.is_file(source.path) else ""
    try:
        current = listfile(path, source.text)
    except LexError as error:
        if _TEMPLATE.search(source.path) or is_template(source.path, source.text):
            return
        raise Unreadable(f"not valid CMake: {error.reason}", source.locate(error.offset)) from None
    if not may_link(all_commands(current.nodes)):
        return
    seen = view(
        current, lambda model, file: _Linking(source, model, model, file).graph().references()
    )
    for limit in seen.project.cuts:
        analysis.note_limit(limit)
    linking = _Linking(source, seen.judged, seen.model, seen.current, seen.project)
    graph = linking.graph()
    graph.is_complete = seen.project.complete
    if graph.references():
        graph.known_files = linking.strict_links.paths
    yield from graph.links(Fixes(seen.project, seen.model, graph).edit)


class _WordMeaning(NamedTuple):
    """What a word of a command means: libpython, in a way that is exempt or cannot be edited."""

    kind: ReferenceKind
    counterpart: str
    is_exempt: bool
    blockers: tuple[Blocker, ...]


class _Linking:
    """Who links the words of a listfile that mean libpython; each question is answered once.

    What a target is on a judged platform does not depend on what it is on others.
    """

    def __init__(
        self,
        source: Source,
        judged: Model,
        model: Model,
        current: Listfile,
        project: Project | None = None,
    ) -> None:
        self._source = source
        self._model = model
        self._current = current
        self._project = project
        self._variants = {True: cache(model.variants), False: cache(judged.variants)}
        self._sets_dynamic_lookup = cache(model.sets_dynamic_lookup)
        self._host_kind = cache(model.host_kind)
        #: Of words, since many targets may get one, and of targets.
        self._meanings: dict[object, _WordMeaning | None] = {}
        self._target_blockers: dict[str, tuple[Blocker, ...]] = {}
        self._is_used_elsewhere: dict[str, bool] = {}

    def graph(self) -> LinkGraph[Word]:
        """Return the uses of these words, and the words that link other libraries."""
        graph: LinkGraph[Word] = LinkGraph(self._source)
        graph.edits_strict_lines = True
        receivers = Receivers(self._model, cache(self._describe))
        for linked in self._model.links_of_file(self._current):
            meant = self._meaning_of(linked)
            if meant is None:
                graph.other_libraries.add((linked.word.start, linked.word.end))
                continue
            variants = self._variants[linked.platform is ANY_PLATFORM]
            if linked.own:
                own = Receiver(linked.target, linked.fallback)
                is_swig = linked.command.name == "swig_link_libraries"
                for target in variants(own.name, swig=is_swig):
                    graph.add(self._use(linked, meant, own, target))
            for receiver in receivers.of(linked.target, linked.platform, linked.passes):
                for target in variants(receiver.name, swig=False):
                    graph.add(self._use(linked, meant, receiver, target))
        return graph

    def _meaning_of(self, linked: LinkedWord) -> _WordMeaning | None:
        """Return the kind of reference that a word is; ``None`` for another library."""
        word = linked.word
        key = (id(word), linked.via, linked.target if word.file.in_function(word.start) else "")
        if key not in self._meanings:
            self._meanings[key] = _meaning(self._model, linked)
        return self._meanings[key]

    def _use(
        self, linked: LinkedWord, meant: _WordMeaning, receiver: Receiver, target: Target
    ) -> LinkUse[Word]:
        word, command, (name, fallback) = linked.word, linked.command, receiver
        return LinkUse(
            (word.start, word.end),
            meant.kind,
            target,
            linked.platform,
            word,
            via=(command.start, command.end) if linked.file is self._current else None,
            counterpart=meant.counterpart,
            exempt=linked.fallback or fallback or meant.is_exempt,
            is_shared=name != linked.target or self._is_shared(word),
            sets_dynamic_lookup=self._sets_dynamic_lookup(name),
            may_host=target.kind is TargetKind.EXTENSION_MODULE and self._may_host(name),
            blockers=(*meant.blockers, *self._blockers_of(name)),
        )

    def _describe(self, name: str, platform: Platform) -> tuple[object, ...]:
        """Return all that matters here of a target on a platform."""
        variants = self._variants[platform is ANY_PLATFORM](name, swig=False)
        kinds = [one.kind for one in variants]
        hosts = TargetKind.EXTENSION_MODULE in kinds and self._may_host(name)
        return (*kinds, hosts, self._blockers_of(name), self._sets_dynamic_lookup(name))

    def _may_host(self, name: str) -> bool:
        return self._host_kind(name) is HostKind.POSSIBLE

    @cached_property
    def strict_links(self) -> StrictLinks:
        """Where a strict flag may be on the link line."""
        if self._project is None:
            return StrictLinks(())
        outside = self._source.derive(siblings_forbid_undefined)
        return strict_links_of(self._project, outside=outside)

    def _blockers_of(self, name: str) -> tuple[Blocker, ...]:
        """Return the reasons against the deletion of whatever a target links."""
        if name not in self._target_blockers:
            self._target_blockers[name] = self._find_blockers(name)
        return self._target_blockers[name]

    def _is_shared(self, word: Word) -> bool:
        """Return whether files which were not read may use a word: in a variable, say.

        Those of a folder's ``CMakeLists.txt`` are seen in the folders below, and nowhere else
        unless they are handed on.
        """
        file, name = word.file, word.command.name
        if name not in ("link_libraries", "set", "list", "string"):
            return False
        if name == "link_libraries" or file.in_function(word.start) or self._project is None:
            return True
        if file.path not in self._is_used_elsewhere:
            self._is_used_elsewhere[file.path] = _is_used_elsewhere(self._project, file)
        return self._is_used_elsewhere[file.path]

    def _find_blockers(self, name: str) -> tuple[Blocker, ...]:
        made = list(self._model.definitions(name))
        names = {name, *(each.raw for each in made)}
        is_module = bool(made) and all(map(_is_surely_module, made))
        is_strict = self.strict_links.are_of(names, is_module=is_module)
        is_linked = not is_module and any(
            target.kind is not TargetKind.EXTENSION_MODULE
            for user in linkers_of(self._model, name)
            for target in self._variants[True](user, swig=False)
        )
        return (Blocker.STRICT,) * is_strict + (Blocker.LINKED,) * is_linked


def _is_used_elsewhere(project: Project, file: Listfile) -> bool:
    """Return whether files which were not read may use the variables of a listfile."""
    if os.path.basename(file.path) != "CMakeLists.txt" or _HANDED_ON.search(file.text):
        return True
    below = os.path.join(os.path.dirname(file.path), "")
    return any(
        gap.startswith(below) or os.path.basename(gap) != "CMakeLists.txt" for gap in project.gaps
    )


def _is_surely_module(target: Definition) -> bool:
    """Return whether the command that makes a target says that its type is ``MODULE``."""
    texts = {argument.text for argument in target.command.arguments}
    return target.type == "MODULE" and "MODULE" in texts


def _meaning(model: Model, linked: LinkedWord) -> _WordMeaning | None:
    word = linked.word
    if linked.via is Via.TYPE:
        found: Meaning | None = Meaning(ReferenceKind.SHARED, "MODULE")
    else:
        found = meaning(word, linked.via is Via.FLAGS, model.named)
    if found is None:
        return None
    defined = word.text in model.own and word.text not in model.named
    is_exempt = defined or _is_empty(model, found)
    return _WordMeaning(*found, is_exempt, tuple(_blockers(model, linked)))


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
