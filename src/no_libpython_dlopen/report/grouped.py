"""The findings below the name of their file, places and codes in columns."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import TextIO

from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.report import Context, escape_controls
from no_libpython_dlopen.report.common import paths


def write(results: Iterable[FileResult], out: TextIO, context: Context) -> None:  # noqa: ARG001
    """Write a block for each file, an empty line after it."""
    for result in results:
        for path, found in groupby(result.findings, key=lambda finding: finding.path):
            rows = [
                (paths.row_and_column(one.start, result.source), one.code, one.message)
                for one in found
            ]
            width = max(len(place) for place, _, _ in rows)
            print(f"{escape_controls(path)}:", file=out)
            for place, code, message in rows:
                print(f"  {place:<{width}}  {code}  {escape_controls(message)}", file=out)
            print(file=out)
