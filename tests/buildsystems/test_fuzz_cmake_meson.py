"""Generated and damaged CMake and Meson files: no crash, nothing lost, fixes idempotent."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from no_libpython_dlopen.buildsystems.cmake import lexer as cmake_lexer
from no_libpython_dlopen.buildsystems.cmake import reader as cmake
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.meson import lexer as meson_lexer
from no_libpython_dlopen.buildsystems.meson import reader as meson
from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.source import Kind, Source, Unreadable
from tests.buildsystems.rewriting import CASES, fixed

pytestmark = pytest.mark.slow

NAMES = {Kind.CMAKE: "CMakeLists.txt", Kind.MESON: "meson.build"}
READERS = {Kind.CMAKE: cmake.read, Kind.MESON: meson.read}
QUICK = settings(
    max_examples=150,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

#: Pieces that a lexer or a walk could stumble over.
CMAKE_PIECES = [
    *("(", ")", '"', "[[", "]]", "[=[", "]=]", "#", "#[[", "\\", "\n", "\r\n", " ", ";", "\t"),
    *("$<", ">", ":", ",", "${", "}", "${A}", "${${A}}", "@A@", "$ENV{A}", "\\;", "-D=", "\f"),
    *("if(", "elseif(A)\n", "else()\n", "endif()\n", "foreach(A ${B})\n", "endforeach()\n"),
    *("function(f A)\n", "endfunction()\n", "macro(g)\n", "endmacro()\n", "f(m)\n", "g(${ARGN})\n"),
    *("add_library(m MODULE a.c)\n", "pybind11_add_module(m a)\n", "add_executable(m a)\n"),
    *("target_link_libraries(m ", "Python3::Python", "${Python3_LIBRARIES}", "python3.11"),
    *("set(A ", "list(APPEND A ", "list(", "string(REPLACE ", "set_target_properties(m PROPERTIES "),
    *("LINK_FLAGS ", "-lpython3.11", "PRIVATE ", "debug ", "find_package(Python3 COMPONENTS "),
    *("Development", "WIN32", "NOT ", "AND ", "STREQUAL ", "MATCHES ", "((((", "while(1)\n", "é"),
    *("cmake_minimum_required(VERSION 3.20)\n", "cmake_parse_arguments(A \"\" \"B\" \"C\" ", "return()\n"),
]  # fmt: skip
MESON_PIECES = [
    *("(", ")", "[", "]", "{", "}", "'", "'''", "f'", "#", "\\", "\n", "\r\n", " ", ",", ":", "?"),
    *("=", "+=", "==", "!=", "+", "-", "/", "%", ".", "0x1", "12", "not ", " in ", " and ", " or "),
    *("if ", "elif x\n", "else\n", "endif\n", "foreach x : y\n", "endforeach\n", "break\n", "é"),
    *("x", "y = ", "'-lpython3.11'", "embed: true", "dependency(", "py.dependency(embed: true)"),
    *("py.extension_module('m', ", "dependencies: ", "link_args: ", "executable('a', ", "@0@"),
    *("host_machine.system()", " == 'windows'", ".format(", ".split()", "dependency('python3-embed')"),
    *("declare_dependency(", "subdir('a')\n", "x += ", "kwargs: ", "true", "false", "run_command("),
]  # fmt: skip


def _texts(pieces: list[str]) -> st.SearchStrategy[str]:
    any_ = st.lists(st.sampled_from(pieces), max_size=60).map("".join)
    return st.one_of(any_, st.text(max_size=40), any_.map(lambda text: text + "\n# python\n"))


def _seeds(kind: Kind) -> list[str]:
    return [path.read_text() for path in sorted(Path(CASES).glob(f"*/{NAMES[kind]}"))]


def _damaged(kind: Kind) -> st.SearchStrategy[str]:
    """Return real files with a piece taken out, doubled or put in."""
    pieces = CMAKE_PIECES if kind is Kind.CMAKE else MESON_PIECES

    @st.composite
    def texts(draw: st.DrawFn) -> str:
        text = draw(st.sampled_from(_seeds(kind)))
        for _ in range(draw(st.integers(1, 4))):
            start = draw(st.integers(0, len(text)))
            end = min(len(text), start + draw(st.integers(0, 12)))
            text = (
                text[:start]
                + draw(st.sampled_from(["", text[start:end] * 2, *pieces]))
                + text[end:]
            )
        return text

    return texts()


def _read(kind: Kind, text: str) -> None:
    source = Source(NAMES[kind], kind, text.encode())
    try:
        facts = list(READERS[kind](source))
    except Unreadable:
        return
    for fact in facts:
        if fact.fix:
            for edit in fact.fix.edits:
                assert source.text[edit.start : edit.end] == edit.old


@pytest.mark.parametrize("kind", [Kind.CMAKE, Kind.MESON])
def test_any_text_is_read_or_told_to_be_unreadable(kind: Kind) -> None:
    pieces = CMAKE_PIECES if kind is Kind.CMAKE else MESON_PIECES

    @QUICK
    @given(_texts(pieces) | _damaged(kind))
    def holds(text: str) -> None:
        if "\0" not in text:
            _read(kind, text.encode(errors="replace").decode())

    holds()


@pytest.mark.parametrize("kind", [Kind.CMAKE, Kind.MESON])
def test_no_fix_breaks_a_file_or_changes_it_twice(kind: Kind) -> None:
    @QUICK
    @given(_damaged(kind))
    def holds(text: str) -> None:
        after = fixed(text, NAMES[kind])
        if after != text:
            left = api.check_bytes(after.encode(), NAMES[kind])
            assert "NLP900" not in {finding.code for finding in left}

    holds()


@pytest.mark.parametrize("kind", [Kind.CMAKE, Kind.MESON])
def test_the_tokens_are_the_text(kind: Kind) -> None:
    pieces = CMAKE_PIECES if kind is Kind.CMAKE else MESON_PIECES
    lexer = cmake_lexer if kind is Kind.CMAKE else meson_lexer

    @QUICK
    @given(_texts(pieces) | _damaged(kind))
    def holds(text: str) -> None:
        position, stopped = 0, None
        try:
            for token in lexer.tokens(text):
                assert token.start == position
                position = token.end
        except LexError as error:
            stopped = error.offset
        else:
            stopped = len(text)
        assert stopped == position

    holds()


DEEP = {
    "sums": "x = " + " + ".join(["'a'"] * 20_000) + " # python\n",
    "a chain of choices": "x = " + "a ? b : " * 3000 + "c # python\n",
    "a chain of calls": "x = py" + ".a()" * 3000 + "\n",
    "nots": "x = " + "not " * 5000 + "python\n",
    "variables that double": "x0 = ['python']\n"
    + "".join(f"x{i + 1} = x{i} + x{i}\n" for i in range(400)),
    "texts that double": "x0 = 'python'\n" + "".join(f"x{i + 1} = x{i} + x{i}\n" for i in range(400)),
    "loops in loops": "foreach a : ['python', 'b', 'c', 'd', 'e', 'f', 'g', 'h']\n" * 12 + "endforeach\n" * 12,
    "branches": "if a\n  x = ['python']\nelse\n  x = 'b'\nendif\n" * 3000,
}  # fmt: skip
DEEP_CMAKE = {
    "variables that double": "set(x0 python3.11 b)\n"
    + "".join(f"set(x{i + 1} ${{x{i}}} ${{x{i}}})\n" for i in range(400)),
    "texts that double": "set(x0 python3.11)\n"
    + "".join(f'set(x{i + 1} "${{x{i}}}${{x{i}}}")\n' for i in range(400)),
    "a variable that means itself": "set(x ${x} python)\n" * 3000 + "target_link_libraries(m ${x})\n",
    "a function that calls itself": "function(f)\n  f(python)\n  f(python)\nendfunction()\nf()\n",
    "calls that double": "".join(
        f"function(f{i})\n  f{i + 1}()\n  f{i + 1}()\nendfunction()\n" for i in range(60)
    ) + "f0() # python\n",
    "loops in loops": "foreach(a python b c d e f g h)\n" * 12 + "x()\n" + "endforeach()\n" * 12,
    "branches": "if(a)\n  set(x python)\nelse()\n  list(APPEND x b)\nendif()\n" * 3000,
    "generator expressions": "add_library(m MODULE a)\ntarget_link_libraries(m " + "$<1:" * 3000 + "python3.11" + ">" * 3000 + ")\n",
    "an unclosed generator expression": "target_link_libraries(m " + "$<" * 30_000 + " python)\n",
    "a long list": "set(x " + "python3.11;" * 30_000 + ")\nadd_library(m MODULE a)\ntarget_link_libraries(m ${x})\n",
    "conditions": "if(" + "NOT " * 3000 + "(a)" + " AND python" * 3000 + ")\nendif()\n",
    "a regular expression that backtracks": "set(v " + "a" * 40 + '!)\nif(v MATCHES "^(a+)+$")\npython()\nendif()\n',
    "a regular expression with many repetitions": "set(v " + "a" * 90 + ')\nif(v MATCHES "' + "a*" * 60 + 'b")\npython()\nendif()\n',
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *(pytest.param(Kind.MESON, text, id=f"meson-{name}") for name, text in DEEP.items()),
        *(pytest.param(Kind.CMAKE, text, id=f"cmake-{name}") for name, text in DEEP_CMAKE.items()),
    ],
)
def test_a_hostile_file_ends(kind: Kind, text: str) -> None:
    codes = {finding.code for finding in api.check_bytes(text.encode(), NAMES[kind])}
    assert codes <= {"NLP201", "NLP900"}
