"""Reads shell scripts: which command links an extension module to libpython.

``lexer`` splits the script, ``interpreter`` runs it for each platform (``expansion``
expands the words, ``conditions`` decides what a condition compares), ``command_links``
judges the commands. Libraries that read shell were weighed in ``lexer``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.commands.command_links import CommandLinks
from no_libpython_dlopen.buildsystems.commands.packaging_command import RECIPE_FLAGS
from no_libpython_dlopen.buildsystems.commands.path_exploration import explore_paths
from no_libpython_dlopen.buildsystems.commands.provenance import TrackedText
from no_libpython_dlopen.buildsystems.commands.text_prefilter import may_contain_finding
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.shell.command import Command
from no_libpython_dlopen.buildsystems.shell.interpreter import Shell
from no_libpython_dlopen.buildsystems.shell.lexer import tokens
from no_libpython_dlopen.buildsystems.shell.variable_uses import ScriptVariables
from no_libpython_dlopen.knowledge.target_platforms import PLATFORMS
from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.source import Source, Unreadable

#: A first line for another interpreter, whatever the file is called; or the lines with which a
#: script in Tcl has a shell run Tcl, which are one comment to Tcl.
_IS_OTHER_SCRIPT = re.compile(
    r"#![ \t]*(?:\S*/env[ \t]+(?:-\S+[ \t]+|\w+=\S*[ \t]+)*)?(?!\S*/env\s)"
    r"(?:\S*/)?(?!(?:ba|da|z|k|mk|a|pdk|ya)?sh\b)[\w.+-]+(?:\s|\Z)"
    r"|(?:#[^\n]*\n|[ \t]*\r?\n){0,40}?#[^\n]*\\\r?\n[ \t]*exec[ \t]+\S*(?:tclsh|wish|expect)"
)
#: Recipes of Arch Linux, Alpine and Gentoo. makepkg, abuild and Portage export the flags of their
#: own settings before they read one, and a variable that is assigned anew stays exported.
_IS_RECIPE = re.compile(r"(?:^|[/\\])(?:PKGBUILD|APKBUILD|[^/\\]*\.ebuild)\Z")
#: Within so many characters Autoconf says that it wrote a script, of which configure.ac says all.
_HEAD = 400
_IS_AUTOCONF = re.compile(r"^# Generated (?:from \S+ )?by GNU Autoconf", re.MULTILINE)


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a script makes.

    Raises ``Unreadable`` where the text is not shell.
    """
    text = source.text
    if _IS_OTHER_SCRIPT.match(text) or _IS_AUTOCONF.search(text, 0, _HEAD):
        return
    try:
        tokens(text)
    except LexError as error:
        raise Unreadable(
            f"not a valid shell script: {error.reason}", source.locate(error.offset)
        ) from None
    if not may_contain_finding(text):
        return
    exports = RECIPE_FLAGS if _IS_RECIPE.search(source.path) else frozenset()
    links = CommandLinks(source)
    with analysis.until_limit():
        for platform, paths in explore_paths(PLATFORMS):
            seen: list[Command] = []
            try:
                shell = Shell(platform, paths, exports=set(exports))
                shell.run(TrackedText.of(text), seen.append)
            finally:
                links.judge([(command, None) for command in seen], platform)
    variables = ScriptVariables(text, exports)
    yield from links.links(lambda one: variables.with_caveats(links.edit(one), one.first.span))
