"""The keys and texts of a YAML file, with their offsets, as far as its lines show them.

No YAML library is a dependency, the recipes of conda are templates that none could read,
and for a build only keys with a text or a block are of interest. Those are read line by
line: what is written otherwise (flow collections, texts over several lines, anchors) has
no value here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.commands.provenance import Span
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import YAML_DEPTH

#: Lines between two looks at the clock.
_LINES_A_LOOK = 4096
_LINE = re.compile(r"(?P<indent> *)(?P<text>[^\r\n]*)(?:\r\n|\n|\r|\Z)")
_ITEM = re.compile(r"-(?: +|\Z)")
_KEY = re.compile(r"(?P<key>[\w.-]+|\"[^\"\\]*\"|'[^']*'):(?: +|\Z)")
_BLOCK = re.compile(r"(?P<style>[|>])[-+0-9]*[ \t]*(?:#.*)?\Z")
#: A pair of a mapping on one line.
_PAIR = re.compile(
    r"[{,] *(?P<key>[\w.-]+|\"[^\"\\]*\"|'[^']*'): +"
    r"(?P<value>\"[^\"\\]*\" *|'[^']*' *|[^\s\"',{}\[\]][^,{}\[\]]*)(?=[,}])"
)
_FLOW_END = re.compile(r",? *\}[ \t]*(?:#.*)?\Z")
_COMMENT = re.compile(r"(?:^|[ \t])#.*\Z")


class Entry(NamedTuple):
    """A key or an item with a text.

    ``path`` are the keys that lead to it, the items of lists as ``-`` with a number.
    ``lines`` are the spans of its text, several for a block. ``comment`` is the one behind it.
    ``style`` of a block is ``|`` or ``>``; ``header`` is the offset of its key's value.
    """

    path: tuple[str, ...]
    lines: tuple[Span, ...]
    style: str = ""
    header: int = -1
    comment: str = ""

    @property
    def folded(self) -> bool:
        """Whether its lines are one."""
        return self.style == ">"


def entries(text: str) -> Iterator[Entry]:
    """Yield the entries of a text, in its order; nothing is raised for what is no YAML."""
    stack: list[tuple[int, str]] = []
    found = _lines(text)
    index = 0
    items = 0
    while index < len(found):
        if not index % _LINES_A_LOOK:
            analysis.check_time()
        indent, start, end = found[index]
        index += 1
        line = text[start:end]
        if not line or line.startswith("#"):
            continue
        column = indent
        at = 0
        while len(stack) <= YAML_DEPTH and (item := _ITEM.match(line, at)):
            # The items of a list may begin in the column of its key.
            while stack and (stack[-1][0], stack[-1][1][0] == "-") >= (column, True):
                stack.pop()
            items += 1
            stack.append((column, f"-{items}"))
            column += item.end() - at
            at = item.end()
        line = line[at:]
        key = _KEY.match(line)
        if key:
            while stack and stack[-1][0] >= column:
                stack.pop()
            stack.append((column, key["key"].strip("\"'")))
            line = line[key.end() :]
        elif not stack or not stack[-1][1].startswith("-"):
            continue
        if len(stack) > YAML_DEPTH:
            analysis.note_limit(YAML_DEPTH)
            continue
        value = end - len(line)
        path = tuple(name for _, name in stack)
        block = _BLOCK.match(line)
        if block:
            first = index
            while index < len(found) and (
                found[index][0] > stack[-1][0] or found[index][1] == found[index][2]
            ):
                index += 1
            yield Entry(path, _block(found[first:index]), block["style"], value)
        elif flow := _flow_entries(path, line, value):
            yield from flow
        elif line:
            yield _plain(path, line, value)


def _flow_entries(path: tuple[str, ...], line: str, start: int) -> list[Entry]:
    """Return the entries of a mapping on one line; none if that is not all of the line."""
    found: list[Entry] = []
    at = 0
    while pair := _PAIR.match(line, at):
        key = pair["key"].strip("\"'")
        found.append(_plain((*path, key), pair["value"].rstrip(), start + pair.start("value")))
        at = pair.end()
    return found if _FLOW_END.match(line, at) else []


def _lines(text: str) -> list[tuple[int, int, int]]:
    """Return the indentation of each line, and where its text begins and ends.

    Of empty lines that follow each other there is one: a command ends at the first.
    """
    found: list[tuple[int, int, int]] = []
    for match in analysis.watch(_LINE.finditer(text)):
        if match.start() == len(text):
            break
        start, end = match.span("text")
        end = start + len(text[start:end].rstrip())
        if start < end or not found or found[-1][1] < found[-1][2]:
            found.append((len(match["indent"]), start, end))
    return found


def _block(lines: list[tuple[int, int, int]]) -> tuple[Span, ...]:
    """Return the lines of a block without their common indentation."""
    common = min((indent for indent, start, end in lines if start < end), default=0)
    return tuple((start - max(indent - common, 0), end) for indent, start, end in lines)


def _plain(path: tuple[str, ...], line: str, start: int) -> Entry:
    """Return an entry with a text on the line of its key."""
    for quote in "\"'":
        if line.startswith(quote):
            end = line.find(quote, 1)
            rest = line[end + 1 :].strip()
            inner = line[1:end]
            if end < 1 or "\\" in inner or (rest and not rest.startswith("#")):
                return Entry(path, ())
            return Entry(path, ((start + 1, start + end),), comment=rest)
    comment = _COMMENT.search(line)
    text = line[: comment.start()] if comment else line
    if text.startswith(("[", "{", "&", "*", "!")) and not text.startswith("{{"):
        return Entry(path, (), header=start)
    span = (start, start + len(text.rstrip()))
    return Entry(path, (span,), comment=comment[0].strip() if comment else "")
