"""A list of findings that are known and are not reported: how an old project begins.

A finding is known by its rule, its path and the text it marks (``report.common.fingerprint``),
so the list stays the same while other lines come and go. Paths are relative to the folder
of the list. Findings of NLP900 are never in it: what cannot be read is not checked.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping

from no_libpython_dlopen.cli import UsageError
from no_libpython_dlopen.config.settings import Settings
from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.files.atomic_write import WriteRefused
from no_libpython_dlopen.files.output_file import write_output
from no_libpython_dlopen.files.safe_open import MAX_JSON, read_file
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.report.common import paths
from no_libpython_dlopen.report.common.fingerprint import Fingerprints

VERSION = 1


class Baseline:
    """The known findings of one file: by fingerprint, the path from the list's folder and the code."""

    def __init__(self, path: str, known: Mapping[str, tuple[str, str]] | None = None) -> None:
        self.path = path
        self._root = os.path.dirname(os.path.realpath(path))
        self._known = known or {}
        self._met: set[str] = set()
        #: The files of the run, as in the list, with their own paths and settings.
        self._looked_at: dict[str, tuple[str, Settings]] = {}
        self._prints = Fingerprints()

    @property
    def hidden(self) -> int:
        """How many findings were left out."""
        return len(self._met)

    @property
    def stale(self) -> int:
        """How many known findings would have been met, or are of files that exist no more."""
        return sum(
            self._is_gone(path, code)
            for name, (path, code) in self._known.items()
            if name not in self._met
        )

    def _is_gone(self, path: str, code: str) -> bool:
        """Return whether a finding that was not met is no longer there."""
        file, _ = paths.split_archive(path)
        if file in self._looked_at:
            given, settings = self._looked_at[file]
            return settings.selects_in(code, given)
        return not os.path.exists(os.path.join(self._root, file))

    def note_file(self, path: str, settings: Settings) -> None:
        """Remember that a file is part of the run, with the settings that it is checked by."""
        self._looked_at[paths.relative(path, self._root)] = path, settings

    def fingerprint(self, finding: Finding, result: FileResult) -> str:
        """Return the name of a finding; to be asked once for each, in their order."""
        return self._prints.next(finding, self.path_of(finding), result.source)

    def path_of(self, finding: Finding) -> str:
        """Return the path of a finding, relative to the folder of the list."""
        return paths.relative(finding.path, self._root)

    def without_known(self, results: Iterable[FileResult]) -> Iterator[FileResult]:
        """Yield the results less the known findings."""
        for result in results:
            kept = [finding for finding in result.findings if not self._knows(finding, result)]
            if len(kept) < len(result.findings):
                result = result._replace(findings=tuple(kept))
            if (
                result.findings
                or result.before is not None
                or result.applied
                or not result.analysed
            ):
                yield result

    def _knows(self, finding: Finding, result: FileResult) -> bool:
        name = self.fingerprint(finding, result)
        if finding.is_unreadable or name not in self._known:
            return False
        self._met.add(name)
        return True


def read(path: str) -> Baseline:
    """Return the baseline in a file. Raises ``UsageError`` where there is none."""
    try:
        document = json.loads(read_file(path, MAX_JSON))
        if document["version"] != VERSION:
            raise UsageError(f"{path}: unsupported baseline version")
        known = {
            str(one["fingerprint"]): (str(one["path"]), str(one["code"]))
            for one in document["findings"]
        }
        return Baseline(path, known)
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; use `--write-baseline` to create it") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(f"{path}: not a baseline; use `--write-baseline` to create one") from None


def write(path: str, results: Iterable[FileResult], checked: Iterable[str] = ()) -> tuple[int, int]:
    """Write the findings of a run into a file; ``checked`` are the paths of the run.

    Returns how many are in it, and how many files could not be read and so may hold more.
    Raises ``UsageError`` where it cannot be written.
    """
    baseline = Baseline(path)
    entries = []
    unreadable = 0
    for result in results:
        for finding in result.findings:
            name = baseline.fingerprint(finding, result)
            if finding.is_unreadable:
                unreadable += 1
                continue
            where = baseline.path_of(finding)
            entries.append((where, finding.code, finding.message, name))
    keys = ("path", "code", "message", "fingerprint")
    document = {
        "version": VERSION,
        "findings": [dict(zip(keys, entry, strict=True)) for entry in sorted(entries)],
    }
    data = (json.dumps(document, indent=2) + "\n").encode()
    try:
        write_output(path, lambda file: file.write(data), checked=checked)
    except WriteRefused as error:
        raise UsageError(f"{path}: {error}") from None
    return len(entries), unreadable
