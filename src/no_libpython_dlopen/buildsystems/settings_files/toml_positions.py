"""The positions of the strings of a TOML file.

``tomllib`` (``tomli`` before Python 3.11) decides what a file means, and tomlkit keeps
its style, but neither gives an offset. So the text is scanned once more here, for
positions only, by the grammar of TOML 1.0; the caller compares what it finds with the
parsed value. A text that ``tomllib`` accepts is scanned without a loss, so nothing here
complains about details.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.files.toml import parse_toml
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import TOML_DEPTH

Path = tuple[str | int, ...]
Span = tuple[int, int]

_STRING = (
    r'"""[^"\\]*(?:(?:\\[\s\S]|"(?!""))[^"\\]*)*"{3,5}'
    r"|'''[^']*(?:'(?!'')[^']*)*'{3,5}"
    r'|"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"'
    r"|'[^'\r\n]*'"
)
_COMMENT = re.compile(rf"{_STRING}|(?P<comment>#[^\r\n]*)")
_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\r\n]*)*")
_BLANK = re.compile(r"[ \t]*")
_KEY = re.compile(rf"{_STRING}|[A-Za-z0-9_-]+")
_SCALAR = re.compile(rf"(?P<string>{_STRING})|[^,\]}}#\r\n]+")


@dataclass(frozen=True, slots=True)
class Value:
    """One value: the keys and indices that lead to it, its place, and its items if an array.

    ``inner`` reaches from behind an array's opening to before its closing bracket.
    """

    path: Path
    start: int
    end: int
    string: bool = False
    items: tuple[Value, ...] | None = None
    inner: Span = (0, 0)


def values(text: str) -> Iterator[Value]:
    """Yield every value of a TOML text, containers before what they contain.

    Inline tables are not yielded themselves. Raises ``LexError`` where the text is
    not TOML.
    """
    yield from _Scanner(text).document()


def comments(text: str) -> Iterator[Span]:
    """Yield the spans of the comments, also of a text that is not TOML."""
    pieces = analysis.watch(_COMMENT.finditer(text))
    return (match.span() for match in pieces if match["comment"])


def code_tokens(text: str) -> Iterator[str]:
    """Yield the tokens of a text, without its comments. Raises ``ValueError`` where it is not TOML."""
    yield repr(parse_toml(text))


#: Items of an array between two looks at the clock.
_ITEMS_A_LOOK = 1024


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        #: How many tables each array of tables has so far.
        self.counts: dict[Path, int] = {}
        self.found: list[Value] = []

    def document(self) -> Iterator[Value]:
        table: Path = ()
        self.skip(_SPACE)
        while self.at < len(self.text):
            if self.text.startswith("[[", self.at):
                self.at += 2
                keys = self.dotted_key()
                self.expect("]]")
                name = self.within_arrays(keys[:-1]) + keys[-1:]
                self.counts[name] = self.counts.get(name, 0) + 1
                table = (*name, self.counts[name] - 1)
            elif self.text.startswith("[", self.at):
                self.at += 1
                table = self.within_arrays(self.dotted_key())
                self.expect("]")
            else:
                self.pair(table, 0)
            self.skip(_SPACE)
        yield from self.found

    def within_arrays(self, keys: Path) -> Path:
        """Return a path with the index of the last table for every array of tables on the way."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        return path

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()

    def expect(self, mark: str) -> None:
        self.skip(_BLANK)
        if not self.text.startswith(mark, self.at):
            raise LexError(f"expected `{mark}`", self.at)
        self.at += len(mark)

    def dotted_key(self) -> Path:
        keys: list[str] = []
        while True:
            self.skip(_BLANK)
            match = _KEY.match(self.text, self.at)
            if match is None:
                raise LexError("expected a key", self.at)
            self.at = match.end()
            keys.append(match[0].strip("\"'") if match[0][0] in "\"'" else match[0])
            self.skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return tuple(keys)
            self.at += 1

    def pair(self, table: Path, depth: int) -> None:
        keys = self.dotted_key()
        self.expect("=")
        self.skip(_BLANK)
        self.value(table + keys, depth)

    def value(self, path: Path, depth: int) -> Value | None:
        if depth > TOML_DEPTH:
            raise LexError("nested too deeply", self.at)
        mark = self.text[self.at : self.at + 1]
        if mark == "[":
            return self.array(path, depth)
        if mark == "{":
            self.inline_table(path, depth)
            return None
        match = _SCALAR.match(self.text, self.at)
        if match is None:
            raise LexError("expected a value", self.at)
        self.at = match.end()
        value = Value(path, match.start(), match.end(), match["string"] is not None)
        self.found.append(value)
        return value

    def array(self, path: Path, depth: int) -> Value:
        start = self.at
        place = len(self.found)
        self.at += 1
        items: list[Value] = []
        count = 0
        while True:
            self.skip(_SPACE)
            if self.text.startswith("]", self.at):
                break
            item = self.value((*path, count), depth + 1)
            count += 1
            if not count % _ITEMS_A_LOOK:
                analysis.check_time()
            if item is not None:
                items.append(item)
            self.skip(_SPACE)
            if self.text.startswith(",", self.at):
                self.at += 1
            elif not self.text.startswith("]", self.at):
                raise LexError("an array is not closed", start)
        self.at += 1
        value = Value(path, start, self.at, False, tuple(items), (start + 1, self.at - 1))
        self.found.insert(place, value)
        return value

    def inline_table(self, path: Path, depth: int) -> None:
        start = self.at
        self.at += 1
        while True:
            self.skip(_SPACE)  # TOML 1.1 allows line ends here
            if self.text.startswith("}", self.at):
                self.at += 1
                return
            self.pair(path, depth + 1)
            self.skip(_SPACE)
            if self.text.startswith(",", self.at):
                self.at += 1
            elif not self.text.startswith("}", self.at):
                raise LexError("an inline table is not closed", start)
