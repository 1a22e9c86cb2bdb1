"""What is no message of the language server protocol ends the server with one line."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest

pytest.importorskip("pygls")

from no_libpython_dlopen.server.messages import MalformedFrame, MessageReader

NOT_THE_PROTOCOL = [
    b"Content-Length: abc\r\n\r\n{}",
    b"Content-Length: -5\r\n\r\n{}",
    b"Content-Length: 0\r\n\r\n",
    b"Content-Length: 999999999999\r\n\r\n{}",
    b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
    b"Content-Length: 2\n\n{}",
    b"GET / HTTP/1.1\r\n\r\n",
    b"\r\n",
    b"\0" * 10_000,
    b"Content-Type: x\r\n" * 50 + b"\r\n",
    b"Content-Type: x\r\n\r\n{}",
]


@pytest.mark.parametrize("sent", NOT_THE_PROTOCOL)
def test_a_header_that_is_none_is_refused(sent: bytes) -> None:
    reader = MessageReader(io.BytesIO(sent))
    with pytest.raises(MalformedFrame):
        list(iter(reader.readline, b""))


def test_headers_and_bodies_are_read() -> None:
    frame = b"Content-Length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n"
    reader = MessageReader(io.BytesIO((frame + b"{}") * 3))
    for _ in range(3):
        assert [reader.readline() for _ in range(3)][-1] == b"\r\n"
        assert reader.read(2) == b"{}"
    assert reader.readline() == b""


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"noise\r\n\r\n", 2),
        (b"Content-Length: 2\r\n\r\n{}", 1),
        (b"Content-Length: 9\r\n\r\n[[[[[[[[[", 1),
        (b"Content-Length: 3\r\n\r\n\xff\xfe\xfd", 1),
    ],
)
def test_the_server_says_one_line(sent: bytes, status: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "no_libpython_dlopen", "server"],
        input=sent,
        capture_output=True,
        check=False,
    )
    assert done.returncode == status
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.startswith(b"nolibpy: error: ")
