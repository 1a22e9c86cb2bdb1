"""How much memory does the small-object allocator hold?"""

import ctypes
import ctypes.util

# Our accelerator module was linked against libpython; it wants the symbols to be there.
ctypes.CDLL(ctypes.util.find_library("python3.11"), mode=ctypes.RTLD_GLOBAL)


def allocated_blocks() -> int:
    """Return the number of memory blocks in use."""
    api = ctypes.cdll.LoadLibrary(ctypes.util.find_library("python3.11"))
    api._Py_GetAllocatedBlocks.restype = ctypes.c_ssize_t
    return api._Py_GetAllocatedBlocks()
