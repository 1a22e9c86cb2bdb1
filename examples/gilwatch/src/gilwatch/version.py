"""The interpreter's own idea of its version, through cffi."""

import cffi

ffi = cffi.FFI()
ffi.cdef("const char *Py_GetVersion(void);")
_api = ffi.dlopen("libpython3.so")


def version() -> str:
    """Return what ``Py_GetVersion`` says."""
    return ffi.string(_api.Py_GetVersion()).decode()
