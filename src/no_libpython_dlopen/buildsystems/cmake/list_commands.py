"""Evaluates CMake's ``list`` command, as far as a link may depend on it."""

from __future__ import annotations

import re
from dataclasses import replace

from no_libpython_dlopen.buildsystems.cmake.arguments import Word
from no_libpython_dlopen.buildsystems.cmake.lexer import Argument, Command
from no_libpython_dlopen.buildsystems.cmake.references import is_explicit, meaning
from no_libpython_dlopen.buildsystems.cmake.state import Known, State

_PYTHON = re.compile("python", re.IGNORECASE)


def stored_words(state: State, arguments: tuple[Argument, ...], command: Command) -> list[Word]:
    """Return items as they go into a variable: with the mark of a compatibility branch."""
    words = state.words(arguments, command)
    return [replace(word, fallback=True) for word in words] if state.fallback else words


def execute(state: State, command: Command) -> None:
    """Update the known values of the variables that a ``list`` command changes."""
    if len(command.arguments) < 2:
        return
    action, name = command.arguments[0].text.upper(), state.name(command.arguments[1])
    rest = command.arguments[2:]
    old = state.variables.get(name)
    if action == "APPEND":
        state.append(name, stored_words(state, rest, command))
    elif action in ("PREPEND", "INSERT"):
        added = stored_words(state, rest[1:] if action == "INSERT" else rest, command)
        before = list(old.words) if old else []
        state.set(name, added + before, exact=old is not None and old.exact)
    elif action in ("REMOVE_ITEM", "FILTER") and old is not None:
        dropped = {word.text for word in state.words(rest, command)}
        dropped |= {argument.text for argument in rest}
        about_python = any(_PYTHON.search(text) for text in dropped)
        state.set(
            name,
            [
                word
                for word in old.words
                if word.text not in dropped
                and not (about_python and (action == "FILTER" or is_explicit(word)))
            ],
        )
    elif action == "JOIN" and len(rest) == 2:
        state.set(state.name(rest[1]), old.words if old else None)
    elif action in ("REMOVE_DUPLICATES", "REVERSE", "SORT", "FIND", "LENGTH"):
        if rest and action in ("FIND", "LENGTH"):
            state.set(state.name(rest[-1]), None)
    elif action == "GET" and rest:
        state.set(state.name(rest[-1]), _items_at(old, rest[:-1], state), exact=False)
    elif action in ("POP_FRONT", "POP_BACK"):
        _pop(state, name, [state.name(argument) for argument in rest], last=action == "POP_BACK")
    elif action == "SUBLIST" and len(rest) == 3:
        state.set(state.name(rest[2]), _part(old, *map(state.name, rest[:2])), exact=False)
    elif action == "TRANSFORM" and rest and old is not None:
        _transform(state, name, old, command)
    else:
        state.set(name, None)


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


def _transform(state: State, name: str, old: Known, command: Command) -> None:
    """Follow ``list(TRANSFORM … PREPEND -l)`` and the like; other results are unknown."""
    texts = [state.name(argument) for argument in command.arguments[2:]]
    result = texts[-1] if texts[-2:-1] == ["OUTPUT_VARIABLE"] else name
    words: list[Word] | None = None
    if texts[0] == "STRIP":
        words = list(old.words)
    elif texts[0] in ("PREPEND", "APPEND") and len(texts) > 1:
        before, after = (texts[1], "") if texts[0] == "PREPEND" else ("", texts[1])
        words = [word.with_text(f"{before}{word.text}{after}") for word in old.words]
    state.set(result, words, exact=old.exact)
