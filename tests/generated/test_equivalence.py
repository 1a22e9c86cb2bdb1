"""Each safe fix of the conformance cases, run before and after on all interpreters here."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from tests.generated.execution import Outcome, of_linkage, run
from tests.runtime.interpreters import Interpreter

pytestmark = pytest.mark.slow

CASES = Path(__file__).parents[1] / "cases" / "python"
#: Why a case fails even where libpython is shared; after the fix, all run everywhere.
FAILS = {
    "framework_path": "the library that it names exists on macOS only",
    "cdll_subscript": "it clears the error of a thread that has given up the GIL",
    "find_library": "the same",
    "str_format": "the same",
}
#: Cases that print where something lies, which a second copy of the runtime changes.
PRINTS_AN_ADDRESS = {"from_import_becomes_pythonapi"}


@cache
def safely_fixed() -> dict[str, tuple[str, str]]:
    """Return the cases that a safe fix changes, before and after it."""
    found = {}
    for path in sorted(CASES.glob("*.py")):
        if not path.name.endswith(".fixed.py"):
            data = path.read_bytes()
            after = api.fix_bytes(data, path.name, unsafe=False).data
            if after != data:
                found[path.stem] = (data.decode(), after.decode())
    return found


@cache
def outcomes(interpreter: Interpreter) -> dict[str, tuple[Outcome, Outcome]]:
    """Return how each of these cases ends on an interpreter, before and after."""
    cases = safely_fixed()
    # In one process: what lies where is then the same for all.
    ended = run([text for pair in cases.values() for text in pair], interpreter)
    return dict(zip(cases, zip(ended[::2], ended[1::2], strict=True), strict=True))


def _name(value: object) -> str:
    if isinstance(value, Interpreter):
        return f"{value.linkage}-{value.version[0]}.{value.version[1]}"
    return str(value)


INTERPRETERS = [*of_linkage("shared"), *of_linkage("static")]


@pytest.mark.skipif(not INTERPRETERS, reason="no interpreter with a libpython is here")
@pytest.mark.parametrize("interpreter", INTERPRETERS, ids=_name)
@pytest.mark.parametrize("case", safely_fixed())
def test_a_case_does_the_same_after_its_safe_fix(case: str, interpreter: Interpreter) -> None:
    """Or, where it could not be run before, it works now."""
    before, after = outcomes(interpreter)[case]
    assert after.status == 0, after.output
    if before.status:
        assert interpreter.linkage == "static" or case in FAILS, before.output
    elif interpreter.linkage == "shared" or case not in PRINTS_AN_ADDRESS:
        assert after == before


def test_the_cases_have_safe_fixes_of_many_shapes() -> None:
    """Or the test above would have nothing to run."""
    assert len(safely_fixed()) >= 10
    assert {*FAILS, *PRINTS_AN_ADDRESS} <= set(safely_fixed())
