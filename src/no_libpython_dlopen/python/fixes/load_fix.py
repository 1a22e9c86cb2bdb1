"""The fix of a load: ``ctypes.pythonapi``, a private view of it, or the statement deleted."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from itertools import pairwise

import libcst as cst

from no_libpython_dlopen.model.finding import Applicability, Edit, Fix, Related
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.evaluator.argument_flow import callers
from no_libpython_dlopen.python.evaluator.other_modules import ImportedModule, Place
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.fix_safety import SafetyAnalysis
from no_libpython_dlopen.python.fixes.handlers import decides
from no_libpython_dlopen.python.fixes.importing_modules import ImportingModules
from no_libpython_dlopen.python.fixes.imports.import_edits import ImportEdits
from no_libpython_dlopen.python.fixes.private_view import spell_view
from no_libpython_dlopen.python.fixes.safety import FixSafety
from no_libpython_dlopen.python.fixes.statement_deletion import delete_statement
from no_libpython_dlopen.python.fixes.unused_names import UnusedNames
from no_libpython_dlopen.python.fixes.uses import LibraryUses, exported_names
from no_libpython_dlopen.python.library_loads import LibraryLoad
from no_libpython_dlopen.python.syntax.calls import keywords
from no_libpython_dlopen.python.syntax.parse import descendants
from no_libpython_dlopen.python.syntax.positions import Positions

_GIL = "`ctypes.CDLL` releases the GIL in each call, `pythonapi` keeps it and raises pending errors"
#: What a name gets its value by.
_VALUED = (BindingKind.VALUE, BindingKind.ELEMENT, BindingKind.AUGMENTED, BindingKind.PARAMETER)


class LoadFixer:
    """The fixes of one module's loads."""

    def __init__(
        self, source: Source, evaluator: Evaluator, positions: Positions, loads: list[LibraryLoad]
    ) -> None:
        self._source = source
        self._evaluator = evaluator
        self._positions = positions
        self._library_uses = LibraryUses(evaluator, positions)
        self._analysis = SafetyAnalysis(evaluator, positions, self._library_uses, loads)
        self._importing = ImportingModules(source.path, evaluator, positions, self._library_uses)
        self._exported = exported_names(evaluator)
        self._named: dict[cst.CSTNode, list[cst.CSTNode]] = {}
        self._unused_names = UnusedNames(positions, self._library_uses, self._analysis.effects)
        self._imports = ImportEdits(
            source, evaluator, positions, self._library_uses, self._exported, loads, self._importing
        )

    def fix(self, load: LibraryLoad) -> tuple[bool, Fix | None, str]:
        """Return whether a load's result is used, its fix, and why there is none."""
        if load.opened_at is not None:
            # What that module keeps is in use, whatever becomes of the result.
            return True, None, "another module of the project opens it"
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
            return None, "this loader cannot open the running interpreter"
        if not load.certain or load.argument is None:
            return None, "another library may be meant"
        edit = self._edit(*self._positions.whole(load.argument), "None")
        caveat = "on Windows `dlopen(None)` is the C runtime, which has no Python symbols"
        return Fix(Applicability.UNSAFE, "open the process itself", (edit,), (caveat,)), ""

    def _delete(self, load: LibraryLoad) -> tuple[Fix | None, str]:
        """Return the fix that takes a preload out, and a ``del`` of its name with it."""
        safety = self._analysis.assess(load)
        if safety.blocked_by:
            return None, safety.blocked_by
        if self._asks_whether_it_opens(load.node):
            return None, "the program asks whether the library can be opened"
        uses = self._library_uses
        statement = uses.statement(load.node) or uses.adding_statement(load.node)
        bindings = self._library_uses.bindings(statement) or []
        deletions = [one for each in bindings for one in self._library_uses.deletions(each)]
        edits = [
            delete_statement(self._positions, one)
            for one in (statement, *deletions)
            if one is not None
        ]
        if statement is None or None in edits:
            return None, "it is part of a larger statement"
        caveat = "the preload may be what lets a wrongly linked extension module be imported"
        known = self._with_unused_names(tuple(edit for edit in edits if edit is not None), load)
        if self._is_emptied(statement, known):
            rest = delete_statement(self._positions, statement, is_last=True)
            known = (rest, *known[1:]) if rest is not None else known
        return Fix(Applicability.UNSAFE, "delete the preload", known, (caveat,)), ""

    def _is_emptied(self, statement: cst.CSTNode, edits: tuple[Edit, ...]) -> bool:
        """Return whether edits delete a statement, and all others of its block."""
        line = self._positions.parent(statement)
        block = self._positions.parent(line) if line is not None else None
        return isinstance(block, cst.IndentedBlock) and all(
            any(edit.start <= start < edit.end and not edit.new for edit in edits)
            for start, _ in map(self._positions.span, block.body)
        )

    def _asks_whether_it_opens(self, load: cst.CSTNode) -> bool:
        """Return whether a load that makes no symbols global is in a ``try`` that decides by it."""
        if isinstance(load, cst.Call) and (len(load.args) > 1 or "mode" in keywords(load)):
            return False
        before: cst.CSTNode = load
        for node in self._positions.ancestors(load):
            if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
                return False
            if isinstance(node, cst.Try) and node.body is before and decides(node):
                return True
            before = node
        return False

    def _replace(self, load: LibraryLoad) -> tuple[Fix | None, str]:
        """Return the fix that brings ``ctypes.pythonapi``, itself or as a private view."""
        safety = self._analysis.assess(load)
        if safety.blocked_by:
            return None, safety.blocked_by
        self._importing.check(load, self._analysis.naming_slices(load), self._exported, safety)
        itself = self._use_pythonapi(load, safety)
        view = self._open_view(load, safety) if safety.shared else None
        if view is not None:
            if safety.needs_view or itself is None:
                return view, ""
            if view.applicability is Applicability.UNSAFE:
                return itself, ""  # who accepts a risk gets the simpler one
            return dataclasses.replace(view, alternative=itself), ""
        if itself is None:
            return None, "the names `ctypes` and `pythonapi` mean something else here"
        if self._analysis.effects.binds(load.node):
            return None, "its argument does more than name a library"
        return itself, ""

    def _use_pythonapi(self, load: LibraryLoad, safety: FixSafety) -> Fix | None:
        """Return the fix that puts ``ctypes.pythonapi`` in a load's place."""
        spelling = self._imports.spell_pythonapi(load)
        if spelling is None:
            return None
        text, edits = spelling
        reasons = [*safety.caveats, *safety.shared]
        if self._has_comment(load.node):
            reasons.append("a comment inside the call is lost")
        notes = [*reasons, *([_GIL] if load.library_class == "CDLL" else [])]
        applicability = Applicability.UNSAFE if reasons else Applicability.SAFE
        edit = self._edit(*self._positions.span(load.node), text)
        edits = self._with_unused_names((edit, *edits), load, text)
        return Fix(applicability, "use `ctypes.pythonapi`", edits, tuple(notes))

    def _with_unused_names(
        self, edits: tuple[Edit, ...], load: LibraryLoad, written: str = ""
    ) -> tuple[Edit, ...]:
        """Return the edits of a fix with those that delete the names it leaves unused."""
        more = self._unused_names.edits(load.node, edits, written)
        both = sorted({*edits, *more}, key=lambda edit: (edit.start, edit.end))
        apart = all(one.end <= other.start for one, other in pairwise(both))
        return (*edits, *more) if apart else edits

    def _open_view(self, load: LibraryLoad, safety: FixSafety) -> Fix | None:
        """Return the fix that makes the library a private view of ``ctypes.pythonapi``."""
        spelled = spell_view(load, self._imports, self._positions)
        if spelled is None:
            return None
        applicability = Applicability.UNSAFE if safety.caveats else Applicability.SAFE
        notes = (*safety.caveats, *safety.shared)
        edits = tuple(self._edit(start, end, new) for start, end, new in spelled[0])
        message = "open a private view of `ctypes.pythonapi`"
        return Fix(applicability, message, (*edits, *spelled[1]), notes)

    def _has_comment(self, node: cst.CSTNode) -> bool:
        if "#" not in self._positions.code(node):
            return False
        stack: list[cst.CSTNode] = [node]
        while stack:
            part = stack.pop()
            if isinstance(part, cst.Comment):
                return True
            stack.extend(part.children)
        return False

    def _edit(self, start: int, end: int, new: str) -> Edit:
        """Return an edit whose words do not run into those beside them."""
        text = self._source.text
        if start < end and new:
            before, after = text[start - 1 : start], text[end : end + 1]
            new = f" {new}" if _is_word(before) and _is_word(new[0]) else new
            new = f"{new} " if _is_word(after) and _is_word(new[-1]) else new
        return Edit(start, end, text[start:end], new)

    def related_places(self, load: LibraryLoad) -> tuple[Related, ...]:
        """Return the places that led to the name: where it is set, who passes it."""
        found: list[Related] = []
        if load.opened_at is not None:
            path, start, end = load.opened_at
            found.append(Related("opened here", start, end, path))
        seen: set[cst.CSTNode] = set()
        todo: list[cst.CSTNode] = [load.argument] if load.argument is not None else []
        while todo and len(found) < 5:
            node = todo.pop(0)
            for part in self._named_parts(node):
                if isinstance(part, cst.Attribute):
                    found += self._in_module(part)
                for binding in self._library_uses.name_bindings(part):
                    if binding.node not in seen:
                        seen.add(binding.node)
                        found += self._places_of(binding, seen, todo)
        return tuple(found[:5])

    def _places_of(
        self, binding: Binding, seen: set[cst.CSTNode], todo: list[cst.CSTNode]
    ) -> Iterator[Related]:
        """Yield the places of a binding; the expressions that they lead to are put in ``todo``."""
        kind = binding.kind
        if kind is BindingKind.IMPORTED:
            place = self._place(binding.qualified)
            yield from _elsewhere(binding.qualified.rpartition(".")[2], place)
        if kind not in _VALUED:
            return
        calls = self._calls(binding) if kind is BindingKind.PARAMETER else []
        if binding.value is not None or not calls:
            yield self._related_place(f"`{binding.name}` is assigned here", binding.node)
        if binding.value is not None:
            todo.append(binding.value)
        for call in calls:
            if call not in seen:
                seen.add(call)
                yield self._related_place("called from here", call)
                todo += [argument.value for argument in call.args]

    def _named_parts(self, node: cst.CSTNode) -> list[cst.CSTNode]:
        """Return the names and attributes in an expression."""
        found = self._named.get(node)
        if found is None:
            found = [one for one in descendants(node) if isinstance(one, (cst.Name, cst.Attribute))]
            self._named[node] = found
        return found

    def _place(self, qualified: str) -> Place | None:
        """Return the place in another file of the project where an imported name gets its value."""
        imports = self._evaluator.imports
        return imports.place(qualified) if imports is not None else None

    def _in_module(self, node: cst.Attribute) -> list[Related]:
        """Return the place where an attribute of another module of the project gets its value."""
        name = node.attr.value
        owner = self._evaluator.evaluate(node.value).only
        place = owner.module.place(name) if isinstance(owner, ImportedModule) else None
        return _elsewhere(name, place)

    def _calls(self, binding: Binding) -> list[cst.Call]:
        """Return the calls in the file that give a parameter its value, in their order."""
        calls = [call for call, _, _ in callers(self._evaluator, binding.scope)]
        return sorted(calls, key=self._positions.span)

    def _related_place(self, message: str, node: cst.CSTNode) -> Related:
        start, end = self._positions.span(node)
        first_line_end = self._source.text.find("\n", start, end)
        end = first_line_end if first_line_end > 0 else end
        return Related(message, self._source.locate(start), self._source.locate(end))


def _elsewhere(name: str, place: Place | None) -> list[Related]:
    """Return the place in another file where a name is given its value."""
    if place is None:
        return []
    path, start, end = place
    return [Related(f"`{name}` comes from here", start, end, path)]


def _is_word(letter: str) -> bool:
    return letter == "_" or letter.isalnum()
