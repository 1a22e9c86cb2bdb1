"""Enumerates the paths through undecided branches of a makefile or a script, within a budget.

A condition that its platform does not decide is entered on one path or another, so that
no path has to join what both branches leave behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from no_libpython_dlopen.knowledge.target_platforms import Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.analysis import LimitReached
from no_libpython_dlopen.model.limits import COMMANDS_PATHS, COMMANDS_WORK

#: Work between two looks at the clock.
_WORK_A_LOOK = 2_000
#: So many branches of each condition are entered, whatever is in them. Of the dozens of patterns
#: by which a script tells its options apart, few have to do with a link.
_ENTERED = 6
#: The number of the path that enters no undecided branch, but ``else``.
_NONE = 1 << 30
#: Words for Python, a library or a linker: further branches with one of them are entered, too.
_RELEVANT = re.compile(
    r"(?i)python|(?<![\w-])-l|link|shared|embed|\bLIBS|\b(?:ld|[gp]?cc|clang|[\w-]*[cg]\+\+|cxx)\b"
)


@dataclass(slots=True)
class Budget:
    """The work that one file may take, in segments of text that are made."""

    left: int = COMMANDS_WORK
    next_look: int = COMMANDS_WORK

    def spend(self, amount: int) -> None:
        """Take from the budget. Raises ``LimitReached`` once no work or no time is left."""
        self.left -= amount
        if self.left < 0:
            raise LimitReached(COMMANDS_WORK)
        if self.left < self.next_look:
            self.next_look = self.left - _WORK_A_LOOK
            analysis.check_time()


@dataclass(slots=True)
class PathSelector:
    """Which undecided branches one path takes.

    Of each chain it takes the branch of its ``number``, or the last one there is.
    ``most`` is how many undecided branches one chain was seen to have. ``relevant`` are the numbers
    of those behind the first few that may link something: each of them is explored as well.
    """

    number: int
    most: int = 0
    budget: Budget = field(default_factory=Budget)
    relevant: set[int] = field(default_factory=set)

    def takes(self, undecided: int) -> bool:
        """Return whether the path takes a chain's undecided branch after so many others."""
        self.most = max(self.most, undecided + 1)
        return undecided == self.number


@dataclass(slots=True)
class BranchState:
    """The branches of one condition while a path is inside of it.

    ``alive`` tells whether the path takes the current one; ``outer`` whether it takes the chain.
    """

    paths: PathSelector
    outer: bool
    #: The text in which the branches are.
    text: str
    alive: bool = False
    done: bool = False
    undecided: int = 0
    _begun: int = -1

    def branch(self, truth: bool | None, at: int) -> None:
        """Enter the next branch, whose condition has this truth, at an offset of the text."""
        self.leave(at)
        if self.outer and truth is None and self.undecided >= _ENTERED:
            self._begun = at
        if not self.outer or self.done or truth is False:
            self.alive = False
        elif truth is None:
            self.alive = self.paths.takes(self.undecided)
            self.undecided += 1
            self.done = self.alive
        else:
            self.alive = self.done = True

    def leave(self, at: int) -> None:
        """Leave the branch that ends at an offset of the text, if one was entered."""
        if self._begun >= 0 and _RELEVANT.search(self.text, self._begun, at):
            self.paths.relevant.add(self.undecided - 1)
        self._begun = -1


def explore_paths(platforms: Iterable[Platform]) -> Iterator[tuple[Platform, PathSelector]]:
    """Yield the paths through a file, all on one budget; each notes what it saw."""
    budget = Budget()
    for platform in platforms:
        most = 0
        relevant: set[int] = set()
        explored: set[int] = set()
        number: int | None = 0
        while number is not None:
            paths = PathSelector(number, budget=budget, relevant=relevant)
            yield platform, paths
            most = max(most, paths.most)
            explored.add(number)
            ahead = {*range(min(most + 1, _ENTERED)), *relevant} - explored
            if most >= _ENTERED and _NONE not in explored:
                ahead.add(_NONE)
            if len(explored) == COMMANDS_PATHS and ahead:
                analysis.note_limit(COMMANDS_PATHS)
                break
            number = min(ahead, default=None)
