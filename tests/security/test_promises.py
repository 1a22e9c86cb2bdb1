"""What SECURITY.md promises: nothing read is run, written or sent, nobody outside decides."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from tests.end_to_end.commands import run

pytestmark = pytest.mark.slow

AUDITED = Path(__file__).with_name("audited.py")
LOAD = 'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
#: Each would leave a trace if it were run, imported or asked.
PROJECT = {
    "setup.py": "open('trace', 'w')\nfrom setuptools import setup, Extension\n"
    "setup(ext_modules=[Extension('m', ['m.c'], libraries=['python3.11'])])\n",
    "conftest.py": "open('trace', 'w')\n" + LOAD,
    "sitecustomize.py": "open('trace', 'w')\n",
    "libcst/__init__.py": "open('trace', 'w')\n",
    "pathspec.py": "open('trace', 'w')\n",
    "evaluated.py": "import ctypes, os\nname = f'libpython{os.system(\"touch trace\")}3.11.so'\n"
    "api = ctypes.PyDLL(name + str(eval('open(\"trace\", \"w\")')))\n"
    "lib = ctypes.PyDLL('libpython3.11.so')\nlib.PyErr_Clear()\n",
    "numbers.py": "import ctypes\nn = [].__class__.__base__.__subclasses__()\n"
    'api = ctypes.PyDLL("libpython{0.__class__.__init__.__globals__}.so".format(n))\n',
    "codec.py": "# coding: trace\n" + LOAD,
    "CMakeLists.txt": "execute_process(COMMAND touch trace)\nfind_package(Python3)\n"
    "python3_add_library(m MODULE m.c)\ntarget_link_libraries(m Python3::Python)\n",
    "meson.build": "run_command('touch', 'trace')\npy = import('python').find_installation()\n"
    "py.extension_module('m', 'm.c', dependencies: py.dependency(embed: true))\n",
    "Makefile": "X := $(shell touch trace)\nm.so: m.o\n\tgcc -shared -o $@ $< -lpython3.11\n",
    "build.sh": "touch trace\ngcc -shared -o m.so m.o $(python3-config --ldflags --embed)\n",
    "notes.ipynb": '{"cells": [{"cell_type": "code", "metadata": {}, "outputs": [], "source": '
    '["!touch trace\\n", "import ctypes\\n", "ctypes.PyDLL(\\"libpython3.11.so\\").Py_X()"], '
    '"execution_count": null}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "pyproject.toml": "[tool.nolibpy]\nextend-select = ['NLP901']\n[build-system]\n"
    "requires = ['file:///nowhere']\nbuild-backend = 'conftest'\nbackend-path = ['.']\n",
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in PROJECT.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "project"


def audited(project: Path, *arguments: str) -> str:
    command = [sys.executable, str(AUDITED), str(project), *arguments]
    done = run(*command, cwd=project, env={"PYTHONPATH": ""})
    said = (done.stdout + done.stderr).decode()
    assert "REFUSED" not in said, said
    assert "internal error" not in said, said
    return said


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "."),
        ("check", "--jobs=1", "--no-respect-gitignore", "--output-format=json", "."),
        ("check", "--output-format=sarif", "."),
        ("fix", "--diff", "--unsafe-fixes", "."),
    ],
    ids=" ".join,
)
def test_a_check_runs_imports_writes_and_sends_nothing(
    project: Path, arguments: tuple[str, ...]
) -> None:
    said = audited(project, *arguments)
    assert "NLP101" in said or "pythonapi" in said
    assert not list(project.rglob("trace"))
    assert not list(project.rglob("__pycache__"))


def test_a_fix_runs_imports_and_sends_nothing_and_stays_in_the_project(project: Path) -> None:
    before = set(os.listdir(project.parent))
    audited(project, "fix", "--unsafe-fixes", ".")
    assert "ctypes.pythonapi" in (project / "conftest.py").read_text()
    assert not list(project.rglob("trace"))
    assert set(os.listdir(project.parent)) == before


def test_the_hook_of_these_tests_refuses_what_it_should(project: Path) -> None:
    """Were it deaf, they would show nothing."""
    said = run(
        sys.executable, AUDITED, project, "check", "--output-file=report", ".", cwd=project
    ).stdout.decode()
    assert "REFUSED open . for writing" in said


# Who decides


def lines(folder: Path, *arguments: str, **variables: str) -> list[str]:
    command = (sys.executable, "-m", "no_libpython_dlopen", "check", "--output-format=concise")
    done = run(*command, *arguments, cwd=folder, env=variables)
    return (done.stdout + done.stderr).decode().splitlines()


SILENCE = '[tool.nolibpy]\nignore = ["NLP"]\n'


def test_no_configuration_above_the_root_of_the_repository_counts(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(SILENCE)
    inner = tmp_path / "repository" / "package"
    inner.mkdir(parents=True)
    (inner / "a.py").write_text(LOAD)
    (warning,) = lines(inner, ".")
    assert "all rules are disabled" in warning
    (inner.parent / ".git").mkdir()
    assert [line.split()[1] for line in lines(inner, ".")] == ["NLP101"]


def test_no_file_of_the_user_or_the_system_counts(tmp_path: Path) -> None:
    home = tmp_path / "home"
    for name in ("pyproject.toml", ".config/nolibpy/pyproject.toml", ".nolibpy.toml", ".gitignore"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("*\n" if name == ".gitignore" else SILENCE)
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_text(LOAD)
    found = lines(project, ".", HOME=str(home), XDG_CONFIG_HOME=str(home / ".config"))
    assert [line.split()[1] for line in found] == ["NLP101"]


def test_the_folder_that_the_command_is_started_in_decides_nothing_about_other_projects(
    tmp_path: Path,
) -> None:
    here, other = tmp_path / "here", tmp_path / "other"
    for folder in (here, other):
        (folder / ".git").mkdir(parents=True)
        (folder / "a.py").write_text(LOAD)
    (here / "pyproject.toml").write_text(SILENCE)
    assert [line.split()[1] for line in lines(here, "../other", ".")] == ["NLP101"]


def test_a_configuration_can_write_nowhere_and_run_nothing(tmp_path: Path) -> None:
    for key in ("output-file", "write-baseline", "plugins", "command", "require", "output"):
        (tmp_path / "pyproject.toml").write_text(f'[tool.nolibpy]\n{key} = "trace"\n')
        (tmp_path / "a.py").write_text(LOAD)
        assert any(f"unknown key `{key}`" in line for line in lines(tmp_path, "."))
        assert sorted(os.listdir(tmp_path)) == ["a.py", "pyproject.toml"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are Unix's")
def test_a_fixed_file_keeps_its_mode_and_is_never_open_to_more(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(LOAD)
    path.chmod(0o640)
    run(sys.executable, "-m", "no_libpython_dlopen", "fix", "-q", ".", cwd=tmp_path)
    assert "pythonapi" in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


ESCAPES = "\x1b]52;c;b3duZWQ=\x07"


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", f"no{ESCAPES}where.py"),
        ("check", f"--{ESCAPES}"),
        (f"{ESCAPES}",),
        ("check", f"--select={ESCAPES}", "."),
        ("check", f"--output-format={ESCAPES}", "."),
        ("explain", ESCAPES),
        ("check", f"--config={ESCAPES}.toml", "."),
        ("check", "--output", f"{ESCAPES}=x", "."),
        ("check", f"--baseline={ESCAPES}", "."),
    ],
    ids=range(9),
)
def test_messages_of_wrong_arguments_hold_no_escapes(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    done = run(sys.executable, "-m", "no_libpython_dlopen", *arguments, cwd=tmp_path)
    said = (done.stdout + done.stderr).decode()
    assert said
    assert [char for char in said if not char.isprintable() and char != "\n"] == []


def test_messages_of_a_wrong_configuration_hold_no_escapes(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(LOAD)
    for text in ('[tool.nolibpy]\n"\\u001b[2J" = 1\n', '[tool.nolibpy]\nselect = ["\\u001b[2J"]\n',
                 "[tool.nolibpy]\n\x1b[2J = 1\n", '[tool.nolibpy]\nexclude = ["\\u009b["]\nx="\x1b"\n'):  # fmt: skip
        (tmp_path / "pyproject.toml").write_text(text)
        said = "\n".join(lines(tmp_path, "."))
        assert [char for char in said if not char.isprintable() and char != "\n"] == []
        assert "pyproject.toml" in said
