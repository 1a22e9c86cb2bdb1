"""Walks a makefile for one platform: its variables, its rules, and the commands of these.

As in make, variables are assigned while the file is read, recipes expanded when all of
it is known (``recipes``). An undecided condition is entered on one path or
another.
"""

from __future__ import annotations

import re
from contextlib import suppress

from no_libpython_dlopen.buildsystems.commands.path_exploration import BranchState, PathSelector
from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText, concatenate
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.common.source_files import SOURCE_SUFFIXES
from no_libpython_dlopen.buildsystems.make.conditions import KEYWORD, question_of, truth
from no_libpython_dlopen.buildsystems.make.expansion import Expander, Variable, reference_end
from no_libpython_dlopen.buildsystems.make.lexer import Line, lines
from no_libpython_dlopen.buildsystems.make.recipes import Recipes, Seen
from no_libpython_dlopen.buildsystems.make.relevance import RuleSet
from no_libpython_dlopen.buildsystems.make.rules import Rule, Specific
from no_libpython_dlopen.buildsystems.shell.interpreter import Shell
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.target_platforms import Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import MAKE_DEPTH

_SPECIFIC = re.compile(
    r"\s*(?:(?:override|export|private)[ \t]+)*(?P<name>[^\s:#=+?!$(){}]+)[ \t]*"
    r"(?P<operator>:::=|::=|:=|\+=|\?=|=)"
)
_COMMENT = re.compile(r"(?<!\\)#")
#: Blanks are taken from their first on, since a search from each would take quadratic time.
_CONTINUATION = re.compile(r"(?:(?<![ \t])[ \t]+)?\\\r?\n[ \t]*")


class Run:
    """One run over the lines of a makefile, on one path."""

    def __init__(
        self,
        text: str,
        platform: Platform,
        paths: PathSelector,
        *,
        automake: bool = False,
        runs_rules: bool = True,
        is_template: bool = False,
        rules: RuleSet | None = None,
    ) -> None:
        self.text = text
        self.platform = platform
        self.paths = paths
        self.shell = Shell(platform, paths)
        self.expander = Expander(platform, self.shell, is_template=is_template)
        self.recipes = Recipes(self.expander, platform, paths)
        self.chains: list[BranchState] = []
        self.automake = automake
        #: Which rules matter; all of them where nobody says so.
        self.rules = rules
        self.runs_rules = runs_rules
        #: The text that is read: the file or an argument of ``eval``; and how deep ``eval`` nests.
        self.tracked = TrackedText.of(text)
        self.evaluations = 0
        self.current: Rule | None = None
        self.define: tuple[Line, int] | None = None
        #: The folders of each pattern of ``vpath`` in which sources are looked for.
        self.searched: dict[str, list[str]] = {}

    @property
    def alive(self) -> bool:
        return not self.chains or self.chains[-1].alive

    # -- reading ----------------------------------------------------------------------

    def read(self, found: list[Line]) -> None:
        """Read all lines; afterwards variables and rules are known."""
        for line in found:
            kind = line.kind
            if kind in ("if", "else", "endif"):
                self.condition(line)
            elif kind == "endef" and self.define is not None:
                begun, start = self.define
                self.define = None
                if self.alive:
                    self.assign(begun.name, begun.operator, self.text_at(start, line.start))
            elif kind == "define":
                self.define = (line, line.end)
            elif not self.alive:
                continue
            elif kind == "recipe":
                if self.current is not None:
                    self.current.recipe.append(self.text_at(line.start + 1, line.end))
            elif kind == "assignment":
                value = self.value(line.value, line.end)
                name = self.expander.expand(TrackedText.of(line.name, line.start)).text
                self.assign(name, line.operator, value)
                if "export" in self.tracked.text[line.start : line.value].split():
                    self.recipes.exported.add(name)
            elif kind in ("rule", "other") and self.is_reference(line):
                self.current = None
                self.evaluate(line)
            elif kind == "rule":
                self.rule(line)
            elif kind == "other":
                words = self.tracked.text[line.start : line.end].split()
                if words[:1] == ["vpath"]:
                    self.search(self.expander.expand(self.value(line.start, line.end)).text)
                elif words[:1] == ["export"]:
                    self.recipes.exported.update(words[1:])
                elif words[:1] == ["undefine"] and len(words) == 2:
                    self.assign(words[1], "=", TrackedText())

    def is_reference(self, line: Line) -> bool:
        """Return whether a line is one reference, such as ``$(eval $(call RULES,name))``."""
        words = self.tracked.text[line.start : line.end].strip()
        return words.startswith("$") and reference_end(words, 0) == len(words)

    def evaluate(self, line: Line) -> None:
        """Read what ``eval`` is given in a line."""
        known = self.rules
        if not self.runs_rules or (
            known and not self.evaluations and line.start not in known.starts
        ):
            return
        self.expander.expand(self.value(line.start, line.end))
        evaluated, self.expander.evaluated = self.expander.evaluated, []
        if evaluated and self.evaluations >= MAKE_DEPTH:
            analysis.note_limit(MAKE_DEPTH)
            return
        outer = self.tracked
        self.evaluations += 1
        for self.tracked in evaluated:
            with suppress(LexError):
                found = list(lines(self.tracked.text))
                if not any(each.kind == "if" for each in found):
                    self.read(found)
        self.evaluations -= 1
        self.tracked, self.current = outer, None

    def text_at(self, start: int, end: int) -> TrackedText:
        return self.tracked.part(start, end)

    def value(self, start: int, end: int) -> TrackedText:
        """Return the text of a value: without its comment, continued lines as blanks."""
        raw = self.tracked.text[start:end]
        comment = _COMMENT.search(raw)
        if comment:
            raw = raw[: comment.start()]
        return _join_continued(self.text_at(start, start + len(raw))).strip()

    def assign(self, name: str, operator: str, value: TrackedText) -> None:
        """Assign a variable as its operator says."""
        variables = self.expander.variables
        old = variables.get(name)
        if operator == "?=" and old is not None:
            return
        if operator == "!=":
            span = value.span if value.segments else (0, 0)
            made = self.shell.substitution(self.expander.expand(value), span)
            self.expander.assign(name, Variable(made, simple=True))
        elif operator == "+=" and old is not None:
            self.expander.append(name, self.expander.expand(value) if old.simple else value)
        elif operator.startswith(":"):
            self.expander.assign(name, Variable(self.expander.expand(value), simple=True))
        else:
            self.expander.assign(name, Variable(value, simple=False))

    def rule(self, line: Line) -> None:
        """Read a rule's first line, or a target-specific variable."""
        known = self.rules
        passed_by = known and not known.needs_all and line.start not in known.starts
        if (passed_by and not self.evaluations) or not self.runs_rules:
            self.current = None
            return
        raw = self.value(line.start, line.end)
        string = raw.text
        at = 0
        while at < len(string) and string[at] != ":":
            at = reference_end(string, at) if string[at] == "$" else at + 1
        targets = self.expander.expand(raw.part(0, at).strip()).words()
        self.paths.budget.spend(len(string) // 8)
        rest_at = (
            at + 2 if string.startswith("::", at) and string[at + 2 : at + 3] != "=" else at + 1
        )
        specific = _SPECIFIC.match(string, rest_at)
        if specific and not string[rest_at : specific.start("operator")].count(";"):
            value = raw.part(specific.end(), len(string)).strip()
            if specific["operator"].startswith(":"):
                value = self.expander.expand(value)
            for target in targets:
                self.recipes.specifics.append(
                    Specific(target.text, specific["name"], specific["operator"], value)
                )
            self.current = None
            return
        rest = raw.part(rest_at, len(string))
        head, semicolon, _ = rest.text.partition(";")
        pattern = _static_pattern(head)
        if pattern and not any(each.text.strip(UNKNOWN_PART) for each in targets):
            made = self.expander.expand(rest.part(0, pattern - 1)).words()
            targets = [each for each in made if "%" in each.text] or targets
        needed = self.expander.expand(rest.part(pattern, len(head))).words()
        self.current = Rule(targets, [each for each in needed if each.text != "|"])
        if semicolon:
            self.current.recipe.append(rest.part(len(head) + 1, len(rest)))
        self.recipes.rules.append(self.current)

    def search(self, directive: str) -> None:
        """Follow ``vpath PATTERN FOLDERS``; without folders it forgets those of the pattern."""
        _, *given = directive.split()
        pattern = given[0] if given else ""
        if not given:
            self.searched.clear()
        elif not given[1:]:
            self.searched.pop(pattern, None)
        elif pattern.endswith(("%", *SOURCE_SUFFIXES)):
            self.searched.setdefault(pattern, []).extend(given[1:])

    def searched_folders(self) -> tuple[str, ...]:
        """Return the folders of ``VPATH`` and ``vpath``, as far as they are known."""
        found = [folder for folders in self.searched.values() for folder in folders]
        if "VPATH" in self.expander.variables:
            found += self.expander.variable("VPATH", (0, 0), {}, 0).text.split()
        folders = [folder for each in found for folder in each.split(":")]
        return tuple([folder for folder in folders if folder and UNKNOWN_PART not in folder])

    @property
    def seen(self) -> Seen:
        """The commands of the recipes that were run, each with the target of its rule."""
        return self.recipes.seen

    # -- conditions -------------------------------------------------------------------

    def condition(self, line: Line) -> None:
        """Enter or leave a branch."""
        if line.kind == "endif":
            self.chains.pop().leave(line.start)
            return
        raw = self.value(line.start, line.end)
        if line.kind == "if":
            self.chains.append(BranchState(self.paths, self.alive, self.text))
            found = truth(raw, self.expander, self.platform)
            self.chains[-1].branch(found, line.start, question_of(raw.text))
            return
        keyword = KEYWORD.match(raw.text)
        rest = raw.part(keyword.end(), len(raw)) if keyword else raw
        chained = None if self.automake else KEYWORD.match(rest.text)
        outcome = truth(rest, self.expander, self.platform) if chained else True
        self.chains[-1].branch(outcome, line.start, question_of(rest.text))


def _join_continued(text: TrackedText) -> TrackedText:
    """Return a text whose continued lines are joined by blanks."""
    parts: list[TrackedText] = []
    at = 0
    for match in _CONTINUATION.finditer(text.text):
        gap = text.part(*match.span()).segments
        parts += [
            text.part(at, match.start()),
            TrackedText.generated(" ", (gap[0].start, gap[-1].end)),
        ]
        at = match.end()
    parts.append(text.part(at, len(text)))
    return concatenate(parts)


def _static_pattern(head: str) -> int:
    """Return the beginning of the prerequisites, past the pattern of a static pattern rule."""
    at = 0
    while at < len(head):
        if head[at] == "$":
            at = reference_end(head, at)
        elif head[at] == ":":
            return at + 1
        else:
            at += 1
    return 0
