"""``nolibpy guard`` and the environment variables that it makes work."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.cli import active_python
from no_libpython_dlopen.runtime.guard import interpreter, site_hook
from no_libpython_dlopen.runtime.guard.site_hook import FILE, START_FILES, Environment
from tests.runtime.interpreters import SRC, Interpreter
from tests.runtime.test_run import SWALLOWED


@pytest.fixture
def environment(python: Interpreter, tmp_path: Path) -> Interpreter:
    """A fresh virtual environment of an interpreter, which lacks this package."""
    folder = tmp_path / "environment"
    python("-m", "venv", "--without-pip", folder)
    return Interpreter(str(folder / "bin/python"), python.linkage, python.version)


def nolibpy(*words: str) -> int:
    return main(["guard", *words])


def test_the_guard_of_an_environment_is_switched_on_and_off(
    environment: Interpreter, stray: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = ["--python", environment.path]
    code = f"import ctypes, sys; ctypes.CDLL({str(stray)!r}); print(len(sys.path), {str(SRC)!r} in sys.path)"

    def try_it(value: str) -> str:
        return environment("-c", code, NOLIBPY_GUARD=value, PYTHONPATH="").stderr

    assert nolibpy("status", *python) == 1
    assert try_it("warn") == ""

    assert nolibpy("enable", *python) == 0
    (file,) = (Path(environment.path).parents[1]).rglob("*.pth")
    assert file.name == FILE
    assert f"wrote {file}" in capsys.readouterr().out
    assert nolibpy("status", *python) == 0
    assert "<string>:1: LibpythonWarning: NLP401" in try_it("warn")
    assert "LibpythonWarning: NLP401" in try_it("1")
    for off in ("", "0", "off"):
        assert try_it(off) == ""
    assert "False" in environment("-c", code, NOLIBPY_GUARD="warn", PYTHONPATH="").stdout
    assert (
        try_it("loud")
        == "nolibpy: invalid NOLIBPY_GUARD value 'loud' (expected warn, error or log)\n"
    )
    stopped = environment("-c", code, NOLIBPY_GUARD="error", PYTHONPATH="", check=False)
    assert stopped.returncode == 1

    assert nolibpy("disable", *python) == 0
    assert not file.exists()
    assert try_it("warn") == ""
    assert nolibpy("disable", *python) == 0
    assert "the guard was not enabled" in capsys.readouterr().out


def test_an_installed_package_is_imported_by_its_name(
    environment: Interpreter, stray: Path
) -> None:
    (site,) = Path(environment.path).parents[1].rglob("site-packages")
    (site / "no_libpython_dlopen").symlink_to(SRC / "no_libpython_dlopen")
    assert nolibpy("enable", "--python", environment.path) == 0
    assert str(SRC) not in (site / FILE).read_text()
    code = f"import ctypes; ctypes.CDLL({str(stray)!r})"
    result = environment("-c", code, NOLIBPY_GUARD="warn", PYTHONPATH="")
    assert "LibpythonWarning: NLP401" in result.stderr


def test_a_tree_of_processes_is_watched_and_writes_one_report(
    environment: Interpreter, stray: Path, tmp_path: Path
) -> None:
    assert nolibpy("enable", "--python", environment.path) == 0
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(f"import ctypes\nctypes.CDLL({str(stray)!r})\n")
    parent = (
        "import subprocess, sys\nfor name in sys.argv[1:]: subprocess.run([sys.executable, name])"
    )
    report = tmp_path / "report.json"
    variables = {"NOLIBPY_GUARD": "warn", "NOLIBPY_REPORT": str(report), "PYTHONPATH": ""}
    environment("-c", parent, tmp_path / "one.py", tmp_path / "two.py", **variables)
    names = [Path(entry["filename"]).name for entry in json.loads(report.read_text())]
    assert names == ["one.py", "two.py"]
    allowed = environment(
        "-c", parent, tmp_path / "one.py", NOLIBPY_ALLOW="libpython3.99*,x", **variables
    )
    assert allowed.stderr == ""


UNDER_ERROR = """
import sys
from no_libpython_dlopen.runtime.guard import startup
startup.from_environment()
exec(compile(open(sys.argv.pop(1)).read(), "program.py", "exec"))
"""


@pytest.mark.parametrize("code", SWALLOWED[:-1])
def test_under_error_a_process_fails_whatever_becomes_of_the_exception(
    version: Interpreter, stray: Path, tmp_path: Path, code: str
) -> None:
    path = tmp_path / "program.py"
    text = f"import ctypes, sys\nfile = open('{tmp_path}/kept', 'w')\nfile.write('kept')\n{code}\n"
    path.write_text(text + "print('ended')\n")
    result = version(
        "-c", UNDER_ERROR, path, stray, NOLIBPY_GUARD="error", check=False, PYTHONFAULTHANDLER="1"
    )
    assert result.returncode == 1, result.stderr
    assert result.stdout.endswith("ended\n")  # Python was finalized as always
    assert (tmp_path / "kept").read_text() == "kept"
    allowed = version(
        "-c", UNDER_ERROR, path, stray, NOLIBPY_GUARD="error", NOLIBPY_ALLOW="libpython3.99*"
    )
    assert allowed.stderr == ""


def test_a_report_with_a_relative_name_is_one_file_for_children_in_other_folders(
    environment: Interpreter, stray: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert nolibpy("enable", "--python", environment.path) == 0
    monkeypatch.chdir(tmp_path)
    child = f"import ctypes; ctypes.CDLL({str(stray)!r})"
    code = f"import os, subprocess, sys; os.chdir('/'); subprocess.run([sys.executable, '-c', {child!r}])"
    environment("-c", code, NOLIBPY_GUARD="warn", NOLIBPY_REPORT="report.json", PYTHONPATH="")
    assert len(json.loads((tmp_path / "report.json").read_text())) == 1


def test_under_error_the_exception_that_was_caught_is_told(
    python: Interpreter, stray: Path, tmp_path: Path
) -> None:
    path = tmp_path / "program.py"
    path.write_text("import ctypes, sys\ntry: ctypes.CDLL(sys.argv[1])\nexcept Exception: pass\n")
    result = python("-c", UNDER_ERROR, path, stray, NOLIBPY_GUARD="error", check=False)
    assert result.stderr.startswith(
        f"nolibpy: raised at program.py:2: NLP401 ctypes opens `{stray}`"
    )
    path.write_text("import ctypes, sys\nctypes.CDLL(sys.argv[1])\n")
    result = python("-c", UNDER_ERROR, path, stray, NOLIBPY_GUARD="error", check=False)
    assert (result.returncode, result.stderr.count("NLP401")) == (1, 1)
    for left in ("sys.stderr.close()", "sys.stderr = None"):
        path.write_text(
            f"import ctypes, sys\ntry: ctypes.CDLL(sys.argv[1])\nexcept Exception: pass\n{left}\n"
        )
        result = python("-c", UNDER_ERROR, path, stray, NOLIBPY_GUARD="error", check=False)
        assert (result.returncode, result.stdout, result.stderr) == (1, "", "")


def test_a_report_that_cannot_be_written_is_told_once(
    static: Interpreter, stray: Path, tmp_path: Path
) -> None:
    path = tmp_path / "program.py"
    load = "ctypes.CDLL(sys.argv[1])\n"
    path.write_text(f"import ctypes, sys\n{load}{load}print('ended')\n")
    report = {"NOLIBPY_GUARD": "warn", "NOLIBPY_REPORT": str(tmp_path / "none/report.json")}
    result = static("-c", UNDER_ERROR, path, stray, **report)
    told = f"nolibpy: {report['NOLIBPY_REPORT']}: cannot be written: No such file or directory\n"
    assert (result.stdout, result.stderr.count(told)) == ("ended\n", 1)
    assert result.stderr.count("NLP401") == 2
    path.write_text("print('ended')\n")
    assert static("-c", UNDER_ERROR, path, **report).stderr == ""


def test_where_nothing_is_found_the_status_is_the_programs_own(
    python: Interpreter, tmp_path: Path
) -> None:
    path = tmp_path / "program.py"
    path.write_text("import ctypes; ctypes.CDLL('libc.so.6'); raise SystemExit(3)")
    result = python("-c", UNDER_ERROR, path, NOLIBPY_GUARD="error", check=False)
    assert (result.returncode, result.stderr) == (3, "")


def test_from_python_3_15_on_a_start_file_takes_the_lines_place(
    environment: Interpreter, stray: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PEP 829; here the entry point is called by hand, a nox session has the real one."""
    folder = Path(Environment(environment.path).folder)
    monkeypatch.setattr(interpreter, "ask", lambda *_: {**asked, "version": [3, 15]})
    asked = {"folder": str(folder), "environment": True, "installed": False}
    before = set(folder.iterdir())
    assert nolibpy("enable", "--python", environment.path) == 0
    made = {path.name for path in set(folder.iterdir()) - before}
    assert made == {FILE, *START_FILES}
    name, _, function = (folder / FILE).with_suffix(".start").read_text().strip().partition(":")
    (folder / FILE).unlink()
    code = f"import {name}; {name}.{function}(); import ctypes; ctypes.CDLL({str(stray)!r})"
    result = environment("-c", code, NOLIBPY_GUARD="warn", PYTHONPATH="")
    assert "LibpythonWarning: NLP401" in result.stderr
    assert environment("-c", code, PYTHONPATH="").stderr == ""
    assert nolibpy("enable", "--python", environment.path) == 0
    assert nolibpy("disable", "--python", environment.path) == 0
    assert {path.name for path in set(folder.iterdir()) - before} <= {"__pycache__"}


def test_the_active_environment_counts_where_the_tool_is_installed_elsewhere(
    environment: Interpreter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(environment.path).parents[1]
    monkeypatch.setattr(sys, "argv", ["/opt/tools/nolibpy", "run"])
    monkeypatch.setenv("VIRTUAL_ENV", str(folder))
    assert active_python() == environment.path
    assert nolibpy("enable") == 0
    assert list(folder.rglob(FILE))
    for other in (sys.prefix, str(tmp_path / "gone"), ""):
        monkeypatch.setenv("VIRTUAL_ENV", other)
        assert active_python() == ""
    monkeypatch.setenv("VIRTUAL_ENV", str(folder))
    monkeypatch.setattr(sys, "argv", ["/x/no_libpython_dlopen/__main__.py", "run"])
    assert active_python() == ""


@pytest.mark.parametrize(
    "folder", ["pipx_metadata.json", "uv-receipt.toml", "uv/archive-v0/x/pyvenv.cfg"]
)
def test_an_environment_of_nolibpy_alone_is_not_enabled(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / folder
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.setattr(sys, "prefix", str(file.parent))
    assert nolibpy("enable") == 2
    assert f"{file.parent} contains only nolibpy" in capsys.readouterr().err
    assert nolibpy("status") in {0, 1}


def test_the_line_loads_nothing_while_the_variable_is_unset(environment: Interpreter) -> None:
    code = (
        "import sys; print(sorted(name for name in sys.modules if name.startswith('no_libpython')))"
    )
    assert nolibpy("enable", "--python", environment.path) == 0
    assert environment("-c", code, PYTHONPATH="").stdout == "[]\n"


@pytest.mark.parametrize(
    ("python", "line"),
    [
        (
            "/nowhere/python",
            "nolibpy: error: cannot run /nowhere/python: No such file or directory\n",
        ),
        ("/bin/echo", "nolibpy: error: /bin/echo is not a working Python interpreter\n"),
    ],
)
def test_what_is_no_interpreter_is_one_line(
    python: str, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert nolibpy("enable", "--python", python) == 2
    assert capsys.readouterr().err == line


def test_an_old_python_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    python = tmp_path / "python3.9"
    python.write_text('#!/bin/sh\necho \'{"version": [3, 9], "file": ""}\'\n')
    python.chmod(0o755)
    assert nolibpy("enable", "--python", str(python)) == 2
    assert capsys.readouterr().err == f"nolibpy: error: {python} is older than Python 3.10\n"


def test_a_folder_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)
    (site,) = tmp_path.rglob("site-packages")
    site.rmdir()
    python = str(tmp_path / "bin/python")
    assert nolibpy("enable", "--python", python) == 2
    assert capsys.readouterr().err.startswith(f"nolibpy: error: {site}/")


def test_what_lies_in_the_place_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A link is replaced and not followed; a directory or a read-only file is refused."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "v"], check=True)
    python = ["--python", str(tmp_path / "v/bin/python")]
    (site,) = tmp_path.rglob("site-packages")
    file, other = site / FILE, tmp_path / "other"
    other.write_text("a user's")
    for target in (other, tmp_path / "nowhere"):
        file.symlink_to(target)
        assert nolibpy("enable", *python) == 0
        assert not file.is_symlink()
        assert nolibpy("status", *python) == 0
        file.unlink()
    assert other.read_text() == "a user's"
    assert not (tmp_path / "nowhere").exists()

    file.symlink_to(tmp_path / "nowhere")
    assert nolibpy("disable", *python) == 0
    assert f"removed {file}" in capsys.readouterr().out
    assert not file.is_symlink()

    file.mkdir()
    assert nolibpy("enable", *python) == 2
    assert "not a regular file" in capsys.readouterr().err
    assert nolibpy("status", *python) == 1
    capsys.readouterr()
    assert nolibpy("disable", *python) == 2
    assert capsys.readouterr().err.startswith(f"nolibpy: error: cannot remove {file}: ")
    file.rmdir()

    file.write_text("")
    file.chmod(0o444)
    assert nolibpy("enable", *python) == 2
    assert capsys.readouterr().err.endswith(f"{file}: not written: the file is read-only\n")
    assert nolibpy("disable", *python) == 0
    assert sorted(path.name for path in site.glob(".nolibpy*")) == []


def test_a_file_of_an_older_version_is_told_and_replaced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)
    python = ["--python", str(tmp_path / "bin/python")]
    (site,) = tmp_path.rglob("site-packages")
    (site / FILE).write_text("import os; os.environ.get('NOLIBPY_GUARD') and print('old')\n")
    assert nolibpy("status", *python) == 0
    assert "`nolibpy guard enable` updates it" in capsys.readouterr().out
    assert nolibpy("enable", *python) == 0
    capsys.readouterr()
    assert nolibpy("status", *python) == 0
    assert capsys.readouterr().out == f"enabled: {site / FILE}\n"


@pytest.mark.parametrize("name", ["caf\xe9", "it's", 'a "b"', "a;b {c}"])
def test_the_line_leads_to_a_folder_of_any_name(
    name: str, tmp_path: Path, stray: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in latin-1, as an older Python in such a locale reads it, leads there as well."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "v"], check=True)
    home = tmp_path / name
    home.symlink_to(SRC)
    monkeypatch.setattr(site_hook, "_home", lambda: str(home))
    python = str(tmp_path / "v/bin/python")
    assert nolibpy("enable", "--python", python) == 0
    (file,) = tmp_path.rglob(FILE)
    line = file.read_bytes().decode("latin-1")
    code = f"exec({line!r}); import ctypes; ctypes.CDLL({str(stray)!r})"
    started = subprocess.run(
        [python, "-S", "-c", code],
        env={"NOLIBPY_GUARD": "warn"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "LibpythonWarning: NLP401" in started.stderr
