"""NLP101: ctypes opens libpython by name and the program uses what it opened."""

from __future__ import annotations

from typing import ClassVar

from no_libpython_dlopen.model.facts import Load
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.rule import FactRule


class LibpythonLoad(FactRule[Load]):
    """A ctypes call opens libpython by name.

    ## What it does
    Finds `ctypes.CDLL`, `ctypes.PyDLL`, `ctypes.cdll.LoadLibrary`, `ctypes.pydll["…"]`
    and every alias or subclass of them, where the library's name resolves to libpython
    and the result is used.

    ## Why is this bad?
    The code expects the interpreter that runs it. Where `bin/python` is linked statically
    (Debian, uv, and conda on Linux and macOS), `dlopen()` fails or loads a *second copy* of the
    runtime: objects have other types, the GIL is another lock, and the process crashes or hangs
    later, somewhere else. Where Python is linked dynamically, a soname or an absolute path other
    than that of its own library opens the system's copy, with the same result.
    `ctypes.pythonapi` is the running interpreter on every platform.

    ## Example
    ```python
    import ctypes

    api = ctypes.PyDLL("libpython3.11.so.1.0")
    api.PyErr_Clear()
    ```

    ## Use instead
    ```python
    import ctypes

    api = ctypes.pythonapi
    api.PyErr_Clear()
    ```

    ## Fix safety
    There are two forms. If only functions of the library are called, the load becomes
    `ctypes.pythonapi`. If that could change something, it becomes a *private view*, which
    opens nothing either:

    ```text
    ctypes.CDLL("libpython3.11.so", handle=ctypes.pythonapi._handle)
    ```

    The view is a library object of its own, of the same class, name and options. It is chosen
    for:

    - prototypes (`restype`, `argtypes`, `errcheck`) on its functions or on those of
      `ctypes.pythonapi`;
    - `use_errno=`, `use_last_error=`, `winmode=`, `_name` and `isinstance`;
    - a library that is exported, stored or passed on;
    - an argument with side effects;
    - through `ctypes.CDLL`, functions that block, that take the thread state away, or that are
      not Python's.

    Both forms are **safe**. With `--unsafe-fixes` most views become `ctypes.pythonapi`, too.

    A safe fix takes the library that the program names for that of the Python which runs it. One
    answer tells them apart on a machine where the name means another version: the text of
    `Py_GetVersion`, `Py_GetBuildInfo` and `Py_GetCompiler` is that of the running Python
    afterwards. Such a load is the failure that the fix removes, so it stays safe, unless the file
    also asks the running Python for its version and may compare the two.

    The fix is **unsafe** for:

    - `mode=` and `_handle`;
    - a handler or context manager around the load, or around a call that leads to it, which may
      catch `OSError`; an `or` after it;
    - what depends on the copy of the runtime: `Py_IsInitialized`, `PyGILState_Check`, its
      variables, a comparison with `ctypes.pythonapi`;
    - other versions of libpython in the file, or a private copy;
    - a loader that the file mocks;
    - a comment inside the call.

    Module-level imports that only the load has used, such as `find_library` or `sysconfig`,
    stay: other modules may import these names from this one, and tests may replace them there.
    `ruff check --select F401 --fix` deletes them if nothing re-exports them.

    There is **no fix** where several candidates are probed, where a second interpreter may be
    meant (`Py_Initialize`, `Py_Finalize`, `Py_Main`, `Py_SetPythonHome`, `PyEval_SaveThread` and
    similar functions), where the load is the fallback for `ctypes.pythonapi`, or where the file
    replaces `ctypes.pythonapi`.

    ## References
    - [ctypes: `pythonapi`](https://docs.python.org/3/library/ctypes.html#ctypes.pythonapi)
    - [gh-133312: `--enable-static-libpython-for-interpreter`](https://github.com/python/cpython/issues/133312)
    """

    code: ClassVar[str] = "NLP101"
    name: ClassVar[str] = "libpython-load"
    fact: ClassVar[type] = Load
    fixable: ClassVar[str] = "sometimes"

    def judge(self, fact: Load, path: str) -> Finding | None:
        if fact.foreign or not fact.used:
            return None
        message = f"`{fact.loader}` opens `{fact.library}`; use `ctypes.pythonapi`"
        return self.finding(fact, path, message, fact.library)
