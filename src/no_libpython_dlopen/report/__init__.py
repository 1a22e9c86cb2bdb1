"""How findings are shown: one module an output format, imported when it is asked for.

A format is a file ``NAME.py`` here with ``write(results, out, context)``; nothing else has to
be told. It is called by ``write`` of this package. What formats share is in ``common``. May
import the engine's results, rules and findings; knows nothing of the command line.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Protocol, TextIO

    from no_libpython_dlopen.engine.result import FileResult

    class Format(Protocol):
        """What a module of this package looks like."""

        def write(self, results: Iterable[FileResult], out: TextIO, context: Context) -> None:
            """Write a report of the results as they come."""


#: Formats that say nothing where nothing was found, and may be followed by other lines.
FOR_PEOPLE = frozenset({"text", "concise", "grouped", "pylint"})


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


def write(name: str, results: Iterable[FileResult], out: TextIO, context: Context) -> None:
    """Write a report in the format ``name``, without commands to a CI system.

    A format may have a ``NUMBER_SIGN``, its own escape for ``#``; that of a format that
    consists of commands is empty.
    """
    module = load(name)
    number_sign: str = getattr(module, "NUMBER_SIGN", r"\x23")
    guarded: Any = _WithoutCommands(out, number_sign) if number_sign else out
    module.write(results, guarded, context)


def escape_controls(text: str) -> str:
    r"""Return ``text`` with everything escaped that could move a terminal's cursor.

    Control and format characters, and the bytes of a file name that are no text, are
    shown as escapes; so a name or a source line can neither hide nor forge output.

    >>> escape_controls("a\x1b[2Jb\udcff")
    'a\\x1b[2Jb\\xff'
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else escape(char) for char in text)


def one_line(text: str) -> str:
    """Return a line for a terminal or a log: no control characters, and no command."""
    return without_commands(escape_controls(text))


def without_commands(text: str, number_sign: str = r"\x23") -> str:
    """Return a text of which no CI system takes a line for a command in its log.

    Those of GitHub are ``::NAME`` at the beginning of a line, or ``##[NAME]`` anywhere, as
    are those of Azure Pipelines and TeamCity. ``number_sign`` is the escape for ``#``.
    """
    if "##" in text:
        import re

        text = re.sub(r"##(?=\w*\[)", lambda _: f"{number_sign}#", text)
    if "::" in text:
        lines = text.split("\n")
        text = "\n".join(f"./{one}" if one.lstrip().startswith("::") else one for one in lines)
    return text


class _WithoutCommands:
    """A stream that escapes commands to CI systems in what it writes to another stream."""

    def __init__(self, out: TextIO, number_sign: str) -> None:
        self._out = out
        self._number_sign = number_sign
        self._within = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._out, name)

    def write(self, text: str) -> int:
        """Write a text; one that continues a line cannot begin a command of GitHub."""
        before = "." if self._within else ""
        told = without_commands(before + text, self._number_sign)
        self._within = told[-1:] not in ("", "\n") if text else self._within
        return self._out.write(told[len(before) :])


def escape(char: str) -> str:
    """Return a character as an escape; an undecodable byte of a name as that byte."""
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")
