"""Finds what changes the loaders of ctypes, which are objects and classes, in place."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from no_libpython_dlopen.python.evaluator.abstract_values import External
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import last_word
from no_libpython_dlopen.python.syntax.positions import Positions

#: Calls that take an attribute by its name.
_BY_NAME = frozenset({"getattr", "getattr_static", "attrgetter", "methodcaller"})
_OWN = frozenset({"self", "cls"})
#: The modules that define the loaders, and a library whose attributes are not theirs.
_MODULES = ("ctypes", "_ctypes")
_LIBRARY = "ctypes.pythonapi"


def changed_loaders(evaluator: Evaluator, positions: Positions) -> Iterator[str]:
    """Yield the attributes by which a file changes a loader.

    These are private attributes of the module, of a loader or of its class, such as
    ``ctypes.pydll.__class__``, and the ``__init__`` of an object that exists, which sets the class
    that loads.
    """
    for name, stores in evaluator.dataflow.attribute_stores.items():
        if name.startswith("_"):
            for base, _ in stores:
                is_own = isinstance(base, cst.Name) and base.value in _OWN
                yield from () if is_own else _names(evaluator, base, name)
    for change in positions.nodes(cst.AugAssign):
        if isinstance(change.target, cst.Attribute):
            yield from _names(evaluator, change.target.value, change.target.attr.value)
    for attribute in positions.nodes(cst.Attribute):
        if attribute.attr.value == "__init__" and not _is_of_own_base(positions, attribute):
            called = isinstance(positions.parent(attribute), cst.Call)
            yield from _names(evaluator, attribute.value, "__init__", may_be_unknown=called)
    for call in positions.nodes(cst.Call):
        if last_word(call.func) in _BY_NAME:
            several = (evaluator.evaluate(each.value).alternatives for each in call.args)
            yield from (one for values in several for one in values if one == "__init__")


def _names(
    evaluator: Evaluator, base: cst.BaseExpression, name: str, *, may_be_unknown: bool = False
) -> Iterator[str]:
    """Yield the name of an attribute of each loader that an expression may be.

    ``may_be_unknown`` says that an expression of which nothing is known counts as one.
    """
    found = evaluator.evaluate(base).alternatives
    if not found and may_be_unknown:
        yield name
    for one in found:
        owner = one.name if isinstance(one, External) else ""
        if owner.partition(".")[0] in _MODULES and not owner.startswith(_LIBRARY):
            yield f"{owner}.{name}"


def _is_of_own_base(positions: Positions, attribute: cst.Attribute) -> bool:
    """Return whether a method calls that of a base: ``super().__init__(…)``, ``B.__init__(self)``."""
    if isinstance(attribute.value, cst.Call) and last_word(attribute.value.func) == "super":
        return True
    call = positions.parent(attribute)
    if not isinstance(call, cst.Call) or not call.args or call.func is not attribute:
        return False
    first, outer = call.args[0].value, positions.ancestors(call)
    function = next((one for one in outer if isinstance(one, cst.FunctionDef)), None)
    if function is None or not isinstance(first, cst.Name):
        return False
    parameters = (*function.params.posonly_params, *function.params.params)
    is_method = any(isinstance(one, cst.ClassDef) for one in positions.ancestors(function))
    return is_method and parameters[:1] != () and parameters[0].name.value == first.value
