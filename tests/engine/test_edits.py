"""Fixes of a text: which go together, and what is never written."""

from __future__ import annotations

import pickle

import pytest

from no_libpython_dlopen import rules
from no_libpython_dlopen.engine import api, edits
from no_libpython_dlopen.model.facts import Sighted
from no_libpython_dlopen.model.finding import Applicability, Edit, Finding, Fix, Location
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.model.source import Unreadable

TEXT = "one two three"


def finding(*changes: Edit) -> Finding:
    at = Location(1, 1)
    fix = Fix(Applicability.SAFE, message="change it", edits=changes)
    return Finding(code="NLP101", message="", path="a", start=at, end=at, fix=fix, noqa_row=1)


ONE, TWO = Edit(0, 3, "one", "1"), Edit(4, 7, "two", "2")


@pytest.mark.parametrize(
    ("changes", "fit"),
    [
        ([ONE], True),
        ([ONE, TWO], True),
        ([TWO, ONE], True),
        ([Edit(0, 3, "uno", "1")], False),  # the text is another one by now
        ([ONE, Edit(2, 4, "e ", "")], False),
        ([Edit(3, 0, "", "x")], False),
        ([Edit(13, 13, "", "!")], True),
        ([Edit(12, 14, "e!", "")], False),
    ],
)
def test_edits_fit_where_the_text_is_what_they_replace(changes: list[Edit], fit: bool) -> None:
    assert edits.fits(changes, TEXT) is fit
    if fit:
        assert edits.applied([finding(*changes)], TEXT) != TEXT
    else:
        assert edits.compatible([finding(*changes)], TEXT) == []
        with pytest.raises(edits.MisplacedEdit):
            edits.applied([finding(*changes)], TEXT)


def test_of_fixes_that_collide_or_touch_the_first_is_made() -> None:
    first, second, third = finding(ONE), finding(Edit(3, 4, " ", "-")), finding(TWO)
    assert edits.compatible([first, second, third], TEXT) == [first, third]
    assert edits.applied([first, third], TEXT) == "1 2 three"
    # An edit that two share, an import say, is made once.
    both = [finding(ONE), finding(ONE, TWO)]
    assert edits.compatible(both, TEXT) == both
    assert edits.applied(both, TEXT) == "1 2 three"


def test_why_a_file_is_unreadable_reaches_the_other_process() -> None:
    error = pickle.loads(pickle.dumps(Unreadable("no", Location(3, 4))))
    assert (error.reason, error.location) == ("no", Location(3, 4))


@pytest.mark.parametrize(("code", "needed"), [("NLP401", False), ("NLP402", True)])
def test_what_the_guard_saw_is_a_finding_of_one_rule(code: str, needed: bool) -> None:
    at = Location(3, 1)
    fact = Sighted("libpython3.11.so", "opened here", needed, at, at)
    found = [rules.rule(each).judge(fact, "a.py") for each in ("NLP401", "NLP402")]
    (only,) = [one for one in found if one is not None]
    assert (only.code, only.message, only.start, only.fix) == (code, "opened here", at, None)
    assert only.resolved == "libpython3.11.so"


def test_a_code_that_no_rule_has_is_an_error() -> None:
    with pytest.raises(KeyError):
        rules.rule("NLP999")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Dockerfile.dev", Kind.DOCKERFILE),
        ("Containerfile.x", Kind.DOCKERFILE),
        ("dev.Dockerfile", None),
        ("Dockerfiles", None),
        ("a.tar.gz", Kind.ARCHIVE),
        ("a.gz", None),
    ],
)
def test_a_kind_is_told_by_the_name(name: str, kind: Kind | None) -> None:
    assert kind_of(name) is kind


#: A declaration of the encoding; the load below it is found, or the line is said.
CODINGS = {
    "utf-8": ["NLP101"],
    "utf-8-sig": ["NLP101"],
    "latin-1": ["NLP101"],
    "shift_jis": ["NLP101"],
    "koi8-r": ["NLP101"],
    "utf-7": ["NLP101"],
    "cp037": [],  # EBCDIC, in which these bytes say nothing
    "rot13": ["NLP900"],
    "none-such": ["NLP900"],
}


@pytest.mark.parametrize(("coding", "codes"), CODINGS.items(), ids=CODINGS)
def test_a_declared_encoding_is_used(coding: str, codes: list[str]) -> None:
    text = f'# coding: {coding}\nimport ctypes\na = ctypes.PyDLL("libpython3.11.so")\na.Py_x()\n'
    assert [one.code for one in api.check_bytes(text.encode(), "a.py")] == codes
