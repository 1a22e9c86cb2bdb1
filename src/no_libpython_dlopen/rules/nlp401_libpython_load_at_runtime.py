"""NLP401: the runtime guard saw libpython being opened."""

from __future__ import annotations

from typing import ClassVar

from no_libpython_dlopen.model.rule import Rule


class LibpythonLoadAtRuntime(Rule):
    """A running program opens libpython by name.

    ## What it does
    The runtime guard (`nolibpy run`, `NOLIBPY_GUARD=warn` after `nolibpy guard enable`,
    `pytest --nolibpy=warn`, `no_libpython_dlopen.runtime.install()`) warns with a
    `LibpythonWarning`, which is a `DeprecationWarning`, at the line that opens libpython
    through ctypes, before it is mapped. A load that raises no audit event, such as cffi's
    `dlopen`, is detected among the files mapped into the process, afterwards or at exit.

    ## Why is this bad?
    The warning says which of three things the name leads to: the library that the
    interpreter runs from, a *second copy* of the runtime, or nothing. With a second
    copy, objects have other types and the GIL is another lock; the process crashes or
    hangs later, somewhere else. Which of the three it is depends on how Python was built,
    not on the program: see [NLP101](libpython-load.md).

    `error while loading shared libraries: libpython3.x.so.1.0` at the start of a program
    looks similar but has another cause: a program that embeds Python, or a dynamically
    linked interpreter that was moved or is started through a wrapper, needs its library
    and does not find it. `nolibpy doctor --python PROGRAM` reports which it is.

    ## Example
    ```python
    import ctypes

    ctypes.CDLL("libpython3.11.so.1.0").Py_GetVersion()
    ```

    ## Use instead
    ```python
    import ctypes

    ctypes.pythonapi.Py_GetVersion()
    ```
    A program that runs a second runtime on purpose allows it with `with
    no_libpython_dlopen.runtime.allow():`, `nolibpy run --allow PATTERN`, or
    `NOLIBPY_ALLOW`.

    ## Fix safety
    There is no fix for a load seen at run time. `nolibpy fix` fixes the code if
    `nolibpy check` finds it.

    ## References
    - [ctypes: `pythonapi`](https://docs.python.org/3/library/ctypes.html#ctypes.pythonapi)
    - [PEP 578: audit hooks](https://peps.python.org/pep-0578/)
    """

    code: ClassVar[str] = "NLP401"
    name: ClassVar[str] = "libpython-load-at-runtime"
    fixable: ClassVar[str] = "none"
    suppressions_are_checked: ClassVar[bool] = False
