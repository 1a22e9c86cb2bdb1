"""One JSON object a line, each as an element of the format ``json``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from no_libpython_dlopen.engine.result import FileResult
from no_libpython_dlopen.report import Context
from no_libpython_dlopen.report.json import element_of

NUMBER_SIGN = r"\u0023"


def write(results: Iterable[FileResult], out: TextIO, context: Context) -> None:  # noqa: ARG001
    """Write a line for each finding, as soon as its file is checked."""
    for result in results:
        for finding in result.findings:
            print(json.dumps(element_of(finding, result.source)), file=out)
