"""Finds the calls that open a shared library, by what is called and not by its spelling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import display_name, is_libpython
from no_libpython_dlopen.python.dataflow.bindings import Scope
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    FROM_PARAMETER,
    AbstractValue,
    Arguments,
    Class,
    External,
    Partial,
    concatenate,
    iterate,
    one_of,
    union,
)
from no_libpython_dlopen.python.evaluator.calls import evaluate_arguments
from no_libpython_dlopen.python.evaluator.classes import bases_of
from no_libpython_dlopen.python.evaluator.loop_iterations import implied_texts, narrow_by_iterations
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.loader_tables import CFFI, COLLECTIONS, FOREIGN, LOADERS, SUFFIXING
from no_libpython_dlopen.python.mentions import LOADER_WORDS


@dataclass(frozen=True, slots=True)
class LibraryLoad:
    """A live expression that opens a shared library by name.

    ``library_class`` is ``CDLL`` or ``PyDLL``, ``cffi``, or empty for other foreign loaders.
    ``is_direct`` is false where the loader is a subclass that does more, ``may_be_other`` is true where
    something else may be called, ``adds_arguments`` where a ``partial`` adds arguments. ``base`` is the
    class of the file that is made, or whose ``__init__`` opens the library for its object.
    """

    node: cst.Call | cst.Subscript
    scope: Scope
    loader: str
    library_class: str
    names: AbstractValue
    argument: cst.BaseExpression | None
    is_direct: bool = True
    may_be_other: bool = False
    adds_arguments: bool = False
    base: Class | None = None

    @property
    def initialises_self(self) -> bool:
        """Whether the library becomes the object that the call initialises."""
        return self.loader.endswith(".__init__")

    @property
    def foreign(self) -> bool:
        """Whether something other than ctypes' classes opens it."""
        return self.library_class not in ("CDLL", "PyDLL")

    @property
    def libpython_names(self) -> list[str]:
        """The alternatives of the name that are libpython."""
        return [one for one in self.names.alternatives if _is_libpython_name(one)]

    @property
    def library(self) -> str:
        """What a reader is told that is opened."""
        return (
            display_name(self.libpython_names[0]).rpartition("/")[2] if self.libpython_names else ""
        )

    @property
    def certain(self) -> bool:
        """Whether nothing but libpython can be opened here."""
        rest = [one for one in self.names.alternatives if one is not None]
        certain = self.names.exhaustive and len(rest) == len(self.libpython_names)
        return (
            certain
            and not self.may_be_other
            and not self.names.labels & (FROM_PARAMETER | FROM_CANDIDATES)
        )


def find_loads(evaluator: Evaluator) -> Iterator[LibraryLoad]:
    """Yield every expression that opens a library, whatever library it is."""
    found = list(_candidates(evaluator))
    made = {one.base for one in found if one.libpython_names and not one.initialises_self}
    for one in found:
        # Where a class hands on the name that it is given, the call that gives it is the load.
        if not (one.initialises_self and one.names.labels & FROM_PARAMETER and one.base in made):
            yield one


def _candidates(evaluator: Evaluator) -> Iterator[LibraryLoad]:
    for node, scope in evaluator.dataflow.live_expressions.items():
        if isinstance(node, cst.Attribute) or not _may_load(node, evaluator):
            continue
        if is_dead(scope, evaluator):
            continue
        found = _subscript(node, scope, evaluator) if isinstance(node, cst.Subscript) else None
        if isinstance(node, cst.Call):
            found = _call(node, scope, evaluator)
        if found is not None:
            yield found


def _may_load(node: cst.Call | cst.Subscript, evaluator: Evaluator) -> bool:
    """Tell whether what is called or subscripted may be a loader, or is handed one."""
    asked: list[cst.CSTNode] = [node.func if isinstance(node, cst.Call) else node.value]
    if isinstance(node, cst.Call):
        asked += [
            one.value for one in node.args if isinstance(one.value, (cst.Name, cst.Attribute))
        ]
    return any(evaluator.may_mean(one, LOADER_WORDS) for one in asked)


def is_dead(scope: Scope | None, evaluator: Evaluator) -> bool:
    """Tell whether code stands in a function that only code which never runs calls."""
    while scope is not None and scope.parent is not None:
        node = scope.node
        if isinstance(node, cst.FunctionDef) and not scope.parent.is_class:
            name = node.name.value
            bindings = scope.parent.bindings.get(name, [])
            read = any(binding.readers for binding in bindings)
            if not read and name in evaluator.dataflow.dead_names:
                return True
        scope = scope.parent
    return False


def _subscript(node: cst.Subscript, scope: Scope, evaluator: Evaluator) -> LibraryLoad | None:
    part = node.slice[0].slice
    if len(node.slice) != 1 or not isinstance(part, cst.Index):
        return None
    for option in evaluator.evaluate(node.value).alternatives:
        if isinstance(option, External) and option.name in COLLECTIONS:
            names = _narrow_by_tests(node, part.value, evaluator.evaluate(part.value), evaluator)
            becomes = COLLECTIONS[option.name]
            return LibraryLoad(node, scope, f"{option.name}[]", becomes, names, part.value)
    return None


def _call(node: cst.Call, scope: Scope, evaluator: Evaluator) -> LibraryLoad | None:
    callees = evaluator.evaluate(node.func)
    found: list[LibraryLoad] = []
    for callee in callees.alternatives:
        added = Arguments()
        while isinstance(callee, Partial):
            added = added.after(callee.arguments)
            callee = callee.callee
        given = evaluate_arguments(evaluator, node).after(added)
        loader = _loader(callee, given, scope, evaluator)
        if loader is None or not loader.name:
            continue
        for names in _names(loader, loader.given or given):
            argument = _argument(node, 0 if loader.given is None else 1)
            if argument is not None and not added.positional and not loader.each:
                names = _narrow_by_tests(node, argument, names, evaluator)
            if any(not _is_text_or_none(option) for option in names.alternatives):
                names = concatenate([names])
            if loader.name.startswith(SUFFIXING):
                names = union([names, concatenate([names, one_of(".so")])])
            found.append(
                LibraryLoad(
                    node,
                    scope,
                    loader.name,
                    loader.library_class,
                    names,
                    argument,
                    loader.is_direct,
                    bool(callees.labels & (FROM_PARAMETER | FROM_CANDIDATES))
                    or not callees.exhaustive,
                    _more(added),
                    loader.base,
                )
            )
    if not found:
        return None
    best = max(found, key=lambda one: bool(one.libpython_names))
    if len(callees.alternatives) > 1:
        # As good as one loader where all of them open libpython; the more careful one counts.
        alike = len(found) == len(callees.alternatives) and all(one.certain for one in found)
        careful = [one for one in found if one.library_class == "CDLL"]
        best = replace(careful[0] if alike and careful else best, may_be_other=not alike)
    return best


def _narrow_by_tests(
    node: cst.Call | cst.Subscript,
    argument: cst.BaseExpression,
    names: AbstractValue,
    evaluator: Evaluator,
) -> AbstractValue:
    """Return what an argument may be as far as the tests on the way to a load tell."""
    tests = evaluator.dataflow.path_conditions[node]
    if names.labels & FROM_CANDIDATES:
        names = narrow_by_iterations(evaluator, argument, tests, names)
    if tests and not any(map(_is_libpython_name, names.alternatives)):
        told = implied_texts(evaluator, tests)
        with evaluator.assume(told):
            names = evaluator.evaluate(argument) if told else names
    return names


def _names(loader: _Loader, given: Arguments) -> Iterator[AbstractValue]:
    """Yield what names the library; nothing where no name is looked up."""
    if (
        loader.library_class
        and loader.name.startswith("ctypes.")
        and "LoadLibrary" not in loader.name
    ):
        handle = given.get(2, "handle")
        if handle is not None and given.complete and handle.alternatives != (None,):
            return
    names = given.get(0, "libname" if "ctypeslib" in loader.name else "name")
    if names is not None:
        yield names


def _more(arguments: Arguments) -> bool:
    return len(arguments.positional) > 1 or bool(arguments.keywords)


def _is_libpython_name(option: Any) -> bool:
    return isinstance(option, str) and is_libpython(option)


def _is_text_or_none(option: Any) -> bool:
    return option is None or isinstance(option, str)


@dataclass(frozen=True, slots=True)
class _Loader:
    """What is called.

    ``given`` are the loader's own arguments where the call has another before them. ``each``
    is where the argument holds many names, as that of ``map`` does.
    """

    name: str
    library_class: str
    is_direct: bool = True
    base: Class | None = None
    given: Arguments | None = None
    each: bool = False


def _loader(callee: Any, given: Arguments, scope: Scope, evaluator: Evaluator) -> _Loader | None:
    """Return what loader is called; ``None`` if it is none."""
    if isinstance(callee, Class):
        return _subclass(callee, "", evaluator)
    if not isinstance(callee, External):
        return None
    name = callee.name
    if name in LOADERS:
        return _Loader(name, LOADERS[name])
    if name.endswith(CFFI):
        return _Loader(name, "cffi")
    if name in FOREIGN:
        return _Loader(name, "")
    first, *rest = given.positional or (one_of(),)
    if name == "getattr":
        for option in first.alternatives:
            if isinstance(option, External) and option.name in COLLECTIONS:
                becomes = COLLECTIONS[option.name]
                return _Loader(f"{option.name}.__getattr__", becomes, given=Arguments(tuple(rest)))
    elif name == "map" or name.endswith(").map"):
        for option in first.alternatives:
            inner = _loader(option, Arguments(), scope, evaluator)
            if inner is not None and inner.name and rest:
                names = iterate(rest[0]).with_labels(FROM_CANDIDATES)
                return _Loader(
                    inner.name, inner.library_class, given=Arguments((names,)), each=True
                )
    elif name.endswith(".__init__"):
        owner = scope.parent
        if owner is None or not owner.is_class:
            return None
        if name == "super().__init__":
            return _subclass(Class(owner), ".__init__", evaluator)
        opened_by = name.removesuffix(".__init__")
        if opened_by in ("ctypes.CDLL", "ctypes.PyDLL"):
            own = Arguments(tuple(rest), given.keywords, given.complete)
            return _Loader(name, LOADERS[opened_by], False, Class(owner), own)
    return None


def _subclass(cls: Class, method: str, evaluator: Evaluator) -> _Loader | None:
    """Return the loader that a class of the file inherits from."""
    bases = bases_of(evaluator, cls)
    own = [cls, *(base for base in bases if isinstance(base, Class))]
    for base in bases:
        if isinstance(base, External) and base.name in ("ctypes.CDLL", "ctypes.PyDLL"):
            plain = not method and all(not one.scope.bindings for one in own)
            return _Loader(base.name + method, LOADERS[base.name], plain, cls)
    return None


def _argument(node: cst.Call, skipped: int) -> cst.BaseExpression | None:
    """Return the expression that names the library, behind so many other arguments."""
    for number, argument in enumerate(node.args):
        if argument.star:
            return None
        named = argument.keyword is not None and argument.keyword.value in ("name", "libname")
        if named or (argument.keyword is None and number >= skipped):
            return argument.value
    return None
