"""Finds the settings of each folder."""

from __future__ import annotations

import os
from itertools import chain

from no_libpython_dlopen.config.keys import settings_from
from no_libpython_dlopen.config.settings import Settings
from no_libpython_dlopen.config.table import (
    FILE_NAMES,
    TABLE,
    ConfigError,
    one_line,
    read_table,
    short_path,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Folders that mark the root of a project's tree.
_ROOT_MARKS = (".git", ".hg", ".svn", ".jj")
#: Files that extend one another; more is a circle.
MOST_EXTENDED = 10


class Configuration:
    """Finds the settings of each folder, with the command line's on top.

    ``file`` is the one configuration file to use (``--config``); ``isolated`` uses
    none. ``overrides`` are keys given on the command line. Raises ``ConfigError`` where
    one of these is wrong. A wrong file that is found on the way is a line in
    ``problems``; what it governs is checked with the keys that are right. ``notes`` are
    remarks on what was passed over without harm.
    """

    def __init__(
        self,
        overrides: Mapping[str, object] | None = None,
        *,
        file: str | None = None,
        isolated: bool = False,
        noqa: bool = True,
    ) -> None:
        self.problems: list[str] = []
        self.notes: list[str] = []
        #: Both by file, without its name.
        self.problems_of_files: dict[str, list[str]] = {}
        self.notes_of_files: dict[str, list[str]] = {}
        self.file = file
        self._noqa = noqa
        self.overrides = dict(overrides or {})
        self._isolated = isolated or file is not None
        self._cache: dict[str, Settings] = {}
        self._here = os.getcwd()
        #: The files that others extend, the nearest first.
        self.extended_files: list[str] = []
        base = Settings(folder=self._here, noqa=noqa)
        if file is not None:
            table = read_table(file)
            if table is None:
                raise ConfigError(f"{file}: no table `[tool.{TABLE}]`")
            base = settings_from(table, file, self._read_extended(table, file, base))
            _require_baseline_inside(base, file)
        self._default = self._with_overrides(base)
        if file is not None and not self._default.select and not self._default.extend_select:
            raise ConfigError(f"{file}: `select`: no rule is selected")

    def _with_overrides(self, base: Settings) -> Settings:
        if not self.overrides:
            return base
        return settings_from(self.overrides, "", base, self._here)

    def for_folder(self, folder: str) -> Settings:
        """Return the settings of the files in ``folder`` (an absolute path)."""
        if self._isolated:
            return self._default
        settings = None
        below = []
        for place in folders_to_root(folder):  # a path may have two thousand folders
            settings = self._cache.get(place)
            if settings is None:
                below.append(place)
                settings = self._read(place)
            if settings is not None:
                break
        settings = settings or self._default
        self._cache.update(dict.fromkeys(below, settings))
        return settings

    def for_file(self, path: str) -> Settings:
        """Return the settings of a file."""
        return self.for_folder(os.path.dirname(os.path.abspath(path)))

    def file_for(self, folder: str) -> str | None:
        """Return the configuration file that governs a folder (an absolute path)."""
        if self.file is not None or self._isolated:
            return self.file
        for path in chain.from_iterable(map(_files_in, folders_to_root(folder))):
            try:
                if read_table(path) is not None:
                    return path
            except ConfigError:  # noqa: PERF203
                return path
        return None

    def inside(self, folder: str, names: set[str], above: Settings) -> Settings:
        """Return the settings of ``folder``, given its entries and those above it.

        A walk asks this for every folder, and has the names at hand.
        """
        if self._isolated or (names.isdisjoint(FILE_NAMES) and names.isdisjoint(_ROOT_MARKS)):
            return above
        return self.for_folder(folder)

    @property
    def files(self) -> list[str]:
        """The configuration files that were found so far."""
        found = [self.file] if self.file else []
        folders = () if self._isolated else self._cache
        return [*found, *(path for one in folders for path in _files_in(one)), *self.extended_files]

    def _read(self, folder: str) -> Settings | None:
        for path in _paths_in(folder):
            if os.path.islink(path) and not os.path.exists(path):
                target = one_line(os.readlink(path))
                self.notes.append(f"{short_path(path)}: a symbolic link to {target}: no such file")
        for path in _files_in(folder):
            settings = self._read_file(path, folder)
            if settings is not None:
                return settings
        return None

    def read_content(self, path: str, data: bytes) -> None:
        """Read what an editor holds of a file, and note what is wrong with it."""
        self._read_file(path, os.path.dirname(path), data)

    def _read_file(self, path: str, folder: str, data: bytes | None = None) -> Settings | None:
        shown = short_path(path)
        settings = Settings(folder=folder, noqa=self._noqa)
        notes: list[str] = []
        try:
            if path != self.file and os.path.islink(path) and os.path.isfile(path):
                _require_inside(path, folder, f"{shown}: the file that it links to")
            table = read_table(path, notes, data)
        except ConfigError as error:
            self._add_problem(path, str(error).replace(path, shown, 1))
            return self._with_overrides(settings.replace(flawed=True))
        finally:
            self.notes += [f"{shown}: {note}" for note in notes]
            self.notes_of_files[path] = notes
        if table is None:
            return None
        try:
            settings = self._read_extended(table, path, settings)
        except ConfigError as error:
            self._add_problem(path, str(error))
            settings = settings.replace(flawed=True)
        for key, value in table.items():
            try:
                settings = settings_from({key: value}, shown, settings)
            except ConfigError as error:  # noqa: PERF203
                self._add_problem(path, str(error))
                settings = settings.replace(flawed=True)
        try:
            _require_baseline_inside(settings, shown)
        except ConfigError as error:
            self._add_problem(path, str(error))
            settings = settings.replace(baseline="", flawed=True)
        settings = self._with_overrides(settings)
        if not settings.select and not settings.extend_select:
            self._add_problem(path, f"{shown}: `select`: no rule is selected")
            settings = settings.replace(flawed=True)
        return settings

    def _read_extended(
        self, table: Mapping[str, object], path: str, base: Settings, depth: int = 0
    ) -> Settings:
        """Return the settings of the file that ``extend`` names, ``base`` where there is none.

        It has to be in the project's tree. Raises ``ConfigError``.
        """
        folder = os.path.dirname(os.path.abspath(path))
        base = base.replace(folder=folder)
        named = table.get("extend")
        if not isinstance(named, str) or not named or "\0" in named:
            return base  # ``settings_from`` tells what is wrong with it
        shown = short_path(path)
        target = os.path.normpath(os.path.join(folder, named))
        if depth >= MOST_EXTENDED:
            raise ConfigError(f"{shown}: `extend`: more than {MOST_EXTENDED} files, or a cycle")
        _require_inside(target, folder, f"{shown}: `extend`: {one_line(named)}")
        self.extended_files.append(target)
        try:
            wanted = read_table(short_path(target))
        except ConfigError as error:
            raise ConfigError(f"{shown}: `extend`: {one_line(str(error))}") from None
        if wanted is None:
            raise ConfigError(f"{shown}: `extend`: {one_line(named)} has no table `[tool.{TABLE}]`")
        settings = self._read_extended(wanted, target, base, depth + 1)
        settings = settings_from(wanted, one_line(short_path(target)), settings)
        if settings.baseline and "baseline" in wanted:
            place = os.path.join(os.path.dirname(target), settings.baseline)
            settings = settings.replace(baseline=place)
        return settings.replace(folder=folder)

    def _add_problem(self, path: str, problem: str) -> None:
        """Note a problem of a file, or of one that it extends, which is then named first."""
        self.problems.append(problem)
        alone = problem.removeprefix(f"{short_path(path)}: ")
        for file in self.extended_files[-MOST_EXTENDED:]:
            inner = alone.removeprefix("`extend`: ")
            if os.path.isfile(file) and inner.startswith(f"{short_path(file)}: "):
                path, alone = file, inner.removeprefix(f"{short_path(file)}: ")
        self.problems_of_files.setdefault(path, []).append(alone)


def _is_file(path: str) -> bool:
    """Return whether there is something to be read; a pipe is, and is then an error."""
    return os.path.exists(path) and not os.path.isdir(path)


def _files_in(folder: str) -> list[str]:
    """Return the files of a folder that may be its configuration, the first one first."""
    return [path for path in _paths_in(folder) if _is_file(path)]


def _paths_in(folder: str) -> list[str]:
    return [os.path.join(folder, name) for name in FILE_NAMES]


def _root_of(folder: str) -> str:
    """Return the project's root above a folder; the folder itself where nothing marks one."""
    *_, root = folders_to_root(folder)
    return root if is_root(root) else folder


def _require_inside(path: str, folder: str, said: str) -> None:
    """Raise ``ConfigError`` for a path that leaves the project to which a folder belongs."""
    root = os.path.realpath(_root_of(folder)).rstrip("/")
    if not os.path.realpath(path).startswith(f"{root}/"):
        raise ConfigError(f"{said} is outside of the project")


def _require_baseline_inside(settings: Settings, shown: str) -> None:
    if settings.baseline:
        path = os.path.join(settings.folder, settings.baseline)
        named = one_line(settings.baseline)
        _require_inside(path, settings.folder, f"{shown}: `baseline`: {named}")


def folders_to_root(folder: str) -> Iterator[str]:
    """Yield a folder, and those whose settings hold where it has none, up to the root."""
    while True:
        yield folder
        parent = os.path.dirname(folder)
        if parent == folder or is_root(folder):
            return
        folder = parent


def is_root(folder: str) -> bool:
    """Return whether a folder is the root of a repository."""
    return any(os.path.exists(os.path.join(folder, mark)) for mark in _ROOT_MARKS)
