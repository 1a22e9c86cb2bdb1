"""A wheel on a server, read by ranges of bytes where the server has them.

``zipfile`` and the readers of ELF files ask for bytes at an offset, as of any file. The
end of a wheel holds its directory; after that it is known which members can matter, and
they are fetched in pieces of a few megabytes, neighbours together. What is not needed is
not fetched, and what was fetched is kept, so that never more than the file is transferred.

Weighed and left: ``remotezip`` fetches whole members and keeps its own way of reading
them, so neither the bounds nor the early end of our readers would hold; ``fsspec`` and
``smart_open`` open a new connection for every jump, or keep what they have read.
"""

from __future__ import annotations

import errno
import io
import re
import time
from bisect import bisect
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from no_libpython_dlopen.binary.archives.seekable_stream import SpooledFile
from no_libpython_dlopen.package_index.http_client import (
    FILE_SECONDS,
    Body,
    Client,
    IndexUnavailable,
    host_of,
)

#: The directory's end record with the longest comment, and so most wheels' whole directory.
TAIL = (1 << 16) + 256
#: Of ranges that are this near to each other one is made.
_GAP = 1 << 17
#: Where one piece follows another, each is twice as long, up to the last of these.
_SMALLEST_PIECE, _LARGE_PIECE, _LARGEST_PIECE = 1 << 14, 4 << 20, 16 << 20
_READ = 1 << 16
#: More of what was fetched is kept on disk.
_IN_MEMORY = 16 << 20
_TRIES = 3
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/([0-9]{1,15})")


class RemoteFile(io.RawIOBase):
    """A file on a server, to be read and seeked; raises ``IndexUnavailable`` where that fails.

    ``size`` is how long it is, ``tag`` the version of it, by which a change between two
    requests is noticed. ``traffic`` counts bytes.
    """

    def __init__(self, client: Client, address: str, size: int, tag: str) -> None:
        super().__init__()
        self.size = size
        self.traffic = 0
        self._client = client
        self._address = address
        self._tag = tag
        self._deadline = time.monotonic() + FILE_SECONDS
        self._position = 0
        #: What was fetched, at its place, and the ranges of it: sorted, none touches another.
        self._fetched = SpooledFile(max_size=_IN_MEMORY)
        if size > _IN_MEMORY:  # else the gap before the tail would be filled in memory
            self._fetched.rollover()
        self._ranges: list[tuple[int, int]] = []
        self._plan: list[tuple[int, int]] | None = None
        self._piece = _LARGE_PIECE

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        base = (0, self._position, self.size)[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, "before the start of the file")  # as files on disk do
        self._position = base + offset
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """Return ``size`` bytes from where the file stands, fewer only at its end."""
        end = self.size if size is None or size < 0 else min(self._position + size, self.size)
        parts = []
        while self._position < end:
            part = self._find_cached(end)
            if not part:
                self._fetch(self._position, end)
                continue
            self._position += len(part)
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def plan(self, ranges: list[tuple[int, int]]) -> None:
        """Announce which ranges will be read from their starts to their ends."""
        self._plan = []
        for start, end in sorted(ranges):
            if self._plan and start - self._plan[-1][1] <= _GAP:
                self._plan[-1] = self._plan[-1][0], max(end, self._plan[-1][1])
            else:
                self._plan.append((start, end))

    def close(self) -> None:
        self._fetched.close()
        super().close()

    def _find_cached(self, end: int) -> bytes:
        stop = _end_at(self._ranges, self._position)
        if not stop:
            return b""
        self._fetched.seek(self._position)
        return self._fetched.read(min(end, stop) - self._position)

    def _keep(self, start: int, data: bytes) -> None:
        """Keep ``data``, none of which was fetched before."""
        self._fetched.seek(start)
        self._fetched.write(data)
        self.traffic += len(data)
        end = start + len(data)
        at = bisect(self._ranges, (start,))
        if at < len(self._ranges) and self._ranges[at][0] == end:
            end = self._ranges.pop(at)[1]
        if at and self._ranges[at - 1][1] == start:
            at -= 1
            start = self._ranges.pop(at)[0]
        self._ranges.insert(at, (start, end))

    def _fetch(self, start: int, end: int) -> None:
        """Fetch a piece that begins at ``start`` and ends before what is there already."""
        at = bisect(self._ranges, (start,))
        size = end - start
        if self._plan is not None:  # before it, the directory is wanted whole
            follows = at > 0 and self._ranges[at - 1][1] == start
            self._piece = min(2 * self._piece, _LARGEST_PIECE) if follows else _LARGE_PIECE
            size = min(max(size, _end_at(self._plan, start) - start), self._piece)
        known = self._ranges[at][0] if at < len(self._ranges) else self.size
        end = min(start + max(size, _SMALLEST_PIECE), known)
        failures = 0
        while start < end:
            asked = start
            try:
                for piece in self._request(start, end):
                    self._keep(start, piece)
                    start += len(piece)
            except IndexUnavailable:
                failures = 1 if start - asked >= _SMALLEST_PIECE else failures + 1
                if failures == _TRIES:
                    raise

    def _request(self, start: int, end: int) -> Iterator[bytes]:
        """Yield a range, or the first part of it where the server sends less at a time."""
        left = self._deadline - time.monotonic()
        with _open(self._client, self._address, f"{start}-{end - 1}", left) as body:
            given = _range_of(body)
            if given is None:
                raise IndexUnavailable(
                    f"{host_of(self._address)} no longer supports range requests"
                )
            first, stop, size = given
            if (first, size) != (start, self.size) or stop > end or _tag_of(body) != self._tag:
                raise IndexUnavailable(
                    f"the file on {host_of(self._address)} changed while it was read"
                )
            yield from _take(body, stop - start)

    def keep_tail(self, body: Body, start: int) -> None:
        """Keep what ``body`` holds, the end of the file from ``start`` on."""
        with suppress(IndexUnavailable):  # the rest is fetched when it is read
            for piece in _take(body, self.size - start):
                self._keep(start, piece)
                start += len(piece)


def _end_at(ranges: list[tuple[int, int]], position: int) -> int:
    """Return the end of the one of the sorted ``ranges`` that holds ``position``, else 0."""
    at = bisect(ranges, (position + 1,)) - 1
    return ranges[at][1] if at >= 0 and position < ranges[at][1] else 0


def _take(body: Body, size: int) -> Iterator[bytes]:
    """Yield the ``size`` bytes of a body as they come; raises ``IndexUnavailable``."""
    while size:
        piece = body.read(min(size, _READ))
        if not piece:
            raise IndexUnavailable(f"{host_of(body.url)} closed the connection")
        size -= len(piece)
        yield piece
    body.read(1)  # to its end, so that the connection is used again


def open_remote(client: Client, address: str) -> RemoteFile | Body:
    """Return a file on a server: one to seek in if that can be had, else the answer.

    Raises ``IndexUnavailable``.
    """
    body = _open(client, address, f"-{TAIL}")
    ranges = body.headers.get("Accept-Ranges") == "bytes"
    if body.status == 200 and ranges and (length := body.length) > 2 * TAIL:
        # Servers there are that know no range from the end.
        body.close()
        body = _open(client, address, f"{length - TAIL}-{length - 1}")
    if body.status == 200:
        return body
    with body:
        start, end, size = _range_of(body) or (0, 0, 0)
        if start < end == size <= start + TAIL:
            remote = RemoteFile(client, address, size, _tag_of(body))
            remote.keep_tail(body, start)
            return remote
    body = _open(client, address)  # an empty file has no end (416); others cannot count
    if body.status != 200:
        body.close()
        raise IndexUnavailable(
            f"{host_of(address)} responded with {body.status} to a request for the whole file"
        )
    return body


def _open(client: Client, address: str, wanted: str = "", seconds: float = 0) -> Body:
    """Return the answer to a request for a range of bytes, or for all."""
    headers = {"Range": f"bytes={wanted}"} if wanted else {}
    body = client.open(address, headers, seconds=seconds or FILE_SECONDS)
    encoding = body.headers.get("Content-Encoding", "identity").lower()
    # Some servers say it of archives that are packed themselves.
    if encoding != "identity" and not urlsplit(address).path.endswith((".gz", ".tgz")):
        body.close()
        raise IndexUnavailable(f"{host_of(address)} uses an encoding that was not requested")
    return body


def _range_of(body: Body) -> tuple[int, int, int] | None:
    """Return start, end and the whole file's size, ``None`` where the answer is no range."""
    match = _CONTENT_RANGE.fullmatch(body.headers.get("Content-Range", ""))
    if body.status != 206 or match is None:
        return None
    start, end = int(match[1]), int(match[2]) + 1
    if body.length and body.length != end - start:
        return None
    return start, end, int(match[3])


def _tag_of(body: Body) -> str:
    tag: str = body.headers.get("ETag") or body.headers.get("Last-Modified") or ""
    return tag
