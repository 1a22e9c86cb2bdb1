"""Connections on which an answer has to begin in time.

A timeout of urllib3 is that of a single read: a server that sends its headers byte by byte is
waited for, up to a hundred lines of 64 kB.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import requests.adapters
import truststore
import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

#: How long the status and the headers of an answer may take, whether it has begun or not.
HEADER_SECONDS = 120.0


class _InTime(HTTPConnection):
    def getresponse(self) -> BaseHTTPResponse:  # type: ignore[override,unused-ignore]
        """Return the answer. Raises ``TimeoutError`` where its headers take too long."""
        late = threading.Event()
        timer = threading.Timer(HEADER_SECONDS, _shut_down, (self.sock, late))
        timer.daemon = True
        timer.start()
        try:
            response = super().getresponse()
        finally:
            timer.cancel()
        if late.is_set():  # headers that break off are complete for the standard library
            response.close()
            raise TimeoutError
        return response


class _SecureInTime(_InTime, HTTPSConnection):
    pass


def _shut_down(connected: socket.socket, late: threading.Event) -> None:
    late.set()
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _InTime


class _SecurePool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _SecureInTime


class Adapter(requests.adapters.HTTPAdapter):
    """A transport adapter that makes such connections, also to a proxy."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)  # type: ignore[no-untyped-call,unused-ignore]
        _use_pools(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)  # type: ignore[no-untyped-call,unused-ignore]
        _use_pools(manager)
        return manager


class SystemAdapter(Adapter):
    """An adapter that verifies with the certificates that the system trusts."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        options["ssl_context"] = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        super().init_poolmanager(*args, **options)


def _use_pools(manager: Any) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
