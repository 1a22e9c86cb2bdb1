"""Charts as inline SVG: they need no script, no font and no network.

Colours are variables of the page (``--cause-1`` …), which has a light and a dark set.
Every bar says its figures in a ``<title>``, and the tables of the report hold the same
numbers, so that nothing depends on seeing colours.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from no_libpython_dlopen.survey import phrases
from no_libpython_dlopen.survey.models import Cause
from no_libpython_dlopen.survey.statistics import Bracket, Figures

_WIDTH, _HEIGHT = 760, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 12, 26, 46
_CAUSES = list(Cause)
_ROW = 30


def color_of(cause: Cause) -> str:
    """Return the colour of a cause, the same in every chart."""
    return f"var(--cause-{_CAUSES.index(cause) + 1})"


def by_rank(figures: Figures) -> str:
    """Return bars of the affected share in each bracket of ranks, divided by cause."""
    brackets = figures.by_rank
    if not brackets:
        return ""
    top = _ceiling(max(map(_share, brackets)))
    parts = list(_grid(top))
    step = (_WIDTH - _LEFT - _RIGHT) / len(brackets)
    for number, bracket in enumerate(brackets):
        parts += _bar(bracket, _LEFT + number * step, step, top)
    label = "Share of affected packages by rank, divided by cause"
    return _svg("rank", label, _HEIGHT, parts)


def _share(bracket: Bracket) -> float:
    return sum(count for _, count in bracket.causes) / max(bracket.packages, 1)


def _ceiling(share: float) -> float:
    """Return the end of the axis: a round share that is not less than ``share``."""
    for power in range(-5, 1):
        for digit in (1, 2, 5):
            if digit * 10.0**power >= share:
                return min(digit * 10.0**power, 1.0)
    return 1.0


def _height(share: float, top: float) -> float:
    return share / top * (_HEIGHT - _TOP - _BOTTOM)


def _grid(top: float) -> Iterator[str]:
    for quarter in range(5):
        y = _HEIGHT - _BOTTOM - _height(top * quarter / 4, top)
        yield (
            f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text class="tick" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{phrases.percent(top * quarter / 4)}</text>"
        )


def _bar(bracket: Bracket, x: float, step: float, top: float) -> Iterator[str]:
    width = min(step * 0.6, 72)
    left = x + (step - width) / 2
    y = float(_HEIGHT - _BOTTOM)
    ranks = phrases.ranks(bracket.first, bracket.last)
    for cause, count in bracket.causes:
        height = _height(count / max(bracket.packages, 1), top)
        y -= height
        about = f"ranks {ranks}: {phrases.quantity(count, 'package')} – {cause.value}"
        yield (
            f'<rect x="{left:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
            f'fill="{color_of(cause)}"><title>{escape(about)}</title></rect>'
        )
    middle = x + step / 2
    hits = sum(count for _, count in bracket.causes)
    yield _text(middle, y - 6, f"{hits:,}/{bracket.packages:,}", "value")
    yield _text(middle, _HEIGHT - _BOTTOM + 18, ranks, "tick")
    if bracket.first == 1:
        yield _text(_WIDTH / 2, _HEIGHT - 8, "rank", "tick")


def by_cause(figures: Figures) -> str:
    """Return a bar for each cause: how many packages have it."""
    if not figures.by_cause:
        return ""
    most = max(packages for _, packages, _ in figures.by_cause)
    left, parts = 300, []
    for number, (cause, packages, _) in enumerate(figures.by_cause):
        y = number * _ROW + 6
        width = (_WIDTH - left - 90) * packages / most
        parts.append(
            f'<text class="tick" x="{left - 10}" y="{y + 14}" text-anchor="end">'
            f"{escape(cause.value)}</text>"
            f'<rect x="{left}" y="{y}" width="{width:.1f}" height="{_ROW - 10}" '
            f'fill="{color_of(cause)}"/>'
            f'<text class="value" x="{left + width + 8:.1f}" y="{y + 14}">{packages:,}</text>'
        )
    height = len(figures.by_cause) * _ROW + 8
    return _svg("cause", "Affected packages by cause", height, parts)


def legend(figures: Figures) -> str:
    """Return the legend of the chart by rank."""
    shown = {cause for bracket in figures.by_rank for cause, _ in bracket.causes}
    items = [
        f'<li><span style="background:{color_of(cause)}"></span>{escape(cause.value)}</li>'
        for cause in _CAUSES
        if cause in shown
    ]
    return f'<ul class="legend">{"".join(items)}</ul>' if items else ""


def _text(x: float, y: float, text: str, kind: str) -> str:
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{escape(text)}</text>'
    )


def _svg(name: str, label: str, height: int, parts: list[str]) -> str:
    return (
        f'<svg id="chart-{name}" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(label)}" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )
