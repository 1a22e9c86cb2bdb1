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
#: What code and the two kinds of strings consist of, as Nix's own lexer reads them. Code is also
#: what stands between ``${`` and ``}`` in a string.
_CODE = re.compile(
    r"(?P<comment>#[^\r\n]*|/\*.*?(?:\*/|\Z))|(?P<open>\"|''|\$?\{)|(?P<close>\})"
    r"|[A-Za-z][A-Za-z0-9+.-]{0,60}:[A-Za-z0-9%/?:@&=+$,_.!~*'-]+|[A-Za-z_][A-Za-z0-9_'-]*|\S",
    re.DOTALL,
)
_STRING = re.compile(r"(?P<open>\$\{)|(?P<close>\")|\$\$?|\\.?|[^\"\\$]+", re.DOTALL)
_INDENTED_STRING = re.compile(
    r"(?P<open>\$\{)|''(?:[$']|\\.)|(?P<close>'')|\$\$?|'|[^'$]+", re.DOTALL
)
_OPENED = {'"': _STRING, "''": _INDENTED_STRING}
_COMMENT = re.compile(r"#[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a package in Nix asks for."""
    yield from script.links_of(source, _scripts(source.text))


def values(text: str) -> Iterator[Span]:
    """Yield the assignments of flags: no comment is inside their strings."""
    return (match.span() for match in _FLAGS.finditer(text))


def comments(text: str) -> Iterator[Span]:
    """Yield the spans of the comments outside of strings."""
    tokens = analysis.watch(_tokens(text))
    return (token.span() for token in tokens if token.lastgroup == "comment")


def code_tokens(text: str) -> Iterator[str]:
    """Yield the tokens that are neither whitespace nor comments."""
    return (token[0] for token in _tokens(text) if token.lastgroup != "comment")


def _tokens(text: str) -> Iterator[re.Match[str]]:
    """Yield the tokens of code, and the pieces of strings."""
    states = [_CODE]
    token = _CODE.search(text)
    while token is not None:
        yield token
        if token.lastgroup == "open":
            states.append(_OPENED.get(token[0], _CODE))
        elif token.lastgroup == "close" and len(states) > 1:
            states.pop()
        token = states[-1].search(text, token.end())


def _scripts(text: str) -> Iterator[Script]:
    code = _COMMENT.sub(lambda match: " " * len(match[0]), text)
    if not _BUILDER.search(code) or _OTHER_BUILDER.search(code):
        return
    for match in _FLAGS.finditer(code):
        span = match.span(match.lastgroup or 0)
        value = fill(code, span, _INSERTED, lambda _: None)
        yield Script(TrackedText.generated("pip wheel", span), (("LDFLAGS", value),))
