"""What a makefile's recipes run, once all of the file is known.

A recipe is expanded for each target of its rule, with make's automatic variables and
those that are set for that target or for one that needs it. A target without a recipe
is made by a pattern rule, or by make's own rule for programs.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from operator import itemgetter

from no_libpython_dlopen.buildsystems.commands.path_exploration import PathSelector
from no_libpython_dlopen.buildsystems.commands.provenance import (
    TrackedText,
    append_text,
    join_texts,
)
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.make.expansion import Expander
from no_libpython_dlopen.buildsystems.make.rules import Rule, Specific, fill_pattern
from no_libpython_dlopen.buildsystems.shell.command import Command
from no_libpython_dlopen.buildsystems.shell.folders import Folders
from no_libpython_dlopen.buildsystems.shell.interpreter import Shell
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.target_platforms import Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.analysis import LimitReached
from no_libpython_dlopen.model.limits import MAKE_PARENTS, MAKE_RECIPES

_RECIPE_MARKS = re.compile(r"[ \t]*[@+-]*[ \t]*")
#: What make's own rule for programs links besides the objects.
_BUILT_IN = TrackedText.generated("$(LDFLAGS) $^ $(LOADLIBES) $(LDLIBS)", (0, 0))
_AGGREGATES = frozenset({"all", "clean", "install", "test", "check", "default", "build", "FORCE"})

Seen = list[tuple[Command, TrackedText | None]]


class Recipes:
    """The rules of a makefile, as one run has read them."""

    def __init__(self, expander: Expander, platform: Platform, paths: PathSelector) -> None:
        self.expander = expander
        self.platform = platform
        self.paths = paths
        self.rules: list[Rule] = []
        self.specifics: list[Specific] = []
        self.exported: set[str] = set()
        #: The commands that were seen, each with the target of its rule.
        self.seen: Seen = []
        self._count = 0

    @cached_property
    def _users(self) -> dict[str, list[Rule]]:
        """The rules that need each target, once all of them are read."""
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for name in dict.fromkeys(each.text for each in rule.needed):
                found.setdefault(name, []).append(rule)
        return found

    @cached_property
    def _specifics_of(self) -> dict[str, list[tuple[int, Specific]]]:
        """The variables of each target, with their order; those of patterns under ``%``."""
        found: dict[str, list[tuple[int, Specific]]] = {}
        for number, each in enumerate(self.specifics):
            key = "%" if "%" in each.target else each.target
            found.setdefault(key, []).append((number, each))
        return found

    def run(self) -> None:
        """Expand all recipes. Raises ``LimitReached``; what came before it has been seen."""
        seen = self.seen
        patterns = [rule for rule in self.rules if any("%" in t.text for t in rule.targets)]
        explicit = {t.text for rule in self.rules if rule.recipe for t in rule.targets}
        for rule in self.rules:
            for target in rule.targets if rule.recipe else ():
                self.count_recipe(1)
                self.add_recipe(rule, target, fill_pattern(target, UNKNOWN_PART), seen)
        for wanted, needed in self.implicit_targets(explicit):
            self.count_recipe(len(patterns))
            needs = self.add_by_pattern(wanted, needed, patterns)
            if needs is not None:
                for each in needs:
                    self.count_recipe(len(patterns))
                    self.add_by_pattern(each, [], patterns)
            elif "." not in wanted.text and UNKNOWN_PART not in wanted.text:
                self.add_built_in(wanted, needed, seen)

    def add_by_pattern(
        self, wanted: TrackedText, needed: list[TrackedText], patterns: list[Rule]
    ) -> list[TrackedText] | None:
        """Add the recipe of the pattern rule that makes a target; return what the rule needs."""
        made_by = next(((r, s) for r in patterns if (s := r.stem(wanted)) is not None), None)
        if made_by is None or not made_by[0].recipe:
            return None
        rule, stem = made_by
        needs = [fill_pattern(each, stem) for each in rule.needed]
        made = Rule([wanted], [*needs, *needed], rule.recipe)
        self.add_recipe(made, wanted, wanted, self.seen, stem)
        return needs

    def count_recipe(self, work: int) -> None:
        """Count a recipe, and the work of finding it."""
        self._count += 1
        if self._count > MAKE_RECIPES:
            raise LimitReached(MAKE_RECIPES)
        self.paths.budget.spend(work)

    def implicit_targets(
        self, explicit: set[str]
    ) -> Iterator[tuple[TrackedText, list[TrackedText]]]:
        """Yield the targets that have no recipe of their own, and what they need."""
        phony = {
            n.text for r in self.rules for t in r.targets if t.text == ".PHONY" for n in r.needed
        }
        needed: dict[str, tuple[TrackedText, list[TrackedText]]] = {}
        for rule in self.rules:
            names = [t.text for t in rule.targets]
            if any(name.startswith(".") for name in names):
                continue
            for target in rule.targets:
                if "%" not in target.text and not rule.recipe:
                    needed.setdefault(target.text, (target, []))[1].extend(rule.needed)
            for each in rule.needed:
                if "%" not in each.text:
                    needed.setdefault(each.text, (each, []))
        for name, found in needed.items():
            if name not in explicit and name not in phony and name not in _AGGREGATES:
                yield found

    def add_built_in(self, target: TrackedText, needed: list[TrackedText], seen: Seen) -> None:
        """Add the command by which make itself links a program."""
        for local in self.environments(target, needed, target):
            words = tuple(self.expander.expand(_BUILT_IN, local).words())
            if words:
                compiler = TrackedText.generated("cc", (0, 0))
                flag = TrackedText.generated("-o", (0, 0))
                seen.append((Command((compiler, flag, target, *words)), target))

    def add_recipe(
        self,
        rule: Rule,
        target: TrackedText,
        shown: TrackedText,
        seen: Seen,
        stem: str = UNKNOWN_PART,
    ) -> None:
        """Add the commands of a recipe, for one of its targets."""
        for local in self.environments(shown, rule.needed, target, stem):
            shell = Shell(self.platform, self.paths)
            exports = [
                (name, self.expander.variable(name, (0, 0), local, 0))
                for name in sorted(self.exported)
                if name in self.expander.variables
            ]
            for line in rule.recipe:
                expanded = _body(self.expander.expand(line, local))
                for body in expanded:
                    shell.folders = Folders()
                    # What is written for another shell, awk say, is no shell's quotation.
                    with contextlib.suppress(LexError):
                        shell.run(body, _adder(seen, shown, tuple(exports)))

    def environments(
        self,
        shown: TrackedText,
        needed: list[TrackedText],
        target: TrackedText,
        stem: str = UNKNOWN_PART,
    ) -> Iterator[dict[str, TrackedText]]:
        """Yield the automatic and target-specific variables that a recipe may see."""
        needs = [fill_pattern(each, stem) for each in needed]
        automatic = {
            "@": shown,
            "<": needs[0] if needs else TrackedText.unknown((0, 0)),
            "^": join_texts(needs),
            "+": join_texts(needs),
            "?": join_texts(needs),
            "*": TrackedText.generated(stem, (0, 0)),
            "@F": shown,
            "@D": TrackedText.unknown((0, 0)),
            "<F": needs[0] if needs else TrackedText.unknown((0, 0)),
        }
        for holding_targets in self.holding_targets(target.text):
            yield {**automatic, **self.specific_variables(holding_targets, automatic)}

    def holding_targets(self, target: str) -> Iterator[list[str]]:
        """Yield the targets whose variables hold for a target, in each way it is made."""
        if not self.specifics:
            yield []
            return
        yield [target]
        parents = (one for one in self._parents_of(target) if one in self._specifics_of)
        for number, parent in enumerate(parents):
            if number == MAKE_PARENTS:
                analysis.note_limit(MAKE_PARENTS)
                return
            yield [parent, target]

    def _parents_of(self, target: str) -> Iterator[str]:
        """Yield the targets that need a target, or one that does, each once."""
        waiting, known = [target], {target}
        while waiting:
            for rule in self._users.get(waiting.pop(), ()):
                self.paths.budget.spend(len(rule.targets))
                for parent in rule.targets:
                    if parent.text not in known:
                        known.add(parent.text)
                        waiting.append(parent.text)
                        yield parent.text

    def specific_variables(
        self, holding_targets: list[str], automatic: dict[str, TrackedText]
    ) -> dict[str, TrackedText]:
        """Return the variables that are set for some targets."""
        local: dict[str, TrackedText] = {}
        for holder in holding_targets:
            patterns = self._specifics_of.get("%", [])
            several = [*self._specifics_of.get(holder, []), *patterns]
            self.paths.budget.spend(len(several))
            for _, each in sorted(several, key=itemgetter(0)):
                if not each.covers(holder):
                    continue
                value = self.expander.expand(each.value, {**automatic, **local})
                if each.operator == "+=":
                    old = local.get(each.name)
                    if old is None and each.name in self.expander.variables:
                        old = self.expander.variable(each.name, (0, 0), automatic, 0)
                    value = value if old is None else append_text(old, value)
                local[each.name] = value
        return local


def _adder(
    seen: Seen, target: TrackedText, exports: tuple[tuple[str, TrackedText], ...]
) -> Callable[[Command], None]:
    def add(command: Command) -> None:
        exported = (*exports, *command.exported)
        seen.append((dataclasses.replace(command, exported=exported), target))

    return add


def _body(line: TrackedText) -> Iterator[TrackedText]:
    """Yield the commands of a recipe's line, without the marks before them.

    A variable of several lines makes several.
    """
    string = line.text
    at = 0
    while at < len(string):
        marks = _RECIPE_MARKS.match(string, at)
        start = marks.end() if marks else at
        end = start
        while True:
            end = string.find("\n", end)
            if end < 0:
                end = len(string)
                break
            if not string[start:end].rstrip("\r").endswith("\\"):
                break
            end += 1
        yield line.part(start, end)
        at = end + 1
