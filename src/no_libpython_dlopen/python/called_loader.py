"""Tells which loader a call reaches: by itself, by a class, or by what it hands on.

A loader is what opens a shared library: ``ctypes.CDLL`` and its subclasses, cffi's ``dlopen``,
a function of another module that opens what it is given. ``map``, threads and executors call
the one that they are given.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.python.dataflow.bindings import Scope
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    AbstractValue,
    Arguments,
    Class,
    External,
    Instance,
)
from no_libpython_dlopen.python.evaluator.classes import bases_of, class_attribute
from no_libpython_dlopen.python.evaluator.frameworks.handed_calls import (
    calls_made_by,
    is_map,
    without_partial,
)
from no_libpython_dlopen.python.evaluator.frameworks.instances import as_data
from no_libpython_dlopen.python.evaluator.other_modules import ImportedObject, OpenedLibrary
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.loader_arguments import libpython_names
from no_libpython_dlopen.python.loader_tables import CFFI, COLLECTIONS, FOREIGN, LOADERS

_CLASSES = ("ctypes.CDLL", "ctypes.PyDLL")


@dataclass(frozen=True, slots=True)
class Loader:
    """What is called.

    ``given`` are the loader's own arguments where the call has another before them. ``each``
    is true where the argument holds many names, as that of ``map`` does. ``opened`` is what
    a function of another module opens.
    """

    name: str
    library_class: str
    is_direct: bool = True
    base: Class | None = None
    given: Arguments | None = None
    each: bool = False
    opened: OpenedLibrary | None = None


def identify_loader(
    callee: Any, given: Arguments, scope: Scope, evaluator: Evaluator
) -> Loader | None:
    """Return the loader that is called; ``None`` if it is none."""
    if not may_be_loader(callee):
        return None
    if isinstance(callee, ImportedObject):
        return _in_other_module(callee, as_data(evaluator, given))
    if isinstance(callee, Class):
        return _in_class(callee, given, evaluator)
    name = callee.name
    if name.endswith(".dlmopen"):
        return Loader(name, "", given=given.rest)
    if name in LOADERS or name in FOREIGN:
        return Loader(name, LOADERS.get(name, ""))
    if name.endswith(CFFI):
        return Loader(name, "cffi")
    if name == "getattr":
        return _in_collection(given)
    if name.endswith(".__init__"):
        return _in_initialiser(name, given, scope, evaluator)
    for handed, own in calls_made_by(name, given, _opens_libpython):
        if is_map(name):
            own = Arguments(tuple(one.with_labels(FROM_CANDIDATES) for one in own.positional))
        inner_callee, added = without_partial(handed)
        own = own.after(added)
        inner = identify_loader(inner_callee, own, scope, evaluator)
        if inner is not None and inner.given is None:
            is_direct = is_map(name) and inner_callee is handed
            return replace(inner, is_direct=is_direct, base=None, given=own, each=True)
    return None


def may_be_loader(callee: Any) -> TypeGuard[ImportedObject | Class | External]:
    """Return whether something that is called can be a loader, whatever it is given."""
    return isinstance(callee, (ImportedObject, Class, External))


def _in_collection(given: Arguments) -> Loader | None:
    """Return the loader that ``getattr(ctypes.cdll, name)`` is."""
    for option in given.positional[0].alternatives if given.positional else ():
        if isinstance(option, External) and option.name in COLLECTIONS:
            own = Arguments(given.positional[1:])
            return Loader(f"{option.name}.__getattr__", COLLECTIONS[option.name], given=own)
    return None


def _in_initialiser(
    name: str, given: Arguments, scope: Scope, evaluator: Evaluator
) -> Loader | None:
    """Return the loader whose ``__init__`` a method calls for its own object."""
    if scope.parent is None or not scope.parent.is_class:
        return None
    owner, opener = Class(scope.parent), name.removesuffix(".__init__")
    if opener == "super()":
        return inherited_loader(owner, ".__init__", evaluator)
    if opener in _CLASSES:
        return Loader(name, LOADERS[opener], False, owner, given.rest)
    return None


def _opens_libpython(callee: Any, first: AbstractValue) -> bool:
    """Return whether something is a loader, and its first argument a name of libpython."""
    is_loader = isinstance(callee, External) and callee.name in LOADERS
    return is_loader and bool(libpython_names(first))


def _in_class(cls: Class, given: Arguments, evaluator: Evaluator) -> Loader | None:
    """Return the loader that a class of the file, or one of another module, inherits from."""
    inherited = inherited_loader(cls, "", evaluator)
    if inherited is not None:
        return inherited
    # ``__init__`` of a base sees the attributes of the class itself.
    initialiser = class_attribute(evaluator, cls, "__init__", Instance(cls))
    several = (*initialiser.alternatives, *bases_of(evaluator, cls))
    others = (one for one in several if isinstance(one, ImportedObject))
    found = (_in_other_module(one, as_data(evaluator, given)) for one in others)
    return next((one for one in found if one), None)


def _in_other_module(callee: ImportedObject, given: Arguments) -> Loader | None:
    """Return the loads of a function or class of another module that is given libpython's name."""
    with analysis.other_file():
        opened = callee.module.opened_library(callee.option, given)
    if opened is None:
        return None
    name = callee.name.lstrip(".").removesuffix(".__init__")
    return Loader(name, opened.library_class, is_direct=False, opened=opened)


def inherited_loader(cls: Class, method: str, evaluator: Evaluator) -> Loader | None:
    """Return the loader that a class of the file inherits from."""
    bases = bases_of(evaluator, cls)
    own = [cls, *(base for base in bases if isinstance(base, Class))]
    for base in bases:
        if isinstance(base, External) and base.name in _CLASSES:
            is_direct = not method and all(not one.scope.bindings for one in own)
            return Loader(base.name + method, LOADERS[base.name], is_direct, cls)
    return None


def library_names(loader: Loader, given: Arguments) -> AbstractValue | None:
    """Return the argument that names the library; ``None`` where no name is looked up."""
    if loader.opened is not None:
        return loader.opened.names
    given = loader.given or given
    takes_handle = loader.name.startswith("ctypes.") and "LoadLibrary" not in loader.name
    handle = given.get(2, "handle") if takes_handle and given.complete else None
    if handle is not None and handle.alternatives != (None,):
        return None
    return given.get(0, "libname" if "ctypeslib" in loader.name else "name")
