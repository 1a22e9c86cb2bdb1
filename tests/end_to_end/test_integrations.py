"""What the documentation shows for other tools, tried with those tools."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import sys
import venv
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.docs.pages import blocks
from tests.end_to_end.commands import ROOT, run

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

yaml = pytest.importorskip("yaml", reason="comes with pre-commit")

pytestmark = pytest.mark.slow

LOAD = 'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
NO_INDEX = re.compile(r"No matching distribution|Connection|Temporary failure")


def shown(page: str, language: str, mark: str) -> str:
    """Return the one block of a page that has a word in it."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    (found,) = [b.text for b in blocks(text) if b.language == language and mark in b.text]
    return found


def test_ruff_keeps_our_comments_once_it_is_told_of_our_codes(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1  # noqa: NLP101\n")
    check = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "RUF100,RUF102"]
    (tmp_path / "pyproject.toml").write_text("")
    assert b"RUF10" in run(*check, "a.py", cwd=tmp_path).stdout
    (tmp_path / "pyproject.toml").write_text(shown("integrations.md", "toml", "external"))
    done = run(*check, "--fix", "a.py", cwd=tmp_path)
    assert done.returncode == 0, done.stdout.decode()
    assert (tmp_path / "a.py").read_text() == "x = 1  # noqa: NLP101\n"


def test_cibuildwheel_takes_our_audit_command(tmp_path: Path) -> None:
    pytest.importorskip("cibuildwheel", reason="from Python 3.11 on")
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\n' + shown("wheels.md", "toml", "audit-command")
    )
    command = [sys.executable, "-m", "cibuildwheel", "--print-build-identifiers", "--platform"]
    done = run(*command, "linux", cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert b"cp312-manylinux_x86_64" in done.stdout
    text = (tmp_path / "pyproject.toml").read_text().replace("audit-command", "audit-comand")
    (tmp_path / "pyproject.toml").write_text(text)
    assert run(*command, "linux", cwd=tmp_path).returncode != 0


def scripts_of(requirements: list[str], folder: Path) -> None:
    """Fill a folder with the commands that some requirements install, and no others.

    abi3audit, which is nobody's dependency here, is a command that does nothing.
    """
    folder.mkdir()
    for requirement in requirements:
        if requirement == "abi3audit":
            (folder / requirement).write_text('#!/bin/sh\necho audited "$@"\n')
            (folder / requirement).chmod(0o755)
            continue
        for script in distribution(requirement).entry_points.select(group="console_scripts"):
            (folder / script.name).symlink_to(Path(sys.executable).parent / script.name)


@pytest.mark.skipif(not shutil.which("gcc"), reason="no gcc")
def test_the_audit_commands_of_cibuildwheel_find_their_programs(tmp_path: Path) -> None:
    from zipfile import ZipFile

    from tests.end_to_end.test_pre_commit import needs_libpython

    needs_libpython(tmp_path / "spam.abi3.so")
    wheel = tmp_path / "spam-1.0-cp310-abi3-linux_x86_64.whl"
    with ZipFile(wheel, "w") as archive:
        archive.write(tmp_path / "spam.abi3.so", "spam.abi3.so")
        archive.writestr("spam-1.0.dist-info/RECORD", "spam.abi3.so,,\n")
    settings = tomllib.loads(shown("wheels.md", "toml", "audit-command"))["tool"]["cibuildwheel"]
    assert shown("integrations.md", "toml", "audit-command") == shown(
        "wheels.md", "toml", "audit-command"
    )
    scripts_of(settings["audit-requires"], tmp_path / "bin")
    path = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
    default, ours = settings["audit-command"]
    placed = shlex.quote(str(wheel))
    done = run("sh", "-c", default.replace("{abi3_wheel}", placed), cwd=tmp_path, env=path)
    assert (done.returncode, done.stdout) == (0, f"audited --strict --report {wheel}\n".encode())
    done = run("sh", "-c", ours.replace("{wheel}", placed), cwd=tmp_path, env=path)
    assert done.returncode == 1
    assert b"NLP301" in done.stdout


def test_the_job_of_gitlab_reports_and_fails(tmp_path: Path) -> None:
    job = yaml.safe_load(shown("ci.md", "yaml", "codequality:"))["nolibpy"]
    install, check = job["script"]
    assert install == "pip install no-libpython-dlopen"
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.py").write_text(LOAD)
    path = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    done = run("sh", "-c", check, cwd=tmp_path, env=path)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", b"")
    (issue,) = json.loads((tmp_path / job["artifacts"]["reports"]["codequality"]).read_text())
    assert issue["location"]["path"] == "a.py"
    assert issue["check_name"] == "NLP101"


def instructions() -> list[tuple[str, str]]:
    """Return what the container file says, a word and its arguments each."""
    text = (ROOT / "Containerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2]) for line in lines]


def test_the_container_file_copies_all_that_its_installation_needs(tmp_path: Path) -> None:
    """Does by hand what a builder does: copies, installs, and starts the entry point."""
    source, home = tmp_path / "source", tmp_path / "nolibpy"
    ignored = (ROOT / ".dockerignore").read_text().split()
    steps = instructions()
    for word, said in steps:
        if word == "COPY" and not said.startswith("--from"):
            *names, target = said.split()
            place = Path(target.replace("/source", str(source), 1))
            for name in names:
                assert f"!{name}" in ignored, "else a builder does not see it"
                copied = place if (ROOT / name).is_dir() else place / name
                copied.parent.mkdir(parents=True, exist_ok=True)
                copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
                copy(ROOT / name, copied)
    (install,) = [said for word, said in steps if word == "RUN" and "pip install" in said]
    assert install.startswith("python -m venv /opt/nolibpy && ")
    venv.create(home, with_pip=True)
    command = install.partition(" && ")[2]
    command = command.replace("/opt/nolibpy", str(home)).replace(" /source", f" {source}")
    done = run("sh", "-c", command, cwd=tmp_path)
    if NO_INDEX.search(done.stderr.decode()):
        pytest.skip("packages cannot be installed here")
    assert done.returncode == 0, done.stderr.decode()
    (entry,) = [json.loads(said) for word, said in steps if word == "ENTRYPOINT"]
    (default,) = [json.loads(said) for word, said in steps if word == "CMD"]
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_text("x = 1  # noqa: NLP101\n")
    program = entry[0].replace("/opt/nolibpy", str(home))
    done = run(program, *default, cwd=project)
    assert done.returncode == 1
    assert b"NLP901" in done.stdout
    assert (home / "share" / "man" / "man1" / "nolibpy.1").is_file()


def test_the_container_runs_as_an_ordinary_user() -> None:
    words = [word for word, _ in instructions()]
    assert words.index("USER") < words.index("ENTRYPOINT")
    (user,) = [said for word, said in instructions() if word == "USER"]
    assert any(f" {user}" in said for word, said in instructions() if word == "RUN")
