"""Walks a makefile for one world: its variables, its rules, and the commands of these.

As in make, variables are assigned while the file is read, recipes expanded when all of
it is known. A condition that stays open is entered by one walk or another. A rule's
target is known to the commands of its recipe, and so are the variables that are set for
that target or for one that needs it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from no_libpython_dlopen.build import guards
from no_libpython_dlopen.build.guards import Chain, Choice
from no_libpython_dlopen.build.make_expand import Expander, Variable, reference_end
from no_libpython_dlopen.build.make_lexer import Line
from no_libpython_dlopen.build.make_relevance import Relevance
from no_libpython_dlopen.build.shell_run import Command, Shell
from no_libpython_dlopen.build.shell_words import LexError
from no_libpython_dlopen.build.traced import Traced, joined
from no_libpython_dlopen.build.world import World, named_truth
from no_libpython_dlopen.names import HOLE
from no_libpython_dlopen.platforms import negated

#: Recipes that are looked at in one walk.
MAX_RECIPES = 3000
#: Targets above one whose variables hold for it as well.
MAX_PARENTS = 8

_KEYWORD = re.compile(r"\s*(ifeq|ifneq|ifdef|ifndef|else|if)\b[ \t]*")
_SPECIFIC = re.compile(
    r"\s*(?:(?:override|export|private)[ \t]+)*(?P<name>[^\s:#=+?!$(){}]+)[ \t]*"
    r"(?P<operator>:::=|::=|:=|\+=|\?=|=)"
)
_COMMENT = re.compile(r"(?<!\\)#")
_CONTINUATION = re.compile(r"[ \t]*\\\r?\n[ \t]*")
_RECIPE_MARKS = re.compile(r"[ \t]*[@+-]*[ \t]*")
_NAME = re.compile(r"\$[({]([\w.]+)[)}]")

Seen = list[tuple[Command, Traced | None]]


@dataclass(slots=True)
class Rule:
    """A rule: its targets and prerequisites, and its recipe's lines."""

    targets: list[Traced]
    needed: list[Traced]
    recipe: list[Traced] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Specific:
    """A variable for one target."""

    target: str
    name: str
    operator: str
    value: Traced


class Run:
    """One walk over the lines of a makefile."""

    def __init__(
        self,
        text: str,
        world: World,
        choice: Choice,
        relevance: Relevance,
        *,
        automake: bool = False,
    ) -> None:
        self.text = text
        self.world = world
        self.choice = choice
        self.shell = Shell(world, choice)
        self.expander = Expander(world, self.shell)
        self.rules: list[Rule] = []
        self.specifics: list[Specific] = []
        self.exported: set[str] = set()
        self.chains: list[Chain] = []
        self.automake = automake
        self.relevance = relevance
        self.current: Rule | None = None
        self.define: tuple[Line, int] | None = None

    @property
    def alive(self) -> bool:
        return not self.chains or self.chains[-1].alive

    # -- reading ----------------------------------------------------------------------

    def read(self, lines: list[Line]) -> None:
        """Read all lines; afterwards variables and rules are known."""
        for line in lines:
            kind = line.kind
            if kind in ("if", "else", "endif"):
                self.condition(line)
            elif kind == "endef" and self.define is not None:
                begun, start = self.define
                self.define = None
                if self.alive:
                    self.assign(begun.name, begun.operator, self.traced(start, line.start))
            elif kind == "define":
                self.define = (line, line.end)
            elif not self.alive:
                continue
            elif kind == "recipe":
                if self.current is not None:
                    self.current.recipe.append(self.traced(line.start + 1, line.end))
            elif kind == "assignment":
                value = self.value(line.value, line.end)
                name = self.expander.expand(Traced.of(line.name, line.start)).text
                self.assign(name, line.operator, value)
                if "export" in self.text[line.start : line.value].split():
                    self.exported.add(name)
            elif kind == "rule":
                self.rule(line)
            elif kind == "other":
                words = self.text[line.start : line.end].split()
                if words[:1] == ["export"]:
                    self.exported.update(words[1:])

    def traced(self, start: int, end: int) -> Traced:
        return Traced.of(self.text[start:end], start)

    def value(self, start: int, end: int) -> Traced:
        """Return the text of a value: without its comment, continued lines as blanks."""
        raw = self.text[start:end]
        comment = _COMMENT.search(raw)
        if comment:
            raw = raw[: comment.start()]
        return _unfolded(self.traced(start, start + len(raw))).strip()

    def assign(self, name: str, operator: str, value: Traced) -> None:
        """Assign a variable as its operator says."""
        variables = self.expander.variables
        old = variables.get(name)
        if operator == "?=" and old is not None:
            return
        if operator == "!=":
            span = (value.pieces[0].start, value.pieces[-1].end) if value.pieces else (0, 0)
            made = self.shell.substitution(self.expander.expand(value), span)
            self.expander.assign(name, Variable(made, simple=True))
        elif operator == "+=" and old is not None:
            more = self.expander.expand(value) if old.simple else value
            self.expander.assign(name, Variable(_appended(old.value, more), old.simple))
        elif operator.startswith(":"):
            self.expander.assign(name, Variable(self.expander.expand(value), simple=True))
        else:
            self.expander.assign(name, Variable(value, simple=False))

    def rule(self, line: Line) -> None:
        """Read a rule's first line, or a target-specific variable."""
        if not self.relevance.matters(line):
            self.current = None
            return
        raw = self.value(line.start, line.end)
        string = raw.text
        at = 0
        while at < len(string) and string[at] != ":":
            at = reference_end(string, at) if string[at] == "$" else at + 1
        targets = self.expander.expand(raw.cut(0, at).strip()).words()
        self.choice.budget.spend(len(string) // 8)
        rest_at = (
            at + 2 if string.startswith("::", at) and string[at + 2 : at + 3] != "=" else at + 1
        )
        specific = _SPECIFIC.match(string, rest_at)
        if specific and not string[rest_at : specific.start("operator")].count(";"):
            value = raw.cut(specific.end(), len(string)).strip()
            if specific["operator"].startswith(":"):
                value = self.expander.expand(value)
            for target in targets:
                self.specifics.append(
                    Specific(target.text, specific["name"], specific["operator"], value)
                )
            self.current = None
            return
        rest = raw.cut(rest_at, len(string))
        head, semicolon, _ = rest.text.partition(";")
        pattern = _static_pattern(head)
        needed = self.expander.expand(rest.cut(pattern, len(head))).words()
        self.current = Rule(targets, [each for each in needed if each.text != "|"])
        if semicolon:
            self.current.recipe.append(rest.cut(len(head) + 1, len(rest)))
        self.rules.append(self.current)

    # -- conditions -------------------------------------------------------------------

    def condition(self, line: Line) -> None:
        """Enter or leave a branch."""
        if line.kind == "endif":
            self.chains.pop()
            return
        raw = self.value(line.start, line.end)
        if line.kind == "if":
            self.chains.append(Chain(self.choice, self.alive))
            self.chains[-1].branch(self.truth(raw))
            return
        keyword = _KEYWORD.match(raw.text)
        rest = raw.cut(keyword.end(), len(raw)) if keyword else raw
        chained = None if self.automake else _KEYWORD.match(rest.text)
        self.chains[-1].branch(self.truth(rest) if chained else True)

    def truth(self, condition: Traced) -> bool | None:
        """Return the truth of ``ifeq (a,b)`` and its like."""
        keyword = _KEYWORD.match(condition.text)
        if keyword is None:
            return None
        rest = condition.cut(keyword.end(), len(condition)).strip()
        word = keyword[1]
        if word == "if":
            name = rest.text.strip()
            truth = named_truth(name.lstrip("! "), self.world)
            return negated(truth) if name.startswith("!") else truth
        if word in ("ifdef", "ifndef"):
            truth = self.is_defined(self.expander.expand(rest).text.strip())
            return truth if word == "ifdef" else negated(truth)
        sides = _sides(rest)
        if sides is None:
            return None
        truth = self.equal(*sides)
        return truth if word == "ifeq" else negated(truth)

    def is_defined(self, name: str) -> bool | None:
        found = self.expander.variables.get(name)
        if found is not None:
            return bool(found.value.text)
        known = guards.environment(name, self.world)
        return named_truth(name, self.world) if known is None else bool(known)

    def equal(self, left: Traced, right: Traced) -> bool | None:
        """Tell whether two sides are equal, an unset variable with a telling name too."""
        values = [self.expander.expand(side).text.strip() for side in (left, right)]
        for side, other in ((left, values[1]), (right, values[0])):
            name = _NAME.fullmatch(side.text.strip())
            if name and name[1] not in self.expander.variables and HOLE not in other:
                decided = guards.flag(name[1], other, self.world)
                if decided is not None:
                    return decided
        return guards.equal(values[0], values[1], self.world)

    # -- running ----------------------------------------------------------------------

    def commands(self) -> Seen:
        """Return the commands of all recipes, each with the target of its rule."""
        seen: Seen = []
        patterns = [rule for rule in self.rules if any("%" in t.text for t in rule.targets)]
        explicit = {t.text for rule in self.rules if rule.recipe for t in rule.targets}
        count = 0
        for rule in self.rules:
            for target in rule.targets[:20]:
                count += 1
                if rule.recipe and count <= MAX_RECIPES:
                    self.recipe(rule, target, _stemless(target), seen)
        for wanted, needed in self.wanted(explicit):
            count += 1
            if count > MAX_RECIPES:
                break
            made_by = next(((r, s) for r in patterns if (s := _stem(r, wanted)) is not None), None)
            if made_by is not None and made_by[0].recipe:
                rule, stem = made_by
                needs = [_filled(each, stem) for each in rule.needed]
                self.recipe(
                    Rule([wanted], [*needs, *needed], rule.recipe), wanted, wanted, seen, stem
                )
            elif "." not in wanted.text and HOLE not in wanted.text:
                self.built_in(wanted, needed, seen)
        return seen

    def wanted(self, explicit: set[str]) -> Iterator[tuple[Traced, list[Traced]]]:
        """Yield the targets that have no recipe of their own, and what they need."""
        phony = {
            n.text for r in self.rules for t in r.targets if t.text == ".PHONY" for n in r.needed
        }
        needed: dict[str, tuple[Traced, list[Traced]]] = {}
        for rule in self.rules:
            names = [t.text for t in rule.targets]
            if any(name.startswith(".") for name in names):
                continue
            for target in rule.targets[:50]:
                if "%" not in target.text and not rule.recipe:
                    needed.setdefault(target.text, (target, []))[1].extend(rule.needed)
            for each in rule.needed[:200]:
                if "%" not in each.text:
                    needed.setdefault(each.text, (each, []))
        for name, found in needed.items():
            if name not in explicit and name not in phony and name not in _AGGREGATES:
                yield found

    def built_in(self, target: Traced, needed: list[Traced], seen: Seen) -> None:
        """Add the command by which make itself links a program."""
        for local in self.environments(target, needed, target):
            words = tuple(self.expander.expand(_BUILT_IN, local).words())
            if words:
                compiler = Traced.made("cc", (0, 0))
                flag = Traced.made("-o", (0, 0))
                seen.append((Command((compiler, flag, target, *words)), target))

    def recipe(
        self, rule: Rule, target: Traced, shown: Traced, seen: Seen, stem: str = HOLE
    ) -> None:
        """Add the commands of a recipe, for one of its targets."""
        for local in self.environments(shown, rule.needed, target, stem):
            shell = Shell(self.world, self.choice)
            exports = [
                (name, self.expander.variable(name, (0, 0), local, 0))
                for name in sorted(self.exported)
                if name in self.expander.variables
            ]
            for line in rule.recipe:
                expanded = _body(self.expander.expand(line, local))
                for body in expanded:
                    # What is written for another shell, awk say, is no shell's quotation.
                    with contextlib.suppress(LexError):
                        shell.run(body, _adder(seen, shown, tuple(exports)))

    def environments(
        self, shown: Traced, needed: list[Traced], target: Traced, stem: str = HOLE
    ) -> Iterator[dict[str, Traced]]:
        """Yield the automatic and target-specific variables that a recipe may see."""
        needs = [_filled(each, stem) for each in needed]
        automatic = {
            "@": shown,
            "<": needs[0] if needs else Traced.hole((0, 0)),
            "^": joined(needs),
            "+": joined(needs),
            "?": joined(needs),
            "*": Traced.made(stem, (0, 0)),
            "@F": shown,
            "@D": Traced.hole((0, 0)),
            "<F": needs[0] if needs else Traced.hole((0, 0)),
        }
        for holders in self.holders(target.text):
            yield {**automatic, **self.specific(holders, automatic)}

    def holders(self, target: str) -> Iterator[list[str]]:
        """Yield the targets whose variables hold for a target, in each way it is made."""
        if not self.specifics:
            yield []
            return
        yield [target]
        waiting, known = [target], {target}
        found = 0
        while waiting and found < MAX_PARENTS:
            name = waiting.pop()
            self.choice.budget.spend(len(self.rules))
            for rule in self.rules:
                if any(each.text == name for each in rule.needed):
                    for parent in rule.targets:
                        if parent.text not in known:
                            known.add(parent.text)
                            waiting.append(parent.text)
                            if any(s.target == parent.text for s in self.specifics):
                                found += 1
                                yield [parent.text, target]

    def specific(self, holders: list[str], automatic: dict[str, Traced]) -> dict[str, Traced]:
        """Return the variables that are set for some targets."""
        local: dict[str, Traced] = {}
        for holder in holders:
            self.choice.budget.spend(len(self.specifics))
            for each in self.specifics:
                if not _covers(each.target, holder):
                    continue
                value = self.expander.expand(each.value, {**automatic, **local})
                if each.operator == "+=":
                    old = local.get(each.name)
                    if old is None and each.name in self.expander.variables:
                        old = self.expander.variable(each.name, (0, 0), automatic, 0)
                    value = value if old is None else _appended(old, value)
                local[each.name] = value
        return local


#: What make's own rule for programs links besides the objects.
_BUILT_IN = Traced.made("$(LDFLAGS) $^ $(LOADLIBES) $(LDLIBS)", (0, 0))
_AGGREGATES = frozenset({"all", "clean", "install", "test", "check", "default", "build", "FORCE"})


def _adder(
    seen: Seen, target: Traced, exports: tuple[tuple[str, Traced], ...]
) -> Callable[[Command], None]:
    def add(command: Command) -> None:
        exported = (*exports, *command.exported)
        seen.append((Command(command.words, command.assigned, exported, command.after), target))

    return add


def _appended(old: Traced, more: Traced) -> Traced:
    return joined([old, more]) if old.text else more


def _unfolded(text: Traced) -> Traced:
    """Return a text whose continued lines are joined by blanks."""
    parts: list[Traced] = []
    at = 0
    for match in _CONTINUATION.finditer(text.text):
        gap = text.cut(*match.span()).pieces
        parts += [text.cut(at, match.start()), Traced.made(" ", (gap[0].start, gap[-1].end))]
        at = match.end()
    parts.append(text.cut(at, len(text)))
    return Traced(tuple(piece for part in parts for piece in part.pieces))


def _body(line: Traced) -> Iterator[Traced]:
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
        yield line.cut(start, end)
        at = end + 1


def _static_pattern(head: str) -> int:
    """Return where the prerequisites begin, past the pattern of a static pattern rule."""
    at = 0
    while at < len(head):
        if head[at] == "$":
            at = reference_end(head, at)
        elif head[at] == ":":
            return at + 1
        else:
            at += 1
    return 0


def _stemless(target: Traced) -> Traced:
    return _filled(target, HOLE)


def _filled(text: Traced, stem: str) -> Traced:
    """Return a pattern with its ``%`` filled in."""
    at = text.text.find("%")
    if at < 0:
        return text
    percent = text.cut(at, at + 1)
    filled = Traced.made(stem, (percent.pieces[0].start, percent.pieces[0].end))
    return text.cut(0, at) + filled + text.cut(at + 1, len(text))


def _stem(rule: Rule, target: Traced) -> str | None:
    for pattern in rule.targets:
        head, percent, tail = pattern.text.partition("%")
        name = target.text
        long_enough = percent and len(name) > len(head) + len(tail)
        if long_enough and name.startswith(head) and name.endswith(tail):
            return name[len(head) : len(name) - len(tail)]
    return None


def _covers(pattern: str, target: str) -> bool:
    head, percent, tail = pattern.partition("%")
    if not percent:
        return pattern == target
    return target.startswith(head) and target.endswith(tail)


def _sides(text: Traced) -> tuple[Traced, Traced] | None:
    """Return the two sides of a comparison, in either of make's spellings."""
    string = text.text
    if string.startswith("("):
        depth = 0
        comma = None
        for match in re.compile(r"[(){},]").finditer(string):
            if match[0] in "({":
                depth += 1
            elif match[0] in ")}":
                depth -= 1
                if depth == 0 and comma is not None:
                    return text.cut(1, comma), text.cut(comma + 1, match.start())
            elif depth == 1 and comma is None:
                comma = match.start()
        return None
    found = re.match(r"""(?:"([^"]*)"|'([^']*)')\s*(?:"([^"]*)"|'([^']*)')""", string)
    if found is None:
        return None
    left, right = (index for index in range(1, 5) if found[index] is not None)
    return text.cut(*found.span(left)), text.cut(*found.span(right))
