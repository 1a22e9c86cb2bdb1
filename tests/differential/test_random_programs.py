"""A few random programs around ctypes; ``nox -s programs`` runs thousands."""

from __future__ import annotations

import pytest

from tests.differential.random_programs import program
from tests.differential.random_runs import differing, fixed, settings
from tests.generated.execution import of_linkage

pytestmark = pytest.mark.slow


def test_each_program_is_python_and_many_are_changed_by_a_fix() -> None:
    texts = [program(seed) for seed in range(40)]
    for text in texts:
        compile(text, "program.py", "exec")
    assert sum(text != fixed(text) for text in texts) > 10


@pytest.mark.skipif(not of_linkage("static"), reason="no static Python with a libpython")
def test_a_safe_fix_changes_nothing_that_a_program_does() -> None:
    texts = [program(seed) for seed in range(20)]
    for setting in settings():
        assert not differing(texts, setting)
