"""The report of a survey as one HTML page that works offline.

There is no script, no font and no image to load, and the page's own policy forbids all of
them: a package may call itself what it likes. Every text is escaped.

Weighed and left: Jinja2 would turn the 40 lines of joined strings below into a template of 30,
bring two packages into the extra ``index``, and its automatic escaping leaves control
characters as they are. ``rich`` writes a terminal's screen as HTML, without tables or headings.
"""

from __future__ import annotations

from html import escape

from no_libpython_dlopen.report import escape_controls
from no_libpython_dlopen.survey import chart, phrases
from no_libpython_dlopen.survey.statistics import Figures
from no_libpython_dlopen.survey.tables import TITLE, Table, sections

_STYLE = """
:root {
  color-scheme: light dark;
  --page: #ffffff; --text: #1b1f24; --quiet: #59636e; --line: #d8dde3; --card: #f5f7f9;
  --cause-1: #b3261e; --cause-2: #6f42c1; --cause-3: #0b63c5;
  --cause-4: #00796b; --cause-5: #b26a00; --cause-6: #6b7280; --cause-7: #c2185b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --text: #e6e9ec; --quiet: #a3adb8; --line: #343b43; --card: #1d2126;
    --cause-1: #ff8a80; --cause-2: #b79bf0; --cause-3: #6fb1ff;
    --cause-4: #4db6ac; --cause-5: #ffb74d; --cause-6: #9aa4b0; --cause-7: #f48fb1;
  }
}
body { background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif;
  margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
h1 { font-size: 1.7rem; } h2 { font-size: 1.2rem; margin-top: 2.2rem; }
.verdict { background: var(--card); border-left: 4px solid var(--cause-3);
  font-size: 1.15rem; padding: .8rem 1rem; }
.note, .extent { color: var(--quiet); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .92rem; min-width: 50%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .7rem .3rem 0; text-align: left;
  vertical-align: top; }
th { color: var(--quiet); font-weight: 600; }
.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
svg { display: block; height: auto; max-width: 100%; min-width: 36rem; }
svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
svg text.tick { fill: var(--quiet); }
svg .grid { stroke: var(--line); stroke-width: 1; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; list-style: none; padding: 0; }
.legend span { border-radius: 2px; display: inline-block; height: .8em; margin-right: .45em;
  width: .8em; }
"""


def page(figures: Figures) -> str:
    """Return the report as a page."""
    extent = "".join(f"<li>{_text(line)}</li>" for line in phrases.extent(figures))
    parts = [
        "<!DOCTYPE html>",
        '<html lang="en"><head><meta charset="utf-8">',
        (
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        ),
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_text(TITLE)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{_text(TITLE)}</h1>",
        f'<p class="verdict">{_text(phrases.verdict(figures))}</p>',
        f'<ul class="extent">{extent}</ul>',
        *_charts(figures),
        *(_table(table) for table in sections(figures)),
        "</body></html>\n",
    ]
    return "\n".join(parts)


def _charts(figures: Figures) -> list[str]:
    by_rank, by_cause = chart.by_rank(figures), chart.by_cause(figures)
    parts = []
    if by_rank:
        parts += ["<h2>Affected packages by rank and cause</h2>", chart.legend(figures)]
        parts.append(_scrollable(by_rank))
        parts.append(f'<p class="note">{_text(phrases.NOTE_ON_RANKS)}</p>')
    if by_cause:
        parts += ["<h2>Affected packages by cause</h2>", _scrollable(by_cause)]
    return parts


def _scrollable(content: str) -> str:
    """Return wide content, which a narrow window scrolls instead of the page."""
    return f'<div class="scroll">{content}</div>'


def _table(table: Table) -> str:
    head = "".join(
        f'<th scope="col"{_class(table, at)}>{_text(column)}</th>'
        for at, column in enumerate(table.columns)
    )
    rows = "".join(
        "<tr>"
        + "".join(f"<td{_class(table, at)}>{_text(cell)}</td>" for at, cell in enumerate(row))
        + "</tr>\n"
        for row in table.rows
    )
    note = f'<p class="note">{_text(table.note)}</p>' if table.note else ""
    content = f"<table><thead><tr>{head}</tr></thead><tbody>\n{rows}</tbody></table>"
    return f"<h2>{_text(table.title)}</h2>{note}{_scrollable(content)}"


def _class(table: Table, at: int) -> str:
    return ' class="number"' if at in table.numbers else ""


def _text(text: str) -> str:
    return escape(escape_controls(text))
