"""Whether the argument that a rewrite drops does or raises something when it is evaluated."""

from __future__ import annotations

import builtins
import re
from typing import Any

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import Binding
from no_libpython_dlopen.python.evaluator.abstract_values import (
    Bag,
    Class,
    External,
    Function,
    Instance,
    Items,
    Mapping,
    Method,
    Partial,
)
from no_libpython_dlopen.python.evaluator.classes import bases_of
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.syntax.parse import descendants, last_word
from no_libpython_dlopen.python.syntax.positions import Positions

#: What only computes or looks: calling it changes nothing that a program sees.
_PURE = (
    *("ctypes.util.find_library", "sysconfig.", "distutils.sysconfig.", "os.path.", "posixpath."),
    *("os.fspath", "os.fsencode", "os.fsdecode", "os.environ.get", "os.getenv", "os.getcwd"),
    *("os.readlink", "os.listdir", "os.uname", "platform.", "sys.get", "sys.version", "pathlib."),
    *("find_libpython.", "functools.partial", "functools.reduce", "itertools.", "importlib."),
    *("shutil.which", "fnmatch.", "operator.itemgetter", "types.SimpleNamespace", "dataclasses."),
    *("typing.cast", "textwrap.", "julia.", "packaging.", "re.", "site.", "__import__"),
    *("glob.", "string.", "six."),
)
_PURE_BUILTINS = frozenset(
    {"str", "bytes", "int", "len", "repr", "format", "list", "tuple", "set", "frozenset", "dict"}
    | {"sorted", "reversed", "map", "filter", "min", "max", "zip", "enumerate", "range", "iter"}
    | {
        "locals",
        "globals",
        "bool",
        "any",
        "all",
        "sum",
        "getattr",
        "hasattr",
        "vars",
        "chr",
        "ord",
        "ascii",
        "hex",
    }
)
#: Values of a class's attribute that are read without running code.
_PLAIN = (str, int, type(None), Items, Mapping, Function)
_CONSTRUCTORS = frozenset({"__init__", "__new__", "__post_init__", "__del__"})
#: Special names of a class that no operator asks for.
_NO_OPERATORS = frozenset({*_CONSTRUCTORS, "__slots__", "__doc__", "__module__", "__match_args__"})
#: Arguments of a field of a data class that its constructor calls.
_FIELD_FUNCTIONS = frozenset({"default_factory", "factory", "converter", "validator"})
#: Functions that call what they are given.
_CALLING = frozenset({"map", "filter", "sorted", "min", "max", "functools.reduce"})
#: Calls that never fail where they are given texts.
_SURE = (
    *("os.path.join", "os.path.dirname", "os.path.basename", "os.path.abspath", "os.path.exists"),
    *("os.path.realpath", "os.path.normpath", "os.path.expanduser", "os.path.isfile"),
    *("os.path.isdir", "os.environ.get", "os.getenv", "sysconfig.get_config_var", "platform."),
    *("ctypes.util.find_library", "shutil.which", "typing.cast"),
)
_SURE_METHODS = frozenset(
    {"strip", "lstrip", "rstrip", "lower", "upper", "replace", "removeprefix", "removesuffix"}
    | {"startswith", "endswith", "rpartition", "partition"}
)
_PREFIXES = ("prefix", "exec_prefix", "base_prefix", "base_exec_prefix", "platform", "abiflags")
#: Attributes that every supported Python has on Unix.
_SURE_ATTRIBUTES = frozenset(
    {*(f"sys.{name}" for name in (*_PREFIXES, "version_info", "version", "executable", "argv"))}
    | {"os.path", "os.environ", "os.name", "os.sep", "sys.version_info.major", "ctypes.util"}
    | {"sys.version_info.minor", "sysconfig", "ctypes.DEFAULT_MODE", "sys.implementation"}
)
_LOOKS = frozenset({"get", "keys", "values", "items", "index", "count", "copy", "_asdict"})
#: Nodes in which everything after a binding finds the name bound.
_BLOCKS = (*(cst.BaseSuite, cst.Module, cst.FunctionDef, cst.Lambda), *(cst.BaseComp, cst.With))
#: Frequent nodes that do nothing themselves.
_PASSIVE = frozenset({cst.Name, cst.SimpleString, cst.Integer, cst.Arg, cst.Add, cst.Index})
#: Functions that fail where there is nothing to return, or no such thing.
_FAILING = frozenset(
    {"int", "min", "max", "index", "read_text", "listdir", "readlink", "getattr", "format_map"}
)

#: Functions that return ``None``, unless they have a default, where there is no such thing.
_GIVING_NONE = frozenset({"get", "getenv", "which", "get_config_var", "find_library"})


def _literal(node: cst.BaseExpression) -> str:
    return node.value if isinstance(node, cst.SimpleString) else ""


def _operands(node: cst.CSTNode) -> list[cst.BaseExpression]:
    """Return the expressions whose own methods decide what a part of an expression means."""
    if isinstance(node, cst.Comparison):
        identity = (cst.Is, cst.IsNot)
        asked = [one for one in node.comparisons if not isinstance(one.operator, identity)]
        return [node.left, *(one.comparator for one in asked)] if asked else []
    if isinstance(node, cst.BooleanOperation):
        return [node.left, node.right]
    if isinstance(node, cst.UnaryOperation):
        return [node.expression]
    if isinstance(node, (cst.IfExp, cst.CompIf)):
        return [node.test]
    if isinstance(node, cst.CompFor):
        return [node.iter]
    if isinstance(node, (cst.StarredElement, cst.StarredDictElement)):
        return [node.value]
    if isinstance(node, cst.DictElement):
        return [node.key]
    return [one.value for one in node.elements] if isinstance(node, cst.Set) else []


class ArgumentEffects:
    """The effects of evaluating expressions of one module."""

    def __init__(self, evaluator: Evaluator, positions: Positions) -> None:
        self._evaluator = evaluator
        self._positions = positions

    def binds(self, node: cst.CSTNode) -> bool:
        """Return whether evaluating an expression binds a name, or hands control away."""
        kinds = (cst.NamedExpr, cst.Await, cst.Yield)
        return any(isinstance(part, kinds) for part in descendants(node))

    def calls_own_code(self, node: cst.BaseExpression) -> bool:
        """Return whether evaluating an expression calls a function of this file by name."""
        return any(
            isinstance(one, Function) or (isinstance(one, Method) and one.function is not None)
            for part in descendants(node)
            if isinstance(part, cst.Call)
            for one in self._evaluator.evaluate(part.func).alternatives
        )

    def has_effects(self, node: cst.BaseExpression) -> bool:
        """Return whether evaluating an expression may do more than compute or look."""
        return any(map(self._acts, descendants(node)))

    def _acts(self, part: cst.CSTNode) -> bool:
        if type(part) in _PASSIVE:
            return False
        if isinstance(part, (cst.NamedExpr, cst.Await, cst.Yield)):
            return True
        if isinstance(part, cst.Call):
            callees = self._evaluator.evaluate(part.func).alternatives
            given = [self._evaluator.evaluate(one.value).alternatives for one in part.args]
            names = {one.name for one in callees if isinstance(one, External)}
            handed = [o for each in given for o in each] if names & _CALLING else []
            return (
                not callees
                or not all(map(self._is_pure, callees))
                or not all(self._is_pure(o) for o in handed if isinstance(o, (External, Method)))
                or any(isinstance(o, (Function, Class, Instance)) for each in given for o in each)
            )
        if isinstance(part, cst.Attribute):
            owners = self._evaluator.evaluate(part.value).alternatives
            return not owners or any(self._computes(one, part.attr.value) for one in owners)
        if isinstance(part, cst.Subscript):
            owners = self._evaluator.evaluate(part.value).alternatives
            return not owners or any(isinstance(one, Instance) for one in owners)
        if isinstance(part, cst.BinaryOperation):
            right = part.right.elements if isinstance(part.right, cst.Tuple) else ()
            operands = [part.left, part.right, *(one.value for one in right)]
            values = [o for one in operands for o in self._evaluator.evaluate(one).alternatives]
            return any(isinstance(one, (Instance, Class)) for one in values)
        if isinstance(part, cst.FormattedStringExpression):
            shown = self._evaluator.evaluate(part.expression).alternatives
            return any(isinstance(one, (Instance, Class)) for one in shown)
        return any(
            self._has_operators(one)
            for operand in _operands(part)
            for one in self._evaluator.evaluate(operand).alternatives
        )

    def _has_operators(self, value: Any) -> bool:
        """Return whether a class of the file says what operators do with its objects."""
        if isinstance(value, Class):
            return _has_metaclass(value)
        return isinstance(value, Instance) and any(
            _is_special(name) and name not in _NO_OPERATORS
            for one in self._family(value.cls)
            for name in one.scope.bindings
        )

    def _family(self, cls: Class) -> list[Class]:
        """Return a class and those classes of the file that it inherits from."""
        several = (cls, *bases_of(self._evaluator, cls))
        return [one for one in several if isinstance(one, Class)]

    def _is_constructor_pure(self, cls: Class) -> bool:
        """Return whether making an object of a class runs no code of the file."""
        return not any(
            one.scope.bindings.keys() & _CONSTRUCTORS
            or _has_metaclass(one)
            or any(self._calls_functions(o) for each in one.scope.bindings.values() for o in each)
            for one in self._family(cls)
        )

    def _calls_functions(self, field: Binding) -> bool:
        """Return whether the constructor of a data class calls a function for one of its fields."""
        if not isinstance(field.value, cst.Call):
            return False
        called = [
            one.value
            for one in field.value.args
            if (one.keyword is not None and one.keyword.value in _FIELD_FUNCTIONS)
            or last_word(field.value.func) == "Factory"
        ]
        found = [self._evaluator.evaluate(one).alternatives for one in called]
        return not all(each and all(map(self._is_pure, each)) for each in found)

    def _computes(self, owner: Any, name: str) -> bool:
        """Return whether code of the file runs where an attribute is asked for."""
        if not isinstance(owner, (Class, Instance)):
            return False
        cls = owner if isinstance(owner, Class) else owner.cls
        for one in self._family(cls):
            bindings = one.scope.bindings
            if "__getattr__" in bindings or "__getattribute__" in bindings:
                return True
            found = bindings.get(name)
            if found:
                return any(map(self._is_computed, found))
        return False

    def _is_computed(self, binding: Binding) -> bool:
        """Return whether a name of a class may be a property, or another descriptor."""
        if isinstance(binding.node, cst.FunctionDef):
            return bool(binding.node.decorators)
        if binding.value is None:
            return False
        values = self._evaluator.evaluate(binding.value).alternatives
        return bool(binding.path) or not values or not all(isinstance(o, _PLAIN) for o in values)

    def surely_works(self, node: cst.BaseExpression) -> bool:
        """Return whether evaluating an expression certainly raises nothing."""
        return not self.may_fail(node) and all(map(self._is_sure, descendants(node)))

    def _is_sure(self, part: cst.CSTNode) -> bool:
        if isinstance(part, cst.BinaryOperation):
            if isinstance(part.operator, cst.Modulo):
                return self._is_formatted(_literal(part.left), part.right)
            return isinstance(part.operator, cst.Add) and all(
                self._is_always(str, one) for one in (part.left, part.right)
            )
        if isinstance(part, cst.Call):
            callees = self._evaluator.evaluate(part.func).alternatives
            return bool(callees) and all(_is_sure_callee(one, len(part.args)) for one in callees)
        if isinstance(part, cst.Attribute):
            owners = self._evaluator.evaluate(part.value).alternatives
            name = self._evaluator.qualified_name(part) or self._positions.code(part)
            is_method = part.attr.value in (*_SURE_METHODS, "format")
            return (
                name in _SURE_ATTRIBUTES
                or f"{name}.".startswith(_SURE)
                or (is_method and bool(owners) and all(isinstance(one, str) for one in owners))
            )
        return not isinstance(part, (cst.Await, cst.Yield, cst.UnaryOperation))

    def _is_always(self, kind: type, node: cst.BaseExpression) -> bool:
        found = self._evaluator.evaluate(node).alternatives
        return bool(found) and all(isinstance(one, kind) for one in found)

    def _is_formatted(self, pattern: str, value: cst.BaseExpression) -> bool:
        """Return whether a format certainly takes a value: of texts, or of Python's version."""
        wanted = re.findall("%.", pattern)
        if not set(wanted) <= {"%d", "%s"}:
            return False
        if isinstance(value, cst.Subscript):
            return self._positions.code(value) == f"sys.version_info[:{len(wanted)}]"
        given = [one.value for one in value.elements] if isinstance(value, cst.Tuple) else [value]
        return len(wanted) == len(given) and all(
            self._is_always(str if kind == "%s" else int, one)
            for kind, one in zip(wanted, given, strict=True)
        )

    def may_fail(self, node: cst.BaseExpression) -> bool:
        """Return whether evaluating an expression may raise what a handler could catch."""
        return any(map(self._fails, descendants(node)))

    def _fails(self, part: cst.CSTNode) -> bool:
        if isinstance(part, cst.Subscript):
            element = part.slice[0].slice
            if not isinstance(element, cst.Index):
                return False
            owners = self._evaluator.evaluate(part.value).alternatives
            return not owners or not all(self._has_item(one, element.value) for one in owners)
        if isinstance(part, cst.BinaryOperation):
            by_name = isinstance(part.operator, cst.Modulo) and "%(" in _literal(part.left)
            return by_name or any(map(self._may_be_none, (part.left, part.right)))
        if isinstance(part, cst.Attribute):
            return self._may_be_none(part.value)
        if isinstance(part, cst.Call):
            return (
                last_word(part.func) in _FAILING
                or any(one.star == "**" for one in part.args)
                or any(self._may_be_none(one.value) for one in part.args)
            )
        return isinstance(part, cst.Name) and self._is_unbound(part)

    def _is_unbound(self, name: cst.Name) -> bool:
        """Return whether a name that is read may have no value: none at all, or on some path."""
        scope = self._evaluator.dataflow.free_names.get(name)
        if scope is not None and not scope.lookup(name.value):
            return not hasattr(builtins, name.value)
        bindings = self._evaluator.dataflow.bindings_of(name)
        around = set(map(id, self._positions.ancestors(name)))
        return bool(bindings) and not any(id(self._block(one.node)) in around for one in bindings)

    def _block(self, binder: cst.CSTNode) -> cst.CSTNode | None:
        """Return the block in which a name is bound: all that follows there finds it bound."""
        if isinstance(binder, cst.For):
            return binder
        return next((o for o in self._positions.ancestors(binder) if isinstance(o, _BLOCKS)), None)

    def _may_be_none(self, node: cst.BaseExpression) -> bool:
        """Return whether a value may be ``None``, which most operations refuse."""
        if None in self._evaluator.evaluate(node).alternatives:
            return True
        values: list[cst.CSTNode | None] = [node]
        if isinstance(node, cst.Name):
            values = [one.value for one in self._evaluator.dataflow.bindings_of(node)]
        calls = [one for one in values if isinstance(one, cst.Call) and len(one.args) == 1]
        return any(last_word(one.func) in _GIVING_NONE for one in calls)

    def _has_item(self, owner: Any, index: cst.BaseExpression) -> bool:
        """Return whether a subscript certainly finds something."""
        asked = self._evaluator.evaluate(index)
        if not asked.exhaustive or len(asked.alternatives) != 1:
            return False
        key = asked.alternatives[0]
        if isinstance(owner, Items) and isinstance(key, int):
            return -len(owner.elements) <= key < len(owner.elements)
        if isinstance(owner, Mapping):
            return any(known == key for known, _ in owner.entries)
        return isinstance(owner, External) and owner.name.startswith("ctypes.")

    def _is_pure(self, callee: Any) -> bool:
        """Return whether a call only computes or looks."""
        if isinstance(callee, External):
            return callee.name in _PURE_BUILTINS or callee.name.startswith(_PURE)
        if isinstance(callee, Partial):
            return self._is_pure(callee.callee)
        if isinstance(callee, Class):
            return self._is_constructor_pure(callee)
        if isinstance(callee, Method) and callee.function is None:
            is_collection = isinstance(callee.owner, (Items, Mapping, Bag))
            return isinstance(callee.owner, str) or (is_collection and callee.name in _LOOKS)
        return False


def _has_metaclass(cls: Class) -> bool:
    node = cls.scope.node
    return isinstance(node, cst.ClassDef) and any(
        one.keyword is not None and one.keyword.value == "metaclass" for one in node.keywords
    )


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _is_sure_callee(callee: Any, count: int) -> bool:
    """Return whether a call with this many arguments never fails where they are texts."""
    if isinstance(callee, External):
        return callee.name in ("str", "bool", "repr") or callee.name.startswith(_SURE)
    if not isinstance(callee, Method) or not isinstance(callee.owner, str):
        return False
    fields = callee.owner.count("{}")
    is_filled = callee.name == "format" and fields == count == callee.owner.count("{")
    return callee.name in _SURE_METHODS or is_filled
