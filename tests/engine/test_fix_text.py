"""A fix that breaks a file is taken back, whatever is said of the breakage."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.config import Settings
from no_libpython_dlopen.engine import edits
from no_libpython_dlopen.engine.add_suppressions import add_suppressions
from no_libpython_dlopen.engine.dispatch import source_of
from no_libpython_dlopen.engine.fix_text import fix_text
from no_libpython_dlopen.model.kind import Kind

LOAD = 'import ctypes\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'


@pytest.mark.parametrize("select", [("NLP",), ("NLP101",)], ids=["all rules", "one rule"])
@pytest.mark.parametrize(
    "text", [LOAD, LOAD + "# nolibpy: ignore-file[NLP900]\n"], ids=["told", "silenced"]
)
def test_what_does_not_parse_is_taken_back(
    monkeypatch: pytest.MonkeyPatch, select: tuple[str, ...], text: str
) -> None:
    right = edits.apply_fixes
    monkeypatch.setattr(edits, "apply_fixes", lambda chosen, old: right(chosen, old) + ")(\n")
    result = fix_text(
        source_of("a.py", Kind.PYTHON, text.encode()), Settings(select=select), unsafe=True
    )
    assert result.before is None
    assert "NLP101" in [finding.code for finding, _ in result.skipped]


def test_a_comment_that_breaks_a_file_and_silences_that_is_not_put_there() -> None:
    text = LOAD.replace('PyDLL("', 'PyDLL("""').replace('so"', 'so"""')
    quiet, count, _ = add_suppressions(
        source_of("a.py", Kind.PYTHON, text.encode()), Settings(select=("NLP101",))
    )
    assert count == 1
    compile(quiet.text, "a.py", "exec")
