"""What is shown while a survey runs, and when one is resumed."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from no_libpython_dlopen.cli.survey import _show_progress
from no_libpython_dlopen.survey.models import Cause, Finding, Item, Outcome, Status, Wheel
from no_libpython_dlopen.survey.store import Store

HIT = Finding("NLP301", "m.so", "libpython3.so", Cause.STABLE, "needs it")
AFFECTED = Outcome(
    Status.EXAMINED, wheels=(Wheel("a.whl", "linux", "cp312", "abi3", 1, 0, findings=(HIT,)),)
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def begun(tmp_path: Path) -> Store:
    """A store of eight packages, of which three are done: affected, failed and clean."""
    store = Store(str(tmp_path / "s.sqlite"))
    store.add([Item(name, name) for name in "abcdefgh"])
    store.write(Item("a", "a"), AFFECTED)
    store.write(Item("b", "b"), Outcome(Status.FAILED, reason="gone"))
    store.write(Item("c", "c"), Outcome(Status.EXAMINED))
    return store


def shown(store: Store, out: io.StringIO, monkeypatch: pytest.MonkeyPatch, **more: bool) -> str:
    """Return what standard error gets while the rest is done, with one more hit."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stderr", out)
    rest = [(item, AFFECTED if item.name == "d" else Outcome(Status.EXAMINED)) for item in store.pending_items()]  # fmt: skip
    for item, outcome in _show_progress(iter(rest), store, quiet=more.get("quiet", False)):
        store.write(item, outcome)
    return out.getvalue()


def test_a_resumed_survey_goes_on_where_it_stood(
    begun: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with begun:
        text = shown(begun, Terminal(), monkeypatch)
    assert "note: resuming: 3 of 8 packages are done" in text
    assert "8/8" in text
    assert "2 affected, 1 failed" in text
    assert "5/5" not in text


def test_what_is_tried_again_is_not_counted_twice(
    begun: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with begun:
        begun.retry_failures()
        text = shown(begun, Terminal(), monkeypatch)
    assert "resuming: 2 of 8 packages are done" in text
    assert "2 affected, 0 failed" in text


def test_the_note_goes_to_files_as_well_and_quiet_is_quiet(
    begun: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with begun:
        assert shown(begun, io.StringIO(), monkeypatch, quiet=True) == ""
        begun.connection.execute("UPDATE package SET status = 'pending' WHERE name != 'a'")
        text = shown(begun, io.StringIO(), monkeypatch)
    assert text == "nolibpy: note: resuming: 1 of 8 packages are done\n"


def test_a_new_survey_says_nothing_of_resuming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store(str(tmp_path / "s.sqlite")) as store:
        store.add([Item("a", "a")])
        assert shown(store, io.StringIO(), monkeypatch) == ""
