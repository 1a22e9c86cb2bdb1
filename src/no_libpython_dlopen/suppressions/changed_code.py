"""What a change of comments changes of a file's code, as its language's lexer sees it."""

from __future__ import annotations

import re
from itertools import zip_longest

from no_libpython_dlopen.buildsystems import registry
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source, Unreadable, declared_encoding

_SHEBANG = re.compile(r"#![^\r\n]*")
#: A comment that Cython, and setuptools with it, reads.
_DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(?:distutils|cython)[ \t]*:[^\r\n]*", re.MULTILINE)
_READ = (Kind.PYTHON, Kind.CYTHON)


def changed_code(before: Source, after: Source) -> list[object] | None:
    """Return the tokens of ``before`` that differ; ``None`` if the lexer cannot say.

    What the first lines say of the interpreter and of the encoding counts.
    """
    try:
        changed: list[object] = []
        if _head(before) != _head(after):
            changed.append(_head(before))
        both = zip_longest(registry.code_tokens(before), registry.code_tokens(after))
        return changed + [old for old, new in both if old != new]
    except (ValueError, RecursionError, MemoryError, Unreadable):
        return None


def _head(source: Source) -> tuple[str, str, list[str]]:
    first = _SHEBANG.match(source.text)
    directives = _DIRECTIVE.findall(source.text) if source.kind in _READ else []
    return first[0] if first else "", declared_encoding(source.data), directives
