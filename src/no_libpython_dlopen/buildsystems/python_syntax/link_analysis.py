"""Turns what reaches the link line of an extension module into ``Link`` facts.

The languages in Python's syntax say which expressions are given to the linker
(sinks); here the words among them that mean libpython are found and traced back to where
they are written, and the edit that deletes them is made where nothing else depends on them.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import libcst as cst

from no_libpython_dlopen.buildsystems.common import strict_flags
from no_libpython_dlopen.buildsystems.common.deletions import Deletion, Span, part_of_flag
from no_libpython_dlopen.buildsystems.common.host_kind import HostKind
from no_libpython_dlopen.buildsystems.common.link_fact import (
    EXPECTED,
    OTHER_SYSTEM,
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
from no_libpython_dlopen.buildsystems.common.project_flags import forbids_undefined
from no_libpython_dlopen.buildsystems.python_syntax import deletions
from no_libpython_dlopen.buildsystems.python_syntax.backward_slice import BackwardSlice
from no_libpython_dlopen.buildsystems.python_syntax.embedding_flags import (
    Contributions,
    EmbeddingWord,
    EmbeddingWords,
)
from no_libpython_dlopen.buildsystems.python_syntax.script_model import Script
from no_libpython_dlopen.buildsystems.python_syntax.sinks import (
    Hit,
    ListKind,
    Shape,
    Sink,
    is_whole_flag,
    until_cut,
)
from no_libpython_dlopen.buildsystems.python_syntax.string_origins import StringOrigins, Word
from no_libpython_dlopen.buildsystems.python_syntax.uses.lost_effects import lost_effects
from no_libpython_dlopen.buildsystems.python_syntax.uses.other_uses import OtherUses
from no_libpython_dlopen.buildsystems.python_syntax.uses.uses_by_name import UsesByName
from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.knowledge.target_platforms import LINUX
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Edit, Fix
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.dataflow.bindings import BindingKind
from no_libpython_dlopen.python.library_loads import note_cuts
from no_libpython_dlopen.python.syntax.parse import descendants
from no_libpython_dlopen.python.syntax.positions import Positions

#: Items whose words are read from the code itself, so that no limit of a value cuts them.
_WRITTEN = (cst.SimpleString, cst.ConcatenatedString)


class _Items(NamedTuple):
    """The items of a list, and the texts that are taken out of it.

    ``found`` are the words that lists like it have; it ``joins`` if it shares items with one.
    """

    items: dict[cst.BaseExpression, Shape]
    removed: frozenset[str]
    found: set[str]
    joins: bool


class LinkAnalysis:
    """Makes the links of one file."""

    def __init__(self, source: Source, script: Script, positions: Callable[[], Positions]) -> None:
        self._make_positions = positions
        self._evaluator = script.evaluator
        self._script = script
        self._contributions = Contributions(script)
        self._graph: LinkGraph[Hit | EmbeddingWord] = LinkGraph(source)
        self.spans: set[Span] = set()
        self._added: set[tuple[Span, HostKind]] = set()
        self._links: list[cst.CSTNode | None] = []
        #: Links that Unix may not have: the script's question about the system is not understood.
        self._uncertain: frozenset[Span] = frozenset()
        self._slices: dict[Hashable, tuple[BackwardSlice, set[str]]] = {}

    @cached_property
    def positions(self) -> Positions:
        """Where the nodes are; made for files in which something is found."""
        return self._make_positions()

    @cached_property
    def _string_origins(self) -> StringOrigins:
        return StringOrigins(self._evaluator, self.positions)

    @cached_property
    def _other_uses(self) -> OtherUses:
        return OtherUses(self._script, self.positions)

    def links(self, others: AbstractSet[Span], uncertain: AbstractSet[Span]) -> list[Link]:
        """Return the links that were found, in the order of the text.

        Those of ``others`` are other systems', of which those that are ``uncertain`` are shown.
        """
        self._graph.remove(others - uncertain)
        self._uncertain = frozenset(uncertain)
        return list(self._graph.links(self._edit))

    def find(self, sinks: Iterable[Sink], *, commands: bool) -> None:
        """Find the links that the sinks make; ``commands`` may print flags."""
        slices = [(sink, self._slice(sink)) for sink in until_cut(sinks)]
        self._links += (sink.at for sink, _ in slices)
        asked_for = EmbeddingWords(self._script, self._contributions)
        asking = [
            (sink, list(asked_for.literals(sink, found.items)))
            for sink, found in slices
            if commands
        ]
        for sink, found in slices:
            if any(map(self._may_name_libpython, found.items)):
                for hit in self._hits(sink, found):
                    sysconfig = self._contributions.asks_sysconfig(hit.origin)
                    kind = ReferenceKind.SYSCONFIG if sysconfig else ReferenceKind.FLAG
                    kind = ReferenceKind.LABEL if sink.kind is ListKind.LABELS else kind
                    via = None if sink.at is None else self.positions.span(sink.at)
                    self._add(self._span(hit), kind, sink, hit, via)
        for sink, literals in asking:
            for literal in literals:
                for word in asked_for.words(literal, self.positions):
                    self._add(word.span, word.kind, sink, word, None)

    def _slice(self, sink: Sink) -> _Items:
        """Return the items of a sink, without those that one like it had before."""
        like = (sink.kind, sink.shape, sink.host_kind) if not self._script.removals else sink
        if like not in self._slices:
            self._slices[like] = BackwardSlice(self._script), set()
        backward, found = self._slices[like]
        backward.run(sink.node, sink.shape, sink.key)
        return _Items(backward.items, backward.removed, found, backward.joins)

    def _add(
        self,
        span: Span,
        kind: ReferenceKind,
        sink: Sink,
        written: Hit | EmbeddingWord,
        via: Span | None,
    ) -> None:
        """Add a link; of the sinks that reach one place, the first is reported."""
        if (span, sink.host_kind) in self._added:
            return
        self._added.add((span, sink.host_kind))
        self.spans.add(span)
        blockers = () if sink.blocker is None else (sink.blocker,)
        use = LinkUse(span, kind, sink.linked, LINUX, written, via=via, blockers=blockers)
        self._graph.add(replace(use, may_host=sink.host_kind is HostKind.POSSIBLE))

    # What names libpython

    def _may_name_libpython(self, item: cst.BaseExpression) -> bool:
        """Return whether an item could name libpython, before anybody needs to know where."""
        if not isinstance(item, _WRITTEN):
            note_cuts(self._evaluator.evaluate(item))
        if any("py" in text.lower() for text in self._script.texts(item)):
            return True
        return any(
            "py" in part.value.lower()
            for part in descendants(item)
            if isinstance(part, (cst.SimpleString, cst.FormattedStringText))
        )

    def _hits(self, sink: Sink, given: _Items) -> Iterator[Hit]:
        """Yield the references to libpython; a word of a named part where the part is written."""
        unplaced: list[tuple[Hit, str]] = []
        found: set[str] = set()
        for item, shape in given.items.items():
            if not self._may_name_libpython(item):
                continue
            for hit in self._in_item(sink, given.removed, item, shape):
                if hit.word is None:
                    found.update(self._script.texts(hit.item))
                elif hit.word.span is None:
                    unplaced.append((hit, hit.word.text))
                    continue
                else:
                    found.add(hit.word.text)
                yield hit
        given.found.update(found)
        found = given.found if given.joins else found
        yield from (hit for hit, text in unplaced if text not in found)

    def _in_item(
        self, sink: Sink, removed: frozenset[str], item: cst.BaseExpression, shape: Shape
    ) -> Iterator[Hit]:
        listed = self._spread(item, sink.kind)
        if listed:
            for origin in listed:
                yield Hit(sink, origin, origin)
            return
        values = self._evaluator.evaluate(item)
        before = self._item_before(item) if sink.kind is ListKind.FLAGS else None
        option = self._script.text(before) or "" if before is not None else ""
        flag = before if option == "-l" else None
        kind = ListKind.LIBRARIES if flag is not None else sink.kind
        hits = [
            text
            for text in self._script.texts(item)
            if text not in removed
            and kind.names_libpython(text.strip())
            and (flag is not None or not libpython_names.is_value(option, text.strip()))
        ]
        if shape is Shape.ITEM and hits:
            rest = [one for one in values.alternatives if one not in hits and one not in ("", None)]
            certain = values.exhaustive and not rest
            for origin in self._origins(item, kind):
                yield Hit(sink, item, origin, None, flag, certain)
            return
        if sink.kind is ListKind.LIBRARIES and shape is Shape.ITEM:
            return
        for word in self._flags(item, sink.kind, option):
            yield Hit(sink, item, item, word)

    def _spread(self, item: cst.BaseExpression, kind: ListKind) -> list[cst.BaseExpression]:
        """Return the origin of libpython's name in ``"-l" + name for name in names``."""
        comprehension = self.positions.parent(item)
        if kind is not ListKind.FLAGS or not isinstance(
            comprehension, (cst.ListComp, cst.GeneratorExp, cst.SetComp)
        ):
            return []
        found = []
        if comprehension.elt is item and self._may_be_libpython(item, kind):
            backward = BackwardSlice(self._script)
            backward.run(comprehension.for_in.iter, Shape.LIST)
            flags = self._script.texts(item)
            for each in backward.items:
                name = self._script.text(each) or ""
                if ListKind.LIBRARIES.names_libpython(name) and f"-l{name}" in flags:
                    found.append(each)
        return found

    def _flags(self, item: cst.BaseExpression, kind: ListKind, option: str) -> Iterator[Word]:
        """Yield the words of a text, behind an option, that link libpython, the placed ones first."""

        def links(before: str, text: str) -> bool:
            return kind.names_libpython(text) and not libpython_names.is_value(before, text)

        placed = set()
        before = option
        for word in self._string_origins.words(item):
            text = word.text.strip("\"'")
            if links(before, text):
                yield word
            placed.add(word.text)
            before = text
        for text in self._script.texts(item):
            flags = [flag.strip("\"'") for flag in text.split()]
            for before, flag, spelled in zip([option, *flags], flags, text.split(), strict=False):
                if spelled not in placed and links(before, flag):
                    yield Word(spelled)

    def _item_before(self, item: cst.BaseExpression) -> cst.BaseExpression | None:
        """Return the item before another one, which may be an option that it is the value of."""
        element = self.positions.parent(item)
        sequence = None if element is None else self.positions.parent(element)
        if isinstance(element, cst.Element) and isinstance(sequence, (cst.List, cst.Tuple)):
            place = self.positions.place_in(sequence, element)
            return sequence.elements[place - 1].value if place else None
        return None

    def _origins(self, item: cst.BaseExpression, kind: ListKind) -> list[cst.BaseExpression]:
        """Return the expressions that make an item what it is."""
        found: dict[cst.BaseExpression, None] = {}
        seen: set[cst.BaseExpression] = set()
        waiting = [item]
        while waiting:
            node = waiting.pop(0)
            if node in seen:
                continue
            seen.add(node)
            parts = [part for part in self._parts(node) if self._may_be_libpython(part, kind)]
            if parts:
                waiting.extend(parts)
            else:
                found[node] = None
        return list(found) or [item]

    def _may_be_libpython(self, node: cst.BaseExpression, kind: ListKind) -> bool:
        return any(kind.names_libpython(text.strip()) for text in self._script.texts(node))

    def _parts(self, node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
        """Yield the expressions whose value an expression takes over as it is."""
        if isinstance(node, cst.Name):
            self._script.passed.add(node)
            for binding in self._script.bindings(node):
                if binding.kind is BindingKind.PARAMETER:
                    yield from self._script.argument_values(binding)
                elif binding.value is None or binding.path:
                    continue
                elif binding.kind is BindingKind.VALUE:
                    yield binding.value
                elif binding.kind is BindingKind.ELEMENT:
                    yield from self._script.elements(binding.value)
        elif isinstance(node, cst.IfExp):
            yield from (node.body, node.orelse)
        elif isinstance(node, cst.BooleanOperation):
            yield from (node.left, node.right)
        elif isinstance(node, cst.Call):
            for scope in self._script.functions(node):
                self._script.passed.add(node)
                yield from (one.value for one in scope.returns if one.value is not None)
        elif isinstance(node, cst.Attribute):
            yield from self._script.attribute_values(node)

    # The edit

    def _span(self, hit: Hit) -> Span:
        if hit.word is not None and hit.word.span is not None:
            return hit.word.span
        start, end = self.positions.whole(hit.origin)
        return (start if hit.flag is None else self.positions.whole(hit.flag)[0]), end

    def _edit(self, reference: Reference[Hit | EmbeddingWord]) -> Fix | str:
        """Return the fix of a reference, or why there is none."""
        fix = self._edit_of_lenient_link(reference)
        if not isinstance(fix, str) and reference.first.span in self._uncertain:
            fix = make_fix(fix.message, fix.edits, (*fix.caveats, OTHER_SYSTEM))
        text = self._graph.source.text
        if isinstance(fix, str) or not forbids_undefined(text):
            return fix
        return strict_flags.without(fix, text, self._strict_flags)

    @cached_property
    def _strict_flags(self) -> list[Edit] | None:
        other_use = self._other_uses.of_list_around
        return deletions.strict_flags(self.positions, self._evaluator.dataflow.module, other_use)

    def _edit_of_lenient_link(self, reference: Reference[Hit | EmbeddingWord]) -> Fix | str:
        use = reference.first
        hit = use.written
        if isinstance(hit, EmbeddingWord):
            return self._other_uses.of_function_around(hit.node) or hit.edit(self.positions)
        text = self.positions.text
        spelled = " ".join(text[slice(*use.span)].split())
        combined = hit.word is None and not is_whole_flag(spelled)
        if combined and part_of_flag(text, *use.span) is None:
            return Blocker.COMBINED_FLAG
        if hit.item in self._script.from_elsewhere:
            return Blocker.OTHER_MODULE
        edit: Deletion | Edit | None
        place = hit.item
        if hit.word is not None:
            edit = self._word_deletion(hit.item, hit.word, embeds=use.kind.embeds)
        elif use.kind.embeds and hit.origin is not hit.item:
            return Blocker.SEPARATE_PATH
        else:
            looped = self._other_uses.loop_of(hit.item) is not None
            if not hit.certain and not looped:
                return Blocker.OTHER_LIBRARY
            place = hit.origin if looped else hit.item
            edit = deletions.item(self.positions, place, before=int(hit.flag is not None))
        if edit is None:
            return Blocker.NO_EDIT
        reason = self._other_uses.of_list_around(hit.item)
        if hit.origin is not hit.item and not reason:
            reason = self._other_uses.of_item(hit.item)
        caveats = hit.sink.caveats or lost_effects(self._script, self.positions, place)
        if not reason and not caveats:
            harmless = self._uses_by_name.are_harmless(self.positions.span(place))
            caveats = () if harmless else (EXPECTED,)
        return reason or deletion(spelled, edit, caveats)

    @cached_property
    def _uses_by_name(self) -> UsesByName:
        calls = (self.positions.span(one) for one in self._links if isinstance(one, cst.Call))
        return UsesByName(self._graph.source, calls)

    def _word_deletion(
        self, item: cst.BaseExpression, word: Word, *, embeds: bool
    ) -> Deletion | Edit | None:
        """Return the deletion of a word of a text, with its item where that is all it holds."""
        if word.span is None and embeds:
            return deletions.term(self.positions, item) or deletions.item(self.positions, item)
        whole = word.lone and isinstance(item, (cst.SimpleString, cst.FormattedString))
        return (deletions.item(self.positions, item) if whole else None) or (
            deletions.word(self.positions, word)
        )
