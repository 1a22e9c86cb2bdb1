"""The output of commands: names of files, lists of libraries, a linker's flags.

``find``, ``ls`` and ``ldd`` are known, with ``grep`` behind them, and ``python3-config``.
"""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Any

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART, is_libpython
from no_libpython_dlopen.knowledge.link_references import (
    asks_for_embedding,
    is_embedding_package,
    names_python_config,
)
from no_libpython_dlopen.python.evaluator.abstract_values import (
    EMBEDDING_FLAGS,
    FROM_CANDIDATES,
    LISTED,
    LISTING,
    AbstractValue,
    Arguments,
    Element,
    External,
    Items,
    Mapping,
    one_of,
    text,
    texts,
)
from no_libpython_dlopen.python.evaluator.models.patterns import glob_text, regex_text

#: Tests of ``find`` whose argument is a pattern of the base name, and of the path.
_BASES, _PATHS = frozenset({"-name", "-iname"}), frozenset({"-path", "-wholename", "-ipath"})
#: Commands that give some of the lines that they read, and those that give a part of each.
_FILTERS = frozenset({"head", "tail", "sort", "uniq", "cat", "tac"})
_CUTTERS = frozenset({"awk", "cut", "tr"})
#: Commands that list shared libraries by themselves, and the files of Linux that do.
_LISTERS = frozenset({"ldd", "ldconfig", "otool", "pmap", "lsof", "lddtree"})
_MAPS = re.compile(rf"/proc/[\w{UNKNOWN_PART}]+/(?:s?maps|map_files)")
_PACKAGE_TOOLS = frozenset({"pkg-config", "pkgconf"})
_LIBPYTHON = re.compile(r"libpython(?![a-z_-])", re.IGNORECASE)
#: Options of ``grep`` with which it gives whole lines, or what is found in them.
_GREP_OPTIONS = re.compile(r"-[EFPowim\d]+|--color=\w+")
_REDIRECTION = re.compile(r"\d?>{1,2}&?\S+")
_DOT = re.compile(r"(?<!\\)\.(?![*+?])")
_JOINED = re.compile(r"[;&`]|\$\(|\|\|")


def output_text(arguments: Arguments) -> AbstractValue | None:
    """Return the output of a command, a name in a line; ``None`` where that is not known."""
    given = arguments.get(0, "args")
    found = [_output_name(option) for option in given.alternatives] if given is not None else []
    names = tuple(dict.fromkeys(one for one in found if one))
    if names and names[0] in (LISTING, LISTED, EMBEDDING_FLAGS):
        return one_of(External(names[0]), labels=FROM_CANDIDATES)
    return AbstractValue(names, False, FROM_CANDIDATES) if names else None


def _prints_embedding_flags(program: str, options: Sequence[str]) -> bool:
    """Return whether a command prints how a program is linked that embeds Python."""
    if names_python_config(program) or UNKNOWN_PART in program:
        return asks_for_embedding(options)
    return program in _PACKAGE_TOOLS and any(map(is_embedding_package, options))


def picked_line(known: Iterable[str]) -> str:
    """Return the name of a list's lines of which these texts or patterns are known."""
    return LISTED if all(map(_LIBPYTHON.search, known)) else LISTING


def file_content(path: AbstractValue | None) -> AbstractValue | None:
    """Return the content of a file, open or by its path: the libraries of a process in Linux's."""
    is_map = path is not None and any(map(_MAPS.fullmatch, texts(path)))
    return one_of(External(LISTING)) if is_map else None


def finished_process(arguments: Arguments) -> AbstractValue | None:
    """Return the process that ran a command, as far as its output is known."""
    output = output_text(arguments)
    if output is None:
        return None
    return AbstractValue((Mapping((("stdout", Element(None, output)),), open=True),))


def _output_name(command: Any) -> str:
    """Return the name that a command writes, with unknown parts; empty if it is not known."""
    if isinstance(command, Items):
        words = [next(iter(texts(one.values)), UNKNOWN_PART) for one in command.elements]
        if words[1:2] == ["-c"] and words[2:]:  # a shell
            return _output_name(words[2])
        return _name_from_command(words, "")
    whole = text(command)
    without_errors = _REDIRECTION.sub(" ", whole)
    if _JOINED.search(without_errors):
        return ""
    name = ""
    for number, part in enumerate(
        re.split(r"\|(?=(?:[^'\"]|'[^']*'|\"[^\"]*\")*\Z)", without_errors)
    ):
        try:
            words = shlex.split(part)
        except ValueError:
            return ""
        name = _name_from_command(words, name, is_first=number == 0)
    return name


def _name_from_command(words: Sequence[str], name: str, *, is_first: bool = True) -> str:
    """Return the name that one command writes, which may read others like ``name``."""
    program = words[0].rpartition("/")[2] if words else ""
    options = words[1:]
    if program == "find":
        for option, value in itertools.pairwise(options):
            if option in _BASES:
                return f"{UNKNOWN_PART}/{glob_text(value)}"
            if option in _PATHS:
                return glob_text(value)
        return ""
    if program in _LISTERS or (program == "cat" and any(map(_MAPS.fullmatch, options))):
        return LISTING
    if _prints_embedding_flags(program, options):
        return EMBEDDING_FLAGS
    plain = [one for one in options if not one.startswith("-")]
    if program == "ls":
        return glob_text(plain[0]) if len(plain) == 1 else ""
    if program in ("grep", "egrep", "fgrep") and (plain or not is_first):
        is_line = all(_GREP_OPTIONS.fullmatch(one) for one in options if one.startswith("-"))
        if not is_line or not plain:
            return ""
        # An unescaped dot is meant as one.
        found = regex_text(_DOT.sub(r"\\.", plain[0]), "search")
        if name == LISTING and not is_libpython(found):
            return picked_line(plain[:1])
        return found if name == LISTING else name or found
    if is_first:
        return ""
    return name if program in _FILTERS | _CUTTERS else ""
