"""Splits shell text into tokens, and its words into parts, without losing a character.

The tokens are those of POSIX's Shell Command Language, 2.3, with bash's additions that
change where a word ends: arrays, ``$'…'``, ``<<<``, ``((…))``, patterns such as ``@(a|b)``.
Own because bashlex is GPL and unmaintained, tree-sitter-bash knows no make recipe (in
which the words come out of make's variables) and would be a compiled dependency, and
``shlex`` has no offsets, no substitutions and no here-documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import SHELL_NESTING

#: Characters of one arithmetic expression; what is longer is two subshells.
MAX_ARITHMETIC = 2000
#: Tokens between two looks at the clock.
_TOKENS_A_LOOK = 4096

_ARITHMETIC = re.compile(r"[()]")
_BLANK = re.compile(r"(?:[ \t\f\v]|\\(?:\r\n|\n)|\r(?!\n))+")
_NEWLINE = re.compile(r"\r?\n")
_COMMENT = re.compile(r"#[^\n]*?(?=\r?\n|\Z)")
_OPERATOR = re.compile(r"<<<|<<-|<<|&&|\|\||;;&|;;|;&|\|&|>>|>\||<>|[<>]&|&>>|&>|[;&|<>()]")
_PLAIN = re.compile(r"[^ \t\f\v\r\n\"'\\$`;|&<>()]+")
_SINGLE = re.compile(r"'[^']*'")
_ANSI = re.compile(r"\$'(?:\\[\s\S]|[^'\\])*'")
_IN_DOUBLE = re.compile(r"(?:[^\"\\$`]|\\[\s\S])+")
_BACKQUOTED = re.compile(r"`(?:\\[\s\S]|[^`\\])*`")
_NAME = re.compile(r"\$(?:[A-Za-z_]\w*|[0-9]|[@*#?$!_-])")
_ARRAY = re.compile(r"[A-Za-z_]\w*(?:\[[^\]\s]*\])?\+?=\Z")
_HERE_WORD = re.compile(r"[\\'\"]")
_HERE_LINE = re.compile(r"((?:[^\\\n]|\\[\s\S]?)*)(?:\n|\Z)")
_HERE_RAW_LINE = re.compile(r"([^\n]*?)\r?(?:\n|\Z)")
_JOINED = re.compile(r"\\\n")
_ASSIGNED = re.compile(r"[A-Za-z_]\w*(?:\[[^\]\s]*\])?\+?=")
#: Words after which a command begins.
_OPENING = frozenset({"if", "then", "else", "elif", "do", "while", "until", "!", "{", "time"})


@dataclass(frozen=True, slots=True)
class Token:
    """A segment of the text: ``blank``, ``newline``, ``comment``, ``operator``, ``word``,
    ``arithmetic`` (``((…))``) or ``here`` (a here-document's lines)."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a word.

    ``kind`` is ``text`` (as written), ``variable`` (``name``, and ``rest`` is what
    follows the name inside the braces), ``command`` (``[start, end)`` is the whole,
    ``inner`` the commands) or ``other``.
    """

    kind: str
    start: int
    end: int
    quoted: bool
    name: str = ""
    rest: str = ""
    inner: tuple[int, int] = (0, 0)


def tokens(text: str) -> list[Token]:
    """Return the tokens of a script; their texts, joined, are the script.

    Raises ``LexError`` where a quotation or a substitution does not end.
    """
    lexer = _Lexer(text)
    lexer.commands(0, closing=False)
    return lexer.found


def first_tokens(text: str) -> list[Token]:
    """Return the tokens of a script up to the first quotation or substitution without end."""
    lexer = _Lexer(text)
    with suppress(LexError):
        lexer.commands(0, closing=False)
    return lexer.found


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Token] = []
        self.depth = 0
        #: Where backquoted text, whose backslashes are taken off once more, ends.
        self.size = len(text)

    def add(self, kind: str, start: int, end: int) -> int:
        if self.depth == 0:
            self.found.append(Token(kind, start, end))
            if not len(self.found) % _TOKENS_A_LOOK:
                analysis.check_time()
        return end

    def commands(self, at: int, *, closing: bool) -> int:
        """Read commands from ``at``; up to the ``)`` that ends them, or the text's end."""
        text, size = self.text, self.size
        here: list[tuple[str, bool]] = []
        parentheses: list[bool] = []
        cases = 0
        fresh, after_here = True, ""
        while at < size:
            if blank := _BLANK.match(text, at):
                at = self.add("blank", at, blank.end())
                continue
            if newline := _NEWLINE.match(text, at):
                at = self.add("newline", at, newline.end())
                if here:
                    at = self.here_documents(at, here)
                    here = []
                fresh = True
                continue
            if text[at] == "#" and (comment := _COMMENT.match(text, at)):
                at = self.add("comment", at, comment.end())
                continue
            if text.startswith("((", at) and (end := self.arithmetic(at)) is not None:
                at, fresh = self.add("arithmetic", at, end), False
                continue
            if operator := _OPERATOR.match(text, at):
                mark = operator[0]
                if mark == "(":
                    parentheses.append(bool(at and _is_array(text, at)))
                elif mark == ")":
                    if parentheses:
                        parentheses.pop()
                    elif closing and not cases:
                        return at + 1
                after_here = mark if mark in ("<<", "<<-") else ""
                fresh = mark not in ("<", ">", ">>", "<<<", "<<", "<<-", ">&", "<&", "&>")
                at = self.add("operator", at, operator.end())
                continue
            end = self.word(at)
            if after_here:
                here.append((text[at:end], after_here == "<<-"))
            else:
                word = text[at:end]
                if fresh and not (parentheses and parentheses[-1]):
                    cases += word == "case"
                    cases -= word == "esac" and cases > 0
                fresh = word in _OPENING or (fresh and bool(_ASSIGNED.match(word)))
                # `case x in` is followed by patterns, whose parentheses close nothing.
                if word == "in" and cases:
                    fresh = True
            after_here = ""
            at = self.add("word", at, end)
        if closing:
            raise LexError("a command substitution is not closed", at)
        return at

    def here_documents(self, at: int, waiting: list[tuple[str, bool]]) -> int:
        """Read the lines that belong to the here-documents begun on the line before.

        A backslash joins two lines before the end is looked for, unless the word is quoted.
        """
        start = at
        for word, tabs in waiting:
            end = _HERE_WORD.sub("", word)
            pattern = _HERE_LINE if end == word else _HERE_RAW_LINE
            while at < self.size and (match := pattern.match(self.text, at, self.size)):
                line = _JOINED.sub("", match[0]).rstrip("\r\n") if end == word else match[1]
                at = match.end()
                if (line.lstrip("\t") if tabs else line) == end:
                    break
        return self.add("here", start, at) if at > start else at

    def arithmetic(self, at: int) -> int | None:
        """Return the end of ``((…))``, ``None`` where it is two subshells."""
        depth = 0
        stop = min(self.size, at + MAX_ARITHMETIC)
        for match in _ARITHMETIC.finditer(self.text, at, stop):
            if match[0] == "(":
                depth += 1
                if depth > SHELL_NESTING:
                    return None
            else:
                depth -= 1
                if depth == 1:
                    closed = self.text.startswith("))", match.start())
                    return match.end() + 1 if closed else None
        return None

    def word(self, at: int) -> int:
        """Return the end of the word that begins at ``at``."""
        text, start = self.text, at
        while at < self.size:
            if plain := _PLAIN.match(text, at, self.size):
                at = plain.end()
                continue
            char = text[at]
            if char == "\\":
                at = min(self.size, at + (3 if text.startswith("\r\n", at + 1) else 2))
            elif char == "'":
                at = self.match_end(_SINGLE, at, "a quotation is not closed")
            elif char == '"':
                at = self.double(at)
            elif char == "`":
                at = self.match_end(_BACKQUOTED, at, "a backquote is not closed")
            elif char == "$":
                at = self.dollar(at, quoted=False)
            elif char == "(" and at > start and text[at - 1] in "?*+@!":
                end = self.pattern(at)
                if end is None:
                    break
                at = end
            else:
                break
        if at == start:  # or the same character would be met for ever
            raise LexError("unexpected character", at)
        return at

    def pattern(self, at: int) -> int | None:
        """Return the end of the ``(…)`` of an extended pattern, on the same line."""
        depth = 0
        for match in re.compile(r"[()]|\n").finditer(self.text, at, self.size):
            if match[0] == "\n":
                return None
            depth += 1 if match[0] == "(" else -1
            if depth == 0:
                return match.end()
        return None

    def match_end(self, pattern: re.Pattern[str], at: int, reason: str) -> int:
        match = pattern.match(self.text, at, self.size)
        if match is None:
            raise LexError(reason, at)
        return match.end()

    def double(self, at: int) -> int:
        """Return the end of the double quotation that opens at ``at``."""
        start = at
        at += 1
        while at < self.size:
            if plain := _IN_DOUBLE.match(self.text, at, self.size):
                at = plain.end()
                continue
            char = self.text[at]
            if char == '"':
                return at + 1
            if char == "`":
                at = self.match_end(_BACKQUOTED, at, "a backquote is not closed")
            elif char == "$":
                at = self.dollar(at, quoted=True)
            else:
                at += 1
        raise LexError("a quotation is not closed", start)

    def dollar(self, at: int, *, quoted: bool) -> int:
        """Return the end of the expansion that a dollar sign begins."""
        text = self.text
        following = text[at + 1 : at + 2]
        if following == "(":
            if text.startswith("((", at + 1):
                end = self.arithmetic(at + 1)
                if end is not None:
                    return end
            return self.nested_end(at + 2, lambda inner: self.commands(inner, closing=True))
        if following == "{":
            return self.nested_end(at + 2, lambda inner: self.braces(at, inner, quoted=quoted))
        if following == "'" and not quoted:
            return self.match_end(_ANSI, at, "a quotation is not closed")
        if following == '"' and not quoted:
            return self.double(at + 1)
        name = _NAME.match(text, at, self.size)
        return name.end() if name else at + 1

    def nested_end(self, at: int, read: Callable[[int], int]) -> int:
        self.depth += 1
        if self.depth > SHELL_NESTING:
            raise LexError("nested too deeply", at)
        end = read(at)
        self.depth -= 1
        return end

    def braces(self, start: int, at: int, *, quoted: bool) -> int:
        """Return the end of ``${…}``, whose inside begins at ``at``."""
        text = self.text
        head = re.compile(r"[#!]?(?:\w+|[@*#?$!-])(?:\[[^\]]*\])?[#%/]").match(text, at)
        while at < self.size:
            char = text[at]
            if char == "}":
                return at + 1
            if char == "\\":
                at += 2
            elif char == "'" and (not quoted or head) and (end := self.single_inside(at)):
                at = end
            elif char == '"':
                at = self.double(at)
            elif char == "`":
                at = self.match_end(_BACKQUOTED, at, "a backquote is not closed")
            elif char == "$":
                at = self.dollar(at, quoted=quoted)
            else:
                at += 1
        raise LexError("a `${` is not closed", start)

    def single_inside(self, at: int) -> int | None:
        """Return the end of a single quotation inside of braces, if it is on the same line."""
        end = self.text.find("'", at + 1, self.size)
        if end < 0 or "\n" in self.text[at:end]:
            return None
        return end + 1


def _is_array(text: str, at: int) -> bool:
    return bool(_ARRAY.search(text, max(0, at - 200), at))


def word_at(text: str, start: int) -> tuple[list[int], int] | None:
    """Return the offsets of a word's characters, quotation taken off, and where it ends.

    Expansions are left as they are written. A backquote may be the one that ends a command
    substitution around the word. ``None`` where no word begins, or none ends.
    """
    lexer = _Lexer(text)
    for lexer.size in (len(text), text.find("`", start)):
        with suppress(LexError):
            end = lexer.word(start)
            kept = parts(text, start, end)
            return [at for part in kept for at in range(part.start, part.end)], end
    return None


def parts(text: str, start: int, end: int, *, quoted: bool = False) -> Iterator[Part]:
    """Yield the parts of a word, in order; quotation marks are left out.

    Raises ``LexError`` as ``tokens`` does.
    """
    lexer = _Lexer(text)
    lexer.size, lexer.depth = end, 1
    at = start
    plain = _IN_DOUBLE if quoted else _PLAIN
    while at < end:
        char = text[at]
        if char == "\\":
            stop = min(end, at + (3 if text.startswith("\r\n", at + 1) else 2))
            if text[at + 1 : stop].strip("\r\n"):
                kept = at if quoted and text[at + 1] not in '"\\$`' else at + 1
                yield Part("text", kept, stop, True)
            at = stop
        elif char == "'" and not quoted:
            stop = lexer.match_end(_SINGLE, at, "a quotation is not closed")
            yield Part("text", at + 1, stop - 1, True)
            at = stop
        elif char == '"' and not quoted:
            stop = lexer.double(at)
            yield Part("text", at + 1, at + 1, True)
            yield from parts(text, at + 1, stop - 1, quoted=True)
            at = stop
        elif char == "`":
            stop = lexer.match_end(_BACKQUOTED, at, "a backquote is not closed")
            yield Part("command", at, stop, quoted, inner=(at + 1, stop - 1))
            at = stop
        elif char == "$":
            stop = lexer.dollar(at, quoted=quoted)
            yield _expansion(text, at, stop, quoted)
            at = stop
        else:
            run = (_RUN_IN_DOUBLE if quoted else plain).match(text, at, end)
            stop = run.end() if run else at + 1
            yield Part("text", at, stop, quoted)
            at = stop


_RUN_IN_DOUBLE = re.compile(r"[^\\$`]+")
_BRACED = re.compile(r"\$\{(?P<name>\w+)(?P<rest>[^}]*|[\s\S]*)\}")


def _expansion(text: str, start: int, end: int, quoted: bool) -> Part:
    spelled = text[start:end]
    if spelled.startswith("$("):
        if spelled.startswith("$((") and spelled.endswith("))"):
            return Part("other", start, end, quoted)
        return Part("command", start, end, quoted, inner=(start + 2, end - 1))
    if spelled.startswith("${"):
        braced = _BRACED.fullmatch(spelled)
        if braced:
            return Part("variable", start, end, quoted, braced["name"], braced["rest"])
        return Part("other", start, end, quoted)
    if re.fullmatch(r"\$\w+", spelled):
        return Part("variable", start, end, quoted, spelled[1:])
    if spelled == "$":
        return Part("text", start, end, quoted)
    if spelled.startswith(("$'", '$"')):
        plain = "\\" not in spelled and "$" not in spelled[1:] and "`" not in spelled
        return Part("text", start + 2, end - 1, True) if plain else Part("other", start, end, True)
    return Part("other", start, end, quoted)
