"""Which release of a package is meant, and which of its files are looked at."""

from __future__ import annotations

import io
import sys
import tarfile

import pytest
import requests
from packaging.requirements import Requirement
from urllib3.exceptions import ProtocolError, ReadTimeoutError

from no_libpython_dlopen.binary.archives import decompression, tars
from no_libpython_dlopen.binary.archives.seekable_stream import Budget
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary
from no_libpython_dlopen.package_index.http_client import NotOnIndex, _reason
from no_libpython_dlopen.package_index.selection import (
    choose_files,
    family_of,
    newest_release,
    tags_of,
)
from no_libpython_dlopen.package_index.simple_api import File, file_at


def files(*versions: str) -> list[File]:
    """Return a source distribution of each version; ``!`` in front is a yanked one."""
    return [
        File(f"a-{one.lstrip('!')}.tar.gz", "", "a", one.lstrip("!"), False, yanked=reason_of(one))
        for one in versions
    ]


def reason_of(version: str) -> str | None:
    return "" if version.startswith("!") else None


@pytest.mark.parametrize(
    ("requirement", "versions", "expected"),
    [
        ("a", ["1.9", "1.10", "1.0"], "1.10"),
        ("a<1.10", ["1.9", "1.10"], "1.9"),
        ("a", ["1.0", "2.0rc1"], "1.0"),
        ("a", ["2.0rc1"], "2.0rc1"),
        ("a>=2.0rc1", ["1.0", "2.0rc1"], "2.0rc1"),
        ("a", ["1.0", "!2.0"], "1.0"),
        ("a==2.0", ["1.0", "!2.0"], "2.0"),
        ("a===2.0", ["!2.0"], "2.0"),
        ("a==1.*", ["1.0", "!1.1"], "1.0"),
        ("a", ["1.0", "not-a-version"], "1.0"),
    ],
)
def test_the_newest_release_that_is_allowed_is_taken(
    requirement: str, versions: list[str], expected: str
) -> None:
    found = newest_release(Requirement(requirement), files(*versions), pre=False)
    assert {file.version for file in found} == {expected}


def test_of_a_release_that_is_yanked_in_part_the_rest_is_taken() -> None:
    found = newest_release(Requirement("a==1.0"), files("!1.0", "1.0"), pre=False)
    assert [file.yanked for file in found] == [None]


@pytest.mark.parametrize(
    ("requirement", "versions", "reason"),
    [
        ("a>3", ["1.0"], "no release >3"),
        (
            "a",
            ["!1.0"],
            r"^no release that is not yanked \(to check a yanked one, give its version with `==`\)$",
        ),
        ("a>1", ["1.0", "!2.0"], "no release >1 that is not yanked"),
        ("a==1.*", ["!1.0"], r"no release ==1\.\* that is not yanked"),
        ("a==3.0", ["!1.0"], "^no release ==3.0$"),
        ("a", ["not-a-version"], "^no release$"),
    ],
)
def test_where_no_release_is_left_it_is_told(
    requirement: str, versions: list[str], reason: str
) -> None:
    with pytest.raises(NotOnIndex, match=reason):
        newest_release(Requirement(requirement), files(*versions), pre=False)


def wheels(*tags: str) -> list[File]:
    return [File(f"a-1-{one}.whl", "", "a", "1", True) for one in tags]


#: Tags of the wheels of a release, and those that are looked at.
CHOSEN = {
    "one for each platform": (
        ["cp312-cp312-manylinux_2_17_x86_64", "cp312-cp312-win_amd64", "cp312-cp312-macosx_11_0_arm64"],
        ["cp312-cp312-manylinux_2_17_x86_64", "cp312-cp312-macosx_11_0_arm64"],
    ),
    "the newest Python": (
        ["cp39-cp39-linux_x86_64", "cp313-cp313-linux_x86_64", "cp310-cp310-linux_x86_64"],
        ["cp313-cp313-linux_x86_64"],
    ),
    "the build with a GIL": (
        ["cp313-cp313t-linux_x86_64", "cp312-cp312-linux_x86_64"],
        ["cp312-cp312-linux_x86_64"],
    ),
    "CPython": (
        ["pp310-pypy310_pp73-linux_x86_64", "cp39-cp39-linux_x86_64", "graalpy-none-linux_x86_64"],
        ["cp39-cp39-linux_x86_64"],
    ),
    "other platforms by their own name": (
        ["cp312-cp312-musllinux_1_2_x86_64", "py3-none-any", "cp312-cp312-freebsd_14"],
        ["py3-none-any", "cp312-cp312-freebsd_14", "cp312-cp312-musllinux_1_2_x86_64"],
    ),
    "nothing where only foreign platforms are built for": (["cp312-cp312-win32", "cp312-cp312-android_21_arm64_v8a"], []),
    "nothing of WebAssembly": (["cp312-cp312-pyodide_2024_0_wasm32", "cp312-cp312-pyemscripten_2025_0_wasm32"], []),
}  # fmt: skip


@pytest.mark.parametrize(("tags", "expected"), CHOSEN.values(), ids=CHOSEN)
def test_one_wheel_of_each_platform_is_looked_at(tags: list[str], expected: list[str]) -> None:
    found = [file.filename for file in choose_files(wheels(*tags))]
    assert sorted(found) == sorted(f"a-1-{one}.whl" for one in expected)


def test_a_source_distribution_counts_where_there_is_no_wheel() -> None:
    (source,) = files("1")
    assert choose_files([source]) == [source]
    assert choose_files([source, *wheels("cp312-cp312-win32")]) == []
    exe = File("a-1.exe", "", "a", "1", False)
    assert choose_files([exe]) == []


def test_every_wheel_or_those_of_a_platform_can_be_asked_for() -> None:
    tags = ["cp312-cp312-linux_x86_64", "cp311-cp311-linux_x86_64", "cp312-cp312-linux_aarch64"]
    assert len(choose_files(wheels(*tags), every=True)) == 3
    assert [f.filename for f in choose_files(wheels(*tags), platform="*aarch64")] == [
        f"a-1-{tags[2]}.whl"
    ]


def test_what_is_no_wheels_name_has_no_tags() -> None:
    assert tags_of("a.whl") == tags_of("a-not.a.version!-py3-none-any.whl") == frozenset()
    assert family_of(tags_of("a-1-py3-none-any.whl")) == "any"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://x/a/b/spam-1.0-py3-none-any.whl#sha256=0", "spam-1.0-py3-none-any.whl"),
        ("https://x/spam%2D1.0.tar.gz", "spam-1.0.tar.gz"),
        ("/tmp/spam-1.0.zip", "spam-1.0.zip"),
        ("https://x/", None),
        ("https://x/spam.exe", None),
        ("https://x/spam-1.0.win32.exe", None),
        ("https://x/spam%0A-1.0.tar.gz", None),
    ],
)
def test_an_address_is_one_of_a_distribution_by_its_name(address: str, name: str | None) -> None:
    found = file_at(address)
    assert (found and found.filename) == name


#: What the connection raised, and what is said of it. The address holds a password.
REASONS = [
    (requests.Timeout(), "x does not respond in time"),
    (ReadTimeoutError(None, "", ""), "x does not respond in time"),  # type: ignore[arg-type]
    (requests.exceptions.SSLError(), "the certificate of x is not trusted"),
    (requests.TooManyRedirects(), "x redirects more than"),
    (requests.exceptions.ProxyError(), "the proxy for x cannot be used"),
    (requests.exceptions.RetryError(), "x does not respond (tried several times)"),
    (requests.ConnectionError(), "x cannot be reached"),
    (ProtocolError(), "x cannot be reached"),
    (requests.exceptions.InvalidHeader(), "x: InvalidHeader"),
]


@pytest.mark.parametrize(("error", "words"), REASONS)
def test_a_connection_that_fails_is_one_clause_without_the_password(
    error: Exception, words: str
) -> None:
    said = _reason(error, "https://me:secret@x/simple/")
    assert said.startswith(words)
    assert "secret" not in said


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with tarfile.TarFile(fileobj=file, mode="w") as archive:
        for information, data in members:
            information.size = len(data)
            archive.addfile(information, io.BytesIO(data))
    return io.BytesIO(file.getvalue())


def member(name: str, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    information = tarfile.TarInfo(name)
    information.type = kind
    return information


def test_members_of_a_tar_archive_are_its_regular_files_each_once() -> None:
    file = packed(
        (member("./a.so"), b"1"),
        (member("folder", tarfile.DIRTYPE), b""),
        (member("a.so"), b"2"),
        (member("../b.so"), b"3"),
    )
    found = list(tars.tar_members(file, Budget(1 << 20)))
    assert [(one.path, bool(one.problem)) for one in found] == [
        ("a.so", False),
        ("a.so", True),
        ("../b.so", True),
    ]
    assert found[1].problem == "is in the archive more than once"


def test_a_member_can_be_left_unread_and_the_next_is_right() -> None:
    file = packed((member("a"), b"a" * 5000), (member("b"), b"end"))
    contents = []
    for one in tars.tar_members(file, Budget(1 << 20)):
        if one.path == "b":
            assert one.read is not None
            contents.append(one.read(0, 3))
    assert contents == [b"end"]


def test_an_archive_that_ends_early_is_malformed() -> None:
    file = packed((member("a"), b"a" * 5000))
    cut = io.BytesIO(file.getvalue()[:1024])
    with pytest.raises(MalformedBinary, match="truncated: it ends after 1024 bytes"):
        list(tars.tar_members(cut, Budget(1 << 20)))


def test_the_extra_that_conda_packages_need_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.setitem(sys.modules, "compression", None)
    with pytest.raises(MalformedBinary, match=r"needs an extra: `pip install .*\[archives\]"):
        decompression.decompress_stream(io.BytesIO(), "spam.tar.zst")
    # Archives of other kinds are read without it.
    (only,) = tars.tar_members(packed((member("a"), b"")), Budget(1 << 20))
    assert only.path == "a"
