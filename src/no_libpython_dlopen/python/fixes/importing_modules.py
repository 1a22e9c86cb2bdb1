"""What other modules may do with a library that a module keeps.

They get it by a name of the module, or of a class or an object of it. What this file does not read
itself is kept for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from no_libpython_dlopen.knowledge.runtime_functions import LIFECYCLE, SELF_QUESTIONS
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.python.fixes.safety import FixSafety
from no_libpython_dlopen.python.fixes.uses import LibraryUses
from no_libpython_dlopen.python.library_loads import LibraryLoad
from no_libpython_dlopen.python.project.importers import TooManyFiles, importing_files
from no_libpython_dlopen.python.syntax.positions import Positions

#: What the value of an expression passes through to a name.
_PASSING = (cst.Attribute, cst.Subscript, cst.IfExp, cst.BooleanOperation, cst.NamedExpr)
#: What makes a difference for a view as well.
_TELLING = re.compile(
    rb"\b(?:(?:%b)\w*|in_dll|_handle)\b" % "|".join((*SELF_QUESTIONS, *LIFECYCLE)).encode()
)


class ImportingModules:
    """The modules of a project that may use the libraries which one module keeps."""

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
        names = sorted(set(self._names(load.node)))
        if not names and not safety.shared:
            return
        try:
            with analysis.other_file():
                self._check_files(names, safety)
        except TooManyFiles:
            safety.share("the project is too large to be searched for uses of the library")

    def _check_files(self, names: list[str], safety: FixSafety) -> None:
        """Note what the files do that import the module, with its ``names`` for the library."""
        any_name = re.compile(rb"\b(?:%b)\b" % "|".join(names).encode())
        is_public = any(not one.startswith("_") for one in names)
        for other, data, takes_all in importing_files(self._path):
            is_named = bool(names) and (any_name.search(data) is not None)
            if is_named or (is_public and takes_all):
                safety.share(f"`{other}` may use the library")
            told = _TELLING.search(data) if safety.shared else None
            if told is not None:
                safety.unsafe(f"`{other}` may use the library: it has `{told[0].decode()}`")

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
