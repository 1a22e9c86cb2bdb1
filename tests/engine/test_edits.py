"""Fixes of a text: which go together, and what is never written."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from no_libpython_dlopen.engine import edits
from no_libpython_dlopen.model.finding import Applicability, Edit, Finding, Fix, Location
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
        assert edits.apply_fixes([finding(*changes)], TEXT) != TEXT
    else:
        assert edits.select_compatible([finding(*changes)], TEXT) == []
        with pytest.raises(edits.MisplacedEdit):
            edits.apply_fixes([finding(*changes)], TEXT)


def test_of_fixes_that_collide_or_touch_the_first_is_made() -> None:
    first, second, third = finding(ONE), finding(Edit(3, 4, " ", "-")), finding(TWO)
    assert edits.select_compatible([first, second, third], TEXT) == [first, third]
    assert edits.apply_fixes([first, third], TEXT) == "1 2 three"
    # An edit that two share, an import say, is made once.
    both = [finding(ONE), finding(ONE, TWO)]
    assert edits.select_compatible(both, TEXT) == both
    assert edits.apply_fixes(both, TEXT) == "1 2 three"


def unused(*changes: Edit) -> Finding:
    return replace(finding(*changes), code="NLP901")


@pytest.mark.parametrize(
    ("findings", "kept"),
    [
        ([unused(Edit(0, 3, "one", "")), unused(Edit(3, 7, " two", ""))], 2),
        ([unused(Edit(3, 7, " two", "")), unused(Edit(0, 3, "one", ""))], 2),
        ([unused(Edit(0, 3, "one", "")), unused(Edit(2, 7, "e two", ""))], 1),  # they overlap
        ([unused(Edit(0, 3, "one", "")), unused(Edit(3, 7, " two", "-"))], 1),  # it says more
        ([finding(Edit(0, 3, "one", "")), unused(Edit(3, 7, " two", ""))], 1),  # of code
        ([unused(Edit(0, 3, "one", "")), finding(Edit(3, 7, " two", ""))], 1),
    ],
)
def test_deletions_of_suppressions_may_touch(findings: list[Finding], kept: int) -> None:
    chosen = edits.select_compatible(findings, TEXT)
    assert len(chosen) == kept
    assert edits.apply_fixes(chosen, TEXT)


def test_why_a_file_is_unreadable_reaches_the_other_process() -> None:
    error = pickle.loads(pickle.dumps(Unreadable("no", Location(3, 4))))
    assert (error.reason, error.location) == ("no", Location(3, 4))
