"""Reads from a project's settings which folders hold its packages, or are put on Python's path.

These are settings of pytest, and of what builds packages: setuptools (in ``setup.cfg`` and
``setup.py``, too), Hatch, maturin, PDM, Poetry, scikit-build-core and uv.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.files.safe_open import MAX_SETTINGS
from no_libpython_dlopen.files.toml import parse_toml

#: A package and its folder as written, below the project's root; the package has no name where
#: the folder holds packages.
PackageFolder = tuple[str, str]

#: The keys below ``tool`` whose values are folders with packages, or packages, or tables of these.
_FOLDERS = (
    "hatch.build.dev-mode-dirs",
    "hatch.build.sources",
    "hatch.build.targets.wheel.sources",
    "maturin.python-source",
    "pdm.build.package-dir",
    "poetry.packages",
    "pytest.ini_options.pythonpath",
    "pytest.pythonpath",
    "setuptools.packages.find.where",
    "uv.build-backend.module-root",
)
_PACKAGES = ("hatch.build.targets.wheel.packages", "scikit-build.wheel.packages")
_TABLES = ("scikit-build.wheel.packages", "setuptools.package-dir")
_LAST_PARTS = frozenset(one.rpartition(".")[2] for one in (*_FOLDERS, *_PACKAGES, *_TABLES))
#: The same in an INI file: an option with the lines that continue it.
_OPTION = re.compile(
    r"^(pythonpath|where|package_dir)[ \t]*[=:][ \t]*(.*(?:\r?\n[ \t]+\S.*)*)", re.MULTILINE
)
_ENTRY = re.compile(r"^[ \t]*([\w.]*)[ \t]*=[ \t]*([\w./-]+)", re.MULTILINE)
#: The same in a ``setup.py``.
_DIRECTORIES = re.compile(r"\bpackage_dir\s*=\s*\{([^}]{0,2000})\}")
_PAIR = re.compile(r"[\"']([\w.]*)[\"']\s*:\s*[\"']([\w./-]+)[\"']")
_FIND = re.compile(r"\bfind_(?:namespace_)?packages\(\s*(?:where\s*=\s*)?[\"']([\w./-]+)[\"']")


def package_folders(root: str) -> tuple[PackageFolder, ...]:
    """Return the folders that the settings in a project's root name, as they are written."""
    return file_tree.once(_package_folders, root)


def _package_folders(root: str) -> tuple[PackageFolder, ...]:
    found: dict[PackageFolder, None] = {}
    for name in _READERS:
        path = os.path.join(root, name)
        stamp = file_tree.stamp_of(path)
        found.update(dict.fromkeys(_folders_in(path, stamp) if stamp is not None else ()))
    return tuple(found)


@lru_cache(256)
def _folders_in(path: str, _stamp: file_tree.Stamp) -> tuple[PackageFolder, ...]:
    """Return the folders that a file names, read once for each of its states."""
    try:
        text = file_tree.read_file(path, MAX_SETTINGS).decode("utf-8")
        several = _READERS[os.path.basename(path)](text)
        return tuple((name, one) for name, one in several if isinstance(one, str))
    except (OSError, ValueError, RecursionError):
        return ()


def _read_toml(text: str) -> Iterator[PackageFolder]:
    """Yield the folders of a ``pyproject.toml``. Raises ``ValueError``, or ``RecursionError``."""
    if not any(one in text for one in _LAST_PARTS):
        return
    tools = parse_toml(text).get("tool")
    for key in _FOLDERS:
        yield from (("", one) for one in _texts(_value(tools, key)))
    for key in _PACKAGES:
        yield from (("", os.path.dirname(one.rstrip("/"))) for one in _texts(_value(tools, key)))
    for key in _TABLES:
        table = _value(tools, key)
        yield from table.items() if isinstance(table, dict) else ()


def _value(table: Any, key: str) -> Any:
    for part in key.split("."):
        table = table.get(part) if isinstance(table, dict) else None
    return table


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts of a value, or of the ``from`` of the tables in it."""
    if isinstance(value, str):
        yield from value.split()
    for one in value if isinstance(value, list) else ():
        text = one.get("from") if isinstance(one, dict) else one
        yield from [text] if isinstance(text, str) else ()


def _read_ini(text: str) -> Iterator[PackageFolder]:
    for key, value in _OPTION.findall(text):
        if key == "package_dir":
            yield from _ENTRY.findall(value)
        else:
            yield from (("", one) for one in re.split(r"[\s,]+", value) if one)


def _read_setup_py(text: str) -> Iterator[PackageFolder]:
    for entries in _DIRECTORIES.findall(text):
        yield from _PAIR.findall(entries)
    yield from (("", one) for one in _FIND.findall(text))


_READERS: dict[str, Callable[[str], Iterator[PackageFolder]]] = {
    "pyproject.toml": _read_toml,
    "setup.py": _read_setup_py,
    **dict.fromkeys(("pytest.ini", "setup.cfg", "tox.ini"), _read_ini),
}
