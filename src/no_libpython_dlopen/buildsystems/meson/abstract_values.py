"""The abstract value of an expression of Meson's, as far as a link depends on it.

A ``Value`` holds the *atoms* that it would put on a link line, each with the place
where its author wrote it, and as much of a text or a truth as conditions need. Joining
values of several branches keeps all atoms and forgets what differs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice

from no_libpython_dlopen.buildsystems.common.link_graph import ReferenceKind
from no_libpython_dlopen.buildsystems.meson import syntax_tree as syntax
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART, is_link_flag
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM, Platform
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import MESON_ATOMS, MESON_TEXT


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """One ``meson.build``; ``path`` is absolute, or empty for text without a place on disk."""

    path: str
    text: str
    statements: tuple[syntax.Statement, ...]


#: What can lose an atom: an array or a call's arguments with a position, or a ``+=``.
Home = tuple[syntax.Listing, int] | syntax.Assignment | None


@dataclass(frozen=True, slots=True)
class Atom:
    """One thing that may reach a link line, written at ``[start, end)`` of ``file``.

    ``kind`` is ``None`` for a text, which its position makes a flag. ``within`` tells that
    it is one word of a longer string.
    """

    kind: ReferenceKind | None
    text: str
    start: int
    end: int
    file: File
    home: Home = field(default=None, compare=False)
    within: bool = False

    def __hash__(self) -> int:
        """Return a hash of what differs between atoms; that of all fields is most of a walk."""
        return hash((self.start, self.text))

    def is_reference(self, flags: bool) -> bool:
        """Return whether it means libpython, where ``flags`` or dependencies are listed."""
        if self.kind is None:
            return flags and is_link_flag(self.text)
        if self.kind is ReferenceKind.SYSCONFIG:
            return flags
        return True


class Atoms:
    """Atoms, each once. They share a table with those that they were added to.

    Of that table the first ``size`` are theirs: a list that grows is not copied for each item.
    """

    __slots__ = ("_shared", "size")

    def __init__(self, atoms: Iterable[Atom] = ()) -> None:
        self._shared: dict[Atom, None] = {}
        self.size = 0
        self._add(atoms)

    def _add(self, atoms: Iterable[Atom]) -> None:
        self._shared.update(dict.fromkeys(atoms))
        self.size = len(self._shared)
        if self.size > MESON_ATOMS:
            analysis.note_limit(MESON_ATOMS)
            self.size = int(MESON_ATOMS)

    def __iter__(self) -> Iterator[Atom]:
        return iter(tuple(islice(self._shared, self.size)))

    def __len__(self) -> int:
        return self.size

    def __contains__(self, atom: object) -> bool:
        return atom in tuple(self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Collection) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment]

    def union(self, others: list[Collection[Atom]]) -> Atoms:
        """Return these atoms and those of others behind them."""
        longest = self
        more: list[Collection[Atom]] = []
        for other in others:
            if not isinstance(other, Atoms) or other._shared is not self._shared:
                more.append(other)
            elif other.size > longest.size:
                longest = other
        if not more:
            return longest
        made = Atoms()
        if longest.size == len(longest._shared):
            made._shared = longest._shared
        else:  # another list has grown from this one
            made._add(longest)
        made._add(chain.from_iterable(more))
        return made


@dataclass(frozen=True, slots=True)
class Value:
    """The abstract value of an expression.

    ``text`` is its one string, a ``UNKNOWN_PART`` for each part that is not known. ``choices``
    are the strings that it may be in this platform, the usual one first.
    """

    atoms: Collection[Atom] = ()
    text: str | None = None
    truth: bool | None = None
    choices: tuple[str, ...] = ()
    keys: Mapping[str, Value] | None = None
    is_list: bool = False


UNKNOWN = Value()


def is_short_enough(text: str) -> bool:
    """Return whether a text that was put together is short enough to be kept."""
    if len(text) > MESON_TEXT:
        analysis.note_limit(MESON_TEXT)
        return False
    return True


def compose(kind: ReferenceKind | None, text: str, start: int, end: int, file: File) -> Value:
    """Return the value of a text that was put together at a place."""
    if not is_short_enough(text):
        return UNKNOWN
    return Value((Atom(kind, text, start, end, file),), text)


def truth_of(value: bool | None) -> Value:
    """Return a value that is true, false, or either."""
    return Value(truth=value)


def union(values: Iterable[Value], *, is_list: bool = False) -> Value:
    """Return a value with the atoms of all."""
    several = [value.atoms for value in values if value.atoms]
    if not several:
        return Value(is_list=is_list)
    first, *others = several
    first = first if isinstance(first, Atoms) else Atoms(first)
    return Value(first.union(others), is_list=is_list)


def join(values: list[Value]) -> Value:
    """Return the value of a variable where several branches meet."""
    first = values[0]
    if all(value is first for value in values):
        return first
    merged = union(values)
    return Value(
        merged.atoms,
        first.text if all(value.text == first.text for value in values) else None,
        first.truth if all(value.truth == first.truth for value in values) else None,
        first.choices if all(value.choices == first.choices for value in values) else (),
        first.keys if all(value.keys == first.keys for value in values) else None,
        any(value.is_list for value in values),
    )


def entry(mapping: Value, key: Value, default: Value) -> Value:
    """Return the value of a dictionary under a key, else the default."""
    if mapping.keys is None:
        return mapping
    if key.text is not None and UNKNOWN_PART not in key.text:
        return mapping.keys.get(key.text, default)
    if not key.choices:
        return union([Value(mapping.atoms), default])
    found = [mapping.keys[choice] for choice in key.choices if choice in mapping.keys]
    # The first choice is the usual one on the platform; the others are possible.
    return join(found if key.choices[0] in mapping.keys else [*found, default])


def systems(platform: Platform) -> Value:
    """Return the value of ``host_machine.system()`` on a platform."""
    return Value(choices=tuple(name.lower() for name in platform.systems))


def compilers(platform: Platform) -> Value:
    """Return the values that a compiler's ``get_id()`` may have on a platform."""
    if platform is ANY_PLATFORM:
        return UNKNOWN
    return Value(choices=("?", "gcc", "clang", "intel", "intel-llvm", "nvidia_hpc", "pgi", "sun"))


def equal(left: Value, right: Value) -> bool | None:
    """Return whether two values are equal, ``None`` where that is open."""
    if left.truth is not None and right.truth is not None:
        return left.truth == right.truth
    if left.text is not None and right.choices:
        left, right = right, left
    text = right.text
    if text is None or UNKNOWN_PART in text:
        return None
    return (
        _of_choices(left, [choice == text for choice in left.choices])
        if left.choices
        else (None if left.text is None or UNKNOWN_PART in left.text else left.text == text)
    )


def string_test(value: Value, method: str, text: str) -> bool | None:
    """Return the value of a string's ``startswith``, ``endswith`` or ``contains``."""
    known = value.choices or (
        (value.text,) if value.text and UNKNOWN_PART not in value.text else ()
    )
    if not known:
        return None
    answers = [
        {"startswith": each.startswith(text), "endswith": each.endswith(text)}.get(
            method, text in each
        )
        for each in known
    ]
    return _of_choices(value, answers) if value.choices else answers[0]


def _of_choices(value: Value, answers: list[bool]) -> bool | None:
    if not any(answers):
        return False
    # The first one is the usual one on the platform; the others are possible.
    return True if answers[0] and value.choices[0] != "?" else None


_PLACE = re.compile(r"@(\d+)@")
_VARIABLE = re.compile(r"@([A-Za-z_][A-Za-z0-9_]*)@")


def fill_places(text: str, arguments: list[Value]) -> str:
    """Return a string with ``@0@`` filled in."""

    def fill(match: re.Match[str]) -> str:
        index = int(match[1]) if len(match[1]) < 4 else len(arguments)
        known = arguments[index].text if index < len(arguments) else None
        return UNKNOWN_PART if known is None else known

    return _fill_places(_PLACE, fill, text)


def interpolate(text: str, variables: Mapping[str, Value]) -> str:
    """Return an f-string with ``@name@`` filled in."""

    def fill(match: re.Match[str]) -> str:
        known = variables.get(match[1], UNKNOWN).text
        return UNKNOWN_PART if known is None else known

    return _fill_places(_VARIABLE, fill, text)


def _fill_places(place: re.Pattern[str], fill: Callable[[re.Match[str]], str], text: str) -> str:
    """Return a string with its places filled in; one part that is not known for a long one."""
    pieces: list[str] = []
    size = at = 0
    for match in place.finditer(text):
        pieces += [text[at : match.start()], fill(match)]
        size += len(pieces[-2]) + len(pieces[-1])
        if size > MESON_TEXT:
            analysis.note_limit(MESON_TEXT)
            return UNKNOWN_PART
        at = match.end()
    return "".join([*pieces, text[at:]])
