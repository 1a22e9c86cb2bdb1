"""How one file is checked."""

from __future__ import annotations

import os
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from no_libpython_dlopen.files.path_patterns import PathPatterns

    #: Patterns, each list with the folder that it is relative to.
    Globs = tuple[tuple[str, tuple[str, ...]], ...]
    #: The same, each pattern with prefixes of codes.
    PerFile = tuple[tuple[str, tuple[tuple[str, tuple[str, ...]], ...]], ...]


class Settings:
    """How one file is checked. Immutable; ``replace`` returns a changed copy.

    ``folder`` is that of the configuration file. ``noqa`` is false where another tool
    handles ``# noqa`` comments. ``flawed`` is true where part of the configuration could
    not be used: files are then checked with the rest of it, but never rewritten.
    """

    select: tuple[str, ...] = ("NLP",)
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    per_file_ignores: PerFile = ()
    extend_per_file_ignores: PerFile = ()
    fixable: tuple[str, ...] = ("NLP",)
    unfixable: tuple[str, ...] = ()
    exclude: Globs = ()
    extend_exclude: Globs = ()
    force_exclude: bool = False
    respect_gitignore: bool = True
    unsafe_fixes: bool = False
    show_fixes: bool = False
    noqa: bool = True
    output_format: str = "text"
    exit_zero: bool = False
    statistics: bool = False
    jobs: int = 0
    baseline: str = ""
    extend: str = ""
    required_version: str = ""
    folder: str = ""
    flawed: bool = False

    def __init__(self, **values: object) -> None:
        self.__dict__.update(values)  # the attributes of the class are the defaults

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Settings) and self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.__dict__.items())))

    def replace(self, **changes: object) -> Settings:
        """Return a copy with some values changed."""
        return Settings(**{**self.__dict__, **changes})

    def selects(self, code: str) -> bool:
        """Return whether a rule is on: the longest matching prefix decides, as in flake8.

        That a file could not be read is told unless it is ignored, whatever is selected.
        """
        chosen = _longest(code, (*self.select, *self.extend_select)) or code == "NLP900"
        return chosen > 0 and chosen > _longest(code, self.ignore)

    def selects_in(self, code: str, path: str) -> bool:
        """Return whether a rule is on for the file ``path``, per-file ignores included."""
        return self.selects(code) and not any(
            code.startswith(prefixes) and _match((glob,), path, folder)
            for folder, rows in (*self.per_file_ignores, *self.extend_per_file_ignores)
            for glob, prefixes in rows
        )

    def selects_any_in(self, path: str) -> bool:
        """Return whether at least one rule is on for the file ``path``."""
        if not (self.ignore or self.per_file_ignores or self.extend_per_file_ignores):
            return True
        from no_libpython_dlopen import rules

        # The last ones are seldom ignored, so that most files cost a comparison.
        return any(self.selects_in(code, path) for code in reversed(rules.codes()))

    def fixes(self, code: str) -> bool:
        """Return whether fixes of a rule are made: the longest matching prefix decides."""
        chosen = _longest(code, self.fixable)
        return chosen > 0 and chosen > _longest(code, self.unfixable)

    @property
    def has_exclusions(self) -> bool:
        """Whether any file may be left out."""
        return bool(self.exclude or self.extend_exclude)

    def excludes(self, path: str, *, folder: bool = False) -> bool:
        """Return whether ``exclude`` leaves out the file (or folder) ``path``."""
        return any(
            _match(globs, path + "/" * folder, place)
            for place, globs in (*self.exclude, *self.extend_exclude)
        )


def _longest(code: str, prefixes: Iterable[str]) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=0)


def _match(globs: tuple[str, ...], path: str, folder: str) -> bool:
    """Return whether one of ``globs``, in the syntax of ``.gitignore``, matches ``path``.

    The globs are relative to ``folder``; for a path outside of it, to the root. One glob
    alone that begins with ``!`` matches all other paths.
    """
    absolute = os.path.abspath(path) + "/" * path.endswith("/")
    base = folder.rstrip("/") + "/"
    if not absolute.startswith(base):
        base = "/"
    if len(globs) == 1 and globs[0].startswith("!"):
        return not _match((globs[0][1:],), path, folder)
    patterns = _patterns if len(globs) <= _FEW else _many_patterns
    return patterns(globs, folder).leave_out(absolute[len(base) :])


def _compile(globs: tuple[str, ...], folder: str) -> PathPatterns:
    from no_libpython_dlopen.files.path_patterns import PathPatterns

    return PathPatterns(_anchor(glob, folder) for glob in globs)


#: A list of ten thousand globs takes megabytes, and each folder may have one.
_FEW = 32
_patterns, _many_patterns = lru_cache(10_000)(_compile), lru_cache(8)(_compile)


def _anchor(glob: str, folder: str) -> str:
    """Return a glob as git understands it, which knows no ``./x``, ``../x`` and absolute paths."""
    mark = "!" * glob.startswith("!")
    body = glob.removeprefix("!")
    if body.startswith(("./", "../")):
        body = os.path.normpath(f"{folder}/{body}") + "/" * body.endswith("/")
    base = folder.rstrip("/") + "/"
    if f"{body}/".startswith(base):
        body = "/" + (body[len(base) :] or "**")
    return mark + body
