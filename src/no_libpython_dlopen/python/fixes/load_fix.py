"""The fix of a load: ``ctypes.pythonapi`` in its place, or the statement deleted."""

from __future__ import annotations

import libcst as cst

from no_libpython_dlopen.model.finding import Applicability, Edit, Fix, Related
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.evaluator.argument_flow import callers
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.fix_safety import SafetyAnalysis
from no_libpython_dlopen.python.fixes.import_edits import ImportEdits
from no_libpython_dlopen.python.fixes.statement_deletion import delete_statement
from no_libpython_dlopen.python.fixes.uses import LibraryUses, exported_names
from no_libpython_dlopen.python.library_loads import LibraryLoad
from no_libpython_dlopen.python.syntax.positions import Positions

_GIL = "`ctypes.CDLL` releases the GIL in each call, `pythonapi` keeps it and raises pending errors"


class LoadFixer:
    """The fixes of one module's loads."""

    def __init__(
        self,
        source: Source,
        evaluator: Evaluator,
        positions: Positions,
        loads: list[LibraryLoad],
    ) -> None:
        self._source = source
        self._evaluator = evaluator
        self._positions = positions
        self._library_uses = LibraryUses(evaluator, positions)
        self._analysis = SafetyAnalysis(evaluator, positions, self._library_uses, loads)
        self._exported = exported_names(evaluator)
        self._imports = ImportEdits(source, evaluator, positions, self._exported, loads)

    def fix(self, load: LibraryLoad) -> tuple[bool, Fix | None, str]:
        """Return whether a load's result is used, its fix, and why there is none."""
        used = load.initialises_self or self._library_uses.is_read(load.node, self._exported)
        if load.foreign:
            fix, reason = self._foreign(load)
        elif not used:
            fix, reason = self._delete(load)
        else:
            fix, reason = self._replace(load)
        return used, fix, reason

    def _foreign(self, load: LibraryLoad) -> tuple[Fix | None, str]:
        if load.library_class != "cffi":
            return None, "this loader cannot give the running interpreter"
        if not load.certain or load.argument is None:
            return None, "another library may be meant"
        edit = self._edit(*self._positions.whole(load.argument), "None")
        caveat = "on Windows `dlopen(None)` is the C runtime, which has no Python symbols"
        return Fix(Applicability.UNSAFE, "open the process itself", (edit,), (caveat,)), ""

    def _delete(self, load: LibraryLoad) -> tuple[Fix | None, str]:
        """Return the fix that takes a preload out."""
        safety = self._analysis.assess(load, self._exported)
        if safety.blocked_by:
            return None, safety.blocked_by
        small = self._library_uses.statement(load.node)
        edit = delete_statement(self._positions, small) if small is not None else None
        if edit is None:
            return None, "it is a part of something else"
        caveat = "the preload may be what lets a wrongly linked extension module be imported"
        return Fix(Applicability.UNSAFE, "delete the preload", (edit,), (caveat,)), ""

    def _replace(self, load: LibraryLoad) -> tuple[Fix | None, str]:
        """Return the fix that puts ``ctypes.pythonapi`` in a load's place."""
        safety = self._analysis.assess(load, self._exported)
        if safety.blocked_by:
            return None, safety.blocked_by
        spelling = self._imports.spell_pythonapi(load)
        if spelling is None:
            return None, "the names `ctypes` and `pythonapi` mean something else here"
        text, edits = spelling
        start, end = self._positions.span(load.node)
        edits = (self._edit(start, end, text), *edits)
        caveats = [*safety.caveats, *([_GIL] if load.library_class == "CDLL" else [])]
        applicability = Applicability.UNSAFE if safety.caveats else Applicability.SAFE
        return Fix(applicability, "use `ctypes.pythonapi`", edits, tuple(caveats)), ""

    def _edit(self, start: int, end: int, new: str) -> Edit:
        return Edit(start, end, self._source.text[start:end], new)

    def related(self, load: LibraryLoad) -> tuple[Related, ...]:
        """Return the places that led to the name: where it is set, who passes it."""
        found: list[Related] = []
        seen: set[cst.CSTNode] = set()
        todo: list[cst.CSTNode] = [load.argument] if load.argument is not None else []
        while todo and len(found) < 5:
            node = todo.pop(0)
            for part in (node, *self._inner_names(node)):
                for binding in self._bindings(part):
                    if binding.node in seen or binding.kind is BindingKind.IMPORTED:
                        continue
                    seen.add(binding.node)
                    if binding.kind not in (
                        BindingKind.VALUE,
                        BindingKind.ELEMENT,
                        BindingKind.AUGMENTED,
                        BindingKind.PARAMETER,
                    ):
                        continue
                    calls = self._calls(binding) if binding.kind is BindingKind.PARAMETER else []
                    if binding.value is not None or not calls:
                        found.append(
                            self._related(f"`{binding.name}` is assigned here", binding.node)
                        )
                    if binding.value is not None:
                        todo.append(binding.value)
                    for call in calls:
                        if call not in seen:
                            seen.add(call)
                            found.append(self._related("called from here", call))
                            todo += [argument.value for argument in call.args]
        return tuple(found[:5])

    def _calls(self, binding: Binding) -> list[cst.Call]:
        """Return the calls in the file that give a parameter its value, in their order."""
        calls = [call for call, _, _ in callers(self._evaluator, binding.scope)]
        return sorted(calls, key=self._positions.span)

    def _inner_names(self, node: cst.CSTNode) -> list[cst.CSTNode]:
        from no_libpython_dlopen.python.syntax.parse import descendants

        return [
            part for part in descendants(node) if isinstance(part, cst.Name) and part is not node
        ]

    def _bindings(self, node: cst.CSTNode) -> list[Binding]:
        flow = self._evaluator.dataflow
        if not isinstance(node, cst.Name):
            return []
        found = flow.uses.get(node)
        if found is None and node in flow.free_names:
            found = flow.free_names[node].lookup(node.value)
        return sorted(found or (), key=lambda one: self._positions.span(one.node))

    def _related(self, message: str, node: cst.CSTNode) -> Related:
        start, end = self._positions.span(node)
        first_line_end = self._source.text.find("\n", start, end)
        end = first_line_end if first_line_end > 0 else end
        return Related(message, self._source.locate(start), self._source.locate(end))
