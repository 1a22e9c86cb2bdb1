"""Where comments are in Python, formatted strings that nest (PEP 701) included."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.python.syntax.comments import comments

#: A line, and whether what its ``# c`` is, is a comment.
LINES = {
    'x = f"{y["# c"]}"': False,
    "x = f\"{y['# c']}\"": False,
    'x = f"{y}# c"': False,
    'x = f"{{# c"': False,
    'x = f"{y:#x}"  # c': True,
    'x = f"{y!r:>{z}}"  # c': True,
    'x = f"{d[":"]}"  # c': True,
    'x = f"{f"{f"{y}"}"}"  # c': True,
    'x = f"{f"{f"{y}# c"}"}"': False,
    'x = rf"\\d{y}"  # c': True,
    'x = F"{y if z else "#"}"  # c': True,
    'x = f"{y"  # c': True,
    'x = f"{' + 20 * 'f"{' + "  # c": False,
    'self"# c"': False,
    'x = "f{"  # c': True,
}


@pytest.mark.parametrize(("line", "is_comment"), LINES.items(), ids=LINES)
def test_a_comment_is_one_outside_of_strings_only(line: str, is_comment: bool) -> None:
    found = [line[start:stop] for start, stop in comments(line)]
    assert (found == ["# c"]) == is_comment


NOQA = "# noqa: NLP101"


@pytest.mark.parametrize("text", [f'x = f"{{y["{NOQA}"]}}"\n', f'x = f"{{f"{{y}}{NOQA}"}}"\n'])
def test_what_looks_like_a_comment_in_a_formatted_string_stays(text: str) -> None:
    assert api.fix_bytes(text.encode(), "module.py", unsafe=True).data.decode() == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{NOQA}\nx = 1\n", "x = 1\n"),
        (f"{NOQA}\n\n# coding: latin-1\nx = 1\n", "\n\n# coding: latin-1\nx = 1\n"),
        (f"#!x\n{NOQA}\n# -*- coding: cp1252 -*-\n", "#!x\n\n# -*- coding: cp1252 -*-\n"),
        (f"#!x\n\n{NOQA}\n# coding: latin-1\n", "#!x\n\n# coding: latin-1\n"),
    ],
)
def test_no_deletion_of_a_comment_brings_an_encoding_into_effect(before: str, after: str) -> None:
    assert api.fix_bytes(before.encode(), "module.py", unsafe=False).data.decode() == after
