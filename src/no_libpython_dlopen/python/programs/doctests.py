"""The examples in a file's docstrings as programs, behind the imports of the module."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import libcst as cst

from no_libpython_dlopen.python.dataflow.reaching_definitions import ReachingDefinitions
from no_libpython_dlopen.python.programs.program import Program
from no_libpython_dlopen.python.programs.program_text import ProgramTexts
from no_libpython_dlopen.python.syntax.parse import nodes_of

_EXAMPLE = re.compile(
    r"^(?P<indent>[ \t]*)>>> ?(?P<first>[^\r\n]*\r?\n?)(?P<rest>(?:(?P=indent)\.\.\.[^\r\n]*\r?\n?)*)",
    re.MULTILINE,
)
_CONTINUED = re.compile(r"^[ \t]*\.\.\. ?(?P<code>[^\r\n]*\r?\n?)", re.MULTILINE)
_SKIPPED = re.compile(r"#\s*doctest:.*\+SKIP")


def find_examples(dataflow: ReachingDefinitions, texts: ProgramTexts) -> Iterator[Program]:
    """Yield the examples of each docstring of the live functions and classes, as one program."""
    for docstring in _docstrings(dataflow):
        for whole in texts.programs(docstring):
            examples = _examples(whole)
            if examples.text:
                yield texts.imports + examples


def _docstrings(dataflow: ReachingDefinitions) -> Iterator[cst.BaseExpression]:
    """Yield the docstrings of a module, and of what it defines."""
    bodies: list[Sequence[cst.BaseStatement]] = [dataflow.module.body]
    for node in nodes_of(dataflow.module, cst.FunctionDef, cst.ClassDef):
        if isinstance(node.body, cst.IndentedBlock):
            bodies += [node.body.body]
    for body in bodies:
        first = body[0] if body else None
        simple = first.body[0] if isinstance(first, cst.SimpleStatementLine) else None
        if isinstance(simple, cst.Expr) and isinstance(
            simple.value, (cst.SimpleString, cst.ConcatenatedString)
        ):
            yield simple.value


def _examples(docstring: Program) -> Program:
    """Return the code of a docstring's examples."""
    whole = Program("", ())
    for match in _EXAMPLE.finditer(docstring.text):
        if _SKIPPED.search(match[0]):
            continue
        whole += docstring.part(*match.span("first"))
        for line in _CONTINUED.finditer(docstring.text, *match.span("rest")):
            whole += docstring.part(*line.span("code"))
        if not whole.text.endswith("\n"):
            whole += Program("\n", (match.end() - 1,))
    return whole
