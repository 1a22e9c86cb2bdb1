"""The lines of a makefile's recipes as the shell reads them, for programs of Python in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.commands.path_exploration import explore_paths
from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText
from no_libpython_dlopen.buildsystems.embedded_commands.script import fill
from no_libpython_dlopen.buildsystems.make.interpreter import Run
from no_libpython_dlopen.buildsystems.make.lexer import is_of_automake, parse_lines
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.target_platforms import DARWIN, LINUX
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source, Unreadable

_MARKS = re.compile(r"[ \t]*(?:@(?!\w+@)|[+-])*[ \t]*")
#: What make or configure puts in or takes away: the tab of a line that goes on is taken.
_REFERENCE = re.compile(
    r"\$(?P<dollar>\$)|\$(?:\((?P<a>\w+)\)|\{(?P<b>\w+)\})|@(?P<python>\w*PYTHON3?)@"
    r"|(?<=\\\n)(?P<tab>\t)|\$[({][^(){}\n]*[)}]|\$[^\s$]"
)


def command_texts(source: Source) -> Iterator[TrackedText]:
    """Yield the lines of the recipes that may run on plain Unix, each once.

    Raises ``Unreadable`` where make would not read the text.
    """
    is_template = source.name.endswith(".in")
    automake = source.kind is Kind.AUTOMAKE or is_of_automake(source.text)
    try:
        found = parse_lines(source, automake=automake)
    except analysis.LimitReached:
        raise
    except Unreadable:
        if is_template:  # make reads what configure makes of it
            return
        raise
    texts: dict[tuple[int, int], TrackedText] = {}
    with analysis.until_limit():
        for platform, paths in explore_paths((LINUX, DARWIN)):
            run = Run(source.text, platform, paths, automake=automake, is_template=is_template)
            run.read(found)
            lines = (line for rule in run.recipes.rules for line in rule.recipe if line.count)
            for line in lines:
                if line.span not in texts:
                    texts[line.span] = _as_shell(source.text, line, run)
    yield from texts.values()


def _as_shell(text: str, line: TrackedText, run: Run) -> TrackedText:
    """Return a recipe's line with what make knows of its references, and the names of the others."""
    start, end = line.span

    def meaning(reference: re.Match[str]) -> str | None:
        if reference.lastgroup in ("dollar", "tab", "python"):
            return {"dollar": "$", "tab": "", "python": "python3"}[reference.lastgroup]
        name = reference["a"] or reference["b"]
        if not name:
            return None
        value = run.expander.variable(name, reference.span(), {}, 0).text
        return f"${{{name}}}" if not value or UNKNOWN_PART in value else value

    marks = _MARKS.match(text, start, end)
    return fill(text, (marks.end() if marks else start, end), _REFERENCE, meaning)
