"""What another interpreter says of itself when it is asked."""

from __future__ import annotations

import os
import shutil
import subprocess

from no_libpython_dlopen.model.errors import NolibpyError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OLDEST = (3, 10)
_SECONDS = 60


class InterpreterError(NolibpyError):
    """A file is not an interpreter that can be guarded; the text says why."""


def ask(python: str, code: str) -> dict[str, Any]:
    """Return the JSON object that ``code`` prints; its ``version`` is ``sys.version_info[:2]``.

    Raises ``InterpreterError`` for what is not Python 3.10 or later.
    """
    import json

    command = [python, "-I", "-c", code]
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        answer = json.loads(result.stdout)
        version = tuple(answer["version"])
    except OSError as error:
        raise InterpreterError(f"cannot run {python}: {error.strerror}") from None
    except (ValueError, TypeError, KeyError, subprocess.TimeoutExpired):
        raise InterpreterError(f"{python} is not a working Python interpreter") from None
    if version < OLDEST:
        raise InterpreterError(f"{python} is older than Python 3.10")
    found: dict[str, Any] = answer
    return found


def describe(python: str) -> tuple[tuple[int, int], bool]:
    """Return the version of an interpreter, and whether it is the file that is named itself.

    A script that starts Python (pyenv's shims) is not. Raises ``InterpreterError``.
    """
    code = """import os, sys
try: file = os.readlink("/proc/self/exe")
except OSError: file = ""
print('{"version": [%d, %d], "file": "%s"}' % (*sys.version_info[:2], os.fsencode(file).hex()))"""
    answer = ask(python, code)
    major, minor = answer["version"]
    return (major, minor), is_file_of(python, os.fsdecode(bytes.fromhex(answer["file"])))


def is_file_of(python: str, executable: str) -> bool:
    """Return whether a command leads to the file ``executable``."""
    try:
        return os.path.samefile(shutil.which(python) or python, executable)
    except OSError:
        return False
