"""How ``ctypes.pythonapi`` is spelled at a place, and the import edits that this needs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

import libcst as cst

from no_libpython_dlopen.model.finding import Edit
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Scope
from no_libpython_dlopen.python.evaluator.abstract_values import External
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.importing_modules import ImportingModules
from no_libpython_dlopen.python.fixes.imports.import_list import NameList
from no_libpython_dlopen.python.fixes.statement_deletion import delete_statement
from no_libpython_dlopen.python.fixes.uses import LibraryUses
from no_libpython_dlopen.python.fixes.visibility import Visibility
from no_libpython_dlopen.python.library_loads import LibraryLoad
from no_libpython_dlopen.python.syntax.positions import Positions

_Spelling = tuple[str, tuple[Edit, ...]]
#: What can read any name of the module, as code that is not followed or by its text.
_READING_ANY = frozenset(
    {"exec", "eval", "execfile", "globals", "locals", "vars", "dir", "__main__", "modules"}
    | {"import_module", "__import__", "getmodule"}
)
#: A longer text is no annotation.
_MAX_ANNOTATION = 500
#: The mark of an example in a docstring.
_PROMPT = ">>>"


class ImportEdits:
    """The imports of one module, as far as they bring ctypes."""

    def __init__(  # noqa: PLR0917  they are what the fixer knows
        self,
        source: Source,
        evaluator: Evaluator,
        positions: Positions,
        uses: LibraryUses,
        exported: frozenset[str],
        loads: list[LibraryLoad],
        importing: ImportingModules,
    ) -> None:
        self._loads = loads
        self._importing = importing
        self._library_uses = uses
        self._visibility = Visibility(positions)
        self._source = source
        self._evaluator = evaluator
        self._positions = positions
        self._exported = exported

    def spell_pythonapi(self, load: LibraryLoad, *, keeps_loader: bool = False) -> _Spelling | None:
        """Return the spelling of ``pythonapi`` in place of a load, and the edits that it needs.

        ``keeps_loader`` is for where the loader's name is still needed afterwards. ``None``
        where the names that it needs mean something else.
        """
        module, root = self._module_spelling(load)
        if module:
            return f"{module}.pythonapi", ()
        loader = self._from_import(root)
        beside = self._beside(loader, load, keeps_loader) if loader is not None else None
        return beside or self._by_module(load, None if keeps_loader else loader)

    def spell_by_module(self, load: LibraryLoad) -> _Spelling | None:
        """Return the same as ``spell_pythonapi``, always as a member of the module."""
        module, root = self._module_spelling(load)
        if module:
            return f"{module}.pythonapi", ()
        return self._by_module(load, self._from_import(root), others=False)

    def _module_spelling(self, load: LibraryLoad) -> tuple[str, cst.BaseExpression]:
        """Return the spelling of ctypes in the loader's own expression, and its root."""
        called = load.node.func if isinstance(load.node, cst.Call) else load.node.value
        current: cst.BaseExpression = called
        if isinstance(load.node, cst.Call) and self._evaluator.qualified_name(called) == "getattr":
            current = load.node.args[0].value
        while True:
            if _is_ctypes(self._evaluator.evaluate(current).alternatives) and isinstance(
                current, (cst.Name, cst.Attribute)
            ):
                return self._positions.code(current), current
            if isinstance(current, (cst.Attribute, cst.Subscript)):
                current = current.value
            else:
                return "", current

    # from ctypes import PyDLL

    def _from_import(self, root: cst.BaseExpression) -> Binding | None:
        """Return the only binding of a name, if ``from ctypes import`` made it."""
        found = self._library_uses.name_bindings(root)
        if len(found) != 1 or found[0].kind is not BindingKind.IMPORTED:
            return None
        return found[0] if found[0].qualified.startswith("ctypes.") else None

    def _beside(self, loader: Binding, load: LibraryLoad, keeps_loader: bool) -> _Spelling | None:
        """Use ``pythonapi`` by its name, brought by an import that is there."""
        statement = self._statement(loader)
        if statement is None or not self._is_only(loader, load):
            return None
        bound = self._existing_name(loader, load)
        if bound is not None:
            return bound, () if keeps_loader else self._drop_loader(loader)
        if not self._can_bring("pythonapi", load, statement):
            return None
        if isinstance(statement.names, cst.ImportStar):
            return "pythonapi", ()  # the star brings it
        if keeps_loader:
            return "pythonapi", (self._names(statement).add(),)
        return "pythonapi", (self._extend_import(statement, loader, load),)

    def _is_only(self, binding: Binding, load: LibraryLoad) -> bool:
        """Return whether nothing else can bind a name as a load sees it."""
        return self._visibility.binds_only(binding.name, load.node, (binding.node,))

    def _existing_name(self, loader: Binding, load: LibraryLoad) -> str | None:
        """Return the name that means ``ctypes.pythonapi`` wherever the loader's name is known."""
        theirs = self._statement(loader)
        for name, bindings in loader.scope.bindings.items():
            one = bindings[0]
            if one.qualified != "ctypes.pythonapi" or one.kind is not BindingKind.IMPORTED:
                continue
            statement = self._statement(one)
            if (
                statement is not None
                and load.scope.lookup(name) == frozenset(bindings)
                and self._is_only(one, load)
                and (
                    statement is theirs
                    or self._visibility.dominates(statement, load.node)
                    or (theirs is not None and self._visibility.dominates(statement, theirs))
                )
            ):
                return name
        return None

    def _statement(self, binding: Binding) -> cst.ImportFrom | None:
        if isinstance(binding.node, cst.ImportFrom):
            return binding.node
        parent = self._positions.parent(binding.node)
        return parent if isinstance(parent, cst.ImportFrom) else None

    def _can_bring(self, name: str, load: LibraryLoad, statement: cst.ImportFrom) -> bool:
        """Return whether an import can bring a name without it meaning something else."""
        scope = self._visibility.scope(statement)
        for alias in self._visibility.imports(name):
            parent = self._positions.parent(alias)
            if (
                self._visibility.scope(alias) is not scope
                or not isinstance(parent, cst.ImportFrom)
                or not _is_from_ctypes(parent)
                or alias.evaluated_name != name
            ):
                return False
        allowed = list(self._visibility.imports(name))
        return self._visibility.binds_only(name, load.node, allowed)

    def _drop_loader(self, loader: Binding) -> tuple[Edit, ...]:
        """Return the edits that take the loader's name out of its import, if nothing needs it."""
        statement = self._statement(loader)
        if statement is None or isinstance(statement.names, cst.ImportStar):
            return ()
        if not self._only_use(loader):
            return ()
        names = self._names(statement)
        is_alone = len(names.aliases) == 1
        if is_alone and "#" in self._positions.code(statement):
            return ()
        deleted = delete_statement(self._positions, statement) if is_alone else None
        edit = deleted if is_alone else names.remove(loader.node)
        return (edit,) if edit is not None else ()

    def _is_last_of_several(self, load: LibraryLoad, loader: Binding) -> bool:
        """Return whether a load is the last use of a name that only loads of libpython use."""
        readers = sorted(map(self._positions.span, loader.readers))
        roots = {
            self._positions.span(other.node)[0] for other in self._loads if other.libpython_names
        }
        last = self._positions.span(load.node)[0]
        alone = all(start in roots for start, _ in readers)
        return len(readers) > 1 and alone and readers[-1][0] == last

    def _extend_import(self, statement: cst.ImportFrom, loader: Binding, load: LibraryLoad) -> Edit:
        """Return the edit that adds ``pythonapi``, and takes the loader's name out if it can."""
        names = self._names(statement)
        if self._only_use(loader):
            return names.replace(loader.node)
        # The last load of several does not go together with the same edit of those before it,
        # so that it is fixed in the next pass, as the only use of the loader's name.
        return names.add(whole=self._is_last_of_several(load, loader))

    def _names(self, statement: cst.ImportFrom) -> NameList:
        assert not isinstance(statement.names, cst.ImportStar)
        spans = [self._positions.span(alias) for alias in statement.names]
        end = self._positions.span(statement)[1]
        return NameList(self._source.text, list(statement.names), spans, end)

    def _only_use(self, loader: Binding) -> bool:
        """Return whether nothing else needs the loader's name."""
        assert isinstance(loader.node, cst.ImportAlias)
        if loader.node.asname is not None and loader.qualified.endswith(f".{loader.name}"):
            return False  # "import X as X" is a re-export (PEP 484)
        if loader.name in self._exported or self._source.name == "__init__.py":
            return False
        if loader.scope.is_class and self._visibility.is_attribute(loader.name):
            return False  # self.PyDLL
        if (
            loader.scope.parent is not None
            and loader.name in self._evaluator.dataflow.scope.external_bindings
        ):
            return False
        if len(loader.scope.bindings.get(loader.name, ())) > 1 or len(loader.readers) != 1:
            return False
        if self._is_mentioned(loader.name):
            return False
        in_function = not (loader.scope.parent is None or loader.scope.is_class)
        return in_function or not self._importing.may_read(loader.name)

    def _is_mentioned(self, name: str) -> bool:
        """Return whether code that is not followed needs a name: dead code, text annotations."""
        names, texts = self._unfollowed_code
        return self._reads_any or name in names or any(_is_code_with(text, name) for text in texts)

    @cached_property
    def _reads_any(self) -> bool:
        """Whether code that is not known may read any name of the module."""
        return any(one.value in _READING_ANY for one in self._positions.nodes(cst.Name))

    @cached_property
    def _unfollowed_code(self) -> tuple[set[str], set[str]]:
        """The names in code that is not followed, and the texts that may be code."""
        flow = self._evaluator.dataflow
        names: set[str] = set()
        texts: set[str] = set()
        for node in self._positions.nodes(cst.Name):
            parent = self._positions.parent(node)
            is_other = (
                isinstance(parent, (cst.ImportAlias, cst.AsName, cst.Param))
                or (isinstance(parent, cst.Attribute) and parent.attr is node)
                or (isinstance(parent, cst.Arg) and parent.keyword is node)
            )
            if not (is_other or node in flow.uses or node in flow.free_names):
                names.add(node.value)
        strings: list[cst.SimpleString | cst.ConcatenatedString] = [
            *self._positions.nodes(cst.SimpleString),
            *self._positions.nodes(cst.ConcatenatedString),
        ]
        for text in strings:
            value = text.evaluated_value
            is_prose = isinstance(self._positions.parent(text), cst.Expr)
            if isinstance(value, str) and (_PROMPT in value or not is_prose):
                texts.add(value)
        return names, texts

    # import ctypes

    def _by_module(
        self, load: LibraryLoad, loader: Binding | None, *, others: bool = True
    ) -> _Spelling | None:
        """Use a name of the module that means ctypes, or import it.

        ``others`` is for where a name that the module imports from ctypes will do as well.
        """
        if loader is not None and not self._is_only(loader, load):
            loader = None
        for scope in _visible_scopes(load.scope):
            for name, bindings in scope.bindings.items():
                if self._means_ctypes(bindings, load):
                    return f"{name}.pythonapi", self._drop_loader(loader) if loader else ()
        if others and loader is None and (found := self._by_other_names(load)) is not None:
            return found
        if not self._visibility.binds_only("ctypes", load.node):
            return None
        return "ctypes.pythonapi", self._replace_or_add_import(loader)

    def _means_ctypes(self, bindings: list[Binding], load: LibraryLoad) -> bool:
        """Return whether a name has been bound to ctypes, and nothing else, before a load."""
        statements = [self._positions.parent(one.node) for one in bindings]
        return (
            all(one.kind is BindingKind.IMPORTED and one.qualified == "ctypes" for one in bindings)
            and bool(load.scope.lookup(bindings[0].name) & frozenset(bindings))
            and any(
                isinstance(one, cst.Import) and self._visibility.dominates(one, load.node)
                for one in statements
            )
            and self._visibility.binds_only(
                bindings[0].name, load.node, [one.node for one in bindings]
            )
        )

    def _by_other_names(self, load: LibraryLoad) -> _Spelling | None:
        """Use ``pythonapi`` by its name, beside what else the module imports from ctypes."""
        for scope in _visible_scopes(load.scope):
            for bindings in scope.bindings.values():
                one = bindings[0]
                statement = self._statement(one) if one.kind is BindingKind.IMPORTED else None
                if (
                    statement is None
                    or not _is_from_ctypes(statement)
                    or not self._visibility.dominates(statement, load.node)
                ):
                    continue
                bound = self._existing_name(one, load)
                if bound is not None:
                    return bound, ()
                if not self._can_bring("pythonapi", load, statement):
                    return None
                if isinstance(statement.names, cst.ImportStar):
                    return "pythonapi", ()
                return "pythonapi", (self._names(statement).add(),)
        return None

    def _replace_or_add_import(self, loader: Binding | None) -> tuple[Edit, ...]:
        """Return the edits that import ctypes, in the place of the loader's import if it can go."""
        dropped = self._drop_loader(loader) if loader is not None else ()
        statement = self._statement(loader) if loader is not None else None
        if dropped and loader is not None and statement is not None:
            alone = not isinstance(statement.names, cst.ImportStar) and len(statement.names) == 1
            if alone:  # whatever could read the loader's name can read this one
                return (self._edit(*self._positions.span(statement), "import ctypes"),)
        return (self._add_import(), *dropped)

    def _add_import(self) -> Edit:
        """Return the edit that imports ctypes after the docstring and future imports."""
        module = self._evaluator.dataflow.module
        newline = module.default_newline
        after: cst.CSTNode | None = None
        for line in module.body:
            if not isinstance(line, cst.SimpleStatementLine):
                break
            for index, small in enumerate(line.body):
                if not _stays_first(small):
                    start = self._positions.span(small)[0]
                    return self._edit(start, start, f"import ctypes{'; ' if index else newline}")
            after = line
        if after is not None:
            end = self._source.text.find("\n", self._positions.span(after)[1])
            place = end + 1 if end >= 0 else len(self._source.text)
            return self._edit(place, place, f"{newline}import ctypes{newline}")
        place = self._positions.span(module.body[0])[0] if module.body else 0
        return self._edit(place, place, f"import ctypes{newline}")

    def _edit(self, start: int, end: int, new: str) -> Edit:
        return Edit(start, end, self._source.text[start:end], new)


def _visible_scopes(scope: Scope) -> Iterator[Scope]:
    """Yield a scope and those around it whose names its code sees."""
    current: Scope | None = scope
    while current is not None:
        if not current.is_class or current is scope:
            yield current
        current = current.parent


def _is_from_ctypes(statement: cst.ImportFrom) -> bool:
    module = statement.module
    return isinstance(module, cst.Name) and module.value == "ctypes" and not statement.relative


def _stays_first(small: cst.BaseSmallStatement) -> bool:
    """Return whether a statement is a docstring or a future import."""
    if isinstance(small, cst.Expr):
        return isinstance(small.value, (cst.SimpleString, cst.ConcatenatedString))
    module = small.module if isinstance(small, cst.ImportFrom) else None
    return isinstance(module, cst.Name) and module.value == "__future__"


def _is_ctypes(options: tuple[object, ...]) -> bool:
    """Return whether a value is ctypes, or ``None`` where ctypes could not be imported.

    On ``None`` the attribute fails as the loader's would have.
    """
    return External("ctypes") in options and all(
        one in (External("ctypes"), None) for one in options
    )


def _is_code_with(text: str, name: str) -> bool:
    """Return whether a text is code that holds a name, as an annotation or an example does."""
    if name not in text:
        return False
    if _PROMPT in text:
        return True
    if len(text) > _MAX_ANNOTATION:
        return False
    try:
        tree = ast.parse(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(getattr(node, key, "") == name for node in ast.walk(tree) for key in ("id", "name"))
