"""What a call gives: of a function or class of the file, or of what is known elsewhere."""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.evaluator import call_contexts, classes
from no_libpython_dlopen.python.evaluator.abstract_values import (
    PROBED,
    UNKNOWN,
    Arguments,
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
    Partial,
    Values,
    items,
    iterated,
    of,
    texts,
    union,
)
from no_libpython_dlopen.python.evaluator.models import iterables, methods, stdlib
from no_libpython_dlopen.python.evaluator.protocol import Evaluator

_IN_ORDER = frozenset({"list", "tuple", "sorted", "reversed", "set", "frozenset", "iter"})


def called(evaluator: Evaluator, node: cst.Call, frame: Frame | None) -> Values:
    """Return what a call gives."""
    callees = evaluator.values(node.func, frame)
    if not callees.options:
        return UNKNOWN
    arguments = arguments_of(evaluator, node, frame)
    result = union(invoked(evaluator, callee, arguments, frame) for callee in callees.options)
    # Of several functions that are tried none makes its result a candidate; a method of one does.
    is_value = any(isinstance(one, Method) and one.function is None for one in callees.options)
    kept = ~0 if is_value else ~PROBED
    return Values(
        result.options,
        result.complete and callees.complete,
        result.flags | callees.flags & kept,
    )


def arguments_of(evaluator: Evaluator, node: cst.Call, frame: Frame | None = None) -> Arguments:
    """Return the values of a call's arguments."""
    positional: list[Values] = []
    keywords: list[tuple[str, Values]] = []
    complete = True
    for argument in node.args:
        values = evaluator.values(argument.value, frame)
        option = values.options[0] if len(values.options) == 1 else None
        if argument.star == "*":
            if isinstance(option, Items):
                positional += [one.values.flagged(values.flags) for one in option.elements]
            else:
                complete = False
        elif argument.star == "**":
            if isinstance(option, Mapping) and not option.open:
                keywords += [
                    (str(key), one.values.flagged(values.flags)) for key, one in option.entries
                ]
            else:
                complete = False
        elif argument.keyword is not None:
            keywords.append((argument.keyword.value, values))
        else:
            positional.append(values)
    return Arguments(tuple(positional), tuple(keywords), complete)


def invoked(evaluator: Evaluator, callee: Any, arguments: Arguments, frame: Frame | None) -> Values:
    """Return what calling one alternative gives."""
    if isinstance(callee, Known):
        return _well_known(evaluator, callee.name, arguments, frame)
    if isinstance(callee, Partial):
        return invoked(evaluator, callee.callee, arguments.after(callee.arguments), frame)
    if isinstance(callee, Function):
        return call_contexts.run(evaluator, callee, arguments, None, frame)
    if isinstance(callee, Method):
        if callee.function is not None:
            return call_contexts.run(evaluator, callee.function, arguments, callee.owner, frame)
        if isinstance(callee.owner, str):
            found = methods.text_method(callee.owner, callee.name, arguments)
        else:
            found = methods.collection_method(callee.owner, callee.name, arguments)
        return found.flagged(arguments.doubts)
    if isinstance(callee, Class):
        return classes.made(evaluator, callee, arguments, frame)
    if isinstance(callee, Instance):
        found = classes.class_attribute(evaluator, callee.cls, "__call__", callee)
        return union(invoked(evaluator, one, arguments, frame) for one in found.options)
    return UNKNOWN


def _well_known(
    evaluator: Evaluator, name: str, arguments: Arguments, frame: Frame | None
) -> Values:
    first = arguments.get(0)
    if name == "functools.partial" and arguments.positional:
        rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.complete)
        return of(*(Partial(one, rest) for one in arguments.positional[0].options))
    if name in ("importlib.import_module", "__import__") and first is not None:
        modules = [Known(one) if isinstance(one, str) else Known("?") for one in first.options]
        return Values(tuple(modules), first.complete, first.flags)
    if name == "getattr" and len(arguments.positional) >= 2:
        owner, attribute = arguments.positional[:2]
        found = [
            classes.attribute(evaluator, o, a)
            for o in owner.options
            for a in attribute.options
            if isinstance(a, str)
        ]
        return union([*found, *arguments.positional[2:3]]) if found else UNKNOWN
    if name in _IN_ORDER and first is None and arguments.complete:
        return of(items())
    if name in _IN_ORDER and first is not None:
        return iterables.listed(name, arguments, first).flagged(first.flags)
    if name == "next" and first is not None:
        default = arguments.positional[1:2]
        return union([iterated(first).flagged(PROBED), *default])
    if name in ("min", "max", "random.choice") and first is not None:
        several = arguments.positional
        if not arguments.complete:
            return union([*several, UNKNOWN])
        return iterated(first) if len(several) == 1 else union(several)
    if name in ("bool", "any", "all") and first is not None:
        return iterables.truth(name, first)
    if name == "dataclasses.field":
        return arguments.get(10_000, "default") or UNKNOWN
    if name == "range" and first is not None:
        return iterables.counted(arguments.positional)
    if name in ("types.SimpleNamespace", "dict"):
        entries = tuple((k, Element(None, v)) for k, v in arguments.keywords)
        given = of(Mapping(entries, not arguments.complete))
        base = [o for o in first.options if isinstance(o, Mapping)] if first is not None else []
        if arguments.positional:
            whole = methods.merged(of(*base or [Mapping((), open=True)]), given)
            return whole.flagged(arguments.doubts)
        return given
    if name == "map" and len(arguments.positional) >= 2:
        return _mapped(evaluator, arguments, frame)
    result = iterables.combined(name, arguments.positional) or stdlib.call(name, arguments)
    doubts = arguments.doubts
    if (
        name == "ctypes.util.find_library"
        and first is not None
        and UNKNOWN_PART in "".join(texts(first))
    ):
        doubts &= PROBED  # a caller gives a part, and the rest says whose library it is
    return (result or of(Known(f"{name}()"))).flagged(doubts)


def _mapped(evaluator: Evaluator, arguments: Arguments, frame: Frame | None) -> Values:
    """Return what ``map`` gives."""
    function, *several = arguments.positional
    listed = several[0].options[0] if len(several[0].options) == 1 else None
    if len(several) == 1 and isinstance(listed, Items) and several[0].complete:
        found = [
            union(
                invoked(evaluator, one, Arguments((element.values,)), frame)
                for one in function.options
            )
            for element in listed.elements
        ]
        return of(items(*found), flags=several[0].flags)
    inner = Arguments(tuple(iterated(one) for one in several))
    return of(Bag(union(invoked(evaluator, one, inner, frame) for one in function.options)))
