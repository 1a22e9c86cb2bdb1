"""NLP303: an extension module statically links libpython."""

from __future__ import annotations

from typing import ClassVar

from no_libpython_dlopen.model.facts import Embedded, file_name, path_with_member
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.rule import FactRule


class LibpythonEmbedded(FactRule[Embedded]):
    """An extension module statically links libpython.

    ## What it does
    Finds extension modules that *define* the runtime's core symbols (`_PyRuntime`,
    `Py_Initialize`) among their dynamic symbols, as happens when `libpython3.11.a` is on
    the link line of a module. If the linker hid them (`-Wl,--exclude-libs,ALL`), the
    sign is that the module imports no Python symbol but contains the runtime's error
    messages.

    ## Why is this bad?
    The module's calls may bind to its own copy, which is not initialised and whose
    types are not those of the interpreter: it crashes, or works by accident as long as
    the interpreter's own symbols come first in the loader's search order. Nothing in the
    list of needed libraries shows it, so tools that check only that list miss it.

    ## Example
    ```shell
    echo 'void *PyInit_spam(void) { return 0; }' > spam.c
    echo 'int _PyRuntime; void Py_Initialize(void) { _PyRuntime = 1; }' > runtime.c
    gcc -shared -fPIC -o spam.abi3.so spam.c runtime.c
    nolibpy check spam.abi3.so
    ```

    ## Use instead
    ```shell
    echo 'void *PyInit_spam(void) { return 0; }' > spam.c
    gcc -shared -fPIC -o spam.abi3.so spam.c
    nolibpy check spam.abi3.so
    ```

    ## Fix safety
    There is no fix: the module has to be relinked without libpython.

    ## References
    - [auditwheel #23: a statically linked libpython passes](https://github.com/pypa/auditwheel/issues/23)
    """

    code: ClassVar[str] = "NLP303"
    name: ClassVar[str] = "libpython-embedded"
    fact: ClassVar[type] = Embedded
    fixable: ClassVar[str] = "none"

    def judge(self, fact: Embedded, path: str) -> Finding | None:
        symbols = ", ".join(f"`{symbol}`" for symbol in fact.symbols)
        sign = f"defines {symbols}" if symbols else "imports no function of Python"
        module = file_name(path, fact.member)
        return Finding(
            code=self.code,
            message=(
                f"extension module `{module}` {sign}: it statically links a "
                "runtime of its own; link it without libpython's static library"
            ),
            path=path_with_member(path, fact.member),
        )
