"""Finds Python programs inside the commands of a file, and reads them as such.

``python -c '…'``, here-documents and here-strings that Python reads, ``echo '…' | python``,
here-documents that become a ``.py`` file, and the exec form of Dockerfile instructions: in shell
scripts, and in the commands that the registry's languages give of their files. Each character of a
program keeps its offset in the file, so a finding is reported there. It is only
reported: what an edit has to look like inside two languages' quotation is left to a person.

This is no shell: where a program depends on what the shell puts into it, so that it does
not parse, nothing is said about it.
"""

from __future__ import annotations

import json
import re
import sys
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText
from no_libpython_dlopen.buildsystems.shell.comments import embedded_comments
from no_libpython_dlopen.buildsystems.shell.word_parts import word_at
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Load
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.evaluator.literals import HOLE
from no_libpython_dlopen.python.programs.program import Program
from no_libpython_dlopen.python.programs.shell_programs import SHOWN

#: A word that is run as Python: the program, a path of it, or a variable called after it.
_PYTHON = (
    r"(?<![\w./~+$-])(?:\"?\$\{?\w{0,99}(?:PY|py)\w*(?::-[^}\s]*)?\}?\"?"
    r"|[\"']\$?[\w./~+{}-]*?/(?:python|pypy)[\d.]*t?[\"']"
    r"|[\w./~+-]*?(?:python|pypy)[\d.]*t?)(?=[\s\"']|$)"
)
_COMMAND = re.compile(_PYTHON)
#: Blanks between words, a continued line among them.
_GAP = r"(?:\s|\\\r?\n)"
#: … which reads its program from standard input: no script, no -c, no -m.
_FROM_STDIN = re.compile(
    rf"{_PYTHON}(?:{_GAP}+-(?![cm])\w[\w=:.]*){{0,20}}(?:{_GAP}+-(?=\s|$)|{_GAP}*(?=<<|[|;&<>)]|$))"
)
_HERE = re.compile(r"(?<!<)<<(?P<dash>-?)[ \t]*(?P<quote>[\"'\\]?)(?P<word>\w+)(?!<)")
_TO_FILE = re.compile(
    r"(?:>|\btee\b(?:\s+-\w+)*)\s*[\"']?[^\s\"'|;&<>]+\.py\b"
    r"|^\s*COPY\b[^\r\n]*[^\s\"'|;&<>]\.py\b"
)
_ONLY_PRINTED = re.compile(r"\s*cat\s*(?:>&2\s*)?<<-?\s*[\"'\\]?\w+[\"']?\s*(?:>&2\s*)?\Z")
_SHEBANG = re.compile(r"\s*#!.*\bpython")
_LINE = re.compile(r"[^\\\r\n]*(?:\\(?:\r\n|.)?[^\\\r\n]*)*(?:\r\n|\r|\n|\Z)", re.DOTALL)
_BLANK = re.compile(r"(?:[ \t]|\\(?:\r\n|\n))+")
_EXEC = re.compile(r"\[\s*\"(?:[^\"\\]*/)?(?:python|pypy)[\d.]*t?\"\s*,", re.IGNORECASE)
_JSON_BLANK = re.compile(r"[\s\\]*")
_JSON_CHAR = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|[^\"\\]", re.DOTALL)
#: What the shell takes out of a here-document, and all else.
_HERE_PART = re.compile(r"^(?P<tabs>\t+)|\\(?P<escape>[\\$`\n])|[\s\S]", re.MULTILINE)
#: Options of the interpreter whose value is a word of its own.
_WITH_VALUE = re.compile(r"-[A-Za-z]*[WX]")
_CODE = re.compile(r"-[A-Za-z]*c")
#: A command that prints a text, up to it; and what is behind the text where a program gets it.
_PRINTED = re.compile(
    r"(?<![\w./$-])(?:echo(?:[ \t]+-[neE]{1,3})?|printf(?:[ \t]+[\"']?%[sb](?:\\n)?[\"']?)?)[ \t]+(?=[\"'])"
)
_PIPE = re.compile(rf"{_GAP}*\|(?!\|){_GAP}*(?:(?:sudo|exec|env)[ \t]+)?")
_ASSIGNMENT = re.compile(r"(?<![\w${])(?P<name>[A-Za-z_]\w*)(?P<operator>\+?=)")
#: So many characters before a command are looked at for another one that shows it.
_BEFORE = 2_000
_ONLY_VARIABLE = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")
_REASON = "Python code inside of another language is not rewritten"


def read(source: Source) -> Iterator[Load]:
    """Yield the loads of the Python programs in a file's commands."""
    from no_libpython_dlopen.buildsystems import registry
    from no_libpython_dlopen.python import prefilter, reader

    for commands in registry.command_texts(source):
        places = _places(commands)
        for program in programs(commands.text.replace(UNKNOWN_PART, HOLE), source.kind):
            data = program.text.encode("utf-8", "surrogatepass")
            if not prefilter.may_contain_embedded_load(data):
                continue
            from no_libpython_dlopen.python.programs.reader import loads_of, locate

            written = Program(program.text, tuple(places[at] for at in program.origin))
            inner = Source(source.path, Kind.PYTHON, data)
            for load in loads_of(inner, reader.read):
                yield replace(locate(load, inner, written, source), no_fix_reason=_REASON)


def command_texts(source: Source) -> Iterator[TrackedText]:
    """Yield all of a file, for those that are commands."""
    yield TrackedText.of(source.text)


def _places(commands: TrackedText) -> list[int]:
    """Return the offset in the file of each character, and of the end."""
    places: list[int] = []
    for segment in commands.segments:
        length = len(segment.text)
        places += range(segment.start, segment.end) if segment.exact else [segment.start] * length
    return [*places, commands.span[1] if places else 0]


def programs(text: str, kind: Kind) -> Iterator[Program]:
    """Yield the Python programs in a text of commands, in no order."""
    code = _Code(text)
    yield from _here_documents(code)
    seen: set[int] = set()
    for match in _COMMAND.finditer(text):
        if not code.is_left_out(match.start()):
            program = _argument(text, match.end(), seen)
            if program is not None:
                yield _value_of_variable(code, program, match.start()) or program
    for match in analysis.watch(_PRINTED.finditer(text)):
        program = _word(text, match.end())
        if program is None or code.is_comment(match.start()):
            continue
        if (pipe := _PIPE.match(text, program.origin[-1])) and _FROM_STDIN.match(text, pipe.end()):
            yield program
    if kind is Kind.DOCKERFILE:
        for match in _EXEC.finditer(text):
            program = _exec_form(text, match.end())
            if program is not None and not code.is_comment(match.start()):
                yield program


def _value_of_variable(code: _Code, program: Program, at: int) -> Program | None:
    """Return the text of the only assignment to the variable that is given for a program."""
    named = _ONLY_VARIABLE.fullmatch(program.text)
    if named is None or code.text[program.origin[0] - 1] == "'":
        return None
    found = code.assignments.get(named[1], [])
    only = found[0] if len(found) == 1 and found[0].end() < at else None
    return _word(code.text, only.end()) if only and only["operator"] == "=" else None


class _Code:
    """A text, and which of it are comments."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._comments = list(embedded_comments(text))
        #: The here-documents that are only printed.
        self.shown: list[tuple[int, int]] = []

    @cached_property
    def assignments(self) -> dict[str, list[re.Match[str]]]:
        """The assignments to each variable."""
        found: dict[str, list[re.Match[str]]] = {}
        for match in analysis.watch(_ASSIGNMENT.finditer(self.text)):
            if not self.is_comment(match.start()):
                found.setdefault(match["name"], []).append(match)
        return found

    def is_comment(self, at: int) -> bool:
        return _is_in(self._comments, at)

    def is_left_out(self, at: int) -> bool:
        """Return whether a command at an offset is a comment, or only shown."""
        start = max(self.text.rfind(end, max(at - _BEFORE, 0), at) for end in "\r\n") + 1
        start = max(start, at - _BEFORE)
        return (
            self.is_comment(at)
            or _is_in(self.shown, at)
            or SHOWN.search(self.text[start:at]) is not None
        )


def _is_in(spans: list[tuple[int, int]], at: int) -> bool:
    index = bisect_right(spans, (at, sys.maxsize)) - 1
    return index >= 0 and at < spans[index][1]


def _argument(text: str, at: int, seen: set[int]) -> Program | None:
    """Return the program given by ``-c`` or ``<<<`` to the command that ends at ``at``.

    None from a place in ``seen``: another command had that word before.
    """
    while at not in seen:
        seen.add(at)
        blank = _BLANK.match(text, at)
        if text[at : at + 3] == "<<<" or (blank and text.startswith("<<<", blank.end())):
            start = text.index("<<<", at) + 3
            return _word(text, _after_blank(text, start))
        if blank is None:
            return None
        word = _word(text, blank.end())
        if word is None or not word.text.startswith("-"):
            return None
        at = word.origin[-1]
        if word.text != "-" and (_CODE.fullmatch(word.text) or _WITH_VALUE.fullmatch(word.text)):
            value = _word(text, _after_blank(text, at))
            if value is None or _CODE.fullmatch(word.text):
                return value
            at = value.origin[-1]
        elif word.text.startswith("-m") or word.text == "--":
            return None
    return None


def _after_blank(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _word(text: str, at: int) -> Program | None:
    """Return the shell's word that begins at ``at``, unquoted; ``None`` if none does."""
    word = word_at(text, at)
    return _program(text, *word) if word else None


def _program(text: str, origin: list[int], end: int) -> Program:
    return Program("".join([text[at] for at in origin]), (*origin, end))


def _here_documents(code: _Code) -> Iterator[Program]:
    text = code.text
    body = 0
    for match in _HERE.finditer(text):
        if match.start() < body or code.is_comment(match.start()):
            continue
        start = max(text.rfind("\n", 0, match.start()), text.rfind("\r", 0, match.start())) + 1
        line = _LINE.match(text, start)
        assert line is not None
        end = _here_end(text, line.end(), match["word"], dash=bool(match["dash"]))
        if end is None:
            continue
        body = end
        rest = text[line.end() : end]
        command = line[0].rstrip("\\\r\n")
        if _ONLY_PRINTED.match(command):
            code.shown.append((line.end(), end))
        if _SHEBANG.match(rest) or _FROM_STDIN.search(command) or _TO_FILE.search(command):
            yield _here(
                text, line.end(), end, quoted=bool(match["quote"]), dash=bool(match["dash"])
            )


def _here_end(text: str, at: int, word: str, *, dash: bool) -> int | None:
    """Return the offset of the line that ends a here-document."""
    tabs = "\t*" if dash else ""
    found = re.compile(rf"^{tabs}{word}[ \t]*\r?$", re.MULTILINE).search(text, at)
    return found.start() if found else None


def _here(text: str, start: int, end: int, *, quoted: bool, dash: bool) -> Program:
    """Return a here-document as the shell hands it on: without escapes, and tabs of ``<<-``."""
    origin: list[int] = []
    for match in _HERE_PART.finditer(text, start, end):
        first = match.start()
        if match["tabs"] and dash:
            continue
        if match["escape"] and not quoted:
            first = match.end() - (match["escape"] != "\n")
        origin += range(first, match.end())
    return _program(text, origin, end)


def _exec_form(text: str, at: int) -> Program | None:
    """Return the program after ``-c`` in an array of JSON, of which one item is read."""
    decoder = json.JSONDecoder()
    code = False
    while True:
        at = _JSON_BLANK.match(text, at).end()  # type: ignore[union-attr]  # it may be empty
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, str):
            return None
        if code:
            starts = [match.start() for match in _JSON_CHAR.finditer(text, at + 1, end - 1)]
            return Program(value, (*starts, end)) if len(starts) == len(value) else None
        code = bool(_CODE.fullmatch(value))
        comma = re.compile(r"\s*,").match(text, end)
        if comma is None or not value.startswith("-"):
            return None
        at = comma.end()
