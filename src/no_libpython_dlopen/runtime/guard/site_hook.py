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

#: ``os`` is imported already when ``.pth`` files are read. What follows is a text, which costs
#: less to compile than code does; it is ASCII, since a ``.pth`` file may be read as latin-1.
_LINE = 'import os; os.environ.get("NOLIBPY_GUARD") and exec({code!a})\n'
_START = (
    '__import__("no_libpython_dlopen.runtime.guard.startup", fromlist=["x"]).from_environment()'
)
#: For an environment that lacks the package: from where it is installed, while it is.
_START_FROM = (
    "import os, sys; p = {path!a}; "
    f"os.path.isdir(p) and (sys.path.append(p), {_START}, sys.path.remove(p))"
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

    def is_current(self) -> bool:
        """Return whether the files are those that ``enable`` writes."""
        return all(_read(path) == content for path, content in self._contents().items())

    def enable(self) -> None:
        """Write the file, and those of PEP 829. Raises ``SiteHookError``."""
        for path, content in self._contents().items():
            _write(path, content)

    def _contents(self) -> dict[str, bytes]:
        """Return the content of the files, by path. The ``.pth`` file, which turns them on, is last."""
        line = _LINE.format(code=_START if self.installed else _START_FROM.format(path=_home()))
        texts = {name: text.format(line=line) for name, text in START_FILES.items() if self.starts}
        texts[FILE] = line
        return {os.path.join(self.folder, name): text.encode() for name, text in texts.items()}

    def disable(self) -> bool:
        """Take the files away; return whether there were any. Raises ``SiteHookError``."""
        was_enabled = False
        for name in (FILE, *START_FILES):
            path = os.path.join(self.folder, name)
            try:
                os.unlink(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise SiteHookError(f"cannot remove {path}: {error.strerror}") from None
            was_enabled = True
        return was_enabled


def _write(path: str, content: bytes) -> None:
    """Write a file whole or not at all. Raises ``SiteHookError``."""
    from no_libpython_dlopen.files.atomic_write import WriteRefused, write_file

    try:
        write_file(path, lambda file: file.write(content))
    except WriteRefused as refused:
        raise SiteHookError(f"{path}: {refused}") from None


def _read(path: str) -> bytes:
    """Return the content of a file, empty if it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def _home() -> str:
    """Return the folder that holds this package."""
    return os.path.dirname(os.path.dirname(os.path.abspath(no_libpython_dlopen.__file__)))
