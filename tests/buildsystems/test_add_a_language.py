"""A build language is added by one record in the registry and one folder with its code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.buildsystems import registry
from no_libpython_dlopen.buildsystems.registry import Language
from no_libpython_dlopen.engine.prefilter import prefilter
from no_libpython_dlopen.model import kind as kinds
from no_libpython_dlopen.model.kind import Kind, kind_of

#: The folder: a language whose lines are `link NAME…` and `// comment`.
FOLDER = {
    "__init__.py": "",
    "lexer.py": """
import re


def comments(text):
    return (match.span() for match in re.finditer(r"//[^\\r\\n]*", text))
""",
    "reader.py": """
import re

from no_libpython_dlopen.buildsystems.common.deletions import word
from no_libpython_dlopen.buildsystems.common.link_fact import deletion, link
from no_libpython_dlopen.knowledge.libpython_names import is_link_library
from no_libpython_dlopen.model.source import Unreadable


def read(source):
    for line in re.finditer(r"[^\\r\\n]+", source.text):
        code = line[0].split("//")[0]
        if code.strip() and not code.startswith("link "):
            raise Unreadable("expected `link`", source.locate(line.start()))
        for name in re.finditer(r"\\S+", code):
            if is_link_library(name[0]):
                start, end = line.start() + name.start(), line.start() + name.end()
                fix = deletion(name[0], word(source.text, start, end))
                yield link(source, start, end, fix)
""",
}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kind]:
    folder = tmp_path / "toybuild"
    folder.mkdir()
    for name, code in FOLDER.items():
        (folder / name).write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = {**kinds.KINDS}, {**kinds._BY_NAME}
    record = Language(
        Kind("toybuild", names=("toybuild.txt",)),
        "toybuild.lexer",
        ("toybuild.reader",),
        ((b"link ",), (b"python",)),
        comment_mark="//",
    )
    monkeypatch.setitem(registry.LANGUAGES, record.kind, record)
    yield record.kind
    for table, content in zip((kinds.KINDS, kinds._BY_NAME), before, strict=True):
        table.clear()
        table.update(content)


def checked(text: str, capsys: pytest.CaptureFixture[str]) -> list[tuple[str, int]]:
    """Return code and row of what the command reports of a file of the toy's."""
    Path("toybuild.txt").write_text(text)
    main(["check", "--isolated", "--output-format=json", "toybuild.txt"])
    found = json.loads(capsys.readouterr().out)
    return [(one["code"], one["location"]["row"]) for one in found]


def test_its_finding_is_reported(toy: Kind, capsys: pytest.CaptureFixture[str]) -> None:
    assert kind_of("sub/toybuild.txt") is toy
    assert checked("// spam\nlink m python3.11\n", capsys) == [("NLP201", 2)]


def test_its_comment_suppresses(toy: Kind, capsys: pytest.CaptureFixture[str]) -> None:
    assert toy in registry.LANGUAGES
    ignored = "link python3.11  // nolibpy: ignore[NLP201] a program loads it\n"
    assert checked(ignored, capsys) == []
    assert checked("link # nolibpy: ignore\nlink python3.11\n", capsys) == [("NLP201", 2)]
    assert checked("link python311  // nolibpy: ignore[NLP201]\n", capsys) == [("NLP901", 1)]


def test_its_error_is_a_finding(toy: Kind, capsys: pytest.CaptureFixture[str]) -> None:
    assert toy in registry.LANGUAGES
    assert checked("link python3.11\nlinks python3.11\n", capsys) == [("NLP900", 2)]


def test_it_is_fixed_and_commented(toy: Kind, capsys: pytest.CaptureFixture[str]) -> None:
    assert toy in registry.LANGUAGES
    file = Path("toybuild.txt")
    file.write_text("link m python3.11\n")
    main(["check", "--isolated", "--add-noqa", "toybuild.txt"])
    assert file.read_text() == "link m python3.11  // nolibpy: ignore[NLP201]\n"
    file.write_text("link m python3.11\n")
    main(["fix", "--isolated", "toybuild.txt"])
    assert file.read_text() == "link m\n"
    capsys.readouterr()


def test_the_prefilter_drops_what_is_clean(toy: Kind) -> None:
    assert prefilter(toy, b"LINK Python3.11\n").may_link
    for clean in (b"link m\n", b"python3.11\n"):
        assert not prefilter(toy, clean).may_link
