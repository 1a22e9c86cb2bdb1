"""What surrounds a load, and the calls that lead to it: handlers, fallbacks, context managers.

A handler counts also where it is around a *call of the function* that loads, or inside a
decorator or another function of the file that is handed this function.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import BindingKind, Scope
from no_libpython_dlopen.python.evaluator.abstract_values import Class, External, Function, Method
from no_libpython_dlopen.python.evaluator.classes import bases_of
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.handlers import (
    CATCHERS,
    OBSERVERS,
    ContextManagers,
    calls_no_method,
    catches_os_error,
    is_transparent,
    names_in,
    never_raises,
    observes,
    reflects,
    reraises,
    runs_later,
    swallows,
)
from no_libpython_dlopen.python.fixes.safety import FixSafety
from no_libpython_dlopen.python.fixes.uses import LibraryUses
from no_libpython_dlopen.python.syntax.parse import descendants
from no_libpython_dlopen.python.syntax.positions import Positions

_ACCESSORS = (".setter", ".getter", ".deleter")
_CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__"})
#: Where the name of a function or class stands without being called now or later.
_ASIDE = (
    *(
        cst.Attribute,
        cst.Annotation,
        cst.Index,
        cst.Decorator,
        cst.Del,
        cst.Raise,
        cst.ExceptHandler,
    ),
    *(cst.Comparison, cst.ComparisonTarget, cst.BinaryOperation),
)
#: They run the body of the generator or coroutine that a call returns.
_RUNNING = (cst.Await, cst.For, cst.From, cst.CompFor, cst.WithItem)
_RUNNERS = ("asyncio.run", "list", "tuple", "set", "next", "sorted", "sum", "any", "all", "dict")
#: Keywords of a catcher that are no exception.
_OPTIONS = frozenset({"match", "msg", "check", "expected_regex", "callable", "func"})
_CATCHES = "the surrounding `except` becomes unreachable"
_SEVERAL = "several candidates are probed"
_FALLBACK = "it is the fallback where `ctypes.pythonapi` lacks something"

_Function = cst.FunctionDef | cst.Lambda


class Surroundings:
    """The handlers and tests around the loads of one module."""

    def __init__(
        self, evaluator: Evaluator, positions: Positions, uses: LibraryUses, loads: set[cst.CSTNode]
    ) -> None:
        self._evaluator = evaluator
        self._positions = positions
        self._uses = uses
        self._loads = loads
        self._managers = ContextManagers(evaluator, positions)
        self._texts: set[str] | None = None
        self._attributes: dict[str, list[cst.Attribute]] = {}
        for node in evaluator.dataflow.live_expressions:
            if isinstance(node, cst.Attribute):
                self._attributes.setdefault(node.attr.value, []).append(node)

    @cached_property
    def _reflects(self) -> bool:
        return reflects(self._positions)

    @cached_property
    def _observes(self) -> bool:
        """Whether the file asks how a task, a thread or a process ended."""
        nodes = (node for kind in OBSERVERS for node in self._positions.nodes(kind))
        return any(map(observes, nodes))

    def check(self, node: cst.CSTNode, safety: FixSafety) -> None:
        """Note what is around a load, and around the calls that lead to it."""
        todo = [node]
        seen: set[cst.CSTNode] = set()
        while todo and not safety.blocked_by:
            inner = todo.pop()
            name = ""
            for outer in self._positions.ancestors(inner):
                safety.blocked_by = self._check_parent(outer, inner, safety)
                if safety.blocked_by:
                    return
                # Decorators, defaults and annotations are evaluated around the function.
                if isinstance(outer, (cst.FunctionDef, cst.Lambda)) and inner is outer.body:
                    name = self._name_of(outer)
                    if outer not in seen:
                        seen.add(outer)
                        todo += self._references(outer, safety)
                    break
                inner = outer
            safety.leading.add(name)

    def _name_of(self, function: _Function) -> str:
        """Return ``Class.method`` for a method, ``Class`` for a constructor, else the name."""
        name = function.name.value if isinstance(function, cst.FunctionDef) else "<lambda>"
        around = next(iter(islice(self._positions.ancestors(function), 1, 2)), None)
        if not isinstance(around, cst.ClassDef):
            return name
        return around.name.value + ("" if name in _CONSTRUCTORS else f".{name}")

    def _check_parent(self, node: cst.CSTNode, inner: cst.CSTNode, safety: FixSafety) -> str:
        """Note what one node around a load means for it; return why there is no fix."""
        if isinstance(node, cst.GeneratorExp) and not self._runs_at_once(node):
            self._check_escape(safety)
        elif isinstance(node, cst.FormattedStringExpression) and node.equal is not None:
            safety.unsafe("an f-string shows the text of the call")
        elif isinstance(node, (cst.BooleanOperation, cst.IfExp, cst.If)):
            test = node.left if isinstance(node, cst.BooleanOperation) else node.test
            if test is not inner and self.mentions_pythonapi(test):
                return "it is the fallback where `ctypes.pythonapi` is missing or lacks something"
            if isinstance(node, cst.BooleanOperation):
                safety.unsafe("the alternative after `or` becomes unreachable")
        elif isinstance(node, (cst.ExceptHandler, cst.ExceptStarHandler)):
            outer = self._positions.parent(node)
            body = outer.body if isinstance(outer, (cst.Try, cst.TryStar)) else None
            if "AttributeError" in names_in(node.type) or (body and self.mentions_pythonapi(body)):
                return _FALLBACK
            if body and self._holds_load(body):
                return _SEVERAL
        elif isinstance(node, cst.With):
            self._check_managers(node, safety)
        elif isinstance(node, (cst.Try, cst.TryStar)) and inner is node.body:
            for handler in node.handlers:
                safety.handled = True
                if catches_os_error(handler.type):
                    if self._holds_load(handler.body):
                        return _SEVERAL
                    if not reraises(handler):
                        safety.unsafe(_CATCHES)
        if swallows(node) and inner is not getattr(node, "finalbody", None):
            safety.handled = True
            safety.unsafe("the `finally` around it discards the exception of a failed load")
        return ""

    def mentions_pythonapi(self, node: cst.CSTNode) -> bool:
        """Return whether code mentions ``ctypes.pythonapi``, also by another name."""
        for part in descendants(node):
            if isinstance(part, cst.SimpleString):
                if part.value[1:-1] == "pythonapi":
                    return True
            elif isinstance(part, cst.Name) and (
                part.value == "pythonapi"
                or External("ctypes.pythonapi") in self._evaluator.evaluate(part).alternatives
            ):
                return True
        return False

    def _holds_load(self, node: cst.CSTNode) -> bool:
        return any(part in self._loads for part in descendants(node))

    # Context managers

    def _check_managers(self, node: cst.With, safety: FixSafety) -> None:
        for item in node.items:
            self._check_manager(item.item, safety, is_async=node.asynchronous is not None)

    def _check_manager(
        self, node: cst.BaseExpression, safety: FixSafety, *, is_async: bool
    ) -> None:
        called = node.func if isinstance(node, cst.Call) else node
        name = self._evaluator.qualified_name(called) or self._positions.code(called)
        word = name.rpartition(".")[2]
        if word in CATCHERS:
            safety.handled = True
            given = node.args if isinstance(node, cst.Call) else ()
            named = [one for one in given if not (one.keyword and one.keyword.value in _OPTIONS)]
            if not given or any(catches_os_error(one.value) for one in named):
                safety.unsafe(f"`{word}` around it has nothing left to catch")
        elif not is_transparent(name) and self._may_swallow(node, is_async=is_async):
            safety.handled = True
            safety.unsafe(f"`with {name}` around it may catch what a failed load raises")

    def _may_swallow(self, node: cst.BaseExpression, *, is_async: bool) -> bool:
        """Return whether a context manager may end an exception."""
        if isinstance(node, cst.Call):
            callees = self._evaluator.evaluate(node.func).alternatives
            own = [one.scope.node for one in callees if isinstance(one, Function)]
            if callees and len(own) == len(callees) and all(map(self._makes_manager, own)):
                return any(map(self._catches_inside, own))
        managers = self._evaluator.evaluate(node)
        return not (managers.exhaustive and managers.alternatives) or not all(
            self._managers.lets_through(one, is_async=is_async) for one in managers.alternatives
        )

    def _makes_manager(self, function: cst.CSTNode) -> bool:
        """Return whether a generator function is made a context manager by its only decorator."""
        decorators = function.decorators if isinstance(function, cst.FunctionDef) else ()
        names = [self._evaluator.qualified_name(one.decorator) for one in decorators]
        return names in (["contextlib.contextmanager"], ["contextlib.asynccontextmanager"])

    # Functions that lead to a load

    def _references(self, node: _Function, safety: FixSafety) -> Iterator[cst.CSTNode]:
        """Yield the places that call a function, or hand it on."""
        places: list[cst.CSTNode] = []
        if isinstance(node, cst.Lambda):
            statement = self._uses.statement(node)
            bindings = self._uses.bindings(statement) or []
            places = [node, *(reader for one in bindings for reader in one.readers)]
        else:
            self._check_decorators(node, safety)
            name = node.name.value
            if name.startswith("__") and name.endswith("__") and name not in _CONSTRUCTORS:
                self._check_escape(safety)
            if self._reflects or self._is_named_in_text(name) or self._is_framework_method(node):
                self._check_escape(safety)
            places += self._named_references(node)
        is_deferred = isinstance(node, cst.FunctionDef) and runs_later(node)
        for place in places:
            parent = self._positions.parent(place)
            if self._escapes(place, node, is_deferred):
                self._check_escape(safety)
            if isinstance(parent, cst.Arg):
                self._check_handed_on(parent, safety)
            yield place

    def _is_framework_method(self, node: cst.FunctionDef) -> bool:
        """Return whether a method is of a class with a base from elsewhere, which may call it."""
        owner = self._evaluator.dataflow.scopes[node].parent
        if owner is None or not isinstance(owner.node, cst.ClassDef):
            return False
        bases = bases_of(self._evaluator, Class(owner))
        return not all(isinstance(one, Class) or calls_no_method(one) for one in bases)

    def _escapes(self, place: cst.CSTNode, node: _Function, is_deferred: bool) -> bool:
        """Return whether a function may be run elsewhere than where its name is written."""
        parent = self._positions.parent(place)
        if isinstance(parent, cst.Call) and parent.func is place:
            return is_deferred and not self._runs_at_once(parent)
        if isinstance(parent, cst.Arg):
            return self._is_handed_out(parent)
        is_followed = place is node and bool(self._uses.bindings(parent))
        return not is_followed and not isinstance(parent, _ASIDE)

    def _runs_at_once(self, node: cst.BaseExpression) -> bool:
        """Return whether the generator or coroutine that an expression makes is run there."""
        parent = self._positions.parent(node)
        outer = self._positions.parent(parent) if isinstance(parent, cst.Arg) else None
        if isinstance(outer, cst.Call):
            return self._evaluator.qualified_name(outer.func) in _RUNNERS
        return isinstance(parent, _RUNNING)

    def _is_handed_out(self, argument: cst.Arg) -> bool:
        """Return whether an argument goes to code that may call it where a handler is."""
        call = self._positions.parent(argument)
        if not isinstance(call, cst.Call):
            return False
        callees = self._evaluator.evaluate(call.func).alternatives
        return (
            not callees
            or self._observes
            or not all(isinstance(one, External) and never_raises(one.name) for one in callees)
        )

    def _is_named_in_text(self, name: str) -> bool:
        """Return whether a text is a function's name, or a call of it, as for ``getattr``."""
        if self._texts is None:
            strings = self._positions.nodes(cst.SimpleString)
            self._texts = {one.raw_value for one in strings if not self._is_export(one)}
        return any(text == name or text.startswith(f"{name}(") for text in self._texts)

    def _is_export(self, text: cst.SimpleString) -> bool:
        """Return whether a text is an item of ``__all__``."""
        for outer in self._positions.ancestors(text):
            if isinstance(outer, cst.Assign):
                return any(
                    isinstance(one.target, cst.Name) and one.target.value == "__all__"
                    for one in outer.targets
                )
            if isinstance(outer, cst.BaseSmallStatement):
                return False
        return False

    def _check_escape(self, safety: FixSafety) -> None:
        """Note a handler anywhere in the file: calls of a function are not all known."""
        if self._catches_inside(self._evaluator.dataflow.module):
            safety.unsafe(_CATCHES)

    def _named_references(self, node: cst.FunctionDef) -> Iterator[cst.CSTNode]:
        scope = self._evaluator.dataflow.scopes[node]
        name = node.name.value
        owner = scope.parent
        if owner is None or not owner.is_class:
            binding = self._evaluator.dataflow.binding_at(node, name, BindingKind.FUNCTION)
            yield from binding.readers if binding is not None else ()
            return
        own = self._evaluator.dataflow.binding_at(node, name, BindingKind.FUNCTION)
        yield from own.readers if own is not None else ()
        yield from (base for base, _ in self._evaluator.dataflow.attribute_stores.get(name, ()))
        for attribute in self._attributes.get(name, ()):
            found = self._evaluator.evaluate(attribute).alternatives
            methods = [one.function for one in found if isinstance(one, Method) and one.function]
            if not methods or any(one.scope is scope for one in methods):
                yield attribute
        if name.startswith("__"):
            yield from self._class_references(owner, set())

    def _class_references(self, scope: Scope, seen: set[Scope]) -> Iterator[cst.CSTNode]:
        """Yield the places where a class or one of its subclasses is called or handed on."""
        node = scope.node
        if scope in seen or not isinstance(node, cst.ClassDef):
            return
        seen.add(scope)
        binding = self._evaluator.dataflow.binding_at(node, node.name.value, BindingKind.CLASS)
        for reader in binding.readers if binding is not None else ():
            yield reader
            argument = self._positions.parent(reader)
            heir = self._positions.parent(argument) if isinstance(argument, cst.Arg) else None
            if isinstance(heir, cst.ClassDef) and heir in self._evaluator.dataflow.scopes:
                yield from self._class_references(self._evaluator.dataflow.scopes[heir], seen)

    def _check_decorators(self, node: cst.FunctionDef, safety: FixSafety) -> None:
        for one in node.decorators:
            decorator = one.decorator
            called = decorator.func if isinstance(decorator, cst.Call) else decorator
            name = self._evaluator.qualified_name(called) or self._positions.code(called)
            found = self._evaluator.evaluate(called).alternatives
            own = [each.scope.node for each in found if isinstance(each, Function)]
            if own and len(own) == len(found):
                self._check_escape(safety)  # it may keep the function, and others call it
            elif not is_transparent(name) and not name.endswith(_ACCESSORS):
                safety.unsafe(f"the decorator `{name}` may catch what a failed load raises")

    def _check_handed_on(self, argument: cst.Arg, safety: FixSafety) -> None:
        """Note what happens to a function that is an argument of a call."""
        call = self._positions.parent(argument)
        if not isinstance(call, cst.Call):
            return
        word = (
            self._evaluator.qualified_name(call.func) or self._positions.code(call.func)
        ).rpartition(".")[2]
        if word in CATCHERS and any(catches_os_error(one.value) for one in call.args[:1]):
            safety.unsafe(f"`{word}` around it has nothing left to catch")
        for callee in self._evaluator.evaluate(call.func).alternatives:
            inside = callee.function if isinstance(callee, Method) else callee
            if isinstance(inside, Function) and self._catches_inside(inside.scope.node):
                safety.unsafe(_CATCHES)

    def _catches_inside(self, node: cst.CSTNode) -> bool:
        """Return whether a function has a handler for what a failed load raises."""
        for part in descendants(node):
            if isinstance(part, (cst.ExceptHandler, cst.ExceptStarHandler)):
                if catches_os_error(part.type) and not reraises(part):
                    return True
            elif swallows(part) or observes(part):
                return True
            elif isinstance(part, cst.With):
                inner = FixSafety()
                self._check_managers(part, inner)
                if inner.caveats:
                    return True
        return False
