"""Looking at an executable without running it: does it find the libpython it needs?

``error while loading shared libraries: libpython3.x.so.1.0`` is not the trouble that this
project is about, though it names the same file: a program that embeds Python
(pytauri #276), or an interpreter that cannot find its own library (uv #6812), needs it
rightly and looks in the wrong place. Nothing may be run to tell that: the program may be
anything.
"""

from __future__ import annotations

import os

from no_libpython_dlopen.files.safe_open import safe_open
from no_libpython_dlopen.runtime import binary_info, loader_search
from no_libpython_dlopen.runtime.doctor import libpython_inventory
from no_libpython_dlopen.runtime.doctor.inspect_process import NothingToInspect, is_interpreter
from no_libpython_dlopen.runtime.doctor.inspection import Inspection, Program

_ORIGINS = ("${ORIGIN}", "$ORIGIN")


def inspect_executable(path: str, complaint: str = "") -> Inspection:
    """Return the inspection of the executable ``path``; ``complaint`` is what it said, if run.

    Raises ``NothingToInspect`` for a file that was not run and is no binary.
    """
    found = binary_info.read_program(path)
    if found is None and not complaint:
        raise NothingToInspect(_what_it_is(path))
    variables = loader_search.environment()
    needed: list[tuple[str, str]] = []
    origin_only = []
    for name in found.libpython if found else ():
        place = loader_search.locate(name, (), caller=path, variables=variables)
        needed.append((name, place))
        if place and _is_relative(name, path) and not _beside_link(name, path):
            origin_only.append(name)
    return Inspection(
        program=Program(
            path=path,
            needed=tuple(needed),
            holds_runtime=found is not None and found.holds_runtime,
            origin_only=tuple(origin_only),
            complaint=complaint,
            folders=tuple(
                dict.fromkeys(
                    [
                        folder
                        for name, place in needed
                        if not place
                        for folder in libpython_inventory.folders_with(name, path)
                    ]
                )
            ),
        )
    )


def _what_it_is(path: str) -> str:
    """Return a sentence on a file that is no binary."""
    try:
        descriptor, _ = safe_open(path)
        with open(descriptor, "rb") as file:
            line = file.read(256).partition(b"\n")[0]
    except (OSError, ValueError) as error:
        return f"{path} cannot be read: {error}"
    words = os.fsdecode(line.removeprefix(b"#!")).split() if line.startswith(b"#!") else []
    if not words:
        return f"{path} is neither an interpreter nor a program"
    if os.path.basename(words[0]) == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    program = words[0] if words else "env"
    if not is_interpreter(program):
        return f"{path} is a script of {program}, neither an interpreter nor a program"
    return f"{path} is a script of {program}; examine that: nolibpy doctor --python {program}"


def _is_relative(name: str, path: str) -> bool:
    """Return whether it is found relative to the program and nowhere else."""
    rpath, runpath = loader_search.run_paths(path)
    return name.startswith(_ORIGINS) or any(
        os.path.exists(os.path.join(folder, name)) for folder in (*rpath, *runpath)
    )


def _beside_link(name: str, path: str) -> bool:
    """Return whether the library lies where it would if ``path``, maybe a link, were the origin.

    Wrappers that start the loader themselves (valgrind, profilers) make it so: glibc bug 25263.
    """
    if not os.path.islink(path):
        return True
    if name.startswith(_ORIGINS):
        return os.path.exists(loader_search.expand_origin(name, path, linked=True))
    real, link = (
        os.path.dirname(place) for place in (os.path.realpath(path), os.path.abspath(path))
    )
    rpath, runpath = loader_search.run_paths(path)
    folders = [folder.replace(real, link, 1) for folder in (*rpath, *runpath)]
    return any(os.path.exists(os.path.join(folder, name)) for folder in folders)
