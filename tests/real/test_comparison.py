"""What the session ``real-sources`` says about a tree and a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real import __main__ as real

CMAKE = """\
find_package(Python3 COMPONENTS Development)
add_library(spam MODULE spam.c)
{comment}target_link_libraries(spam PRIVATE Python3::Python)
"""
LINK = "target_link_libraries(spam PRIVATE Python3::Python)"
WRONG = f"spam\twrong\tCMakeLists.txt:3\t{LINK}\n"


@pytest.fixture
def compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Return a function that runs the session on one tree and one table."""

    def run(listfile: str, *verdicts: str) -> tuple[int, str]:
        tables, tree = tmp_path / "tables", tmp_path / "trees" / "spam"
        tables.mkdir()
        tree.mkdir(parents=True)
        (tree / "CMakeLists.txt").write_text(listfile)
        (tables / "sources.tsv").write_text(
            "package\tversion\tsuite\tcontent\nspam\t1\tsid\twhole\n"
        )
        (tables / "verdicts.tsv").write_text("package\tverdict\tplaces\ttext\n" + "".join(verdicts))
        monkeypatch.setattr(real, "HERE", tables)
        status = real.main(["--folder", str(tree.parent)])
        return status, capsys.readouterr().out

    return run


def test_a_wrong_link_that_is_reported(compared) -> None:
    status, said = compared(CMAKE.format(comment=""), WRONG)
    assert status == 0
    assert said.endswith("1 of 1 wrong links were found in 1 packages.\n")


def test_a_wrong_link_that_moved_in_another_version(compared) -> None:
    status, said = compared(CMAKE.format(comment="# as it was\n\n"), WRONG)
    assert (status, "1 of 1" in said) == (0, True)


def test_a_miss(compared) -> None:
    silent = CMAKE.format(comment="").replace("add_library(spam MODULE", "add_executable(spam")
    status, said = compared(silent, WRONG)
    assert status == 1
    assert f"Missed: 1\n  spam/CMakeLists.txt:3: {LINK}\n" in said


def test_a_false_alarm(compared) -> None:
    status, said = compared(CMAKE.format(comment=""))
    assert status == 1
    assert "False alarms: 1\n  spam/CMakeLists.txt:3: NLP202" in said


def test_an_arguable_link_counts_neither_way(compared) -> None:
    status, said = compared(CMAKE.format(comment=""), WRONG.replace("wrong", "arguable"))
    assert (status, "0 of 0 wrong links" in said) == (0, True)


def test_a_file_that_is_broken_on_purpose_counts_neither_way(compared) -> None:
    unclosed = CMAKE.format(comment="").replace("Development)", "Development")
    status, said = compared(unclosed, "spam\tbroken\tCMakeLists.txt:1-4\t\n")
    assert (status, "0 of 0 wrong links" in said) == (0, True)


def test_a_verdict_that_fits_no_line(compared) -> None:
    status, said = compared(CMAKE.format(comment=""), WRONG.replace("PRIVATE", "PUBLIC"))
    assert status == 2
    assert "Problems: 1\n  spam/CMakeLists.txt: no line" in said


def test_the_tables_fit_each_other() -> None:
    packages = [row["package"] for row in real.rows("sources.tsv")]
    assert len(packages) == len(set(packages)) == 185
    verdicts = [real.verdict_of(row) for row in real.rows("verdicts.tsv")]
    assert {verdict.package for verdict in verdicts} <= set(packages)
    assert sum(verdict.wrong for verdict in verdicts) == 100
