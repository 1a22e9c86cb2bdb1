"""Deletes a word of a listfile with what a careful person would delete along with it.

An argument goes with the blanks or the line that it had for itself, with a ``debug`` or
``PRIVATE`` that stood for it alone, and an emptied command goes away whole. Comments
are never deleted without a caveat.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise

from no_libpython_dlopen.buildsystems.cmake.arguments import Word
from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common.deletions import Deletion
from no_libpython_dlopen.model.finding import Edit

_SCOPES = frozenset(
    {"PRIVATE", "PUBLIC", "INTERFACE", "LINK_PRIVATE", "LINK_PUBLIC", "LINK_INTERFACE_LIBRARIES"}
)
_BLANKS = re.compile(r"[ \t]*")
_CONFIGURATIONS = frozenset({"debug", "optimized", "general"})
#: Commands that list what is linked, and the position of the first item.
_LINKING = {
    "target_link_libraries": 1,
    "swig_link_libraries": 1,
    "target_link_options": 1,
    "link_libraries": 0,
}


def without(word: Word) -> Deletion:
    """Return the deletion of a word from its file."""
    text, command = word.file.text, word.command
    part = deletions.part_of_flag(text, word.start, word.end)
    if part is not None or not word.whole:
        return Deletion(part or _part(text, word))
    first, last = _deletion_range(command, position(word))
    left = next(_kept_positions(command, first, last), None)
    if command.name == "set":
        if left is None or command.arguments[left].text == "CACHE":
            argument = word.argument
            return Deletion(
                Edit(argument.start, argument.end, text[argument.start : argument.end], '""')
            )
    elif left is None and command.name != "execute_process":
        return whole(text, command)
    return _arguments(text, command, first, last)


def _kept_positions(command: Command, first: int, last: int) -> Iterator[int]:
    """Yield the positions of the values that a command keeps without some arguments."""
    size = len(command.arguments)
    for at in chain(range(_first_value(command), first), range(last + 1, size)):
        if command.name in _LINKING:
            if not _is_keyword(command, at):
                yield at
        elif command.name != "set" or command.arguments[at].text != "PARENT_SCOPE":
            yield at


def without_all(words: Sequence[Word]) -> list[Deletion]:
    """Return the deletions of words of one command, of the command where no item is left."""
    command = words[0].command
    doomed: set[int] = set()
    for word in words:
        first, last = _deletion_range(command, position(word))
        doomed.update(range(first, last + 1))
    left = [i for i in range(_first_value(command), len(command.arguments)) if i not in doomed]
    if command.name in _LINKING and all(_is_keyword(command, i) for i in left):
        return [whole(words[0].file.text, command)]
    if len(words) == 1:
        return [without(words[0])]
    runs = [at for at in sorted(doomed) if at - 1 not in doomed]
    ends = [at for at in sorted(doomed) if at + 1 not in doomed]
    text = words[0].file.text
    return [_arguments(text, command, *run) for run in zip(runs, ends, strict=True)]


def item_texts(word: Word) -> list[str]:
    """Return the argument of a word as written, with the configuration that it is for."""
    at, text = position(word), word.file.text
    first = at
    if at and word.command.arguments[at - 1].text in _CONFIGURATIONS:
        first -= 1
    return [text[each.start : each.end] for each in word.command.arguments[first : at + 1]]


def position(word: Word) -> int:
    """Return the number of the argument that a word is in."""
    arguments = word.command.arguments
    return bisect_left(arguments, word.argument.start, key=lambda each: each.start)


def _first_value(command: Command) -> int:
    """Return the position of the first argument that is a value of the command's."""
    if command.name in ("list", "string"):
        return 2
    for index, argument in enumerate(command.arguments if "propert" in command.name else ()):
        if argument.text == "PROPERTIES":
            return index + 1
        if argument.text == "PROPERTY":
            return index + 2
    return _LINKING.get(command.name, 1)


def _deletion_range(command: Command, at: int) -> tuple[int, int]:
    """Return the first and last position of the arguments that go with that ``at``."""
    arguments = command.arguments
    if command.name == "set_target_properties":
        return at - 1, at
    first = at
    if command.name not in _LINKING:
        return first, at
    if first and arguments[first - 1].text in _CONFIGURATIONS:
        first -= 1
    ends = at + 1 == len(arguments) or arguments[at + 1].text in _SCOPES
    if first > 1 and ends and arguments[first - 1].text in _SCOPES:
        first -= 1
    return first, at


def _is_keyword(command: Command, at: int) -> bool:
    argument = command.arguments[at]
    return argument.kind == "unquoted" and argument.text in _SCOPES | _CONFIGURATIONS


def whole(text: str, command: Command) -> Deletion:
    """Return the deletion of a command, with the lines that it has for itself."""
    found = deletions.lines(text, command.start, command.end)
    if found is not None:
        return Deletion(found.edit, command.comments or found.comment)
    after = _BLANKS.match(text, command.end)
    assert after is not None
    return Deletion(deletions.span(text, command.start, after.end()), command.comments)


def _arguments(text: str, command: Command, first: int, last: int) -> Deletion:
    """Return the deletion of some consecutive arguments."""
    head, tail = command.arguments[first], command.arguments[last]
    deleted = pairwise(command.arguments[first : last + 1])
    comment = any("#" in text[before.end : after.start] for before, after in deleted)
    lead = text[head.gap : head.start]
    if "\n" not in lead and "\r" not in lead:
        return Deletion(deletions.span(text, head.gap, tail.end), comment)
    found = deletions.lines(text, head.start, tail.end)
    if found is not None:
        return Deletion(found.edit, comment or found.comment)
    if last + 1 < len(command.arguments):
        following = command.arguments[last + 1]
        between = "#" in text[tail.end : following.start]
        return Deletion(deletions.span(text, head.start, following.start), comment or between)
    # only the closing parenthesis follows; it must not end up in a comment
    start = head.start if head.after_comment else head.gap
    return Deletion(deletions.span(text, start, tail.end), comment)


def _part(text: str, word: Word) -> Edit:
    """Return the deletion of a word that shares its argument with others."""
    inner = word.argument.inner
    stop = inner + len(word.argument.text)
    start, end = word.start, word.end
    if text.startswith("SHELL:", start - 6) and text[end:stop].startswith(";"):
        start -= 6
    after = end + len(text[end:stop]) - len(text[end:stop].lstrip())
    before = inner + len(text[inner:start].rstrip())
    if after < stop and text[after] == ";":
        following = after + 1
        following += len(text[following:stop]) - len(text[following:stop].lstrip())
        return deletions.span(text, start, following)
    if before > inner and text[before - 1] == ";":
        return deletions.span(text, before - 1, end)
    if before < start or after > end:
        return deletions.word(text, start, end)
    return deletions.span(text, start, end)
