"""A statement as ``mentions`` sees it: the words in it, and the names that it binds."""

from __future__ import annotations


class Statement:
    """A simple statement, or the head of a compound one, and the definitions around it."""

    __slots__ = (
        *("acts", "binds", "function", "heir", "is_test", "joins", "mentions"),
        *("outer", "owner"),
    )

    def __init__(self, outer: Statement | None = None) -> None:
        self.mentions: set[str] = set()
        self.binds: set[str] = set()
        #: Whether something is called or subscripted in it, whether others depend on it, and
        #: whether it puts texts together.
        self.acts = self.is_test = self.joins = False
        #: The statement that this one is in, and the names of the function and class around it.
        self.outer = outer
        self.function: str = outer.function if outer is not None else ""
        self.owner: str = outer.owner if outer is not None else ""
        #: The class around it that inherits from others, whose methods see its attributes.
        self.heir: str = outer.heir if outer is not None else ""
