"""For other programs: check or fix bytes that are already in memory.

The flake8 plugin, the language server and the tests call this. Nothing here reads the
file itself, but where it exists, the modules of its project that it imports are looked
at. No file's configuration is looked for: pass ``settings``, which
``config.Configuration().for_file(path)`` finds.
"""

from __future__ import annotations

from dataclasses import dataclass

from no_libpython_dlopen.config import Settings
from no_libpython_dlopen.engine.dispatch import source_of
from no_libpython_dlopen.engine.prefilter import prefilter
from no_libpython_dlopen.engine.syntax_check import is_parsable
from no_libpython_dlopen.model.content_kind import HEAD_SIZE, kind_of_head
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.kind import Kind, kind_of

DEFAULT = Settings()


@dataclass(frozen=True, slots=True)
class FixResult:
    """What a fix made of some bytes.

    ``findings`` are those left in ``data``; ``applied`` those that were fixed;
    ``skipped`` those whose fix was allowed but could not be made.
    """

    data: bytes
    findings: tuple[Finding, ...]
    applied: tuple[Finding, ...]
    skipped: tuple[Finding, ...]


def check_bytes(data: bytes, filename: str, settings: Settings | None = None) -> list[Finding]:
    """Return the findings of a text file's content, in the order of the text.

    ``filename`` decides what the bytes are read as, then their first line; Python if in doubt.
    What cannot be read is a finding (NLP900).
    """
    kind = text_kind(filename, data)
    broken = _is_broken(kind, data)
    prefiltered = prefilter(kind, data, filename)
    if not broken and not prefiltered.may_contain_finding:
        return []
    from no_libpython_dlopen.engine.check_source import check_source

    source = source_of(filename, kind, data, prefiltered)
    return check_source(source, settings or DEFAULT, always=broken)


def fix_bytes(
    data: bytes, filename: str, *, unsafe: bool, settings: Settings | None = None
) -> FixResult:
    """Return a text file's content with the allowed fixes applied."""
    kind = text_kind(filename, data)
    if _is_broken(kind, data):
        return FixResult(data, tuple(check_bytes(data, filename, settings)), (), ())
    prefiltered = prefilter(kind, data, filename)
    if not prefiltered.may_contain_finding:
        return FixResult(data, (), (), ())
    from no_libpython_dlopen.engine.fix_text import fix_text

    source = source_of(filename, kind, data, prefiltered)
    result = fix_text(source, settings or DEFAULT, unsafe=unsafe)
    return FixResult(
        result.source.data if result.source else data,
        result.findings,
        result.applied,
        tuple(finding for finding, _ in result.skipped),
    )


def _is_broken(kind: Kind, data: bytes) -> bool:
    """Return whether a text cannot be parsed; Python in which nothing can be found is not tried."""
    return kind is not Kind.PYTHON and not is_parsable(kind, data)


def text_kind(filename: str, data: bytes = b"") -> Kind:
    """Return the file type of content in memory: never a binary, Python if in doubt.

    Where the name does not say, the first line does: ``#!/usr/bin/make -f``.
    """
    kind = kind_of(filename) or kind_of_head(data[:HEAD_SIZE])
    return Kind.PYTHON if kind in (None, Kind.BINARY, Kind.ARCHIVE) else kind
