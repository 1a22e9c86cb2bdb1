"""Whether a library's name leads to a private copy: in a temporary folder, or made by the file."""

from __future__ import annotations

import re

import libcst as cst

from no_libpython_dlopen.knowledge.process_functions import STARTERS
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.uses import LibraryUses
from no_libpython_dlopen.python.syntax.positions import Positions

_TEMPORARY = re.compile(r"""[rbu]*["']+/(?:var/)?tmp/""")
_TEMPORARY_NAMES = frozenset({"tmp_path", "tmpdir", "tmp_path_factory", "tmpdir_factory"})
_COPIES = frozenset(
    {"copy", "copy2", "copyfile", "copytree", "move", "symlink", "link", "symlink_to", "rename"}
    | {"hardlink_to", "write_bytes", "urlretrieve", "copyfileobj"}
)


class PrivateCopies:
    """The files that one module makes, as far as names lead to them."""

    def __init__(self, evaluator: Evaluator, positions: Positions, uses: LibraryUses) -> None:
        self._evaluator = evaluator
        self._positions = positions
        self._library_uses = uses
        self._copied: dict[Binding, bool] = {}

    def names(self, part: cst.CSTNode) -> bool:
        """Return whether a part of a library's name is a temporary folder, or a place copied to."""
        if isinstance(part, (cst.Attribute, cst.Name)) and self._evaluator.qualified_name(
            part
        ).startswith("tempfile."):
            return True
        if isinstance(part, cst.Name):
            for binding in self._library_uses.name_bindings(part):
                if binding.kind is BindingKind.IMPORTED:  # ``os`` is read where files are made
                    continue
                if binding not in self._copied:
                    self._copied[binding] = any(map(self._is_copied_to, binding.readers))
                if self._copied[binding]:
                    return True
            return part.value in _TEMPORARY_NAMES
        if isinstance(part, (cst.SimpleString, cst.FormattedString)):
            return _TEMPORARY.match(self._positions.code(part)) is not None
        return False

    def _is_copied_to(self, reader: cst.CSTNode) -> bool:
        """Return whether a file is made where a name says: the last argument, or the object."""
        inner = reader
        for outer in self._positions.ancestors(reader):
            if isinstance(outer, cst.Call):
                function = outer.func.attr if isinstance(outer.func, cst.Attribute) else outer.func
                word = function.value if isinstance(function, cst.Name) else ""
                last = outer.args[-1] if len(outer.args) > 1 else None
                if word in _COPIES and (inner is last or inner is outer.func):
                    return True
                is_given = inner is not outer.func
                # What they start may make any file whose name they are given.
                if (word in STARTERS and is_given) or (word == "open" and _writes(outer)):
                    return True
            elif isinstance(outer, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
                return False
            inner = outer
        return False


def _writes(call: cst.Call) -> bool:
    """Return whether a call of ``open`` is for writing."""
    modes = [one.value for one in call.args[1:2]]
    modes += [one.value for one in call.args if one.keyword and one.keyword.value == "mode"]
    return any(isinstance(mode, cst.SimpleString) and {*"wax+"} & {*mode.value} for mode in modes)
