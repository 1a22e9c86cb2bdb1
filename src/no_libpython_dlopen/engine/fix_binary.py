"""Repairs a binary or a wheel, and reads it again to report which findings are fixed.

The binary's own writer does the work. A finding counts as fixed if it is gone from the new
file, and what is left is reported as it is now. A module that asked for
libpython itself may still get it through a library, which is another finding.
"""

from __future__ import annotations

import os
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from no_libpython_dlopen.engine.check_file import refused_result
from no_libpython_dlopen.engine.check_source import apply_rules
from no_libpython_dlopen.engine.result import FileResult, is_in, not_written, output_path
from no_libpython_dlopen.files.atomic_write import WriteRefused
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.model.source import Unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from no_libpython_dlopen.binary.system_root import SystemRoot
    from no_libpython_dlopen.engine.installed.installed_files import InstalledFiles
    from no_libpython_dlopen.model.finding import Finding, Fix


def fix_binary(
    result: FileResult,
    *,
    write: bool,
    output_dir: str | None,
    outputs: dict[str, str],
    installed: InstalledFiles,
    root: SystemRoot | None = None,
) -> FileResult:
    """Return the result of a binary's repair; without ``write``, the result it would have.

    ``root`` is the root of the system that the binary belongs to. ``outputs`` are the files that
    the run has written to ``output_dir``, with the path of each original.
    """
    from no_libpython_dlopen.binary import reader
    from no_libpython_dlopen.binary.repair.repair import repair

    path, unsafe = result.path, result.repair == "unsafe"
    try:
        if write and output_dir is not None:
            _require_free_name(path, output_dir, outputs)
        with installed.change(path) if write and output_dir is None else nullcontext() as prepare:
            done = repair(
                path,
                output_dir,
                unsafe=unsafe,
                dry_run=not write,
                given=result.given,
                prepare=prepare,
            )
        if done.written is not None:
            outputs[os.path.realpath(done.written)] = result.path
        notes = list(done.notes) if done.repaired else []
        gone: tuple[Finding, ...] = ()
        left = result.findings
        if done.written is not None and done.repaired:
            facts = reader.read(done.written, kind_of(path) or Kind.BINARY, root=root)
            read_again = apply_rules(facts, path)
            gone, left = _compare(result.findings, read_again)
        elif done.repaired:
            fixes = _planned_fixes(result)
            gone = tuple([item for item, _ in fixes])
            notes += [_note(_member(item), f"would {fix.message}") for item, fix in fixes]
    except (Unreadable, WriteRefused) as error:
        return refused_result(result, error)
    notes += [_note(member, f"cannot repair: {why}") for member, why in done.refused]
    if write and output_dir is not None and done.written is None:
        notes.append(not_written(output_dir))
    kept = tuple([_without_fix(one, dict(done.refused)) for one in left if one not in gone])
    return result._replace(findings=kept, applied=gone, notes=tuple(notes), repair="")


def _planned_fixes(result: FileResult) -> list[tuple[Finding, Fix]]:
    """Return the findings that this run fixes, each with its fix."""
    return [
        (item, item.fix)
        for item in result.findings
        if item.fix is not None and result.repair in ("unsafe", item.fix.applicability)
    ]


def _note(member: str, text: str) -> str:
    return f"{member}: {text}" if member else text


def _compare(
    before: tuple[Finding, ...], after: list[Finding]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Return the findings that are gone, and those that are left of the same rules."""
    selected = {item.code for item in before}
    left = tuple([item for item in after if item.code in selected])
    told = {(item.path, item.code) for item in left}
    return tuple([item for item in before if (item.path, item.code) not in told]), left


def _require_free_name(path: str, output_dir: str, outputs: Mapping[str, str]) -> None:
    """Raise ``WriteRefused`` where a result would take the place of an original or another result."""
    output = output_path(path, output_dir)
    if is_in(path, output_dir):
        raise WriteRefused(f"not written: it is in {output_dir} itself")
    if outputs.get(output, path) != path:
        raise WriteRefused(
            f"not written: `{outputs[output]}` has the same name and was written there"
        )


def _without_fix(finding: Finding, refused: Mapping[str, str]) -> Finding:
    """Return a finding without the fix that the writer refused to make."""
    reason = refused.get(_member(finding)) or refused.get("")
    if reason is None or finding.fix is None:
        return finding
    return replace(finding, fix=None, no_fix_reason=reason)


def _member(finding: Finding) -> str:
    return finding.path.partition("!")[2]
