"""Makes the ``Link`` that a reader of build files yields, in one way for all languages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from no_libpython_dlopen.buildsystems.common.deletions import Deletion
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Applicability, Edit, Fix, Related
from no_libpython_dlopen.model.source import Source

#: Why a fix that deletes a comment must be asked for.
COMMENT = "a comment stands inside the deleted range"
#: Why a fix outside the build systems that know extension modules must be asked for.
MACOS = "on macOS the link may need `-undefined dynamic_lookup` instead"
_PACKAGE = re.compile(r"(?P<plain>[^\s-]\S*)-embed")


def link(
    source: Source,
    start: int,
    end: int,
    fix: Fix | None = None,
    *,
    embedding: bool = False,
    target: str = "",
    instead: str = "",
    no_fix_reason: str = "",
    related: tuple[Related, ...] = (),
    preloaded: bool = False,
) -> Link:
    """Return the fact that the text at ``[start, end)`` links an extension module.

    ``instead`` need not be given for pkg-config's ``python3-embed``.
    """
    spelled = " ".join(source.text[start:end].split())
    package = _PACKAGE.fullmatch(spelled.strip("\"'"))
    return Link(
        spelled=spelled,
        embedding=embedding,
        start=source.locate(start),
        end=source.locate(end),
        target=target,
        instead=package["plain"] if package else instead,
        fix=fix,
        no_fix_reason="" if fix else no_fix_reason,
        related=related,
        preloaded=preloaded,
    )


def deletion(spelled: str, edit: Deletion | Edit, caveats: Sequence[str] = ()) -> Fix:
    """Return the fix that makes a deletion: safe without a caveat, unsafe with one."""
    if isinstance(edit, Deletion):
        caveats = [*caveats, COMMENT] if edit.comment else caveats
        edit = edit.edit
    return make_fix(f"delete `{spelled}`", (edit,), caveats)


def make_fix(message: str, edits: tuple[Edit, ...], caveats: Sequence[str] = ()) -> Fix:
    """Return the fix with these edits: safe without a caveat, unsafe with one."""
    applicability = Applicability.UNSAFE if caveats else Applicability.SAFE
    return Fix(applicability, message, edits, tuple(caveats))
