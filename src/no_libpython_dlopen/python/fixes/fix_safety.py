"""Safety of the rewrite of a load: safe, unsafe with reasons, or no fix at all.

The table is the project's; the behaviour behind each entry was measured on static and
shared interpreters from 3.9 to 3.13.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import chain

import libcst as cst

from no_libpython_dlopen.knowledge.runtime_functions import (
    ANSWERS_BY_ARGUMENT,
    BLOCKING,
    LIFECYCLE,
    SELF_QUESTIONS,
    STATE_SWITCHES,
    VERSION_QUESTIONS,
)
from no_libpython_dlopen.python.dataflow.bindings import BindingKind
from no_libpython_dlopen.python.evaluator.abstract_values import FROM_CANDIDATES, FROM_PARAMETER
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.fixes.argument_effects import ArgumentEffects
from no_libpython_dlopen.python.fixes.observers import observer
from no_libpython_dlopen.python.fixes.own_version import asks_own_version
from no_libpython_dlopen.python.fixes.private_copies import PrivateCopies
from no_libpython_dlopen.python.fixes.replacements.replaced_names import ReplacedNames
from no_libpython_dlopen.python.fixes.replacements.unfollowed_stores import UnfollowedStores
from no_libpython_dlopen.python.fixes.safety import FixSafety
from no_libpython_dlopen.python.fixes.surroundings import Surroundings
from no_libpython_dlopen.python.fixes.uses import RUNTIME_PREFIXES, LibraryUses, Use
from no_libpython_dlopen.python.library_loads import LibraryLoad
from no_libpython_dlopen.python.syntax.parse import descendants
from no_libpython_dlopen.python.syntax.positions import Positions

#: Modes that are the default on Unix.
_DEFAULT_MODES = frozenset(
    {"ctypes.DEFAULT_MODE", "ctypes.RTLD_LOCAL", "os.RTLD_NOW", "os.RTLD_LAZY", "os.RTLD_LOCAL"}
)
_REPLACES = (
    "it replaces `ctypes.pythonapi` itself; do so on Android only, which needs it, or not at all"
)
_OR = "the alternative after `or` becomes unreachable"
_ELSEWHERE = "the name is imported, and the import may be left unused"
_PRIVATE = "the library may be a private copy that this file makes"
_MOCKED = "this file replaces something that the library's name is computed from, as mocks do"
_VERSION = re.compile(r"libpython(3\.[0-9]+)")
_Slice = tuple[cst.CSTNode, Iterator[cst.CSTNode]]  # an expression, and what it is computed from


class SafetyAnalysis:
    """The fix safety of the loads of one module."""

    def __init__(
        self,
        evaluator: Evaluator,
        positions: Positions,
        uses: LibraryUses,
        loads: list[LibraryLoad],
    ) -> None:
        self._evaluator = evaluator
        self._positions = positions
        self._library_uses = uses
        self._loads = [load for load in loads if not load.foreign]
        self._cached = [load for load in self._loads if _is_cached(load)]
        self._versions = [(load, _versions(load)) for load in self._loads]
        self._has_versions = len({version for _, each in self._versions for version in each}) > 1
        self._surroundings = Surroundings(
            evaluator, positions, uses, {load.node for load in self._loads}
        )
        self.effects = ArgumentEffects(evaluator, positions)
        self._parts: dict[cst.BaseExpression, dict[str, None]] = {}
        self._copies = PrivateCopies(evaluator, positions, uses)
        self._replaced = ReplacedNames(evaluator, positions, uses)
        self._stores = UnfollowedStores(evaluator, positions)

    def assess(self, load: LibraryLoad) -> FixSafety:
        """Return the safety of rewriting a load by ctypes."""
        safety = FixSafety(
            self._uncertainty(load) or (_REPLACES if self._replaced.pythonapi else "")
        )
        if not safety.blocked_by:
            self._surroundings.check(load.node, safety)
        if not safety.blocked_by:
            safety.blocked_by = self._check_uses(load, safety)
        self._check_options(load, safety)
        self._check_argument(load, safety)
        self._check_file(load, safety)
        return safety

    def _uncertainty(self, load: LibraryLoad) -> str:
        flags = load.names.labels
        if flags & FROM_CANDIDATES or (flags & FROM_PARAMETER and len(load.libpython_names) > 1):
            return "several candidates are probed"
        if load.may_be_other:
            return "it is not certain what is called here"
        if flags & FROM_PARAMETER:
            return "the name comes from a caller, who may mean another library"
        if not load.certain:
            return "another library may be meant"
        if not load.is_direct:
            return "the loader is a subclass that does more"
        return ""

    # What is done with it

    def _check_uses(self, load: LibraryLoad, safety: FixSafety) -> str:
        """Note what the uses of a library mean for its fix; return why there is none."""
        uses = self._cached_uses if _is_cached(load) else list(self._library_uses.of(load.node))
        if any(use.does in ("stored", "passed") for use in uses):
            uses = [*uses, *self._elsewhere]
        for use in uses:
            if use.does in ("called", "named"):
                if use.name.startswith(LIFECYCLE):
                    return f"`{use.name}` is called on it: perhaps a second interpreter is meant"
                self._check_function(use, load, safety)
            elif use.does == "probed":
                return "the library is probed afterwards"
            elif use.does == "prototype":
                safety.share(
                    f"`{use.name}` is set on a function, and `pythonapi` is shared by the process"
                )
            elif use.does == "inspected":
                look = safety.unsafe if use.name in ("_handle", "_ctypes.dlclose") else safety.share
                look(f"`{use.name}` inspects the library itself")
            elif use.does == "variable":
                safety.unsafe("a variable of the opened library is used")
            elif use.does == "attribute":
                safety.share("one of its functions is kept or changed")
            else:
                safety.share("the library is passed on or stored")
        self._check_pythonapi(uses, safety)
        named = {use.name for use in uses if use.does in ("called", "named")}
        if self._hidden_question and self._hidden_question not in named:
            safety.unsafe(f"`{self._hidden_question}` may ask the opened library about itself")
        return ""

    @cached_property
    def _hidden_question(self) -> str:
        """A question about itself that the file asks of nothing known; empty for none."""
        several = [*self._replaced.pythonapi_uses]
        for load in self._loads:
            several += self._library_uses.of(load.node)
        known = {use.node for use in several}
        asked: list[tuple[cst.CSTNode, str]] = [
            *((one, one.attr.value) for one in self._positions.nodes(cst.Attribute)),
            *((one, one.value) for one in self._positions.nodes(cst.SimpleString)),
        ]
        for node, word in asked:
            is_text = isinstance(node, cst.SimpleString)
            name = next((one for one in SELF_QUESTIONS if one in word), "")
            if (
                name
                and (is_text or (word == name and self._is_answer_used(node)))
                and not isinstance(self._positions.parent(node), cst.Expr)
                and known.isdisjoint((node, *self._positions.ancestors(node)))
            ):
                return name
        return ""

    @cached_property
    def _cached_uses(self) -> list[Use]:
        """The uses of all libraries that are kept in one place."""
        return self._distinct(
            use for one in self._cached for use in self._library_uses.of(one.node)
        )

    @cached_property
    def _elsewhere(self) -> list[Use]:
        """The likely uses of libraries that went where they are not followed."""
        return self._distinct(self._library_uses.elsewhere())

    def _distinct(self, uses: Iterable[Use]) -> list[Use]:
        """Return the first of the uses that mean the same for a fix."""
        found: dict[tuple[str, str, bool], Use] = {}
        for use in uses:
            found.setdefault((use.does, use.name, self._is_answer_used(use.node)), use)
        return list(found.values())

    def _check_function(self, use: Use, load: LibraryLoad, safety: FixSafety) -> None:
        """Note what a function of the library means for the fix."""
        name = use.name
        answers = name in ANSWERS_BY_ARGUMENT or self._is_answer_used(use.node)
        if name in SELF_QUESTIONS and answers:
            safety.unsafe(f"`{name}` asks the opened library about itself")
        if name in VERSION_QUESTIONS and self._asks_version and self._is_answer_used(use.node):
            safety.unsafe(f"`{name}` may be compared with the version of the running interpreter")
        if load.library_class != "CDLL":
            return
        if name.startswith(BLOCKING):
            safety.share(f"`{name}` may block while the GIL is held", breaks=True)
        elif name.startswith(STATE_SWITCHES):
            safety.share(f"`{name}` leaves `pythonapi` without a thread state", breaks=True)
        elif not name.startswith(RUNTIME_PREFIXES):
            what = (
                f"`{name}` is not a function of the Python API, and"
                if name
                else "an unknown function"
            )
            safety.share(f"{what} may block while the GIL is held", breaks=True)

    @cached_property
    def _asks_version(self) -> bool:
        """Whether the file asks for Python's version for more than the name of a library."""
        naming = {
            id(part)
            for load in self._loads
            for one in self._dropped_expressions(load)
            for part in self._backward_slice(one)
        }
        return asks_own_version(self._evaluator, self._positions, self._library_uses, naming)

    def _check_pythonapi(self, uses: list[Use], safety: FixSafety) -> None:
        """Note what the file does with ``ctypes.pythonapi`` beside the library."""
        others = self._replaced.pythonapi_uses
        asked = {one.name for one in others if self._is_called(one)}
        kept = {(one.does, one.name) for one in others if one.name}
        for use in uses:
            is_asked = use.does in ("called", "named") and use.name and use.name in asked
            if is_asked and self._is_answer_used(use.node):
                safety.unsafe(f"`{use.name}` is called on `ctypes.pythonapi` too, to compare")
            if use.does == "attribute" and ((use.does, use.name) in kept or self._is_taken(use)):
                safety.unsafe(f"`{use.name}` is taken from something else too, to compare")
        if any(one.does not in ("called", "named") for one in others):
            safety.share("the file configures or passes on `ctypes.pythonapi` itself")
            if any(use.does in ("stored", "passed") for use in uses) and any(
                one.does in ("stored", "passed", "variable") for one in others
            ):
                safety.unsafe("it may be compared with `ctypes.pythonapi`")

    def _is_taken(self, use: Use) -> bool:
        """Return whether a function's name is an attribute of something else too."""
        node = use.node
        if not isinstance(node, cst.Attribute) or node.attr.value != use.name:
            return False
        owner = self._positions.code(node.value)
        return any(
            one.attr.value == use.name and self._positions.code(one.value) != owner
            for one in self._positions.nodes(cst.Attribute)
        )

    def _is_called(self, use: Use) -> bool:
        """Return whether a function is called, perhaps by a name of its own."""
        bindings = self._library_uses.bindings(self._positions.parent(use.node)) or ()
        readers = [reader for binding in bindings for reader in binding.readers]
        return use.does == "called" or any(
            isinstance(self._positions.parent(reader), cst.Call) for reader in readers
        )

    def _is_answer_used(self, function: cst.CSTNode) -> bool:
        """Return whether anything is done with what a function of the library returns."""
        parent, around, *_ = self._positions.ancestors(function)
        return not isinstance(parent, cst.Attribute) and not isinstance(around, cst.Expr)

    # What is inside the call

    def _check_argument(self, load: LibraryLoad, safety: FixSafety) -> None:
        for one in self._dropped_expressions(load):
            if isinstance(one, cst.SimpleString):
                continue
            if self.effects.calls_own_code(one):
                safety.share("its argument calls a function of this file")
            elif self.effects.has_effects(one):
                is_repeated = any(
                    isinstance(outer, cst.While) for outer in self._positions.ancestors(one)
                )
                breaks = is_repeated or self.effects.binds(one)
                safety.share("its argument does more than name a library", breaks=breaks)
            elif safety.handled and not self.effects.surely_works(one):
                safety.share("its argument may raise an exception that is handled", breaks=True)
        if load.adds_arguments:
            safety.unsafe("the arguments that `partial` adds would be dropped")
        for unsafe in self._of_parts(load.argument) if load.argument is not None else ():
            safety.unsafe(unsafe)

    def _of_parts(self, node: cst.BaseExpression) -> tuple[str, ...]:
        """Return the reasons against a safe fix in an expression, and in its names' values."""
        found: dict[str, None] = {}
        for part in descendants(node):
            self._note_part(part, found)
            for value in self._stores.sources(part):
                if value not in self._parts:
                    found_there: dict[str, None] = {}
                    for one in self._backward_slice(value):
                        self._note_part(one, found_there)
                    self._parts[value] = found_there
                found.update(self._parts[value])
        return tuple(one for one in (_OR, _ELSEWHERE, _PRIVATE, _MOCKED) if one in found)

    def _note_part(self, part: cst.CSTNode, found: dict[str, None]) -> None:
        if isinstance(part, cst.BooleanOperation):
            found[_OR] = None
        if self._is_from_project(part):
            found[_ELSEWHERE] = None
        if self._copies.names(part):
            found[_PRIVATE] = None
        if self._stores.reach(part):
            found[_MOCKED] = None

    def _dropped_expressions(self, load: LibraryLoad) -> list[cst.BaseExpression]:
        """Return the expressions that are evaluated for the call, and no more after a rewrite."""
        node = load.node
        if isinstance(node, cst.Call):
            return [argument.value for argument in node.args]
        parts = node.slice if isinstance(node, cst.Subscript) else ()
        return [one.slice.value for one in parts if isinstance(one.slice, cst.Index)]

    def _backward_slice(self, node: cst.BaseExpression) -> Iterator[cst.CSTNode]:
        """Yield all parts of an expression, and of those that they are computed from."""
        todo: list[cst.BaseExpression] = [node]
        seen: set[cst.CSTNode] = {node}
        while todo:
            for part in descendants(todo.pop()):
                yield part
                new = [one for one in self._stores.sources(part) if one not in seen]
                seen.update(new)
                todo += new

    def naming_slices(self, load: LibraryLoad) -> Iterator[_Slice]:
        """Yield a load, and what the library's name is computed from, each with all its parts."""
        yield load.node, descendants(load.node)
        for part in chain.from_iterable(map(descendants, self._dropped_expressions(load))):
            for one in self._stores.sources(part):
                yield one, self._backward_slice(one)

    def _is_from_project(self, part: cst.CSTNode) -> bool:
        """Return whether a name is imported from another module of the project."""
        imports = self._evaluator.imports
        return imports is not None and any(
            binding.kind is BindingKind.IMPORTED and imports.value(binding.qualified) is not None
            for binding in self._library_uses.name_bindings(part)
        )

    def _check_options(self, load: LibraryLoad, safety: FixSafety) -> None:
        node = load.node
        if not isinstance(node, cst.Call) or self._evaluator.qualified_name(node.func) == "getattr":
            return
        positional = 0
        for argument in node.args:
            keyword = argument.keyword.value if argument.keyword is not None else ""
            positional += not keyword
            if argument.star:
                safety.unsafe("further arguments would be dropped")
            elif keyword == "mode" or (not keyword and positional == 2):
                if self._evaluator.qualified_name(argument.value) not in _DEFAULT_MODES:
                    safety.unsafe("`mode` would be dropped: other code may rely on global symbols")
            elif keyword not in ("", "name", "handle") or positional > 3:
                safety.share(
                    f"`pythonapi` has no `{keyword}`" if keyword else "`pythonapi` has no options"
                )

    # What else the file does

    def _check_file(self, load: LibraryLoad, safety: FixSafety) -> None:
        if self._observer:
            safety.unsafe(self._observer)
        loader = self._replaced.loader
        if loader:
            safety.unsafe(f"`{loader}` is replaced in this file, as a mock does")
        elif self._replaced.is_given:
            safety.unsafe("`ctypes` is given to a function that may replace its loaders")
        elif self._replaced.unknown_code:
            safety.unsafe(f"`{self._replaced.unknown_code}` runs code that may replace names")
        elif self._replaced.is_starred:
            safety.unsafe("a star import may replace `ctypes`")
        kept = self._replaced.kept_loader(load.node)
        if kept:
            safety.unsafe(f"other code may put something else in the place of `{kept}`")
        mine = _versions(load)
        for other, theirs in self._versions if mine and self._has_versions else ():
            if theirs and mine != theirs and not self._excludes(load, other):
                safety.unsafe("the file opens another version of libpython too")
                break

    @cached_property
    def _observer(self) -> str:
        return observer(self._positions)

    def _excludes(self, one: LibraryLoad, other: LibraryLoad) -> bool:
        """Return whether Python's version decides which of two loads is made."""
        reached_if = self._evaluator.dataflow.path_conditions
        outcomes = dict(reached_if[one.node])
        return any(
            outcomes.get(test, outcome) is not outcome and "version" in self._positions.code(test)
            for test, outcome in reached_if[other.node]
        )


def _is_cached(load: LibraryLoad) -> bool:
    """Return whether ``ctypes.cdll`` keeps what is opened, and gives it to whoever asks again."""
    return load.loader.endswith(("[]", ".__getattr__", ".__getitem__"))


def _versions(load: LibraryLoad) -> set[str]:
    """Return the versions that the names of a load spell out."""
    return {found[1] for name in load.libpython_names if (found := _VERSION.search(name))}
