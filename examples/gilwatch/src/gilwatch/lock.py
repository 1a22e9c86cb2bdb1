"""What waits for the lock, and how deep calls may go."""

import ctypes
import sys

_NAME = f"libpython3.{sys.version_info[1]}.so.1.0"
_api = ctypes.PyDLL(_NAME)


def recursion_limit() -> int:
    """Return how deeply calls may nest."""
    return int(_api.Py_GetRecursionLimit())


def pending_calls() -> None:
    """Run the calls that other threads have queued."""
    if _api.Py_MakePendingCalls() != 0:
        raise RuntimeError("a pending call failed")
