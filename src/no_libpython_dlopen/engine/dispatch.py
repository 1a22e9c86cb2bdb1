"""Which reader makes facts of which kind of file. Imports a reader only when it reads.

A prefilter sees text in which every ASCII byte is that character: where the file's own
encoding may not be like that (UTF-16, Shift JIS), the text is encoded again for it.
"""

from __future__ import annotations

from no_libpython_dlopen.engine.prefilter import EMBEDDING, prefilter_text
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.prefiltered import Prefiltered

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from no_libpython_dlopen.model.facts import Fact
    from no_libpython_dlopen.model.source import Source

BINARY_KINDS = frozenset({Kind.BINARY, Kind.ARCHIVE})
#: Encodings in which bytes of ASCII are nothing else, the frequent ones.
_EXTENDING_ASCII = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252"})


def source_of(path: str, kind: Kind, data: bytes, prefiltered: Prefiltered | None = None) -> Source:
    """Return a text file's content as what the readers read, with what its bytes told."""
    source: Source
    if kind is Kind.NOTEBOOK:
        from no_libpython_dlopen.notebook.source import NotebookSource

        source = NotebookSource(path, kind, data)
    elif kind is Kind.PATH_CONFIGURATION:
        from no_libpython_dlopen.python.path_configuration import PathConfigurationSource

        source = PathConfigurationSource(path, kind, data)
    else:
        from no_libpython_dlopen.model.source import Source

        source = Source(path, kind, data)
    if prefiltered and not prefiltered.needs_decoding:
        source.prefiltered = prefiltered
    return source


def read(source: Source, *, always: bool = False) -> Iterator[Fact]:
    """Yield the facts of a text file. Raises ``source.Unreadable``.

    With ``always`` the prefilters are not asked, so that a file that does not parse is
    noticed although nothing could be found in it.
    """
    if always:
        prefiltered = Prefiltered(may_load=True, may_link=True)
    else:
        prefiltered = source.prefiltered or _prefilter_text(source)
    try:
        yield from _read(source, prefiltered)
    finally:
        source.forget_derived()


def _read(source: Source, prefiltered: Prefiltered) -> Iterator[Fact]:
    if source.kind is Kind.PYTHON and prefiltered.may_load:
        from no_libpython_dlopen.python import reader as python_reader

        yield from python_reader.read(source)
    if source.kind in EMBEDDING and prefiltered.may_load:
        from no_libpython_dlopen.buildsystems.shell import embedded_python

        yield from embedded_python.read(source)
    if prefiltered.may_link:
        from no_libpython_dlopen.buildsystems import registry as build_reader

        yield from build_reader.read(source)
    if (prefiltered.may_load or prefiltered.may_link) and source.left_out is not None:
        from no_libpython_dlopen.model.facts import Unread

        yield Unread(source.left_out.reason, source.left_out.location)


def _prefilter_text(source: Source) -> Prefiltered:
    data = source.code_bytes
    if source.encoding not in _EXTENDING_ASCII:
        data = source.text.encode("utf-8", "surrogatepass")
    return prefilter_text(source.kind, data, source.path)
