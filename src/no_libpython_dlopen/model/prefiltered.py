"""What the prefilters learned of a file's bytes, which travels with the file."""

from __future__ import annotations


class Prefiltered:
    """What a file may contain, told from its bytes. Each ``False`` is certain.

    ``may_suppress``: there may be a comment that suppresses findings; an unused one is a
    finding. ``needs_decoding``: the bytes may not be UTF-8, so that only the decoded text
    tells the rest.
    """

    __slots__ = ("may_link", "may_load", "may_suppress", "needs_decoding")

    def __init__(
        self,
        *,
        may_load: bool = False,
        may_link: bool = False,
        may_suppress: bool = False,
        needs_decoding: bool = False,
    ) -> None:
        self.may_load, self.may_link = may_load, may_link
        self.may_suppress, self.needs_decoding = may_suppress, needs_decoding

    @property
    def may_contain_finding(self) -> bool:
        """Whether the file has to be checked."""
        return self.may_load or self.may_link or self.may_suppress or self.needs_decoding
