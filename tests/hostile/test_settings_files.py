"""What a stranger's tree can put in the place of settings, patterns, baselines and texts."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from no_libpython_dlopen.engine import runner, worker_pool
from no_libpython_dlopen.engine.check_file import Task
from no_libpython_dlopen.engine.target import TargetFile
from no_libpython_dlopen.files.safe_open import read_file

LOAD = b'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
FOUND = "a.py:3:7: NLP101"
MEMORY = 1 << 30
posix = pytest.mark.skipif(os.name != "posix", reason="pipes and devices are POSIX's")

pytestmark = posix


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.py").write_bytes(LOAD)
    return tmp_path


def check(folder: Path, *arguments: str, status: int, stdin: bytes = b"") -> list[str]:
    """Check with little memory and time; return what is said, the findings without their text."""

    def confine() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (30, 30))

    command = [sys.executable, "-m", "no_libpython_dlopen", "check", "--output-format=concise"]
    done = subprocess.run(
        [*command, "-q", *arguments], check=False, cwd=folder, preexec_fn=confine, timeout=60,
        input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    said = done.stdout.decode()
    assert done.returncode == status, said
    assert "Traceback" not in said
    assert "internal error" not in said
    assert "Warning" not in said
    return [FOUND if line.startswith(FOUND) else line for line in said.splitlines()]


def _huge(path: Path) -> None:
    with open(path, "wb") as file:
        file.truncate(2 << 30)


NO_TEXTS: Mapping[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a device": lambda path: os.symlink("/dev/zero", path),
    "2 GiB": _huge,
}
REASONS = {
    "a pipe": "it is not a regular file",
    "a device": "it is not a regular file",
    "2 GiB": "it is larger than 4 MiB",
}


@pytest.mark.parametrize("kind", NO_TEXTS)
def test_patterns_that_are_no_file_of_patterns_are_one_line(folder: Path, kind: str) -> None:
    NO_TEXTS[kind](folder / ".gitignore")
    said = check(folder, ".", status=2)
    assert said == [f"nolibpy: error: .gitignore: {REASONS[kind]}", FOUND]
    assert check(folder, "--no-respect-gitignore", ".", status=1) == [FOUND]


@pytest.mark.parametrize("kind", NO_TEXTS)
def test_a_named_configuration_that_is_no_file_is_one_line(folder: Path, kind: str) -> None:
    NO_TEXTS[kind](folder / "settings")
    said = check(folder, "--config=settings", ".", status=2)
    assert said == [f"nolibpy: error: settings: {REASONS[kind]}"]


@pytest.mark.parametrize("kind", ["a pipe", "a device"])
def test_a_configuration_that_is_found_and_is_no_file_is_one_line(folder: Path, kind: str) -> None:
    NO_TEXTS[kind](folder / "pyproject.toml")
    said = check(folder, ".", status=2)
    assert said == [f"nolibpy: error: pyproject.toml: {REASONS[kind]}", FOUND]
    assert check(folder, "--isolated", ".", status=1) == [FOUND]


def test_a_huge_pyproject_is_neither_configuration_nor_text(folder: Path) -> None:
    _huge(folder / "pyproject.toml")
    assert check(folder, ".", status=2) == [
        "nolibpy: error: pyproject.toml: it is larger than 4 MiB",
        FOUND,
        "pyproject.toml:1:1: NLP900 cannot be read: it is larger than 64 MiB",
    ]


@pytest.mark.parametrize("kind", NO_TEXTS)
def test_a_baseline_that_is_no_file_is_one_line(folder: Path, kind: str) -> None:
    NO_TEXTS[kind](folder / "known")
    (folder / "pyproject.toml").write_text('[tool.nolibpy]\nbaseline = "known"\n')
    said = check(folder, ".", status=2)
    if kind == "a device":  # a link that leads out of the project
        assert said[0].endswith("`baseline`: known is outside of the project")
    else:
        reason = REASONS[kind].replace("4 MiB", "16 MiB")
        assert said == [f"nolibpy: error: known: {reason}"]


@pytest.mark.parametrize("name", ["b.py", "b.ipynb", "CMakeLists.txt", "b.sh"])
def test_a_huge_text_is_told_and_not_read(folder: Path, name: str) -> None:
    _huge(folder / name)
    started = time.monotonic()
    assert f"{name}:1:1: NLP900 cannot be read: it is larger than 64 MiB" in check(
        folder, "--isolated", ".", status=2
    )
    assert time.monotonic() - started < 10


def test_nothing_is_read_of_what_is_too_large(folder: Path) -> None:
    """A tree may have thousands of such files, which take no room on its disk."""
    _huge(folder / "b.py")
    tracemalloc.start()
    try:
        with pytest.raises(OSError, match="it is larger than 64 MiB"):
            read_file(str(folder / "b.py"))
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_huge_standard_input_is_told_and_read_no_further(folder: Path) -> None:
    said = check(folder, "--isolated", "-", status=2, stdin=b"#" * (65 << 20))
    assert said == ["-:1:1: NLP900 it is larger than 64 MiB"]


def test_a_huge_standard_input_goes_through_a_fix_as_it_is(folder: Path) -> None:
    data = b"#" * (66 << 20)
    command = [sys.executable, "-m", "no_libpython_dlopen", "fix", "--isolated", "-"]
    done = subprocess.run(command, check=False, cwd=folder, input=data, capture_output=True)
    assert done.returncode == 2
    assert done.stdout == data


#: Tables that would take minutes or gigabytes to use, or fill the screen, and what is said.
IMMODERATE = {
    "keys": ("".join(f"a{n} = 1\n" for n in range(3_000)), "more than 100 keys"),
    "tables": ("".join(f"[a{n}]\n" for n in range(1_000)), "more than 100 keys"),
    "codes": ("select = [" + '"NLP1", ' * 30_000 + "]\n", "more than 10,000 values"),
    "patterns": (
        "exclude = [" + "".join(f"'a{n}*b', " for n in range(20_000)) + "]\n",
        "more than 10,000 values",
    ),
    "patterns for rules": (
        "[per-file-ignores]\n" + "".join(f'"a{n}*b" = ["NLP1"]\n' for n in range(10_000)),
        "more than 10,000 values",
    ),
    "tables in an array": ("extend = [" + "{}, " * 50_000 + "]\n", "more than 10,000 values"),
    "spaces": (
        f'required-version = "{" " * 200_000}x"\n',
        "a value or key has more than 4,096 characters",
    ),
    "digits": (
        f'required-version = "{"1" * 20_000}"\n',
        "a value or key has more than 4,096 characters",
    ),
    "a path": (f'baseline = "{"a/" * 99_999}"\n', "a value or key has more than 4,096 characters"),
    "a key": (f"{'a' * 99_999} = 1\n", "a value or key has more than 4,096 characters"),
}


@pytest.mark.parametrize("what", IMMODERATE)
def test_more_settings_than_anybody_writes_are_one_line(folder: Path, what: str) -> None:
    table, told = IMMODERATE[what]
    (folder / "nolibpy.toml").write_text(table)
    started = time.monotonic()
    said = check(folder, ".", status=2)
    assert said == [f"nolibpy: error: nolibpy.toml: {told}", FOUND]
    assert time.monotonic() - started < 10
    (folder / "nolibpy.toml").unlink()
    (folder / "settings").write_text(table)
    assert check(folder, "--config=settings", ".", status=2) == [
        f"nolibpy: error: settings: {told}"
    ]


def test_the_most_settings_that_are_read_take_no_time(folder: Path) -> None:
    rows = "".join(f'"a{n}*b" = ["NLP1", "NLP2", "NLP9"]\n' for n in range(2_400))
    (folder / "nolibpy.toml").write_text(f"[per-file-ignores]\n{rows}")
    (folder / "a.py").write_bytes(LOAD * 50)
    started = time.monotonic()
    assert len(check(folder, ".", status=1)) == 50
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "text",
    [
        "[tool.no]\n[tool.nolib]" + "\n" * 1_000_000,
        "".join(f"[tool.nolibpi{n}]\n" for n in range(25_000)),
        f"[tool.nolibpy{'y' * 1_000_000}]\n",
    ],
)
def test_tables_with_nearly_our_name_are_told_of_briefly(folder: Path, text: str) -> None:
    (folder / "pyproject.toml").write_text(text)
    said = check(folder, ".", status=1)
    assert said[-1] == FOUND
    assert len(said) <= 21


def test_a_baseline_takes_little_memory(folder: Path) -> None:
    (folder / "known").write_text("[" + "[]," * (5 << 20) + "[]]")
    (folder / "pyproject.toml").write_text('[tool.nolibpy]\nbaseline = "known"\n')
    command = "nolibpy: error: known: not a baseline; use `--write-baseline` to create one"
    assert check(folder, ".", status=2) == [command]


BAD_PATTERNS = ["[a/b", "[[:nothing:]]", "x\\", "[", "a//b"]


@pytest.mark.parametrize("pattern", BAD_PATTERNS)
def test_a_bad_pattern_of_a_tree_is_a_note_and_the_others_hold(folder: Path, pattern: str) -> None:
    (folder / ".gitignore").write_text(f"{pattern}\nb.py\n")
    (folder / "b.py").write_bytes(LOAD)
    note = f"nolibpy: note: .gitignore: `{pattern}`: not a pattern, ignored"
    command = [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated", "."]
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, note + "\n")
    assert check(folder, "--isolated", ".", status=1) == [FOUND]


@pytest.mark.parametrize("pattern", BAD_PATTERNS)
def test_a_bad_pattern_of_ours_is_an_error_in_one_line(folder: Path, pattern: str) -> None:
    assert check(folder, f"--exclude={pattern}", ".", status=2) == [
        f"nolibpy: error: --exclude: {pattern!r}: not a pattern"
    ]


@pytest.mark.parametrize("pattern", ["*a" * 30 + "*b", "[[:digit:]]", "*[[:alpha:]]" * 20 + "1"])
def test_a_pattern_of_stars_or_classes_hangs_and_warns_of_nothing(
    folder: Path, pattern: str
) -> None:
    (folder / ("a" * 200 + ".py")).write_bytes(b"")
    (folder / ".gitignore").write_text(f"{pattern}\n")
    assert check(folder, f"--exclude={pattern}", ".", status=1) == [FOUND]


def test_ignore_files_in_one_another_have_the_limit_of_one(folder: Path) -> None:
    """All of those above a file hold for it, and each of them may be as long as one."""
    place = folder
    for number in range(12):
        (place / ".gitignore").write_text("\n".join(f"?{number}*{at}" for at in range(1000)))
        place = place / "d"
        place.mkdir()
    (place / ".gitignore").write_text("b.py\n")
    (place / "b.py").write_bytes(LOAD)
    command = [sys.executable, "-m", "no_libpython_dlopen", "check", "--output-format=concise", "."]
    done = subprocess.run(command, check=False, cwd=folder, capture_output=True, text=True)
    assert "d/b.py:3:7: NLP101" in done.stdout
    assert done.stderr.count("beyond the limit of 10,000 patterns, ignored\n") == 3, done.stderr


def test_no_more_processes_are_started_than_can_work(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def map_batches(_: object, __: object, workers: int) -> list[object]:
        asked.append(workers)
        return []

    monkeypatch.setattr(worker_pool, "map_batches", map_batches)
    targets = [TargetFile(f"{number}.py", None, None) for number in range(3)]  # type: ignore
    list(runner.Run(Task(), jobs=100_000).results(targets))
    assert asked == [runner.MOST_PER_PROCESSOR * runner.processors()]
