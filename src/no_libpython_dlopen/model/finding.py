"""What flows out of the tool: positions, edits, fixes and findings.

Plain frozen values, without behaviour that needs another part of the package,
so that every layer may import them and a finding can cross a process boundary.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Applicability(str, Enum):
    """How far a fix may be trusted.

    ``SAFE`` promises: on every platform and every supported Python the program
    means the same after the fix as before, or works where it failed before.
    ``UNSAFE`` fixes are right in most programs, and must be asked for.
    """

    SAFE = "safe"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a text: 1-based row, 1-based column counted in code points."""

    row: int
    column: int


START = Location(1, 1)


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``old``, the text at ``[start, end)`` of ``Source.text``, by ``new``.

    Offsets count code points of the decoded text (without a byte order mark).
    The edit carries what it replaces, so that whoever applies it can see that
    the text is still the one that was read.
    """

    start: int
    end: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that remove one finding, applied all or none.

    ``message`` is an imperative sentence ("use `ctypes.pythonapi`"). ``caveats``
    are the reasons why the fix is unsafe (or a remark on a safe one), each a
    clause for the reader. A repair of a binary has no text edits: ``edits`` is
    empty there, and the binary's own writer does the work. ``alternative`` is the
    simpler fix, if it is unsafe and this one is more than most programs need: those who
    ask for unsafe fixes get it instead.
    """

    applicability: Applicability
    message: str
    edits: tuple[Edit, ...] = ()
    caveats: tuple[str, ...] = ()
    alternative: Fix | None = None

    def choose(self, *, unsafe: bool) -> Fix | None:
        """Return the fix to make, itself or the alternative; ``None`` if none is allowed."""
        if unsafe:
            return self.alternative or self
        return self if self.applicability is Applicability.SAFE else None


@dataclass(frozen=True, slots=True)
class Related:
    """One more place that explains a finding ("`name` is assigned here").

    ``path`` is the file that it is in, empty where that is the finding's own.
    """

    message: str
    start: Location
    end: Location
    path: str = ""


#: The code of what could not be read or parsed, which is an error of the input.
UNREADABLE = "NLP900"
UNUSED_SUPPRESSION = "NLP901"


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule at one place.

    ``path`` is the path as discovered (``wheel.whl!member.so`` for a member of
    an archive). ``resolved`` is the library name that the place resolves to,
    with ``*`` for parts that are not known. ``no_fix_reason`` says why ``fix``
    is ``None`` although the rule has one. ``noqa_row`` is the row on which a
    ``# noqa`` comment counts.
    """

    code: str
    message: str
    path: str
    start: Location = START
    end: Location = START
    fix: Fix | None = None
    noqa_row: int = 1
    resolved: str = ""
    no_fix_reason: str = ""
    related: tuple[Related, ...] = ()

    @property
    def is_unreadable(self) -> bool:
        """Whether it says that a file could not be analysed (NLP900), which nothing hides."""
        return self.code == UNREADABLE
