"""The extension modules installed in an environment, and where their libpython would come from."""

from __future__ import annotations

import os
import site
import sysconfig
from importlib import metadata
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary import reader
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.model.facts import Embedded, Needed
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Unreadable
from no_libpython_dlopen.runtime import loader_search, messages
from no_libpython_dlopen.runtime.doctor.inspection import Module

if TYPE_CHECKING:
    from collections.abc import Iterator


def folders() -> list[str]:
    """Return the folders that this environment installs into, and imports from."""
    found = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    found += getattr(site, "getsitepackages", list)()
    found.append(site.getusersitepackages() if site.ENABLE_USER_SITE else "")
    real = [os.path.realpath(folder) for folder in found if folder and os.path.isdir(folder)]
    return list(dict.fromkeys(real))


def find_modules(runtime: str) -> tuple[Module, ...]:
    """Return the installed modules that need libpython or carry one, in order of path.

    ``runtime`` is the file of the running runtime. All files are looked at, not only those
    that a distribution lists.
    """
    found: dict[str, Needed | Embedded] = {}
    for path in _binaries():
        try:
            facts = list(reader.read(path, Kind.BINARY))
        except Unreadable:
            continue
        for fact in facts:
            if isinstance(fact, Needed | Embedded):
                found.setdefault(path, fact)
    owners = _owners(set(found)) if found else {}
    return tuple(
        _module(owners.get(path, ""), path, found[path], runtime) for path in sorted(found)
    )


def _module(owner: str, path: str, fact: Needed | Embedded, runtime: str) -> Module:
    if isinstance(fact, Embedded):
        return Module(owner, path, (), "embedded")
    through = fact.through and os.path.normpath(os.path.join(os.path.dirname(path), fact.through))
    leads_to = {_leads_to(name, through or path, runtime) for name in fact.libraries}
    worst = next(word for word in ("second", "missing", "own") if word in leads_to)
    return Module(owner, path, fact.libraries, worst, fact.through)


def _leads_to(name: str, path: str, runtime: str) -> str:
    """Return the outcome of a need of the binary ``path``: ``own``, ``second`` or ``missing``."""
    if os.path.basename(name) == os.path.basename(runtime):
        return "own"  # what is loaded under that name is taken
    place = loader_search.locate(name, (), caller=path)
    if not place:
        return "missing"
    return "own" if messages.same_file(place, runtime) else "second"


def _binaries() -> Iterator[str]:
    for folder in folders():
        for root, _, names in file_tree.walk(folder):
            for name in names:
                if name.endswith((".so", ".dylib")) or ".so." in name:
                    yield os.path.join(root, name)


def _owners(paths: set[str]) -> dict[str, str]:
    """Return the distribution, as ``name version``, of each path that one lists."""
    owners = {}
    for distribution in metadata.distributions(path=folders()):
        for file in distribution.files or ():
            if file.suffix in {".so", ".dylib"} or ".so." in file.name:
                path = os.path.realpath(str(distribution.locate_file(file)))
                if path in paths:
                    owners[path] = f"{distribution.metadata['Name']} {distribution.version}"
    return owners
