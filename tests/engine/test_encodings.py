"""A file is rewritten only if its encoding gives back the bytes that nobody touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.engine import api

CODE = b'import ctypes\nlib = ctypes.PyDLL("libpython3.11.so.1.0")\nlib.Py_GetVersion()\n'
FIXED = CODE.replace(b'ctypes.PyDLL("libpython3.11.so.1.0")', b"ctypes.pythonapi")

#: An encoding, and bytes of a comment that it decodes and encodes in another way.
CHANGED = {
    "escapes of letters": ("unicode_escape", rb"\x61\u00e4"),
    "a code page's doubled character": ("cp932", b"\xfa\x54"),
    "a shift that changes nothing": ("iso2022_jp", b"\x1b(B\x1b(Ba"),
    "an empty shift": ("hz", b"~{~}a"),
    "a shift of plain letters": ("utf-7", b"+AGE-"),
}
KEPT = {
    "UTF-8": ("utf-8", "ä".encode()),
    "Latin-1": ("latin-1", b"\xe4"),
    "a code page": ("cp1252", b"\x80"),
    "Japanese": ("euc_jp", "日本".encode("euc_jp")),
    "a code page's other characters": ("cp932", "日本".encode("cp932")),
    "shifts": ("iso2022_jp", "日本".encode("iso2022_jp")),
}


def source(encoding: str, comment: bytes) -> bytes:
    return b"# coding: " + encoding.encode() + b"\n# " + comment + b"\n"


@pytest.mark.parametrize(("encoding", "comment"), CHANGED.values(), ids=CHANGED)
def test_a_file_that_would_change_elsewhere_stays(encoding: str, comment: bytes) -> None:
    data = source(encoding, comment) + CODE
    result = api.fix_bytes(data, "a.py", unsafe=True)
    assert result.data == data
    (finding,) = result.findings
    assert (finding.code, finding.fix) == ("NLP101", None)
    assert "would change other bytes of the file" in finding.no_fix_reason


@pytest.mark.parametrize(("encoding", "comment"), KEPT.values(), ids=KEPT)
def test_a_file_whose_bytes_come_back_is_fixed(encoding: str, comment: bytes) -> None:
    head = source(encoding, comment)
    assert api.fix_bytes(head + CODE, "a.py", unsafe=True).data == head + FIXED


@pytest.mark.parametrize(("encoding", "comment"), CHANGED.values(), ids=CHANGED)
def test_a_comment_is_not_added_either(encoding: str, comment: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(source(encoding, comment) + CODE)
    assert main(["check", "--isolated", "--add-noqa", str(path)]) == 1
    assert path.read_bytes() == source(encoding, comment) + CODE


def test_a_finding_that_has_no_fix_anyway_keeps_its_own_reason() -> None:
    probe = b'for name in ("libpython3.11.so", "libpython3.10.so"):\n    other = ctypes.CDLL(name)\n    other.Py_GetVersion()\n'
    own, *_ = api.check_bytes(b"import ctypes\n" + probe, "a.py")
    found = api.check_bytes(source("cp932", b"\xfa\x54") + CODE + probe, "a.py")
    assert own.fix is None
    assert own.no_fix_reason in {finding.no_fix_reason for finding in found}
    assert all(finding.fix is None for finding in found)


LINK = b"gcc -shared -fPIC x.c -o _x.abi3.so -lpython3.11\n"
PAYLOAD = b"\x1f\x8b\x08\0exit\n'\"`$(\n" + bytes(range(256)) * 8 + b"\nexit 0\n"
#: Scripts with an archive behind them, as makeself and conda's installers: and the row of ``LINK``.
UNPACKING = {
    "exit": (b"#!/bin/sh\n" + LINK + b"exit 0\n" + PAYLOAD, 2),
    "makeself": (b"#!/bin/sh\n# x\n" + LINK + b'eval "$finish"; exit $res\n' + PAYLOAD, 3),
    "conda": (b"#!/bin/sh\n" + LINK + b"exit 0\n@@END_HEADER@@\n" + PAYLOAD, 2),
    "CRLF": (b"#!/bin/sh\r\n" + LINK + b"exit\r\n" + PAYLOAD, 2),
    "two": (b"#!/bin/sh\ntrue || exit 1\n" + LINK + b"exit 0\n" + PAYLOAD, 3),
    "a byte order mark": (b"\xef\xbb\xbf" + LINK + b"exit 0\n" + PAYLOAD, 1),
}


@pytest.mark.parametrize(("data", "row"), UNPACKING.values(), ids=UNPACKING)
def test_a_script_is_read_up_to_what_it_unpacks_and_is_not_rewritten(
    data: bytes, row: int, tmp_path: Path
) -> None:
    path = tmp_path / "install.sh"
    path.write_bytes(data)
    (found,) = api.check_bytes(data, str(path))
    assert (found.code, found.start.row, found.fix) == ("NLP201", row, None)
    assert "would change other bytes of the file" in found.no_fix_reason
    for command in (["fix", "--unsafe-fixes"], ["check", "--add-noqa"]):
        assert main([*command, "--isolated", str(path)]) == 1
        assert path.read_bytes() == data


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.sh", LINK + PAYLOAD),
        ("a.sh", LINK + b"exit 0\0\n"),
        ("a.sh", LINK + b"exit 0 # \xe4\n" + PAYLOAD),
        ("a.py", CODE + b"exit()\n" + PAYLOAD),
        ("Makefile", b"_x.abi3.so:\n\t" + LINK + b"# exit 0\n" + PAYLOAD),
    ],
)
def test_other_texts_with_a_nul_are_told(name: str, data: bytes) -> None:
    (found,) = api.check_bytes(data, name)
    assert (found.code, "NUL byte" in found.message) == ("NLP900", True)
