"""Turning the guard on for every process of an environment, by one line in one file.

``site`` runs the lines of ``.pth`` files that start with ``import`` in every process.
Ours looks at one environment variable and does nothing where it is unset, so what is
installed costs nothing until somebody asks: ``NOLIBPY_GUARD=warn some-command``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import no_libpython_dlopen
from no_libpython_dlopen.model.errors import NolibpyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

FILE = "no_libpython_dlopen_guard.pth"

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
        """Ask the interpreter ``python``. Raises ``SiteHookError``."""
        answer = _ask(python)
        if tuple(answer["version"]) < (3, 10):
            raise SiteHookError(f"{python} is older than Python 3.10")
        self.folder: str = answer["folder"]
        self.isolated: bool = answer["environment"]
        self.installed: bool = answer["installed"]

    @property
    def file(self) -> str:
        """The path of our ``.pth`` file."""
        return os.path.join(self.folder, FILE)

    def is_enabled(self) -> bool:
        """Return whether our ``.pth`` file is there."""
        return os.path.isfile(self.file)

    def enable(self) -> None:
        """Write the file. Raises ``SiteHookError``."""
        line = _LINE if self.installed else _LINE_WITH_PATH.format(path=_home())
        try:
            with open(self.file, "w", encoding="utf-8") as file:
                file.write(line)
        except OSError as error:
            raise SiteHookError(f"cannot write {self.file}: {error.strerror}") from None

    def disable(self) -> bool:
        """Take the file away; return whether there was one. Raises ``SiteHookError``."""
        try:
            os.unlink(self.file)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise SiteHookError(f"cannot remove {self.file}: {error.strerror}") from None
        return True


def _home() -> str:
    """Return the folder that holds this package."""
    return os.path.dirname(os.path.dirname(os.path.abspath(no_libpython_dlopen.__file__)))


def _ask(python: str) -> dict[str, Any]:
    command = [python or sys.executable, "-I", "-c", _QUESTION]
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        answer: dict[str, Any] = json.loads(result.stdout)
    except OSError as error:
        raise SiteHookError(f"cannot run {command[0]}: {error.strerror}") from None
    except (ValueError, subprocess.TimeoutExpired):
        raise SiteHookError(f"{command[0]} is not a working Python interpreter") from None
    return answer
