"""The texts of an archive: its Python code and its build files, kept to be checked.

They are checked after the archive has been read, since an import or an include leads from
one to another. Up to then they are kept one behind the other, the first megabytes in memory
and the rest in a temporary file without a name. For the readers they are a ``FileTree``.
"""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.shared_object import is_named_like_library
from no_libpython_dlopen.files.safe_open import MAX_TEXT
from no_libpython_dlopen.model.content_kind import (
    PATH_CONFIGURATION_HEAD,
    may_be_path_configuration,
)
from no_libpython_dlopen.model.kind import Kind, kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from no_libpython_dlopen.binary.formats.random_access import Read

_MOST_IN_MEMORY, _MOST_TEXT = 48 << 20, 2 << 30
_NOT_TEXT = frozenset({Kind.BINARY, Kind.ARCHIVE})
#: What is not checked itself, but asked for: Autoconf's macros, a crate's program.
_NEIGHBOURS = (".m4", "/src/main.rs")


def text_kind_of(path: str) -> Kind | None:
    """Return the file type of a member that is a text by its name, else ``None``."""
    kind = kind_of(path)
    return None if kind in _NOT_TEXT else kind


def names_content(path: str) -> bool:
    """Return whether a name, also that of a link, tells that there is a library or a text."""
    return is_named_like_library(path) or text_kind_of(path) is not None


class TextMembers:
    """The texts of one archive, and of the archives in it, by their path.

    In the path of a member of an inner archive, ``!/`` stands behind that archive's own.
    ``excludes`` says of a path whether its member is left out.
    """

    def __init__(self, excludes: Callable[[str], bool] | None = None) -> None:
        self.kinds: dict[str, Kind] = {}
        self.sizes: dict[str, int] = {}
        self.folders: dict[str, list[str]] = {"": []}
        self._offsets: dict[str, int] = {}
        self._excludes = excludes
        self._end = 0
        self._file = tempfile.SpooledTemporaryFile(max_size=_MOST_IN_MEMORY)  # noqa: SIM115

    def __enter__(self) -> TextMembers:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def wants(self, path: str) -> bool:
        """Return whether a member's name is that of a text, or of what texts ask for."""
        return text_kind_of(path) is not None or path.endswith(_NEIGHBOURS)

    def add(self, path: str, kind: Kind | None, read: Read) -> str:
        """Keep a member of type ``kind``, ``None`` for one that others ask for.

        Returns why it cannot be checked, or nothing. Raises ``MalformedBinary``.
        """
        if self._excludes is not None and self._excludes(path):
            return ""
        if kind is Kind.PATH_CONFIGURATION:
            head = read(0, PATH_CONFIGURATION_HEAD)
            if not may_be_path_configuration(head):
                return ""
        data = read(0, MAX_TEXT + 1)
        if len(data) > MAX_TEXT:
            return f"cannot be read: it is larger than {MAX_TEXT >> 20} MiB"
        if self._end + len(data) > _MOST_TEXT:
            return f"the archive holds more than {_MOST_TEXT >> 30} GiB of text"
        self._file.seek(self._end)
        self._file.write(data)
        self._offsets[path] = self._end
        self._end += len(data)
        self.sizes[path] = len(data)
        if kind is not None:
            self.kinds[path] = kind
        self._add_to_folder(path)
        return ""

    def _add_to_folder(self, path: str) -> None:
        while True:
            folder, _, name = path.rpartition("/")
            known = folder in self.folders
            self.folders.setdefault(folder, []).append(name)
            if known:
                return
            path = folder

    def hold(self, path: str) -> bool:
        """Return whether a member was kept."""
        return path in self.sizes

    def read(self, path: str) -> bytes:
        """Return the bytes of a member that was kept."""
        self._file.seek(self._offsets[path])
        return self._file.read(self.sizes[path])
