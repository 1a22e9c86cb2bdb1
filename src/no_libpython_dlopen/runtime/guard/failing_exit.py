"""A process under ``NOLIBPY_GUARD=error`` fails, whatever becomes of the exception.

Programs catch exceptions, and threads and pools keep them. ``nolibpy run`` has a parent
that makes a status of a finding; without one the process itself has to end in another
status than 0. Python is finalized as always first, so nothing that is written is lost:
the last word is a function of the C library's, ``_exit(1)``, called by ``exit(3)``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mmap import mmap


class FailingExit:
    """Whether anything was refused, in this process or a worker that it forked."""

    def __init__(self) -> None:
        self._flag = _shared_byte()

    def demand(self) -> None:
        """Make this process fail, and those that it was forked from."""
        self._flag[0] = 1

    def is_demanded(self) -> bool:
        """Return whether something was refused."""
        return self._flag[0] != 0

    def arrange(self) -> bool:
        """Let the process end in status 1 when Python is finalized; return whether it will.

        It cannot be had where there is no ctypes. The functions called at exit are called in
        reverse order: the streams of C are written first.
        """
        try:
            import ctypes

            library = ctypes.CDLL(None)
            at_exit = library["__cxa_atexit"]  # a name that Python would mangle here
            at_exit.argtypes = (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
            at_exit(ctypes.cast(library._exit, ctypes.c_void_p), 1, None)
            at_exit(ctypes.cast(library.fflush, ctypes.c_void_p), None, None)
        except (ImportError, AttributeError, OSError):
            return False
        return True


def _shared_byte() -> mmap | bytearray:
    """Return one byte, shared with workers that this process forks where that can be had."""
    try:
        from mmap import mmap

        return mmap(-1, 1)
    except (ImportError, OSError):
        return bytearray(1)
