"""What a file does to ctypes' own names: mocks, replacements, prototypes on ``pythonapi``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice

import libcst as cst

from no_libpython_dlopen.python.dataflow.bindings import BindingKind
from no_libpython_dlopen.python.dataflow.expression_walk import Candidate
from no_libpython_dlopen.python.evaluator.abstract_values import Class, External, Instance, Mapping
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.replacements.changed_loaders import changed_loaders
from no_libpython_dlopen.python.fixes.replacements.star_imports import unknown_star_imports
from no_libpython_dlopen.python.fixes.uses import LibraryUses, Use
from no_libpython_dlopen.python.syntax.parse import descendants, last_word
from no_libpython_dlopen.python.syntax.positions import Positions

_LOADERS = (
    *("CDLL", "PyDLL", "cdll", "pydll", "LoadLibrary", "LibraryLoader", "_dlltype"),
    *("_dlopen", "dlopen"),
)
#: What imports modules, and so may import another ``ctypes``.
_IMPORTERS = ("__import__", "meta_path", "path_hooks")
#: Attributes of a loader's class: whoever replaces one of them replaces the loader.
_OF_CLASSES = frozenset(
    {"__init__", "__new__", "__getattr__", "__getitem__", "__getattribute__", "__setattr__"}
    | {"__del__", "__class__", "__bases__", "_func_restype_", "_func_flags_", "_CFuncPtr"}
)
_WORDS = frozenset({*_LOADERS, "__import__", "pythonapi"})
#: Last words of what sets an attribute or an item by its name.
_SETTERS = frozenset(
    {"setattr", "__setattr__", "delattr", "patch", "object", "multiple", "dict", "update"}
    | {"setitem", "__setitem__", "setdefault"}
)
#: How the names of modules begin of which one name, if it is replaced, changes what a load does.
_HOLDERS = ("ctypes", "_ctypes", "builtins")
_PYTHONAPI = External("ctypes.pythonapi")
#: How code writes the dictionary of a module's names.
_NAMESPACES = ("vars(", "__dict__", "sys.modules", "globals(", "locals(", "__builtins__")
#: The namespaces in which executed code binds the names of the file.
_SHARED = ("globals()", "locals()", "vars()", "__dict__")
#: What only reads a dictionary of names.
_READING = frozenset(
    {"get", "keys", "values", "items", "copy", "sorted", "len", "list", "set", "print", "setitem"}
    | {"dict", "multiple", "update", "iter", "dir"}
)
#: What may run again, after a name was deleted in it.
_REPEATED = (cst.For, cst.While, cst.FunctionDef)
_LISTING = (cst.ComparisonTarget, cst.For, cst.CompFor, cst.StarredElement, cst.Expr)
#: Functions that only look at a module, or change what their other arguments name.
_HARMLESS = _SETTERS | {
    *("getattr", "hasattr", "vars", "dir", "print", "repr", "str", "id", "type", "isinstance"),
    *("reload", "getmembers", "getfile", "getsource", "getsourcefile", "getdoc", "ismodule"),
    *("help", "spy"),
}
_GETTERS = ("attrgetter", "getattr_static", "__getattribute__")
#: Code that a text holds: it sets ``pythonapi``, or names of ctypes by their texts.
_CHANGED_IN_TEXT = re.compile(
    r"pythonapi|ctypes(?s:.)*(?:setattr|vars|__dict__)|(?:setattr|vars)(?s:.)*ctypes"
)
#: Code that a text holds, and that puts something in the place of a loader of ctypes.
_LOADER_IN_TEXT = re.compile(rf"\b({'|'.join(_LOADERS)})\b(?:['\"]\s*,|['\"]?\s*\]?\s*=(?!=))")
_PYTHONAPI_TEXT = re.compile(r"pythonapi(?!\w)")


class ReplacedNames:
    """The names of ctypes that one module replaces, and its own uses of ``ctypes.pythonapi``."""

    def __init__(self, evaluator: Evaluator, positions: Positions, uses: LibraryUses) -> None:
        self._evaluator = evaluator
        self._positions = positions
        self._set = {*self._set_by_name()}
        self._replaced = {*self._stored_names(), *(self._set & _WORDS)}
        if self._set & _OF_CLASSES:
            self._replaced.add("CDLL")
        self._changed = (*islice(changed_loaders(evaluator, positions), 1),)
        self.pythonapi_uses: list[Use] = []
        for node in self._pythonapi_nodes():
            self.pythonapi_uses += uses.of(node)
        self.pythonapi_uses += [Use("attribute", "", node) for node in self._texts_of_pythonapi()]

    @property
    def pythonapi(self) -> bool:
        """Whether the file puts something else in the place of ``ctypes.pythonapi``."""
        return "pythonapi" in self._replaced

    @property
    def loader(self) -> str:
        """A loader of ctypes, or an importer, that the file replaces; empty for none."""
        loaders = (f"ctypes.{name}" for name in _LOADERS if name in self._replaced)
        importers = (name for name in _IMPORTERS if name in self._replaced)
        return next(iter((*loaders, *importers, *self._changed)), "")

    @cached_property
    def is_given(self) -> bool:
        """Whether the module ctypes is given to a function that is not known.

        A mock of another library (``flexmock(ctypes)``, ``when(ctypes)``) replaces what its
        methods name.
        """
        return any(
            last_word(call.func) not in _HARMLESS and self._is_unknown(call.func)
            for call in self._positions.nodes(cst.Call)
            if any(map(self._holds_ctypes, call.args))
        )

    def _holds_ctypes(self, argument: cst.Arg) -> bool:
        """Return whether an argument is the module ctypes, or a collection that holds it."""
        todo: list[cst.BaseExpression] = [argument.value]
        while todo:
            part = todo.pop()
            if isinstance(part, cst.Name) and self._evaluator.qualified_name(part) == "ctypes":
                return True
            if isinstance(part, (cst.List, cst.Tuple, cst.Set, cst.Dict)):
                todo += [one.value for one in part.elements]
        return False

    @cached_property
    def unknown_code(self) -> str:
        """The function that runs unknown code, which may bind the file's names; empty for none."""
        for call in self._positions.nodes(cst.Call):
            if last_word(call.func) not in ("exec", "execfile") or not call.args:
                continue
            is_shared = len(call.args) == 1 or self._positions.code(call.args[1].value) in _SHARED
            if is_shared and not self._whole_texts(call.args[0].value):
                return "exec"
        return ""

    @cached_property
    def is_starred(self) -> bool:
        """Whether a star import of an unknown module comes after the last import of ctypes."""
        aliases = (*self._positions.nodes(cst.ImportAlias), *self._positions.nodes(cst.ImportFrom))
        named = (one for one in aliases if "ctypes" in self._positions.code(one))
        outer = [one for one in named if not any(map(_is_function, self._positions.ancestors(one)))]
        last = max(map(self._positions.span, outer), default=None)
        stars = unknown_star_imports(self._evaluator, self._positions) if last is not None else []
        return any(last is not None and star > last for star in stars)

    def _is_unknown(self, callee: cst.BaseExpression) -> bool:
        found = self._evaluator.evaluate(callee).alternatives
        return not found or any(isinstance(one, External) for one in found)

    def kept_loader(self, node: Candidate) -> str:
        """Return the place of a call's loader if other code may replace it there, else ``""``.

        That is an attribute of a class or an object of the file (a subclass, a test or a caller
        gives it another one), an item of a collection, and a name that the file sets by a text.
        """
        callee = node.func if isinstance(node, cst.Call) else node.value
        if isinstance(callee, cst.Attribute):
            owners = self._evaluator.evaluate(callee.value).alternatives
            own = any(isinstance(one, (Class, Instance, Mapping)) for one in owners)
        else:
            is_set = isinstance(callee, cst.Name) and callee.value in self._set
            own = is_set or isinstance(callee, cst.Subscript)
        return self._positions.code(callee) if own else ""

    def _stored_names(self) -> Iterator[str]:
        """Yield the names that assignments replace."""
        stores = self._evaluator.dataflow.attribute_stores
        for name in _WORDS:
            for base, _ in stores.get(name, ()):
                owners = self._evaluator.evaluate(base).alternatives
                if not owners or any(
                    isinstance(one, External) and one.name.startswith(_HOLDERS) for one in owners
                ):
                    yield name
        names = {one.value for one in self._positions.nodes(cst.Name)}
        yield from names.intersection(_IMPORTERS[1:])
        for base, _ in stores.get("_handle", ()):
            if _PYTHONAPI in self._evaluator.evaluate(base).alternatives:
                yield "pythonapi"

    def _set_by_name(self) -> Iterator[str]:
        """Yield the names that ``setattr``, mocks and assignments to a namespace replace."""
        for node in self._evaluator.dataflow.live_expressions:
            if isinstance(node, cst.Call) and last_word(node.func) in _SETTERS:
                for argument in node.args:
                    keyword = argument.keyword.value if argument.keyword is not None else ""
                    yield from _with_pythonapi({keyword, *self._texts(argument.value)})
        for target in self._positions.nodes(cst.AssignTarget):
            if isinstance(target.target, cst.Subscript):
                element = target.target.slice[0].slice
                if isinstance(element, cst.Index) and self._is_namespace(target.target.value):
                    yield from _with_pythonapi(self._texts(element.value))
        for deletion in self._positions.nodes(cst.Del):
            if isinstance(deletion.target, cst.Attribute):
                yield from _WORDS & {deletion.target.attr.value}
            elif any(isinstance(one, _REPEATED) for one in self._positions.ancestors(deletion)):
                parts = descendants(deletion.target)
                yield from _WORDS & {one.value for one in parts if isinstance(one, cst.Name)}
        for call in self._positions.nodes(cst.Call):
            if last_word(call.func) in ("exec", "eval"):
                codes = [text for one in call.args[:1] for text in self._whole_texts(one.value)]
                codes += map(self._positions.code, call.args)
                yield from ("pythonapi" for code in codes if _CHANGED_IN_TEXT.search(code))
                yield from (found[1] for one in codes for found in _LOADER_IN_TEXT.finditer(one))
        for namespace in self._namespaces():
            yield from self._replaced_names_in(namespace)

    def _namespaces(self) -> Iterator[cst.BaseExpression]:
        """Yield the expressions that are the dictionary of ctypes."""
        for call in self._positions.nodes(cst.Call):
            if last_word(call.func) == "vars" and any(map(self._is_ctypes, call.args[:1])):
                yield call
        for attribute in self._positions.nodes(cst.Attribute):
            if attribute.attr.value == "__dict__" and self._is_ctypes(attribute):
                yield attribute

    def _is_ctypes(self, holder: cst.Arg | cst.Attribute) -> bool:
        return self._evaluator.qualified_name(holder.value) == "ctypes"

    def _replaced_names_in(self, namespace: cst.BaseExpression) -> Iterator[str]:
        """Yield the names that a use of the dictionary of ctypes may replace."""
        parent = self._positions.parent(namespace)
        outer = self._positions.parent(parent) if parent is not None else None
        if isinstance(parent, cst.Subscript):
            element = parent.slice[0].slice
            if isinstance(outer, (cst.AssignTarget, cst.Del)) and isinstance(element, cst.Index):
                yield from self._texts(element.value) or {"pythonapi"}
        elif isinstance(parent, cst.Attribute):
            given = outer.args if isinstance(outer, cst.Call) else ()
            named = {text for one in given for text in self._texts(one.value)}
            if parent.attr.value not in _READING:
                yield from named or {"pythonapi"}
        elif not isinstance(parent, _LISTING) and not (
            isinstance(outer, cst.Call) and last_word(outer.func) in _READING
        ):
            yield "pythonapi"

    def _is_namespace(self, node: cst.BaseExpression) -> bool:
        """Return whether an expression is the dictionary of a module, as far as is known."""
        values = [node]
        if isinstance(node, cst.Name):
            bindings = self._evaluator.dataflow.uses.get(node, ())
            values += [one.value for one in bindings if one.value is not None]
        codes = map(self._positions.code, values)
        return any(word in code for code in codes for word in _NAMESPACES)

    def _whole_texts(self, node: cst.BaseExpression) -> list[str]:
        return [one for one in self._evaluator.evaluate(node).alternatives if isinstance(one, str)]

    def _texts(self, node: cst.BaseExpression) -> set[str]:
        """Return the last words of the texts, or of a dictionary's keys, that a value may be."""
        texts: list[object] = []
        for one in self._evaluator.evaluate(node).alternatives:
            texts += [key for key, _ in one.entries] if isinstance(one, Mapping) else [one]
        return {one.rpartition(".")[2] for one in texts if isinstance(one, str)}

    def _pythonapi_nodes(self) -> Iterator[cst.CSTNode]:
        """Yield the expressions that bring ``ctypes.pythonapi`` into the file."""
        for node in self._evaluator.dataflow.live_expressions:
            named = isinstance(node, cst.Attribute) and node.attr.value == "pythonapi"
            asked = isinstance(node, cst.Call) and last_word(node.func) == "getattr"
            if (named or asked) and _PYTHONAPI in self._evaluator.evaluate(node).alternatives:
                yield node
        for binding in dict.fromkeys(self._evaluator.dataflow.binding_log):
            imported = binding.kind is BindingKind.IMPORTED
            if imported and binding.qualified == "ctypes.pythonapi":
                yield from binding.readers

    def _texts_of_pythonapi(self) -> Iterator[cst.CSTNode]:
        """Yield the texts that reach ``ctypes.pythonapi``: ``vars(ctypes)[…]``, ``attrgetter(…)``."""
        for node in self._positions.nodes(cst.SimpleString):
            if "pythonapi" in node.value and _PYTHONAPI_TEXT.match(node.raw_value):
                outer = self._positions.parent(node)
                whole = self._positions.parent(outer) if outer is not None else None
                if isinstance(outer, cst.Index) and isinstance(whole, cst.SubscriptElement):
                    subscript = self._positions.parent(whole)
                    target = self._positions.parent(subscript) if subscript is not None else None
                    if not isinstance(target, cst.AssignTarget):
                        yield node
                elif isinstance(whole, cst.Call) and last_word(whole.func) in _GETTERS:
                    yield node


def _is_function(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.FunctionDef)


def _with_pythonapi(names: set[str]) -> set[str]:
    """Return replaced names with ``pythonapi`` if the module ctypes is among them."""
    return names | ({"pythonapi"} if "ctypes" in names else set())
