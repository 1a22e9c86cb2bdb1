"""Patterns of paths in the syntax of ``.gitignore``, matched in linear time.

The patterns come from strangers' trees, and ``*a*a*a*a*b`` must not hang a run: a regular
expression, as ``pathspec`` makes of a pattern, tries every way to split a name among the
stars. Here a path is matched folder by folder, and what follows a star is taken at the
first place where it fits, which is all that has to be tried. What a pattern means is what
``git check-ignore`` says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

#: No path is longer, and no person writes more patterns.
MAX_LENGTH = 4096
MAX_PATTERNS = 10_000
#: Parts of a path that are compared with one pattern. A path of 100 parts against one of 20 needs
#: no more; two thousand parts against five hundred, each folder down, would take minutes.
MAX_COMPARISONS = 2_000
_SPECIAL = frozenset("*?[\\")
_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}

Matcher = Callable[[str], object]


class PathPatterns:
    """A list of patterns; the last one that matches a path decides.

    ``bad`` are the patterns that match nothing because they cannot be understood, or follow
    the ``most`` that there may be.
    """

    __slots__ = ("_patterns", "bad")

    def __init__(self, lines: Iterable[str], most: int = MAX_PATTERNS) -> None:
        self.bad: list[str] = []
        self._patterns: list[_Pattern] = []
        for line in lines:
            text = _octets(_without_trailing_spaces(line))
            if not text or text.startswith("#") or text == "/":
                continue
            try:
                if len(self._patterns) >= most or len(text) > MAX_LENGTH:
                    raise ValueError
                self._patterns.append(_Pattern(text))
            except ValueError:
                self.bad.append(_without_trailing_spaces(line))
        self._patterns.reverse()

    def __len__(self) -> int:
        return len(self._patterns)

    def decide(self, path: str, *, folder: bool) -> bool | None:
        """Return whether a relative path is left out; ``None`` where no pattern matches it."""
        parts = _octets(path).split("/")
        for pattern in self._patterns:
            if pattern.matches(parts, folder=folder):
                return pattern.leaves_out
        return None

    def leave_out(self, path: str) -> bool:
        """Return whether a relative path, or a folder that holds it, is left out."""
        folder = path.endswith("/")
        path = path.rstrip("/")
        above = [path[:at] for at, character in enumerate(path) if character == "/"]
        return self.decide(path, folder=folder) or any(
            self.decide(parent, folder=True) for parent in above
        )


def _octets(text: str) -> str:
    """Return a text with a character for each of its bytes, which are what git compares."""
    return text if text.isascii() else text.encode("utf-8", "surrogatepass").decode("latin-1")


def _without_trailing_spaces(line: str) -> str:
    """Return a pattern without the spaces at its end; one behind a backslash is kept."""
    text = line.rstrip(" ")
    backslashes = len(text) - len(text.rstrip("\\"))
    return text + " " * (backslashes % 2 and text != line)


class _Pattern:
    """One pattern. Raises ``ValueError`` for one that nothing can match."""

    __slots__ = ("_anywhere", "_folders_only", "_parts", "leaves_out")

    def __init__(self, text: str) -> None:
        self.leaves_out = not text.startswith("!")
        text = text if self.leaves_out else text[1:]
        self._folders_only = text.endswith("/")
        text = text.removesuffix("/")
        #: Without a slash it is about the last part of a path, wherever that is.
        self._anywhere = "/" not in text
        segments = [text] if self._anywhere else list(_segments(text.removeprefix("/")))
        if not all(segments):
            raise ValueError
        #: A matcher for each part, ``None`` for any number of parts.
        self._parts: list[Matcher | None] = []
        for segment in segments:
            if segment.startswith("**") and not segment.strip("*") and not self._anywhere:
                if self._parts[-1:] != [None]:
                    self._parts.append(None)
            else:
                self._parts.append(_matcher(segment))
        if self._parts[-1] is None:  # what is inside a folder, not the folder
            self._parts.insert(-1, len)

    def matches(self, path: list[str], *, folder: bool) -> bool:
        if self._folders_only and not folder:
            return False
        if self._anywhere:
            return bool(self._parts[0] and self._parts[0](path[-1]))
        pattern = self._parts
        at = done = again = compared = 0
        stars = -1
        while done < len(path):
            compared += 1
            if compared > MAX_COMPARISONS:
                return False
            matcher = pattern[at] if at < len(pattern) else len
            if matcher is None:
                stars, again = at, done
                at += 1
            elif at < len(pattern) and matcher(path[done]):
                at += 1
                done += 1
            elif stars >= 0:
                again += 1
                at, done = stars + 1, again
            else:
                return False
        return at == len(pattern) or pattern[at:] == [None]


def _segments(text: str) -> Iterator[str]:
    """Yield the parts of a pattern between slashes; one in a class is a character of it."""
    start = at = 0
    while at < len(text):
        character = text[at]
        if character == "[":
            _, at = _class(text, at + 1)
            continue
        if character == "/":
            yield text[start:at]
            start = at + 1
        elif text.startswith("\\/", at):
            yield text[start:at]
            start = at + 2
            at += 1
        elif character == "\\":
            at += 1
        at += 1
    yield text[start:]


def _matcher(segment: str) -> Matcher:
    """Return the function that matches one part of a path against one of a pattern."""
    used = _SPECIAL.intersection(segment)
    if not used:
        return segment.__eq__
    if used == {"*"}:
        return _Stars(segment.split("*")).match
    return _Expression(list(_translate(segment))).match


class _Stars:
    """A pattern with no other special character than stars, for which no expression is made."""

    __slots__ = ("_first", "_last", "_middle")

    def __init__(self, chunks: list[str]) -> None:
        self._first, self._last = chunks[0], chunks[-1]
        self._middle = [chunk for chunk in chunks[1:-1] if chunk]

    def match(self, name: str) -> bool:
        if not name.endswith(self._last) or not name.startswith(self._first):
            return False
        end = len(name) - len(self._last)
        at = len(self._first)
        for chunk in self._middle:
            at = name.find(chunk, at, end)
            if at < 0:
                return False
            at += len(chunk)
        return at <= end


class _Expression:
    """A pattern with question marks, classes or backslashes, compiled when a name may match it.

    To compile an expression takes a thousand times what it takes to look for its longest text.
    """

    __slots__ = ("_compiled", "_pieces", "_text")

    def __init__(self, pieces: list[str]) -> None:
        self._pieces = pieces
        #: The longest text that each name has, perhaps an empty one.
        self._text = max(_texts(pieces), key=len)
        self._compiled: Matcher | None = None

    def match(self, name: str) -> object:
        if self._text not in name:
            return None
        if self._compiled is None:
            self._compiled = self._compile()
        return self._compiled(name)

    def _compile(self) -> Matcher:
        chunks = [""]
        for piece in self._pieces:
            if piece == "*":
                chunks.append("")
            else:
                chunks[-1] += piece
        first, *rest = chunks
        pattern = first
        for number, chunk in enumerate(rest[:-1]):
            if chunk:  # taken once and never given back, as an atomic group of Python 3.11
                pattern += f"(?=(?P<g{number}>.*?{chunk}))(?P=g{number})"
        if rest:
            pattern += f".*{rest[-1]}"
        return re.compile(pattern, re.DOTALL).fullmatch


def _texts(pieces: list[str]) -> Iterator[str]:
    """Yield the texts between stars, question marks and classes."""
    text = ""
    for piece in pieces:
        if piece in ("*", ".") or piece[0] == "[":
            yield text
            text = ""
        else:
            text += piece[-1]  # behind a backslash, perhaps
    yield text


def _translate(segment: str) -> Iterator[str]:
    """Yield ``*`` for a star, and regular expressions of one character for all else."""
    at = 0
    while at < len(segment):
        character = segment[at]
        at += 1
        if character == "[":
            expression, at = _class(segment, at)
            yield expression
        elif character == "\\":
            if at == len(segment):
                raise ValueError("it ends in a backslash")
            yield re.escape(segment[at])
            at += 1
        elif character == "?":
            yield "."
        else:
            yield character if character == "*" else re.escape(character)


def _class(segment: str, at: int) -> tuple[str, int]:
    """Return the regular expression of a class that begins before ``at``, and its end.

    The first character of a range is in the class even if the range has none.
    """
    negated = segment[at : at + 1] in ("!", "^")
    at += negated
    content = ""
    first = True
    while first or segment[at : at + 1] != "]":
        first = False
        if segment.startswith("[:", at) and (end := segment.find("]", at + 2)) > 0:
            name = segment[at + 2 : end]
            if name.endswith(":"):
                if name[:-1] not in _CLASSES:
                    raise ValueError("there is no such class")
                content += _CLASSES[name[:-1]]
                at = end + 1
                continue
        low, at = _character(segment, at)
        content += re.escape(low)
        if segment[at : at + 1] == "-" and segment[at + 1 : at + 2] not in ("]", ""):
            high, at = _character(segment, at + 1)
            if high >= low:
                content += f"-{re.escape(high)}"
    return f"[{'^' * negated}{content}]", at + 1


def _character(segment: str, at: int) -> tuple[str, int]:
    """Return a character of a class, which a backslash may precede, and where it ends."""
    at += segment[at : at + 1] == "\\"
    if at >= len(segment):
        raise ValueError("a class does not end")
    return segment[at], at + 1
