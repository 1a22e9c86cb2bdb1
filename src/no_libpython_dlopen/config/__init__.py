"""Which rules count where, and how: configuration files and the command line.

Settings come from the nearest ``nolibpy.toml``, or ``pyproject.toml`` with a table
``[tool.nolibpy]``, above a file, and never from outside the project's tree: no user file, no system
file, and nothing above the root of the version-controlled folder. Keys have the names of the
options. What is given on the command line replaces a key of the same name.

A clean run imports this package: ``tomllib``, patterns and the rules are imported only
once something asks for them.
"""

from no_libpython_dlopen.config.configuration import Configuration, folders_to_root, is_root
from no_libpython_dlopen.config.keys import KEYS
from no_libpython_dlopen.config.settings import Settings
from no_libpython_dlopen.config.table import FILE_NAMES, ConfigError, read_table, short_path

__all__ = [
    "FILE_NAMES",
    "KEYS",
    "ConfigError",
    "Configuration",
    "Settings",
    "folders_to_root",
    "is_root",
    "read_table",
    "short_path",
]
