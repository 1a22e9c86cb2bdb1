"""How often a makefile or a script is walked, through which branches, with what budget.

A condition that its platform does not decide (``guards``) is entered by one walk or
another, so that no walk has to join what both branches leave behind.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from no_libpython_dlopen.knowledge.target_platforms import Platform
from no_libpython_dlopen.model.errors import NolibpyError

#: Walks of one file in one platform; no chain of undecided branches is worth more.
MAX_WALKS = 6
#: Pieces of text that the walks of one file may make, less than half a second.
MAX_WORK = 100_000


class BudgetExceeded(NolibpyError):
    """A file takes more work than any that a person wrote."""


@dataclass(slots=True)
class Budget:
    """The work that one file may take, in pieces of text that are made."""

    left: int = MAX_WORK

    def spend(self, amount: int) -> None:
        """Take from the budget. Raises ``BudgetExceeded`` once nothing is left."""
        self.left -= amount
        if self.left < 0:
            raise BudgetExceeded


@dataclass(slots=True)
class Choice:
    """One walk's way through branches that nothing decides.

    Of each chain it takes the branch of its ``number``, or the last one there is.
    ``most`` is how many undecided branches one chain was seen to have: as many walks
    more are worth while.
    """

    number: int
    most: int = 0
    budget: Budget = field(default_factory=Budget)

    def takes(self, undecided: int) -> bool:
        """Tell whether to take a chain's undecided branch, of which so many came before."""
        self.most = max(self.most, undecided + 1)
        return undecided == self.number


@dataclass(slots=True)
class Chain:
    """The branches of one condition while a walk is inside of it.

    ``alive`` tells whether the current one is walked; ``outer`` whether the chain is.
    """

    choice: Choice
    outer: bool
    alive: bool = False
    done: bool = False
    undecided: int = 0

    def branch(self, truth: bool | None) -> None:
        """Enter the next branch, whose condition has this truth."""
        if not self.outer or self.done or truth is False:
            self.alive = False
        elif truth is None:
            self.alive = self.choice.takes(self.undecided)
            self.undecided += 1
            self.done = self.alive
        else:
            self.alive = self.done = True


def walks(
    platforms: Iterable[Platform], limit: int = MAX_WALKS
) -> Iterator[tuple[Platform, Choice]]:
    """Yield the walks that a file needs, all on one budget; each notes what it saw."""
    budget = Budget()
    for platform in platforms:
        most = 0
        for number in range(limit):
            choice = Choice(number, budget=budget)
            yield platform, choice
            most = max(most, choice.most)
            if number >= most:
                break
