"""Safe fixes, run for real: the same output where libpython is shared, no crash where not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from no_libpython_dlopen.engine import api
from tests.examples import examples
from tests.generated.execution import Outcome, of_linkage, run
from tests.generated.programs import Program, Truth, programs
from tests.runtime.interpreters import Interpreter

pytestmark = pytest.mark.slow


def _interpreters(linkage: str) -> list[object]:
    found = of_linkage(linkage)
    reason = pytest.mark.skip(reason=f"no {linkage} interpreter with a libpython is here")
    names = [".".join(map(str, one.version)) for one in found]
    return [pytest.param(one, id=name) for one, name in zip(found, names, strict=True)] or [
        pytest.param(None, marks=reason)
    ]


SHARED = pytest.mark.parametrize("interpreter", _interpreters("shared"))
STATIC = pytest.mark.parametrize("interpreter", _interpreters("static"))


def safely_fixed(text: str) -> str:
    return api.fix_bytes(text.encode(), "program.py", unsafe=False).data.decode()


def _pairs(drawn: list[Program]) -> list[tuple[Program, str]]:
    pairs = [(program, safely_fixed(program.text)) for program in drawn]
    return [(program, after) for program, after in pairs if after != program.text]


def _in_batches(test: Callable[[list[tuple[Program, str]]], None], number: int) -> None:
    """Run a test on batches of programs that have a safe fix."""

    @examples(number, share=0.02)
    @given(st.lists(programs((Truth.LIBPYTHON,)), min_size=8, max_size=30))
    def holds(drawn: list[Program]) -> None:
        pairs = _pairs(drawn)
        assume(pairs)
        test(pairs)

    holds()


@SHARED
def test_a_generated_program_prints_the_same_after_a_safe_fix(interpreter: Interpreter) -> None:
    def same(pairs: list[tuple[Program, str]]) -> None:
        before = run([program.text for program, _ in pairs], interpreter)
        after = run([text for _, text in pairs], interpreter)
        assert [
            (program, fixed, one, other)
            for (program, fixed), one, other in zip(pairs, before, after, strict=True)
            if one != other or one.status
        ] == []

    _in_batches(same, 3)


@STATIC
def test_a_generated_program_works_on_a_static_build_after_a_safe_fix(
    interpreter: Interpreter,
) -> None:
    """It prints what it printed before, if that was not a crash, and ends well."""

    def works(pairs: list[tuple[Program, str]]) -> None:
        before = run([program.text for program, _ in pairs], interpreter)
        after = run([text for _, text in pairs], interpreter)
        assert [
            (program, fixed, one, other)
            for (program, fixed), one, other in zip(pairs, before, after, strict=True)
            if other.status or (not one.status and one != other)
        ] == []

    _in_batches(works, 6)


#: What crashes a static interpreter that opens a libpython beside itself.
CRASH = 'import ctypes\nctypes.PyDLL("libpython3.11.so.1.0").PyRun_SimpleString(b"pass")\n'


@STATIC
def test_the_static_interpreter_crashes_without_the_fix(interpreter: Interpreter) -> None:
    """Were it not so, the tests above would show nothing."""
    before, after = run([CRASH, safely_fixed(CRASH)], interpreter)
    assert before.status < 0
    assert after == Outcome(0, "")
