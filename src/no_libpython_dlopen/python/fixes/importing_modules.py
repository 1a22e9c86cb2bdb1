"""What other modules of a project may do with the names of one module.

They get a library by a name of the module, or of a class or an object of it. A library that the
module does not use itself is kept for them. A test may replace the loader, or what gives the
library's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

import libcst as cst

from no_libpython_dlopen.knowledge.runtime_functions import LIFECYCLE, SELF_QUESTIONS
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import PROJECT_WORDS
from no_libpython_dlopen.python.evaluator.abstract_values import (
    Bag,
    Class,
    External,
    Instance,
    Items,
    Mapping,
)
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.handlers_elsewhere import (
    HandlersElsewhere,
    handlers_in,
    may_handle,
)
from no_libpython_dlopen.python.fixes.replacements.changes_elsewhere import (
    ChangesElsewhere,
    bound_names,
    changes_in,
)
from no_libpython_dlopen.python.fixes.safety import FixSafety
from no_libpython_dlopen.python.fixes.uses import LibraryUses
from no_libpython_dlopen.python.library_loads import LibraryLoad
from no_libpython_dlopen.python.project.ctypes_changes import ChangingFile, files_changing_ctypes
from no_libpython_dlopen.python.project.importers import (
    Importer,
    TooManyFiles,
    files_naming,
    importers_of,
    module_name,
)
from no_libpython_dlopen.python.syntax.positions import Positions

_TOO_LARGE = "the project is too large to be searched for uses of the library"
#: What the value of an expression passes through to a name.
_PASSING = (cst.Attribute, cst.Subscript, cst.IfExp, cst.BooleanOperation, cst.NamedExpr)
#: Names of functions to which a private view makes a difference, too.
_TELLING = re.compile(
    rb"(?:%b)\w*|in_dll|_handle" % "|".join((*SELF_QUESTIONS, *LIFECYCLE)).encode()
)


class _NamesRead(NamedTuple):
    """The names that a load reads: of modules, of objects and classes, of collections.

    ``classes`` are the owners of attributes. Of those ``with_fields``, whoever makes an object
    gives the fields their values.
    """

    of_modules: set[str]
    of_objects: set[str]
    collections: set[str]
    classes: set[str]
    with_fields: set[str]


class ImportingModules:
    """The modules of a project that may use the libraries and the loaders of one module."""

    def __init__(
        self, path: str, evaluator: Evaluator, positions: Positions, uses: LibraryUses
    ) -> None:
        self._path = path
        self._module = module_name(path)
        self._words = 0
        self._naming: dict[str, list[Importer]] = {}
        self._read: dict[cst.CSTNode, _NamesRead] = {}
        self._changes: dict[str, ChangesElsewhere | None] = {}
        self._evaluator = evaluator
        self._positions = positions
        self._library_uses = uses

    def check(
        self,
        load: LibraryLoad,
        slices: Iterable[tuple[cst.CSTNode, Iterable[cst.CSTNode]]],
        exported: frozenset[str],
        safety: FixSafety,
    ) -> None:
        """Note what other modules may do with the library of a load, and with its name.

        ``slices`` are the load and what the library's name is computed from, each with its parts.
        """
        bound, around, *_ = (*self._positions.ancestors(load.node), None, None)
        bindings = self._library_uses.bindings(bound) or []
        is_used = isinstance(bound, cst.NamedExpr) and not isinstance(around, cst.Expr)
        if any(binding.name in exported for binding in bindings):
            safety.share("the library is exported in `__all__`")
        if any(not binding.readers for binding in bindings) and not is_used:
            safety.share("other modules may use the library")
        if self._importers is None:
            safety.share(_TOO_LARGE)
            return
        names = {name.encode() for name in self._names(load.node)}
        is_public = any(not one.startswith(b"_") for one in names)
        read = self._names_read(slices)
        for other, told in self._importers:
            if not names.isdisjoint(other.words) or (is_public and other.takes_all):
                safety.share(f"`{other.path}` may use the library")
            handlers = self._handlers.get(other.file)
            if handlers is not None and handlers.handle(safety.leading):
                safety.unsafe(f"`{other.path}` may handle what a failed load raises")
            if told and safety.shared:
                safety.unsafe(f"`{other.path}` may use the library: it names `{told}`")
        try:
            replacers = self._replacers(read)
        except TooManyFiles:
            safety.unsafe(_TOO_LARGE)
            return
        for other in replacers:
            for name in sorted(self._names_replaced(read, other))[:1]:
                safety.unsafe(f"`{other.path}` may replace `{name}`")
        called = {one.name for one in self._library_uses.of(load.node)}
        if self._changing_ctypes is None:
            safety.unsafe(_TOO_LARGE)
        for each in self._changing_ctypes or ():
            if any(name.encode() in each.configured for name in called):
                safety.share(f"`{each.path}` may configure `ctypes.pythonapi`")
            if each.replaces:
                safety.unsafe(f"`{each.path}` may replace a loader of `ctypes`")

    def may_read(self, name: str) -> bool:
        """Return whether another module may read a name of the module."""
        is_public = not name.startswith("_")
        return self._importers is None or any(
            name.encode() in other.words or (is_public and other.takes_all)
            for other, _ in self._importers
        )

    @cached_property
    def _importers(self) -> list[tuple[Importer, str]] | None:
        """The files that may import the module, each with a word that tells; ``None`` if too many."""
        try:
            several = self._keep(importers_of(self._path))
        except TooManyFiles:
            return None
        telling = [sorted(filter(_TELLING.fullmatch, one.words))[:1] for one in several]
        return [(one, b"".join(told).decode()) for one, told in zip(several, telling, strict=True)]

    def _replacers(self, read: _NamesRead) -> Iterable[Importer]:
        """Return the files that may replace names: importers, and those that name a class.

        They have the class from a package, or derive another one from it, which is added to the
        classes of ``read``.
        """
        several = {one.file: one for one, _ in self._importers or ()}
        todo = [*read.classes]
        for name in todo:  # which grows meanwhile
            found = self._files_naming(name)
            several.update((one.file, one) for one in found)
            for changes in filter(None, map(self._changes_in, found)):
                derived = (one.name for one in changes.derived_classes({name}))
                todo += [one for one in derived if one not in todo]
        read.classes.update(todo)
        return several.values()

    def _names_replaced(self, read: _NamesRead, other: Importer) -> Iterator[str]:
        """Yield those of the names that a load reads to which another file may give another value."""
        of_objects = other.replaced | other.replaced_in_objects
        yield from (one for one in read.of_modules if one.encode() in other.replaced)
        yield from (one for one in read.of_objects if one.encode() in of_objects)
        inner = read.of_objects | read.collections | read.with_fields
        inner = {one for one in inner if one.encode() in other.words}
        stored = {one for one in read.of_modules if one.encode() in other.words}
        changes = self._changes_in(other) if inner or stored else None
        if changes is None:
            yield from inner
            return
        yield from (stored | inner & read.of_objects) & changes.stored
        for one in changes.derived_classes(read.classes):
            yield from inner & read.of_objects & {*bound_names(one)}
        yield from filter(changes.may_change, inner & read.collections)
        yield from (
            one for one in inner & read.with_fields if one in changes.called or changes.renames(one)
        )

    def _files_naming(self, name: str) -> list[Importer]:
        if name not in self._naming:
            self._naming[name] = self._keep(files_naming(self._path, name))
        return self._naming[name]

    def _keep(self, found: Iterator[Importer]) -> list[Importer]:
        """Return importers, unless they have too many words to be kept. Raises ``TooManyFiles``."""
        several = []
        with analysis.other_file():
            for one in found:
                self._words += len(one.words)
                if self._words > PROJECT_WORDS:
                    raise TooManyFiles
                several.append(one)
        return several

    def _changes_in(self, other: Importer) -> ChangesElsewhere | None:
        if other.file not in self._changes:
            with analysis.other_file():
                self._changes[other.file] = changes_in(other.file)
        return self._changes[other.file]

    @cached_property
    def _handlers(self) -> dict[str, HandlersElsewhere]:
        """The handlers of the importing files that have any, by their files."""
        found = {}
        for one in (one for one, _ in self._importers or () if may_handle(one.words)):
            with analysis.other_file():
                handlers = handlers_in(one.file, self._module)
            if handlers is not None:
                found[one.file] = handlers
        return found

    @cached_property
    def _changing_ctypes(self) -> list[ChangingFile] | None:
        """The other files that may change ``ctypes``; ``None`` if too many."""
        try:
            with analysis.other_file():
                return files_changing_ctypes(self._path)
        except TooManyFiles:
            return None

    def _names_read(
        self, slices: Iterable[tuple[cst.CSTNode, Iterable[cst.CSTNode]]]
    ) -> _NamesRead:
        """Return the names that a load reads, as far as code elsewhere can give them a value."""
        read = _NamesRead(set(), set(), set(), set(), set())
        for node, parts in slices:
            if node not in self._read:  # many loads may take their names from one dictionary
                self._read[node] = self._names_in(parts)
            for names, more in zip(read, self._read[node], strict=True):
                names |= more
        return read

    def _names_in(self, parts: Iterable[cst.CSTNode]) -> _NamesRead:
        read = _NamesRead(set(), set(), set(), set(), set())
        for part in parts:
            if isinstance(part, cst.Attribute):
                self._note_attribute(part, read)
            elif isinstance(part, cst.Name) and not self._is_member(part):
                bindings = self._library_uses.name_bindings(part)
                if not bindings or any(one.scope.parent is None for one in bindings):
                    read.of_modules.add(part.value)
                    if self._is_collection(part):
                        read.collections.add(part.value)
        return read

    def _is_member(self, name: cst.Name) -> bool:
        parent = self._positions.parent(name)
        return isinstance(parent, cst.Attribute) and parent.attr is name

    def _note_attribute(self, part: cst.Attribute, read: _NamesRead) -> None:
        """Note the name of an attribute, and the class that has it, if its owner is known."""
        word, parent = part.attr.value, self._positions.parent(part)
        owners = self._evaluator.evaluate(part.value).alternatives
        if any(isinstance(one, External) for one in owners):
            if not isinstance(parent, cst.Attribute):
                read.of_modules.add(word)
            if word.startswith("get_config_var"):
                read.collections.add("get_config_vars")
            return
        if not owners or any(isinstance(one, (Class, Instance)) for one in owners):
            read.of_objects.add(word)
        if self._is_collection(part):
            read.collections.add(word)
        for one in owners:
            cls = one.cls if isinstance(one, Instance) else one
            if isinstance(cls, Class) and isinstance(cls.scope.node, cst.ClassDef):
                name = cls.scope.node.name.value
                read.classes.add(name)
                fields = cls.scope.bindings.get(word, ())
                if any(isinstance(each.node, cst.AnnAssign) for each in fields):
                    read.with_fields.add(name)

    def _is_collection(self, part: cst.Name | cst.Attribute) -> bool:
        """Return whether a value may be a collection, or an object that is asked for items."""
        values = self._evaluator.evaluate(part).alternatives
        if any(isinstance(one, (Mapping, Items, Bag)) for one in values):
            return True
        parent = self._positions.parent(part)
        is_asked = isinstance(parent, cst.Subscript) or (
            isinstance(parent, cst.Attribute) and parent.attr.value == "get"
        )
        return is_asked and not any(isinstance(one, (str, Class, Instance)) for one in values)

    def _names(self, load: cst.CSTNode) -> Iterator[str]:
        """Yield the names of the module that mean the library, or a function of it."""
        seen, todo = {load}, [load]
        while todo:
            node = todo.pop()
            for outer in self._positions.ancestors(node):
                for binding in self._library_uses.bindings(outer) or ():
                    if binding.scope.parent is None:
                        yield binding.name
                    new = [one for one in binding.readers if one not in seen]
                    seen.update(new)
                    todo += new
                if not isinstance(outer, _PASSING):
                    break
