"""What the imports of one file give: modules of its project, and names of these."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import accumulate
from typing import Any, Protocol

from no_libpython_dlopen.knowledge.platforms import System
from no_libpython_dlopen.python.dataflow.bindings import Scope
from no_libpython_dlopen.python.evaluator.abstract_values import AbstractValue
from no_libpython_dlopen.python.evaluator.other_modules import ImportedModule, OtherModule, Place
from no_libpython_dlopen.python.project import exports
from no_libpython_dlopen.python.project.import_graph import (
    ask,
    fixture_modules,
    imported_modules,
    layout_of_file,
    leads_to_any,
)
from no_libpython_dlopen.python.project.layout import Layout, Module, layout_of, listed_names
from no_libpython_dlopen.python.project.module_sources import (
    BUILTIN_METHODS,
    bound_methods,
    getters,
    may_change_tests,
    may_end_early,
    may_tell_platform,
    other_systems,
)
from no_libpython_dlopen.python.project.module_words import TELLS_PLATFORM


class _NamesOfModule(OtherModule, Protocol):
    """A module of the project by its names."""

    def member(self, name: str, qualified: str) -> AbstractValue | None:
        """Return the value of a name of the module; ``None`` if the module does not bind it."""

    def public_names(self) -> tuple[str, ...]:
        """Return the names that a star import takes."""

    def is_skipping_mark(self, name: str) -> bool:
        """Return whether a name of the module is a mark that skips a test on Unix."""

    def never_returns(self, name: str) -> bool:
        """Return whether a name of the module is a function that ends its caller on Unix."""

    def drops_function(self, name: str, *, is_made: bool) -> bool:
        """Return whether a name is a decorator that never calls its function on Unix."""

    def fails(self) -> bool:
        """Return whether the module's import fails on Unix."""

    def functions_run_before(
        self, fixtures: frozenset[str], cls: str, but: frozenset[str]
    ) -> list[tuple[Any, Scope]]:
        """Return the functions that a runner calls before a test that asks for fixtures, or is of a class."""


class _Project(Protocol):
    """The modules that one checked file leads to."""

    exports: exports.Exports
    #: How many files are being walked.
    walks: int

    @property
    def steps_left(self) -> int:
        """How many steps other modules may still take for the test in question."""

    def test(self) -> AbstractContextManager[None]:
        """Note that the outcome of a test is asked for, which may take steps of its own."""

    def of(self, module: Module) -> _NamesOfModule:
        """Return a module, the same object for the same file."""

    def on(self, system: System) -> _Project:
        """Return the same modules on one system."""

    def paths(self) -> list[str]:
        """Return the paths of the modules that were asked for."""

    def end_walk(self) -> None:
        """Note that a file was walked."""


class FileImports:
    """What the imports of one file give, the checked one's or a module's."""

    def __init__(
        self,
        path: str,
        folder: str,
        project: _Project,
        layout: Layout | None = None,
        modules: tuple[str, ...] | None = None,
    ) -> None:
        self._path = path
        self._folder = folder
        self._layout = layout or (layout_of_file(path) if path else layout_of(folder))
        self._project = project
        self._modules = modules
        self._getters = dict[str, bool]()
        self._bound = dict[str, bool]()

    def on(self, system: System) -> FileImports:
        """Return the same imports on one system."""
        return FileImports(
            self._path, self._folder, self._project.on(system), self._layout, self._modules
        )

    def value(self, qualified: str) -> AbstractValue | None:
        """Return the value of an imported name; ``None`` if the project does not define it."""
        owner, name = exports.split(qualified)
        module = self._layout.find(owner) if owner else None
        # ``from . import name`` in a package's own file looks for a module of the package.
        if module is not None and not (module.path == self._path and owner.startswith(".")):
            found = self._project.of(module).member(name, qualified)
            if found is not None:
                return found
        whole = self._layout.find(qualified)
        if whole is None:
            return None
        return AbstractValue((ImportedModule(self._project.of(whole), qualified),))

    @property
    def steps_left(self) -> int | None:
        """How many steps the test in question may take; ``None`` while no file is walked."""
        return self._project.steps_left if self._project.walks else None

    def test(self) -> AbstractContextManager[None]:
        """Note that the outcome of a test is asked for, which may take steps of its own."""
        return self._project.test()

    @contextmanager
    def walk(self) -> Iterator[None]:
        """Note that a file is being walked, where values are asked for tests alone."""
        self._project.walks += 1
        try:
            yield
        finally:
            self._project.end_walk()

    def fixture(self, name: str) -> AbstractValue | None:
        """Return the value of a fixture of another module, of the nearest that has it."""
        for one in fixture_modules(self._layout, self._path):
            found = self._project.of(one).fixture(name)
            if found is not None:
                return found
        return None

    def star_names(self, name: str) -> tuple[str, ...]:
        """Return the names that a star import of a module binds."""
        module = self._layout.find(name)
        if module is None:
            return ()
        walks, self._project.walks = self._project.walks, 0
        try:
            names = self._project.of(module).public_names()
            return names or (ask(listed_names, module.path) if module.path else ())
        finally:
            self._project.walks = walks

    def may_tell_platform(self, qualified: str, words: frozenset[str]) -> bool:
        """Return whether an imported name, or what ``words`` take of it, may tell the platform."""
        return bool(self._project.exports.meaning(self._layout, qualified, words, TELLS_PLATFORM))

    def may_have_property(self, name: str) -> bool:
        """Return whether an object of a module that the file leads to may have a property."""
        if not name.isascii():  # it may be spelled in several ways
            return True
        if name not in self._getters:

            def answers(module: str) -> bool:
                defined = ask(getters, module)
                return defined is None or name in defined

            self._getters[name] = leads_to_any(answers, self._direct_imports())
        return self._getters[name]

    def may_have_method(self, name: str) -> bool:
        """Return whether a method may be the project's: not if Python's types alone have the name."""
        if name not in BUILTIN_METHODS:
            return True
        if name not in self._bound:
            own = (self._path,) if self._path else ()
            several = (*own, *self._direct_imports())
            self._bound[name] = leads_to_any(lambda one: name in ask(bound_methods, one), several)
        return self._bound[name]

    def _direct_imports(self) -> tuple[str, ...]:
        """Return the modules that the file imports itself."""
        if self._modules is not None:
            return self._modules
        return imported_modules(self._path) if self._path else ()

    def any_may_tell_platform(self) -> bool:
        """Return whether a module that was asked for may tell the platform."""
        return any(map(may_tell_platform, self._project.paths()))

    def other_systems(self) -> frozenset[System]:
        """Return which systems besides Linux and macOS the modules that were asked for name."""
        return frozenset[System]().union(*map(other_systems, self._project.paths()))

    def is_skipping_mark(self, qualified: str) -> bool:
        """Return whether an imported name is a mark that skips a test on Unix."""
        module, name = self._asked_for_platform(qualified)
        return module is not None and module.is_skipping_mark(name)

    def never_returns(self, qualified: str) -> bool:
        """Return whether an imported name is a function that ends its caller on Unix."""
        module, name = self._asked_for_platform(qualified)
        return module is not None and module.never_returns(name)

    def drops_function(self, qualified: str, *, is_made: bool) -> bool:
        """Return whether an imported name is a decorator that never calls its function on Unix."""
        module, name = self._asked_for_platform(qualified)
        return module is not None and module.drops_function(name, is_made=is_made)

    def _asked_for_platform(self, qualified: str) -> tuple[_NamesOfModule | None, str]:
        """Return the module of an imported name that may tell the platform, and the name there."""
        owner, name = exports.split(qualified)
        module = self._layout.find(owner) if owner else None
        if module is None or not self.may_tell_platform(qualified, frozenset()):
            return None, name
        return self._project.of(module), name

    def run_before(
        self, fixtures: frozenset[str], bases: tuple[str, ...], own: frozenset[str]
    ) -> list[tuple[Any, Scope]]:
        """Return the functions that a runner calls before a test, with the evaluators of the modules."""
        found: list[tuple[Any, Scope]] = []
        for one in fixture_modules(self._layout, self._path):
            if may_change_tests(one.path):
                found += self._project.of(one).functions_run_before(fixtures, "", own)
        for owner, name in map(exports.split, bases):
            module = self._layout.find(owner) if owner else None
            if module is not None and may_change_tests(module.path):
                found += self._project.of(module).functions_run_before(frozenset(), name, own)
        return found

    def fails(self, name: str) -> bool:
        """Return whether the import of a module, or of a package that it is in, fails on Unix."""
        bare = name.lstrip(".")
        dots = name[: len(name) - len(bare)]
        names = accumulate(bare.split("."), "{}.{}".format)
        return any(self._fails(self._layout.find(dots + one)) for one in names)

    def is_unreachable(self) -> bool:
        """Return whether the import of a package that the file is in fails on Unix."""
        return any(map(self._fails, self._layout.packages()))

    def _fails(self, module: Module | None) -> bool:
        if module is None or module.path == self._path or not may_end_early(module.path):
            return False
        return self._project.of(module).fails()

    def is_own(self, name: str) -> bool:
        """Return whether a module's name is that of the file itself."""
        module = self._layout.find(name) if name else None
        return module is not None and module.path == self._path

    def place(self, qualified: str) -> Place | None:
        """Return the place where the name of an import gets its value."""
        owner, name = exports.split(qualified)
        module = self._layout.find(owner) if owner else None
        return self._project.of(module).place(name) if module is not None else None
