"""What a new user meets in the first minute: typing mistakes, patterns, colours, notes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from tests.cli.texts import LOAD

pytestmark = pytest.mark.usefixtures("project")


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    status = main([*argv])
    out, err = capsys.readouterr()
    return status, out, err


ALL = {"src", "vendor", "src/vendor"}
#: A pattern (`@` is the project's folder), and the folders in which files are left out.
PATTERNS = [
    ("vendor", {"vendor", "src/vendor"}),
    ("/vendor", {"vendor"}),
    ("./vendor", {"vendor"}),
    ("./vendor/", {"vendor"}),
    ("./src/vendor/*.cfg", {"src/vendor"}),
    ("./src", {"src", "src/vendor"}),
    ("./*", ALL),
    ("@/vendor", {"vendor"}),
    ("@/src/vendor/setup.cfg", {"src/vendor"}),
    ("@/src/*", {"src", "src/vendor"}),
    ("@", ALL),
    ("../@name/vendor", {"vendor"}),
    ("@x/vendor", set()),
    ("/src/vendor", {"src/vendor"}),
]


@pytest.mark.parametrize(("pattern", "left_out"), PATTERNS)
@pytest.mark.parametrize("key", ["exclude", "per-file-ignores", "--exclude"])
def test_a_path_in_a_pattern_is_that_path(
    key: str, pattern: str, left_out: set[str], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    glob = pattern.replace("@name", project.name).replace("@", str(project))
    value = {"exclude": f'["{glob}"]', "per-file-ignores": f'{{ "{glob}" = ["NLP"] }}'}.get(key)
    options = [] if value else ["--exclude", glob]
    (project / "pyproject.toml").write_text(f"[tool.nolibpy]\n{key} = {value}\n" if value else "")
    _, out, _ = run(capsys, "check", "--output-format", "concise", *options)
    found = {line.partition("/setup.cfg")[0] for line in out.splitlines()}
    assert found == ALL - left_out


@pytest.mark.parametrize("bad", ["", "#x", "/", "!", "[a", "a\\\\", "{a,b}", "src/{a,b}/*", "a//b"])
@pytest.mark.parametrize("form", ['exclude = ["{}"]', 'per-file-ignores = {{ "{}" = ["NLP1"] }}'])
def test_a_pattern_that_can_match_nothing_is_told(
    bad: str, form: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text(f"[tool.nolibpy]\n{form.format(bad)}\n")
    status, _, err = run(capsys, "check")
    assert status == 2
    assert err.startswith(f"nolibpy: error: pyproject.toml: `{form.partition(' ')[0]}`: ")
    assert err.count("\n") == 1


def test_names_in_braces_are_names(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "pyproject.toml").write_text('[tool.nolibpy]\nexclude = ["{{cookiecutter.x}}"]\n')
    assert run(capsys, "check")[0] == 1


#: The name of a table, and whether it is meant to be ours.
TABLES = [
    *((name, True) for name in ("nolib", "nolibpython", "nolip.py", "no-libpy", "NoLibPy")),
    *((name, True) for name in ("no-libpython-dlopen", "no_libpython_dlopen", '"nolib"')),
    *((name, False) for name in ("nox", "nose", "notebook", "nolint", "black", "nolibpy")),
]


@pytest.mark.parametrize(("name", "ours"), TABLES)
def test_a_table_whose_name_is_nearly_ours_is_told(
    name: str, ours: bool, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text(f"[tool.{name}]\n" + "x = 1\n" * (name != "nolibpy"))
    status, _, err = run(capsys, "check", "src")
    assert status == 1
    assert ("did you mean `[tool.nolibpy]`?" in err) == ours
    assert err.count("\n") == ours


@pytest.mark.parametrize(
    ("table", "status"),
    [
        ("select = []", 2),
        ('select = []\nignore = ["NLP1"]', 2),
        ('select = []\nextend-select = ["NLP1"]', 0),
        ("ignore = []", 1),
    ],
)
def test_a_configuration_that_selects_nothing_is_told(
    table: str, status: int, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text(f"[tool.nolibpy]\n{table}\n")
    found, out, err = run(capsys, "check", "src")
    assert found == status
    assert ("no rule is selected" in err) == (status == 2)
    assert ("No findings" in out) == (status == 0)
    found, _, err = run(capsys, "check", "--config", "pyproject.toml", "src")
    assert found == status
    assert ("no rule is selected" in err) == (status == 2)
    assert run(capsys, "check", "--select", "NLP2", "src")[0] == 1


#: A key that does not exist, and what is suggested in its place.
KEYS = [
    *(("ignores", "ignore"), ("selects", "select"), ("output_format", "output-format")),
    *(("format", "output-format"), ("unselect", "ignore"), ("disable", "ignore")),
    *(("enable", "select"), ("gitignore", "respect-gitignore"), ("include", "")),
    *(("extend-ignore", "ignore"), ("per-file-ignore", "per-file-ignores")),
    *(("line-length", ""), ("target-version", ""), ("extend_select", "extend-select")),
    *(("force_exclude", "force-exclude"), ("colour", ""), ("excludes", "exclude")),
    *(
        ("file", ""),
        ("files", ""),
        ("fix", ""),
        ("paths", ""),
        ("src", ""),
        ("json", "output-format"),
    ),
    *(("unsafe", "unsafe-fixes"), ("output", "output-format"), ("statistic", "statistics")),
]


@pytest.mark.parametrize(("key", "meant"), KEYS)
def test_the_key_that_is_meant_is_suggested(
    key: str, meant: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text(f"[tool.nolibpy]\n{key} = []\n")
    _, _, err = run(capsys, "check", "src")
    assert (f"did you mean `{meant}`?" if meant else "known keys are select, ") in err


@pytest.mark.parametrize("name", ["json", "sarif", "github", "junit", "text", "concise"])
def test_statistics_are_shown_with_every_format(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["check", "--statistics", "--output-format", name, "src"]
    _, out, err = run(capsys, *argv)
    beside = out if name in ("text", "concise") else err
    assert "     2  NLP201  libpython-link-flag\n" in beside
    if name == "json":
        assert len(json.loads(out)) == 2


def test_json_has_the_name_and_the_severity_of_the_rule(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a.py").write_text("x = 1  # nolibpy: ignore[NLP101]\n")
    _, out, _ = run(capsys, "check", "--output-format", "json", "a.py", "vendor")
    found = [(one["code"], one["name"], one["severity"]) for one in json.loads(out)]
    assert found == [
        ("NLP901", "unused-suppression", "warning"),
        ("NLP201", "libpython-link-flag", "error"),
    ]


def test_a_diff_is_coloured_on_a_terminal(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a.py").write_text(LOAD)
    _, plain, _ = run(capsys, "check", "--diff", "a.py")
    assert "\x1b" not in plain
    monkeypatch.setenv("FORCE_COLOR", "1")
    status, out, _ = run(capsys, "check", "--diff", "a.py")
    assert status == 1
    assert '\x1b[31m-api = ctypes.PyDLL("libpython3.11.so")\x1b[0m\n' in out
    assert "\x1b[32m+api = ctypes.pythonapi\x1b[0m\n" in out
    assert "\x1b[36m@@ -1,3 +1,3 @@\x1b[0m\n" in out
    assert "\n import ctypes\n" in out
    assert run(capsys, "fix", "--diff", "--no-color", "a.py")[1] == plain


def test_known_findings_that_are_gone_are_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "check", "--write-baseline", "known.json")
    baseline = ["check", "--baseline", "known.json"]
    assert run(capsys, *baseline)[2] == ""
    for narrower in (["--select", "NLP1"], ["--ignore", "NLP2"], ["--per-file-ignores", "*:NLP2"]):
        assert run(capsys, *baseline, *narrower)[2] == "", "what is not asked for may be there"
    (project / "vendor" / "setup.cfg").write_text("")
    told = "nolibpy: note: known.json: {} no longer found; use `--write-baseline` to update it\n"
    assert run(capsys, *baseline)[2] == told.format("1 finding")
    assert run(capsys, *baseline, "src")[2] == "", "what was not looked at may still be there"
    (project / "src" / "setup.cfg").unlink()
    assert run(capsys, *baseline, "src/vendor")[2] == told.format("1 finding")
    assert run(capsys, *baseline, ".")[2] == told.format("2 findings")
    assert run(capsys, *baseline, "-q", ".")[2] == ""


def test_the_report_of_a_survey_needs_no_extra(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "class No:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name.partition('.')[0] in ('requests', 'pypi_simple', 'packaging', 'stream_unzip', 'truststore'):\n"
        "            raise ModuleNotFoundError(name=name)\n"
        "sys.meta_path.insert(0, No())\n"
        "from no_libpython_dlopen.survey import store\n"
        "store.Store('a.sqlite', create=True).__enter__().__exit__(None, None, None)\n"
        "from no_libpython_dlopen.__main__ import main\n"
        "sys.exit(main(['survey', 'report', '--store', 'a.sqlite']))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["a.md", "a.json", "a.html"]
