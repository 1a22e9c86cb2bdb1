"""Show the configuration for a path, and where each value comes from.

It accepts the options of check, and includes them in the result.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from no_libpython_dlopen.cli import ERROR, UsageError, _options, print_error
from no_libpython_dlopen.config import KEYS, Configuration, Settings, read_table, short_path
from no_libpython_dlopen.report import one_line

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator, Mapping

_DEFAULT = "default"
_COMMAND_LINE = "command line"
#: What keys mean that are no options, or whose options mean the opposite.
_DESCRIPTIONS = {
    "respect-gitignore": "Exclude files that git ignores",
    "extend": "A configuration file of the same project, from which keys that are not set here are inherited",
    "required-version": "Versions of nolibpy that this configuration accepts, for example `>=0.1`",
}


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments of ``nolibpy config``."""
    _options.add_common(parser)
    parser.add_argument(
        "--schema", action="store_true", help="Print the JSON schema of the settings, then exit"
    )


def run(args: Namespace) -> int:
    """Print the configuration, as TOML with comments or as JSON; return the exit status."""
    if args.schema:
        print(json.dumps(_schema(), indent=2))
        return 0
    _options.resolve_paths(args)
    if len(args.paths) > 1:
        raise UsageError("config accepts only one path")
    path = args.paths[0]
    if not os.path.lexists(path):
        raise UsageError(f"{path}: no such file or directory")
    # `--output-format json` asks for the shape of this answer, not for that of a report.
    as_json, args.output_format = args.output_format == "json", None
    configuration = _options.configuration(args)
    folder = path if os.path.isdir(path) else os.path.dirname(os.path.abspath(path))
    folder = os.path.abspath(folder)
    settings = configuration.for_folder(folder)
    file = configuration.file_for(folder)
    tables = dict(_read_tables([file, *configuration.extended_files]))
    values = {key: (_value(key, settings), _origin(key, configuration, tables)) for key in KEYS}
    if as_json:
        print(
            json.dumps({key: {"value": v, "from": o} for key, (v, o) in values.items()}, indent=2)
        )
    else:
        _print_toml(values, file)
    for problem in configuration.problems:
        print_error(problem)
    return ERROR if configuration.problems else 0


def _schema() -> dict[str, object]:
    from no_libpython_dlopen.config.schema import schema

    texts = {flag[2:]: text for rows in _options.OPTIONS.values() for flag, _, text in rows}
    return schema(texts | _DESCRIPTIONS)


def _print_toml(values: dict[str, tuple[object, str]], file: str | None) -> None:
    print(f"# file: {one_line(short_path(file)) if file else 'none'}")
    print("[tool.nolibpy]")
    rows = [(f"{key} = {_toml(value)}", origin) for key, (value, origin) in values.items()]
    width = max(len(row) for row, _ in rows if len(row) < 60)
    for row, origin in rows:
        print(f"{one_line(row):<{width}}  # {one_line(origin)}")


def _value(key: str, settings: Settings) -> object:
    value = getattr(settings, key.replace("-", "_"))
    if key.endswith("per-file-ignores"):
        return {glob: list(codes) for _, rows in value for glob, codes in rows}
    if key.endswith("exclude") and isinstance(value, tuple):
        return [glob for _, globs in value for glob in globs]
    return list(value) if isinstance(value, tuple) else value


def _read_tables(files: Iterable[str | None]) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the files that could be read, each with its settings."""
    from no_libpython_dlopen.config import ConfigError

    for file in files:
        try:
            table = read_table(file) if file is not None else None
        except ConfigError:  # told by ``problems``
            continue
        if file is not None and table is not None:
            yield file, table


def _origin(
    key: str, configuration: Configuration, tables: Mapping[str, Mapping[str, object]]
) -> str:
    """Return the source of a key's value."""
    if key in configuration.overrides:
        return _COMMAND_LINE
    return next((short_path(file) for file, table in tables.items() if key in table), _DEFAULT)


def _toml(value: object) -> str:
    """Return a value as TOML. A string of JSON is one of TOML, too."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{json.dumps(key)} = {_toml(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    return json.dumps(value)
