"""Enumerates the paths through undecided branches of a makefile or a script, within a budget.

A condition that its platform does not decide is entered on one path or another, so that
no path has to join what both branches leave behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from no_libpython_dlopen.buildsystems.commands.assumptions import Assumptions, Question
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
NONE = 1 << 30
#: Words for Python, a library or a linker: further branches with one of them are entered, too.
_RELEVANT = re.compile(
    r"(?i)python|(?<![\w-])-l|link|shared|embed|\bLIBS|\b(?:ld|[gp]?cc|clang|[\w-]*[cg]\+\+|cxx)\b"
)
_PYTHON = re.compile(r"(?i)python")

#: The length of a text, and the offset in it at which a chain of branches begins.
_Place = tuple[int, int]
#: The numbers of the branches that chains take.
Plan = dict[_Place, int]


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
class Chains:
    """The undecided conditions of a file that matter for a link, over all of its paths.

    Each chain of branches is known by the text around it and its offset. Of a chain, the numbers
    of those branches are kept that mention Python, a library or a linker, and whether they mention
    Python; of a branch, the question that it asks.
    """

    branches: dict[_Place, dict[int, bool]] = field(default_factory=dict)
    questions: dict[tuple[_Place, int], Question] = field(default_factory=dict)
    #: The relevant branches that a path has entered.
    entered: set[tuple[_Place, int]] = field(default_factory=set)
    _seen: dict[tuple[_Place, int], bool | None] = field(default_factory=dict)

    def note(self, place: _Place, number: int, text: str, begun: int, end: int) -> bool:
        """Note a branch, from an offset to another one. Return whether it matters."""
        key = ((place[0], begun), end)
        if key not in self._seen:
            found = _RELEVANT.search(text, begun, end)
            self._seen[key] = _PYTHON.search(text, begun, end) is not None if found else None
        has_python = self._seen[key]
        if has_python is not None:
            self.branches.setdefault(place, {})[number] = has_python
        return has_python is not None

    def combinations(self) -> Iterator[Plan]:
        """Yield plans in which each two of the chains take different branches.

        Each chain is written as a binary number; those with a one in some place take one branch,
        the others the other. Any two chains differ in some place. One of two branches is always
        one that mentions Python, since without it there is nothing to find.
        """
        places = sorted(self.branches)
        numbers = {number for found in self.branches.values() for number in found}
        sources = {
            number for found in self.branches.values() for number, python in found.items() if python
        }
        if len(places) < 2:
            return
        pairs = [(one, other) for one in sorted(sources) for other in sorted({*numbers, NONE})]
        for one, other in pairs:
            for bit in range((len(places) - 1).bit_length() if one != other else 0):
                for turned in (0, 1):
                    yield {
                        place: one if (index >> bit & 1) == turned else other
                        for index, place in enumerate(places)
                    }


@dataclass(slots=True)
class PathSelector:
    """Which undecided branches one path takes.

    Of each chain it takes the branch that its plan says, or that of its ``number``.
    ``most`` is how many undecided branches one chain was seen to have. ``relevant`` are the numbers
    of those behind the first few that may link something: each of them is explored as well.
    """

    number: int
    most: int = 0
    budget: Budget = field(default_factory=Budget)
    relevant: set[int] = field(default_factory=set)
    plan: Plan = field(default_factory=dict)
    chains: Chains = field(default_factory=Chains)
    assumptions: Assumptions = field(default_factory=Assumptions)

    def takes(self, place: _Place, undecided: int) -> bool:
        """Return whether the path takes a chain's undecided branch after so many others."""
        self.most = max(self.most, undecided + 1)
        return undecided == self.plan.get(place, self.number)


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
    _place: _Place = (0, -1)
    _number: int = 0
    _begun: int = -1

    def branch(self, truth: bool | None, at: int, question: Question | None = None) -> None:
        """Enter the next branch, whose condition has this truth, at an offset of the text."""
        self.leave(at)
        if self._place[1] < 0:
            self._place = (len(self.text), at)
        if self.outer and (truth is None or self.undecided):
            self._begun, self._number = at, self.undecided
        assumptions = self.paths.assumptions
        asks = truth is None and question is not None and self.outer and not self.done
        if asks and question:
            self.paths.chains.questions[self._place, self.undecided] = question
            truth = assumptions.truth(question)
        if not self.outer or self.done or truth is False:
            self.alive = False
            self.undecided += asks
        elif truth is None:
            self.alive = self.paths.takes(self._place, self.undecided)
            if question:
                assumptions.assume(question, is_true=self.alive)
            self.undecided += 1
            self.done = self.alive
        else:
            self.alive = self.done = True
            self.undecided += asks

    def leave(self, at: int) -> None:
        """Leave the branch that ends at an offset of the text, if one was entered."""
        if self._begun >= 0:
            chains, number = self.paths.chains, self._number
            if chains.note(self._place, number, self.text, self._begun, at):
                if number >= _ENTERED:
                    self.paths.relevant.add(number)
                if self.alive:
                    chains.entered.add((self._place, number))
        self._begun = -1


def explore_paths(platforms: Iterable[Platform]) -> Iterator[tuple[Platform, PathSelector]]:
    """Yield the paths through a file, all on one budget; each notes what it saw.

    First all chains take their branch of the same number, then each two of those that matter take
    different ones, and then come the branches that contradict what other branches assume.
    """
    budget = Budget()
    for platform in platforms:
        chains = Chains()
        for count, paths in enumerate(_paths(chains, budget)):
            if count == COMMANDS_PATHS:
                analysis.note_limit(COMMANDS_PATHS)
                break
            yield platform, paths


def _paths(chains: Chains, budget: Budget) -> Iterator[PathSelector]:
    """Yield the paths on one platform, without end if a file has conditions without end."""
    most = 0
    relevant: set[int] = set()
    explored: set[int] = set()
    number: int | None = 0
    while number is not None:
        paths = PathSelector(number, budget=budget, relevant=relevant, chains=chains)
        yield paths
        most = max(most, paths.most)
        explored.add(number)
        ahead = {*range(min(most + 1, _ENTERED)), *relevant} - explored
        if most >= _ENTERED and NONE not in explored:
            ahead.add(NONE)
        number = min(ahead, default=None)
    for plan in chains.combinations():
        yield PathSelector(NONE, budget=budget, plan=plan, chains=chains)
    for branch, question in list(chains.questions.items()):
        place, number = branch
        if number in chains.branches.get(place, ()) and branch not in chains.entered:
            paths = PathSelector(NONE, budget=budget, plan={place: number}, chains=chains)
            paths.assumptions.assume(question, is_true=True)
            yield paths
