"""Reads Nix: flags for the linker in a package that ``buildPythonPackage`` builds.

Nix is a language of its own, so only this is read: a plain string that is assigned to one
of the variables of nixpkgs' ``cc-wrapper``, in a file that builds no program besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.commands.provenance import Span, TrackedText
from no_libpython_dlopen.buildsystems.embedded_commands import script
from no_libpython_dlopen.buildsystems.embedded_commands.script import Script, fill
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source

_FLAGS = re.compile(
    r"(?<![\w.])(?:env\.)?(?:NIX_LDFLAGS|LDFLAGS)\s*=\s*(?:\"(?P<a>[^\"\\]*)\"|''(?P<b>[^']*)'')\s*;"
)
_BUILDER = re.compile(r"\bbuildPythonPackage\b")
_OTHER_BUILDER = re.compile(r"\b(?:mkDerivation|buildPythonApplication|isWindows|isCygwin)\b")
_INSERTED = re.compile(r"\$\{[^{}]*\}")
#: An unclosed token extends to the end of the text, so that no text is searched twice.
_TOKEN = re.compile(
    r"(?P<comment>#[^\r\n]*|/\*.*?(?:\*/|\Z))|\"[^\"\\]*(?:\\.[^\"\\]*)*(?:\"|\\?\Z)"
    r"|''[^']*(?:(?:'(?!')|'''|''\$)[^']*)*(?:''|\Z)|\S",
    re.DOTALL,
)
_COMMENT = re.compile(r"#[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a package in Nix asks for."""
    yield from script.links_of(source, _scripts(source.text))


def values(text: str) -> Iterator[Span]:
    """Yield the assignments of flags: no comment is inside their strings."""
    return (match.span() for match in _FLAGS.finditer(text))


def comments(text: str) -> Iterator[Span]:
    """Yield the spans of the comments outside of strings."""
    tokens = analysis.watch(_TOKEN.finditer(text))
    return (match.span() for match in tokens if match["comment"])


def code_tokens(text: str) -> Iterator[str]:
    """Yield the tokens that are neither whitespace nor comments."""
    return (match[0] for match in _TOKEN.finditer(text) if not match["comment"])


def _scripts(text: str) -> Iterator[Script]:
    code = _COMMENT.sub(lambda match: " " * len(match[0]), text)
    if not _BUILDER.search(code) or _OTHER_BUILDER.search(code):
        return
    for match in _FLAGS.finditer(code):
        span = match.span(match.lastgroup or 0)
        value = fill(code, span, _INSERTED, lambda _: None)
        yield Script(TrackedText.generated("pip wheel", span), (("LDFLAGS", value),))
