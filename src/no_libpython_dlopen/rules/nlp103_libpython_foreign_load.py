"""NLP103: libpython is opened with something other than ctypes' classes."""

from __future__ import annotations

from typing import ClassVar

from no_libpython_dlopen.model.facts import Load
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.rule import FactRule


class LibpythonForeignLoad(FactRule[Load]):
    """A loader other than ctypes' classes opens libpython.

    ## What it does
    Finds `ffi.dlopen` of cffi, `_ctypes.dlopen`, `numpy.ctypeslib.load_library`,
    `cppyy.load_library` and similar loaders, if the name resolves to libpython.

    ## Why is this bad?
    As with [NLP101](libpython-load.md): on a statically linked interpreter `dlopen()`
    fails or loads a second copy of the runtime.

    ## Example
    ```python
    import cffi

    ffi = cffi.FFI()
    ffi.cdef("const char *Py_GetVersion(void);")
    api = ffi.dlopen("libpython3.11.so")
    print(ffi.string(api.Py_GetVersion()))
    ```

    ## Use instead
    ```python
    import cffi

    ffi = cffi.FFI()
    ffi.cdef("const char *Py_GetVersion(void);")
    api = ffi.dlopen(None)
    print(ffi.string(api.Py_GetVersion()))
    ```

    ## Fix safety
    `ffi.dlopen(None)` opens the process itself. The fix is unsafe: on Windows
    `dlopen(None)` opens the C runtime, which has no Python symbols. The other loaders
    have no counterpart and no fix.

    ## References
    - [cffi: `ffi.dlopen`](https://cffi.readthedocs.io/en/stable/cdef.html#ffi-dlopen-loading-libraries-in-abi-mode)
    """

    code: ClassVar[str] = "NLP103"
    name: ClassVar[str] = "libpython-foreign-load"
    fact: ClassVar[type] = Load
    fixable: ClassVar[str] = "sometimes"

    def judge(self, fact: Load, path: str) -> Finding | None:
        if not fact.foreign:
            return None
        remedy = "dlopen(None)" if fact.loader.startswith("cffi.") else "ctypes.pythonapi"
        message = (
            f"`{fact.loader}` opens `{fact.library}`, not the running interpreter; use `{remedy}`"
        )
        return self.finding(fact, path, message, fact.library)
