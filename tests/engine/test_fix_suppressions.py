"""Unused suppressions: all of them go in one run, and the code is analysed once."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api, fix_text

#: A file with very many unused suppressions, a line or a part of one for each.
MANY = {
    "build.rs": ("fn main() {}\n", "// nolibpy: ignore[NLP201]\n"),
    "Dockerfile": ("FROM python\n", "# nolibpy: ignore[NLP201]\nENV A=-lpython\n"),
    "pyproject.toml": ("", "# nolibpy: ignore[NLP201]\n"),
    "a.py": ("x = 1", "  # noqa: NLP101\ny = 2"),
    "b.py": ("x = 1", "  # noqa: NLP101"),
    "CMakeLists.txt": ("", "set(a python3.11) # nolibpy: ignore[NLP201]\n"),
}


@pytest.mark.parametrize("name", MANY)
def test_two_hundred_unused_suppressions_go_in_one_run(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    head, line = MANY[name]
    data = (head + line * 200).encode()
    analyses = []
    check = fix_text.read_and_check
    monkeypatch.setattr(
        fix_text,
        "read_and_check",
        lambda *given, **named: analyses.append(1) or check(*given, **named),  # type: ignore[func-returns-value]
    )
    fixed = api.fix_bytes(data, name, unsafe=False)
    assert b"NLP" not in fixed.data
    assert len(analyses) <= 3
    monkeypatch.undo()
    assert api.fix_bytes(fixed.data, name, unsafe=False).data == fixed.data
    assert api.check_bytes(fixed.data, name) == []
