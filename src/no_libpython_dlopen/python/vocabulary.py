"""Words to which Python and its conventions give a meaning. Tables, free of libcst."""

from __future__ import annotations

#: Methods that change a list, a set or a dictionary in place.
MUTATORS = frozenset({"append", "extend", "insert", "add", "update", "appendleft", "setdefault"})
