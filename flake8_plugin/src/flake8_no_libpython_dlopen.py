"""Shows flake8 what ``nolibpy check`` finds in the files that flake8 looks at.

Thin on purpose: findings, positions, configuration (``[tool.nolibpy]``) and
``# nolibpy: ignore`` are the engine's. flake8 hands over decoded lines with their line
endings made equal, which is enough to see that a file is clean; where it is not, or is
not plain text, the file itself is read, so that both commands judge the same bytes.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from no_libpython_dlopen import config
from no_libpython_dlopen.engine import api
from no_libpython_dlopen.engine.prefilter import prefilter
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.model.source import declared_encoding

#: What flake8 takes: row (from 1), column (from 0), "CODE message", and the checker.
Report = tuple[int, int, str, type]


class Plugin:
    """The checker of one file. flake8 fills the parameters in by their names.

    ``tree`` is not used: asking for it makes flake8 parse the file first, so a file with
    a syntax error ends there as flake8's own E999 and not as our NLP900 too.
    """

    _configuration: ClassVar[config.Configuration | None] = None
    #: The name under which flake8 shows its standard input, ``None`` where it reads none.
    _stdin_name: ClassVar[str | None] = None
    _noqa: ClassVar[bool] = True

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Take over what flake8 was told that concerns us."""
        cls._configuration = config.Configuration()
        cls._stdin_name = options.stdin_display_name if "-" in options.filenames else None
        # With --disable-noqa both drop the comments. Without it both heed them: flake8
        # knows fewer places for them than the engine, and the engine reports unused ones.
        cls._noqa = not options.disable_noqa

    def __init__(self, tree: ast.AST, filename: str, lines: list[str]) -> None:  # noqa: ARG002
        # Here and not in run(): flake8 turns what is raised here into one line.
        self._findings = self._check(filename, "".join(lines))

    def run(self) -> Iterator[Report]:
        """Yield the findings in flake8's shape."""
        for finding in self._findings:
            row, column = finding.start.row, finding.start.column - 1
            yield row, column, f"{finding.code} {finding.message}", type(self)

    def _check(self, filename: str, text: str) -> list[Finding]:
        data = text.encode("utf-8", "surrogatepass")
        kind = kind_of(filename) or Kind.PYTHON
        told = kind is Kind.PYTHON and text.isascii()
        if told and not prefilter(kind, data, filename).may_contain_finding:
            return []
        data = self._original(filename) or _encode(text, data)
        configuration = self._configuration or config.Configuration()
        settings = configuration.for_file(filename)
        if configuration.problems:
            raise config.ConfigError(configuration.problems[0])
        return api.check_bytes(data, filename, settings.replace(noqa=self._noqa))

    def _original(self, filename: str) -> bytes | None:
        """Return the file's own bytes, ``None`` where they are not to be had (again)."""
        if filename == self._stdin_name:
            return None
        try:
            return Path(filename).read_bytes()
        except (OSError, ValueError):
            return None


def _encode(text: str, fallback: bytes) -> bytes:
    """Return ``text`` in the encoding that it declares itself."""
    try:
        return text.encode(declared_encoding(fallback))
    except (LookupError, UnicodeError, ValueError):
        return fallback
