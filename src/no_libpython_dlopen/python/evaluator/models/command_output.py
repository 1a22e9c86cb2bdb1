"""The output of commands that list files: ``find -name``, ``ls``, and ``grep`` behind them."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Sequence
from typing import Any

from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.python.evaluator.abstract_values import (
    FROM_CANDIDATES,
    AbstractValue,
    Arguments,
    Element,
    Items,
    Mapping,
    text,
    texts,
)
from no_libpython_dlopen.python.evaluator.models.patterns import glob_text, regex_text

#: Tests of ``find`` whose argument is a pattern of the base name, and of the path.
_BASES, _PATHS = frozenset({"-name", "-iname"}), frozenset({"-path", "-wholename", "-ipath"})
#: Commands that give some of the lines that they read, and those that give a part of each.
_FILTERS = frozenset({"head", "tail", "sort", "uniq", "cat", "tac"})
_CUTTERS = frozenset({"awk", "cut", "tr"})
#: Options of ``grep`` with which it gives whole lines, or what is found in them.
_GREP_OPTIONS = re.compile(r"-[EFPowim\d]+|--color=\w+")
_REDIRECTION = re.compile(r"\d?>{1,2}&?\S+")
_DOT = re.compile(r"(?<!\\)\.(?![*+?])")
_JOINED = re.compile(r"[;&`]|\$\(|\|\|")


def output_text(arguments: Arguments) -> AbstractValue | None:
    """Return what a command writes, a name in a line; ``None`` where that is not known."""
    given = arguments.get(0, "args")
    found = [_output_name(option) for option in given.alternatives] if given is not None else []
    names = tuple(dict.fromkeys(one for one in found if one))
    return AbstractValue(names, False, FROM_CANDIDATES) if names else None


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
    plain = [one for one in options if not one.startswith("-")]
    if program == "ls":
        return glob_text(plain[0]) if len(plain) == 1 else ""
    if program in ("grep", "egrep", "fgrep") and (plain or not is_first):
        is_line = all(_GREP_OPTIONS.fullmatch(one) for one in options if one.startswith("-"))
        if not is_line or not plain:
            return ""
        # An unescaped dot is meant as one.
        return name or regex_text(_DOT.sub(r"\\.", plain[0]), "search")
    if is_first:
        return ""
    return name if program in _FILTERS | _CUTTERS else ""
