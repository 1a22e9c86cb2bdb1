"""What the engine hands on for one file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from no_libpython_dlopen.files.given_paths import GivenPaths
    from no_libpython_dlopen.model.finding import Finding
    from no_libpython_dlopen.model.source import Source


class FileResult(NamedTuple):
    """The findings of one file, and its source where they are places in a text.

    ``applied`` and ``skipped`` are filled by a fix: the findings whose fixes were made,
    and those whose fixes could not be, with the reason. ``before`` is the source as it
    was before the fix, where that changed it, and ``found`` are the findings in it; ``source``
    is then the fixed one.
    ``repair`` says which fixes a binary's writer may make, ``safe`` or ``unsafe``, empty
    where there are none to make; ``notes`` are sentences on what it did besides.
    ``analysed`` is false if the file, or a part of it, could not be read, even if a comment or
    the configuration hides that; ``written`` is false if a fix could not be written. ``given``
    are the paths in which the file has to be.
    """

    path: str
    findings: tuple[Finding, ...] = ()
    source: Source | None = None
    before: Source | None = None
    applied: tuple[Finding, ...] = ()
    skipped: tuple[tuple[Finding, str], ...] = ()
    found: tuple[Finding, ...] = ()
    repair: str = ""
    notes: tuple[str, ...] = ()
    analysed: bool = True
    given: GivenPaths | None = None
    written: bool = True

    @property
    def unreadable(self) -> bool:
        """Whether something could not be read (NLP900), which makes the exit status 2."""
        return any(finding.is_unreadable for finding in self.findings)


def output_path(path: str, output_dir: str) -> str:
    """Return the path of the repaired form of a file in ``output_dir``."""
    return os.path.join(os.path.realpath(output_dir), os.path.basename(path))


def is_in(path: str, output_dir: str) -> bool:
    """Return whether a file is in the directory itself, so that a copy would replace it."""
    return output_path(path, output_dir) in (os.path.realpath(path), os.path.abspath(path))


def not_written(output_dir: str) -> str:
    """Return the note on a file whose repaired form is not put into ``output_dir``."""
    return f"not written to {os.path.join(output_dir, '')}"
