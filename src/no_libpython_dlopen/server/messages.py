"""Reads the frames of the language server protocol, and ends the server at a malformed one.

pygls skips headers that it does not know, reads as many bytes as a header says, logs anything
that is not a message with a traceback, and does not answer a request that comes too late or
whose parameters are not those of its method.
"""

from __future__ import annotations

import io
import logging
import re
import sys
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest, JsonRpcServerNotInitialized
from pygls.protocol import LanguageServerProtocol

from no_libpython_dlopen.model.errors import NolibpyError

if TYPE_CHECKING:
    from typing import BinaryIO

#: Bytes of a header, of a message, and headers of a message.
MAX_HEADER, MAX_MESSAGE, MAX_HEADERS = 4096, 256 << 20, 16
#: The protocol's base: ``Content-Length`` in this spelling, as pygls wants it, or ``Content-Type``.
_HEADER = re.compile(rb"Content-(?:Type: [ -~]*|Length: (?P<length>[0-9]{1,12}))\r\n")


class MalformedFrame(NolibpyError):
    """What came in is not of the protocol; what follows cannot be told apart any more."""


class MessageReader(io.RawIOBase):
    """The bytes that an editor sends. ``readline`` is for headers, ``read`` for bodies.

    Both raise ``MalformedFrame``.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._length: int | None = None
        self._headers = 0

    def readline(self, size: int | None = -1) -> bytes:  # noqa: ARG002
        """Return the next header, or the empty line behind the last one."""
        line = self._stream.readline(MAX_HEADER + 1)
        header = _HEADER.fullmatch(line)
        self._headers += 1
        if header is not None and self._headers <= MAX_HEADERS:
            if header["length"] is not None:
                self._length = int(header["length"])
                if not 0 < self._length <= MAX_MESSAGE:
                    raise MalformedFrame("a message must have 1 byte to 256 MiB")
        elif line == b"\r\n" and self._length is not None:
            self._headers, self._length = 0, None
        elif line:
            raise MalformedFrame("standard input is not the language server protocol")
        return line

    def read(self, size: int = -1) -> bytes:
        """Return the body of a message, cut off where the input ends."""
        return self._stream.read(size)


class Protocol(LanguageServerProtocol):
    """The protocol, with its errors for requests before ``initialize`` and after ``shutdown``."""

    _is_initialized = False

    def structure_message(self, data: dict[str, Any]) -> Any:
        """Return a message of what came in; a request that is not of its form gets an error."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            method, number = data.get("method"), data.get("id")
            if method is not None and isinstance(number, (int, str)):
                told = self._error(str(method)) or error
                self._send_response(number, error=told.to_response_error())
            raise

    def handle_message(self, message: Any) -> None:
        """Answer a message; of the notifications out of turn only ``exit`` has an effect."""
        method = getattr(message, "method", None)
        is_request = method is not None and hasattr(message, "id")
        error = self._error(method) if method not in (None, types.EXIT) else None
        if error is None:
            self._is_initialized |= method == types.INITIALIZE
            super().handle_message(message)
        elif is_request:
            self._send_response(message.id, error=error.to_response_error())

    def _error(self, method: str | None) -> JsonRpcException | None:
        """Return the error of a message that is out of turn."""
        if self._shutdown:
            return JsonRpcInvalidRequest("the server has been shut down")
        if not self._is_initialized and method != types.INITIALIZE:
            return JsonRpcServerNotInitialized("the server has not been initialized")
        if self._is_initialized and method == types.INITIALIZE:
            return JsonRpcInvalidRequest("the server has been initialized already")
        return None


class _OneLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        told = f"{record.getMessage()}: {error}" if error else record.getMessage()
        return f"nolibpy: {record.levelname.lower()}: {told.splitlines()[0] if told else ''}"


def log_in_one_line() -> None:
    """Have the libraries of the server log warnings and errors without tracebacks."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
