"""Damaged setup scripts, SCons and Bazel files: no crash, fixes parse and are idempotent."""

from __future__ import annotations

import ast
import random

import pytest

from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import conformance

pytestmark = pytest.mark.slow

NAMES = ("setup.py", "SConstruct", "BUILD.bazel")
FILES = [
    (name, path.read_text())
    for folder in conformance("setup_", "scons_", "bazel_")
    for name in NAMES
    if (path := folder / name).exists()
]
PIECES = [
    *("[", "]", ",", "(", ")", " + ", "\n", "*", "**", "libs", '"python3.11"', "# x\n", "\\\n"),
    *(";", "lambda: ", "not ", "...", "{", "}", ":", "{x}", "%s", ".append(", ".split()", "\t"),
]


def _damaged(chance: random.Random) -> tuple[str, str]:
    """Return a case's file with lines and pieces taken out, doubled or put in."""
    name, text = chance.choice(FILES)
    for _ in range(chance.randint(1, 3)):
        lines = text.splitlines(keepends=True)
        at = chance.randrange(len(text) + 1)
        kind = chance.randrange(4)
        if kind == 0 and lines:
            del lines[chance.randrange(len(lines))]
            text = "".join(lines)
        elif kind == 1:
            _, other = chance.choice(FILES)
            lines.insert(chance.randint(0, len(lines)), chance.choice(other.splitlines(True)))
            text = "".join(lines)
        elif kind == 2:
            text = text[:at] + chance.choice(PIECES) + text[at:]
        else:
            text = text[:at] + text[at + chance.randint(1, 6) :]
    return name, text


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


@pytest.mark.parametrize("seed", range(20))
def test_damage_is_read_or_told_and_fixed_at_most_once(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(25):
        name, text = _damaged(chance)
        result = api.fix_bytes(text.encode(), name, unsafe=True)
        assert not [one for one in result.findings if "internal error" in one.message], text
        assert not result.skipped, text
        if result.data != text.encode():
            assert _parses(result.data.decode()) or not _parses(text), text
            assert api.fix_bytes(result.data, name, unsafe=True).data == result.data, text
