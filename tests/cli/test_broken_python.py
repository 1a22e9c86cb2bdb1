"""A file that does not parse is noticed where it is named, or where something could be in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LOAD = (
    'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so.1.0")\nprint(api.Py_GetVersion() != 0)\n'
)
BROKEN = {
    "nothing of ours": b"def f(:\n",
    "an import": b"import ctypes\n\n\ndef f(:\n",
    "an unfinished load": b'import ctypes\nctypes.CDLL("libpython3.11.so"\n',
    "an indent": b"if True:\nx = 1\n",
    "an unfinished string": b's = "\n',
    "latin-1": b"# coding: latin-1\ns = '\xe9\n",
}


def nolibpy(*arguments: str, cwd: Path, stdin: bytes = b"") -> tuple[int, str, str]:
    command = [sys.executable, "-m", "no_libpython_dlopen", *arguments]
    done = subprocess.run(command, cwd=cwd, input=stdin, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("command", ["check", "fix"])
def test_a_syntax_error_is_one_line_and_the_other_files_are_checked(
    command: str, data: bytes, tmp_path: Path
) -> None:
    (tmp_path / "a.py").write_bytes(data)
    (tmp_path / "b.py").write_text(LOAD)
    status, out, err = nolibpy(command, "--output-format=concise", "a.py", "b.py", cwd=tmp_path)
    lines = out.splitlines()
    assert (status, err) == (2, "")
    assert [line.startswith("a.py:") and " NLP900 " in line for line in lines].count(True) == 1
    assert ("b.py:3:7: NLP101" in out) is (command == "check")
    assert ("pythonapi" in (tmp_path / "b.py").read_text()) is (command == "fix")
    assert (tmp_path / "a.py").read_bytes() == data


def test_a_syntax_error_on_standard_input_is_one_line(tmp_path: Path) -> None:
    arguments = ("check", "--output-format=concise", "-", "--stdin-filename=x.py")
    status, out, err = nolibpy(*arguments, cwd=tmp_path, stdin=b"def f(:\n")
    assert (status, err) == (2, "")
    assert out.startswith("x.py:1:7: NLP900 syntax error")
    assert out.count("\n") == 1


#: Python 2, with the place and the beginning of what CPython says of it.
PYTHON_2 = {
    "print": (
        LOAD + 'print "x"\nprint("y") != 1\n',
        "5:1",
        "Missing parentheses in call to 'print'",
    ),
    "print to a file": (LOAD + "import sys\nprint >>sys.stderr, 'x'\n", None, ""),
    "exec": (LOAD + 'exec "x = 1"\n', "5:1", "Missing parentheses in call to 'exec'"),
    "raise": (LOAD + 'raise ValueError, "x"\n', "5:17", "invalid syntax"),
    "octal": (LOAD + "mode = 0644\n", "5:8", "leading zeros in decimal integer literals"),
}


@pytest.mark.parametrize(("code", "place", "message"), PYTHON_2.values(), ids=PYTHON_2)
def test_a_file_of_python_2_is_one_line_of_cpython(
    code: str, place: str | None, message: str, tmp_path: Path
) -> None:
    arguments = ("check", "--output-format=concise", "-", "--stdin-filename=x.py")
    status, out, _ = nolibpy(*arguments, cwd=tmp_path, stdin=code.encode())
    if place is None:  # which Python 3 parses as well
        assert (status, "NLP101" in out) == (1, True)
        return
    assert (status, out.count("\n")) == (2, 1)
    assert out.startswith(f"x.py:{place}: NLP900 syntax error: {message}")
    ignoring = nolibpy(*arguments, "--ignore=NLP900", cwd=tmp_path, stdin=code.encode())
    assert ignoring[1] == ""


#: A file, and whether a run over its directory reports it.
IN_DIRECTORY = {
    "nothing of ours": (b"def f(:\n", False),
    "an unfinished load": (BROKEN["an unfinished load"], True),
    "Python 2": (b'print "x"\n', False),
    "a load in Python 2": (LOAD.encode() + b'print "x"\n', True),
}


@pytest.mark.parametrize("others", [0, 26])
@pytest.mark.parametrize(("data", "reported"), IN_DIRECTORY.values(), ids=IN_DIRECTORY)
def test_the_status_does_not_depend_on_the_number_of_files(
    data: bytes, reported: bool, others: int, tmp_path: Path
) -> None:
    (tmp_path / "broken.py").write_bytes(data)
    for number in range(others):
        (tmp_path / f"m{number}.py").write_bytes(b"x = 1\n")
    names = [path.name for path in sorted(tmp_path.iterdir())]
    status, out, _ = nolibpy("check", ".", cwd=tmp_path)
    assert (status, "NLP900" in out) == ((2, True) if reported else (0, False))
    status, out, _ = nolibpy("check", *names, cwd=tmp_path)
    assert (status, out.count("NLP900")) == (2, 1)


@pytest.mark.parametrize(
    "text", ["print('\\d')\n", "x = 1 is 1\n", "\ufeffx = 1\n", "", "\f\nx = 1\n"]
)
def test_what_python_only_warns_of_is_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    status, out, err = nolibpy("check", "a.py", cwd=tmp_path)
    assert (status, out, err) == (0, "No findings in 1 file.\n", "")
