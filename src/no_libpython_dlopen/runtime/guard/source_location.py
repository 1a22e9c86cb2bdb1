"""The line that a warning is about: the first frame that is the user's own.

Frames of ctypes, of the import system and of the guard itself stand between the user's
line and the audit event; nobody can change those lines.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Any

#: First parts of the names of modules whose frames are passed over.
_BETWEEN = frozenset(
    {"ctypes", "_ctypes", "imp", "importlib", "_frozen_importlib", "_frozen_importlib_external"}
)
_OURS = "no_libpython_dlopen.runtime"


def _working_directory() -> str:
    try:
        return os.getcwd()
    except OSError:  # it has been removed
        return ""


#: The working directory when the guard starts: a daemon changes it.
_START = _working_directory()


class SourceLocation:
    """A line of a program.

    ``namespace`` are the module's globals, where ``warnings`` remembers what it showed.
    ``code`` and ``instruction`` lead to the columns, which only a report needs.
    """

    __slots__ = ("code", "filename", "instruction", "module", "namespace", "row")

    def __init__(
        self,
        filename: str,
        row: int,
        module: str,
        namespace: dict[str, Any],
        *,
        code: CodeType | None = None,
        instruction: int = -1,
    ) -> None:
        self.filename = filename
        self.row = row
        self.module = module
        self.namespace = namespace
        self.code = code
        self.instruction = instruction

    def columns(self) -> tuple[int, int, int, int]:
        """Return first row, first column, last row and last column of the call, 1-based.

        Columns count code points and are 1 where Python does not keep positions (3.10),
        or the source cannot be read.
        """
        if self.code is None or not hasattr(self.code, "co_positions"):
            return (self.row, 1, self.row, 1)
        positions = list(self.code.co_positions())
        index = self.instruction // 2
        if not 0 <= index < len(positions):
            return (self.row, 1, self.row, 1)
        row, last_row, start, end = positions[index]
        if row is None or last_row is None or start is None or end is None:
            return (self.row, 1, self.row, 1)
        return (
            row,
            _code_points(self.filename, row, start) + 1,
            last_row,
            _code_points(self.filename, last_row, end) + 1,
        )


def _code_points(filename: str, row: int, offset: int) -> int:
    """Return the number of code points in the first ``offset`` UTF-8 bytes of a line."""
    import linecache

    line = linecache.getline(filename, row).encode()
    return len(line[:offset].decode(errors="replace")) if line else 0


def caller_location() -> SourceLocation:
    """Return the place of the user's code that is running now."""
    frame = sys._getframe(1)
    while True:
        module = frame.f_globals.get("__name__")
        name = module if type(module) is str else ""
        if name.partition(".")[0] not in _BETWEEN and not _is_ours(name):
            break
        if frame.f_back is None:  # all of it is machinery: C code imports without a frame
            return program_location()
        frame = frame.f_back
    return SourceLocation(
        frame.f_code.co_filename,
        frame.f_lineno or 1,
        name or "<string>",
        frame.f_globals,
        code=frame.f_code,
        instruction=frame.f_lasti,
    )


def _is_ours(name: str) -> bool:
    return name == _OURS or name.startswith(_OURS + ".")


def program_location() -> SourceLocation:
    """Return a place for what has none: the program itself, at no line.

    Python takes ``__main__.__file__`` away when the script has run, before exit handlers, and a
    relative name is that of a script in the directory of the start.
    """
    filename = sys.argv[0] if getattr(sys, "argv", None) else ""
    for path in (filename, os.path.join(_START, filename)):
        if os.path.isfile(path):
            return SourceLocation(path, 0, "__main__", {})
    return SourceLocation("sys", 0, "__main__", {})
