"""Says which bindings a name may mean where it is read: one forward pass a scope.

Branches that Unix never takes are not entered, so what is in them is never reported.
Loops are walked twice, which is enough for a binding of the first iteration to reach the
second. Function bodies come after the scope around them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import libcst as cst

from no_libpython_dlopen.knowledge.three_valued import all_of
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import PYTHON_LOOPS
from no_libpython_dlopen.python.dataflow import patterns, platform_keys
from no_libpython_dlopen.python.dataflow.bindings import BindingKind, Env, Returned, Scope, merge
from no_libpython_dlopen.python.dataflow.expression_walk import Truth
from no_libpython_dlopen.python.dataflow.simple_statements import IsOneOf
from no_libpython_dlopen.python.dataflow.skipped_tests import SkippedTests
from no_libpython_dlopen.python.syntax.parse import descendants, parameters

_FREE_LOOP_DEPTH = 4
#: How many patterns of a ``match`` a later case knows to have failed. Beyond, it just knows less.
_MAX_FAILED_CASES = 16
_SUPPRESSING = frozenset({"contextlib.suppress", "pytest.raises"})
#: Methods of a test case that do, whatever the test case is called.
_SUPPRESSING_METHODS = frozenset({"assertRaises", "assertRaisesRegex", "subTest"})


class ReachingDefinitions(SkippedTests):
    """The bindings of a whole module.

    ``truth`` gives the outcome of a test on Unix, ``is_one_of`` whether an expression is
    something of a qualified name (``sys.exit``); both may be asked while the pass runs.
    """

    def __init__(self, module: cst.Module, truth: Truth, is_one_of: IsOneOf) -> None:
        super().__init__(module, truth, is_one_of)
        self._loops: list[tuple[list[Env], list[Env]]] = []
        #: How often a loop was walked again that is inside of ``_FREE_LOOP_DEPTH`` others.
        self._repeated_loops = 0
        self._statements |= {
            cst.If: self._if,
            cst.For: self._for,
            cst.While: self._while,
            cst.Try: self._try,
            cst.TryStar: self._try,
            cst.With: self._with,
            cst.Match: self._match,
            cst.FunctionDef: self._function,
            cst.ClassDef: self._class,
            cst.Break: self._break,
            cst.Continue: self._continue,
        }

    def run(self) -> None:
        """Walk the module, then every function in it."""
        module = self.scope
        end = self.walk_block(self.module.body, None if self.imported.is_unreachable() else {})
        module.falls_off = end is not None
        module.exit = end if end is not None else self._last_env
        self.replaced_attributes.end(module.exit)
        module.done = True
        while self.pending:
            self.walk_function(self.pending.pop(0))
        self.replaced_attributes.complete(self.scopes.values())
        self.early_calls.note_bindings(self.scopes, self.free_names, self.live_expressions)
        for name, scope in list(self.free_names.items()):
            for binding in scope.lookup(name.value):
                binding.readers[name] = None

    def walk_function(self, scope: Scope) -> None:
        """Walk a function's body now, if it has not been walked."""
        if scope.done:
            return
        scope.done = True
        node = scope.node
        assert isinstance(node, (cst.FunctionDef, cst.Lambda))
        if isinstance(node, cst.FunctionDef) and self.is_never_run(scope):
            self.mark_dead(node.body)
            return
        saved = self.scope, self._loops, self.conditions
        self.scope, self._loops, self.conditions = scope, [], ()
        self.unfinished.add(scope)
        env: Env = {}
        for parameter in parameters(node.params):
            self.bind(
                parameter.name.value, parameter, BindingKind.PARAMETER, parameter.default, env
            )
        if isinstance(node, cst.Lambda):
            self.walk(node.body, env)
            scope.returns.append(Returned(node.body, ()))
        else:
            self.replaced_attributes.begin(scope, env)
            end = self.walk_block([node.body], env)
            scope.falls_off = end is not None
            self.note_exit(end)
            env = end if end is not None else env
        scope.exit = env
        self.replaced_attributes.end(env)
        self.unfinished.discard(scope)
        self.scope, self._loops, self.conditions = saved

    def walk_block(self, statements: Sequence[cst.CSTNode], env: Env | None) -> Env | None:
        """Walk statements; return what is bound after them, ``None`` if nothing runs then."""
        saved = self.conditions
        env = self._walk_statements(statements, env)
        self.conditions = saved
        return env

    def _walk_statements(self, statements: Sequence[cst.CSTNode], env: Env | None) -> Env | None:
        """Walk statements, and leave the tests that hold after them among the conditions."""
        for statement in statements:
            if env is None:
                self.mark_dead(statement)
                continue
            self.count_step()
            self._last_env = env
            if isinstance(
                statement, (cst.SimpleStatementLine, cst.IndentedBlock, cst.SimpleStatementSuite)
            ):
                env = self._walk_statements(statement.body, env)
                continue
            handler = self._statements.get(type(statement))
            if handler is not None:
                env = handler(statement, env)
            else:
                self.walk(statement, env)
        return env

    # Branches

    def _if(self, node: cst.If, env: Env) -> Env | None:
        self.walk(node.test, env)
        truth = self.decide(node.test)
        outer = self.conditions
        yes: Env | None = None
        no: Env | None = None
        if truth is not False:
            self.conditions = (*outer, (node.test, True))
            yes = self.walk_block([node.body], dict(env))
        else:
            self.mark_dead(node.body)
        self.conditions = (*outer, (node.test, False))
        if truth is True:
            if node.orelse is not None:
                self.mark_dead(node.orelse)
        elif isinstance(node.orelse, cst.If):
            no = self._if(node.orelse, dict(env))
        elif node.orelse is not None:
            no = self.walk_block([node.orelse.body], dict(env))
        else:
            no = env
        self.conditions = outer
        if truth is None and yes is None and no is not None:
            self.conditions = (*outer, (node.test, False))
        elif truth is None and no is None and yes is not None:
            self.conditions = (*outer, (node.test, True))
        return merge(yes, no)

    def _match(self, node: cst.Match, env: Env) -> Env | None:
        self.walk(node.subject, env)
        result: Env | None = None
        outer = self.conditions
        for case in node.cases:
            inner = dict(env)
            self._bind_pattern(case.pattern, case, node.subject, (), inner)
            matched = self._matches(node.subject, case.pattern)
            tests, is_decided = patterns.tests_of(node.subject, case.pattern)
            if case.guard is not None and matched is not False:
                self.walk(case.guard, inner)
                guard = self.decide(case.guard)
                matched = False if guard is False else (matched if guard is True else None)
            if matched is False:
                self.mark_dead(case.body)
                continue
            earlier = self.conditions
            tests += [case.guard] if case.guard is not None else []
            self.conditions = (*earlier, *((test, True) for test in tests))
            result = merge(result, self.walk_block([case.body], inner))
            self.conditions = earlier
            if matched is True:
                self.conditions = outer
                return result
            is_early = len(earlier) - len(outer) < _MAX_FAILED_CASES
            if tests and is_decided and is_early:
                self.conditions = (*earlier, (patterns.all_of(tests), False))
        if result is not None:
            self.conditions = outer
        return merge(result, env)

    def _bind_pattern(
        self,
        pattern: cst.CSTNode,
        case: cst.MatchCase,
        subject: cst.BaseExpression,
        path: tuple[int | tuple[int, int], ...],
        env: Env,
    ) -> None:
        """Bind the names of a pattern to the parts of the subject that they match."""
        if isinstance(pattern, (cst.MatchAs, cst.MatchStar)):
            if pattern.name is not None:
                self.bind(pattern.name.value, case, BindingKind.VALUE, subject, env, path=path)
        elif isinstance(pattern, cst.MatchMapping) and pattern.rest is not None:
            self.bind(pattern.rest.value, case, BindingKind.UNKNOWN, None, env)
        elif isinstance(pattern, (cst.MatchValue, cst.MatchClass)):
            self.walk(pattern.value if isinstance(pattern, cst.MatchValue) else pattern.cls, env)
        for inner, part, step in patterns.parts_of(pattern, subject):
            if part is not subject and path:  # an attribute or key of a part
                part, step = subject, patterns.NOWHERE
            self._bind_pattern(inner, case, part, (*path, *step), env)

    def _matches(self, subject: cst.BaseExpression, pattern: cst.MatchPattern) -> bool | None:
        """Return whether a pattern matches on Unix."""
        if isinstance(pattern, cst.MatchAs) and pattern.pattern is None:
            return True
        if isinstance(pattern, cst.MatchOr):
            found = [self._matches(subject, element.pattern) for element in pattern.patterns]
            return True if True in found else (None if None in found else False)
        if isinstance(pattern, cst.MatchValue):
            return self.decide(patterns.comparison(subject, pattern.value))
        pairs = patterns.written_pairs(subject, pattern)
        if pairs:
            return all_of([self._matches(item, one) for item, one in pairs])
        tests, _ = patterns.tests_of(subject, pattern)
        return False if any(self.decide(one) is False for one in tests) else None

    # Loops

    def _loop(self, body: Callable[[Env], Env | None], env: Env) -> tuple[Env, list[Env]]:
        """Walk a loop's body; return what is bound where its test is made, and at breaks."""
        head = env
        breaks: list[Env] = []
        for number in range(2):
            if number and len(self._loops) >= _FREE_LOOP_DEPTH:
                if head == env:
                    break
                self._repeated_loops += 1
                if self._repeated_loops > PYTHON_LOOPS:  # each loop doubles those inside of it
                    analysis.note_limit(PYTHON_LOOPS)
                    break
            continues: list[Env] = []
            self._loops.append((breaks, continues))
            end = body(dict(head))
            self._loops.pop()
            for other in (end, *continues):
                head = merge(head, other) or head
        return head, breaks

    def _for(self, node: cst.For, env: Env) -> Env | None:
        self.walk(node.iter, env)
        is_known = not isinstance(node.iter, cst.Name)  # of a list, which may be changed elsewhere
        if is_known and self.decide(node.iter) is False:  # over nothing
            self.mark_dead(node.body)
            return self._after_loop(node.orelse, env, [])

        def body(inner: Env) -> Env | None:
            self.bind_target(node.target, node, BindingKind.ELEMENT, node.iter, (), inner)
            return self.walk_block([node.body], inner)

        head, breaks = self._loop(body, env)
        return self._after_loop(node.orelse, head, breaks)

    def _while(self, node: cst.While, env: Env) -> Env | None:
        self.walk(node.test, env)
        truth = self.decide(node.test)
        if truth is False:
            self.mark_dead(node.body)
            return self._after_loop(node.orelse, env, [])

        outer = self.conditions

        def body(inner: Env) -> Env | None:
            self.walk(node.test, inner)
            self.conditions = (*outer, (node.test, True))
            end = self.walk_block([node.body], inner)
            self.conditions = outer
            return end

        head, breaks = self._loop(body, env)
        endless = isinstance(node.test, (cst.Name, cst.Integer)) and truth is True
        return self._after_loop(node.orelse, None if endless else head, breaks)

    def _after_loop(
        self, orelse: cst.Else | None, env: Env | None, breaks: list[Env]
    ) -> Env | None:
        if orelse is not None and env is not None:
            env = self.walk_block([orelse.body], env)
        for other in breaks:
            env = merge(env, other)
        return env

    def _break(self, _: cst.Break, env: Env) -> Env | None:
        if self._loops:
            self._loops[-1][0].append(env)
        return None

    def _continue(self, _: cst.Continue, env: Env) -> Env | None:
        if self._loops:
            self._loops[-1][1].append(env)
        return None

    # Exceptions and context managers

    def _try(self, node: cst.Try | cst.TryStar, env: Env) -> Env | None:
        mark, failures = len(self.binding_log), self.failed_imports
        self.replaced_attributes.end(env)
        end = self.walk_block([node.body], dict(env))
        if end is None and self.failed_imports > failures:
            self.note_platform_flags(descendants(node))
        caught = self._bindings_if_interrupted(env, mark)
        if end is not None and node.orelse is not None:
            end = self.walk_block([node.orelse.body], end)
        elif node.orelse is not None:
            self.mark_dead(node.orelse)
        finds_keys = bool(node.handlers) and platform_keys.finds_keys(self, node.body)
        for handler in node.handlers:
            inner = dict(caught)
            if finds_keys and platform_keys.catches_keys(handler):
                self.mark_dead(handler)
                continue
            if handler.type is not None:
                self.walk(handler.type, inner)
            if handler.name is not None and isinstance(handler.name.name, cst.Name):
                self.bind(handler.name.name.value, handler, BindingKind.UNKNOWN, None, inner)
            end = merge(end, self.walk_block([handler.body], inner))
        if node.finalbody is not None:
            after = self.walk_block([node.finalbody.body], dict(end if end is not None else caught))
            end = after if end is not None else None
        return end

    def _bindings_if_interrupted(self, before: Env, mark: int) -> Env:
        """Return the definitions that may reach the end of a body left in the middle."""
        env = dict(before)
        for binding in self.binding_log[mark:]:
            if binding.scope is self.scope:
                env[binding.name] = env.get(binding.name, frozenset()) | {binding}
        return env

    def _with(self, node: cst.With, env: Env) -> Env | None:
        before = env
        mark = len(self.binding_log)
        suppresses = False
        env = dict(env)
        for item in node.items:
            self.walk(item.item, env)
            if item.asname is not None:
                self.bind_target(item.asname.name, item, BindingKind.ENTERED, item.item, (), env)
            called = item.item.func if isinstance(item.item, cst.Call) else item.item
            method = called.attr.value if isinstance(called, cst.Attribute) else ""
            suppresses = suppresses or method in _SUPPRESSING_METHODS
            suppresses = suppresses or self._is_one_of(called, _SUPPRESSING)
        end = self.walk_block([node.body], env)
        return merge(end, self._bindings_if_interrupted(before, mark)) if suppresses else end

    # Definitions

    def _function(self, node: cst.FunctionDef, env: Env) -> Env | None:
        dead = self.is_skipped(node.decorators, env)
        for parameter in parameters(node.params):
            for part in (parameter.default, parameter.annotation):
                if part is not None:
                    self.walk(part, env)
        if node.returns is not None:
            self.walk(node.returns, env)
        if dead:
            self.mark_dead(node.body)
            self.inner_scope(node).done = True
        else:
            self.defer(node)
        self.bind(node.name.value, node, BindingKind.FUNCTION, None, env)
        return env

    def _class(self, node: cst.ClassDef, env: Env) -> Env | None:
        dead = self.is_skipped(node.decorators, env)
        for argument in (*node.bases, *node.keywords):
            self.walk(argument.value, env)
        if dead or self.inherits_skip(node):
            self.skipped_classes.add(node)
            self.mark_dead(node.body)
            self.bind(node.name.value, node, BindingKind.UNKNOWN, None, env)
            return env
        scope = self.inner_scope(node)
        saved, self.scope = self.scope, scope
        end = self.walk_block([node.body], dict(env)) or self._last_env
        self.replaced_attributes.end(end)
        scope.exit = {name: end[name] for name in scope.bindings if name in end}
        scope.done = True
        self.scope = saved
        self.bind(node.name.value, node, BindingKind.CLASS, None, env)
        if not node.decorators and not node.keywords:  # which may have read its attributes
            self.replaced_attributes.define(node.name.value, scope, env)
        return env
