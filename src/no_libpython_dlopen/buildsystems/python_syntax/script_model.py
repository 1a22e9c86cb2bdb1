"""The names, calls and growing lists of a build file in Python's syntax.

A list that is changed in place is one *place*: all names that lead to it share it, and what
one of them puts there is there under all. ``origins`` follows values through such lists.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property
from typing import Any

import libcst as cst

from no_libpython_dlopen.buildsystems.python_syntax.mutations import (
    Mutation,
    find_mutations,
    find_removals,
    mutations_by_place,
)
from no_libpython_dlopen.buildsystems.python_syntax.unix_evaluator import UnixEvaluator
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Scope
from no_libpython_dlopen.python.evaluator.abstract_values import (
    EMBEDDING_FLAGS,
    AbstractValue,
    Bag,
    Class,
    External,
    Function,
    Instance,
    Items,
    Mapping,
    Method,
    elements,
    is_output,
)
from no_libpython_dlopen.python.evaluator.classes import bases_of
from no_libpython_dlopen.python.evaluator.other_modules import ImportedObject

#: A longer name is no module's.
_MAX_SHOWN = 100


class Script:
    """What all traces of one file share: its mutations, its calls, and who was followed."""

    def __init__(self, evaluator: UnixEvaluator) -> None:
        self.evaluator = evaluator
        self.flow = evaluator.dataflow
        #: Names and calls that a trace went through.
        self.passed: set[cst.CSTNode] = set()
        #: Expressions whose value another module of the project gives, with keys asked for.
        self.from_elsewhere: dict[cst.CSTNode, set[str]] = {}
        self.mutations = list(find_mutations(self.flow, self.is_live, self.key))
        #: ``names.remove("x")`` of what may be libpython: from where, and the text.
        self.removals = [
            (base, text)
            for base, value in find_removals(self.flow)
            if "py" in (text := self.text(value) or "").lower()
        ]
        self._calls: dict[Scope, list[cst.Call]] | None = None
        self._busy: set[cst.CSTNode] = set()
        self._roots: dict[Binding, frozenset[Binding]] = {}

    def is_live(self, node: cst.CSTNode) -> bool:
        """Return whether code that starts with this expression runs on Unix."""
        node = _start(node)
        if isinstance(node, cst.Name):
            return node in self.flow.uses or node in self.flow.free_names
        return True

    def go_through(self, node: cst.CSTNode) -> None:
        """Note that a trace goes through what an expression starts with."""
        self.passed.add(_start(node))

    def branches(self, node: cst.IfExp) -> Iterator[cst.BaseExpression]:
        """Yield the branches of a conditional expression that Unix may take."""
        truth = self.evaluator.platform_outcome(node.test)
        if truth is not False:
            yield node.body
        if truth is not True:
            yield node.orelse

    def operands(self, node: cst.BooleanOperation) -> Iterator[cst.BaseExpression]:
        """Yield the operands of ``and`` and ``or`` that may be the result on Unix."""
        left = self.evaluator.platform_outcome(node.left)
        if left is None:
            yield node.left
        ends = isinstance(node.operator, cst.Or)
        if left is not ends and self.evaluator.platform_outcome(node.right) is None:
            yield node.right

    def terms(self, node: cst.BinaryOperation) -> tuple[cst.BaseExpression, ...]:
        """Return the lists of a sum; of a list times a test that is false on Unix, none."""
        parts = node.left, node.right
        is_product = isinstance(node.operator, cst.Multiply)
        never = is_product and any(self.evaluator.platform_outcome(one) is False for one in parts)
        return () if never else parts

    @cached_property
    def mutations_by_place(self) -> dict[Hashable, list[Mutation]]:
        """The mutations of each place: see the function of this name."""
        return mutations_by_place(self.mutations, self.places)

    def target_of(self, mutation: Mutation) -> tuple[cst.BaseExpression, str | None]:
        """Return the object that a mutation changes, and the key that it changes there."""
        base, key = mutation.base, mutation.key
        if key is None and isinstance(base, cst.Subscript):
            return base.value, self.key(base)
        return base, key

    def key(self, node: cst.Subscript) -> str | None:
        """Return the text between the brackets; ``None`` if it is not one text."""
        part = node.slice[0].slice
        if len(node.slice) != 1 or not isinstance(part, cst.Index):
            return None
        return self.text(part.value)

    def text(self, node: cst.BaseExpression) -> str | None:
        """Return an expression's only value, if it is a text."""
        values = self.evaluator.evaluate(node)
        only = (
            values.alternatives[0] if len(values.alternatives) == 1 and values.exhaustive else None
        )
        return only if isinstance(only, str) else None

    def texts(self, node: cst.BaseExpression) -> list[str]:
        """Return the texts that an expression may be, unknown parts as ``UNKNOWN_PART``.

        Of a list that another module gives, these are its items, of a dictionary those of the
        lists under the keys that were asked for.
        """
        options = list(self.evaluator.evaluate(node).alternatives)
        if node in self.from_elsewhere:
            keys = self.from_elsewhere[node]
            entries = (
                entry for one in options if isinstance(one, Mapping) for entry in one.entries
            )
            inner = [
                one for key, held in entries if key in keys for one in held.values.alternatives
            ]
            lists = [one for one in (*options, *inner) if isinstance(one, (Items, Bag))]
            options += [item for one in lists for item in elements(one).alternatives]
            if any(map(_links_libpython, (*options, *inner))):  # the library, and its flag
                options += [f"python3.{UNKNOWN_PART}", f"-lpython3.{UNKNOWN_PART}"]
        return [one for one in options if isinstance(one, str)]

    def is_from_elsewhere(self, node: cst.BaseExpression, key: str = "") -> bool:
        """Return whether another module of the project gives an expression; note it then.

        ``key`` is what is asked for of a dictionary.
        """
        imports, part, found = self.evaluator.imports, node, False
        while isinstance(part, (cst.Attribute, cst.Subscript, cst.Call)) and not found:
            part = part.func if isinstance(part, cst.Call) else part.value
            options = self.evaluator.evaluate(part).alternatives
            found = any(isinstance(one, ImportedObject) for one in options)
        several = self.bindings(part) if isinstance(part, cst.Name) and not found else ()
        names = (one.qualified for one in several if one.kind is BindingKind.IMPORTED)
        found |= imports is not None and any(imports.value(one) is not None for one in names)
        if found:
            self.from_elsewhere.setdefault(node, set()).add(key)
        return found

    def elements(self, node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
        """Yield the expressions of the items that a list may have."""
        return self.elements_of(self.evaluator.evaluate(node))

    @staticmethod
    def elements_of(values: AbstractValue) -> Iterator[cst.BaseExpression]:
        """Yield the expressions of the items of the lists among some values."""
        for option in values.alternatives:
            for element in option.elements if isinstance(option, Items) else ():
                if isinstance(element.node, cst.BaseExpression):
                    yield element.node

    def display_text(self, node: cst.BaseExpression) -> str:
        """Return an expression's text where it is known as a whole, empty elsewhere."""
        text = self.text(node) or ""
        return text if UNKNOWN_PART not in text and len(text) < _MAX_SHOWN else ""

    def last_bindings(self, name: cst.Name) -> frozenset[Binding]:
        """Return the bindings that a name may refer to, without what those build on."""
        found = self.flow.uses.get(name)
        if found is None:
            scope = self.flow.free_names.get(name)
            found = scope.lookup(name.value) if scope is not None else frozenset()
        return found

    def roots(self, name: cst.Name) -> frozenset[Binding]:
        """Return the bindings that made what a name refers to, before all changes in place."""
        found = self.last_bindings(name)
        if not self._roots.keys() >= found:
            for binding in sorted(self._without_roots(found), key=lambda one: one.serial):
                if self._roots.keys() >= binding.before:
                    self._roots[binding] = self._join_roots(binding.before) or frozenset({binding})
                else:  # it builds on itself, in a loop
                    around = self._without_roots(frozenset({binding}))
                    first = {one for one in around if not one.before}
                    known = frozenset().union(*(one.before for one in around)) - around
                    self._roots[binding] = self._join_roots(known) | first
        return self._join_roots(found)

    def _without_roots(self, bindings: frozenset[Binding]) -> set[Binding]:
        """Return the bindings, and those that they build on, whose roots are not known."""
        found: set[Binding] = set()
        waiting = list(bindings)
        while waiting:
            binding = waiting.pop()
            if binding not in found and binding not in self._roots:
                found.add(binding)
                waiting.extend(binding.before)
        return found

    def _join_roots(self, bindings: frozenset[Binding]) -> frozenset[Binding]:
        if len(bindings) == 1:
            return self._roots[next(iter(bindings))]
        return frozenset[Binding]().union(*(self._roots[one] for one in bindings))

    def bindings(self, name: cst.Name) -> set[Binding]:
        """Return the bindings that a name may refer to, with all that those build on."""
        return self._with_earlier(self.last_bindings(name))

    @staticmethod
    def _with_earlier(bindings: Iterable[Binding]) -> set[Binding]:
        result: set[Binding] = set()
        waiting = list(bindings)
        while waiting:
            binding = waiting.pop()
            if binding not in result:
                result.add(binding)
                waiting.extend(binding.before)
        return result

    def functions(self, call: cst.Call) -> list[Scope]:
        """Return the functions of the file that a call may run."""
        found = []
        for callee in self.evaluator.evaluate(call.func).alternatives:
            function = callee.function if isinstance(callee, Method) else callee
            if isinstance(function, Function):
                found.append(function.scope)
        return found

    def callee_names(self, call: cst.Call) -> set[str]:
        """Return the qualified names of what a call may run outside of the file."""
        options = self.evaluator.evaluate(call.func).alternatives
        found = {one.name for one in options if isinstance(one, External)}
        return found or {self.unbound_name(call.func)}

    def unbound_name(self, node: cst.BaseExpression) -> str:
        """Return a dotted name that nothing in the file binds: a star's, or the language's."""
        if isinstance(node, cst.Attribute):
            owner = self.unbound_name(node.value)
            return f"{owner}.{node.attr.value}" if owner else ""
        if isinstance(node, cst.Name) and node in self.flow.free_names and not self.bindings(node):
            return node.value
        return ""

    def calls(self, scope: Scope) -> list[cst.Call]:
        """Return the live calls of a function of the file."""
        if self._calls is None:
            self._calls = {}
            for node in self.flow.live_expressions:
                if isinstance(node, cst.Call):
                    for one in self.functions(node):
                        self._calls.setdefault(one, []).append(node)
        return self._calls.get(scope, [])

    def whole_values(self, binding: Binding) -> Iterable[cst.BaseExpression]:
        """Return the expressions that a binding has as its value, not as a part of it."""
        if binding.kind is BindingKind.PARAMETER:
            return self.argument_values(binding)
        whole = binding.kind in (BindingKind.VALUE, BindingKind.AUGMENTED) and not binding.path
        return (binding.value,) if whole and binding.value is not None else ()

    def needs_evaluation(self, name: cst.Name) -> bool:
        """Return whether a name may be of another module, or a part of a value."""
        return any(
            one.kind in (BindingKind.IMPORTED, BindingKind.ELEMENT)
            or (one.kind is BindingKind.VALUE and bool(one.path))
            for one in self.roots(name)
        )

    def argument_values(self, binding: Binding) -> Iterator[cst.BaseExpression]:
        """Yield the arguments that the calls of the file, and the default, give a parameter."""
        node = binding.scope.node
        if not isinstance(node, (cst.FunctionDef, cst.Lambda)):
            return
        if binding.value is not None:
            yield binding.value
        plain = [one.name.value for one in (*node.params.posonly_params, *node.params.params)]
        star = node.params.star_arg
        bound = isinstance(node, cst.FunctionDef) and plain[:1] in (["self"], ["cls"])
        for call in self.calls(binding.scope):
            if binding.name in plain:
                index = plain.index(binding.name) - bound
                positional = [one for one in call.args if one.keyword is None]
                if 0 <= index < len(positional) and not any(
                    a.star for a in positional[: index + 1]
                ):
                    yield positional[index].value
            elif isinstance(star, cst.Param) and star.name.value == binding.name:
                rest = [a for a in call.args if a.keyword is None][len(plain) - bound :]
                yield from (argument.value for argument in rest)
            for argument in call.args:
                if argument.keyword is not None and argument.keyword.value == binding.name:
                    yield argument.value

    def attribute_values(self, node: cst.Attribute) -> Iterator[cst.BaseExpression]:
        """Yield the values assigned to an attribute of this name, of the same class if known."""
        name, flow = node.attr.value, self.flow
        owner = self._classes(node.value)
        for base, binding in flow.attribute_stores.get(name, ()):
            other = self._classes(base)
            if (
                binding.value is not None
                and not binding.path
                and not (owner and other and not owner & other)
            ):
                yield binding.value
        for scope in list(flow.scopes.values()):
            if scope.is_class and (not owner or scope in self._classes(node.value, name)):
                last = self._with_earlier(scope.exit.get(name) or scope.bindings.get(name, []))
                for binding in sorted(last, key=lambda one: one.serial):
                    if binding.kind is BindingKind.VALUE and binding.value is not None:
                        yield binding.value

    def _classes(self, node: cst.BaseExpression, name: str = "") -> set[Scope]:
        """Return the classes of an expression with their bases, up to the first that has a name."""
        evaluator = self.evaluator
        found: set[Scope] = set()
        for option in evaluator.evaluate(node).alternatives:
            cls = option.cls if isinstance(option, Instance) else option
            for one in (cls, *bases_of(evaluator, cls)) if isinstance(cls, Class) else ():
                if isinstance(one, Class):
                    found.add(one.scope)
                    if name in one.scope.exit:
                        break
        return found

    def places(self, node: cst.BaseExpression) -> frozenset[Hashable]:
        """Return the places whose content an expression may be."""
        if node in self._busy:
            return frozenset()
        self._busy.add(node)
        try:
            return frozenset(self._places(node))
        finally:
            self._busy.discard(node)

    def _places(self, node: cst.BaseExpression) -> Iterator[Hashable]:
        if isinstance(node, cst.Name):
            for binding in self.roots(node):
                yield binding
                if binding.kind is BindingKind.PARAMETER:
                    for value in self.argument_values(binding):
                        yield from self.places(value)
                elif binding.kind is BindingKind.VALUE and isinstance(
                    binding.value, (cst.Name, cst.Attribute)
                ):
                    yield from self.places(binding.value)
        elif isinstance(node, cst.Attribute):
            yield ("attribute", node.attr.value)
        elif isinstance(node, cst.Subscript):
            key = self.key(node)
            if key is not None:
                yield from ((place, key) for place in self.places(node.value))
        elif (
            isinstance(node, cst.Call)
            and isinstance(node.func, cst.Attribute)
            and node.func.attr.value in ("setdefault", "get")
            and node.args
        ):
            key = self.text(node.args[0].value)
            yield from ((place, key) for place in self.places(node.func.value))


def _start(node: cst.CSTNode) -> cst.CSTNode:
    """Return the innermost owner of attributes, items and calls: ``a`` of ``a.b[0]()``."""
    while isinstance(node, (cst.Attribute, cst.Subscript, cst.Call)):
        node = node.func if isinstance(node, cst.Call) else node.value
    return node


def _links_libpython(option: Any) -> bool:
    """Return whether a value is a linker's flags for embedding, none of which was replaced."""
    return is_output(option, (EMBEDDING_FLAGS,)) and ".replace()" not in option.name


def literal_items(node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """Yield the items that are written in a sum of lists."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, cst.BinaryOperation) and isinstance(part.operator, cst.Add):
            waiting += [part.left, part.right]
        elif isinstance(part, cst.List):
            yield from (element.value for element in part.elements)
