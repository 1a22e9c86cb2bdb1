"""Reads ``Makefile.am``: libraries in Python's folders that are linked to libpython.

Automake identifies a module by where it is installed (``pyexec_LTLIBRARIES``, or a folder of one's
own below ``$(pyexecdir)``) or by the one symbol that it exports (``PyInit_…``). Other libraries are
plug-ins of a host, which needs libpython. What configure finds out is looked up in the
``configure.ac`` above the file. libtool itself lets macOS' linker leave symbols undefined, unless
``-no-undefined`` is asked for (``libtool_fixes``). The syntax is make's, with ``if`` and ``endif``;
libraries that read make were weighed in ``make.lexer``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.commands import link_mentions
from no_libpython_dlopen.buildsystems.commands.command_links import CommandLinks
from no_libpython_dlopen.buildsystems.commands.path_exploration import explore_paths
from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText
from no_libpython_dlopen.buildsystems.commands.text_prefilter import may_contain_finding
from no_libpython_dlopen.buildsystems.common.link_graph import Blocker, Target, TargetKind
from no_libpython_dlopen.buildsystems.make import lexer
from no_libpython_dlopen.buildsystems.make.autoconf import (
    Configured,
    nearest_results,
    other_makefiles,
)
from no_libpython_dlopen.buildsystems.make.interpreter import Run
from no_libpython_dlopen.buildsystems.make.lexer import Line, embedded_comments, parse_lines
from no_libpython_dlopen.buildsystems.make.libtool_fixes import LibtoolFixes
from no_libpython_dlopen.buildsystems.make.variable_uses import VariableUses
from no_libpython_dlopen.knowledge.python_folders import names_python_folder
from no_libpython_dlopen.knowledge.target_platforms import PLATFORMS, Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source

__all__ = ["code_tokens", "comments", "embedded_comments", "read"]

comments = partial(lexer.comments, automake=True)
code_tokens = partial(lexer.code_tokens, automake=True)

_LIBRARIES = re.compile(r"\w+_LTLIBRARIES")
_PREFIX = re.compile(r"(?:noinst|check|EXTRA|dist|nodist|nobase|notrans)_")
_PROGRAMS = re.compile(r"\w+_PROGRAMS")
_EXPORTS = re.compile(r"PyInit_|\^init|init\w+\$?$")
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_@]")
_VARIABLE = re.compile(r"\$\((?P<a>\w+)\)|\$\{(?P<b>\w+)\}|@(?P<c>\w+)@")


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a ``Makefile.am`` makes.

    Raises ``Unreadable`` where Automake would not read the text.
    """
    found = parse_lines(source, automake=True)
    configured = nearest_results(source.path)
    runs_rules = may_contain_finding(source.text)
    links = _links(source, found, configured, runs_rules=runs_rules)
    if not runs_rules and links.graph.references() and not analysis.is_cut():
        # What the rules do with them decides about an edit.
        links = _links(source, found, configured, runs_rules=True)
    uses = VariableUses(source, found)
    fixes = LibtoolFixes(links, configured, found)
    yield from links.links(lambda one: uses.with_caveats(fixes.edit(one), one.first.span))


def _links(
    source: Source, found: list[Line], configured: Configured, *, runs_rules: bool
) -> CommandLinks:
    """Return the links of a ``Makefile.am``, with those of its own rules where asked for."""
    links = CommandLinks(source)
    links.configured = configured.links
    with analysis.until_limit():
        for platform, paths in explore_paths(PLATFORMS):
            run = Run(source.text, platform, paths, automake=True, runs_rules=runs_rules)
            try:
                run.read(found)
                run.recipes.run()
                _libraries(run, links, configured, platform)
            finally:
                links.judge(run.seen, platform)
    return links


class _Linked(NamedTuple):
    """A library or program, and the words of each variable that it is linked with."""

    target: Target
    words: tuple[tuple[TrackedText, ...], ...]
    #: Whether libtool links what it is linked with to its users instead.
    is_convenience: bool


def _libraries(run: Run, links: CommandLinks, configured: Configured, platform: Platform) -> None:
    """Note what the libraries and programs of one run are linked with."""
    made: dict[str, _Linked] = {}
    users: dict[str, list[str]] = {}
    for name, linked in _libraries_of_run(run, configured):
        if name not in made or made[name].target.kind is not TargetKind.EXTENSION_MODULE:
            made[name] = linked
        for word in chain.from_iterable(linked.words):
            if word.text.endswith(".la"):
                users.setdefault(word.text, []).append(name)
    for name, linked in made.items():
        analysis.check_time()
        found = [
            list(link_mentions.mentions(each, links.source.text, configured.links))
            for each in linked.words
        ]
        # A program that links a module gets libpython through it.
        is_linked = linked.target.kind is TargetKind.EXTENSION_MODULE and (
            any(
                made[user].target.kind is not TargetKind.EXTENSION_MODULE
                for user in users.get(name, ())
            )
            or (any(found) and _is_named_elsewhere(name, links.source))
        )
        # What uses a library that links nothing is noted in its own turn.
        for user in _all_users(name, made, users) if any(found) else [linked]:
            words = sum(user.words, ())
            flags = links.note_libtool(chain.from_iterable(found), user.target, platform, words)
            strict = links.note_strict(chain.from_iterable(found), flags, platform)
            for mentions, each in zip(found, linked.words, strict=True):
                links.add(
                    mentions,
                    user.target,
                    platform,
                    each,
                    sets_dynamic_lookup=len(flags) == len(words),
                    blockers=(Blocker.STRICT,) * strict + (Blocker.LINKED,) * is_linked,
                )


def _is_named_elsewhere(name: str, source: Source) -> bool:
    """Return whether another ``Makefile.am`` of the project links a library by its path."""
    ends = source.derive(_names_elsewhere)
    return name.rpartition("/")[2] in ends and any(
        re.search(rf"[/)}}]{re.escape(name)}(?![\w.])", text)
        for text in source.derive(_other_texts)
    )


def _names_elsewhere(source: Source) -> frozenset[str]:
    """Return the last parts of the paths to libraries in the project's other makefiles."""
    texts = source.derive(_other_texts)
    return frozenset(
        name for text in texts for name in re.findall(r"[/)}]([\w.+-]+?\.la)(?![\w.])", text)
    )


def _other_texts(source: Source) -> list[str]:
    return list(other_makefiles(source.path, nearest_results(source.path)))


def _libraries_of_run(run: Run, configured: Configured) -> Iterator[tuple[str, _Linked]]:
    """Yield the libraries and programs of one run by their names."""
    variables = run.expander.variables
    for name in list(variables):
        match = _LIBRARIES.fullmatch(name)
        if match is None and not _PROGRAMS.fullmatch(name):
            continue
        for target in _value(run, name).words():
            if not target.text.endswith(".la") and match is not None:
                continue
            stem = _NOT_A_NAME.sub("_", target.text)
            own = [_value(run, f"{stem}_{what}") for what in ("LIBADD", "LDADD", "LDFLAGS", "LINK")]
            general = ["LIBS"] + ["AM_LDFLAGS"] * (f"{stem}_LDFLAGS" not in variables)
            general += ["LDADD"] * (match is None and f"{stem}_LDADD" not in variables)
            texts = [*own, *(_value(run, each) for each in general)]
            linked = Target("", TargetKind.PROGRAM if match is None else TargetKind.LIBRARY)
            if match is not None and _is_module(run, name, texts, configured):
                linked = Target(target.text.removesuffix(".la"), TargetKind.EXTENSION_MODULE)
            words = tuple(tuple(text.words()) for text in texts)
            inside = linked.kind is TargetKind.LIBRARY and name.startswith(("noinst_", "check_"))
            yield target.text, _Linked(linked, words, inside)


def _all_users(
    name: str, made: dict[str, _Linked], users: dict[str, list[str]]
) -> Iterator[_Linked]:
    """Yield a library and, if it is a convenience library, what is linked with it."""
    seen = {name}
    waiting = [name]
    while waiting:
        current = waiting.pop()
        yield made[current]
        if made[current].is_convenience:
            new = [user for user in users.get(current, ()) if user not in seen]
            seen.update(new)
            waiting += dict.fromkeys(new)


def _value(run: Run, name: str) -> TrackedText:
    variable = run.expander.variables.get(name)
    return TrackedText() if variable is None else run.expander.expand(variable.value)


def _is_module(run: Run, primary: str, texts: list[TrackedText], configured: Configured) -> bool:
    """Return whether libraries in a primary are installed as Python's, or one is named so."""
    folder = primary.removesuffix("_LTLIBRARIES")
    while prefix := _PREFIX.match(folder + "_"):
        folder = folder[prefix.end() :]
    if folder in ("pyexec", "pkgpyexec", "python", "pkgpython"):
        return True
    variable = f"{folder}dir"
    for _ in range(5):
        where = run.expander.variables.get(variable)
        if where is None:
            if variable in configured.folders:
                return True
            break
        if names_python_folder(where.value.text):
            return True
        inner = _VARIABLE.match(where.value.text)
        variable = (inner["a"] or inner["b"] or inner["c"]) if inner else ""
    flags = [word.text for text in texts for word in text.words()]
    return any(
        _EXPORTS.search(word)
        for before, word in itertools.pairwise(flags)
        if before in ("-export-symbols-regex", "-export-symbols")
    )
