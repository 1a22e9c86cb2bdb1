"""The conformance cases: what is found in each, and what is written.

``cases/python/NAME.py`` marks the line on which a load starts with ``# expect: CODE``;
``NAME.fixed.py`` is what all fixes make of it. A name that starts with ``no_`` is a file
without findings. Those in ``shapes/`` are the many spellings of one and the same thing.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api

CASES = Path(__file__).parents[1] / "cases" / "python"
_MARKER = re.compile(r"# expect: (NLP\d{3})")

every_case = pytest.mark.parametrize(
    "path",
    [path for path in sorted(CASES.rglob("*.py")) if not path.name.endswith(".fixed.py")],
    ids=lambda path: path.stem,
)


@every_case
def test_each_marked_line_is_found_and_nothing_else(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expected = [
        (row, code)
        for row, line in enumerate(text.splitlines(), 1)
        for code in _MARKER.findall(line)
    ]
    found = api.check_bytes(path.read_bytes(), path.name)
    assert [(one.start.row, one.code) for one in found] == expected
    if path.name.startswith("no_"):
        assert not expected


@every_case
def test_all_fixes_together_write_what_stands_beside_the_case(path: Path) -> None:
    fixed = path.with_suffix(".fixed.py")
    result = api.fix_bytes(path.read_bytes(), path.name, unsafe=True)
    if fixed.exists():
        assert result.data.decode() == fixed.read_text(encoding="utf-8")
    ast.parse(result.data)
    assert api.fix_bytes(result.data, path.name, unsafe=True).data == result.data
    assert not any(one.fix for one in result.findings)


def test_no_fixed_file_stands_alone() -> None:
    alone = [
        path
        for path in CASES.rglob("*.fixed.py")
        if not path.with_name(path.name.replace(".fixed.py", ".py")).exists()
    ]
    assert alone == []
