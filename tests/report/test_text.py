"""The report for people: frames, marks, the chain, the fix as a diff; on any terminal."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from no_libpython_dlopen import report
from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.model.finding import Applicability, Edit, Finding, Fix, Related
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source

WIDTH = 60
#: What a report may hold of what cannot be printed: colours are off, so nothing.
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def result(
    text: str,
    marked: str,
    *,
    new: str | None = None,
    related: str = "",
    resolved: str = "libpython3.so",
    path: str = "a.py",
) -> FileResult:
    """Return a finding on ``marked``, which a fix replaces by ``new``."""
    source = Source(path, Kind.PYTHON, text.encode())
    start = text.index(marked)
    end = start + len(marked)
    places: tuple[Related, ...] = ()
    if related:
        at = text.index(related)
        places = (
            Related("it is assigned here", source.locate(at), source.locate(at + len(related))),
        )
    fix = None
    if new is not None:
        fix = Fix(Applicability.SAFE, "do it", (Edit(start, end, marked, new),))
    finding = Finding(
        *("NLP101", "it is wrong", path, source.locate(start), source.locate(end)),
        fix=fix,
        resolved=resolved,
        related=places,
    )
    return FileResult(path, (finding,), source)


def shown(found: FileResult, *, width: int = WIDTH, encoding: str = "utf-8") -> list[str]:
    out = io.StringIO()
    context = report.Context(width=width, encoding=encoding)
    report.load("text").write([found], out, context)
    lines = out.getvalue().splitlines()
    assert lines.pop() == ""
    return lines


def marks(lines: list[str]) -> tuple[str, str]:
    """Return a frame's marked row and the marks under it, without the gutter."""
    at = next(number for number, line in enumerate(lines) if "^" in line)
    return lines[at - 1].partition("| ")[2], lines[at].partition("| ")[2]


def test_a_finding_is_shown_with_its_chain_and_its_fix() -> None:
    text = '# top\nname = "libpython3.so"\n\n\ndef f():\n    return PyDLL(name)\n'
    found = result(text, "PyDLL(name)", new="pythonapi", related='name = "libpython3.so"')
    assert shown(found) == [
        "a.py:6:12: NLP101 it is wrong",
        "  |",
        '2 | name = "libpython3.so"',
        "  | ---------------------- it is assigned here",
        "...",
        "5 | def f():",
        "6 |     return PyDLL(name)",
        "  |            ^^^^^^^^^^^ resolves to libpython3.so",
        "  |",
        "  = safe fix: do it",
        "6 -     return PyDLL(name)",
        "6 +     return pythonapi",
    ]


def test_a_finding_with_two_fixes_names_both() -> None:
    found = result("f()\n", "f", new="g")
    (finding,) = found.findings
    assert finding.fix
    other = Fix(Applicability.UNSAFE, "do something else", (Edit(0, 3, "f()", "h"),))
    both = replace(finding.fix, caveats=("it is slow",), alternative=other)
    assert shown(found._replace(findings=(replace(finding, fix=both),)))[-5:] == [
        "  = safe fix: do it",
        "1 - f()",
        "1 + g()",
        "  = note: it is slow",
        "  = unsafe fix: do something else (--unsafe-fixes)",
    ]


#: A text, what is marked in it, what replaces that, and the diff of the fix.
DIFFS = [
    ("a\nb\nc\n", "b", "B", ["2 - b", "2 + B"]),
    ("a\nb\nc\n", "b\n", "", ["2 - b"]),
    ("a\nb\nc\n", "b\n", "b\nb2\n", ["3 + b2"]),
    ("a\nb\nc", "c", "", ["3 - c"]),
    ("f(\n  a,\n  b,\n)\n", "f(\n  a,\n  b,\n)", "g", ["1 - f(", "2 -   a,", "3 -   b,", "4 - )", "1 + g"]),
    ("f(\n  a,\n  b,\n)\n", ",\n  b", "", ["3 -   b,"]),
    ("a\r\nb\r\nc\r\n", "b", "B", ["2 - b", "2 + B"]),
    ("1\n2\n3\n4\n5\n6\n7\n", "1\n2\n3\n4\n5\n6\n7", "x", ["1 - 1", "2 - 2", "3 - 3", "...", "7 - 7", "1 + x"]),
    ("a = [b]\n", "[b]", "\x1b[31m", ["1 - a = [b]", "1 + a = \\x1b[31m"]),
    ("\tb\n", "b", "c", ["1 -     b", "1 +     c"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new", "expected"), DIFFS, ids=range(len(DIFFS)))
def test_a_fix_is_shown_by_the_rows_that_it_changes(
    text: str, old: str, new: str, expected: list[str]
) -> None:
    lines = shown(result(text, old, new=new))
    assert lines[lines.index("  = safe fix: do it") + 1 :] == expected


def test_the_parts_of_a_fix_that_lie_apart_are_shown_apart() -> None:
    text = "import a, b\nx = 1\nb.f()\n"
    source = Source("a.py", Kind.PYTHON, text.encode())
    at = text.index("b.f")
    edits = (Edit(8, 11, ", b", ""), Edit(at, at + 1, "b", "a"))
    fix = Fix(Applicability.UNSAFE, "do it", edits, ("for a reason",))
    place = source.locate(at)
    found = Finding("NLP101", "wrong", "a.py", place, source.locate(at + 1), fix=fix)
    lines = shown(FileResult("a.py", (found,), source))
    assert lines[-6:] == [
        "  = unsafe fix: do it (--unsafe-fixes)",
        *("1 - import a, b", "1 + import a", "3 - b.f()", "3 + a.f()"),
        "  = note: for a reason",
    ]


LONG = f"{'x' * 200} = PyDLL(name); {'y' * 200}\n"


def test_of_what_led_to_a_finding_the_first_row_is_marked() -> None:
    text = 'use("python3")\n\nmodule = Extension(\n    "spam",\n    libraries=[],\n)\n'
    found = result(text, '"python3"', related=text[text.index("Ext") : -1], resolved="")
    assert shown(found)[1:-1] == [
        "  |",
        '1 | use("python3")',
        "  |     ^^^^^^^^^",
        "...",
        "3 | module = Extension(",
        "  |          ---------- it is assigned here",
    ]


def test_of_a_long_row_the_part_around_the_mark_is_shown() -> None:
    lines = shown(result(LONG, "PyDLL(name)", new="pythonapi", resolved=""))
    assert lines[2:4] == [
        "1 | ...xxxxxxxxx = PyDLL(name); yyyyyyyyyyyyyyyyyyyyyyyyy...",
        "  |                ^^^^^^^^^^^",
    ]
    assert lines[-2:] == [
        "1 - ...xxxxxxxxx = PyDLL(name); yyyyyyyyyyyyyyyyyyyyyyyyy...",
        "1 + ...xxxxxxxxx = pythonapi; yyyyyyyyyyyyyyyyyyyyyyyyyyy...",
    ]


def test_a_note_without_room_beside_its_mark_stands_under_it() -> None:
    row = "api = ctypes.PyDLL(name)"
    found = result(f"{row}\n", row, resolved="libpython3.11.so.1.0")
    assert shown(found, width=61)[3] == f"  | {'^' * 24} resolves to libpython3.11.so.1.0"
    assert shown(found, width=40)[3:5] == [
        f"  | {'^' * 24}",
        "  | resolves to libpython3.11.so.1.0",
    ]
    assert shown(found, width=20)[3:6] == [
        *("  | ^^^^^^^^^^^^^^^^", "  | resolves to libp", "  | ython3.11.so.1.0")
    ]


#: Rows on which a character is not a column; what is marked is always ``PyDLL(x)``.
ROWS = [
    "\tapi = PyDLL(x)",
    "a\t= PyDLL(x)",
    '"é"; PyDLL(x)',
    '"日本語"; PyDLL(x)',
    '"🐍🐍"; PyDLL(x)',
    '"\x1b[31mred\x07"; PyDLL(x)',
    '"\u202egnirts"; PyDLL(x)',
    '"\x00\x85"; PyDLL(x)'.replace("\x00", "\x01"),
]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
@pytest.mark.parametrize("row", ROWS)
def test_marks_stand_under_what_they_mark(row: str, encoding: str) -> None:
    body, under = marks(shown(result(f"{row}\n", "PyDLL(x)", resolved=""), encoding=encoding))
    body.encode(encoding)
    before = cell_len(body[: body.index("PyDLL(x)")])
    assert under == " " * before + "^" * len("PyDLL(x)")


@settings(max_examples=200)
@given(
    before=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=80),
    after=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=80),
    width=st.integers(20, 120),
)  # fmt: skip
def test_no_frame_is_wider_than_the_terminal_or_moves_its_cursor(
    before: str, after: str, width: int
) -> None:
    text = f"# {before}\nx = PyDLL(name)  # {after}\n"
    found = result(text, "PyDLL(name)", new="pythonapi", related=f"# {before}", resolved=after)
    lines = shown(found, width=width)
    assert not UNPRINTABLE.search("".join(lines))
    frame = [line for line in lines[1:] if not line.startswith("  = ")]
    assert max(map(cell_len, frame)) <= width


def test_a_name_that_is_made_to_deceive_is_shown_escaped() -> None:
    path = "a\x1b]0;title\x07\n\u202e\udcff.py"
    lines = shown(result("PyDLL(x)\n", "PyDLL(x)", path=path))
    assert lines[0] == "a\\x1b]0;title\\x07\\n\\u202e\\xff.py:1:1: NLP101 it is wrong"


UNUSED = "é = '日本'  # noqa: NLP101\n"


def run(folder: Path, *argv: str, env: dict[str, str] | None = None) -> tuple[int, bytes]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "no_libpython_dlopen", *argv],
        cwd=folder,
        env={**kept, **(env or {})},
        capture_output=True,
        check=False,
    )
    assert not done.stderr
    return done.returncode, done.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "ü.py").write_text(UNUSED, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "env",
    [
        {"PYTHONIOENCODING": "ascii"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "POSIX", "PYTHONIOENCODING": "latin-1"},
    ],
    ids=["ascii", "C", "latin-1"],
)
@pytest.mark.parametrize("name", ["text", "concise", "json", "sarif", "junit", "github"])
def test_a_terminal_without_unicode_is_served(name: str, env: dict[str, str], folder: Path) -> None:
    status, out = run(folder, "check", "--output-format", name, env=env)
    assert status == 1
    assert b"NLP901" in out
    out.decode("latin-1" if "latin-1" in env.values() else "ascii")
    if name == "text" and "latin-1" not in env.values():
        assert out.splitlines()[2:4] == [
            rb"1 | \xe9 = '\u65e5\u672c'  # noqa: NLP101",
            rb"  |                        ^^^^^^^^^^^^^^",
        ]


@pytest.mark.parametrize(
    ("env", "options", "coloured"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"FORCE_COLOR": "1"}, ["--no-color"], False),
        ({"FORCE_COLOR": "1", "NO_COLOR": ""}, [], True),
    ],
)
def test_colour_is_for_those_who_want_it(
    env: dict[str, str], options: list[str], coloured: bool, folder: Path
) -> None:
    _, out = run(folder, "check", *options, env=env)
    assert (b"\x1b[" in out) == coloured
    _, plain = run(folder, "check")
    assert re.sub(rb"\x1b\[[0-9;]*m", b"", out) == plain


@pytest.mark.parametrize(
    ("env", "coloured"),
    [({"TERM": "xterm"}, True), ({"TERM": "dumb"}, False), ({"TERM": "xterm", "NO_COLOR": "1"}, False)],
)  # fmt: skip
def test_a_terminal_is_coloured_unless_it_cannot_or_shall_not(
    env: dict[str, str], coloured: bool, folder: Path
) -> None:
    master, slave = pty.openpty()
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "-m", "no_libpython_dlopen", "check"]
    subprocess.run(
        command, cwd=folder, env={**kept, **env}, stdout=slave, stderr=slave, check=False
    )
    os.close(slave)
    out = b""
    with contextlib.suppress(OSError):  # where all has been read, Linux says EIO
        while piece := os.read(master, 1 << 16):
            out += piece
    os.close(master)
    assert b"NLP901" in out
    assert (b"\x1b[" in out) == coloured


def test_the_width_is_that_of_the_terminal_or_of_columns(folder: Path) -> None:
    (folder / "ü.py").write_text(f"{'x' * 200} = 1  # noqa: NLP101\n", encoding="utf-8")
    for env, width in ({}, 100), ({"COLUMNS": "20"}, 20), ({"COLUMNS": "150"}, 150):
        _, out = run(folder, "check", env=env)
        row = next(line for line in out.decode().splitlines() if line.startswith("1 |"))
        assert cell_len(row) == width


SUMMARIES = [
    ("x = 1  # noqa: NLP101\n", [], "1 finding in 1 file, 1 fixable with `nolibpy fix`."),
    ("x = 1\n", [], "No findings in 1 file."),
    ("x = 1  # noqa: NLP101\n" * 2, [], "2 findings in 1 file, 2 fixable with `nolibpy fix`."),
    ("x = '\udcff'  # noqa: NLP101\n", [], "1 file (or archive member) could not be read."),
]


@pytest.mark.parametrize(("text", "options", "expected"), SUMMARIES, ids=range(len(SUMMARIES)))
def test_the_last_lines_count(text: str, options: list[str], expected: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.py").write_bytes(text.encode("utf-8", "surrogateescape"))
    _, out = run(tmp_path, "check", *options)
    assert expected in out.decode().splitlines()[-2:]


def test_statistics_count_each_rule(folder: Path) -> None:
    (folder / "b.py").write_text("x = 1  # noqa: NLP101\n" * 11)
    (folder / "c.py").write_bytes(b"# noqa: NLP101\n\xff\n")
    _, out = run(folder, "check", "--statistics", "-q", "--output-format", "concise")
    assert out.decode().splitlines()[-2:] == [
        *("    12  NLP901  unused-suppression", "     1  NLP900  unreadable")
    ]
