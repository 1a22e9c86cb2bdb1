"""Tells from bytes whether a file and what it imports from its project may open libpython.

A load takes a loader's word and libpython's name. Where a file lacks one of them, it is worth an
analysis only if a module of its project, which it imports or which that one imports in turn, has
it by the same measure.
"""

from __future__ import annotations

from collections.abc import Callable

from no_libpython_dlopen.python import prefilter
from no_libpython_dlopen.python.project.import_graph import (
    all_imports,
    ask,
    direct_imports,
    imported_modules,
    is_on_disk,
)


def leads_to_load(
    path: str, content: prefilter.Content, *, calls: bool = False, names: bool | None = None
) -> bool:
    """Return whether a file, with the modules it imports, may call a loader and name libpython.

    ``calls`` and ``names`` tell whether the file itself does one of both; its bytes are asked
    for a name only if they have to be.
    """

    def may_any(question: Callable[[prefilter.Content], bool]) -> bool:
        return any(ask(question, one) for one in all_imports(path, content))

    if not (calls or may_any(prefilter.may_give_loader)):
        return False
    own = content.names_libpython if names is None else names
    if own or may_any(prefilter.may_name_libpython):
        return True
    return prefilter.spells_variable(content) and may_any(prefilter.asks_for_variables)


def leads_to_program(path: str, content: prefilter.Content) -> bool:
    """Return whether a file may hand a Python a program of a module that it imports itself.

    A package may hand on the program of a module which it imports in turn.
    """
    runs = prefilter.runs_program(content) and is_on_disk(path)
    several = [*direct_imports(path, content)] if runs else []
    packages = [one for one in several if one.endswith("__init__.py")]
    several += (inner for one in packages for inner in imported_modules(one))  # re-exported
    return any(ask(prefilter.may_hold_program, one) for one in several) and (
        content.names_libpython or any(ask(prefilter.may_name_libpython, one) for one in several)
    )


def leads_to_link(path: str, content: prefilter.Content) -> bool:
    """Return whether a module that a build script imports may name libpython to a linker."""
    return any(ask(prefilter.may_name_link, one) for one in all_imports(path, content))
