"""A program's text, each character with its place in the file, and the ways to change it."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

from no_libpython_dlopen.python.evaluator.literals import HOLE

_ESCAPE = re.compile(
    r"\\(?:\r\n|x[0-9a-fA-F]{2}|[0-7]{1,3}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^}]*\}|.)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Program:
    """A text, and for each of its characters the offset in the file that it comes from."""

    text: str
    origin: tuple[int, ...]

    def part(self, start: int, end: int) -> Program:
        """Return a part of the text."""
        return Program(self.text[start:end], self.origin[start:end])

    def __add__(self, other: Program) -> Program:
        return Program(self.text + other.text, self.origin + other.origin)


def join(parts: Iterable[Program]) -> Program:
    """Return programs in a row as one; ``+`` would copy what is before each of them."""
    several = list(parts)
    origin = tuple(chain.from_iterable(one.origin for one in several))
    return Program("".join(one.text for one in several), origin)


def unescape_text(written: str, start: int, *, raw: bool) -> Program:
    """Return the text of a literal's characters, which begin at an offset."""
    whole = Program(written, tuple(range(start, start + len(written))))
    if raw or "\\" not in written:
        return whole
    text: list[str] = []
    origin: list[int] = []
    end = 0
    for match in _ESCAPE.finditer(written):
        one = _meaning(match[0])
        text += [written[end : match.start()], one]
        origin += [*whole.origin[end : match.start()], *[start + match.start()] * len(one)]
        end = match.end()
    return Program("".join(text), tuple(origin)) + whole.part(end, len(written))


def _meaning(escape: str) -> str:
    """Return the characters that an escape sequence stands for."""
    if escape[1:] in ("\n", "\r\n"):
        return ""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return str(ast.literal_eval(f'"{escape}"' if escape != '\\"' else "'\"'"))
    except (SyntaxError, ValueError):
        return escape


def literal_of(text: str) -> str:
    """Return a value's text as ``repr`` writes it; a hole stays one, since it may be no text."""
    return text if text == HOLE else repr(text)


def fill_text(
    template: Program, fields: re.Pattern[str], value: Callable[[str | None, int], str]
) -> Program:
    """Return a template with its fields filled in."""
    parts: list[Program] = []
    end = index = 0
    for match in fields.finditer(template.text):
        parts.append(template.part(end, match.start()))
        if match[0] in ("%%", "{{", "}}", "$$"):
            text = match[0][0]
        else:
            text = value(match["key"], index)
            text = literal_of(text) if match["kind"] in ("r", "a") else text
            index += 1
        parts.append(Program(text, (template.origin[match.start()],) * len(text)))
        end = match.end()
    return join([*parts, template.part(end, len(template.text))])


def replace_text(program: Program, old: str, new: str) -> Program:
    """Return a program with each occurrence of a text replaced, where both are known."""
    parts: list[Program] = []
    end = 0
    if not old or HOLE in old:
        return program
    while (at := program.text.find(old, end)) >= 0:
        parts += [program.part(end, at), Program(new, (program.origin[at],) * len(new))]
        end = at + len(old)
    return join([*parts, program.part(end, len(program.text))])


def quote_text(program: Program) -> Program:
    """Return a program as one word of a shell's command."""
    quote = Program('"', program.origin[:1])
    escaped = [
        Program(f"\\{letter}" if letter in '"\\$`' else letter, (at,) * (1 + (letter in '"\\$`')))
        for letter, at in zip(program.text, program.origin, strict=True)
    ]
    return join([quote, *escaped, quote]) if program.text else program


def indent_text(program: Program, prefix: str) -> Program:
    """Return a program with a text before each of its lines that is not blank."""
    parts: list[Program] = []
    start = 0
    for line in program.text.splitlines(keepends=True):
        at = program.origin[start]
        parts.append(Program(prefix, (at,) * len(prefix)) if line.strip() else Program("", ()))
        parts.append(program.part(start, start + len(line)))
        start += len(line)
    return join(parts)


def strip_text(program: Program, method: str) -> Program:
    text = program.text
    first = len(text) - len(text.lstrip()) if method in ("strip", "lstrip") else 0
    last = len(text.rstrip()) if method in ("strip", "rstrip") else len(text)
    return program.part(first, max(first, last))


def dedent(program: Program) -> Program:
    """Return a program without the blanks that all of its lines begin with."""
    lines, start = [], 0
    for line in program.text.splitlines(keepends=True):
        lines.append((start, line))
        start += len(line)
    widths = [len(line) - len(line.lstrip()) for _, line in lines if line.strip()]
    width = min(widths, default=0)
    kept = [width if line.strip() else len(line.rstrip("\r\n")) for _, line in lines]
    return join(
        program.part(at + one, at + len(line)) for (at, line), one in zip(lines, kept, strict=True)
    )
