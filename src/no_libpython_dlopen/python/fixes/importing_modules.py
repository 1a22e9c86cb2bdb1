"""What other modules of a project may do with the names of one module.

They get a library by a name of the module, or of a class or an object of it. A library that the
module does not use itself is kept for them. A test may replace the loader, or what gives the
library's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from no_libpython_dlopen.knowledge.runtime_functions import LIFECYCLE, SELF_QUESTIONS
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.python.fixes.safety import FixSafety
from no_libpython_dlopen.python.fixes.uses import LibraryUses
from no_libpython_dlopen.python.library_loads import LibraryLoad
from no_libpython_dlopen.python.project.importers import Importer, TooManyFiles, importers_of
from no_libpython_dlopen.python.syntax.parse import descendants
from no_libpython_dlopen.python.syntax.positions import Positions

#: What the value of an expression passes through to a name.
_PASSING = (cst.Attribute, cst.Subscript, cst.IfExp, cst.BooleanOperation, cst.NamedExpr)
#: Names of functions to which a private view makes a difference, too.
_TELLING = re.compile(
    rb"(?:%b)\w*|in_dll|_handle" % "|".join((*SELF_QUESTIONS, *LIFECYCLE)).encode()
)


class ImportingModules:
    """The modules of a project that may use the libraries and the loaders of one module."""

    def __init__(self, path: str, positions: Positions, uses: LibraryUses) -> None:
        self._path = path
        self._positions = positions
        self._library_uses = uses

    def check(self, load: LibraryLoad, exported: frozenset[str], safety: FixSafety) -> None:
        """Note what other modules may do with the library of a load."""
        bound, around, *_ = (*self._positions.ancestors(load.node), None, None)
        bindings = self._library_uses.bindings(bound) or []
        is_used = isinstance(bound, cst.NamedExpr) and not isinstance(around, cst.Expr)
        if any(binding.name in exported for binding in bindings):
            safety.share("the library is exported in `__all__`")
        if any(not binding.readers for binding in bindings) and not is_used:
            safety.share("other modules may use the library")
        if self._importers is None:
            safety.share("the project is too large to be searched for uses of the library")
            return
        names = {name.encode() for name in self._names(load.node)}
        is_public = any(not one.startswith(b"_") for one in names)
        read = set(self._reachable_names(load.node))
        for other, told in self._importers:
            if not names.isdisjoint(other.words) or (is_public and other.takes_all):
                safety.share(f"`{other.path}` may use the library")
            if told and safety.shared:
                safety.unsafe(f"`{other.path}` may use the library: it names `{told}`")
            for name in sorted(read & other.replaced)[:1]:
                safety.unsafe(f"`{other.path}` may replace `{name.decode()}`")

    def may_read(self, name: str) -> bool:
        """Return whether another module may read a name of the module."""
        is_public = not name.startswith("_")
        return self._importers is None or any(
            name.encode() in other.words or (is_public and other.takes_all)
            for other, _ in self._importers
        )

    @cached_property
    def _importers(self) -> list[tuple[Importer, str]] | None:
        """The files that may import the module, each with a word that tells; ``None`` if too many."""
        try:
            with analysis.other_file():
                several = list(importers_of(self._path))
        except TooManyFiles:
            return None
        telling = [sorted(filter(_TELLING.fullmatch, one.words))[:1] for one in several]
        return [(one, b"".join(told).decode()) for one, told in zip(several, telling, strict=True)]

    def _reachable_names(self, load: cst.CSTNode) -> Iterator[bytes]:
        """Yield the names that a load reads, as far as code elsewhere can give them a value."""
        for part in descendants(load):
            if isinstance(part, cst.Name):
                bindings = self._library_uses.name_bindings(part)
                if not bindings or any(one.scope.parent is None for one in bindings):
                    yield part.value.encode()

    def _names(self, load: cst.CSTNode) -> Iterator[str]:
        """Yield the names of the module that mean the library, or a function of it."""
        seen, todo = {load}, [load]
        while todo:
            node = todo.pop()
            for outer in self._positions.ancestors(node):
                for binding in self._library_uses.bindings(outer) or ():
                    if binding.scope.parent is None:
                        yield binding.name
                    new = [one for one in binding.readers if one not in seen]
                    seen.update(new)
                    todo += new
                if not isinstance(outer, _PASSING):
                    break
