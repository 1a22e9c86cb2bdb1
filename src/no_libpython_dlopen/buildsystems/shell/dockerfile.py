"""Reads Dockerfiles: ``RUN`` instructions that link an extension module to libpython.

Each stage is a shell of its own, whose exported variables are those of ``ENV`` and
``ARG``. Both forms of ``RUN`` are read, and the here-documents that it runs. Stages for
Windows are passed over. Nothing in a container is macOS, so a fix of a command is safe.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import replace

from no_libpython_dlopen.buildsystems.commands.command_links import CommandLinks
from no_libpython_dlopen.buildsystems.commands.path_exploration import PathSelector, explore_paths
from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText, concatenate
from no_libpython_dlopen.buildsystems.commands.text_prefilter import may_contain_finding
from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.common.link_fact import make_fix
from no_libpython_dlopen.buildsystems.common.link_graph import Blocker, Reference
from no_libpython_dlopen.buildsystems.shell.command import Command
from no_libpython_dlopen.buildsystems.shell.dockerfile_lexer import (
    Instruction,
    escape_of,
    instructions,
)
from no_libpython_dlopen.buildsystems.shell.expansion import Variables
from no_libpython_dlopen.buildsystems.shell.interpreter import Shell
from no_libpython_dlopen.buildsystems.shell.lexer import tokens
from no_libpython_dlopen.buildsystems.shell.variable_uses import ScriptVariables
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM, LINUX, Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Fix
from no_libpython_dlopen.model.source import Source, Unreadable

#: Scripts of a command get the variable; that of ENV also reaches images built on this one.
_ENVIRONMENT = "the variable is in the environment of all commands of the image"
_WINDOWS = re.compile(r"windows|nanoserver|servercore", re.IGNORECASE)
#: Shells of another syntax, by ``SHELL``.
_NO_SHELL = re.compile(r"\b(?:cmd|powershell|pwsh)\b", re.IGNORECASE)
_FLAG = re.compile(r"--[a-z][\w-]*(?:=\S*)?[ \t]*")
_PAIR = re.compile(
    r"(?P<name>[\w.-]+)=(?P<value>[^\s\"'\\]*(?:(?:\"[^\"\\]*(?:\\.[^\"\\]*)*\"|'[^']*'|\\[\s\S])[^\s\"'\\]*)*)"
)
_OLD = re.compile(r"(?P<name>\w+)[ \t]+(?P<value>[^\r\n]*)")
_SHELL = r"(?:/\S*/)?(?:ba|da|k|z|a)?sh\b(?:[ \t]+-\w+)*"
#: Here-documents that a shell runs: that of the instruction, or one that it names.
_HERE = re.compile(
    rf"(?:{_SHELL}[ \t]+(?:-[ \t]+)?)?<<-?[ \t]*([\"']?)[\w.]+\1(?:[ \t]+{_SHELL})?\s*\Z"
)
_RUN = re.compile(r"RUN[ \t]+", re.IGNORECASE)
_LOOSE_CONTINUATION = re.compile(r"(?<=\\)[ \t]+(?=\r?\n)")
_BACKQUOTE_CONTINUATION = re.compile(r"`[ \t]*\r?\n")
_RUNS = frozenset({"RUN", "CMD", "ENTRYPOINT"})
_STRING = re.compile(r"\"(?P<text>[^\"\\]*(?:\\.[^\"\\]*)*)\"")
_ARRAY = re.compile(r"\[\s*(?:\"[^\"\\]*(?:\\.[^\"\\]*)*\"\s*(?:,\s*|(?=\])))*\]\s*\Z")
_AS = re.compile(r"(?P<image>\S+)(?:[ \t]+AS[ \t]+(?P<stage>\S+))?", re.IGNORECASE)


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a Dockerfile's commands make.

    Raises ``Unreadable`` where the quotation of a ``RUN`` does not end.
    """
    found = list(analysis.watch(instructions(source.text)))
    _check(source, found)
    if not may_contain_finding(source.text):
        return
    links = CommandLinks(source)
    with analysis.until_limit():
        for platform, paths in explore_paths((LINUX, ANY_PLATFORM)):  # no container is macOS
            _Build(source, links, platform, paths).run(found)
    variables = ScriptVariables(source.text)
    has_backquotes = escape_of(source.text) == "`"
    environments = [(each.start, each.end) for each in found if each.name in ("ENV", "ARG")]

    def edit(reference: Reference[None]) -> Fix | str:
        place = reference.first.span
        before = source.text[deletions.line_start(source.text, place[0]) : place[0]]
        if has_backquotes and not before.strip():  # the one before would go on with what follows
            return Blocker.NO_EDIT
        fix = variables.with_caveats(links.edit(reference), place)
        if isinstance(fix, str) or not any(start <= place[0] < end for start, end in environments):
            return fix
        return make_fix(fix.message, fix.edits, (*fix.caveats, _ENVIRONMENT))

    yield from links.links(edit)


def _check(source: Source, found: list[Instruction]) -> None:
    """Raise ``Unreadable`` where the shell would refuse a command."""
    for each, windows in _with_systems(source.text, found):
        if each.name == "RUN" and not windows:
            body = _body(source.text, each)
            if _HERE.match(body.text) or _is_array(body.text):
                continue
            try:
                tokens(body.text)
            except LexError as error:
                raise Unreadable(
                    f"not a valid shell script: {error.reason}", source.locate(each.start)
                ) from None


def _with_systems(text: str, found: list[Instruction]) -> Iterator[tuple[Instruction, bool]]:
    """Yield instructions, and whether their shell is one of Windows: by the stage's image.

    An image that a variable names is taken to be, if lines go on behind a backquote.
    """
    has_backquotes = escape_of(text) == "`"
    windows = has_backquotes
    stage = ""
    stages: dict[str, bool] = {}
    for each in found:
        if each.name == "FROM":
            image, stage = _image_and_stage(_body(text, each).text.strip())
            named = _WINDOWS.search(text, each.value, each.stop)
            is_open = has_backquotes and "$" in image
            windows = bool(named) or is_open or stages.get(image, False)
        elif each.name == "SHELL":
            windows = bool(_NO_SHELL.search(text, each.value, each.stop))
        stages[stage] = windows
        yield each, windows


def _image_and_stage(body: str) -> tuple[str, str]:
    """Return the image, or earlier stage, that a stage begins with, and the stage's name."""
    named = _AS.match(body)
    return (named["image"].lower(), (named["stage"] or "").lower()) if named else ("", "")


def _body(text: str, each: Instruction) -> TrackedText:
    """Return an instruction's arguments without its options and the comments in between.

    A backslash at the end of a line is left to the shell, the backquote of Windows is not.
    """
    at = each.value
    while flag := _FLAG.match(text, at, each.stop):
        at = flag.end()
    parts: list[TrackedText] = []
    gaps = [*each.comments]
    loose = _LOOSE_CONTINUATION if escape_of(text) == "\\" else _BACKQUOTE_CONTINUATION
    gaps += [match.span() for match in loose.finditer(text, at, each.stop)]
    for start, end in sorted(gaps):
        if start >= at:
            parts.append(TrackedText.of(text[at:start], at))
            at = end
    parts.append(TrackedText.of(text[at : each.stop], at))
    return concatenate(parts)


def _is_array(text: str) -> bool:
    return bool(_ARRAY.match(text))


class _Build:
    """One run over the instructions, on one path."""

    def __init__(
        self, source: Source, links: CommandLinks, platform: Platform, paths: PathSelector
    ) -> None:
        self.text = source.text
        self.links = links
        self.platform = platform
        self.paths = paths
        self.shell = Shell(platform, paths)
        self.stages: dict[str, tuple[Variables, set[str]]] = {}
        self.stage = ""
        self.seen: list[Command] = []

    def run(self, found: list[Instruction]) -> None:
        """Run all instructions. Raises ``LimitReached``; what came before it is judged."""
        try:
            self._run(found)
        finally:
            self.finish()

    def _run(self, found: list[Instruction]) -> None:
        for each, windows in _with_systems(self.text, found):
            later = _RUN.match(self.text, each.value) if each.name == "ONBUILD" else None
            if each.name == "FROM":
                self.begin(each)
            elif later and not windows:
                self.command(replace(each, value=later.end()))
            elif each.name in ("ENV", "ARG"):
                self.environment(each)
            elif each.name in _RUNS and not windows:
                self.command(each)

    def finish(self) -> None:
        """Judge what the stage that ends has run."""
        self.links.judge([(command, None) for command in self.seen], self.platform)
        self.seen = []
        self.stages[self.stage] = (self.shell.variables, self.shell.exports)

    def begin(self, each: Instruction) -> None:
        """Begin a stage, with the environment of the stage that it is built on."""
        self.finish()
        image, stage = _image_and_stage(_body(self.text, each).text.strip())
        variables, exports = self.stages.get(image, ({}, set()))
        self.shell = Shell(self.platform, self.paths, dict(variables), set(exports))
        self.stage = stage or f"stage {len(self.stages)}"

    def environment(self, each: Instruction) -> None:
        """Set the variables of ``ENV`` and ``ARG``."""
        body = _body(self.text, each)
        found = list(_PAIR.finditer(body.text))
        old = None
        if not found or found[0].start():
            old = _OLD.match(body.text)
            found = [old] if old else []
        if each.name == "ARG" and old is None and not found:
            outer = self.stages.get("", ({}, set()))[0].get(body.text.strip())
            if outer:
                self.shell.set(body.text.strip(), outer, add=False)
        for match in found:
            start, end = match.span("value")
            try:
                value = self.shell.value(body, start, end) if old is None else body.part(start, end)
            except LexError:
                continue
            self.shell.set(match["name"], (value,), add=False)
            self.shell.exports.add(match["name"])
            if old is not None and len(words := value.words()) == 1:
                self.links.required.add(words[0].span)

    def command(self, each: Instruction) -> None:
        """Run an instruction in a shell of its own, which knows the stage's environment."""
        body = _body(self.text, each)
        shell = Shell(
            self.platform, self.paths, dict(self.shell.variables), set(self.shell.exports)
        )
        if _is_array(body.text):
            shell.emit(
                Command(tuple(self.items(body)), (), shell.exported_variables()), self.seen.append
            )
            return
        if _HERE.match(body.text):
            lines = self.text[each.stop : each.end]
            last = lines.rstrip("\r\n").rpartition("\n")[0]
            body = TrackedText.of(last, each.stop)
        with contextlib.suppress(LexError):  # a here-document may be for another program
            shell.run(body, self.seen.append)

    def items(self, body: TrackedText) -> Iterator[TrackedText]:
        """Yield the words of the exec form."""
        found = list(_STRING.finditer(body.text))
        spans = [_span_in_file(body, *match.span()) for match in found]
        closing = body.text.rindex("]")
        inner = (_span_in_file(body, 0, 1)[1], _span_in_file(body, closing, closing + 1)[0])
        for index, match in enumerate(found):
            word = body.part(*match.span("text"))
            if word.segments:
                place = word.span
                self.links.items[place] = (spans, index, inner)
                yield word if "\\" not in match["text"] else TrackedText.unknown(place)


def _span_in_file(text: TrackedText, start: int, end: int) -> tuple[int, int]:
    segments = text.part(start, end).segments
    return segments[0].start, segments[-1].end
