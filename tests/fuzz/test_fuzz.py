"""Every reader keeps its promises: on what once broke them, and on a few damaged inputs.

``nox -s fuzz`` goes on for longer, see ``__main__``.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.examples import ASKED
from tests.fuzz.mutation import mutated
from tests.fuzz.targets import CORPUS, LONGEST, TARGETS, Target

pytestmark = pytest.mark.slow

CRASHES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


@pytest.mark.parametrize("path", CRASHES, ids=[f"{p.parent.name}-{p.name}" for p in CRASHES])
def test_what_once_broke_a_promise_does_not_any_more(path: Path) -> None:
    TARGETS[path.parent.name].check(path.read_bytes())


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_undamaged_inputs_are_read_and_something_is_found_in_many(target: Target) -> None:
    inputs = target.inputs()
    some = random.Random(0).sample(inputs, min(len(inputs), 30))
    assert sum(target.check(data) for data in some) >= len(some) / 5


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_inputs_break_no_promise(name: str) -> None:
    target = TARGETS[name]
    seeds, words = target.inputs(), target.dictionary()
    for number in range(max(target.rounds, ASKED)):
        chance = random.Random(f"{name} {number}")
        data = mutated(chance.choice(seeds), chance, words, seeds)[:LONGEST]
        data = target.mend(data) if target.mend and number % 4 else data
        try:
            target.check(data)
        except Exception as error:  # noqa: BLE001  with the input, whatever it is
            pytest.fail(f"{type(error).__name__}: {error}\n{data!r}")


def test_each_folder_of_the_corpus_belongs_to_a_target() -> None:
    assert {path.parent.name for path in CRASHES} <= set(TARGETS)
