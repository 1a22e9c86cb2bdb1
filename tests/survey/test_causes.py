"""Why a package is affected, and what is said of one that cannot be looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.model.facts import Bundled, Embedded, Fact, Needed, Unread
from no_libpython_dlopen.package_index.pip_settings import Settings
from no_libpython_dlopen.survey.inputs import items_of
from no_libpython_dlopen.survey.models import Cause, Item, Plan, Status
from no_libpython_dlopen.survey.worker import cause_of, examine

PLAN = Plan(Settings(indexes=()))
COPY = "libpython3-0a1b2c3d.12.so.1.0"


def needed(*libraries: str, through: str = "") -> Needed:
    return Needed("a.so", libraries, "", through=through)


#: A fact, and its cause in a wheel that ships ``COPY``.
CAUSES: list[tuple[Fact, Cause | None]] = [
    (Embedded("a.so", ("Py_Initialize",)), Cause.STATIC),
    (Bundled(COPY, (COPY,), ("a.so",)), Cause.COPY),
    (needed(COPY), Cause.COPY),
    (needed("libpython3.12.so.1.0", through="libmid.so"), Cause.INDIRECT),
    (needed("/usr/lib/libpython3.12.so.1.0"), Cause.FIXED),
    (needed("libpython3.so"), Cause.STABLE),
    (needed("/opt/libpython3.so", "libpython3t.so"), Cause.STABLE),
    (needed("libpython3.12.so.1.0"), Cause.VERSIONED),
    (needed("libpython3.12.so.1.0", "libpython3.so"), Cause.VERSIONED),
    (Unread("damaged"), None),
]


@pytest.mark.parametrize(("fact", "cause"), CAUSES)
def test_each_fact_has_one_cause(fact: Fact, cause: Cause | None) -> None:
    assert cause_of(fact, {COPY}) is cause


def test_a_package_that_cannot_be_looked_up_fails_with_one_line(tmp_path: Path) -> None:
    for item, reason in (
        (Item("spam", "spam"), "no such package on the index"),
        (Item("spam", "spam !!"), "cannot be looked up: "),
        (Item("spam", "spam @ https://x/y.exe"), "its URL is not that of a wheel"),
    ):
        outcome = examine(item, PLAN)
        assert outcome.status is Status.FAILED
        assert outcome.reason.startswith(reason)
        assert "\n" not in outcome.reason


def test_wheels_that_are_at_hand_are_examined_where_they_are(tmp_path: Path) -> None:
    wheel = tmp_path / "spam-1.0-cp312-cp312-linux_x86_64.whl"
    wheel.write_bytes(b"no wheel")
    (item,) = items_of([str(wheel)], Settings(indexes=()))
    outcome = examine(item, PLAN)
    assert (outcome.status, outcome.version) == (Status.FAILED, "1.0")
    assert wheel.name in outcome.reason or "not a" in outcome.reason
