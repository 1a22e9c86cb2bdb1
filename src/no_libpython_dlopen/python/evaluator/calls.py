"""What a call gives: of a function or class of the file, or of what is known elsewhere."""

from __future__ import annotations

from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.evaluator import call_contexts, classes
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    UNKNOWN,
    AbstractValue,
    Arguments,
    Bag,
    CallContext,
    Class,
    Element,
    External,
    Function,
    Instance,
    Items,
    Mapping,
    Method,
    Partial,
    items,
    iterate,
    one_of,
    texts,
    union,
)
from no_libpython_dlopen.python.evaluator.models import iterables, methods, stdlib
from no_libpython_dlopen.python.evaluator.protocol import Evaluator

_IN_ORDER = frozenset({"list", "tuple", "sorted", "reversed", "set", "frozenset", "iter"})


def call(evaluator: Evaluator, node: cst.Call, context: CallContext | None) -> AbstractValue:
    """Return what a call gives."""
    callees = evaluator.evaluate(node.func, context)
    if not callees.alternatives:
        return UNKNOWN
    arguments = evaluate_arguments(evaluator, node, context)
    result = union(
        call_alternative(evaluator, callee, arguments, context) for callee in callees.alternatives
    )
    # Of several functions that are tried none makes its result a candidate; a method of one does.
    is_value = any(isinstance(one, Method) and one.function is None for one in callees.alternatives)
    kept = ~0 if is_value else ~FROM_CANDIDATES
    return AbstractValue(
        result.alternatives,
        result.exhaustive and callees.exhaustive,
        result.labels | callees.labels & kept,
    )


def evaluate_arguments(
    evaluator: Evaluator, node: cst.Call, context: CallContext | None = None
) -> Arguments:
    """Return the values of a call's arguments."""
    positional: list[AbstractValue] = []
    keywords: list[tuple[str, AbstractValue]] = []
    complete = True
    for argument in node.args:
        values = evaluator.evaluate(argument.value, context)
        option = values.alternatives[0] if len(values.alternatives) == 1 else None
        if argument.star == "*":
            if isinstance(option, Items):
                positional += [one.values.with_labels(values.labels) for one in option.elements]
            else:
                complete = False
        elif argument.star == "**":
            if isinstance(option, Mapping) and not option.open:
                keywords += [
                    (str(key), one.values.with_labels(values.labels)) for key, one in option.entries
                ]
            else:
                complete = False
        elif argument.keyword is not None:
            keywords.append((argument.keyword.value, values))
        else:
            positional.append(values)
    return Arguments(tuple(positional), tuple(keywords), complete)


def call_alternative(
    evaluator: Evaluator, callee: Any, arguments: Arguments, context: CallContext | None
) -> AbstractValue:
    """Return what calling one alternative gives."""
    if isinstance(callee, External):
        return _call_external(evaluator, callee.name, arguments, context)
    if isinstance(callee, Partial):
        return call_alternative(
            evaluator, callee.callee, arguments.after(callee.arguments), context
        )
    if isinstance(callee, Function):
        return call_contexts.call_function(evaluator, callee, arguments, None, context)
    if isinstance(callee, Method):
        if callee.function is not None:
            return call_contexts.call_function(
                evaluator, callee.function, arguments, callee.owner, context
            )
        if isinstance(callee.owner, str):
            found = methods.text_method(callee.owner, callee.name, arguments)
        else:
            found = methods.collection_method(callee.owner, callee.name, arguments)
        return found.with_labels(arguments.source_labels)
    if isinstance(callee, Class):
        return classes.instantiate(evaluator, callee, arguments, context)
    if isinstance(callee, Instance):
        found = classes.class_attribute(evaluator, callee.cls, "__call__", callee)
        return union(
            call_alternative(evaluator, one, arguments, context) for one in found.alternatives
        )
    return UNKNOWN


def _call_external(
    evaluator: Evaluator, name: str, arguments: Arguments, context: CallContext | None
) -> AbstractValue:
    first = arguments.get(0)
    if name == "functools.partial" and arguments.positional:
        rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.complete)
        return one_of(*(Partial(one, rest) for one in arguments.positional[0].alternatives))
    if name in ("importlib.import_module", "__import__") and first is not None:
        modules = [
            External(one) if isinstance(one, str) else External("?") for one in first.alternatives
        ]
        return AbstractValue(tuple(modules), first.exhaustive, first.labels)
    if name == "getattr" and len(arguments.positional) >= 2:
        owner, attribute = arguments.positional[:2]
        found = [
            classes.attribute_of_alternative(evaluator, o, a)
            for o in owner.alternatives
            for a in attribute.alternatives
            if isinstance(a, str)
        ]
        return union([*found, *arguments.positional[2:3]]) if found else UNKNOWN
    if name in _IN_ORDER and first is None and arguments.complete:
        return one_of(items())
    if name in _IN_ORDER and first is not None:
        return iterables.as_list(name, arguments, first).with_labels(first.labels)
    if name == "next" and first is not None:
        default = arguments.positional[1:2]
        return union([iterate(first).with_labels(FROM_CANDIDATES), *default])
    if name in ("min", "max", "random.choice") and first is not None:
        several = arguments.positional
        if not arguments.complete:
            return union([*several, UNKNOWN])
        return iterate(first) if len(several) == 1 else union(several)
    if name in ("bool", "any", "all") and first is not None:
        return iterables.call_truth(name, first)
    if name == "dataclasses.field":
        return arguments.get(10_000, "default") or UNKNOWN
    if name == "range" and first is not None:
        return iterables.call_range(arguments.positional)
    if name in ("types.SimpleNamespace", "dict"):
        entries = tuple((k, Element(None, v)) for k, v in arguments.keywords)
        given = one_of(Mapping(entries, not arguments.complete))
        base = (
            [o for o in first.alternatives if isinstance(o, Mapping)] if first is not None else []
        )
        if arguments.positional:
            whole = methods.merge_mappings(one_of(*base or [Mapping((), open=True)]), given)
            return whole.with_labels(arguments.source_labels)
        return given
    if name == "map" and len(arguments.positional) >= 2:
        return _call_map(evaluator, arguments, context)
    result = iterables.combine(name, arguments.positional) or stdlib.call_external(name, arguments)
    doubts = arguments.source_labels
    if (
        name == "ctypes.util.find_library"
        and first is not None
        and UNKNOWN_PART in "".join(texts(first))
    ):
        doubts &= FROM_CANDIDATES  # a caller gives a part, and the rest says whose library it is
    return (result or one_of(External(f"{name}()"))).with_labels(doubts)


def _call_map(
    evaluator: Evaluator, arguments: Arguments, context: CallContext | None
) -> AbstractValue:
    """Return what ``map`` gives."""
    function, *several = arguments.positional
    listed = several[0].alternatives[0] if len(several[0].alternatives) == 1 else None
    if len(several) == 1 and isinstance(listed, Items) and several[0].exhaustive:
        found = [
            union(
                call_alternative(evaluator, one, Arguments((element.values,)), context)
                for one in function.alternatives
            )
            for element in listed.elements
        ]
        return one_of(items(*found), labels=several[0].labels)
    inner = Arguments(tuple(iterate(one) for one in several))
    return one_of(
        Bag(
            union(call_alternative(evaluator, one, inner, context) for one in function.alternatives)
        )
    )
