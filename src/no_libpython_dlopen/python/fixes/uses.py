"""Uses of a loaded library (def-use): who reads it in the file, and what is done with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.evaluator.abstract_values import External, Instance, iterate
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import descendants
from no_libpython_dlopen.python.syntax.positions import Positions


@dataclass(frozen=True, slots=True)
class Use:
    """One use of the library.

    ``does`` is ``called`` (``name`` is the function), ``prototype`` (``name`` is
    ``restype`` or the like), ``attribute``, ``probed`` (``hasattr``), ``inspected``
    (``isinstance``, ``_handle``), ``variable`` (``in_dll``), ``stored`` or ``passed``.
    """

    does: str
    name: str
    node: cst.CSTNode


PROTOTYPE = frozenset({"restype", "argtypes", "errcheck"})
_PROBES = frozenset({"hasattr", "getattr"})
#: How the names of the runtime's functions start.
RUNTIME_PREFIXES = ("Py", "_Py")
#: A call of them asks for the member that its argument names.
_ASKING = frozenset({"__getattr__", "__getitem__", "__getattribute__"})
_INSPECTED = frozenset({"_name", "_handle", "_FuncPtr", "_func_flags_"})
#: What can read any name, or all of them; a notebook's magics among them.
_READ_ALL = re.compile(r"(?:locals|globals|vars|eval|exec|__dict__|_nolibpy_hidden_*)\Z")
#: The expressions that make a collection, the items in them, and the functions that make one.
_COLLECTIONS = (cst.List, cst.ListComp, cst.Dict, cst.DictComp)
_ITEMS = (cst.Element, cst.DictElement)
_MAKERS = frozenset({"list", "set", "dict", "collections.deque", "collections.OrderedDict"})


class LibraryUses:
    """The uses of the libraries that a module loads."""

    def __init__(self, evaluator: Evaluator, positions: Positions) -> None:
        self._flow = evaluator.dataflow
        self._evaluator = evaluator
        self._positions = positions
        self._by_place: dict[tuple[cst.CSTNode, str], list[Binding]] = {}
        for binding in self._flow.binding_log:
            known = self._by_place.setdefault((binding.node, binding.name), [])
            if binding not in known:
                known.append(binding)

    def statement(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """Return the statement whose whole value an expression is; ``None`` for a part."""
        parent = self._positions.parent(node)
        if isinstance(parent, (cst.Expr, cst.Assign, cst.AnnAssign)):
            return parent
        return None

    def bindings(self, node: cst.CSTNode | None) -> list[Binding] | None:
        """Return the names that an assignment binds; ``None`` where it binds more."""
        if isinstance(node, cst.Assign):
            targets: list[cst.BaseExpression] = [target.target for target in node.targets]
        elif isinstance(node, (cst.AnnAssign, cst.NamedExpr)):
            targets = [node.target]
        else:
            return None
        found: list[Binding] = []
        for target in targets:
            if not isinstance(target, cst.Name):
                return None
            found += self._by_place.get((node, target.value), [])
        return found

    def name_bindings(self, node: cst.CSTNode) -> list[Binding]:
        """Return the bindings of a name that reach a read, in the order of the text."""
        if not isinstance(node, cst.Name):
            return []
        found = self._flow.uses.get(node)
        if found is None and node in self._flow.free_names:
            found = self._flow.free_names[node].lookup(node.value)
        return sorted(found or (), key=lambda one: self._positions.span(one.node))

    def is_read(self, node: cst.BaseExpression, exported: frozenset[str]) -> bool:
        """Return whether anything can read the value of a load."""
        if self._is_dropped(node):
            return False
        bindings = self.bindings(self.statement(node))
        if not bindings:
            return self._is_kept_and_read(node, exported)
        return any(
            len(binding.readers) > len(self.deletions(binding))
            or binding.scope.is_class
            or binding.name in exported
            or self._is_read_elsewhere(binding, node)
            for binding in bindings
        )

    def _is_kept_and_read(self, node: cst.CSTNode, exported: frozenset[str]) -> bool:
        """Return whether the collection that a load is put in can be read, by whatever name.

        A collection to which handles are only added keeps them open: they are preloads.
        """
        kept = self._bindings_of_collection(node)
        scopes = {one.scope for one in kept}
        every = [b for one in scopes for b in one.bindings[kept[0].name]]
        return (
            not every
            or any(one.is_class or kept[0].name in one.external_bindings for one in scopes)
            or kept[0].name in exported
            or not all(one.kind is BindingKind.MUTATED or self._is_collection(one) for one in every)
            or any(self._is_read_elsewhere(one, node) for one in every)
            or any(not self._is_adding(reader) for one in every for reader in one.readers)
        )

    def _bindings_of_collection(self, node: cst.CSTNode) -> list[Binding]:
        """Return the binding of the collection that a load is an item of, or is added to."""
        adding = self.adding_statement(node)
        if adding is not None:
            assert isinstance(adding.value, cst.Call)
            assert isinstance(adding.value.func, cst.Attribute)
            return self.name_bindings(adding.value.func.value)
        parent = self._positions.parent(node)
        if isinstance(parent, cst.Assign) and len(parent.targets) == 1:
            target = parent.targets[0].target
            return self.name_bindings(target.value) if isinstance(target, cst.Subscript) else []
        while isinstance(parent, (*_ITEMS, *_COLLECTIONS, cst.Tuple)):
            is_made = not isinstance(parent, cst.ListComp) or parent.elt is node
            if not is_made or getattr(parent, "value", node) is not node:  # or a key
                return []
            node, parent = parent, self._positions.parent(parent)
        return (self.bindings(parent) or []) if isinstance(node, _COLLECTIONS) else []

    def adding_statement(self, node: cst.CSTNode) -> cst.Expr | None:
        """Return the statement that adds a load, and nothing else, to a list."""
        argument = self._positions.parent(node)
        call = self._positions.parent(argument) if isinstance(argument, cst.Arg) else None
        func = call.func if isinstance(call, cst.Call) and len(call.args) == 1 else None
        if not isinstance(func, cst.Attribute) or not self._is_adding(func.value):
            return None
        statement = self._positions.parent(call) if call is not None else None
        return statement if isinstance(statement, cst.Expr) else None

    def _is_collection(self, binding: Binding) -> bool:
        """Return whether a name is bound to a new list, set or dictionary that has no other name."""
        node, value = binding.node, binding.value
        if binding.kind is not BindingKind.VALUE or binding.path:
            return False
        is_new = isinstance(value, _COLLECTIONS) or (
            isinstance(value, cst.Call) and self._evaluator.qualified_name(value.func) in _MAKERS
        )
        return is_new and not (isinstance(node, cst.Assign) and len(node.targets) > 1)

    def _is_adding(self, name: cst.CSTNode) -> bool:
        """Return whether a name is read for a statement that adds to its collection, no more."""
        attribute = self._positions.parent(name)
        call = self._positions.parent(attribute) if attribute is not None else None
        if isinstance(attribute, cst.Subscript) and attribute.value is name:
            whole = self._positions.parent(call) if isinstance(call, cst.AssignTarget) else None
            return isinstance(whole, cst.Assign) and len(whole.targets) == 1
        return (
            isinstance(attribute, cst.Attribute)
            and attribute.attr.value in ("append", "add", "appendleft")
            and isinstance(call, cst.Call)
            and call.func is attribute
            and isinstance(self._positions.parent(call), cst.Expr)
        )

    def deletions(self, binding: Binding) -> list[cst.CSTNode]:
        """Return the statements that do nothing but delete a name."""
        parents = map(self._positions.parent, binding.readers)
        return [parent for parent in parents if isinstance(parent, cst.Del)]

    def _is_read_elsewhere(self, binding: Binding, load: cst.CSTNode) -> bool:
        """Return whether code that is not followed may read a name that this file never reads.

        Other modules import what is public. A leading underscore, ``del`` and
        ``RTLD_GLOBAL`` are the marks of a preload.
        """
        is_global = binding.scope.parent is None
        is_public = not binding.name.startswith("_") and not self.deletions(binding)
        if is_global and is_public and "RTLD_GLOBAL" not in _words(load):
            return True
        inside = (
            self._positions.nodes(cst.Name)
            if is_global
            else [one for one in descendants(binding.scope.node) if isinstance(one, cst.Name)]
        )
        return any(_READ_ALL.match(part.value) for part in inside)

    def _is_dropped(self, node: cst.CSTNode) -> bool:
        """Return whether a value only makes up an expression that is a statement."""
        parent = self._positions.parent(node)
        if isinstance(parent, cst.Expr):
            return True
        if isinstance(parent, cst.NamedExpr) and any(
            binding.readers or self._is_read_elsewhere(binding, node)
            for binding in self.bindings(parent) or ()
        ):
            return False
        passes = (
            (isinstance(parent, cst.BooleanOperation) and parent.right is node)
            or (isinstance(parent, cst.IfExp) and parent.test is not node)
            or isinstance(parent, (cst.NamedExpr, cst.Element, cst.Tuple))
        )
        return passes and parent is not None and self._is_dropped(parent)

    def of(self, node: cst.CSTNode, depth: int = 0) -> Iterator[Use]:
        """Yield the uses of an expression's value."""
        parent = self._positions.parent(node)
        named = self._member_uses(parent, node)
        if named is not None:
            yield from named
        elif isinstance(parent, cst.IfExp) and parent.test is not node:
            yield from self.of(parent, depth)
        elif self._asks_for_none(parent):
            return
        elif isinstance(parent, (cst.Assign, cst.AnnAssign, cst.NamedExpr)):
            bindings = self.bindings(parent)
            if bindings is None or any(binding.scope.is_class for binding in bindings):
                yield Use("stored", "", parent)
            else:
                for binding in bindings:
                    yield from self._readers(binding, depth)
            if isinstance(parent, cst.NamedExpr):
                yield from self.of(parent, depth)
        elif isinstance(parent, cst.Arg):
            yield self._argument(parent)
        elif isinstance(parent, (cst.If, cst.While, cst.Expr, cst.UnaryOperation, cst.Del)) or (
            isinstance(parent, cst.Element) and self._is_deleted(parent)
        ):
            return
        else:
            yield Use("passed", "", node)

    def _is_deleted(self, item: cst.Element) -> bool:
        """Return whether an item is one of the names in ``del a, b``."""
        names = self._positions.parent(item)
        return names is not None and isinstance(self._positions.parent(names), cst.Del)

    def _readers(self, binding: Binding, depth: int) -> Iterator[Use]:
        for reader in binding.readers:
            if depth < 3:
                yield from self.of(reader, depth + 1)
            else:
                yield Use("passed", "", reader)

    def _asks_for_none(self, parent: cst.CSTNode | None) -> bool:
        """Return whether a value is compared with nothing but ``None``, by identity."""
        whole = (
            self._positions.parent(parent) if isinstance(parent, cst.ComparisonTarget) else parent
        )
        if not isinstance(whole, cst.Comparison):
            return False
        compared = [whole.left, *(one.comparator for one in whole.comparisons)]
        nones = [isinstance(one, cst.Name) and one.value == "None" for one in compared]
        return nones.count(False) == 1 and all(
            isinstance(one.operator, (cst.Is, cst.IsNot)) for one in whole.comparisons
        )

    def _member_uses(self, parent: cst.CSTNode | None, node: cst.CSTNode) -> Iterator[Use] | None:
        """Return the uses of the member that is asked for; ``None`` where none is."""
        if isinstance(parent, cst.Attribute):
            call = self._positions.parent(parent)
            if parent.attr.value in _ASKING and isinstance(call, cst.Call) and len(call.args) == 1:
                return self._member(call, self._text(call.args[0].value))
            return self._member(parent, parent.attr.value)
        if isinstance(parent, cst.Subscript) and parent.value is node:
            part = parent.slice[0].slice
            name = self._text(part.value) if isinstance(part, cst.Index) else ""
            return self._member(parent, name)
        if isinstance(parent, cst.Arg):
            call = self._positions.parent(parent)
            if not isinstance(call, cst.Call) or len(call.args) != 2 or call.args[0] is not parent:
                return None
            if self._evaluator.qualified_name(call.func) == "getattr":
                return self._member(call, self._text(call.args[1].value))
        return None

    def _text(self, node: cst.BaseExpression) -> str:
        options = self._evaluator.evaluate(node).alternatives
        return options[0] if len(options) == 1 and isinstance(options[0], str) else ""

    def _member(self, node: cst.BaseExpression, name: str) -> Iterator[Use]:
        parent = self._positions.parent(node)
        if name in _INSPECTED:
            yield Use("inspected", name, node)
        elif isinstance(parent, cst.Call) and parent.func is node:
            yield Use("called", name, node)
        elif isinstance(parent, cst.Attribute):
            which = parent.attr.value
            yield Use("prototype" if which in PROTOTYPE else "attribute", which, node)
            yield Use("named", name, node)
        elif isinstance(parent, cst.Assign) and parent.value is node:
            yield Use("named", name, node)
            for binding in self.bindings(parent) or ():
                yield from self._function_uses(binding)
            if not self.bindings(parent):
                yield Use("attribute", name, node)
        else:
            yield Use("attribute", name, node)
            yield Use("named", name, node)

    def _function_uses(self, binding: Binding) -> Iterator[Use]:
        """Yield the uses of a function of the library that has a name of its own."""
        for reader in binding.readers:
            parent = self._positions.parent(reader)
            if isinstance(parent, cst.Attribute) and parent.attr.value in PROTOTYPE:
                yield Use("prototype", parent.attr.value, reader)
            elif not (isinstance(parent, cst.Call) and parent.func is reader):
                yield Use("attribute", binding.name, reader)

    def elsewhere(self) -> Iterator[Use]:
        """Yield the likely uses of a library that went where it is not followed.

        That is, whatever in the file asks a thing that may be a library, or that is not
        known, for a function of the runtime.
        """
        for node in self._flow.live_expressions:
            if isinstance(node, cst.Attribute):
                name = node.attr.value
                if name.startswith(RUNTIME_PREFIXES) and self._may_be_library(node.value):
                    yield Use("named", name, node)
                elif name == "_handle" and self._may_be_library(node.value):
                    yield Use("inspected", name, node)
            elif isinstance(node, cst.Call) and _is_in_dll(node):
                if self._may_be_library(node.args[0].value):
                    yield Use("variable", "", node)
            elif isinstance(node, cst.Call) and len(node.args) >= 2:
                asked = self._evaluator.qualified_name(node.func)
                name = self._text(node.args[1].value) if asked in _PROBES else ""
                if name.startswith(RUNTIME_PREFIXES) and self._may_be_library(node.args[0].value):
                    probes = asked == "hasattr" or len(node.args) > 2
                    yield Use("probed" if probes else "named", name, node)

    def _may_be_library(self, node: cst.BaseExpression) -> bool:
        options = self._evaluator.evaluate(node).alternatives
        return not options or any(
            isinstance(option, Instance)
            or (
                isinstance(option, External)
                and option.name.startswith("ctypes.")
                and option.name.endswith(("()", "[]"))
            )
            for option in options
        )

    def _argument(self, argument: cst.Arg) -> Use:
        call = self._positions.parent(argument)
        name = self._evaluator.qualified_name(call.func) if isinstance(call, cst.Call) else ""
        if isinstance(call, cst.Call) and _is_in_dll(call):
            return Use("variable", "", argument)
        if name in ("hasattr", "getattr"):
            return Use("probed", name, argument)
        if name in ("isinstance", "type", "id", "_ctypes.dlclose"):
            return Use("inspected", name, argument)
        return Use("passed", name, argument)


def _is_in_dll(call: cst.Call) -> bool:
    """Return whether a call makes a ctypes object of a library's variable."""
    return (
        isinstance(call.func, cst.Attribute)
        and call.func.attr.value == "in_dll"
        and len(call.args) > 1
    )


def _words(node: cst.CSTNode) -> set[str]:
    return {part.value for part in descendants(node) if isinstance(part, cst.Name)}


def exported_names(evaluator: Evaluator) -> frozenset[str]:
    """Return the names in the module's ``__all__``."""
    found: set[str] = set()
    for binding in evaluator.dataflow.scope.bindings.get("__all__", ()):
        if binding.kind in (BindingKind.VALUE, BindingKind.AUGMENTED) and binding.value is not None:
            values = iterate(evaluator.evaluate(binding.value))
            found.update(option for option in values.alternatives if isinstance(option, str))
    return frozenset(found)
