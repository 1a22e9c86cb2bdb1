"""How the figures of a survey are said, alike in every format."""

from __future__ import annotations

from no_libpython_dlopen.survey.statistics import CONFIDENCE, Figures


def quantity(number: int, word: str) -> str:
    """Return a number with its word, in the plural where there is not one.

    >>> quantity(1, "package"), quantity(1200, "package")
    ('1 package', '1,200 packages')
    """
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """Return a share as a percentage, with more digits where it is small.

    >>> percent(0.25), percent(0.00123), percent(0)
    ('25.0 %', '0.12 %', '0 %')
    """
    if not share:
        return "0 %"
    return f"{share:.1%}".replace("%", " %") if share >= 0.01 else f"{100 * share:.2g} %"


def ranks(first: int, last: int) -> str:
    """Return a range of ranks."""
    return f"{first:,}–{last:,}"


def megabytes(size: int) -> str:
    """Return a number of bytes in the unit that fits."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size >= scale:
            return f"{size / scale:,.1f} {unit}"
    return f"{size} bytes"


def verdict(figures: Figures) -> str:
    """Return the answer in one sentence."""
    hits = len(figures.affected)
    need = "needs" if hits == 1 else "need"
    sentence = (
        f"{hits:,} of {quantity(figures.base, 'package')} ({percent(figures.share)}) {need} "
        "libpython or ship it"
    )
    if hits == 1:
        sentence = sentence.replace("or ship", "or ships")
    if figures.interval is None:
        return f"{sentence}."
    low, high = figures.interval
    sentence += (
        f"; this is a random sample: the share is between {percent(low)} and {percent(high)} "
        f"with {CONFIDENCE:.0%} confidence"
    )
    if figures.population:
        lower, upper = (round(figures.population * bound) for bound in figures.interval)
        sentence += f", or {lower:,} to {upper:,} of {figures.population:,} packages"
    return f"{sentence}."


def extent(figures: Figures) -> list[str]:
    """Return sentences that say what was checked."""
    done = figures.examined + figures.no_wheel + figures.failed
    lines = [
        f"{done:,} of {quantity(figures.packages, 'package')} done"
        + (f", {figures.pending:,} pending." if figures.pending else "."),
        (
            f"{figures.examined:,} with wheels that were checked, {figures.with_binaries:,} of them "
            f"platform-specific; {figures.no_wheel:,} without a wheel for a checked platform, "
            "counted as not affected."
        ),
        f"{figures.failed:,} failed, counted neither as affected nor as checked.",
        (
            f"{quantity(figures.wheels, 'wheel')}, {megabytes(figures.size)}, of which "
            f"{megabytes(figures.traffic)} were transferred."
        ),
    ]
    if figures.made:
        lines.append(f"Last result: {figures.made}, nolibpy {figures.version}.")
    return lines


NOTE_ON_CAUSES = "A package with several causes counts under each of them."
NOTE_ON_ORIGINS = (
    "Links in the source distribution of a package, beside the first module of its wheels that "
    "needs libpython."
)
NOTE_ON_RANKS = "Each package counts once, under the first of its causes in the order shown."
