"""Finds the calls that open nothing, since a test has put a stand-in in the loader's place.

A patch counts where it is certain to be there: by a decorator, around the call, before it in
the same block, or in what is run before the test. A stand-in that calls the loader does not count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.dataflow.bindings import BindingKind, Scope
from no_libpython_dlopen.python.evaluator import argument_flow
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_PARAMETER,
    Class,
    External,
    Function,
    Mapping,
)
from no_libpython_dlopen.python.evaluator.other_modules import ImportedModule, ImportedObject
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.library_loads import LibraryLoad
from no_libpython_dlopen.python.loader_arguments import libpython_names
from no_libpython_dlopen.python.syntax.calls import keywords, positional
from no_libpython_dlopen.python.syntax.parse import (
    children,
    descendants,
    last_word,
    nodes_of,
    with_ancestors,
)

_LOADERS = ("CDLL", "PyDLL", "cdll", "pydll", "LoadLibrary")
#: Last words of what replaces an attribute: of mock, pytest-mock and pytest.
_PATCHERS = frozenset({"patch", "object", "setattr", "multiple", "setitem", "dict"})
#: Last words of what takes a stand-in away again.
_UNDOING = frozenset({"stop", "stopall", "undo"})
#: So many functions between a load and a test are followed; each hands its argument on.
_MAX_STEPS = 4


class PatchedLoaders:
    """The places of one file where a loader is replaced; ``loads`` are all that it has."""

    def __init__(self, evaluator: Evaluator, loads: Sequence[LibraryLoad]) -> None:
        self._evaluator = evaluator
        self._flow = evaluator.dataflow
        self._loads = loads
        stores = (name for name in _LOADERS if name in self._flow.attribute_stores)
        self._may_patch = any(True for _ in stores) or any(
            isinstance(one, cst.Call) and last_word(one.func) in _PATCHERS
            for one in self._flow.live_expressions
        )

    def covers(self, load: LibraryLoad) -> bool:
        """Return whether a stand-in is called in the place of a loader."""
        if not self._may_patch and self._evaluator.imports is None:
            return False
        called = load.node.func if isinstance(load.node, cst.Call) else None
        own = frozenset({called.value}) if isinstance(called, cst.Name) else frozenset()
        if self._is_replaced(load, load.scope, load.node, own):
            return True
        is_given = bool(load.names.labels & FROM_PARAMETER)
        return is_given and self._are_calls_replaced(load, load.scope, frozenset())

    def _are_calls_replaced(self, load: LibraryLoad, scope: Scope, own: frozenset[str]) -> bool:
        """Return whether a stand-in is there in all calls of a function that name libpython.

        It may stand for the loader, or for one of the file's ``own`` functions between.
        """
        named = calls_that_name_libpython(self._evaluator, scope)
        if isinstance(scope.node, cst.FunctionDef):
            holder = scope.parent.node if scope.parent is not None else None
            around = f"{holder.name.value}." if isinstance(holder, cst.ClassDef) else ""
            own |= {around + scope.node.name.value}
        scopes = self._flow.live_expressions
        return bool(named) and all(
            self._is_replaced(load, scopes[one], one, own)
            or (len(own) < _MAX_STEPS and self._are_calls_replaced(load, scopes[one], own))
            for one in named
        )

    def _is_replaced(
        self, load: LibraryLoad, scope: Scope | None, node: cst.CSTNode, own: frozenset[str]
    ) -> bool:
        """Return whether a stand-in is there when a node of a scope's own code is evaluated."""
        while scope is not None:
            for target in self._targets_around(scope, node):
                named = [one for one in own if target.endswith(f".{one}")]
                is_own = any(self._is_own(target[: -len(one) - 1]) for one in named)
                if is_own or _is_loader_of(target, load) or self._is_module_of(target, load):
                    return True
            node, scope = scope.node, scope.parent
        return False

    def _is_own(self, module: str) -> bool:
        """Return whether the name of a module is that of the file: ``__name__`` gives it, too."""
        imports = self._evaluator.imports
        return module == UNKNOWN_PART or (imports is not None and imports.is_own(module))

    def _is_module_of(self, target: str, load: LibraryLoad) -> bool:
        """Return whether a load calls a member of a replaced module that its function imports."""
        root = load.node.func if isinstance(load.node, cst.Call) else load.node.value
        while isinstance(root, cst.Attribute):
            root = root.value
        several = self._flow.bindings_of(root) if isinstance(root, cst.Name) else ()
        return bool(several) and all(
            one.kind is BindingKind.IMPORTED
            and one.scope is load.scope
            and one.scope.parent is not None  # what was imported before stays
            and one.qualified.partition(".")[0] == target
            for one in several
        )

    def _targets_around(self, scope: Scope, node: cst.CSTNode) -> Iterator[str]:
        """Yield the names that are replaced when a node of a scope's own code is evaluated."""
        holder = scope.node
        if isinstance(holder, cst.FunctionDef):
            yield from self._targets_of_decorators(holder.decorators)
            yield from self._targets_in_block(holder.body, node)
            yield from (
                target
                for earlier in self._flow.scopes_run_before(scope)
                if isinstance(earlier.node, cst.FunctionDef)
                for target in self.targets_left_by(earlier.node)
            )
            for other, earlier in self._flow.scopes_elsewhere(scope):
                if isinstance(earlier.node, cst.FunctionDef):
                    yield from PatchedLoaders(other, ()).targets_left_by(earlier.node)
            parent = scope.parent.node if scope.parent is not None else None
            if isinstance(parent, cst.ClassDef) and holder.name.value.startswith("test"):
                yield from self._targets_of_decorators(parent.decorators)
        elif isinstance(holder, cst.Module):
            yield from self._targets_in_block(holder, node)

    def _targets_of_decorators(self, decorators: Iterable[cst.Decorator]) -> Iterator[str]:
        for one in decorators:
            if isinstance(one.decorator, cst.Call):
                yield from self._target_of_call(one.decorator)

    def targets_left_by(self, function: cst.FunctionDef) -> Iterator[str]:
        """Yield the names that a function always replaces, and leaves replaced."""
        yield from self._targets_left_in(function.body)

    def _targets_left_in(self, block: cst.BaseSuite) -> Iterator[str]:
        for statement in block.body if isinstance(block, cst.IndentedBlock) else ():
            if not isinstance(statement, cst.With):
                yield from self._targets_of_statement(statement)
            elif any(isinstance(one, cst.Yield) for one in descendants(statement.body)):
                for item in statement.items:  # which holds while the test runs
                    yield from self._target_of_call(item.item)
                yield from self._targets_left_in(statement.body)

    @cached_property
    def _undoing(self) -> frozenset[cst.CSTNode]:
        """The nodes in which something takes a stand-in away again."""
        module = self._flow.module
        calls = (one for one in nodes_of(module, cst.Call) if last_word(one.func) in _UNDOING)
        return frozenset(outer for one in calls for outer in with_ancestors(module, one))

    def _targets_in_block(self, block: cst.CSTNode, node: cst.CSTNode) -> Iterator[str]:
        """Yield the names that are replaced around and before a node in a block of statements."""
        way = [*with_ancestors(self._flow.module, node)]
        inner = way[way.index(block) - 1] if block in way[1:] else None
        kept: list[str] = []
        for statement in children(block):
            if statement is inner:
                break
            if isinstance(statement, cst.SimpleStatementLine):
                again = tuple(
                    f".{one.attr.value}" for line in statement.body for one, _ in _stores(line)
                )
                kept = [one for one in kept if not one.endswith(again)] if again else kept
                kept += self._targets_of_statement(statement)
            if statement in self._undoing:
                kept.clear()
        yield from kept
        if inner is None or isinstance(inner, (cst.FunctionDef, cst.ClassDef)):
            return
        if isinstance(inner, cst.With):
            for item in inner.items:
                if isinstance(item.item, cst.Call) and item not in way:
                    yield from self._target_of_call(item.item)
        yield from self._targets_in_block(inner, node)

    def _targets_of_statement(self, statement: cst.CSTNode) -> Iterator[str]:
        """Yield the names that a statement replaces for those after it."""
        for line in statement.body if isinstance(statement, cst.SimpleStatementLine) else ():
            for one, given in _stores(line):
                owner = self._evaluator.evaluate(one.value).only
                module = owner.name if isinstance(owner, ImportedModule) else ""
                module = module or self._evaluator.qualified_name(one.value)
                if self._is_stand_in(given, one.attr.value):
                    yield f"{module}.{one.attr.value}"
            value = line.value if isinstance(line, (cst.Expr, cst.Assign)) else None
            if not isinstance(value, cst.Call):
                continue
            if last_word(value.func) == "start" and isinstance(value.func, cst.Attribute):
                yield from self._target_of_call(self._maker_of(value.func.value))
            elif self._is_immediate(value):
                yield from self._target_of_call(value)

    def _is_immediate(self, node: cst.Call) -> bool:
        """Return whether a call replaces by itself, not by what it returns."""
        return not self._evaluator.qualified_name(node.func).startswith(("unittest.", "mock."))

    def _maker_of(self, node: cst.BaseExpression) -> cst.BaseExpression:
        """Return the call that made an object, which a name or an attribute holds."""
        if isinstance(node, cst.Name):
            values = [one.value for one in self._flow.bindings_of(node)]
        elif isinstance(node, cst.Attribute):
            stores = self._flow.attribute_stores.get(node.attr.value, ())
            values = [one.value for _, one in stores]
        else:
            return node
        return values[0] if len(values) == 1 and values[0] is not None else node

    def _target_of_call(self, node: cst.BaseExpression) -> Iterator[str]:
        """Yield the names that a call of ``patch``, ``patch.object`` or ``setattr`` replaces."""
        if not isinstance(node, cst.Call) or last_word(node.func) not in _PATCHERS:
            return
        given, named = positional(node), keywords(node)
        if not given or "wraps" in named:
            return
        first = self._evaluator.evaluate(given[0]).only
        if last_word(node.func) in ("setitem", "dict"):
            if first in ("sys.modules", External("sys.modules")):
                yield from self._modules_among(given[1:], named)
            return
        if _is_own_module(given[0]):
            first = External(UNKNOWN_PART)
        owner = first if isinstance(first, str) else getattr(first, "name", "")
        if isinstance(first, Class) and isinstance(first.scope.node, cst.ClassDef):
            owner = f"{UNKNOWN_PART}.{first.scope.node.name.value}"
        if last_word(node.func) == "multiple":
            several = named.items() if owner else ()
            yield from (f"{owner}.{name}" for name, one in several if self._is_stand_in(one, name))
            return
        target = owner
        if not isinstance(first, str):
            attribute = self._evaluator.evaluate(given[1]).only if len(given) > 1 else None
            target = f"{owner}.{attribute}" if owner and isinstance(attribute, str) else ""
        name = target.rpartition(".")[2]
        if target and all(self._is_stand_in(one, name) for one in (*given[1:], *named.values())):
            yield target

    def _modules_among(
        self, given: list[cst.BaseExpression], named: dict[str, cst.BaseExpression]
    ) -> Iterator[str]:
        """Yield the modules that ``setitem`` or ``patch.dict`` of ``sys.modules`` replaces."""
        found = dict(named)
        first = self._evaluator.evaluate(given[0]).only if given else None
        if isinstance(first, str) and len(given) > 1:
            found[first] = given[1]
        for key, element in first.entries if isinstance(first, Mapping) else ():
            if isinstance(element.node, cst.BaseExpression):
                found[str(key)] = element.node
        yield from (name for name, one in found.items() if self._is_stand_in(one, name))

    def _is_stand_in(self, node: cst.BaseExpression, name: str) -> bool:
        """Return whether an expression is no loader, nor a function that calls one.

        Nor is it what bears the ``name`` that is replaced, or another function on the way.
        """
        names = {name, *(one for load in self._loads for one in load.opened_through)}
        names = {one.rpartition(".")[2] for one in names}
        for one in self._evaluator.evaluate(node).alternatives:
            if isinstance(one, External) and f"{one.name}.".startswith(("ctypes.", "_ctypes.")):
                return False
            if _is_of_project(one, names):
                return False
            if isinstance(one, Function) and (
                any(
                    load.scope is one.scope
                    or one.scope.node in with_ancestors(self._flow.module, load.node)
                    for load in self._loads
                )
                or self._calls_any(one.scope.node, names)
            ):
                return False
        return True

    def _calls_any(self, function: cst.CSTNode, names: set[str]) -> bool:
        """Return whether a function calls one of another module that bears one of the names."""
        calls = (one for one in descendants(function) if isinstance(one, cst.Call))
        several = (
            one for call in calls for one in self._evaluator.evaluate(call.func).alternatives
        )
        return any(_is_of_project(one, names) for one in several)


def calls_that_name_libpython(evaluator: Evaluator, scope: Scope) -> list[cst.Call]:
    """Return the calls of a function that are given a name of libpython."""
    found = []
    for call, given, _ in argument_flow.callers(evaluator, scope):
        if any(libpython_names(one) for one in (*given.positional, *dict(given.keywords).values())):
            found.append(call)
    return found


def _is_of_project(option: object, names: set[str]) -> bool:
    """Return whether a value is a function of another module with one of the names."""
    return isinstance(option, ImportedObject) and option.name.rpartition(".")[2] in names


def _is_own_module(node: cst.BaseExpression) -> bool:
    """Return whether an expression is ``sys.modules[__name__]``."""
    part = node.slice[0].slice if isinstance(node, cst.Subscript) else None
    is_named = isinstance(part, cst.Index) and last_word(part.value) == "__name__"
    return is_named and isinstance(node, cst.Subscript) and last_word(node.value) == "modules"


def _stores(line: cst.CSTNode) -> Iterator[tuple[cst.Attribute, cst.BaseExpression]]:
    """Yield the attributes that a statement assigns, with their value."""
    for one in line.targets if isinstance(line, cst.Assign) else ():
        if isinstance(one.target, cst.Attribute) and isinstance(line, cst.Assign):
            yield one.target, line.value


def _is_loader_of(target: str, load: LibraryLoad) -> bool:
    """Return whether a replaced name is the one that a load calls its loader by."""
    if load.opened_at is not None:
        last = target.rpartition(".")[2]
        if last in (load.library_class, "ctypes", "LoadLibrary", load.library_class.lower()):
            return True
        return any(f".{target}".endswith(f".{one}") for one in _helpers_of(load))
    _, found, rest = f".{target}".rpartition(".ctypes.")
    called = load.node.func if isinstance(load.node, cst.Call) else load.node.value
    if not found or not isinstance(called, cst.Attribute):
        return False
    return f"{load.loader}.".replace("[", ".").startswith(f"ctypes.{rest}.")


def _helpers_of(load: LibraryLoad) -> Iterator[str]:
    """Yield the functions of other modules that a load calls by a name which may be replaced.

    A function that the file imported before stays the one that it was.
    """
    func = load.node.func if isinstance(load.node, cst.Call) else None
    first, *others = load.opened_through or ("",)
    if isinstance(func, cst.Attribute):
        yield from (load.loader, first)
    yield from others
