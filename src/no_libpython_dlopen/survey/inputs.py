"""What is counted: names, files of names, folders of wheels, pages of an index.

Every package is one item, by its canonical name (PEP 503); of several inputs that name
it, the first counts. A file of names gives each its rank: that of its line, or of its
entry where the file is JSON or CSV, as lists of the most downloaded packages are.
"""

from __future__ import annotations

import os
import random
import re
import shlex
from collections.abc import Iterable, Iterator
from urllib.parse import urldefrag

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.package_index.http_client import Client, IndexUnavailable
from no_libpython_dlopen.package_index.pip_settings import Settings, without_credentials
from no_libpython_dlopen.package_index.simple_api import File, file_at, list_page
from no_libpython_dlopen.survey.models import Item

_MOST_FILE = 256 << 20
_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", re.ASCII)
#: The suffixes of files of names, pages and wheels.
_SUFFIXES = (".csv", ".htm", ".html", ".json", ".tar.gz", ".txt", ".whl", ".zip")
#: What the column or key with the package's name is called.
_KEYS = ("project", "name", "package")


class InvalidInput(NolibpyError):
    """An input that means nothing; the text names it."""


def items_of(
    inputs: Iterable[str], settings: Settings, notes: list[str] | None = None
) -> list[Item]:
    """Return the packages of the inputs, each once, in order. Raises ``InvalidInput``.

    ``notes`` gets a sentence on what each directory has that is not counted.
    """
    found: dict[str, Item] = {}
    for given in inputs:
        for item in _items(given, settings, [] if notes is None else notes):
            found.setdefault(item.name, item)
    return list(found.values())


def sample_of(items: list[Item], size: int, seed: int) -> list[Item]:
    """Return ``size`` random items, the same for the same items and ``seed``."""
    if size >= len(items):
        return items
    by_name = sorted(items, key=lambda item: item.name)
    names = {item.name for item in random.Random(seed).sample(by_name, size)}
    return [item for item in items if item.name in names]


def _items(given: str, settings: Settings, notes: list[str]) -> Iterator[Item]:
    if given.startswith("pypi:"):
        yield _item(given.removeprefix("pypi:"), given, 0)
    elif given.startswith(("http://", "https://", "file://")):
        yield from _on_page(given, settings)
    elif os.path.isdir(given):
        files, others = _files_below(given)
        more = f"; `nolibpy check {shlex.quote(given)}` checks other archives and modules"
        if not files:
            none = f"{given}: no wheels or source distributions in this directory"
            raise InvalidInput(none + more * bool(others))
        if others:
            named = ", ".join(others[:3]) + f" and {len(others) - 3} more" * (len(others) > 3)
            notes.append(
                f"{given}: skipped what is neither a wheel nor a source distribution: {named}{more}"
            )
        yield from _of_files(files)
    elif os.path.exists(given):
        file = file_at(os.path.abspath(given))
        if file is not None and _version_of(file) is not None:
            yield from _of_files([file])
        elif given.endswith((".html", ".htm")):
            yield from _on_page("file://" + os.path.abspath(given), settings)
        else:
            yield from _in_file(given)
    elif "/" in given or os.sep in given:
        raise InvalidInput(f"{given}: no such file or directory")
    elif given.lower().endswith(_SUFFIXES):
        raise InvalidInput(
            f"{given}: no such file; for a package on the index, write `pypi:{given}`"
        )
    else:
        yield _item(given, given, 0)


def _item(text: str, where: str, rank: int) -> Item:
    try:
        wanted = Requirement(text)
    except InvalidRequirement:
        raise InvalidInput(f"{where}: neither a path nor the name of a package") from None
    if wanted.url:
        raise InvalidInput(f"{where}: expected the name of a package")
    return Item(canonicalize_name(wanted.name), f"{wanted.name}{wanted.specifier}", rank)


def _on_page(address: str, settings: Settings) -> Iterator[Item]:
    try:
        with Client(settings) as client:
            names, files = list_page(address, client)
    except IndexUnavailable as error:
        raise InvalidInput(f"{without_credentials(address)}: {error}") from None
    if not names and not files:
        raise InvalidInput(f"{without_credentials(address)}: lists no packages")
    yield from _of_files(files)
    for name in names:
        if _NAME.fullmatch(name):
            yield Item(canonicalize_name(name), name, index=_index_of(address))


def _index_of(address: str) -> str:
    """Return the index that begins at a page of names, nothing where that is a saved page."""
    place = urldefrag(address).url
    if place.startswith("file:") and not place.endswith("/"):
        return ""
    return place.removesuffix("index.html").rstrip("/")


def _of_files(files: Iterable[File]) -> Iterator[Item]:
    """Yield an item for each project, with the files of its newest version."""
    projects: dict[str, dict[Version, list[File]]] = {}
    for file in files:
        version = _version_of(file)
        if version is not None:
            projects.setdefault(file.project, {}).setdefault(version, []).append(file)
    for project, versions in projects.items():
        yield Item(project, project, files=tuple(versions[max(versions)]))


def _files_below(folder: str) -> tuple[list[File], list[str]]:
    """Return the wheels and source distributions below a folder, and the names of what is similar.

    These are other archives, modules outside of any, and wheels of a version that is none.
    """
    found = []
    others = []
    for place, _, names in file_tree.walk(folder):
        for name in names:
            path = os.path.abspath(os.path.join(place, name))
            file = file_at(path)
            if not os.path.isfile(path):
                continue
            if file is not None and _version_of(file) is not None:
                found.append(file)
            elif kind_of(name) in (Kind.ARCHIVE, Kind.BINARY):
                others.append(name)
    return found, sorted(others)


def _version_of(file: File) -> Version | None:
    try:
        return Version(file.version)
    except InvalidVersion:
        return None


def _in_file(path: str) -> Iterator[Item]:
    try:
        if not os.path.isfile(path):
            raise InvalidInput(f"{path}: not a regular file")
        with open(path, encoding="utf-8-sig", newline="") as file:
            text = file.read(_MOST_FILE + 1)
    except OSError as error:
        raise InvalidInput(f"{path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        reason = "neither a wheel, a source distribution nor a text file with names"
        raise InvalidInput(f"{path}: {reason}") from None
    if len(text) > _MOST_FILE:
        raise InvalidInput(f"{path}: longer than {_MOST_FILE >> 20} million characters")
    entries = _entries(path, text)
    rank = 0
    for line, entry in entries:
        rank += 1
        yield _item(entry, f"{path}:{line}" if line else f"{path}: {entry}", rank)
    if not rank:
        raise InvalidInput(f"{path}: no names in this file")


def _entries(path: str, text: str) -> Iterable[tuple[int, str]]:
    """Return the names in a file, each with its line (0 where that is not known)."""
    if path.endswith(".json"):
        return [(0, name) for name in _in_json(path, text)]
    if path.endswith(".csv"):
        return _in_csv(path, text)
    lines = ((number, line.partition("#")[0].strip()) for number, line in _number_lines(text))
    return [(number, line) for number, line in lines if line]


def _number_lines(text: str) -> Iterator[tuple[int, str]]:
    return enumerate(text.splitlines(), 1)


def _in_json(path: str, text: str) -> list[str]:
    import json

    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidInput(f"{path}: not valid JSON") from None
    if isinstance(data, dict):
        data = next((value for value in data.values() if isinstance(value, list)), None)
    if not isinstance(data, list):
        raise InvalidInput(f"{path}: contains no array of names")
    names = []
    for entry in data:
        if isinstance(entry, dict):
            entry = next((entry[key] for key in _KEYS if key in entry), None)
        if not isinstance(entry, str):
            raise InvalidInput(f"{path}: an entry has no {', '.join(_KEYS)}")
        names.append(entry)
    return names


def _in_csv(path: str, text: str) -> list[tuple[int, str]]:
    import csv

    reader = csv.reader(text.splitlines())
    try:
        header = next(reader, [])
        column = next((header.index(key) for key in _KEYS if key in header), None)
        if column is None:
            raise InvalidInput(f"{path}: no column named {', '.join(_KEYS)}")
        return [(reader.line_num, row[column]) for row in reader if len(row) > column]
    except csv.Error as error:
        raise InvalidInput(f"{path}:{reader.line_num}: not valid CSV: {error}") from None
