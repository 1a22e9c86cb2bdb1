"""Evaluates expressions over the domain of ``abstract_values``, never running anything.

Bounded: cycles are unknown, calls nest eight deep, and all evaluation of a file shares
one number of steps; past a bound a value is unknown.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.platforms import System
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import PYTHON_FILE_STEPS, PYTHON_STEPS
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Conditions
from no_libpython_dlopen.python.dataflow.call_graph import CallGraph
from no_libpython_dlopen.python.dataflow.reaching_definitions import ReachingDefinitions
from no_libpython_dlopen.python.evaluator import (
    argument_flow,
    calls,
    classes,
    literals,
    loop_iterations,
    mutations,
    operators,
    subscripts,
)
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    FROM_PLATFORM,
    UNKNOWN,
    AbstractValue,
    Arguments,
    CallContext,
    Class,
    Context,
    External,
    Function,
    Items,
    cut_by,
    iterate,
    one_of,
    texts,
    union,
)
from no_libpython_dlopen.python.evaluator.known_values import Assumed, KnownValues
from no_libpython_dlopen.python.evaluator.models import stdlib
from no_libpython_dlopen.python.evaluator.narrowing import (
    excluded_values,
    outcomes,
    picked_names,
    systems,
)
from no_libpython_dlopen.python.evaluator.narrowing.one_call import texts_in_call
from no_libpython_dlopen.python.evaluator.protocol import Imports
from no_libpython_dlopen.python.mentions import IMPORTED, Mentions
from no_libpython_dlopen.python.syntax.parse import descendants
from no_libpython_dlopen.python.vocabulary import (
    PLATFORM_WORDS,
    PROGRAM_PIECE,
    may_hold_load,
    words_in,
    words_of_part,
)

_CONSTANTS: dict[str, Any] = {"True": True, "False": False, "None": None}
#: Steps for the outcome of a test while the file is still walked, when that must not take longer
#: than the walk. Where it is not known, both branches count.
_TEST_STEPS = 300


class AbstractInterpreter:
    """The abstract values of a module's expressions."""

    def __init__(
        self,
        module: cst.Module,
        mentions: Mentions | None = None,
        imports: Imports | None = None,
        system: System | None = None,
    ) -> None:
        self.mentions = mentions
        self.imports = imports
        self.dataflow = ReachingDefinitions(module, self.platform_outcome, self.is_one_of)
        if imports is not None:
            self.dataflow.imported = imports
        self.known, self.known_on = KnownValues(), dict[System, KnownValues]()
        self.system = system
        self._on = dict[System, AbstractInterpreter]()
        words = mentions.by_word if mentions is not None else PLATFORM_WORDS
        self.mentions_platform = not PLATFORM_WORDS.isdisjoint(words)
        self._bound_names: frozenset[str] | None = None
        self.steps = self._limit = self.nested_methods = 0
        self.nested_exclusions = self.choices_tried = 0
        self._allowed = _TEST_STEPS
        self.is_cut = False
        self._contexts: dict[Any, CallContext] = {}
        self.indexes: dict[Any, dict[str, list[Any]]] = {}
        self.call_graph = CallGraph(self.dataflow)
        with imports.walk() if imports is not None else nullcontext():
            self.dataflow.run()
        self.forget()  # what was asked while the pass ran could not see later bindings
        self.steps = 0
        self._allowed = PYTHON_STEPS

    def on(self, system: System) -> AbstractInterpreter:
        """Return the evaluator of the module as it runs on one system."""
        if system not in self._on:
            imports = self.imports.on(system) if self.imports is not None else None
            module = self.dataflow.module
            self._on[system] = AbstractInterpreter(module, self.mentions, imports, system)
        return self._on[system]

    def evaluate(self, node: cst.BaseExpression, context: Context = None) -> AbstractValue:
        """Return the abstract value of an expression."""
        key = (node, context)
        known = self.known
        found: AbstractValue | None = known.get(key)
        if found is not None:
            return found
        if not known.busy:
            self._limit = self._next_limit()
        self.steps += 1
        if known.is_busy(key):
            return UNKNOWN
        if self.steps > self._limit:
            self.is_cut, known.cuts = True, known.cuts + 1
            is_last = self._limit == PYTHON_FILE_STEPS
            return cut_by(PYTHON_FILE_STEPS if is_last else PYTHON_STEPS)
        if self.steps % 256 == 0:
            analysis.check_time()
        assumed = known.assumed_path(self.dataflow, node) if known.has_paths else None
        if assumed is not None:
            return assumed
        handler = _HANDLERS.get(type(node))
        if handler is None:
            return UNKNOWN
        outer = known.begin(key)
        try:
            result: AbstractValue = handler(self, node, context)
            if self.system is not None:
                result = systems.on_one_system(result, self.system)
        finally:
            known.leave(key, outer)
        # A value past the limit is not kept, since another question may get further.
        known.end(key, result, outer, keep=self.steps <= self._limit)
        return result

    def call(self, callees: AbstractValue, given: Arguments, context: Context) -> AbstractValue:
        """Return the value of calling any of several."""
        return calls.call_any(self, callees, given, context)

    def intern(self, context: CallContext) -> CallContext:
        """Return the one context of calls alike, so that what it evaluates is evaluated once."""
        key = (context.scope, context.parent, tuple(context.parameters.values()))
        return self._contexts.setdefault(key, context)

    def forget(self) -> None:
        """Forget all values, which are asked for anew."""
        self.known.forget()
        self.known_on.clear()
        self._contexts.clear()
        self.indexes.clear()

    def _next_limit(self) -> int:
        """Return the number of steps that the next question may reach, few for a test of a walk."""
        left = self.imports.steps_left if self.imports is not None else None
        allowed = self._allowed if left is None else min(_TEST_STEPS, left)
        return min(self.steps + allowed, PYTHON_FILE_STEPS)

    # Tests

    def qualified_name(self, node: cst.BaseExpression) -> str:
        """Return the qualified name of what an expression is, empty if it is not one thing."""
        only = self.evaluate(node).only
        return only.name if isinstance(only, External) else ""

    def is_one_of(self, node: cst.BaseExpression, names: frozenset[str]) -> bool:
        """Return whether an expression is something of one of these qualified names."""
        words = frozenset(name.rpartition(".")[2] for name in names)
        named = node.attr if isinstance(node, cst.Attribute) else node  # of any owner
        return self.may_mean(named, words) and self.qualified_name(node) in names

    def may_mean(self, node: cst.CSTNode, words: frozenset[str]) -> bool:
        """Return whether something in ``node`` may hold what one of the words means."""
        if self.mentions is None:
            return True
        starred = self.mentions.has_open_names and IMPORTED in words
        programs = PROGRAM_PIECE in words
        reached = self.mentions.reachable_names(words)
        no_variable: cst.CSTNode | None = None  # the ``path`` of ``os.path``
        for part in descendants(node):
            if type(part) is cst.Name:  # ``isinstance`` takes long over classes that it is not
                is_starred = starred and self._may_be_starred(part.value)
                if part is not no_variable and (is_starred or part.value in reached):
                    return True
            elif type(part) is cst.Attribute:
                if type(owner := part.value) is cst.Name:
                    whole = f"{owner.value}.{part.attr.value}"
                    if whole in reached:
                        return True
                    no_variable = part.attr if whole == "os.path" else None
            elif isinstance(part, (cst.SimpleString, cst.FormattedStringText)):
                piece = part.raw_value if isinstance(part, cst.SimpleString) else part.value
                if not words.isdisjoint(words_in(piece)):
                    return True
                if self.mentions.asks_by_name and not words.isdisjoint(words_of_part(piece)):
                    return True
                if programs and may_hold_load(piece):
                    return True
            elif programs and isinstance(part, cst.ConcatenatedString):
                return True  # a word may be in several pieces
        return False

    def _may_be_starred(self, name: str) -> bool:
        """Return whether a star import may bind a name, since nothing else does."""
        if self._bound_names is None:
            statements = self.mentions.statements if self.mentions is not None else ()
            self._bound_names = frozenset().union(*(one.binds for one in statements))
        return name not in self._bound_names and not hasattr(builtins, name)

    def platform_outcome(self, test: cst.BaseExpression) -> bool | None:
        """Return a test's outcome where only the platform, or a literal, decides it."""
        return systems.usual_outcome(self, test)

    def decided_outcome(self, test: cst.BaseExpression) -> bool | None:
        """Return a test's outcome on each Unix, or on the system that is asked for."""
        return outcomes.outcome_of(self, test, None, strict=True)

    def outcome(self, test: cst.BaseExpression, context: Context) -> bool | None:
        """Return a test's outcome in one call of the function around it."""
        return outcomes.outcome_of(self, test, context, strict=False)

    def may_tell_platform(self, test: cst.BaseExpression) -> bool:
        """Return whether the platform may decide a test, perhaps by a name of another module."""
        return outcomes.may_tell_platform(self, test)

    def may_hold(self, conditions: Conditions, context: Context) -> bool:
        """Return whether something under these conditions can happen in a call."""
        if self.system is not None and not systems.may_hold(self, conditions):
            return False
        return context is None or all(
            self.outcome(test, context) in (None, outcome) for test, outcome in conditions
        )

    # Names

    def _name(self, node: cst.Name, context: Context) -> AbstractValue:
        if node.value in _CONSTANTS:
            return one_of(_CONSTANTS[node.value])
        bindings = self.dataflow.bindings_of(node)
        if not bindings:
            return stdlib.external(node.value) if hasattr(builtins, node.value) else UNKNOWN
        for binding in bindings:  # what ``nonlocal`` and ``global`` elsewhere bind to it
            external = binding.scope.external_bindings.get(node.value)
            if external:
                bindings = bindings | frozenset(external)
        return self.value_of(bindings, context)

    def value_of(self, bindings: Iterable[Binding], context: Context = None) -> AbstractValue:
        """Return the abstract value of a name that has one of several bindings."""
        ordered = sorted(bindings, key=lambda binding: binding.serial)
        value = union(self.binding_value(binding, context) for binding in ordered)
        flags = self.dataflow.platform_flags
        is_flag = flags and any((one.scope, one.name) in flags for one in ordered)
        is_given = any(one.kind is BindingKind.PARAMETER for one in ordered)
        return value.with_labels(FROM_PLATFORM) if is_flag and not is_given else value

    def binding_value(self, binding: Binding, context: Context = None) -> AbstractValue:
        """Return the abstract value of a binding."""
        while context is not None and context.scope is not binding.scope:
            context = context.parent
        known = self.known
        assumed = known.assumed.get(binding)
        is_given = context is not None and binding.kind is BindingKind.PARAMETER
        if assumed is not None and not is_given:  # what a call gives is no matter of another one
            known.note(binding)
            return assumed
        key = (binding, context)
        found: AbstractValue | None = known.get(key)
        if found is not None:
            return found
        if not known.busy:  # another module asks
            self._limit = self._next_limit()
        if known.is_busy(key):
            return UNKNOWN
        outer = known.begin(key)
        known.note(binding)
        try:
            result = self._bound_value(binding, context)
            if binding.conditions and UNKNOWN_PART in "".join(texts(result)):
                implied = texts_in_call(self, binding.conditions, context)
                if implied and binding not in implied:
                    with self.assume(implied):
                        result = self._bound_value(binding, context)
            is_plain = binding.kind is BindingKind.VALUE and not binding.path
            if binding.conditions and is_plain and binding.value is not None:
                result = excluded_values.possible_values(
                    self, binding.value, binding.conditions, result, context
                )
        finally:
            known.leave(key, outer)
        known.end(key, result, outer)
        return result

    def _bound_value(self, binding: Binding, context: Context) -> AbstractValue:
        if not self.may_hold(binding.conditions, context):
            return AbstractValue()
        kind = binding.kind
        if kind is BindingKind.IMPORTED:
            return self.module_value(binding.qualified)
        if kind is BindingKind.FUNCTION:
            return one_of(Function(self.dataflow.scopes[binding.node], context))
        if kind is BindingKind.CLASS:
            return one_of(Class(self.dataflow.scopes[binding.node]))
        if kind is BindingKind.PARAMETER:
            return argument_flow.parameter_value(self, binding, context)
        if kind is BindingKind.AUGMENTED and binding.value is not None:
            before = union(self.binding_value(one, context) for one in binding.before)
            assert isinstance(binding.node, cst.AugAssign)
            operator = type(binding.node.operator).__name__.removesuffix("Assign")
            return operators.apply_operator(operator, before, self.evaluate(binding.value, context))
        if kind is BindingKind.MUTATED:
            return mutations.mutate(self, binding, context)
        if binding.value is None:
            return UNKNOWN
        values = self.evaluate(binding.value, context)
        if kind is BindingKind.ELEMENT:
            several = len(values.alternatives) != 1 or any(
                not isinstance(one, Items) or len(one.elements) != 1 for one in values.alternatives
            )
            inner = [classes.iteration_values(self, one) for one in values.alternatives]
            found = [one for one in inner if one is not None]
            values = picked_names.picked_items(union(found) if found else iterate(values))
            values = values.with_labels(FROM_CANDIDATES) if several else values
        elif kind is BindingKind.ENTERED:
            values = union(classes.enter_value(self, one) for one in values.alternatives).part_of(
                values
            )
        return subscripts.unpack(values, binding)

    def module_value(self, qualified: str) -> AbstractValue:
        """Return the value of an import: a module of the project's, or something from outside."""
        if self.imports is None:
            return stdlib.external(qualified)
        with analysis.other_file():
            return self.imports.value(qualified) or stdlib.external(qualified)

    def assume(self, given: Assumed) -> AbstractContextManager[None]:
        """Evaluate as where bindings and access paths have these values, as in one iteration."""
        return self.known.assume(given)

    # Expressions that have the value of what is in them, or are a function

    def _named_expression(self, node: cst.NamedExpr, context: Context) -> AbstractValue:
        name = node.target.value if isinstance(node.target, cst.Name) else ""
        binding = self.dataflow.binding_at(node, name, BindingKind.VALUE)
        if binding is not None:
            return self.binding_value(binding, context)
        return self.evaluate(node.value, context)

    def _await(self, node: cst.Await, context: Context) -> AbstractValue:
        return self.evaluate(node.expression, context)

    def _lambda(self, node: cst.Lambda, context: Context) -> AbstractValue:
        scope = self.dataflow.scopes.get(node)
        return one_of(Function(scope, context)) if scope is not None else UNKNOWN


_HANDLERS: dict[type, Any] = {
    cst.Name: AbstractInterpreter._name,
    cst.SimpleString: literals.string,
    cst.Integer: literals.integer,
    cst.ConcatenatedString: literals.concatenated_string,
    cst.FormattedString: literals.formatted_string,
    cst.List: literals.sequence,
    cst.Tuple: literals.sequence,
    cst.Set: literals.sequence,
    cst.Dict: literals.dictionary,
    cst.ListComp: loop_iterations.collection,
    cst.SetComp: loop_iterations.collection,
    cst.GeneratorExp: loop_iterations.collection,
    cst.DictComp: literals.dict_comprehension,
    cst.BinaryOperation: operators.operation,
    cst.BooleanOperation: operators.boolean,
    cst.UnaryOperation: operators.unary,
    cst.IfExp: operators.conditional,
    cst.Comparison: operators.comparison,
    cst.NamedExpr: AbstractInterpreter._named_expression,
    cst.Await: AbstractInterpreter._await,
    cst.Lambda: AbstractInterpreter._lambda,
    cst.Subscript: subscripts.subscript,
    cst.Attribute: classes.attribute,
    cst.Call: calls.call,
}
