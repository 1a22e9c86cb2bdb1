"""What the pass over a module asks of the modules that it imports from its project."""

from __future__ import annotations

from typing import Any, Protocol

from no_libpython_dlopen.python.dataflow.bindings import Scope


class ImportedNames(Protocol):
    """What is known of imported names while a module is walked."""

    def star_names(self, name: str) -> tuple[str, ...]:
        """Return the names that a star import of a module binds."""

    def is_skipping_mark(self, qualified: str) -> bool:
        """Return whether an imported name is a mark that skips a test on Unix."""

    def never_returns(self, qualified: str) -> bool:
        """Return whether an imported name is a function that ends its caller on Unix."""

    def drops_function(self, qualified: str, *, is_made: bool) -> bool:
        """Return whether an imported name is a decorator that never calls its function on Unix.

        With ``is_made`` it is what returns one.
        """

    def run_before(
        self, fixtures: frozenset[str], bases: tuple[str, ...], own: frozenset[str]
    ) -> list[tuple[Any, Scope]]:
        """Return the functions that a runner calls before a test, with the evaluators of the modules.

        The test asks for ``fixtures``, and its class has ``bases``; fixtures that its module
        defines itself are ``own``.
        """

    def fails(self, name: str) -> bool:
        """Return whether the import of a module, or of a package that it is in, fails on Unix."""

    def is_unreachable(self) -> bool:
        """Return whether the import of a package that the file is in fails on Unix."""


class NothingKnown:
    """The answers for a text whose imports are not followed."""

    def star_names(self, _: str) -> tuple[str, ...]:
        """Return the names that a star import of a module binds."""
        return ()

    def is_skipping_mark(self, _: str) -> bool:
        """Return whether an imported name is a mark that skips a test on Unix."""
        return False

    def never_returns(self, _: str) -> bool:
        """Return whether an imported name is a function that ends its caller on Unix."""
        return False

    def drops_function(self, _: str, *, is_made: bool) -> bool:  # noqa: ARG002
        """Return whether an imported name is a decorator that never calls its function on Unix."""
        return False

    def run_before(
        self, _: frozenset[str], __: tuple[str, ...], ___: frozenset[str]
    ) -> list[tuple[Any, Scope]]:
        """Return the functions that a runner calls before a test, with the evaluators of the modules."""
        return []

    def fails(self, _: str) -> bool:
        """Return whether a module's import fails on Unix."""
        return False

    def is_unreachable(self) -> bool:
        """Return whether the import of a package that the file is in fails on Unix."""
        return False
