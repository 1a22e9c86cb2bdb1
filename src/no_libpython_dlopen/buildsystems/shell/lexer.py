"""Splits shell text into tokens, without losing a character.

The tokens are those of POSIX's Shell Command Language, 2.3, with bash's additions that
change where a word ends: arrays, ``$'…'``, ``<<<``, ``((…))``, patterns such as ``@(a|b)``.
Own because bashlex is GPL and unmaintained, tree-sitter-bash knows no make recipe (in
which the words come out of make's variables) and would be a compiled dependency, and
``shlex`` has no offsets, no substitutions and no here-documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.limits import SHELL_ARITHMETIC, SHELL_NESTING

#: Tokens between two looks at the clock.
_TURNS_A_LOOK = 4096
#: A script is run once for each path through it, so the tokens of the last short ones are kept.
_KEPT_CHARACTERS, _KEPT_SCRIPTS = 65_536, 8
_kept: dict[str, list[Token]] = {}

_ARITHMETIC = re.compile(r"[()]")
#: Repeated a thousand times at most: the pattern remembers each, a blank may follow another.
_BLANK = re.compile(r"(?:[ \t\f\v]+|\\(?:\r\n|\n)|\r+(?!\n)){1,1000}")
_NEWLINE = re.compile(r"\r?\n")
_COMMENT = re.compile(r"#[^\n]*?(?=\r?\n|\Z)")
_OPERATOR = re.compile(r"<<<|<<-|<<|&&|\|\||;;&|;;|;&|\|&|>>|>\||<>|[<>]&|&>>|&>|[;&|<>()]")
PLAIN = re.compile(r"[^ \t\f\v\r\n\"'\\$`;|&<>()]+")
SINGLE = re.compile(r"'[^']*'")
_ANSI = re.compile(r"\$'[^'\\]*(?:\\[\s\S][^'\\]*)*'")
IN_DOUBLE = re.compile(r"(?:[^\"\\$`]|\\[\s\S])[^\"\\$`]*(?:\\[\s\S][^\"\\$`]*)*")
BACKQUOTED = re.compile(r"`[^`\\]*(?:\\[\s\S][^`\\]*)*`")
_NAME = re.compile(r"\$(?:[A-Za-z_]\w*|[0-9]|[@*#?$!_-])")
_ARRAY = re.compile(r"[A-Za-z_]\w*(?:\[[^\]\s]*\])?\+?=\Z")
_HERE_WORD = re.compile(r"[\\'\"]")
_HERE_LINE = re.compile(r"([^\\\n]*(?:\\[\s\S]?[^\\\n]*)*)(?:\n|\Z)")
_HERE_RAW_LINE = re.compile(r"([^\n]*?)\r?(?:\n|\Z)")
_JOINED = re.compile(r"\\\n")
_ASSIGNED = re.compile(r"[A-Za-z_]\w*(?:\[[^\]\s]*\])?\+?=")
#: Operators with a word of their own, after which no command begins.
_REDIRECTIONS = frozenset({"<", ">", ">>", "<<<", "<<", "<<-", ">&", "<&", "&>"})
#: Words after which a command begins.
_OPENING = frozenset({"if", "then", "else", "elif", "do", "while", "until", "!", "{", "time"})


@dataclass(frozen=True, slots=True)
class Token:
    """A segment of the text: ``blank``, ``newline``, ``comment``, ``operator``, ``word``,
    ``arithmetic`` (``((…))``) or ``here`` (a here-document's lines)."""

    kind: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Return the tokens of a script; their texts, joined, are the script. Nobody may change it.

    Raises ``LexError`` where a quotation or a substitution does not end.
    """
    if text in _kept:
        return _kept[text]
    lexer = Lexer(text)
    lexer.commands(0, closing=False)
    if len(text) <= _KEPT_CHARACTERS and not lexer.is_cut:
        while len(_kept) >= _KEPT_SCRIPTS:
            del _kept[next(iter(_kept))]
        _kept[text] = lexer.found
    return lexer.found


def first_tokens(text: str) -> list[Token]:
    """Return the tokens of a script up to the first quotation or substitution without end."""
    lexer = Lexer(text)
    with suppress(LexError):
        lexer.commands(0, closing=False)
    return lexer.found


class Lexer:
    """Finds where tokens, quotations and expansions of a text end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Token] = []
        self.depth = self.turns = 0
        #: Whether a limit was noted, which must be done for each file.
        self.is_cut = False
        #: Where backquoted text, whose backslashes are taken off once more, ends.
        self.size = len(text)

    def add(self, kind: str, start: int, end: int) -> int:
        if self.depth == 0:
            self.found.append(Token(kind, start, end))
        self.look()
        return end

    def look(self) -> None:
        """Look at the clock now and then: one word may be as long as the text."""
        self.turns += 1
        if not self.turns % _TURNS_A_LOOK:
            analysis.check_time()

    def commands(self, at: int, *, closing: bool) -> int:
        """Read commands from ``at``; up to the ``)`` that ends them, or the text's end."""
        position = _Position()
        while at < self.size:
            kind, end = self.next_token(at)
            spelled = self.text[at:end]
            if kind == "operator":
                if closing and position.closes_commands(spelled):
                    return end
                is_array = spelled == "(" and _is_array(self.text, at)
                position.pass_operator(spelled, is_array=is_array)
            elif kind == "word":
                position.pass_word(spelled)
            elif kind in ("newline", "arithmetic"):
                position.begins_command = kind == "newline"
            at = self.add(kind, at, end)
            if kind == "newline" and position.here_words:
                at = self.here_documents(at, position.here_words)
                position.here_words = []
        if closing:
            raise LexError("a command substitution is not closed", at)
        return at

    def next_token(self, at: int) -> tuple[str, int]:
        """Return the kind of the token that begins at ``at``, and where it ends."""
        text = self.text
        if match := _BLANK.match(text, at):
            return "blank", match.end()
        if match := _NEWLINE.match(text, at):
            return "newline", match.end()
        if text[at] == "#" and (match := _COMMENT.match(text, at)):
            return "comment", match.end()
        if text.startswith("((", at) and (end := self.arithmetic(at)) is not None:
            return "arithmetic", end
        if match := _OPERATOR.match(text, at):
            return "operator", match.end()
        return "word", self.word(at)

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
        stop = min(self.size, at + SHELL_ARITHMETIC)
        for match in _ARITHMETIC.finditer(self.text, at, stop):
            if match[0] == "(":
                depth += 1
                if depth > SHELL_NESTING:
                    self.is_cut = True
                    analysis.note_limit(SHELL_NESTING)
                    return None
            else:
                depth -= 1
                if depth == 1:
                    closed = self.text.startswith("))", match.start())
                    return match.end() + 1 if closed else None
        if stop < self.size:
            self.is_cut = True
            analysis.note_limit(SHELL_ARITHMETIC)
        return None

    def word(self, at: int) -> int:
        """Return the end of the word that begins at ``at``."""
        text, start = self.text, at
        while at < self.size:
            self.look()
            if plain := PLAIN.match(text, at, self.size):
                at = plain.end()
                continue
            char = text[at]
            if char == "\\":
                at = min(self.size, at + (3 if text.startswith("\r\n", at + 1) else 2))
            elif char == "'":
                at = self.match_end(SINGLE, at, "a quoted string is not closed")
            elif char == '"':
                at = self.double(at)
            elif char == "`":
                at = self.match_end(BACKQUOTED, at, "a backquote is not closed")
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
            self.look()
            if plain := IN_DOUBLE.match(self.text, at, self.size):
                at = plain.end()
                continue
            char = self.text[at]
            if char == '"':
                return at + 1
            if char == "`":
                at = self.match_end(BACKQUOTED, at, "a backquote is not closed")
            elif char == "$":
                at = self.dollar(at, quoted=True)
            else:
                at += 1
        raise LexError("a quoted string is not closed", start)

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
            return self.match_end(_ANSI, at, "a quoted string is not closed")
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
                at = self.match_end(BACKQUOTED, at, "a backquote is not closed")
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


class _Position:
    """What the tokens up to a place say of the next one."""

    def __init__(self) -> None:
        self.begins_command = True
        #: ``<<`` or ``<<-`` before the word that ends a here-document, and such words of this
        #: line, each with whether tabs are taken off.
        self.here_operator = ""
        self.here_words: list[tuple[str, bool]] = []
        #: Of each open parenthesis whether it is an array's, and how many ``case`` are open.
        self.parentheses: list[bool] = []
        self.cases = 0

    def closes_commands(self, operator: str) -> bool:
        """Return whether an operator ends the commands that are read."""
        return operator == ")" and not self.parentheses and not self.cases

    def pass_operator(self, operator: str, *, is_array: bool) -> None:
        if operator == "(":
            self.parentheses.append(is_array)
        elif operator == ")" and self.parentheses:
            self.parentheses.pop()
        self.here_operator = operator if operator in ("<<", "<<-") else ""
        self.begins_command = operator not in _REDIRECTIONS

    def pass_word(self, word: str) -> None:
        if self.here_operator:
            self.here_words.append((word, self.here_operator == "<<-"))
            self.here_operator = ""
            return
        in_array = bool(self.parentheses and self.parentheses[-1])
        if self.begins_command and not in_array:
            self.cases += word == "case"
            self.cases -= word == "esac" and self.cases > 0
        is_assignment = self.begins_command and bool(_ASSIGNED.match(word))
        # `case x in` is followed by patterns, whose parentheses close nothing.
        has_patterns = word == "in" and self.cases > 0
        self.begins_command = word in _OPENING or is_assignment or has_patterns


def _is_array(text: str, at: int) -> bool:
    return bool(_ARRAY.search(text, max(0, at - 200), at))
