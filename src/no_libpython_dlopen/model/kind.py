"""What a file is read as, told by its name alone.

Apart from ``source``, since the walk asks this for every file of a tree: a run that
finds nothing worth decoding never imports more than this.
"""

from __future__ import annotations

from enum import Enum


class Kind(Enum):
    """What a file is read as."""

    PYTHON = "python"
    NOTEBOOK = "notebook"
    CYTHON = "cython"
    SETUP_CFG = "setup.cfg"
    PYPROJECT = "pyproject.toml"
    CMAKE = "cmake"
    MESON = "meson"
    MAKE = "make"
    AUTOMAKE = "automake"
    AUTOCONF = "autoconf"
    SHELL = "shell"
    DOCKERFILE = "dockerfile"
    SCONS = "scons"
    BAZEL = "bazel"
    CARGO = "cargo"
    RUST_BUILD = "build.rs"
    BINARY = "binary"
    ARCHIVE = "archive"

    # That of an Enum is a call in Python, and every file of a tree is looked up by its kind.
    __hash__ = object.__hash__


_BY_NAME = {
    "setup.cfg": Kind.SETUP_CFG,
    "pyproject.toml": Kind.PYPROJECT,
    "CMakeLists.txt": Kind.CMAKE,
    "meson.build": Kind.MESON,
    "Makefile": Kind.MAKE,
    "makefile": Kind.MAKE,
    "GNUmakefile": Kind.MAKE,
    "Makefile.am": Kind.AUTOMAKE,
    "configure.ac": Kind.AUTOCONF,
    "configure.in": Kind.AUTOCONF,
    "Dockerfile": Kind.DOCKERFILE,
    "Containerfile": Kind.DOCKERFILE,
    "SConstruct": Kind.SCONS,
    "SConscript": Kind.SCONS,
    "BUILD": Kind.BAZEL,
    "BUILD.bazel": Kind.BAZEL,
    "Cargo.toml": Kind.CARGO,
    "build.rs": Kind.RUST_BUILD,
}
_BY_SUFFIX = {
    "py": Kind.PYTHON,
    "pyw": Kind.PYTHON,
    "ipynb": Kind.NOTEBOOK,
    "pyx": Kind.CYTHON,
    "pxd": Kind.CYTHON,
    "cmake": Kind.CMAKE,
    "mk": Kind.MAKE,
    "mak": Kind.MAKE,
    "sh": Kind.SHELL,
    "bash": Kind.SHELL,
    "dockerfile": Kind.DOCKERFILE,
    "bzl": Kind.BAZEL,
    "so": Kind.BINARY,
    "dylib": Kind.BINARY,
    "whl": Kind.ARCHIVE,
    "egg": Kind.ARCHIVE,
    "conda": Kind.ARCHIVE,
}
_BY_TWO_SUFFIXES = {"tar.gz": Kind.ARCHIVE, "tar.bz2": Kind.ARCHIVE}


def kind_of(path: str) -> Kind | None:
    """Return the kind that ``path``'s name says, or ``None`` where the name says none.

    >>> kind_of("src/a.py")
    <Kind.PYTHON: 'python'>
    """
    name = path.rpartition("/")[2]
    _, dot, suffix = name.rpartition(".")
    kind = _BY_SUFFIX.get(suffix) if dot else None
    kind = _BY_NAME.get(name) or kind
    if kind is None and suffix in ("gz", "bz2"):
        kind = _BY_TWO_SUFFIXES.get(".".join(name.rsplit(".", 2)[1:]))
    if kind is None and name.startswith(("Dockerfile.", "Containerfile.")):
        kind = Kind.DOCKERFILE
    return kind
