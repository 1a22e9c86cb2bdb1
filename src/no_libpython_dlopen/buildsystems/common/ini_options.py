"""The options of the sections of an INI file, with their offsets, by ``configparser``'s rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from no_libpython_dlopen.buildsystems.common import deletions

#: A line with its end, which may be missing at the end of the text.
LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_HEADER = re.compile(r"\[(?P<name>.+)\]")
_OPTION = re.compile(r"(?P<key>.*?)\s*[=:]\s*")


@dataclass(slots=True)
class Option:
    """One option: its key, the span of all its lines, and its value's lines as spans.

    ``comments`` is true where a comment is between them.
    """

    key: str
    start: int
    end: int
    lines: list[deletions.Span] = field(default_factory=list)
    comments: bool = False


def all_options(text: str) -> Iterator[tuple[str, Option]]:
    """Yield the options of all sections, each with the section's name, by ``configparser``'s rules.

    A line that is indented more than its option's first line continues it; lines whose
    first character but blanks is ``#`` or ``;`` are comments; blank lines may be
    between the lines of a value.
    """
    section = ""
    indent = 0
    current: Option | None = None
    pending = False  # a comment that may turn out to be inside the option
    for line in LINE.finditer(text):
        content = line[0].strip()
        if not content:
            continue
        if content[0] in "#;":
            pending = True
            continue
        start = line.start() + len(line[0]) - len(line[0].lstrip())
        end = start + len(content)
        depth = start - line.start()
        if current is not None and depth > indent:
            current.lines.append((start, end))
            current.end = line.end()
            current.comments |= pending
        else:
            if current is not None:
                yield section, current
            current, indent = None, depth
            header = _HEADER.match(content)
            option = None if header else _OPTION.match(content)
            if header:
                section = header["name"]
            elif option:
                key = option["key"]
                value = (start + option.end(), end)
                current = Option(key, line.start(), line.end(), [value])
        pending = False
    if current is not None:
        yield section, current
