"""No line of any output is a command to the CI system that shows it, but where it is meant."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from no_libpython_dlopen import report
from tests.binary.made_elf import made_elf

COMMAND = [sys.executable, "-m", "no_libpython_dlopen"]
LOAD = '# ##vso[a]b ::error::\nimport ctypes\na = ctypes.PyDLL("libpython3.11.so") # ##[error]\n'
UNUSED = "# nolibpy: ignore[NLP101] ##teamcity[x]\n"
NAMES = [
    "::error file=a,line=1::x",
    "  ::add-mask::x",
    "##[error]x",
    "##vso[task.setvariable variable=PATH]x",
    "##VSO[task.setvariable variable=PATH]x",
    "##teamcity[buildNumber '1']x",
    "###vso[task.prependpath]x",
    "a##vso[task.prependpath]x",
]
#: A line is a command where it begins with one (GitHub), or has one anywhere.
FORGED = re.compile(r"^\s*::|##\w*\[", re.IGNORECASE | re.MULTILINE)
#: What the formats that consist of commands may write.
MEANT = {
    "github": re.compile(r"^::(error|warning) title=nolibpy \(NLP\d{3}\),", re.MULTILINE),
    "azure": re.compile(r"^##vso\[task\.logissue type=", re.MULTILINE),
}
COLOURS: dict[str, dict[str, str]] = {
    "plain": {},
    "coloured": {"FORCE_COLOR": "1"},
    "on a terminal without colours": {"FORCE_COLOR": "1", "TERM": "dumb"},
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tree")
    for name in NAMES:
        (folder / f"{name}.py").write_text(LOAD)
        (folder / f"u{name}.py").write_text(UNUSED)
        (folder / f"{name}.abi3.so").write_bytes(
            made_elf(64, "<", needed=["libpython3.11.so.1.0", "libc.so.6"])
        )
        (folder / f"{name}.ipynb").write_text("{")
        (folder / name).mkdir()
    (folder / "::error::link.py").symlink_to("/etc/passwd")
    return folder


def said(tree: Path, *arguments: str, **variables: str) -> tuple[str, str]:
    done = subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        capture_output=True,
        cwd=tree,
        env={**os.environ, **variables},
    )
    assert done.returncode in (0, 1, 2), done
    return done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("form", report.formats())
def test_no_format_forges_a_command(form: str, tree: Path) -> None:
    out, err = said(tree, "check", "--isolated", f"--output-format={form}", ".")
    meant = MEANT.get(form)
    if meant:
        assert len(meant.findall(out)) == len(out.splitlines())
        out = meant.sub("", out)
    assert not FORGED.search(out), FORGED.findall(out)
    assert not FORGED.search(err)
    assert "NLP101" in out


@pytest.mark.parametrize("variables", COLOURS.values(), ids=COLOURS)
@pytest.mark.parametrize("form", ["text", "grouped"])
def test_neither_does_one_with_colours(form: str, variables: dict[str, str], tree: Path) -> None:
    out, err = said(
        tree, "check", "--isolated", f"--output-format={form}", "--show-fixes", ".", **variables
    )
    assert not FORGED.search(out + err), FORGED.findall(out + err)


def test_what_programs_read_names_the_files_as_they_are(tree: Path) -> None:
    """An escape of JSON and XML is one of the format: the reader gets the name."""
    paths = {str(tree / f"{name}.py") for name in NAMES}
    for form in ("json", "json-lines"):
        out, _ = said(tree, "check", "--isolated", f"--output-format={form}", ".")
        lines = out.splitlines() if form == "json-lines" else [out]
        read = [json.loads(line) for line in lines]
        found = read if form == "json-lines" else read[0]
        assert paths <= {one["filename"] for one in found}
    out, _ = said(tree, "check", "--isolated", "--output-format=junit", ".")
    cases = {case.attrib["classname"] for case in ElementTree.fromstring(out).iter("testcase")}
    assert {f"{name}.py" for name in NAMES} <= cases


#: Other commands that print names; each with arguments for a name.
PRINTERS = {
    "--show-files": ["check", "--isolated", "--show-files", "."],
    "--statistics": ["check", "--isolated", "--statistics", "--verbose", "."],
    "--diff": ["fix", "--isolated", "--diff", "--unsafe-fixes", "-q", "*.so"],
    "a missing path": ["check", "--isolated", "::no::such", "##vso[a]b"],
    "an empty folder": ["check", "--isolated", NAMES[0], NAMES[3]],
    "several of no type": ["check", "--isolated", "::a.zzz", "::b.zzz", "::c.zzz"],
    "a baseline": ["check", "--isolated", "--write-baseline=::baseline", "."],
    "--undo": ["fix", "--undo", "::error file=a,line=1::x"],
    "no such command": ["::error::"],
    "no such rule": ["explain", "##vso[a]b"],
    "the configuration": ["config", "show", "::x/a.py"],
    "a script of the guard": ["run", "::error::x.py"],
}


@pytest.mark.parametrize("arguments", PRINTERS.values(), ids=PRINTERS)
def test_no_other_line_is_a_command(arguments: list[str], tree: Path) -> None:
    out, err = said(tree, *arguments)
    assert not FORGED.search(out + err), out + err


@pytest.mark.skipif(shutil.which("git") is None, reason="git reads the diff")
def test_a_diff_names_the_files_as_git_does(tmp_path: Path) -> None:
    names = ("a\nb.py", "\x1b[31mred.py", 'a"b.py', "back\\slash.py", "tab\tb.py", "\u00fc b.py")
    text = 'import ctypes\nctypes.PyDLL("libpython3.11.so").Py_X()\n'
    for name in names:
        (tmp_path / name).write_text(text)
    out, _ = said(tmp_path, "fix", "--isolated", "--diff", "--unsafe-fixes", "-q", ".")
    assert "\x1b" not in out
    subprocess.run(["git", "apply", "-p0"], input=out.encode(), cwd=tmp_path, check=True)
    assert {name for name in names if "PyDLL" not in (tmp_path / name).read_text()} == {*names}


def test_notes_of_a_repair_are_no_commands(tmp_path: Path) -> None:
    """A module that was fixed, one that could not be, and suppressions that were added."""
    for name in NAMES:
        (tmp_path / f"{name}.abi3.so").write_bytes(
            made_elf(64, "<", needed=["libpython3.11.so.1.0", "libc.so.6"])
        )
        (tmp_path / f"{name}.py").write_text(LOAD)
    for arguments in (
        ["check", "--isolated", "--add-noqa", "."],
        ["fix", "--isolated", "--show-fixes", "--unsafe-fixes", "."],
    ):
        out, err = said(tmp_path, *arguments)
        assert not FORGED.search(out + err), out + err
