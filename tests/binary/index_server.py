"""A package index on 127.0.0.1, with the manners and the ill manners of real ones."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Index:
    """Serves wheels of a folder: ``/simple/NAME/`` lists them, ``/files/`` has them.

    ``ranges`` is ``"all"``, ``"absolute"`` (none from the end) or ``"none"``; ``form`` is
    that of the pages, and ``prefix`` may stand before each path. ``statuses`` are answered
    first, ``redirects`` always, ``bodies`` in place of what is there, and of ``cut`` only half
    is sent, once. ``tags`` are the versions that the files are said to have, one an answer.
    The connection breaks after ``torn`` bytes of a file, and a range has no more than ``most``;
    every 64 kB take ``pause`` seconds. ``claim`` makes the Content-Range, ``yanked`` are the
    values of what says so of a file. ``logins`` are the credentials and ``seen`` the requests, ``connections`` counts what
    they came by, and ``sent`` the bytes of files.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ranges = "all"
        self.form = "html"
        self.prefix = ""
        self.connections = 0
        self.statuses: dict[str, list[int]] = {}
        self.redirects: dict[str, str] = {}
        self.bodies: dict[str, tuple[str, bytes]] = {}
        self.headers: dict[str, str] = {}
        self.cut: set[str] = set()
        self.torn = 1 << 40
        self.most = 1 << 40
        self.pause = 0.0
        self.claim: Callable[[int, int, int], str] = "bytes {}-{}/{}".format
        self.sent = 0
        self.stall: set[str] = set()
        self.login = ""
        self.tags: list[str] = []
        self.yanked: dict[str, str | bool] = {}
        self.logins: list[str | None] = []
        self.seen: list[tuple[str, str]] = []
        self.released = threading.Event()
        self.host = ""

    @property
    def simple(self) -> str:
        """The address of the index."""
        return f"http://{self.host}/simple"

    def address_of(self, filename: str) -> str:
        """Return the address of a file."""
        return f"http://{self.host}/files/{filename}"

    def asked(self, path: str) -> list[str]:
        """Return the ranges (or nothing) that were asked of a path."""
        return [wanted for seen, wanted in self.seen if seen.endswith(path)]

    def page(self, name: str) -> tuple[str, bytes] | None:
        """Return the page of a project, or of all."""
        files = sorted(path.name for path in self.folder.iterdir())
        projects: dict[str, list[str]] = {}
        for file in files:
            project = re.sub(r"[-_.]+", "-", file.partition("-")[0]).lower()
            projects.setdefault(project, []).append(file)
        if not name:
            if self.form == "json":
                data: dict[str, Any] = {
                    "meta": {"api-version": "1.0"},
                    "projects": [{"name": each} for each in projects],
                }
                return "application/vnd.pypi.simple.v1+json", json.dumps(data).encode()
            return "text/html", _html([(f"{each}/", each) for each in projects])
        if name not in projects:
            return None
        if self.form == "json":
            data = {
                "meta": {"api-version": "1.1"},
                "name": name,
                "versions": [],
                "files": [
                    {
                        "filename": file,
                        "url": f"../../files/{file}",
                        "hashes": {},
                        "size": (self.folder / file).stat().st_size,
                        "upload-time": "2024-01-01T00:00:00Z",
                        "yanked": self.yanked.get(file, False),
                    }
                    for file in projects[name]
                ],
            }
            return "application/vnd.pypi.simple.v1+json", json.dumps(data).encode()
        return "text/html", _html(
            [(f"../../files/{file}", file) for file in projects[name]], self.yanked
        )


def _html(links: list[tuple[str, str]], yanked: Mapping[str, str | bool] = {}) -> bytes:
    more = {
        file: " data-yanked" if reason is True else f' data-yanked="{escape(str(reason))}"'
        for file, reason in yanked.items()
    }
    anchors = "\n".join(
        f'<a href="{href}#sha256=00"{more.get(text, "")}>{text}</a><br/>' for href, text in links
    )
    return f"<!DOCTYPE html><html><body>{anchors}</body></html>".encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    index: Index

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        index = self.index
        path = unquote(self.path.partition("?")[0]).removeprefix(index.prefix)
        index.logins.append(self.headers.get("Authorization"))
        index.seen.append((path, self.headers.get("Range") or ""))
        if path in index.stall:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nPK\3\4")
            index.released.wait(30)
            self.close_connection = True
            return
        if index.login and self.headers.get("Authorization") != index.login:
            self._send(401, "text/plain", b"who are you?")
        elif path in index.redirects:
            self._send(302, "text/plain", b"", Location=index.redirects[path])
        elif index.statuses.get(path):
            self._send(index.statuses[path].pop(0), "text/plain", b"not now")
        elif path in index.bodies:
            self._send(200, *index.bodies[path], **index.headers)
        elif path.startswith("/simple/"):
            page = index.page(path.removeprefix("/simple/").strip("/"))
            self._send(200, *page) if page else self._send(404, "text/plain", b"none")
        elif (file := index.folder / path.removeprefix("/files/")).is_file():
            self._send_file(path, file.read_bytes())
        else:
            self._send(404, "text/plain", b"none")

    def _send_file(self, path: str, data: bytes) -> None:
        match = _RANGE.fullmatch(self.headers.get("Range") or "")
        ranges = self.index.ranges
        extra = {
            "ETag": self.index.tags.pop(0) if self.index.tags else '"1"',
            **({} if ranges == "none" else {"Accept-Ranges": "bytes"}),
        }
        extra |= self.index.headers
        if match is None or ranges == "none" or (ranges == "absolute" and not match[1]):
            self._send(200, "application/zip", data, path, **extra)
            return
        if match[1]:
            start, end = int(match[1]), min(int(match[2] or len(data)) + 1, len(data))
            end = min(end, start + self.index.most)
        else:
            start, end = max(0, len(data) - int(match[2])), len(data)
        if start >= end:
            self._send(416, "text/plain", b"")
            return
        extra["Content-Range"] = self.index.claim(start, end - 1, len(data))
        self._send(206, "application/zip", data[start:end], path, **extra)

    def _send(self, status: int, kind: str, body: bytes, path: str = "", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if path in self.index.cut:
            self.index.cut.discard(path)
            body = body[: len(body) // 2]
            self.close_connection = True
        elif path and len(body) > self.index.torn:
            body = body[: self.index.torn]
            self.close_connection = True
        for at in range(0, len(body), 1 << 16) if path else ():
            # Counted first: whoever has received the last byte may look at once.
            self.index.sent += len(body[at : at + (1 << 16)])
            self.wfile.write(body[at : at + (1 << 16)])
            self.index.released.wait(self.index.pause)
        if not path:
            self.wfile.write(body)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    index: Index

    def process_request(self, *arguments: Any) -> None:
        self.index.connections += 1
        super().process_request(*arguments)

    def handle_error(self, *_: object) -> None:
        """Say nothing: a client may well leave in the middle."""


@contextmanager
def serving(folder: Path, kind: type[Index] = Index) -> Iterator[Index]:
    """Serve the wheels in ``folder`` as long as the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    index = kind(folder)
    handler = type("Handler", (_Handler,), {"index": index})
    with _Server(("127.0.0.1", 0), handler) as server:
        server.index = index
        index.host = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield index
        finally:
            index.released.set()
            server.shutdown()
            thread.join()
