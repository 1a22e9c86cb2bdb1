"""Twice the text takes about twice the calls: counted, since seconds depend on the machine."""

from __future__ import annotations

import sys

import pytest

from no_libpython_dlopen.engine import api
from tests.hostile.growing import GROWING, Growing

#: Files that took the square once. ``nox -s growth`` measures all of them, and their memory.
ONCE_QUADRATIC = (
    "bazel: a long sum",
    "cmake: appends",
    "cmake: elseif",
    "cmake: link_libraries before targets",
    "cmake: targets that link each other",
    "cmake: one link with many words",
    "cmake: modules and their links",
    "docker: ENV with itself",
    "make: +=",
    "make: := with itself",
    "make: := with itself between",
    "make: a word that grows",
    "meson: +=",
    "meson: f-strings",
    "meson: ifs that set other variables",
    "meson: project arguments",
    "meson: texts that grow",
    "python: attributes",
    "python: imports under other names, used",
    "python: loads",
    "python: one dictionary and look-ups",
    "python: suppressions on lines",
    "rust: suppressions in one comment",
    "scons: env['LIBS'] = and modules",
    "scons: environments and modules",
    "setup.cfg: libraries",
    "setup.cfg: suppressions",
    "setup.py: a dictionary that all are given",
    "setup.py: dictionary look-ups",
    "setup.py: libs +=",
    "setup.py: libs.append",
    "setup.py: libs.extend with many Extensions",
    "setup.py: one long list",
    "shell: a variable behind more",
    "shell: a variable with itself",
    "shell: exports",
    "shell: nested if",
)


def calls(growing: Growing, count: int) -> int:
    """Return how many functions are called to check a file."""
    data = growing.made(count).encode()
    total = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal total
        total += event in ("call", "c_call")

    api.check_bytes(data, growing.name)  # imports, and what is kept, do not count
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        api.check_bytes(data + b"\n", growing.name)
    finally:
        sys.setprofile(before)
    return total


@pytest.mark.parametrize("name", ONCE_QUADRATIC)
def test_twice_the_text_takes_about_twice_the_calls(name: str) -> None:
    growing = GROWING[name]
    assert calls(growing, 80) < 2.5 * calls(growing, 40)
