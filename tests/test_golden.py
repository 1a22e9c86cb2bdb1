"""A recording of the tool's outputs: equal twice over, and compared byte for byte."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import golden

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]


def made(folder: Path, **files: str) -> Path:
    """Return a recording with these files."""
    for name, text in files.items():
        golden.write(folder, name, text)
    folder.mkdir(exist_ok=True)
    return folder


def recorded(folder: Path, only: str) -> dict[str, bytes]:
    """Return a recording of some cases, made by a process of its own."""
    command = [sys.executable, "-m", "tests.golden", "record", str(folder), "--only", only]
    subprocess.run(command, cwd=ROOT, check=True)
    return golden.files_of(folder)


def test_equal_recordings_are_equal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = (made(tmp_path / name, a="one\n", b="two\n") for name in ("old", "new"))
    assert golden.main(["compare", str(old), str(new)]) == golden.EQUAL
    assert capsys.readouterr().out == "2 cases are equal\n"


def test_what_differs_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = made(tmp_path / "old", a="one\n", b="two\n", c="three\n")
    new = made(tmp_path / "new", a="one\n", b="two\r\n", d="four\n")
    assert golden.main(["compare", str(old), str(new)]) == golden.DIFFERENT
    assert capsys.readouterr().out.splitlines() == [
        *("--- old/b.txt", "+++ new/b.txt", "@@ -1,2 +1,2 @@", "-two", "+two\\r", " "),
        f"only in {old}: c.txt",
        f"only in {new}: d.txt",
        "3 of 4 cases differ",
    ]


def test_a_long_difference_is_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = made(tmp_path / "old", a="x\n" * 100), made(tmp_path / "new", a="y\n" * 100)
    assert golden.main(["compare", str(old), str(new), "--lines", "5"]) == golden.DIFFERENT
    assert capsys.readouterr().out.splitlines()[5:] == ["... 199 more lines", "1 of 1 cases differ"]


@pytest.mark.parametrize(
    "argv", [[], ["compare", ".", "no-such-folder"], ["record", str(ROOT / "recording")]]
)
def test_what_cannot_be_done_is_a_usage_error(argv: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        golden.main(argv)
    assert stopped.value.code == golden.USAGE


def test_a_folder_with_files_is_not_written_to(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        golden.main(["record", str(made(tmp_path / "old", a="one\n"))])


def test_a_case_is_recorded_twice_alike(tmp_path: Path) -> None:
    once, again = (recorded(tmp_path / name, "cases/*/*literal_cdll") for name in ("a", "b"))
    assert list(once) == ["cases/python/literal_cdll.txt"]
    assert once == again
    text = once["cases/python/literal_cdll.txt"].decode()
    assert text.count("$ nolibpy ") == len(golden.RUNS)
    assert "NLP101" in text
    assert str(tmp_path) not in text
