"""Picks the module that reads a build file, and imports it only when such a file comes.

A language module exports ``read(source) -> Iterable[Fact]``. It yields ``facts.Link``
with the edit that undoes the link, or the reason why there is none, and raises
``source.Unreadable`` for a file that does not lex cleanly.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator

from no_libpython_dlopen.facts import Fact
from no_libpython_dlopen.source import Kind, Source

#: The modules of this package that read a kind, in order.
MODULES: dict[Kind, tuple[str, ...]] = {
    Kind.CMAKE: ("cmake",),
    Kind.MESON: ("meson",),
    Kind.SETUP_CFG: ("setup_cfg",),
    Kind.PYPROJECT: ("pyproject",),
    Kind.MAKE: ("make",),
    Kind.AUTOMAKE: ("automake",),
    Kind.RUST_BUILD: ("cargo",),
    Kind.SHELL: ("shell",),
    Kind.DOCKERFILE: ("dockerfile",),
    Kind.CYTHON: ("cython",),
    Kind.PYTHON: ("cython", "setup_py"),
    Kind.SCONS: ("scons",),
    Kind.BAZEL: ("bazel",),
}


def read(source: Source) -> Iterator[Fact]:
    """Yield the links to libpython that a build file makes, none for other kinds.

    Raises ``source.Unreadable`` where the file does not lex cleanly.
    """
    for name in MODULES.get(source.kind, ()):
        module = importlib.import_module(f"{__package__}.{name}")
        facts: Iterable[Fact] = module.read(source)
        yield from facts
