"""What makes extension modules when it is called: classes, and helpers of other modules.

A helper's call is evaluated with each argument alone that may name libpython, and with none. A list
that names libpython only with the argument has it from there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

import libcst as cst

from no_libpython_dlopen.buildsystems.python_syntax.sinks import EXTENSION, POSITIONS, ROLES
from no_libpython_dlopen.python.dataflow.bindings import Scope
from no_libpython_dlopen.python.evaluator.abstract_values import (
    UNKNOWN,
    Arguments,
    Class,
    External,
    iterate,
    texts,
)
from no_libpython_dlopen.python.evaluator.call_contexts import evaluate_arguments
from no_libpython_dlopen.python.evaluator.classes import bases_of
from no_libpython_dlopen.python.evaluator.other_modules import ImportedObject, common_arguments
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.helper_loads import calls_made, may_name_libpython
from no_libpython_dlopen.python.syntax.parse import last_word

#: What ends in ``Extension`` and builds no module with a linker.
_NO_EXTENSION = re.compile(r"(?:^|\.)(?:Rust|CMake|Meson|Jinja)Extension$")


def is_extension(evaluator: Evaluator, callee: object) -> bool:
    """Return whether a value is a class of extension modules, or one of them."""
    if isinstance(callee, External):
        name = callee.name.removesuffix("()").removesuffix(".__init__")
        return bool(EXTENSION.search(name)) and not _NO_EXTENSION.search(name)
    if isinstance(callee, Class):
        bases = bases_of(evaluator, callee)
        return any(isinstance(one, External) and is_extension(evaluator, one) for one in bases)
    return False


def has_own_init(evaluator: Evaluator, callee: object) -> bool:
    """Return whether a class of the file, or a base of it there, defines ``__init__``."""
    return isinstance(callee, Class) and any(
        isinstance(one, Class) and "__init__" in one.scope.bindings
        for one in (callee, *bases_of(evaluator, callee))
    )


def class_around(scope: Scope | None) -> Class | None:
    """Return the class that a scope is, or is a method of."""
    while scope is not None and not scope.is_class:
        scope = scope.parent
    return Class(scope) if scope is not None else None


def is_super_init(node: cst.Call) -> bool:
    """Return whether a call is ``super().__init__(...)``, in either spelling."""
    func = node.func
    owner = func.value if isinstance(func, cst.Attribute) else None
    return last_word(func) == "__init__" and (
        isinstance(owner, cst.Call) and last_word(owner.func) == "super"
    )


def arguments_with_libpython(
    evaluator: Evaluator, node: cst.Call
) -> Iterator[tuple[cst.Arg, Arguments]]:
    """Yield each argument of a call that may name libpython, with arguments of which only it is known."""
    for index, argument in enumerate(node.args):
        alone = evaluate_arguments(evaluator, cst.Call(node.func, [argument]))
        for value in alone.positional[:1] if not argument.star else ():
            if may_name_libpython(value):
                yield argument, Arguments((*[UNKNOWN] * index, value), (), False)
        for name, value in alone.keywords:
            if may_name_libpython(value):
                yield argument, Arguments((), ((name, value),), False)
        if argument.star == "*":  # the positions behind it are not known
            return


def lists_linked_by_helpers(helpers: Iterable[ImportedObject], given: Arguments) -> set[str]:
    """Return the lists of extensions that helpers put libpython into because of an argument."""
    found: set[str] = set()
    for one in helpers:
        found |= _lists_linked_by(one, given) - _lists_linked_by(one, Arguments((), (), False))
    return found


def _lists_linked_by(helper: ImportedObject, given: Arguments) -> set[str]:
    """Return the lists of extensions that a call of a helper puts libpython into."""
    question = partial(_lists_with_libpython, helper.option, common_arguments(given))
    return helper.module.answer(question) or set()


def _lists_with_libpython(option: Any, given: Arguments, evaluator: Evaluator) -> set[str]:
    """Return the lists that a call of an object puts libpython into, by the evaluator of its module."""
    if is_extension(evaluator, option) and not has_own_init(evaluator, option):
        return _lists_of(given)
    found: set[str] = set()
    for node, context in calls_made(evaluator, option, given):
        callees = evaluator.evaluate(node.func, context).alternatives
        helpers = [one for one in callees if isinstance(one, ImportedObject)]
        if helpers or _makes_extension(evaluator, node, callees):
            passed = evaluate_arguments(evaluator, node, context)
            found |= set().union(*(_lists_linked_by(one, passed) for one in helpers))
            found |= set() if helpers else _lists_of(passed)
    return found


def _makes_extension(evaluator: Evaluator, node: cst.Call, callees: Iterable[object]) -> bool:
    """Return whether a call makes an extension with its own arguments."""
    if is_super_init(node):
        return is_extension(evaluator, class_around(evaluator.dataflow.live_expressions[node]))
    return any(is_extension(evaluator, one) and not has_own_init(evaluator, one) for one in callees)


def _lists_of(made: Arguments) -> set[str]:
    """Return the lists that name libpython among the arguments of an extension."""
    lists = dict(made.keywords)
    lists |= {
        role: made.positional[at] for at, role in POSITIONS.items() if at < len(made.positional)
    }
    return {
        role
        for role, kind in ROLES.items()
        if role in lists and any(map(kind.names_libpython, texts(iterate(lists[role]))))
    }
