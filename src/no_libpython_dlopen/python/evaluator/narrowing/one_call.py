"""What the tests on the way to a use imply in one call of the function around it."""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import BindingKind, Conditions
from no_libpython_dlopen.python.evaluator.abstract_values import (
    Bag,
    Class,
    Context,
    Function,
    Instance,
    Items,
    Mapping,
    Partial,
    is_output,
)
from no_libpython_dlopen.python.evaluator.known_values import Assumed
from no_libpython_dlopen.python.evaluator.narrowing.picked_names import implied_texts
from no_libpython_dlopen.python.evaluator.protocol import Evaluator


def texts_in_call(evaluator: Evaluator, conditions: Conditions, context: Context) -> Assumed:
    """Return the values of names that are known from the conditions in one call of a function."""
    with evaluator.assume(_given_texts(evaluator, context)):
        return implied_texts(evaluator, conditions)


def _given_texts(evaluator: Evaluator, context: Context) -> Assumed:
    """Return the values of the parameters of a call that may hold texts.

    Of the others no test can prove a text, since this call is one of all calls.
    """
    found: Assumed = {}
    while context is not None:
        node = context.scope.node
        params = node.params if isinstance(node, (cst.FunctionDef, cst.Lambda)) else None
        for one in (
            (*params.posonly_params, *params.params, *params.kwonly_params) if params else ()
        ):
            bound = evaluator.dataflow.binding_at(one, one.name.value, BindingKind.PARAMETER)
            value = context.parameters.get(one.name.value)
            if (
                bound is not None
                and value is not None
                and any(map(_may_hold_text, value.alternatives))
                and not any(map(_is_object, value.alternatives))
            ):
                found.setdefault(bound, value)
        context = context.parent
    return found


def _may_hold_text(option: Any) -> bool:
    return isinstance(option, (str, Items, Bag, Mapping, Partial)) or is_output(option)


def _is_object(option: Any) -> bool:
    return isinstance(option, (Instance, Class, Function))
