"""The doctor: examine this interpreter, another one, a process or a program.

Another interpreter is examined by itself: it runs the code of this package from where it
is installed, so nothing has to be installed there. A file that is not called like a
Python is never run, only read.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess

import no_libpython_dlopen
from no_libpython_dlopen.runtime.doctor import (
    inspect_executable,
    inspect_process,
    libpython_inventory,
)
from no_libpython_dlopen.runtime.doctor.inspect_process import NothingToInspect
from no_libpython_dlopen.runtime.doctor.inspection import Inspection, from_json

__all__ = ["Inspection", "NothingToInspect", "answer", "examine", "path_for_embedding"]

_SECONDS = 300

#: Run by the other interpreter, which may be Python 2. ``sys.path`` leads to this package for
#: the import only.
_THERE = """
import sys
if sys.version_info < (3, 10):
    sys.exit({too_old!r})
if sys.path[:1] == [""]:  # the working directory may be anybody's
    del sys.path[0]
import __future__, dataclasses, enum, glob, importlib.metadata, json, mmap, platform, re, struct
import ctypes, shutil, site, subprocess, sysconfig, typing
path = sys.path[:]
sys.path[:] = [{home!r}] + path
from no_libpython_dlopen.runtime.doctor import doctor
sys.path[:] = path
print({marker!r} + doctor.answer({question!r}))
"""
_MARKER = "nolibpy:"
_TOO_OLD = "nolibpy needs Python 3.10 or later"


def examine(*, python: str = "", process: int = 0, environment: bool = False) -> Inspection:
    """Return the inspection of what is asked for, by default of the running interpreter.

    Raises ``NothingToInspect``.
    """
    if process:
        return inspect_process.inspect_process(process)
    if not python:
        return inspect_process.inspect_interpreter(environment=environment)
    path = _find_python(python)
    if not inspect_process.is_interpreter(path):
        return inspect_executable.inspect_executable(path)
    question = "environment" if environment else "interpreter"
    text, complaint = _ask(path, question)
    if complaint == _TOO_OLD:
        raise NothingToInspect(f"{path}: {complaint}")
    if not text:
        return inspect_executable.inspect_executable(path, complaint)
    try:
        return from_json(json.loads(text))
    except (ValueError, KeyError, TypeError):
        raise NothingToInspect(f"{path} is not a working Python interpreter") from None


def path_for_embedding(python: str = "") -> str:
    """Return the libpython for a program that embeds this (or that) Python, or ``""``.

    Raises ``NothingToInspect``.
    """
    if not python:
        return answer("path")
    path = _find_python(python)
    text, complaint = (
        _ask(path, "path") if inspect_process.is_interpreter(path) else ("", "not a Python")
    )
    if complaint:
        raise NothingToInspect(f"{path}: {complaint}")
    return text


def static_archive(python: str = "") -> str:
    """Return the static libpython of this (or that) Python, ``""`` where it has none."""
    return _ask(_find_python(python), "archive")[0] if python else answer("archive")


def answer(question: str) -> str:
    """Return this interpreter's answer: a path, or an inspection as JSON."""
    if question == "archive":
        return libpython_inventory.static_archive()
    found = inspect_process.inspect_interpreter(environment=question == "environment")
    if question == "path":
        return libpython_inventory.library_for_embedding(found.libraries)
    return json.dumps(found.as_json())


def _find_python(python: str) -> str:
    if os.path.isfile(os.path.join(python, "bin", "python")):  # a virtual environment
        return os.path.join(python, "bin", "python")
    if path := shutil.which(python):
        return path
    if os.path.isfile(python):  # a name without a folder would be looked for in PATH
        return python if os.path.dirname(python) else os.path.join(os.curdir, python)
    if os.path.isdir(python):
        raise NothingToInspect(f"no interpreter in this directory: {python}")
    wrong = "not a regular file" if os.path.exists(python) else "no such file"
    raise NothingToInspect(f"{wrong}: {python}")


def _ask(python: str, question: str) -> tuple[str, str]:
    """Return an interpreter's answer and ``""``, or ``""`` and what it said instead."""
    home = os.path.dirname(os.path.dirname(os.path.abspath(no_libpython_dlopen.__file__)))
    code = _THERE.format(home=home, marker=_MARKER, question=question, too_old=_TOO_OLD)
    variables = {name: value for name, value in os.environ.items() if name != "NOLIBPY_GUARD"}
    try:
        result = subprocess.run(
            [python, "-B", "-s", "-E", "-c", code],
            env=variables,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "", f"no answer within {_SECONDS} seconds"
    except OSError as error:
        return "", error.strerror or str(error)
    _, found, text = result.stdout.rpartition(_MARKER)
    if found and result.returncode == 0:
        return text.rstrip("\n"), ""
    if result.returncode < 0:
        return "", f"ended by signal {-result.returncode}"
    if result.returncode == 0:
        return "", "it ends without the answer that a Python interpreter gives"
    lines = result.stderr.strip().splitlines()
    return "", lines[-1].rstrip(".") if lines else f"exit status {result.returncode}"
