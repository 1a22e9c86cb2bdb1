"""Talks HTTP to a package index, and never for longer or for more than was agreed.

``requests`` does the talking, as in pip: proxies, ``.netrc``, certificates, redirects;
``urllib3`` retries with growing pauses, ``truststore`` asks the system's certificates.
What they leave open is bounded here: which addresses a redirect may lead to, how long a
body may take as a whole (their timeouts are for a single read), how large a page may be;
``connections`` bounds its headers.
"""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
import urllib3
from urllib3.exceptions import HTTPError, InsecureRequestWarning, ReadTimeoutError
from urllib3.util.retry import Retry

from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.package_index.connections import Adapter, SystemAdapter
from no_libpython_dlopen.package_index.pip_settings import Settings, without_credentials
from no_libpython_dlopen.version import __version__

#: The largest project pages have some 10,000 files and 20 MB.
MOST_PAGE = 32 << 20
#: How long a page and a file may take as a whole.
_PAGE_SECONDS, FILE_SECONDS = 300.0, 3600.0
_MOST_REDIRECTS = 5
_LONGEST_PAUSE = 30
_PIECE = 1 << 16
#: What zlib calls a gzip header before it.
_GZIP = 16 + zlib.MAX_WBITS
_PASSING = (429, 500, 502, 503, 504)
_MISSING = (404, 410)
_LENGTH = re.compile(r"[0-9]{1,15}")


class IndexUnavailable(NolibpyError):
    """Something could not be had from an index; the text is one clause."""


class NotOnIndex(IndexUnavailable):
    """The index says that there is no such thing."""


class NoSuchProject(NotOnIndex):
    """No index has a project of this name."""


class _Retry(Retry):
    def get_retry_after(self, response: Any) -> float | None:
        """Return for how long the server wants us to wait, but no more than is reasonable."""
        wanted = super().get_retry_after(response)
        return None if wanted is None else min(wanted, _LONGEST_PAUSE)


class _Session(requests.Session):
    """Follows a redirect only to where a request may go."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self.max_redirects = _MOST_REDIRECTS
        self._client = client

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        target = super().get_redirect_target(resp)
        if target is not None:
            try:
                address = urljoin(resp.url, target)
            except ValueError:
                host = host_of(resp.url)
                raise IndexUnavailable(f"{host} redirects to what is no URL") from None
            self._client.allow(address)
        return target


class Body:
    """The body of one answer, read as it comes; close it."""

    def __init__(self, response: requests.Response, seconds: float, *, decode: bool) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.url = response.url
        self._response = response
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._packed = b""
        self._unpacker: zlib._Decompress | None = None
        encoding = response.headers.get("Content-Encoding", "identity").lower()
        if decode and encoding in ("gzip", "x-gzip"):
            self._unpacker = zlib.decompressobj(_GZIP)
        elif decode and encoding != "identity":
            response.close()
            raise IndexUnavailable(f"{host_of(self.url)} uses an encoding that was not requested")

    @property
    def length(self) -> int:
        """How many bytes the server says it has, 0 where it does not say so."""
        said = self.headers.get("Content-Length", "")
        return int(said) if _LENGTH.fullmatch(said) else 0

    def __enter__(self) -> Body:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the answer, wherever it stands."""
        self._response.close()

    def read(self, size: int) -> bytes:
        """Return at most ``size`` bytes, none at the end; raises ``IndexUnavailable``."""
        if time.monotonic() > self._end:
            raise IndexUnavailable(
                f"{host_of(self.url)} did not send all of its answer within {self._seconds:g} seconds"
            )
        try:
            return self._unpack(size) if self._unpacker else self._raw(size)
        except zlib.error:
            raise IndexUnavailable(f"{host_of(self.url)} sent corrupt gzip data") from None
        except (OSError, HTTPError, ValueError) as error:
            raise IndexUnavailable(_reason(error, self.url)) from None

    def _raw(self, size: int) -> bytes:
        # ``read`` would wait for all of it, however slowly it trickles in.
        return bytes(self._response.raw.read1(size, decode_content=False))

    def _unpack(self, size: int) -> bytes:
        """Return at most ``size`` bytes; urllib3 would unpack all of a piece, however much."""
        assert self._unpacker is not None
        while not self._unpacker.eof:
            packed = self._packed or self._raw(size)
            data = self._unpacker.decompress(packed, size)
            self._packed = self._unpacker.unconsumed_tail
            if data:
                return data
            if not packed:
                raise IndexUnavailable(f"{host_of(self.url)} ends the connection")
        return b""

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it comes."""
        while piece := self.read(_PIECE):
            yield piece

    def all(self, most: int, what: str) -> bytes:
        """Return the whole body; raises ``IndexUnavailable`` where it is longer than ``most``."""
        parts = []
        left = most
        for piece in self.pieces():
            left -= len(piece)
            if left < 0:
                raise IndexUnavailable(f"{what} is larger than {most >> 20} MiB")
            parts.append(piece)
        return b"".join(parts)


class Client:
    """Connections that are made as ``settings`` say; to be used with ``with``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._session = _Session(self)
        self._session.headers["User-Agent"] = f"no-libpython-dlopen/{__version__}"
        retry = _Retry(
            total=settings.retries,
            redirect=False,
            backoff_factor=0.25,
            backoff_max=_LONGEST_PAUSE,
            status_forcelist=_PASSING,
            allowed_methods=("GET",),
            raise_on_status=False,
        )
        plain = Adapter(max_retries=retry)
        self._session.mount("http://", plain)
        if settings.ca_bundle:
            self._session.mount("https://", plain)
        else:
            self._session.mount("https://", SystemAdapter(max_retries=retry))
        if settings.client_cert:
            self._session.cert = settings.client_cert
        self._credentials = dict(_credentials(settings))

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connections."""
        self._session.close()

    def forget_cookies(self) -> None:
        """Delete all cookies; the connections stay open."""
        self._session.cookies.clear()

    def allow(self, address: str) -> str:
        """Return an address's host and port; raises ``IndexUnavailable`` if it may not be asked.

        As in pip: a connection that anybody may have changed needs ``trusted-host``.
        """
        shown = without_credentials(address)
        try:
            parts = _parts_of(address)
        except ValueError:
            raise IndexUnavailable(f"{shown}: not a URL that can be requested") from None
        if self.settings.offline:
            raise IndexUnavailable(f"{shown}: not requested, because of --offline")
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not host:
            raise IndexUnavailable(f"{shown}: unsupported URL")
        if parts.scheme == "http" and not (
            _is_loopback(host) or self._trusts(parts.netloc.rpartition("@")[2])
        ):
            raise IndexUnavailable(
                f"{shown}: not an HTTPS URL; pip's setting `trusted-host` can allow it"
            )
        return parts.netloc.rpartition("@")[2]

    def page(self, address: str, accept: str) -> Page:
        """Return a page; raises ``NotOnIndex`` where there is none, ``IndexUnavailable`` else."""
        with self.open(address, {"Accept": accept}, seconds=_PAGE_SECONDS, decode=True) as body:
            content = body.all(MOST_PAGE, f"the page of {host_of(address)}")
            return Page(body.url, content, body.headers.get("Content-Type", ""))

    def open(
        self,
        address: str,
        headers: Mapping[str, str],
        *,
        seconds: float = FILE_SECONDS,
        decode: bool = False,
    ) -> Body:
        """Return the answer to a GET.

        Raises ``NotOnIndex``, or ``IndexUnavailable`` for any other error.

        416 (an empty file has no last bytes) is an answer.
        """
        place = self.allow(address)
        trusted = self._trusts(place)
        proxy = self.settings.proxy
        proxies = {"http": proxy, "https": proxy} if proxy else None
        if trusted:
            urllib3.disable_warnings(InsecureRequestWarning)
        try:
            response = self._session.get(
                address,
                headers={"Accept-Encoding": "gzip" if decode else "identity", **headers},
                stream=True,
                timeout=self.settings.timeout or None,
                auth=self._credentials.get(place),
                # Both are given here: otherwise an environment variable wins over pip's option.
                proxies=proxies,
                verify=False if trusted else self.settings.ca_bundle or True,
            )
        except IndexUnavailable:
            raise
        except (OSError, HTTPError, ValueError) as error:
            raise IndexUnavailable(_reason(error, address)) from None
        body = Body(response, seconds, decode=decode)
        if response.status_code < 300 or response.status_code == 416:
            return body
        body.close()
        what = (
            f"{host_of(response.url)} responded with {response.status_code} {response.reason or ''}"
        )
        if response.status_code in _MISSING:
            raise NotOnIndex(what.strip())
        raise IndexUnavailable(what.strip())

    def _trusts(self, place: str) -> bool:
        host = place.rpartition(":")[0] if place.rpartition(":")[2].isdigit() else place
        return not {place, host}.isdisjoint(self.settings.trusted_hosts)


class Page(NamedTuple):
    """A page of an index, with the address that it has come from in the end."""

    address: str
    content: bytes
    content_type: str


def _credentials(settings: Settings) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the credentials of each index; the files it lists need them, too."""
    from urllib.parse import unquote

    for address in (*settings.indexes, *settings.find_links):
        try:
            parts = urlsplit(address)
        except ValueError:  # the request of it says so
            continue
        login, at, place = parts.netloc.rpartition("@")
        if at and parts.scheme in ("http", "https"):
            user, _, password = login.partition(":")
            yield place, (unquote(user), unquote(password))


def _parts_of(address: str) -> SplitResult:
    r"""Return the parts of an address. Raises ``ValueError``.

    From some (``https://a\@b/``) Python takes another host than urllib3, which connects: a page
    could have the credentials of one sent to the other.
    """
    parts = urlsplit(address)
    connected = urllib3.util.parse_url(address)
    host = (parts.hostname or "").encode("idna").decode()
    if (parts.scheme, host, parts.port) != (
        connected.scheme,
        (connected.host or "").strip("[]"),
        connected.port,
    ):
        raise ValueError(address)
    return parts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def host_of(address: str) -> str:
    """Return the host of an address, to be shown."""
    return without_credentials(address).partition("://")[2].partition("/")[0] or "the server"


def _reason(error: Exception, address: str) -> str:
    """Return in one clause why there was no answer; the address may hold a password."""
    host = host_of(address)
    if isinstance(error, (requests.Timeout, ReadTimeoutError, TimeoutError)):
        return f"{host} does not respond in time"
    if isinstance(error, requests.exceptions.SSLError) or "SSL" in type(error).__name__:
        return f"the certificate of {host} is not trusted, or the connection to it is broken"
    if isinstance(error, requests.TooManyRedirects):
        return f"{host} redirects more than {_MOST_REDIRECTS} times"
    if isinstance(error, requests.exceptions.ProxyError):
        return f"the proxy for {host} cannot be used"
    if isinstance(error, requests.exceptions.RetryError):
        return f"{host} does not respond (tried several times)"
    if isinstance(error, (requests.ConnectionError, HTTPError)):
        return f"{host} cannot be reached, or closed the connection"
    return f"{host}: {type(error).__name__}"
