"""The table ``[tool.nolibpy]`` of a ``pyproject.toml``."""

from __future__ import annotations

import os
import sys

from no_libpython_dlopen.files.safe_open import MAX_SETTINGS, read_file
from no_libpython_dlopen.model.errors import NolibpyError

FILE_NAME = "pyproject.toml"
TABLE = "nolibpy"


class ConfigError(NolibpyError):
    """A setting that cannot be used; the message names the key and the file."""


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


def short_path(path: str) -> str:
    """Return a path as short as it can be said from here."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative
