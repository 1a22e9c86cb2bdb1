"""What another interpreter says of itself when it is asked."""

from __future__ import annotations

import json
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


def version_of(python: str) -> tuple[int, int]:
    """Return the version of an interpreter. Raises ``InterpreterError``."""
    code = "import sys; print('{\"version\": [%d, %d]}' % sys.version_info[:2])"
    major, minor = ask(python, code)["version"]
    return major, minor
