"""The table ``[tool.nolibpy]`` of a ``pyproject.toml``."""

from __future__ import annotations

import os
from itertools import islice

from no_libpython_dlopen.files.safe_open import MAX_SETTINGS, read_file
from no_libpython_dlopen.model.errors import NolibpyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PYPROJECT = "pyproject.toml"
#: Files of which the nearest counts; in one folder, the first of these.
FILE_NAMES = (".nolibpy.toml", "nolibpy.toml", PYPROJECT)
TABLE = "nolibpy"
#: One of these is in each name, in lower case, that may be a misspelling of ours.
_NEARLY = (b"noli", b"nolb", b"no-l", b"no_l", b"libp", b"bpy")
#: Keys of a table, values in all of them, and characters of each: more is nobody's.
MOST_KEYS, MOST_VALUES, MOST_CHARACTERS = 100, 10_000, 4_096
#: Tables whose names may be misspelled, remarks on them, and characters of one.
_MOST_TABLES, _MOST_REMARKS, _LONGEST_NAME = 1_000, 20, 40
#: Tables of a `pyproject.toml`, whatever the file is called.
_PYPROJECT_TABLES = frozenset({"build-system", "project", "tool"})


class ConfigError(NolibpyError):
    """A setting that cannot be used; the message names the key and the file."""


def read_table(
    path: str, notes: list[str] | None = None, data: bytes | None = None
) -> dict[str, object] | None:
    """Return the settings in a file, whose content may be given; ``None`` where it has none.

    They are the table ``[tool.nolibpy]``, or all of a ``nolibpy.toml`` or of another file that
    is no ``pyproject.toml``. A table whose name is nearly that is an error where the keys need
    none, and elsewhere a remark, added to ``notes``. Raises ``ConfigError``
    where the file cannot be read, is not TOML or has too many settings.
    """
    try:
        data = read_file(path, MAX_SETTINGS) if data is None else data
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None
    is_ours = os.path.basename(path) != PYPROJECT or TABLE.encode() in data
    if not is_ours and (notes is None or not _may_be_misspelled(data)):
        return None  # nothing of ours: other tools' mistakes are theirs
    try:
        document = _parse(data, path)
    except ConfigError:
        if is_ours:
            raise
        return None
    tool = document.get("tool")
    table = tool.get(TABLE) if isinstance(tool, dict) else None
    name = os.path.basename(path)
    if table is None and (
        name in FILE_NAMES[:2] or (name != PYPROJECT and not _PYPROJECT_TABLES & document.keys())
    ):
        for wrong in _misspelled_tables(document):
            raise ConfigError(f"{path}: `[{wrong}]`: the keys stand without a table in {name}")
        table = document
    elif notes is not None:
        notes += [
            f"`[{wrong}]` is not read; did you mean `[tool.{TABLE}]`?"
            for wrong in islice(_misspelled_tables(document), _MOST_REMARKS)
        ]
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: `tool.{TABLE}` must be a table")
    _require_moderate(table, path)
    return table


def _require_moderate(table: dict[str, object], path: str) -> None:
    """Raise ``ConfigError`` for a table that takes long to use, or to report on."""
    if len(table) > MOST_KEYS:
        raise ConfigError(f"{path}: more than {MOST_KEYS:,} keys")
    values = 0
    waiting: list[object] = [table]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and len(value) > MOST_CHARACTERS:
            raise ConfigError(
                f"{path}: a value or key has more than {MOST_CHARACTERS:,} characters"
            )
        if isinstance(value, dict):
            waiting += value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
        values += 1
        if values > 2 * MOST_VALUES:  # each may have a key
            raise ConfigError(f"{path}: more than {MOST_VALUES:,} values")


def _parse(data: bytes, path: str) -> dict[str, object]:
    from no_libpython_dlopen.files.toml import parse_toml  # and `re`, which a clean run needs not

    try:
        document: dict[str, object] = parse_toml(data.decode())
    except ValueError as error:  # a number of more digits than Python converts is one as well
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None
    return document


def _may_be_misspelled(data: bytes) -> bool:
    lower = data.lower()
    return any(part in lower for part in _NEARLY)


def _misspelled_tables(document: dict[str, object]) -> Iterator[str]:
    """Yield the name of each table that is probably meant to be ours."""
    from no_libpython_dlopen.config.suggestions import resembles

    for prefix, tables in (
        ("tool.", document.get("tool")),
        ("tools.", document.get("tools")),
        ("", document),
    ):
        items = tables.items() if isinstance(tables, dict) else ()
        for name, value in islice(items, _MOST_TABLES):
            if (prefix, name) == ("tool.", TABLE) or not isinstance(value, (dict, list)):
                continue
            if len(name) > _LONGEST_NAME:
                continue
            if resembles(name, TABLE) or resembles(name, "no-libpython-dlopen"):
                yield one_line(f"{prefix}{name}")


def one_line(text: str) -> str:
    """Return a text of a file in the form that a message of one line can show."""
    return text if text.isprintable() else repr(text)[1:-1]


def short_path(path: str) -> str:
    """Return a path as short as it can be said from here."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative
