"""Reads TOML with the standard library, within what that can read in linear time and memory."""

from __future__ import annotations

import re
import sys

from no_libpython_dlopen.model.limits import TOML_DEPTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PART = r"(?:[A-Za-z0-9_-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*"
#: A key of many parts, where a key may begin: ``tomllib`` keeps each of its beginnings.
_DEEP_KEY = re.compile(rf"(?:^|[\[{{,])[ \t]*(?:{_PART}){{{int(TOML_DEPTH)}}}", re.MULTILINE)


def parse_toml(text: str) -> dict[str, Any]:
    """Return the tables of a TOML text. Raises ``ValueError``, or ``RecursionError``."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    if text.startswith("\ufeff"):
        raise ValueError("it begins with a byte order mark; save it as UTF-8 without one")
    if _DEEP_KEY.search(text):
        raise ValueError(f"a key has more than {TOML_DEPTH:,} parts")
    try:
        return dict(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # it would advise to change the interpreter's limit
        raise ValueError("a number has more digits than can be read") from None
