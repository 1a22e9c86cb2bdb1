"""Which readers this tree has. A test that needs one which is not there says so."""

from __future__ import annotations

import importlib.util

import pytest


def missing(*names: str) -> str:
    """Return the first module of the package, ``python.reader`` say, that is not there."""
    for name in names:
        try:
            found = importlib.util.find_spec(f"no_libpython_dlopen.{name}")
        except ModuleNotFoundError:
            found = None
        if not found:
            return name
    return ""


def needs(*names: str) -> pytest.MarkDecorator:
    """Skip a test where a reader is not in this tree."""
    name = missing(*names)
    return pytest.mark.skipif(bool(name), reason=f"no_libpython_dlopen.{name} is not in this tree")
