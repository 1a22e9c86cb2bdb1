"""What holds for every generated program: found if it is true, and a fix that is harmless."""

from __future__ import annotations

import ast
import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.finding import Finding
from tests.examples import examples
from tests.generated.programs import Program, Truth, programs

NAME = "program.py"
SILENT = tuple(truth for truth in Truth if truth is not Truth.LIBPYTHON)


def check(text: str) -> list[Finding]:
    return api.check_bytes(text.encode(), NAME)


def fix(text: str, *, unsafe: bool) -> str:
    return api.fix_bytes(text.encode(), NAME, unsafe=unsafe).data.decode()


@examples(250)
@given(programs((Truth.LIBPYTHON,)))
def test_generated_loads_of_libpython_are_found_once_and_where_they_are(program: Program) -> None:
    found = check(program.text)
    assert [(one.code, one.start.row) for one in found] == [("NLP101", program.row)], program


@examples(250)
@given(programs(SILENT))
def test_generated_programs_that_open_no_libpython_on_unix_are_left_alone(program: Program) -> None:
    assert check(program.text) == [], program
    assert fix(program.text, unsafe=True) == program.text


@examples(200)
@given(programs())
def test_the_fix_of_generated_programs_parses_and_is_idempotent(program: Program) -> None:
    for unsafe in (False, True):
        after = fix(program.text, unsafe=unsafe)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(after)
        assert fix(after, unsafe=unsafe) == after, f"{program}\n{after}"


@examples(200)
@given(programs((Truth.LIBPYTHON,)))
def test_the_fix_of_generated_programs_ends_their_finding(program: Program) -> None:
    finding = check(program.text)[0]
    after = fix(program.text, unsafe=True)
    if finding.fix is None:
        assert finding.no_fix_reason, program
        assert after == program.text
    else:
        assert check(after) == [], f"{program}\n{after}"
        assert "pythonapi" in after


@examples(200)
@given(programs((Truth.LIBPYTHON,)))
def test_the_fix_of_generated_programs_leaves_all_other_lines_alone(program: Program) -> None:
    after = fix(program.text, unsafe=True)
    assert_only_lines_changed(program, after)


def assert_only_lines_changed(program: Program, after: str) -> None:
    """Every line but the load's and the imports' is still there, in order.

    A local variable that only the load read goes with it, as a local import does, and the
    condition that chose it.
    """
    lines = after.split("\n")
    position = gone = 0
    for row, line in enumerate(program.text.split("\n"), 1):
        if row in program.may_change:
            imported = re.match(r" +import (\w+)$", line)
            gone += bool(imported and not re.search(rf"\b{imported[1]}\b", after))
            continue
        local = re.match(r" +(\w+) = ", line)
        unused = local and not re.search(rf"\b{local[1]}\b", after)
        chooses = re.match(r" +(if .*|else):$", line)
        if (unused or chooses) and line not in lines[position:]:
            gone += 1
            continue
        assert line in lines[position:], f"{program}\n{after}"
        position = lines.index(line, position) + 1
    added = len(lines) + gone - len(program.text.split("\n"))
    assert added in (0, 1, 2), f"{program}\n{after}"  # an import, and a blank line after it


@examples(200)
@given(programs((Truth.LIBPYTHON,)))
def test_no_fix_of_generated_programs_is_called_safe_where_it_is_not(program: Program) -> None:
    finding = check(program.text)[0]
    safe = finding.fix is not None and finding.fix.applicability.value == "safe"
    if program.unsafe:
        assert not safe, program
    elif program.plain:
        assert safe, f"{program}\n{finding}"


@examples(60)
@given(programs(), st.sampled_from(["\r\n", "\r"]))
def test_line_endings_of_generated_programs_change_nothing_but_themselves(
    program: Program, ending: str
) -> None:
    text = program.text.replace("\n", ending)
    findings = check(text)
    if ending == "\r":  # libcst does not give it back: told, not guessed
        pytest.importorskip("libcst")
        assert {one.code for one in findings} <= {"NLP101", "NLP900"}, program
        return
    assert [(one.code, one.start) for one in findings] == [
        (one.code, one.start) for one in check(program.text)
    ]
    for unsafe in (False, True):
        after = fix(text, unsafe=unsafe)
        assert after == fix(program.text, unsafe=unsafe).replace("\n", ending)
