"""What undoes a link in a listfile, or the reason why nothing is changed.

An edit is made only where it is right for every target that uses the word, on every
platform, with every CMake that the project allows.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import chain

from no_libpython_dlopen.buildsystems.cmake.arguments import Word
from no_libpython_dlopen.buildsystems.cmake.fixes import deletions, guarded_link
from no_libpython_dlopen.buildsystems.cmake.fixes.mentions import (
    mentions,
    runs_code,
    template_mentions,
)
from no_libpython_dlopen.buildsystems.cmake.fixes.other_uses import OtherUses
from no_libpython_dlopen.buildsystems.cmake.fixes.own_packages import packages_mention
from no_libpython_dlopen.buildsystems.cmake.fixes.package_query import ask_for_module_package
from no_libpython_dlopen.buildsystems.cmake.lexer import Command
from no_libpython_dlopen.buildsystems.cmake.model import Model
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Project
from no_libpython_dlopen.buildsystems.cmake.targets import Find, LinkedWord, Maker, Via
from no_libpython_dlopen.buildsystems.common.link_fact import (
    BY_SOURCES,
    EXPORTED,
    MACOS,
    OTHER_SYSTEM,
    UNCHECKED,
    UNTRIED,
    deletion,
    make_fix,
)
from no_libpython_dlopen.buildsystems.common.link_graph import (
    Blocker,
    LinkGraph,
    LinkUse,
    Reference,
    ReferenceKind,
)
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.model.finding import Edit, Fix

#: The CMake that brought ``Python3::Module``, and the one that split ``Development``.
MODULE_SINCE = (3, 15)
COMPONENT_SINCE = (3, 18)

_VARIABLES = frozenset({ReferenceKind.VARIABLE, ReferenceKind.LEGACY_VARIABLE, ReferenceKind.FOUND})
#: Commands of whose items CMake evaluates the generator expressions.
_TAKING_EXPRESSIONS = frozenset({"target_link_libraries", "swig_link_libraries", "link_libraries"})
_SUPPRESSED = re.compile(r"[^#\n]*#.*(?:noqa|nolibpy)", re.IGNORECASE)
_LOOKUP = re.compile("dynamic_lookup")
#: Commands that give variables values which are not followed.
_COMPUTING = frozenset({"file", "string", "list", "execute_process", "get_property"})
#: Commands that download listfiles and run them (CMake's FetchContent, CPM), and packages whose
#: listfiles find Python by themselves.
_FETCHES = re.compile("fetchcontent_(?:makeavailable|populate)|cpm(?:add|find)package")
_FIND = frozenset({"pybind11", "nanobind"})
#: A linked word that is only a part of a target's name (``Python::``), or a variable.
_PART = re.compile(r"\$\{(\w+)\}|::?\w*|\w+::?|Python3?")


def _other_uses(project: Project, _count: int) -> OtherUses:
    return OtherUses(project.files())


class Fixes:
    """The edits for the references of one listfile."""

    def __init__(self, project: Project, model: Model, graph: LinkGraph[Word]) -> None:
        self.project = project
        self.model = model
        self.graph = graph
        self._components: dict[str, tuple[Edit, ...]] = {}
        self._last: tuple[Command | None, frozenset[str]] = None, frozenset()

    @cached_property
    def _parameters(self) -> dict[str, int]:
        """How many parameters each function of the project has."""
        found: dict[str, int] = {}
        for command in self._commands:
            if command.name in ("function", "macro") and command.arguments:
                name = command.arguments[0].text.lower()
                found[name] = max(found.get(name, 0), len(command.arguments) - 1)
        return found

    @cached_property
    def _commands(self) -> list[Command]:
        return self.project.commands()

    @cached_property
    def _fetches(self) -> bool:
        """Whether listfiles are downloaded that may take what the project found for their own."""
        return any(
            _FETCHES.fullmatch(each.name)
            and any(one.text.lower() not in _FIND for one in each.arguments)
            for each in self._commands
        )

    @cached_property
    def _other_uses(self) -> OtherUses:
        return file_tree.latest(_other_uses, self.project, self.project.count)

    @cached_property
    def _lookups(self) -> list[tuple[Command, set[str]]]:
        """The commands that give macOS's linker flag to something, and their arguments."""
        several = (
            (each, {argument.text for argument in each.arguments}) for each in self._commands
        )
        return [(each, texts) for each, texts in several if any(map(_LOOKUP.search, texts))]

    @cached_property
    def _links_by_place(self) -> dict[tuple[int, str], list[LinkedWord]]:
        """Who links the words of each place."""
        found: dict[tuple[int, str], list[LinkedWord]] = {}
        for linked in self.model.linked:
            found.setdefault((linked.word.start, linked.word.file.path), []).append(linked)
        return found

    @cached_property
    def _movable(self) -> dict[int, list[Word]]:
        """The variables that may move into an ``if``, by the place of the command they are in."""
        found: dict[int, list[Word]] = {}
        for each in self.graph.references():
            if each.first.kind in _VARIABLES and not self.graph.fix_blocker(each):
                word = each.first.written
                found.setdefault(word.command.start, []).append(word)
        return found

    def edit(self, reference: Reference[Word]) -> Fix | str:
        """Return the fix of a reference, or why there is none."""
        fix = self._fix_of_lenient_link(reference)
        if isinstance(fix, str):
            return fix
        if any(map(self.model.is_told_by_sources, {use.target.name for use in reference.uses})):
            fix = make_fix(fix.message, fix.edits, (*fix.caveats, BY_SOURCES))
        if self.model.asks_by_name and not any(edit.new for edit in fix.edits):
            fix = make_fix(fix.message, fix.edits, (*fix.caveats, OTHER_SYSTEM))
        word = reference.first.written
        if any(
            map(self.model.is_passed_on, self._links_by_place.get((word.start, word.file.path), ()))
        ):
            fix = make_fix(fix.message, fix.edits, (*fix.caveats, EXPORTED))
        command = word.command
        name = command.arguments[0].text if command.arguments else ""
        if command.name == "add_library" and self._other_uses.reads_target(name):
            return Blocker.USED.about(name)
        if name in self._other_uses.tested_variables and any(
            edit.new == '""' for edit in fix.edits
        ):
            return self._guarded_at_the_link(reference, name) or Blocker.USED.about(name)
        fix = self._with_other_uses(fix, reference)
        if not reference.is_strict:
            return fix
        edits = fix.edits
        if guarded_link.UNDEFINED not in "".join(edit.new for edit in edits):
            block = guarded_link.leave_undefined(word, self._link_of_call(word))
            if block is None or any(edit.start < block.start <= edit.end for edit in edits):
                return Blocker.STRICT
            edits = (*edits, block)
        return make_fix(fix.message, edits, (*fix.caveats, UNCHECKED))

    def _with_other_uses(self, fix: Fix, reference: Reference[Word]) -> Fix:
        """Return a fix that must be asked for where the project reads what it changes."""
        uses, word = self._other_uses, reference.first.written
        command = word.command
        linked = self._links_by_place.get((word.start, word.file.path), ())
        targets = {use.target.name for use in reference.uses} | {one.target for one in linked}
        read = min(targets) if uses.reads_libraries(targets) else ""
        if not read and command.name in ("set", "list", "string"):
            at = command.name != "set"
            named = command.arguments[at].text if len(command.arguments) > at else ""
            read = named if uses.reads_variable(named) else ""
        return (
            make_fix(fix.message, fix.edits, (*fix.caveats, Blocker.USED.about(read)))
            if read
            else fix
        )

    def _fix_of_lenient_link(self, reference: Reference[Word]) -> Fix | str:
        """Return the fix of a reference on a link line that is not strict."""
        use = reference.first
        complete = all(each.sets_dynamic_lookup for each in reference.uses)
        if use.kind in (ReferenceKind.TARGET, ReferenceKind.VARIABLE):
            outcome = self._counterpart(use, complete)
            if isinstance(outcome, Fix) or use.kind is ReferenceKind.TARGET:
                return outcome  # a target brings the headers, too
            return self._guard_variable(reference) or outcome
        if use.kind is ReferenceKind.PYBIND11:
            return self._replace(use)
        if use.kind is ReferenceKind.PACKAGE:
            caveats = () if complete else (MACOS,)
            return ask_for_module_package(self.project, self.graph, reference, caveats)
        if complete or use.kind in (ReferenceKind.CONFIG, ReferenceKind.FLAG):
            fix = None
            if not complete and self.model.is_built_for_windows(use.target.name):
                fix = self._guard_variable(reference, [use.written])
            return fix or _delete(use.written, () if complete else (MACOS,))
        return self._guard_variable(reference) or Blocker.MACOS

    def _guard_variable(
        self, reference: Reference[Word], flags: list[Word] | None = None
    ) -> Fix | None:
        """Return the move of variables, or of flags, into an ``if`` for those who need them."""
        use, strict = reference.first, reference.is_strict
        command = use.written.command
        words = flags or self._movable.get(command.start)
        lookup = use.sets_dynamic_lookup or self._sets_dynamic_lookup(command)
        if not words:
            return None
        call = self._link_of_call(use.written)
        edits = guarded_link.edits(
            words, self.model.minimum, lookup=lookup, strict=strict, call=call
        )
        message = f"link `{use.written.spelled}` only where the platform needs it"
        return make_fix(message, edits, (UNTRIED,)) if edits else None

    def _guarded_at_the_link(self, reference: Reference[Word], name: str) -> Fix | None:
        """Return the move of a variable that holds nothing else, where one command links it."""
        word = reference.first.written
        linked = self._links_by_place[word.start, word.file.path]
        command = linked[0].command
        spelled = f"${{{name}}}"
        asked = [one for one in command.arguments if one.text == spelled and one.kind != "quoted"]
        if len(asked) != 1 or any(
            one.command is not command or one.file is not word.file for one in linked
        ):
            return None
        (argument,) = asked
        lookup = reference.first.sets_dynamic_lookup or self._sets_dynamic_lookup(command)
        edits = guarded_link.edits(
            [Word(spelled, argument.start, argument.end, True, argument, command, word.file)],
            self.model.minimum,
            lookup=lookup,
            strict=reference.is_strict,
        )
        message = f"link `{spelled}` only where the platform needs it"
        return make_fix(message, edits, (UNTRIED,)) if edits else None

    def _link_of_call(self, word: Word) -> guarded_link.Head | None:
        """Return the command by which a function links the further arguments of a call."""
        at = deletions.position(word)
        if at < self._parameters.get(word.command.name, at + 1):
            return None
        heads = {
            (name, (linked.target, *start[1:]))
            for linked in self._links_by_place[word.start, word.file.path]
            for name, start in [guarded_link.head_of(linked.command, word) or ("", [""])]
            if linked.via is not Via.DIRECTORY
        }
        (name, start), *others = heads or {("", ("",))}
        return None if others or not name or "$" in start[0] else (name, list(start))

    def _sets_dynamic_lookup(self, link: Command) -> bool:
        """Return whether the project gives a target macOS's linker flag itself."""
        names = {argument.text for argument in link.arguments[:1]}
        return any(
            command.name in ("add_link_options", "link_libraries")
            or command.arguments[0].text.startswith("CMAKE_")
            or not names.isdisjoint(texts)
            for command, texts in self._lookups
        )

    def _texts(self, command: Command) -> frozenset[str]:
        """Return the texts of a command's arguments; the words of one command come in a row."""
        if self._last[0] is not command:
            self._last = command, frozenset(argument.text for argument in command.arguments)
        return self._last[1]

    # -- FindPython -----------------------------------------------------------------

    def _counterpart(self, use: LinkUse[Word], complete: bool) -> Fix | str:
        """Return the change of an embedding target or variable of FindPython's."""
        prefix = use.counterpart.partition("::")[0]
        finds = [find for find in self.model.finds if find.prefix == prefix]
        if not prefix:
            return _delete(use.written) if complete else Blocker.HEADERS
        if not finds:
            return _delete(use.written) if complete else Blocker.NOT_FOUND.about(prefix)
        if self.model.minimum < MODULE_SINCE:
            if use.kind is ReferenceKind.TARGET and any(map(_has_module, finds)):
                return self._for_old_cmakes(use)
            return Blocker.OLD_CMAKE.about(prefix) if self.model.minimum else Blocker.NO_MINIMUM
        edits = self._component_edits(prefix, finds)
        if not edits and not any(_has_module(find) for find in finds):
            return Blocker.NO_COMPONENT.about(prefix)
        return self._replace(use, edits)

    def _replace(self, use: LinkUse[Word], edits: tuple[Edit, ...] = ()) -> Fix:
        """Return the change of a word to its counterpart, or its deletion if that is linked."""
        word = use.written
        if use.counterpart in self._texts(word.command):
            found = deletions.without(word)
            if not edits:
                return deletion(word.spelled, found)
            return make_fix(f"delete `{word.spelled}`", (found.edit, *edits))
        edit = Edit(word.start, word.end, word.spelled, use.counterpart)
        return make_fix(f"link `{use.counterpart}`", (edit, *edits))

    def _for_old_cmakes(self, use: LinkUse[Word]) -> Fix | str:
        """Return the change to the counterpart where the CMake that runs has it.

        FindPython's own command for modules links what they need in each CMake that has it.
        """
        word = use.written
        maker = f"{use.counterpart.partition('::')[0]}_add_library".lower()
        makers = {target.command.name for target in self.model.definitions(use.target.name)}
        if makers == {maker}:
            return _delete(word)
        if word.command.name not in _TAKING_EXPRESSIONS or word.spelled != word.text:
            return Blocker.OLD_CMAKE.about(use.counterpart.partition("::")[0])
        new = f"$<IF:$<TARGET_EXISTS:{use.counterpart}>,{use.counterpart},{word.spelled}>"
        edit = Edit(word.start, word.end, word.spelled, new)
        return make_fix(f"link `{use.counterpart}` if the CMake version has it", (edit,))

    def _component_edits(self, prefix: str, finds: list[Find]) -> tuple[Edit, ...]:
        """Return the changes of ``find_package`` that go with those of the links.

        ``Development`` becomes ``Development.Module`` if nothing in the project embeds;
        ``Development.Module`` is added to a lone ``Development.Embed``.
        """
        if prefix not in self._components:
            self._components[prefix] = tuple(self._change_components(prefix, finds))
        return self._components[prefix]

    def _change_components(self, prefix: str, finds: list[Find]) -> Iterator[Edit]:
        current = self.project.current
        if self.model.minimum < COMPONENT_SINCE:
            return
        complete = self.project.complete and not self._fetches
        unused = complete and not self._is_embedded(prefix)
        lacking = not any(_has_module(find) for find in finds)
        places = set()
        for find in finds:
            if find.file is not current or current.in_function(find.command.start):
                continue
            for word in find.components:
                if word.file is not current or word.text != word.spelled or word.start in places:
                    continue
                places.add(word.start)
                if word.text == "Development" and unused and "Development.Module" not in find.names:
                    yield Edit(word.start, word.end, word.text, "Development.Module")
                elif word.text == "Development.Embed" and lacking:
                    new = "Development.Module" + ("" if unused else " Development.Embed")
                    yield Edit(word.start, word.end, word.text, new)

    @cached_property
    def _computed_words(self) -> frozenset[str]:
        """The words in commands that may set variables in ways that are not followed."""
        computing = (each for each in self._commands if each.name in _COMPUTING)
        return frozenset(argument.text for each in computing for argument in each.arguments)

    def _is_computed(self, linked: LinkedWord) -> bool:
        """Return whether the project computes the name of something that is linked."""
        part = _PART.fullmatch(linked.word.text)
        return part is not None and (part[1] is None or part[1] in self._computed_words)

    def _is_embedded(self, prefix: str) -> bool:
        """Return whether anything in the project asks for more than the module's half."""
        fixed = [
            reference.first.span
            for reference in self.graph.references()
            if reference.first.counterpart == f"{prefix}::Module"
            and not self.graph.fix_blocker(reference)
        ]
        current = self.project.current
        if any(_SUPPRESSED.match(current.text, start) for start, _ in fixed):
            return True
        for target in chain.from_iterable(each.values() for each in self.model.targets.values()):
            if target.maker is Maker.FINDPYTHON and target.type != "MODULE":
                return True
        if any(template_mentions(file, prefix) for file in self.project.files()):
            return True
        if any(map(self._is_computed, self.model.linked)) or any(map(runs_code, self._commands)):
            return True
        return packages_mention(self.project, prefix) or any(
            file is not current or not _is_within(fixed, start, end)
            for file in self.project.files()
            for start, end in mentions(file, prefix)
        )


def _is_within(spans: list[tuple[int, int]], start: int, end: int) -> bool:
    """Return whether a place is in one of some sorted spans."""
    at = bisect_right(spans, (start, sys.maxsize)) - 1
    return at >= 0 and end <= spans[at][1]


def _has_module(find: Find) -> bool:
    return bool(find.names & {"Development", "Development.Module"})


def _delete(word: Word, caveats: tuple[str, ...] = ()) -> Fix:
    return deletion(word.spelled, deletions.without(word), caveats)
