"""A real flake8 reports what ``nolibpy check`` reports: codes, places and words."""

from __future__ import annotations

import codecs
import importlib.util
import sys
from pathlib import Path

import pytest

from tests.end_to_end.commands import ROOT, nolibpy, run
from tests.variants import ACROSS_MODULES, write_project

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not importlib.util.find_spec("flake8_no_libpython_dlopen"),
        reason="the plugin is not installed (pip install ./flake8_plugin)",
    ),
]

CASES = ROOT / "tests" / "cases"
LOAD = 'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'

#: Files that are read in their own way, each with its name.
ODD = {
    "plain": LOAD.encode(),
    "crlf": LOAD.replace("\n", "\r\n").encode(),
    "mark": codecs.BOM_UTF8 + LOAD.encode(),
    "latin": ("# coding: latin-1\n# ä\n" + LOAD).encode("latin-1"),
    "columns": 'import ctypes; x = "é𝒳"; y = ctypes.PyDLL("libpython3.11.so")\ny.f()\n'.encode(),
    "tabs": b'import ctypes\nif ctypes:\n\tx = ctypes.PyDLL("libpython3.11.so")\n\tx.f()\n',
    "no_newline": LOAD.rstrip("\n").encode(),
    "not_utf8": LOAD.encode() + "# ä\n".encode("latin-1"),
    "view": LOAD.replace("PyErr_Clear()", "PyErr_Clear.restype = None").encode(),
    "viewed": LOAD.replace('.so")', '.so", handle=ctypes.pythonapi._handle)').encode(),
    "noqa": LOAD.replace('so")', 'so")  # noqa').encode(),
    "noqa_code": LOAD.replace('so")', 'so")  # noqa: NLP101').encode(),
    "noqa_other": LOAD.replace('so")', 'so")  # noqa: E501').encode(),
    "noqa_below": LOAD.replace(
        '"libpython3.11.so")', '\n  "libpython3.11.so",\n)  # noqa'
    ).encode(),
    "ours": LOAD.replace('so")', 'so")  # nolibpy: ignore[NLP101] on purpose').encode(),
    "ours_unused": b"x = 1  # nolibpy: ignore[NLP101]\n",
    "unused": b"x = 1  # noqa: NLP101\n",
    "file_ours": b"# nolibpy: ignore-file\n" + LOAD.encode(),
    "file_flake8": b"# flake8: noqa\n" + LOAD.encode(),
    "form_feed": LOAD.replace("\n\n", "\n\x0c\n").encode(),
    "clean": b"print(1)\n",
    "empty": b"",
}


def flake8(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> list[str]:
    """Return the lines of flake8 for our codes, as ``concise`` would write them."""
    done = run(
        *(sys.executable, "-m", "flake8", "--isolated", "--select=NLP", *arguments),
        cwd=cwd,
        stdin=stdin,
    )
    assert not done.stderr, done.stderr.decode()
    return [line.removeprefix("./") for line in done.stdout.decode().splitlines()]


def check(*arguments: str | Path, cwd: Path, stdin: bytes = b"") -> list[str]:
    return sorted(
        nolibpy("check", "--output-format=concise", *arguments, cwd=cwd, stdin=stdin), key=_place
    )


def _place(line: str) -> tuple[str, int, int, str]:
    path, row, column, rest = line.split(":", 3)
    return path, int(row), int(column), rest


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("odd")
    for name, data in ODD.items():
        (folder / f"{name}.py").write_bytes(data)
    return folder


def test_flake8_knows_the_plugin() -> None:
    done = run(sys.executable, "-m", "flake8", "--version", cwd=ROOT)
    assert b"flake8-no-libpython-dlopen: " in done.stdout.replace(b"\n", b" ")


def test_on_the_cases_of_python_it_says_the_same() -> None:
    found = check(".", cwd=CASES / "python")
    assert sorted(flake8(".", cwd=CASES / "python"), key=_place) == found
    assert len(found) >= 20


def test_on_the_setup_scripts_of_the_cases_it_says_the_same() -> None:
    names = sorted(str(path.relative_to(CASES)) for path in CASES.glob("build/*/setup.py"))
    found = check(*names, cwd=CASES)
    assert sorted(flake8(*names, cwd=CASES), key=_place) == found
    assert len(found) >= 4


def test_on_odd_files_it_says_the_same(odd: Path) -> None:
    found = check(".", cwd=odd)
    assert sorted(flake8(".", cwd=odd), key=_place) == found
    assert {line.partition(".")[0] for line in found} == {
        *("plain", "crlf", "mark", "latin", "columns", "tabs", "no_newline", "not_utf8"),
        *("noqa_other", "ours_unused", "unused", "form_feed", "view"),
    }


@pytest.mark.parametrize("name", ["plain", "crlf", "mark", "latin", "columns", "noqa_code"])
def test_on_standard_input_it_says_the_same(name: str, odd: Path) -> None:
    shown = "--stdin-display-name=elsewhere.py"
    found = check("-", "--stdin-filename=elsewhere.py", cwd=odd, stdin=ODD[name])
    assert flake8("-", shown, cwd=odd, stdin=ODD[name]) == found


def test_standard_input_is_not_mixed_up_with_the_file_of_its_name(odd: Path) -> None:
    found = flake8("-", "--stdin-display-name=clean.py", cwd=odd, stdin=LOAD.encode())
    assert [_place(line)[:3] for line in found] == [("clean.py", 3, 7)]
    assert flake8("-", "--stdin-display-name=plain.py", cwd=odd, stdin=b"x = 1\n") == []


def test_without_noqa_all_is_shown(odd: Path) -> None:
    found = flake8("--disable-noqa", "noqa.py", "noqa_code.py", "ours.py", cwd=odd)
    assert [_place(line)[0] for line in found] == ["noqa.py", "noqa_code.py"]
    assert found == check("--ignore-noqa", "noqa.py", "noqa_code.py", "ours.py", cwd=odd)


def test_a_syntax_error_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(LOAD + "def (:\n")
    done = run(sys.executable, "-m", "flake8", "--isolated", "broken.py", cwd=tmp_path)
    codes = [line.split()[1] for line in done.stdout.decode().splitlines()]
    assert codes.count("E999") == 1
    assert not [code for code in codes if code.startswith("NLP")]


def test_the_configuration_of_nolibpy_holds(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.nolibpy.per-file-ignores]\n"quiet.py" = ["NLP1"]\n'
    )
    for name in ("quiet.py", "loud.py"):
        (tmp_path / name).write_text(LOAD)
    found = flake8(".", cwd=tmp_path)
    assert found == check(".", cwd=tmp_path)
    assert [_place(line)[0] for line in found] == ["loud.py"]


def test_a_wrong_configuration_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.nolibpy]\nselekt = []\n")
    (tmp_path / "a.py").write_text(LOAD)
    done = run(sys.executable, "-m", "flake8", "--isolated", "a.py", cwd=tmp_path)
    told = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == 1
    assert "unknown key `selekt`" in told
    assert "Traceback" not in told


def test_flake8_leaves_libcst_alone_where_all_is_clean(odd: Path) -> None:
    code = (
        "import sys, flake8.main.application as main\n"
        "main.Application().run(['--isolated', '--jobs=1', 'clean.py', 'empty.py'])\n"
        "assert 'flake8_no_libpython_dlopen' in sys.modules\n"
        "assert not {'libcst', 'rich', 'pathspec'} & set(sys.modules)\n"
    )
    done = run(sys.executable, "-c", code, cwd=odd)
    assert done.returncode == 0, done.stderr.decode()


def test_other_modules_of_the_project_count(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "loader.py").write_text(
        "import ctypes\n\n\ndef load(name):\n    return ctypes.CDLL(name)\n"
    )
    app = tmp_path / "app.py"
    app.write_text('from loader import load\n\nload("libpython3.12.so")\n')
    command = (sys.executable, "-m", "flake8", "--isolated", "--select=NLP", app)
    assert b"app.py:3:1: NLP101" in run(*command, cwd=tmp_path).stdout


def test_across_modules_it_says_the_same_as_the_command(tmp_path: Path) -> None:
    found = 0
    for index, title in enumerate(ACROSS_MODULES):
        found += sum(map(len, write_project(title, tmp_path / str(index)).values()))
    told = check(".", cwd=tmp_path)
    assert sorted(flake8(".", cwd=tmp_path), key=_place) == told
    assert len(told) == found > len(ACROSS_MODULES)


def test_other_linters_notes_on_shared_nodes_are_not_followed(tmp_path: Path) -> None:
    """Pyflakes up to 4.0 notes the parent of each node, of the shared ``ast.Not()`` as well."""
    program = (
        "import ast, resource\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (20, 20))\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))\n"
        "from no_libpython_dlopen.engine.api import check_bytes\n"
        "tree = ast.parse('x = not (a + b)')\n"
        "for node in ast.walk(tree):\n"
        "    for child in ast.iter_child_nodes(node):\n"
        "        child.parent = node\n"
        "text = b'''from setuptools import Extension, setup\n"
        "lib = 'python3.11'\n"
        "assert not (lib + lib).isspace()\n"
        "setup(ext_modules=[Extension('a', ['a.c'], libraries=[lib])])\n'''\n"
        "print(*(one.code for one in check_bytes(text, 'setup.py')))\n"
    )
    done = run(sys.executable, "-c", program, cwd=tmp_path)
    assert done.stdout == b"NLP201\n", done.stderr.decode()


@pytest.mark.parametrize(("name", "rows"), [("LIBPYTHON", [3]), ("OTHER", [])])
@pytest.mark.parametrize("is_saved", [True, False], ids=["saved", "from the editor"])
def test_names_of_other_modules_are_followed(
    tmp_path: Path, name: str, rows: list[int], is_saved: bool
) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "paths.py").write_text('LIBPYTHON = "libpython3.11.so"\nOTHER = "libm.so.6"\n')
    text = f"import ctypes\nfrom paths import {name}\napi = ctypes.PyDLL({name})\napi.f()\n"
    (tmp_path / "app.py").write_text(text if is_saved else "")
    given = ("app.py",) if is_saved else ("--stdin-display-name=app.py", "-")
    found = flake8(*given, cwd=tmp_path, stdin=text.encode())
    assert [int(line.split(":")[1]) for line in found] == rows
