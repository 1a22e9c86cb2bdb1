"""Evaluates an expression over the small domain of ``values``, never running anything.

Bounded: cycles are unknown, calls nest eight deep, and all evaluation of a file shares
one number of steps; past a bound a value is unknown.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import libcst as cst

from no_libpython_dlopen.names import HOLE
from no_libpython_dlopen.python import known, methods, rounds
from no_libpython_dlopen.python.bindings import Binding, Conditions, How, Scope
from no_libpython_dlopen.python.call_index import CallIndex
from no_libpython_dlopen.python.calls import Calls
from no_libpython_dlopen.python.flow import Flow
from no_libpython_dlopen.python.mentions import PLATFORM_WORDS, Mentions, words_in
from no_libpython_dlopen.python.tree import descendants
from no_libpython_dlopen.python.values import (
    HOLE_VALUES,
    PASSED,
    PLATFORM,
    PROBED,
    UNKNOWN,
    Bag,
    Class,
    Element,
    Frame,
    Function,
    Instance,
    Items,
    Known,
    Mapping,
    Method,
    Values,
    elements,
    flags_of,
    joined,
    of,
    text,
    union,
)

_COMPARISONS: dict[type, str] = {
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.In: "in",
    cst.NotIn: "not in",
    cst.Is: "is",
    cst.IsNot: "is not",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
}
_PLAIN_NAMES: dict[str, Any] = {"True": True, "False": False, "None": None}
#: A module may also set ``TYPE_CHECKING`` to false itself; type checkers know the name.
_DECISIVE_NAMES = frozenset({*_PLAIN_NAMES, "TYPE_CHECKING"})
#: Steps for one question: what an expression is worth, and what a test is while the file is
#: still walked, when that must not take longer than the walk.
_MAX_STEPS = 20_000
_TEST_STEPS = 300
#: Steps for all questions of a file.
_ALL_STEPS = 150_000


class Evaluator(Calls):
    """The values of a module's expressions."""

    def __init__(self, module: cst.Module, mentions: Mentions | None = None) -> None:
        self.mentions = mentions
        self.flow = Flow(module, self.guard, self.is_one_of)
        self._memo: dict[tuple[cst.CSTNode, Frame | None], Values] = {}
        self._bound_memo: dict[tuple[Binding, Frame | None], Values] = {}
        self._assumed: dict[Binding, Values] = {}
        self._busy: set[Any] = set()
        self._steps = self._limit = 0
        self._allowed = _TEST_STEPS
        self._frames = {}
        self._call_index = CallIndex(self.flow)
        self.flow.run()
        # What was asked while the pass ran could not see later bindings.
        self._memo.clear()
        self._bound_memo.clear()
        self._frames.clear()
        self._steps = 0
        self._allowed = _MAX_STEPS

    def values(self, node: cst.BaseExpression, frame: Frame | None = None) -> Values:
        """Return what an expression may be."""
        key = (node, frame)
        found = self._memo.get(key)
        if found is not None:
            return found
        if not self._busy:
            self._limit = min(self._steps + self._allowed, _ALL_STEPS)
        self._steps += 1
        if key in self._busy or self._steps > self._limit:
            return UNKNOWN
        if self._steps % 256 == 0:
            self.flow.check_time()
        handler = _HANDLERS.get(type(node))
        if handler is None:
            return UNKNOWN
        self._busy.add(key)
        try:
            result: Values = handler(self, node, frame)
        finally:
            self._busy.discard(key)
        if self._steps <= self._limit:  # else another question may get further
            self._memo[key] = result
        return result

    # Tests

    def qualified(self, node: cst.BaseExpression) -> str:
        """Return the qualified name of what an expression is, empty if it is not one thing."""
        values = self.values(node)
        if len(values.options) == 1 and isinstance(values.options[0], Known):
            return values.options[0].name
        return ""

    def is_one_of(self, node: cst.BaseExpression, names: frozenset[str]) -> bool:
        """Tell whether an expression is something of one of these qualified names."""
        words = frozenset(name.rpartition(".")[2] for name in names)
        return self.mentioned(node, words) and self.qualified(node) in names

    def mentioned(self, node: cst.CSTNode, words: frozenset[str]) -> bool:
        """Tell whether something in ``node`` may hold what one of the words means."""
        if self.mentions is None:
            return True
        reached = self.mentions.reached(words)
        for part in descendants(node):
            if isinstance(part, cst.Name):
                if part.value in reached:
                    return True
            elif isinstance(part, (cst.SimpleString, cst.FormattedStringText)):
                piece = part.raw_value if isinstance(part, cst.SimpleString) else part.value
                if not words.isdisjoint(words_in(piece)):
                    return True
            elif (
                isinstance(part, cst.Attribute)
                and isinstance(part.value, cst.Name)
                and f"{part.value.value}.{part.attr.value}" in reached
            ):
                return True
        return False

    def guard(self, test: cst.BaseExpression) -> bool | None:
        """Return a test's outcome where only the platform, or a literal, decides it."""
        return self._kleene(test, None, True)

    def truth(self, test: cst.BaseExpression, frame: Frame | None) -> bool | None:
        """Return a test's outcome in one call of the function around it."""
        return self._kleene(test, frame, False)

    def _kleene(self, test: cst.BaseExpression, frame: Frame | None, strict: bool) -> bool | None:
        if isinstance(test, cst.BooleanOperation):
            both = [self._kleene(part, frame, strict) for part in (test.left, test.right)]
            decisive = isinstance(test.operator, cst.Or)
            if decisive in both:
                return decisive
            return None if None in both else not decisive
        if isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not):
            inner = self._kleene(test.expression, frame, strict)
            return None if inner is None else not inner
        literal = isinstance(test, (cst.Integer, cst.SimpleString)) or (
            isinstance(test, cst.Name) and test.value in _DECISIVE_NAMES
        )
        if strict and not literal and not self.mentioned(test, PLATFORM_WORDS):
            return None
        values = self.values(test, frame)
        if not values.complete or not values.options:
            return None
        if strict and not literal and not values.flags & PLATFORM:
            return None
        if not strict and values.flags & (PASSED | PROBED):
            return None
        outcomes = {methods.truth_of(option) for option in values.options}
        return outcomes.pop() if len(outcomes) == 1 else None

    def holds(self, conditions: Conditions, frame: Frame | None) -> bool:
        """Tell whether something under these conditions can happen in a call."""
        return frame is None or all(
            self.truth(test, frame) in (None, outcome) for test, outcome in conditions
        )

    # Names

    def _name(self, node: cst.Name, frame: Frame | None) -> Values:
        if node.value in _PLAIN_NAMES:
            return of(_PLAIN_NAMES[node.value])
        bindings = self.flow.uses.get(node)
        if bindings is None:
            scope = self.flow.free.get(node)
            bindings = scope.lookup(node.value) if scope is not None else frozenset()
            if not bindings:
                return known.constant(node.value) if hasattr(builtins, node.value) else UNKNOWN
        for binding in bindings:  # what ``nonlocal`` and ``global`` elsewhere bind to it
            external = binding.scope.external.get(node.value)
            if external:
                bindings = bindings | frozenset(external)
        ordered = sorted(bindings, key=lambda binding: binding.serial)
        return union(self.bound(binding, frame) for binding in ordered)

    def bound(self, binding: Binding, frame: Frame | None = None) -> Values:
        """Return what a binding gives its name."""
        while frame is not None and frame.scope is not binding.scope:
            frame = frame.parent
        assumed = self._assumed.get(binding)
        if assumed is not None:
            return assumed
        key = (binding, frame)
        found = self._bound_memo.get(key)
        if found is not None:
            return found
        if key in self._busy:
            return UNKNOWN
        self._busy.add(key)
        try:
            result = self._bound(binding, frame)
        finally:
            self._busy.discard(key)
        self._bound_memo[key] = result
        return result

    def _bound(self, binding: Binding, frame: Frame | None) -> Values:
        if not self.holds(binding.conditions, frame):
            return Values()
        how = binding.how
        if how is How.IMPORTED:
            return known.constant(binding.qualified)
        if how is How.FUNCTION:
            scope = self.flow.scopes.get(binding.node)
            return of(Function(scope, frame)) if scope is not None else UNKNOWN
        if how is How.CLASS:
            return of(Class(self.flow.scopes[binding.node]))
        if how is How.PARAMETER:
            return self.parameter(binding, frame)
        if how is How.AUGMENTED and binding.value is not None:
            before = union(self.bound(one, frame) for one in binding.before)
            assert isinstance(binding.node, cst.AugAssign)
            operator = type(binding.node.operator).__name__.removesuffix("Assign")
            return self._operated(operator, before, self.values(binding.value, frame))
        if how is How.MUTATED:
            return self._mutated(binding, frame)
        if binding.value is None:
            return UNKNOWN
        values = self.values(binding.value, frame)
        if how is How.ELEMENT:
            several = len(values.options) != 1 or any(
                not isinstance(one, Items) or len(one.elements) != 1 for one in values.options
            )
            values = self.iterated(values)
            values = values.flagged(PROBED) if several else values
        elif how is How.ENTERED:
            values = self.entered(values)
        return self.unpacked(values, binding)

    @contextmanager
    def assuming(self, given: dict[Binding, Values]) -> Iterator[None]:
        """Evaluate as in one round of a loop, in which bindings give these values."""
        saved = self._memo, self._bound_memo, self._assumed
        self._memo, self._bound_memo, self._assumed = {}, {}, {**self._assumed, **given}
        try:
            yield
        finally:
            self._memo, self._bound_memo, self._assumed = saved

    def unpacked(self, values: Values, binding: Binding) -> Values:
        """Return the part of a value that a binding takes from it."""
        for step in binding.path:
            values = self._unpacked(values, step)
        return values

    def iterated(self, values: Values) -> Values:
        """Return what a loop over values may meet."""
        inner = union(self.iteration(option) for option in values.options)
        return Values(inner.options, inner.complete and values.complete, inner.flags | values.flags)

    def iteration(self, option: Any) -> Values:
        """Return what a loop over one alternative may meet."""
        return elements(option)

    def _unpacked(self, values: Values, step: int | tuple[int, int]) -> Values:
        found = []
        for option in values.options:
            if isinstance(step, tuple):
                stop = -step[1] if step[1] else None
                found.append(methods.slice_of(option, step[0], stop, None))
            else:
                found.append(methods.item_of(option, step))
        result = union(found)
        return Values(
            result.options, result.complete and values.complete, values.flags | result.flags
        )

    def _mutated(self, binding: Binding, frame: Frame | None) -> Values:
        before = union(self.bound(one, frame) for one in binding.before)
        node = binding.node
        found: list[Values] = [Values((), before.complete, before.flags)]
        found += [self._grown(one, node, binding.value, frame) for one in before.options]
        return union(found)

    def _grown(
        self, option: Any, node: cst.CSTNode, value: cst.BaseExpression | None, frame: Frame | None
    ) -> Values:
        """Return a collection after one mutation."""
        if isinstance(node, cst.Subscript) and isinstance(option, Mapping) and value is not None:
            keys = self._index(node, frame)
            added = tuple((k, Element(value, self.values(value, frame))) for k in keys.options)
            kept = tuple(e for e in option.entries if e[0] not in keys.options)
            return of(Mapping(kept + added, option.open or not keys.complete))
        if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
            return of(Bag(UNKNOWN)) if isinstance(option, (Items, Bag)) else of(option)
        name = node.func.attr.value
        if not node.args:
            return of(option)
        last = node.args[-1].value
        values = self.values(last, frame)
        if isinstance(option, Mapping) and name == "setdefault" and len(node.args) == 2:
            keys = self.values(node.args[0].value, frame)
            default = tuple((k, Element(last, values)) for k in keys.options)
            return methods.merged(of(Mapping(default, not keys.complete)), of(option))
        if isinstance(option, Mapping) and name == "update":
            given = self.arguments(node, frame)
            keywords = of(Mapping(tuple((k, Element(None, v)) for k, v in given.keywords)))
            return methods.merged(methods.merged(of(option), given.get(0) or keywords), keywords)
        if isinstance(option, Bag) or (isinstance(option, Items) and len(option.elements) > 200):
            new = self.iterated(values) if name in ("extend", "update") else values
            return of(Bag(union([elements(option), new])))
        if not isinstance(option, Items):
            return of(option)
        if name in ("append", "add", "appendleft", "insert"):
            return of(Items((*option.elements, Element(last, values))))
        if name in ("extend", "update"):
            return self._operated("Add", of(option), values)
        return of(option)

    # Literals and operators

    def _string(self, node: cst.SimpleString, _: Frame | None) -> Values:
        value = node.evaluated_value
        if isinstance(value, bytes):
            value = value.decode("latin-1")
        return of(value.replace(HOLE, "\1")) if len(value) <= 4096 else HOLE_VALUES

    def _integer(self, node: cst.Integer, _: Frame | None) -> Values:
        return of(node.evaluated_value) if len(node.value) < 20 else UNKNOWN

    def _concatenated(self, node: cst.ConcatenatedString, frame: Frame | None) -> Values:
        parts: list[Values] = []
        current: cst.BaseExpression = node
        while isinstance(current, cst.ConcatenatedString):
            parts.append(self.values(current.left, frame))
            current = current.right
        return joined([*parts, self.values(current, frame)])

    def _formatted(self, node: cst.FormattedString, frame: Frame | None) -> Values:
        parts: list[Values] = []
        for part in node.parts:
            if isinstance(part, cst.FormattedStringText):
                parts.append(of(part.value.replace("{{", "{").replace("}}", "}")))
            elif isinstance(part, cst.FormattedStringExpression):
                value = self.values(part.expression, frame)
                if part.equal is not None or part.conversion in ("r", "a"):
                    value = HOLE_VALUES
                if part.format_spec:
                    spec = part.format_spec[0]
                    if len(part.format_spec) == 1 and isinstance(spec, cst.FormattedStringText):
                        value = methods.padded(value, spec.value)
                    else:
                        value = HOLE_VALUES
                parts.append(value)
        return joined(parts)

    def _sequence(self, node: cst.List | cst.Tuple | cst.Set, frame: Frame | None) -> Values:
        found: list[Element] = []
        for element in node.elements:
            values = self.values(element.value, frame)
            if isinstance(element, cst.StarredElement):
                if len(values.options) == 1 and isinstance(values.options[0], Items):
                    found += values.options[0].elements
                else:
                    inner = [one.values for one in found] + [self.iterated(values)]
                    return of(Bag(union(inner)))
            else:
                found.append(Element(element.value, values))
        return of(Items(tuple(found)), flags=flags_of(one.values for one in found) & ~PROBED)

    def _dict(self, node: cst.Dict, frame: Frame | None) -> Values:
        entries: list[tuple[Any, Element]] = []
        is_open = False
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                keys = self.values(element.key, frame)
                is_open = is_open or not keys.complete
                value = Element(element.value, self.values(element.value, frame))
                entries += [(key, value) for key in keys.options]
            else:
                for option in self.values(element.value, frame).options:
                    if isinstance(option, Mapping):
                        entries += option.entries
                    else:
                        is_open = True
        return of(Mapping(tuple(entries), is_open))

    def _comprehension(
        self, node: cst.ListComp | cst.SetComp | cst.GeneratorExp, frame: Frame | None
    ) -> Values:
        return rounds.collected(self, node, frame)

    def _dict_comprehension(self, node: cst.DictComp, frame: Frame | None) -> Values:
        known_rounds = rounds.comprehended(self, node, [node.key, node.value], frame)
        if known_rounds is not None:
            entries = [
                (k, Element(node.value, v)) for keys, v in known_rounds[0] for k in keys.options
            ]
            return of(Mapping(tuple(entries), not known_rounds[1]))
        value = Element(node.value, self.values(node.value, frame))
        return of(Mapping(tuple((k, value) for k in self.values(node.key, frame).options), True))

    def _operation(self, node: cst.BinaryOperation, frame: Frame | None) -> Values:
        return self._operated(
            type(node.operator).__name__,
            self.values(node.left, frame),
            self.values(node.right, frame),
        )

    def _operated(self, operator: str, left: Values, right: Values) -> Values:
        flags = left.flags | right.flags
        if operator == "Modulo":
            return union(
                methods.percent(option, right) if isinstance(option, str) else UNKNOWN
                for option in left.options
            ).flagged(flags)
        if operator == "Divide":
            return known.joined_path((left, right))
        if operator == "BitOr":
            if any(isinstance(option, Mapping) for option in left.options):
                return methods.merged(left, right).flagged(flags)
            named = [text(o.name) for o in (*left.options, *right.options) if isinstance(o, Known)]
            return of(Known("|".join(named)), flags=flags) if named else UNKNOWN
        if operator != "Add":
            return UNKNOWN
        if any(isinstance(option, (Items, Bag)) for option in left.options + right.options):
            found = []
            for one in left.options or (Bag(UNKNOWN),):
                for other in right.options or (Bag(UNKNOWN),):
                    if isinstance(one, Items) and isinstance(other, Items):
                        found.append(of(Items(one.elements + other.elements)))
                    else:
                        found.append(of(Bag(union([elements(one), elements(other)]))))
            return union(found).flagged(flags)
        if all(type(option) is int for option in left.options + right.options):
            sums = [a + b for a in left.options for b in right.options]
            return Values(of(*sums).options, left.complete and right.complete, flags)
        return joined([left, right])

    def _boolean(self, node: cst.BooleanOperation, frame: Frame | None) -> Values:
        left, right = self.values(node.left, frame), self.values(node.right, frame)
        stops = isinstance(node.operator, cst.Or)
        kept = [option for option in left.options if methods.truth_of(option) is not (not stops)]
        first = Values(tuple(kept), left.complete, left.flags)
        goes_on = not left.complete or any(
            methods.truth_of(option) is not stops for option in left.options
        )
        return union([first, right]) if goes_on else first

    def _not(self, node: cst.UnaryOperation, frame: Frame | None) -> Values:
        values = self.values(node.expression, frame)
        if isinstance(node.operator, cst.Not):
            outcome = self._kleene(node.expression, frame, False)
            return of(not outcome, flags=values.flags) if outcome is not None else UNKNOWN
        if isinstance(node.operator, cst.Minus):
            return of(*(-one for one in values.options if type(one) is int))
        return UNKNOWN

    def _conditional(self, node: cst.IfExp, frame: Frame | None) -> Values:
        outcome = self.guard(node.test)
        if outcome is None and frame is not None:
            outcome = self.truth(node.test, frame)
        branches = [(node.body, True), (node.orelse, False)]
        test = self.values(node.test, frame)
        return union(
            self.values(branch, frame) for branch, side in branches if outcome in (None, side)
        ).flagged(test.flags & PASSED)

    def _comparison(self, node: cst.Comparison, frame: Frame | None) -> Values:
        if len(node.comparisons) != 1:
            return UNKNOWN
        target = node.comparisons[0]
        operator = _COMPARISONS.get(type(target.operator), "")
        right = self.values(target.comparator, frame)
        left = self.values(node.left, frame)
        environment = right.options == (Known("os.environ"),)
        if operator in ("in", "not in") and environment and len(left.options) == 1:
            from no_libpython_dlopen.platforms import FOREIGN_ENVIRONMENT

            if text(left.options[0]).startswith(FOREIGN_ENVIRONMENT):
                return of(operator == "not in", flags=PLATFORM)
            return UNKNOWN
        return methods.compared(operator, left, right)

    def _named(self, node: cst.NamedExpr, frame: Frame | None) -> Values:
        return self.values(node.value, frame)

    def _await(self, node: cst.Await, frame: Frame | None) -> Values:
        return self.values(node.expression, frame)

    def _lambda(self, node: cst.Lambda, frame: Frame | None) -> Values:
        scope = self.flow.scopes.get(node)
        return of(Function(scope, frame)) if scope is not None else UNKNOWN

    # Subscripts

    def _index(self, node: cst.Subscript, frame: Frame | None) -> Values:
        part = node.slice[0].slice
        if len(node.slice) == 1 and isinstance(part, cst.Index):
            return self.values(part.value, frame)
        return UNKNOWN

    def _subscript(self, node: cst.Subscript, frame: Frame | None) -> Values:
        owner = self.values(node.value, frame)
        part = node.slice[0].slice
        if len(node.slice) == 1 and isinstance(part, cst.Slice):
            bounds = [self._bound_of(one, frame) for one in (part.lower, part.upper, part.step)]
            if HOLE in bounds:
                return UNKNOWN
            found = [methods.slice_of(one, *bounds) for one in owner.options]
            result = union(found)
        else:
            keys = self._index(node, frame)
            result = self._looked_up(owner, keys)
        return Values(
            result.options, result.complete and owner.complete, result.flags | owner.flags
        )

    def _bound_of(self, node: cst.BaseExpression | None, frame: Frame | None) -> Any:
        if node is None:
            return None
        values = self.values(node, frame)
        whole = values.complete and len(values.options) == 1
        return values.options[0] if whole and type(values.options[0]) is int else HOLE

    def _looked_up(self, owner: Values, keys: Values) -> Values:
        found: list[Values] = []
        for option in owner.options:
            if isinstance(option, Known):
                found += [self._known_item(option.name, key) for key in keys.options or (HOLE,)]
            elif isinstance(option, (Items, Bag, Mapping)) and not keys.complete:
                everything = (
                    union(element.values for _, element in option.entries)
                    if isinstance(option, Mapping)
                    else elements(option)
                )
                found += [everything.flagged(PROBED), UNKNOWN]
            else:
                found += [methods.item_of(option, key) for key in keys.options]
        return union(found).flagged(keys.flags) if found else UNKNOWN

    @staticmethod
    def _known_item(name: str, key: Any) -> Values:
        if name == "sysconfig.get_config_vars()":
            return known.config_var(text(key))
        if name == "sys.modules" and isinstance(key, str) and HOLE not in key:
            return of(Known(key))
        if name in ("ctypes.cdll", "ctypes.pydll"):
            return of(Known(f"{name}[]"))
        return UNKNOWN if name == "os.environ" else of(Known(f"{name}[]"))

    def _attribute(self, node: cst.Attribute, frame: Frame | None) -> Values:
        owner = self.values(node.value, frame)
        found = [self.attribute(option, node.attr.value) for option in owner.options]
        result = union(found) if found else UNKNOWN
        return Values(
            result.options, result.complete and owner.complete, result.flags | owner.flags
        )

    def stored(self, cls: Class, name: str, frame: Frame | None) -> list[Values]:
        """Return what assignments to ``self.name`` and ``Class.name`` give."""
        found = []
        for base, binding in self.flow.stores.get(name, ()):
            owners = self.values(base).options
            if any(o == cls or (isinstance(o, Instance) and o.cls == cls) for o in owners):
                found.append(self.bound(binding, frame))
        return found

    def method(self, owner: Any, name: str, scope: Scope) -> Values:
        """Return a function of a class, bound to its owner."""
        return of(Method(owner, name, Function(scope)))


_HANDLERS: dict[type, Any] = {
    cst.Name: Evaluator._name,
    cst.SimpleString: Evaluator._string,
    cst.Integer: Evaluator._integer,
    cst.ConcatenatedString: Evaluator._concatenated,
    cst.FormattedString: Evaluator._formatted,
    cst.List: Evaluator._sequence,
    cst.Tuple: Evaluator._sequence,
    cst.Set: Evaluator._sequence,
    cst.Dict: Evaluator._dict,
    cst.ListComp: Evaluator._comprehension,
    cst.SetComp: Evaluator._comprehension,
    cst.GeneratorExp: Evaluator._comprehension,
    cst.DictComp: Evaluator._dict_comprehension,
    cst.BinaryOperation: Evaluator._operation,
    cst.BooleanOperation: Evaluator._boolean,
    cst.UnaryOperation: Evaluator._not,
    cst.IfExp: Evaluator._conditional,
    cst.Comparison: Evaluator._comparison,
    cst.NamedExpr: Evaluator._named,
    cst.Await: Evaluator._await,
    cst.Lambda: Evaluator._lambda,
    cst.Subscript: Evaluator._subscript,
    cst.Attribute: Evaluator._attribute,
    cst.Call: Evaluator.called,
}
