"""The report of a survey as tables, and as Markdown and JSON.

``sections`` makes the tables once, for Markdown and for the page of ``html``. What comes
from an index (names, versions, reasons) is anybody's text: it is escaped for the format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from no_libpython_dlopen import rules
from no_libpython_dlopen.report import escape_controls
from no_libpython_dlopen.survey import phrases
from no_libpython_dlopen.survey.models import Cause
from no_libpython_dlopen.survey.statistics import MOST_PACKAGES, Affected, Bracket, Figures

TITLE = "Which packages need libpython"
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$^=-])")


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading; the columns in ``numbers`` hold numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""
    numbers: tuple[int, ...] = ()


def sections(figures: Figures) -> Iterator[Table]:
    """Yield the tables of the report, those without a row left out."""
    for table in _tables(figures):
        if table.rows:
            yield table


def _table(
    title: str,
    columns: tuple[str, ...],
    rows: Iterable[Iterable[object]],
    note: str = "",
    numbers: tuple[int, ...] = (1,),
) -> Table:
    return Table(title, columns, tuple(tuple(map(_cell, row)) for row in rows), note, numbers)


def _cell(value: object) -> str:
    if isinstance(value, Cause):
        return value.value
    return f"{value:,}" if isinstance(value, int) else str(value)


def _tables(figures: Figures) -> Iterator[Table]:
    yield _table(
        "By rule",
        ("Rule", "What it finds", "Packages", "Findings"),
        ((code, rules.rule(code).summary(), *counts) for code, *counts in figures.by_rule),
        numbers=(2, 3),
    )
    yield _table(
        "By cause",
        ("Cause", "Packages", "Findings"),
        figures.by_cause,
        phrases.NOTE_ON_CAUSES,
        numbers=(1, 2),
    )
    yield _table(
        "By rank",
        ("Ranks", "Packages", "Affected", "Share"),
        map(_rank_row, figures.by_rank),
        numbers=(1, 2, 3),
    )
    yield _table(
        "By platform",
        ("Platform", "Wheels", "Affected wheels", "Affected packages"),
        figures.by_platform,
        numbers=(1, 2, 3),
    )
    yield _table("By library", ("Library", "Packages"), figures.by_library[:MOST_PACKAGES])
    left_out = len(figures.affected) - MOST_PACKAGES
    yield _table(
        "Affected packages",
        ("Rank", "Package", "Version", "Rules", "Causes", "Modules", "Platforms", "Repairable"),
        map(_package_row, figures.affected[:MOST_PACKAGES]),
        f"The first {MOST_PACKAGES} by rank; the JSON report has {left_out:,} more."
        if left_out > 0
        else "",
        numbers=(0, 5),
    )
    yield _table(
        "Links in source distributions",
        ("Package", "Module", "Needs", "Build file", "Rule"),
        figures.origins[:MOST_PACKAGES],
        phrases.NOTE_ON_ORIGINS,
        numbers=(),
    )
    yield _table("Without a wheel", ("Reason", "Packages"), figures.by_status_reason)
    yield _table("Failures", ("Reason", "Times"), figures.by_failure[:MOST_PACKAGES])


def _rank_row(bracket: Bracket) -> tuple[object, ...]:
    hits = sum(count for _, count in bracket.causes)
    share = hits / bracket.packages if bracket.packages else 0
    ranks = phrases.ranks(bracket.first, bracket.last)
    return ranks, bracket.packages, hits, phrases.percent(share)


def _package_row(package: Affected) -> tuple[object, ...]:
    return (
        package.rank or "–",
        package.name,
        package.version,
        ", ".join(package.codes),
        "; ".join(cause.value for cause in package.causes),
        package.modules,
        ", ".join(package.platforms),
        "yes" if package.fixable else "no",
    )


def markdown(figures: Figures) -> str:
    """Return the report as Markdown (GitHub's, for its tables)."""
    lines = [f"# {TITLE}", "", f"**{_escape(phrases.verdict(figures))}**", ""]
    lines += [f"- {_escape(line)}" for line in phrases.extent(figures)]
    for table in sections(figures):
        lines += ["", f"## {table.title}", ""]
        lines += [_row(table.columns), _rule(table)]
        lines += [_row(tuple(map(_escape, row))) for row in table.rows]
        if table.note:
            lines += ["", _escape(table.note)]
    return "\n".join(lines) + "\n"


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(table: Table) -> str:
    return _row(tuple("---:" if at in table.numbers else "---" for at in range(len(table.columns))))


def _escape(text: str) -> str:
    # A hyphen or sign can only mean something at the start of a line, which no cell is.
    return _MARKDOWN.sub(
        lambda match: match[0] if match[0] in "-+=()#" else f"\\{match[0]}", escape_controls(text)
    )


def _counts(figures: Figures) -> dict[str, int]:
    return {
        "total": figures.packages,
        "examined": figures.examined,
        "no_wheel": figures.no_wheel,
        "failed": figures.failed,
        "pending": figures.pending,
        "with_platform_wheels": figures.with_binaries,
        "affected": len(figures.affected),
    }


def as_json(figures: Figures) -> str:
    """Return the report as JSON, with every affected package."""
    low_high = figures.interval
    data = {
        "version": 1,
        "nolibpy": figures.version,
        "finished": figures.made,
        "packages": _counts(figures),
        "wheels": {
            "examined": figures.wheels,
            "bytes": figures.size,
            "bytes_transferred": figures.traffic,
        },
        "share": figures.share,
        "share_interval": None
        if low_high is None
        else {"confidence": 0.95, "low": low_high[0], "high": low_high[1]},
        "population": figures.population,
        "by_rule": [row._asdict() for row in figures.by_rule],
        "by_cause": [row._asdict() for row in figures.by_cause],
        "by_platform": [row._asdict() for row in figures.by_platform],
        "by_library": [row._asdict() for row in figures.by_library],
        "by_rank": [
            {
                "first": bracket.first,
                "last": bracket.last,
                "packages": bracket.packages,
                "affected": {cause.value: count for cause, count in bracket.causes},
            }
            for bracket in figures.by_rank
        ],
        "affected": [
            {
                "package": package.name,
                **{key: value for key, value in asdict(package).items() if key != "name"},
                "rank": package.rank or None,
            }
            for package in figures.affected
        ],
        "origins": [row._asdict() for row in figures.origins],
        "no_wheel": dict(figures.by_status_reason),
        "failures": dict(figures.by_failure),
    }
    return json.dumps(data, indent=2) + "\n"
