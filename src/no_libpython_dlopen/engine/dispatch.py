"""Which reader makes facts of which kind of file. Imports a reader only when it reads.

A reader's prefilter is asked first, on bytes. It sees text in which every ASCII byte is
that character: where the file's own encoding may not be like that (UTF-16, Shift JIS), the
text is encoded again for it.
"""

from __future__ import annotations

from no_libpython_dlopen.buildsystems import prefilter as build_prefilter
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.python import prefilter as python_prefilter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from no_libpython_dlopen.model.facts import Fact
    from no_libpython_dlopen.model.source import Source

BINARY_KINDS = frozenset({Kind.BINARY, Kind.ARCHIVE})
#: Encodings in which bytes of ASCII are nothing else, the frequent ones.
_EXTENDING_ASCII = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252"})
#: Kinds that may hold programs in Python.
_EMBEDDING = frozenset({Kind.SHELL, Kind.DOCKERFILE})
#: What a Python file holds in which a reader could see something: one or the other.
PYTHON_NEEDS = (python_prefilter.NEEDS, build_prefilter.PYTHON_NEEDS)
MESON_NEEDS = build_prefilter.MESON_NEEDS


def source_of(path: str, kind: Kind, data: bytes) -> Source:
    """Return a text file's content as what the readers read."""
    if kind is Kind.NOTEBOOK:
        from no_libpython_dlopen.notebook.source import NotebookSource

        return NotebookSource(path, kind, data)
    from no_libpython_dlopen.model.source import Source

    return Source(path, kind, data)


def may_matter(kind: Kind, data: bytes, lowered: bytes | None = None) -> bool:
    """Tell whether some reader could make a fact of these bytes. ``False`` is certain.

    ``lowered`` are the bytes in lower case, if they are at hand.
    """
    if kind is Kind.PYTHON and python_prefilter.may_load(data, lowered):
        return True
    if kind in _EMBEDDING and python_prefilter.may_matter(data):
        return True
    return build_prefilter.may_matter(kind, data, lowered)


def read(source: Source, *, always: bool = False) -> Iterator[Fact]:
    """Yield the facts of a text file. Raises ``source.Unreadable``.

    With ``always`` the prefilters are not asked, so that a file that does not parse is
    noticed although nothing could be found in it.
    """
    data = source.searched
    if source.encoding not in _EXTENDING_ASCII:
        data = source.text.encode("utf-8", "surrogatepass")
    if source.kind is Kind.PYTHON and (always or python_prefilter.may_load(data)):
        from no_libpython_dlopen.python import reader as python_reader

        yield from python_reader.read(source)
    if source.kind in _EMBEDDING and (always or python_prefilter.may_matter(data)):
        from no_libpython_dlopen.buildsystems.shell import embedded_python

        yield from embedded_python.read(source)
    if always or build_prefilter.may_matter(source.kind, data):
        from no_libpython_dlopen.buildsystems import registry as build_reader

        yield from build_reader.read(source)
