"""Functions that can change anything, in the hands of what is not followed."""

from __future__ import annotations

import re

import libcst as cst

from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.replacements.keys import known_keys, reaching_bindings
from no_libpython_dlopen.python.syntax.parse import last_word
from no_libpython_dlopen.python.syntax.positions import Positions

EXECUTING = ("exec", "eval", "execfile")
#: Attributes of a function that give its parameters or free names values.
FUNCTION_VALUES = frozenset({"cell_contents", "__defaults__", "__kwdefaults__"})
#: Functions that can change anything for whoever has them by another name.
_CHANGING = frozenset({"setattr", "delattr", "globals", "locals", *EXECUTING})
#: Attributes that are dangerous also where a text names them (``getattr``).
_DANGEROUS = (
    _CHANGING
    | FUNCTION_VALUES
    | {
        *("__globals__", "f_globals", "f_locals", "f_builtins", "__builtins__", "__closure__"),
        *("__dict__", "__setattr__", "__delattr__", "__setstate__", "__set__", "__delete__"),
        *("_replace", "__replace__"),
    }
)
_ASKING = frozenset(
    {"getattr", "getattr_static", "__getattribute__", "attrgetter", "methodcaller", "get"}
)
#: Functions of Python's C API that run code, or set a variable or an attribute.
_C_FUNCTIONS = ("PyRun_", "PyEval_Eval", "PyCell_Set", "PyFunction_Set", "PyObject_SetAttr")
#: Code for them that changes nothing.
_PRINTING = re.compile(r"pass|print\([\w '\".]*\)")
#: Functions that only look at a module, or change what one text names.
_LOOKING = frozenset({"dir", "isinstance", "id", "type", "repr", "print", "reload", "hasattr"})
_BY_NAME = frozenset({"getattr", "setattr", "delattr", "object", "__setattr__"})
#: Functions that only look at the names in a namespace, or change what their arguments name.
_LISTING = frozenset({"len", "sorted", "list", "set", "frozenset", "iter", "dict", "setitem"})
_GIVING = frozenset({"values", "items", "copy"})
#: Nodes that give a name, or delete it.
_NAMING = (
    *(cst.FunctionDef, cst.Param, cst.ImportAlias, cst.AsName, cst.AssignTarget, cst.AnnAssign),
    *(cst.NameItem, cst.Del),
)


class ChangingFunctions:
    """Whether a module gives functions that can change anything other names, or hands them on.

    Python's own functions are also attributes of ``builtins``: whoever has this module for more
    than a function that is named, and harmless, has all of them.
    """

    def __init__(self, evaluator: Evaluator, positions: Positions) -> None:
        self._evaluator = evaluator
        self._positions = positions

    def are_taken(self) -> bool:
        """Return whether what is not followed may call a function that changes anything."""
        nodes = self._positions.nodes
        return (
            any(self._is_taken(one) or self._gives_builtins(one) for one in nodes(cst.Name))
            or any(map(self._is_special, nodes(cst.Attribute)))
            or any(self._is_asked(one) or self._gives_builtins(one) for one in nodes(cst.Call))
            or any(self._is_item(one) or self._gives_builtins(one) for one in nodes(cst.Subscript))
            or any(map(self._imports_changing, nodes(cst.ImportFrom)))
        )

    def _is_taken(self, name: cst.Name) -> bool:
        """Return whether such a function is kept, or given to another one."""
        whole: cst.CSTNode = name
        parent = self._positions.parent(name)
        if isinstance(parent, cst.Attribute):
            whole, owner = parent, last_word(parent.value)
            is_meant = parent.attr is name and (
                (owner == "builtins" and name.value in _CHANGING)
                or (owner == "patch" and name.value in ("object", "multiple"))
                or name.value in ("setattr", "delattr")
            )
            parent = self._positions.parent(parent)
        else:
            is_meant = name.value in _CHANGING and not reaching_bindings(self._evaluator, name)
        is_read = not isinstance(parent, (*_NAMING, cst.Attribute)) and not (
            isinstance(parent, (cst.Call, cst.Arg)) and _part_of(parent) is whole
        )
        return is_meant and is_read

    def _is_special(self, attribute: cst.Attribute) -> bool:
        """Return whether an attribute sets another one, or is a function of C that does."""
        word, owner = attribute.attr.value, attribute.value
        if word == "__get__":
            return isinstance(owner, cst.Attribute) and owner.attr.value in _DANGEROUS
        if word in ("__set__", "__delete__"):
            return True
        return word.startswith(_C_FUNCTIONS) and not self._only_prints(attribute)

    def _only_prints(self, attribute: cst.Attribute) -> bool:
        """Return whether a function of C is called with code that changes nothing."""
        call = self._positions.parent(attribute)
        code = call.args[0].value if isinstance(call, cst.Call) and call.args else None
        text = code.raw_value if isinstance(code, cst.SimpleString) else ""
        return _PRINTING.fullmatch(text) is not None

    def _is_asked(self, call: cst.Call) -> bool:
        """Return whether a call takes a dangerous attribute by its name in a text."""
        return last_word(call.func) in _ASKING and any(
            self._is_dangerous(one.value) for one in call.args[:2]
        )

    def _is_item(self, node: cst.Subscript) -> bool:
        element = node.slice[0].slice
        return isinstance(element, cst.Index) and self._is_dangerous(element.value)

    def _is_dangerous(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression may be the name of something dangerous, as a text."""
        if isinstance(node, (cst.Integer, cst.Attribute)):
            return False
        texts = (one for one in self._evaluator.evaluate(node).alternatives if type(one) is str)
        return any(one.rpartition(".")[2] in _DANGEROUS for one in texts)

    def _imports_changing(self, node: cst.ImportFrom) -> bool:
        """Return whether an import gives a function of ``builtins`` another name."""
        if last_word(node.module) != "builtins" or isinstance(node.names, cst.ImportStar):
            return False
        return any(
            one.asname is not None and last_word(one.name) in _CHANGING for one in node.names
        )

    # The module of Python's own functions

    def _gives_builtins(self, node: cst.Name | cst.Call | cst.Subscript) -> bool:
        """Return whether an expression is ``builtins``, and used for more than harmless names."""
        return self._is_builtins(node) and not self._is_harmless(node)

    def _is_builtins(self, node: cst.Name | cst.Call | cst.Subscript) -> bool:
        if isinstance(node, cst.Name):
            parent = self._positions.parent(node)
            if isinstance(parent, _NAMING) or (
                isinstance(parent, (cst.Attribute, cst.Arg)) and _part_of(parent) is node
            ):
                return False
            bindings = reaching_bindings(self._evaluator, node)
            is_own = node.value == "__builtins__" and not bindings
            return is_own or any(one.qualified == "builtins" for one in bindings)
        values = [one.value for one in node.args] if isinstance(node, cst.Call) else []
        if isinstance(node, cst.Subscript) and isinstance(node.slice[0].slice, cst.Index):
            values = [node.slice[0].slice.value]
        elif last_word(getattr(node, "func", None)) not in ("__import__", "import_module"):
            return False
        return any("builtins" in self._evaluator.evaluate(one).alternatives for one in values[:1])

    def _is_harmless(self, module: cst.CSTNode) -> bool:
        """Return whether a use of ``builtins`` names one thing, which changes nothing else."""
        parent = self._positions.parent(module)
        if isinstance(parent, cst.Attribute):
            if parent.attr.value == "__dict__":
                return self._is_harmless_namespace(parent)
            return not hasattr(dict, parent.attr.value)  # ``__builtins__`` may be a dictionary
        call = self._positions.parent(parent) if isinstance(parent, cst.Arg) else None
        if not isinstance(call, cst.Call):
            return isinstance(parent, (cst.Comparison, cst.ComparisonTarget, cst.Expr))
        word = last_word(call.func)
        if word == "vars":
            return self._is_harmless_namespace(call)
        return word in _LOOKING or (
            word in _BY_NAME and len(call.args) > 1 and self._names_harmless(call.args[1].value)
        )

    def _is_harmless_namespace(self, names: cst.CSTNode) -> bool:
        parent = self._positions.parent(names)
        if isinstance(parent, cst.Subscript):
            element = parent.slice[0].slice
            return isinstance(element, cst.Index) and self._names_harmless(element.value)
        outer = self._positions.parent(parent) if parent is not None else None
        if isinstance(parent, cst.Attribute):
            given = outer.args if isinstance(outer, cst.Call) else ()
            word = parent.attr.value
            return word == "update" or (
                word not in _GIVING and all(self._names_harmless(one.value) for one in given[:1])
            )
        if isinstance(parent, cst.Arg):
            return isinstance(outer, cst.Call) and last_word(outer.func) in _LISTING
        return isinstance(parent, (cst.ComparisonTarget, cst.For, cst.CompFor))

    def _names_harmless(self, node: cst.BaseExpression) -> bool:
        keys = known_keys(self._evaluator, node)
        return keys is not None and _DANGEROUS.isdisjoint(map(str, keys))


def _part_of(node: cst.Call | cst.Arg | cst.Attribute) -> cst.CSTNode | None:
    """Return the function of a call, the keyword of an argument, or the name of an attribute."""
    if isinstance(node, cst.Attribute):
        return node.attr
    return node.func if isinstance(node, cst.Call) else node.keyword
