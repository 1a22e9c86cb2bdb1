"""Whether a loader and a piece of libpython's name can meet, told from names alone.

A file that loads what its callers name may speak of Python elsewhere, like cffi's own. What
each name may carry is followed through all statements at once, where every function has
names of its own: a loader, a piece of the name, or some function, whose parameters take on
what stands beside it. That is still more than can happen.
"""

from __future__ import annotations

from no_libpython_dlopen.python.local_names import tell_apart
from no_libpython_dlopen.python.mentions import LOADER_WORDS, PIECE, Mentions, Statement
from no_libpython_dlopen.python.syntax.parse_ast import parse_text

_LOADER, _PIECE, _FIRST_FUNCTION = 1, 2, 4
#: Names looked at, some 0.2 s; a file that takes more is analysed.
_MAX_STEPS = 300_000


def may_meet(text: str) -> bool:
    """Tell whether some call in a Python text may hand a loader a piece of libpython's name.

    ``False`` is certain. Raises ``Unreadable`` where the text nests too deeply.
    """
    tree = parse_text(text)  # a tree of its own, since names are changed in it
    if isinstance(tree, SyntaxError) or not tell_apart(tree):
        return True
    mentions = Mentions(tree, closely=True)
    # What is only ever called by its name is met where that name stands.
    functions = [name for name in mentions.parameters if name in mentions.handed_on]
    carried = {name: _FIRST_FUNCTION << number for number, name in enumerate(functions)}
    for word in (*LOADER_WORDS, PIECE):
        carried[word] = carried.get(word, 0) | (_PIECE if word == PIECE else _LOADER)
    todo = [word for word in carried if word in mentions.by_word]
    left = _MAX_STEPS
    while todo:
        for statement in mentions.by_word.get(todo.pop(), ()):
            load = 0
            for word in statement.mentions:
                load |= carried.get(word, 0)
            if statement.acts and load & _LOADER and load & _PIECE:
                return True
            receivers = _receivers(statement, load, functions, mentions)
            left -= len(statement.mentions) + len(receivers) + load.bit_count()
            if left < 0:
                return True
            for name in receivers:
                before = carried.get(name, 0)
                if before | load != before:
                    carried[name] = before | load
                    todo.append(name)
    return False


def _receivers(
    statement: Statement, load: int, functions: list[str], mentions: Mentions
) -> set[str]:
    """Return the names that may take on what a statement mentions."""
    found = set(statement.binds)
    for name in statement.mentions & mentions.parameters.keys():
        found |= mentions.parameters[name]
    rest = load // _FIRST_FUNCTION
    while rest:
        last = rest & -rest
        found |= mentions.parameters[functions[last.bit_length() - 1]]
        rest ^= last
    return found
