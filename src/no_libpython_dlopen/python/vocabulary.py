"""Words to which Python and its conventions give a meaning. Plain tables, free of libcst."""

from __future__ import annotations

#: What the first parameter of a method is called.
OBJECTS = frozenset({"self", "cls"})
#: Methods that change a list, a set or a dictionary in place.
MUTATORS = frozenset({"append", "extend", "insert", "add", "update", "appendleft", "setdefault"})
