"""Finds the comments that suppress nothing, and the edits that delete them.

A deletion is offered only if the language's own lexer finds the same code without the comment.
Else it may be the only thing between two lines that a backslash would join, or between a
directive and the top of the file, or its blanks may be part of a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import UnusedSuppression
from no_libpython_dlopen.model.finding import Applicability, Edit, Fix
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.suppressions import directives
from no_libpython_dlopen.suppressions.changed_code import changed_code
from no_libpython_dlopen.suppressions.directives import Suppression

#: Characters of a text whose deletions are verified, and of all texts if each is verified alone.
MAX_LENGTH, MAX_WORK = 256_000, 2_000_000
_MARK = re.compile("#+|//")
#: A declaration of the encoding in one of two lines (PEP 263).
_CODING = re.compile(r"(?:[^\r\n]*(?:\r\n|\r|\n))?[ \t\f]*#[^\r\n]*coding[:=]")
#: Characters that are a blank or a line's end to some programs and a letter to others.
_ODD_BLANK = re.compile("\r(?!\n)|[\v\x1c-\x1e\x85\u2028\u2029]")
#: A longer item is no misspelling; and comments of a file for which a rule is suggested.
_LONGEST_ITEM, _MOST_HINTS = 40, 100
_NEWLINE = re.compile("\r\n|\r|\n|")


def unused_suppressions(
    source: Source, comments: Iterable[Suppression], checked: set[str]
) -> list[UnusedSuppression]:
    """Return the directives that suppress nothing, of the codes that were checked in this run.

    A directive with a code that was not checked says nothing about that code, and a
    bare one of ours is judged only where every code was checked that it covers.
    """
    found = []
    for comment in analysis.watch(comments):
        if comment.embedded or (not comment.codes and (comment.used or not comment.ours)):
            continue
        idle = tuple(
            code
            for code in dict.fromkeys(comment.codes)
            if code not in comment.used and _was_checked(code, comment.ours, checked)
        )
        if idle or (not comment.codes and checked >= _STATIC):
            found.append((comment, idle))
    edits = _verify(source, [_deletions(source, *one) for one in analysis.watch(found)])
    return [
        _fact(source, *one, edit, is_early=number < _MOST_HINTS)
        for number, (one, edit) in enumerate(zip(analysis.watch(found), edits, strict=True))
    ]


#: A bare directive of ours is unused only if at least these were looked for.
_STATIC = frozenset({"NLP101", "NLP102", "NLP103", "NLP201", "NLP202"})


def _was_checked(prefix: str, ours: bool, checked: set[str]) -> bool:
    if not prefix.startswith("NLP"):
        return ours  # `ignore[E501]` can never silence anything of ours
    from no_libpython_dlopen import rules

    meant = [code for code in rules.codes() if code.startswith(prefix)]
    judged = [code for code in meant if rules.rule(code).suppressions_are_checked]
    return all(code in checked for code in judged) and (bool(judged) or not meant)


def _fact(
    source: Source,
    comment: Suppression,
    idle: tuple[str, ...],
    edit: Edit | None,
    *,
    is_early: bool,
) -> UnusedSuppression:
    """Return the fact, with the edit if there is a safe one, and a hint on early ones."""
    kept = any(code not in idle for code in comment.codes)
    done = f"delete {', '.join(idle)} from the comment" if kept else "delete the comment"
    return UnusedSuppression(
        spelled=source.text[comment.start : comment.end],
        codes=idle,
        start=source.locate(comment.start),
        end=source.locate(comment.end),
        meant=_nearest(idle) if is_early else "",
        fix=Fix(Applicability.SAFE, done, (edit,)) if edit else None,
    )


def _nearest(idle: tuple[str, ...]) -> str:
    """Return the rule whose name an item of a directive probably misspells, empty for none."""
    from no_libpython_dlopen import rules

    names = [item for item in idle if "-" in item and len(item) <= _LONGEST_ITEM]
    return rules.nearest(names[0]) if names else ""


def _verify(source: Source, deletions: list[list[Edit]]) -> list[Edit | None]:
    """Return of each list the first edit that leaves the code as it is; ``None`` if none does.

    All together must leave it as well.
    """
    none: list[Edit | None] = [None] * len(deletions)
    if not deletions or len(source.text) > MAX_LENGTH or _has_odd_blanks(source):
        return none
    first: list[Edit | None] = [edits[0] for edits in deletions]
    if _leaves_code(source, first):
        return first
    if sum(map(len, deletions)) * len(source.text) > MAX_WORK:
        return none
    alone = [
        next((edit for edit in edits if _leaves_code(source, [edit])), None) for edits in deletions
    ]
    return alone if _leaves_code(source, alone) else none


def _has_odd_blanks(source: Source) -> bool:
    """Return whether lexers may differ on where a word or a line ends; Python knows form feeds."""
    odd = _ODD_BLANK.search(source.text)
    return odd is not None or (source.kind is not Kind.PYTHON and "\f" in source.text)


def _leaves_code(source: Source, edits: Sequence[Edit | None]) -> bool:
    """Return whether the lexer finds the same code after deletions, and the file begins alike."""
    pieces = []
    at = 0
    for edit in sorted(filter(None, edits), key=lambda edit: edit.start):
        start = max(edit.start, at)
        pieces += [source.text[at:start], edit.new]
        at = max(edit.end, start)
    text = "".join([*pieces, source.text[at:]])
    try:
        after = source.with_data(source.encode(text))
    except UnicodeError:
        return False
    return after.text == text and changed_code(source, after) == []


def _deletions(source: Source, comment: Suppression, idle: tuple[str, ...]) -> list[Edit]:
    """Return the edits that may delete the codes, or the whole directive, the best first."""
    text = source.text
    if any(code not in idle for code in comment.codes):
        return [_code_deletion(text, comment, idle)]
    start, end = comment.start, comment.end
    rest = text[end : comment.stop]
    if rest.strip():  # which stays as a comment
        follows = len(rest) - len(rest.lstrip())
        mark = _MARK.match(text, start)
        new = "" if mark is None or rest.lstrip().startswith(("#", "//")) else f"{mark[0]} "
        return [_edit(text, start, end + follows, new)]
    end = comment.stop
    line = source.line_starts[source.locate(start).row - 1]
    before = text[line:start]
    if before.strip():
        blanks = len(before) - len(before.rstrip())
        return [_edit(text, start - blanks, end), _edit(text, start, end)]
    newline = _NEWLINE.match(text, end)
    assert newline is not None
    if line in source.line_starts[:2] and _CODING.match(text, newline.end()):
        return [_edit(text, line, end)]  # no other line may become the second
    return [_edit(text, line, newline.end())]


def _code_deletion(text: str, comment: Suppression, idle: tuple[str, ...]) -> Edit:
    """Return the edit that leaves the other codes as they are spelled."""
    here = (comment.start, comment.stop)
    match = directives.DIRECTIVE.match(text, *here) or directives.FLAKE8_FILE.match(text, *here)
    assert match is not None
    start, end = match.span("listed" if comment.ours else "codes")
    items = list(directives.CODE.finditer(text, start, end))
    kept = [item[0] for item in items if directives.code_of(item[0], ours=comment.ours) not in idle]
    between = text[items[0].end() : items[1].start()]
    return _edit(text, start, end, between.join(kept))


def _edit(text: str, start: int, end: int, new: str = "") -> Edit:
    return Edit(start, end, text[start:end], new)
