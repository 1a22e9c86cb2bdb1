"""Both distributions build from a clone, and what is built installs and works."""

from __future__ import annotations

import re
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tests.end_to_end.commands import run

pytest.importorskip("build")

pytestmark = pytest.mark.slow

LOAD = 'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'


@pytest.fixture(scope="module")
def built(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdists and wheels of both."""
    target = tmp_path_factory.mktemp("dist")
    for project in (tree, tree / "flake8_plugin"):
        # Without isolation: the backend is there already, and nothing is downloaded.
        done = run(
            *(sys.executable, "-m", "build", "--no-isolation", "--outdir", target, project),
            cwd=target,
        )
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    return target


def only(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def test_the_wheel_holds_the_package_and_nothing_beside_it(built: Path, tree: Path) -> None:
    with zipfile.ZipFile(only(built, "no_libpython_dlopen-*.whl")) as wheel:
        names = set(wheel.namelist())
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"no_libpython_dlopen"}
    sources = tree / "src"
    for path in (tree / "src" / "no_libpython_dlopen").rglob("*.py"):
        assert str(path.relative_to(sources)) in names
    assert "no_libpython_dlopen/py.typed" in names


def test_the_plugin_is_one_module(built: Path) -> None:
    with zipfile.ZipFile(only(built, "flake8_no_libpython_dlopen-*.whl")) as wheel:
        names = [name for name in wheel.namelist() if ".dist-info/" not in name]
    assert names == ["flake8_no_libpython_dlopen.py"]


def test_the_sdist_holds_what_its_tests_need(built: Path) -> None:
    with tarfile.open(only(built, "no_libpython_dlopen-*.tar.gz")) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert names >= {
        *("README.md", "LICENSE", "pyproject.toml", ".pre-commit-hooks.yaml"),
        *("tests/cases/names.tsv", "tests/test_architecture.py"),
        *("examples/tally/CMakeLists.txt", "flake8_plugin/pyproject.toml"),
    }
    assert not any("__pycache__" in name for name in names)


def test_no_link_of_the_readme_is_relative_on_the_index(built: Path) -> None:
    with zipfile.ZipFile(only(built, "no_libpython_dlopen-*.whl")) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        readme = wheel.read(name).decode().partition("\n\n")[2]
    links = re.findall(r"\]\(([^)]+)\)", readme)
    assert len(links) > 10
    assert [link for link in links if not link.startswith(("https://", "#"))] == []


def test_the_metadata_is_complete(built: Path) -> None:
    pytest.importorskip("twine", reason="no twine")
    done = run(sys.executable, "-m", "twine", "check", "--strict", *built.iterdir(), cwd=built)
    assert done.returncode == 0, done.stdout.decode()


@pytest.fixture(scope="module")
def environment(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment with both wheels; returns its folder of commands."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder)
    pip = (sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"))
    done = run(*pip, "install", "-q", *sorted(built.glob("*.whl")), cwd=folder)
    if b"No matching distribution" in done.stderr or b"Connection" in done.stderr:
        pytest.skip("packages cannot be installed here")
    assert done.returncode == 0, done.stderr.decode()
    return folder / "bin"


def test_the_installed_commands_work(environment: Path, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(LOAD)
    commands = (["nolibpy"], ["no-libpython-dlopen"], ["python", "-m", "no_libpython_dlopen"])
    for command in commands:
        done = run(
            *(environment / command[0], *command[1:], "check", "--output-format=concise", "."),
            cwd=tmp_path,
        )
        assert done.stdout.startswith(b"a.py:3:7: NLP101 ")
        assert done.returncode == 1
    done = run(environment / "flake8", "--select=NLP", "a.py", cwd=tmp_path)
    assert done.stdout.startswith(b"a.py:3:7: NLP101 ")


def test_what_is_installed_fits_together(environment: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--python", str(environment / "python"))
    done = run(*pip, "check", cwd=environment)
    assert done.returncode == 0, done.stdout.decode()
