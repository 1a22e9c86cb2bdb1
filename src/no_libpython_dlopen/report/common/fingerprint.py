"""One name for a finding that stays while lines above it come and go (ruff #1149).

Made of the rule, the path in the repository and the marked text, plus a number where the
same text is found more than once in a file. No line number takes part.
"""

from __future__ import annotations

import hashlib
from collections import Counter

from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.source import Source
from no_libpython_dlopen.report.common import paths


class Fingerprints:
    """Gives out the fingerprints of one report, in the order of its findings."""

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, str, str]] = Counter()

    def next(self, finding: Finding, path: str, source: Source | None) -> str:
        """Return the fingerprint of a finding; ``path`` is the one in the repository."""
        snippet = " ".join(paths.excerpt(finding, source).split()) or finding.message
        key = (finding.code, path, snippet)
        self._seen[key] += 1
        parts = "\0".join((*key, str(self._seen[key])))
        return hashlib.sha256(parts.encode("utf-8", "surrogateescape")).hexdigest()
