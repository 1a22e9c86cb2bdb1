"""Enumerates the paths through undecided branches of a makefile or a script, within a budget.

A condition that its platform does not decide is entered on one path or another, so that
no path has to join what both branches leave behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from no_libpython_dlopen.knowledge.target_platforms import Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.analysis import LimitReached
from no_libpython_dlopen.model.limits import COMMANDS_PATHS, COMMANDS_WORK

#: Work between two looks at the clock.
_WORK_A_LOOK = 2_000


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
    ``most`` is how many undecided branches one chain was seen to have: so many
    more paths are explored.
    """

    number: int
    most: int = 0
    budget: Budget = field(default_factory=Budget)

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
    alive: bool = False
    done: bool = False
    undecided: int = 0

    def branch(self, truth: bool | None) -> None:
        """Enter the next branch, whose condition has this truth."""
        if not self.outer or self.done or truth is False:
            self.alive = False
        elif truth is None:
            self.alive = self.paths.takes(self.undecided)
            self.undecided += 1
            self.done = self.alive
        else:
            self.alive = self.done = True


def explore_paths(platforms: Iterable[Platform]) -> Iterator[tuple[Platform, PathSelector]]:
    """Yield the paths through a file, all on one budget; each notes what it saw."""
    budget = Budget()
    for platform in platforms:
        most = 0
        for number in range(COMMANDS_PATHS):
            paths = PathSelector(number, budget=budget)
            yield platform, paths
            most = max(most, paths.most)
            if number >= most:
                break
