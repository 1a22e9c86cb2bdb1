"""Build files whose tools read bytes: a comment in latin-1 is no reason to refuse one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.report import formats

LATIN = "# gebaut f\xfcr M\xfcnchen\n".encode("latin-1")
BYTEWISE_ELSEWHERE = {
    "band.spec": b"Name: band\n%description\nJos\xe9\n%build\n"
    b"export LDFLAGS='-lm -lpython3.11 '\n%py3_build\n%changelog\n* Jos\xe9\n",
    "default.nix": LATIN
    + b'{ buildPythonPackage }: buildPythonPackage {\n NIX_LDFLAGS = "-lm -lpython3.11 "; # \xe9\n}\n',
}
LINK = b"cc -shared -o m.abi3.so m.c -lpython3.11 -lm"
CASES = {
    "build.sh": b"#!/bin/sh\n" + LATIN + LINK + b" # \xe9t\xe9 \xff\n",
    "Makefile": LATIN + b"m.abi3.so: m.c\n\t" + LINK + b" # \xe9t\xe9\n",
    "rules.mk": b"\xef\xbb\xbf" + LATIN + b"m.abi3.so: m.c\n\t" + LINK + b"\n",
    "Makefile.am": LATIN + b"pyexec_LTLIBRARIES = x.la\nx_la_LIBADD = -lm -lpython3.11 -lz\n",
    "Dockerfile": b"FROM x\n" + LATIN + b"RUN " + LINK + b"\n",
    "BUILD": LATIN
    + b'pybind_extension(name = "m", srcs = ["m.cc"], linkopts = [ "-lpython3.11", "-lm"])  # \xe9\n',
    "m.bzl": LATIN
    + b'def m(name):\n    """F\xfcr"""\n    pybind_extension(name = name,\n'
    + b'        linkopts = [ "-lpython3.11", "-lm"])\n',
    "CMakeLists.txt": LATIN
    + b"find_package(Python3 COMPONENTS Development)\nadd_library(m MODULE m.c)\n"
    + b'set_target_properties(m PROPERTIES PREFIX "" SUFFIX .abi3.so) # \xe9t\xe9\n'
    + b"target_link_libraries(m PRIVATE -lpython3.11 -lm)\n",
}


def _right(data: bytes) -> bytes:
    return data.replace(b'"-lpython3.11", ', b"").replace(b"-lpython3.11 ", b"")


def _check(name: str) -> list[Finding]:
    return api.check_bytes(CASES[name], name)


@pytest.mark.parametrize("name", CASES)
def test_a_file_in_latin_1_is_reported_and_fixed_byte_for_byte(name: str) -> None:
    data = CASES[name]
    (finding,) = _check(name)
    assert finding.code == "NLP201"
    row = data[: data.index(b"-lpython3.11")].count(b"\n") + 1
    assert finding.start.row == row
    assert api.fix_bytes(data, name, unsafe=True).data == _right(data)


@pytest.mark.parametrize("name", BYTEWISE_ELSEWHERE)
def test_commands_in_a_file_in_latin_1_are_reported(name: str) -> None:
    data = BYTEWISE_ELSEWHERE[name]
    (finding,) = api.check_bytes(data, name)
    assert finding.code == "NLP201"
    assert api.fix_bytes(data, name, unsafe=True).data == data
    assert api.check_bytes(data.replace(b"-lpython3.11 ", b""), name) == []


@pytest.mark.parametrize("name", CASES)
def test_clean_files_in_latin_1_are_silent(name: str) -> None:
    data = _right(CASES[name])
    assert api.check_bytes(data, name) == []
    assert api.check_bytes(data + b"# libpython \xe9\xff\n", name) == []


def test_what_the_tool_itself_refuses_is_still_unreadable() -> None:
    for name in ("setup.py", "pyproject.toml", "meson.build", "setup.cfg"):
        data = b"# \xe9\n[[tool.setuptools.ext-modules]]\nlibraries = ['python3.11', setuptools.Extension("
        codes = [finding.code for finding in api.check_bytes(data, name)]
        assert codes in (["NLP900"], []), name
    assert [f.code for f in api.check_bytes(b"# nolibpy\n\0\n", "build.sh")] == ["NLP900"]


@pytest.mark.parametrize("form", formats())
def test_every_format_can_show_such_a_file(tmp_path: Path, form: str) -> None:
    (tmp_path / "build.sh").write_bytes(CASES["build.sh"])
    command = [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated", "build.sh"]
    done = subprocess.run(
        [*command, "--output-format", form], cwd=tmp_path, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert b"NLP201" in done.stdout
    done.stdout.decode()


def test_the_diff_and_the_fix_keep_the_bytes(tmp_path: Path) -> None:
    file = tmp_path / "build.sh"
    data = CASES["build.sh"]
    file.write_bytes(data)
    command = [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated", "build.sh"]
    shown = subprocess.run(
        [*command, "--diff", "--unsafe-fixes"], cwd=tmp_path, capture_output=True, check=False
    )
    assert b"Traceback" not in shown.stderr
    assert b"-lpython3.11" in shown.stdout
    subprocess.run(
        [*command, "--fix", "--unsafe-fixes"], cwd=tmp_path, capture_output=True, check=False
    )
    assert file.read_bytes() == data.replace(b"-lpython3.11 ", b"")


def test_a_listfile_in_latin_1_belongs_to_the_project(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "CMakeLists.txt").write_bytes(
        LATIN + b"cmake_minimum_required(VERSION 3.20)\nproject(x)\n"
        b"find_package(Python3 COMPONENTS Development)\nset(LIBS ${Python3_LIBRARIES})\n"
        b"add_subdirectory(src)\n"
    )
    file = tmp_path / "src" / "CMakeLists.txt"
    data = b"Python3_add_library(m MODULE m.c)\ntarget_link_libraries(m PRIVATE ${LIBS})\n"
    file.write_bytes(data)
    root = tmp_path / "CMakeLists.txt"
    found = [*api.check_bytes(data, str(file)), *api.check_bytes(root.read_bytes(), str(root))]
    assert {finding.code for finding in found} == {"NLP202"}
