"""Spells ``ctypes.pythonapi`` at a place, with the imports that this needs."""

from __future__ import annotations

import itertools
import re

import libcst as cst

from no_libpython_dlopen.finding import Edit
from no_libpython_dlopen.python.bindings import Binding, How, Scope
from no_libpython_dlopen.python.evaluate import Evaluator
from no_libpython_dlopen.python.loads import Opened
from no_libpython_dlopen.python.tree import Positions
from no_libpython_dlopen.python.values import Known
from no_libpython_dlopen.source import Source

_Way = tuple[str, tuple[Edit, ...]]


class Imports:
    """The imports of one module, as far as they bring ctypes."""

    def __init__(
        self,
        source: Source,
        evaluator: Evaluator,
        positions: Positions,
        exported: frozenset[str],
        loads: list[Opened],
    ) -> None:
        self._loads = loads
        self._source = source
        self._evaluator = evaluator
        self._positions = positions
        self._exported = exported

    def pythonapi(self, load: Opened) -> _Way | None:
        """Return how to write ``pythonapi`` where a load stands, and the edits that allow it.

        ``None`` where the names that it needs mean something else.
        """
        called = load.node.func if isinstance(load.node, cst.Call) else load.node.value
        current: cst.BaseExpression = called
        while True:
            if self._evaluator.values(current).options == (Known("ctypes"),) and isinstance(
                current, (cst.Name, cst.Attribute)
            ):
                return f"{self._positions.code(current)}.pythonapi", ()
            if isinstance(current, (cst.Attribute, cst.Subscript)):
                current = current.value
            else:
                break
        alias = self._from_import(current)
        way = self._beside(alias, load) if alias is not None else None
        return way or self._by_module(load.scope)

    # from ctypes import PyDLL

    def _from_import(self, root: cst.BaseExpression) -> Binding | None:
        """Return the only binding of a name, if ``from ctypes import`` made it."""
        if not isinstance(root, cst.Name):
            return None
        flow = self._evaluator.flow
        found = flow.uses.get(root)
        if found is None and root in flow.free:
            found = flow.free[root].lookup(root.value)
        if found is None or len(found) != 1:
            return None
        binding = next(iter(found))
        from_ctypes = binding.how is How.IMPORTED and binding.qualified.startswith("ctypes.")
        return binding if from_ctypes else None

    def _beside(self, binding: Binding, load: Opened) -> _Way | None:
        statement = self._statement(binding)
        if statement is None:
            return None
        if isinstance(statement.names, cst.ImportStar):
            # The star brings it, unless the module binds the name itself.
            return ("pythonapi", ()) if self._free("pythonapi", load.scope) else None
        for alias in statement.names:
            if isinstance(alias.name, cst.Name) and alias.name.value == "pythonapi":
                bound = alias.asname.name if alias.asname is not None else alias.name
                edits = (self._removed(statement, binding),) if self._only_use(binding) else ()
                return (bound.value, edits) if isinstance(bound, cst.Name) else None
        if not self._free("pythonapi", load.scope):
            return None
        return "pythonapi", (self._extended(statement, binding, load),)

    def _statement(self, binding: Binding) -> cst.ImportFrom | None:
        if isinstance(binding.node, cst.ImportFrom):
            return binding.node
        parent = self._positions.parent(binding.node)
        return parent if isinstance(parent, cst.ImportFrom) else None

    def _free(self, name: str, scope: Scope) -> bool:
        """Tell whether a name can be brought in without meaning something else."""
        current: Scope | None = scope
        while current is not None:
            for binding in current.bindings.get(name, []) + current.external.get(name, []):
                same = binding.qualified in (f"ctypes.{name}", name)
                if not (binding.how is How.IMPORTED and same):
                    return False
            current = current.parent
        return True

    def _removed(self, statement: cst.ImportFrom, loader: Binding) -> Edit:
        """Return the edit that takes the loader's name out of a list that has ``pythonapi``."""
        assert not isinstance(statement.names, cst.ImportStar)
        spans = [self._positions.span(alias) for alias in statement.names]
        index = next(i for i, alias in enumerate(statement.names) if alias is loader.node)
        if index + 1 < len(spans):
            return self._edit(spans[index][0], spans[index + 1][0], "")
        return self._edit(spans[index - 1][1], spans[index][1], "")

    def _is_last_of_several(self, load: Opened, loader: Binding) -> bool:
        """Tell whether a load is the last use of a name that only loads of libpython use."""
        readers = sorted(map(self._positions.span, loader.readers))
        roots = {self._positions.span(other.node)[0] for other in self._loads if other.hits}
        last = self._positions.span(load.node)[0]
        alone = all(start in roots for start, _ in readers)
        return len(readers) > 1 and alone and readers[-1][0] == last

    def _extended(self, statement: cst.ImportFrom, loader: Binding, load: Opened) -> Edit:
        """Return the edit that adds ``pythonapi``, and takes the loader's name out if it can."""
        assert not isinstance(statement.names, cst.ImportStar)
        aliases = list(statement.names)
        spans = [self._positions.span(alias) for alias in aliases]
        text = self._source.text
        names = [text[start:end] for start, end in spans]
        index = next(i for i, alias in enumerate(aliases) if alias is loader.node)
        if self._only_use(loader):
            if len(names) == 1 or self._place(names[:index] + names[index + 1 :]) == index:
                return self._edit(*spans[index], "pythonapi")
            place = self._place(names[:index] + names[index + 1 :])
            rest = names[:index] + names[index + 1 :]
            if not self._separated_simply(spans):
                return self._edit(*spans[index], "pythonapi")
            rest.insert(place, "pythonapi")
            return self._edit(spans[0][0], spans[-1][1], ", ".join(rest))
        place = self._place(names)
        if self._is_last_of_several(load, loader):
            # Does not go together with the same edit of the loads before it, so that this
            # one is fixed in the next pass, as the only use of the loader's name.
            whole = text[spans[0][0] : spans[-1][1]]
            added = whole + self._separator(spans, len(spans) - 1) + "pythonapi"
            return self._edit(spans[0][0], spans[-1][1], added)
        if place < len(names):
            start = spans[place][0]
            return self._edit(start, start, "pythonapi" + self._separator(spans, place))
        end = spans[-1][1]
        return self._edit(end, end, self._separator(spans, len(spans) - 1) + "pythonapi")

    def _separator(self, spans: list[tuple[int, int]], index: int) -> str:
        """Return the text between two names as this statement writes it."""
        text = self._source.text
        if len(spans) > 1:
            left = min(max(index - 1, 0), len(spans) - 2)
            between = text[spans[left][1] : spans[left + 1][0]]
            if "#" not in between:
                return between
        return ", "

    def _separated_simply(self, spans: list[tuple[int, int]]) -> bool:
        text = self._source.text
        return all(
            re.fullmatch(r", *", text[left[1] : right[0]])
            for left, right in itertools.pairwise(spans)
        )

    @staticmethod
    def _place(names: list[str]) -> int:
        """Return where ``pythonapi`` keeps a sorted list sorted, else the end."""
        for key in (str, str.lower):
            keys = [key(name) for name in names]
            if len(names) > 1 and keys == sorted(keys):
                return sum(one < "pythonapi" for one in keys)
        return len(names)

    def _only_use(self, loader: Binding) -> bool:
        """Tell whether nothing else needs the loader's name."""
        assert isinstance(loader.node, cst.ImportAlias)
        if loader.node.asname is not None and loader.qualified.endswith(f".{loader.name}"):
            return False  # "import X as X" is a re-export (PEP 484)
        if loader.name in self._exported or self._source.name == "__init__.py":
            return False
        if loader.scope.parent is not None and loader.name in self._evaluator.flow.scope.external:
            return False
        words = re.findall(rf"(?<![\w.]){re.escape(loader.name)}(?!\w)", self._code_words())
        return len(loader.readers) == 1 and len(words) <= 2

    def _code_words(self) -> str:
        """Return the text without its comments, in which a name could still be needed."""
        return re.sub(r"#[^\n]*", "", self._source.text)

    # import ctypes

    def _by_module(self, scope: Scope) -> _Way | None:
        """Use a name of the module that means ctypes, or import it."""
        current: Scope | None = scope
        while current is not None:
            if not current.is_class or current is scope:
                for name, bindings in current.bindings.items():
                    if (
                        len(bindings) == 1
                        and bindings[0].how is How.IMPORTED
                        and bindings[0].qualified == "ctypes"
                        and scope.lookup(name) == frozenset(bindings)
                        and self._before(bindings[0], scope)
                    ):
                        return f"{name}.pythonapi", ()
            current = current.parent
        if scope.lookup("ctypes") or "ctypes" in scope.module.bindings:
            return None
        return "ctypes.pythonapi", (self._added_import(),)

    def _before(self, binding: Binding, scope: Scope) -> bool:
        return binding.scope.parent is None or binding.scope is scope

    def _added_import(self) -> Edit:
        """Return the edit that imports ctypes after the docstring and future imports."""
        module = self._evaluator.flow.module
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
        else:
            place = self._positions.span(module.body[0])[0] if module.body else 0
        return self._edit(place, place, f"import ctypes{module.default_newline}")

    def _edit(self, start: int, end: int, new: str) -> Edit:
        return Edit(start, end, self._source.text[start:end], new)
