"""What a word may reach: never less than what the analysis follows."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from no_libpython_dlopen.model.source import Kind, Source
from no_libpython_dlopen.python.dataflow import expression_walk
from no_libpython_dlopen.python.evaluator.interpreter import AbstractInterpreter
from no_libpython_dlopen.python.library_loads import find_loads
from no_libpython_dlopen.python.meeting import may_meet
from no_libpython_dlopen.python.mentions import Mentions, look
from no_libpython_dlopen.python.syntax import parse

CASES = Path(__file__).parent.parent / "cases" / "python"
PACKAGES = Path(sysconfig.get_path("purelib"))


def loads(source: Source, mentions: Mentions | None) -> list[tuple[int, int, str]]:
    """Return where libpython is loaded, with or without the knowledge of mentions."""
    module = parse.parse(source)
    positions = parse.Positions(module, source.text)
    with parse.deep_recursion():
        found = list(find_loads(AbstractInterpreter(module, mentions)))
    return sorted((*positions.span(one.node), one.loader) for one in found if one.libpython_names)


def compare(path: Path) -> int:
    """Check that mentions change nothing that is found; return how much that is."""
    source = Source(str(path), Kind.PYTHON, path.read_bytes())
    mentions = look(source.text)
    assert isinstance(mentions, Mentions)
    without = loads(source, None)
    assert loads(source, mentions) == without
    assert (mentions.may_load and may_meet(source.text)) or not without
    return len(without)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.py")), ids=lambda path: path.stem)
def test_mentions_hide_no_load_of_a_case(path: Path) -> None:
    compare(path)


def test_mentions_hide_no_load_in_installed_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without them an analysis may take longer than a user would wait.
    monkeypatch.setattr(expression_walk, "MAX_SECONDS", 120)
    words = (b"CDLL", b"PyDLL", b"dlopen", b"LoadLibrary", b"load_library", b"cdll")
    paths = [
        path
        for path in sorted(PACKAGES.rglob("*.py"))
        if path.stat().st_size < 60_000 and any(word in path.read_bytes() for word in words)
    ]
    for path in paths:
        compare(path)
    assert len(paths) > 5


@pytest.mark.parametrize(
    "text",
    [
        'import ctypes\nlib = ctypes.CDLL("libc.so.6")\nlib.puts(b"a")\n',
        'from ctypes import CDLL\nlib = CDLL("libc.so.6", use_errno=True) or CDLL(None)\n',
        'import ctypes.util\nlib = ctypes.CDLL(ctypes.util.find_library("c"))\nlib.abs(1)\n',
        'from ctypes import cdll\nlibm = cdll.LoadLibrary("libm.so.6")\nprint(libm.cos)\n',
        "import ctypes\nprint(ctypes.c_int(3), ctypes.sizeof(ctypes.c_long))\n",
        "from ctypes import PyDLL, Structure\n\n\nclass Point(Structure):\n    pass\n\n\nPoint()\n",
    ],
)
def test_what_loads_another_library_outright_needs_no_analysis(text: str) -> None:
    mentions = look(text)
    assert isinstance(mentions, Mentions)
    assert not mentions.may_load


@pytest.mark.parametrize(
    "text",
    [
        "import ctypes\nlib = ctypes.CDLL(name)\n",
        'import ctypes\nload = ctypes.CDLL\nlib = load("libpython3.11.so")\n',
        'import ctypes\nlib = getattr(ctypes, f"{x}DLL")("libpython3.11.so")\n',
        'import ctypes\nlib = ctypes.__dict__["PyDLL"]("libpython3.11.so")\n',
        'import ctypes\n\n\ndef f(g):\n    return g("libpython3.11.so")\n\n\nf(ctypes.CDLL)\n',
        'import ctypes\n\n\nclass A:\n    load = ctypes.PyDLL\n\n\nA().load("libpython3.so")\n',
        'import ctypes\nd = {}\nd["x"] = ctypes.CDLL\nd["x"]("libpython3.11.so")\n',
        'import ctypes\nd = []\nd.append(ctypes.CDLL)\nd[0]("libpython3.11.so")\n',
        'from ctypes import cdll as c\nc["libpython3.11.so"]\n',
        'import numpy\nnumpy.ctypeslib.load_library("libpython3.11", ".")\n',
        'import ctypes\nlib = ctypes.CDLL("libc.so.6", handle=1) or ctypes.CDLL(name="libpython3.so")\n',
    ],
)
def test_a_loader_is_followed_through_names(text: str) -> None:
    mentions = look(text)
    assert isinstance(mentions, Mentions)
    assert mentions.may_load


def test_text_that_this_interpreter_cannot_parse_is_a_value() -> None:
    assert isinstance(look("def f(:\n"), SyntaxError)
