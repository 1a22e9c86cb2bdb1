"""Starts ``coverage`` in an interpreter that a test runs: imported by a ``.pth`` file.

CPython traces nothing of what an audit hook does unless the hook asks for it, and most of
the guard runs in one.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import Any

import coverage

_add = sys.addaudithook


def _add_traced(hook: Callable[[str, tuple[Any, ...]], None]) -> None:
    hook.__cantrace__ = True  # type: ignore[attr-defined]
    _add(hook)


with contextlib.suppress(AttributeError):  # in a sub-interpreter, where its tracer is not
    coverage.process_startup()
    sys.addaudithook = _add_traced
