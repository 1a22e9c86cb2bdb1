"""Tells from bytes whether a file and what it imports from its project may open libpython.

A load takes a loader's word and libpython's name. Where a file lacks one of them, it is worth an
analysis only if a module of its project, which it imports or which that one imports in turn, has
it by the same measure.
"""

from __future__ import annotations

from no_libpython_dlopen.python import prefilter
from no_libpython_dlopen.python.project.import_graph import (
    all_imports,
    ask,
    direct_imports,
    is_on_disk,
)


def leads_to_load(path: str, data: bytes, *, calls: bool = False, names: bool = False) -> bool:
    """Return whether a file, with the modules it imports, may call a loader and name libpython.

    ``calls`` and ``names`` tell whether the file's own bytes do one of both.
    """
    for one in all_imports(path, data):
        calls = calls or ask(prefilter.may_give_loader, one)
        names = names or ask(prefilter.may_name_libpython, one)
        if calls and names:
            return True
    return calls and names


def leads_to_program(path: str, data: bytes) -> bool:
    """Return whether a file may hand a Python a program of a module that it imports itself."""
    content = prefilter.Content(data)
    runs = prefilter.runs_program(content) and is_on_disk(path)
    several = direct_imports(path, content) if runs else ()
    return any(ask(prefilter.may_hold_program, one) for one in several) and (
        prefilter.may_name_libpython(content)
        or any(ask(prefilter.may_name_libpython, one) for one in several)
    )


def leads_to_link(path: str, data: bytes) -> bool:
    """Return whether a module that a build script imports may name libpython to a linker."""
    return any(ask(prefilter.may_name_link, one) for one in all_imports(path, data))
