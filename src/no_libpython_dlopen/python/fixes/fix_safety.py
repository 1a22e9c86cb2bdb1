"""Safety of the rewrite of a load: safe, unsafe with reasons, or no fix at all.

The table is the project's; the behaviour behind each entry was measured on static and
shared interpreters from 3.9 to 3.13.
"""

from __future__ import annotations

import builtins
from dataclasses import dataclass, field

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    FROM_PARAMETER,
    External,
    Function,
    Method,
)
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.uses import LibraryUses
from no_libpython_dlopen.python.library_loads import LibraryLoad
from no_libpython_dlopen.python.syntax.parse import descendants
from no_libpython_dlopen.python.syntax.positions import Positions

#: They start, end or drive an interpreter: perhaps a second one is meant.
LIFECYCLE = (
    "Py_Initialize",
    "Py_Finalize",
    "Py_Main",
    "Py_BytesMain",
    "Py_RunMain",
    "Py_NewInterpreter",
    "Py_EndInterpreter",
    "PyEval_SaveThread",
    "PyEval_RestoreThread",
    "PyEval_AcquireThread",
    "PyEval_ReleaseThread",
)
#: They wait, and with ``pythonapi`` would do so while holding the GIL.
BLOCKING = ("PyThread_acquire_lock", "PyThread_start_new_thread", "Py_RunMain", "sleep", "usleep")
#: They tell whether the GIL is held, which in a call through ``CDLL`` it is not.
GIL_TESTS = ("PyGILState_Check", "PyThreadState_GetUnchecked", "_PyThreadState_UncheckedGet")
#: Modes that are the default on Unix.
_DEFAULT_MODES = frozenset(
    {"ctypes.DEFAULT_MODE", "ctypes.RTLD_LOCAL", "os.RTLD_NOW", "os.RTLD_LAZY", "os.RTLD_LOCAL"}
)
_REPLACES = "it replaces `ctypes.pythonapi` itself"


@dataclass(slots=True)
class FixSafety:
    """How far a fix can be trusted.

    ``blocked_by`` is why there is no fix, ``caveats`` are the reasons why it is unsafe; it is
    safe where there are none.
    """

    blocked_by: str = ""
    caveats: list[str] = field(default_factory=list)

    def unsafe(self, reason: str) -> None:
        """Add a reason once."""
        if reason not in self.caveats:
            self.caveats.append(reason)


class SafetyAnalysis:
    """The fix safety of the loads of one module."""

    def __init__(
        self,
        evaluator: Evaluator,
        positions: Positions,
        uses: LibraryUses,
        loads: list[LibraryLoad],
    ) -> None:
        self._evaluator = evaluator
        self._positions = positions
        self._library_uses = uses
        self._load_nodes = {load.node for load in loads if not load.foreign}

    def assess(self, load: LibraryLoad, exported: frozenset[str]) -> FixSafety:
        """Return the safety of rewriting a load by ctypes."""
        safety = FixSafety()
        safety.blocked_by = self._uncertainty(load) or self._check_surroundings(load, safety)
        if not safety.blocked_by:
            safety.blocked_by = self._check_uses(load, safety)
        self._check_arguments(load, safety)
        statement = self._library_uses.statement(load.node)
        bindings = self._library_uses.bindings(statement)
        if any(binding.name in exported for binding in bindings or ()):
            safety.unsafe("the library is exported in `__all__`")
        if self._comment_inside(load.node):
            safety.unsafe("a comment inside the call is lost")
        return safety

    def _uncertainty(self, load: LibraryLoad) -> str:
        flags = load.names.labels
        if flags & FROM_CANDIDATES or (flags & FROM_PARAMETER and len(load.libpython_names) > 1):
            return "several candidates are probed"
        if load.may_be_other:
            return "it is not certain what is called here"
        if flags & FROM_PARAMETER:
            return "the name comes from a caller, who may mean another library"
        if not load.certain:
            return "another library may be meant"
        if not load.is_direct:
            return "the loader is a subclass that does more"
        return ""

    # What surrounds the load

    def _check_surroundings(self, load: LibraryLoad, safety: FixSafety) -> str:
        inner: cst.CSTNode = load.node
        for node in self._positions.ancestors(load.node):
            if isinstance(node, (cst.FunctionDef, cst.Lambda, cst.ClassDef)):
                return ""
            blocker = self._check_parent(node, inner, safety)
            if blocker:
                return blocker
            inner = node
        return ""

    def _check_parent(self, node: cst.CSTNode, inner: cst.CSTNode, safety: FixSafety) -> str:
        if isinstance(node, (cst.BooleanOperation, cst.IfExp, cst.If)):
            test = node.left if isinstance(node, cst.BooleanOperation) else node.test
            if test is not inner and self._asks_pythonapi(test):
                return "it is the fallback where `ctypes.pythonapi` is missing or lacks something"
            if isinstance(node, cst.BooleanOperation):
                safety.unsafe("the alternative after `or` becomes unreachable")
        elif isinstance(node, (cst.ExceptHandler, cst.ExceptStarHandler)):
            outer = self._positions.parent(node)
            body = outer.body if isinstance(outer, (cst.Try, cst.TryStar)) else None
            if "AttributeError" in self._caught_names(node) or (
                body and self._asks_pythonapi(body)
            ):
                return "it is the fallback where `ctypes.pythonapi` lacks something"
            if body and self._holds_load(body):
                return "several candidates are probed"
        elif isinstance(node, cst.With):
            for item in node.items:
                called = item.item.func if isinstance(item.item, cst.Call) else item.item
                name = self._evaluator.qualified_name(called)
                if name in ("contextlib.suppress", "pytest.raises"):
                    safety.unsafe(
                        f"`{name.rpartition('.')[2]}` around it has nothing left to catch"
                    )
        elif isinstance(node, (cst.Try, cst.TryStar)) and inner is node.body:
            for handler in node.handlers:
                if handler.type is None or self._catches_os_error(handler):
                    if self._holds_load(handler.body):
                        return "several candidates are probed"
                    safety.unsafe("the surrounding `except` becomes unreachable")
        elif isinstance(node, cst.Assign):
            for target in node.targets:
                if self._evaluator.qualified_name(target.target) == "ctypes.pythonapi":
                    return _REPLACES
        elif (
            isinstance(node, cst.Call)
            and self._evaluator.qualified_name(node.func) == "setattr"
            and any(self._asks_pythonapi(argument) for argument in node.args)
        ):
            return _REPLACES
        return ""

    def _asks_pythonapi(self, node: cst.CSTNode) -> bool:
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

    def _catches_os_error(self, handler: cst.ExceptHandler | cst.ExceptStarHandler) -> bool:
        """Return whether a handler catches what a failed load raises, as far as is known."""
        for name in self._caught_names(handler):
            caught = getattr(builtins, name, None)
            if not isinstance(caught, type):
                return True
            if issubclass(caught, OSError) or issubclass(OSError, caught):
                return True
        return False

    def _caught_names(self, handler: cst.ExceptHandler | cst.ExceptStarHandler) -> set[str]:
        if handler.type is None:
            return set()
        return {part.value for part in descendants(handler.type) if isinstance(part, cst.Name)}

    def _holds_load(self, node: cst.CSTNode) -> bool:
        return any(part in self._load_nodes for part in descendants(node))

    # What is done with it

    def _check_uses(self, load: LibraryLoad, safety: FixSafety) -> str:
        uses = list(self._library_uses.of(load.node))
        if any(use.does in ("stored", "passed") for use in uses) or load.initialises_self:
            uses += self._library_uses.elsewhere()
        for use in uses:
            if use.does in ("called", "named"):
                if use.name.startswith(LIFECYCLE):
                    return f"`{use.name}` is called on it: perhaps a second interpreter is meant"
                if load.library_class == "CDLL" and use.name.startswith(BLOCKING):
                    safety.unsafe(f"`{use.name}` may wait while the GIL is held")
                if (
                    load.library_class == "CDLL"
                    and use.name in GIL_TESTS
                    and self._answers(use.node)
                ):
                    safety.unsafe(f"`{use.name}` tells whether the GIL is held")
            elif use.does == "probed":
                return "the library is probed afterwards"
            elif use.does == "prototype":
                safety.unsafe(
                    f"`{use.name}` is set on a function, and `pythonapi` is shared by the process"
                )
            elif use.does == "inspected" and self._feeds_pythonapi(use.node):
                return _REPLACES
            elif use.does == "inspected":
                safety.unsafe(f"`{use.name}` looks at the library itself")
            elif use.does == "attribute":
                safety.unsafe("one of its functions is kept or changed")
            else:
                safety.unsafe("the library is passed on or stored")
        return ""

    def _feeds_pythonapi(self, node: cst.CSTNode) -> bool:
        """Return whether a value is assigned to an attribute of ``ctypes.pythonapi``."""
        parent = self._positions.parent(node)
        return isinstance(parent, cst.Assign) and any(
            isinstance(one.target, cst.Attribute) and self._asks_pythonapi(one.target.value)
            for one in parent.targets
        )

    def _answers(self, function: cst.CSTNode) -> bool:
        """Return whether anything is done with what a function of the library returns."""
        _, around, *_ = self._positions.ancestors(function)
        return not isinstance(around, cst.Expr)

    # What is inside the call

    def _check_arguments(self, load: LibraryLoad, safety: FixSafety) -> None:
        node = load.node
        if isinstance(node, cst.Call) and self._evaluator.qualified_name(node.func) != "getattr":
            self._check_options(node, safety)
        for part in descendants(node):
            if isinstance(part, (cst.NamedExpr, cst.Await, cst.Yield)):
                safety.blocked_by = (
                    safety.blocked_by or "its argument does more than name a library"
                )
            elif isinstance(part, cst.Call) and part is not node:
                callees = self._evaluator.evaluate(part.func).alternatives
                if any(
                    isinstance(c, Function) or (isinstance(c, Method) and c.function)
                    for c in callees
                ):
                    safety.unsafe("a call of a function in this file is dropped")
        if load.adds_arguments:
            safety.unsafe("what the `partial` adds is dropped")
        if load.argument is not None and self._chooses(load.argument):
            safety.unsafe("the alternative after `or` becomes unreachable")

    def _chooses(self, node: cst.BaseExpression) -> bool:
        """Return whether ``or`` or ``and`` has a part in what an expression is."""
        todo = [node]
        seen: set[Binding] = set()
        while todo:
            for part in descendants(todo.pop()):
                if isinstance(part, cst.BooleanOperation):
                    return True
                bindings = (
                    self._evaluator.dataflow.uses.get(part, ()) if type(part) is cst.Name else ()
                )
                for binding in bindings:
                    if binding.value is not None and binding not in seen:
                        seen.add(binding)
                        todo.append(binding.value)
        return False

    def _check_options(self, node: cst.Call, safety: FixSafety) -> None:
        positional = 0
        for argument in node.args:
            keyword = argument.keyword.value if argument.keyword is not None else ""
            positional += not keyword
            if argument.star:
                safety.unsafe("further arguments are dropped")
            elif keyword == "mode" or (not keyword and positional == 2):
                if self._evaluator.qualified_name(argument.value) not in _DEFAULT_MODES:
                    safety.unsafe("`mode` is dropped: other code may live on global symbols")
            elif keyword not in ("", "name", "handle") or positional > 3:
                safety.unsafe(f"`{keyword or 'a further argument'}` is dropped")

    def _comment_inside(self, node: cst.CSTNode) -> bool:
        if "#" not in self._positions.code(node):
            return False
        stack: list[cst.CSTNode] = [node]
        while stack:
            part = stack.pop()
            if isinstance(part, cst.Comment):
                return True
            stack.extend(part.children)
        return False
