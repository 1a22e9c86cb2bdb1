"""Every member of an archive is looked at: wheels, eggs, sdists, conda packages."""

from __future__ import annotations

from no_libpython_dlopen.facts import Fact

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


def read(path: str) -> Iterator[Fact]:
    """Yield what the members of the archive at ``path`` have to do with libpython."""
    raise NotImplementedError(path)
    yield
