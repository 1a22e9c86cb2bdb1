"""A store that is damaged, or was made by somebody else, is one line and nothing else."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.survey.models import Item
from no_libpython_dlopen.survey.store import Store

ENDLESS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c"
SOUND = """
INSERT INTO package VALUES ('a', 'a', 1, '', '', 'examined', '1', '', 1.5, '2026-01-01T00:00:00+00:00');
INSERT INTO wheel VALUES ('a', 'a.whl', 'linux', 'cp311', 'cp311', 1, 1, '');
INSERT INTO finding VALUES ('a', 'a.whl', 'NLP301', 'm.so', 'libpython3.11.so', 'linked to libpython3.x', 'm', 1);
"""
DAMAGES = {
    "a view that never ends": f"DROP TABLE package; CREATE VIEW package AS {ENDLESS}",
    "one more view": f"CREATE VIEW other AS {ENDLESS}",
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON survey BEGIN DELETE FROM package; END",
    "another column": "ALTER TABLE finding ADD COLUMN more TEXT",
    "no table": "DROP TABLE wheel",
    "a blob": "UPDATE package SET version = x'00ff'",
    "a blob for a message": "UPDATE finding SET message = x'37'",
    "a text for a number": "UPDATE package SET rank = 'first'",
    "no key": "INSERT INTO package SELECT NULL, requirement, rank, paths, index_url, status, version, reason,"
    " seconds, finished FROM package",
    "a number below zero": "UPDATE wheel SET size = -1",
    "a large number": "UPDATE wheel SET traffic = 9223372036854775807",
    "no finite number": "UPDATE package SET seconds = 9e999",
    "a long text": "UPDATE finding SET library = hex(zeroblob(600000))",
    "an unknown status": "UPDATE package SET status = 'excellent'",
    "an unknown cause": "UPDATE finding SET cause = 'spite'",
    "an unknown code": "UPDATE finding SET code = 'NLP3'",
    "paths that are no list": "UPDATE package SET paths = '{}'",
    "paths that are nested": "UPDATE package SET paths = '" + "[" * 100_000 + "'",
    "a finding in no wheel": "DELETE FROM wheel",
    "a wheel of no package": "DELETE FROM package",
    "a population that is no number": "INSERT INTO survey VALUES ('population', 'all')",
    "no text": "UPDATE package SET version = CAST(x'ff' AS TEXT)",
}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "s.sqlite"
    with Store(str(path)) as opened:
        opened.add([Item("b", "b")])
        opened.connection.executescript(SOUND)
    return path


def test_a_sound_store_is_reported(store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = ["survey", "report", "--store", str(store), "--output-format", "markdown"]
    assert main(report) == 0
    assert "NLP301" in capsys.readouterr().out


#: What takes a store up again asks of it what a report does, so that some are enough.
RESUMED = ("a trigger", "no table", "an unknown status", "paths that are no list")


@pytest.mark.parametrize(
    ("inputs", "damage"), [*((["report"], one) for one in DAMAGES), *(([], one) for one in RESUMED)]
)
def test_a_damaged_store_is_one_line(
    damage: str, inputs: list[str], store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    connection = sqlite3.connect(store)
    connection.executescript(DAMAGES[damage])
    connection.close()
    assert main(["survey", *inputs, "--store", str(store)]) == 2
    said = capsys.readouterr()
    *notes, error = said.err.splitlines()
    assert all(note.startswith("nolibpy: note: resuming: ") for note in notes)
    assert error.startswith(f"nolibpy: error: {store}: ")
    assert "internal error" not in said.err
    assert said.out == ""
    assert list(store.parent.glob("s.[hjm]*")) == []


@pytest.mark.parametrize("page", range(8))
def test_pages_of_noise_are_one_line(page: int, store: Path, capsys) -> None:
    data = bytearray(store.read_bytes())
    start = page * 4096 % len(data)
    data[start + 100 * (page == 0) : start + 4096] = bytes(i * 37 % 256 for i in range(4096))
    store.write_bytes(bytes(data[: store.stat().st_size]))
    status = main(["survey", "report", "--store", str(store), "--output-format", "json"])
    said = capsys.readouterr()
    assert status == 2 or said.err == ""  # a page that nothing uses
    assert "internal error" not in said.err
    assert said.err.count("\n") <= 1


def test_a_message_of_the_database_that_is_no_text_is_one_line(store: Path, capsys) -> None:
    """SQLite quotes a statement that it does not understand, whatever bytes that has."""
    sqlite3.connect(store).execute("PRAGMA wal_checkpoint(TRUNCATE)").connection.close()
    store.write_bytes(store.read_bytes().replace(b"CREATE TABLE wheel", b"CREATE \xf8ABLE wheel"))
    assert main(["survey", "report", "--store", str(store)]) == 2
    assert capsys.readouterr().err == f"nolibpy: error: {store}: corrupt\n"
