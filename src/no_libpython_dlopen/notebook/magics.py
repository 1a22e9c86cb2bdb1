"""Hides what IPython understands and Python does not: magics, shell commands, help.

Each such place is replaced by a call of a name that nothing else uses, with a number in
it, so that the cell is Python, its other lines stay where they are, and the original can
be put back whatever has happened around it.
"""

from __future__ import annotations

import ast
import re
import warnings

from no_libpython_dlopen.python.syntax.comments import line_ends

#: Cell magics whose cell is Python all the same.
_PYTHON_CELLS = frozenset(
    ("capture", "prun", "py", "pypy", "python", "python3", "time", "timeit", "mprun", "memit")
)
_LINE = re.compile(
    r"""
      (?P<magic>
          %{1,2}\w | ![^=] | \?{1,2}[\w%] | [\w.*%]+\?{1,2}[ \t]*(?=[\r\n]|\Z)
        | [/,;][A-Za-z_]
        | (?:pip|pip3|conda|mamba|cd|ls|ll|mkdir|rmdir|cat|cp|mv|rm|man)[ \t]+[\w.~/-]
      )
    | (?P<target>[\w.,\[\]'" \t]+?=[ \t]*)(?=[%!][^=])
    """,
    re.VERBOSE,
)
#: To the end of the line; a backslash joins the next one.
_REST = re.compile(r"(?:[^\\\r\n]|\\(?:\r\n|.)?)*", re.DOTALL)
_INDENT = re.compile(r"[ \t\f]*")


class HiddenMagics:
    """What was hidden in one notebook, by number."""

    def __init__(self, notebook: str) -> None:
        name = "_nolibpy_hidden"
        while name in notebook:
            name += "_"
        self._name = name
        self._originals: list[str] = []
        self._pattern = re.compile(rf"{name}\((\d+)[\r\n]*\)")

    def hide(self, cell: str) -> str:
        """Return a cell's source as Python."""
        if cell.startswith("%%"):
            first = _REST.match(cell)
            assert first is not None
            words = first[0][2:].split()
            if words and words[0] in _PYTHON_CELLS:
                return self._hide(first[0]) + self._lines(cell[first.end() :])
            return self._hide(cell)
        return self._lines(cell)

    def show(self, text: str) -> str:
        """Return a text with everything put back."""
        return self._pattern.sub(lambda match: self._originals[int(match[1])], text)

    def _hide(self, original: str) -> str:
        # Of one cell's end the line feed is the joint to the next cell, not the magic's.
        kept = original.rstrip("\r\n")
        self._originals.append(kept)
        rows = "".join(re.findall("[\r\n]", kept))
        return f"{self._name}({len(self._originals) - 1}{rows}){original[len(kept) :]}"

    def _lines(self, code: str) -> str:
        if _is_python(code):
            return code
        literals = []
        at = 0
        while at < len(code):
            indent = _INDENT.match(code, at)
            start = indent.end() if indent else at
            literals.append(code[at:start])
            found = _LINE.match(code, start)
            if found:
                start += len(found["target"] or "")
                rest = _REST.match(code, start)
                end = rest.end() if rest else start
                literals += [found["target"] or "", self._hide(code[start:end])]
                start = end
            end = next(line_ends(code, start), len(code))
            literals.append(code[start:end])
            at = end
        return "".join(literals)


def _is_python(code: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
