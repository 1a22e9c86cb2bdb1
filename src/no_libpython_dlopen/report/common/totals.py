"""Counts what goes by on its way to a report, for the summary and the exit status."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from no_libpython_dlopen.engine.result import FileResult


class Totals:
    """What a run came to. ``files`` is told by the caller."""

    def __init__(self) -> None:
        self.findings = 0
        self.safe = 0
        self.unsafe = 0
        self.fixed = 0
        self.fixed_files = 0
        self.unreadable = 0
        self.unwritten = 0
        #: Files that were not read as a whole, and in which nothing was found.
        self.unanalysed = 0
        #: What the paths of texts in the last one of these begin with, if it is an archive.
        self._members = ""
        self.codes: dict[str, int] = {}
        #: How many fixes of each code were made in each file.
        self.fixes: dict[str, dict[str, int]] = {}

    def count(self, results: Iterable[FileResult]) -> Iterator[FileResult]:
        """Yield the results as they come, counted."""
        for result in results:
            self._add(result)
            yield result

    def _add(self, result: FileResult) -> None:
        self.fixed += len(result.applied)
        self.fixed_files += result.before is not None or bool(result.applied)
        found = any(not finding.is_unreadable for finding in result.findings)
        if not result.analysed and not found:
            self.unanalysed += 1
            self._members = f"{result.path}!"
        elif found and self._members and result.path.startswith(self._members):
            self.unanalysed -= 1  # in a text before its end something was found
            self._members = ""
        for finding in result.applied:
            made = self.fixes.setdefault(result.path, {})
            made[finding.code] = made.get(finding.code, 0) + 1
        if not result.written:  # which the first finding says
            self.unwritten += 1
            self.unreadable -= 1
        for finding in result.findings:
            self.codes[finding.code] = self.codes.get(finding.code, 0) + 1
            if finding.is_unreadable:
                self.unreadable += 1
                continue
            self.findings += 1
            if finding.fix is not None:
                if finding.fix.applicability.value == "safe":
                    self.safe += 1
                else:
                    self.unsafe += 1


def count_of(number: int, what: str) -> str:
    """Return ``1 finding`` or ``2 findings``."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def unreadable_line(number: int) -> str:
    """Return the sentence on how many files could not be read."""
    what = "file (or archive member)" if number == 1 else "files (or archive members)"
    return f"{number} {what} could not be read."


def summary(totals: Totals, files: int, *, unsafe: bool, is_configured: bool = True) -> list[str]:
    """Return the closing lines.

    ``unsafe``: whether unsafe fixes count as applicable. Where the run was not ``is_configured``
    without errors, nothing is fixed before they are corrected.
    """
    lines = []
    if totals.fixed:
        where = count_of(totals.fixed_files, "file")
        lines.append(f"Fixed {count_of(totals.fixed, 'finding')} in {where}.")
    if totals.unreadable:
        lines.append(unreadable_line(totals.unreadable))
    if totals.unwritten:
        lines.append(f"{count_of(totals.unwritten, 'fixed file')} could not be written.")
    if not totals.findings and not files:  # "No findings" is not said of what was not analysed
        if totals.unanalysed and not totals.unreadable:
            what = count_of(totals.unanalysed, "file")
            lines.append(
                f"{what} could not be analysed; NLP900, which says why, is disabled there."
            )
        return lines
    if not totals.findings:
        left = " left" if totals.fixed else ""
        lines.append(f"No findings{left} in {count_of(files, 'file')}.")
        return lines
    where = f"in {count_of(files, 'file')}"
    if totals.fixed:  # not in so many files
        where = f"left ({count_of(files, 'file')} checked)"
    line = f"{count_of(totals.findings, 'finding')} {where}"
    fixable = _fixable(totals, unsafe=unsafe)
    if fixable and not is_configured:
        fixable += " once the errors in the configuration are corrected"
    return [*lines, f"{line}{fixable}."]


def _fixable(totals: Totals, *, unsafe: bool) -> str:
    safe = totals.safe + (totals.unsafe if unsafe else 0)
    more = 0 if unsafe else totals.unsafe
    option = " --unsafe-fixes" if unsafe and totals.unsafe else ""
    if safe and more:
        return f", {safe} fixable with `nolibpy fix`, {more} more with `--unsafe-fixes`"
    if safe:
        return f", {safe} fixable with `nolibpy fix{option}`"
    return f", {more} fixable with `nolibpy fix --unsafe-fixes`" if more else ""


def fixes_made(totals: Totals) -> list[str]:
    """Return the fixes that were made, by file and rule."""
    from no_libpython_dlopen import rules
    from no_libpython_dlopen.report import one_line

    lines = [f"Fixed {count_of(totals.fixed, 'finding')}:"] if totals.fixes else []
    for path, codes in totals.fixes.items():
        lines.append(f"- {one_line(path)}:")
        lines += [
            f"  {count:>4} x {code} ({rules.rule(code).name})"
            for code, count in sorted(codes.items(), key=lambda item: (-item[1], item[0]))
        ]
    return [*lines, ""] if lines else []


def statistics(totals: Totals) -> list[str]:
    """Return a line a code, the most frequent first."""
    from no_libpython_dlopen import rules

    ordered = sorted(totals.codes.items(), key=lambda item: (-item[1], item[0]))
    return [f"{count:>6}  {code}  {rules.rule(code).name}" for code, count in ordered]
