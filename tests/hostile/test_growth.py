"""Twice the text takes about twice the calls: counted, since seconds depend on the machine."""

from __future__ import annotations

import sys

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.engine.prefilter import prefilter
from tests.hostile.growing import GROWING, Growing

#: Files that took the square once, or might: some of each reader. ``nox -s growth`` measures all
#: of them, and their memory.
COUNTED = (
    "bazel: a long sum",
    "bazel: a sum of selects",
    "bazel: macros",
    "bazel: select",
    "cmake: appends",
    "cmake: calls of a function of a function",
    "cmake: elseif",
    "cmake: link_libraries before targets",
    "cmake: macros that call each other",
    "cmake: modules and their links",
    "cmake: one link with many words",
    "cmake: targets that link each other",
    "cmake: texts of texts",
    "docker: ARG",
    "docker: ENV with itself",
    "docker: stages that copy each other",
    "make: +=",
    "make: := of two others",
    "make: := with itself",
    "make: := with itself between",
    "make: a word that grows",
    "make: calls of a define",
    "make: static pattern rules",
    "meson: +=",
    "meson: f-strings",
    "meson: ifs that set other variables",
    "meson: project arguments",
    "meson: subdirs",
    "meson: ternaries",
    "meson: texts that grow",
    "nix: variables",
    "notebook: cells",
    "notebook: loads in one cell",
    "pyproject: tables in tables",
    "python: a chain of names from a loop",
    "python: attributes",
    "python: fixtures and tests",
    "python: functions that test a name",
    "python: imports under other names, used",
    "python: loads",
    "python: one dictionary and look-ups",
    "python: options of a command line",
    "python: suppressions on lines",
    "rust: suppressions in one comment",
    "scons: clones of one",
    "scons: env['LIBS'] = and modules",
    "scons: environments and modules",
    "setup.cfg: libraries",
    "setup.cfg: suppressions",
    "setup.py: Extensions in branches",
    "setup.py: a dictionary that all are given",
    "setup.py: branches of another list each",
    "setup.py: conditional expressions",
    "setup.py: dictionary look-ups",
    "setup.py: functions with branches",
    "setup.py: if with else",
    "setup.py: libs +=",
    "setup.py: libs.append",
    "setup.py: libs.extend with many Extensions",
    "setup.py: match",
    "setup.py: one long list",
    "setup.py: try",
    "shell: a case that many paths lead through",
    "shell: a variable behind more",
    "shell: a variable with itself",
    "shell: calls of a function",
    "shell: exports",
    "shell: functions that call the one before",
    "shell: nested if",
    "spec: conditions",
    "spec: macros of macros",
    "spec: open brackets of definitions",
    "spec: open definitions",
    "tox: environments",
    "workflow: a matrix",
    "workflow: jobs",
    "yaml: anchors of anchors",
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


def test_no_text_is_rejected_before_its_reader() -> None:
    def is_read(growing: Growing) -> bool:
        data = growing.made(40).encode()
        kind = api.text_kind(growing.name, data)
        return prefilter(kind, data, growing.name).may_contain_finding

    assert [name for name, growing in GROWING.items() if not is_read(growing)] == []


@pytest.mark.parametrize("name", COUNTED)
def test_twice_the_text_takes_about_twice_the_calls(name: str) -> None:
    growing = GROWING[name]
    assert calls(growing, 80) < 2.5 * calls(growing, 40)
