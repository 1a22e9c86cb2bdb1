"""Settings as an editor needs them: kept until a file changes, with their mistakes at a place."""

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

    def settings(self, path: str) -> Settings:
        """Return the settings of a document."""
        if not self.keep:
            self._configuration = Configuration()
        return self._configuration.for_file(path)

    def forget(self) -> None:
        """Read all files again when they are needed."""
        self._configuration = Configuration()
        self._mistakes = {}

    def mistakes(self) -> dict[str, list[types.Diagnostic]]:
        """Return the diagnostics of each configuration file that was read, by its path.

        Those of other documents' files are kept until all is forgotten, or the file has gone.
        """
        found: dict[str, list[types.Diagnostic]] = {file: [] for file in self._configuration.files}
        severities = types.DiagnosticSeverity
        for severity, told in (
            (severities.Error, self._configuration.problems_of_files),
            (severities.Warning, self._configuration.notes_of_files),
        ):
            for file, messages in told.items():
                if messages:
                    text = _text_of(file)
                    known = found.setdefault(file, [])
                    known += [_diagnostic(message, text, severity) for message in messages]
        self._mistakes = {
            file: told for file, told in self._mistakes.items() if os.path.exists(file)
        } | found
        return self._mistakes


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
