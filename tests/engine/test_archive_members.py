"""Texts in archives are checked like files, with the other files of their project."""

from __future__ import annotations

import io
import json
import os
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from no_libpython_dlopen.__main__ import main

LOAD = 'import ctypes\nx = ctypes.PyDLL("libpython3.11.so.1.0")\nx.Py_IsInitialized()\n'
IMPORTED = (
    "import ctypes\nfrom spam.names import LIBRARY\nctypes.CDLL(LIBRARY).Py_IsInitialized()\n"
)
NAMES = 'LIBRARY = "libpython3.11.so"\n'
NOTEBOOK = json.dumps(
    {
        "cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": [LOAD]}],
        "metadata": {"language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)
SETUP = (
    "from setuptools import Extension, setup\n"
    'setup(ext_modules=[Extension("x", ["x.c"], libraries=["python3.11"])])\n'
)
#: Members of a folder ``spam-1.0``, and where which rule finds something.
PROJECTS: dict[str, tuple[dict[str, str], list[str]]] = {
    "a load": ({"spam/a.py": LOAD}, ["spam/a.py:2:5: NLP101"]),
    "a script without suffix": (
        {"bin/run": f"#!/usr/bin/env python3\n{LOAD}"},
        ["bin/run:3:5: NLP101"],
    ),
    "a name of another module": (
        {"spam/__init__.py": "", "spam/names.py": NAMES, "spam/a.py": IMPORTED},
        ["spam/a.py:3:1: NLP101"],
    ),
    "a name of a module below src": (
        {
            "pyproject.toml": "",
            "src/spam/__init__.py": "",
            "src/spam/names.py": NAMES,
            "tests/a.py": IMPORTED,
        },
        ["tests/a.py:3:1: NLP101"],
    ),
    "a notebook": ({"demo.ipynb": NOTEBOOK}, ["demo.ipynb:cell 1:2:5: NLP101"]),
    "a build file": ({"setup.py": SETUP}, ["setup.py:2:55: NLP201"]),
    "a listfile that another one includes": (
        {
            "CMakeLists.txt": (
                "cmake_minimum_required(VERSION 3.20)\nproject(spam C)\n"
                "find_package(Python3 COMPONENTS Interpreter Development)\n"
                "set(LIBS ${Python3_LIBRARIES})\nadd_subdirectory(src)\n"
            ),
            "src/CMakeLists.txt": (
                "Python3_add_library(_spam MODULE spam.c)\n"
                "target_link_libraries(_spam PRIVATE ${LIBS})\n"
            ),
        },
        ["CMakeLists.txt:4:10: NLP202"],
    ),
    "what another module does not name": (
        {"spam/__init__.py": "", "spam/names.py": 'LIBRARY = "libm.so"\n', "spam/a.py": IMPORTED},
        [],
    ),
    "a comment that suppresses": (
        {"spam/a.py": LOAD.replace('1.0")', '1.0")  # noqa: NLP101')},
        [],
    ),
    "a string in a text": ({"README.txt": LOAD, "spam/a.pyi": LOAD}, []),
}


def packed(path: Path, members: dict[str, str] | dict[str, bytes], *, top: str = "") -> Path:
    """Write an archive of the kind that its name says, or a zip archive."""
    content = {
        top + name: data if isinstance(data, bytes) else data.encode()
        for name, data in members.items()
    }
    if ".t" in path.name or path.suffix == ".crate":
        suffix = path.suffix.replace(".crate", ".tgz")
        mode = suffix[1:].removeprefix("t").replace("bz", "bz2").replace("bz22", "bz2")
        with tarfile.open(path, f"w:{'' if mode == 'ar' else mode}") as made:  # type: ignore[call-overload]
            for name, data in content.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                made.addfile(info, io.BytesIO(data))
    else:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
            for name, data in content.items():
                zipped.writestr(name, data)
    return path


class Done(NamedTuple):
    """What the command printed, and its exit status."""

    returncode: int
    stdout: str
    stderr: str


def check(*arguments: str, cwd: Path) -> Done:
    """Run ``nolibpy check`` in this process, which takes a tenth of the time."""
    out, err = io.StringIO(), io.StringIO()
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err):
        status = main(["check", *arguments])
    return Done(status, out.getvalue(), err.getvalue())


@contextmanager
def chdir(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def places(report: str) -> list[str]:
    """Return the places and codes of a concise report."""
    return [" ".join(line.split(" ")[: 2 + ("cell" in line)]) for line in report.splitlines()]


@pytest.mark.parametrize("archive", ["spam-1.0.tar.gz", "spam-1.0.zip", "spam-1.0.tar.xz"])
@pytest.mark.parametrize("project", PROJECTS)
def test_a_project_in_an_archive_is_checked(tmp_path: Path, project: str, archive: str) -> None:
    members, expected = PROJECTS[project]
    packed(tmp_path / archive, members, top="spam-1.0/")
    done = check(archive, "--output-format=concise", "--quiet", cwd=tmp_path)
    assert places(done.stdout) == [f"{archive}!spam-1.0/{place}" for place in expected]
    assert done.returncode == bool(expected), done.stderr


@pytest.mark.parametrize("project", PROJECTS)
def test_an_archive_says_what_its_folder_says(tmp_path: Path, project: str) -> None:
    members, _ = PROJECTS[project]
    for name, text in members.items():
        path = tmp_path / "x" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    packed(tmp_path / "x.zip", members)
    folder = check("x", "--output-format=concise", "--quiet", cwd=tmp_path)
    archive = check("x.zip", "--output-format=concise", "--quiet", cwd=tmp_path)
    assert sorted(archive.stdout.replace("x.zip!", "x/").splitlines()) == sorted(
        folder.stdout.splitlines()
    )


NAMES_OF_ARCHIVES = [
    *(
        "s-1-py3-none-any.whl",
        "s.egg",
        "s.zip",
        "s.jar",
        "s.war",
        "s.ear",
        "s.aar",
        "s.apk",
        "s.pyz",
        "s.pex",
    ),
    *(
        "s.tar",
        "s.tar.gz",
        "s.tgz",
        "s.tar.bz2",
        "s.tbz2",
        "s.tar.xz",
        "s.txz",
        "s.crate",
        "zipapp",
        "program",
        "sh-boot",
    ),
]


#: A program in front of an archive, as scie has.
ELF = Path("/bin/true").read_bytes()


@pytest.mark.parametrize("name", NAMES_OF_ARCHIVES)
def test_every_kind_of_archive_is_read_by_name_and_in_a_folder(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / name, {"spam/a.py": LOAD})
    if name == "zipapp":
        path.write_bytes(b"#!/usr/bin/env python3\n" + path.read_bytes())
    if name == "program":
        path.write_bytes(ELF + path.read_bytes())
    if name == "sh-boot":  # as pex --sh-boot makes it
        path.write_bytes(b'#!/bin/sh\nexec python3 "$0" "$@"\n' + path.read_bytes())
    for argument in (name, "."):
        done = check(argument, "--output-format=concise", "--quiet", cwd=tmp_path)
        assert places(done.stdout) == [f"{name}!spam/a.py:2:5: NLP101"]
    if name == "program":  # a small one in an archive is not asked
        path.write_bytes(ELF + bytes(4 << 20) + path.read_bytes()[len(ELF) :])
    if name in ("zipapp", "sh-boot", "program"):
        packed(tmp_path / "outer.tar", {f"bin/{name}": path.read_bytes()})
        done = check("outer.tar", "--output-format=concise", "--quiet", cwd=tmp_path)
        assert places(done.stdout) == [f"outer.tar!bin/{name}!spam/a.py:2:5: NLP101"]


@pytest.mark.parametrize("behind", [b"", b"PK\5\6", b"PK\5\6" + bytes(18), b"PK\5\6" + b"\1" * 18])
def test_a_program_with_no_zip_archive_behind_it_is_none(tmp_path: Path, behind: bytes) -> None:
    (tmp_path / "program").write_bytes(ELF + behind)
    done = check("program", "--output-format=concise", "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("behind", [b"", b"exit\n" + bytes(99), b"exit\nPK\5\6", b"# PK\x03\x04\n"])
def test_a_shell_script_with_no_zip_archive_behind_it_is_read_as_one(
    tmp_path: Path, behind: bytes
) -> None:
    text = b"#!/bin/sh\npython3 -c 'import ctypes; ctypes.PyDLL(\"libpython3.11.so\")'\n"
    (tmp_path / "script").write_bytes(text + behind)
    done = check("script", "--output-format=concise", "--quiet", cwd=tmp_path)
    assert places(done.stdout) == ["script:2:28: NLP102"]


def test_an_archive_in_an_archive_is_read(tmp_path: Path) -> None:
    inner = packed(tmp_path / "inner-1-py3-none-any.whl", {"spam/a.py": LOAD}).read_bytes()
    middle = packed(tmp_path / "middle.tar.gz", {"dist/inner-1-py3-none-any.whl": inner})
    packed(tmp_path / "outer.zip", {"middle.tar.gz": middle.read_bytes()})
    done = check("outer.zip", "--output-format=concise", "--quiet", cwd=tmp_path)
    inside = "middle.tar.gz!dist/inner-1-py3-none-any.whl!spam/a.py"
    assert places(done.stdout) == [f"outer.zip!{inside}:2:5: NLP101"]


def test_the_depth_of_archives_in_archives_is_bounded(tmp_path: Path) -> None:
    data, name = LOAD.encode(), "a.py"
    for level in range(7):
        data, name = packed(tmp_path / f"{level}.zip", {name: data}).read_bytes(), f"{level}.zip"
    done = check(name, "--output-format=concise", "--quiet", cwd=tmp_path)
    assert places(done.stdout) == ["6.zip!5.zip!4.zip!3.zip!2.zip!1.zip:1:1: NLP900"]
    assert done.returncode == 2


def test_settings_hold_in_archives(tmp_path: Path) -> None:
    packed(tmp_path / "s.zip", {"spam/a.py": LOAD, "spam/b.py": LOAD, "test/c.py": LOAD})
    (tmp_path / "pyproject.toml").write_text(
        '[tool.nolibpy]\nexclude = ["b.py"]\nper-file-ignores = {"s.zip!test/**" = ["NLP1"]}\n'
    )
    done = check("s.zip", "--output-format=concise", "--quiet", cwd=tmp_path)
    assert places(done.stdout) == ["s.zip!spam/a.py:2:5: NLP101"]


def test_every_format_names_the_member(tmp_path: Path) -> None:
    packed(tmp_path / "s.zip", {"spam/names.py": NAMES, "spam/__init__.py": "", "a.py": IMPORTED})
    for output in ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson"):
        done = check("s.zip", "--output-format", output, cwd=tmp_path)
        assert "a.py" in done.stdout, output
    log = json.loads(check("s.zip", "--output-format=sarif", cwd=tmp_path).stdout)
    (found,) = log["runs"][0]["results"]
    for location, member in (
        (found["locations"][0], "a.py"),
        (found["relatedLocations"][0], "spam/names.py"),
    ):
        assert location["physicalLocation"]["artifactLocation"]["uri"] == "s.zip"
        assert location["logicalLocations"][0]["fullyQualifiedName"] == member


def test_nothing_in_an_archive_is_rewritten(tmp_path: Path) -> None:
    path = packed(tmp_path / "s-1-py3-none-any.whl", {"spam/a.py": LOAD})
    before = path.read_bytes()
    for arguments in (["--fix", "--unsafe-fixes"], ["--add-noqa"], ["--fix", "--diff"]):
        done = check(path.name, *arguments, cwd=tmp_path)
        assert done.returncode in (0, 1), done.stderr
        assert "fixable" not in done.stdout
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_files_outside_of_an_archive_are_not_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "spam").mkdir()
    (tmp_path / "spam" / "__init__.py").write_text("")
    (tmp_path / "spam" / "names.py").write_text(NAMES)
    (tmp_path / "pyproject.toml").write_text("")
    packed(tmp_path / "s.zip", {"a.py": IMPORTED})
    assert check("s.zip", "--quiet", cwd=tmp_path).returncode == 0


def test_a_text_that_cannot_be_parsed_is_unreadable(tmp_path: Path) -> None:
    packed(tmp_path / "s.zip", {"a.py": f"{LOAD}(\n", "b.py": "(\n"})
    done = check("s.zip", "--output-format=concise", "--quiet", cwd=tmp_path)
    assert [place.rpartition(" ")[2] for place in places(done.stdout)] == ["NLP900"]
    assert done.stdout.startswith("s.zip!a.py:")
    assert done.returncode == 2


@pytest.mark.parametrize("name", ["a.snap", "a.zip", "a.jar", "a.tar.gz", "a.deb"])
def test_what_is_no_archive_in_an_archive_is_passed_over(tmp_path: Path, name: str) -> None:
    packed(tmp_path / "s.zip", {f"tests/{name}": "a test runner's snapshot\n", "a.py": LOAD})
    done = check("s.zip", "--output-format=concise", "--quiet", cwd=tmp_path)
    assert places(done.stdout) == ["s.zip!a.py:2:5: NLP101"]
    assert done.returncode == 1


def test_a_damaged_archive_in_an_archive_is_told(tmp_path: Path) -> None:
    inner = packed(tmp_path / "i.zip", {"a.py": LOAD}).read_bytes()
    packed(tmp_path / "s.zip", {"i.zip": inner[:-10]})
    done = check("s.zip", "--output-format=concise", "--quiet", cwd=tmp_path)
    assert places(done.stdout) == ["s.zip!i.zip:1:1: NLP900"]


def test_the_snapshots_of_a_test_runner_are_no_images(tmp_path: Path) -> None:
    (tmp_path / "a.test.js.snap").write_text("// Jest Snapshot v1\n")
    (tmp_path / "a.py").write_text("x = 1\n")
    assert check(".", "--quiet", cwd=tmp_path).returncode == 0
