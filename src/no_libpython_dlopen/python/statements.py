"""A statement as ``mentions`` sees it: the words in it, and the names that it binds."""

from __future__ import annotations

import builtins
from collections.abc import Collection

from no_libpython_dlopen.python.vocabulary import BY_NAME


class Statement:
    """A simple statement, or the head of a compound one, and the definitions around it."""

    __slots__ = (
        *("acts", "binds", "function", "heir", "is_test", "joins", "mentions"),
        *("outer", "owner", "parts"),
    )

    def __init__(self, outer: Statement | None = None) -> None:
        self.mentions: set[str] = set()
        self.binds: set[str] = set()
        #: The words of which texts in it are parts.
        self.parts: set[str] = set()
        #: Whether something is called or subscripted in it, whether others depend on it, and
        #: whether it puts texts together.
        self.acts = self.is_test = self.joins = False
        #: The statement that this one is in, and the names of the function and class around it.
        self.outer = outer
        self.function: str = outer.function if outer is not None else ""
        self.owner: str = outer.owner if outer is not None else ""
        #: The class around it that inherits from others, whose methods see its attributes.
        self.heir: str = outer.heir if outer is not None else ""


def asks_by_name(statements: Collection[Statement]) -> bool:
    """Return whether attributes are asked for by names that may be put together of texts.

    A variable called ``vars`` asks for nothing.
    """
    used = set().union(*(one.mentions & BY_NAME for one in statements))
    bound = set().union(*(one.binds & used for one in statements)) if used else set()
    return any(one not in bound or not hasattr(builtins, one) for one in used)
