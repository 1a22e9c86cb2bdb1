"""The site-packages directory that an installed file belongs to."""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress

from no_libpython_dlopen.engine.installed.record_rows import find_row, name_in
from no_libpython_dlopen.files.atomic_write import WriteRefused
from no_libpython_dlopen.files.installed_lists import folders_above, sites_around
from no_libpython_dlopen.files.prefixes import SITES
from no_libpython_dlopen.files.safe_open import MAX_SETTINGS, read_file

_DIRECT_URL, _RECORDS = "*.dist-info/direct_url.json", "*.dist-info/RECORD"


def site_of(path: str) -> str:
    """Return the site-packages directory that a file belongs to, empty if it belongs to none.

    Scripts and data lie outside of it, where a ``RECORD`` in it lists them. Raises ``OSError``,
    ``WriteRefused`` where one cannot be read.
    """
    around = (site for site in sites_around(path) if find_row(site, name_in(site, path))[0])
    return site_above(path) or next(around, "")


def site_above(path: str) -> str:
    """Return the site-packages directory that holds a file, empty if none does.

    A package may bring others along, with the marks of their installer, as setuptools does in
    ``_vendor``: its own ``RECORD``, further up, lists those files.
    """
    found = ""
    for folder in folders_above(path):
        if os.path.basename(folder) in SITES:
            return folder
        if _has_distributions(folder):
            found = folder
    return found


def unpacked_wheel_above(path: str) -> str:
    """Return the directory with a ``RECORD`` that lists a file, empty if none does.

    It is an unpacked wheel, or has the same layout. Raises as ``site_of``.
    """
    around = filter(_has_records, folders_above(path))
    return next((one for one in around if find_row(one, name_in(one, path))[0]), "")


def is_in_package(path: str) -> bool:
    """Return whether a ``RECORD`` lists a file; false where that cannot be read."""
    target = os.path.realpath(path)
    with suppress(OSError, WriteRefused):
        around = (*filter(_has_records, folders_above(target)), *sites_around(target))
        return any(find_row(one, name_in(one, target))[0] for one in around)
    return False


def is_in_unpacked_wheel(path: str) -> bool:
    """Return whether a directory or a file is an unpacked wheel, or in one."""
    inside = os.path.join(os.path.realpath(path), "x")
    return not site_above(inside) and any(map(_has_records, folders_above(inside)))


def _has_records(folder: str) -> bool:
    return bool(glob.glob(f"{glob.escape(folder)}/{_RECORDS}"))


def _has_distributions(folder: str) -> bool:
    """Return whether a directory has an ``INSTALLER`` file, as after ``pip install --target``."""
    try:
        names = [name for name in os.listdir(folder) if name.endswith(".dist-info")]
    except OSError:
        return False
    return any(os.path.exists(os.path.join(folder, name, "INSTALLER")) for name in names)


def find_editable_sources(sites: Sequence[str], import_path: Iterable[str]) -> list[str]:
    """Return the directories of projects that are installed in editable mode.

    pip writes them to ``direct_url.json`` (PEP 610), older tools only to ``.pth`` files, by which
    they are on the ``import_path``. Eggs in ``sites`` are on it, too, but are no such projects.
    """
    from urllib.parse import urlsplit
    from urllib.request import url2pathname

    projects = []
    for site in sites:
        for path in sorted(glob.glob(os.path.join(glob.escape(site), _DIRECT_URL))):
            with suppress(OSError, ValueError, LookupError, TypeError, RecursionError):
                said = json.loads(read_file(path, MAX_SETTINGS))
                if said["dir_info"]["editable"] is True:
                    projects.append(url2pathname(urlsplit(said["url"]).path))
    inside = tuple(os.path.join(place, "") for place in (*projects, *sites))
    others = (place for place in import_path if os.path.basename(place) not in SITES)
    projects += [place for place in others if not os.path.join(place, "").startswith(inside)]
    return list(dict.fromkeys(projects))
