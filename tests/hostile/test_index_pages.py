"""Pages of an index made to fill memory, to stall or to lead elsewhere."""

from __future__ import annotations

import gzip
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from no_libpython_dlopen.package_index import connections, simple_api
from no_libpython_dlopen.package_index.http_client import Client, IndexUnavailable
from no_libpython_dlopen.package_index.pip_settings import Settings
from tests.binary.index_server import Index, serving
from tests.hostile.confined import confined

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork and resource limits")

#: Bytes that one page may take beyond the interpreter and what it has loaded, and seconds.
MEMORY, SECONDS = 400 << 20, 40
JSON = "application/vnd.pypi.simple.v1+json"
META = b'{"meta":{"api-version":"1.0"},'


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    with serving(tmp_path / "served") as served:
        yield served


def names(index: Index, kind: str, body: bytes, encoding: str = "gzip") -> list[str] | str:
    """Return the files that a page lists, or what is said of it."""
    content = gzip.compress(body, 1) if encoding == "gzip" else body
    index.bodies["/simple/spam/"] = (kind, content)
    index.headers["Content-Encoding"] = encoding
    settings = Settings(indexes=(index.simple,))

    def work() -> list[str] | str:
        try:
            with Client(settings) as client:
                return [file.filename for file in simple_api.files_of("spam", settings, client)]
        except IndexUnavailable as error:
            return str(error)

    return confined(work, memory=MEMORY, seconds=SECONDS)


ANCHOR = b'<a href="spam-1.tar.gz">spam</a>'
SIXTY = 60 << 20
REFUSED = {
    "60 MB of nothing": ("text/html", bytes(SIXTY), "larger than"),
    "tags": ("text/html", b"<b>" * (30 << 18), "too many values"),
    "a tag without end": ("text/html", b"<a " + b"x " * (2 << 20), "an unclosed tag"),
    "attributes": ("text/html", b"<a " + b"x=1 " * (1 << 20), "an unclosed tag"),
    "comments without end": ("text/html", b"<!--x>" * 600_000, "an unclosed tag"),
    "lists": (JSON, META + b'"files":[' + b"[]," * (9 << 20) + b"[]]}", "too many values"),
    "objects": (JSON, META + b'"files":[' + b"{}," * (9 << 20) + b"{}]}", "too many values"),
    "deep": (JSON, META + b'"files":' + b"[" * 500_000, "RecursionError"),
    "files": (
        JSON,
        META + b'"files":[' + b'{"url":"spam-1.zip"},' * (1 << 20) + b"1]}",
        "too many values",
    ),
    "version 2": (JSON, b'{"meta":{"api-version":"2.0"},"files":[]}', "ValueError"),
    "no text": (JSON, META + b'"files":[{"url":7}]}', "Error"),
}


@pytest.mark.parametrize(("kind", "body", "clause"), REFUSED.values(), ids=REFUSED)
def test_a_page_that_is_none_is_refused_in_bounds(
    index: Index, kind: str, body: bytes, clause: str
) -> None:
    said = names(index, kind, body)
    assert isinstance(said, str)
    assert clause in said
    assert len(said) < 200


READ = {
    "anchors left open": b"<a href=x>y" * 50_000 + ANCHOR,
    "tags left open": b"<div>" * 100_000 + ANCHOR,
    "a repeated file": ANCHOR * 20_000,
    "text": b"x" * (20 << 20) + ANCHOR,
    "the first of two": b'<a href="spam-1.tar.gz" href="eggs-1.tar.gz">x</a>',
    "a base": b'<base href="/elsewhere/">' + ANCHOR,
    "without an end tag": b'<a href="spam-1.tar.gz">',
    "entities": b'<a href="spam-1&#46;tar.gz" data-requires-python="&gt;=3">x</a>',
}


@pytest.mark.parametrize("body", READ.values(), ids=READ)
def test_a_page_of_much_else_is_read_in_bounds(index: Index, body: bytes) -> None:
    assert names(index, "text/html", body) == ["spam-1.tar.gz"]


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "deflate"])
def test_an_encoding_that_was_not_asked_for_is_refused(index: Index, encoding: str) -> None:
    said = names(index, "text/html", ANCHOR, encoding)
    assert isinstance(said, str)
    assert "encoding that was not requested" in said


@pytest.mark.parametrize("cut", [1, 9, 30])
def test_gzip_that_ends_early_is_one_line(index: Index, cut: int) -> None:
    body = gzip.compress(ANCHOR * 3)[:-cut]
    index.bodies["/simple/spam/"] = ("text/html", body)
    index.headers["Content-Encoding"] = "gzip"
    settings = Settings(indexes=(index.simple,))
    with Client(settings) as client, pytest.raises(IndexUnavailable, match="ends the connection"):
        simple_api.files_of("spam", settings, client)


@pytest.mark.parametrize("scheme", ["file://", "file:", "FILE://", "ftp://localhost"])
def test_a_page_leads_to_no_file_on_this_machine(index: Index, tmp_path: Path, scheme: str) -> None:
    (tmp_path / "spam-1.tar.gz").write_bytes(b"")
    link = f'<a href="{scheme}{tmp_path}/spam-1.tar.gz">spam</a>'.encode()
    said = names(index, "text/html", link)
    assert isinstance(said, str)
    assert "no such package" in said


def test_headers_that_trickle_in_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time for a read; the answer never begins."""
    monkeypatch.setattr(connections, "HEADER_SECONDS", 1.0)
    ended = threading.Event()

    def trickle(listening: socket.socket) -> None:
        connected, _ = listening.accept()
        with connected, suppress(OSError):
            connected.recv(4096)
            connected.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not ended.wait(0.1):
                connected.sendall(b"x")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=trickle, args=(listening,), daemon=True).start()
        place = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = Settings(indexes=(place,), retries=0, timeout=5)
        started = time.monotonic()
        try:
            with Client(settings) as client, pytest.raises(IndexUnavailable, match="closed"):
                client.page(f"{place}/spam/", "text/html")
            assert time.monotonic() - started < 20
        finally:
            ended.set()
