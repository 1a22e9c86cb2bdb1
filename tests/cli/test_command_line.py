"""The options as users type them: what is wrong is one line, and the status is 2."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from no_libpython_dlopen import cli
from no_libpython_dlopen.__main__ import main

UNUSED = "x = 1  # nolibpy: ignore[NLP101]\n"

#: A wrong command line, and what the one line about it says.
WRONG = [
    (["chekc"], "no such command: chekc; did you mean `nolibpy check`?"),
    (["lint", "."], "no such command: lint; did you mean `nolibpy check`?"),
    (["format"], "no such command: format (see"),
    (["a.py"], "did you mean `nolibpy check a.py`?"),
    (["--versoin"], "no such option: --versoin; did you mean `nolibpy --version`?"),
    (["check", "--selct", "NLP1"], "no such option: --selct; did you mean --select?"),
    (["check", "--sel=NLP1"], "no such option: --sel"),
    (["check", "--file", "a.py"], "no such option: --file (see"),
    (["check", "--json"], "no such option: --json; did you mean --output-format?"),
    (["check", "-z"], "no such option: -z (see"),
    (["check", "--dry-run"], "no such option: --dry-run; did you mean --diff?"),
    (["fix", "--watch"], "no such option: --watch; it is an option of `nolibpy check`"),
    (["check", "--undo"], "no such option: --undo; it is an option of `nolibpy fix`"),
    (["rules", "--schema"], "no such option: --schema; it is an option of `nolibpy config`"),
    (["rules", "NLP101"], "unexpected argument: NLP101 (see `nolibpy rules --help`)"),
    (["check", "--select"], "--select: expected one argument"),
    (["check", "--select", "NLP9x"], "--select: unknown rule 'NLP9x'; did you mean NLP9"),
    (["check", "--select", "E501"], "--select: unknown rule 'E501'"),
    (["check", "--select", ""], "--select: no rule given"),
    (["check", "--ignore", "NLP101,NLP999"], "--ignore: unknown rule 'NLP999'"),
    (["check", "--exclude", "!"], "--exclude: '!': not a pattern"),
    (["check", "--jobs", "x"], "--jobs: x: must be a whole number"),
    (["check", "--jobs", "-1"], "--jobs: must be a whole number of at least 0"),
    (["check", "--output-format", "xml"], "--output-format: must be one of azure, concise,"),
    (["check", "--output", "sarif"], "must be FORMAT=FILE"),
    (["check", "--output", "sarif="], "must be FORMAT=FILE"),
    (["check", "--output", "xml=a"], "must be FORMAT=FILE"),
    (["check", "--output", "json=o", "-o", "o"], "two reports cannot be written to the same file"),
    (["check", "--output", "json=-"], "two reports cannot be written to the same file"),
    (["check", "-o", "no/such/file"], "no/such/file: cannot be written: No such file or directory"),
    (["check", "-o", "."], ".: cannot be written: Is a directory"),
    (["check", "--config", "none.toml"], "none.toml: No such file or directory"),
    (["check", "--config", "."], ".: Is a directory"),
    (["check", "--config", "a.py"], "a.py: unknown key `x`"),
    (["check", "--config", "bad.toml"], "bad.toml: unknown key `selekt`; did you mean `select`?"),
    (
        ["check", "--config", "bad.toml", "--isolated"],
        "--isolated and --config cannot be used together",
    ),
    (["check", "--baseline", "none.json"], "none.json: no such file; use `--write-baseline`"),
    (["check", "--write-baseline", "no/such/file"], "no/such/file: no such directory: no/such"),
    (["check", "-", "."], "standard input (-) cannot be checked together with paths"),
    (["check", "--stdin-filename", "b.py", "."], "--stdin-filename requires standard input"),
    (["check", "--add-noqa", "-"], "--add-noqa cannot be used with standard input"),
    (["check", "--add-noqa", "--fix"], "--add-noqa and --fix cannot be used together"),
    (["check", "--show-files", "--diff"], "--show-files and --diff cannot be used together"),
    (["check", "--watch", "--add-noqa"], "--watch and --add-noqa cannot be used together"),
    (["fix", "--undo", "--output-dir", "."], "--undo and --output-dir cannot be used together"),
    (["fix", "--output-dir", "a.py", "."], "--output-dir: a.py is not a directory"),
    (["check", "--watch", "-"], "--watch cannot be used with standard input (-)"),
    (["check", "--watch", "none/"], "--watch: no such file or directory: none/"),
    (["explain"], "arguments are required: RULE|MESSAGE"),
    (["explain", ""], "the argument contains no known message about libpython"),
    (["explain", "NLP10"], "no such rule: NLP10; NLP101, NLP102, NLP103 begin with it"),
    (["explain", "NLP102x"], "no such rule: NLP102x; did you mean NLP102?"),
    (["rules", "--output-format", "xml"], "invalid choice: 'xml'"),
    (["completion", "csh"], "invalid choice: 'csh'"),
    (["config", "none"], "none: no such file or directory"),
    (["config", "a.py", "."], "config accepts only one path"),
    (["guard"], "arguments are required: ACTION"),
    (["doctor", "--pid", "x"], "--pid: x: must be a number above 0"),
    (["doctor", "--pid", "0"], "--pid: 0: must be a number above 0"),
    (["doctor", "--python", "/"], "no interpreter in this directory: /"),
    (["run", "--timeout", "x", "a.py"], "--timeout: x: must be a number of seconds above 0"),
    (["run", "--timeout", "0", "a.py"], "--timeout: 0: must be a number of seconds above 0"),
    (["run", "--timeout", "-1", "a.py"], "--timeout: -1: must be a number of seconds above 0"),
    (["run", "--timeout", "nan", "a.py"], "--timeout: nan: must be a number of seconds above 0"),
    (["run", "--timeout", "inf", "a.py"], "--timeout: inf: must be a number of seconds above 0"),
    (
        ["survey", "none.txt"],
        "none.txt: no such file; for a package on the index, write `pypi:none.txt`",
    ),
    (["survey", "None.WHL"], "None.WHL: no such file"),
    (["check", "--select", "libpython-laod"], "'libpython-laod'; did you mean libpython-load?"),
    (["check", ""], "'': no such file or directory"),
    (["check", "pypi:"], "name the package: `pypi:NAME` or `--package NAME`"),
    (["check", "--package", " "], "name the package: `pypi:NAME` or `--package NAME`"),
    (["survey", "--jobs", "0"], "--jobs/-j: 0: must be a number above 0"),
    (["run"], "run needs a SCRIPT"),
    # What ruff, uv and zizmor have, or call otherwise.
    (["check", "--select", "NLP1x"], "unknown rule 'NLP1x'; did you mean NLP10"),
    (["check", "--output-format", "full"], "full is not a format; did you mean `text`?"),
    (["check", "--output-format", "sarifx"], "sarifx is not a format; did you mean `sarif`?"),
    (["check", "--add-ignore"], "no such option: --add-ignore; use --add-noqa"),
    (["check", "--unfixable", "NLP111"], "--unfixable: unknown rule 'NLP111'; did you mean NLP101"),
    (["check", "--no-cache"], "no such option: --no-cache; nolibpy keeps no cache (see"),
    (["fix", "-n"], "no such option: -n; nolibpy keeps no cache (see"),
    (["check", "--show-settings"], "--show-settings; `nolibpy config` shows the settings (see"),
    (["check", "--fix-only"], "--fix-only; `nolibpy fix --exit-zero` fixes"),
    (["check", "--color=never"], "no such option: --color; use --no-color, or"),
    (["check", "--no-exit-codes"], "--no-exit-codes; did you mean --exit-zero?"),
    (["check", "--extend-fixable", "NLP1"], "--extend-fixable; did you mean --fixable?"),
    (["check", "--fix=all"], "--fix: takes no value (see"),
    (["check", "--version"], "--version; it comes without a command: `nolibpy --version` (see"),
    (["check", "--config", "select=['NLP1']"], "to change one setting, use its option, such as"),
    (["check", "-s"], "no such option: -s; redirect the output"),
    (["--select", "NLP1", "."], "an option follows its command: `nolibpy check --select`"),
    (["--output-format=json", "."], "follows its command: `nolibpy check --output-format`"),
    (["-q"], "an option follows its command: `nolibpy check -q`"),
    (["--frobnicate"], "no such option: --frobnicate (see"),
    (["linter"], "no such command: linter; did you mean `nolibpy rules`?"),
    (["analyze", "."], "no such command: analyze; did you mean `nolibpy check`?"),
    (["help", "formta"], "no such command: formta (see"),
]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.py").write_text(UNUSED)
    (tmp_path / "bad.toml").write_text("[tool.nolibpy]\nselekt = []\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    status = main([*argv])
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize(("argv", "said"), WRONG, ids=[" ".join(argv) for argv, _ in WRONG])
def test_a_wrong_command_line_is_one_line(
    argv: list[str], said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(project.iterdir())
    status, out, err = run(capsys, *argv)
    assert (status, out) == (2, "")
    assert err.startswith("nolibpy: error: ")
    assert err.count("\n") == 1
    assert said in err
    assert sorted(project.iterdir()) == before
    assert (project / "a.py").read_text() == UNUSED


@pytest.mark.parametrize(
    ("key", "off"),
    [
        ("unsafe-fixes = true", "--no-unsafe-fixes"),
        ("show-fixes = true", "--no-show-fixes"),
        ("statistics = true", "--no-statistics"),
        ("exit-zero = true", "--no-exit-zero"),
        ("force-exclude = true", "--no-force-exclude"),
        ("respect-gitignore = false", "--respect-gitignore"),
    ],
)
def test_a_switch_of_the_configuration_is_turned_off(
    key: str, off: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text(f"[tool.nolibpy]\n{key}\n")
    name, _, value = key.partition(" = ")
    other = {"true": "false", "false": "true"}[value]
    assert f"\n{key} " in run(capsys, "config")[1]
    assert f"\n{name} = {other} " in run(capsys, "config", off)[1]
    if name in ("exit-zero", "statistics"):
        assert run(capsys, "check") != run(capsys, "check", off)


@pytest.mark.parametrize("command", [*cli.command_names(), ""])
def test_help_is_a_command(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = [command] if command else []
    asked = run(capsys, "help", *words)
    assert asked == run(capsys, *words, "--help")
    assert asked[0] == 0
    assert asked[1].startswith("usage: nolibpy ")


@pytest.mark.parametrize(
    ("short", "long"), [("-e", "--exit-zero"), ("-q", "--quiet"), ("-v", "--verbose")]
)
def test_short_options_are_those_of_ruff(
    short: str, long: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "check", short) == run(capsys, "check", long)


#: Options that go together in every way: none of them changes what is found.
@pytest.mark.parametrize("more", [[], ["--statistics"], ["-q"], ["-v"], ["--jobs", "2"]])
@pytest.mark.parametrize("config", [[], ["--isolated"], ["--config", "good.toml"]])
@pytest.mark.parametrize("name", ["text", "concise", "json", "sarif", "junit"])
@pytest.mark.parametrize("to", ["stdout", "dash", "file"])
def test_options_go_together(
    more: list[str],
    config: list[str],
    name: str,
    to: str,
    project: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (project / "good.toml").write_text('[tool.nolibpy]\nignore = ["NLP3"]\n')
    place = {"stdout": [], "dash": ["--output-file", "-"], "file": ["-o", "report"]}[to]
    argv = ["check", "--output-format", name, *place, *config, *more, "--no-color", "a.py"]
    status, out, err = run(capsys, *argv)
    assert status == 1
    if to == "file":
        assert out == ""
        out = (project / "report").read_text()
    assert out.count("NLP901") >= 1
    assert ("note: checked 1 file: 1 python\n" in err) == ("-v" in more)
    assert run(capsys, *argv, "--exit-zero")[0] == 0
    if name in ("json", "sarif"):
        json.loads(out)
    if name in ("text", "concise"):
        assert ("     1  NLP901  unused-suppression\n" in out) == ("--statistics" in more)
    if name == "text":
        summary = "1 finding in 1 file, 1 fixable with `nolibpy fix`.\n"
        assert (summary in out) == ("-q" not in more)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("name", ["text", "json", "sarif"])
def test_a_full_disk_is_one_line(name: str, project: Path) -> None:
    command = [sys.executable, "-m", "no_libpython_dlopen", "check", "--output-format", name]
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            command, cwd=project, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert done.stderr == (
        b"nolibpy: error: the output cannot be written: No space left on device\n"
    )


def test_the_usage_of_run_names_the_ways_to_give_a_program(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["run", "--help"]) == 0
    usage = capsys.readouterr().out.partition("\n\n")[0]
    assert usage == "usage: nolibpy run [OPTIONS] (SCRIPT | -m MODULE | -c CODE | -) ..."


def test_whoever_stops_reading_is_no_reason_to_complain(project: Path) -> None:
    (project / "a.py").write_text(UNUSED * 5000)
    command = f"{sys.executable} -m no_libpython_dlopen check | head -n 1"
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=project, capture_output=True, check=False
    )
    assert done.stdout.startswith(b"a.py:1:8: NLP901")
    assert done.stderr == b""


@pytest.mark.parametrize("words", ["check none-of-it", "check a.py", "--help", "check --diff a.sh"])
def test_the_status_is_that_of_a_broken_pipe_whatever_was_written(
    words: str, project: Path
) -> None:
    """Python itself would end in 120, if the pipe is that of standard error."""
    (project / "a.py").write_text(UNUSED * 500)
    (project / "a.sh").write_text("cc -shared -lpython3.11 'a\n")
    command = f"{sys.executable} -m no_libpython_dlopen {words} 2>&1"
    script = f"exec 3>&1; (sleep 0.5; {command}; echo $? >&3) | true"  # which has ended by then
    done = subprocess.run(["bash", "-c", script], cwd=project, capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"141\n", b"")


def test_several_codes_and_prefixes_may_be_given_in_any_way(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for argv in (["--select", "NLP1,nlp9"], ["--select", "NLP1", "--select=NLP901, NLP1"]):
        assert run(capsys, "check", *argv)[0] == 1
    for argv in (["--ignore", "NLP9"], ["--select", "NLP1"], ["--ignore", "NLP"]):
        assert run(capsys, "check", *argv)[0] == 0
    assert run(capsys, "check", "--ignore", "NLP9", "--extend-select", "NLP901")[0] == 1


def test_what_was_looked_at_is_told_by_kind(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("b.py", "meson.build", "CMakeLists.txt", "c.whl"):
        (project / name).write_text("")
    _, _, err = run(capsys, "check", "-v", "--exclude", "*.whl", ".")
    assert err == "nolibpy: note: checked 4 files: 2 python, 1 cmake, 1 meson\n"
    _, _, err = run(capsys, "check", "-v", "--select", "NLP1", "nothing.py")
    assert "checked 0 files: none" in err or "nothing.py" in err


def test_the_help_of_every_command_is_plain_ascii_and_fits(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("", *cli.command_names()):
        status, out, _ = run(capsys, *[word for word in (name, "--help") if word])
        assert status == 0
        assert out.isascii()
        assert out.startswith("usage: nolibpy")
