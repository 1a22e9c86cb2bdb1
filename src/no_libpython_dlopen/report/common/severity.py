"""How bad a finding is, for formats that want to be told.

All findings but one are about programs that fail somewhere; a comment that suppresses
nothing harms nobody.
"""

from __future__ import annotations

from no_libpython_dlopen import rules
from no_libpython_dlopen.model.finding import Finding


def is_error(code: str) -> bool:
    """Return whether findings of a code are errors, not mere remarks."""
    return rules.rule(code).severity == "error"


def word(finding: Finding, error: str, remark: str) -> str:
    """Return a format's own word for how bad the finding is."""
    return error if is_error(finding.code) else remark
