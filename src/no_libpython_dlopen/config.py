"""Which rules count where, and how: ``[tool.nolibpy]`` and the command line.

Settings come from the nearest ``pyproject.toml`` above a file that has the table, and
never from outside the project's tree: no user file, no system file, and nothing above
the root of the version-controlled folder. Keys have the names of the options. What is
given on the command line replaces a key of the same name.

A clean run imports this module: ``tomllib``, patterns and the rules are imported only
once something asks for them.
"""

from __future__ import annotations

import os

from no_libpython_dlopen.files.safe_open import MAX_SETTINGS, read_file
from no_libpython_dlopen.model.errors import NolibpyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from no_libpython_dlopen.files.path_patterns import PathPatterns

FILE_NAME = "pyproject.toml"
TABLE = "nolibpy"
#: Folders that mark the root of a project's tree.
_ROOT_MARKS = (".git", ".hg", ".svn", ".jj")


class ConfigError(NolibpyError):
    """A setting that cannot be used; the message names the key and the file."""


class Settings:
    """How one file is checked. Immutable; ``replace`` returns a changed copy.

    ``folder`` is what the globs of ``exclude`` and ``per_file_ignores`` are relative
    to; ``exclude_folder`` takes its place for ``exclude`` given on the command line. ``noqa`` is false where ``# noqa`` comments are somebody else's business.
    ``flawed`` is true where part of the configuration could not be used: files are then
    checked with the rest of it, but never rewritten.
    """

    __slots__ = (
        "baseline",
        "exclude",
        "exclude_folder",
        "exit_zero",
        "extend_select",
        "flawed",
        "folder",
        "force_exclude",
        "ignore",
        "jobs",
        "noqa",
        "output_format",
        "per_file_ignores",
        "respect_gitignore",
        "select",
        "statistics",
        "unsafe_fixes",
    )

    def __init__(
        self,
        *,
        select: tuple[str, ...] = ("NLP",),
        extend_select: tuple[str, ...] = (),
        ignore: tuple[str, ...] = (),
        per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = (),
        exclude: tuple[str, ...] = (),
        force_exclude: bool = False,
        respect_gitignore: bool = True,
        unsafe_fixes: bool = False,
        noqa: bool = True,
        output_format: str = "text",
        exit_zero: bool = False,
        statistics: bool = False,
        jobs: int = 0,
        baseline: str = "",
        folder: str = "",
        exclude_folder: str = "",
        flawed: bool = False,
    ) -> None:
        self.select = select
        self.extend_select = extend_select
        self.ignore = ignore
        self.per_file_ignores = per_file_ignores
        self.exclude = exclude
        self.force_exclude = force_exclude
        self.respect_gitignore = respect_gitignore
        self.unsafe_fixes = unsafe_fixes
        self.noqa = noqa
        self.output_format = output_format
        self.exit_zero = exit_zero
        self.statistics = statistics
        self.jobs = jobs
        self.baseline = baseline
        self.folder = folder
        self.exclude_folder = exclude_folder
        self.flawed = flawed

    def replace(self, **changes: object) -> Settings:
        """Return a copy with some values changed."""
        values: dict[str, object] = {name: getattr(self, name) for name in self.__slots__}
        values.update(changes)
        return Settings(**values)  # type: ignore[arg-type]

    def selects(self, code: str) -> bool:
        """Tell whether a rule is on: the longest matching prefix decides, as in flake8."""
        chosen = _longest(code, (*self.select, *self.extend_select))
        return chosen > 0 and chosen > _longest(code, self.ignore)

    def selects_in(self, code: str, path: str) -> bool:
        """Tell whether a rule is on for the file ``path``, per-file ignores included."""
        return self.selects(code) and not any(
            code.startswith(prefixes) and matches((glob,), path, self.folder)
            for glob, prefixes in self.per_file_ignores
        )

    def excludes(self, path: str, *, folder: bool = False) -> bool:
        """Tell whether ``exclude`` leaves out the file (or folder) ``path``."""
        return bool(self.exclude) and matches(
            self.exclude, path + "/" * folder, self.exclude_folder or self.folder
        )


def _longest(code: str, prefixes: Iterable[str]) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=0)


_patterns: dict[tuple[str, ...], PathPatterns] = {}


def matches(globs: tuple[str, ...], path: str, folder: str) -> bool:
    """Tell whether one of ``globs``, in the syntax of ``.gitignore``, matches ``path``.

    The globs are relative to ``folder``; for a path outside of it, to the root.
    """
    absolute = os.path.abspath(path) + "/" * path.endswith("/")
    base = folder.rstrip("/") + "/"
    if not absolute.startswith(base):
        base = "/"
    patterns = _patterns.get(globs)
    if patterns is None:
        from no_libpython_dlopen.files.path_patterns import PathPatterns

        patterns = _patterns[globs] = PathPatterns(globs)
    return patterns.leave_out(absolute[len(base) :])


def _codes(value: object) -> tuple[str, ...]:
    """Return rule codes or prefixes of them, in upper case.

    Raises ``ValueError`` where one of them is the beginning of no rule's code.
    """
    prefixes = tuple(item.strip().upper() for item in _strings(value))
    if prefixes:
        from no_libpython_dlopen import rules

        known = [*rules.codes()]
        for prefix in prefixes:
            if not prefix or not any(code.startswith(prefix) for code in known):
                raise ValueError(
                    f"unknown rule code {prefix!r}; `nolibpy rules` prints the ones there are"
                )
    return prefixes


def _strings(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("must be an array of strings")
    return tuple(value)


def _globs(value: object) -> tuple[str, ...]:
    from no_libpython_dlopen.files.path_patterns import PathPatterns

    globs = _strings(value)
    bad = PathPatterns(globs).bad
    if bad:
        raise ValueError(f"not a pattern: {bad[0]}")
    return globs


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def _jobs(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("must be a number (0: auto)")
    return value


def _path(value: object) -> str:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("must be the path of a file")
    return value


def _format(value: object) -> str:
    from no_libpython_dlopen import report

    if not isinstance(value, str) or value not in report.formats():
        raise ValueError(f"must be one of {', '.join(report.formats())}")
    return value


def _per_file(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ValueError("must be a table of globs and arrays of rule codes")
    found = []
    for glob, prefixes in value.items():
        try:
            found.append((_globs([glob])[0], _codes(prefixes)))
        except ValueError as error:  # noqa: PERF203
            raise ValueError(f"{glob!r}: {error}") from None
    return tuple(found)


#: Every key of the table, and what reads its value. Keys are also option names.
KEYS: dict[str, Callable[[object], object]] = {
    "select": _codes,
    "extend-select": _codes,
    "ignore": _codes,
    "per-file-ignores": _per_file,
    "exclude": _globs,
    "force-exclude": _bool,
    "respect-gitignore": _bool,
    "unsafe-fixes": _bool,
    "output-format": _format,
    "exit-zero": _bool,
    "statistics": _bool,
    "jobs": _jobs,
    "baseline": _path,
}


def settings_from(table: Mapping[str, object], origin: str, base: Settings) -> Settings:
    """Return ``base`` changed by the keys of ``table``.

    ``origin`` is the file, empty for options of the command line. Raises ``ConfigError``
    naming it and the key that is unknown or wrong.
    """
    changes: dict[str, object] = {}
    for key, value in table.items():
        read = KEYS.get(key)
        if read is None:
            raise ConfigError(f"{origin}: unknown key `{key}`{_suggestion(key)}")
        try:
            changes[key.replace("-", "_")] = read(value)
        except ValueError as error:
            where = f"{origin}: `{key}`" if origin else f"--{key}"
            raise ConfigError(f"{where}: {error}") from None
    return base.replace(**changes)


def _suggestion(key: str) -> str:
    import difflib

    close = difflib.get_close_matches(key, KEYS, n=1)
    return f"; did you mean `{close[0]}`?" if close else f"; known keys are {', '.join(KEYS)}"


def read_table(path: str) -> dict[str, object] | None:
    """Return the table ``[tool.nolibpy]`` of a file, ``None`` where it has none.

    Raises ``ConfigError`` where the file cannot be read or is not TOML.
    """
    try:
        data = read_file(path, MAX_SETTINGS)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None
    if TABLE.encode() not in data:  # nothing of ours: other tools' mistakes are theirs
        return None
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        document = tomllib.loads(data.decode())
    except ValueError as error:  # a number of more digits than Python converts is one as well
        raise ConfigError(f"{path}: not TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None
    tool = document.get("tool")
    table = tool.get(TABLE) if isinstance(tool, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: `tool.{TABLE}` must be a table")
    return table


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
            if os.path.isfile(path) and read_table(path) is not None:
                return path
        except ConfigError:
            return path
        parent = os.path.dirname(folder)
        if parent == folder or any(os.path.exists(os.path.join(folder, m)) for m in _ROOT_MARKS):
            return None
        return self.file_for(parent)

    def inside(self, folder: str, names: set[str], above: Settings) -> Settings:
        """Return the settings of ``folder``, given its entries and those above it.

        A walk asks this for every folder, and has the names at hand.
        """
        if self._isolated or (FILE_NAME not in names and names.isdisjoint(_ROOT_MARKS)):
            return above
        return self.for_folder(folder)

    def _read(self, folder: str) -> Settings:
        path = os.path.join(folder, FILE_NAME)
        if os.path.isfile(path):
            settings = self._read_file(path, folder)
            if settings is not None:
                return settings
        parent = os.path.dirname(folder)
        if parent == folder or any(os.path.exists(os.path.join(folder, m)) for m in _ROOT_MARKS):
            return self._default
        return self.for_folder(parent)

    def _read_file(self, path: str, folder: str) -> Settings | None:
        shown = shortened(path)
        settings = Settings(folder=folder, noqa=self._noqa)
        try:
            table = read_table(path)
        except ConfigError as error:
            self.problems.append(str(error).replace(path, shown, 1))
            return self._with_overrides(settings.replace(flawed=True))
        if table is None:
            return None
        for key, value in table.items():
            try:
                settings = settings_from({key: value}, shown, settings)
            except ConfigError as error:  # noqa: PERF203
                self.problems.append(str(error))
                settings = settings.replace(flawed=True)
        return self._with_overrides(settings)


def shortened(path: str) -> str:
    """Return a path as short as it can be said from here."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative
