"""The patterns of ``match``: which parts of a subject they name, and which tests they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import reduce

import libcst as cst

#: Steps of a binding's path: an index, or those around a starred part.
Steps = tuple[int | tuple[int, int], ...]
#: A step that nothing has.
NOWHERE: Steps = (1 << 30,)
#: Classes whose only positional pattern is matched with the whole subject (PEP 634).
_WHOLE = frozenset(
    {
        "bool",
        "bytearray",
        "bytes",
        "dict",
        "float",
        "frozenset",
        "int",
        "list",
        "set",
        "str",
        "tuple",
    }
)


def comparison(
    subject: cst.BaseExpression, value: cst.BaseExpression, operator: cst.BaseCompOp | None = None
) -> cst.Comparison:
    """Return the test that a pattern of a value makes: equality, or another operator."""
    return cst.Comparison(subject, [cst.ComparisonTarget(operator or cst.Equal(), value)])


def tests_of(
    subject: cst.BaseExpression, pattern: cst.CSTNode
) -> tuple[list[cst.BaseExpression], bool]:
    """Return the tests that are true where a pattern matches, as expressions about the subject.

    The second value is true if the pattern matches wherever all of them are true.
    """
    if isinstance(pattern, cst.MatchAs):
        return ([], True) if pattern.pattern is None else tests_of(subject, pattern.pattern)
    if isinstance(pattern, cst.MatchValue):
        return [comparison(subject, pattern.value)], True
    if isinstance(pattern, cst.MatchSingleton):
        return [comparison(subject, pattern.value, cst.Is())], True
    if isinstance(pattern, cst.MatchOr):
        return _tests_of_several(subject, [one.pattern for one in pattern.patterns])
    if isinstance(pattern, (cst.MatchList, cst.MatchTuple)):
        return _tests_of_sequence(subject, pattern)
    if isinstance(pattern, cst.MatchMapping):
        keys: list[cst.BaseExpression] = [
            comparison(one.key, _call(cst.Attribute(subject, cst.Name("keys"))), cst.In())
            for one in pattern.elements
        ]
        return _with_parts(keys, pattern, subject)
    if isinstance(pattern, cst.MatchClass):
        is_class = _call(cst.Name("isinstance"), subject, pattern.cls)
        found, is_decided = _with_parts([is_class], pattern, subject)
        return found, is_decided and not pattern.patterns
    return [], False


def written_pairs(
    subject: cst.BaseExpression, pattern: cst.MatchPattern
) -> list[tuple[cst.BaseExpression, cst.MatchPattern]]:
    """Return the items of a tuple that is written as the subject, each with its pattern."""
    if not isinstance(subject, cst.Tuple) or not isinstance(
        pattern, (cst.MatchList, cst.MatchTuple)
    ):
        return []
    pairs = [
        (item.value, one.value)
        for item, one in zip(subject.elements, pattern.patterns, strict=False)
        if isinstance(item, cst.Element) and isinstance(one, cst.MatchSequenceElement)
    ]
    is_whole = len(pairs) == len(subject.elements) == len(pattern.patterns)
    return pairs if is_whole else []


def _with_parts(
    tests: list[cst.BaseExpression], pattern: cst.CSTNode, subject: cst.BaseExpression
) -> tuple[list[cst.BaseExpression], bool]:
    """Return tests of a subject with those that a pattern makes of its keys or attributes."""
    is_decided = bool(tests)
    for inner, part, _ in parts_of(pattern, subject):
        if part is not subject:
            more, is_exact = tests_of(part, inner)
            tests, is_decided = tests + more, is_decided and is_exact
    return tests, is_decided


def _tests_of_several(
    subject: cst.BaseExpression, several: list[cst.MatchPattern]
) -> tuple[list[cst.BaseExpression], bool]:
    """Return the test that one of several patterns matches."""
    values = [one.value for one in several if isinstance(one, cst.MatchValue)]
    if len(values) == len(several):
        listed = cst.Tuple([cst.Element(one) for one in values])
        return [comparison(subject, listed, cst.In())], True
    each = [tests_of(subject, one) for one in several]
    if not all(tests for tests, _ in each):
        return [], False
    whole = reduce(_join(cst.Or), (all_of(tests) for tests, _ in each))
    return [whole], all(is_decided for _, is_decided in each)


def _tests_of_sequence(
    subject: cst.BaseExpression, pattern: cst.MatchList | cst.MatchTuple
) -> tuple[list[cst.BaseExpression], bool]:
    """Return the tests of a sequence's length and items, and that it is no text."""
    is_text = _call(cst.Name("isinstance"), subject, cst.Name("str"))
    found: list[cst.BaseExpression] = [cst.UnaryOperation(cst.Not(), is_text)]
    several, is_decided, is_open = pattern.patterns, True, False
    for index, element in enumerate(several):
        if isinstance(element, cst.MatchStar):
            is_open = True
            continue
        at: cst.BaseExpression = cst.Integer(str(index))
        if is_open:
            at = cst.UnaryOperation(cst.Minus(), cst.Integer(str(len(several) - index)))
        tests, is_exact = tests_of(_item(subject, at), element.value)
        found, is_decided = found + tests, is_decided and is_exact
    length = cst.Integer(str(len(several) - is_open))
    operator = cst.GreaterThanEqual() if is_open else cst.Equal()
    return [*found, comparison(_call(cst.Name("len"), subject), length, operator)], is_decided


def all_of(tests: list[cst.BaseExpression]) -> cst.BaseExpression:
    """Return the test that several tests are true."""
    return reduce(_join(cst.And), tests)


def _join(
    operator: type[cst.And | cst.Or],
) -> Callable[[cst.BaseExpression, cst.BaseExpression], cst.BaseExpression]:
    return lambda left, right: cst.BooleanOperation(left, operator(), right)


def _call(function: cst.BaseExpression, *given: cst.BaseExpression) -> cst.Call:
    return cst.Call(function, [cst.Arg(one) for one in given])


def parts_of(
    pattern: cst.CSTNode, subject: cst.BaseExpression
) -> Iterator[tuple[cst.CSTNode, cst.BaseExpression, Steps]]:
    """Yield the patterns in a pattern, with what each is matched with: of which part of what."""
    if isinstance(pattern, cst.MatchAs) and pattern.pattern is not None:
        yield pattern.pattern, subject, ()
    elif isinstance(pattern, cst.MatchOr):
        yield from ((one.pattern, subject, ()) for one in pattern.patterns)
    elif isinstance(pattern, (cst.MatchList, cst.MatchTuple)):
        count, is_behind = len(pattern.patterns), False
        for index, element in enumerate(pattern.patterns):
            if isinstance(element, cst.MatchStar):
                is_behind = True
                yield element, subject, ((index, count - index - 1),)
            else:
                yield element.value, subject, (index - count if is_behind else index,)
    elif isinstance(pattern, cst.MatchMapping):
        for one in pattern.elements:
            yield one.pattern, _item(subject, one.key), ()
    elif isinstance(pattern, cst.MatchClass):
        is_whole = isinstance(pattern.cls, cst.Name) and pattern.cls.value in _WHOLE
        for index, positional in enumerate(pattern.patterns):
            yield positional.value, subject, () if is_whole else (index,)
        for named in pattern.kwds:
            yield named.pattern, cst.Attribute(subject, cst.Name(named.key.value)), ()


def _item(subject: cst.BaseExpression, key: cst.BaseExpression) -> cst.Subscript:
    return cst.Subscript(subject, [cst.SubscriptElement(cst.Index(key))])
