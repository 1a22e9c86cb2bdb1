"""How findings are shown: one module an output format, imported when it is asked for.

A format is a file ``NAME.py`` here with ``write(results, out, context)``; nothing else has to
be told. What formats share is in ``common``. May import the engine's results, rules and
findings; knows nothing of the command line.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Protocol, TextIO

    from no_libpython_dlopen.engine.result import FileResult

    class Format(Protocol):
        """What a module of this package looks like."""

        def write(self, results: Iterable[FileResult], out: TextIO, context: Context) -> None:
            """Write a report of the results as they come."""


class Context:
    """What a format may want to know of the run and of where its output goes."""

    __slots__ = ("color", "encoding", "links", "unsafe", "width")

    def __init__(
        self,
        *,
        color: bool = False,
        width: int = 100,
        unsafe: bool = False,
        encoding: str = "utf-8",
        links: bool = False,
    ) -> None:
        self.color = color
        self.width = width
        self.unsafe = unsafe
        #: What the output can show; other characters stand there as escapes.
        self.encoding = encoding
        #: Whether codes are links to the pages of their rules (OSC 8).
        self.links = links


def formats() -> list[str]:
    """Return the names of the formats, sorted, importing none."""
    names = (os.path.splitext(name) for name in os.listdir(os.path.dirname(__file__)))
    stems = [stem for stem, suffix in names if suffix == ".py" and stem[0] != "_"]
    return sorted(stem.replace("_", "-") for stem in stems)


def load(name: str) -> Format:
    """Import the module of a format."""
    import importlib

    module: Format = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return module


def escape_controls(text: str) -> str:
    r"""Return ``text`` with everything escaped that could move a terminal's cursor.

    Control and format characters, and the bytes of a file name that are no text, are
    shown as escapes; so a name or a source line can neither hide nor forge output.

    >>> visible("a\x1b[2Jb\udcff")
    'a\\x1b[2Jb\\xff'
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else escape(char) for char in text)


def without_commands(line: str) -> str:
    """Return a line of output that no CI system takes for a command in its log.

    Those of GitHub are ``::NAME`` at the beginning of a line, or ``##[NAME]`` anywhere, as
    are those of Azure Pipelines and TeamCity.
    """
    for mark in ("##[", "##vso[", "##teamcity["):
        line = line.replace(mark, f"\\x23{mark[1:]}")
    return f"./{line}" if line.lstrip().startswith("::") else line


def escape(char: str) -> str:
    """Return a character as an escape; an undecodable byte of a name as that byte."""
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")
