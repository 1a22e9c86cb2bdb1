"""A program to run under the guard: ``nolibpy run examples/guarded_service.py``."""

import ctypes
import sys


def release_lock_statistics() -> str:
    """Pretend to report something that only the interpreter knows."""
    api = ctypes.PyDLL("libpython3.{}.so.1.0".format(sys.version_info.minor))
    return f"holds the lock: {bool(api.PyGILState_Check())}"


def main() -> None:
    print("service starts")
    try:
        print(release_lock_statistics())
    except OSError as error:
        print("no statistics:", error)
    print("service ends")


if __name__ == "__main__":
    main()
