"""Tells from its sources whether a library starts an interpreter for a program without one."""

from __future__ import annotations

import os
from collections.abc import Iterable
from enum import Enum

from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.buildsystems.common.source_files import named_sources
from no_libpython_dlopen.buildsystems.common.source_roles import role_of_all
from no_libpython_dlopen.knowledge.module_definitions import Role
from no_libpython_dlopen.model import analysis

#: Files that name the sources of a Python project's modules.
_BUILD_FILES = ("setup.py", "pyproject.toml")


class HostKind(Enum):
    """Whether a library runs an interpreter for a program without one.

    That is ``POSSIBLE`` where it starts one and could be a module as well, and ``CERTAIN`` where
    no source defines a module.
    """

    NONE = "none"
    POSSIBLE = "possible"
    CERTAIN = "certain"


def host_kind(sources: Iterable[str], parts: Iterable[Iterable[str]] = ()) -> HostKind:
    """Return whether a library of these sources starts an interpreter.

    The sources are paths as for ``modules_of``, ``parts`` those of archives and objects that it may
    link into itself. A source that cannot be read starts none, but may define a module. Beyond a
    limit the answer is ``NONE``, and the limit is noted.
    """
    with analysis.until_limit():
        return host_kind_of_roles(role_of_all(sources), map(role_of_all, parts))
    return HostKind.NONE


def host_kind_of_roles(own: Role, parts: Iterable[Role]) -> HostKind:
    """Return the same by the roles of a library's own sources and of the parts that it links."""
    if own.may_start and own.may_define:
        return HostKind.POSSIBLE
    every = (own, *parts)
    if own.starts and not any(one.may_define for one in every):
        return HostKind.CERTAIN
    return HostKind.POSSIBLE if any(one.may_start for one in every) else HostKind.NONE


def join_host_kinds(answers: Iterable[HostKind]) -> HostKind:
    """Return the answer of several libraries: ``POSSIBLE`` if they differ."""
    found = set(answers)
    return found.pop() if len(found) == 1 else HostKind.POSSIBLE if found else HostKind.NONE


def may_host_project(folder: str) -> bool:
    """Return whether a source that a Python project's build files name starts an interpreter."""
    for at in (folder, os.path.dirname(folder), os.path.dirname(os.path.dirname(folder))):
        texts = [text_of(os.path.join(at, one), errors="replace") for one in _BUILD_FILES]
        if any(text is not None for text in texts):
            known = "\n".join(text for text in texts if text is not None)
            return host_kind(sorted(named_sources(at, known))) is not HostKind.NONE
    return False
