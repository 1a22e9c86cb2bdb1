"""Finds the variables of a ``configure.ac`` that bring libpython along.

A ``configure.ac`` links nothing; a ``Makefile.am`` does, with the variables that are
found here: those of ``PKG_CHECK_MODULES`` with ``python3-embed``, of ``AX_PYTHON_DEVEL``
(whose ``PYTHON_LIBS``, once ``PYTHON_LDFLAGS``, holds ``-lpython``), those that are
assigned such a flag, and those that are assigned one of these. So are the variables that
hold a folder of Python's modules. No library reads m4 with offsets, and expanding it
would be running it: only the calls of a few macros and simple assignments are read, also
in those macros of the project's own ``*.m4`` that are called, and what is not understood
is ignored.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.buildsystems.shell.comments import embedded_comments
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.knowledge.link_references import (
    asks_for_embedding,
    embedding_packages,
    may_forbid_undefined,
    prints_libpython,
    without_libtool_flag,
)
from no_libpython_dlopen.knowledge.python_folders import names_python_folder, prints_python_folder

__all__ = ["Configured", "embedded_comments", "nearest_results"]

MAX_LEVELS = 6
#: Files with macros that are read of one project.
MAX_MACRO_FILES = 200
#: Makefiles that are read of one project.
MAX_MAKEFILES = 200

#: What `AC_CONFIG_FILES` and `AC_OUTPUT` are given.
_MAKEFILE = re.compile(r"(?<![\w./-])(?:[\w.-]+/)*Makefile(?=[\s\])])")
_COMMENT = re.compile(r"(?:^|(?<=\s))(?:dnl\b|#)[^\n]*", re.MULTILINE)
_MODULES = re.compile(
    r"\b(?:PKG_CHECK_MODULES|PKG_CHECK_MODULES_STATIC)\(\s*(?:\[\s*)?(?P<prefix>\w+)\s*(?:\]\s*)?,"
    r"(?P<modules>[^,)]{0,500})"
)
#: `$PYNAME-embed`, where a variable holds the interpreter's name.
_NAMED_BY_VARIABLE = re.compile(r"\$\{?\w{0,99}PY\w*\}?\"?-embed(?![\w.-])", re.IGNORECASE)
_DEVEL = frozenset({"AX_PYTHON_DEVEL", "AC_PYTHON_DEVEL"})
_DEFINED = re.compile(r"\bA[CU]_DEFUN(?:_ONCE)?\(\s*(?:\[\s*)?(?P<name>\w+)")
_MACRO_FOLDER = re.compile(r"\bAC_CONFIG_MACRO_DIRS?\(\s*(?:\[\s*)?(?P<folders>[^\])]{1,500})")
_ACLOCAL_FLAGS = re.compile(r"^ACLOCAL_AMFLAGS\s*=.*", re.MULTILINE)
_FOLDER_FLAG = re.compile(r"-I\s*([\w./-]+)")
_INCLUDED = re.compile(r"\b(?:m4_|s)?include\(\[?\s*([\w./-]+\.m4)\b")
_WORD = re.compile(r"\w+")
#: What `AX_PYTHON_DEVEL` assigns, in the project's own copy of it.
_DEVEL_ASSIGNED = re.compile(
    r"\bPYTHON_(?P<what>LIBS|LDFLAGS)=(?=[^\n]{0,200}-l|.{0,400}\bB?LDLIBRARY\b)", re.DOTALL
)
_NESTED = r"\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)"
_COMMANDS = rf"\$\([^()\n]*(?:{_NESTED}[^()\n]*)*\)|`[^`\n]*`"
_ASSIGNED = re.compile(
    r"(?:^|[\s;\[])(?P<name>[A-Z][A-Z0-9_]*)="
    rf"(?P<value>\"[^\"\n`$]*(?:(?:{_COMMANDS}|\$(?!\())[^\"\n`$]*)*\"|'[^'\n]*'|{_COMMANDS}|[^\s\])]+)"
)
_SUBSTITUTED = re.compile(
    r"\bAC_SUBST\(\s*(?:\[\s*)?(?P<name>\w+)\s*(?:\]\s*)?,\s*(?:\[(?P<value>[^\]\n]*)|(?P<bare>[^)\n]*))"
)
_REFERENCE = re.compile(r"\$\{?(\w+)\}?")
_SAVED = re.compile(r"LIBS|LDFLAGS|.*(?:SAVE|OLD|BACKUP|ORIG).*")

#: The pattern of a ``case`` for Windows, up to where the search ends.
_WINDOWS_BRANCH = re.compile(
    r"^[^\n()]*(?:mingw|cygwin|msys|win32|windows)[^\n()]*\)(?:(?!;;|\besac\b).)*\Z",
    re.DOTALL | re.IGNORECASE | re.MULTILINE,
)
#: A flag with a version that a variable or Python code tells.
_FLAG_WITH_VERSION = re.compile(r"(?:^|\s)-lpython(?P<version>\$\{?\w+\}?)[dmut]{0,3}(?=\s|$)")
_FLAG_IN_CODE = re.compile(r"-lpython(?:3?['\"]|[%{])")
#: Programs that take a flag away from what others print.
_FILTERS = re.compile(r"\b(?:sed|grep|tr|cut|awk)\b")
_PKG_CONFIG = re.compile(r"pkg[-_]?conf", re.IGNORECASE)
#: What a value may hold besides references to variables of Python's, if it is Python's alone.
_PYTHON_FLAG = re.compile(r"-L.*|-lpython.*|-l(?:m|dl|util|pthread|rt|intl)|-Wl,.*|-X\w+|-pthread")
_PYTHON_NAME = re.compile(r"(?:[A-Z]+_)?(?:ALT)?PY(?:THON)?\d*(?:_\w+)?", re.IGNORECASE)
_VERSION = re.compile(r"[<>=]+|[\d.]+|\$\w+")
#: `$($PYTHON_CONFIG --libs)` and the like print Python's flags.
_COMMAND = re.compile(r"[\"']?(?:`|\$\()")
_OF_ALL = frozenset({"LDFLAGS", "LIBS", "AM_LDFLAGS", "CC", "CXX"})
_CONDITIONAL = re.compile(r"\bAM_CONDITIONAL\(\s*(?:\[\s*)?(?P<name>\w+)")


class Configured(NamedTuple):
    """What configure finds out: the variables that link libpython, and Python's folders.

    ``mixed`` are those of ``links`` that hold other libraries too. ``conditionals`` are the
    names that ``if`` knows in a ``Makefile.am``, in the order of their definitions. ``strict``
    are variables that may forbid undefined symbols; an empty name is that of all links.
    ``makefiles`` are the paths of the makefiles that it makes.
    """

    links: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()
    mixed: frozenset[str] = frozenset()
    conditionals: tuple[str, ...] = ()
    strict: frozenset[str] = frozenset()
    makefiles: tuple[str, ...] = ()

    def forbids_undefined(self, makefile: str) -> bool:
        """Return whether the links of a makefile may be told to refuse undefined symbols."""
        return "" in self.strict or not self.strict.isdisjoint(_WORD.findall(makefile))


def evaluate(text: str, macros: dict[str, str] | None = None) -> Configured:
    """Return the results of a ``configure.ac``; ``macros`` are the project's own, by name."""
    macros = macros or {}
    text = _COMMENT.sub("", text)
    called = _called_macros(text, macros)
    found: set[str] = set()
    if called & _DEVEL:
        found |= _devel_variables(macros, old="AC_PYTHON_DEVEL" in called)
    texts = [text, *(macros[name] for name in sorted(called - _DEVEL) if name in macros)]
    assigned: list[tuple[str, str]] = []
    mixed: set[str] = set()
    for each in texts:
        for match in _MODULES.finditer(each):
            asked = match["modules"]
            if any(embedding_packages(asked)) or _NAMED_BY_VARIABLE.search(asked):
                found.add(f"{match['prefix']}_LIBS")
                names = [w for w in asked.strip("[] ").split() if not _VERSION.fullmatch(w)]
                if len(names) > 1:
                    mixed.add(f"{match['prefix']}_LIBS")
        assigned += _assignments(each)
    found |= {name for name, value in assigned if _links(value)}
    found = {name for name in found if not _SAVED.fullmatch(name)}
    folders: set[str] = {
        name
        for name, value in assigned
        if names_python_folder(value) or prints_python_folder(value)
    }
    for known in (found, folders):
        for _ in range(5):
            known |= {
                name
                for name, value in assigned
                if not known.isdisjoint(_REFERENCE.findall(value)) and not _SAVED.fullmatch(name)
            }
    mixed |= {name for name, value in assigned if name in found and _holds_others(value)}
    conditionals = dict.fromkeys(match["name"] for match in _CONDITIONAL.finditer(text))
    return Configured(
        frozenset(found),
        frozenset(folders),
        frozenset(mixed & found),
        tuple(conditionals),
        _strict_variables(texts, assigned),
        tuple(dict.fromkeys(_MAKEFILE.findall(text)))[:MAX_MAKEFILES],
    )


def _strict_variables(texts: list[str], assigned: list[tuple[str, str]]) -> frozenset[str]:
    """Return the variables that may forbid undefined symbols; an empty name is of all links."""
    if not any(map(_is_strict, texts)):
        return frozenset()
    found = {name for name, value in assigned if _is_strict(value)}
    return frozenset({""} if not found or found & _OF_ALL else found)


def _is_strict(text: str) -> bool:
    return may_forbid_undefined(without_libtool_flag(text))


def _assignments(text: str) -> Iterator[tuple[str, str]]:
    """Yield the variables that a text sets, with their values, but those for Windows alone."""
    for match in _ASSIGNED.finditer(text):
        if not _WINDOWS_BRANCH.search(text, max(0, match.start() - 600), match.start()):
            yield match["name"], match["value"]
    for match in _SUBSTITUTED.finditer(text):
        yield match["name"], match["value"] or match["bare"] or ""


def _holds_others(value: str) -> bool:
    """Return whether a value holds libraries that are not Python's."""
    if _COMMAND.match(value):
        return False
    return any(
        not _PYTHON_FLAG.fullmatch(word)
        and not all(map(_PYTHON_NAME.fullmatch, _REFERENCE.findall(word) or ["-"]))
        for word in value.strip("\"'[]").split()
    )


def _called_macros(text: str, macros: dict[str, str]) -> set[str]:
    """Return the macros that a text calls, by way of others too."""
    known = {*macros, *_DEVEL}
    called: set[str] = set()
    waiting = [text]
    while waiting:
        new = known.intersection(_WORD.findall(waiting.pop())) - called
        called |= new
        waiting += [macros[name] for name in new if name in macros]
    return called


def _devel_variables(macros: dict[str, str], *, old: bool) -> set[str]:
    """Return the variable in which ``AX_PYTHON_DEVEL`` leaves libpython.

    As long as it was called ``AC_PYTHON_DEVEL`` that was another one.
    """
    own = [macros[name] for name in _DEVEL if name in macros]
    if not own:
        return {"PYTHON_LIBS", "PYTHON_LDFLAGS"} if old else {"PYTHON_LIBS"}
    assigned = {match["what"] for text in own for match in _DEVEL_ASSIGNED.finditer(text)}
    return {f"PYTHON_{min(assigned, key=('LIBS', 'LDFLAGS').index)}"} if assigned else set()


def _links(value: str) -> bool:
    """Return whether a value holds libpython, or is what a program prints about it."""
    if "||" in value:
        return False
    words = value.strip("\"'`$()").split()
    if _COMMAND.match(value):
        embeds = any(embedding_packages(value)) or _NAMED_BY_VARIABLE.search(value)
        if "--libs" in words and embeds and _PKG_CONFIG.search(value):
            return True
        if "PYTHON" in value.upper() and not _FILTERS.search(value):
            code = value.replace("\\", "")
            if prints_libpython(code) or _FLAG_IN_CODE.search(code):
                return True
    version = _FLAG_WITH_VERSION.search(" ".join(words))
    if version and "2" not in version["version"]:
        return True
    return asks_for_embedding(words) or any(
        libpython_names.is_link_flag(word) for word in words if word.startswith("-l")
    )


def nearest_results(path: str) -> Configured:
    """Return the results of the nearest ``configure.ac`` at or above a file; none without one."""
    if not file_tree.is_file(path):
        return Configured()
    folder = os.path.dirname(os.path.abspath(path))
    for _ in range(MAX_LEVELS):
        for name in ("configure.ac", "configure.in"):
            text = text_of(os.path.join(folder, name), errors="replace")
            if text is not None:
                files = _macro_files(folder, text) if "PYTHON" in text.upper() else ()
                return _cached_results(text, files)
        parent = os.path.dirname(folder)
        if parent == folder:
            break
        folder = parent
    return Configured()


def other_makefiles(path: str, configured: Configured) -> Iterator[str]:
    """Yield the texts of the other ``Makefile.am`` of a file's project."""
    path = os.path.abspath(path)
    folder = os.path.dirname(path)
    for _ in range(MAX_LEVELS):
        if any(os.path.isfile(os.path.join(folder, f"configure.{end}")) for end in ("ac", "in")):
            for name in configured.makefiles:
                other = os.path.join(folder, f"{name}.am")
                if other != path and ".." not in name:
                    yield text_of(other, errors="replace") or ""
            return
        folder = os.path.dirname(folder)


@lru_cache(maxsize=8)
def _cached_results(text: str, files: tuple[tuple[str, file_tree.Stamp], ...]) -> Configured:
    """Return the results of a ``configure.ac``, cached: many files of a project ask for them."""
    return evaluate(text, _macros(path for path, _ in files))


def _macros(paths: Iterable[str]) -> dict[str, str]:
    """Return the bodies of the macros that some ``*.m4`` define."""
    found: dict[str, str] = {}
    for path in paths:
        content = text_of(path, errors="replace")
        if content is None or "PYTHON" not in content:
            continue
        content = _COMMENT.sub("", content)
        begun = list(_DEFINED.finditer(content))
        for match, following in zip_longest(begun, begun[1:]):
            end = following.start() if following else len(content)
            found[match["name"]] = content[match.end() : end]
    return found


def _macro_files(folder: str, text: str) -> tuple[tuple[str, file_tree.Stamp], ...]:
    """Return a project's own ``*.m4``, each with when it was changed, and its size."""
    folders = ["", "m4"]
    for match in _MACRO_FOLDER.finditer(text):
        folders += [name for name in match["folders"].split() if ".." not in name]
    makefile = text_of(os.path.join(folder, "Makefile.am"), errors="replace") or ""
    for flags in _ACLOCAL_FLAGS.finditer(makefile):
        folders += [name for name in _FOLDER_FLAG.findall(flags[0]) if ".." not in name]
    folders += [os.path.dirname(name) for name in _INCLUDED.findall(text) if ".." not in name]
    found: list[tuple[str, file_tree.Stamp]] = []
    for name in dict.fromkeys(folders):
        found += _macro_files_in(os.path.join(folder, name))
    return tuple(found[:MAX_MACRO_FILES])


def _macro_files_in(folder: str) -> list[tuple[str, file_tree.Stamp]]:
    names = [name for name in file_tree.names_in(folder) if name.endswith(".m4")]
    paths = [os.path.join(folder, name) for name in names]
    stamps = ((path, file_tree.stamp_of(path)) for path in paths)
    return [(path, stamp) for path, stamp in stamps if stamp]
