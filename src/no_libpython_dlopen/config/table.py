"""The table ``[tool.nolibpy]`` of a ``pyproject.toml``."""

from __future__ import annotations

import os

from no_libpython_dlopen.files.safe_open import MAX_SETTINGS, read_file
from no_libpython_dlopen.model.errors import NolibpyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PYPROJECT = "pyproject.toml"
#: Files of which the nearest counts; in one folder, the first of these.
FILE_NAMES = (".nolibpy.toml", "nolibpy.toml", PYPROJECT)
TABLE = "nolibpy"
#: How the name of a table begins that may be a misspelled ours.
_STARTS = (b"tool.no", b"tool.No", b'tool."no', b"tool.'no", b"[nolibpy", b"tools.nolibpy")
#: Tables of a `pyproject.toml`, whatever the file is called.
_PYPROJECT_TABLES = frozenset({"build-system", "project", "tool"})


class ConfigError(NolibpyError):
    """A setting that cannot be used; the message names the key and the file."""


def read_table(path: str, notes: list[str] | None = None) -> dict[str, object] | None:
    """Return the settings in a file, ``None`` where it has none.

    They are the table ``[tool.nolibpy]``, or all of a ``nolibpy.toml`` or of another file that
    is no ``pyproject.toml``. A table whose name is nearly that is a remark, added to ``notes``.
    Raises ``ConfigError`` where the file cannot be read or is not TOML.
    """
    try:
        data = read_file(path, MAX_SETTINGS)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}") from None
    is_ours = os.path.basename(path) != PYPROJECT
    if notes is not None and any(start in data for start in _STARTS):
        notes += _misspelled_tables(data)
    if TABLE.encode() not in data and not is_ours:
        return None  # nothing of ours: other tools' mistakes are theirs
    document = _parse(data, path)
    tool = document.get("tool")
    table = tool.get(TABLE) if isinstance(tool, dict) else None
    if table is None:
        named = os.path.basename(path) in FILE_NAMES[:2]
        return document if named or (is_ours and not _PYPROJECT_TABLES & document.keys()) else None
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: `tool.{TABLE}` must be a table")
    return table


def _parse(data: bytes, path: str) -> dict[str, object]:
    from no_libpython_dlopen.files.toml import parse_toml  # and `re`, which a clean run needs not

    try:
        document: dict[str, object] = parse_toml(data.decode())
    except ValueError as error:  # a number of more digits than Python converts is one as well
        raise ConfigError(f"{path}: not TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None
    return document


def _misspelled_tables(data: bytes) -> Iterator[str]:
    """Yield a remark on each table that is probably meant to be ours."""
    import re
    from difflib import SequenceMatcher

    pattern = rb"^\s*\[\[?((?:tools?\.)?)[\"']?([nN]o[\w-]*)"
    for above, found in re.findall(pattern, data, re.MULTILINE):
        prefix, name = above.decode("ascii"), found.decode("ascii", "replace")
        likeness = max(
            SequenceMatcher(None, name.lower().replace("_", "-"), known).ratio()
            for known in (TABLE, "no-libpython-dlopen")
        )
        if (prefix, name) != ("tool.", TABLE) and likeness > 0.75:
            yield f"`[{prefix}{name}]` is not read; did you mean `[tool.{TABLE}]`?"


def one_line(text: str) -> str:
    """Return a text of a file in the form that a message of one line can show."""
    return text if text.isprintable() else repr(text)[1:-1]


def short_path(path: str) -> str:
    """Return a path as short as it can be said from here."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative
