"""Shell commands that stand in a file of another language, and the variables that they see.

Such files are templates as well (``{{ PYTHON }}``, ``%{python3}``), so only what is certain
is read: a script that is no shell is left out, and what a reference stands for is unknown
unless it is Python. A finding is reported where it is written. What an edit has to look
like inside two languages' quotation is left to a person.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from no_libpython_dlopen.buildsystems.commands.provenance import Span, TrackedText, concatenate
from no_libpython_dlopen.buildsystems.commands.text_prefilter import may_contain_finding
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.shell.command import Command
from no_libpython_dlopen.knowledge.target_platforms import PLATFORMS
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source

if TYPE_CHECKING:
    from no_libpython_dlopen.buildsystems.shell.interpreter import Shell

#: Named variables, with their values.
Environment = tuple[tuple[str, TrackedText], ...]

_COMMENT = re.compile(r"(?:^|(?<=\s))#[^\r\n]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Script:
    """Shell text, and the variables that are exported to it, ``exports`` with unknown values."""

    text: TrackedText
    environment: Environment = ()
    exports: frozenset[str] = frozenset()


def links_of(
    source: Source, scripts: Iterable[Script], commands: Iterable[Command] | None = None
) -> Iterator[Link]:
    """Yield the links of extension modules that a file's scripts and commands make.

    Whoever gives commands has asked whether these may link any.
    """
    if commands is None and not may_contain_finding(source.text):
        return
    commands = list(commands or ())

    from no_libpython_dlopen.buildsystems.commands.command_links import CommandLinks
    from no_libpython_dlopen.buildsystems.commands.path_exploration import explore_paths
    from no_libpython_dlopen.buildsystems.shell.interpreter import Shell

    links = CommandLinks(source, embedded=True)
    scripts = list(scripts)
    with analysis.until_limit():
        for platform, paths in explore_paths(PLATFORMS):
            seen = list(commands)
            try:
                for script in scripts:
                    _run(script, Shell(platform, paths), seen)
            finally:
                links.judge([(command, None) for command in seen], platform)
    yield from links.links()


def _run(script: Script, shell: Shell, seen: list[Command]) -> None:
    """Add the commands that a script runs; what is no shell runs none."""
    shell.exports |= script.exports
    for name, value in script.environment:
        shell.set(name, (value,), add=False)
        shell.exports.add(name)
    with contextlib.suppress(LexError):
        shell.run(script.text, seen.append)


def fill(
    text: str,
    span: Span,
    pattern: re.Pattern[str],
    replacement: Callable[[re.Match[str]], str | None],
) -> TrackedText:
    """Return a part of a file with its references replaced; ``None`` makes one unknown."""
    analysis.check_time()
    parts: list[TrackedText] = []
    at, end = span
    for match in analysis.watch(pattern.finditer(text, at, end)):
        made = replacement(match)
        parts += [
            TrackedText.of(text[at : match.start()], at),
            TrackedText.unknown(match.span())
            if made is None
            else TrackedText.generated(made, match.span()),
        ]
        at = match.end()
    return concatenate([*parts, TrackedText.of(text[at:end], at)])


def comments(text: str) -> Iterator[Span]:
    """Yield the spans of what may be comments; a ``#`` in a string is harmless here."""
    return (match.span() for match in _COMMENT.finditer(text))
