"""What CMake's variables hold on the way that a walk has come."""

from __future__ import annotations

from dataclasses import dataclass

from no_libpython_dlopen.buildsystems.cmake.arguments import MAX_WORDS, Words


@dataclass(frozen=True, slots=True)
class Known:
    """What a variable holds. Not ``exact``: on some way here it may hold something else."""

    words: Words
    exact: bool


Environment = dict[str, Known]


def joined(
    before: Environment, environments: list[Environment], names: set[str]
) -> tuple[Environment, int]:
    """Return variables that hold what any of the environments gave them.

    ``names`` are those of the variables that may differ from ``before``. The second
    item is the number of words that were put together for it.
    """
    if len(environments) == 1:
        return environments[0], 0
    count = 0
    result = dict(before)
    for name in names:
        values = [environment.get(name) for environment in environments]
        first = values[0]
        if all(value is first for value in values):
            if first is None:
                result.pop(name, None)
            else:
                result[name] = first
            continue
        words = dict.fromkeys(word for value in values if value for word in value.words)
        count += sum(len(value.words) for value in values if value)
        result[name] = Known(tuple(words)[:MAX_WORDS], False)
    return result, count
