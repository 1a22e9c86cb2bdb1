"""What becomes of an exception: whether a handler, a manager, a ``finally`` or a task ends it."""

from __future__ import annotations

import builtins

import libcst as cst

from no_libpython_dlopen.python.evaluator.abstract_values import Class, External, Instance
from no_libpython_dlopen.python.evaluator.classes import bases_of
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import descendants, last_word
from no_libpython_dlopen.python.syntax.positions import Positions

#: Jumps that leave a handler or a ``finally``, perhaps, without its exception.
_EXITS = (cst.Return, cst.Break, cst.Continue, cst.Yield)
#: Context managers, functions and decorators that let exceptions through: by name, and all those
#: whose names begin so.
_TRANSPARENT_NAMES = frozenset(
    {"open", "staticmethod", "classmethod", "property", "warnings.catch_warnings", "os.scandir"}
    | {"contextlib.nullcontext", "contextlib.closing", "contextlib.chdir", "subprocess.Popen"}
    | {"contextlib.contextmanager", "contextlib.asynccontextmanager", "pytest.fixture"}
    | {"pytest.warns", "pytest.deprecated_call", "unittest.mock.patch", "mock.patch"}
    | {"atexit.register", "pytest.mark.usefixtures", "pytest.mark.parametrize"}
)
_TRANSPARENT = (
    *("io.", "tempfile.", "threading.", "multiprocessing.", "zipfile.", "contextlib.redirect_"),
    *("tarfile.", "gzip.", "bz2.", "lzma.", "socket.", "pathlib.", "decimal.", "functools."),
    *("unittest.mock.patch.", "mock.patch.", "asyncio.", "importlib.resources.", "abc."),
    *("concurrent.futures.", "typing.", "dataclasses.", "pytest.mark.skip", "unittest.skip"),
)
#: Functions that do not call what they are given, or call it where the file has no handler.
_NEVER_RAISING_NAMES = frozenset(
    {"isinstance", "issubclass", "super", "print", "repr", "id", "type", "hasattr", "callable"}
)
_NEVER_RAISING = ("threading.", "multiprocessing.Process", "atexit.", "typing.")
#: Bases that call no method of a class, or call it where the file has no handler.
_PASSIVE_BASES = ("abc.", "typing.", "threading.", "unittest.", "enum.", "ctypes.")
#: Words by which code finds and calls functions and classes without their names.
_REFLECTING = frozenset(
    {"globals", "vars", "dir", "getmembers", "__subclasses__", "__dict__", "__class__"}
    | {"__init_subclass__", "metaclass", "attrgetter", "methodcaller"}
)
_OBSERVING_KEYWORDS = frozenset({"return_exceptions", "error_callback"})
_HOOKS = frozenset({"excepthook", "unraisablehook"})
#: Functions of pools and event loops that keep an exception until somebody asks for the result.
_KEEPING = frozenset(
    {"submit", "apply_async", "map_async", "starmap_async", "imap", "imap_unordered"}
    | {"run_in_executor", "create_task", "ensure_future"}
)
#: Functions that catch the exceptions which their arguments name.
CATCHERS = frozenset({"suppress", "raises", "assertRaises", "assertRaisesRegex"})
#: Functions that end a program or a test.
_ENDING = frozenset({"exit", "_exit", "abort", "fail", "skip", "skipTest"})


def catches_os_error(caught: cst.BaseExpression | None) -> bool:
    """Return whether a handler of these classes catches what a failed load raises."""
    return caught is None or may_name_os_error(names_in(caught))


def may_name_os_error(names: set[str]) -> bool:
    """Return whether one of the names is unknown, or that of a class of what a failed load raises."""
    for name in names:
        known = getattr(builtins, name, None)
        if not isinstance(known, type) or issubclass(known, OSError) or issubclass(OSError, known):
            return True
    return False


def reraises(handler: cst.ExceptHandler | cst.ExceptStarHandler) -> bool:
    """Return whether a handler always lets the exception go on, as if it were not there."""
    last = handler.body.body[-1] if handler.body.body else None
    statement = last.body[-1] if isinstance(last, cst.SimpleStatementLine) else last
    return (
        isinstance(statement, cst.Raise)
        and statement.exc is None
        and not any(isinstance(part, _EXITS) for part in descendants(handler.body))
    )


def decides(node: cst.CSTNode) -> bool:
    """Return whether a ``try`` goes different ways, as the statements in it fail or not.

    A handler that only logs does not: what it stands around is not asked for its outcome.
    """
    if not isinstance(node, cst.Try):
        return False
    handlers = [one for one in node.handlers if catches_os_error(one.type) and not reraises(one)]
    return bool(handlers) and (
        node.orelse is not None
        or any(
            isinstance(part, (*_EXITS, cst.Raise, cst.Assign, cst.AugAssign)) or ends_program(part)
            for handler in handlers
            for part in descendants(handler.body)
        )
    )


def swallows(node: cst.CSTNode) -> bool:
    """Return whether a ``finally`` leaves by a jump or an exit, which ends every exception."""
    finalbody = node.finalbody if isinstance(node, (cst.Try, cst.TryStar)) else None
    return finalbody is not None and any(
        isinstance(part, (*_EXITS, cst.Raise)) or ends_program(part)
        for part in descendants(finalbody)
    )


def ends_program(node: cst.CSTNode) -> bool:
    """Return whether a call ends the program or the test, whatever exception is on its way."""
    return isinstance(node, cst.Call) and not _ENDING.isdisjoint(names_in(node.func))


#: The nodes that ``observes`` asks.
OBSERVERS = (cst.Arg, cst.AssignTarget, cst.Attribute, cst.Call)


def observes(node: cst.CSTNode) -> bool:
    """Return whether code asks how a task, a thread or a process ended, or need not ask.

    It asks by ``exception()``, ``successful()`` or an ``exitcode``, by what ``gather`` and pools
    are told to do with exceptions, and by a hook for those of a thread. Whoever gives a pool a
    task need not: the exception is lost with the result.
    """
    if isinstance(node, cst.Arg):
        return node.keyword is not None and node.keyword.value in _OBSERVING_KEYWORDS
    if isinstance(node, cst.AssignTarget):
        return isinstance(node.target, cst.Attribute) and node.target.attr.value in _HOOKS
    if isinstance(node, cst.Attribute):
        return node.attr.value == "exitcode" or node.attr.value in _KEEPING
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Attribute):
        return False
    word, count = node.func.attr.value, len(node.args)
    return count > 1 if word == "map" else word in ("exception", "successful") and not count


def runs_later(node: cst.FunctionDef) -> bool:
    """Return whether a call of a function only makes a coroutine or a generator."""
    return node.asynchronous is not None or any(
        isinstance(part, cst.Yield) for part in descendants(node.body)
    )


def names_in(node: cst.CSTNode | None) -> set[str]:
    """Return all names in an expression, those of attributes included."""
    if node is None:
        return set()
    return {part.value for part in descendants(node) if isinstance(part, cst.Name)}


def is_transparent(name: str) -> bool:
    """Return whether what has this name lets exceptions through."""
    return name in _TRANSPARENT_NAMES or name.startswith(_TRANSPARENT)


def never_raises(name: str) -> bool:
    """Return whether a function's calls of what it is handed reach no handler of the file."""
    return name in _NEVER_RAISING_NAMES or name.startswith(_NEVER_RAISING)


def calls_no_method(base: object) -> bool:
    """Return whether a base from elsewhere leaves the methods of a class alone."""
    if not isinstance(base, External):
        return False
    return base.name in ("object", "dict", "list") or base.name.startswith(_PASSIVE_BASES)


def reflects(positions: Positions) -> bool:
    """Return whether a module calls functions that it finds by other means than their names."""
    names = positions.nodes(cst.Name)
    return any(one.value in _REFLECTING for one in names) or any(
        map(_is_computed, positions.nodes(cst.Call))
    )


def _is_computed(node: cst.Call) -> bool:
    """Return whether a call's function is the value of a text, or of a call of ``type``."""
    if isinstance(node.func, cst.Call):
        return last_word(node.func.func) == "type"
    is_computed = len(node.args) > 1 and not isinstance(node.args[1].value, cst.SimpleString)
    return is_computed and last_word(node.func) == "getattr"


class ContextManagers:
    """The context managers of one module, of its own classes and from elsewhere."""

    def __init__(self, evaluator: Evaluator, positions: Positions) -> None:
        self._evaluator = evaluator
        self._positions = positions

    def lets_through(self, manager: object, *, is_async: bool) -> bool:
        """Return whether what a ``with`` enters certainly ends no exception, nor makes another."""
        if isinstance(manager, External):
            return is_transparent(manager.name.removesuffix("()"))
        if not isinstance(manager, Instance):
            return False
        name = "__aexit__" if is_async else "__exit__"
        if self._may_be_replaced(name):
            return False
        bases = bases_of(self._evaluator, manager.cls)
        classes = [one for one in (manager.cls, *bases) if isinstance(one, Class)]
        if not all(isinstance(one, Class) or calls_no_method(one) for one in bases) or not all(
            map(self._is_plain, classes)
        ):
            return False
        # Which of several bases comes first is not asked: none may end an exception.
        having = [one for one in classes if one.scope.bindings.get(name)]
        if having[:1] == classes[:1]:
            having = having[:1]
        return bool(having) and all(self._is_harmless(one, name) for one in having)

    def _may_be_replaced(self, name: str) -> bool:
        """Return whether a method of this name, or the class of an object, is set from outside."""
        return any(
            one.attr.value in (name, "__class__")
            and not isinstance(self._positions.parent(one), (cst.Call, cst.Attribute))
            for one in self._positions.nodes(cst.Attribute)
        ) or any(one.value[1:-1] == name for one in self._positions.nodes(cst.SimpleString))

    def _is_plain(self, cls: Class) -> bool:
        """Return whether a class is what its body says, and makes objects of itself."""
        node = cls.scope.node
        assert isinstance(node, cst.ClassDef)
        makers = [one.decorator for one in node.decorators] + [one.value for one in node.keywords]
        called = [one.func if isinstance(one, cst.Call) else one for one in makers]
        names = [self._evaluator.qualified_name(one) for one in called]
        return "__new__" not in cls.scope.bindings and all(
            name is not None and is_transparent(name) for name in names
        )

    def _is_harmless(self, cls: Class, name: str) -> bool:
        """Return whether a class's own method runs at once, raises nothing and returns nothing."""
        node, *others = [one.node for one in cls.scope.bindings[name]]
        scope = self._evaluator.dataflow.scopes.get(node)
        if scope is None or not isinstance(node, cst.FunctionDef):
            return False
        assert isinstance(cls.scope.node, cst.ClassDef)
        is_awaited = node.asynchronous is not None
        return (
            not others
            and not node.decorators
            and any(line is node for line in cls.scope.node.body.body)
            and is_awaited == (name == "__aexit__")
            and (is_awaited or not runs_later(node))
            and not any(
                isinstance(part, (cst.Raise, cst.Yield)) or ends_program(part)
                for part in descendants(node.body)
            )
            and all(
                one.value is None or (isinstance(one.value, cst.Name) and self._is_false(one.value))
                for one in scope.returns
            )
        )

    def _is_false(self, node: cst.BaseExpression) -> bool:
        """Return whether a value is certainly ``None`` or ``False``."""
        value = self._evaluator.evaluate(node)
        return value.exhaustive and value.alternatives in ((None,), (False,))
