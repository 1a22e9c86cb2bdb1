"""``setup.cfg``: ``[build_ext]`` reaches every extension, and distutils reads it so."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from no_libpython_dlopen.model.limits import INI_LINES
from tests.buildsystems.rewriting import (
    assert_conforms,
    conformance,
    fixed,
    found,
    reported,
    text_of,
)

REWRITES = {
    "lines that end in a carriage return": (
        "[build_ext]\rlibraries = m python3.11\r",
        "[build_ext]\rlibraries = m\r",
    ),
    "a word in the middle of a line": (
        "[build_ext]\nlibraries = m python3.11 z\n",
        "[build_ext]\nlibraries = m z\n",
    ),
    "a first word": ("[build_ext]\nlibraries=python3 m\n", "[build_ext]\nlibraries=m\n"),
    "a comma list": (
        "[build_ext]\nlibraries = m,python3.13t, z\n",
        "[build_ext]\nlibraries = m,z\n",
    ),
    "the last of a comma list": (
        "[build_ext]\nlibraries = m, python3.11\ninplace = 1\n",
        "[build_ext]\nlibraries = m\ninplace = 1\n",
    ),
    "an only word takes its option along": (
        "[build_ext]\nlibraries = python3.11\ninplace = 1\n",
        "[build_ext]\ninplace = 1\n",
    ),
    "a line of its own": (
        "[build_ext]\nlibraries = m\n    python3.11\n    z\n[x]\n",
        "[build_ext]\nlibraries = m\n    z\n[x]\n",
    ),
    "the next line moves up where the first would be empty": (
        "[build_ext]\nlibraries = python3.11\n    z\n[x]\n",
        "[build_ext]\nlibraries = z\n[x]\n",
    ),
    "an option over two lines with one word": (
        "[build_ext]\nlibraries =\n    python3.11\n\n[x]\n",
        "[build_ext]\n\n[x]\n",
    ),
    "a comment inside is no word": (
        "[build_ext]\nlibraries = m\n    # why\n    python3.11\n",
        "[build_ext]\nlibraries = m\n    # why\n",
    ),
    "objects by path": (
        "[build_ext]\nlink_objects = /usr/lib/libpython3.11.so a.o\n",
        "[build_ext]\nlink_objects = a.o\n",
    ),
    "objects with a dash in the name": (
        "[build_ext]\nlink-objects: a.o libpython3.11.a\n",
        "[build_ext]\nlink-objects: a.o\n",
    ),
    "two names, one after the other": (
        "[build_ext]\nlibraries = python3.11 python3.12 m\n",
        "[build_ext]\nlibraries = m\n",
    ),
    "Windows line ends": (
        "[build_ext]\r\nlibraries = m python3.11\r\n",
        "[build_ext]\r\nlibraries = m\r\n",
    ),
    "no line end": ("[build_ext]\nlibraries = m python3.11", "[build_ext]\nlibraries = m"),
}

SILENT = {
    "the Windows import library": "[build_ext]\nlibraries = python311\n",
    "Python 2": "[build_ext]\nlibraries = python2.7\n",
    "look-alikes": "[build_ext]\nlibraries = boost_python3 pythonqt python3api\n",
    "a comment": "[build_ext]\n# libraries = python3.11\ninplace = 1\n",
    "a semicolon comment": "[build_ext]\n; libraries = python3.11\n",
    "another section": "[metadata]\nname = build_ext\nlibraries = python3.11\n",
    "a folder": "[build_ext]\nlibrary_dirs = /usr/lib/python3.11\n",
    "include folders": "[build_ext]\ninclude_dirs = /usr/include/python3.11\n",
    "a value that looks like an option": (
        "[metadata]\ndescription =\n    [build_ext]\n    libraries = python3.11\n"
    ),
    "an option that the value of another continues": (
        "[build_ext]\ndefine = A\n  libraries = python3.11\n"
    ),
    "a C library of the project": "[build_clib]\nbuild_ext = 1\nlibraries = python3.11\n",
    "python_requires": "[options]\npython_requires = >=3.9\n[build_ext]\ninplace = 1\n",
}


@pytest.mark.parametrize(("before", "after"), REWRITES.values(), ids=REWRITES)
def test_the_word_goes_and_nothing_else_moves(before: str, after: str) -> None:
    assert {code for code, _ in reported(before, "setup.cfg")} == {"NLP201"}
    assert fixed(before, "setup.cfg") == after


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_what_links_nothing_is_silent(text: str) -> None:
    assert reported(text, "setup.cfg") == []
    assert fixed(text, "setup.cfg") == text


@pytest.mark.parametrize("folder", conformance("setup_cfg"), ids=lambda folder: folder.name)
def test_conformance_cases_hold(folder: Path) -> None:
    assert_conforms(folder)


def test_a_deleted_comment_makes_the_fix_unsafe() -> None:
    text = "[build_ext]\nlibraries =\n    # needed\n    python3.11\n"
    assert fixed(text, "setup.cfg", unsafe=False) == text
    assert fixed(text, "setup.cfg") == "[build_ext]\n"


def test_what_configparser_refuses_is_unreadable() -> None:
    text = text_of("""
        [build_ext]
        libraries = python3.11
        libraries = m
    """)
    (finding,) = found(text, "setup.cfg")
    assert (finding.code, finding.start.row) == ("NLP900", 3)
    assert "already exists" in finding.message


def test_more_lines_than_configparser_can_complain_of_are_refused() -> None:
    text = "[build_ext]\nlibraries = python3.11\n" + "x\n" * 200_000
    assert [(finding.code, finding.message) for finding in found(text, "setup.cfg")] == [
        ("NLP900", f"analysed only in part: more than {INI_LINES}")
    ]


@given(
    st.lists(
        st.sampled_from(
            [
                "[build_ext]",
                "libraries = m",
                "libraries: python3.11 z",
                "link_objects =",
                "  python3.12",
                "  # comment",
                "    z, python3",
                "",
                "; x",
                "[a]",
            ]
        ),
        max_size=12,
    ),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_lines_are_read_as_configparser_reads_them(lines: list[str], end: str) -> None:
    text = end.join(["[build_ext]", "python = 1", *lines])
    codes = {finding.code: finding.message for finding in found(text, "setup.cfg")}
    assert "configparser" not in codes.get("NLP900", "")
    after = fixed(text, "setup.cfg")
    if "NLP900" not in codes:
        assert reported(after, "setup.cfg") == []
    assert after.count("\r\n") == after.count("\n") or end == "\n"
