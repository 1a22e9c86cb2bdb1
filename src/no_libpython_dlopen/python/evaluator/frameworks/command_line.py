"""Options of the command line, by what they are where the user gives none.

The libraries are ``argparse``, ``optparse``, ``click`` and ``absl.flags``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import libcst as cst

from no_libpython_dlopen.python.evaluator import call_contexts
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_PARAMETER,
    UNKNOWN,
    AbstractValue,
    Arguments,
    Element,
    External,
    Instance,
    Mapping,
    Method,
    Partial,
    items,
    iterate,
    one_of,
    union,
)
from no_libpython_dlopen.python.evaluator.protocol import Evaluator

#: What calls of the classes of parsers give.
_PARSERS = frozenset({"argparse.ArgumentParser()", "optparse.OptionParser()"})
#: Methods that add an option, and what adds to a parser's options through another object.
_ADDING = frozenset({"add_argument", "add_option"})
_DEFAULTS = "set_defaults"
_GROUPING = frozenset(
    {"add_argument_group", "add_mutually_exclusive_group", "add_subparsers", "add_parser"}
    | {"add_option_group"}
)
#: Results of decorators that give a function's parameter the value of an option.
_DECORATORS = frozenset(
    f"{module}.{kind}()"
    for module in ("click", "rich_click", "asyncclick")
    for kind in ("option", "argument")
)
_CHOICE = External("click.Choice()")
#: The options of all modules that ``absl`` knows, and the functions that define one.
_FLAGS = "absl.flags.FLAGS"
_FLAG_MAKERS = frozenset({"DEFINE_string", "DEFINE_enum", "DEFINE_list", "DEFINE_multi_string"})


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A parser, by the call that makes it, or with ``is_parsed`` the options that it gives."""

    maker: str
    node: cst.Call
    is_parsed: bool = False


def with_parsers(value: AbstractValue, node: cst.Call) -> AbstractValue:
    """Return the value of a call where a parser that it makes is told from others."""
    several = [
        CommandLine(one.name, node) if isinstance(one, External) and one.name in _PARSERS else one
        for one in value.alternatives
    ]
    return AbstractValue(tuple(several), value.exhaustive, value.labels)


def parser_method(owner: CommandLine, name: str) -> AbstractValue:
    """Return the value of a call of a parser's method."""
    parsed = one_of(replace(owner, is_parsed=True))
    if name in ("parse_args", "parse_intermixed_args"):
        is_pair = owner.maker.startswith("optparse.")
        return one_of(items(parsed, UNKNOWN)) if is_pair else parsed
    if name in ("parse_known_args", "parse_known_intermixed_args"):
        return one_of(items(parsed, UNKNOWN))
    return one_of(owner) if name in _GROUPING else UNKNOWN


def option_of(evaluator: Evaluator, owner: CommandLine, name: str) -> AbstractValue:
    """Return the value of an attribute of a parser, or of the options that it gives."""
    if not owner.is_parsed:
        return one_of(Method(owner, name))
    if name == "__dict__":
        return one_of(options_of(evaluator, owner))
    found: list[AbstractValue] = []
    for node in _options(evaluator, owner).get(name, ()):
        given = call_contexts.evaluate_arguments(evaluator, node)
        default = given.keyword(name) if _is_called(node, _DEFAULTS) else _value(given)
        found += [default] if default is not None else []
    return union([*found, UNKNOWN]).with_labels(FROM_PARAMETER) if found else UNKNOWN


def options_of(evaluator: Evaluator, owner: CommandLine) -> Mapping:
    """Return the options that a parser gives as a dictionary."""
    names = _options(evaluator, owner)
    several = ((name, Element(None, option_of(evaluator, owner, name))) for name in names)
    return Mapping(tuple(several), open=True)


def flag_of(evaluator: Evaluator, owner: str, name: str) -> AbstractValue | None:
    """Return the value of ``FLAGS.name``; ``None`` for an attribute of anything else."""
    if owner != _FLAGS:
        return None
    found = []
    for node in evaluator.call_graph.calls(evaluator.dataflow.module, set(_FLAG_MAKERS)):
        given = call_contexts.evaluate_arguments(evaluator, node)
        named = given.get(0, "name")
        if named is not None and named.only == name:
            found.append(given.get(1, "default") or UNKNOWN)
    return union([*found, UNKNOWN]).with_labels(FROM_PARAMETER) if found else None


def decorated_values(evaluator: Evaluator, node: cst.CSTNode, name: str) -> list[AbstractValue]:
    """Return the values that decorators of ``click`` give a function's parameter."""
    found = []
    for one in node.decorators if isinstance(node, cst.FunctionDef) else ():
        for option in evaluator.evaluate(one.decorator).alternatives:
            if isinstance(option, Partial) and isinstance(option.callee, External):
                given = option.arguments
                if option.callee.name in _DECORATORS and name in _names_for_click(given):
                    found.append(_value(given))
    return found


def _options(evaluator: Evaluator, owner: CommandLine) -> dict[str, list[cst.Call]]:
    """Return the calls that add options to a parser, or give them defaults, by their names."""
    parser = replace(owner, is_parsed=False)
    found = evaluator.indexes.get(parser)
    if found is not None:
        return found
    found = evaluator.indexes[parser] = {}
    makers = evaluator.evaluate(owner.node.func).alternatives
    for node in evaluator.call_graph.calls(owner.node, {*_ADDING, _DEFAULTS}):
        if not isinstance(node.func, cst.Attribute):
            continue
        receivers = evaluator.evaluate(node.func.value).alternatives
        itself = (one.cls for one in receivers if isinstance(one, Instance))
        if parser not in receivers and not any(one in makers for one in itself):
            continue
        given = call_contexts.evaluate_arguments(evaluator, node)
        is_default = _is_called(node, _DEFAULTS)
        names = [name for name, _ in given.keywords] if is_default else [_destination(given)]
        for name in names:
            found.setdefault(name, []).append(node)
    return found


def _is_called(node: cst.Call, name: str) -> bool:
    return isinstance(node.func, cst.Attribute) and node.func.attr.value == name


def _value(given: Arguments) -> AbstractValue:
    """Return the values of an option: its default, and others that its definition names."""
    several = [given.keyword(name) for name in ("default", "const")]
    known = [one for one in several if one is not None]
    choices = given.keyword("choices")
    kind = given.keyword("type")
    if kind is not None and isinstance(kind.only, Partial) and kind.only.callee == _CHOICE:
        choices = kind.only.arguments.get(0, "choices")
    return union([*known, *([iterate(choices)] if choices is not None else [])])


def _texts(given: Arguments) -> list[str]:
    return [one.only for one in given.positional if isinstance(one.only, str)]


def _destination(given: Arguments) -> str:
    """Return the name of the attribute that an option gives."""
    named = given.keyword("dest")
    if named is not None and isinstance(named.only, str):
        return named.only
    texts = _texts(given)
    long = [one for one in texts if one.startswith("--")]
    return (long or texts or [""])[0].lstrip("-").replace("-", "_")


def _names_for_click(given: Arguments) -> Iterable[str]:
    """Return the name of the parameter that takes an option's value."""
    texts = [one.partition("/")[0] for one in _texts(given)]
    plain = [one for one in texts if one.isidentifier()]
    by_length = sorted(texts, key=lambda one: len(one) - len(one.lstrip("-")), reverse=True)
    chosen = plain[:1] or by_length[:1]
    return [one.lstrip("-").replace("-", "_").lower() for one in chosen]


def keeps_arguments(name: str) -> bool:
    """Return whether a function's result is what gives a parameter its value, or its choices."""
    return f"{name}()" in _DECORATORS or f"{name}()" == _CHOICE.name


def flag_holder(name: str, given: Arguments) -> Any:
    """Return the object that defines an option of ``absl``; ``None`` for another function."""
    owner, _, function = name.rpartition(".")
    if owner not in ("absl.flags", "flags") or function not in _FLAG_MAKERS:
        return None
    default = given.get(1, "default") or UNKNOWN
    whole = union([default, UNKNOWN]).with_labels(FROM_PARAMETER)
    return Mapping((("value", Element(None, whole)),))
