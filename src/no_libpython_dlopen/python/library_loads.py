"""Finds the calls that open a shared library, by what is called and not by its spelling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import libcst as cst

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART, display_name
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.python.called_loader import (
    identify_loader,
    inherited_loader,
    library_names,
    may_be_loader,
)
from no_libpython_dlopen.python.dataflow.bindings import Scope
from no_libpython_dlopen.python.dataflow.expression_walk import Candidate
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    FROM_PARAMETER,
    AbstractValue,
    Arguments,
    Class,
    Context,
    External,
    Instance,
    concatenate,
    one_of,
    union,
)
from no_libpython_dlopen.python.evaluator.argument_flow import narrow_by_calls
from no_libpython_dlopen.python.evaluator.call_contexts import evaluate_arguments
from no_libpython_dlopen.python.evaluator.cuts import ANY_CUT, CUTS
from no_libpython_dlopen.python.evaluator.frameworks.handed_calls import (
    CALLING_WORDS,
    without_partial,
)
from no_libpython_dlopen.python.evaluator.loop_iterations import narrow_by_iterations
from no_libpython_dlopen.python.evaluator.narrowing.excluded_values import possible_values
from no_libpython_dlopen.python.evaluator.narrowing.one_call import texts_in_call
from no_libpython_dlopen.python.evaluator.narrowing.systems import usual_names
from no_libpython_dlopen.python.evaluator.other_modules import ImportedObject, OpenedLibrary, Place
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.loader_arguments import (
    is_libpython_name,
    libpython_names,
    library_argument,
    opens_nothing,
)
from no_libpython_dlopen.python.loader_tables import COLLECTIONS, SUFFIXING
from no_libpython_dlopen.python.mentions import IMPORTED
from no_libpython_dlopen.python.syntax.parse import last_word
from no_libpython_dlopen.python.vocabulary import LOADER_WORDS

_UNCERTAIN = FROM_PARAMETER | FROM_CANDIDATES
_IMPORTED = frozenset({IMPORTED})
_LOADER_OR_IMPORTED = LOADER_WORDS | {IMPORTED}


@dataclass(frozen=True, slots=True)
class LibraryLoad:
    """A live expression that opens a shared library by name.

    ``library_class`` is ``CDLL`` or ``PyDLL``, ``cffi``, or empty for other foreign loaders.
    ``is_direct`` is false where the loader is a subclass that does more, ``may_be_other`` is
    true where something else may be called, ``adds_arguments`` where a ``partial`` adds
    arguments. ``base`` is the class of the file that is made, or whose ``__init__`` opens the
    library for its object. ``opened_at`` is where another module of the project opens it,
    ``opened_through`` are the functions that lead there.
    """

    node: Candidate
    scope: Scope
    loader: str
    library_class: str
    names: AbstractValue
    argument: cst.BaseExpression | None
    is_direct: bool = True
    may_be_other: bool = False
    adds_arguments: bool = False
    base: Class | None = None
    opened_at: Place | None = None
    opened_through: tuple[str, ...] = ()

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
        return libpython_names(self.names)

    @property
    def library(self) -> str:
        """The file name that a message shows."""
        names = self.libpython_names
        return display_name(names[0]).rpartition("/")[2] if names else ""

    @property
    def certain(self) -> bool:
        """Whether nothing but libpython can be opened here."""
        if self.may_be_other or not self.names.exhaustive or self.names.labels & _UNCERTAIN:
            return False
        return all(one is None or is_libpython_name(one) for one in self.names.alternatives)


def find_loads(evaluator: Evaluator) -> list[LibraryLoad]:
    """Return every live expression that opens a library, whatever library it is."""
    visitor = LoadVisitor(evaluator)
    for node in evaluator.dataflow.live_expressions:
        visitor.on_visit(node)
    loads = visitor.loads
    for one in loads:
        if not one.libpython_names:
            note_cuts(one.names)
    made = {one.base for one in loads if one.libpython_names and not one.initialises_self}
    # Where a class hands on the name that it is given, the call that gives it is the load.
    return [
        one
        for one in loads
        if not (one.initialises_self and one.names.labels & FROM_PARAMETER and one.base in made)
    ]


def _may_be_function(node: cst.BaseExpression) -> bool:
    """Return whether an argument may be a function, as ``partial(CDLL, name)`` is one."""
    if isinstance(node, cst.Call):
        return last_word(node.func) == "partial"
    return isinstance(node, (cst.Name, cst.Attribute))


def note_cuts(value: AbstractValue) -> None:
    """Note the limits because of which a value, or the name behind its folder, is not known."""
    names = (one.rpartition("/")[2] for one in value.alternatives if isinstance(one, str))
    if not value.exhaustive or any(UNKNOWN_PART in name for name in names):
        for label, limit in CUTS.items():
            if value.labels & label:
                analysis.note_limit(limit)


def inherited_library(
    evaluator: Evaluator, cls: Class, given: Arguments
) -> tuple[str, AbstractValue] | None:
    """Return the class and the names of the library that an object of a class is, if it is one."""
    loader = inherited_loader(cls, "", evaluator)
    names = library_names(loader, given) if loader is not None else None
    return (loader.library_class, names) if loader is not None and names is not None else None


class LoadVisitor(cst.CSTVisitor):
    """Collects the calls of ``CDLL``, ``PyDLL``, ``LoadLibrary`` and their like.

    It is shown the live expressions of a module, and asks the evaluator which loader is
    called and what the string or f-string that names the library may be: in one call of the
    function around them, or in all.
    """

    def __init__(self, evaluator: Evaluator, context: Context = None) -> None:
        super().__init__()
        self._evaluator = evaluator
        self._context = context
        self._dataflow = evaluator.dataflow
        self.loads: list[LibraryLoad] = []

    def visit_Subscript(self, node: cst.Subscript) -> None:
        """Look at ``ctypes.cdll["libpython3.11.so"]``."""
        part = node.slice[0].slice
        if len(node.slice) != 1 or not isinstance(part, cst.Index) or not self._may_load(node):
            return
        for option in self._evaluator.evaluate(node.value, self._context).alternatives:
            if isinstance(option, ImportedObject) and isinstance(option.option, Instance):
                given = Arguments((self._evaluator.evaluate(part.value, self._context),))
                with analysis.other_file():
                    methods = option.module.attribute_of(option.option, "__getitem__", "")
                    several = [
                        one for one in methods.alternatives if isinstance(one, ImportedObject)
                    ]
                    opened = [one.module.opened_library(one.option, given) for one in several]
                self._add_opened(node, f"{option.name.lstrip('.')}[]", next(iter(opened), None))
            if isinstance(option, External) and option.name in COLLECTIONS:
                names = self._evaluator.evaluate(part.value, self._context)
                names = self._narrow(node, part.value, names)
                loader, library_class = f"{option.name}[]", COLLECTIONS[option.name]
                scope = self._dataflow.live_expressions[node]
                load = LibraryLoad(node, scope, loader, library_class, names, part.value)
                self.loads.append(load)
                return

    def visit_Attribute(self, node: cst.Attribute) -> None:
        """Look at ``library.handle``, a property of a class in another module."""
        evaluator, scope = self._evaluator, self._dataflow.live_expressions[node]
        imports = evaluator.imports
        if imports is None or not evaluator.may_mean(node.value, _IMPORTED):
            return
        if not imports.may_have_property(node.attr.value):
            return
        if self._dataflow.is_never_called(scope, is_used=self._context is not None):
            return
        for owner in evaluator.evaluate(node.value, self._context).alternatives:
            if not isinstance(owner, ImportedObject) or not isinstance(owner.option, Instance):
                continue
            with analysis.other_file():
                opened = owner.module.opened_by_attribute(owner.option, node.attr.value)
            self._add_opened(node, f"{owner.name.lstrip('.')}.{node.attr.value}", opened)

    def _add_opened(self, node: Candidate, loader: str, opened: OpenedLibrary | None) -> None:
        """Note what a method of another module opens that Python calls by itself."""
        if opened is None or (self.loads and self.loads[-1].node is node):
            return
        scope = self._dataflow.live_expressions[node]
        load = LibraryLoad(node, scope, loader, opened.library_class, opened.names, None, False)
        through = opened.through
        self.loads.append(replace(load, opened_at=opened.place, opened_through=through))

    def visit_Call(self, node: cst.Call) -> None:
        """Look at ``ctypes.CDLL("libpython3.11.so")``, under whatever name."""
        if not self._may_load(node):
            return
        callees = self._evaluator.evaluate(node.func, self._context)
        options = callees.alternatives or (External(last_word(node.func)),)
        several = [self._load_of(node, callee) for callee in options]
        found = [one for one in several if one is not None]
        if not found:
            if callees.labels & ANY_CUT and self._is_given_libpython(node):
                note_cuts(callees)
            return
        best = max(found, key=lambda one: bool(one.libpython_names))
        may_be_other = bool(callees.labels & _UNCERTAIN) or not callees.exhaustive
        if len(several) > 1:
            # As good as one loader where all of them open libpython; the more careful one counts.
            alike = not may_be_other and all(one is not None and one.certain for one in several)
            careful = [one for one in found if one.library_class == "CDLL"]
            best, may_be_other = (careful[0] if alike and careful else best), not alike
        self.loads.append(replace(best, may_be_other=may_be_other))

    def _is_given_libpython(self, node: cst.Call) -> bool:
        given = (self._evaluator.evaluate(one.value, self._context) for one in node.args)
        return any(libpython_names(value) for value in given)

    def _may_load(self, node: cst.Call | cst.Subscript) -> bool:
        """Return whether what is called or subscripted may be a loader, or is handed one."""
        words = _LOADER_OR_IMPORTED if self._may_be_imported(node) else LOADER_WORDS
        scope = self._dataflow.live_expressions[node]
        is_used = self._context is not None
        is_live = not self._dataflow.is_never_called(scope, is_used=is_used)
        return is_live and self._mentions(node, words)

    def _may_be_imported(self, node: cst.Call | cst.Subscript) -> bool:
        """Return whether what is called or subscripted may come from another module."""
        imports = self._evaluator.imports
        called = node.func if isinstance(node, cst.Call) else None
        if imports is None or not isinstance(called, cst.Attribute):
            return imports is not None
        return imports.may_have_method(called.attr.value)

    def _mentions(self, node: cst.Call | cst.Subscript, words: frozenset[str]) -> bool:
        """Return whether what is called or subscripted, or an argument, may mean a word."""
        may_mean = self._evaluator.may_mean
        if may_mean(node.value if isinstance(node, cst.Subscript) else node.func, words):
            return True
        if not isinstance(node, cst.Call) or not may_mean(node.func, CALLING_WORDS):
            return False
        arguments = (one.value for one in node.args)
        return any(_may_be_function(one) and may_mean(one, words) for one in arguments)

    def _load_of(self, node: cst.Call, callee: Any) -> LibraryLoad | None:
        """Return the load that a call makes of one callee; ``None`` if it makes none."""
        callee, added = without_partial(callee)
        if not may_be_loader(callee):  # its arguments may be costly to evaluate
            return None
        given = evaluate_arguments(self._evaluator, node, self._context).after(added)
        scope = self._dataflow.live_expressions[node]
        loader = identify_loader(callee, given, scope, self._evaluator)
        names = library_names(loader, given) if loader is not None else None
        if loader is None or names is None or opens_nothing(loader.given or given):
            return None
        is_handed = loader.each and not loader.is_direct
        argument = None if is_handed else library_argument(node, 0 if loader.given is None else 1)
        if argument is not None and not added.positional and not loader.each:
            names = self._narrow(node, argument, names)
        if not all(option is None or isinstance(option, str) for option in names.alternatives):
            names = concatenate([names])
        if loader.name.startswith(SUFFIXING):
            names = union([names, concatenate([names, one_of(".so")])])
        return LibraryLoad(
            node,
            scope,
            loader.name,
            loader.library_class,
            names,
            argument,
            loader.is_direct,
            adds_arguments=len(added.positional) > 1 or bool(added.keywords),
            base=loader.base,
            opened_at=loader.opened.place if loader.opened is not None else None,
            opened_through=loader.opened.through if loader.opened is not None else (),
        )

    def _narrow(
        self, node: cst.Call | cst.Subscript, argument: cst.BaseExpression, names: AbstractValue
    ) -> AbstractValue:
        """Return the value of an argument under the tests on the way to a load."""
        tests = self._dataflow.path_conditions[node]
        if names.labels & FROM_CANDIDATES:
            names = narrow_by_iterations(self._evaluator, argument, tests, names)
        if names.labels & FROM_PARAMETER and self._context is None:
            scope = self._dataflow.live_expressions[node]
            names = narrow_by_calls(self._evaluator, scope, argument, tests, names)
        if tests and not any(map(is_libpython_name, names.alternatives)):
            implied = texts_in_call(self._evaluator, tests, self._context)
            with self._evaluator.assume(implied):
                known = self._evaluator.evaluate(argument, self._context) if implied else names
            if (
                implied
                and self._context is None
                and any(map(is_libpython_name, known.alternatives))
            ):
                scope = self._dataflow.live_expressions[node]
                known = narrow_by_calls(self._evaluator, scope, argument, tests, known)
            # Where what is known is not enough, a limit that cut the names off is told.
            is_found = any(map(is_libpython_name, known.alternatives))
            return known if is_found else known.part_of(names)
        names = possible_values(self._evaluator, argument, tests, names, self._context)
        return usual_names(self._evaluator, node, argument, names, self._context)
