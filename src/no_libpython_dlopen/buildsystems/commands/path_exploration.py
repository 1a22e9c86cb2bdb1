"""Enumerates the paths through undecided branches of a makefile or a script, within a budget.

A condition that its platform does not decide is entered on one path or another, so that
no path has to join what both branches leave behind.
"""

from __future__ import annotations

import itertools
import math
import re
from bisect import bisect_left
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
    r"(?i)python|(?<![\w-])-l|link|shared|embed|\bLIBS|\b(?:ld|[gp]?cc|clang|cxx)\b|[cg]\+\+\b"
)
#: What names libpython, or asks for its name.
_SOURCE = re.compile(
    r"(?i)(?:lib|-l[ \t]*)py(?:thon|3|\$)|py\w{0,40}[-_](?:config|lib|embed)|embed|ldlibrary"
    r"|--libs[ \t]+py|-l[\"']?[$@]\w*\W?py"
)

#: A chain of branches: the length of the text that it is in, and the offset at which it begins.
_Chain = tuple[int, int]
_Branch = tuple[_Chain, int]
#: The numbers of the branches that chains take.
Plan = dict[_Chain, int]


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
    """The branches of a file's undecided conditions that matter for a link, over all paths."""

    #: Where each branch that mentions Python, a library or a linker begins and ends, by its chain
    #: and number; and those that do not matter.
    branches: dict[_Branch, tuple[int, int]] = field(default_factory=dict)
    ignored: set[_Branch] = field(default_factory=set)
    #: Where the branches name libpython.
    sources: dict[int, list[int]] = field(default_factory=dict)
    #: Where the words that make a branch matter begin and end.
    words: dict[int, tuple[list[int], list[int]]] = field(default_factory=dict)
    questions: dict[_Branch, Question] = field(default_factory=dict)
    #: The branches that a path has entered, and those that one did not because of an assumption.
    entered: set[_Branch] = field(default_factory=set)
    denied: set[_Branch] = field(default_factory=set)

    def note(self, branch: _Branch, text: str, begun: int, end: int) -> bool:
        """Note a branch, from an offset to another one. Return whether it matters."""
        if branch not in self.branches and branch not in self.ignored:
            if len(text) not in self.sources:
                self.sources[len(text)] = [found.start() for found in _SOURCE.finditer(text)]
                spans = [found.span() for found in _RELEVANT.finditer(text)]
                self.words[len(text)] = [start for start, _ in spans], [stop for _, stop in spans]
            starts, stops = self.words[len(text)]
            first = bisect_left(starts, begun)  # branches nest; searching each is quadratic
            if first < len(stops) and stops[first] <= end:
                self.branches[branch] = begun, end
            else:
                self.ignored.add(branch)
        return branch in self.branches

    def plans(self) -> Iterator[Plan]:
        """Yield plans that take the branches that name libpython while other chains go elsewhere.

        First all of these branches are taken, and the other chains take theirs of one number after
        the other. Then each two of them are taken one without the other, for which each is in
        another half of a few plans.
        """
        numbers = sorted({*(number for _, number in self.branches), NONE})
        chains = sorted({chain for chain, _ in self.branches})
        sources: dict[_Chain, list[int]] = {}
        for chain, number in sorted(self._source_branches()):
            sources.setdefault(chain, []).append(number)
        around = self._around([*sources, *(chain for chain, _ in self.denied)])
        for turn in range(max(map(len, sources.values()), default=0)):
            analysis.check_time()
            taken = {chain: found[min(turn, len(found) - 1)] for chain, found in sources.items()}
            where = {one: number for chain in taken for one, number in around[chain].items()}
            for number in numbers if len(where | taken) < len(chains) else ():
                if {number} != set(taken.values()):  # all the same were taken already
                    yield dict.fromkeys(chains, number) | where | taken
        several = [(chain, number) for chain, found in sources.items() for number in found]
        count = next(n for n in itertools.count(1) if math.comb(n, n // 2) >= len(several))
        halves = list(zip(several, itertools.combinations(range(count), count // 2), strict=False))
        for plan in range(count if len(sources) > 1 else 0):
            one = {
                chain: number if plan in half else 0 if number else NONE
                for (chain, number), half in halves
            }
            where = {outer: n for chain in one for outer, n in around[chain].items()}
            yield where | one
        for branch in sorted(self.denied - self.entered):
            if branch in self.branches:
                yield around[branch[0]] | dict([branch])

    def _source_branches(self) -> set[_Branch]:
        """Return the innermost branches that name libpython."""
        found = set()
        for size, offsets in self.sources.items():
            ahead = sorted(
                ((*span, branch) for branch, span in self.branches.items() if branch[0][0] == size),
                reverse=True,
            )
            around: list[tuple[int, _Branch]] = []
            for offset in offsets:
                while ahead and ahead[-1][0] <= offset:
                    _, end, branch = ahead.pop()
                    around.append((end, branch))
                while around and around[-1][0] <= offset:
                    around.pop()
                if around:
                    found.add(around[-1][1])
        return found

    def _around(self, chains: Iterable[_Chain]) -> dict[_Chain, Plan]:
        """Return the branches that lead to each of some chains."""
        ahead = sorted(
            ((outer[0], *span, outer, number) for (outer, number), span in self.branches.items()),
            reverse=True,
        )
        found: dict[_Chain, Plan] = {}
        around: list[tuple[int, int, _Chain, int]] = []
        for chain in sorted(set(chains)):
            while ahead and ahead[-1][:2] <= chain:
                size, _, end, outer, number = ahead.pop()
                around.append((size, end, outer, number))
            around = [one for one in around if one[:2] > chain]
            found[chain] = {
                outer: number
                for size, _, outer, number in around
                if size == chain[0] and outer != chain
            }
        return found


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

    def takes(self, chain: _Chain, undecided: int) -> bool:
        """Return whether the path takes a chain's undecided branch after so many others."""
        self.most = max(self.most, undecided + 1)
        return undecided == self.plan.get(chain, self.number)


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
    _chain: _Chain = (0, -1)
    _number: int = 0
    _begun: int = -1

    def branch(self, truth: bool | None, at: int, question: Question | None = None) -> None:
        """Enter the next branch, whose condition has this truth, at an offset of the text."""
        self.leave(at)
        if self._chain[1] < 0:
            self._chain = (len(self.text), at)
        if self.outer and (truth is None or self.undecided):
            self._begun, self._number = at, self.undecided if truth is None else NONE
        assumptions = self.paths.assumptions
        if not self.outer or self.done or truth is False:
            self.alive = False
        elif truth is None:
            branch = self._chain, self.undecided
            self.undecided += 1
            self.alive = self.paths.takes(*branch)
            if question:
                known = assumptions.truth(question)
                if known is None:
                    assumptions.assume(question, is_true=self.alive)
                elif self.alive and not known:
                    self.paths.chains.denied.add(branch)
                self.paths.chains.questions[branch] = question
                self.alive = self.alive if known is None else known
            self.done = self.alive
        else:
            self.alive = self.done = True

    def leave(self, at: int) -> None:
        """Leave the branch that ends at an offset of the text, if one was entered."""
        if self._begun >= 0:
            branch = self._chain, self._number
            if self.paths.chains.note(branch, self.text, self._begun, at):
                if _ENTERED <= self._number < NONE:
                    self.paths.relevant.add(self._number)
                if self.alive:
                    self.paths.chains.entered.add(branch)
        self._begun = -1


def explore_paths(platforms: Iterable[Platform]) -> Iterator[tuple[Platform, PathSelector]]:
    """Yield the paths through a file, all on one budget; each notes what it saw.

    First all chains take their branch of the same number; then each branch that names libpython
    is taken while the others take another one, and those that contradict what others assume.
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
    for plan in chains.plans():
        paths = PathSelector(NONE, budget=budget, plan=plan, chains=chains)
        for branch in plan.items():
            if branch in chains.denied and branch not in chains.entered:
                paths.assumptions.assume(chains.questions[branch], is_true=True)
        yield paths
