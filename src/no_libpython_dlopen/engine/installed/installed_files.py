"""Fixes installed files only if no package manager owns them, with a backup and ``RECORD``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import IO

from no_libpython_dlopen.engine.installed.backup import FOLDER, Backup, hash_of, lock, pieces_of
from no_libpython_dlopen.engine.installed.package_managers import PackageManagers
from no_libpython_dlopen.engine.installed.record_rows import (
    FollowingRows,
    find_rows,
    name_in,
    true_rows,
)
from no_libpython_dlopen.engine.installed.sites import site_above, site_of, unpacked_wheel_above
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.files.atomic_write import Prepare, WriteRefused
from no_libpython_dlopen.files.given_paths import GivenPaths
from no_libpython_dlopen.files.installed_lists import folders_above, sites_around

#: Where ``dpkg-deb -R`` puts the hashes of an unpacked package.
_SUMS = "DEBIAN/md5sums"


class InstalledFiles:
    """The installed files that a run fixes; with ``managed`` also those of package managers."""

    def __init__(self, *, managed: bool) -> None:
        self._managers = None if managed else PackageManagers()
        #: For each site-packages directory in which something was fixed, the folder of all that.
        self._fixed: dict[str, str] = {}
        #: Fixed files outside of site-packages, whose originals are not kept.
        self._without_backup: list[str] = []

    @contextmanager
    def change(self, path: str) -> Iterator[Prepare | None]:
        """Surround the fix of the file at ``path``. Raises ``WriteRefused``.

        Its writer is given what this yields.
        """
        target = os.path.realpath(path)
        with _refusals():
            site = site_of(target)
        problem = self._managers.owner_problem(target, site) if self._managers else ""
        if problem:
            raise WriteRefused(f"not written: {problem}")
        if not site:
            with _refusals():
                before = os.stat(target)
            with _rows_renewed(target) as prepare:
                yield prepare
            with suppress(OSError):  # it vanished
                if not os.path.samestat(before, os.stat(target)):
                    self._without_backup.append(target)
            return
        with ExitStack() as held:
            with _refusals():
                held.enter_context(lock(site))
                backup = Backup(site)

            def prepare(new: IO[bytes]) -> None:
                with _refusals():
                    backup.prepare(target, new)

            try:
                yield prepare
            finally:
                with _refusals():
                    if backup.finish(target):
                        known = self._fixed.get(site, site)
                        self._fixed[site] = os.path.commonpath((known, target))

    def notes(self) -> list[str]:
        """Return a note for each backup: where the originals are, and how to restore them.

        If there is a backup, another note names fixed files whose originals are not kept. A third
        one is on the hashes of an unpacked package of Debian.
        """
        notes = [
            f"{os.path.join(site, FOLDER)}: keeps the originals; `nolibpy fix --undo {place}` "
            "restores them"
            for site, place in self._fixed.items()
        ]
        if notes and self._without_backup:
            first, *others = self._without_backup
            more = f" and {len(others)} more" if others else ""
            notes.append(f"{first}{more}: outside of site-packages no original is kept")
        places = (*self._fixed, *self._without_backup)
        sums = (os.path.join(top, _SUMS) for place in places for top in folders_above(place))
        return notes + [
            f"{one}: has the old hashes; renew it before you pack the directory, without `{FOLDER}`"
            for one in dict.fromkeys(sums)
            if os.path.isfile(one)
        ]


@contextmanager
def _rows_renewed(target: str) -> Iterator[Prepare | None]:
    """Update the ``RECORD`` of an unpacked wheel with the fix of a file; there is no backup."""
    with ExitStack() as held:
        with _refusals():
            folder = unpacked_wheel_above(target)
        if not folder:
            yield None
            return
        with _refusals():
            held.enter_context(lock(folder))
            name, old = name_in(folder, target), hash_of(target)
            true = true_rows(find_rows(folder, name), partial(hash_of, target))
            rows = FollowingRows(folder, true)

        def prepare(new: IO[bytes]) -> None:
            with _refusals():
                rows.renew(lambda: pieces_of(new))

        try:
            yield prepare
        finally:
            with _refusals():
                if hash_of(target) == old:
                    rows.restore()


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise WriteRefused(f"not written: no backup: {error.strerror or error}") from None


def undo(
    paths: Iterable[str], prefixes: Iterable[str] = ()
) -> tuple[list[str], list[tuple[str, str]]]:
    """Restore the originals of what was fixed at or below ``paths``.

    Files below the ``prefixes`` are restored, too, if they belong to packages at these paths. Returns
    the restored files, and those that are not, each with the reason.
    """
    paths = tuple(paths)
    given = GivenPaths(paths)
    restored_in = GivenPaths((*paths, *prefixes))
    sites: dict[str, None] = {}
    for path in given.resolve():
        inside = path if os.path.isfile(path) else os.path.join(path, "x")
        above = site_above(inside)
        kept = (site for site in sites_around(inside) if os.path.isdir(os.path.join(site, FOLDER)))
        sites.update(dict.fromkeys([above] if above else [*_sites_below(path), *kept]))
    done: list[str] = []
    problems: list[tuple[str, str]] = []
    for site in sites:
        try:
            with _refusals(), lock(site):
                restored, left = Backup(site).undo(restored_in)
        except WriteRefused as refused:
            problems.append((site, str(refused)))
            continue
        done += restored
        problems += left
    return done, [(path, why.replace("not written:", "not restored:")) for path, why in problems]


def _sites_below(path: str) -> list[str]:
    return [place for place, folders, _ in file_tree.walk(path) if FOLDER in folders]
