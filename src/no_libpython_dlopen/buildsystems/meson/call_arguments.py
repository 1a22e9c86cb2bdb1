"""The arguments of a call in Meson, evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from no_libpython_dlopen.buildsystems.meson import syntax_tree as syntax
from no_libpython_dlopen.buildsystems.meson.abstract_values import UNKNOWN, Atom, Value
from no_libpython_dlopen.buildsystems.meson.model import State

#: Keywords of a target that add to its link command, and whether they list flags.
_LINKING = {"link_args": True, "objects": True, "dependencies": False}


def at_home(
    value: Value, node: syntax.Expression, home: tuple[syntax.Listing, int] | syntax.Assignment
) -> Value:
    """Return a value whose atom, if it is all of ``node``, can be deleted from ``home``.

    Of several atoms of one place, the words of a text that was split, none can.
    """
    here = [atom for atom in value.atoms if (atom.start, atom.end) == (node.start, node.end)]
    if len(here) != 1 or here[0].home:
        return value
    atoms = (replace(atom, home=home) if atom is here[0] else atom for atom in value.atoms)
    return replace(value, atoms=tuple(atoms))


class Arguments:
    """A call's arguments: values by position and by keyword."""

    def __init__(self, state: State, call: syntax.Call) -> None:
        whole = call.arguments
        self.positional: list[Value] = []
        self.named: dict[str, Value] = {}
        for index, item in enumerate(whole.items):
            found = at_home(state.value(item.value), item.value, (whole, index))
            if item.keyword:
                self.named[item.keyword] = found
            else:
                self.positional.append(found)
        more = self.named.pop("kwargs", UNKNOWN)
        for name, found in (more.keys or {}).items():
            self.named.setdefault(name, found)

    def text(self, index: int = 0) -> str | None:
        """Return the one string that is given at a position."""
        return self.positional[index].text if index < len(self.positional) else None

    def texts(self) -> Iterator[Atom]:
        """Yield the strings given by position."""
        for found in self.positional:
            yield from (atom for atom in found.atoms if atom.kind is None)

    def references(self) -> Iterator[Atom]:
        """Yield the references to libpython in the keywords that link."""
        return (atom for atom, libpython in self.linked_items() if libpython)

    def linked_items(self) -> Iterator[tuple[Atom, bool]]:
        """Yield the items of the keywords that link, and whether each refers to libpython."""
        for name, flags in _LINKING.items():
            for atom in self.named.get(name, UNKNOWN).atoms:
                yield atom, atom.is_reference(flags)
