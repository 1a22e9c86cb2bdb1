"""Finds local names that nothing reads once a load is gone, and makes the edits that delete them.

``name = "libpython3.11.so"`` in a function is dead code when ``ctypes.PyDLL(name)`` has
become ``ctypes.pythonapi``, and linters report it (F841); ``import sysconfig`` there as well
(F401). Only what is certain is deleted: each binding of the name is a plain assignment of an
expression without effects, or the import of a module whose import does nothing else, and the
name occurs nowhere else in its function, but as a variable of a scope inside. What has a comment for people stays. Names of modules and classes
stay: others may read them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import libcst as cst
from libcst.helpers import get_full_name_for_node

from no_libpython_dlopen.model.finding import Edit
from no_libpython_dlopen.python.dataflow.bindings import Binding, BindingKind
from no_libpython_dlopen.python.fixes.argument_effects import ArgumentEffects
from no_libpython_dlopen.python.fixes.imports.import_list import NameList
from no_libpython_dlopen.python.fixes.observers import reads_frames
from no_libpython_dlopen.python.fixes.statement_deletion import (
    delete_statement,
    join_deletions,
    without_blank_lines,
)
from no_libpython_dlopen.python.fixes.uses import LibraryUses
from no_libpython_dlopen.python.fixes.visibility import InnerScopes
from no_libpython_dlopen.python.syntax.comments import comments
from no_libpython_dlopen.python.syntax.parse import descendants
from no_libpython_dlopen.python.syntax.positions import Positions

#: Functions that see local variables without naming them.
_SEE_ALL = frozenset(
    {"locals", "vars", "eval", "exec", "dir", "globals", "_getframe", "frame"}
    | {"currentframe", "stack", "f_locals"}
)
#: Modules that every Python has, and whose import does nothing that code elsewhere could miss.
_HARMLESS_MODULES = frozenset(
    {"ctypes", "fnmatch", "functools", "glob", "itertools", "operator", "os"}
    | {"os.path", "pathlib", "platform", "posixpath", "re", "shutil", "string", "struct"}
    | {"subprocess", "sys", "sysconfig", "textwrap"}
)
#: Once any code has imported one of these, all code that has their package can read it.
_SUBMODULES = frozenset({"ctypes.macholib", "ctypes.util", "ctypes.wintypes"})

#: Comments that only tell a tool what to do with the line.
_FOR_TOOLS = re.compile(r"#\s*(?:noqa|nolibpy:|type:|pyright:|pylint:|ruff:|mypy:|pragma:|nosec)")


class UnusedNames:
    """The local names of one module that a fix leaves unused."""

    def __init__(self, positions: Positions, uses: LibraryUses, effects: ArgumentEffects) -> None:
        self._positions = positions
        self._uses = uses
        self._effects = effects
        self._inner_scopes = InnerScopes(positions)
        #: The edits of the fix at hand, and the name that its new text reads.
        self._fix: tuple[Edit, ...] = ()
        self._written = ""

    def edits(
        self, load: cst.CSTNode, fix: tuple[Edit, ...], written: str = ""
    ) -> tuple[Edit, ...]:
        """Return the edits that delete what only a deleted expression has read.

        ``fix`` are the edits that delete it, and ``written`` is the text that they put there.
        """
        self._fix, self._written = fix, written.partition(".")[0]
        doomed: list[cst.CSTNode] = []
        while not self._is_watched:
            conditionals = self._dead_conditionals(doomed)
            gone = [load, *doomed, *conditionals]
            candidates = self._candidates(gone)
            found = next((each for each in candidates if self._is_dead(each, gone)), None)
            if found is None:
                return self._deletions(doomed, conditionals)
            doomed += [binding.node for binding in self._assignments(found)]
        return ()

    @cached_property
    def _is_watched(self) -> bool:
        return reads_frames(self._positions)

    def _deletions(self, doomed: list[cst.CSTNode], conditionals: list[cst.If]) -> tuple[Edit, ...]:
        """Return the edits that delete statements; none where a block would be empty."""
        inside = {id(part) for one in conditionals for part in descendants(one)}
        statements = [one for one in self._statements(doomed) if id(one) not in inside]
        edits = [self._delete_conditional(one) for one in conditionals]
        edits += [delete_statement(self._positions, one) for one in statements]
        going = {id(one) for one in (*statements, *conditionals)}
        blocks = [
            self._positions.parent(one if isinstance(one, cst.If) else self._line(one))
            for one in (*statements, *conditionals)
        ]
        if any(isinstance(one, cst.IndentedBlock) and _is_emptied(one, going) for one in blocks):
            return ()
        known = tuple(edit for edit in edits if edit is not None and not edit.new)
        if len(known) < len(edits):
            return ()
        known = join_deletions(self._positions.text, known)
        return (*known, *self._from_lists([one for one in doomed if id(one) not in inside]))

    def _statements(self, doomed: Iterable[cst.CSTNode]) -> list[cst.CSTNode]:
        """Return the statements of which nothing is left, once each."""
        found: dict[cst.CSTNode, None] = {}
        going = set(map(id, doomed))
        for one in doomed:
            if isinstance(one, cst.ImportAlias):
                statement = self._line(one)
                if all(id(alias) in going for alias in self._names(statement)):
                    found[statement] = None
            else:
                found[one] = None
        return list(found)

    def _from_lists(self, doomed: list[cst.CSTNode]) -> Iterator[Edit]:
        """Yield the edits that remove names from imports that keep others."""
        going = set(map(id, doomed))
        aliases = [one for one in doomed if isinstance(one, cst.ImportAlias)]
        for statement in dict.fromkeys(map(self._line, aliases)):
            names = self._names(statement)
            left = [alias for alias in names if id(alias) not in going]
            if left:
                spans = [self._positions.span(alias) for alias in names]
                end = self._positions.span(statement)[1]
                edit = NameList(self._positions.text, names, spans, end).keep(left)
                if edit is not None:
                    yield edit

    @staticmethod
    def _names(statement: cst.CSTNode) -> Sequence[cst.ImportAlias]:
        """Return the names that an import brings, none for a star."""
        if isinstance(statement, (cst.Import, cst.ImportFrom)):
            return () if isinstance(statement.names, cst.ImportStar) else statement.names
        return ()

    def _line(self, small: cst.CSTNode) -> cst.CSTNode:
        line = self._positions.parent(small)
        assert line is not None
        return line

    def _dead_conditionals(self, doomed: list[cst.CSTNode]) -> list[cst.If]:
        """Return the conditionals of which nothing would be left, in which nothing else happens."""
        statements = self._statements(doomed)
        going = set(map(id, statements))
        owners = {id(owner): owner for one in statements if (owner := self._conditional_of(one))}
        return [one for one in owners.values() if self._is_dead_conditional(one, going)]

    def _conditional_of(self, small: cst.CSTNode) -> cst.If | None:
        """Return the conditional that has a statement in one of its branches, with all of them."""
        block = self._positions.parent(self._line(small))
        if not isinstance(block, cst.IndentedBlock):
            return None
        owner = self._positions.parent(block)
        while owner is not None:
            outer = self._positions.parent(owner)
            if getattr(outer, "orelse", None) is not owner:
                break
            owner = outer
        return owner if isinstance(owner, cst.If) else None

    def _is_dead_conditional(self, node: cst.If, going: set[int]) -> bool:
        part: cst.If | cst.Else | None = node
        while part is not None:
            if isinstance(part, cst.If) and (
                self._effects.has_effects(part.test) or self._effects.may_fail(part.test)
            ):
                return False
            if not isinstance(part.body, cst.IndentedBlock) or not _is_emptied(part.body, going):
                return False
            part = part.orelse if isinstance(part, cst.If) else None
        return True

    def _delete_conditional(self, node: cst.If) -> Edit | None:
        """Return the edit that deletes a conditional's lines; ``None`` if a comment is there."""
        text = self._positions.text
        start = text.rfind("\n", 0, self._positions.span(node)[0]) + 1
        last = [part for part in descendants(node) if isinstance(part, cst.BaseSmallStatement)][-1]
        line_end = text.find("\n", self._positions.span(last)[1])
        end = len(text) if line_end < 0 else line_end + 1
        if "#" in text[start:end]:
            return None
        start, end = without_blank_lines(text, start, end)
        return Edit(start, end, text[start:end], "")

    def _candidates(self, gone: list[cst.CSTNode]) -> list[Binding]:
        """Return the bindings of names that are read in what goes away, and that stay."""
        found = [
            binding
            for node in gone
            for part in descendants(node)
            for binding in self._uses.name_bindings(part)
        ]
        return [
            binding
            for binding in found
            if binding.node not in gone
            and binding.name != self._written
            and not isinstance(binding.node, cst.CompFor)
        ]

    def _assignments(self, binding: Binding) -> list[Binding]:
        """Return the bindings of a name, without those that comprehensions have for themselves."""
        every = binding.scope.bindings[binding.name]
        return [one for one in every if not isinstance(one.node, cst.CompFor)]

    def _is_dead(self, binding: Binding, gone: list[cst.CSTNode]) -> bool:
        """Return whether all assignments of a local variable can be deleted."""
        function = binding.scope.node
        if not isinstance(function, cst.FunctionDef):
            return False
        if any(map(self._has_comment, self._assignments(binding))):
            return False
        kept = {id(part) for node in gone for part in descendants(node)}
        for one in self._assignments(binding):
            if self._is_plain(one):
                kept.add(id(self._target(one.node)))
            elif self._is_harmless_import(one):
                kept |= {id(part) for part in descendants(one.node)}
            else:
                return False
        return not any(
            self._is_in_annotation(part, binding.name)
            if isinstance(part, cst.SimpleString)
            else isinstance(part, cst.Name)
            and (
                part.value in _SEE_ALL
                or (
                    part.value == binding.name
                    and id(part) not in kept
                    and not self._is_other_name(part)
                    and not self._inner_scopes.hide(part, function)
                )
            )
            for part in descendants(function)
        )

    def _has_comment(self, binding: Binding) -> bool:
        """Return whether a statement has a comment for people, inside or at its end."""
        node, text = binding.node, self._positions.text
        start, end = self._positions.span(
            self._line(node) if isinstance(node, cst.ImportAlias) else node
        )
        end = text.find("\n", end) if "\n" in text[end:] else len(text)
        return any(start <= one < end for one in self._comments)

    @cached_property
    def _comments(self) -> list[int]:
        """Where comments begin that say more than what a tool has to do with the line."""
        text = self._positions.text
        return [start for start, _ in comments(text) if not _FOR_TOOLS.match(text, start)]

    def _is_in_annotation(self, text: cst.SimpleString, name: str) -> bool:
        """Return whether a text is an annotation, or part of one, that may hold a name."""
        ancestors = self._positions.ancestors(text)
        return name in text.value and any(isinstance(one, cst.Annotation) for one in ancestors)

    def _is_plain(self, binding: Binding) -> bool:
        """Return whether a binding is `name = value`, and the value only computes."""
        return (
            binding.kind is BindingKind.VALUE
            and not binding.path
            and binding.value is not None
            and isinstance(self._target(binding.node), cst.Name)
            and not self._effects.has_effects(binding.value)
            and not self._effects.may_fail(binding.value)
        )

    def _is_harmless_import(self, binding: Binding) -> bool:
        """Return whether an import only binds a name, and the fix does not edit it."""
        alias = binding.node
        if binding.kind is not BindingKind.IMPORTED or not isinstance(alias, cst.ImportAlias):
            return False
        statement = self._line(alias)
        module = alias.evaluated_name
        if isinstance(statement, cst.ImportFrom):
            package = get_full_name_for_node(statement.module) or "" if statement.module else ""
            whole = f"{package}.{module}"  # the name of a module, perhaps
            if statement.relative or whole in _SUBMODULES:
                return False
            module = whole if whole in _HARMLESS_MODULES else package
        start, end = self._positions.span(statement)
        return module in _HARMLESS_MODULES and not any(
            edit.start < end and start < edit.end for edit in self._fix
        )

    def _is_in_import(self, part: cst.CSTNode) -> bool:
        return any(
            isinstance(one, (cst.Import, cst.ImportFrom)) for one in self._positions.ancestors(part)
        )

    @staticmethod
    def _target(node: cst.CSTNode) -> cst.BaseExpression | None:
        """Return the target of an assignment that has only one."""
        if isinstance(node, cst.AnnAssign):
            return node.target
        if isinstance(node, cst.Assign) and len(node.targets) == 1:
            return node.targets[0].target
        return None

    def _is_other_name(self, part: cst.Name) -> bool:
        """Return whether a word is an attribute, a keyword or a module of that name."""
        parent = self._positions.parent(part)
        if self._is_in_import(part):
            return not isinstance(parent, cst.ImportAlias) and not isinstance(parent, cst.AsName)
        return (isinstance(parent, cst.Attribute) and parent.attr is part) or (
            isinstance(parent, cst.Arg) and parent.keyword is part
        )


def _is_emptied(block: cst.IndentedBlock, going: set[int]) -> bool:
    """Return whether all statements of a block go."""
    return all(
        id(line) in going
        or (
            isinstance(line, cst.SimpleStatementLine)
            and all(id(small) in going for small in line.body)
        )
        for line in block.body
    )
