"""Reads ``tox.ini``, or tox's part of ``setup.cfg``: commands of the environments.

Each has the variables that its environment sets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText
from no_libpython_dlopen.buildsystems.common.ini_options import Option, all_options
from no_libpython_dlopen.buildsystems.embedded_commands import script
from no_libpython_dlopen.buildsystems.embedded_commands.script import Environment, Script, fill
from no_libpython_dlopen.buildsystems.embedded_commands.yaml_commands import join_lines
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.limits import INI_LINES
from no_libpython_dlopen.model.source import Source

_SUBSTITUTION = re.compile(r"\{[^{}\r\n]*\}")
_SETTING = re.compile(r"(?:[\w,.!-]+:[ \t]+)?(?P<name>\w+)[ \t]*=[ \t]*")
_COMMANDS = ("commands_pre", "commands", "commands_post", "install_command")
#: The interpreter of an environment, in both of its spellings.
_PYTHONS = frozenset({"{envpython}", "{env_python}"})
_ENVIRONMENTS = ("setenv", "set_env")


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that the commands of a ``tox.ini`` make."""
    yield from script.links_of(source, _scripts(source.text))


def command_texts(source: Source) -> Iterator[TrackedText]:
    """Yield the commands of the environments."""
    return (each.text for each in _scripts(source.text))


def _scripts(text: str) -> Iterator[Script]:
    general: Environment = ()
    sections: dict[str, dict[str, Option]] = {}
    for name, option in analysis.watch(all_options(text)):
        if name.startswith("testenv"):
            sections.setdefault(name, {})[option.key] = option
    for name, found in sections.items():
        own = tuple(
            variable
            for key in _ENVIRONMENTS
            if key in found
            for variable in _variables(found[key], text)
        )
        general = own if name == "testenv" else general
        spans = [span for key in _COMMANDS if key in found for span in found[key].lines]
        if len(spans) > INI_LINES:
            analysis.note_limit(INI_LINES)
        lines = [fill(text, span, _SUBSTITUTION, _meaning) for span in spans[:INI_LINES]]
        yield Script(join_lines(lines), own or general)


def _meaning(substitution: re.Match[str]) -> str | None:
    return "python3" if substitution[0] in _PYTHONS else None


def _variables(option: Option, text: str) -> Iterator[tuple[str, TrackedText]]:
    for start, end in option.lines:
        setting = _SETTING.match(text, start, end)
        if setting:
            yield setting["name"], fill(text, (setting.end(), end), _SUBSTITUTION, lambda _: None)
