"""Python made to crash, stall or fill the tool: read, or refused in one line, in bounds."""

from __future__ import annotations

import sys
from functools import partial

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source
from tests.hostile.confined import confined
from tests.hostile.texts import COMMENTS, CUT_OFF, FOUND, REFUSED, SILENT, nested_loops

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="needs fork and resource limits"),
]

NAME = "hostile.py"


def codes(text: str) -> list[tuple[str, str]]:
    """Return the codes and messages of a text, checked and fixed in bounds."""
    data = text.encode()

    def work() -> list[tuple[str, str]]:
        found = api.check_bytes(data, NAME)
        fixed = api.fix_bytes(data, NAME, unsafe=True)
        if any(one.code == "NLP900" for one in found):
            assert fixed.data == data
        return [(one.code, one.message) for one in found]

    return confined(work)


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_exceeds_a_bound_is_told_in_one_line_and_left_alone(text: str) -> None:
    found = codes(text)
    assert [code for code, _ in found] == ["NLP900"]
    assert found[0][1].isprintable()
    assert "internal error" not in found[0][1]


@pytest.mark.parametrize("text", FOUND.values(), ids=FOUND)
def test_a_load_among_things_that_repeat_is_found(text: str) -> None:
    assert [code for code, _ in codes(text) if code != "NLP901"] == ["NLP101"]


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_what_cannot_be_followed_is_unknown_and_so_silent(text: str) -> None:
    assert codes(text) == []


@pytest.mark.parametrize("count", [1, 4, 5, 8])
def test_what_the_innermost_loop_binds_is_known_when_it_runs_again(count: int) -> None:
    assert [code for code, _ in codes(nested_loops(count))] == ["NLP101"]


def test_loops_that_are_nested_too_deeply_are_told() -> None:
    (found, *_) = codes(nested_loops(18))
    assert found[0] == "NLP900"
    assert found[1].endswith("more than 500 repeated walks of loops in more than four loops"), (
        found[1]
    )


@pytest.mark.parametrize("text", list(CUT_OFF.values())[2:], ids=list(CUT_OFF)[2:])
def test_what_a_limit_hides_is_told(text: str) -> None:
    (found,) = codes(text)
    assert found[0] == "NLP900"
    assert found[1].startswith("analysed only in part: more than ")


@pytest.mark.parametrize("text", list(CUT_OFF.values())[:2], ids=list(CUT_OFF)[:2])
def test_what_takes_too_long_is_told_where_it_does(text: str) -> None:
    assert {code for code, _ in codes(text)} <= {"NLP900"}


@pytest.mark.parametrize("text", COMMENTS.values(), ids=COMMENTS)
def test_any_number_of_suppressions_is_read(text: str) -> None:
    assert {code for code, _ in codes(text)} <= {"NLP901", "NLP900"}


@pytest.mark.parametrize(
    "piece",
    ['"#"', "'' ", "#\n", "'a',", '"""\n"""\n'],
    ids=["#", "''", "comments", "list", "texts"],
)
@pytest.mark.parametrize(
    "head",
    [
        "# libpython PyDLL(",
        "# Extension(libraries=python3.11 ",
        "; run('gcc', '-shared', '-o', 'a.abi3.so', '-lpython3.11')",
    ],
)
def test_many_literals_take_little_memory_before_they_are_too_many(head: str, piece: str) -> None:
    """What looks at strings before the parser does would take 90 bytes for each, and it 170."""
    data = (
        f"import ctypes, setuptools {head}\nx = (\n{piece * (12_000_000 // len(piece))})\n".encode()
    )
    messages = confined(
        lambda: [one.message for one in api.check_bytes(data, NAME)], memory=400 << 20
    )
    assert len(messages) == 1
    assert messages[0].startswith("analysed only in part: more than ")


@pytest.mark.parametrize("piece", ["a;", "*a;", "a<", "a\tor\t", "a is ", "a|"])
def test_many_names_take_little_memory_before_they_are_too_many(piece: str) -> None:
    """Python's own parser would take up to two kilobytes for each."""
    data = f"import ctypes\nctypes.PyDLL('libpython3.11.so')\n{piece * (3_900_000 // len(piece))}a\n".encode()
    messages = confined(
        lambda: [one.message for one in api.check_bytes(data, NAME)], memory=300 << 20
    )
    assert len(messages) == 1
    assert messages[0].startswith("analysed only in part: more than ")


def test_ends_of_lines_take_little_memory() -> None:
    script = "    - gcc -shared a.o -lpython3.11 -o a.cpython-311-x86_64-linux-gnu.so\n"
    recipe = f"build:\n  script:\n{script}".encode() + b"\r" * 1_000_000
    check = partial(api.check_bytes, recipe, "meta.yaml")
    assert confined(lambda: [one.code for one in check()], memory=128 << 20) == ["NLP201"]
    source = Source("a.py", Kind.PYTHON, b"\n" * 4_000_000)
    assert confined(lambda: source.locate(3_999_999).row, memory=96 << 20) == 4_000_000


@pytest.mark.parametrize(
    ("name", "piece"),
    [
        ("Dockerfile", '\xa0""<'),
        ("Makefile", '""'),
        ("Makefile", "a "),
        ("Makefile", "$(a)"),
        ("Makefile", "export "),
    ],
)
def test_one_line_takes_little_memory_beside_a_comment(name: str, piece: str) -> None:
    text = "FROM a\nRUN cc -lpython3.11 # noqa\nR" + piece * (12_000_000 // len(piece))

    def codes() -> list[str]:
        return [one.code for one in api.check_bytes(text.encode(), name)]

    assert confined(codes, memory=300 << 20) == ["NLP900"]
