"""Settings as an editor needs them: kept until a file changes, with their mistakes at a place.

Settings are those of the saved files, mistakes those of the texts that the editor holds.
"""

from __future__ import annotations

import os
import re

from lsprotocol import types

from no_libpython_dlopen.config import Configuration, Settings
from no_libpython_dlopen.config.table import TABLE
from no_libpython_dlopen.files.safe_open import MAX_SETTINGS, read_file

_PLACE = re.compile(r"at line (\d+), column (\d+)")
_KEY = re.compile(r"`([\w-]+)`")
_TABLE = re.compile(r"`\[((?:tools?\.)?)([\w-]+)\]` is not read")


class Configurations:
    """The configuration of all documents. ``keep`` is false where no change of a file is told."""

    def __init__(self) -> None:
        self.keep = False
        self._configuration = Configuration()
        self._mistakes: dict[str, list[types.Diagnostic]] = {}
        #: Those of files that are open, as the editor holds them.
        self._mistakes_of_open_files: dict[str, list[types.Diagnostic]] = {}

    def settings(self, path: str) -> Settings:
        """Return the settings of a document."""
        if not self.keep:
            self._configuration = Configuration()
        return self._configuration.for_file(path)

    def forget(self) -> None:
        """Read all files again when they are needed."""
        self._configuration = Configuration()
        self._mistakes = {}

    def take_text(self, path: str, text: str) -> None:
        """Show the mistakes in the text of a file, saved or not, until it is closed."""
        data = text.encode("utf-8", "replace")
        if len(data) <= MAX_SETTINGS:
            configuration = Configuration()
            configuration.read_content(path, data)
            found = _diagnostics(path, configuration, text)
            self._mistakes_of_open_files[path] = found

    def close(self, path: str) -> None:
        """Show the mistakes in a file as it is saved."""
        self._mistakes_of_open_files.pop(path, None)

    def mistakes(self) -> dict[str, list[types.Diagnostic]]:
        """Return the diagnostics of each configuration file that was read, by its path.

        Those of other documents' files are kept until all is forgotten, or the file has gone.
        """
        read = self._configuration
        files = [*read.files, *read.problems_of_files, *read.notes_of_files]
        found = {file: _diagnostics(file, read) for file in files}
        self._mistakes = {
            file: told for file, told in self._mistakes.items() if os.path.exists(file)
        } | found
        return self._mistakes | self._mistakes_of_open_files


def _diagnostics(
    file: str, configuration: Configuration, text: str | None = None
) -> list[types.Diagnostic]:
    """Return the mistakes in a file, at their places in the text that is given or saved."""
    problems = configuration.problems_of_files.get(file, [])
    notes = configuration.notes_of_files.get(file, [])
    if text is None and (problems or notes):
        text = _text_of(file)
    severities = types.DiagnosticSeverity
    return [
        *(_diagnostic(message, text or "", severities.Error) for message in problems),
        *(_diagnostic(message, text or "", severities.Warning) for message in notes),
    ]


def _text_of(file: str) -> str:
    try:
        return read_file(file, MAX_SETTINGS).decode("utf-8", "replace")
    except OSError:  # that is the problem, or it has gone since
        return ""


def _diagnostic(message: str, text: str, severity: types.DiagnosticSeverity) -> types.Diagnostic:
    """Return a mistake as a diagnostic of the line that it is about."""
    lines = text.splitlines() or [""]
    key = _KEY.search(message)
    table = _TABLE.search(message)
    place = _PLACE.search(message)
    row = int(place[1]) - 1 if place else None
    if message.endswith("(at end of document)"):
        row = len(lines) - 1
    wanted = [rf"^\s*[\"']?{re.escape(key[1])}[\"']?\s*[=.\]]"] if key else []
    if table:
        name = re.escape(table[2])
        wanted += [rf"^\s*\[\[?{re.escape(table[1])}[\"']?{name}\b", rf"(?<![\w-]){name}(?![\w-])"]
    wanted += [rf"^\s*\[tool\.{TABLE}[.\]]", TABLE]
    for pattern in wanted:
        if row is None:
            row = next((at for at, line in enumerate(lines) if re.search(pattern, line)), None)
    row = min(row or 0, len(lines) - 1)
    start = types.Position(row, len(lines[row]) - len(lines[row].lstrip()))
    return types.Diagnostic(
        range=types.Range(start, types.Position(row, len(lines[row]))),
        message=message,
        severity=severity,
        source="nolibpy",
    )
