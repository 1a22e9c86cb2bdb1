"""Files whose size, or one line of which, made the tool itself slow or large."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api, fix_text
from tests.hostile.confined import confined

LOAD = b"import ctypes\nctypes.PyDLL('libpython3.11.so')\n"
DEEP_KEY = b"a" + b".a" * 60_000 + b" = 1\n"
MODULE = b"{libraries=['python3.11']},"


@pytest.mark.parametrize("form", ["text", "json", "sarif", "gitlab", "grouped"])
def test_thousands_of_findings_on_one_line_are_told_in_seconds(form: str, tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(b"[tool.setuptools]\next-modules=[" + MODULE * 3000 + b"]\n")
    command = [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated"]
    code = (
        "import os, resource, sys; resource.setrlimit(resource.RLIMIT_CPU, (20, 20)); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, *command, "--output-format", form, str(path)],
        capture_output=True,
        check=False,
    )
    assert run.returncode == 1, run.stderr
    assert b"NLP201" in run.stdout


def test_a_line_that_is_too_long_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "pyproject.toml"
    path.write_bytes(b"[tool.setuptools]\next-modules=[" + MODULE * 1000 + b"]\n")
    command = [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated", str(path)]
    shown = subprocess.run(command, capture_output=True, check=False, text=True).stdout
    assert "(a line of 27,015 characters)" in shown
    assert max(map(len, shown.splitlines())) < 200


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", b"[[tool.setuptools.ext-modules]]\nlibraries=['python3.11']\n[b]\n"),
        ("pyproject.toml", b"[[tool.setuptools.ext-modules]]\nlibraries=['python3.11']\nx={"),
    ],
)
def test_a_key_of_many_parts_takes_no_memory(name: str, text: bytes) -> None:
    def codes() -> list[str]:
        return [one.code for one in api.check_bytes(text + DEEP_KEY, name)]

    assert confined(codes, memory=200 << 20) == ["NLP900"]


def test_settings_with_such_a_key_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(LOAD)
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.nolibpy]\n" + DEEP_KEY)
    command = [sys.executable, "-m", "no_libpython_dlopen", "check", str(tmp_path / "a.py")]
    run = subprocess.run(command, capture_output=True, check=False, text=True)
    assert run.returncode == 2
    assert "a key has more than 100 parts" in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_a_number_of_many_digits_takes_no_memory() -> None:
    data = LOAD + b"x = " + b"9" * 2_000_000 + b"\n"
    assert confined(lambda: len(api.check_bytes(data, "a.py")), memory=300 << 20) == 1


def test_one_broken_fix_of_many_costs_few_analyses(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = 0
    step = fix_text._step

    def count(source, chosen, settings, **more):  # type: ignore[no-untyped-def]
        nonlocal tried
        tried += 1
        broken = any(finding.start.row == 77 for finding in chosen)
        return None if broken else step(source, chosen, settings, **more)

    monkeypatch.setattr(fix_text, "_step", count)
    loads = [f"ctypes.PyDLL('libpython3.{at}.so').Py_X()\n" for at in range(100)]
    data = "".join(["import ctypes\n", *loads]).encode()
    fixed = api.fix_bytes(data, "a.py", unsafe=True)
    assert [finding.start.row for finding in fixed.findings] == [77]
    assert tried < 60


#: Lines with unused comments, and how often they are repeated. The first took the square.
PATCHED = {
    "a comment between lines": ("x{n}\n# noqa: NLP101\n{n}\n", 6000),
    "alike lines": ("x\n# noqa: NLP101\ny\n", 300),
    "a comment in each second line": ("a  # noqa: NLP101\nb\n", 300),
    "a comment in each line": ("a{n}  # noqa: NLP101\n", 300),
    "comments only": ("# noqa: NLP101\n", 300),
}


@pytest.mark.parametrize("name", PATCHED)
def test_a_patch_of_many_changes_is_made_in_seconds_and_applies(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.sh"
    lines, count = PATCHED[name]
    text = "".join(lines.replace("{n}", str(at)) for at in range(count)) + "end"
    path.write_text(text)

    def fix(*options: str) -> str:
        code = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_CPU, (7, 7)); "
        code += "os.execv(sys.argv[1], sys.argv[1:])"
        command = [sys.executable, "-m", "no_libpython_dlopen", "fix", "-q", "--isolated"]
        run = subprocess.run(
            [sys.executable, "-c", code, *command, *options, path.name],
            capture_output=True,
            check=False,
            cwd=tmp_path,
        )
        assert run.returncode in (0, 1), run.stderr
        return run.stdout.decode()

    patch = fix("--diff")
    assert path.read_text() == text
    fix()
    fixed = path.read_text()
    assert "noqa" not in fixed
    path.write_text(text)
    subprocess.run(["patch", "-s", "-p0"], input=patch, text=True, check=True, cwd=tmp_path)
    assert path.read_text() == fixed
