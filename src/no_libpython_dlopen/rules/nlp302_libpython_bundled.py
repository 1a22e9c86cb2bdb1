"""NLP302: a wheel ships a copy of libpython and an extension module in it needs the copy."""

from __future__ import annotations

from typing import ClassVar

from no_libpython_dlopen.model.facts import Bundled, file_name, path_with_member
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.rule import FactRule


class LibpythonBundled(FactRule[Bundled]):
    """An archive ships its own libpython for an extension module.

    ## What it does
    Finds a libpython in a wheel or another archive that an extension module of the same
    archive needs, directly or through another library: `pkg.libs/libpython3-4f2b1c9e.13t.so.1.0`
    as grafted by auditwheel, `pkg/.dylibs/Python` as copied by delocate. A copy that only
    programs need is not reported, nor one that the interpreter in the archive is linked to, as in
    images of a Python that needs libpython. If the archive has no interpreter, the copy of a
    program that embeds Python is not reported either.

    ## Why is this bad?
    The copy has a name of its own, so it is loaded as a second runtime on *every* Python,
    statically linked or not. The process then has two sets of types and two GILs, and one
    of the runtimes is never initialised.

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
    There is no fix of the archive: build the extension module without `-lpython…` and
    repair the wheel again, or repair it with `auditwheel repair --exclude 'libpython3*'`.
    Once [NLP301](libpython-needed.md) is fixed in the modules, the copy is unused.

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
        copy = file_name(path, fact.member)
        return Finding(
            code=self.code,
            message=(
                f"`{copy}` is a second Python runtime, shipped for {modules}: it is mapped "
                "beside the running interpreter; link them without it"
            ),
            path=path_with_member(path, fact.member),
            resolved=", ".join(fact.libraries),
        )
