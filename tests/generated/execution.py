"""Runs many small programs under an interpreter, each in a process of its own.

One process a batch is started; it forks for each program, so that a program that
crashes, hangs or opens a second runtime takes nothing with it. The names of libpython
that programs use are there for all of them: a folder on the loader's path has them, each
a link to a real one (the interpreter's own, or the system's beside a static one).
"""

from __future__ import annotations

import functools
import glob
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.runtime.interpreters import Interpreter, interpreters

#: Seconds after which a program counts as hanging.
PATIENCE = 20

_RUNNER = f"""
import json, os, signal, sys, traceback

programs = json.load(sys.stdin)
results = []
for program in programs:
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        for descriptor in (1, 2):
            os.dup2(write, descriptor)
        os.close(write)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        signal.alarm({PATIENCE})
        exec(compile(program, "program.py", "exec"), {{"__name__": "__main__"}})
        sys.exit()  # with all that an interpreter does at its end
    os.close(write)
    with open(read, "rb") as pipe:
        output = pipe.read()
    status = os.waitpid(child, 0)[1]
    results.append([os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status),
                    output.decode(errors="replace")])
json.dump(results, sys.stdout)
"""


class Outcome(NamedTuple):
    """How a program ended: its exit status, negative for a signal, and what it printed."""

    status: int
    output: str


def run(programs: list[str], interpreter: Interpreter, folder: str | None = None) -> list[Outcome]:
    """Return how each program ends under an interpreter, which looks in a folder for libpython."""
    if not programs:
        return []
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "NOLIBPY", "COV", "LD_"))
    }
    done = subprocess.run(
        [interpreter.path, "-I", "-u", "-c", _RUNNER],
        env=environment | {"LD_LIBRARY_PATH": folder or libraries(interpreter)},
        input=json.dumps(programs),
        capture_output=True,
        text=True,
        timeout=(PATIENCE + 5) * len(programs),
        check=True,
    )
    return [Outcome(status, output) for status, output in json.loads(done.stdout)]


@functools.cache
def of_linkage(linkage: str) -> tuple[Interpreter, ...]:
    """Return this machine's interpreters that are linked in a way and have a libpython."""
    return tuple(one for one in interpreters() if one.linkage == linkage and library(one))


@functools.cache
def library(interpreter: Interpreter) -> str:
    """Return a libpython of an interpreter's version: its own, or one that lies about."""
    code = (
        "import os, sysconfig as s; v = s.get_config_var; "
        "print(os.path.join(v('LIBDIR') or '', v('INSTSONAME') or 'none'))"
    )
    own = interpreter("-I", "-c", code).stdout.strip()
    if "libpython" in own and os.path.exists(own):
        return own
    version = ".".join(map(str, interpreter.version))
    others = glob.glob(f"/usr/lib*/**/libpython{version}.so*", recursive=True)
    others += [
        library(one)
        for one in interpreters()
        if one.linkage == "shared" != interpreter.linkage and one.version == interpreter.version
    ]
    return next(iter(others), "")


@functools.cache
def libraries(interpreter: Interpreter) -> str:
    """Return a folder in which every usual name of libpython is a link to a real one."""
    return _names(f"{interpreter.linkage}{interpreter.version[1]}", library(interpreter))


@functools.cache
def no_libraries() -> str:
    """Return a folder in which no usual name of libpython can be opened."""
    return _names("none", os.devnull)


def _names(name: str, target: str) -> str:
    folder = Path(_folder().name, name)
    folder.mkdir()
    for version in ("3", *(f"3.{minor}" for minor in range(6, 20))):
        for flags in ("", "t", "d", "m"):
            for end in ("", ".1", ".1.0"):
                (folder / f"libpython{version}{flags}.so{end}").symlink_to(target)
    return str(folder)


@functools.cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="libpythons-")


def versions(found: tuple[Interpreter, ...]) -> str:
    """Return the versions of interpreters, for a test's name."""
    return ", ".join(f"{one.version[0]}.{one.version[1]}" for one in found) or "none"


if __name__ == "__main__":
    print("static:", versions(of_linkage("static")), "shared:", versions(of_linkage("shared")))
    sys.exit()
