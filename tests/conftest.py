"""What holds for all tests."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from contextlib import suppress

import pytest

with suppress(ImportError):  # the guard is tested on interpreters without it, too
    import hypothesis

    # How long an example takes says more of the machine than of the project.
    hypothesis.settings.register_profile("nolibpy", deadline=None)
    hypothesis.settings.load_profile("nolibpy")

# As the command does in its own process: with Python's thresholds, the searches for cycles take a
# quarter of the time in which the tests are collected, and a twelfth of what they run.
gc.set_threshold(50_000, 20, 20)

# Whoever runs the tests in the background (``&`` in a script, ``nohup``) has them ignore Ctrl-C
# or the end of the terminal, and what they start inherits that: the tests that send such a
# signal would wait for nothing.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def environment_of_the_workers() -> Iterator[None]:
    """Take back what a run with workers sets for the interpreters that its process starts."""
    yield
    os.environ.pop("PYTHONSAFEPATH", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: at the end, all other workers would wait for it."""
    items.sort(key=lambda item: item.path.name != "test_quality.py")


def pytest_collection_finish() -> None:
    """Keep the thousands of tests out of each search for cycles."""
    gc.freeze()
