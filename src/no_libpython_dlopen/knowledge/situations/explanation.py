"""An explanation, and the sentences that several situations share.

What is missing, doubled or hidden bears the same name in opposite situations: an extension module
must not need libpython, and a program that embeds Python must.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

#: Program names of interpreters; others embed Python.
_INTERPRETER = re.compile(r"(?:python|pypy)[\d.]*[a-z]*(?:-\S*)?")
_VERSION = re.compile(r"(?:libpython|python|Versions/)(\d\.\d+)")


class Explanation(NamedTuple):
    """One known situation: ``title`` is a sentence, ``cause`` a paragraph, ``steps`` commands.

    ``name`` is stable, for scripts and tests.
    """

    name: str
    title: str
    cause: str
    steps: tuple[str, ...]


def base_name(path: str) -> str:
    """Return the name of a file; the path of one that is called ``Python``, in a framework."""
    base = os.path.basename(path)
    return path if base in {"", "Python", "Python3"} else base


def is_interpreter(path: str) -> bool:
    """Return whether a program is named like a Python interpreter."""
    return not path.endswith(".so") and _INTERPRETER.fullmatch(base_name(path)) is not None


def install_step(library: str) -> str:
    """Return the sentence that says how to install a libpython, with the name's version if any."""
    match = _VERSION.search(library)
    version = match[1] if match else "3.x"
    return (
        f"Install the library: `apt install libpython{version}` (Debian, Ubuntu), `dnf install "
        f"python3-libs` (Fedora), or a Python {version} built with `--enable-shared` "
        "(`PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install`)."
    )


DOCTOR_STEP = (
    "`nolibpy doctor` names every installed module that needs libpython, and the command that "
    "removes the link."
)
