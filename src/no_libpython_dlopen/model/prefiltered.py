"""What the prefilters learned of a file's bytes, which travels with the file."""

from __future__ import annotations

from typing import NamedTuple


class Prefiltered(NamedTuple):
    """What a file may contain, told from its bytes. Each ``False`` is certain."""

    may_load: bool = False
    may_link: bool = False
    #: Whether there may be a comment that suppresses findings; an unused one is a finding.
    may_suppress: bool = False
    #: Whether the bytes may not be UTF-8, so that only the decoded text tells the rest.
    needs_decoding: bool = False

    @property
    def may_contain_finding(self) -> bool:
        """Whether the file has to be checked."""
        return any(self)
