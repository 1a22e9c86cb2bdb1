"""The numbers of a survey, and the sentences that they come to."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.survey.chart import _ceiling, by_cause, by_rank
from no_libpython_dlopen.survey.phrases import extent, megabytes, percent, verdict
from no_libpython_dlopen.survey.statistics import Affected, Figures, wilson

NOTHING = Figures(
    *("", "", 0, 0, 0, 0, 0, 0, 0, 0, 0, ()),  # type: ignore[arg-type]
    *(None, 0, (), (), (), (), (), (), (), ()),  # type: ignore[arg-type]
)


def affected(number: int) -> tuple[Affected, ...]:
    """Return as many affected packages, of which only the number counts."""
    return (None,) * number  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.25, "25.0 %"), (0.01, "1.0 %"), (0.00123, "0.12 %"), (0.00001, "0.001 %"), (1, "100.0 %")],
)  # fmt: skip
def test_a_share_has_the_digits_that_mean_something(share: float, text: str) -> None:
    assert percent(share) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 kB"), (2_500_000, "2.5 MB"), (3 * 10**12, "3,000.0 GB")],
)  # fmt: skip
def test_a_size_has_the_unit_that_fits(size: int, text: str) -> None:
    assert megabytes(size) == text


def test_the_bounds_of_a_sample_enclose_what_was_seen() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    for hits, of in ((0, 10), (3, 100), (10, 10), (1, 100_000)):
        low, high = wilson(hits, of)
        assert 0 <= low <= hits / of + 1e-9 <= high + 2e-9 <= 1 + 2e-9
        narrow = wilson(hits, of, confidence=0.5)
        assert low - 1e-9 <= narrow[0] <= narrow[1] <= high + 1e-9


def test_the_answer_is_one_sentence() -> None:
    found = replace(NOTHING, packages=4, examined=3, no_wheel=1, affected=affected(2))
    assert verdict(found) == "2 of 4 packages (50.0 %) need libpython or ship it."
    one = replace(found, affected=affected(1))
    assert verdict(one) == "1 of 4 packages (25.0 %) needs libpython or ships it."
    assert verdict(NOTHING) == "0 of 0 packages (0 %) need libpython or ship it."
    sample = replace(found, interval=(0.1, 0.9), population=1000)
    assert "the share is between 10.0 % and 90.0 % with 95% confidence" in verdict(sample)
    assert verdict(sample).endswith("or 100 to 900 of 1,000 packages.")
    assert ", or " not in verdict(replace(sample, population=0))


def test_what_was_looked_at_is_told_and_what_is_left() -> None:
    lines = extent(replace(NOTHING, packages=9, examined=5, failed=1, pending=3))
    assert lines[0] == "6 of 9 packages done, 3 pending."
    assert not any("Last result" in line for line in lines)
    made = extent(replace(NOTHING, made="2026-01-01", version="1.0"))
    assert made[-1] == "Last result: 2026-01-01, nolibpy 1.0."


@pytest.mark.parametrize(
    ("share", "top"), [(0.5, 0.5), (0.51, 1.0), (0.03, 0.05), (0.011, 0.02), (1.0, 1.0), (0.0, 1e-5)]
)  # fmt: skip
def test_an_axis_ends_at_a_round_share(share: float, top: float) -> None:
    assert _ceiling(share) == pytest.approx(top)


def test_nothing_is_drawn_of_nothing() -> None:
    assert by_rank(NOTHING) == by_cause(NOTHING) == ""


def test_a_report_goes_to_standard_output_or_to_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    with zipfile.ZipFile(wheels / "a-1-py3-none-any.whl", "w") as archive:
        archive.writestr("a/b.py", "")
    assert main(["survey", "wheels", "--store", "s.sqlite", "-q", "--jobs", "1"]) == 0
    capsys.readouterr()
    assert main(["survey", "report", "--store", "s.sqlite", "--output-format", "markdown"]) == 0
    assert "0 of 1 package (0 %) need libpython" in capsys.readouterr().out
    assert main(["survey", "report", "--store", "s.sqlite", "--output-file", "out.json"]) == 0
    assert json.loads((tmp_path / "out.json").read_text())["packages"]["total"] == 1
    for words, reason in (
        (["report", "--store", "s.sqlite", "--output-file", "none/out.md"], "No such file"),
        (["--store", "s.sqlite", "--platform", "x"], "pass the inputs again"),
    ):
        assert main(["survey", *words]) == 2
        assert reason in capsys.readouterr().err
