"""The check of one file looks at each other file of its project once, whoever asks for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from no_libpython_dlopen.engine import check_source
from no_libpython_dlopen.engine.api import check_bytes, fix_bytes
from no_libpython_dlopen.files import file_tree

_LOAD = b'import ctypes\nlib = ctypes.CDLL("libpython3.11.so.1.0")\n'


@pytest.mark.parametrize(
    "check",
    [lambda: check_bytes(_LOAD, "spam.py"), lambda: fix_bytes(_LOAD, "spam.py", unsafe=False)],
    ids=["check", "fix"],
)
def test_a_path_is_looked_at_once_in_a_check(
    monkeypatch: pytest.MonkeyPatch, check: Callable[[], object]
) -> None:
    looks: list[str] = []
    checks: list[object] = []

    def read(*_: object, **__: object) -> list[object]:
        checks.append(None)
        for _ in range(3):
            file_tree.once(looks.append, "helpers.py")
        return []

    monkeypatch.setattr(check_source, "facts_of", read)
    check()
    assert len(looks) == len(checks) > 0
    file_tree.once(looks.append, "helpers.py")
    assert len(looks) == len(checks) + 1  # nothing is kept for the next check
