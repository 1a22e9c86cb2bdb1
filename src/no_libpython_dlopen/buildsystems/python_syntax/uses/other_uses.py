"""Finds the other uses of a list that an edit would take an item out of."""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet

import libcst as cst

from no_libpython_dlopen.buildsystems.common.link_graph import Blocker
from no_libpython_dlopen.buildsystems.python_syntax.script_model import Script
from no_libpython_dlopen.knowledge.libpython_names import is_link_flag, is_link_library
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.evaluator.abstract_values import Mapping
from no_libpython_dlopen.python.syntax.positions import Positions
from no_libpython_dlopen.python.vocabulary import MUTATORS

#: Calls that only look at a list.
_LOOKS = frozenset(
    {"print", "isinstance", "repr", "id", "type", "enumerate"}
    | {"pprint.pprint", "logging.info", "logging.debug", "distutils.log.info", "sys.stderr.write"}
)
#: Calls that ask whether there is an item.
_TESTS = frozenset({"bool", "any", "all"})
_CHANGES = MUTATORS | {"remove", "sort", "reverse"}
_LISTS = frozenset({"items", "values", "keys"})
#: Keys under which a dictionary may hold what reaches the linker.
_LINKS = re.compile(r"lib|link|obj|flag|arg|ld", re.IGNORECASE)


class OtherUses:
    """The other uses of what the backward slices of a file went through."""

    def __init__(self, script: Script, positions: Positions) -> None:
        self._script = script
        self._positions = positions
        #: The item that would be deleted, and whether a list without it may be empty.
        self._item: cst.CSTNode | None = None
        self._may_be_empty = True
        #: Whether the list is an item itself, so that names mean what holds it.
        self._is_nested = False
        self._always_filled: dict[cst.CSTNode, bool] = {}
        #: The bindings that build on each, and those that a statement makes.
        self._built_on: dict[Binding, list[Binding]] = {}
        self._made: dict[cst.CSTNode, list[Binding]] = {}
        for binding in dict.fromkeys(script.flow.binding_log):
            self._made.setdefault(binding.node, []).append(binding)
            for one in binding.before:
                self._built_on.setdefault(one, []).append(binding)
        self._known: dict[object, tuple[str, list[cst.ComparisonTarget]]] = {}

    def _containers(self, node: cst.CSTNode) -> int:
        """Return the number of lists and dictionaries around an item in its statement."""
        found = 0
        for parent in self._positions.holders(node):
            if isinstance(parent, cst.BaseSmallStatement):
                break
            found += isinstance(parent, (cst.List, cst.Tuple, cst.Set, cst.Dict))
        return found

    def _may_become_empty(self, node: cst.CSTNode) -> bool:
        """Return whether nothing certainly stays in the list around an item."""
        for parent in self._positions.holders(node):
            if isinstance(parent, (cst.List, cst.Tuple, cst.Set)):
                if parent not in self._always_filled:
                    self._always_filled[parent] = any(
                        isinstance(one.value, cst.SimpleString)
                        and not is_link_library(str(one.value.evaluated_value))
                        and not is_link_flag(str(one.value.evaluated_value))
                        for one in parent.elements
                    )
                return not self._always_filled[parent]
            if isinstance(parent, cst.BaseSmallStatement):
                break
        return True

    def of_list_around(self, node: cst.CSTNode) -> str:
        """Return another use of the enclosing list that forbids editing it, or an empty text."""
        self._item, self._may_be_empty = node, self._may_become_empty(node)
        self._is_nested = self._containers(node) > 1
        child = node
        for parent in self._positions.holders(node):
            if isinstance(parent, cst.Return):
                return self.of_function_around(parent)
            if isinstance(parent, cst.Call):
                if not self._keeps(parent, child):
                    return ""
                if isinstance(parent.func, cst.Attribute) and isinstance(
                    parent.func.value, cst.Name
                ):
                    return self._of_name(parent.func.value)
            elif isinstance(parent, cst.AugAssign):
                return self._of_name(parent.target)
            elif isinstance(parent, (cst.Assign, cst.AnnAssign, cst.NamedExpr)):
                for binding in self._bindings_of(parent):
                    reason = self._of_bindings({binding})
                    if reason:
                        return reason
                return ""
            elif isinstance(parent, cst.For) and parent.iter is child:
                return self._of_loop(
                    parent,
                    nested=self._positions.parent(node)
                    not in (*getattr(parent.iter, "elements", ()),),
                )
            elif isinstance(parent, (cst.BaseSmallStatement, cst.BaseCompoundStatement)):
                return ""
            child = parent
        return ""

    @staticmethod
    def _keeps(call: cst.Call, child: cst.CSTNode) -> bool:
        """Return whether a call puts its argument into the list that it is called on."""
        return (
            isinstance(call.func, cst.Attribute)
            and call.func.attr.value in MUTATORS
            and child is not call.func
        )

    def loop_of(self, node: cst.CSTNode) -> cst.For | None:
        """Return the ``for`` loop whose variable an item is."""
        if isinstance(node, cst.Name):
            for binding in self._script.bindings(node):
                if binding.kind is BindingKind.ELEMENT and isinstance(binding.node, cst.For):
                    return binding.node
        return None

    def of_item(self, node: cst.CSTNode) -> str:
        """Return another use of the name that a ``for`` loop gives an item, or an empty text."""
        loop = self.loop_of(node)
        return self._of_loop(loop) if loop is not None else ""

    def _of_loop(self, loop: cst.For, *, nested: bool = False) -> str:
        names = [one for one in self._bindings_of(loop) if one.kind is BindingKind.ELEMENT]
        if nested:  # a list among what is unpacked: only its own name matters
            passed = self._script.passed
            return self._of_bindings({one for one in names if passed & one.readers.keys()})
        readers = {reader for one in names for reader in one.readers}
        return "" if len(readers) <= 1 else Blocker.IN_LOOP

    def of_function_around(self, node: cst.CSTNode) -> str:
        """Return that others call the enclosing function, or an empty text."""
        for parent in self._positions.holders(node):
            if isinstance(parent, cst.FunctionDef):
                scope = self._script.flow.scopes.get(parent)
                calls = self._script.calls(scope) if scope is not None else []
                if any(call not in self._script.passed for call in calls):
                    return Blocker.CALLED.about(parent.name.value)
                return ""
        return ""

    def _bindings_of(self, node: cst.CSTNode) -> list[Binding]:
        return self._made.get(node, [])

    def _of_name(self, node: cst.CSTNode) -> str:
        if isinstance(node, cst.Name):
            return self._of_bindings(self._script.roots(node))
        return ""

    def _of_bindings(self, wanted: AbstractSet[Binding]) -> str:
        """Return code that reads one of these bindings, or one that builds on them, untraced."""
        key = frozenset(wanted), self._may_be_empty, self._is_nested
        if key not in self._known:
            self._known[key] = self._read_by(wanted)
        reason, comparisons = self._known[key]
        if not reason and not all(map(self._asks_for_other, comparisons)):
            reason = Blocker.USED.about(next(iter(wanted)).name)
        return reason

    def _read_by(self, wanted: AbstractSet[Binding]) -> tuple[str, list[cst.ComparisonTarget]]:
        """Return code that reads bindings untraced, and the comparisons that ask for one item."""
        comparisons: list[cst.ComparisonTarget] = []
        reached: set[Binding] = set()
        waiting = list(wanted)
        while waiting:
            binding = waiting.pop()
            if binding in reached:
                continue
            reached.add(binding)
            waiting += self._built_on.get(binding, ())
            for reader in binding.readers:
                looks = reader in self._script.passed or self._looks(reader)
                parent = self._positions.parent(reader)
                if isinstance(parent, cst.ComparisonTarget) and not self._is_nested:
                    comparisons.append(parent)
                elif self._counts_items(reader):
                    looks = False
                if not looks:
                    return Blocker.USED.about(binding.name), []
        return "", comparisons

    def _is_walked(self, node: cst.CSTNode) -> bool:
        """Return whether a loop over a list or dictionary does only what was traced, or looks."""
        loop = self._positions.parent(node)
        if not isinstance(loop, (cst.For, cst.CompFor)) or loop.iter is not node:
            return False
        names = [one for one in self._bindings_of(loop) if one.kind is BindingKind.ELEMENT]
        return all(
            reader in self._script.passed or self._looks(reader)
            for one in names
            if self._script.passed & one.readers.keys()
            for reader in one.readers
        ) and any(self._script.passed & one.readers.keys() for one in names)

    def _counts_items(self, reader: cst.CSTNode) -> bool:
        """Return whether a list's items are asked for by number, or whether there are any."""
        parent = self._positions.parent(reader)
        if self._is_nested:
            return False
        if isinstance(parent, cst.Subscript) and parent.value is reader:
            return self._script.key(parent) is None and not _is_copy(parent)
        if isinstance(parent, (cst.BooleanOperation, cst.UnaryOperation, cst.If, cst.IfExp)):
            return self._may_be_empty
        if isinstance(parent, (cst.While, cst.Assert)):
            return self._may_be_empty
        # As the left side of a comparison, it is compared as a whole.
        return isinstance(parent, cst.Comparison)

    def _asks_for_other(self, target: cst.ComparisonTarget) -> bool:
        """Return whether ``in`` asks for an item that is certainly not the deleted one."""
        left = self._positions.parent(target)
        if not isinstance(left, cst.Comparison) or not isinstance(
            target.operator, (cst.In, cst.NotIn)
        ):
            return False
        return (
            isinstance(left.left, cst.SimpleString)
            and isinstance(self._item, cst.SimpleString)
            and left.left.evaluated_value != self._item.evaluated_value
        )

    def _looks(self, reader: cst.CSTNode) -> bool:
        """Return whether a reader of a list leaves it and what is made of it alone."""
        parent = self._positions.parent(reader)
        if isinstance(parent, cst.Attribute):
            call = self._positions.parent(parent)
            if isinstance(call, cst.Call) and parent.attr.value in _LISTS:
                return self._is_walked(call)
            return isinstance(call, cst.Call) and parent.attr.value in _CHANGES
        if isinstance(parent, cst.Subscript) and parent.value is reader:
            key = self._script.key(parent)
            return key is not None and not _LINKS.search(key)
        if isinstance(parent, (cst.For, cst.CompFor)):
            assert isinstance(reader, cst.BaseExpression)
            options = self._script.evaluator.evaluate(reader).alternatives
            keys = bool(options) and all(isinstance(one, Mapping) for one in options)
            return keys or self._is_walked(reader)
        if isinstance(parent, cst.Arg):
            call = self._positions.parent(parent)
            named = self._script.callee_names(call) if isinstance(call, cst.Call) else frozenset()
            return bool(named & _LOOKS) or (bool(named & _TESTS) and not self._may_be_empty)
        return isinstance(
            parent,
            (
                cst.AugAssign,
                cst.ComparisonTarget,
                cst.Comparison,
                cst.FormattedStringExpression,
                cst.If,
                cst.UnaryOperation,
                cst.BooleanOperation,
                cst.Expr,
                cst.Del,
                cst.Assert,
            ),
        )


def _is_copy(subscript: cst.Subscript) -> bool:
    """Return whether a subscript is ``[:]``, of all items however many they are."""
    chosen = subscript.slice[0].slice
    return isinstance(chosen, cst.Slice) and chosen.lower is chosen.upper is chosen.step is None
