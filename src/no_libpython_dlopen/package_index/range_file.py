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
from contextlib import suppress

from no_libpython_dlopen.binary.archives.seekable_stream import SpooledFile
from no_libpython_dlopen.package_index.http_client import Body, Client, IndexUnavailable, host_of

#: The directory's end record with the longest comment, and so most wheels' whole directory.
TAIL = (1 << 16) + 256
#: Of ranges that are this near to each other one is made.
_GAP = 1 << 17
_LARGEST_PIECE = 4 << 20
_SMALLEST_PIECE = 1 << 14
#: More of what was fetched is kept on disk.
_IN_MEMORY = 16 << 20
_TRIES = 3
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class RemoteFile(io.RawIOBase):
    """A file on a server, to be read and seeked; raises ``IndexUnavailable`` where that fails.

    ``tail`` is what stands at its end, ``size`` how long it is; ``tag`` is the version of
    it, by which a change between two requests is noticed. ``traffic`` counts bytes.
    """

    def __init__(self, client: Client, address: str, tail: bytes, size: int, tag: str) -> None:
        super().__init__()
        self.size = size
        self.traffic = len(tail)
        self._client = client
        self._address = address
        self._tag = tag
        self._position = 0
        #: What was fetched, at its place, and the disjoint ranges of it, sorted.
        self._fetched = SpooledFile(max_size=_IN_MEMORY)
        if size > _IN_MEMORY:  # else the gap before the tail would be filled in memory
            self._fetched.rollover()
        self._ranges: list[tuple[int, int]] = []
        self._keep(size - len(tail), tail)
        self._plan: list[tuple[int, int]] | None = None

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

    def _find_cached(self, end: int) -> bytes:
        for start, stop in self._ranges:
            if start <= self._position < stop:
                self._fetched.seek(self._position)
                return self._fetched.read(min(end, stop) - self._position)
        return b""

    def _keep(self, start: int, data: bytes) -> None:
        self._fetched.seek(start)
        self._fetched.write(data)
        self._ranges = sorted([*self._ranges, (start, start + len(data))])

    def close(self) -> None:
        self._fetched.close()
        super().close()

    def _fetch(self, start: int, end: int) -> None:
        """Fetch a piece that begins at ``start``."""
        size = max(min(end - start, _LARGEST_PIECE), _SMALLEST_PIECE)
        if self._plan is None:  # the directory is wanted whole
            size = max(end - start, _SMALLEST_PIECE)
        for first, last in self._plan or ():
            if first <= start < last:
                size = max(size, min(last - start, _LARGEST_PIECE))
        after = min((first for first, _ in self._ranges if first > start), default=self.size)
        size = min(size, after - start)
        self._keep(start, self._get(start, size))
        self.traffic += size

    def _get(self, start: int, size: int) -> bytes:
        """Return a range, asked for again where the connection breaks in the middle."""
        for _ in range(_TRIES - 1):
            with suppress(IndexUnavailable):
                return self._get_once(start, size)
        return self._get_once(start, size)

    def _get_once(self, start: int, size: int) -> bytes:
        with _request(self._client, self._address, f"bytes={start}-{start + size - 1}") as body:
            given = _range_of(body)
            if given is None:
                raise IndexUnavailable(
                    f"{host_of(self._address)} no longer supports range requests"
                )
            if given != (start, start + size, self.size) or _tag_of(body) != self._tag:
                raise IndexUnavailable(
                    f"the file on {host_of(self._address)} changed while it was read"
                )
            data = body.all(size, "the answer")
        if len(data) != size:
            raise IndexUnavailable(f"{host_of(self._address)} closed the connection")
        return data


def open_remote(client: Client, address: str) -> RemoteFile | Body:
    """Return a file on a server: one to seek in if that can be had, else the answer.

    Raises ``IndexUnavailable``.
    """
    body = _request(client, address, f"bytes=-{TAIL}")
    size = body.headers.get("Content-Length", "")
    if body.status == 200 and body.headers.get("Accept-Ranges") == "bytes" and size.isdigit():
        # Servers there are that know no range from the end.
        if int(size) > 2 * TAIL:
            body.close()
            body = _request(client, address, f"bytes={int(size) - TAIL}-{int(size) - 1}")
    elif body.status == 416:  # it is empty
        body.close()
        body = _request(client, address, "")
    try:
        given = _range_of(body)
        if given is None:
            return body
        start, end, total = given
        if not 0 <= start < end == total or end - start > TAIL:
            raise IndexUnavailable(
                f"{host_of(address)} returned another range than the requested one"
            )
        tail = body.all(end - start, "the answer")
        tag = _tag_of(body)
    except BaseException:
        body.close()
        raise
    body.close()
    if len(tail) != end - start:
        raise IndexUnavailable(f"{host_of(address)} closed the connection")
    return RemoteFile(client, address, tail, total, tag)


def _request(client: Client, address: str, wanted: str) -> Body:
    return client.open(address, {"Range": wanted} if wanted else {})


def _range_of(body: Body) -> tuple[int, int, int] | None:
    """Return start, end and the whole file's size, ``None`` where the answer is no range."""
    if body.status != 206:
        return None
    match = _CONTENT_RANGE.fullmatch(body.headers.get("Content-Range", ""))
    if match is None:
        raise IndexUnavailable(f"{host_of(body.url)} returned an invalid Content-Range")
    return int(match[1]), int(match[2]) + 1, int(match[3])


def _tag_of(body: Body) -> str:
    tag: str = body.headers.get("ETag") or body.headers.get("Last-Modified") or ""
    return tag
