"""The files, keys and options that decide how files are checked."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from no_libpython_dlopen import report, rules
from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.config.required_version import is_met
from tests.cli.texts import LOAD

pytestmark = pytest.mark.usefixtures("project")

UNUSED = "x = 1  # nolibpy: ignore[NLP101]\n"


def found(capsys: pytest.CaptureFixture[str], *argv: str, status: int | None = None) -> set[str]:
    """Return the files with findings, each with the code."""
    done = main(["check", "--output-format", "concise", *argv])
    out, err = capsys.readouterr()
    warned = ("no files to check", "nothing was checked: all rules are disabled for")
    assert (
        not err or done == 2 or err.startswith(tuple(f"nolibpy: warning: {one}" for one in warned))
    )
    assert status is None or done == status, err
    return {f"{line.split(':')[0]} {line.split(' ')[1]}" for line in out.splitlines()}


ALL = {f"{folder}/setup.cfg NLP201" for folder in ("src", "vendor", "src/vendor")}
IN_SRC = {"src/setup.cfg NLP201", "src/vendor/setup.cfg NLP201"}

#: Files of configuration, and where findings are left.
FILES = [
    ({"nolibpy.toml": 'exclude = ["/vendor"]'}, IN_SRC),
    ({".nolibpy.toml": 'exclude = ["/vendor"]'}, IN_SRC),
    ({"nolibpy.toml": '[tool.nolibpy]\nexclude = ["/vendor"]'}, IN_SRC),
    ({"nolibpy.toml": '[per-file-ignores]\n"vendor/*" = ["NLP"]'}, IN_SRC),
    ({"nolibpy.toml": "", "pyproject.toml": '[tool.nolibpy]\nignore = ["NLP"]'}, ALL),
    ({".nolibpy.toml": 'ignore = ["NLP"]', "nolibpy.toml": ""}, set()),
    ({"src/nolibpy.toml": 'ignore = ["NLP"]'}, {"vendor/setup.cfg NLP201"}),
    ({"nolibpy.toml": 'ignore = ["NLP"]', "src/nolibpy.toml": ""}, IN_SRC),
    (
        {"nolibpy.toml": 'exclude = ["/vendor"]', "src/nolibpy.toml": 'extend = "../nolibpy.toml"'},
        IN_SRC,
    ),
    (
        {
            "base.toml": '[tool.nolibpy]\nignore = ["NLP"]',
            "nolibpy.toml": 'extend = "base.toml"\nignore = []',
        },
        ALL,
    ),
    (
        {
            "a/one.toml": '[tool.nolibpy]\nexclude = ["../vendor"]',
            "a/two.toml": '[tool.nolibpy]\nextend = "one.toml"',
            "nolibpy.toml": 'extend = "./a/two.toml"\nextend-exclude = ["src/vendor"]',
        },
        {"src/setup.cfg NLP201"},
    ),
    (
        {
            "base.toml": '[tool.nolibpy]\nextend-exclude = ["/vendor"]',
            "nolibpy.toml": 'extend = "base.toml"\nextend-exclude = ["src/vendor"]',
        },
        {"src/setup.cfg NLP201"},
    ),
    (
        {
            "nolibpy.toml": 'per-file-ignores = {"src/setup.cfg" = ["NLP201"]}\n'
            'extend-per-file-ignores = {"/vendor/*" = ["libpython-link-flag"]}'
        },
        {"src/vendor/setup.cfg NLP201"},
    ),
    (
        {"base.toml": 'exclude = ["/vendor"]', "nolibpy.toml": 'extend = "base.toml"'},
        {"src/setup.cfg NLP201", "src/vendor/setup.cfg NLP201"},
    ),
    ({"nolibpy.toml": 'per-file-ignores = {"!src/*" = ["NLP2"]}'}, IN_SRC),
    (
        {"nolibpy.toml": f'exclude = ["{"!" * 2000}/vendor"]'},
        {"src/setup.cfg NLP201", "src/vendor/setup.cfg NLP201"},
    ),
    ({"nolibpy.toml": 'select = ["ALL"]\nignore = ["Libpython-Link-Flag"]'}, set()),
    ({"nolibpy.toml": 'select = ["libpython-load"]'}, set()),
    ({"nolibpy.toml": 'ignore = ["ALL"]\nextend-select = ["libpython-link-flag"]'}, ALL),
    ({"nolibpy.toml": 'required-version = ">=0.1"'}, ALL),
]


@pytest.mark.parametrize(("files", "left"), FILES)
def test_the_nearest_file_decides(
    files: dict[str, str], left: set[str], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in files.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text)
    assert found(capsys, status=1 if left else 0) == left


WRONG = [
    ({"nolibpy.toml": "selekt = []"}, "nolibpy.toml: unknown key `selekt`; did you mean `select`?"),
    ({"nolibpy.toml": "select = ["}, "nolibpy.toml: not valid TOML"),
    ({"nolibpy.toml": 'extend = "none.toml"'}, "nolibpy.toml: `extend`: "),
    ({"nolibpy.toml": 'extend = "../base.toml"'}, "../base.toml is outside of the project"),
    ({"nolibpy.toml": 'extend = "/etc/hosts"'}, "/etc/hosts is outside of the project"),
    ({"nolibpy.toml": 'baseline = "../known.json"'}, "../known.json is outside of the project"),
    (
        {"nolibpy.toml": 'baseline = "/etc/hosts"'},
        "`baseline`: /etc/hosts is outside of the project",
    ),
    (
        {"nolibpy.toml": 'extend = "a.toml"', "a.toml": 'baseline = "/etc/hosts"'},
        "`baseline`: /etc/hosts is outside of the project",
    ),
    ({"nolibpy.toml": 'extend = "nolibpy.toml"'}, "more than 10 files, or a cycle"),
    ({"nolibpy.toml": 'extend = "a.toml"', "a.toml": "x = 1"}, "a.toml: unknown key `x`"),
    ({"nolibpy.toml": 'extend = "a.toml"', "a.toml": "[project]\nx = 1"}, "a.toml has no table"),
    (
        {"nolibpy.toml": 'extend = "pyproject.toml"', "pyproject.toml": "x = 1"},
        "pyproject.toml has no table",
    ),
    (
        {"nolibpy.toml": 'extend = "a.toml"', "a.toml": "[tool.nolibpy]\nx = 1"},
        "a.toml: unknown key `x`",
    ),
    ({"nolibpy.toml": "extend = 1"}, "`extend`: must be the path of a file"),
    ({"nolibpy.toml": 'required-version = ">=7"'}, "version >=7 is required, but nolibpy 0."),
    ({"nolibpy.toml": 'required-version = "latest"'}, "not a version specifier: latest"),
    (
        {"nolibpy.toml": 'required-version = ">=0.1.0rc1"'},
        "`required-version`: >=0.1.0rc1: only release numbers are compared; write `>=0.1.0`",
    ),
    ({"nolibpy.toml": 'required-version = "==0.1.*rc1"'}, "specifier: ==0.1.*rc1"),
    ({"nolibpy.toml": 'required-version = ">=0.1+local"'}, "write `>=0.1`"),
    ({"nolibpy.toml": 'required-version = ">=0.1x"'}, "not a version specifier: >=0.1x"),
    ({"nolibpy.toml": 'required-version = "~=0rc1"'}, "not a version specifier: ~=0rc1"),
    ({"nolibpy.toml": f'required-version = "1{"rc" * 2000}!"'}, "not a version specifier: 1rc"),
    (
        {"nolibpy.toml": "[nolibpy]\nignore = []"},
        "nolibpy.toml: `[nolibpy]`: the keys stand without a table in nolibpy.toml\n",
    ),
    ({".nolibpy.toml": "[tool.nolib]\njobs = 1"}, "`[tool.nolib]`: the keys stand without a table"),
    ({".nolibpy.toml": "[[nolibpy]]"}, "without a table in .nolibpy.toml"),
    (
        {"nolibpy.toml": "\ufeffignore = []"},
        "nolibpy.toml: not valid TOML: it begins with a byte order mark; save it as UTF-8 without",
    ),
    ({"pyproject.toml": "\ufeff[tool.nolibpy]"}, "it begins with a byte order mark"),
    (
        {"nolibpy.toml": 'per-file-ignores = {"*.{py,c}" = ["NLP1"]}'},
        "`per-file-ignores`: '*.{py,c}': alternatives in braces are not supported",
    ),
    (
        {"nolibpy.toml": 'per-file-ignores = {"!src/[a" = ["NLP1"]}'},
        "`per-file-ignores`: '!src/[a': not a pattern\n",
    ),
    ({"nolibpy.toml": 'exclude = ["src/[a"]'}, "`exclude`: 'src/[a': not a pattern\n"),
    ({"nolibpy.toml": 'select = ["libpython"]'}, "unknown rule 'libpython'"),
]


@pytest.mark.parametrize(("files", "said"), WRONG)
def test_a_wrong_file_is_told_and_the_rest_is_checked(
    files: dict[str, str], said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, text in files.items():
        (project / name).write_text(text, encoding="utf-8")
    assert main(["check"]) == 2
    out, err = capsys.readouterr()
    assert said in err
    assert err.count("\n") == 1
    assert "NLP201" in out or "select" in said or "rule" in said


def test_a_configured_baseline_is_in_the_project(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = project.parent / "known.json"
    for known in (outside, project / "known.json"):
        assert main(["check", "-q", "--isolated", "--write-baseline", str(known)]) == 0
    (project / "link.json").symlink_to(outside)
    (project / "src" / "base.toml").write_text('baseline = "../known.json"')
    for text, status in (
        ('baseline = "known.json"', 0),
        (f'baseline = "{project / "known.json"}"', 0),
        ('extend = "src/base.toml"', 0),
        ('baseline = "../known.json"', 2),
        ('baseline = "link.json"', 2),
        ('baseline = "src/../../known.json"', 2),
    ):
        (project / "nolibpy.toml").write_text(text)
        for options in ([], ["--config", "nolibpy.toml"]):
            assert main(["check", *options]) == status, text
            assert ("is outside of the project" in capsys.readouterr().err) == (status == 2)
    assert main(["check", "-q", "--baseline", "../known.json"]) == 2
    (project / "nolibpy.toml").unlink()
    assert main(["check", "-q", "--baseline", "../known.json"]) == 0  # the user's own word


#: Options, and where findings are left.
OPTIONS = [
    (["--exclude", "vendor"], {"src/setup.cfg NLP201"}),
    (["--extend-exclude", "vendor"], set()),
    (["--per-file-ignores", "/vendor/*:NLP2"], {"vendor/setup.cfg NLP201"} ^ ALL),
    (["--per-file-ignores", "src/*:NLP1,NLP2,vendor/*:NLP101"], {"vendor/setup.cfg NLP201"}),
    (["--extend-per-file-ignores", "vendor:libpython-link-flag"], set()),
    (["--select", "libpython-load,NLP9"], set()),
    (["--select", "ALL", "--ignore", "NLP2"], set()),
]


@pytest.mark.parametrize(("options", "left"), OPTIONS)
def test_options_replace_keys_or_add_to_them(
    options: list[str], left: set[str], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configured = ["--exclude" in options, "--extend-exclude" in options]
    if any(configured):
        (project / "nolibpy.toml").write_text('exclude = ["src"]')
        left = left if configured[0] else set()
    elif "--extend-per-file-ignores" in options:
        (project / "nolibpy.toml").write_text('per-file-ignores = {"src/setup.cfg" = ["NLP"]}')
    assert found(capsys, *options) == left


#: Options, and for how many of the three files no rule is left.
DISABLED = [
    (["--ignore", "ALL"], 3),
    (["--ignore", "NLP1,NLP2,NLP3,NLP4,NLP9"], 3),
    (["--per-file-ignores", "**:ALL"], 3),
    (["--per-file-ignores", "src:NLP,vendor/*:NLP1,NLP2,NLP3,NLP4,NLP9"], 3),
    (["--per-file-ignores", "vendor/*:ALL"], 1),
    (["--ignore", "NLP1,NLP2,NLP3,NLP4,NLP901"], 0),
    (["--ignore", "ALL", "--extend-select", "libpython-load"], 0),
    (["--select", "NLP9"], 0),
    (["--select", "NLP1", "--per-file-ignores", "src:NLP1"], 0),
]


@pytest.mark.parametrize(("options", "files"), DISABLED)
@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_file_without_a_rule_is_not_said_to_have_been_checked(
    command: str, options: list[str], files: int, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main([command, *options])
    out, err = capsys.readouterr()
    if files == 3:
        assert (status, out) == (0, "")
        assert err == "nolibpy: warning: nothing was checked: all rules are disabled for 3 files\n"
        return
    assert f"in {3 - files} files" in out
    assert not err
    main([command, "-v", *options])
    told = "nolibpy: note: all rules are disabled for 1 file\n"
    assert (told in capsys.readouterr().err) == (files == 1)


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        ("def f(:\n", ["--ignore", "NLP900"], True),
        ("def f(:\n", ["--per-file-ignores", "a.py:NLP9"], True),
        ("# nolibpy: ignore-file\ndef f(:\n", [], True),
        ("def f(:\n", [], False),
        ("x = 1\n", ["--ignore", "NLP900"], False),
    ],
)
def test_a_file_that_was_not_analysed_is_told_where_its_finding_is_not(
    text: str, options: list[str], told: bool, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a.py").write_text(text)
    status = main(["check", *options, "a.py"])
    out, _ = capsys.readouterr()
    said = "1 file could not be analysed; NLP900, which says why, is disabled there.\n"
    assert (out == said) == told
    assert told <= (status == 0)


def test_standard_input_without_a_rule_is_not_said_to_have_been_checked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for command, printed in (("check", ""), ("fix", LOAD)):
        stream = io.TextIOWrapper(io.BytesIO(LOAD.encode()))
        monkeypatch.setattr("sys.stdin", stream)
        assert main([command, "--ignore", "ALL", "-"]) == 0
        out, err = capsys.readouterr()
        assert out == printed
        assert err == "nolibpy: warning: nothing was checked: all rules are disabled for 1 file\n"


def test_a_pair_of_pattern_and_rule_needs_both(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--per-file-ignores", "vendor"]) == 2
    assert "must be GLOB:CODES" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        ([], set()),
        (["--unfixable", "libpython-load"], {"NLP101"}),
        (["--fixable", "NLP9"], {"NLP101"}),
        (["--fixable", "ALL", "--unfixable", "NLP9"], {"NLP901"}),
        (["--fixable", "NLP101", "--unfixable", "NLP1"], {"NLP901"}),
    ],
)
def test_fixes_are_made_of_the_rules_that_allow_them(
    options: list[str], codes: set[str], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a.py").write_text(LOAD + UNUSED)
    assert main(["fix", "--output-format", "json", *options, "a.py"]) == (1 if codes else 0)
    left = json.loads(capsys.readouterr().out)
    assert {one["code"] for one in left} == codes
    assert all(one["fix"] is None for one in left)


def test_the_fixes_that_were_made_are_listed(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a.py").write_text(LOAD + UNUSED + UNUSED)
    assert main(["fix", "--show-fixes", "a.py"]) == 0
    assert capsys.readouterr().out == (
        "Fixed 3 findings:\n"
        "- a.py:\n"
        "     2 x NLP901 (unused-suppression)\n"
        "     1 x NLP101 (libpython-load)\n"
        "\n"
        "Fixed 3 findings in 1 file.\n"
        "No findings left in 1 file.\n"
    )


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        ("ignore[libpython-load]", set()),
        ("ignore[libpython-load, NLP2] why", {"NLP901"}),
        ("ignore[libpython-preload]", {"NLP101", "NLP901"}),
        ("ignore-file[libpython-load]", set()),
        ("ignore[libpython-laod]", {"NLP101", "NLP901"}),
    ],
)
def test_a_comment_may_name_a_rule(
    comment: str, left: set[str], project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a.py").write_text(LOAD.replace(")\napi", f")  # nolibpy: {comment}\napi"))
    assert {one.split(" ")[1] for one in found(capsys, "a.py")} == left


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ("libpython-laod", " (libpython-laod); did you mean `libpython-load`?"),
        ("NLP2, libpython-linkflag", "(NLP2, libpython-linkflag); did you mean `libpython-link-f"),
        ("some-rule", " (some-rule)"),
        ("e501", " (E501)"),
        ("NLP110", " (NLP110)"),
    ],
)
def test_an_unknown_rule_in_a_comment_is_told_as_it_is_written(
    items: str, said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a.py").write_text(f"x = 1  # nolibpy: ignore[{items}]\n")
    main(["check", "--output-format", "concise", "a.py"])
    line = capsys.readouterr().out.splitlines()[0]
    assert said in line
    assert ("did you mean" in line) == ("did you mean" in said)


def test_a_link_to_a_configuration_that_is_not_there_is_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").symlink_to("/nowhere/x")
    assert main(["check"]) == 1
    note = "nolibpy: note: pyproject.toml: a symbolic link to /nowhere/x: no such file\n"
    assert capsys.readouterr().err == note
    assert main(["check", "--isolated"]) == 1
    assert not capsys.readouterr().err


@pytest.mark.parametrize(
    ("specifier", "met"),
    [
        *(("0.1.0", True), ("==0.1.0", True), ("==0.1", True), ("0.2", False), (">=0.1,<1", True)),
        *((">0.1", False), ("~=0.1.0", True), ("~=0.0.9", False), ("!=0.1.*", False)),
        *(("==0.*", True), ("<=0.1", True), ("<0.1", False), (" >= 0.0.9 , < 2 ", True)),
    ],
)
def test_a_required_version_is_compared_as_numbers(specifier: str, met: bool) -> None:
    assert is_met(specifier, "0.1.0") is met


@pytest.mark.parametrize("name", ["azure", "pylint", "grouped", "json-lines"])
def test_the_formats_of_other_tools(
    name: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "a;].py").write_text("# \n" + UNUSED)
    assert name in report.formats()
    assert main(["check", "-q", "--output-format", name, "a;].py", "vendor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    unused = "`# nolibpy: ignore[NLP101]` suppresses nothing (NLP101)"
    if name == "azure":
        assert lines[0] == (
            "##vso[task.logissue type=warning;sourcepath=a%3B%5D.py;linenumber=2;columnnumber=8;"
            f"code=NLP901;]{unused.replace(']', '%5D')}"
        )
        assert lines[1].startswith("##vso[task.logissue type=error;sourcepath=vendor/setup.cfg;")
    elif name == "pylint":
        assert lines[0] == f"a;].py:2: [NLP901] {unused}"
    elif name == "grouped":
        assert lines[:4] == ["a;].py:", f"  2:8  NLP901  {unused}", "", "vendor/setup.cfg:"]
    else:
        assert [json.loads(line)["code"] for line in lines] == ["NLP901", "NLP201"]


@pytest.mark.parametrize("forced", [None, "1", "0"])
def test_a_code_is_a_link_where_that_is_wanted(
    forced: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    if forced is not None:
        monkeypatch.setenv("FORCE_HYPERLINK", forced)
    main(["check", "vendor"])
    out = capsys.readouterr().out
    assert (f";{rules.rule('NLP201').url()}\x1b\\" in out) == (forced == "1")
    assert "NLP201" in out


def test_every_rule_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "--all"]) == 0
    out = capsys.readouterr().out
    assert all(f"# {rule.name} ({rule.code})\n" in out for rule in rules.rules())
    assert main(["rule", "--all", "--output-format", "json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [one["code"] for one in listed] == list(rules.codes())
    assert main(["rule", "libpython-load", "--output-format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["explanation"].startswith("A ctypes call")
    assert main(["rule"]) == 2
    assert "rule needs a RULE or --all" in capsys.readouterr().err


def test_the_names_of_rules_are_those_of_their_modules() -> None:
    assert rules.codes_of_names() == {rule.name: rule.code for rule in rules.rules()}


def test_offline_no_host_is_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.invalid/simple")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    assert main(["check", "--offline", "pypi:spam"]) == 2
    out, err = capsys.readouterr()
    assert "not requested, because of --offline" in out + err
    assert main(["survey", "--offline", "https://index.invalid/simple/"]) == 2
    _, err = capsys.readouterr()
    assert err.startswith("nolibpy: error: https://index.invalid/simple/: ")
    assert err.endswith(": not requested, because of --offline\n")
    assert main(["survey", "--offline", "--executor", "dask://a:1", "spam"]) == 2
    assert "--offline and --executor with a remote host" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[nolibpy]", "nolibpy"),
        ("[nolibpy.per-file-ignores]", "nolibpy"),
        ("[tools.nolibpy]", "tools.nolibpy"),
        ("[tool.nolib]", "tool.nolib"),
        ("[tool.Nolibpy]", "tool.Nolibpy"),
        ("[tool.noilbpy]", "tool.noilbpy"),
        ("[tool.nlibpy]", "tool.nlibpy"),
        ("[tool.no-libpython-dlopen]", "tool.no-libpython-dlopen"),
        ("[[tool.nolib]]", "tool.nolib"),
        ("[tool]\nnolib = { select = [] }", "tool.nolib"),
        ("tool.nolib.select = []", "tool.nolib"),
        ("tool = { nolib = { select = [] } }", "tool.nolib"),
        ("[tool]\n'no libpy'.jobs = 1", "tool.no libpy"),
    ],
)
def test_a_misspelled_table_gets_a_note(
    text: str, name: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text(f"{text}\n")
    assert main(["check"]) == 1
    note = f"`[{name}]` is not read; did you mean `[tool.nolibpy]`?"
    assert capsys.readouterr().err == f"nolibpy: note: pyproject.toml: {note}\n"


@pytest.mark.parametrize(
    "table",
    [
        *("[tool.nox]", "[tool.nopy]", "[tool.nolibpy]", "[tool.notebook]", "[tool.nolint]"),
        *("[tool.bpy]", '[tool]\nnolib = "x"', "[tool.x.nolib]", "# [tool.nolib]"),
        *('x = "[tool.nolib]"', "[tool.nolib", "[project]\nname = 'nolib'"),
    ],
)
def test_the_tables_of_other_tools_get_none(
    table: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "pyproject.toml").write_text(f"{table}\n")
    assert main(["check"]) == 1
    assert not capsys.readouterr().err


def test_a_file_of_keys_may_have_any_name(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "strict.toml").write_text('ignore = ["NLP201"]\n')
    assert main(["check", "--config", "strict.toml"]) == 0
    assert not capsys.readouterr().err
