"""Hides what IPython understands and Python does not: magics, shell commands, help.

Each such place is replaced by a call of a name that nothing else uses, with a number in
it, so that the cell is Python, its other lines stay where they are, and the original can
be put back whatever has happened around it. Of a magic that runs code, as ``%time``, only what
stands before the code is replaced; a shell's command that runs Python, and a cell that is written
to a file for it, are an argument of the call.
"""

from __future__ import annotations

import ast
import re
import warnings

from no_libpython_dlopen.model import analysis
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
#: What stands before the code of a magic that runs it: its name and options.
_RUNS_CODE = re.compile(
    r"%{1,2}(?:time|timeit|prun|memit)\b(?:[ \t]+-(?:[nrplsTDf](?:[ \t]*[\w.]+)?|(?![nrplsTDf])\w+))*[ \t]+(?=[^\s-])"
)
#: A Python that a cell is given, by ``%%script``.
_INTERPRETER = re.compile(r"(?:\S*/)?(?:python|pypy)[\d.]*t?\Z|\{sys\.executable\}\Z")
#: What holds a program in Python: commands of a shell, and files of Python.
_HOLDS_PROGRAM = re.compile(
    r"""
      (?: (?!%%) | %%(?: ! | (?:bash|sh|zsh|ksh|system|sx)\b | script[^\r\n]*\b(?:ba|da|k|z)?sh\b
        | (?:write)?file\b[^\r\n]*\.sh\b ) )
      .*? (?:python[\d.]*|\{sys\.executable\})["']?\s[^\r\n]{0,500}?(?:-\w{0,20}c\s|<<)
    | %%(?:write)?file\b[^\r\n]*\.pyw?["']?[ \t]*[\r\n]
    """,
    re.VERBOSE | re.DOTALL,
)
#: A line that is hidden if its cell is not valid Python as it stands.
_MAY_HIDE = re.compile(rf"(?:\A|(?<=[\r\n]))[ \t\f]*(?:{_LINE.pattern})", re.VERBOSE)
_QUOTES = ("'''", '"""')
#: To the end of the line; a backslash joins the next one.
_REST = re.compile(r"[^\\\r\n]*(?:\\(?:\r\n|.)?[^\\\r\n]*)*", re.DOTALL)
_INDENT = re.compile(r"[ \t\f]*")


class HiddenMagics:
    """What was hidden in one notebook, by number."""

    def __init__(self, notebook: str) -> None:
        name = "_nolibpy_hidden"
        while name in notebook:
            name += "_"
        self._name = name
        self._originals: list[str] = []
        #: The numbers of those behind which code stands.
        self._before_code: set[int] = set()
        self._pattern = re.compile(
            rf"{name}\((\d+)[\r\n]*(?:, r(?P<quotes>{'|'.join(_QUOTES)}).*?(?P=quotes))?\)"
            r"(?P<code>; )?",
            re.DOTALL,
        )
        self._beginning = re.compile(rf"{name}\((\d+), r(?P<quotes>{'|'.join(_QUOTES)})")

    def hide(self, cell: str) -> str:
        """Return a cell's source as Python."""
        if cell.startswith("%%"):
            first = _REST.match(cell)
            assert first is not None
            words = first[0][2:].split()
            is_given = words[:1] == ["script"] and any(map(_INTERPRETER.match, words[1:]))
            if is_given or (words and words[0] in _PYTHON_CELLS):
                return self._hide(first[0]) + self._lines(cell[first.end() :])
            return self._hide(cell)
        return self._lines(cell)

    def show(self, text: str) -> str:
        """Return a text with everything put back."""

        def original(match: re.Match[str]) -> str:
            number = int(match[1])
            behind = "" if number in self._before_code else match["code"] or ""
            return self._originals[number] + behind

        return self._pattern.sub(original, text)

    def added_width(self, line: str) -> int | None:
        """Return the number of characters that were put before a line's code.

        ``None`` where the line holds no code of a magic.
        """
        match = self._pattern.search(line) or self._beginning.search(line)
        if match is None:
            return None
        original = self._originals[int(match[1])]
        if match["quotes"]:
            return match.end("quotes") - match.start()
        is_before_code = int(match[1]) in self._before_code
        return len(match[0]) - len(original) if is_before_code else None

    def _hide(self, original: str) -> str:
        # Of one cell's end the line feed is the joint to the next cell, not the magic's.
        kept = original.rstrip("\r\n")
        runs = _RUNS_CODE.match(kept)
        if runs is not None and _is_python(kept[runs.end() :]):
            self._before_code.add(len(self._originals))
            self._originals.append(runs[0])
            return f"{self._name}({len(self._originals) - 1}); {original[runs.end() :]}"
        self._originals.append(kept)
        quotes = next((one for one in _QUOTES if one not in kept), "")
        if quotes and _HOLDS_PROGRAM.match(kept):
            number = len(self._originals) - 1
            return f"{self._name}({number}, r{quotes}{kept} {quotes}){original[len(kept) :]}"
        rows = "".join(re.findall("[\r\n]", kept))
        return f"{self._name}({len(self._originals) - 1}{rows}){original[len(kept) :]}"

    def _lines(self, code: str) -> str:
        if not _MAY_HIDE.search(code) or _is_python(code):
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
    analysis.check_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
