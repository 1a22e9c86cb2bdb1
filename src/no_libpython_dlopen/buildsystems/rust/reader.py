"""Reads ``build.rs``: a line for Cargo that links an extension module to libpython.

The ``Cargo.toml`` beside it says what is built: a ``cdylib`` with PyO3 is an extension
module, and a package with a program or with PyO3's ``auto-initialize`` embeds Python.
``tomllib`` reads that file, and nothing in it can link anything. ``lexer`` splits
the Rust; which libraries were weighed is said there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from no_libpython_dlopen.buildsystems.common import deletions
from no_libpython_dlopen.buildsystems.common.host_kind import HostKind, host_kind
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError, Token
from no_libpython_dlopen.buildsystems.common.link_fact import (
    HOST,
    MACOS,
    OTHER_SYSTEM,
    deletion,
    link,
)
from no_libpython_dlopen.buildsystems.common.sibling_files import text_of
from no_libpython_dlopen.buildsystems.common.source_files import RECURSIVE
from no_libpython_dlopen.buildsystems.rust.conditions import Guards
from no_libpython_dlopen.buildsystems.rust.lexer import tokens
from no_libpython_dlopen.buildsystems.rust.printing import Printing
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.files.toml import parse_toml
from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Edit
from no_libpython_dlopen.model.source import Source, Unreadable

_DIRECTIVE = re.compile(
    r"cargo::?rustc-(?:link-lib(?:=(?:dylib|static|(?P<framework>framework))(?::[^=\s]*)?)?"
    r"|(?P<argument>(?P<cdylib>cdylib-link-arg|link-arg-cdylib)|link-arg|flags))"
    r"=(?P<value>.*?)(?:\\n)?",
    re.DOTALL,
)
_FORMATTED = re.compile(r"\{(?P<name>\w*)(?!\w)[^{}]*\}")
#: A version that is computed as a whole; on Unix each of them names libpython.
_ANY_VERSION = re.compile(rf"(?:-l\s*)?python{UNKNOWN_PART}+")
_LIBRARY_FLAG = re.compile(r"(?<!\S)-l\s+")
#: A variable, and the text that it is given; another value than a text is none.
_VARIABLE = re.compile(
    r"\b(?:let(?:\s+mut)?|const|static)\s+(?P<name>\w+)\s*(?::[^=;]{1,200})?=(?!=)\s*"
    r"(?:(?:format!|String::from|&)\s*\(?\s*)?(?:\"(?P<text>[^\"\\]*)\")?"
)
_SETS_DYNAMIC_LOOKUP = re.compile(r"add_extension_module_link_args|dynamic_lookup")
#: A test for Linux or Unix; what is behind it may be another system's.
_NAMES_UNIX = re.compile(r"\"(?:linux|unix)\"|[!(,]\s*unix\b")
_NAME = re.compile(r"\{(\w+)")
#: Why a fix must be asked for that reaches more than the extension module.
_TESTS = "`cargo test` and examples make programs of the package, which need the link"
#: Why a fix must be asked for that deletes a use of a name.
_UNUSED = "the names in the deleted line may be unused then, which Rust can be told to refuse"


@dataclass(frozen=True, slots=True)
class Directive:
    """A call that prints what makes Cargo link libpython.

    ``is_of_module`` says that Cargo links no test or example so, ``uses_names`` that the call
    is the use of a name.
    """

    start: int
    end: int
    word: deletions.Span
    statement: Edit | None
    is_of_module: bool = False
    uses_names: bool = False


def read(source: Source) -> Iterator[Link]:
    """Yield the links of an extension module that a ``build.rs`` asks for.

    Raises ``Unreadable`` where the text is not Rust.
    """
    try:
        found = list(analysis.watch(tokens(source.text)))
    except LexError as error:
        raise Unreadable(f"not valid Rust: {error.reason}", source.locate(error.offset)) from None
    directives = list(_directives(source.text, found))
    folder = os.path.dirname(os.path.abspath(source.path))
    if not directives or not is_extension_module(folder):
        return
    hosts = host_kind([os.path.join(folder, "src", RECURSIVE, "*.rs").replace("*", UNKNOWN_PART)])
    if hosts is HostKind.CERTAIN:
        return
    code = "".join(" " if token.kind == "comment" else token.text for token in found)
    sets_dynamic_lookup = _SETS_DYNAMIC_LOOKUP.search(code) is not None
    names_unix = _NAMES_UNIX.search(code) is not None
    for each in directives:
        fix = None
        if each.statement is not None:
            doubts = (
                (MACOS, not sets_dynamic_lookup),
                (_TESTS, not each.is_of_module),
                (_UNUSED, each.uses_names),
                (OTHER_SYSTEM, names_unix),
                (HOST, hosts is HostKind.POSSIBLE),
            )
            caveats = [caveat for caveat, holds in doubts if holds]
            fix = deletion(source.text[each.start : each.end], each.statement, caveats)
        reason = "it is in a list or a text that is printed elsewhere"
        yield link(source, *each.word, fix, no_fix_reason=reason)


def is_extension_module(folder: str) -> bool:
    """Return whether the package in a folder is an extension module and nothing else."""
    package = manifest(os.path.join(folder, "Cargo.toml"))
    library = package.get("lib")
    named = library if isinstance(library, dict) else {}
    kinds = named.get("crate-type") or named.get("crate_type") or ()
    if "cdylib" not in kinds or package.get("bin"):
        return False
    sources = os.path.join(folder, "src")
    if any(file_tree.exists(os.path.join(sources, name)) for name in ("main.rs", "bin")):
        return False
    text = repr([package.get("dependencies"), package.get("features"), package.get("target")])
    binds = "pyo3" in text or "extension-module" in text or "cpython" in text
    return binds and "auto-initialize" not in text and "tauri" not in text


def manifest(path: str) -> dict[str, Any]:
    """Return the tables of a ``Cargo.toml``, nothing where it cannot be read."""
    text = text_of(path, errors="replace")
    try:
        return parse_toml(text) if text is not None else {}
    except (ValueError, RecursionError):
        return {}


def _directives(text: str, found: list[Token]) -> Iterator[Directive]:
    """Yield the printed directives that link libpython on Unix."""
    significant = [token for token in found if token.kind not in ("space", "comment")]
    printing = Printing(text, significant)
    guards = Guards(text, significant, printing.closing)
    variables = _variables(found)
    for index, argument in enumerate(analysis.watch(significant)):
        directive = _DIRECTIVE.fullmatch(_inner(argument))
        printed = printing.print_of(index) if directive is not None else None
        if directive is None or printed is None:
            continue
        if guards.is_guarded(printed.start):
            continue
        start, end = significant[printed.start].start, significant[printed.end].end
        given = [each.text for each in printed.given]
        value = _fill(directive["value"], given, variables)
        if _names_libpython(value, directive):
            offset = argument.start + argument.text.index('"') + 1
            word = (offset + directive.start("value"), offset + directive.end("value"))
            statement = _statement(text, significant, printed.start, printed.end)
            yield Directive(
                start,
                end,
                word,
                statement if printed.is_statement else None,
                is_of_module=directive["cdylib"] is not None,
                uses_names="{" in directive["value"],
            )
            continue
        for name in (*_NAME.findall(directive["value"]), *given):
            for string in printing.strings(name, index):
                filled = _fill(directive["value"], given, variables | {name: _inner(string)})
                if _names_libpython(filled, directive):
                    at = string.start + string.text.index('"') + 1
                    yield Directive(start, end, (at, at + len(_inner(string))), None)


def _inner(token: Token) -> str:
    """Return the text between the quotes of a string, empty for another token."""
    if token.kind not in ("string", "raw"):
        return ""
    return token.text[token.text.index('"') + 1 : token.text.rindex('"')]


def _variables(found: list[Token]) -> dict[str, str]:
    """Return the texts of the variables that have one value in the whole file.

    What a formatted text leaves open is unknown.
    """
    code = "".join(" " if token.kind == "comment" else token.text for token in found)
    values: dict[str, list[str | None]] = {}
    for match in analysis.watch(_VARIABLE.finditer(code)):
        values.setdefault(match["name"], []).append(match["text"])
    return {
        name: _FORMATTED.sub(UNKNOWN_PART, texts[0])
        for name, texts in values.items()
        if len(texts) == 1 and texts[0] is not None
    }


def _fill(value: str, given: list[str], values: Mapping[str, str]) -> str:
    """Return a formatted text with what is known of its arguments, else unknown parts."""
    waiting = iter(given)

    def value_of(match: re.Match[str]) -> str:
        name = match["name"] or next(waiting, "")
        return name[1:-1] if name.startswith('"') else values.get(name, UNKNOWN_PART)

    return _FORMATTED.sub(value_of, value)


def _names_libpython(value: str, directive: re.Match[str]) -> bool:
    if directive["framework"]:
        return value in libpython_names.FRAMEWORKS
    if directive["argument"]:
        words = _LIBRARY_FLAG.sub("-l", value).split()
        return any(libpython_names.is_link_flag(w) or _ANY_VERSION.fullmatch(w) for w in words)
    is_file = value.startswith("lib") and libpython_names.is_library_file(value)
    return (
        is_file
        or libpython_names.is_link_library(value)
        or _ANY_VERSION.fullmatch(value) is not None
    )


def _statement(text: str, found: list[Token], index: int, end: int) -> Edit | None:
    """Return the deletion of a statement, with the lines that it has for itself."""
    before = found[index - 1].text if index else ""
    after = found[end + 1] if end + 1 < len(found) else None
    if before not in (";", "{", "}") or after is None:
        return None
    if after.text == ";":
        stop = after.end
    elif after.text == "}":
        stop = found[end].end
    else:
        return None
    start = found[index].start
    line = deletions.line_start(text, start)
    rest = re.compile(r"[ \t]*(?:\r\n|\r|\n|\Z)").match(text, stop)
    if rest and not text[line:start].strip():
        return deletions.span(text, line, rest.end())
    return deletions.word(text, start, stop)
