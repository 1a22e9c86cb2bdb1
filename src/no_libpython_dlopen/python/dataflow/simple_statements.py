"""Walks the statements that hold no others: assignments, imports, ``return``, ``raise``."""

from __future__ import annotations

from collections.abc import Callable

import libcst as cst

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Env, Returned, Scope
from no_libpython_dlopen.python.dataflow.expression_walk import ExpressionWalk, Truth
from no_libpython_dlopen.python.dataflow.import_tables import (
    CLASS_GETTERS,
    STAR_NAMES,
    is_foreign_class,
    is_foreign_module,
    is_foreign_name,
)
from no_libpython_dlopen.python.dataflow.targets import KEPT
from no_libpython_dlopen.python.syntax.parse import descendants

_EXITS = frozenset({"sys.exit", "os._exit", "os.abort", "exit", "quit", "pytest.exit"})
_SKIPS = frozenset({"pytest.skip", "pytest.xfail"})
_IMPORT_OR_SKIP = frozenset({"pytest.importorskip", "test.support.import_helper.import_module"})
_SKIP_ERRORS = frozenset({"unittest.SkipTest", "unittest.case.SkipTest", "pytest.skip.Exception"})

#: How many functions may be half walked while another one is walked early, to learn whether it
#: ever returns: each is a level of recursion.
_MAX_NESTED = 4
_DECLARATIONS = frozenset({cst.Global, cst.Nonlocal})

IsOneOf = Callable[[cst.BaseExpression, frozenset[str]], bool]


class SimpleStatements(ExpressionWalk):
    """The part of ``ReachingDefinitions`` for statements of one line.

    Each method returns what is bound after a statement, ``None`` if nothing runs then.
    """

    def __init__(self, module: cst.Module, truth: Truth, is_one_of: IsOneOf) -> None:
        super().__init__(module, truth)
        self._is_one_of = is_one_of
        #: Whether a function declares names of the scopes around.
        self._outer: dict[cst.FunctionDef, bool] = {}
        self._statements: dict[type, Callable[..., Env | None]] = {
            cst.Assign: self._assign,
            cst.AnnAssign: self._annotated_assignment,
            cst.AugAssign: self._augmented_assignment,
            cst.Import: self._import,
            cst.ImportFrom: self._import_from,
            cst.Return: self._return,
            cst.Raise: self._raise,
            cst.Assert: self._assert,
            cst.Expr: self._expression,
            cst.Global: self._global,
            cst.Nonlocal: self._global,
            cst.Del: self._delete,
        }

    def _assign(self, node: cst.Assign, env: Env) -> Env | None:
        self.walk(node.value, env)
        if self._skips(node.value) or self._lacks_class(node.value):
            return None
        if isinstance(node.value, cst.IfExp) and self.decide(node.value.test) is not None:
            self.note_platform_flags(node.targets)
        for target in node.targets:
            self.bind_target(target.target, node, BindingKind.VALUE, node.value, (), env)
        return env

    def _annotated_assignment(self, node: cst.AnnAssign, env: Env) -> Env | None:
        self.walk(node.annotation, env)
        if node.value is not None:
            self.walk(node.value, env)
            if self._lacks_class(node.value):
                return None
            self.bind_target(node.target, node, BindingKind.VALUE, node.value, (), env)
        return env

    def _augmented_assignment(self, node: cst.AugAssign, env: Env) -> Env | None:
        self.walk(node.value, env)
        self.walk(node.target, env)
        if isinstance(node.target, cst.Name):
            before = env.get(node.target.value, frozenset())
            self.bind(
                node.target.value, node, BindingKind.AUGMENTED, node.value, env, before=before
            )
        return env

    def _import(self, node: cst.Import, env: Env) -> Env | None:
        for alias in node.names:
            dotted = _dotted_name(alias.name)
            if is_foreign_module(dotted) or self._import_fails(dotted):
                self.failed_imports += 1
                return None
            if alias.asname is None:
                root = dotted.partition(".")[0]
                self.bind(root, alias, BindingKind.IMPORTED, None, env, qualified=root)
            elif isinstance(alias.asname.name, cst.Name):
                name = alias.asname.name.value
                self.bind(name, alias, BindingKind.IMPORTED, None, env, qualified=dotted)
        return env

    def _import_from(self, node: cst.ImportFrom, env: Env) -> Env | None:
        base = "." * len(node.relative) + (_dotted_name(node.module) if node.module else "")
        if is_foreign_module(base) or self._import_fails(base):
            self.failed_imports += 1
            return None
        prefix = base if base.endswith(".") else f"{base}."
        if isinstance(node.names, cst.ImportStar):
            names = STAR_NAMES.get(base)
            if names is None:
                with analysis.other_file():
                    names = self.imported.star_names(base)
            for name in names:
                self.bind(name, node, BindingKind.IMPORTED, None, env, qualified=prefix + name)
            return env
        for alias in node.names:
            name = alias.name.value if isinstance(alias.name, cst.Name) else ""
            if is_foreign_name(base, name) or self._import_fails(prefix + name):
                self.failed_imports += 1
                return None
            bound = alias.asname.name if alias.asname is not None else alias.name
            if isinstance(bound, cst.Name):
                self.bind(
                    bound.value, alias, BindingKind.IMPORTED, None, env, qualified=prefix + name
                )
        return env

    def _import_fails(self, name: str) -> bool:
        with analysis.other_file():
            return self.imported.fails(name)

    def _return(self, node: cst.Return, env: Env) -> Env | None:
        if node.value is not None:
            self.walk(node.value, env)
        if isinstance(node.value, cst.IfExp) and self.decide(node.value.test) is not None:
            self.note_platform_flags((node,))
        self.replaced_attributes.end(env)
        self.note_exit(env)
        if node.value is None or not self._lacks_class(node.value):
            self.scope.returns.append(Returned(node.value, self.conditions))
        return None

    def _raise(self, node: cst.Raise, env: Env) -> Env | None:
        self.replaced_attributes.end(env)
        raised = node.exc.func if isinstance(node.exc, cst.Call) else node.exc
        for part in (node.exc, node.cause.item if node.cause else None):
            if part is not None:
                self.walk(part, env)
        if raised is not None and self._is_one_of(raised, _SKIP_ERRORS):
            self.scope.skips = True
        return None

    def _assert(self, node: cst.Assert, env: Env) -> Env | None:
        self.walk(node.test, env)
        if node.msg is not None:
            self.walk(node.msg, env)
        if isinstance(node.test, cst.Comparison) and not isinstance(node.test.left, cst.Call):
            # Of the many in a test, those that may exclude the name of a library.
            texts = (node.test.left, *(one.comparator for one in node.test.comparisons))
            if any(isinstance(one, (cst.SimpleString, cst.Tuple)) for one in texts):
                self.conditions = (*self.conditions, (node.test, True))
        return None if self.decide(node.test) is False else env

    def _expression(self, node: cst.Expr, env: Env) -> Env | None:
        self.walk(node.value, env)
        if not isinstance(node.value, cst.Call):
            return env
        called = node.value.func
        ends = self._skips(node.value) or self._is_one_of(called, _EXITS)
        ends = ends or self._lacks_class(node.value)
        if ends or self._never_returns(called):
            return None
        self._set_outer_names(called, env)
        return env

    def _never_returns(self, called: cst.BaseExpression) -> bool:
        """Return whether a function ends its caller on Unix: an imported one, or the file's own.

        A function of the file counts if it is called in another function.
        """
        bindings, member = self.definitions_of(called)
        if len(bindings) != 1:
            return False
        (only,) = bindings
        if only.kind is BindingKind.IMPORTED:
            with analysis.other_file():
                return self.imported.never_returns(only.qualified + member)
        is_inside = self.scope.module.done or bool(self.unfinished)
        if member or not is_inside or len(self.unfinished) > _MAX_NESTED:
            return False
        if not self.always_fails(only):
            return False
        self.scope.skips |= self.scopes[only.node].skips
        return True

    def always_fails(self, binding: Binding) -> bool:
        """Return whether a binding is a function that never returns on Unix."""
        node = binding.node
        if binding.kind is not BindingKind.FUNCTION or not isinstance(node, cst.FunctionDef):
            return False
        scope = self.scopes[node]
        self.walk_function(scope)
        if node.decorators or node.asynchronous or scope in self.unfinished:
            return False
        return not (scope.falls_off or scope.returns or scope.yields)

    def _skips(self, called: cst.BaseExpression) -> bool:
        """Return whether a call ends a test on Unix; note it in the scope."""
        if not isinstance(called, cst.Call):
            return False
        if self._is_one_of(called.func, _IMPORT_OR_SKIP):
            name = called.args[0].value if called.args else None
            text = name.evaluated_value if isinstance(name, cst.SimpleString) else None
            skips = isinstance(text, str) and is_foreign_module(text)
        else:
            skips = self._is_one_of(called.func, _SKIPS) or self._skips_test_case(called.func)
        self.scope.skips |= skips
        return skips

    def _lacks_class(self, node: cst.BaseExpression) -> bool:
        """Return whether a Java class of Android is asked for, which fails as an import does."""
        todo = [node]
        while todo:
            part = todo.pop()
            if type(part) is cst.Attribute:  # ``isinstance`` takes long over other classes
                todo.append(part.value)
            elif type(part) is cst.Tuple or type(part) is cst.List:
                todo += [one.value for one in part.elements]
            elif type(part) is cst.Call:
                todo += [part.func, *(one.value for one in part.args)]
                name = part.args[0].value if part.args else None
                text = name.evaluated_value if isinstance(name, cst.SimpleString) else None
                is_foreign = isinstance(text, str) and is_foreign_class(text)
                if is_foreign and self._is_one_of(part.func, CLASS_GETTERS):
                    self.failed_imports += 1
                    return True
        return False

    def walk_function(self, scope: Scope) -> None:
        """Walk a function's body now, if it has not been walked."""
        raise NotImplementedError

    def _skips_test_case(self, called: cst.BaseExpression) -> bool:
        """Return whether ``self.skipTest`` is called, unless a class of the file has its own."""
        parent = self.scope.parent
        return (
            isinstance(called, cst.Attribute)
            and called.attr.value == "skipTest"
            and isinstance(called.value, cst.Name)
            and parent is not None
            and parent.is_class
            and not any("skipTest" in one.bindings for one in self.scopes.values())
        )

    def _global(self, node: cst.Global | cst.Nonlocal, env: Env) -> Env | None:
        for item in node.names:
            name = item.name.value
            target = self.scope.module
            if isinstance(node, cst.Nonlocal):
                parent = self.scope.parent
                while parent is not None and (parent.is_class or name not in parent.bindings):
                    parent = parent.parent
                target = parent or target
            self.scope.declared_scopes[name] = target
            env[KEPT + name] = frozenset()
        return env

    def note_exit(self, env: Env | None) -> None:
        """Note which outer names a function may leave as they were where it ends."""
        names = self.scope.declared_scopes if env is not None else ()
        self.scope.kept_names.update(name for name in names if env and KEPT + name in env)

    def _set_outer_names(self, called: cst.BaseExpression, env: Env) -> None:
        """Take the values that a function of the file always gives outer names when it is called."""
        bindings = self.bindings_of(called) if isinstance(called, cst.Name) else frozenset()
        node = next(iter(bindings)).node if len(bindings) == 1 else None
        if not isinstance(node, cst.FunctionDef) or len(self.unfinished) > _MAX_NESTED:
            return
        scope = self.scopes[node]
        if node.decorators or node.asynchronous or not self._declares_outer_names(node):
            return
        self.walk_function(scope)
        if scope in self.unfinished or scope.yields:
            return
        for name, several in scope.outer_bindings.items():
            is_own = self.scope is scope.declared_scopes[name]
            if name not in scope.kept_names and (is_own or name not in self.scope.bindings):
                env[name] = frozenset(several)

    def _declares_outer_names(self, node: cst.FunctionDef) -> bool:
        if node not in self._outer:
            parts = descendants(node.body)
            self._outer[node] = any(type(one) in _DECLARATIONS for one in parts)
        return self._outer[node]

    def _delete(self, node: cst.Del, env: Env) -> Env | None:
        targets = (
            [element.value for element in node.target.elements]
            if isinstance(node.target, cst.Tuple)
            else [node.target]
        )
        for target in targets:
            self.walk(target, env)
            if isinstance(target, cst.Name):
                env.pop(target.value, None)
            elif isinstance(target, cst.Attribute):
                self.replaced_attributes.delete(target.attr.value)
            elif isinstance(target, cst.Subscript) and isinstance(target.value, cst.Name):
                self.mutate(target.value, target, None, env)
        return env


def _dotted_name(node: cst.BaseExpression) -> str:
    """Return a module's name as written."""
    if isinstance(node, cst.Attribute):
        return f"{_dotted_name(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""
