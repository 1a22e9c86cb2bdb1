"""Wheels of an index, read over HTTP from a server that is run by the tests."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.binary.archives import reading
from no_libpython_dlopen.binary.archives.texts import TextMembers
from no_libpython_dlopen.model.facts import Bundled, Embedded, Fact, Needed, Unread
from no_libpython_dlopen.package_index import http_client, simple_api
from no_libpython_dlopen.package_index import reader as index_module
from no_libpython_dlopen.package_index.http_client import Client, IndexUnavailable, NotOnIndex
from no_libpython_dlopen.package_index.pip_settings import Settings
from no_libpython_dlopen.package_index.simple_api import File, file_at
from tests.binary.index_server import Index
from tests.binary.index_wheels import COPY, Modules, write_wheel

KINDS: dict[str, tuple[Callable[[Modules], dict[str, bytes]], set[type]]] = {
    "clean": (lambda made: {"pkg/_x.abi3.so": made.clean()}, set()),
    "needing": (
        lambda made: {"pkg/_x.abi3.so": made.needing("libpython3.12.so.1.0"), "pkg/a.py": b""},
        {Needed},
    ),
    "static": (lambda made: {"pkg/_x.abi3.so": made.static()}, {Embedded}),
    "copy": (
        lambda made: {"pkg/_x.abi3.so": made.needing(COPY), f"pkg.libs/{COPY}": made.copy()},
        {Needed, Bundled},
    ),
    "indirect": (
        lambda made: {
            "pkg/_x.abi3.so": made.needing("libmid.so.1"),
            "pkg.libs/libmid.so.1": made.library("libmid.so.1", "libpython3.12.so.1.0"),
        },
        {Needed},
    ),
    "damaged": (lambda made: {"pkg/_x.abi3.so": made.clean()[:300]}, {Unread}),
}


def settings_for(index: Index, **changes: object) -> Settings:
    """Return settings with only this index, and little patience."""
    settings = Settings(indexes=(index.simple,), timeout=5, retries=1)
    return replace(settings, **changes)  # type: ignore[arg-type]


def facts_at(index: Index, filename: str, **changes: object) -> tuple[Fact, ...]:
    """Return the facts of one file of the index."""
    file = file_at(index.address_of(filename))
    assert file is not None
    return index_module.read(file, settings_for(index, **changes)).facts


def on_disk(path: Path) -> tuple[Fact, ...]:
    """Return what the same wheel says when it is a file, without the repair."""
    facts = [
        replace(fact, fix=None, no_fix_reason=index_module.NO_FIX)
        if isinstance(fact, Needed) and fact.fix
        else fact
        for fact in reading.read(str(path))
    ]
    return tuple(facts)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2])
@pytest.mark.parametrize("ranges", ["all", "absolute", "none"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_remote_wheel_says_what_the_same_wheel_on_disk_says(
    index: Index, modules: Modules, tmp_path: Path, kind: str, ranges: str, method: int
) -> None:
    index.ranges = ranges
    members, expected = KINDS[kind]
    # Incompressible, so that the wheel is longer than its end that is read first.
    padding = {"pkg/data.bin": random.Random(1).randbytes(200_000)}
    path = write_wheel(index.folder, "spam", members(modules) | padding, method=method)
    facts = facts_at(index, path.name)
    assert {type(fact) for fact in facts} == expected
    if method == zipfile.ZIP_BZIP2:  # of which the one on disk says that it cannot be rewritten
        path = write_wheel(tmp_path, "spam", members(modules) | padding)
    assert facts == on_disk(path)


def test_only_what_is_needed_is_fetched(index: Index, modules: Modules) -> None:
    data = random.Random(2).randbytes(8 << 20)
    members = {
        "pkg/before.bin": data,
        "pkg/_x.abi3.so": modules.needing("libpython3.12.so.1.0"),
        "pkg/after.bin": data,
        "pkg/weights.pth": b"\x80\x02" + data,
    }
    path = write_wheel(index.folder, "spam", members)
    file = file_at(index.address_of(path.name))
    assert file is not None
    with TextMembers() as texts:
        reading = index_module.read(file, settings_for(index), texts)
    assert [type(fact) for fact in reading.facts] == [Needed]
    assert reading.traffic < 400_000
    assert reading.size == path.stat().st_size
    assert len(index.asked(path.name)) == 3


def test_neighbouring_members_are_fetched_together(index: Index, modules: Modules) -> None:
    members = {f"pkg/_{number}.abi3.so": modules.clean() for number in range(40)}
    members["pkg/data.bin"] = random.Random(3).randbytes(300_000)
    path = write_wheel(index.folder, "spam", members)
    assert facts_at(index, path.name) == ()
    assert len(index.asked(path.name)) == 2


def test_a_source_distribution_is_read_as_it_comes(index: Index, modules: Modules) -> None:
    index.folder.joinpath("x").write_bytes(modules.needing("libpython3.12.so.1.0"))
    path = index.folder / "spam-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as made:
        made.add(index.folder / "x", "spam-1.0/spam/_x.abi3.so")
    index.folder.joinpath("x").unlink()
    for ranges in ("all", "none"):
        index.ranges = ranges
        (fact,) = facts_at(index, path.name)
        assert isinstance(fact, Needed)
        assert fact.member == "spam-1.0/spam/_x.abi3.so"


def test_a_broken_connection_is_tried_again(index: Index, modules: Modules) -> None:
    members = {"pkg/_x.abi3.so": modules.needing("libpython3.12.so.1.0")}
    members["pkg/data.bin"] = random.Random(4).randbytes(300_000)
    path = write_wheel(index.folder, "spam", members)
    file = file_at(index.address_of(path.name))
    assert file is not None
    with Client(settings_for(index)) as client:
        index.statuses[f"/files/{path.name}"] = [503]
        assert [type(fact) for fact in index_module.read_with(client, file).facts] == [Needed]
    assert len(index.asked(path.name)) == 3
    index.cut.add(f"/files/{path.name}")
    with Client(settings_for(index)) as client:
        # Cut off is the first answer; whether it is noticed then is up to the length.
        (fact,) = index_module.read_with(client, file).facts
    assert isinstance(fact, (Needed, Unread))


def test_a_stream_that_ends_early_is_not_taken_for_a_clean_wheel(
    index: Index, modules: Modules
) -> None:
    index.ranges = "none"
    path = write_wheel(index.folder, "spam", {"pkg/_x.abi3.so": modules.clean()})
    index.cut.add(f"/files/{path.name}")
    (fact,) = facts_at(index, path.name)
    assert isinstance(fact, Unread)
    assert not fact.member


def test_a_file_that_changes_while_it_is_read_is_reported(index: Index, modules: Modules) -> None:
    members = {"pkg/_x.abi3.so": modules.clean()}
    members["pkg/data.bin"] = random.Random(5).randbytes(300_000)
    path = write_wheel(index.folder, "spam", members)
    index.tags = ['"1"', '"2"', '"3"', '"4"']
    (fact,) = facts_at(index, path.name)
    assert isinstance(fact, Unread)
    assert "changed while it was read" in fact.reason


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a readable zip archive"),
        (b"not a wheel", "not a zip archive"),
        (b"PK\5\6" + bytes(18), ""),
        (b"PK\5\6" + b"\xff" * 18, "directory is larger"),
        (b"PK\3\4" + bytes(100_000), "not a zip archive"),
    ],
)
@pytest.mark.parametrize("ranges", ["all", "none"])
def test_what_is_no_wheel_is_one_line(
    index: Index, content: bytes, words: str, ranges: str
) -> None:
    index.ranges = ranges
    name = "spam-1.0-cp312-cp312-linux_x86_64.whl"
    index.folder.joinpath(name).write_bytes(content)
    facts = facts_at(index, name)
    assert all(isinstance(fact, Unread) and "\n" not in fact.reason for fact in facts)
    if ranges == "all":
        assert [words in fact.reason for fact in facts if isinstance(fact, Unread)] == (
            [True] if words else []
        )


@pytest.mark.parametrize("ranges", ["all", "none"])
def test_a_zip_bomb_ends_early(index: Index, modules: Modules, ranges: str) -> None:
    index.ranges = ranges
    module = modules.clean()
    far = (500 << 20).to_bytes(8, sys.byteorder)  # e_phoff
    bomb = module[:32] + far + module[40:64] + bytes(501 << 20)
    path = write_wheel(index.folder, "spam", {"pkg/_x.abi3.so": bomb})
    (fact,) = facts_at(index, path.name)
    assert isinstance(fact, Unread)
    assert "inflates to more than" in fact.reason


@pytest.mark.parametrize("ranges", ["all", "none"])
@pytest.mark.parametrize("member", ["/etc/x.so", "../x.so", "a/../../x.so"])
def test_members_outside_the_wheel_are_reported(
    index: Index, modules: Modules, member: str, ranges: str
) -> None:
    index.ranges = ranges
    path = write_wheel(index.folder, "spam", {member: modules.clean()})
    (fact,) = facts_at(index, path.name)
    assert isinstance(fact, Unread)
    assert fact.member == member


# The connection


@pytest.mark.parametrize(
    ("status", "words"), [(403, "403"), (500, "500"), (404, "404"), (429, "429")]
)
def test_an_error_of_the_server_is_named(index: Index, status: int, words: str) -> None:
    index.statuses["/files/spam-1.0-py3-none-any.whl"] = [status] * 9
    (fact,) = facts_at(index, "spam-1.0-py3-none-any.whl")
    assert isinstance(fact, Unread)
    assert words in fact.reason
    assert index.host in fact.reason


def test_a_server_that_falls_silent_is_given_up(index: Index) -> None:
    index.stall.add("/files/spam-1.0-py3-none-any.whl")
    (fact,) = facts_at(index, "spam-1.0-py3-none-any.whl", timeout=0.2, retries=0)
    assert isinstance(fact, Unread)
    assert "does not respond in time" in fact.reason


def test_a_body_that_trickles_is_given_up(
    index: Index, monkeypatch: pytest.MonkeyPatch, modules: Modules
) -> None:
    path = write_wheel(index.folder, "spam", {"pkg/_x.abi3.so": modules.clean()})
    monkeypatch.setattr(http_client.time, "monotonic", iter(range(0, 10**9, 10**4)).__next__)
    (fact,) = facts_at(index, path.name)
    assert isinstance(fact, Unread)
    assert "did not send all of its answer within" in fact.reason


def test_no_server_at_all_is_one_line() -> None:
    file = File("spam-1.0-py3-none-any.whl", "http://127.0.0.1:9/x.whl", "spam", "1.0", wheel=True)
    (fact,) = index_module.read(file, Settings(retries=0, timeout=2)).facts
    assert fact == Unread("cannot be read: 127.0.0.1:9 cannot be reached, or closed the connection")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("/simple/spam/", "redirects more than 5 times"),
        ("http://[::1", "redirects to what is no URL"),
        ("file:///etc/passwd", "unsupported URL"),
        ("ftp://127.0.0.1/x", "unsupported URL"),
        ("http://192.0.2.1/simple/spam/", "not an HTTPS URL"),
    ],
)
def test_a_redirect_leads_nowhere_else(index: Index, target: str, words: str) -> None:
    index.redirects["/simple/spam/"] = target
    with pytest.raises(IndexUnavailable, match=words):
        index_module.resolve("spam", settings_for(index))


def test_a_plain_redirect_is_followed(index: Index, modules: Modules) -> None:
    write_wheel(index.folder, "spam", {"pkg/_x.abi3.so": modules.clean()})
    index.redirects["/old/spam/"] = "/simple/spam/"
    settings = settings_for(index, indexes=(f"http://{index.host}/old",))
    assert len(index_module.resolve("spam", settings).files) == 1


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://example.org/simple", True),
        ("http://example.org/simple", False),
        ("http://trusted.example.org/simple", True),
        ("http://trusted.example.org:81/simple", True),
        ("http://port.example.org:8080/simple", True),
        ("http://port.example.org:8081/simple", False),
        ("http://localhost:1/simple", True),
        ("http://[::1]:1/simple", True),
        ("http://127.9.9.9/simple", True),
        ("ftp://example.org/simple", False),
        ("http:///simple", False),
        ("http://[bad/simple", False),
    ],
)
def test_addresses_are_secure_as_in_pip(address: str, allowed: bool) -> None:
    hosts = ("trusted.example.org", "port.example.org:8080")
    with Client(Settings(trusted_hosts=hosts)) as client:
        if allowed:
            client.allow(address)
        else:
            with pytest.raises(IndexUnavailable):
                client.allow(address)


def test_a_page_that_inflates_without_end_is_refused(
    index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_client, "MOST_PAGE", 1 << 20)
    index.bodies["/simple/spam/"] = ("text/html", gzip.compress(bytes(50 << 20)))
    index.headers["Content-Encoding"] = "gzip"
    with pytest.raises(IndexUnavailable, match="larger than 1 MiB"):
        index_module.resolve("spam", settings_for(index))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/vnd.pypi.simple.v1+json", b"{"),
        ("application/vnd.pypi.simple.v1+json", b"[]"),
        ("application/vnd.pypi.simple.v1+json", b'{"files": 1}'),
        ("application/vnd.pypi.simple.v1+json", b"[" * 100_000),
    ],
)
def test_a_page_that_is_none_is_one_line(index: Index, kind: str, body: bytes) -> None:
    index.bodies["/simple/spam/"] = (kind, body)
    with pytest.raises(IndexUnavailable, match="does not return a page of a package index"):
        index_module.resolve("spam", settings_for(index))


def test_credentials_of_the_index_open_its_files_and_are_never_shown(
    index: Index, modules: Modules, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write_wheel(index.folder, "spam", {"pkg/_x.abi3.so": modules.static()})
    index.login = "Basic bWU6cGFzc3dvcmQ="  # me:password
    inside = (f"http://me:password@{index.host}/simple",)
    settings = settings_for(index, indexes=inside)
    release = index_module.resolve("spam", settings)
    (file,) = release.files
    assert [type(fact) for fact in index_module.read(file, settings).facts] == [Embedded]
    with pytest.raises(NotOnIndex) as missing:
        index_module.resolve("ham", settings)
    assert "password" not in str(missing.value)
    with pytest.raises(IndexUnavailable, match="401"):
        index_module.resolve("spam", settings_for(index))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password password\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert [type(fact) for fact in facts_at(index, path.name)] == [Embedded]


# What an index has


@pytest.mark.parametrize("form", ["html", "json"])
def test_the_newest_release_is_found_on_every_kind_of_page(
    index: Index, modules: Modules, form: str
) -> None:
    index.form = form
    for version in ("1.0", "1.10", "1.9", "2.0rc1"):
        write_wheel(index.folder, "Spam.Eggs", {}, version=version)
    release = index_module.resolve("spam_eggs", settings_for(index))
    assert release.version == "1.10"
    release = index_module.resolve("spam_eggs", settings_for(index, prereleases=True))
    assert release.version == "2.0rc1"
    assert index_module.resolve("spam-eggs<1.10", settings_for(index)).version == "1.9"
    with pytest.raises(NotOnIndex, match="no release ==7"):
        index_module.resolve("spam-eggs==7", settings_for(index))


def test_folders_pages_and_files_of_find_links_are_read(
    index: Index, modules: Modules, tmp_path: Path
) -> None:
    members = {"pkg/_x.abi3.so": modules.static()}
    local = write_wheel(tmp_path / "a folder", "spam", members, version="1.0")
    write_wheel(index.folder, "spam", members, version="3.0")
    page = tmp_path / "links.html"
    page.write_text(
        f'<a href="{index.address_of("spam-3.0-cp312-cp312-manylinux_2_17_x86_64.whl")}">x</a>'
    )
    for place, version in (
        (str(local.parent), "1.0"),
        (local.parent.as_uri(), "1.0"),
        (str(local), "1.0"),
        (str(page), "3.0"),
        (page.as_uri(), "3.0"),
        (f"{index.simple}/spam/", "3.0"),
    ):
        settings = settings_for(index, indexes=(), find_links=(place,))
        release = index_module.resolve("spam", settings)
        assert release.version == version, place
        facts = index_module.read(release.files[0], settings).facts
        assert [type(fact) for fact in facts] == [Embedded], place


def test_an_index_on_disk_is_read(index: Index, modules: Modules, tmp_path: Path) -> None:
    write_wheel(tmp_path / "files", "spam", {"pkg/_x.abi3.so": modules.static()})
    page = index.page("nothing")
    assert page is None
    simple = tmp_path / "simple" / "spam"
    simple.mkdir(parents=True)
    name = "spam-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
    simple.joinpath("index.html").write_text(f'<a href="../../files/{name}#sha256=0">{name}</a>')
    settings = settings_for(index, indexes=(simple.parent.as_uri(),))
    (file,) = index_module.resolve("spam", settings).files
    assert [type(fact) for fact in index_module.read(file, settings).facts] == [Embedded]
    with pytest.raises(NotOnIndex):
        index_module.resolve("ham", settings)


def test_all_indexes_are_asked_and_none_may_fail(
    index: Index, modules: Modules, tmp_path: Path
) -> None:
    write_wheel(index.folder, "spam", {}, version="1.0")
    links = write_wheel(tmp_path / "links", "spam", {}, version="2.0")
    settings = settings_for(index, find_links=(str(links.parent),))
    assert index_module.resolve("spam", settings).version == "2.0"
    index.statuses["/simple/spam/"] = [500] * 9
    with pytest.raises(IndexUnavailable, match="500"):
        index_module.resolve("spam", settings)


@pytest.mark.parametrize("form", ["html", "json"])
def test_the_page_of_all_projects_is_a_list_of_names(index: Index, form: str) -> None:
    index.form = form
    for name in ("spam", "Ham.x"):
        write_wheel(index.folder, name, {})
    with Client(settings_for(index)) as client:
        names, files = simple_api.list_page(f"{index.simple}/", client)
        assert (sorted(names), files) == (["ham-x", "spam"], [])
        names, files = simple_api.list_page(f"{index.simple}/spam/", client)
        assert names == []
        assert [file.project for file in files] == ["spam"]


# The command


def check(tmp_path: Path, index: Index, *args: str, **environment: str) -> tuple[int, str, str]:
    """Run ``nolibpy check`` in an empty folder and return status, output and errors."""
    here = tmp_path / "here"
    here.mkdir(exist_ok=True)
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    environ = {key: value for key, value in os.environ.items() if not key.startswith("PIP_")}
    environ |= {
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": index.simple,
        "TMPDIR": str(scratch),
        "NO_COLOR": "1",
        **environment,
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "no_libpython_dlopen", "check", *args],
        cwd=here,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert not list(scratch.iterdir())
    return done.returncode, done.stdout, done.stderr


def test_a_package_is_checked_by_its_name_and_nothing_is_written(
    index: Index, modules: Modules, tmp_path: Path
) -> None:
    members = {"pkg/_x.abi3.so": modules.needing("libpython3.12.so.1.0")}
    for tags in ("cp311-cp311-manylinux_2_17_x86_64", "cp312-cp312-manylinux_2_17_x86_64"):
        write_wheel(index.folder, "spam", members, tags=tags)
    write_wheel(index.folder, "spam", members, tags="cp312-cp312-win_amd64")
    name = "spam-1.0-cp312-cp312-manylinux_2_17_x86_64.whl!pkg/_x.abi3.so:1:1: NLP301"
    for asked in (
        *(("pypi:Spam",), ("pypi:spam==1.0",), ("pypi:spam[extra]>=0.5,<2",)),
        *(("--package", "spam"), ("--package", "spam[extra]>=0.5,<2")),
    ):
        status, output, _ = check(tmp_path, index, *asked, "--output-format", "concise")
        assert status == 1
        assert output.startswith(name), asked
        assert output.count("NLP301") == 1
    options = ("--all-wheels", "--output-format=concise")
    status, output, _ = check(tmp_path, index, "pypi:spam", *options)
    assert (status, output.count("NLP301")) == (1, 2)
    status, output, errors = check(tmp_path, index, "pypi:spam", "--platform", "musl*")
    assert (status, output) == (0, "")
    assert errors.endswith("nolibpy: warning: no files to check\n")
    assert not list((tmp_path / "here").iterdir())


#: What is no path here, and whether it may have been meant for a package.
MISSING = [
    *((name, True) for name in ("spam", "lib", "spam==1.0", "Spam", "spam[extra]")),
    *((name, False) for name in ("nope/spam", "./spam2", "spam.py", "setup.cfg", "spam.whl")),
    *((name, False) for name in ("a.txt", "PYPI:spam", "pypi/spam", "./pypi:spam", "https://x")),
]


@pytest.mark.parametrize(("argument", "hint"), MISSING)
@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_path_that_does_not_exist_is_one_line_and_is_never_looked_up(
    argument: str,
    hint: bool,
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    def look_up(*_: object, **__: object) -> NoReturn:
        raise AssertionError("the index was asked")

    monkeypatch.setattr(index_module, "resolve", look_up)
    assert main([command, argument]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    # What `fix` cannot change is not suggested to it.
    is_hinted = hint and command == "check"
    more = f"; for a package on the index, write `pypi:{argument}`" if is_hinted else ""
    more = "; URLs are not fetched: download the file" if "://" in argument else more
    assert err == f"nolibpy: error: {argument}: no such file or directory{more}\n"


def test_other_paths_are_checked_beside_one_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.py").write_text("x = 1\n")
    assert main(["check", "lib/", "a.py"]) == 2
    out, err = capsys.readouterr()
    assert out == "No findings in 1 file.\n"
    assert err == "nolibpy: error: lib/: no such file or directory\n"


def test_a_path_of_that_name_is_that_path(index: Index, tmp_path: Path) -> None:
    (tmp_path / "here" / "pypi:spam").mkdir(parents=True)
    (tmp_path / "here" / "pypi:spam" / "a.py").write_text("x = 1\n")
    assert check(tmp_path, index, "pypi:spam")[:2] == (0, "No findings in 1 file.\n")
    assert not index.seen


def test_a_package_that_is_not_on_the_index_is_an_error(index: Index, tmp_path: Path) -> None:
    status, output, _ = check(tmp_path, index, "pypi:ham", "--output-format", "concise")
    assert status == 2
    assert output == f"ham:1:1: NLP900 no such package on {index.host}\n"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("https://example.org/a-1.whl", "URLs are not fetched: download the file"),
        ("./a-1-py3-none-any.whl", "files are checked by their paths"),
        ("a-1-py3-none-any.whl", "files are checked by their paths"),
    ],
)
def test_what_was_meant_as_a_file_gets_a_hint(
    name: str, hint: str, index: Index, tmp_path: Path
) -> None:
    status, output, _ = check(tmp_path, index, "--package", name, "--output-format", "concise")
    assert status == 2
    assert hint in output


def test_packages_of_a_requirements_file_are_checked(
    index: Index, modules: Modules, tmp_path: Path
) -> None:
    for version in ("1.0", "2.0"):
        write_wheel(index.folder, "spam", {"p/_x.abi3.so": modules.static()}, version=version)
    write_wheel(index.folder, "ham", {"p/_x.abi3.so": modules.clean()})
    file = tmp_path / "requirements.txt"
    file.write_text("spam<2  # why\nham\nspam==2.0; sys_platform == 'win32'\n-e git+https://x/y\n")
    status, output, errors = check(tmp_path, index, "-r", str(file), "--output-format", "concise")
    assert status == 1
    assert [line.partition("-cp")[0] for line in output.splitlines()] == ["spam-1.0"]
    assert "git+https://x/y: not a package on an index" in errors
    file.write_text("spam==\n")
    status, output, errors = check(tmp_path, index, "-r", str(file))
    assert status == 2
    assert f"{file}:1: not a requirement" in errors


def test_everything_in_an_environment_is_checked(
    index: Index, modules: Modules, tmp_path: Path
) -> None:
    place = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    (site,) = place.glob("lib/python*/site-packages")
    (site / "spam").mkdir()
    site.joinpath("spam", "_x.abi3.so").write_bytes(modules.static())
    place.joinpath(".gitignore").write_text("*\n")
    for python in (place, place / "bin" / "python"):
        status, output, _ = check(tmp_path, index, "--environment", str(python))
        assert status == 1
        assert "NLP303" in output
    for wrong in (tmp_path, tmp_path / "nothing", "/bin/false"):
        status, _, errors = check(tmp_path, index, "--environment", str(wrong))
        assert status == 2
        assert errors.startswith("nolibpy: error: --environment")


@pytest.mark.parametrize(
    "way", ["direct_url.json", ".pth", "both", "no mapping", "not editable", "egg"]
)
def test_sources_that_are_installed_in_editable_mode_are_named(
    index: Index, tmp_path: Path, way: str
) -> None:
    place = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    (site,) = place.glob("lib/python*/site-packages")
    (site / "spam.py").write_text("x = 1\n")
    project = tmp_path / "my project"
    (project / "src").mkdir(parents=True)
    if way not in {".pth", "egg"}:
        url: object = {"url": project.as_uri(), "dir_info": {"editable": way != "not editable"}}
        (site / "spam-1.dist-info").mkdir()
        (site / "spam-1.dist-info/direct_url.json").write_text(
            json.dumps([url] if way == "no mapping" else url)
        )
    if way in {".pth", "both"}:
        (site / "spam.pth").write_text(f"{project / 'src'}\n")
    if way == "egg":  # which lies in site-packages itself
        (site / "spam-1-py3.egg").mkdir()
        (site / "easy-install.pth").write_text("./spam-1-py3.egg\n")
    status, output, errors = check(tmp_path, index, "--environment", str(place))
    files = "2 files" if way in {".pth", "both", "egg"} else "1 file"
    assert (status, output) == (0, f"No findings in {files}.\n")
    named = {"direct_url.json": project, "both": project, ".pth": project / "src"}.get(way)
    told = "is installed in editable mode, outside of site-packages: give its path, too"
    assert errors == (f"nolibpy: note: {named} {told}\n" if named else "")


@pytest.mark.parametrize(
    ("packages", "options", "disabled", "is_named"),
    [
        ("spam.py", ["--system-site-packages"], "", True),
        ("spam.py", [], "", False),  # not imported there
        ("spam.py", ["--system-site-packages"], "1", False),
        ("", ["--system-site-packages"], "", False),
    ],
)
def test_packages_of_the_user_are_named(
    index: Index,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    packages: str,
    options: list[str],
    disabled: str,
    *,
    is_named: bool,
) -> None:
    place = tmp_path / "environment"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", *options, str(place)], check=True
    )
    monkeypatch.setenv("PYTHONUSERBASE", str(tmp_path / "user"))
    command = [str(place / "bin/python"), "-c", "import site; print(site.getusersitepackages())"]
    user = Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())
    user.mkdir(parents=True)
    if packages:
        (user / packages).write_text("x = 1\n")
    monkeypatch.setenv("PYTHONNOUSERSITE", disabled)
    # What the base interpreter has is not looked at.
    _, _, errors = check(tmp_path, index, "--environment", str(place), "--exclude=*")
    told = "has packages of the user, outside of the environment: give its path, too"
    assert errors.count(f"nolibpy: note: {user} {told}\n") == is_named


def test_a_release_for_windows_alone_is_no_error(index: Index, tmp_path: Path) -> None:
    write_wheel(index.folder, "spam", {}, tags="cp312-cp312-win_amd64")
    status, _, errors = check(tmp_path, index, "pypi:spam")
    assert status == 0
    assert "version 1.0 has files only for platforms that are not checked" in errors


@pytest.mark.parametrize(
    ("form", "reason", "told"),
    [
        ("json", True, "no reason is given"),
        ("json", "", None),
        ("html", "", "no reason is given"),
        ("json", "broken\nwheels \x1b[1m&", "broken wheels \\x1b[1m&"),
        ("html", "broken\nwheels \x1b[1m&", "broken wheels \\x1b[1m&"),
        ("json", "x" * 999, "x" * 300 + "…"),
    ],
    ids=["no reason", "empty-json", "empty-html", "lines-json", "lines-html", "long"],
)
def test_a_yanked_release_is_told_with_its_reason(
    index: Index, modules: Modules, tmp_path: Path, form: str, reason: str | bool, told: str | None
) -> None:
    """An empty value says so in HTML (PEP 592), and the contrary in JSON (PEP 691)."""
    index.form = form
    members = {"pkg/_x.abi3.so": modules.needing("libpython3.12.so.1.0")}
    path = write_wheel(index.folder, "spam", members, tags="cp312-abi3-manylinux_2_17_x86_64")
    index.yanked[path.name] = reason
    status, output, errors = check(tmp_path, index, "pypi:spam==1.0", "--output-format=concise")
    assert (status, output.count("NLP301")) == (1, 1)
    note = f"nolibpy: note: spam==1.0: version 1.0 is yanked: {told}\n"
    assert errors == ("" if told is None else note)
    status, output, errors = check(tmp_path, index, "--package", "spam", "--output-format=concise")
    assert (status, errors) == ((1, "") if told is None else (2, errors))
    assert ("no release that is not yanked" in output) == (told is not None)


def test_a_package_of_an_index_is_not_fixed(index: Index, tmp_path: Path) -> None:
    for asked in (("pypi:spam", "--fix"), ("pypi:spam", "--diff"), ("--package=spam", "--fix")):
        status, _, errors = check(tmp_path, index, *asked)
        assert status == 2
        assert errors == (
            "nolibpy: error: spam: a package on an index cannot be fixed: "
            "download its wheels, and fix those\n"
        )
    assert not index.seen


def test_the_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:

    monkeypatch.setattr(index_module, "_NEEDED", ("no_such_module",))
    assert main(["check", "pypi:spam-eggs"]) == 2
    assert "pip install 'no-libpython-dlopen[index]'" in capsys.readouterr().err
    assert main(["survey", "spam-eggs"]) == 2
    assert "pip install 'no-libpython-dlopen[index]'" in capsys.readouterr().err
