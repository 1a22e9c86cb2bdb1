"""Credentials of an index: no other host gets them, and no message shows them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from no_libpython_dlopen.package_index import reader
from no_libpython_dlopen.package_index.http_client import Client, NoSuchProject
from no_libpython_dlopen.package_index.pip_settings import Settings, hide_credentials
from tests.binary.index_server import Index, serving
from tests.end_to_end.commands import run
from tests.hostile.confined import confined

FILE = "spam-1-cp312-cp312-manylinux_2_17_x86_64.whl"
LOGIN = "Basic bWU6c2VjcmV0"  # me:secret


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Index]:
    with serving(tmp_path / "own") as served:
        served.login = LOGIN
        yield served


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Index]:
    with serving(tmp_path / "other") as served:
        yield served


#: Addresses in which programs see the one host or the other.
ADDRESSES = [
    "http://{other}\\@{own}/f/",
    "http://{other}\\.{own}/f/",
    "http://{own}\\@{other}/f/",
    "http://{own}@{other}/f/",
    "http://{own}:@{other}/f/",
    "http://{other}#@{own}/f/",
    "http://{other}?@{own}/f/",
    "http://{other};@{own}/f/",
    "http://{other}&#9;@{own}/f/",
    "http://{other}/&#13;&#10;Host: {own}/f/",
    "//{other}/@{own}/f/",
    "http:\\\\{other}\\{own}/f/",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("way", ["a link", "a redirect"])
def test_no_other_host_gets_the_credentials_of_an_index(
    own: Index, other: Index, address: str, way: str
) -> None:
    target = address.format(own=own.host, other=other.host) + FILE
    page, link = own.bodies, target
    if way == "a redirect":
        link = f"/moved/{FILE}"
        own.redirects[link] = target.replace("&#9;", "\t").replace("&#13;&#10;", "%0d%0a")
    page["/simple/spam/"] = "text/html", f'<a href="{link}">spam</a>'.encode()
    settings = Settings(indexes=(f"http://me:secret@{own.host}/simple",), retries=0, timeout=5)
    with Client(settings) as client, suppress(NoSuchProject):  # a link that names no file
        for file in reader.resolve_with(client, "spam", settings).files:
            for fact in reader.read_with(client, file).facts:
                assert "secret" not in str(fact)
    assert own.logins[0] == LOGIN
    assert LOGIN not in other.logins


#: What stands in a file or on a command line, and what is shown of it.
SHOWN = {
    "git+https://me:secret@github.com/o/r.git@v1": "git+https://github.com/o/r.git@v1",
    "-e git+https://secret@github.com/o/r.git#egg=x": "-e git+https://github.com/o/r.git",
    "x @ https://h/x.whl?token=secret": "x @ https://h/x.whl",
    "https://me:sec/ret@h/simple": "an invalid URL",
    "https://me:sec#ret@h/simple": "an invalid URL",
    "https://me:sec[ret@h/simple": "an invalid URL",
    "htps://me:secret@h/simple": "htps://h/simple",
    "me:secret@h/simple": "h/simple",
    "https://[::1]:80/@scope/x": "https://[::1]:80/@scope/x",
    "r.txt:12: a@b": "r.txt:12: a@b",
    "C:\\a@b/c:d@e": "C:\\a@b/c:d@e",
    "src/a:b@c.py": "src/a:b@c.py",
}


@pytest.mark.parametrize("text", SHOWN)
def test_no_message_shows_credentials(text: str) -> None:
    assert hide_credentials(text) == SHOWN[text]
    assert hide_credentials(f"r.txt:1: {text}") == f"r.txt:1: {SHOWN[text]}"


@pytest.mark.parametrize("part", ["a", "1.", "a:", "a@", ":", "a:a@ ", "a://"])
@pytest.mark.parametrize("start", ["-r ", "x:///"])
def test_credentials_are_searched_in_time(start: str, part: str) -> None:
    """A message names what a requirements file names, however long that is."""
    text = start + part * (200_000 // len(part))
    confined(lambda: len(hide_credentials(text)), seconds=5)


LINES = [
    "git+https://${TOKEN}@h/r.git",
    "https://me:${TOKEN}@h/x.zip",
    "-e git+https://${TOKEN}@h/r",
]
COMMANDS = [
    *(("check", "-r", "r.txt"), ("check", "-r", "q.txt"), ("check", "https://me:secret@h/x.whl")),
    ("check", "--package", "x @ https://me:secret@h/x.txt"),
    *(("survey", "https://me:sec[ret@h/"), ("survey", "https://me:ret/secret@h/")),
    ("survey", "htps://me:secret@h/"),
]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=map(" ".join, COMMANDS))
def test_no_command_shows_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    (tmp_path / "r.txt").write_text("\n".join(LINES))
    (tmp_path / "q.txt").write_text("-r https://me:${TOKEN}@h/r.txt\n")
    done = run(sys.executable, "-m", "no_libpython_dlopen", *command, "--offline", cwd=tmp_path)
    said = (done.stdout + done.stderr).decode()
    assert said
    assert not {word for word in ("secret", "ret@", "Traceback", "internal error") if word in said}


def test_the_proxy_of_pip_is_used_whatever_the_environment_says(
    own: Index, other: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://{other.host}")
    settings = Settings(indexes=("http://index.test/simple",), trusted_hosts=("index.test",))
    own.login = ""
    own.bodies["http://index.test/simple/spam/"] = "text/html", f'<a href="{FILE}">'.encode()
    configured = Settings(
        settings.indexes, trusted_hosts=("index.test",), proxy=f"http://{own.host}"
    )
    assert [file.filename for file in reader.resolve("spam", configured).files] == [FILE]
    assert not other.seen
