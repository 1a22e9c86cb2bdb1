"""NLP102: libpython is opened only so that its symbols are there."""

from __future__ import annotations

from typing import ClassVar

from no_libpython_dlopen.model.facts import Load
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.rule import FactRule


class LibpythonPreload(FactRule[Load]):
    """libpython is opened for its side effect only.

    ## What it does
    Finds the loads of [NLP101](libpython-load.md) whose result is thrown away or
    never read.

    A name is never read if nothing can read it: a local name, one with a leading
    underscore, one that is only deleted again, or any with `mode=RTLD_GLOBAL`. Another
    module may import any other public name, so its load is reported as NLP101.

    ## Why is this bad?
    Such a preload exists so that an extension module that was wrongly linked to
    libpython finds it. On a statically linked interpreter it maps a second runtime
    beside the running one, or fails where no libpython is installed. The extension
    module has to be repaired: see [NLP301](libpython-needed.md).

    ## Example
    ```python
    import ctypes

    ctypes.CDLL("libpython3.10.so", mode=ctypes.RTLD_GLOBAL)
    import vendor_extension
    ```

    ## Use instead
    ```python
    import vendor_extension
    ```
    after the extension module no longer needs libpython.

    ## Fix safety
    Always unsafe: the statement is deleted, and as long as the extension module is
    not repaired, the preload may be what lets it be imported. One run of
    `nolibpy fix --unsafe-fixes` over this file and the module fixes both. There is no fix
    where the program goes on differently if the library cannot be opened: a handler that
    returns, assigns or exits, or an `else` of the `try`, around a load without `mode=`.

    ## References
    - [PEP 513: manylinux wheels must not link to libpython](https://peps.python.org/pep-0513/#libpythonx-y-so-1)
    """

    code: ClassVar[str] = "NLP102"
    name: ClassVar[str] = "libpython-preload"
    fact: ClassVar[type] = Load
    fixable: ClassVar[str] = "sometimes"

    def judge(self, fact: Load, path: str) -> Finding | None:
        if fact.foreign or fact.used:
            return None
        advice = (
            "run `nolibpy fix --unsafe-fixes` on this file and the module that links libpython"
            if fact.fix
            else "delete it, and fix the module that links libpython"
        )
        message = f"`{fact.loader}` opens `{fact.library}`, but the result is unused; {advice}"
        return self.finding(fact, path, message, fact.library)
