"""The keys of the table ``[tool.nolibpy]``, which are option names too, and their values."""

from __future__ import annotations

from no_libpython_dlopen.config.table import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from no_libpython_dlopen.config.settings import Settings


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
    for glob in globs:
        if ("{" in glob and "," in glob) or glob.count("{") != glob.count("}"):
            raise ValueError(f"{glob!r}: braces are no alternatives here; write a pattern for each")
        if not PathPatterns((glob,)):
            raise ValueError(f"not a pattern: {glob or repr(glob)}")
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


#: What other tools call a key, or what is only spelled like one that means something else.
_MEANT = {
    "extend-ignore": "ignore",
    "disable": "ignore",
    "unselect": "ignore",
    "enable": "select",
    "format": "output-format",
    "gitignore": "respect-gitignore",
    "use-gitignore": "respect-gitignore",
    "include": "",
}


def _suggestion(key: str) -> str:
    import difflib

    name = key.lower().replace("_", "-")
    close = difflib.get_close_matches(name, KEYS, n=1, cutoff=0.65)
    meant = _MEANT.get(name, close[0] if close else "")
    return f"; did you mean `{meant}`?" if meant else f"; known keys are {', '.join(KEYS)}"
