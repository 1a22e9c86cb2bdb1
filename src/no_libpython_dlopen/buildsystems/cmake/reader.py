"""Reads CMake: which word links which extension module to libpython.

The listfile is walked once for each platform (``cmake_run``), which fills a model of
targets and of what is linked to them. Here each word that means libpython and reaches
an extension module becomes a ``Link``, with the edit that is right for all its users.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from no_libpython_dlopen.buildsystems.cmake.fixes import Place, Remedy
from no_libpython_dlopen.buildsystems.cmake.model import Model, Role, Use, Via
from no_libpython_dlopen.buildsystems.cmake.project_cache import view
from no_libpython_dlopen.buildsystems.cmake.references import Meaning, Way, may_link, meaning
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile, flattened, listfile
from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.common.link_fact import link
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART
from no_libpython_dlopen.knowledge.target_platforms import ANY_PLATFORM
from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Related
from no_libpython_dlopen.model.source import Source, Unreadable

#: ``config.h.cmake``: what ``configure_file`` makes a header of is named so, and is no CMake.
_TEMPLATE = re.compile(
    r"\.(?:hh?|hpp|hxx|cc?|cpp|cxx|cu|f|f90|py|pyi?|pc|txt|in|xml|sh|bat|ps1|json|rc|tex|i|m|java|cs"
    r"|rs|go|js|toml|cfg|conf|ini|ya?ml|html|md|rst|def|map|plist|desktop|iss|nsi|spec)\.cmake\Z"
)


def read(source: Source) -> Iterator[Link]:
    """Yield the links of extension modules that a listfile makes.

    Raises ``Unreadable`` where the text does not lex as CMake.
    """
    path = os.path.abspath(source.path) if os.path.isfile(source.path) else ""
    try:
        current = listfile(path, source.text)
    except LexError as error:
        if _TEMPLATE.search(source.path):
            return
        raise Unreadable(f"not CMake: {error.reason}", source.locate(error.offset)) from None
    if not may_link(flattened(current.nodes)):
        return
    project, model, current = view(current, found)
    places = found(model, current)
    remedy = Remedy(project, model, places)
    for place in places:
        first = place.uses[0]
        fix, reason = remedy.of(place)
        word = first.word
        name = first.target if "$" not in first.target and UNKNOWN_PART not in first.target else ""
        yield link(
            source,
            word.start,
            word.end,
            fix,
            embedding=place.meaning.embedding,
            target=name,
            instead="" if fix and not fix.edits[0].new else place.meaning.instead,
            no_fix_reason=reason,
            related=_related(source, current, first),
        )


def found(model: Model, current: Listfile) -> list[Place]:
    """Return the places in a listfile that are to be reported, in the order of its text."""
    users: dict[tuple[int, int], list[Use]] = {}
    for use in model.uses:
        if use.word.file is current:
            users.setdefault((use.word.start, use.word.end), []).append(use)
    places = []
    for _, uses in sorted(users.items()):
        guilty = [use for use in uses if _is_guilty(model, use)]
        meant = _meaning(model, guilty[0]) if guilty else None
        if meant is not None:
            others = [use for use in uses if model.role(use.target) is not Role.MODULE]
            places.append(Place(meant, tuple(guilty), tuple(uses), tuple(others)))
    return places


def _meaning(model: Model, use: Use) -> Meaning | None:
    if use.via is Via.TYPE:
        return Meaning(Way.SHARED)
    return meaning(use.word, use.via is Via.FLAGS, model.named)


def _is_guilty(model: Model, use: Use) -> bool:
    """Tell whether a use links an extension module to libpython on plain Unix."""
    if use.platform == ANY_PLATFORM.name or use.fallback:
        return False
    if model.role(use.target) is not Role.MODULE:
        return False
    meant = _meaning(model, use)
    if meant is None or use.word.text in model.own:
        return False
    if meant.way is Way.VARIABLE:
        # empty where no component but Development.Module was asked for
        finds = [find for find in model.finds if find.prefix == meant.prefix]
        return not finds or any(find.embeds for find in finds)
    return True


def _related(source: Source, current: Listfile, use: Use) -> tuple[Related, ...]:
    """Return where the word is linked, if that is another command than its own."""
    if use.command is use.word.command or use.file is not current:
        return ()
    start, end = source.locate(use.command.start), source.locate(use.command.end)
    return (Related("it is linked here", start, end),)
