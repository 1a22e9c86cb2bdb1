"""Makes a fact of every load of libpython in a Python file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Load
from no_libpython_dlopen.model.finding import Fix, Related
from no_libpython_dlopen.model.limits import FOLLOWING_MILLISECONDS, Limit
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.python.mentions import Mentions, mentions_of
from no_libpython_dlopen.python.prefilter import Content, may_give_loader, runs_program
from no_libpython_dlopen.python.project.layout import has_fixtures
from no_libpython_dlopen.python.syntax.parse_ast import TOO_DEEP

if TYPE_CHECKING:
    from no_libpython_dlopen.python.fixes.load_fix import LoadFixer
    from no_libpython_dlopen.python.library_loads import LibraryLoad
    from no_libpython_dlopen.python.project.exports import Exports
    from no_libpython_dlopen.python.project.file_imports import FileImports
    from no_libpython_dlopen.python.syntax.positions import Positions


def read(source: Source) -> Iterator[Load]:
    """Yield the loads of a file in the order of its text.

    Raises ``Unreadable`` for a syntax error, nesting that cannot be followed, a file
    that takes too long, or one whose text libcst does not give back as it was.
    """
    found_words = mentions_of(source)
    # ``None`` for newer syntax, perhaps.
    mentions = None if isinstance(found_words, SyntaxError) else found_words
    names_it = mentions is None or mentions.names_libpython
    calls = mentions is None or mentions.may_load
    gives = calls and may_give_loader(Content(source.code_bytes))
    follows = mentions is None or _may_import(source, mentions)
    is_alone = names_it and (calls or (mentions is not None and mentions.holds_program))
    if not is_alone and not (follows and _leads_to_load(source, calls=gives, names=names_it)):
        return

    from no_libpython_dlopen.python.project import exports

    known = exports.Exports()
    only_programs = False
    if follows and mentions is not None:
        follows = exports.may_load(mentions, source, known, calls=gives, names=names_it)
        follows = follows or exports.takes_flag(mentions, source)
        runs = runs_program(Content(source.code_bytes))
        only_programs = not follows and exports.may_run_program(mentions, source, known, runs=runs)
        follows = follows or only_programs
        if not follows and not is_alone:
            return

    from no_libpython_dlopen.python.project.modules import imports_of
    from no_libpython_dlopen.python.syntax import parse

    imports = imports_of(source, known) if follows else None
    try:
        with parse.deep_recursion():
            found, reached = _find_with_imports(source, mentions, imports, only_programs)
            if is_alone and (imports is None or reached or only_programs):
                if imports is not None:
                    analysis.restart()
                found = _add_to(_find_alone(source, mentions), found)
                if found and mentions is not None and imports is None:
                    found = _leave_out_foreign(source, mentions, found, known)
    except RecursionError:
        raise Unreadable(TOO_DEEP) from None
    for limit in reached:
        analysis.note_limit(limit)
    yield from sorted(found, key=lambda load: load.start)


def _may_import(source: Source, mentions: Mentions) -> bool:
    is_test = has_fixtures(source.path) or b"pytest_plugins" in source.code_bytes
    return bool(mentions.imports or mentions.stars or is_test)


def _find_with_imports(
    source: Source,
    mentions: Mentions | None,
    imports: FileImports | None,
    only_programs: bool = False,
) -> tuple[list[Load], Iterable[Limit]]:
    """Return the loads of a file with what it imports, and the limits that this reached.

    ``only_programs``: those in the programs that it hands a Python.

    Other modules are followed within bounds. Past one of these a file has to be analysed alone,
    which finds all but what its imports open.
    """
    found: list[Load] = []
    if imports is None:
        return found, ()
    with analysis.note_apart() as reached, analysis.until_limit():
        found.extend(_loads(source, mentions, imports, only_programs))
    return found, reached


def _find_alone(source: Source, mentions: Mentions | None) -> list[Load]:
    """Return the loads of a file without its imports, as far as the limits let it be read."""
    found: list[Load] = []
    with analysis.until_limit():
        found.extend(_loads(source, mentions, None))
    return found


def _add_to(loads: list[Load], more: list[Load]) -> list[Load]:
    """Return ``loads``, and those of ``more`` that are at other places."""
    places = {load.start for load in loads}
    return [*loads, *(load for load in more if load.start not in places)]


def _leave_out_foreign(
    source: Source, mentions: Mentions, found: list[Load], known: Exports
) -> list[Load]:
    """Return a file's loads without those that other modules keep from plain Unix, or replace."""
    from no_libpython_dlopen.python.project import exports
    from no_libpython_dlopen.python.project.modules import imports_of

    if not exports.may_exclude_loads(mentions, source, known):
        return found
    analysis.restart()
    again, reached = _find_with_imports(source, mentions, imports_of(source, known))
    return found if reached else again


def _leads_to_load(source: Source, *, calls: bool, names: bool) -> bool:
    """Return whether other modules of the project may call the loader or give the name."""
    from no_libpython_dlopen.python.project import import_prefilter

    path, content = source.path, Content(source.code_bytes)
    leads = import_prefilter.leads_to_load(path, content, calls=calls, names=names)
    return leads or import_prefilter.leads_to_program(path, content)


def _loads(
    source: Source,
    mentions: Mentions | None,
    imports: FileImports | None,
    only_programs: bool = False,
) -> Iterator[Load]:
    from no_libpython_dlopen.python.evaluator.interpreter import AbstractInterpreter
    from no_libpython_dlopen.python.library_loads import find_loads
    from no_libpython_dlopen.python.patched_loaders import PatchedLoaders
    from no_libpython_dlopen.python.syntax import parse
    from no_libpython_dlopen.python.syntax.positions import positions_of
    from no_libpython_dlopen.python.written_libraries import is_written

    module = parse.parse(source)
    if imports is not None:
        analysis.restart(FOLLOWING_MILLISECONDS, is_shared=True)
    evaluator = AbstractInterpreter(module, mentions, imports)
    everything = [] if only_programs else find_loads(evaluator)
    if imports is not None:
        analysis.check_time()  # which another module's evaluation may have used up
        analysis.restart(is_shared=True)
    patched = PatchedLoaders(evaluator, everything)
    loads = [
        one
        for one in everything
        if one.libpython_names and not patched.covers(one) and not is_written(evaluator, one)
    ]
    holds_program = mentions is None or mentions.holds_program
    if not loads and not holds_program:
        return
    positions = positions_of(source)
    if holds_program:
        from no_libpython_dlopen.python.programs.reader import find_loads as find_in_programs

        yield from find_in_programs(source, evaluator, positions, read)
    if not loads:
        return
    positions.require_exact(source)

    from no_libpython_dlopen.python.fixes.load_fix import LoadFixer

    fixer = LoadFixer(source, evaluator, positions, everything)
    for load in loads:
        yield _load_with_fix(source, load, fixer, positions)


def _load_with_fix(
    source: Source, load: LibraryLoad, fixer: LoadFixer, positions: Positions
) -> Load:
    """Return the fact of a load, without a fix where the analysis is cut off."""
    start, end = positions.span(load.node)
    used, reason = True, analysis.PARTLY_READ
    fix: Fix | None = None
    related: tuple[Related, ...] = ()
    with analysis.until_limit():
        analysis.check_time()
        if not analysis.is_cut():
            used, fix, reason = fixer.fix(load)
            related = fixer.related_places(load)
    if only_reported := source.why_not_edited(source.locate(start)):
        fix, reason = None, only_reported
    return Load(
        loader=load.loader,
        library=load.library,
        used=used,
        foreign=load.foreign,
        start=source.locate(start),
        end=source.locate(end),
        fix=fix,
        no_fix_reason=reason,
        related=related,
    )
