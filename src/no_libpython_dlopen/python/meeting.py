"""Whether a loader and a piece of libpython's name can meet, told from names alone.

A file that loads what its callers name may speak of Python elsewhere, like cffi's own. What
each name may carry is followed through all statements at once, where every function has
names of its own: a loader, a piece of the name, or some function, whose parameters take on
what stands beside it. That is still more than can happen.
"""

from __future__ import annotations

import ast

from no_libpython_dlopen.python.local_names import tell_apart
from no_libpython_dlopen.python.mentions import LOADER_WORDS, PIECE, Mentions, Statement

_LOADER, _PIECE, _FIRST_FUNCTION = 1, 2, 4
#: More steps than files that people write take; what takes more is analysed.
_MAX_STEPS = 50_000


def may_meet(text: str) -> bool:
    """Tell whether some call in a Python text may hand a loader a piece of libpython's name.

    ``text`` has been parsed before without an error. ``False`` is certain.
    """
    tree = ast.parse(text)
    if not tell_apart(tree):
        return True
    mentions = Mentions(tree, closely=True)
    functions = list(mentions.parameters)
    carried = {name: _FIRST_FUNCTION << number for number, name in enumerate(functions)}
    for word in (*LOADER_WORDS, PIECE):
        carried[word] = carried.get(word, 0) | (_PIECE if word == PIECE else _LOADER)
    todo = [word for word in carried if word in mentions.by_word]
    for _ in range(_MAX_STEPS):
        if not todo:
            return False
        for statement in mentions.by_word.get(todo.pop(), ()):
            load = 0
            for word in statement.mentions:
                load |= carried.get(word, 0)
            if statement.acts and load & _LOADER and load & _PIECE:
                return True
            for name in _receivers(statement, load, functions, mentions):
                before = carried.get(name, 0)
                if before | load != before:
                    carried[name] = before | load
                    todo.append(name)
    return True


def _receivers(
    statement: Statement, load: int, functions: list[str], mentions: Mentions
) -> set[str]:
    """Return the names that may take on what a statement mentions."""
    found = set(statement.binds)
    rest = load // _FIRST_FUNCTION
    while rest:
        last = rest & -rest
        found |= mentions.parameters[functions[last.bit_length() - 1]]
        rest ^= last
    return found
