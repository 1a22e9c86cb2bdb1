"""Looks at the files around a file, be they on disk or members of an archive.

Readers follow includes and imports by path. A tree that is no folder, as an archive's, is
mounted under a path that no file has, and readers that ask here find its files there. The
mounted path begins with two slashes, so that climbing to parent folders ends in the tree.

A run that writes nothing looks at each path once, otherwise the check of each file does: within a
``Snapshot`` the answers are kept.
"""

from __future__ import annotations

import os
from itertools import islice

from no_libpython_dlopen.files import safe_open

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Mapping
    from typing import Literal, Protocol, TypeVar

    T = TypeVar("T")

    #: When a file was changed, in nanoseconds, its size, and its number.
    Stamp = tuple[int, int, int]
    #: What a name in a folder is.
    Entry = Literal["file", "folder", "link", "other"]

    class FileTree(Protocol):
        """Files by their path in the tree, with slashes; ``sizes`` are their lengths."""

        @property
        def sizes(self) -> Mapping[str, int]: ...
        @property
        def folders(self) -> Mapping[str, list[str]]: ...
        def read(self, path: str) -> bytes: ...


#: Folders of version control (of quilt's patches, too), environments and caches.
NO_SOURCES = frozenset(
    (
        *(".bzr", ".git", ".hg", ".jj", ".nolibpy-backup", ".pc", ".svn", "CVS"),
        *(".direnv", ".eggs", ".nox", ".pants.d", ".tox", ".venv", "venv"),
        *(".hypothesis", ".mypy_cache", ".pytest_cache", ".pytype", ".ruff_cache"),
        *(".ipynb_checkpoints", "__pycache__", "__pypackages__", "node_modules"),
    )
)
_MARK = "//"
_trees: dict[str, FileTree] = {}
_serial = 0
#: Results of ``once`` by function and arguments; ``None`` outside of a snapshot.
_kept: dict[Hashable, object] | None = None


class Snapshot:
    """Keeps what is read of files and folders, until the outermost of such blocks ends.

    >>> with Snapshot():
    ...     is_folder(os.curdir)
    True
    """

    __slots__ = ("_begins",)

    def __init__(self, *, is_wanted: bool = True) -> None:
        self._begins = is_wanted

    def __enter__(self) -> None:
        global _kept  # noqa: PLW0603  files are one thing for the whole process
        self._begins = self._begins and _kept is None
        if self._begins:
            _kept = {}

    def __exit__(self, *_: object) -> None:
        global _kept  # noqa: PLW0603
        if self._begins:
            _kept = None


def once(make: Callable[..., T], *given: Hashable) -> T:
    """Return the result of a function for these arguments, computed once in a snapshot."""
    if _kept is None:
        return make(*given)
    key = (make, *given)
    if key not in _kept:
        _kept[key] = make(*given)
    found: T = _kept[key]  # type: ignore[assignment]
    return found


def latest(make: Callable[..., T], *given: Hashable) -> T:
    """Return as ``once`` what a function makes that is large: only its last result is kept."""
    if _kept is None:
        return make(*given)
    if make not in _kept or _kept[make][0] != given:  # type: ignore[index]
        _kept[make] = given, make(*given)
    found: T = _kept[make][1]  # type: ignore[index]
    return found


def mount(tree: FileTree) -> str:
    """Return the path under which ``tree`` can be seen from now on, without a slash at its end."""
    global _serial  # noqa: PLW0603  a path is never used twice, so that caches may go by it
    _serial += 1
    root = f"{_MARK}!{_serial}"
    _trees[root] = tree
    return root


def unmount(root: str) -> None:
    """Forget the tree that was mounted at ``root``."""
    _trees.pop(root, None)


def _is_virtual(path: str) -> bool:
    return bool(_trees) and path.startswith(_MARK)


def _find(path: str) -> tuple[FileTree | None, str]:
    """Return the tree that a path leads into, and the path in it."""
    root, _, inner = os.path.normpath(path).replace(os.sep, "/")[2:].partition("/")
    return _trees.get(_MARK + root), inner


def is_file(path: str) -> bool:
    """Return whether there is a regular file at a path."""
    if not _is_virtual(path):
        return once(os.path.isfile, path)
    tree, inner = _find(path)
    return tree is not None and inner in tree.sizes


def is_folder(path: str) -> bool:
    """Return whether there is a folder at a path."""
    if not _is_virtual(path):
        return once(os.path.isdir, path)
    tree, inner = _find(path)
    return tree is not None and inner in tree.folders


def exists(path: str) -> bool:
    """Return whether there is anything at a path, a link that leads nowhere included."""
    return is_file(path) or is_folder(path) if _is_virtual(path) else os.path.lexists(path)


def is_link(path: str) -> bool:
    """Return whether a symbolic link is at a path; in archives they are not followed."""
    return not _is_virtual(path) and once(os.path.islink, path)


def real_path(path: str) -> str:
    """Return a path without links."""
    return os.path.normpath(path) if _is_virtual(path) else once(os.path.realpath, path)


def stamp_of(path: str) -> Stamp | None:
    """Return the key by which an unchanged file or folder is recognised; ``None`` without one."""
    if _is_virtual(path):
        tree, inner = _find(path)
        if tree is not None and inner in tree.folders:
            return 0, len(tree.folders[inner]), 1
        size = tree.sizes.get(inner) if tree is not None else None
        return None if size is None else (0, size, 0)
    return once(_stat, path)


def _stat(path: str) -> Stamp | None:
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def names_in(folder: str) -> list[str]:
    """Return the names in a folder, sorted; none where there is no folder to be read."""
    if _is_virtual(folder):
        tree, inner = _find(folder)
        return sorted(tree.folders.get(inner, ())) if tree is not None else []
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def entries_in(folder: str) -> dict[str, Entry]:
    """Return the entries of a folder by name, none where there is no folder to be read.

    A single call tells the kinds of all; that of a link is not the kind of what it leads to.
    """
    if _is_virtual(folder):
        several = ((one, f"{folder}/{one}") for one in names_in(folder))
        return {one: "folder" if is_folder(path) else "file" for one, path in several}
    try:
        with os.scandir(folder) as entries:
            return {one.name: _kind_of_entry(one) for one in entries}
    except OSError:
        return {}


def _kind_of_entry(entry: os.DirEntry[str]) -> Entry:
    if entry.is_symlink():
        return "link"
    return "folder" if entry.is_dir() else "file" if entry.is_file() else "other"


def read_file(path: str, most: int = safe_open.MAX_TEXT) -> bytes:
    """Return a file's bytes, at most ``most``. Raises ``OSError`` as ``safe_open.read_file``."""
    if not _is_virtual(path):
        return safe_open.read_file(path, most)
    tree, inner = _find(path)
    if tree is None or inner not in tree.sizes:
        raise FileNotFoundError(path)
    if tree.sizes[inner] > most:
        raise OSError(None, f"it is larger than {most >> 20} MiB")
    return tree.read(inner)


def walk(folder: str) -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield the triples of ``os.walk``, sorted; before Python 3.12 that function fails in a deep tree."""
    left = [folder]
    while left:
        place = left.pop()
        for _, folders, names in islice(os.walk(place), 1):
            folders.sort()
            yield place, folders, sorted(names)  # from which folders may be taken
            paths = [os.path.join(place, name) for name in reversed(folders)]
            left += [path for path in paths if not os.path.islink(path)]
