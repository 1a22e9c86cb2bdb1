"""How one file is checked."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

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
        if not self.selects(code):
            return False
        rows = (*self.per_file_ignores, *self.extend_per_file_ignores)
        if not rows:
            return True
        from no_libpython_dlopen.config.globs import match

        return not any(
            code.startswith(prefixes) and match((glob,), path, folder)
            for folder, globs in rows
            for glob, prefixes in globs
        )

    def selects_any_in(self, path: str) -> bool:
        """Return whether at least one rule is on for the file ``path``."""
        if not (self.select or self.extend_select):
            return False
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
        if not self.has_exclusions:
            return False
        from no_libpython_dlopen.config.globs import match

        return any(
            match(globs, path + "/" * folder, place)
            for place, globs in (*self.exclude, *self.extend_exclude)
        )


def _longest(code: str, prefixes: Iterable[str]) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=0)
