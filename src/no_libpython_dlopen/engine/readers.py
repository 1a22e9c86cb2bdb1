"""Which reader makes facts of which kind of file. Imports a reader only when it reads.

A reader's prefilter is asked first, on bytes. It sees text whose letters are ASCII
bytes: where the file's own encoding is not like that (UTF-7, UTF-16), the text is
encoded again for it.
"""

from __future__ import annotations

from no_libpython_dlopen.kind import Kind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from no_libpython_dlopen.facts import Fact
    from no_libpython_dlopen.source import Source

BINARY_KINDS = frozenset({Kind.BINARY, Kind.ARCHIVE})


def source_of(path: str, kind: Kind, data: bytes) -> Source:
    """Return a text file's content as what the readers read."""
    if kind is Kind.NOTEBOOK:
        from no_libpython_dlopen.notebook.source import NotebookSource

        return NotebookSource(path, kind, data)
    from no_libpython_dlopen.source import Source

    return Source(path, kind, data)


def may_matter(kind: Kind, data: bytes) -> bool:
    """Tell whether some reader could make a fact of these bytes. ``False`` is certain."""
    return (kind is Kind.PYTHON and _python_matters(data)) or _build_matters(kind, data)


def _python_matters(data: bytes) -> bool:
    from no_libpython_dlopen.python import prefilter

    return prefilter.may_matter(data)


def _build_matters(kind: Kind, data: bytes) -> bool:
    from no_libpython_dlopen.build import prefilter

    return prefilter.may_matter(kind, data)


def read(source: Source, *, always: bool = False) -> Iterator[Fact]:
    """Yield the facts of a text file. Raises ``source.Unreadable``.

    With ``always`` the prefilters are not asked, so that a file that does not parse is
    noticed although nothing could be found in it.
    """
    data = source.searched
    if not _letters_are_ascii(source.encoding):
        data = source.text.encode("utf-8", "surrogatepass")
    if source.kind is Kind.PYTHON and (always or _python_matters(data)):
        from no_libpython_dlopen.python import reader as python_reader

        yield from python_reader.read(source)
    if source.kind in (Kind.SHELL, Kind.DOCKERFILE) and _python_matters(data):
        from no_libpython_dlopen.build import embedded

        yield from embedded.read(source)
    if always or _build_matters(source.kind, data):
        from no_libpython_dlopen.build import reader as build_reader

        yield from build_reader.read(source)


def _letters_are_ascii(encoding: str) -> bool:
    if encoding in ("utf-8", "ascii", "iso8859-1", "cp1252"):
        return True
    letters = bytes(range(32, 127))
    try:
        return letters.decode(encoding) == letters.decode("ascii") and encoding != "utf-7"
    except (UnicodeError, ValueError):
        return False
