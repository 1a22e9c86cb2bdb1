"""Evaluates CMake's ``list`` command, as far as a link may depend on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from no_libpython_dlopen.buildsystems.cmake.arguments import Word, without_files
from no_libpython_dlopen.buildsystems.cmake.conditions import comparison
from no_libpython_dlopen.buildsystems.cmake.lexer import Argument, Command
from no_libpython_dlopen.buildsystems.cmake.references import is_explicit, meaning
from no_libpython_dlopen.buildsystems.cmake.state import Known, State

_PYTHON = re.compile("python", re.IGNORECASE)


def stored_words(state: State, arguments: tuple[Argument, ...], command: Command) -> list[Word]:
    """Return items as they go into a variable: with the mark of a compatibility branch."""
    words = state.words(arguments, command)
    return [replace(word, fallback=True) for word in words] if state.fallback else words


class _ListCommand:
    """One ``list`` command: what it does to which list, with which arguments."""

    def __init__(self, state: State, command: Command) -> None:
        self.state = state
        self.command = command
        self.action = command.arguments[0].text.upper()
        self.name = state.name(command.arguments[1])
        self.rest = command.arguments[2:]
        self.old = state.variables.get(self.name)

    def result(self, words: list[Word] | tuple[Word, ...] | None, *, exact: bool = True) -> None:
        """Set the variable that is named last."""
        if self.rest:
            self.state.set(self.state.name(self.rest[-1]), words, exact=exact)


def execute(state: State, command: Command) -> None:
    """Update the known values of the variables that a ``list`` command changes."""
    if len(command.arguments) < 2:
        return
    one = _ListCommand(state, command)
    needed, change = _ACTIONS.get(one.action, (0, _forget))
    (change if len(one.rest) >= needed else _forget)(one)


def _forget(one: _ListCommand) -> None:
    one.state.set(one.name, None)


def _append(one: _ListCommand) -> None:
    one.state.append(one.name, stored_words(one.state, one.rest, one.command))


def _prepend(one: _ListCommand) -> None:
    """Add items, before all others wherever they are inserted."""
    added = one.rest[1:] if one.action == "INSERT" else one.rest
    before = one.old.words if one.old is not None else ()
    words = [*stored_words(one.state, added, one.command), *before]
    one.state.set(one.name, words, exact=one.old is not None and one.old.exact)


def _remove(one: _ListCommand) -> None:
    """Remove items by their text; a pattern that speaks of Python removes all that mean it."""
    if one.old is None:
        _forget(one)
        return
    dropped = {word.text for word in one.state.words(one.rest, one.command)}
    dropped |= {argument.text for argument in one.rest}
    about_python = any(_PYTHON.search(text) for text in dropped)

    def is_kept(word: Word) -> bool:
        is_meant = about_python and (one.action == "FILTER" or is_explicit(word))
        return word.text not in dropped and not is_meant

    kept = [without_files(word) for word in one.old.words if is_kept(word)]
    one.state.set(one.name, kept)


def _join(one: _ListCommand) -> None:
    one.result(one.old.words if one.old is not None else None)


def _keep(_: _ListCommand) -> None:
    """Leave a list whose order or number of items alone changes."""


def _measure(one: _ListCommand) -> None:
    one.result(None)


def _find(one: _ListCommand) -> None:
    """Set the index of an item, as far as the platform decides whether it is in the list."""
    state, wanted = one.state, one.rest[0].text
    items = state.items(one.name)
    is_in = None
    if items is not None and wanted.startswith("${"):
        is_in = comparison(wanted[2:-1], "IN_LIST", items, state.platform, state.value)
    if is_in is None or items is None:
        _measure(one)
        return
    at = next((str(at) for at, item in enumerate(items) if item in state.platform.systems), "0")
    words = state.words(one.rest[:1], one.command)[:1]
    one.result([word.with_text(at if is_in else "-1") for word in words] or None)


def _get(one: _ListCommand) -> None:
    one.result(_items_at(one.old, one.rest[:-1], one.state), exact=False)


def _take_end(one: _ListCommand) -> None:
    names = [one.state.name(argument) for argument in one.rest]
    _pop(one.state, one.name, names, last=one.action == "POP_BACK")


def _sublist(one: _ListCommand) -> None:
    first, length = (one.state.name(argument) for argument in one.rest[:2])
    one.result(_part(one.old, first, length), exact=False)


def _items_at(old: Known | None, indices: tuple[Argument, ...], state: State) -> list[Word] | None:
    """Return the items of a list by their indices, ``None`` where nothing is known of them.

    Where an index is not known, in a loop say, these are all that mean libpython.
    """
    if old is None:
        return None
    numbers = [state.name(index) for index in indices]
    if all(re.fullmatch(r"-?\d{1,4}", number) for number in numbers) and old.exact:
        size = len(old.words)
        chosen = [int(number) for number in numbers if -size <= int(number) < size]
        return [old.words[number] for number in chosen]
    return [word for word in old.words if meaning(word, False)] or None


def _pop(state: State, name: str, results: list[str], *, last: bool) -> None:
    """Remove items at one end of a list; of an unknown one each may mean libpython."""
    old = state.variables.get(name)
    if old is None or not old.exact:
        for result in results:
            known = [word for word in old.words if meaning(word, False)] if old else []
            state.set(result, known or None, exact=False)
        return
    words = list(old.words)
    for result in results or [""]:
        taken = [words.pop(-1 if last else 0)] if words else []
        if result:
            state.set(result, taken)
    state.set(name, words)


def _part(old: Known | None, first: str, length: str) -> list[Word] | None:
    """Return the items of a sublist, those that mean libpython where the numbers are unknown."""
    if old is None:
        return None
    words = list(old.words)
    if old.exact and re.fullmatch(r"\d{1,4}", first) and re.fullmatch(r"-1|\d{1,4}", length):
        end = len(words) if length == "-1" else int(first) + int(length)
        return words[int(first) : end]
    return [word for word in words if meaning(word, False)] or None


def _transform(one: _ListCommand) -> None:
    """Follow ``list(TRANSFORM … PREPEND -l)`` and the like; other results are unknown."""
    if one.old is None:
        _forget(one)
        return
    texts = [one.state.name(argument) for argument in one.rest]
    result = texts[-1] if texts[-2:-1] == ["OUTPUT_VARIABLE"] else one.name
    words: list[Word] | None = None
    if texts[0] == "STRIP":
        words = list(one.old.words)
    elif texts[0] in ("PREPEND", "APPEND") and len(texts) > 1:
        before, after = (texts[1], "") if texts[0] == "PREPEND" else ("", texts[1])
        words = [word.with_text(f"{before}{word.text}{after}") for word in one.old.words]
    one.state.set(result, words, exact=one.old.exact)


#: How many arguments an action needs behind the list's name, and what it does.
_ACTIONS: dict[str, tuple[int, Callable[[_ListCommand], None]]] = {
    "APPEND": (0, _append),
    "PREPEND": (0, _prepend),
    "INSERT": (0, _prepend),
    "REMOVE_ITEM": (0, _remove),
    "FILTER": (0, _remove),
    "JOIN": (2, _join),
    "REMOVE_DUPLICATES": (0, _keep),
    "REVERSE": (0, _keep),
    "SORT": (0, _keep),
    "FIND": (1, _find),
    "LENGTH": (1, _measure),
    "GET": (1, _get),
    "POP_FRONT": (0, _take_end),
    "POP_BACK": (0, _take_end),
    "SUBLIST": (3, _sublist),
    "TRANSFORM": (1, _transform),
}
