"""Standard streams that may be closed, or on a full disk, while the files are still checked.

A process that is started without one of them would get its number for the next file that it
opens, and print into that. So they lead nowhere then. What cannot be written is dropped, the
files are checked and fixed all the same, and the end of the run says so.
"""

from __future__ import annotations

import io
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO


class LostOutput(io.RawIOBase):
    """A descriptor that is written as long as that succeeds; ``error`` is why it did not.

    Raises ``BrokenPipeError``: whoever read it has gone, and nobody waits for the rest.
    """

    def __init__(self, descriptor: int, error: OSError | None = None) -> None:
        self.error: OSError | None = None
        self._descriptor = descriptor
        self._first_error = error

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self.error = self.error or self._first_error
        if self.error is not None:
            return len(data)
        try:
            return os.write(self._descriptor, data)
        except BrokenPipeError:
            raise
        except BlockingIOError:
            import select

            select.select([], [self._descriptor], [])
            return self.write(data)
        except OSError as error:
            self.error = error
            return len(data)

    def as_text(self, encoding: str, *, line_buffering: bool = False) -> TextIO:
        """Return a stream of text that is written here."""
        return io.TextIOWrapper(
            io.BufferedWriter(self),  # type: ignore[type-var]
            encoding=encoding,
            errors="backslashreplace",
            line_buffering=line_buffering,
        )


def prepare() -> LostOutput | None:
    """Make the standard streams safe to use; return standard output if it is watched.

    ``sys.stdin`` stays ``None`` where standard input is closed.
    """
    for descriptor in filter(_is_closed, range(3)):
        opened = os.open(os.devnull, os.O_RDWR)
        if opened != descriptor:  # pragma: no cover - a system without the lowest number first
            os.dup2(opened, descriptor)
            os.close(opened)
    sys.stderr = _watch(sys.stderr, 2)[0]
    sys.stdout, sink = _watch(sys.stdout, 1)
    return sink


def _is_closed(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return True
    return False


def _watch(stream: TextIO | None, descriptor: int) -> tuple[TextIO, LostOutput | None]:
    """Return the stream, or one in its place, and what it writes to."""
    if stream is not None and stream.isatty():
        return stream, None
    sink = LostOutput(descriptor, OSError(None, "it is closed") if stream is None else None)
    by_line = descriptor == 2 or getattr(stream, "line_buffering", False)
    encoding = stream.encoding if stream is not None else "utf-8"
    return sink.as_text(encoding, line_buffering=by_line), sink
