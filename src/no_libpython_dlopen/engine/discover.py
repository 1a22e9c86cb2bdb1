"""Which files a run looks at, in a stable order.

A folder is walked with ``os.scandir``, sorted by name. The folders that tools keep for
themselves are passed over, as is what git ignores and what ``exclude`` names; a path
that is given explicitly is looked at all the same. Links to folders are not followed,
so there are no loops, nor are links to files outside of the given paths; pipes, sockets and
devices are never opened.
"""

from __future__ import annotations

import os
import stat
from operator import attrgetter

from no_libpython_dlopen.config import Configuration, Settings
from no_libpython_dlopen.engine.target import TargetFile
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.files.given_paths import GivenPaths
from no_libpython_dlopen.files.safe_open import read_head, safe_open
from no_libpython_dlopen.model.content_kind import (
    BYTE_CODE_ARCHIVE,
    HEAD_SIZE,
    NOT_FETCHED,
    PATH_CONFIGURATION_HEAD,
    is_pointer,
    is_text_head,
    kind_of_head,
    may_be_library,
    may_be_path_configuration,
    may_be_text,
    says_nothing,
)
from no_libpython_dlopen.model.kind import Kind, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from no_libpython_dlopen.engine.gitignore import Ignored

#: Folders of build results, where they stand beside one of these files.
_RESULTS = frozenset({"build", "dist", "_build", "buck-out"})
#: What an OCI layout is known by.
_IMAGE = ("oci-layout", "index.json", "blobs")
#: What a directory of skopeo (``dir:``) is known by, beside blobs that are named by their hashes.
_IMAGE_OF_SKOPEO = ("manifest.json", "version")
#: Said of a file that was named, so that nobody takes it for checked.
UNSUPPORTED = (
    "unsupported file type: neither its name nor its first bytes are those of Python code, "
    "a build file, a binary or an archive"
)
NO_LIBRARY = "its first bytes are not those of an ELF, Mach-O or PE file, an archive or a text"
_PROJECT_FILES = frozenset({"pyproject.toml", "setup.py", "setup.cfg"})


def discover(
    path: str, configuration: Configuration, given: GivenPaths | None = None
) -> Iterator[TargetFile]:
    """Yield the files to check for a path: the file, or all files below the folder.

    A path that does not exist is yielded with its problem, a link that leads out of the
    ``given`` paths (by default ``path``) without a kind.
    """
    given = given or GivenPaths((path,))
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        reason = f"cannot be opened: {getattr(error, 'strerror', None) or error}"
        if isinstance(error, FileNotFoundError):
            reason = "no such file or directory"
        yield TargetFile(path, None, Settings(), reason)
        return
    if stat.S_ISDIR(mode):
        given.resolve()
        yield from _walk(path, configuration, given)
        return
    settings = configuration.for_file(path)
    if not stat.S_ISREG(mode):
        yield TargetFile(path, None, settings, f"not a regular file: {_name_of_mode(mode)}")
    elif not (settings.force_exclude and settings.excludes(path)):
        kind = kind_of(path) or kind_by_content(path)
        if kind is Kind.PATH_CONFIGURATION and not _is_path_configuration(path):
            return  # a model's weights, which pre-commit passes with the other files
        problem = "" if kind else UNSUPPORTED
        if kind is Kind.BINARY and (no_library := _why_no_library(path)):
            kind, problem = None, no_library
        yield TargetFile(path, kind, settings, problem, given=given, is_named=True)


def _name_of_mode(mode: int) -> str:
    kinds = (
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    )
    return next((name for test, name in kinds if test(mode)), "of an unknown kind")


class _Folder:
    """A folder that is being walked: what is left of it, and what holds in it."""

    __slots__ = ("absolute", "entries", "filtered", "ignored", "is_image", "prefix", "settings")

    def __init__(
        self, prefix: str, absolute: str, ignored: Ignored | None, settings: Settings
    ) -> None:
        self.prefix = prefix
        self.absolute = absolute
        self.ignored = ignored
        self.settings = settings
        self.entries: list[os.DirEntry[str]] = []
        #: Whether anything may leave out an entry.
        self.filtered = False
        #: Whether it holds a container image, which is checked as one archive.
        self.is_image = False

    def open(self, configuration: Configuration, *, is_given: bool = False) -> None:
        """Read the entries, last name first. Raises ``OSError``.

        Where git ignores all entries of a folder that ``is_given``, they count: uv and other tools
        make folders that ignore themselves.
        """
        here = self.absolute or "/"
        with os.scandir(here) as entries:
            self.entries = sorted(entries, key=attrgetter("name"), reverse=True)
        names = {entry.name for entry in self.entries}
        self.is_image = names.issuperset(_IMAGE) or (
            names.issuperset(_IMAGE_OF_SKOPEO) and any(map(_is_digest, names))
        )
        self.settings = configuration.inside(here, names, self.settings)
        if self.settings.respect_gitignore and ".gitignore" in names:
            from no_libpython_dlopen.engine import gitignore

            above = self.ignored or gitignore.NOTHING
            self.ignored = above.inside(here, gitignore.FILE_NAME, configuration)
        if is_given and self.ignored and all(map(self._ignores, self.entries)):
            self.ignored = None
        skipped = file_tree.NO_SOURCES
        if not names.isdisjoint(_PROJECT_FILES) and "__init__.py" not in names:
            skipped |= _RESULTS
        if not names.isdisjoint(skipped):
            self.entries = [entry for entry in self.entries if entry.name not in skipped]
        self.filtered = bool(self.ignored or self.settings.has_exclusions)

    def leaves_out(self, entry: os.DirEntry[str], *, folder: bool) -> bool:
        """Return whether git or ``exclude`` leaves out an entry."""
        if not self.filtered:
            return False
        path = f"{self.absolute}/{entry.name}"
        return self._is_ignored(path, folder=folder) or self.settings.excludes(path, folder=folder)

    def _ignores(self, entry: os.DirEntry[str]) -> bool:
        """Return whether git leaves out an entry; the ignore file itself does not count as left."""
        path, is_folder = f"{self.absolute}/{entry.name}", entry.is_dir(follow_symlinks=False)
        return entry.name == ".gitignore" or self._is_ignored(path, folder=is_folder)

    def _is_ignored(self, path: str, *, folder: bool) -> bool:
        return self.ignored is not None and self.ignored(path, folder=folder)


def _walk(path: str, configuration: Configuration, given: GivenPaths) -> Iterator[TargetFile]:
    absolute = os.path.abspath(path)
    settings = configuration.for_folder(absolute)
    ignored = None
    if settings.respect_gitignore:
        from no_libpython_dlopen.engine import gitignore

        ignored = gitignore.above(absolute, configuration)
    prefix = "" if path in (".", "./") else path.removeprefix("./").rstrip("/") + "/"
    folders = [_Folder(prefix, absolute.rstrip("/"), ignored, settings)]
    problem = _open_folder(folders[-1], path, configuration, is_given=True)
    if problem:
        yield problem
    while folders:
        here = folders[-1]
        if here.is_image:
            folders.pop()
            yield TargetFile(here.prefix.rstrip("/") or ".", Kind.ARCHIVE, here.settings)
            continue
        if not here.entries:
            folders.pop()
            continue
        entry = here.entries.pop()
        name = entry.name
        shown = here.prefix + name
        try:
            if entry.is_dir(follow_symlinks=False):
                if here.leaves_out(entry, folder=True):
                    continue
                absolute = f"{here.absolute}/{name}"
                folders.append(_Folder(f"{shown}/", absolute, here.ignored, here.settings))
                problem = _open_folder(folders[-1], shown, configuration)
                if problem:
                    yield problem
                continue
            kind = _kind_of_entry(entry, shown)
            if kind is None or not entry.is_file():
                continue
        except OSError:  # it vanished, or is a link to itself
            continue
        if not here.leaves_out(entry, folder=False):
            if entry.is_symlink() and not given.may_show(shown):
                yield TargetFile(shown, None, here.settings, leads_out=True)
                continue
            yield TargetFile(shown, kind, here.settings, given=given)


def _is_digest(name: str) -> bool:
    return len(name) == 64 and not name.strip("0123456789abcdef")


def missing_in_image(folder: str) -> list[str]:
    """Return the names that an OCI layout in a directory lacks, none if it is no layout."""
    first, *others = _IMAGE
    if not os.path.isfile(os.path.join(folder, first)):
        return []
    return [f"`{name}`" for name in others if not os.path.lexists(os.path.join(folder, name))]


def discover_listed(
    paths: Iterable[str], configuration: Configuration, given: GivenPaths
) -> Iterator[TargetFile]:
    """Yield those of ``paths`` that a walk would find if their folders were given.

    Links are passed over, and files whose real folder is outside of the ``given`` paths.
    """
    by_folder: dict[str, set[str]] = {}
    for path in paths:
        by_folder.setdefault(os.path.dirname(path), set()).add(os.path.basename(path))
    tops = given.resolve()
    for absolute, names in sorted(by_folder.items()):
        real = os.path.realpath(absolute)
        inside = [os.path.relpath(real, top) for top in tops if given.hold(real)]
        if not any(file_tree.NO_SOURCES.isdisjoint(one.split(os.sep)) for one in inside):
            continue
        folder = _Folder(f"{absolute}/", absolute, None, configuration.for_folder(absolute))
        _open_folder(folder, absolute, configuration)  # what an installer listed may be gone
        for entry in reversed(folder.entries):
            shown = folder.prefix + entry.name
            try:
                if entry.name not in names or not entry.is_file(follow_symlinks=False):
                    continue
                kind = _kind_of_entry(entry, shown)
            except OSError:  # it vanished
                continue
            if kind is not None and not folder.leaves_out(entry, folder=False):
                yield TargetFile(shown, kind, folder.settings, given=given)


def _kind_of_entry(entry: os.DirEntry[str], shown: str) -> Kind | None:
    """Return the file type that a name in a folder tells, or the content. Raises ``OSError``."""
    kind = kind_of(shown)
    if kind is None and says_nothing(entry.name) and entry.is_file():
        kind = kind_by_content(shown)
        return None if kind is Kind.BINARY else kind  # a program, not a module
    if kind is Kind.ARCHIVE and may_be_text(entry.name) and entry.is_file():
        head = read_head(shown, HEAD_SIZE)
        return kind_of_head(head) if is_text_head(head) else kind
    if kind is Kind.ARCHIVE and entry.name.endswith(".pyz") and entry.is_file():
        return None if read_head(shown, len(BYTE_CODE_ARCHIVE)) == BYTE_CODE_ARCHIVE else kind
    if kind is Kind.PATH_CONFIGURATION and entry.is_file() and not _is_path_configuration(shown):
        return None
    return kind


def _why_no_library(path: str) -> str:
    """Return why a file is no shared library; empty if it may be one, or cannot be read."""
    try:
        head = read_head(path, HEAD_SIZE)
    except (OSError, ValueError):
        return ""
    if is_pointer(head):
        return NOT_FETCHED
    return "" if may_be_library(head) else NO_LIBRARY


def _is_path_configuration(path: str) -> bool:
    """Return whether a ``.pth`` file may be one for Python; true if it cannot be read."""
    try:
        return may_be_path_configuration(read_head(path, PATH_CONFIGURATION_HEAD))
    except (OSError, ValueError):
        return True


def _open_folder(
    folder: _Folder, shown: str, configuration: Configuration, *, is_given: bool = False
) -> TargetFile | None:
    """Open a folder; return what is to be said if it cannot be read."""
    try:
        folder.open(configuration, is_given=is_given)
    except FileNotFoundError:
        return None
    except OSError as error:
        return TargetFile(
            shown, None, folder.settings, f"cannot be read: {error.strerror or error}"
        )
    return None


def kind_by_content(path: str) -> Kind | None:
    """Return the file type by a file's first bytes: a script, a binary, an archive."""
    if path.endswith((".pyi", ".md", ".rst", ".txt")):
        return None
    try:
        head = read_head(path, HEAD_SIZE)
    except (OSError, ValueError):
        return None
    kind = kind_of_head(head)
    if kind in (Kind.BINARY, Kind.SHELL) and _is_program_with_archive(path, kind):
        return Kind.ARCHIVE
    return kind


def _is_program_with_archive(path: str, kind: Kind) -> bool:
    from no_libpython_dlopen.binary.archives.formats import holds_archive
    from no_libpython_dlopen.binary.formats.random_access import descriptor_reader

    try:
        descriptor, status = safe_open(path)
    except OSError:
        return False
    try:
        return holds_archive(kind, descriptor_reader(descriptor), status.st_size)
    except OSError:
        return False
    finally:
        os.close(descriptor)
