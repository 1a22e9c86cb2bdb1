"""What the modules for one kind of expression see of the interpreter that calls them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Protocol

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding, Conditions
from no_libpython_dlopen.python.dataflow.call_graph import CallIndex
from no_libpython_dlopen.python.dataflow.reaching_definitions import Flow
from no_libpython_dlopen.python.evaluator.abstract_values import Frame, Values


class Evaluator(Protocol):
    """The abstract values of a module's expressions."""

    flow: Flow
    call_index: CallIndex
    #: The one frame for each group of calls alike.
    frames: dict[Any, Frame]

    def values(self, node: cst.BaseExpression, frame: Frame | None = None) -> Values:
        """Return what an expression may be."""

    def bound(self, binding: Binding, frame: Frame | None = None) -> Values:
        """Return what a binding gives its name."""

    def assuming(self, given: dict[Binding, Values]) -> AbstractContextManager[None]:
        """Evaluate as in one round of a loop, in which bindings give these values."""

    def guard(self, test: cst.BaseExpression) -> bool | None:
        """Return a test's outcome where only the platform, or a literal, decides it."""

    def truth(self, test: cst.BaseExpression, frame: Frame | None) -> bool | None:
        """Return a test's outcome in one call of the function around it."""

    def holds(self, conditions: Conditions, frame: Frame | None) -> bool:
        """Tell whether something under these conditions can happen in a call."""

    def qualified(self, node: cst.BaseExpression) -> str:
        """Return the qualified name of what an expression is, empty if it is not one thing."""

    def mentioned(self, node: cst.CSTNode, words: frozenset[str]) -> bool:
        """Tell whether something in ``node`` may hold what one of the words means."""
