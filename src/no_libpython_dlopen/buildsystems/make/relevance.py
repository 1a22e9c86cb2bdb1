"""Which rules of a makefile may link an extension module to libpython, decided from their words.

To expand a rule takes long, for each platform and each branch, and a makefile may have a
thousand of which one matters. A rule matters if its words name Python and a library, say that
extension modules are made, or build a distribution: directly, or by way of variables, of which
all values in the file count. A name that is computed may be any.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from no_libpython_dlopen.buildsystems.commands.text_prefilter import SHARED
from no_libpython_dlopen.buildsystems.make.lexer import Line
from no_libpython_dlopen.knowledge.link_references import forbids_undefined
from no_libpython_dlopen.model import analysis

#: Part of what names Python, of what puts a library on a link line, and of what says by itself
#: that modules are made or that others are built with the variables of the environment.
_PYTHON = re.compile(r"py", re.IGNORECASE)
_LIBRARY = re.compile(
    r"-l|libpy|embed|ldlibrary|instsoname|framework|xlinker|_lib|libs|lib\b|\bld", re.IGNORECASE
)
#: What compiles with Python's headers: its own script, or one that only a variable names.
_HEADERS = re.compile(
    r"swig|(?:py\S{0,20}config[^\n|;)]{0,200}?|[)}][\"']?[ \t]+)--(?:cflags|includes)",
    re.IGNORECASE,
)
_MODULES = re.compile(
    r"cython|pybind|nanobind|f2py|\bpip(?!e\b)|setup\.py|-m\s+build|\buv\s|pyproject|maturin"
    r"|cibuildwheel|poetry|\bpdm\s|\bhatch\s|pybuild|ld_preload",
    re.IGNORECASE,
)
#: A reference whose name, or whose use, is computed.
_COMPUTED = re.compile(r"\$[({](?P<head>[\w.-]*)\$|\$[({]eval\b")
_EVAL_ASSIGNS = re.compile(r"[({]eval[ \t]+([\w.-]+)[ \t]*[:+?]*=")
_EVAL = re.compile(r"^[^$\n]*\$.*[({]eval\b", re.MULTILINE)
#: Targets of a compilation, which links nothing.
_OBJECTS = re.compile(r"[^:]*\.l?o(?:bj)?\s*:")
_COMPILES = re.compile(r"(?=[^\n]*\.l?o(?:bj)?[ \t]*:)[^\n]*\n[\s\S]{0,2000}?[ \t]-c(?!\S)")
_NAME = re.compile(r"[^\s:#=+?!$(){}\"',;|&@<>/\\]+")
_MAKE = re.compile(r"\$[({]MAKE[)}]|(?<![\w.-])make\b")
_EXPORT = re.compile(r"^[ \t]*(?:export\b|\.EXPORT_ALL_VARIABLES)", re.MULTILINE)
#: What make's own rule for programs uses.
_BUILT_IN = ("LDFLAGS", "LOADLIBES", "LDLIBS")


class RuleSet(NamedTuple):
    """Rules of a makefile, by where they begin.

    ``needs_all`` says that the others must be read as well, since a pattern rule, make's own
    rule for programs, or a variable of a target leads to some of these.
    """

    starts: set[int]
    needs_all: bool


class Relevance:
    """The rules of one makefile that matter.

    ``modules`` are those that may link an extension module, or say what one is; ``users`` are
    all that may link libpython to something.
    """

    def __init__(self, text: str, lines: list[Line], configured: Collection[str] = ()) -> None:
        values, rules, targets = _read(text, lines)
        names = sorted({name for several, _ in values for name in several})
        marks = (_PYTHON, _LIBRARY, SHARED, _HEADERS, _MODULES)
        reached = [_marked_variables(values, names, mark, configured) for mark in marks]
        exports = _EXPORT.search(text) is not None

        def classify(words: str) -> tuple[bool, bool]:
            used = _used_variables(words, names)
            python, library, shared, headers, modules = (
                used is None
                or analysis.search(mark, words) is not None
                or not used.isdisjoint(each)
                for mark, each in zip(marks, reached, strict=True)
            )
            linked = python and library
            tells = modules or (python and headers)
            runs_make = exports and _MAKE.search(words) is not None
            return tells or (linked and shared), tells or linked or runs_make

        known = {start: classify(words) for start, words in rules}
        of_targets = [classify(words)[1] or forbids_undefined(words) for words in targets]
        built_in = all(not each.isdisjoint(_BUILT_IN) for each in reached[:2])

        def rule_set(index: int) -> RuleSet:
            starts = {start for start, each in known.items() if each[index]}
            if starts:  # a module may be known by the sources of its objects
                starts |= {start for start, words in rules if _COMPILES.match(words)}
            needs_all = any(of_targets) or any(
                start in starts and _is_pattern(words) for start, words in rules
            )
            return RuleSet(starts, needs_all or (index == 1 and built_in))

        self.modules, self.users = rule_set(0), rule_set(1)


def _is_pattern(words: str) -> bool:
    """Return whether a rule is a pattern rule that links something, or says what a module is."""
    if "%" not in words.partition("\n")[0]:
        return False
    return not _OBJECTS.match(words) or bool(_MODULES.search(words) or _HEADERS.search(words))


def _read(
    text: str, lines: Iterable[Line]
) -> tuple[list[tuple[Sequence[str], str]], list[tuple[int, str]], list[str]]:
    """Return the values of variables, the rules with their recipes, and variables of targets."""
    values: list[tuple[Sequence[str], str]] = []
    rules: list[tuple[int, str]] = []
    targets: list[str] = []
    pieces: list[str] = []
    name = ""
    for line in lines:
        words = text[line.start : line.end]
        analysis.check_time()
        evaluated = _EVAL_ASSIGNS.findall(words)
        if evaluated:
            values.append((evaluated, words))
        if line.kind == "rule" or (line.kind == "other" and _EVAL.search(words)):
            _end(rules, pieces)
            rules.append((line.start, ""))
            pieces = [words]
            if re.search(r":[^=:]*[\w)} \t](?:::?|\+|\?)?=", words):
                targets.append(words)
                found = re.search(r":\s*(?:(?:override|export|private)\s+)*([^\s:#=+?!]+)", words)
                values.append(([found[1] if found else ""], words))
        elif line.kind == "recipe":
            pieces.append(words)
        elif line.kind == "assignment":
            values.append(([line.name], words))
        elif line.kind == "define":
            name = line.name
        elif line.kind == "text":
            values.append(([name], words))
    _end(rules, pieces)
    return values, rules, targets


def _end(rules: list[tuple[int, str]], pieces: list[str]) -> None:
    if rules:
        rules[-1] = rules[-1][0], "".join(pieces)


def _used_variables(words: str, names: list[str]) -> set[str] | None:
    """Return the variables that some words may refer to, ``None`` for any.

    ``names`` are those that are set, in their order: one whose name is computed may be each
    that begins alike.
    """
    if "$" not in words and "@" not in words:
        return set()
    used = set(_NAME.findall(words))
    for match in _COMPUTED.finditer(words):
        head = match["head"]
        if not head:
            return None
        at = bisect_left(names, head)
        while at < len(names) and names[at].startswith(head):
            used.add(names[at])
            at += 1
    return used


def _marked_variables(
    values: Iterable[tuple[Sequence[str], str]],
    names: list[str],
    mark: re.Pattern[str],
    configured: Iterable[str],
) -> set[str]:
    """Return the variables that hold what is marked, or one that does.

    ``values`` are words, each with the variables that are set to them.
    """
    users: dict[str, list[Sequence[str]]] = {}
    waiting: list[Sequence[str]] = [tuple(configured)]
    for several, words in values:
        used = _used_variables(words, names)
        if used is None or analysis.search(mark, words):
            waiting.append(several)
        for each in used or ():
            users.setdefault(each, []).append(several)
    found: set[str] = set()
    seen: set[int] = set()
    while waiting:
        together = waiting.pop()
        if id(together) not in seen:
            seen.add(id(together))
            for name in set(together) - found:
                found.add(name)
                waiting += users.get(name, ())
    return found
