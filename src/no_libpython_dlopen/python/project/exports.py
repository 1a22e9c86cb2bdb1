"""Finds what the names of a project's modules may mean, from one pass over ``ast`` of each.

A name may mean what the statements mention that give it its value, down to the modules that
these take names from. That is more than it does mean, so what it may not mean needs no module
to be evaluated.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from functools import lru_cache

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.platforms import is_windows_flag
from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.mentions import IMPORTED, NAME_PIECE, Mentions, mentions_of
from no_libpython_dlopen.python.prefilter import (
    may_give_loader,
    may_hold_program,
    may_name_libpython,
    runs_program,
)
from no_libpython_dlopen.python.project import import_graph
from no_libpython_dlopen.python.project.layout import Layout, Module, is_of_tests
from no_libpython_dlopen.python.project.module_sources import may_change_tests, may_end_early
from no_libpython_dlopen.python.project.module_words import (
    HOLDS_PROGRAM,
    NAMES,
    OPENS,
    TELLS_PLATFORM,
    ModuleWords,
    guards_of,
    member_of,
)
from no_libpython_dlopen.python.statements import Statement
from no_libpython_dlopen.python.vocabulary import BY_NAME, PROGRAM_PIECE

#: Words for imports of libpython's name or a part of it, and of anything else of the project with
#: which the file's own part may be put together.
_IMPORTED_NAME, _IMPORTED_PART = "(imported name)", "(imported part)"
_IMPORTED_TEXT, _IMPORTED_RUNNER = "(imported text)", "(imported runner)"
#: More names than these are not followed for one import, which then may mean all.
_MAX_NAMES = 2_000
#: An import is not followed through more modules than these.
_MAX_REEXPORTS = 4


def split(qualified: str) -> tuple[str, str]:
    """Return the module of an imported name, and the name in it."""
    owner, _, name = qualified.rpartition(".")
    if qualified.startswith(".") and not owner.strip("."):
        owner += "."
    return owner, name


def may_load(
    mentions: Mentions, source: Source, exports: Exports, *, calls: bool, names: bool
) -> bool:
    """Return whether a file could open libpython with what it imports from its project.

    ``calls``: its own code may call a loader; ``names``: it may name libpython. What the imported
    names mean is noted among the file's words.
    """
    if not import_graph.is_on_disk(source.path):
        return False
    layout = import_graph.layout_of_source(source)
    words = frozenset(mentions.by_word)
    fixtures = dict(_fixtures(mentions, layout, source.path))
    imports = [*mentions.imports, *_starred_names(mentions), *fixtures.items()]

    def imports_that_mean(meaning: int, among: Collection[str] | None = None) -> list[Statement]:
        asked = [(name, one) for name, one in imports if among is None or name in among]
        return [one for name, one in asked if exports.meaning(layout, name, words, meaning)]

    # What it calls may be the loader of a module that another one hands on.
    calls = calls or (mentions.may_load and any(one.endswith(".ctypes") for one, _ in imports))
    if not ((calls or imports_that_mean(OPENS)) and (names or imports_that_mean(NAMES))):
        return False
    opening = imports_that_mean(OPENS)
    mentions.note_meaning(IMPORTED, opening)
    loaders = mentions.reachable_names(frozenset({IMPORTED})) | (
        mentions.loaders if calls else frozenset()
    )
    calling = [one for one in mentions.statements if one.acts and one.mentions & loaders]
    start = set().union(*(one.mentions | guards_of(one) for one in calling))
    start |= mentions.words_of_tests(set().union(*(one.mentions for one in calling)) - loaders)
    own = ModuleWords(mentions, calls_loader=calls)
    needed = {name for one in start for name in own.origins(one, guards=True).imports} | {*fixtures}
    there = set(map(id, calling))
    needed |= {name for name, one in imports if id(one) in there}  # which bind nothing, perhaps
    mentions.note_meaning(_IMPORTED_NAME, imports_that_mean(NAMES, needed))
    given, pieces = mentions.involved_names({_IMPORTED_NAME}), mentions.involved_names({NAME_PIECE})
    if opening and mentions.is_acted_on(
        mentions.reachable_names(frozenset({IMPORTED})), given | pieces
    ):
        return True
    if calls and mentions.is_acted_on(mentions.loaders, given):
        return True
    if not (calls and names):
        return False
    # A part of the name may be put together with what the project gives, or handed to it.
    given_by_project = [one for name, one in imports if _is_of_project(layout, name)]
    mentions.note_meaning(_IMPORTED_PART, given_by_project)
    return mentions.is_acted_on(mentions.reachable_names(frozenset({_IMPORTED_PART})), pieces)


def _is_of_project(layout: Layout, qualified: str) -> bool:
    """Return whether a module of the project is, or may define, what is imported."""
    owner, _ = split(qualified)
    return any(layout.find(one) is not None for one in (owner, qualified) if one)


def takes_flag(mentions: Mentions, source: Source) -> bool:
    """Return whether a file imports a name of the project that seems true on Windows alone.

    What has the name may be something else: a list called ``WINDOWS``.
    """
    named = [
        owner
        for owner, name in map(split, (one for one, _ in mentions.imports))
        if is_windows_flag(name)
    ]
    if not named or not import_graph.is_on_disk(source.path):
        return False
    layout = import_graph.layout_of_source(source)
    return any(layout.find(one) is not None for one in named)


def may_exclude_loads(mentions: Mentions, source: Source, exports: Exports) -> bool:
    """Return whether other modules of the project may keep a file's own loads from being made.

    They may tell the platform, end early, bind a name anew by a star import, or be what a test
    runner calls before tests.
    """
    path = source.path
    if not import_graph.is_on_disk(path):
        return False
    layout = import_graph.layout_of_source(source)
    modules = import_graph.modules_of_source(source)
    packages = (one.path for one in layout.packages() if one.path != path)
    if any(map(may_end_early, (*modules, *packages))) or any(map(layout.find, mentions.stars)):
        return True
    if is_of_tests(path) and any(map(may_change_tests, modules)):
        return True
    words = frozenset(mentions.by_word)
    imports = (name for name, _ in (*mentions.imports, *_starred_names(mentions)))
    return any(exports.meaning(layout, name, words, TELLS_PLATFORM) for name in imports)


def may_run_program(mentions: Mentions, source: Source, exports: Exports, *, runs: bool) -> bool:
    """Return whether a file hands a Python a program with a function or a text that it imports.

    ``runs``: its own code may hand one on. The imported texts are noted among the file's words.
    """
    if not import_graph.is_on_disk(source.path) or not (runs or mentions.holds_program):
        return False
    layout, words = import_graph.layout_of_source(source), frozenset(mentions.by_word)

    def imports_that_mean(meaning: int) -> list[Statement]:
        imports = (*mentions.imports, *_starred_names(mentions))
        return [one for name, one in imports if exports.meaning(layout, name, words, meaning)]

    def is_handed_on(runner: str, text: str) -> bool:
        runners = mentions.reachable_names(frozenset({runner}))
        return mentions.is_acted_on(runners, mentions.involved_names({text}))

    taken = imports_that_mean(HOLDS_PROGRAM) if runs else []
    own = mentions.by_word.get(PROGRAM_PIECE, [])
    if taken:
        mentions.note_meaning(_IMPORTED_TEXT, taken)
        if any(is_handed_on(one, _IMPORTED_TEXT) for one in ("executable", "exec")):
            mentions.note_meaning(PROGRAM_PIECE, own + taken)
            return True
    imports = mentions.imports if own else ()
    running = [one for name, one in imports if exports.runs_program(layout, name)]
    if not running:
        return False
    mentions.note_meaning(_IMPORTED_RUNNER, running)
    return is_handed_on(_IMPORTED_RUNNER, PROGRAM_PIECE)


def _fixtures(mentions: Mentions, layout: Layout, path: str) -> Iterator[tuple[str, Statement]]:
    """Yield the qualified names of a test file's parameters, if other modules define the fixtures."""
    levels = 1 + layout.folder[len(layout.root) :].count(os.sep)
    owners = [*import_graph.plugin_names(layout, path)]
    owners += ["." * (one + 1) + "conftest" for one in range(levels) if layout.conftests(path)]
    for name in set().union(*mentions.parameters.values()) if owners else ():
        alone = Statement()
        alone.binds.add(name)
        yield from ((f"{owner}.{name}", alone) for owner in owners)


def _starred_names(mentions: Mentions) -> Iterator[tuple[str, Statement]]:
    """Yield the qualified name of each word of a file, if a star import binds it."""
    for star in mentions.stars:
        for word in mentions.by_word:
            if word.isidentifier():
                alone = Statement()
                alone.binds.add(word)
                yield member_of(star, word), alone


class Exports:
    """What the names that one checked file imports may mean."""

    def __init__(self) -> None:
        self._answers: dict[object, int] = {}

    def meaning(
        self, layout: Layout, qualified: str, words: frozenset[str] | None, wanted: int
    ) -> int:
        """Return which of the wanted meanings an imported name may have.

        Of a module these are the meanings of those of its names that are among ``words``,
        ``None`` for all.
        """
        if words is not None and not words.isdisjoint(BY_NAME):
            words = None
        key = layout.folder, qualified, words, wanted
        if key not in self._answers:
            self._answers[key] = self._search(layout, qualified, words, wanted)
        return self._answers[key]

    def _search(
        self, layout: Layout, qualified: str, words: frozenset[str] | None, wanted: int
    ) -> int:
        found = 0
        seen: set[tuple[str, str]] = set()
        asked: dict[str, set[str]] = {}
        todo = [(layout, qualified, words)]
        while todo:
            layout, qualified, words = todo.pop()
            for module, name in _targets(layout, qualified, words, wanted):
                if (module.path, name) in seen:
                    continue
                seen.add((module.path, name))
                if len(seen) > _MAX_NAMES:
                    return wanted
                known = _words_of(module.path)
                if known is None:
                    continue
                origins = known.origins(name, guards=bool(wanted & TELLS_PLATFORM))
                found |= origins.meaning & wanted
                if found == wanted:
                    return found
                before = asked.setdefault(module.path, set())
                imports = [one for one in origins.imports if one not in before]
                if not imports:
                    continue
                before.update(imports)
                inner = import_graph.layout_of_file(module.path)
                # An attribute of what is handed on may be asked for here, or where it arrives.
                by_name = not known.words.isdisjoint(BY_NAME)
                every = None if by_name else known.words | (words or frozenset())
                todo += [(inner, one, every) for one in imports]
        return found

    def runs_program(self, layout: Layout, qualified: str) -> bool:
        """Return whether an imported name may be a function that hands its argument a Python."""
        return any(import_graph.ask(runs_program, path) for path, _ in _places(layout, qualified))


def takes_arguments(path: str, name: str) -> bool:
    """Return whether a name of a module is a function's or a class's that takes arguments.

    What it returns may be made of these, whatever else the module does.
    """
    known = _words_of(path)
    whole = known.reexport(name) if known is not None else ""
    places = _places(import_graph.layout_of_file(path), whole) if whole else [(path, name)]
    words = ((_words_of(one), own) for one, own in places)
    return any(known.parameters.get(own) for known, own in words if known is not None)


def _places(layout: Layout, qualified: str) -> Iterator[tuple[str, str]]:
    """Yield the module of an imported name with the name there, and those that it comes from.

    Past the last of these modules an empty path is yielded, unless it is too far away.
    """
    for _ in range(_MAX_REEXPORTS):
        owner, name = split(qualified)
        module = layout.find(owner) if owner else None
        known = _words_of(module.path) if module is not None else None
        yield (module.path, name) if module is not None and known is not None else ("", name)
        if module is None or known is None or not known.reexport(name):
            return
        qualified = known.reexport(name)
        layout = import_graph.layout_of_file(module.path)


def _targets(
    layout: Layout, qualified: str, words: frozenset[str] | None, wanted: int
) -> Iterator[tuple[Module, str]]:
    """Yield the names of modules that an imported name may be: one, or those of a whole module.

    Modules that cannot lead to a wanted meaning are left out.
    """
    owner, name = split(qualified)
    module = layout.find(owner) if owner else None
    if module is not None and _may_mean(module, wanted):
        yield module, name
    whole = layout.find(qualified)
    if whole is not None and _may_mean(whole, wanted):
        known = _words_of(whole.path)
        yield from ((whole, one) for one in (known.names_among(words) if known else ()))


def _may_mean(module: Module, wanted: int) -> bool:
    return bool(module.path) and file_tree.once(_may_lead_to, module.path, wanted)


def _may_lead_to(path: str, wanted: int) -> bool:
    """Return whether the bytes of a module, and of what it imports, allow a meaning."""
    test = _TESTS.get(wanted)
    return test is None or any(
        file_tree.once(test, one) for one in import_graph.reached_modules(path)
    )


def _calls_loader(path: str) -> bool:
    known = _words_of(path) if import_graph.ask(may_give_loader, path) else None
    return known is not None and not known.words.isdisjoint(known.loader_words)


def _names_libpython(path: str) -> bool:
    return import_graph.ask(may_name_libpython, path)


def _holds_program(path: str) -> bool:
    return import_graph.ask(may_hold_program, path)


#: What tells from the bytes of a module that no name of it has a meaning.
_TESTS = {OPENS: _calls_loader, NAMES: _names_libpython, HOLDS_PROGRAM: _holds_program}


def _words_of(path: str) -> ModuleWords | None:
    """Return the words of a module; ``None`` for one that cannot be read, or is too large."""
    stamp = file_tree.stamp_of(path) if path else None
    return _collect(path, stamp) if stamp is not None else None


@lru_cache(256)
def _collect(path: str, _stamp: file_tree.Stamp) -> ModuleWords | None:
    """Return the words of a module, collected once for each state of its file."""
    data = import_graph.read_module(path)
    if data is None:
        return None
    try:
        mentions = mentions_of(Source(path, Kind.PYTHON, data))
    except NolibpyError:
        return None
    if isinstance(mentions, SyntaxError):
        return None
    return ModuleWords(mentions, calls_loader=import_graph.ask(may_give_loader, path))
