"""What undoes a link in a listfile, or the reason why nothing is changed.

An edit is made only where it is right for every target that uses the word, on every
platform, with every CMake that the project allows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from no_libpython_dlopen.buildsystems.cmake import deletions
from no_libpython_dlopen.buildsystems.cmake.model import COMPLETE, Find, Maker, Model, Use, Via
from no_libpython_dlopen.buildsystems.cmake.references import Meaning, Way
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile, Project, flattened
from no_libpython_dlopen.buildsystems.common.link_fact import MACOS, changed, deletion
from no_libpython_dlopen.model.finding import Edit, Fix

#: The CMake that brought ``Python3::Module``, and the one that split ``Development``.
MODULE_SINCE = (3, 15)
COMPONENT_SINCE = (3, 18)

_SUPPRESSED = re.compile(r"#.*(?:noqa|nolibpy)", re.IGNORECASE)
_SHOWING = frozenset({"message"})


@dataclass(frozen=True, slots=True)
class Place:
    """A word that is reported: how it means libpython, who uses it.

    ``uses`` are those that link an extension module, ``users`` all of them in every
    platform, ``others`` those by something that is no extension module.
    """

    meaning: Meaning
    uses: tuple[Use, ...]
    users: tuple[Use, ...]
    others: tuple[Use, ...]


Outcome = tuple[Fix | None, str]


class Remedy:
    """Finds the fixes for the places of one listfile."""

    def __init__(self, project: Project, model: Model, places: list[Place]) -> None:
        self.project = project
        self.model = model
        self.places = places
        self._components: dict[str, tuple[Edit, ...]] = {}

    def of(self, place: Place) -> Outcome:
        """Return the fix of a place, or the reason why there is none."""
        reason = self._obstacle(place)
        if reason:
            return None, reason
        way = place.meaning.way
        if way in (Way.TARGET, Way.VARIABLE):
            return self._counterpart(place)
        if way is Way.PYBIND11:
            return self._replaced(place, "pybind11::module", ()), ""
        if way is Way.PKG_CONFIG:
            return None, "ask pkg-config for `python3` where it is asked for `python3-embed`"
        if way is Way.CONFIG:
            return _deleted(place, () if self._is_complete(place) else (MACOS,)), ""
        if self._is_complete(place):
            return _deleted(place), ""
        if way is Way.EXPLICIT:
            return _deleted(place, (MACOS,)), ""
        return None, MACOS

    def _obstacle(self, place: Place) -> str:
        """Return why nothing may be changed at a place, whatever it means."""
        use = place.uses[0]
        word = use.word
        if place.meaning.way is Way.SHARED:
            return "other targets may link a `SHARED` library, and none can link a `MODULE`"
        if word.file.in_function(word.start):
            return "it stands in a function or macro, which others may call"
        if any(each.via is Via.DIRECTORY for each in place.users):
            return "`link_libraries` links every later target of the directory"
        if place.others:
            return "something that is no extension module uses it as well"
        if Maker.SWIG in self._makers(place):
            return "what SWIG's helpers link on macOS is not known"
        if word.spelled != word.text:
            return "it is put together from variables"
        if word.command.name in ("set", "list", "string") and not self.project.complete:
            return "parts of the project that may use the variable could not be read"
        return ""

    def _makers(self, place: Place) -> set[Maker]:
        return {maker for use in place.users for maker in self.model.makers(use.target)}

    def _is_complete(self, place: Place) -> bool:
        """Tell whether every user links by itself what an extension module needs."""
        return all(
            self.model.makers(use.target) <= COMPLETE
            or any(
                use.target in self.model.links.get(name, ())
                for name in ("Python3::Module", "Python::Module", "pybind11::module")
            )
            for use in place.users
        )

    # -- FindPython -----------------------------------------------------------------

    def _counterpart(self, place: Place) -> Outcome:
        """Return the change of an embedding target or variable of FindPython's."""
        prefix = place.meaning.prefix
        finds = [find for find in self.model.finds if find.prefix == prefix]
        if not finds:
            if self._is_complete(place):
                return _deleted(place), ""
            return None, f"where `{prefix}` is found is not known"
        if self.model.minimum < MODULE_SINCE:
            if not self.model.minimum:
                return None, "the CMake that the project requires is not known"
            return None, f"`{prefix}::Module` needs CMake 3.15, and the project allows older ones"
        edits = self._component_edits(prefix, finds)
        if not edits and not any(_has_module(find) for find in finds):
            return None, f"no `Development.Module` of `{prefix}` is found"
        return self._replaced(place, f"{prefix}::Module", edits), ""

    def _replaced(self, place: Place, name: str, edits: tuple[Edit, ...]) -> Fix:
        """Return the change of a word to a target, its deletion if that is linked already."""
        word = place.uses[0].word
        if name in {argument.text for argument in word.command.arguments}:
            found = deletions.without(word)
            if not edits:
                return deletion(word.spelled, found)
            return changed(f"delete `{word.spelled}`", (found.edit, *edits))
        edit = Edit(word.start, word.end, word.spelled, name)
        return changed(f"link `{name}`", (edit, *edits))

    def _component_edits(self, prefix: str, finds: list[Find]) -> tuple[Edit, ...]:
        """Return the changes of ``find_package`` that go with those of the links.

        ``Development`` becomes ``Development.Module`` if nothing in the project embeds;
        ``Development.Module`` is added to a ``Development.Embed`` that stands alone.
        """
        if prefix not in self._components:
            self._components[prefix] = tuple(self._changed_components(prefix, finds))
        return self._components[prefix]

    def _changed_components(self, prefix: str, finds: list[Find]) -> Iterator[Edit]:
        current = self.project.current
        if self.model.minimum < COMPONENT_SINCE:
            return
        unused = self.project.complete and not self._is_embedded(prefix)
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

    def _is_embedded(self, prefix: str) -> bool:
        """Tell whether anything in the project asks for more than the module's half."""
        fixed = {
            (place.uses[0].word.start, place.uses[0].word.end)
            for place in self.places
            if place.meaning.prefix == prefix and not self._obstacle(place)
        }
        current = self.project.current
        for start, _ in fixed:
            line = current.text[start:].partition("\n")[0]
            if _SUPPRESSED.search(line):
                return True
        for target in (t for each in self.model.targets.values() for t in each.values()):
            if target.maker is Maker.FINDPYTHON and target.type != "MODULE":
                return True
        return any(
            file is not current or not any(a <= start and end <= b for a, b in fixed)
            for file in self.project.files()
            for start, end in _mentions(file, prefix)
        )


def _has_module(find: Find) -> bool:
    return bool(find.names & {"Development", "Development.Module"})


def _mentions(file: Listfile, prefix: str) -> Iterator[tuple[int, int]]:
    """Yield where a listfile names something of a prefix that only embedding brings."""
    pattern = re.compile(
        rf"\$\{{{prefix}_(?:\w*LIBRAR|LINK_OPTIONS)\w*\}}|{prefix}::Python\b"
        rf"|\b{prefix}_(?:LIBRAR|LINK_OPTIONS)\w*|\bpybind11::embed\b|Development\.Embed_FOUND"
    )
    for command in flattened(file.nodes):
        if command.name in _SHOWING:
            continue
        for argument in command.arguments:
            for match in pattern.finditer(argument.text):
                yield argument.inner + match.start(), argument.inner + match.end()


def _deleted(place: Place, caveats: tuple[str, ...] = ()) -> Fix:
    word = place.uses[0].word
    return deletion(word.spelled, deletions.without(word), caveats)
