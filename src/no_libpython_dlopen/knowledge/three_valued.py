"""Three-valued logic (Kleene): ``True``, ``False``, and ``None`` for "may be either".

Conditions of build files and of Python code are evaluated in it: most of what they ask is
known only on the machine that builds.
"""

from __future__ import annotations

from collections.abc import Collection


def any_of(values: Collection[bool | None]) -> bool | None:
    """Return the three-valued *or* of ``values``: ``False`` of none."""
    if True in values:
        return True
    return None if None in values else False


def all_of(values: Collection[bool | None]) -> bool | None:
    """Return the three-valued *and* of ``values``: ``True`` of none."""
    if False in values:
        return False
    return None if None in values else True


def negation(value: bool | None) -> bool | None:
    """Return the three-valued *not* of ``value``."""
    return None if value is None else not value
