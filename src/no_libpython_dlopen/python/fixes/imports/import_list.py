"""Edits of the names in ``from module import …``, in the statement's own style.

Separators stay where they are, a list that is sorted stays sorted, and where comments
stand between the names each name takes its own line along.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import libcst as cst

from no_libpython_dlopen.model.finding import Edit

NEW = "pythonapi"


class NameList:
    """The names in one statement. ``end`` is where the statement ends."""

    def __init__(
        self,
        text: str,
        aliases: Sequence[cst.ImportAlias],
        spans: Sequence[tuple[int, int]],
        end: int,
    ) -> None:
        self._text = text
        self.aliases = list(aliases)
        self._spans = list(spans)
        self._names = [text[start:stop] for start, stop in spans]
        self._start = spans[0][0]
        self._end = end

    def add(self, *, whole: bool = False) -> Edit:
        """Return the edit that adds ``pythonapi``; over all names if ``whole``."""
        place = self._place(self._names)
        if self._in_lines():
            edit = self._edit_lines(None, place)
            rest = self._text[edit.end : self._end] if whole else ""
            return Edit(edit.start, edit.end + len(rest), edit.old + rest, edit.new + rest)
        if whole:
            names = [*self._names[:place], NEW, *self._names[place:]]
            separators = self._separators()
            at = min(max(place - 1, 0), len(separators))
            extra = separators[min(at, len(separators) - 1)] if separators else ", "
            return self._write(names, [*separators[:at], extra, *separators[at:]])
        if place < len(self._names):
            start = self._spans[place][0]
            return self._edit(start, start, NEW + self._separator(place))
        stop = self._spans[-1][1]
        return self._edit(stop, stop, self._separator(place) + NEW)

    def replace(self, alias: cst.CSTNode) -> Edit:
        """Return the edit that adds ``pythonapi`` and takes another name out."""
        index = self._index(alias)
        rest = self._names[:index] + self._names[index + 1 :]
        place = self._place(rest)
        if place == index:
            return self._edit(*self._spans[index], NEW)
        if self._in_lines() and not self._has_comment(index):
            return self._edit_lines(index, place + (place > index))
        if "#" in self._text[self._start : self._end]:
            return self._edit(*self._spans[index], NEW)
        return self._write([*rest[:place], NEW, *rest[place:]], self._separators())

    def remove(self, alias: cst.CSTNode) -> Edit | None:
        """Return the edit that takes one of several names out; ``None`` if a comment would go."""
        index = self._index(alias)
        if self._in_lines():
            return None if self._has_comment(index) else self._edit_lines(index, None)
        if index + 1 < len(self._spans):
            edit = self._edit(self._spans[index][0], self._spans[index + 1][0], "")
        else:
            edit = self._edit(self._spans[index - 1][1], self._spans[index][1], "")
        return None if "#" in edit.old else edit

    def keep(self, left: Sequence[cst.ImportAlias]) -> Edit | None:
        """Return the edit that takes all names out but some; ``None`` if a comment would go."""
        if len(left) == len(self.aliases) - 1:
            return self.remove(next(one for one in self.aliases if one not in left))
        if "#" in self._text[self._start : self._end]:
            return None
        names = [self._names[self._index(one)] for one in left]
        return self._write(names, self._separators()[: len(names) - 1])

    def _has_comment(self, index: int) -> bool:
        """Return whether a comment stands before a name, on lines of its own, or behind it."""
        begin = self._line_end(self._spans[index - 1][1]) if index else self._start
        return "#" in self._text[begin : self._line_end(self._spans[index][1])]

    def _index(self, alias: cst.CSTNode) -> int:
        return next(i for i, one in enumerate(self.aliases) if one is alias)

    def _place(self, rest: Sequence[str]) -> int:
        """Return the position at which ``pythonapi`` keeps a sorted list sorted, else the end."""
        for key in _ORDERS:
            keys = [key(name) for name in self._names]
            if len(keys) > 1 and keys == sorted(keys):
                return sum(key(one) < key(NEW) for one in rest)
        return len(rest)

    def _separators(self) -> list[str]:
        return [self._text[left[1] : right[0]] for left, right in itertools.pairwise(self._spans)]

    def _separator(self, place: int) -> str:
        """Return the text between two names as this statement writes it."""
        separators = self._separators()
        if separators:
            between = separators[min(max(place - 1, 0), len(separators) - 1)]
            if "#" not in between:
                return between
        return ", "

    def _write(self, names: Sequence[str], separators: Sequence[str]) -> Edit:
        """Return the edit that writes other names between the same separators."""
        parts = itertools.zip_longest(names, separators, fillvalue="")
        return self._edit(self._start, self._spans[-1][1], "".join(itertools.chain(*parts)))

    # One name a line, with comments

    def _in_lines(self) -> bool:
        """Return whether there are comments, and each name has a line of its own."""
        if "#" not in self._text[self._start : self._end]:
            return False
        starts = [self._line_start(start) for start, _ in self._spans]
        alone = all(
            not self._text[line:start].strip()
            for line, (start, _) in zip(starts, self._spans, strict=True)
        )
        last = self._text[self._spans[-1][1] : self._line_end(self._spans[-1][1])]
        return alone and ")" not in last.partition("#")[0] and len(set(starts)) == len(starts)

    def _edit_lines(self, removed: int | None, place: int | None) -> Edit:
        """Return the edit that takes a name's line out and puts the new name's line in."""
        begin = self._line_start(self._start)
        chunks: list[str] = []
        position = begin
        for _, stop in self._spans:
            line_end = self._line_end(stop)
            chunks.append(self._text[position:line_end])
            position = line_end
        indent = self._text[begin : self._start]
        newline = "\r\n" if chunks[0].endswith("\r\n") else "\n"
        lines: list[str] = []
        for index, chunk in enumerate([*chunks, ""]):
            if index == place:
                if lines and index == len(chunks):
                    lines[-1] = self._with_comma(index - 1, lines[-1])
                lines.append(f"{indent}{NEW},{newline}")
            if index != removed:
                lines.append(chunk)
        return self._edit(begin, position, "".join(lines))

    def _with_comma(self, index: int, chunk: str) -> str:
        """Return the chunk of the last name with a comma behind the name."""
        stop = self._spans[index][1]
        rest = self._text[stop : self._line_end(stop)]
        if rest.lstrip().startswith(",") or not chunk.endswith(rest):
            return chunk
        return f"{chunk[: len(chunk) - len(rest)]},{rest}"

    def _line_start(self, offset: int) -> int:
        return self._text.rfind("\n", 0, offset) + 1

    def _line_end(self, offset: int) -> int:
        found = self._text.find("\n", offset)
        return found + 1 if found >= 0 else len(self._text)

    def _edit(self, start: int, end: int, new: str) -> Edit:
        return Edit(start, end, self._text[start:end], new)


def _by_kind(name: str) -> tuple[int, str]:
    """Order constants before classes before the rest, as isort does."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


_ORDERS: tuple[Callable[[str], tuple[int, str]], ...] = (
    lambda name: (0, name),
    lambda name: (0, name.lower()),
    _by_kind,
)
