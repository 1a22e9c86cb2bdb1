"""What is said of odd input is ours: no text of Python's that advises to change the tool."""

from __future__ import annotations

import json

import pytest

from no_libpython_dlopen.engine.api import check_bytes

LOAD = 'import ctypes\nctypes.PyDLL("libpython3.11.so"@)\n'
DIGITS = "1" * 5000
NOTEBOOK = {"cells": [{"cell_type": "code", "source": LOAD.replace("@", "") + "# \ud800"}]}
MODULE = "[tool.setuptools]\next-modules = [{name = 'a', libraries = ['python3.11']}]\n"
SAID = {
    "a number of many digits in TOML": (
        "pyproject.toml",
        f"{MODULE}x = {DIGITS}\n",
        "not valid TOML: a number has more digits than can be read",
    ),
    "the same elsewhere in a line": (
        "pyproject.toml",
        f"{MODULE}x = [1, -{DIGITS}]\n",
        "not valid TOML: a number has more digits than can be read",
    ),
    "half of a character in a notebook": (
        "a.ipynb",
        json.dumps(NOTEBOOK),
        "cannot be parsed: it contains half of a surrogate pair",
    ),
    "a line of setup.cfg that is none": (
        "setup.cfg",
        "[build_ext]\nlibraries=python3.11\n[build_ext\n",
        "not a valid setup.cfg: the line is not a section header, an option or a comment",
    ),
    "an option before any section": (
        "setup.cfg",
        "libraries=python3.11\n[build_ext]\n",
        "not a valid setup.cfg: File contains no section headers",
    ),
}


@pytest.mark.parametrize("case", SAID)
def test_what_is_said_of_odd_input(case: str) -> None:
    path, text, said = SAID[case]
    found = [one for one in check_bytes(text.encode("utf-8"), path) if one.code == "NLP900"]
    assert [one.message for one in found] == [said]


@pytest.mark.parametrize(
    "part",
    [
        *("[::0]", "[1:2:0]", "[10**30:]", "[:-10**30]", "[::10**30]", "[10**30]"),
        *(".split('')[0]", " % (1, 2)", " * -1", " * 10**30", ".rjust(10**30)", " + str(1 // 0)"),
        *(" + str(1 << -1)", " + str(1 << 10**30)", " + chr(-1)", " + '%c' % 0x110000"),
        *(" + str(2.0**10000)", " + str((-1)**0.5)", " + str(0**-1)", ".encode('x')[::0]"),
        *(" + str(round(1.5, 10**9))", " + f'{1:{10**9}}'", " + '{0[x]}'.format(1)", "[*()]"),
    ],
)
def test_what_python_would_refuse_is_no_internal_error(part: str) -> None:
    code = LOAD.replace("@", part).encode()
    messages = [one.message for one in check_bytes(code, "a.py")]
    assert "internal error" not in "".join(messages)
