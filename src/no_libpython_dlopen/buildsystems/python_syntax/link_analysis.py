"""Turns what reaches the link line of an extension module into ``Link`` facts.

The languages in Python's syntax say which expressions are given to the linker
(``sink``); here the words among them that mean libpython are found, traced back to
where they are written, and, where nothing else depends on them, cut out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import libcst as cst

from no_libpython_dlopen.buildsystems.common.deletions import Cut, Span
from no_libpython_dlopen.buildsystems.common.link_fact import deletion, link
from no_libpython_dlopen.buildsystems.python_syntax import deletions
from no_libpython_dlopen.buildsystems.python_syntax.backward_slice import Shape, Trace
from no_libpython_dlopen.buildsystems.python_syntax.embedding_flags import (
    Contributions,
    EmbeddingWords,
)
from no_libpython_dlopen.buildsystems.python_syntax.other_uses import Users
from no_libpython_dlopen.buildsystems.python_syntax.script_model import Script
from no_libpython_dlopen.buildsystems.python_syntax.sinks import Role, Sink
from no_libpython_dlopen.buildsystems.python_syntax.string_origins import Speller, Word
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Edit, Fix, Related
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.python.dataflow.bindings import BindingKind
from no_libpython_dlopen.python.evaluator.abstract_values import Items, texts
from no_libpython_dlopen.python.syntax.parse import Positions, descendants

_ELSEWHERE = "it is put together where nothing can be cut out"
_APART = "the path of the library is made apart from the list"
_MAYBE = "it may be another library as well"


@dataclass(frozen=True, slots=True)
class _Hit:
    """A place that names libpython: the item of a list, or a word of a text."""

    sink: Sink
    trace: Trace
    item: cst.BaseExpression
    origin: cst.BaseExpression
    word: Word | None = None
    before: int = 0
    certain: bool = True


class Linker:
    """Makes the links of one file."""

    def __init__(self, source: Source, module: cst.Module, script: Script) -> None:
        self._source = source
        self._module = module
        self._evaluator = script.evaluator
        self._script = script
        self._contributions = Contributions(script)

    @cached_property
    def positions(self) -> Positions:
        """Where the nodes stand; made for files in which something is found."""
        return Positions(self._module, self._source.text)

    @cached_property
    def _speller(self) -> Speller:
        return Speller(self._evaluator, self.positions)

    def links(self, sinks: Iterable[Sink], *, commands: bool = True) -> list[Link]:
        """Return the links that the sinks make, in the order of the text."""
        traces: list[tuple[Sink, Trace]] = []
        for sink in sinks:
            trace = Trace(self._script)
            if sink.key:
                trace.run_entry(sink.node, sink.key, sink.shape)
            else:
                trace.run(sink.node, sink.shape)
            traces.append((sink, trace))
        asked_for = EmbeddingWords(self._script, self._contributions)
        asking = [(sink, list(asked_for.literals(sink))) for sink, _ in traces if commands]
        traces = [each for each in traces if any(map(self._may, each[1].items))]
        asking = [each for each in asking if each[1]]
        if not traces and not asking:
            return []
        asked = [
            (sink, [word for one in literals for word in asked_for.words(one, self.positions)])
            for sink, literals in asking
        ]
        users = Users(self._script, self.positions)
        found: dict[Span, Link] = {}
        for sink, trace in traces:
            for hit in self._hits(sink, trace):
                made = self._link(hit, users)
                found.setdefault(self._span(hit), made)
        for sink, several in asked:
            for command in several:
                fix, reason = command.fix, command.reason
                if fix is not None and not sink.reason:
                    reason = users.of_function_around(command.node)
                    fix = None if reason else fix
                made = link(
                    self._source,
                    *command.span,
                    fix if not sink.reason else None,
                    embedding=True,
                    target=sink.target,
                    no_fix_reason=sink.reason or reason,
                )
                found.setdefault(command.span, made)
        return [found[span] for span in sorted(found)]

    # What names libpython

    def _may(self, item: cst.BaseExpression) -> bool:
        """Tell whether an item could name libpython, before anybody needs to know where."""
        if any(
            isinstance(one, str) and "py" in one.lower()
            for one in self._evaluator.evaluate(item).alternatives
        ):
            return True
        return any(
            "py" in part.value.lower()
            for part in descendants(item)
            if isinstance(part, (cst.SimpleString, cst.FormattedStringText))
        )

    def _hits(self, sink: Sink, trace: Trace) -> Iterator[_Hit]:
        loose: list[_Hit] = []
        told: set[str] = set()
        for item, shape in trace.items.items():
            for hit in self._in_item(sink, trace, item, shape) if self._may(item) else ():
                if hit.word is not None and hit.word.span is None:
                    loose.append(hit)
                    continue
                if hit.word is not None:
                    told.add(hit.word.text)
                else:
                    told |= set(texts(self._evaluator.evaluate(hit.item)))
                yield hit
        for hit in loose:  # a word of a named part was told where the part is written
            assert hit.word is not None
            if hit.word.text not in told:
                yield hit

    def _in_item(
        self, sink: Sink, trace: Trace, item: cst.BaseExpression, shape: Shape
    ) -> Iterator[_Hit]:
        listed = self._spread(item, sink.role)
        if listed:
            for origin in listed:
                yield _Hit(sink, trace, origin, origin)
            return
        values = self._evaluator.evaluate(item)
        options = [one for one in values.alternatives if isinstance(one, str)]
        options = [one for one in options if one not in trace.removed]
        before = self._after_dash_l(item) if sink.role is Role.FLAGS else 0
        role = Role.LIBRARIES if before else sink.role
        hits = [one for one in options if role.wants(one.strip())]
        if shape is Shape.ITEM and hits:
            rest = [one for one in values.alternatives if one not in hits and one not in ("", None)]
            certain = values.exhaustive and not rest
            for origin in self._origins(item, role):
                yield _Hit(sink, trace, item, origin, None, before, certain)
            return
        if sink.role is Role.LIBRARIES and shape is Shape.ITEM:
            return
        for word in self._flags(item, sink.role):
            yield _Hit(sink, trace, item, item, word)

    def _spread(self, item: cst.BaseExpression, role: Role) -> list[cst.BaseExpression]:
        """Return what ``"-l" + name for name in names`` takes libpython's name from."""
        comprehension = self.positions.parent(item)
        if role is not Role.FLAGS or not isinstance(
            comprehension, (cst.ListComp, cst.GeneratorExp, cst.SetComp)
        ):
            return []
        found = []
        if comprehension.elt is item and self._wanted(item, role):
            trace = Trace(self._script)
            trace.run(comprehension.for_in.iter, Shape.LIST)
            flags = [
                one for one in self._evaluator.evaluate(item).alternatives if isinstance(one, str)
            ]
            for each in trace.items:
                name = self._script.text(each) or ""
                if Role.LIBRARIES.wants(name) and any(flag == f"-l{name}" for flag in flags):
                    found.append(each)
        return found

    def _flags(self, item: cst.BaseExpression, role: Role) -> Iterator[Word]:
        """Yield the words of a text that link libpython, those that stand nowhere last."""
        told = set()
        for word in self._speller.words(item):
            if role.wants(word.text.strip("\"'")):
                told.add(word.text)
                yield word
        for text in texts(self._evaluator.evaluate(item)):
            for flag in text.split():
                if flag not in told and role.wants(flag.strip("\"'")):
                    yield Word(flag)

    def _after_dash_l(self, item: cst.BaseExpression) -> int:
        """Tell whether ``-l`` stands before an item, as a word of its own."""
        element = self.positions.parent(item)
        if not isinstance(element, cst.Element):
            return 0
        sequence = self.positions.parent(element)
        if not isinstance(sequence, (cst.List, cst.Tuple)):
            return 0
        index = next(i for i, one in enumerate(sequence.elements) if one is element)
        return int(index > 0 and self._script.text(sequence.elements[index - 1].value) == "-l")

    def _origins(self, item: cst.BaseExpression, role: Role) -> list[cst.BaseExpression]:
        """Return the expressions that make an item what it is."""
        found: dict[cst.BaseExpression, None] = {}
        seen: set[cst.BaseExpression] = set()
        waiting = [item]
        while waiting:
            node = waiting.pop(0)
            if node in seen:
                continue
            seen.add(node)
            parts = [part for part in self._parts(node) if self._wanted(part, role)]
            if parts:
                waiting.extend(parts)
            else:
                found[node] = None
        return list(found) or [item]

    def _wanted(self, node: cst.BaseExpression, role: Role) -> bool:
        options = self._evaluator.evaluate(node).alternatives
        return any(isinstance(one, str) and role.wants(one.strip()) for one in options)

    def _parts(self, node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
        """Yield the expressions whose value an expression takes over as it is."""
        if isinstance(node, cst.Name):
            self._script.passed.add(node)
            for binding in self._script.bindings(node):
                if binding.kind is BindingKind.PARAMETER:
                    yield from self._script.given(binding)
                elif binding.value is None or binding.path:
                    continue
                elif binding.kind is BindingKind.VALUE:
                    yield binding.value
                elif binding.kind is BindingKind.ELEMENT:
                    yield from self._elements(binding.value)
        elif isinstance(node, cst.IfExp):
            yield from (node.body, node.orelse)
        elif isinstance(node, cst.BooleanOperation):
            yield from (node.left, node.right)
        elif isinstance(node, cst.Call):
            for scope in self._script.functions(node):
                self._script.passed.add(node)
                yield from (one.value for one in scope.returns if one.value is not None)
        elif isinstance(node, cst.Attribute):
            yield from self._script.stored(node)

    def _elements(self, node: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
        for option in self._evaluator.evaluate(node).alternatives:
            if isinstance(option, Items):
                for element in option.elements:
                    if isinstance(element.node, cst.BaseExpression):
                        yield element.node

    # What is told, and what is cut

    def _span(self, hit: _Hit) -> Span:
        if hit.word is not None and hit.word.span is not None:
            return hit.word.span
        start, end = self.positions.whole(hit.origin)
        if hit.before:
            start = self.positions.whole(self._previous(hit.item))[0]
        return start, end

    def _previous(self, item: cst.BaseExpression) -> cst.BaseExpression:
        element = self.positions.parent(item)
        assert element is not None
        sequence = self.positions.parent(element)
        assert isinstance(sequence, (cst.List, cst.Tuple))
        index = next(i for i, one in enumerate(sequence.elements) if one is element)
        return sequence.elements[index - 1].value

    def _link(self, hit: _Hit, users: Users) -> Link:
        start, end = self._span(hit)
        embedding = hit.sink.role is Role.LABELS or self._contributions.asks_sysconfig(hit.origin)
        fix, reason = self._fix(hit, users, embedding=embedding)
        related: tuple[Related, ...] = ()
        if hit.sink.at is not None:
            first, last = self.positions.span(hit.sink.at)
            if not first <= start <= end <= last:
                place = self._source.locate(first), self._source.locate(last)
                related = (Related("it is linked here", *place),)
        return link(
            self._source,
            start,
            end,
            fix,
            embedding=embedding,
            target=hit.sink.target,
            no_fix_reason=reason,
            related=related,
        )

    def _fix(self, hit: _Hit, users: Users, *, embedding: bool) -> tuple[Fix | None, str]:
        if hit.sink.reason:
            return None, hit.sink.reason
        if hit.sink.role is Role.LABELS:
            return (
                None,
                "what it brings on Windows has to come from elsewhere",
            )
        text = self._source.text
        start, end = self._span(hit)
        spelled = " ".join(text[start:end].split())
        edit: Cut | Edit | None
        if hit.word is not None and hit.word.span is None and embedding:
            edit = deletions.term(self.positions, hit.item) or (
                deletions.item(self.positions, hit.item)
            )
        elif hit.word is not None:
            edit = deletions.word(self.positions, hit.word)
            whole = hit.word.lone and hit.word.literal is not None
            if whole and isinstance(hit.item, (cst.SimpleString, cst.FormattedString)):
                edit = deletions.item(self.positions, hit.item) or edit
        elif spelled.strip("\"'").startswith("-Wl,") and not _says_only_that(spelled):
            return None, "the flag says more than that"
        else:
            if embedding and hit.origin is not hit.item:
                return None, _APART
            looped = users.loop_of(hit.item)
            if not hit.certain and looped is None:
                return None, _MAYBE
            slot = hit.origin if looped is not None else hit.item
            edit = deletions.item(self.positions, slot, before=hit.before)
        if edit is None:
            return None, _ELSEWHERE
        reason = users.of_list_around(hit.item)
        if hit.origin is not hit.item and not reason:
            reason = users.of_item(hit.item)
        if reason:
            return None, reason
        return deletion(spelled, edit, hit.sink.caveats), ""


def _says_only_that(flag: str) -> bool:
    parts = flag.strip("\"'").split(",")[1:]
    return all(Role.FLAGS.wants(part) for part in parts)
