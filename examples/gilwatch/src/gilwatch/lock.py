"""Who holds the lock?"""

import ctypes
import sys

_NAME = f"libpython3.{sys.version_info[1]}.so.1.0"
_api = ctypes.PyDLL(_NAME)


def holds_gil() -> bool:
    """Tell whether the calling thread holds the GIL."""
    return bool(_api.PyGILState_Check())


def pending_calls() -> None:
    """Run the calls that other threads have queued."""
    if _api.Py_MakePendingCalls() != 0:
        raise RuntimeError("a pending call failed")
