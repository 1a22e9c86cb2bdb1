"""Reads shell scripts: which command links an extension module to libpython.

``shell_words`` splits the script, ``shell_run`` walks it for each world (``shell_expand``
expands the words, ``shell_test`` decides what a condition compares), ``hand_built``
judges the commands. Libraries that read shell were weighed in ``shell_words``.
"""

from __future__ import annotations

from collections.abc import Iterator

from no_libpython_dlopen.build.hand_built import Links
from no_libpython_dlopen.build.lexing import LexError
from no_libpython_dlopen.build.prefilter import may_matter
from no_libpython_dlopen.build.shell_run import Command, Shell
from no_libpython_dlopen.build.shell_words import tokens
from no_libpython_dlopen.build.suspicion import may_link
from no_libpython_dlopen.build.traced import Traced
from no_libpython_dlopen.build.walks import Exhausted, walks
from no_libpython_dlopen.build.world import WORLDS
from no_libpython_dlopen.facts import Link
from no_libpython_dlopen.source import Source, Unreadable


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a script makes.

    Raises ``Unreadable`` where the text is not shell.
    """
    text = source.text
    try:
        tokens(text)
    except LexError as error:
        raise Unreadable(f"not shell: {error.reason}", source.locate(error.offset)) from None
    if not may_matter(source.kind, source.data) or not may_link(text):
        return
    links = Links(source)
    try:
        for world, choice in walks(WORLDS):
            seen: list[Command] = []
            Shell(world, choice).run(Traced.of(text), seen.append)
            links.judge([(command, None) for command in seen], world)
    except Exhausted:
        links.incomplete = True
    yield from links.links()
