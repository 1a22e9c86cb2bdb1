"""What the guard sees, and the warning that it makes of it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from no_libpython_dlopen.runtime.guard.source_location import SourceLocation


class LibpythonWarning(DeprecationWarning):
    """libpython was opened by name, or an extension module needs it.

    ``code`` is NLP401 or NLP402, ``library`` the name opened or needed, ``filename`` and
    ``row`` the user's line.
    """

    def __init__(
        self,
        message: str,
        code: str = "NLP401",
        library: str = "",
        filename: str = "",
        row: int = 0,
    ) -> None:
        super().__init__(message, code, library, filename, row)
        self.code = code
        self.library = library
        self.filename = filename
        self.row = row

    def __str__(self) -> str:
        return f"{self.code} {self.args[0]}"


#: The name that ``-W error::no_libpython_dlopen.runtime.LibpythonWarning`` takes.
LibpythonWarning.__module__ = "no_libpython_dlopen.runtime"


class Detection:
    """One occasion on which libpython was opened or needed.

    ``name`` is what a user may allow: the library or the extension module. ``file`` is what
    the loader maps for the library, its name where that is not known. The message
    is made on demand, since it takes a look at the file system. It is ``late`` where the
    library is mapped already: an exception would hit a line that has no part in it.
    """

    __slots__ = ("_describe", "code", "file", "late", "library", "location", "name")

    def __init__(
        self,
        code: str,
        library: str,
        name: str,
        location: SourceLocation,
        describe: Callable[[], str],
        *,
        file: str = "",
    ) -> None:
        self.code = code
        self.library = library
        self.name = name
        self.location = location
        self.file = file or library
        self.late = False
        self._describe = describe

    @property
    def key(self) -> tuple[str, int, str, str]:
        """The key of what is reported once: a line and what it opens."""
        return (self.location.filename, self.location.row, self.code, self.file)

    def warning(self, message: str) -> LibpythonWarning:
        """Return the warning that is shown or raised."""
        location = self.location
        return LibpythonWarning(message, self.code, self.library, location.filename, location.row)

    def message(self) -> str:
        """Return the message for the user."""
        try:
            return self._describe()
        except Exception:  # noqa: BLE001 - the file system may say anything; the fact stands
            return f"`{self.library}` is opened or needed by `{self.name}`"
