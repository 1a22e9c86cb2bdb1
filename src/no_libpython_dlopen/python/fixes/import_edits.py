"""How ``ctypes.pythonapi`` is spelled at a place, and the import edits that this needs."""

from __future__ import annotations

import ast

import libcst as cst

from no_libpython_dlopen.model.finding import Edit
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind, Scope
from no_libpython_dlopen.python.evaluator.abstract_values import External
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.import_list import NameList
from no_libpython_dlopen.python.fixes.statement_deletion import delete_statement
from no_libpython_dlopen.python.library_loads import LibraryLoad
from no_libpython_dlopen.python.syntax.parse import descendants
from no_libpython_dlopen.python.syntax.positions import Positions

_Spelling = tuple[str, tuple[Edit, ...]]
#: A longer text is no annotation.
_MAX_ANNOTATION = 500


class ImportEdits:
    """The imports of one module, as far as they bring ctypes."""

    def __init__(
        self,
        source: Source,
        evaluator: Evaluator,
        positions: Positions,
        exported: frozenset[str],
        loads: list[LibraryLoad],
    ) -> None:
        self._loads = loads
        self._source = source
        self._evaluator = evaluator
        self._positions = positions
        self._exported = exported

    def spell_pythonapi(self, load: LibraryLoad) -> _Spelling | None:
        """Return the spelling of ``pythonapi`` in place of a load, and the edits that it needs.

        ``None`` where the names that it needs mean something else.
        """
        called = load.node.func if isinstance(load.node, cst.Call) else load.node.value
        current: cst.BaseExpression = called
        if isinstance(load.node, cst.Call) and self._evaluator.qualified_name(called) == "getattr":
            current = load.node.args[0].value
        while True:
            if _is_ctypes(self._evaluator.evaluate(current).alternatives) and isinstance(
                current, (cst.Name, cst.Attribute)
            ):
                return f"{self._positions.code(current)}.pythonapi", ()
            if isinstance(current, (cst.Attribute, cst.Subscript)):
                current = current.value
            else:
                break
        alias = self._from_import(current)
        way = self._beside(alias, load) if alias is not None else None
        return way or self._by_module(load, alias)

    # from ctypes import PyDLL

    def _from_import(self, root: cst.BaseExpression) -> Binding | None:
        """Return the only binding of a name, if ``from ctypes import`` made it."""
        if not isinstance(root, cst.Name):
            return None
        flow = self._evaluator.dataflow
        found = flow.uses.get(root)
        if found is None and root in flow.free_names:
            found = flow.free_names[root].lookup(root.value)
        if found is None or len(found) != 1:
            return None
        binding = next(iter(found))
        from_ctypes = binding.kind is BindingKind.IMPORTED and binding.qualified.startswith(
            "ctypes."
        )
        return binding if from_ctypes else None

    def _beside(self, binding: Binding, load: LibraryLoad) -> _Spelling | None:
        """Use ``pythonapi`` by its name, brought by an import that is there."""
        statement = self._statement(binding)
        if statement is None:
            return None
        if isinstance(statement.names, cst.ImportStar):
            # The star brings it, unless the module binds the name itself.
            return ("pythonapi", ()) if self._free("pythonapi", load.scope) else None
        bound = self._existing_name(binding, load.scope)
        if bound is not None:
            return bound, self._drop_loader(binding)
        if not self._free("pythonapi", load.scope):
            return None
        return "pythonapi", (self._extend_import(statement, binding, load),)

    def _existing_name(self, loader: Binding, scope: Scope) -> str | None:
        """Return the name that means ``ctypes.pythonapi`` wherever the loader's name is known."""
        for name, bindings in loader.scope.bindings.items():
            only = bindings[0] if len(bindings) == 1 else None
            if (
                only is not None
                and only.kind is BindingKind.IMPORTED
                and only.qualified == "ctypes.pythonapi"
                and only.conditions == loader.conditions[: len(only.conditions)]
                and self._statement(only) is not None
                and scope.lookup(name) == frozenset(bindings)
            ):
                return name
        return None

    def _statement(self, binding: Binding) -> cst.ImportFrom | None:
        if isinstance(binding.node, cst.ImportFrom):
            return binding.node
        parent = self._positions.parent(binding.node)
        return parent if isinstance(parent, cst.ImportFrom) else None

    def _free(self, name: str, scope: Scope) -> bool:
        """Return whether a name can be brought in without meaning something else."""
        current: Scope | None = scope
        while current is not None:
            for binding in current.bindings.get(name, []) + current.external_bindings.get(name, []):
                same = binding.qualified in (f"ctypes.{name}", name)
                if not (binding.kind is BindingKind.IMPORTED and same):
                    return False
            current = current.parent
        return True

    def _drop_loader(self, loader: Binding) -> tuple[Edit, ...]:
        """Return the edits that take the loader's name out of its import, if nothing needs it."""
        statement = self._statement(loader)
        if statement is None or isinstance(statement.names, cst.ImportStar):
            return ()
        if not self._only_use(loader):
            return ()
        names = self._names(statement)
        edit = names.remove(loader.node) if len(names.aliases) > 1 else None
        edit = edit or delete_statement(self._positions, statement)
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
        if (
            loader.scope.parent is not None
            and loader.name in self._evaluator.dataflow.scope.external_bindings
        ):
            return False
        if len(loader.scope.bindings.get(loader.name, ())) > 1 or len(loader.readers) != 1:
            return False
        return not self._is_mentioned(loader.name)

    def _is_mentioned(self, name: str) -> bool:
        """Return whether code that is not followed needs a name: dead code, text annotations."""
        flow = self._evaluator.dataflow
        for node in descendants(flow.module):
            if isinstance(node, cst.Name):
                if node.value != name or node in flow.uses or node in flow.free_names:
                    continue
                parent = self._positions.parent(node)
                names_it = (
                    isinstance(parent, (cst.ImportAlias, cst.AsName, cst.Param))
                    or (isinstance(parent, cst.Attribute) and parent.attr is node)
                    or (isinstance(parent, cst.Arg) and parent.keyword is node)
                )
                if not names_it:
                    return True
            elif isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
                is_text = isinstance(self._positions.parent(node), cst.Expr)
                value = node.evaluated_value
                if not is_text and isinstance(value, str) and _is_code_with(value, name):
                    return True
        return False

    # import ctypes

    def _by_module(self, load: LibraryLoad, loader: Binding | None) -> _Spelling | None:
        """Use a name of the module that means ctypes, or import it."""
        scope = load.scope
        current: Scope | None = scope
        while current is not None:
            if not current.is_class or current is scope:
                for name, bindings in current.bindings.items():
                    if (
                        len(bindings) == 1
                        and bindings[0].kind is BindingKind.IMPORTED
                        and bindings[0].qualified == "ctypes"
                        and scope.lookup(name) == frozenset(bindings)
                    ):
                        return f"{name}.pythonapi", self._drop_loader(loader) if loader else ()
            current = current.parent
        if loader is None and (way := self._by_other_names(load)) is not None:
            return way
        if scope.lookup("ctypes") or "ctypes" in scope.module.bindings:
            return None
        return "ctypes.pythonapi", self._replace_or_add_import(loader)

    def _by_other_names(self, load: LibraryLoad) -> _Spelling | None:
        """Use ``pythonapi`` by its name, beside what else the module imports from ctypes."""
        scope = load.scope
        holds = self._evaluator.dataflow.path_conditions[load.node]
        current: Scope | None = scope
        while current is not None:
            for bindings in current.bindings.values():
                one = bindings[0]
                statement = self._statement(one) if one.kind is BindingKind.IMPORTED else None
                if (
                    statement is None
                    or one.conditions != holds[: len(one.conditions)]
                    or not isinstance(statement.module, cst.Name)
                    or statement.module.value != "ctypes"
                    or statement.relative
                    or (current.is_class and current is not scope)
                ):
                    continue
                bound = self._existing_name(one, scope)
                if bound is not None:
                    return bound, ()
                if not self._free("pythonapi", scope):
                    return None
                if isinstance(statement.names, cst.ImportStar):
                    return "pythonapi", ()
                return "pythonapi", (self._names(statement).add(),)
            current = current.parent
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
        place = 0
        after: cst.CSTNode | None = None
        for statement in module.body:
            if not isinstance(statement, cst.SimpleStatementLine):
                break
            first = statement.body[0]
            is_text = isinstance(first, cst.Expr) and isinstance(
                first.value, (cst.SimpleString, cst.ConcatenatedString)
            )
            is_future = (
                isinstance(first, cst.ImportFrom)
                and isinstance(first.module, cst.Name)
                and first.module.value == "__future__"
            )
            if not is_text and not is_future:
                place = self._positions.span(first)[0]
                return self._edit(place, place, f"import ctypes{module.default_newline}")
            after = statement
        if after is not None:
            place = self._positions.span(after)[1]
            line_end = self._source.text.find("\n", place)
            place = line_end + 1 if line_end >= 0 else len(self._source.text)
            newline = module.default_newline
            return self._edit(place, place, f"{newline}import ctypes{newline}")
        place = self._positions.span(module.body[0])[0] if module.body else 0
        return self._edit(place, place, f"import ctypes{module.default_newline}")

    def _edit(self, start: int, end: int, new: str) -> Edit:
        return Edit(start, end, self._source.text[start:end], new)


def _is_ctypes(options: tuple[object, ...]) -> bool:
    """Return whether a value is ctypes, or ``None`` where ctypes could not be imported.

    On ``None`` the attribute fails as the loader's would have.
    """
    return External("ctypes") in options and all(
        one in (External("ctypes"), None) for one in options
    )


def _is_code_with(text: str, name: str) -> bool:
    """Return whether a text is an expression that holds a name, as an annotation does."""
    if name not in text or len(text) > _MAX_ANNOTATION:
        return False
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(tree))
