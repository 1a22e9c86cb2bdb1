"""The keys of the configuration, which are option names too, and what reads their values.

Weighed and left: msgspec, pydantic and cattrs. The lightest takes 18 ms to import, half of
what checking ten files takes, and none reports a pattern or a rule in a sentence for users.
"""

from __future__ import annotations

from no_libpython_dlopen.config.table import ConfigError, one_line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from no_libpython_dlopen.config.settings import Globs, PerFile, Settings


def read_codes(value: object) -> tuple[str, ...]:
    """Return rule codes or prefixes of them; names of rules and ``ALL`` stand for theirs.

    Raises ``ValueError`` where one of them is no rule's.
    """
    items = tuple(item.strip() for item in read_strings(value))
    if not items:
        return ()
    from no_libpython_dlopen import rules

    return tuple(dict.fromkeys(map(rules.prefix_of, items)))


def read_strings(value: object) -> tuple[str, ...]:
    """Return an array of strings."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValueError("must be an array of strings")
    return tuple(value)


def read_globs(value: object) -> tuple[str, ...]:
    """Return patterns of which each can match something."""
    globs = read_strings(value)
    for glob in globs:
        problem = _problem_of(glob)
        if problem:
            raise ValueError(f"{glob!r}: {problem}")
    return globs


def _problem_of(glob: str) -> str:
    """Return the reason why a pattern can match nothing, empty for one that can."""
    from no_libpython_dlopen.files.path_patterns import PathPatterns

    if ("{" in glob and "," in glob) or glob.count("{") != glob.count("}"):
        return "alternatives in braces are not supported; write one pattern for each"
    return "" if PathPatterns((glob,)) else "not a pattern"


def read_bool(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise ValueError("must be true or false")
    return value


def read_jobs(value: object) -> int:
    """Return a number of processes."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("must be a whole number of at least 0 (0: one for each processor)")
    return value


def read_path(value: object) -> str:
    """Return the path of a file; empty for none."""
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("must be the path of a file")
    return value


def read_format(value: object) -> str:
    """Return the name of an output format."""
    from no_libpython_dlopen import report

    if not isinstance(value, str) or value not in report.formats():
        from no_libpython_dlopen.config.suggestions import suggest

        meant = suggest(value, report.formats()) if isinstance(value, str) else ""
        hint = f"{one_line(str(value))} is not a format; did you mean `{meant}`?" if meant else ""
        raise ValueError(hint or f"must be one of {', '.join(report.formats())}")
    return value


def read_per_file(value: object) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return patterns, each with the rules that are off for the files it matches."""
    if not isinstance(value, dict):
        raise ValueError("must be a table that maps patterns to arrays of rules")
    found = []
    for glob, prefixes in value.items():
        problem = _problem_of(glob.removeprefix("!"))
        if problem:
            raise ValueError(f"{glob!r}: {problem}")
        try:
            found.append((glob, read_codes(prefixes)))
        except ValueError as error:
            raise ValueError(f"{glob!r}: {error}") from None
    return tuple(found)


def read_version(value: object) -> str:
    """Return a version specifier that this version of nolibpy meets."""
    from no_libpython_dlopen.config.required_version import is_met
    from no_libpython_dlopen.version import __version__

    if not isinstance(value, str):
        raise ValueError("must be a version specifier, for example `>=0.1`")
    if value and not is_met(value, __version__):
        asked = one_line(value)
        raise ValueError(f"version {asked} is required, but nolibpy {__version__} is running")
    return value


#: Every key, and what reads its value. Keys are also option names, but for the last two.
KEYS: dict[str, Callable[[object], object]] = {
    "select": read_codes,
    "extend-select": read_codes,
    "ignore": read_codes,
    "per-file-ignores": read_per_file,
    "extend-per-file-ignores": read_per_file,
    "fixable": read_codes,
    "unfixable": read_codes,
    "exclude": read_globs,
    "extend-exclude": read_globs,
    "force-exclude": read_bool,
    "respect-gitignore": read_bool,
    "unsafe-fixes": read_bool,
    "show-fixes": read_bool,
    "output-format": read_format,
    "exit-zero": read_bool,
    "statistics": read_bool,
    "jobs": read_jobs,
    "baseline": read_path,
    "extend": read_path,
    "required-version": read_version,
}
#: Keys whose patterns are relative to the place where they are written.
_GLOBS = (read_globs, read_per_file)


def settings_from(
    table: Mapping[str, object], origin: str, base: Settings, folder: str = ""
) -> Settings:
    """Return ``base`` changed by the keys of ``table``.

    ``origin`` is the file, empty for options of the command line; ``folder`` is what
    patterns are relative to, that of ``base`` where it is not given. Raises ``ConfigError``
    naming the file and the key that is unknown or wrong.
    """
    changes: dict[str, object] = {}
    for key, value in table.items():
        read = KEYS.get(key)
        if read is None:
            raise ConfigError(f"{origin}: unknown key `{one_line(key)}`{_suggestion(key)}")
        try:
            known = read(value)
        except ValueError as error:
            where = f"{origin}: `{key}`" if origin else f"--{key}"
            raise ConfigError(f"{where}: {error}") from None
        if read in _GLOBS:
            known = ((folder or base.folder, known),)
        changes[key.replace("-", "_")] = known
    for name in ("extend_exclude", "extend_per_file_ignores"):
        if name in changes:  # in addition to those of a file that is extended
            before: Globs | PerFile = getattr(base, name)
            changes[name] = (*before, *changes[name])  # type: ignore[misc]
    return base.replace(**changes)


def _suggestion(key: str) -> str:
    from no_libpython_dlopen.config.suggestions import suggest

    meant = suggest(key, KEYS)
    return f"; did you mean `{meant}`?" if meant else f"; known keys are {', '.join(KEYS)}"
