"""Finds the targets that get what another target links, directly or through others.

In a chain of libraries each gets what all before it link. Only what tells receivers apart is
collected, one name for each, so that the work grows with the links and not with the pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.cmake.model import Model
from no_libpython_dlopen.buildsystems.cmake.targets import User, is_directory_list
from no_libpython_dlopen.knowledge.target_platforms import Platform


class Receiver(NamedTuple):
    """A target that gets an item; ``fallback`` as of the word that is linked."""

    name: str
    fallback: bool


class _Link(NamedTuple):
    """A target that links another one; ``carries`` if it hands on what it gets."""

    user: User
    carries: bool


class _Giver(NamedTuple):
    """A target whose links are handed on to another one, only as a ``fallback`` perhaps."""

    name: str
    fallback: bool


class _Gain(NamedTuple):
    """A receiver that a target got, with its description."""

    name: str
    description: Hashable
    receiver: Receiver


#: The first receiver of each description, and a second one if there is one: a library that links
#: itself is not one of its own receivers.
_Found = dict[tuple[Hashable, bool], tuple[Receiver, ...]]


def linkers_of(model: Model, name: str) -> set[str]:
    """Return the targets that link a target themselves, by a list of a directory perhaps."""
    waiting = [name, *model.aliases.get(name, ())]
    found: set[str] = set()
    while waiting:
        new = {user.target for user in model.users.get(waiting.pop(), ())} - found
        found |= new
        waiting += filter(is_directory_list, new)
    return {user for user in found if user != name and not is_directory_list(user)}


class Receivers:
    """The receivers of each target of a model that is complete.

    ``describe`` returns all that matters of a target on a platform: of those with one
    description the first stands for all.
    """

    def __init__(self, model: Model, describe: Callable[[str, Platform], Hashable]) -> None:
        self._model = model
        self._describe = describe
        self._known: dict[tuple[str, Platform], _Found] = {}

    def of(self, target: str, platform: Platform, passes: bool) -> Iterable[Receiver]:
        """Return the receivers of what a target links; ``passes`` says that it hands that on."""
        if not self._model.carries(target, passes):
            return ()
        if (target, platform) not in self._known:
            self._collect(target, platform)
        found = self._known[target, platform].values()
        others = ((one for one in several if one.name != target) for several in found)
        return [first for one in others if (first := next(one, None)) is not None]

    def _collect(self, start: str, platform: Platform) -> None:
        """Collect the receivers of a target and of all that it reaches, circles included.

        Each one that a target gets is handed on once, so that nothing is looked through again.
        """
        links: dict[str, list[_Link]] = {}
        givers: dict[str, list[_Giver]] = {}
        waiting = [start]
        while waiting:
            name = waiting.pop()
            if name in links or (name, platform) in self._known:
                continue
            links[name] = self._links(name, platform)
            for user, carries in links[name]:
                if carries:
                    givers.setdefault(user.target, []).append(_Giver(name, user.fallback))
                    waiting.append(user.target)
        gains = [gain for name in givers for gain in self._gains_before(name, platform)]
        self._known.update({(name, platform): {} for name in links})
        for name, several in links.items():
            found = self._known[name, platform]
            for user, _ in several:
                if not is_directory_list(user.target):
                    description = self._describe(user.target, platform)
                    receiver = Receiver(user.target, user.fallback)
                    if _note(found, description, receiver):
                        gains.append(_Gain(name, description, receiver))
        for name, description, receiver in gains:  # more of them are added meanwhile
            for giver, fallback in givers.get(name, ()):
                one = Receiver(receiver.name, receiver.fallback or fallback)
                if _note(self._known[giver, platform], description, one):
                    gains.append(_Gain(giver, description, one))

    def _gains_before(self, name: str, platform: Platform) -> Iterator[_Gain]:
        """Yield the receivers of a target that were collected for another one before."""
        for (description, _), several in self._known.get((name, platform), {}).items():
            for receiver in several:
                yield _Gain(name, description, receiver)

    def _links(self, name: str, platform: Platform) -> list[_Link]:
        keys = (name, *sorted(self._model.aliases.get(name, ())))
        return [
            _Link(user, self._model.carries(user.target, user.passes))
            for key in keys
            for user in sorted(self._model.users.get(key, ()), key=_order)
            if user.platform is platform
        ]


def _note(found: _Found, description: Hashable, receiver: Receiver) -> bool:
    """Note a receiver that is the first or the second of its description; return whether it is."""
    key = description, receiver.fallback
    known = found.get(key, ())
    if len(known) == 2 or receiver in known:
        return False
    found[key] = (*known, receiver)
    return True


def _order(user: User) -> tuple[str, bool, bool]:
    return user.target, not user.passes, user.fallback
