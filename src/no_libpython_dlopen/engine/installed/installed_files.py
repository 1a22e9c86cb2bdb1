"""Fixes installed files only if no package manager owns them, with a backup and ``RECORD``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from no_libpython_dlopen.engine.installed.backup import FOLDER, Backup, locked
from no_libpython_dlopen.engine.installed.package_managers import owner_problem
from no_libpython_dlopen.files.atomic_write import WriteRefused
from no_libpython_dlopen.files.given_paths import GivenPaths

#: The names of the directories into which packages are installed.
_SITES = ("site-packages", "dist-packages")


class InstalledFiles:
    """The installed files that a run fixes; with ``managed`` also those of package managers.

    ``sites`` are the directories in which something was fixed.
    """

    def __init__(self, *, managed: bool) -> None:
        self._managed = managed
        self.sites: dict[str, None] = {}

    @contextmanager
    def change(self, path: str) -> Iterator[None]:
        """Surround the fix of the file at ``path``. Raises ``WriteRefused``."""
        target = os.path.realpath(path)
        site = _site_of(target)
        if not self._managed:
            problem = owner_problem(target, installed=bool(site))
            if problem:
                raise WriteRefused(f"not written: {problem}")
        if not site:
            yield
            return
        with ExitStack() as held:
            with _refusals():
                held.enter_context(locked(site))
                backup = Backup(site)
                backup.keep(target)
            try:
                yield
            finally:
                with _refusals():
                    if backup.finish(target):
                        self.sites[site] = None

    def notes(self) -> list[str]:
        """Return a note for each backup: where the originals are, and how to restore them."""
        return [
            f"{os.path.join(site, FOLDER)}: keeps the originals; `nolibpy fix --undo {site}` "
            "restores them"
            for site in self.sites
        ]


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteRefused(f"not written: no backup: {error.strerror or error}") from None


def _site_of(path: str) -> str:
    """Return the site-packages directory of a file, empty if it is in none.

    A package may bring others along, with the marks of their installer, as setuptools does in
    ``_vendor``: its own ``RECORD``, further up, lists those files.
    """
    found = ""
    folder = os.path.dirname(path)
    while folder != os.path.dirname(folder):
        if os.path.basename(folder) in _SITES:
            return folder
        if _has_distributions(folder):
            found = folder
        folder = os.path.dirname(folder)
    return found


def _has_distributions(folder: str) -> bool:
    """Return whether a directory has an ``INSTALLER`` file, as after ``pip install --target``."""
    try:
        names = [name for name in os.listdir(folder) if name.endswith(".dist-info")]
    except OSError:
        return False
    return any(os.path.exists(os.path.join(folder, name, "INSTALLER")) for name in names)


def undo(paths: Iterable[str]) -> tuple[list[str], list[tuple[str, str]]]:
    """Restore the originals of what was fixed at or below ``paths``.

    Returns the restored files, and those that are not, each with the reason.
    """
    paths = tuple(paths)
    given = GivenPaths(paths)
    sites: dict[str, None] = {}
    for path in given.resolve():
        above = _site_of(path if os.path.isfile(path) else os.path.join(path, "x"))
        sites.update(dict.fromkeys([above] if above else _sites_below(path)))
    done: list[str] = []
    problems: list[tuple[str, str]] = []
    for site in sites:
        try:
            with _refusals(), locked(site):
                restored, left = Backup(site).undo(given)
        except WriteRefused as refused:
            problems.append((site, str(refused)))
            continue
        done += restored
        problems += left
    return done, problems


def _sites_below(path: str) -> list[str]:
    return [place for place, folders, _ in os.walk(path) if FOLDER in folders]
