"""Checks the texts of an archive, with each other as the files of their project.

They are found below a mounted path by readers that follow imports and includes. Findings
name them as ``ARCHIVE!path/in/it``. They have no fix: whatever the archive was built from is
the place for it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from no_libpython_dlopen.engine.check_source import apply_rules, check_source, internal_error
from no_libpython_dlopen.engine.dispatch import source_of
from no_libpython_dlopen.engine.prefilter import PYTHON_SCAN, prefilter
from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.files import byte_search, file_tree
from no_libpython_dlopen.model.facts import Unread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from no_libpython_dlopen.binary.archives.texts import TextMembers
    from no_libpython_dlopen.config import Settings
    from no_libpython_dlopen.model.finding import Finding
    from no_libpython_dlopen.model.source import Source

NO_FIX = "files in an archive are not rewritten: fix what it was built from"


def check_members(texts: TextMembers, archive: str, settings: Settings) -> Iterator[FileResult]:
    """Yield the results of the texts in the archive at the path ``archive``; none for clean ones.

    ``settings`` are those of the archive; patterns for files are compared with its path and
    with that of the member. Never raises an ``Exception``.
    """
    root = file_tree.mount(texts)
    if len(texts.kinds) >= byte_search.WORTHWHILE:
        byte_search.use_memmem()
        PYTHON_SCAN.compile_in_background()
    try:
        for member in texts.kinds:
            shown = f"{archive}!{member.replace('!/', '!')}"
            try:
                source, findings = _check(texts, member, root, settings)
            except Exception as error:  # noqa: BLE001  the other members must still be checked
                source, findings = None, apply_rules([Unread(internal_error(error))], shown)
            kept = tuple(
                _with_shown_paths(finding, root, archive, shown)
                for finding in findings
                if settings.selects_in(finding.code, archive)
                and settings.selects_in(finding.code, shown)
            )
            if kept:
                yield FileResult(
                    shown, kept, source and source_of(shown, texts.kinds[member], source.data)
                )
    finally:
        file_tree.unmount(root)


def _check(
    texts: TextMembers, member: str, root: str, settings: Settings
) -> tuple[Source | None, list[Finding]]:
    """Return the source and the findings of one member; the source only where it was needed."""
    kind, data, path = texts.kinds[member], texts.read(member), f"{root}/{member}"
    prefiltered = prefilter(kind, data, path)
    if not prefiltered.may_contain_finding:
        return None, []
    source = source_of(path, kind, data, prefiltered)
    return source, check_source(source, settings)


def _with_shown_paths(finding: Finding, root: str, archive: str, shown: str) -> Finding:
    """Return a finding with the paths that a user knows."""

    def rename(text: str) -> str:
        return text.replace(f"{root}/", f"{archive}!").replace("!/", "!") if root in text else text

    related = (
        replace(each, path=rename(each.path), message=rename(each.message))
        for each in finding.related
    )
    reason = NO_FIX if finding.fix else rename(finding.no_fix_reason)
    return replace(
        finding,
        path=shown,
        message=rename(finding.message),
        fix=None,
        no_fix_reason=reason,
        related=tuple(related),
    )
