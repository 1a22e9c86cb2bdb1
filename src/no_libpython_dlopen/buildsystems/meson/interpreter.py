"""Walks the ``meson.build`` files of a project for one platform, and notes who links what.

Nothing is executed: variables are assigned, conditions decided where the platform decides
them, and where both branches may be taken both are walked and joined. Files that
``subdir`` names are read from disk; what cannot be read makes the view incomplete.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice

from no_libpython_dlopen.buildsystems.common.link_graph import Blocker, ReferenceKind, Target
from no_libpython_dlopen.buildsystems.meson import builtins
from no_libpython_dlopen.buildsystems.meson import syntax_tree as syntax
from no_libpython_dlopen.buildsystems.meson.abstract_values import (
    UNKNOWN,
    Atom,
    File,
    Value,
    compose,
    entry,
    equal,
    interpolate,
    is_short_enough,
    join,
    truth_of,
    union,
)
from no_libpython_dlopen.buildsystems.meson.call_arguments import at_home
from no_libpython_dlopen.buildsystems.meson.model import Environment, Project
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.platforms import asks_for_system
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM, Platform, truth_by_name
from no_libpython_dlopen.knowledge.three_valued import all_of, any_of, negation
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.analysis import LimitReached
from no_libpython_dlopen.model.limits import MESON_ITEMS, MESON_STEPS, MESON_WALKS

#: Steps between two looks at the clock.
_STEPS_A_LOOK = 64


class Interpreter:
    """One walk over the files of a project."""

    def __init__(self, project: Project, platform: Platform) -> None:
        self.project = project
        self.platform = platform
        self.variables: Environment = {}
        #: Names of the variables that were set since the innermost open ``if`` began.
        self.touched: set[str] = set()
        self.file = project.current
        self.reached: set[str] = set()
        self.general: list[tuple[Atom, syntax.Call, File]] = []
        self.targets: list[Target] = []
        self.open_files: list[str] = []
        self.steps = 0
        self.walks = 0

    def start(self, file: File) -> None:
        """Walk a project from its outermost file, up to a limit."""
        with analysis.note_apart() as cuts, analysis.until_limit():
            self._walk(file)
        self.project.cuts.update(cuts)

    def _walk(self, file: File) -> None:
        self.enter(file)
        # What all get, nobody edits, so that one target of each kind stands for the others.
        targets = {target.kind: target for target in reversed(self.targets)}
        for atom, call, where in self.general:
            for target in targets.values():
                self.project.link(atom, target, self.platform, call, where, Blocker.PROJECT)

    def enter(self, file: File) -> None:
        """Walk a file with the variables known so far."""
        self.walks += 1
        if self.walks > MESON_WALKS:
            raise LimitReached(MESON_WALKS)
        outer, self.file = self.file, file
        self.reached.add(file.path)
        self.open_files.append(file.path)
        with nullcontext() if file is self.project.current else analysis.other_file():
            self.body(file.statements)
        self.open_files.pop()
        self.file = outer

    def body(self, statements: tuple[syntax.Statement, ...]) -> bool:
        """Walk some statements; return whether the walk left the file early."""
        for statement in statements:
            self.step()
            if self.statement(statement):
                return True
        return False

    def step(self) -> None:
        """Count a step. Raises ``LimitReached`` once no steps or no time is left."""
        self.steps += 1
        if self.steps > MESON_STEPS:
            raise LimitReached(MESON_STEPS)
        if self.steps % _STEPS_A_LOOK == 0:
            analysis.check_time()

    def statement(self, statement: syntax.Statement) -> bool:
        """Walk one statement; return whether it leaves the file."""
        if isinstance(statement, syntax.Assignment):
            self.assign(statement)
        elif isinstance(statement, syntax.If):
            return self.branches(statement)
        elif isinstance(statement, syntax.Loop):
            self.loop(statement)
        elif isinstance(statement, syntax.Call) and statement.owner is None:
            if statement.name in ("subdir_done", "error"):
                return True
            self.value(statement)
        elif not isinstance(statement, syntax.Leave):
            self.value(statement)
        return False

    def set(self, name: str, value: Value) -> None:
        """Give a variable a value."""
        self.touched.add(name)
        self.variables[name] = value

    def assign(self, statement: syntax.Assignment) -> None:
        """Give a variable a value, or more of it."""
        value = self.value(statement.value)
        if not statement.added:
            self.set(statement.name, value)
            return
        value = at_home(value, statement.value, statement)
        old = self.variables.get(statement.name, UNKNOWN)
        self.set(statement.name, self.sum(old, value, None))

    def branches(self, statement: syntax.If) -> bool:
        """Walk the branches that may be taken."""
        before, touched = self.variables, self.touched
        self.touched = set()
        results: list[Environment] = []
        closed = False
        for condition, body in statement.branches:
            truth = True if condition is None else self.decide(condition)
            if truth is False:
                continue
            self.variables = dict(before)
            if not self.body(body):
                results.append(self.variables)
            if truth is True:
                closed = True
                break
        if not closed:
            results.append(before)
        self.variables = before
        for name in sorted(self.touched) if results else ():
            self.variables[name] = join([result.get(name, UNKNOWN) for result in results])
        self.touched |= touched
        return not results

    def decide(self, condition: syntax.Expression) -> bool | None:
        """Return the truth of a condition; note whether an open part of it asks for the system."""
        truth = self.value(condition).truth
        if truth is None and self.platform is not ANY_PLATFORM:
            self.project.asks_by_name |= any(
                self.value(part).truth is None
                and asks_for_system(self.file.text[part.start : part.end])
                for part in _operands(condition)
            )
        return truth

    def loop(self, statement: syntax.Loop) -> None:
        """Walk a loop's body for what it runs over: each known item, or all at once."""
        over = statement.over
        value = self.value(over)
        items: list[tuple[Value, ...]] = [(UNKNOWN,) * len(statement.names)]
        if isinstance(over, syntax.Listing) and len(statement.names) == 1 and over.items:
            if len(over.items) > MESON_ITEMS:
                analysis.note_limit(MESON_ITEMS)
            items = [(self.value(item.value),) for item in over.items[:MESON_ITEMS]]
        elif len(statement.names) == 1:
            items = [(Value(value.atoms),)]
        elif value.keys:
            if len(value.keys) > MESON_ITEMS:
                analysis.note_limit(MESON_ITEMS)
            entries = islice(value.keys.items(), MESON_ITEMS)
            items = [(Value(text=key), held) for key, held in entries]
        for item in items:
            for name, part in zip(statement.names, item, strict=False):
                self.set(name, part)
            self.body(statement.body)

    # -- values ---------------------------------------------------------------------

    def value(self, node: syntax.Expression) -> Value:
        """Return the abstract value of an expression."""
        self.step()
        match node:
            case syntax.String():
                return self.string(node)
            case syntax.Constant():
                return truth_of(node.truth)
            case syntax.Name():
                return self.name(node)
            case syntax.Listing():
                return self.listing(node)
            case syntax.Call():
                return builtins.value(self, node)
            case syntax.Index():
                return self.index(node)
            case syntax.Binary():
                return self.binary(node)
            case syntax.Not():
                return truth_of(negation(self.value(node.operand).truth))
            case syntax.Ternary():
                return self.choice(node)
        return UNKNOWN

    def string(self, node: syntax.String) -> Value:
        text = interpolate(node.text, self.variables) if node.formatted else node.text
        # where the quotes are, so that an item goes with them
        return Value((Atom(None, text, node.start, node.end, self.file),), text)

    def name(self, node: syntax.Name) -> Value:
        known = self.variables.get(node.name)
        return truth_of(truth_by_name(node.name, self.platform)) if known is None else known

    def listing(self, node: syntax.Listing) -> Value:
        values = [
            at_home(self.value(item.value), item.value, (node, index))
            for index, item in enumerate(node.items)
        ]
        if node.mark == "{":
            keys = {item.keyword: value for item, value in zip(node.items, values, strict=True)}
            return Value(union(values).atoms, keys=keys)
        return union(values, is_list=True)

    def index(self, node: syntax.Index) -> Value:
        return entry(self.value(node.owner), self.value(node.key), UNKNOWN)

    def binary(self, node: syntax.Binary) -> Value:
        operands: list[tuple[str, syntax.Binary, syntax.Expression]] = []
        left: syntax.Expression = node
        while isinstance(left, syntax.Binary):  # a sum of many terms is no deep recursion
            operands.append((left.operator, left, left.right))
            left = left.left
        result = self.value(left)
        for operator, whole, right in reversed(operands):
            result = self.operation(operator, result, right, whole)
        return result

    def operation(
        self, operator: str, left: Value, node: syntax.Expression, whole: syntax.Binary
    ) -> Value:
        """Return the value of an operator applied to a value and an expression."""
        if operator in ("in", "not in"):
            truth = self.containment(left, node)
            return truth_of(truth if operator == "in" else negation(truth))
        right = self.value(node)
        if operator == "and":
            return truth_of(all_of([left.truth, right.truth]))
        if operator == "or":
            return truth_of(any_of([left.truth, right.truth]))
        if operator in ("==", "!="):
            truth = equal(left, right)
            return truth_of(truth if operator == "==" else negation(truth))
        if operator in ("+", "/"):
            return self.sum(left, right, whole, "/" if operator == "/" else "")
        return UNKNOWN

    def containment(self, left: Value, node: syntax.Expression) -> bool | None:
        """Return whether a value is in an array."""
        if isinstance(node, syntax.Listing):
            return any_of([equal(left, self.value(item.value)) for item in node.items])
        right = self.value(node)
        if right.is_list and right.atoms and all(atom.kind is None for atom in right.atoms):
            return any_of([equal(left, Value(text=atom.text)) for atom in right.atoms]) or None
        return None

    def sum(
        self, left: Value, right: Value, whole: syntax.Binary | None, separator: str = ""
    ) -> Value:
        """Return two strings as one, or the items of two arrays."""
        if left.is_list or right.is_list or (left.text is None and right.text is None):
            return union((left, right), is_list=True)
        text = separator.join(
            UNKNOWN_PART if part.text is None else part.text for part in (left, right)
        )
        if whole is None:  # `+=`: both are kept where they are written
            return Value(union((left, right)).atoms, text if is_short_enough(text) else None)
        kind: ReferenceKind | None = None
        if any(
            atom.kind is ReferenceKind.SYSCONFIG for part in (left, right) for atom in part.atoms
        ):
            kind = ReferenceKind.SYSCONFIG
        return compose(kind, text, whole.start, whole.end, self.file)

    def choice(self, node: syntax.Ternary) -> Value:
        truth = self.decide(node.condition)
        if truth is not None:
            return self.value(node.yes if truth else node.no)
        return join([self.value(node.yes), self.value(node.no)])


def _operands(condition: syntax.Expression) -> Iterator[syntax.Expression]:
    """Yield the tests that ``and``, ``or`` and ``not`` put together."""
    waiting = [condition]
    while waiting:
        part = waiting.pop()
        if isinstance(part, syntax.Not):
            waiting.append(part.operand)
        elif isinstance(part, syntax.Binary) and part.operator in ("and", "or"):
            waiting += [part.left, part.right]
        else:
            yield part
