"""Two ways to the same files have to end at the same findings.

The files are real: the installed packages of this environment, with the cases among them
so that there is something to find. With ``-m network`` the standard library as well, and
flake8 over everything, which takes minutes.
"""

from __future__ import annotations

import json
import shutil
import sys
import sysconfig
from collections import Counter
from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.engine.prefilter import prefilter
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.kind import KINDS, Kind, kind_of
from tests.end_to_end.commands import run

pytestmark = pytest.mark.slow

PACKAGES = Path(sysconfig.get_path("purelib"))
CASES = Path(__file__).parents[1] / "cases"
COMMAND = (sys.executable, "-m", "no_libpython_dlopen")
TEXTS = set(KINDS.values()) - {Kind.BINARY, Kind.ARCHIVE, Kind.NOTEBOOK}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the cases, and copies of the packages."""
    folder = tmp_path_factory.mktemp("tree")
    # Beside a pyproject.toml, a folder called build would be passed over.
    shutil.copytree(CASES, folder / "cases", ignore=shutil.ignore_patterns("pyproject.toml"))
    for path in sorted(PACKAGES.iterdir()):
        if path.is_dir() and path.name not in ("__pycache__", "no_libpython_dlopen"):
            _copy(path, folder / "packages" / path.name)
    return folder


def _copy(folder: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            if path.name != "__pycache__":
                _copy(path, target / path.name)
        elif kind_of(path.name) in TEXTS:
            shutil.copy2(path, target / path.name)


def found(folder: Path, *arguments: str) -> list[tuple[str, str, int, int]]:
    """Return path, code, row and column of what the command finds below a folder."""
    done = run(*COMMAND, "check", "--isolated", "--output-format=json", *arguments, ".", cwd=folder)
    assert not done.stderr, done.stderr.decode()
    return [
        (
            str(Path(one["filename"]).relative_to(folder.resolve())),
            one["code"],
            one["location"]["row"],
            one["location"]["column"],
        )
        for one in json.loads(done.stdout)
    ]


@pytest.fixture(scope="module")
def by_one(tree: Path) -> list[tuple[str, str, int, int]]:
    return found(tree, "--jobs=1")


def test_the_tree_is_large_and_has_findings(
    tree: Path, by_one: list[tuple[str, str, int, int]]
) -> None:
    assert sum(1 for _ in tree.rglob("*.py")) > 3000
    assert len({path for path, *_ in by_one}) >= 20
    assert not [one for one in by_one if one[1] == "NLP900" and "packages" in one[0]]


@pytest.mark.parametrize("jobs", ["3"])
def test_several_processes_find_what_one_finds_in_the_same_order(
    tree: Path, by_one: list[tuple[str, str, int, int]], jobs: str
) -> None:
    assert found(tree, f"--jobs={jobs}") == by_one


def _texts(folder: Path) -> list[Path]:
    """Return the Python files below a folder in which a reader could see something."""
    paths = sorted(path for path in folder.rglob("*") if kind_of(path.name) is Kind.PYTHON)
    return [path for path in paths if path.is_file() and _passes(path)]


def _passes(path: Path) -> bool:
    return prefilter(Kind.PYTHON, path.read_bytes()).may_contain_finding


def _place(one: Finding) -> tuple[str, int, int, int, int]:
    return one.code, one.start.row, one.start.column, one.end.row, one.end.column


def test_bytes_in_memory_give_what_their_file_gives(
    tree: Path, by_one: list[tuple[str, str, int, int]]
) -> None:
    """As flake8's plugin, the language server and standard input hand them over."""
    expected = [one for one in by_one if kind_of(one[0]) is Kind.PYTHON]
    given = [
        (str(path.relative_to(tree)), one.code, one.start.row, one.start.column)
        for path in _texts(tree)
        for one in api.check_bytes(path.read_bytes(), str(path))
    ]
    assert Counter(given) == Counter(expected)
    assert len(given) >= 20


@pytest.mark.parametrize(
    "name", sorted(path.name for path in (CASES / "python").glob("c[a-d]*.py"))
)
def test_standard_input_gives_what_its_file_gives(name: str) -> None:
    folder = CASES / "python"
    options = ("check", "--isolated", "--output-format=concise")
    by_name = run(*COMMAND, *options, name, cwd=folder)
    by_stream = run(
        *COMMAND,
        *options,
        f"--stdin-filename={name}",
        "-",
        cwd=folder,
        stdin=(folder / name).read_bytes(),
    )
    assert by_stream.stdout == by_name.stdout
    assert by_stream.returncode == by_name.returncode


def test_line_endings_change_no_finding_and_no_fix(tree: Path) -> None:
    looked_at = 0
    for path in _texts(tree)[::2]:  # with all, one of the longest tests of the suite
        data = path.read_bytes()
        if b"\r" in data:
            continue
        looked_at += 1
        windows = data.replace(b"\n", b"\r\n")
        one, other = (api.check_bytes(text, str(path)) for text in (data, windows))
        assert list(map(_place, one)) == list(map(_place, other)), path
        if one:
            plain, ended = (
                api.fix_bytes(text, str(path), unsafe=True).data for text in (data, windows)
            )
            assert ended == plain.replace(b"\n", b"\r\n"), path
    assert looked_at >= 50


@pytest.mark.network
def test_the_standard_library_has_no_findings_but_those_known() -> None:
    """Real code without a load: what is found here is a false alarm, or its tests'."""
    folder = Path(sysconfig.get_path("stdlib"))
    done = run(*COMMAND, "check", "--isolated", "--output-format=json", "--exclude=test,tests,site-packages", ".", cwd=folder)  # fmt: skip
    codes = {one["code"] for one in json.loads(done.stdout)}
    assert codes <= {"NLP900"}


@pytest.mark.network
def test_flake8_says_the_same_of_all_packages(
    tree: Path, by_one: list[tuple[str, str, int, int]]
) -> None:
    done = run(
        *(sys.executable, "-m", "flake8", "--isolated", "--select=NLP", "--jobs=2", "."),
        *("--format=%(path)s\t%(code)s\t%(row)d\t%(col)d",),
        cwd=tree,
    )
    said = [line.split("\t") for line in done.stdout.decode().splitlines()]
    lines = [(path.removeprefix("./"), code, int(row), int(col)) for path, code, row, col in said]
    expected = [one for one in by_one if one[0].endswith(".py")]
    assert Counter(lines) == Counter(expected)
