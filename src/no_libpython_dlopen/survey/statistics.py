"""What a survey amounts to: every number that a report shows, computed once.

A package is *affected* if one of its wheels that was looked at needs libpython or holds
it. The share is that of all packages that did not fail: those without a wheel count as
not affected, since no wheel of theirs is published. Failures are left out and counted apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count, groupby, pairwise
from statistics import NormalDist
from typing import Any, NamedTuple

from no_libpython_dlopen.survey.models import SOURCE, Cause, Status
from no_libpython_dlopen.survey.store import Store

CONFIDENCE = 0.95
#: Lines of the table of packages, in reports for people.
MOST_PACKAGES = 200
_CAUSES = list(Cause)


@dataclass(frozen=True, slots=True)
class Affected:
    """A package that is affected, and by what."""

    name: str
    version: str
    rank: int
    codes: tuple[str, ...]
    causes: tuple[Cause, ...]
    platforms: tuple[str, ...]
    libraries: tuple[str, ...]
    modules: int
    fixable: bool


@dataclass(frozen=True, slots=True)
class Bracket:
    """The packages of ranks ``first`` to ``last``: how many, and the affected by cause.

    Those without a wheel are among them, as in ``Figures.base``.
    """

    first: int
    last: int
    packages: int
    causes: tuple[tuple[Cause, int], ...]


class ByRule(NamedTuple):
    """How many packages and findings a rule has."""

    code: str
    packages: int
    findings: int


class ByCause(NamedTuple):
    """How many packages and findings a cause has."""

    cause: Cause
    packages: int
    findings: int


class ByPlatform(NamedTuple):
    """The wheels of one platform: checked, affected, and affected packages."""

    platform: str
    wheels: int
    affected_wheels: int
    affected_packages: int


class ByLibrary(NamedTuple):
    """How many packages need a library."""

    library: str
    packages: int


class Origin(NamedTuple):
    """A link in a build file of a package, one of whose modules needs libpython."""

    package: str
    module: str
    library: str
    build_file: str
    code: str


@dataclass(frozen=True, slots=True)
class Figures:
    """All numbers of a survey."""

    made: str
    version: str
    packages: int
    examined: int
    no_wheel: int
    failed: int
    pending: int
    with_binaries: int
    wheels: int
    size: int
    traffic: int
    affected: tuple[Affected, ...]
    #: Lower and upper bound of the affected share; ``None`` unless the packages are a sample.
    interval: tuple[float, float] | None
    population: int
    by_rule: tuple[ByRule, ...]
    by_cause: tuple[ByCause, ...]
    by_platform: tuple[ByPlatform, ...]
    by_library: tuple[ByLibrary, ...]
    by_rank: tuple[Bracket, ...]
    origins: tuple[Origin, ...]
    by_status_reason: tuple[tuple[str, int], ...]
    by_failure: tuple[tuple[str, int], ...]

    @property
    def base(self) -> int:
        """Of how many packages the affected ones are a share."""
        return self.examined + self.no_wheel

    @property
    def share(self) -> float:
        """The affected share of the packages that did not fail."""
        return len(self.affected) / self.base if self.base else 0.0


def wilson(hits: int, of: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Return the bounds of a share that was seen in a sample (Wilson 1927, score interval).

    It holds for small shares, too, where the simpler interval reaches below nothing.

    >>> tuple(round(bound, 4) for bound in wilson(3, 100))
    (0.0103, 0.0845)
    """
    if not of:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = hits / of
    centre = share + z * z / (2 * of)
    spread = z * ((share * (1 - share) + z * z / (4 * of)) / of) ** 0.5
    scale = 1 + z * z / of
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def figures_of(store: Store) -> Figures:
    """Return the figures of a store as it is now."""
    counts = store.counts()
    affected = _affected_packages(store)
    examined = counts.get(Status.EXAMINED, 0)
    base = examined + counts.get(Status.NO_WHEEL, 0)
    sampled = bool(store.setting("sample"))
    ((wheels, size, traffic),) = store.rows(
        "SELECT count(CASE WHEN platform != ? THEN 1 END), total(size), total(traffic) FROM wheel"
        " WHERE problem = ''",
        SOURCE,
    )
    ((with_binaries,),) = store.rows(
        "SELECT count(DISTINCT package) FROM wheel"
        " WHERE problem = '' AND platform NOT IN ('any', '', ?)",
        SOURCE,
    )
    ((made,),) = store.rows("SELECT max(finished) FROM package")
    return Figures(
        made=made or "",
        version=store.setting("version"),
        packages=sum(counts.values()),
        examined=examined,
        no_wheel=counts.get(Status.NO_WHEEL, 0),
        failed=counts.get(Status.FAILED, 0),
        pending=counts.get(Status.PENDING, 0),
        with_binaries=with_binaries,
        wheels=wheels,
        size=int(size),
        traffic=int(traffic),
        affected=affected,
        interval=wilson(len(affected), base) if sampled else None,
        population=int(store.setting("population") or 0),
        by_rule=_by_rule(store),
        by_cause=_by_cause(store),
        by_platform=_by_platform(store),
        by_library=_by_library(affected),
        by_rank=_by_rank(store, affected),
        origins=_origins(store),
        by_status_reason=tuple(
            store.rows(
                "SELECT reason, count(*) FROM package WHERE status = ?"
                " GROUP BY reason ORDER BY 2 DESC, 1",
                Status.NO_WHEEL.value,
            )
        ),
        by_failure=_by_failure(store),
    )


#: What counts as affecting a package; NLP900 does not.
_COUNTS = "finding.cause != ''"
_DONE = "package IN (SELECT name FROM package WHERE status = 'examined')"


def _affected_packages(store: Store) -> tuple[Affected, ...]:
    """Return the affected packages, by rank, those without one last."""
    platforms: dict[str, set[str]] = {}
    for name, platform in store.rows(
        "SELECT DISTINCT finding.package, platform FROM finding JOIN wheel"
        f" USING (package, filename) WHERE {_COUNTS}"
    ):
        platforms.setdefault(name, set()).add(platform)
    rows = store.rows(
        "SELECT name, version, rank, code, cause, library, member, fixable FROM finding"
        f" JOIN package ON package.name = finding.package WHERE {_COUNTS}"
        " AND status = 'examined' ORDER BY rank = 0, rank, name"
    )
    return tuple(
        _package(list(found), platforms[key[0]])
        for key, found in groupby(rows, key=lambda row: row[:3])
    )


def _package(rows: list[tuple[Any, ...]], platforms: Iterable[str]) -> Affected:
    (name, *_), (version, *_), (rank, *_), codes, causes, libraries, members, fixable = zip(
        *rows, strict=True
    )
    return Affected(
        name,
        version,
        rank,
        codes=tuple(sorted(set(codes))),
        causes=tuple(cause for cause in _CAUSES if cause.value in causes),
        platforms=tuple(sorted(platforms)),
        libraries=tuple(sorted({name for each in libraries for name in each.split(", ") if name})),
        modules=len(
            {member for member, code in zip(members, codes, strict=True) if "NLP3" in code}
        ),
        fixable=all(fixable),
    )


def _by_rule(store: Store) -> tuple[ByRule, ...]:
    rows = store.rows(
        "SELECT code, count(DISTINCT package), count(*) FROM finding"
        f" WHERE {_DONE} GROUP BY code ORDER BY code"
    )
    return tuple(ByRule(*row) for row in rows)


def _by_cause(store: Store) -> tuple[ByCause, ...]:
    """Return the figures of each cause, the one of the most packages first."""
    rows = store.rows(
        "SELECT cause, count(DISTINCT package), count(*) FROM finding"
        f" WHERE {_COUNTS} AND {_DONE} GROUP BY cause ORDER BY 2 DESC, 1"
    )
    return tuple(ByCause(Cause(cause), *counts) for cause, *counts in rows)


def _by_platform(store: Store) -> tuple[ByPlatform, ...]:
    """Return the figures of each platform, the one with the most wheels first."""
    rows = store.rows(
        "SELECT platform, count(*), sum(hit), count(DISTINCT CASE WHEN hit THEN package END)"
        " FROM (SELECT package, platform, EXISTS (SELECT 1 FROM finding WHERE"
        f" finding.package = wheel.package AND finding.filename = wheel.filename AND {_COUNTS})"
        f" AS hit FROM wheel WHERE problem = '' AND platform != ? AND {_DONE})"
        " GROUP BY platform ORDER BY 2 DESC, 1",
        SOURCE,
    )
    return tuple(ByPlatform(*row) for row in rows)


def _origins(store: Store) -> tuple[Origin, ...]:
    """Return the links in source distributions, each with a module that needs libpython."""
    rows = store.rows(
        "SELECT package, module, needed, source.filename || '!' || source.member, source.code"
        " FROM finding AS source JOIN wheel USING (package, filename) JOIN"
        " (SELECT package, min(filename || '!' || member) AS module, library AS needed FROM finding"
        f" WHERE code = 'NLP301' AND {_DONE} GROUP BY package) USING (package)"
        " WHERE platform = ? AND source.code LIKE 'NLP2%' ORDER BY 1, 4",
        SOURCE,
    )
    return tuple(Origin(*row) for row in rows)


def _by_library(affected: Iterable[Affected]) -> tuple[ByLibrary, ...]:
    counter = Counter(library for package in affected for library in package.libraries)
    return tuple(ByLibrary(*pair) for pair in sorted(counter.items(), key=lambda p: (-p[1], p[0])))


def _by_rank(store: Store, affected: Iterable[Affected]) -> tuple[Bracket, ...]:
    """Return brackets of ranks, each about three times as wide as the one before."""
    ranks = [
        rank
        for (rank,) in store.rows(
            "SELECT rank FROM package WHERE rank > 0 AND status IN (?, ?)",
            Status.EXAMINED.value,
            Status.NO_WHEEL.value,
        )
    ]
    if not ranks:
        return ()
    bounds = (digit * 10**power for power in count(1) for digit in (1, 3))
    edges = [0]
    while edges[-1] < max(ranks):
        edges.append(next(bounds))
    brackets = []
    for first, last in pairwise(edges):
        causes = Counter(package.causes[0] for package in affected if first < package.rank <= last)
        brackets.append(
            Bracket(
                first + 1,
                last,
                sum(first < rank <= last for rank in ranks),
                tuple((cause, causes[cause]) for cause in _CAUSES if causes[cause]),
            )
        )
    return tuple(brackets)


def _by_failure(store: Store) -> tuple[tuple[str, int], ...]:
    """Return the reasons why packages, wheels and members could not be read, with their counts."""
    return tuple(
        store.rows(
            "SELECT why, count(*) FROM ("
            " SELECT 'package: ' || reason AS why FROM package WHERE status = 'failed'"
            " UNION ALL SELECT 'wheel: ' || problem FROM wheel WHERE problem != ''"
            f" AND {_DONE}"
            " UNION ALL SELECT 'member: ' || message FROM finding WHERE code = 'NLP900'"
            f" AND {_DONE})"
            " GROUP BY why ORDER BY 2 DESC, 1"
        )
    )
