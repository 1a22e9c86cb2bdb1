"""NLP302: a wheel ships a copy of libpython and an extension module in it needs the copy."""

from __future__ import annotations

from typing import ClassVar

from no_libpython_dlopen.model.facts import Bundled
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.rule import FactRule


class LibpythonBundled(FactRule[Bundled]):
    """An archive ships its own libpython for an extension module.

    ## What it does
    Finds a libpython in a wheel or another archive that an extension module of the same
    archive needs, outright or through another library: `pkg.libs/libpython3-4f2b1c9e.13t.so.1.0`
    as auditwheel grafts it, `pkg/.dylibs/Python` as delocate does. A copy that only
    programs need, as archives of a whole Python have one, is not reported.

    ## Why is this bad?
    The copy has a name of its own, so it is mapped beside the running interpreter on
    *every* Python, linked statically or not. There are then two runtimes in the process:
    two sets of types, two GILs, and one of them never initialised.

    ## Example
    ```shell
    echo 'void *PyInit_spam(void) { return 0; }' > spam.c
    echo 'int Py_IsInitialized(void) { return 0; }' > runtime.c
    mkdir spam.libs
    gcc -shared -fPIC -Wl,-soname,libpython3-4f2b1c9e.13t.so.1.0 \\
        -o spam.libs/libpython3-4f2b1c9e.13t.so.1.0 runtime.c
    gcc -shared -fPIC -Wl,--no-as-needed -o spam.abi3.so spam.c \\
        -Lspam.libs -l:libpython3-4f2b1c9e.13t.so.1.0
    python -m zipfile -c spam-1.0-cp313-cp313t-linux_x86_64.whl spam.abi3.so spam.libs
    nolibpy check spam-1.0-cp313-cp313t-linux_x86_64.whl
    ```

    ## Use instead
    ```shell
    echo 'void *PyInit_spam(void) { return 0; }' > spam.c
    gcc -shared -fPIC -o spam.abi3.so spam.c
    python -m zipfile -c spam-1.0-cp313-cp313t-linux_x86_64.whl spam.abi3.so
    nolibpy check spam-1.0-cp313-cp313t-linux_x86_64.whl
    ```

    ## Fix safety
    There is no fix of the archive: build the extension without `-lpython…` and repair the
    wheel again, or repair it with `auditwheel repair --exclude 'libpython3*'`. Once
    [NLP301](libpython-needed.md) is fixed in the modules, nothing needs the copy any more
    and it is only dead weight.

    ## References
    - [PEP 513: manylinux wheels must not link to libpython](https://peps.python.org/pep-0513/#libpythonx-y-so-1)
    """

    code: ClassVar[str] = "NLP302"
    name: ClassVar[str] = "libpython-bundled"
    fact: ClassVar[type] = Bundled
    fixable: ClassVar[str] = "none"

    def judge(self, fact: Bundled, path: str) -> Finding | None:
        first, *others = fact.modules
        modules = f"`{first}`" + (f" and {len(others)} more" if others else "")
        copy = fact.member.rpartition("/")[2]
        return Finding(
            code=self.code,
            message=(
                f"`{copy}` is a second Python runtime, shipped for {modules}: it is mapped "
                "beside the running interpreter; link them without it"
            ),
            path=f"{path}!{fact.member}",
            resolved=", ".join(fact.libraries),
        )
