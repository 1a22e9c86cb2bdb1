"""Reads ``.cargo/config.toml``: flags of Rust's compiler for a package's extension module.

``rustflags`` of ``[build]`` and ``[target.…]`` (The Cargo Book, *Configuration*) reach every
package below the folder of ``.cargo``; there it has to be an extension module's, or a
workspace with one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import islice

from no_libpython_dlopen.buildsystems.commands import link_mentions
from no_libpython_dlopen.buildsystems.commands.packaging_command import rust_flag
from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.common.link_fact import link
from no_libpython_dlopen.buildsystems.rust.reader import is_extension_module, manifest
from no_libpython_dlopen.buildsystems.settings_files import toml_positions
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.knowledge.platforms import names_foreign
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source, Unreadable

#: Packages of a workspace that are looked at.
MAX_MEMBERS = 200

_NEGATIVE = re.compile(r"\bnot\s*\(")
_REASON = "other packages may be built with the same flags"


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that Cargo's settings ask for.

    Raises ``Unreadable`` where the text is not TOML.
    """
    folder = os.path.dirname(os.path.dirname(os.path.abspath(source.path)))
    try:
        found = list(toml_positions.values(source.text))
    except LexError as error:
        raise Unreadable(f"not valid TOML: {error.reason}", source.locate(error.offset)) from None
    if not any(map(is_extension_module, _packages(folder))):
        return
    for value in found:
        if _is_for_unix(value.path):
            texts = [item for item in (value.items or [value]) if item.string]
            words = [
                rust_flag(word)
                for item in texts
                for word in TrackedText.of(
                    source.text[item.start + 1 : item.end - 1], item.start + 1
                ).words()
            ]
            for mention in link_mentions.mentions(words, source.text):
                origin = mention.word.origin(source.text)
                if origin is not None:
                    yield link(source, *origin.span, no_fix_reason=_REASON)


def _is_for_unix(path: toml_positions.Path) -> bool:
    """Return whether a value holds flags for a system that does not need the link."""
    if path == ("build", "rustflags"):
        return True
    if len(path) != 3 or path[0] != "target" or path[2] != "rustflags":
        return False
    target = str(path[1])
    return not names_foreign(target) or _NEGATIVE.search(target) is not None


def _packages(folder: str) -> Iterator[str]:
    """Yield the folders of the packages that are built with the settings of a folder."""
    yield folder
    workspace = manifest(os.path.join(folder, "Cargo.toml")).get("workspace")
    members = workspace.get("members") if isinstance(workspace, dict) else None
    if not isinstance(members, list):
        return
    for member in islice(members, MAX_MEMBERS):
        if isinstance(member, str) and ".." not in member and not os.path.isabs(member):
            inner, _, pattern = member.rpartition("/")
            above = os.path.join(folder, inner)
            for name in islice(file_tree.names_in(above), MAX_MEMBERS):
                if fnmatchcase(name, pattern):
                    yield os.path.join(above, name)
