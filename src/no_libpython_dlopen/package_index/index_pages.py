"""The links on a page of an index: the Simple API (PEP 503 and 691), or a page of links.

Whoever runs an index may send any page. HTML is read as a stream, since the tree of a page
takes fifty times its size, and JSON only if it cannot hold more values than any index lists.
``pypi-simple`` reads pages as well, as trees, or with time that grows with the square of
anchors that are left open.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, NamedTuple
from urllib.parse import urljoin

from no_libpython_dlopen.package_index.http_client import IndexUnavailable, Page, host_of

JSON = "application/vnd.pypi.simple.v1+json"
#: Tags, or values in JSON, of a project's page and of the one that names all projects: the
#: largest projects have 20,000 files of some 15 values, an index less than a million projects.
MOST_VALUES, MOST_VALUES_OF_NAMES = 1_000_000, 4_000_000
_PIECE = 1 << 16
#: Of HTML that does not go on to the end of a tag, a comment or a script.
_MOST_REST = 1 << 20
#: Characters of a name; what comes behind so many is left out.
_LONGEST_TEXT = 1000
_VERSION = "1"


class Link(NamedTuple):
    """What a page leads to: a file, or where ``text`` is its name a project.

    ``yanked`` is the reason why the file is yanked, perhaps empty, ``None`` if it is not
    (PEP 592, PEP 691).
    """

    url: str
    text: str
    size: int | None = None
    yanked: str | None = None


def links_of(page: Page, most: int = MOST_VALUES) -> Iterator[Link]:
    """Yield the links of a page in its order.

    Raises ``IndexUnavailable`` for a page that is none, or of more than ``most`` values.
    """
    is_json = page.content_type.startswith(JSON)
    if sum(map(page.content.count, (b"[", b"{", b",") if is_json else (b"<",))) > most:
        raise IndexUnavailable(f"the page of {host_of(page.address)} has too many values")
    try:
        yield from (_read_json if is_json else _read_html)(page)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        AssertionError,
        RecursionError,
    ) as error:
        name = type(error).__name__
        raise IndexUnavailable(
            f"{host_of(page.address)} does not return a page of a package index: {name}"
        ) from None


def _read_json(page: Page) -> Iterator[Link]:
    data: dict[str, Any] = json.loads(page.content)
    _check_version(str(data["meta"]["api-version"]))
    for project in data.get("projects", ()):
        yield Link("", str(project["name"]))
    for file in data.get("files", ()):
        size = file.get("size")
        url = urljoin(page.address, file["url"])
        yanked = file.get("yanked") or None
        reason = "" if yanked is True else yanked and str(yanked)
        yield Link(url, "", size if type(size) is int else None, reason)


def _check_version(version: str) -> None:
    if version.partition(".")[0] != _VERSION:
        raise ValueError(f"version {version} of the Simple API")


def _read_html(page: Page) -> Iterator[Link]:
    parser = _LinkParser(page.address)
    pieces = (page.content[at : at + _PIECE] for at in range(0, len(page.content), _PIECE))
    for piece in codecs.iterdecode(pieces, "utf-8", "replace"):
        parser.feed(piece)
        if len(parser.rawdata) > _MOST_REST:
            raise IndexUnavailable(f"the page of {host_of(page.address)} has an unclosed tag")
        links, parser.links = parser.links, []
        yield from links
    parser.handle_endtag("a")
    yield from parser.links


class _LinkParser(HTMLParser):
    """Collects anchors; one that is left open ends where the next one begins."""

    def __init__(self, base: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[Link] = []
        self._open: Link | None = None
        #: Its text up to the first tag in it: a name comes in two where a piece of the page ends.
        self._text = ""
        self._base = base

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._end_text()
        values = dict(reversed(attrs))
        href = values.get("href")
        if tag == "base" and href:
            self._base = urljoin(self._base, href)
        elif tag == "meta" and values.get("name") == "pypi:repository-version":
            _check_version(values.get("content") or "")
        elif tag == "a":
            self.handle_endtag(tag)
            if href is not None:
                url = urljoin(self._base, href)
                yanked = values.get("data-yanked") or "" if "data-yanked" in values else None
                self._open = Link(url, "", yanked=yanked)

    def handle_endtag(self, tag: str) -> None:
        self._end_text()
        if tag == "a" and self._open is not None:
            self.links.append(self._open)
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open is not None and len(self._text) < _LONGEST_TEXT:
            self._text += data

    def _end_text(self) -> None:
        if self._open is not None and not self._open.text:
            self._open = self._open._replace(text=self._text.strip())
        self._text = ""
