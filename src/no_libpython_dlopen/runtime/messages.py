"""What a warning says: which library, which copy of the runtime that is, what to do.

Three cases look alike until something crashes: the library is the one this interpreter
runs from, a second copy of the runtime, or not to be found. Which of them it is depends
on the interpreter, so a program that is right on one machine fails on the next; the
message says which case this is.
"""

from __future__ import annotations

import os

from no_libpython_dlopen.runtime import loader_search, mapped_files


def describe_copy(name: str, caller: str = "", path: str = "") -> str:
    """Return one clause on what opening ``name`` leads to here.

    ``path`` is the file where it is known already, since it is mapped.
    """
    own = mapped_files.runtime()
    if own is not None and name == own.name and not path:
        path = own.path  # the first that the loader has of this name, whatever came later
    if not path:
        path = loader_search.locate(name, mapped_files.files(), caller=caller)
    if not path:
        return "which the loader does not find here"
    if own is None:
        return f"which is {path}"
    if same_file(path, own.path):
        return (
            "the library this interpreter runs from: on a statically linked Python it is "
            "missing, or a second copy of the runtime"
        )
    if not os.path.exists(path):  # deleted since it was mapped
        return f"which is {path}"
    return f"a second copy of the Python runtime ({path}; this one runs from {own.path})"


def same_file(path: str, other: str) -> bool:
    """Return whether two paths lead to one file, or would if it were not gone."""
    try:
        return os.path.samefile(path, other)
    except OSError:
        return os.path.realpath(path) == os.path.realpath(other)


def load_message(name: str, caller: str) -> str:
    """Return the message of NLP401: ctypes is about to open ``name``."""
    return f"ctypes opens `{name}`, {describe_copy(name, caller)}; use `ctypes.pythonapi`"


def need_message(what: str, path: str, library: str) -> str:
    """Return the message of NLP402: ``what``, the file ``path``, needs ``library``."""
    where = "" if path in what else f" ({path})"
    return (
        f"{what}{where} needs `{library}`, {describe_copy(library, path)}; "
        "build it without linking to libpython"
    )


def mapped_message(library: mapped_files.MappedFile, after: str, reason: str = "") -> str:
    """Return the message of NLP401 for a libpython that no event announced.

    ``reason`` is a clause that tells what asked for it, where that is known.
    """
    event = "it was opened by code that raises no audit event, as cffi's `dlopen` or C code does"
    why = reason or event
    if loader_search.preloads(loader_search.environment().get("LD_PRELOAD", ""), library.path):
        why = "LD_PRELOAD loads it"
    copy = describe_copy(library.name, path=library.path)
    return f"`{library.name}` is mapped{after}, {copy}; {why}"
