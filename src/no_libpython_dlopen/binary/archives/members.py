"""One file of an archive, and why it may be one that is not read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.archives.seekable_stream import InflatesTooMuch

if TYPE_CHECKING:
    from no_libpython_dlopen.binary.formats.random_access import Read

#: Names are kept, to see one that stands twice: so many, of so many characters together.
_MOST_MEMBERS, _MOST_NAMES = 1_000_000, 32 << 20


#: No system takes longer paths; climbing one takes quadratic time.
LONGEST_PATH = 4096


class Member:
    """One file in an archive: how to read it, or the ``problem`` why it is not.

    ``size`` is its length, 0 where that is not known before it is read. Of a link neither is
    given, but ``link``, the path of what it leads to.
    """

    __slots__ = ("link", "path", "problem", "read", "size")

    def __init__(
        self, path: str, read: Read | None, problem: str = "", size: int = 0, *, link: str = ""
    ) -> None:
        self.link = link
        self.path = path
        self.read = read
        self.problem = problem
        self.size = size


class MemberNames:
    """The names that an archive's members had up to now."""

    __slots__ = ("_count", "_left", "_seen")

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._count = 0
        self._left = _MOST_NAMES

    def problem_of(self, path: str) -> str:
        """Return the reason why the next member, at ``path``, must not be read, empty for none.

        Raises ``InflatesTooMuch`` where there are more or longer names than anybody needs.
        """
        self._count += 1
        if self._count > _MOST_MEMBERS:
            raise InflatesTooMuch(f"has more than {_MOST_MEMBERS:,} members")
        if path in self._seen:
            return "is in the archive more than once"
        self._left -= len(path)
        if self._left < 0:
            raise InflatesTooMuch(f"has members with names of more than {_MOST_NAMES >> 20} MiB")
        self._seen.add(path)
        return _problem_of_path(path)


def _problem_of_path(path: str) -> str:
    plain = path.replace("\\", "/")
    if not plain:
        return "has no name"
    if len(plain) > LONGEST_PATH:
        return f"has a path of more than {LONGEST_PATH:,} characters"
    if plain.startswith("/") or plain[1:3] == ":/":
        return "has an absolute path"
    if ".." in plain.split("/"):
        return "has a path that leaves the archive"
    return ""


def printable(path: str) -> str:
    """Return a member's path as one line of a message, controls as escapes."""
    return path if path.isprintable() else path.encode("unicode_escape").decode("ascii")
