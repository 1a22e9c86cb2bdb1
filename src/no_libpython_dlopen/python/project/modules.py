"""What the names of a project's modules mean, evaluated as in a file of their own.

A module is parsed when a name is asked for that its text holds. Values cross from one module
to another as far as they are the same everywhere: texts, numbers, collections of these, and
functions, which their own module evaluates.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import libcst as cst

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.platforms import System, is_windows_flag
from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.model.limits import PYTHON_MODULE_DEPTH, Limit
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python import helper_loads
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Scope
from no_libpython_dlopen.python.evaluator import calls, classes
from no_libpython_dlopen.python.evaluator.abstract_values import (
    UNKNOWN,
    AbstractValue,
    Arguments,
    Class,
    Function,
    Instance,
    Method,
    Partial,
    iterate,
    one_of,
    union,
)
from no_libpython_dlopen.python.evaluator.cuts import CUT_BY
from no_libpython_dlopen.python.evaluator.frameworks import runners
from no_libpython_dlopen.python.evaluator.frameworks.command_line import CommandLine
from no_libpython_dlopen.python.evaluator.interpreter import AbstractInterpreter
from no_libpython_dlopen.python.evaluator.models import stdlib
from no_libpython_dlopen.python.evaluator.models.records import Record
from no_libpython_dlopen.python.evaluator.narrowing import picked_names
from no_libpython_dlopen.python.evaluator.other_modules import (
    ImportedModule,
    ImportedObject,
    OpenedLibrary,
    Place,
    common,
    common_arguments,
)
from no_libpython_dlopen.python.mentions import mentions_of
from no_libpython_dlopen.python.prefilter import runs_program
from no_libpython_dlopen.python.programs import helper_programs
from no_libpython_dlopen.python.project import exports
from no_libpython_dlopen.python.project.file_imports import FileImports
from no_libpython_dlopen.python.project.import_graph import (
    ask,
    is_on_disk,
    layout_of_source,
    modules_of_source,
)
from no_libpython_dlopen.python.project.layout import Module, layout_of
from no_libpython_dlopen.python.project.module_budget import ModuleBudget
from no_libpython_dlopen.python.project.module_places import place_of, shown_path
from no_libpython_dlopen.python.project.module_sources import (
    is_of_use,
    may_hand_on_platform,
    read_source,
)
from no_libpython_dlopen.python.syntax import parse
from no_libpython_dlopen.python.syntax.public_names import public_names

T = TypeVar("T")


class ProjectModules(ModuleBudget):
    """The modules that one checked file leads to."""

    def __init__(self, path: str, known: exports.Exports, system: System | None = None) -> None:
        super().__init__()
        self.path = path
        self.exports = known
        #: The system that the modules are evaluated on, ``None`` for any Unix.
        self.system = system
        self._evaluated: dict[Module, EvaluatedModule] = {}

    def on(self, system: System) -> ProjectModules:
        """Return the same modules on one system."""
        return ProjectModules(self.path, self.exports, system)

    def of(self, module: Module) -> EvaluatedModule:
        """Return a module, the same object for the same file."""
        if module not in self._evaluated:
            self._evaluated[module] = EvaluatedModule(module, self)
        return self._evaluated[module]

    def paths(self) -> list[str]:
        """Return the paths of the modules that were asked for."""
        return [one.path for one in self._evaluated if one.path]

    def end_walk(self) -> None:
        """Note that a file was walked; forget values that were cut off for the sake of its tests."""
        self.walks -= 1
        for one in self._evaluated.values() if not self.walks else ():
            one.forget()


class EvaluatedModule:
    """One module of the project. What cannot be read, parsed or followed has no names."""

    def __init__(self, module: Module, project: ProjectModules) -> None:
        self._module = module
        self._project = project
        self._folder = module.folder or os.path.dirname(module.path)
        self._imports = FileImports(module.path, self._folder, project)
        self._interpreter: AbstractInterpreter | None = None
        self._is_begun = False
        self._source = read_source(module.path)
        #: The limit because of which the module is not parsed.
        self._limit: Limit | None = None

    def member(self, name: str, qualified: str) -> AbstractValue | None:
        """Return the value of a name of the module; ``None`` if the module does not bind it."""
        bindings = self._bindings(name)
        if self._limit is not None:
            unknown = stdlib.external(qualified) if qualified else UNKNOWN
            return AbstractValue(unknown.alternatives, False, CUT_BY[self._limit.unit])
        if not bindings and name.isidentifier() and not name.startswith("__"):
            return self._lazy_member(name, qualified)
        found = self.answer(lambda own: own.value_of(bindings)) if bindings else None
        return self._export(found, qualified) if found is not None else None

    def _lazy_member(self, name: str, qualified: str) -> AbstractValue | None:
        """Return the value of the module's ``__getattr__`` for a name; ``None`` if it has none."""
        maker = self.member("__getattr__", "")
        given = Arguments((one_of(name),))
        makers = (
            [one for one in maker.alternatives if isinstance(one, ImportedObject)] if maker else []
        )
        several = [one.module.call(one.option, given, qualified) for one in makers]
        return union(several) if several else None

    def attribute(self, name: str, qualified: str) -> AbstractValue:
        """Return the value of the module's attribute: a name that it binds, or a submodule."""
        found = self.member(name, qualified)
        if found is None:
            inner = layout_of(self._folder).submodule(self._module, name)
            if inner is not None:
                return AbstractValue((ImportedModule(self._project.of(inner), qualified),))
        return found if found is not None else stdlib.external(qualified)

    def attribute_of(self, option: Any, name: str, qualified: str) -> AbstractValue:
        """Return the value of an attribute of one of the module's objects."""
        return self._ask(lambda own: classes.attribute_of_alternative(own, option, name), qualified)

    def call(self, option: Any, arguments: Arguments, qualified: str) -> AbstractValue:
        """Return the value of a call of one of the module's objects by another module."""
        given = common_arguments(arguments)
        return self._ask(lambda own: calls.call_alternative(own, option, given, None), qualified)

    def fixture(self, name: str) -> AbstractValue | None:
        """Return the value of one of the module's fixtures; ``None`` if it has none of the name."""
        if not self._holds(name) or self._interpret() is None:
            return None
        found = self.answer(lambda own: runners.fixture_value(own, own.dataflow.scope, name))
        return self._export(found, "") if found is not None else None

    def opened_library(self, option: Any, arguments: Arguments) -> OpenedLibrary | None:
        """Return the libpython that such a call opens because of its arguments."""
        given = common_arguments(arguments)
        return self._ask_for_load(lambda own: helper_loads.find_helper_load(own, option, given))

    def opened_by_attribute(self, option: Any, name: str) -> OpenedLibrary | None:
        """Return the libpython that is opened when an object is asked for an attribute."""
        return self._ask_for_load(lambda own: helper_loads.find_attribute_load(own, option, name))

    def _ask_for_load(
        self, question: Callable[[AbstractInterpreter], helper_loads.HelperLoad | None]
    ) -> OpenedLibrary | None:
        load = self.answer(question)
        if load is None:
            return None
        place = load.opened_at or self._place_of(load.node)
        stem = (self._module.folder or self._module.path.removesuffix(".py")).rpartition(os.sep)[2]
        through = tuple(f"{stem}{one}" if one[:1] == "." else one for one in load.through)
        return OpenedLibrary(load.library_class, load.names, place, through)

    def run_parameters(self, option: Any) -> tuple[tuple[int, str], ...]:
        """Return the parameters of a function that are programs: positions in a call, and names."""
        if not ask(runs_program, self._module.path):
            return ()
        return self.answer(lambda own: helper_programs.run_parameters(own, option)) or ()

    def accepted_texts(self, option: Any, others: tuple[AbstractValue, ...]) -> tuple[str, ...]:
        """Return the texts for which a function returns true with other arguments behind."""
        asked = partial(picked_names.accepted_texts, test=option, others=others)
        return self.answer(asked) or ()

    def _ask(
        self, question: Callable[[AbstractInterpreter], AbstractValue], qualified: str
    ) -> AbstractValue:
        """Return the answer of the module's interpreter, as another module sees it."""
        found = self.answer(question)
        return self._export(found, qualified) if found is not None else stdlib.external(qualified)

    def answer(self, question: Callable[[AbstractInterpreter], T]) -> T | None:
        """Return the answer of the module's evaluator; ``None`` without one, or if it takes too long."""
        if self._interpreter is None or self._project.depth >= PYTHON_MODULE_DEPTH:
            return None
        with self._project.question(self._interpreter):
            try:
                return question(self._interpreter)
            except NolibpyError:
                return None

    def forget(self) -> None:
        """Forget the values of the module, which are asked for anew."""
        if self._interpreter is not None:
            self._interpreter.forget()

    def public_names(self) -> tuple[str, ...]:
        """Return the names that a star import takes: those of ``__all__``, or all public ones.

        Of a list that is not fully known, these are those that it may have: the public names where
        it is computed, those of decorated functions and classes where a function adds to it.
        """
        interpreter = self._interpret()
        if interpreter is None:
            return public_names(self._source) if self._source is not None else ()
        flow = interpreter.dataflow
        ends = flow.scope.exit
        public = tuple(name for name in ends if not name.startswith("_"))
        if "__all__" not in ends:
            return public
        listed = self.member("__all__", "")
        known = iterate(listed) if listed is not None else UNKNOWN
        names = [one for one in known.alternatives if isinstance(one, str)]
        if not known.exhaustive:
            names += public
        elif any(one.value == "__all__" for one in flow.free_names):
            names += (one for one in public if any(map(_is_decorated, ends[one])))
        return tuple(dict.fromkeys(names))

    def is_skipping_mark(self, name: str) -> bool:
        """Return whether a name of the module is a mark that skips a test on Unix."""
        interpreter = self._interpret() if self._project.depth < PYTHON_MODULE_DEPTH else None
        return interpreter is not None and interpreter.dataflow.names_skipping_mark(name)

    def never_returns(self, name: str) -> bool:
        """Return whether a name of the module is a function that ends its caller on Unix."""
        several = self._bindings(name)
        if len(several) != 1:
            return False
        (only,) = several
        if only.kind is BindingKind.IMPORTED:
            return bool(self.answer(lambda _: self._imports.never_returns(only.qualified)))
        return bool(self.answer(lambda own: own.dataflow.always_fails(only)))

    def drops_function(self, name: str, *, is_made: bool) -> bool:
        """Return whether a name is a decorator that never calls its function on Unix."""
        several = self._bindings(name)
        if len(several) != 1:
            return False
        (only,) = several
        if only.kind is BindingKind.IMPORTED:
            ask_on = partial(self._imports.drops_function, only.qualified, is_made=is_made)
            return bool(self.answer(lambda _: ask_on()))
        return bool(self.answer(lambda own: own.dataflow.is_dropping(only, is_made=is_made)))

    def functions_run_before(
        self, fixtures: frozenset[str], cls: str, but: frozenset[str]
    ) -> list[tuple[Any, Scope]]:
        """Return the functions that a runner calls before a test that asks for fixtures, or is of a class."""
        interpreter = self._interpret(always=True)
        if interpreter is None:
            return []
        flow = interpreter.dataflow
        found = flow.setups_of_class(cls) if cls else flow.fixtures(fixtures)
        return [
            (interpreter, one)
            for one in found
            if not (isinstance(one.node, cst.FunctionDef) and one.node.name.value in but)
        ]

    def fails(self) -> bool:
        """Return whether the module's import fails on Unix."""
        interpreter = self._interpret()
        return interpreter is not None and not interpreter.dataflow.scope.falls_off

    def place(self, name: str) -> Place | None:
        """Return the place where a name gets its value, here or in the module it comes from."""
        bindings = self._bindings(name)
        if self._interpreter is None or self._source is None or not bindings:
            return None
        first = min(bindings, key=lambda binding: binding.serial)
        if first.kind is BindingKind.IMPORTED:
            return self.answer(lambda _: self._imports.place(first.qualified))
        node = first.node
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            node = node.name
        return self._place_of(node)

    def _place_of(self, node: cst.CSTNode) -> Place:
        assert self._interpreter is not None
        assert self._source is not None
        shown = shown_path(self._module.path, self._project.path)
        return place_of(self._interpreter.dataflow.module, self._source, node, shown)

    def _bindings(self, name: str) -> frozenset[Binding]:
        """Return the bindings of a name after the module was imported."""
        interpreter = self._interpret(name) if self._holds(name) else None
        return interpreter.dataflow.scope.lookup(name) if interpreter is not None else frozenset()

    def _holds(self, name: str) -> bool:
        """Return whether the module's text has a name, or may have it by a star import."""
        data = self._source.data if self._source is not None else b""
        return name.encode() in data or b"*" in data

    def _is_wanted(self, name: str) -> bool:
        """Return whether the module's values may matter, those of one of its names at least."""
        path = self._module.path
        return (
            may_hand_on_platform(path)
            or is_windows_flag(name)
            or is_of_use(path)
            or bool(name and exports.takes_arguments(path, name))
        )

    def _interpret(self, name: str = "", *, always: bool = False) -> AbstractInterpreter | None:
        """Return the module's interpreter, ``None`` while it is made, and where it cannot be.

        It is made for the sake of a name where nothing else in the module matters, or ``always``.
        """
        is_open = not self._is_begun and self._source is not None
        if is_open and self._source is not None and (always or self._is_wanted(name)):
            self._is_begun = True
            limit = self._project.limit_of(self._source)
            if limit is not None:
                self._is_begun = self._project.walks == 0
                self._limit = limit if self._is_begun else None
                return None
            try:
                mentions = mentions_of(self._source)
                tree = parse.parse(self._source)
                known = None if isinstance(mentions, SyntaxError) else mentions
                system = self._project.system
                self._interpreter = AbstractInterpreter(tree, known, self._imports, system)
            except (NolibpyError, RecursionError):
                self._source = None
        return self._interpreter

    def _export(self, value: AbstractValue, qualified: str) -> AbstractValue:
        """Return a value of this module as another one sees it."""
        unknown = stdlib.external(qualified) if qualified else UNKNOWN
        if not value.alternatives:
            return unknown
        several = []
        for option in value.alternatives:
            if isinstance(option, Record) and isinstance(option.instance, Instance):
                option = replace(option, instance=ImportedObject(self, option.instance, qualified))
            kept = common(option)
            if not kept and isinstance(
                option, (Function, Class, Instance, Method, Partial, CommandLine)
            ):
                kept = (ImportedObject(self, option, qualified),)
            several.append(AbstractValue(kept))
        return union(one if one.alternatives else unknown for one in several).part_of(value)


def _is_decorated(binding: Binding) -> bool:
    node = binding.node
    return isinstance(node, (cst.FunctionDef, cst.ClassDef)) and bool(node.decorators)


def imports_of(source: Source, known: exports.Exports | None = None) -> FileImports | None:
    """Return the imports of a checked file; ``None`` for a text without a path."""
    if not is_on_disk(source.path):
        return None
    folder = os.path.dirname(os.path.abspath(source.path))
    return FileImports(
        file_tree.real_path(source.path),
        folder,
        ProjectModules(source.path, known or exports.Exports()),
        layout_of_source(source),
        modules_of_source(source),
    )
