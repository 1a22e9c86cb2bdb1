"""How many examples a property test tries: few in CI, many by ``nox -s fuzz``."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

#: What ``nox -s fuzz`` asks for; nothing in CI.
ASKED = int(os.environ.get("NOLIBPY_EXAMPLES") or 0)


def examples(number: int, *, share: float = 1.0) -> settings:
    """Return the settings of a property that tries ``number`` examples in CI.

    In CI they are the same in every run. ``share`` is the part of the long run's number
    for a property whose examples take long, since each starts processes.
    """
    return settings(
        max_examples=max(number, int(ASKED * share)),
        derandomize=not ASKED,
        database=None,
        print_blob=bool(ASKED),
        suppress_health_check=list(HealthCheck),
    )
