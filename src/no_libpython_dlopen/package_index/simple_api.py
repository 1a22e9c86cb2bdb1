"""What an index has: the files of a project, and the names of all projects.

Pages are those of the Simple API (PEP 503 and 691) and of ``--find-links``, over HTTP or
on disk. Nothing is decided here: every file of every version
is listed, in the order of the pages.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from urllib.parse import quote, unquote, urldefrag, urlsplit
from urllib.request import url2pathname

from packaging.utils import canonicalize_name

from no_libpython_dlopen.package_index.http_client import (
    MOST_PAGE,
    Client,
    IndexUnavailable,
    NoSuchProject,
    NotOnIndex,
    Page,
    host_of,
)
from no_libpython_dlopen.package_index.index_pages import JSON, MOST_VALUES_OF_NAMES, links_of
from no_libpython_dlopen.package_index.pip_settings import Settings, without_credentials

_ACCEPT = f"{JSON}, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01"
#: The one page that lists all projects of an index is larger than others.
_MOST_NAMES_PAGE = 64 << 20
#: No file has a longer name, and none of a wheel that people install means more tags: each
#: combination of those between its hyphens is one.
_LONGEST_NAME, _MOST_TAGS = 255, 1000
_LARGEST_FILE = 1 << 50


@dataclass(frozen=True, slots=True)
class File:
    """A file of a release. ``address`` is where it is, a path where it is on disk.

    ``yanked`` is the reason why it is yanked, perhaps empty, ``None`` if it is not.
    """

    filename: str
    address: str
    project: str
    version: str
    wheel: bool
    size: int | None = None
    yanked: str | None = None


def files_of(project: str, settings: Settings, client: Client) -> list[File]:
    """Return all files of a project on all indexes and pages of links.

    Raises ``NoSuchProject`` where none has any, ``IndexUnavailable`` where one cannot be asked:
    a release that is newer may be listed there.
    """
    name = canonicalize_name(project)
    found: dict[str, File] = {}
    for place in settings.find_links:
        for file in _find_links(place, client):
            if file.project == name:
                found.setdefault(file.filename, file)
    for index in settings.indexes:
        try:
            page = _page(f"{index.rstrip('/')}/{quote(name)}/", client)
        except NotOnIndex:
            continue
        for file in _files_in(page, name):
            if file.project == name:
                found.setdefault(file.filename, file)
    if not found:
        raise NoSuchProject(f"no such package on {_places(settings)}")
    return list(found.values())


def _places(settings: Settings) -> str:
    names = dict.fromkeys(
        host_of(address) if is_remote(address) else without_credentials(address)
        for address in (*settings.indexes, *settings.find_links)
    )
    return ", ".join(names) or "any index: pip's `no-index` is set"


def is_remote(address: str) -> bool:
    """Return whether an address is one of HTTP."""
    return address.lower().startswith(("http:", "https:"))


def path_of(address: str) -> str:
    """Return the path of a file that is on disk: a path, or an address with ``file:``."""
    if address.startswith("file:"):
        return url2pathname(urlsplit(address).path)
    return os.path.expanduser(address)


def _page(address: str, client: Client) -> Page:
    if is_remote(address):
        return client.page(address, _ACCEPT)
    path = path_of(address)
    if os.path.isdir(path):
        path = os.path.join(path, "index.html")
    try:
        with open(path, "rb") as file:
            content = file.read(MOST_PAGE + 1)
    except (FileNotFoundError, NotADirectoryError):
        raise NotOnIndex(f"{without_credentials(address)}: no such page") from None
    except OSError as error:
        raise IndexUnavailable(
            f"{without_credentials(address)}: {error.strerror or error}"
        ) from None
    if len(content) > MOST_PAGE:
        raise IndexUnavailable(
            f"{without_credentials(address)} is larger than {MOST_PAGE >> 20} MiB"
        )
    return Page("file://" + quote(os.path.abspath(path)), content, "text/html")


def _find_links(place: str, client: Client) -> Iterator[File]:
    """Yield the files at a place of ``--find-links``: a folder, a page, or a file."""
    if is_remote(place):
        if _is_archive(urlsplit(place).path):
            yield from _file(place.rpartition("/")[2], place, None)
        else:
            yield from _files_in(_page(place, client), None)
        return
    path = path_of(place)
    if os.path.isdir(path):
        try:
            names = sorted(os.listdir(path))
        except OSError as error:
            raise IndexUnavailable(f"{place}: {error.strerror or error}") from None
        for name in names:
            yield from _file(name, os.path.join(path, name), None)
    elif path.endswith((".html", ".htm")):
        yield from _files_in(_page(place, client), None)
    elif os.path.exists(path):
        yield from _file(os.path.basename(path), path, None)


def _is_archive(path: str) -> bool:
    return path.endswith((".whl", ".tar.gz", ".zip", ".tgz", ".tar.bz2"))


def _files_in(page: Page, project: str | None) -> Iterator[File]:
    """Yield the files that a page lists; raises ``IndexUnavailable`` for a page that is none."""
    for link in links_of(page):
        # As in pip, the address says what a file is called, not the text of the link.
        filename = unquote(urlsplit(link.url).path.rpartition("/")[2])
        address = urldefrag(link.url).url
        if not is_remote(address):
            if is_remote(page.address):
                continue  # nobody else says which files are read here
            address = path_of(address)
        yield from _file(filename, address, project, size=link.size, yanked=link.yanked)


def _file(
    filename: str,
    address: str,
    project: str | None,
    *,
    size: int | None = None,
    yanked: str | None = None,
) -> Iterator[File]:
    """Yield the file of a name if the name is one of a wheel or a source distribution."""
    from pypi_simple import UnparsableFilenameError, parse_filename

    if not filename or "/" in filename or not filename.isprintable():
        return
    tags = filename.rsplit("-", 3)[1:]
    if len(filename) > _LONGEST_NAME or prod(tag.count(".") + 1 for tag in tags) > _MOST_TAGS:
        return
    try:
        name, version, kind = parse_filename(filename, project)
    except (UnparsableFilenameError, ValueError):
        return
    if kind not in ("wheel", "sdist"):
        return
    yield File(
        filename,
        address,
        canonicalize_name(name),
        version,
        wheel=kind == "wheel",
        size=size if size is not None and 0 < size < _LARGEST_FILE else None,
        yanked=yanked,
    )


def file_at(address: str) -> File | None:
    """Return the file of an address or path that is one of a wheel or source distribution."""
    name = unquote(urlsplit(address).path) if "://" in address else address
    return next(_file(name.rpartition("/")[2], address, None), None)


def list_page(address: str, client: Client) -> tuple[list[str], list[File]]:
    """Return the entries of a page: names of projects, or files where there are any.

    Raises ``IndexUnavailable``.
    """
    if is_remote(address):
        with client.open(address, {"Accept": _ACCEPT}, decode=True) as body:
            content = body.all(_MOST_NAMES_PAGE, f"the page of {host_of(address)}")
            page = Page(body.url, content, body.headers.get("Content-Type", ""))
    else:
        page = _page(address, client)
    names: list[str] = []
    files: list[File] = []
    for link in links_of(page, MOST_VALUES_OF_NAMES):
        place = urldefrag(link.url).url
        if not _is_archive(place):
            names += filter(None, [link.text])
        elif is_remote(place) or not is_remote(page.address):
            name = unquote(place.rpartition("/")[2])
            files += _file(name, place if is_remote(place) else path_of(place), None)
    return ([], files) if files else (names, [])
