"""Finds the Python programs in a shell's command, or in a notebook's cell of such commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from no_libpython_dlopen.python.programs.program import Program

_IN_SHELL = re.compile(
    r"(?<![\w./~{}$+-])(?:[\w./~{}$+-]*(?:python|pypy)[\d.]*t?|\{sys\.executable\}|\ua66e)[\"']?"
    r"(?:\s+-(?:[XW]\s+|(?!c|m))[\w=:.]+){0,20}\s+-[A-Za-z]*c\s*(?P<quote>[\"'])"
)
_HEREDOC = re.compile(
    r"(?:python|pypy)[\d.]*t?[\"']?(?:[ \t]+-(?![cm])[\w=:.]*){0,20}[ \t]*<<-?[ \t]*[\"']?(?P<end>\w+)[\"']?[^\n]*\n"
    r"(?P<text>(?:.*\n){0,500}?)[ \t]*(?P=end)[ \t]*$",
    re.MULTILINE,
)
#: The beginning of a command that only shows its words, up to where a program would be.
SHOWN = re.compile(
    r"(?:\A|[;&|\n(`])[ \t@+-]*(?:RUN[ \t]+)?(?:echo|printf|:|#)(?![\w./-])(?:[^;&|\n`$]|\$(?!\())*\Z"
)
#: The cell of a notebook that becomes a file of Python.
_WRITTEN_CELL = re.compile(r"%%(?:write)?file\b[^\r\n]*\.pyw?[\"']?[ \t]*(?:\r\n?|\n)")


def programs_in_shell(command: Program) -> Iterator[Program]:
    """Yield the programs of ``python -c`` in a shell's command line, or in a notebook's cell."""
    if written := _WRITTEN_CELL.match(command.text):
        yield command.part(written.end(), len(command.text))
        return
    for match in _HEREDOC.finditer(command.text):
        yield command.part(*match.span("text"))
    for match in _IN_SHELL.finditer(command.text):
        if SHOWN.search(command.text, 0, match.start()):
            continue
        quote, at = match["quote"], match.end()
        kept: list[int] = []
        while at < len(command.text) and command.text[at] != quote:
            if (
                quote == '"'
                and command.text[at] == "\\"
                and command.text[at + 1 : at + 2] in '"\\$`'
            ):
                at += 1
            kept.append(at)
            at += 1
        if at < len(command.text):
            text = "".join(command.text[one] for one in kept)
            yield Program(text, tuple(command.origin[one] for one in kept))
