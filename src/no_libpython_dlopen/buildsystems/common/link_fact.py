"""Makes the ``Link`` that a reader of build files yields, in one way for all languages."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence

from no_libpython_dlopen.buildsystems.common.deletions import Deletion, apply_edits
from no_libpython_dlopen.buildsystems.common.opening_programs import programs_that_open
from no_libpython_dlopen.buildsystems.common.project_flags import (
    doubts_of_project,
    forbids_undefined,
    siblings_forbid_undefined,
)
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Applicability, Edit, Fix, Related
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source

#: Why a fix that deletes a comment must be asked for.
COMMENT = "the deleted text contains a comment"
#: Why a fix outside the build systems that know extension modules must be asked for.
MACOS = "on macOS the link may need `-undefined dynamic_lookup` instead"
#: Why the deletion of a link that may be another system's must be asked for.
OTHER_SYSTEM = "it may be for Windows or Cygwin alone, which need it"
#: Why the deletion of a word must be asked for if code may read the list that it is in.
EXPECTED = "other code may expect the item in the list"
#: Why the deletion of a link must be asked for if a program without Python may load the module.
HOST = "the module may start an interpreter itself, in a program that has none"
#: Why a link that moves under a condition must be asked for.
UNTRIED = "the conditions for macOS and Windows have not been tested"
#: Why nothing may be apply_edits where the linker refuses what it cannot resolve.
STRICT = "the link line forbids undefined symbols, which must be changed with it"
#: Why the fix of a strict link line must be asked for.
UNCHECKED = "the linker no longer refuses other symbols that the module leaves undefined"
#: Why the fix of a library must be asked for that only its sources tell to be a module.
BY_SOURCES = "only its sources say that the library is an extension module"
#: Why the fix of a target must be asked for that programs of other projects may link.
EXPORTED = "the project exports the target, and what links that elsewhere gets libpython by it"
#: Why the fix of a file must be asked for that looks for something in its own text.
OWN_TEXT = "the file reads its own text, which the fix changes"
#: Why the fix of a module must be asked for that a program without an interpreter opens.
OPENED = "a program of the project opens the module and starts no interpreter"
#: Code that opens the file that it is in: Python's, a shell's, make's, CMake's.
_READS_ITSELF = re.compile(
    r"\b(?:open|loadtxt|FileInput|read_text|read_bytes)\s*\([^()\n]{0,80}\b__file__"
    r"|\bPath\(\s*__file__\s*\)(?:\.(?:resolve|absolute)\(\))?\.(?:read_text|read_bytes|open)\b"
    r"|\b(?:getsource|getsourcelines|linecache)\b"
    r"|\b(?:[ef]?grep|sed|awk|cat|head|tail|cut|wc|tr|sha\d*sum|md5sum|cmp|diff|perl)\b"
    r"[^\n|;&]{0,200}(?:[\s\"]\$(?:0|\{0\})(?=[\s\"]|\Z)|\$\{?BASH_SOURCE"
    r"|\$\((?:(?:firstword|lastword) \$\()?MAKEFILE_LIST\))"
    r"|\bfile\s*\(\s*(?:READ|STRINGS|SHA\w+|MD5)\s+\"?\$\{CMAKE_CURRENT_LIST_FILE\}"
)
#: Why nothing is deleted behind `-Xlinker`.
HALF = "it is the value of the option before it, which has to be deleted with it"
#: An option at the end of what stays, in a list, two lists or a command line.
_OPTION = re.compile(
    r"""(?<![\w-])(?:SHELL:)?(?:(?:-Wl,|LINKER:)(?:[^\s"',]*,)*)?-{1,2}
    (?:Xlinker|for-linker|Xclang|l|library|framework|rpath(?:-link)?|soname|dynamic-linker
    |install_name|dylib_file
    |(?:weak|needed|reexport|upward|lazy)_(?:library|framework)|force_load|exclude-libs|defsym
    |version-script|Map|wrap|undefined|just-symbols|[hoLRTuz])
    ["']?[\])\s,\\+*(\["']*\Z""",
    re.VERBOSE,
)
_WORD_BEGINS = re.compile(r"[\s,\\]*[\"']?[\w./@$-]")
#: Files in which a strict flag may reach any target, by way of a variable say.
_ANY_TARGET = frozenset(
    {
        *(Kind.PYTHON, Kind.CYTHON, Kind.SETUP_CFG, Kind.PYPROJECT),
        *(Kind.SCONS, Kind.WAF, Kind.BAZEL, Kind.MESON, Kind.RUST_BUILD),
    }
)
#: Kinds that the settings of a Python project build.
_OF_PROJECT = frozenset({Kind.PYTHON, Kind.CYTHON, Kind.SETUP_CFG, Kind.PYPROJECT, Kind.MESON})
_PACKAGE = re.compile(r"(?P<plain>[^\s-]\S*)-embed")


def link(
    source: Source,
    start: int,
    end: int,
    fix: Fix | None = None,
    *,
    embedding: bool = False,
    target: str = "",
    instead: str = "",
    no_fix_reason: str = "",
    related: tuple[Related, ...] = (),
    preloaded: bool = False,
    known: Collection[str] = (),
) -> Link:
    """Return the fact that the text at ``[start, end)`` links an extension module.

    ``instead`` need not be given for pkg-config's ``python3-embed``. The files in ``known`` do
    not forbid undefined symbols where the module is linked.
    """
    if fix and (
        (
            source.kind in _ANY_TARGET
            and source.derive(_forbids_undefined)
            and forbids_undefined(apply_edits(source.text, fix.edits))
        )
        or (source.kind in _OF_PROJECT and source.derive(siblings_forbid_undefined))
    ):
        fix, no_fix_reason = None, STRICT
    if fix and _leaves_half(source.text, fix.edits):
        fix, no_fix_reason = None, HALF
    if fix and fix.applicability is Applicability.SAFE:
        doubts = [*doubts_of_project(source, known), *_doubts_of_file(source, target)]
        fix = make_fix(fix.message, fix.edits, [*fix.caveats, *doubts])
    spelled = " ".join(source.text[start:end].split())
    package = _PACKAGE.fullmatch(spelled.strip("\"'"))
    return Link(
        spelled=spelled,
        embedding=embedding,
        start=source.locate(start),
        end=source.locate(end),
        target=target,
        instead=package["plain"] if package else instead,
        fix=fix,
        no_fix_reason="" if fix else no_fix_reason,
        related=related,
        preloaded=preloaded,
    )


def _doubts_of_file(source: Source, target: str) -> Iterator[str]:
    """Yield why a deletion may break what reads the build file, or opens what it makes."""
    if source.derive(_reads_itself):
        yield OWN_TEXT
    if target and file_tree.is_file(source.path):
        folder = os.path.dirname(os.path.abspath(source.path))
        if any(True for _ in programs_that_open(folder, target)):
            yield OPENED


def _reads_itself(source: Source) -> bool:
    return _READS_ITSELF.search(source.text) is not None


def _leaves_half(text: str, edits: Sequence[Edit]) -> bool:
    """Return whether a deletion leaves an option that takes the deleted word as its value."""
    for edit in edits:
        option = _OPTION.search(text, max(0, edit.start - 200), edit.start)
        if option and not edit.new and _WORD_BEGINS.match(edit.old):
            return True
    return False


def _forbids_undefined(source: Source) -> bool:
    return forbids_undefined(source.text)


def deletion(spelled: str, edit: Deletion | Edit, caveats: Sequence[str] = ()) -> Fix:
    """Return the fix that makes a deletion: safe without a caveat, unsafe with one."""
    if isinstance(edit, Deletion):
        caveats = [*caveats, COMMENT] if edit.comment else caveats
        edit = edit.edit
    return make_fix(f"delete `{spelled}`", (edit,), caveats)


def make_fix(message: str, edits: tuple[Edit, ...], caveats: Sequence[str] = ()) -> Fix:
    """Return the fix with these edits: safe without a caveat, unsafe with one."""
    applicability = Applicability.UNSAFE if caveats else Applicability.SAFE
    return Fix(applicability, message, edits, tuple(caveats))
