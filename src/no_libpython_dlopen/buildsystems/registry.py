"""Picks the module that reads a build file, and imports it only when such a file comes.

A language module exports ``read(source) -> Iterable[Fact]``. It yields ``facts.Link``
with the edit that undoes the link, or the reason why there is none, and raises
``source.Unreadable`` for a file that does not lex cleanly.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator

from no_libpython_dlopen.model.facts import Fact
from no_libpython_dlopen.model.source import Kind, Source

#: The modules of this package that read a kind, in order.
MODULES: dict[Kind, tuple[str, ...]] = {
    Kind.CMAKE: ("cmake.reader",),
    Kind.MESON: ("meson.reader",),
    Kind.SETUP_CFG: ("settings_files.setup_cfg",),
    Kind.PYPROJECT: ("settings_files.pyproject",),
    Kind.MAKE: ("make.reader",),
    Kind.AUTOMAKE: ("make.automake",),
    Kind.RUST_BUILD: ("rust.reader",),
    Kind.SHELL: ("shell.reader",),
    Kind.DOCKERFILE: ("shell.dockerfile",),
    Kind.CYTHON: ("settings_files.cython",),
    Kind.PYTHON: ("settings_files.cython", "python_syntax.setup_py"),
    Kind.SCONS: ("python_syntax.scons",),
    Kind.BAZEL: ("python_syntax.bazel",),
}


def read(source: Source) -> Iterator[Fact]:
    """Yield the links to libpython that a build file makes, none for other kinds.

    Raises ``source.Unreadable`` where the file does not lex cleanly.
    """
    for name in MODULES.get(source.kind, ()):
        module = importlib.import_module(f"{__package__}.{name}")
        facts: Iterable[Fact] = module.read(source)
        yield from facts
