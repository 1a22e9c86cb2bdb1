"""The code in ``.pth`` files: ``site`` runs their lines that begin with ``import`` at each start.

All other lines are directories of the import path, or comments. For the readers such a file is a
Python program in which the lines with directories are comments, so that rows and columns are those
of the file, and suppressions work as in other Python code. Each line is a program of its own; after
one that raises, ``site`` ignores the rest of the file, so what cannot be parsed and the code behind it
are comments as well. Up to Python 3.12 lines end as in Python code; from 3.13 on also at form feeds
and the other characters of ``str.splitlines``. What runs in either of them counts: such characters
become semicolons, what is no code before them zeros, and behind them spaces. The semantics are described at
https://docs.python.org/3/library/site.html, and implemented in ``addpackage`` of ``Lib/site.py``.
Model weights have the same suffix: they contain NUL bytes, or are larger than any list of
directories. Each line is parsed, so a long file with code is refused before its text is made.
"""

from __future__ import annotations

import ast
import codecs
import io
from functools import cached_property
from typing import TYPE_CHECKING

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.finding import Location
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.limits import PATH_CONFIGURATION_BYTES
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.python.syntax.parse_ast import parse_source

if TYPE_CHECKING:
    from collections.abc import Iterator

_RUN = ("import ", "import\t")
#: Precedes a line that is not Python code.
_MARK = "#|"


class PathConfigurationSource(Source):
    """The code of a ``.pth`` file. ``kind`` is Python, which is what its text is."""

    def __init__(self, path: str, kind: Kind, data: bytes) -> None:  # noqa: ARG002
        super().__init__(path, Kind.PYTHON, data)

    @cached_property
    def encoding(self) -> str:
        """UTF-8; else ``site`` decodes the file by the locale, which is not known here."""
        try:
            self.data.decode()
        except UnicodeDecodeError:
            return "iso8859-1"
        return "utf-8"

    @property
    def code_bytes(self) -> bytes:
        """The lines that are code, and comments."""
        return code_in(self.data)

    @cached_property
    def text(self) -> str:
        """The file's text, with a mark before each line that does not run."""
        if len(self.data) > PATH_CONFIGURATION_BYTES:
            raise analysis.LimitReached(PATH_CONFIGURATION_BYTES)
        end = self.left_out.location.row if self.left_out else len(self._rows) + 1
        return "".join(
            code
            if (code != line or _is_code(line)) and (row < end or code[0] == "#")
            else _MARK + line
            for row, (line, code) in enumerate(zip(self._rows, self._codes, strict=True), 1)
        )

    @cached_property
    def _rows(self) -> list[str]:
        rows = list(_lines(super().text))
        del self.__dict__["text"]  # the text of the base class, kept in the place of this one's
        return rows

    @cached_property
    def _codes(self) -> list[str]:
        """The rows, with code where Python 3.13 finds further lines in one."""
        return [self._code_of(line) for line in analysis.watch(self._rows)]

    def _code_of(self, line: str) -> str:
        lines = line.splitlines(keepends=True)
        runs = [one.startswith(_RUN) for one in lines]
        if len(lines) == 1 or True not in runs or (runs[0] and not _syntax_error(self.path, line)):
            return line
        before = sum(map(len, lines[: runs.index(True)]))
        code = f"{'0' * (before - 1)};" if before > 1 else ""
        for at in range(runs.index(True), len(lines)):
            kept = lines[at].splitlines()[0] if runs[at] else ""
            code += kept + (";" if runs[at] and at + 1 < len(lines) else "")
            code += " " * (sum(map(len, lines[: at + 1])) - (before == 1) - len(code))
        end = line[len(line.rstrip("\r\n")) :]
        return code[: len(code) - len(end)] + end

    @cached_property
    def left_out(self) -> Unreadable | None:
        """The first line of code that cannot be parsed, and why."""
        pairs = zip(self._rows, self._codes, strict=True)
        for row, (line, code) in enumerate(analysis.watch(pairs), 1):
            runs = code != line or line.startswith(_RUN)
            if runs and (error := _syntax_error(self.path, code)):
                return Unreadable(error.reason, Location(row, error.location.column))
        return None

    @property
    def file_text(self) -> str:
        """The text of the file itself. Raises ``Unreadable``."""
        return self._restore(self.text)

    def _restore(self, text: str) -> str:
        """Return the file's text for its code, which may have other comments."""
        restored = []
        for at, line in enumerate(_lines(text)):
            row, code = (self._rows[at], self._codes[at]) if at < len(self._rows) else ("", "")
            if row == code or line.startswith(_MARK):
                restored.append(line.removeprefix(_MARK))
                continue
            pairs = enumerate(zip(line, code, strict=False))
            same = next((n for n, (a, b) in pairs if a != b), min(len(line), len(code)))
            restored.append(row[: same + len(row) - len(code)] + line[same:])
        return "".join(restored)

    @property
    def is_reversible(self) -> bool:
        """True: both encodings have one form of each character."""
        return True

    def encode(self, text: str) -> bytes:
        """Return the file with changed code."""
        return self.bom + self._restore(text).encode(self.encoding)

    def line(self, row: int) -> str:
        """Return a row as it is in the file."""
        if row <= len(self._rows) and self._rows[row - 1] != self._codes[row - 1]:
            return self._rows[row - 1].rstrip("\r\n")
        return super().line(row).removeprefix(_MARK)

    def why_not_edited(self, location: Location) -> str:  # noqa: ARG002
        """Return why the code is only reported."""
        return "lines of `.pth` files are not rewritten; change what writes or installs the file"


def _syntax_error(path: str, line: str) -> Unreadable | None:
    """Return why a line cannot be parsed; ``None`` also where that is up to the whole file."""
    source = Source(path, Kind.PYTHON, line.encode())
    try:
        if isinstance(parse_source(source), ast.Module):
            return None
    except Unreadable:
        return None
    from no_libpython_dlopen.python.syntax.parse import parse

    try:
        parse(source)
    except Unreadable as error:
        return error
    return None


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text with their endings, those that ``site`` and a ``Source`` know."""
    return iter(io.StringIO(text, newline=""))


def _is_code(line: str) -> bool:
    return line.startswith(_RUN) or not line.strip() or (line[0] == "#" and line[:2] != _MARK)


def code_in(data: bytes) -> bytes:
    """Return the lines of a ``.pth`` file that are code or comments, as UTF-8.

    The result is empty for a file without code, and for one that is not text. It is the whole
    file if that may have code and is too long to be read.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if len(data) > PATH_CONFIGURATION_BYTES:
        may_run = any(word in text for word in _RUN) and "\0" not in text
        return text.encode() if may_run else b""
    lines = [one for one in (*_lines(text), *text.splitlines()) if one.startswith((*_RUN, "#"))]
    if b"\0" in data or not any(line.startswith(_RUN) for line in lines):
        return b""
    return "\n".join(lines).encode()
