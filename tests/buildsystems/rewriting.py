"""Checks and fixes a text through the public interface, for tables of build files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import dedent

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.finding import Finding

#: The manifest of an extension module.
CARGO = """\
[package]
name = "x"
[lib]
crate-type = ["cdylib"]
[dependencies]
pyo3 = { version = "0.22", features = ["extension-module"] }
"""
CASES = Path(__file__).parent.parent / "cases" / "build"


def text_of(block: str) -> str:
    """Return an indented block of a test as a file's text."""
    return dedent(block).lstrip("\n")


def found(text: str, name: str) -> list[Finding]:
    """Return the findings in a file of this name."""
    return api.check_bytes(text.encode(), name)


def marked(text: str) -> list[tuple[int, str]]:
    """Return row and code of what the comments of a text, ``# expect: NLP201``, ask for."""
    return [
        (row, code)
        for row, line in enumerate(text.splitlines(), 1)
        for code in re.findall(r"# expect: (NLP\d+)", line)
    ]


def assert_marked_lines_are_reported(folder: Path, files: dict[str, str]) -> None:
    """Write the files of a project, and assert that what their comments ask for is reported."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for path, text in files.items():
        findings = found(text, str(folder / path))
        assert [(each.start.row, each.code) for each in findings] == marked(text), path


def reported(text: str, name: str) -> list[tuple[str, str]]:
    """Return what is reported of a file: code and the text that is marked."""
    lines = text.splitlines(keepends=True)
    marked = []
    for finding in found(text, name):
        start = sum(map(len, lines[: finding.start.row - 1])) + finding.start.column - 1
        end = sum(map(len, lines[: finding.end.row - 1])) + finding.end.column - 1
        marked.append((finding.code, text[start:end]))
    return marked


def fixed(text: str, name: str, *, unsafe: bool = True) -> str:
    """Return a file after its fixes, which a second run must leave alone."""
    once = api.fix_bytes(text.encode(), name, unsafe=unsafe)
    again = api.fix_bytes(once.data, name, unsafe=unsafe)
    assert again.data == once.data, "fixing twice changes something"
    assert not once.skipped
    return once.data.decode()


def conformance(*prefixes: str) -> list[Path]:
    """Return the folders of the conformance cases whose names start so."""
    return [folder for folder in sorted(CASES.iterdir()) if folder.name.startswith(prefixes)]


def assert_conforms(folder: Path, *, line_end: bytes = b"\n") -> None:
    """Assert that a conformance case is reported and fixed byte for byte.

    Its files are read, and their fixes are wanted, with this line end.
    """
    expected = json.loads((folder / "expect.json").read_text())
    findings = []
    for file in sorted(folder.rglob("*")):
        if file.is_dir() or file.name == "expect.json" or file.suffix == ".fixed":
            continue
        data = file.read_bytes().replace(b"\n", line_end)
        findings += [
            {
                "file": file.relative_to(folder).as_posix(),
                "line": finding.start.row,
                "code": finding.code,
            }
            for finding in api.check_bytes(data, str(file))
        ]
        wanted = folder / f"{file.name}.fixed"
        is_fixed = expected["fixed"] == wanted.name
        after = wanted.read_bytes().replace(b"\n", line_end) if is_fixed else data
        assert api.fix_bytes(data, str(file), unsafe=True).data == after
    assert findings == expected["findings"]
