"""Finds the tests that pytest or unittest never runs on Unix, by marks and by what sets them up."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Env, Returned, Scope
from no_libpython_dlopen.python.dataflow.expression_walk import Truth
from no_libpython_dlopen.python.dataflow.simple_statements import IsOneOf, SimpleStatements
from no_libpython_dlopen.python.syntax.calls import argument, is_registering
from no_libpython_dlopen.python.syntax.parse import (
    descendants,
    last_word,
    parameters,
    parse_expression,
)

#: Decorators that skip under a condition, and its outcome with which they do.
_CONDITIONAL = {"pytest.mark.skipif": True, "unittest.skipIf": True, "unittest.skipUnless": False}
_ALWAYS = frozenset({"pytest.mark.skip", "unittest.skip"})
_USING = frozenset({"pytest.mark.usefixtures"})
_UNLESS_RUN = frozenset({"pytest.mark.xfail"})
_FIXTURE = frozenset({"pytest.fixture", "pytest_asyncio.fixture"})
#: What runs before the tests of a module, and before those of a class.
_MODULE_SETUP = frozenset({"setUpModule", "setup_module", "setup_function"})
_CLASS_SETUP = frozenset({"setUp", "setUpClass", "asyncSetUp", "setup_method", "setup_class"})
#: Modules whose names the text of a condition knows, whatever the file imports.
_KNOWN_TO_CONDITIONS = ("sys", "os", "platform")
#: Functions that take no more of a function than its name and its documentation.
_WRAPPING = frozenset({"wraps", "update_wrapper"})
_MAX_STEPS = 8


class SkippedTests(SimpleStatements):
    """The part of ``ReachingDefinitions`` that asks which tests run on Unix."""

    def __init__(self, module: cst.Module, truth: Truth, is_one_of: IsOneOf) -> None:
        super().__init__(module, truth, is_one_of)
        self.skipped_classes: set[cst.CSTNode] = set()
        self._setups_of: dict[Scope, list[Scope]] = {}

    def is_skipped(self, decorators: Sequence[cst.Decorator], env: Env) -> bool:
        """Walk decorators; return whether one of them skips a test on Unix."""
        for one in decorators:
            self.walk(one.decorator, env)
        return any(self._is_skipping(one.decorator) for one in decorators)

    def inherits_skip(self, node: cst.ClassDef) -> bool:
        """Return whether a class inherits from one of the file that is skipped on Unix."""
        several = (one for base in node.bases for one in self.uses.get(base.value, ()))
        return any(one.node in self.skipped_classes for one in several)

    def is_never_called(self, scope: Scope | None, *, is_used: bool = False) -> bool:
        """Return whether a scope is in a function that only code which never runs calls.

        ``is_used``: whether another module calls it.
        """
        while scope is not None and scope.parent is not None:
            node = scope.node
            marks = node.decorators if isinstance(node, cst.FunctionDef) else ()
            if any(self._drops_function(one.decorator) for one in marks):
                return True
            if (
                isinstance(node, cst.FunctionDef)
                and not is_used
                and not scope.parent.is_class
                and not any(map(is_registering, node.decorators))
            ):
                name = node.name.value
                bindings = scope.parent.bindings.get(name, [])
                if name in self.dead_names and not any(one.readers for one in bindings):
                    return True
            scope = scope.parent
        return False

    def _drops_function(self, mark: cst.BaseExpression) -> bool:
        """Return whether a decorator never calls its function on Unix, nor hands it on."""
        called = mark.func if isinstance(mark, cst.Call) else mark
        several, member = self.definitions_of(called)
        if len(several) != 1:
            return False
        (only,) = several
        is_made = called is not mark
        if only.kind is BindingKind.IMPORTED:
            return self.imported.drops_function(only.qualified + member, is_made=is_made)
        return not member and self.is_dropping(only, is_made=is_made)

    def is_dropping(self, binding: Binding, *, is_made: bool) -> bool:
        """Return whether a binding is such a decorator, with ``is_made`` what returns one."""
        node = binding.node
        if binding.kind is not BindingKind.FUNCTION or not isinstance(node, cst.FunctionDef):
            return False
        scope = self.scopes[node]
        if is_made:
            made = [
                self.definitions_of(one.value)[0] for one in scope.returns if one.value is not None
            ]
            inner = [one for several in made for one in several]
            return bool(inner) and all(self.is_dropping(one, is_made=False) for one in inner)
        first = next(iter(parameters(node.params)), None)
        given = scope.bindings.get(first.name.value, []) if first is not None else []
        if node.decorators or len(given) != 1 or given[0].name not in self.dead_names:
            return False
        calls = (one for one in descendants(node) if isinstance(one, cst.Call))
        wrapping = (one for one in calls if last_word(one.func) in _WRAPPING)
        return {one.value for call in wrapping for one in call.args}.issuperset(given[0].readers)

    def is_never_run(self, scope: Scope) -> bool:
        """Return whether a scope is a function that only a test runner calls, and never does."""
        node, parent = scope.node, scope.parent
        if not isinstance(node, cst.FunctionDef) or parent is None or not self.scope.module.done:
            return False
        owners = [parent, parent.module] if parent.is_class else [parent]
        if owners[-1] is not parent.module:
            return False
        name = node.name.value
        is_run = name.startswith("test") or name in _MODULE_SETUP | _CLASS_SETUP
        if (is_run or self.is_fixture(node)) and any(map(self._binds_mark, owners)):
            return True
        return any(map(self.always_skips, self.scopes_run_before(scope))) or any(
            other.dataflow.always_skips(one) for other, one in self.scopes_elsewhere(scope)
        )

    def scopes_run_before(self, scope: Scope) -> list[Scope]:
        """Return the functions that a test runner calls before a test, a fixture or a set-up."""
        node, parent = scope.node, scope.parent
        if not isinstance(node, cst.FunctionDef) or parent is None:
            return []
        owners = [parent, parent.module] if parent.is_class else [parent]
        name = node.name.value
        is_test = name.startswith("test")
        is_setup = name in _MODULE_SETUP | _CLASS_SETUP or self.is_fixture(node)
        of_module = self._setups(parent.module, _MODULE_SETUP)
        of_class = self._setups(parent, _CLASS_SETUP) if parent.is_class and is_test else ()
        earlier = [*(of_module if is_test or name in _CLASS_SETUP else ()), *of_class]
        if is_test or is_setup:
            earlier += self._fixtures_of(scope, owners)
        return [one for one in earlier if one is not scope]

    def scopes_elsewhere(self, scope: Scope) -> list[tuple[Any, Scope]]:
        """Return the functions of other modules that a test runner calls before a test or fixture.

        Each comes with the evaluator of its module.
        """
        node, parent = scope.node, scope.parent
        if not isinstance(node, cst.FunctionDef) or parent is None:
            return []
        is_test = node.name.value.startswith("test")
        if not is_test and not self.is_fixture(node):
            return []
        bases: list[str] = []
        if is_test and isinstance(parent.node, cst.ClassDef):
            own = [name for name in parent.exit if name in _CLASS_SETUP]
            replaces = any(not self._calls_super(parent, name) for name in own)
            for base in () if replaces else parent.node.bases:
                several, member = self.definitions_of(base.value)
                imported = (one for one in several if one.kind is BindingKind.IMPORTED)
                bases += [one.qualified + member for one in imported]
        names = [name for name in self._fixture_names(scope) if name not in parent.module.exit]
        return self.imported.run_before(
            frozenset(names), tuple(bases), frozenset(parent.module.exit)
        )

    def _fixture_names(self, scope: Scope) -> list[str]:
        """Return the fixtures that a test or a fixture asks for, by itself and by marks."""
        node, parent = scope.node, scope.parent
        assert isinstance(node, cst.FunctionDef)
        names = [one.name.value for one in node.params.params]
        marks: list[cst.BaseExpression] = [one.decorator for one in node.decorators]
        around = parent.node if parent is not None else None
        marks += [
            one.decorator for one in (around.decorators if isinstance(around, cst.ClassDef) else ())
        ]
        owners = [one for one in (parent, scope.module) if one is not None]
        for owner in dict.fromkeys(owners):
            bound = owner.exit.get("pytestmark", ())
            marks += [one.value for one in bound if one.value is not None]
        for mark in marks:
            several = mark.elements if isinstance(mark, (cst.List, cst.Tuple)) else ()
            for one in (mark, *(element.value for element in several)):
                names += self._used_fixtures(one)
        return names

    def _fixtures_of(self, scope: Scope, owners: list[Scope]) -> list[Scope]:
        """Return the fixtures of the module that a test or a fixture uses, theirs included."""
        found: list[Scope] = []
        todo = [scope]
        while todo and len(found) < _MAX_STEPS:
            node = todo.pop().node
            assert isinstance(node, cst.FunctionDef)
            for name in self._fixture_names(self.scopes[node]):
                defined = next((one.exit[name] for one in owners if name in one.exit), frozenset())
                for binding in defined if len(defined) == 1 else ():
                    inner = binding.node
                    is_fixture = isinstance(inner, cst.FunctionDef) and self.is_fixture(inner)
                    if is_fixture and self.scopes[inner] not in found:
                        found.append(self.scopes[inner])
                        todo.append(self.scopes[inner])
        return found

    def _used_fixtures(self, mark: cst.BaseExpression) -> list[str]:
        """Return the fixtures that ``pytest.mark.usefixtures`` names."""
        if not isinstance(mark, cst.Call) or not self._is_one_of(mark.func, _USING):
            return []
        texts = (one.value for one in mark.args if isinstance(one.value, cst.SimpleString))
        return [str(one.evaluated_value) for one in texts]

    def _is_skipping(self, mark: cst.BaseExpression, depth: int = 0) -> bool:
        """Return whether a mark, or one of a list of marks, skips a test on Unix."""
        if isinstance(mark, cst.Name):
            bindings = self.uses.get(mark, frozenset())
            return bool(bindings) and all(self._binds_skip(one, depth) for one in bindings)
        if isinstance(mark, (cst.List, cst.Tuple)) and depth < _MAX_STEPS:
            return any(self._is_skipping(one.value, depth + 1) for one in mark.elements)
        if isinstance(mark, cst.BinaryOperation) and depth < _MAX_STEPS:  # of two lists
            return any(self._is_skipping(one, depth + 1) for one in (mark.left, mark.right))
        if isinstance(mark, cst.Attribute):
            return self._is_one_of(mark, _ALWAYS) or self._is_imported_mark(mark)
        if not isinstance(mark, cst.Call):
            return False
        if self._is_one_of(mark.func, _ALWAYS) or self._makes_skip(mark.func, depth):
            return True
        if self._is_one_of(mark.func, _UNLESS_RUN):
            run = argument(mark, "run", None)
            condition = argument(mark, "condition", 0)
            is_run = run is None or self.decide(run) is not False
            return not is_run and (condition is None or self._decide_text(condition) is True)
        for name, outcome in _CONDITIONAL.items():
            if self._is_one_of(mark.func, frozenset({name})):
                condition = argument(mark, "condition", 0)
                return condition is not None and self._decide_text(condition) is outcome
        return False

    def _makes_skip(self, function: cst.BaseExpression, depth: int) -> bool:
        """Return whether a function of the file returns a mark that skips a test on Unix."""
        bindings = self.uses.get(function, ()) if isinstance(function, cst.Name) else ()
        several = [one for one in bindings if one.kind is BindingKind.FUNCTION]
        values = [one.value for each in several for one in self._returns_of(each)]
        return bool(values) and all(
            one is not None and depth < _MAX_STEPS and self._is_skipping(one, depth + 1)
            for one in values
        )

    def _returns_of(self, binding: Binding) -> list[Returned]:
        scope = self.scopes[binding.node]
        self.walk_function(scope)
        return scope.returns

    def _is_imported_mark(self, mark: cst.Attribute) -> bool:
        """Return whether a mark is an attribute of another module, and skips a test on Unix."""
        bindings = self.uses.get(mark.value, ()) if isinstance(mark.value, cst.Name) else ()
        several = [one for one in bindings if one.kind is BindingKind.IMPORTED]
        return bool(several) and all(
            self.imported.is_skipping_mark(f"{one.qualified}.{mark.attr.value}") for one in several
        )

    def names_skipping_mark(self, name: str) -> bool:
        """Return whether a name of the module is a mark that skips a test on Unix."""
        return self._binds_mark(self.scope.module, name)

    def _binds_skip(self, binding: Binding, depth: int) -> bool:
        value, node = binding.value, binding.node
        if binding.kind is BindingKind.IMPORTED:
            return self.imported.is_skipping_mark(binding.qualified)
        if binding.kind is BindingKind.FUNCTION:  # a decorator that adds a mark
            made = [one.value for one in self._returns_of(binding)]
            return bool(made) and all(
                isinstance(one, cst.Call) and self._is_skipping(one.func, depth + 1) for one in made
            )
        if binding.kind is BindingKind.MUTATED and isinstance(node, cst.Call) and node.args:
            value = node.args[-1].value
        if depth >= _MAX_STEPS or binding.path or value is None:
            return False
        if binding.kind in (BindingKind.AUGMENTED, BindingKind.MUTATED):  # a longer list of marks
            before = binding.before
            if before and all(self._binds_skip(one, depth + 1) for one in before):
                return True
        elif binding.kind is not BindingKind.VALUE:
            return False
        return self._is_skipping(value, depth + 1)

    def _decide_text(self, condition: cst.BaseExpression) -> bool | None:
        """Return the outcome of a condition, which pytest also takes as a text."""
        if not isinstance(condition, cst.SimpleString):
            return self.decide(condition)
        text = condition.evaluated_value
        env = dict(self._last_env)
        for name in _KNOWN_TO_CONDITIONS:
            known = Binding(name, self.scope, condition, BindingKind.IMPORTED, qualified=name)
            env.setdefault(name, frozenset({known}))
        inner = parse_expression(text) if isinstance(text, str) else None
        if inner is None:
            return None
        self.walk(inner, env)
        return self.decide(inner)

    def _binds_mark(self, scope: Scope, name: str = "pytestmark") -> bool:
        """Return whether a scope binds a name to a mark that skips a test on Unix."""
        marks = scope.exit.get(name, frozenset())
        return bool(marks) and all(self._binds_skip(one, 0) for one in marks)

    def is_fixture(self, node: cst.CSTNode, *, for_all: bool = False) -> bool:
        """Return whether a node is a fixture, ``for_all`` one that every test uses."""
        for one in node.decorators if isinstance(node, cst.FunctionDef) else ():
            called = one.decorator.func if isinstance(one.decorator, cst.Call) else one.decorator
            if self._is_one_of(called, _FIXTURE):
                given = isinstance(one.decorator, cst.Call) and argument(
                    one.decorator, "autouse", None
                )
                return not for_all or bool(given and self.decide(given))
        return False

    def fixtures(self, names: Collection[str]) -> list[Scope]:
        """Return the fixtures of the module that every test uses, and those of some names."""
        bound = [one for several in self.scope.exit.values() for one in several]
        nodes = [one.node for one in bound if one.kind is BindingKind.FUNCTION]
        return [
            self.scopes[one]
            for one in nodes
            if isinstance(one, cst.FunctionDef)
            and self.is_fixture(one, for_all=one.name.value not in names)
        ]

    def setups_of_class(self, name: str) -> list[Scope]:
        """Return the functions that run before each test of a class of the module, by the class's name."""
        bound = self.scope.exit.get(name, ())
        classes = [self.scopes[one.node] for one in bound if one.kind is BindingKind.CLASS]
        return [each for one in classes for each in self._setups(one, _CLASS_SETUP)]

    def _setups(self, scope: Scope, names: frozenset[str]) -> list[Scope]:
        """Return the functions that run before the tests of a module or a class."""
        if scope not in self._setups_of:
            self._setups_of[scope] = list(self._find_setups(scope, names, frozenset(), 0))
        return self._setups_of[scope]

    def _find_setups(
        self, scope: Scope, names: frozenset[str], replaced: frozenset[str], depth: int
    ) -> Iterator[Scope]:
        """Yield them; ``replaced`` are those of a class that the ones inheriting from it have."""
        for bindings in scope.exit.values():
            for one in bindings:
                if isinstance(one.node, cst.FunctionDef) and one.kind is BindingKind.FUNCTION:
                    is_named = one.name in names
                    if one.name not in replaced and (
                        is_named
                        or (one.node.decorators and self.is_fixture(one.node, for_all=True))
                    ):
                        yield self.scopes[one.node]
        if isinstance(scope.node, cst.ClassDef) and depth < _MAX_STEPS:
            own = {name for name in scope.exit if not self._calls_super(scope, name)}
            for base in scope.node.bases:
                for one in self.uses.get(base.value, ()):
                    if one.kind is BindingKind.CLASS:
                        inner = self.scopes[one.node]
                        yield from self._find_setups(inner, names, replaced | own, depth + 1)

    def _calls_super(self, scope: Scope, name: str) -> bool:
        """Return whether a method of a class may call the one that it replaces."""
        several = (one.node for one in scope.exit[name])
        words = (part for node in several for part in descendants(node))
        return any(isinstance(one, cst.Name) and one.value == "super" for one in words)

    def always_skips(self, scope: Scope) -> bool:
        """Return whether a function does nothing on Unix but skip."""
        if not scope.done:
            self.walk_function(scope)
        return scope.skips and not (scope.falls_off or scope.returns or scope.yields)
