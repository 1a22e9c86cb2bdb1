"""What CMake's variables hold on the way that a walk has come."""

from __future__ import annotations

from dataclasses import dataclass

from no_libpython_dlopen.build.cmake_words import MAX_WORDS, Words


@dataclass(frozen=True, slots=True)
class Known:
    """What a variable holds. Not ``exact``: on some way here it may hold something else."""

    words: Words
    exact: bool


Environment = dict[str, Known]


def joined(environments: list[Environment]) -> tuple[Environment, int]:
    """Return variables that hold what any of the environments gave them.

    The second item is the number of words that were put together for it.
    """
    if len(environments) == 1:
        return environments[0], 0
    count = 0
    joined: Environment = {}
    for name in dict.fromkeys(name for environment in environments for name in environment):
        values = [environment.get(name) for environment in environments]
        if all(value is values[0] for value in values) and values[0] is not None:
            joined[name] = values[0]
            continue
        words = dict.fromkeys(word for value in values if value for word in value.words)
        count += sum(len(value.words) for value in values if value)
        joined[name] = Known(tuple(words)[:MAX_WORDS], False)
    return joined, count
