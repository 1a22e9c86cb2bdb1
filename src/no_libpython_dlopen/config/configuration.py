"""Finds the settings of each folder."""

from __future__ import annotations

import os

from no_libpython_dlopen.config.keys import settings_from
from no_libpython_dlopen.config.settings import Settings
from no_libpython_dlopen.config.table import (
    FILE_NAME,
    TABLE,
    ConfigError,
    read_table,
    short_path,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

#: Folders that mark the root of a project's tree.
_ROOT_MARKS = (".git", ".hg", ".svn", ".jj")


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
        #: The same by file, without its name.
        self.problems_of_files: dict[str, list[str]] = {}
        self.notes: list[str] = []
        self.file = file
        self._noqa = noqa
        self.overrides = dict(overrides or {})
        self._isolated = isolated or file is not None
        self._cache: dict[str, Settings] = {}
        self._here = os.getcwd()
        base = Settings(folder=self._here, noqa=noqa)
        if file is not None:
            table = read_table(file)
            if table is None:
                raise ConfigError(f"{file}: no table `[tool.{TABLE}]`")
            folder = os.path.dirname(os.path.abspath(file))
            base = settings_from(table, file, base.replace(folder=folder))
        self._default = self._with_overrides(base)

    def _with_overrides(self, base: Settings) -> Settings:
        if not self.overrides:
            return base
        if "exclude" in self.overrides:
            base = base.replace(exclude_folder=self._here)
        return settings_from(self.overrides, "", base)

    def for_folder(self, folder: str) -> Settings:
        """Return the settings of the files in ``folder`` (an absolute path)."""
        if self._isolated:
            return self._default
        known = self._cache.get(folder)
        if known is None:
            known = self._cache[folder] = self._read(folder)
        return known

    def for_file(self, path: str) -> Settings:
        """Return the settings of a file."""
        return self.for_folder(os.path.dirname(os.path.abspath(path)))

    def file_for(self, folder: str) -> str | None:
        """Return the configuration file that governs a folder (an absolute path)."""
        if self.file is not None or self._isolated:
            return self.file
        path = os.path.join(folder, FILE_NAME)
        try:
            if _is_file(path) and read_table(path) is not None:
                return path
        except ConfigError:
            return path
        parent = _parent_of(folder)
        return self.file_for(parent) if parent else None

    def inside(self, folder: str, names: set[str], above: Settings) -> Settings:
        """Return the settings of ``folder``, given its entries and those above it.

        A walk asks this for every folder, and has the names at hand.
        """
        if self._isolated or (FILE_NAME not in names and names.isdisjoint(_ROOT_MARKS)):
            return above
        return self.for_folder(folder)

    @property
    def files(self) -> list[str]:
        """The configuration files that were found so far."""
        found = [self.file] if self.file else []
        folders = () if self._isolated else self._cache
        return found + [path for one in folders if _is_file(path := os.path.join(one, FILE_NAME))]

    def _read(self, folder: str) -> Settings:
        path = os.path.join(folder, FILE_NAME)
        settings = self._read_file(path, folder) if _is_file(path) else None
        if settings is not None:
            return settings
        parent = _parent_of(folder)
        return self.for_folder(parent) if parent else self._default

    def _read_file(self, path: str, folder: str) -> Settings | None:
        shown = short_path(path)
        settings = Settings(folder=folder, noqa=self._noqa)
        try:
            table = read_table(path, self.notes)
        except ConfigError as error:
            self._add_problem(path, str(error).replace(path, shown, 1))
            return self._with_overrides(settings.replace(flawed=True))
        if table is None:
            return None
        for key, value in table.items():
            try:
                settings = settings_from({key: value}, shown, settings)
            except ConfigError as error:  # noqa: PERF203
                self._add_problem(path, str(error))
                settings = settings.replace(flawed=True)
        settings = self._with_overrides(settings)
        if not settings.select and not settings.extend_select:
            self._add_problem(path, f"{shown}: `select`: no rule is selected")
        return settings

    def _add_problem(self, path: str, problem: str) -> None:
        self.problems.append(problem)
        alone = problem.removeprefix(f"{short_path(path)}: ")
        self.problems_of_files.setdefault(path, []).append(alone)


def _is_file(path: str) -> bool:
    """Return whether there is something to be read; a pipe is, and is then an error."""
    return os.path.exists(path) and not os.path.isdir(path)


def _parent_of(folder: str) -> str | None:
    """Return the folder whose settings hold where there are none here; none at the root."""
    parent = os.path.dirname(folder)
    is_root = any(os.path.exists(os.path.join(folder, mark)) for mark in _ROOT_MARKS)
    return None if is_root or parent == folder else parent
