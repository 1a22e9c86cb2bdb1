"""The JSON schema of the settings accepts what nolibpy accepts, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.config import KEYS

pytestmark = pytest.mark.usefixtures("project")

#: Patterns, good and bad.
GLOBS = [
    *(
        "a",
        "/a/",
        "a/**/b",
        "**",
        "*.py",
        "a ",
        " a",
        "a\\ ",
        "a]",
        "]",
        "\\#a",
        "a{b}",
        "!a",
        "!#a",
    ),
    *("[a]", "[]a]", "[!]a]", "[^]]", "a\\[", "a[[:alpha:]]", "[\\]]", "x,y", "!!a"),
    *(
        "",
        "  ",
        "#a",
        "/",
        "!",
        "!/",
        "a//b",
        "//a",
        "a//",
        "a\\",
        "*.{py,c}",
        "a{b",
        "a}",
        "a,b{}",
    ),
    *("[", "[a", "[!", "[]", "[!]", "[\\]", "[a/b]", "src/[a"),
]
TEXTS = [
    *('select = ["ALL"]', 'select = ["NLP2"]', 'ignore = ["libpython-load"]', "ignore = [1]"),
    *('select = ["E5"]', "exclude = []", 'exclude = [""]', "jobs = 0", "jobs = -1", "jobs = 1.5"),
    *("exit-zero = true", "exit-zero = 1", 'output-format = "azure"', 'output-format = "x"'),
    *('baseline = "a"', 'baseline = ""', 'extend = ""', 'required-version = ">=0.1"', "x = 1"),
    *('baseline = "a\\u0000"', 'required-version = "abc"', 'required-version = ""'),
    *('select = ["nlp1"]', 'select = [" Libpython-Load "]', 'select = ["all"]', "select = []"),
    *('select = ["NLP5"]', 'select = [""]', "extend-select = []"),
    *('required-version = "~=0"', 'required-version = "~=0.0, <2"', 'required-version = ","'),
    *('required-version = ">=0.*"', 'required-version = ">=0.1rc1"'),
    *(f"exclude = [{json.dumps(glob)}]" for glob in GLOBS),
    *(f'per-file-ignores = {{{json.dumps(glob)} = ["NLP1"]}}' for glob in GLOBS),
    *(f'per-file-ignores = {{{json.dumps("!" + glob)} = ["NLP1"]}}' for glob in GLOBS),
    *('per-file-ignores = {"a" = ["NLP1"]}', 'per-file-ignores = {"a" = "NLP1"}'),
    *("required-version = 1", 'fixable = ["ALL"]', "show-fixes = false"),
    'select = []\nextend-select = ["NLP1"]',
    "select = []\nextend-select = []",
]


@pytest.fixture
def validator(capsys: pytest.CaptureFixture[str]) -> jsonschema.Draft7Validator:
    assert main(["config", "--schema"]) == 0
    return jsonschema.Draft7Validator(json.loads(capsys.readouterr().out))


def test_every_key_is_described(validator: jsonschema.Draft7Validator) -> None:
    validator.check_schema(validator.schema)
    properties = validator.schema["properties"]
    assert list(properties) == list(KEYS)
    assert all(one["description"] for one in properties.values())


@pytest.mark.parametrize("text", TEXTS)
def test_the_schema_agrees_with_what_reads_the_settings(
    text: str,
    project: Path,
    validator: jsonschema.Draft7Validator,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (project / "nolibpy.toml").write_text(text)
    main(["config", "--output-format", "json"])
    out, err = capsys.readouterr()
    assert not err or "nolibpy.toml" in err
    values = {}
    for line in text.splitlines():
        key, _, value = line.partition(" = ")
        values[key] = json.loads(value.replace(" = ", ": "))
    assert validator.is_valid(values) == (not err)
    assert "x" in values or values.keys() <= json.loads(out).keys()


def test_what_is_printed_is_valid(
    project: Path, validator: jsonschema.Draft7Validator, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config"]) == 0
    printed = capsys.readouterr().out
    assert main(["config", "--output-format", "json"]) == 0
    values = {key: one["value"] for key, one in json.loads(capsys.readouterr().out).items()}
    validator.validate({key: value for key, value in values.items() if value is not None})
    (project / "nolibpy.toml").write_text(printed)
    assert main(["config"]) == 0
