"""Programs that mark the row of each finding with the comment ``# here``."""

from __future__ import annotations

from no_libpython_dlopen.engine import api


def marked_rows(code: str) -> list[int]:
    return [at for at, line in enumerate(code.splitlines(), 1) if line.endswith("# here")]


def rows_of_findings(code: str) -> list[int]:
    return [one.start.row for one in api.check_bytes(code.encode(), "module.py")]
