"""Local variables that nothing reads once a load is gone, and the edits that delete them.

``name = "libpython3.11.so"`` in a function is dead code when ``ctypes.PyDLL(name)`` has
become ``ctypes.pythonapi``, and linters report it (F841). Only what is certain is deleted:
each binding of the name is a plain assignment of an expression without effects, and the
name occurs nowhere else in its function. Names of modules and classes stay: others may
read them.
"""

from __future__ import annotations

import libcst as cst

from no_libpython_dlopen.model.finding import Edit
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.fixes.argument_effects import ArgumentEffects
from no_libpython_dlopen.python.fixes.statement_deletion import delete_statement
from no_libpython_dlopen.python.fixes.uses import LibraryUses
from no_libpython_dlopen.python.syntax.parse import descendants
from no_libpython_dlopen.python.syntax.positions import Positions

#: Functions that see local variables without naming them.
_SEE_ALL = frozenset({"locals", "vars", "eval", "exec", "dir", "globals", "_getframe", "frame"})


class UnusedNames:
    """The local variables of one module that a fix leaves unused."""

    def __init__(self, positions: Positions, uses: LibraryUses, effects: ArgumentEffects) -> None:
        self._positions = positions
        self._uses = uses
        self._effects = effects

    def edits(self, load: cst.CSTNode) -> tuple[Edit, ...]:
        """Return the edits that delete what only an expression that goes away has read."""
        gone: list[cst.CSTNode] = [load]
        edits: list[Edit] = []
        while True:
            found = next(
                (each for each in self._candidates(gone) if self._is_dead(each, gone)), None
            )
            if found is None:
                return tuple(edits)
            statements = [binding.node for binding in self._assignments(found)]
            deleted = [delete_statement(self._positions, one) for one in statements]
            known = [edit for edit in deleted if edit is not None and not edit.new]
            if len(known) < len(deleted):  # a block would be empty
                return tuple(edits)
            edits += known
            gone += statements

    def _candidates(self, gone: list[cst.CSTNode]) -> list[Binding]:
        """Return the bindings of names that are read in what goes away, and that stay."""
        found = [
            binding
            for node in gone
            for part in descendants(node)
            for binding in self._uses.name_bindings(part)
        ]
        return [binding for binding in found if binding.node not in gone]

    def _assignments(self, binding: Binding) -> list[Binding]:
        return binding.scope.bindings[binding.name]

    def _is_dead(self, binding: Binding, gone: list[cst.CSTNode]) -> bool:
        """Return whether all assignments of a local variable can be deleted."""
        function = binding.scope.node
        if not isinstance(function, cst.FunctionDef):
            return False
        assignments = self._assignments(binding)
        if not all(map(self._is_plain, assignments)):
            return False
        kept = {id(part) for node in gone for part in descendants(node)}
        kept |= {id(self._target(one.node)) for one in assignments}
        return not any(
            (part.value == binding.name and id(part) not in kept and not self._is_other_name(part))
            or part.value in _SEE_ALL
            for part in descendants(function)
            if isinstance(part, cst.Name)
        )

    def _is_plain(self, binding: Binding) -> bool:
        """Return whether a binding is `name = value`, and the value only computes."""
        return (
            binding.kind is BindingKind.VALUE
            and not binding.path
            and binding.value is not None
            and isinstance(self._target(binding.node), cst.Name)
            and not self._effects.has_effects(binding.value)
            and not self._effects.may_fail(binding.value)
        )

    @staticmethod
    def _target(node: cst.CSTNode) -> cst.BaseExpression | None:
        """Return what an assignment with one target binds."""
        if isinstance(node, cst.AnnAssign):
            return node.target
        if isinstance(node, cst.Assign) and len(node.targets) == 1:
            return node.targets[0].target
        return None

    def _is_other_name(self, part: cst.Name) -> bool:
        """Return whether a word is an attribute or a keyword of that name."""
        parent = self._positions.parent(part)
        return (isinstance(parent, cst.Attribute) and parent.attr is part) or (
            isinstance(parent, cst.Arg) and parent.keyword is part
        )
