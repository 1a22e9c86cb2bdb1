"""Reads RPM specs: the commands of ``%build`` and ``%install``.

The macros that build Python's wheels are those of Fedora's and openSUSE's packaging
guidelines; other macros are unknown text. Both branches of an ``%if`` are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.embedded_commands import script
from no_libpython_dlopen.buildsystems.embedded_commands.script import Script, fill
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source

_SECTION = re.compile(
    r"^%(?P<name>prep|generate_buildrequires|conf|build|install|check|clean|description|package|files"
    r"|changelog|pre|post|preun|postun|pretrans|posttrans|trigger\w*|filetrigger\w*|verifyscript)\b"
    r"[^\n]*$",
    re.MULTILINE,
)
_MACRO = re.compile(
    r"^%(?:if|el|endif|global|define|undefine|include)\w*[^\n]*$"
    r"|%\{(?P<a>[?!]*\w+)\b[^{}\n]*\}|%(?P<b>\w+)|%\([^()\n]*\)",
    re.MULTILINE,
)
_WHEEL = re.compile(r"pyproject_(?:wheel|build)|python3?\d*_(?:pyproject_wheel|wheel)")
_SETUP = re.compile(r"(?:cython_)?(?:py3?|python3?\d*)_(?:build|install)")
_PYTHON = re.compile(r"_*python3?|python3_pkgversion")


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that the commands of a spec make."""
    yield from script.links_of(source, _scripts(source.text))


def _scripts(text: str) -> Iterator[Script]:
    begun = list(analysis.watch(_SECTION.finditer(text)))
    for index, section in enumerate(begun):
        if section["name"] in ("build", "install"):
            end = begun[index + 1].start() if index + 1 < len(begun) else len(text)
            yield Script(fill(text, (section.end(), end), _MACRO, _meaning))


def _meaning(macro: re.Match[str]) -> str | None:
    """Return the value of a macro, as far as a build depends on it."""
    name = (macro["a"] or macro["b"] or "").lstrip("?!")
    if not name:
        return None if macro[0].startswith("%(") else ""
    if _WHEEL.fullmatch(name):
        return "python3 -m pip wheel"
    if _SETUP.fullmatch(name):
        return "python3 setup.py build"
    return "python3" if _PYTHON.fullmatch(name) else None
