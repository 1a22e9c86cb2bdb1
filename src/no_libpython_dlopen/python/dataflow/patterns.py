"""The patterns of ``match``: which parts of a subject they name, and which tests they make."""

from __future__ import annotations

from collections.abc import Iterator

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


def comparison(subject: cst.BaseExpression, value: cst.BaseExpression) -> cst.Comparison:
    """Return the test that a pattern of a value makes."""
    return cst.Comparison(subject, [cst.ComparisonTarget(cst.Equal(), value)])


def tests_of(subject: cst.BaseExpression, pattern: cst.CSTNode) -> list[cst.BaseExpression]:
    """Return the tests that are true where a pattern matches, as expressions about the subject."""
    if isinstance(pattern, cst.MatchAs) and pattern.pattern is not None:
        return tests_of(subject, pattern.pattern)
    if isinstance(pattern, cst.MatchValue):
        return [comparison(subject, pattern.value)]
    if isinstance(pattern, cst.MatchOr):
        several = [one.pattern for one in pattern.patterns]
        values = [one.value for one in several if isinstance(one, cst.MatchValue)]
        if len(values) == len(several):
            listed = cst.Tuple([cst.Element(one) for one in values])
            return [cst.Comparison(subject, [cst.ComparisonTarget(cst.In(), listed)])]
    if isinstance(pattern, (cst.MatchList, cst.MatchTuple)):
        found: list[cst.BaseExpression] = []
        for index, element in enumerate(pattern.patterns):
            if isinstance(element, cst.MatchStar):
                break
            inner = element.value
            if isinstance(inner, cst.MatchValue):
                found.append(comparison(_item(subject, cst.Integer(str(index))), inner.value))
        return found
    return []


def is_decided_by_tests(pattern: cst.CSTNode) -> bool:
    """Return whether a pattern with one test matches wherever this is true."""
    if isinstance(pattern, cst.MatchAs) and pattern.pattern is not None:
        return is_decided_by_tests(pattern.pattern)
    if isinstance(pattern, (cst.MatchList, cst.MatchTuple)):
        first = pattern.patterns[0] if pattern.patterns else None
        is_value = isinstance(first, cst.MatchSequenceElement) and isinstance(
            first.value, cst.MatchValue
        )
        return is_value and [type(one) for one in pattern.patterns[1:]] == [cst.MatchStar]
    return isinstance(pattern, (cst.MatchValue, cst.MatchOr))


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
