"""The items for which a loop is walked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice, zip_longest

from no_libpython_dlopen.buildsystems.cmake.arguments import Word, Words, opaque
from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.cmake.references import meaning
from no_libpython_dlopen.buildsystems.cmake.state import State
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import CMAKE_ITERATIONS, CMAKE_LOOP_STEPS


def items(state: State, opening: Command) -> list[Word]:
    """Return the items of a ``foreach``, an unknown one among them where not all are known."""
    name = opening.arguments[0].text
    rest = opening.arguments[1:]
    words: list[Word] = []
    if rest and rest[0].text in ("IN", "RANGE"):
        mode = rest[0].text
        for argument in rest[1:]:
            if argument.text in ("LISTS", "ITEMS"):
                mode = argument.text
            elif mode == "LISTS":
                words.extend(state.lookup(state.name(argument)) or ())
            elif mode == "ITEMS":
                words.extend(state.words((argument,), opening))
    else:
        words = state.words(rest, opening)
    if not words or any("${" in word.text for word in words):
        known = [word for word in words if "${" not in word.text or meaning(word, False)]
        words = [opaque(name, opening.arguments[0], opening, state.file), *known]
    if len(words) > CMAKE_ITERATIONS:
        analysis.note_limit(CMAKE_ITERATIONS)
    return words[:CMAKE_ITERATIONS]


def rows(state: State, opening: Command) -> Iterator[Iterable[tuple[str, Words | None]]]:
    """Yield the variables and their values for each turn of ``foreach(a b IN ZIP_LISTS A B)``."""
    texts = [argument.text for argument in opening.arguments]
    at = texts.index("ZIP_LISTS")
    lists = [state.lookup(state.name(argument)) or () for argument in opening.arguments[at + 1 :]]
    names = texts[: texts.index("IN")] if "IN" in texts[:at] else []
    if len(names) == 1:
        names = [f"{names[0]}_{number}" for number in range(len(lists))]
    for row in islice(zip_longest(*lists), CMAKE_ITERATIONS):
        yield [
            (name, None if item is None else (item,))
            for name, item in zip(names, row, strict=False)
        ]


class Patience:
    """How many commands the loops of a project have taken that only compute variables."""

    def __init__(self) -> None:
        self._steps: dict[tuple[str, int], int] = {}

    def items(
        self, words: list[Word], opening: Command, state: State, acts: Callable[[], bool]
    ) -> Iterator[Word]:
        """Yield the items of a loop one by one; once it has taken long, the rest as one unknown.

        Unless it ``acts``. A test that is looked for in a list of all tests, for each of them, takes as many
        commands as they have pairs, and links nothing. Words for libpython are always yielded.
        """
        site = (state.file.path, opening.start)
        for number, word in enumerate(words, 1):
            before = state.steps
            yield word
            taken = self._steps[site] = self._steps.get(site, 0) + state.steps - before
            if taken > CMAKE_LOOP_STEPS and number < len(words) and not acts():
                break
        else:
            return
        yield from (word for word in words[number:] if meaning(word, False))
        yield opaque(opening.arguments[0].text, opening.arguments[0], opening, state.file)
