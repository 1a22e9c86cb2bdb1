"""The part of the dataflow pass that walks expressions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache

import libcst as cst

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.python.dataflow import platform_keys
from no_libpython_dlopen.python.dataflow.bindings import (
    Binding,
    BindingKind,
    Conditions,
    Env,
    Returned,
    Scope,
    ScopeNode,
)
from no_libpython_dlopen.python.dataflow.early_calls import EarlyCalls
from no_libpython_dlopen.python.dataflow.imported_names import ImportedNames, NothingKnown
from no_libpython_dlopen.python.dataflow.targets import Targets
from no_libpython_dlopen.python.syntax.parse import (
    children,
    descendants,
    last_word,
    nodes_of,
    parameters,
)
from no_libpython_dlopen.python.vocabulary import MUTATORS, REMOVERS

#: What sets attributes by names that are texts.
_BY_NAME = re.compile(r"\b(?:setattr|__setattr__|__dict__|vars)\b")

Truth = Callable[[cst.BaseExpression], "bool | None"]
Candidate = cst.Call | cst.Subscript | cst.Attribute


class ExpressionWalk(Targets):
    """What the pass records while it walks; see ``ReachingDefinitions``.

    ``uses`` gives the bindings of each name read, ``free_names`` the scope in which a name
    is read that is not bound there. ``live_expressions`` are calls, subscripts and attributes in
    live code with their scopes, ``path_conditions`` the tests on the way. ``platform_flags`` are
    names and functions that have another value on other platforms: they may tell which platform
    this is, or whether a module of another one could be imported.
    """

    def __init__(self, module: cst.Module, truth: Truth) -> None:
        super().__init__(module)
        self.taken_keys = platform_keys.TakenKeys(module)
        self.scopes: dict[cst.CSTNode, Scope] = {module: self.scope}
        self.uses: dict[cst.CSTNode, frozenset[Binding]] = {}
        self.free_names: dict[cst.Name, Scope] = {}
        self.live_expressions: dict[Candidate, Scope] = {}
        self.path_conditions: dict[Candidate, Conditions] = {}
        self.pending: list[Scope] = []
        #: The functions whose bodies are being walked.
        self.unfinished: set[Scope] = set()
        self.dead_names: set[str] = set()
        self.platform_flags: set[tuple[Scope, str]] = set()
        self.failed_imports = 0
        self.early_calls = EarlyCalls()
        self.imported: ImportedNames = NothingKnown()
        self._walked = 0
        self._truth = truth
        self._decided: dict[cst.BaseExpression, bool | None] = {}
        self._words: dict[cst.BaseExpression, tuple[set[str], list[cst.Name]]] = {}
        self._last_env: Env = {}

    def count_step(self) -> None:
        """Count a statement, and check the time now and then: that costs as much as most do."""
        self._walked += 1
        if self._walked % 16 == 1:
            analysis.check_time()

    def bindings_of(self, node: cst.Name) -> frozenset[Binding]:
        """Return the definitions of a name that reach a read."""
        found = self.uses.get(node)
        scope = self.free_names.get(node) if found is None else None
        return scope.lookup(node.value) if scope is not None else found or frozenset()

    def definitions_of(self, node: cst.BaseExpression) -> tuple[frozenset[Binding], str]:
        """Return the definitions of ``name`` or of the ``name`` in ``name.member``, and ``.member``."""
        owner, member = node, ""
        if type(node) is cst.Attribute:
            owner, member = node.value, f".{node.attr.value}"
        return (self.bindings_of(owner) if type(owner) is cst.Name else frozenset()), member

    def decide(self, test: cst.BaseExpression) -> bool | None:
        """Return a test's outcome on Unix, ``None`` for either."""
        if test not in self._decided:
            analysis.check_time()  # a test may have a thousand operands, each of which is a test
            self._decided[test] = self._truth(test)
        return self._decided[test]

    def words_of(self, test: cst.BaseExpression) -> tuple[set[str], list[cst.Name]]:
        """Return the names of the attributes in a test, and all its names."""
        found = self._words.get(test)
        if found is None:
            parts = list(descendants(test))
            attributes = {one.attr.value for one in parts if type(one) is cst.Attribute}
            names = [one for one in parts if type(one) is cst.Name]
            found = self._words[test] = attributes, names
        return found

    def inner_scope(self, node: ScopeNode) -> Scope:
        """Return the scope of a definition, made at the first visit."""
        scope = self.scopes.get(node)
        if scope is None:
            scope = self.scopes[node] = Scope(node, self.scope)
        return scope

    def defer(self, node: ScopeNode) -> None:
        """Leave a function's body for later."""
        self.pending.append(self.inner_scope(node))

    def mark_dead(self, node: cst.CSTNode) -> None:
        """Note the names that code reads which never runs."""
        parts = list(descendants(node))
        definitions = (one for one in parts if isinstance(one, (cst.FunctionDef, cst.ClassDef)))
        bound: set[cst.CSTNode] = {one.name for one in definitions}
        bound |= {one.target for one in parts if isinstance(one, cst.AssignTarget)}
        names = (one for one in parts if isinstance(one, cst.Name) and one not in bound)
        self.dead_names.update(one.value for one in names)
        self.note_platform_flags(parts)

    def note_platform_flags(self, parts: Iterable[cst.CSTNode]) -> None:
        """Note the names that code for other platforms binds, and the function that it is in.

        A name is not noted if a function may give it another value.
        """
        for part in parts:
            name = part.target if isinstance(part, cst.AssignTarget) else None
            if isinstance(name, cst.Name) and name.value not in self._rebound_names:
                self.platform_flags.add((self.scope, name.value))
            function, around = self.scope.node, self.scope.parent
            if isinstance(name, cst.Attribute) and around and self._is_set_once(name):
                self.platform_flags.add((around, f".{name.attr.value}"))
            if isinstance(part, cst.Return) and isinstance(function, cst.FunctionDef) and around:
                self.platform_flags.add((around, function.name.value))

    def _is_set_once(self, target: cst.Attribute) -> bool:
        """Return whether nothing but this ``__init__``, and the class's body, sets an attribute."""
        function, around = self.scope.node, self.scope.parent
        if not isinstance(function, cst.FunctionDef) or function.name.value != "__init__":
            return False
        params = [*function.params.posonly_params, *function.params.params]
        is_own = bool(params) and last_word(target.value) == params[0].name.value
        setters = _setters_of(self.module).get(target.attr.value, set())
        allowed = {function, around.node} if around is not None else set[cst.CSTNode]()
        return is_own and setters <= allowed and not self._sets_by_name

    def initialisers_of(self, attribute: str) -> list[Scope]:
        """Return the ``__init__`` methods that set an attribute; none if anything else may set it."""
        setters = _setters_of(self.module).get(attribute, ())
        functions = [one for one in setters if not isinstance(one, cst.ClassDef)]
        only = all(
            isinstance(one, cst.FunctionDef) and one.name.value == "__init__" for one in functions
        )
        if not functions or not only or self._sets_by_name:
            return []
        return [self.scopes[one] for one in functions if one in self.scopes]

    @cached_property
    def _sets_by_name(self) -> bool:
        """Whether the module may set attributes by names that are texts."""
        written = nodes_of(self.module, cst.Name, cst.SimpleString, cst.FormattedStringText)
        return any(_BY_NAME.search(one.value) for one in written)

    @cached_property
    def _rebound_names(self) -> frozenset[str]:
        """The names that functions declare to be those of an outer scope."""
        declared = nodes_of(self.module, cst.Global, cst.Nonlocal)
        return frozenset(item.name.value for one in declared for item in one.names)

    def walk(self, node: cst.CSTNode, env: Env) -> None:
        """Walk an expression in the order of its evaluation."""
        special = _SPECIAL.get(type(node))
        if special is not None:
            special(self, node, env)
            return
        for child in children(node):
            self.walk(child, env)

    def _name(self, node: cst.Name, env: Env) -> None:
        self.replaced_attributes.hand_on(node, env)
        self._read_name(node, env)

    def walk_owner(self, node: cst.BaseExpression, env: Env) -> None:
        """Walk an expression of which an attribute is meant."""
        if isinstance(node, cst.Name):
            self._read_name(node, env)
        else:
            self.walk(node, env)

    def _read_name(self, node: cst.Name, env: Env) -> None:
        found = env.get(node.value)
        if found:
            self.uses[node] = self.uses.get(node, frozenset()) | found
            for binding in found:
                binding.readers[node] = None
        elif node not in self.uses:
            self.free_names[node] = self.scope

    def _attribute(self, node: cst.Attribute, env: Env) -> None:
        self.live_expressions[node] = self.scope
        self.walk_owner(node.value, env)
        self.replaced_attributes.read(node, env)

    def _subscript(self, node: cst.Subscript, env: Env) -> None:
        self.live_expressions[node] = self.scope
        self.path_conditions[node] = self.conditions
        self.walk(node.value, env)
        for element in node.slice:
            self.walk(element, env)

    def _call(self, node: cst.Call, env: Env) -> None:
        self.live_expressions[node] = self.scope
        self.path_conditions[node] = self.conditions
        self.walk(node.func, env)
        for argument in node.args:
            if argument is node.args[-1] and platform_keys.is_unused_default(self, node):
                self.mark_dead(argument.value)
            else:
                self.walk(argument.value, env)
        self.replaced_attributes.call(node, env, self.scope)
        self.store_by_call(node, env)
        self.early_calls.note(node, env)
        func = node.func
        if isinstance(func, cst.Attribute) and isinstance(func.value, cst.Name):
            method = func.attr.value
            is_removal = method in REMOVERS and node.args and _is_text(node.args[0].value)
            if is_removal or method in MUTATORS:
                self.mutate(func.value, node, None, env)

    def _dict(self, node: cst.Dict, env: Env) -> None:
        foreign = platform_keys.foreign_functions(self, node)
        for element in node.elements:
            if element.value in foreign:
                self.mark_dead(element.value)
            else:
                self.walk(element, env)

    def _named_expression(self, node: cst.NamedExpr, env: Env) -> None:
        self.walk(node.value, env)
        self.bind_target(node.target, node, BindingKind.VALUE, node.value, (), env)

    def _conditional(self, node: cst.IfExp, env: Env) -> None:
        self.walk(node.test, env)
        truth, outer = self.decide(node.test), self.conditions
        for branch, outcome in ((node.body, True), (node.orelse, False)):
            if truth is (not outcome):
                self.mark_dead(branch)
                continue
            self.conditions = (*outer, (node.test, outcome))
            self.walk(branch, env)
        self.conditions = outer

    def _boolean(self, node: cst.BooleanOperation, env: Env) -> None:
        self.walk(node.left, env)
        stops = isinstance(node.operator, cst.Or)
        if self.decide(node.left) is stops:
            self.mark_dead(node.right)
            return
        outer = self.conditions
        self.conditions = (*outer, (node.left, not stops))
        self.walk(node.right, env)
        self.conditions = outer

    def _lambda(self, node: cst.Lambda, env: Env) -> None:
        for parameter in parameters(node.params):
            if parameter.default is not None:
                self.walk(parameter.default, env)
        self.defer(node)

    def _comprehension(self, node: cst.CSTNode, env: Env) -> None:
        inner = dict(env)
        mark = len(self.binding_log)
        outer = self.conditions
        clause: cst.CompFor | None = node.for_in  # type: ignore[attr-defined]
        while clause is not None:
            self.walk(clause.iter, inner)
            self.bind_target(clause.target, clause, BindingKind.ELEMENT, clause.iter, (), inner)
            for test in clause.ifs:
                self.walk(test.test, inner)
                self.conditions = (*self.conditions, (test.test, True))
            clause = clause.inner_for_in
        for part in ("key", "value", "elt"):
            child = getattr(node, part, None)
            if child is not None:
                self.walk(child, inner)
        self.conditions = outer
        for binding in self.binding_log[mark:]:  # PEP 572: a walrus binds outside
            if isinstance(binding.node, cst.NamedExpr) and binding.name in inner:
                env[binding.name] = inner[binding.name]

    def _yield(self, node: cst.Yield, env: Env) -> None:
        self.replaced_attributes.end(env)
        value = node.value
        spread = isinstance(value, cst.From)
        inner = value.item if isinstance(value, cst.From) else value
        if inner is not None:
            self.walk(inner, env)
        if all(known.value is not inner for known in self.scope.yields):
            self.scope.yields.append(Returned(inner, self.conditions, spread))

    def _annotation(self, node: cst.Annotation, env: Env) -> None:
        self.walk(node.annotation, env)


_NAMED = frozenset({cst.FunctionDef, cst.ClassDef})


@lru_cache(maxsize=2)
def _setters_of(module: cst.Module) -> dict[str, set[cst.CSTNode]]:
    """Return the functions and classes that set an attribute of each name, or define it."""
    found: dict[str, set[cst.CSTNode]] = {}
    todo: list[tuple[cst.CSTNode, cst.CSTNode]] = [(module, module)]
    while todo:
        node, owner = todo.pop()
        if type(node) in _NAMED:
            owner = node
            found.setdefault(node.name.value, set()).add(node)  # type: ignore[attr-defined]
        target = getattr(node, "name" if type(node) is cst.AsName else "target", None)
        for part in descendants(target) if target is not None else ():
            if isinstance(part, cst.Attribute):
                found.setdefault(part.attr.value, set()).add(owner)
            elif isinstance(part, cst.Name) and isinstance(owner, cst.ClassDef):
                found.setdefault(part.value, set()).add(owner)
        todo += ((one, owner) for one in children(node))
    return found


def _is_text(node: cst.BaseExpression) -> bool:
    return isinstance(node, (cst.SimpleString, cst.ConcatenatedString, cst.Name))


_SPECIAL: dict[type, Callable[..., None]] = {
    cst.Name: ExpressionWalk._name,
    cst.Attribute: ExpressionWalk._attribute,
    cst.Subscript: ExpressionWalk._subscript,
    cst.Call: ExpressionWalk._call,
    cst.NamedExpr: ExpressionWalk._named_expression,
    cst.IfExp: ExpressionWalk._conditional,
    cst.BooleanOperation: ExpressionWalk._boolean,
    cst.Lambda: ExpressionWalk._lambda,
    cst.Dict: ExpressionWalk._dict,
    cst.ListComp: ExpressionWalk._comprehension,
    cst.SetComp: ExpressionWalk._comprehension,
    cst.DictComp: ExpressionWalk._comprehension,
    cst.GeneratorExp: ExpressionWalk._comprehension,
    cst.Yield: ExpressionWalk._yield,
    cst.Annotation: ExpressionWalk._annotation,
}
