"""What the modules for one kind of expression see of the interpreter that calls them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

import libcst as cst

from no_libpython_dlopen.knowledge.platforms import System
from no_libpython_dlopen.python.dataflow.bindings import Binding, Conditions
from no_libpython_dlopen.python.dataflow.call_graph import CallGraph
from no_libpython_dlopen.python.dataflow.imported_names import ImportedNames
from no_libpython_dlopen.python.dataflow.reaching_definitions import ReachingDefinitions
from no_libpython_dlopen.python.evaluator.abstract_values import (
    AbstractValue,
    Arguments,
    CallContext,
    Context,
)
from no_libpython_dlopen.python.evaluator.known_values import Assumed, KnownValues
from no_libpython_dlopen.python.evaluator.other_modules import Place


class Imports(ImportedNames, Protocol):
    """What the imports of a file give, as far as they are modules of its project."""

    def value(self, qualified: str) -> AbstractValue | None:
        """Return the value of an imported name; ``None`` if the project does not define it."""

    @property
    def steps_left(self) -> int | None:
        """How many steps the test in question may take; ``None`` while no file is walked."""

    def test(self) -> AbstractContextManager[None]:
        """Note that the outcome of a test is asked for, which may take steps of its own."""

    def walk(self) -> AbstractContextManager[None]:
        """Note that a file is being walked, where values are asked for tests alone."""

    def fixture(self, name: str) -> AbstractValue | None:
        """Return the value of a fixture of a ``conftest.py``; ``None`` if none has it."""

    def may_tell_platform(self, qualified: str, words: frozenset[str]) -> bool:
        """Return whether an imported name, or what ``words`` take of it, may tell the platform."""

    def may_have_property(self, name: str) -> bool:
        """Return whether an object of a module that the file leads to may have a property."""

    def may_have_method(self, name: str) -> bool:
        """Return whether a method may be the project's: not if Python's types alone have the name."""

    def any_may_tell_platform(self) -> bool:
        """Return whether a module that was asked for may tell the platform."""

    def other_systems(self) -> frozenset[System]:
        """Return which systems besides Linux and macOS the modules that were asked for name."""

    def on(self, system: System) -> Imports:
        """Return the same imports on one system."""

    def is_own(self, name: str) -> bool:
        """Return whether a module's name is that of the file itself."""

    def place(self, qualified: str) -> Place | None:
        """Return the place where an imported name is given its value."""


class Evaluator(Protocol):
    """The abstract values of a module's expressions."""

    dataflow: ReachingDefinitions
    call_graph: CallGraph
    known: KnownValues
    #: What other modules of the project give; ``None`` for a text without a path.
    imports: Imports | None
    #: Whether a limit of steps cut off what was asked for the test that is being decided.
    is_cut: bool
    #: How many methods that Python itself calls are being evaluated, one in another.
    nested_methods: int
    #: How many exclusions of values by tests are being computed, one inside another.
    nested_exclusions: int
    choices_tried: int
    #: What a parser of a command line or a scope of fixtures has, by the names of that.
    indexes: dict[Any, dict[str, list[Any]]]
    #: What is known on each system that a test was asked of by itself, and the one of now.
    known_on: dict[System, KnownValues]
    system: System | None
    #: Whether a word of the file may tell the platform.
    mentions_platform: bool

    def on(self, system: System) -> Evaluator:
        """Return the evaluator of the module as it runs on one system."""

    def evaluate(self, node: cst.BaseExpression, context: Context = None) -> AbstractValue:
        """Return the abstract value of an expression."""

    def call(self, callees: AbstractValue, given: Arguments, context: Context) -> AbstractValue:
        """Return the value of calling any of several."""

    def intern(self, context: CallContext) -> CallContext:
        """Return the one context of calls alike, so that what it evaluates is evaluated once."""

    def binding_value(self, binding: Binding, context: Context = None) -> AbstractValue:
        """Return the abstract value of a binding."""

    def module_value(self, qualified: str) -> AbstractValue:
        """Return the value of an import: a module of the project's, or something from outside."""

    def assume(self, given: Assumed) -> AbstractContextManager[None]:
        """Evaluate as where bindings and access paths have these values, as in one iteration."""

    def platform_outcome(self, test: cst.BaseExpression) -> bool | None:
        """Return a test's outcome where only the platform, or a literal, decides it."""

    def decided_outcome(self, test: cst.BaseExpression) -> bool | None:
        """Return a test's outcome on each Unix, or on the system that is asked for."""

    def may_tell_platform(self, test: cst.BaseExpression) -> bool:
        """Return whether the platform may decide a test, perhaps by a name of another module."""

    def outcome(self, test: cst.BaseExpression, context: Context) -> bool | None:
        """Return a test's outcome in one call of the function around it."""

    def may_hold(self, conditions: Conditions, context: Context) -> bool:
        """Return whether something under these conditions can happen in a call."""

    def qualified_name(self, node: cst.BaseExpression) -> str:
        """Return the qualified name of what an expression is, empty if it is not one thing."""

    def is_one_of(self, node: cst.BaseExpression, names: frozenset[str]) -> bool:
        """Return whether an expression is something of one of these qualified names."""

    def may_mean(self, node: cst.CSTNode, words: frozenset[str]) -> bool:
        """Return whether something in ``node`` may hold what one of the words means."""
