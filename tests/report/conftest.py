"""Findings of every shape, in a repository of their own, as a run would hand them on."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.model.finding import Applicability, Edit, Finding, Fix, Location, Related
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source

LOADS = """\
import ctypes

name = "libpython3.11.so"
"é𝒳"; api = ctypes.PyDLL(name)
other = ctypes.CDLL(
    "libpython3.11.so", mode=ctypes.RTLD_GLOBAL
)
"""


def place(source: Source, text: str) -> tuple[Location, Location]:
    """Return where a text stands in a source."""
    offset = source.text.index(text)
    return source.locate(offset), source.locate(offset + len(text))


def edit(source: Source, old: str, new: str) -> Edit:
    offset = source.text.index(old)
    return Edit(offset, offset + len(old), old, new)


def loads() -> FileResult:
    source = Source("src/loads.py", Kind.PYTHON, LOADS.encode())
    start, end = place(source, "ctypes.PyDLL(name)")
    plain = Finding(
        code="NLP101",
        message="`ctypes.PyDLL` opens `libpython3.11.so`; use `ctypes.pythonapi`",
        path=source.path,
        start=start,
        end=end,
        fix=Fix(
            Applicability.SAFE,
            "use `ctypes.pythonapi`",
            (
                edit(source, "ctypes.PyDLL(name)", "ctypes.pythonapi"),
                edit(source, 'name = "libpython3.11.so"\n', ""),
            ),
        ),
        noqa_row=4,
        resolved="libpython3.11.so",
        related=(Related("`name` is assigned here", *place(source, 'name = "libpython3.11.so"')),),
    )
    call = source.text[source.text.index("ctypes.CDLL") : -1]
    start, end = place(source, call)
    long = Finding(
        code="NLP101",
        message="`ctypes.CDLL` opens `libpython3.11.so`; use `ctypes.pythonapi`",
        path=source.path,
        start=start,
        end=end,
        fix=Fix(
            Applicability.UNSAFE,
            "use `ctypes.pythonapi`",
            (edit(source, call, "ctypes.pythonapi"),),
            ("other modules may live on the symbols",),
        ),
        noqa_row=5,
        resolved="libpython3.11.so",
    )
    return FileResult(source.path, (plain, long), source)


def unused() -> FileResult:
    path = "odd, 100%: name\n\x1b[31m \udcff.py"
    source = Source(path, Kind.PYTHON, b"x = 1  # noqa: NLP101\n")
    start, end = place(source, "# noqa: NLP101")
    finding = Finding(
        "NLP901", "`# noqa: NLP101` suppresses nothing (NLP101)", path, start, end, noqa_row=1
    )
    return FileResult(path, (finding,), source)


def unreadable() -> FileResult:
    path = "broken.py"
    source = Source(path, Kind.PYTHON, b"a = '\xff'\n")
    finding = Finding("NLP900", "cannot be read: not utf-8 text", path, Location(1, 1))
    return FileResult(path, (finding,), source)


def wheel() -> FileResult:
    path = "dist/a-1.0-cp312-cp312-linux_x86_64.whl"
    member = f"{path}!a/_a.cpython-312-x86_64-linux-gnu.so"
    finding = Finding(
        "NLP301",
        "extension module `_a` needs `libpython3.12.so.1.0`",
        member,
        fix=Fix(Applicability.SAFE, "remove the entry"),
    )
    return FileResult(path, (finding,))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a repository that is the working directory."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def results(repository: Path) -> list[FileResult]:
    """The results of files in that repository."""
    return [loads(), unreadable(), unused(), wheel()]
