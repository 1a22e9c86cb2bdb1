"""What a build file in Python's syntax gives to the link of an extension module."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

import libcst as cst

from no_libpython_dlopen.buildsystems.common.host_kind import HostKind
from no_libpython_dlopen.buildsystems.common.link_graph import Blocker, Target, TargetKind
from no_libpython_dlopen.buildsystems.python_syntax.string_origins import Word
from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model import analysis


class Shape(Enum):
    """What an expression is: a list of words, one word, or a text that is split into words."""

    LIST = "list"
    ITEM = "item"
    TEXT = "text"


class ListKind(Enum):
    """How the words of a list are read: names of libraries, a linker's flags, Bazel's labels."""

    LIBRARIES = "libraries"
    FLAGS = "flags"
    LABELS = "labels"
    #: pkg-config's: only what the package is called tells.
    PACKAGES = "packages"

    def names_libpython(self, word: str) -> bool:
        """Return whether a word links libpython here.

        ``:libpython3.11.so`` among libraries becomes ``-l:libpython3.11.so``.
        """
        if self is ListKind.PACKAGES:
            return False
        if self is ListKind.LABELS:
            return bool(_LABEL.search(word))
        if self is ListKind.LIBRARIES:
            return libpython_names.is_link_flag(f"-l{word}")
        return libpython_names.is_link_flag(word)


#: rules_python's library of the toolchain, and pybind11_bazel's target for programs.
_LABEL = re.compile(r"[:/](?:current_py_cc_libs|pybind11_embed|libpython)$")
#: Arguments, options and attributes whose words reach the linker.
ROLES = {
    "libraries": ListKind.LIBRARIES,
    "extra_link_args": ListKind.FLAGS,
    "extra_objects": ListKind.FLAGS,
    "link_objects": ListKind.FLAGS,
    "extra_ldflags": ListKind.FLAGS,
}
#: Classes whose instances are extension modules, and where distutils' takes lists by position.
EXTENSION = re.compile(r"(?:^|\.)\w*Extension$")
POSITIONS = {6: "libraries", 8: "extra_objects", 10: "extra_link_args"}
#: Methods of a compiler of distutils, whose argument is linked: one item, or all of them.
ADDING = {"add_library": ListKind.LIBRARIES, "add_link_object": ListKind.FLAGS}
SETTING = {"set_libraries": ListKind.LIBRARIES, "set_link_objects": ListKind.FLAGS}
#: The command lines by which a compiler of distutils links shared objects, modules among them.
LINKERS = frozenset({"linker_so", "linker_so_cxx"})


class Sink(NamedTuple):
    """An expression whose words reach the link line of an extension module.

    ``key`` is set where the expression is a dictionary that holds them under it.
    ``at`` is the call that links, ``blocker`` says why nothing may be edited although it
    should go, ``caveats`` why a deletion is not safe, ``host_kind`` whether what it links starts
    an interpreter.
    """

    node: cst.BaseExpression
    kind: ListKind
    target: str = ""
    shape: Shape = Shape.LIST
    key: str = ""
    at: cst.CSTNode | None = None
    blocker: Blocker | None = None
    caveats: tuple[str, ...] = ()
    host_kind: HostKind = HostKind.NONE

    @property
    def linked(self) -> Target:
        """What is linked: an extension module, or a library that hosts Python."""
        hosts = self.host_kind is HostKind.CERTAIN
        return Target(self.target, TargetKind.LIBRARY if hosts else TargetKind.EXTENSION_MODULE)


class Hit(NamedTuple):
    """A place that names libpython: the item of a list, or a word of a text.

    ``flag`` is a ``-l`` ahead of it, as an item of its own.
    """

    sink: Sink
    item: cst.BaseExpression
    origin: cst.BaseExpression
    word: Word | None = None
    flag: cst.BaseExpression | None = None
    certain: bool = True


#: What is before the text of a string, and what an f-string fills in.
_PREFIX = re.compile(r"[ (]*(?:[rRbBfFuU]{0,2}[\"']+)?")
_HOLE = re.compile(r"\{[^{}]*\}")


def is_whole_flag(spelled: str) -> bool:
    """Return whether a flag, as it is written, hands the linker nothing but libpython."""
    flag = _HOLE.sub(UNKNOWN_PART, _PREFIX.sub("", spelled).rstrip(" )\"'"))
    words = flag.split(",")[1:] if flag.startswith("-Wl,") else ()
    whole = libpython_names.linked_part(flag) == (0, len(flag))
    return whole or all(map(ListKind.FLAGS.names_libpython, words))


def until_cut(sinks: Iterable[Sink]) -> Iterator[Sink]:
    """Yield sinks until a limit cuts the analysis of one."""
    for sink in sinks:
        yield sink
        if analysis.is_cut():
            return
