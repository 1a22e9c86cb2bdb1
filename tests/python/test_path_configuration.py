"""The lines of `.pth` files that `site` runs: found in trees, archives and environments."""

from __future__ import annotations

import ctypes
import io
import site
import tarfile
import zipfile
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.engine.api import check_bytes

OPENS = 'import ctypes; ctypes.PyDLL("libpython3.11.so").Py_IsInitialized()'
FOUND = {
    "alone": (f"{OPENS}\n", (1, 16)),
    "without a line ending": (OPENS, (1, 16)),
    "behind directories and comments": (f"/some/where\n# a comment\n\n./lib\n{OPENS}\n", (5, 16)),
    "CRLF": (f"/some/where\r\n{OPENS}\r\n", (2, 16)),
    "byte order mark": (f"\ufeff{OPENS}\n", (1, 16)),
    "behind a tab": (OPENS.replace("import ", "import\t"), (1, 16)),
    "non-ASCII directory": (f"/home/Ä/\u2028x\n{OPENS}\n", (2, 16)),
    "names of another line": (f"import ctypes\n{OPENS.partition('; ')[2]}\n{OPENS}\n", (3, 16)),
    "other import": ("import ctypes.util, ctypes as c; c.PyDLL('libpython3.11.so').f()\n", (1, 34)),
    "exec": ("import os; exec('import ctypes\\nctypes.CDLL(\"libpython3.11.so\").f()')\n", (1, 33)),
    **{
        f"behind U+{ord(end):04X} for Python 3.13": (f"/home/Ä{end}{OPENS}\n", (1, 24))
        for end in "\v\f\x1c\x1d\x1e\x85\u2028\u2029"
    },
    "behind a comment and a form feed": (f"# c\f{OPENS}\r\n", (1, 20)),
    "behind code and a form feed": (f"import a\f{OPENS}", (1, 25)),
    "behind code, a directory and form feeds": (f"import a\f/x\f{OPENS}\n", (1, 28)),
    "before a form feed": (f"{OPENS}\fno code here\n", (1, 16)),
    "between form feeds": (f"\f\f{OPENS}\f/some/where\n", (1, 18)),
    "behind a first form feed, nearly there": (f"\f{OPENS}\f/some/where\n", (1, 16)),
    "behind a directory of zeros": (f"00;{OPENS}\n{OPENS}\n", (2, 16)),
    "around a form feed in a text": (f"import a; x = '\f'; {OPENS}\n", (1, 35)),
    "directory like a mark": (f"#|{OPENS}\n{OPENS}\n", (2, 16)),
}
SILENT = {
    "directories": "/opt/spam\n../libpython3.11.so\n",
    "virtualenv": "import _virtualenv\n",
    "distutils-precedence": "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, "
    "'local') == 'local'; enabled and __import__('_distutils_hack').add_shim(); \n",
    "editable": "import __editable___spam_1_0_finder; __editable___spam_1_0_finder.install()\n",
    "nspkg": "import sys, types, os;has_mfs = sys.version_info > (3, 5);p = os.path.join(sys._getframe(1)"
    ".f_locals['sitedir'], *('mpl_toolkits',));m = has_mfs and sys.modules.setdefault('x', 1)\n",
    "coverage": "import sys; exec('try: import coverage; coverage.process_startup()\\nexcept: pass')\n",
    "no code: an indented line": f"  {OPENS}\n",
    "no code: it begins otherwise": "from ctypes import CDLL; CDLL('libpython3.11.so').f()\n"
    "ctypes.CDLL('libpython3.11.so').f()\nimportctypes\n",
    "in a comment": f"# {OPENS}\n",
    "other library": "import ctypes; ctypes.CDLL('libspam.so').f()\n",
    "suppressed": f"{OPENS}  # noqa: NLP101\n",
    "suppressed in the file": f"# nolibpy: ignore-file[NLP101]\n/some\n{OPENS}\n",
    "no code: behind form feeds": f"/x\f  {OPENS}\f#{OPENS}\fimporter; {OPENS}\n",
    "a comment behind a form feed": f"/x\f{OPENS}  # noqa: NLP101\n",
    "with a NUL": f"{OPENS}\n\0",
    "many directories and no code": "/opt/libpython3.11.so/ctypes.PyDLL\n" * 10_000,
    "many directories, and what setuptools wrote around them": "import sys; sys.__plen = 1\n"
    + "/opt/eggs/spam-1.0-py3.11.egg\n" * 10_000,
    "nothing": "",
}


@pytest.mark.parametrize(("text", "place"), FOUND.values(), ids=FOUND)
def test_a_line_that_runs_is_found(text: str, place: tuple[int, int]) -> None:
    (found,) = check_bytes(text.encode(), "spam.pth")
    assert (found.code, (found.start.row, found.start.column)) == ("NLP101", place)
    assert found.fix is None
    assert "`.pth` files are not rewritten" in found.no_fix_reason or "exec" in text


#: Lines with the rows in which libpython is opened, and the one at which ``site`` stops.
STOPPED = {
    "in front": (f"{OPENS}\nimport sys; print 'x'\n", [1], 2),
    "behind": (f"/x\nimport sys; print 'x'\n{OPENS}\n", [], 2),
    "between": (f"{OPENS}\n/y\n# c\nimport a b\n{OPENS}\n# d\n\n{OPENS}\n", [1], 4),
    "the first of two": (f"{OPENS}\nimport (\n{OPENS}\nimport )\n", [1], 2),
    "brackets over two lines": (f"{OPENS}\nimport os; x = (\nimport os)\n{OPENS}\n", [1], 2),
    "a text over two lines": (f"{OPENS}\nimport os; x = '''\nimport y; '''\n", [1], 2),
    "a backslash at the end": (f"{OPENS}\nimport os; \\\n{OPENS}\n", [1], 2),
    "behind a tab": (f"{OPENS}\nimport\t(\n", [1], 2),
    "CRLF": (f"{OPENS}\r\nimport (\r\n{OPENS}\r\n", [1], 2),
    "a form feed in front of a word": (f"{OPENS}\nimport a\x0cimport b\n", [1], 0),
    "a directory that is no code": (f"{OPENS}\nfrom x import (\n{OPENS}\n", [1, 3], 0),
    "an indented line": (f"{OPENS}\n import (\n{OPENS}\n", [1, 3], 0),
}


@pytest.mark.parametrize(("text", "rows", "stop"), STOPPED.values(), ids=STOPPED)
def test_lines_before_one_that_cannot_be_parsed_are_read(
    text: str, rows: list[int], stop: int
) -> None:
    found = [(one.code, one.start.row) for one in check_bytes(text.encode(), "spam.pth")]
    assert found == [*(("NLP101", row) for row in rows), *[("NLP900", stop)] * bool(stop)]


@pytest.mark.parametrize("text", [text for text, _, _ in STOPPED.values()], ids=STOPPED)
def test_as_many_lines_run_as_site_runs(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []
    monkeypatch.setattr("ctypes.PyDLL", lambda name: opened.append(name) or ctypes.pythonapi)
    (tmp_path / "spam.pth").write_bytes(text.encode())
    site.addpackage(str(tmp_path), "spam.pth", set())
    found = check_bytes(text.encode(), "spam.pth")
    assert len(opened) == sum(one.code == "NLP101" for one in found)


def test_what_cannot_be_parsed_behind_a_form_feed_stops_as_well() -> None:
    found = check_bytes(f"{OPENS}\n/x\fimport (\n{OPENS}\n".encode(), "spam.pth")
    assert [(one.code, one.start.row) for one in found] == [("NLP101", 1), ("NLP900", 2)]


def test_a_comment_behind_such_a_line_counts() -> None:
    text = f"{OPENS}\nimport (\n# nolibpy: ignore-file[NLP101]\n"
    assert [one.code for one in check_bytes(text.encode(), "spam.pth")] == ["NLP900"]


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_other_lines_are_silent(text: str) -> None:
    assert not check_bytes(text.encode(), "spam.pth")


def test_a_long_file_in_another_encoding_is_searched_for_loaders() -> None:
    lines = b"import sys; sys.__plen = 1\n" + b"/caf\xe9\n" * 20_000
    assert not check_bytes(lines, "spam.pth")
    (found,) = check_bytes(lines + OPENS.encode(), "spam.pth")
    assert found.code == "NLP900"


@pytest.mark.parametrize("before", [b"/caf\xe9\n", b"# caf\xe9\n", b"import os; x = '\xe9'\n"])
def test_a_file_in_another_encoding_is_read(before: bytes) -> None:
    (found,) = check_bytes(before + OPENS.encode(), "spam.pth")
    assert (found.start.row, found.start.column) == (2, 16)


def test_what_the_next_module_gives_is_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "helper.py").write_text("import ctypes\ndef load(name): return ctypes.CDLL(name)\n")
    (tmp_path / "a.pth").write_text("import helper; helper.load('libpython3.11.so').f()\n")
    assert main(["check", "--isolated", "--output-format=concise", str(tmp_path)]) == 1
    assert "NLP101" in capsys.readouterr().out


def archives() -> dict[str, bytes]:
    """Return a wheel, the same with weights of a model, and a source archive, by their names."""
    packed = {}
    for name, more in (("a-1-py3-none-any.whl", b""), ("b-1-py3-none-any.whl", b"\x80\x02\0")):
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as made:
            made.writestr("a.pth", more + f"/x\n{OPENS}\n".encode())
        packed[name] = file.getvalue()
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as tar:
        about = tarfile.TarInfo("a-1/src/a.pth")
        about.size = len(OPENS)
        tar.addfile(about, io.BytesIO(OPENS.encode()))
    return {**packed, "a-1.tar.gz": file.getvalue()}


def test_files_in_archives_and_folders_are_read_and_weights_are_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, data in archives().items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "c.pth").write_text(f"{OPENS}\n")
    (tmp_path / "weights.pth").write_bytes(b"\x80\x02\0" + OPENS.encode())
    assert main(["check", "--isolated", "--output-format=concise", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    places = [line.partition(": ")[0].rpartition("/")[2] for line in lines if "NLP" in line]
    assert places == ["a-1-py3-none-any.whl!a.pth:2:16", "a.pth:1:16", "c.pth:1:16"]


WEIGHTS = {
    "pickle": b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\0" + OPENS.encode(),
    "zip": b"PK\x03\x04\0\0\x08\x08\0\0" + OPENS.encode(),
    "NUL further behind": b"/x\n" * 200 + OPENS.encode() + b"\n\0",
    "a large zip": b"PK\x03\x04" + f"{OPENS}\n".encode() * 40_000,
    "a large pickle": b"\x80\x04" + f"{OPENS}\n".encode() * 40_000,
    "large, with a NUL": b"\n\0" + f"{OPENS}\n".encode() * 40_000,
}
LARGE = f"/some/where\n{OPENS}\n" * 40_000


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (LARGE, ":1:1"),
        ("\ufeff" + LARGE, ":1:1"),
        ("# €\n" + "/some/where\n" * 200_000 + OPENS, ":1:1"),
        ("/some/where\n" * 200_000, ""),
    ],
)
def test_a_text_that_is_too_large_is_told_not_to_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, place: str
) -> None:
    """It is given in a directory, by its name, and in an archive; without code it is passed over."""
    path = tmp_path / "in/large.pth"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.write(path, "large.pth")
    for given in (path, path.parent, tmp_path / "a.zip"):
        status = main(["check", "--isolated", "--output-format=concise", str(given)])
        found = [line for line in capsys.readouterr().out.splitlines() if "NLP" in line]
        assert status == (2 if place else 0)
        assert [f"large.pth{place}: NLP900" in line for line in found] == [True] * bool(place)


@pytest.mark.parametrize("data", WEIGHTS.values(), ids=WEIGHTS)
@pytest.mark.parametrize("command", ["check", "fix"])
def test_weights_that_are_named_are_skipped(
    command: str,
    data: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    path = tmp_path / "weights.pth"
    path.write_bytes(data)
    assert main([command, "--isolated", "--force-exclude", str(path)]) == 0
    out, err = capfdbinary.readouterr()
    assert (out, err) == (b"", b"nolibpy: warning: no files to check\n")
    assert path.read_bytes() == data
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert main([command, "--isolated", "--stdin-filename", "weights.pth", "-"]) == 0
    out, err = capfdbinary.readouterr()
    assert out == (data if command == "fix" else b"")
    assert err == b"nolibpy: warning: no files to check\n"
    (tmp_path / "a.pth").write_text(f"{OPENS}\n")
    assert main([command, "--isolated", str(path), str(tmp_path / "a.pth")]) == 1


def test_a_comment_is_added_and_deleted_and_all_else_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    before = f"#|odd\r\n/caf\u00e9\r\n{OPENS}\r\n/\u00e4\f{OPENS}\r\nno-code".encode()
    path.write_bytes(before)
    assert main(["check", "--isolated", "--add-noqa", str(path)]) == 0
    assert path.read_bytes() == before.replace(b"lized()", b"lized()  # noqa: NLP101")
    assert main(["check", "--isolated", str(path)]) == 0
    path.write_bytes(path.read_bytes().replace(b"libpython", b"libother"))
    assert main(["fix", "--isolated", str(path)]) == 0
    assert path.read_bytes() == before.replace(b"libpython", b"libother")
