"""Splits a makefile into logical lines, without losing a character.

The lines are those of GNU make's manual, *What Makefiles Contain* and *How Makefiles Are
Parsed*: recipes, assignments, rules, conditionals, ``define`` … ``endef``, comments and
the rest. What BSD make and nmake have besides is let through as ``other``. Automake's
``if COND`` is read where asked for. Own because no library reads make with offsets:
tree-sitter-make takes a comment behind an assignment for text, and pymake runs things.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.shell import comments as shell
from no_libpython_dlopen.buildsystems.shell.comments import embedded_comments
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import MAKE_CONDITIONS
from no_libpython_dlopen.model.source import Source, Unreadable

__all__ = ["Line", "code_tokens", "comments", "embedded_comments", "is_of_automake", "lines"]
__all__ += ["parse_lines"]

_PHYSICAL = re.compile(r"[^\n]*(?:\n|\Z)")
_CONTINUED = re.compile(r"(?<!\\)(?:\\\\)*\\(?:\r\n|\r|\n)\Z")
_CONDITION = re.compile(r"(?:ifeq|ifneq)(?=[ \t(\"'])|(?:ifdef|ifndef)(?=[ \t])")
_ELSE = re.compile(r"else\b(?![ \t]*[:?+!]?=|[ \t]*:)")
_ENDIF = re.compile(r"endif\b(?![ \t]*[:?+!]?=|[ \t]*:)")
_AUTOMAKE_IF = re.compile(r"if[ \t]+(?:![ \t]*)?[A-Za-z]\w*[ \t]*(?:#[^\r\n]*)?[\r\n]*\Z")
#: Lines that only Automake takes: make's own conditions have other words, BSD make's a dot.
_BARE_IF = re.compile(r"^if[ \t]+(?:![ \t]*)?[A-Za-z]\w*[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_PRIMARY = re.compile(r"^[ \t]*\w+_LTLIBRARIES[ \t]*\+?=", re.MULTILINE)
_DEFINE = re.compile(r"(?:(?:override|export|private)[ \t]+)*define\b(?![ \t]*[:?+!]?=|[ \t]*:)")
_ENDEF = re.compile(r"endef\b")
_INCLUDE = re.compile(r"[-s]?include(?=[ \t])|(?:un)?export\b(?![^=]*=)|vpath\b|undefine\b|load\b")
#: A mark that no backslash takes off.
_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*(#)")
#: What leaves ``SHELL`` a POSIX shell: it is read, or set to one for all recipes.
_POSIX_SHELL = re.compile(
    r"\$[({]SHELL[)}]|^ *(?:(?:override|export) +)?SHELL *(?:[:?]|::?:)?= *"
    r"(?:[\w./-]*/)?(?:env +)?(?:ba|da|a|k|mk|z)?sh *(?=\r?$)",
    re.MULTILINE,
)
#: What may give recipes another shell, or several lines at once: a name of it, one that is
#: computed, and what brings lines from elsewhere.
_OTHER_RECIPES = re.compile(
    r"(?<!\w)(?:ONESHELL|(?:MAKE)?SHELL(?:FLAGS)?)(?!\w)|\$[({](?:eval|guile)\b"
    r"|^[ \t]*(?:-|s|\.[ \t]*)?include\b|^(?!\t)(?:[^\n:#=]*:)?[ \t.SHEL]*\$[({][^\n]*=",
    re.MULTILINE,
)
#: Here and below repetitions are limited: a pattern takes memory for each, and a line may have
#: millions.
_ASSIGNMENT = re.compile(
    r"""
    (?:(?:override|export|unexport|private)[ \t]+){0,9}
    (?P<name>(?:[^\s:#=+?!$(){}"';|&]|\$[({][^(){}\s]*[)}]|[+](?![ \t]*=)|\$\w)
        [^\s:#=+?!$(){}"';|&]*
        (?:(?:\$[({][^(){}\s]*[)}]|[+](?![ \t]*=)|\$\w)[^\s:#=+?!$(){}"';|&]*){0,999})
    [ \t]*(?P<operator>:::=|::=|:=|\+=|\?=|!=|=)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """A logical line with its continuations, from its first character to past its end.

    ``kind`` is ``recipe``, ``assignment``, ``rule``, ``if``, ``else``, ``endif``,
    ``define``, ``text`` (inside of a ``define``), ``endef``, ``comment``, ``blank`` or
    ``other``. ``name`` and ``operator`` are an assignment's or a ``define``'s, and its
    value begins at ``value``.
    """

    kind: str
    start: int
    end: int
    name: str = ""
    operator: str = ""
    value: int = 0


def is_of_automake(text: str) -> bool:
    """Return whether a text has Automake's syntax: a fragment that a ``Makefile.am`` includes."""
    if _PRIMARY.search(text):
        return True
    if not _BARE_IF.search(text):
        return False
    try:
        return not list(lines(text))
    except LexError:  # a condition that make does not see is closed
        return True


def parse_lines(source: Source, *, automake: bool = False) -> list[Line]:
    """Return the lines of a makefile. Raises ``Unreadable``."""
    try:
        return list(analysis.watch(lines(source.text, automake=automake)))
    except LexError as error:
        raise Unreadable(
            f"not a valid makefile: {error.reason}", source.locate(error.offset)
        ) from None


def lines(text: str, *, automake: bool = False) -> Iterator[Line]:
    """Yield the logical lines of a makefile; joined they are the text.

    Raises ``LexError`` where a conditional or a ``define`` does not end, as make does.
    """
    depth: list[int] = []
    defines: list[int] = []
    in_rule = False
    prefix = "\t"
    for start, end in _logical(text):
        line = text[start:end]
        bare = line.strip()
        if defines:
            kind = _inside_define(bare, defines, start)
            yield Line(kind, start, end)
            continue
        if line.startswith(prefix) and in_rule and bare:
            yield Line("recipe", start, end)
            continue
        found = _classify(text, start, end, automake=automake)
        if found.kind == "if":
            depth.append(start)
            if len(depth) > MAKE_CONDITIONS:
                raise LexError("conditionals are nested too deeply", start)
        elif found.kind in ("else", "endif"):
            if not depth:
                raise LexError(f"`{found.kind}` without a condition", start)
            if found.kind == "endif":
                depth.pop()
        elif found.kind == "define":
            defines.append(start)
        elif found.kind == "assignment" and found.name == ".RECIPEPREFIX":
            prefix = text[found.value : end].strip()[:1] or "\t"
        in_rule = found.kind == "rule" or (
            in_rule and found.kind in ("blank", "comment", "if", "else", "endif")
        )
        yield found
    if defines:
        raise LexError("`define` is not closed", defines[0])
    if depth:
        raise LexError("a conditional is not closed", depth[-1])


def _inside_define(bare: str, defines: list[int], start: int) -> str:
    if _ENDEF.match(bare):
        defines.pop()
        return "text" if defines else "endef"
    if _DEFINE.match(bare):
        defines.append(start)
    return "text"


def _logical(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of lines, joined where a backslash continues one."""
    start = 0
    for physical in analysis.watch(_PHYSICAL.finditer(text)):  # millions of them may be one line
        at = physical.end()
        if at == start:  # nothing is behind the last line
            break
        # Longer runs of backslashes than this are no continuation that anybody wrote.
        if at < len(text) and _CONTINUED.search(text, max(start, at - 40), at):
            continue
        yield start, at
        start = at


def _classify(text: str, start: int, end: int, *, automake: bool) -> Line:
    """Return a line that is no recipe and not inside of a ``define``."""
    begin = start
    while begin < end and text[begin] in " \t":
        begin += 1
    rest = text[begin:end]
    if not rest.strip():
        return Line("blank", start, end)
    if rest.startswith("#"):
        return Line("comment", start, end)
    if _CONDITION.match(rest) or (automake and _AUTOMAKE_IF.match(rest)):
        return Line("if", start, end)
    if _ELSE.match(rest):
        return Line("else", start, end)
    if _ENDIF.match(rest):
        return Line("endif", start, end)
    if define := _DEFINE.match(rest):
        return _define(text, start, begin + define.end(), end)
    if assignment := _ASSIGNMENT.match(rest):
        value = begin + assignment.end()
        return Line("assignment", start, end, assignment["name"], assignment["operator"], value)
    if _INCLUDE.match(rest) or rest.startswith((".if", ".e", ".for", ".inc", "!")):
        return Line("other", start, end)
    return Line("rule" if ":" in rest else "other", start, end)


def _define(text: str, start: int, at: int, end: int) -> Line:
    words = text[at:end].split("#", maxsplit=1)[0].split()
    operator = words[1] if len(words) > 1 and words[1].endswith("=") else "="
    name = words[0] if words else ""
    if name.endswith("=") and len(name) > 1:
        name = name.rstrip("=+:?!")
    return Line("define", start, end, name, operator, end)


def comments(text: str, *, automake: bool = False) -> Iterator[tuple[int, int]]:
    """Yield the spans of the comments of make, and of the shell in recipes of one line."""
    runs_shell = _runs_posix_shell(text)
    with suppress(LexError):
        for line in analysis.watch(lines(text, automake=automake)):
            start = _comment_start(text, line)
            if start is not None:
                yield start, line.start + len(text[line.start : line.end].rstrip("\r\n"))
            elif line.kind == "recipe" and runs_shell:
                for start, end in shell.comments(text[line.start : line.end]):
                    yield line.start + start, line.start + end


def code_tokens(text: str, *, automake: bool = False) -> Iterator[tuple[object, ...]]:
    """Yield the kind and the text of each line without its comment. Raises ``LexError``.

    Blanks before a comment belong to a variable's value. That a rule has a recipe counts,
    though it may do nothing. A recipe for an unknown shell has no comments.
    """
    runs_shell = _runs_posix_shell(text)
    for line in lines(text, automake=automake):
        spelled = text[line.start : line.end].rstrip("\r\n")
        start = _comment_start(text, line)
        if line.kind == "recipe":
            yield ("recipe",)
            with suppress(LexError):
                if runs_shell:
                    yield tuple(shell.code_tokens(spelled))
                    continue
        elif line.kind in ("blank", "comment"):
            continue
        elif start is not None:
            spelled = text[line.start : start]
        is_value = line.kind in ("assignment", "text") or (line.kind == "rule" and "=" in spelled)
        yield line.kind, spelled if is_value else spelled.strip()


def _runs_posix_shell(text: str) -> bool:
    """Return whether it is certain that a POSIX shell runs each line of the recipes."""
    return not _OTHER_RECIPES.search(_POSIX_SHELL.sub("", text))


def _comment_start(text: str, line: Line) -> int | None:
    """Return the beginning of make's own comment in a line; ``None`` if that is not certain."""
    if line.kind in ("recipe", "text", "endef", "blank"):
        return None
    mark = _COMMENT.search(text, line.start, line.end)
    if mark is None:
        return None
    before = text[line.start : mark.start(1)]
    is_open = any(before.count(a) != before.count(b) for a, b in ("()", "{}"))
    return None if is_open or (line.kind == "rule" and ";" in before) else mark.start(1)
