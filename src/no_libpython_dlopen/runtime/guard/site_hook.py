"""Turning the guard on for every process of an environment, by one line in one file.

``site`` runs the lines of ``.pth`` files that start with ``import`` in every process.
Ours looks at one environment variable and does nothing where it is unset, so what is
installed costs nothing until somebody asks: ``NOLIBPY_GUARD=warn some-command``.

Python 3.15 deprecates such lines for entry points in a ``.start`` file of the same name,
which takes their place there (PEP 829). An entry point is a function in a module, so one
that does what the line does lies beside it.
"""

from __future__ import annotations

import os
import sys

import no_libpython_dlopen
from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.runtime.guard import interpreter

FILE = "no_libpython_dlopen_guard.pth"
_MODULE = "_no_libpython_dlopen_guard"
START_FILES = {
    "no_libpython_dlopen_guard.start": f"{_MODULE}:start\n",
    f"{_MODULE}.py": "def start():\n    {line}",
}

#: ``os`` is imported already when ``.pth`` files are read.
_START = (
    '__import__("no_libpython_dlopen.runtime.guard.startup", fromlist=["x"]).from_environment()'
)
_LINE = f'import os; os.environ.get("NOLIBPY_GUARD") and {_START}\n'
#: For an environment that lacks the package: from where it is installed, while it is.
_LINE_WITH_PATH = (
    'import os, sys; p = {path!r}; os.environ.get("NOLIBPY_GUARD") and os.path.isdir(p) '
    f"and (sys.path.append(p), {_START}, sys.path.remove(p))\n"
)

#: Asks an interpreter about itself. ``site`` decides which folders' .pth files count.
_QUESTION = """
import importlib.util, json, site, sys, sysconfig
folders = getattr(site, "getsitepackages", list)() or [sysconfig.get_path("purelib")]
print(json.dumps({
    "version": sys.version_info[:2],
    "folder": folders[0],
    "environment": sys.prefix != sys.base_prefix,
    "installed": importlib.util.find_spec("no_libpython_dlopen") is not None,
}))
"""


class SiteHookError(NolibpyError):
    """The environment cannot be asked or changed; the text says why."""


class Environment:
    """An environment whose guard can be switched.

    ``folder`` is its site-packages, ``isolated`` tells a virtual environment from a whole
    interpreter, ``installed`` whether this package can be imported there.
    """

    def __init__(self, python: str) -> None:
        """Ask the interpreter ``python``. Raises ``InterpreterError``."""
        answer = interpreter.ask(python or sys.executable, _QUESTION)
        self.folder: str = answer["folder"]
        self.isolated: bool = answer["environment"]
        self.installed: bool = answer["installed"]
        self.starts: bool = tuple(answer["version"]) >= (3, 15)

    @property
    def file(self) -> str:
        """The path of our ``.pth`` file."""
        return os.path.join(self.folder, FILE)

    def is_enabled(self) -> bool:
        """Return whether our ``.pth`` file is there."""
        return os.path.isfile(self.file)

    def enable(self) -> None:
        """Write the file, and those of PEP 829. Raises ``SiteHookError``."""
        line = _LINE if self.installed else _LINE_WITH_PATH.format(path=_home())
        files = {name: text.format(line=line) for name, text in START_FILES.items() if self.starts}
        for name, text in {**files, FILE: line}.items():
            path = os.path.join(self.folder, name)
            try:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
            except OSError as error:
                raise SiteHookError(f"cannot write {path}: {error.strerror}") from None

    def disable(self) -> bool:
        """Take the files away; return whether there were any. Raises ``SiteHookError``."""
        was_enabled = self.is_enabled()
        for name in (FILE, *START_FILES):
            path = os.path.join(self.folder, name)
            try:
                os.unlink(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise SiteHookError(f"cannot remove {path}: {error.strerror}") from None
        return was_enabled


def _home() -> str:
    """Return the folder that holds this package."""
    return os.path.dirname(os.path.dirname(os.path.abspath(no_libpython_dlopen.__file__)))
