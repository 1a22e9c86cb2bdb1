"""The fix as a codemod of libcst: it does what ``nolibpy fix`` does with Python code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import libcst as cst
import pytest
from libcst.codemod import CodemodContext, SkipFile

from no_libpython_dlopen.codemod import UsePythonapi
from no_libpython_dlopen.model.limits import Limit
from no_libpython_dlopen.python.syntax import parse

HEAD = "import ctypes\n"
PYDLL = 'ctypes.PyDLL("libpython3.11.so")'
VIEW = 'ctypes.PyDLL("libpython3.11.so", handle=ctypes.pythonapi._handle)'
PRELOAD = 'ctypes.CDLL("libpython3.11.so", mode=ctypes.RTLD_GLOBAL)'


def rewritten(text: str, name: str = "module.py", *, unsafe: bool = False) -> str:
    command = UsePythonapi(CodemodContext(filename=name), unsafe_fixes=unsafe)
    return command.transform_module(cst.parse_module(text)).code


#: A module, and what the codemod makes of it: by itself, and with the unsafe fixes.
MODULES = [
    (f"a = {PYDLL}\na.x()\n", "a = ctypes.pythonapi\na.x()\n", ""),
    (
        f"a = {PYDLL}\na.x()\nb = {PYDLL}\nb.x()\n",
        "a = ctypes.pythonapi\na.x()\nb = ctypes.pythonapi\nb.x()\n",
        "",
    ),
    (f"{PRELOAD}\n", f"{PRELOAD}\n", "-"),
    (f"f({PYDLL}, {PYDLL})\n", f"f({VIEW}, {VIEW})\n", "f(ctypes.pythonapi, ctypes.pythonapi)\n"),
    (
        f"a = {PYDLL}\na.x.restype = None\n",
        f"a = {VIEW}\na.x.restype = None\n",
        "a = ctypes.pythonapi\na.x.restype = None\n",
    ),
    (f"a = {VIEW}\na.x.restype = None\n", f"a = {VIEW}\na.x.restype = None\n", ""),
    (f"a = {PYDLL}  # noqa: NLP101\na.x()\n", f"a = {PYDLL}  # noqa: NLP101\na.x()\n", ""),
    (
        f"# nolibpy: ignore-file another interpreter\na = {PYDLL}\na.x()\n",
        f"# nolibpy: ignore-file another interpreter\na = {PYDLL}\na.x()\n",
        "",
    ),
    ("x = 1\n", "x = 1\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("before", "safe", "unsafe"), MODULES)
def test_the_fixes_that_are_asked_for_are_made(before: str, safe: str, unsafe: str) -> None:
    assert rewritten(HEAD + before) == HEAD + safe
    assert rewritten(HEAD + before, unsafe=True) == HEAD + (unsafe or safe).removeprefix("-")


def test_a_link_of_a_setup_script_is_fixed() -> None:
    text = (
        "from setuptools import Extension, setup\n"
        'setup(ext_modules=[Extension("a", ["a.c"], libraries=["python3.11", "m"])])\n'
    )
    assert rewritten(text, "setup.py") == text.replace('"python3.11", ', "")


#: A configuration, and whether the load is rewritten.
CONFIGURATIONS = {
    "": True,
    'ignore = ["NLP101"]': False,
    'unfixable = ["NLP101"]': False,
    'per-file-ignores = { "mod*.py" = ["NLP1"] }': False,
    'per-file-ignores = { "other.py" = ["NLP1"] }': True,
}


@pytest.mark.parametrize(("keys", "is_rewritten"), CONFIGURATIONS.items(), ids=CONFIGURATIONS)
def test_the_configuration_of_the_project_applies(
    tmp_path: Path, keys: str, is_rewritten: bool
) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.nolibpy]\n{keys}\n")
    before = f"{HEAD}a = {PYDLL}\na.x()\n"
    after = rewritten(before, str(tmp_path / "module.py"))
    assert (after != before) == is_rewritten


@pytest.mark.parametrize(
    ("pattern", "is_skipped"), [("module.py", True), ("/sub/", True), ("/module.py", False)]
)
def test_an_excluded_file_is_skipped(tmp_path: Path, pattern: str, is_skipped: bool) -> None:
    (tmp_path / "nolibpy.toml").write_text(f'extend-exclude = ["{pattern}"]\n')
    (tmp_path / "sub").mkdir()
    before, path = f"{HEAD}a = {PYDLL}\na.x()\n", str(tmp_path / "sub" / "module.py")
    if not is_skipped:
        assert rewritten(before, path) != before
        return
    with pytest.raises(SkipFile, match="excluded by the configuration"):
        rewritten(before, path)


def test_unsafe_fixes_may_be_configured(tmp_path: Path) -> None:
    (tmp_path / "nolibpy.toml").write_text("unsafe-fixes = true\n")
    assert rewritten(f"{HEAD}{PRELOAD}\n", str(tmp_path / "module.py")) == HEAD


def test_an_error_in_the_configuration_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "nolibpy.toml").write_text("selekt = []\n")
    context = CodemodContext(filename=str(tmp_path / "module.py"))
    UsePythonapi(context).transform_module(cst.parse_module("x = 1\n"))
    assert any("selekt" in warning for warning in context.warnings)


def test_a_file_that_exceeds_a_limit_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    few = Limit(1000, parse.PYTHON_NODES.unit)  # libcst takes seconds for all
    monkeypatch.setattr(parse, "PYTHON_NODES", few)
    text = f"{HEAD}a = {PYDLL}\na.x()\nb = [{'0, ' * 1200}]\n"
    with pytest.raises(SkipFile, match="1,000 nodes"):
        rewritten(text)


@pytest.mark.slow
def test_it_runs_under_the_driver_of_libcst(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text('from ctypes import PyDLL\napi = PyDLL("libpython3.so")\napi.f()\n')
    name = "no_libpython_dlopen.codemod.UsePythonapi"
    done = subprocess.run(
        [sys.executable, "-m", "libcst.tool", "codemod", "--no-format", "-x", name, str(path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert path.read_text() == "from ctypes import pythonapi\napi = pythonapi\napi.f()\n"
