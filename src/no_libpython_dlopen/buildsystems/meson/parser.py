"""Parses a ``meson.build`` into statements and expressions with their offsets.

The grammar is that of Meson's manual, *Syntax*: no user functions, no classes, so a
recursive descent of two pages reads all of it.
"""

from __future__ import annotations

from no_libpython_dlopen.buildsystems.common.lexer_common import LexError, Token
from no_libpython_dlopen.buildsystems.meson.lexer import significant
from no_libpython_dlopen.buildsystems.meson.syntax_tree import (
    Argument,
    Assignment,
    Binary,
    Call,
    Constant,
    Expression,
    If,
    Index,
    Leave,
    Listing,
    Loop,
    Name,
    Not,
    Statement,
    String,
    Ternary,
)
from no_libpython_dlopen.model.limits import MESON_DEPTH

#: Operators by how tightly they bind, loosest first.
_LEVELS = (
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"==", "!=", "<", "<=", ">", ">=", "in", "not in"}),
    frozenset({"+", "-"}),
    frozenset({"*", "/", "%"}),
)
_ENDINGS = frozenset({"elif", "else", "endif", "endforeach"})


def parse(text: str) -> tuple[Statement, ...]:
    """Return the statements of a file. Raises ``LexError`` where it is not Meson."""
    reader = _Reader(significant(text))
    statements = reader.block(0)
    if reader.at < len(reader.tokens):
        raise LexError(f"`{reader.token.text}` closes no block", reader.token.start)
    return statements


class _Reader:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    @property
    def token(self) -> Token:
        if self.at < len(self.tokens):
            return self.tokens[self.at]
        end = self.tokens[-1].end
        return Token("end", "the end of the file", end, end)

    def take(self) -> Token:
        token = self.token
        self.at += 1
        return token

    def sees(self, *texts: str) -> bool:
        """Return whether the next token is one of some marks or words."""
        return self.token.kind in ("mark", "name") and self.token.text in texts

    def expect(self, text: str) -> Token:
        if not self.sees(text):
            raise LexError(f"expected `{text}`", self.token.start)
        return self.take()

    def end_of_line(self) -> None:
        if self.token.kind not in ("newline", "end"):
            raise _error_at(self.token)
        self.take()

    # -- statements -----------------------------------------------------------------

    def block(self, depth: int) -> tuple[Statement, ...]:
        if depth > MESON_DEPTH:
            raise LexError("blocks are nested too deeply", self.token.start)
        found: list[Statement] = []
        while self.at < len(self.tokens):
            if self.token.kind == "newline":
                self.take()
            elif self.sees(*_ENDINGS):
                break
            else:
                found.append(self.statement(depth))
        return tuple(found)

    def statement(self, depth: int) -> Statement:
        if self.sees("if"):
            return self.if_(depth)
        if self.sees("foreach"):
            return self.foreach(depth)
        if self.sees("break", "continue"):
            self.take()
            self.end_of_line()
            return Leave()
        value = self.expression()
        statement: Statement = value
        if self.sees("=", "+="):
            if not isinstance(value, Name):
                raise LexError("only a variable can be assigned to", value.start)
            added = self.take().text == "+="
            right = self.expression()
            statement = Assignment(value.start, right.end, value.name, added, right)
        self.end_of_line()
        return statement

    def if_(self, depth: int) -> If:
        branches: list[tuple[Expression | None, tuple[Statement, ...]]] = []
        while self.sees("if", "elif") and (not branches or self.token.text == "elif"):
            self.take()
            condition = self.expression()
            self.end_of_line()
            branches.append((condition, self.block(depth + 1)))
        if self.sees("else"):
            self.take()
            self.end_of_line()
            branches.append((None, self.block(depth + 1)))
        self.expect("endif")
        self.end_of_line()
        return If(tuple(branches))

    def foreach(self, depth: int) -> Loop:
        self.take()
        names = [self.name()]
        while self.sees(","):
            self.take()
            names.append(self.name())
        self.expect(":")
        over = self.expression()
        self.end_of_line()
        body = self.block(depth + 1)
        self.expect("endforeach")
        self.end_of_line()
        return Loop(tuple(names), over, body)

    def name(self) -> str:
        if self.token.kind != "name":
            raise LexError("expected a name", self.token.start)
        return self.take().text

    # -- expressions ----------------------------------------------------------------

    def expression(self) -> Expression:
        condition = self.binary(0)
        if not self.sees("?"):
            return condition
        self.take()
        yes = self.expression()
        self.expect(":")
        no = self.expression()
        return Ternary(condition.start, no.end, condition, yes, no)

    def binary(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while True:
            operator = self.token.text if self.token.kind in ("mark", "name") else ""
            if operator == "not" and level == 2 and self._next_is("in"):
                self.take()
                operator = "not in"
            if operator not in _LEVELS[level]:
                return left
            self.take()
            right = self.binary(level + 1)
            left = Binary(left.start, right.end, operator, left, right)

    def _next_is(self, text: str) -> bool:
        following = self.tokens[self.at + 1 : self.at + 2]
        return bool(following) and following[0].text == text

    def unary(self) -> Expression:
        signs = []
        while self.sees("not", "-"):
            signs.append(self.take())
        value = self.postfix()
        for sign in reversed(signs):
            value = Not(sign.start, value.end, value)
        return value

    def postfix(self) -> Expression:
        value = self.primary()
        while True:
            if self.sees("(") and isinstance(value, Name):
                arguments = self.listing(")")
                value = Call(value.start, arguments.end, None, value.name, arguments)
            elif self.sees("."):
                self.take()
                name = self.name()
                arguments = self.listing(")")
                value = Call(value.start, arguments.end, value, name, arguments)
            elif self.sees("["):
                self.take()
                key = self.expression()
                value = Index(value.start, self.expect("]").end, value, key)
            else:
                return value

    def primary(self) -> Expression:
        token = self.token
        if token.kind == "string":
            self.take()
            return _string(token)
        if token.kind == "number":
            self.take()
            return Constant(token.start, token.end, None)
        if self.sees("true", "false"):
            self.take()
            return Constant(token.start, token.end, token.text == "true")
        if self.sees("("):
            self.take()
            inside = self.expression()
            self.expect(")")
            return inside
        if self.sees("["):
            return self.listing("]")
        if self.sees("{"):
            return self.listing("}")
        if token.kind == "name" and token.text not in _RESERVED:
            self.take()
            return Name(token.start, token.end, token.text)
        raise _error_at(token)

    def listing(self, closing: str) -> Listing:
        opening = self.token
        if opening.text not in "([{" or not opening.text:
            raise LexError("expected `(`", opening.start)
        self.take()
        items: list[Argument] = []
        while not self.sees(closing):
            key = self.expression()
            value, keyword = key, ""
            if self.sees(":"):
                if not isinstance(key, (Name, String)) and closing == ")":
                    raise LexError("expected a keyword", key.start)
                self.take()
                value = self.expression()
                keyword = (
                    key.name
                    if isinstance(key, Name)
                    else key.text
                    if isinstance(key, String)
                    else ""
                )
            items.append(Argument(key.start, value.end, keyword, value))
            if not self.sees(","):
                break
            self.take()
        end = self.expect(closing)
        return Listing(opening.start, end.end, tuple(items), opening.text)


_RESERVED = frozenset(
    {
        *("if", "elif", "else", "endif", "foreach", "endforeach", "break", "continue"),
        *("and", "or", "not", "in"),
    }
)


def _error_at(token: Token) -> LexError:
    """Return a token as one line for a message, since a string may have many lines."""
    text = token.text.strip("\r\n").partition("\n")[0].rstrip("\r")
    return LexError(f"`{text or 'the end of a line'}` was not expected", token.start)


def _string(token: Token) -> String:
    formatted = token.text.startswith("f")
    width = 3 if token.text.startswith("'''", formatted) else 1
    inner = token.start + formatted + width
    return String(
        token.start,
        token.end,
        token.text[formatted + width : len(token.text) - width],
        inner,
        formatted,
    )
