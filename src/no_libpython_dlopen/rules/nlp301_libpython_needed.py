"""NLP301: a built extension module asks the loader for libpython."""

from __future__ import annotations

from typing import ClassVar

from no_libpython_dlopen.model.facts import Needed, file_name, path_with_member
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.rule import FactRule


class LibpythonNeeded(FactRule[Needed]):
    """A built extension module needs libpython.

    ## What it does
    Finds extension modules whose dynamic section (ELF, `DT_NEEDED`) or load commands
    (Mach-O) name libpython: single files, and all members of wheels, packages, images and
    other archives, whether `RECORD` lists them or not. A file is an
    extension module if it is named like one (`.cpython-312-x86_64-linux-gnu.so`,
    `.abi3.so`) or defines `PyInit_…`.

    A module that needs a library of its own package which needs libpython is reported,
    too, with the name of that library. So is a library that no module or program of a wheel
    needs, in a wheel for one version of CPython: Python opens it at run time, as
    `tf.load_op_library` and ctypes do. Links that are required are not reported: those
    of programs, of libraries that embed Python, and of files for Windows, Cygwin,
    Android or iOS. A library that embeds Python and also defines a module by whose name it
    is installed (`libspam.so` with `PyInit_libspam`) is reported without a fix: build the module
    without what starts Python.

    ## Why is this bad?
    The interpreter that imports a module *is* the runtime. If it is statically linked
    (Debian, uv, and conda on Linux and macOS), the loader either does
    not find the library and the import fails, or it loads an installed copy as a second
    runtime, with its own types and its own state. A module for the stable ABI that needs
    `libpython3.11.so.1.0` loads a second runtime on every Python but 3.11.

    ## Example
    ```shell
    echo 'void *PyInit_spam(void) { return 0; }' > spam.c
    echo 'int Py_IsInitialized(void) { return 0; }' > runtime.c
    gcc -shared -fPIC -Wl,-soname,libpython3.11.so.1.0 -o libpython3.11.so runtime.c
    gcc -shared -fPIC -Wl,--no-as-needed -o spam.abi3.so spam.c -L. -lpython3.11
    nolibpy check spam.abi3.so
    ```

    ## Use instead
    ```shell
    echo 'void *PyInit_spam(void) { return 0; }' > spam.c
    gcc -shared -fPIC -o spam.abi3.so spam.c
    nolibpy check spam.abi3.so
    ```

    ## Fix safety
    The entry is removed in place. The file keeps its size and every byte outside the dynamic
    section. A wheel keeps the order, names, times and compression of its members; `RECORD` is
    updated, and signatures of it (`RECORD.jws`, `RECORD.p7s`), which are no longer valid, are
    removed. All entries by which a module needs libpython are removed together, or none.

    - **Safe** if the module itself has the entry, and no file of the wheel, or of the directories
      around the module, says that something other than Python loads it.
    - **Unsafe** if the entry, or another one, is in a library of the same wheel, which a program
      that embeds Python might load, too.
    - **Unsafe** if the module has the name of a function that starts Python (`Py_InitializeEx`)
      among its strings, or a part of such a name (`Py_%s`), as an argument of `dlsym`.
    - **Unsafe** if a script, a settings file or a string in source code names the module's file,
      a file has libraries preloaded (`LD_PRELOAD`), or a program without a libpython opens
      libraries (`dlopen`).
    - **No fix** if an entry is in a library outside of the wheel or of the file.
    - **No fix** if `DT_VERNEED`, `DT_FILTER` or `DT_AUXILIARY` references libpython: the loader
      would then refuse the module, or map libpython all the same.
    - **No fix** for a module that starts an interpreter itself (`Py_Initialize`,
      `PyImport_AppendInittab`, `Py_NewInterpreter`), as plug-ins of other programs do.
    - **No fix** for a module through which a program, or a library that starts Python, gets
      libpython, or may get it: one that looks up or calls what starts Python, and has no
      libpython of its own.
    - **No fix** for a symbolic link to a file of another name, which programs may load; for
      Mach-O, where symbols refer to libraries by number; and for archives other than wheels and
      eggs.

    ## References
    - [PEP 513: manylinux wheels must not link to libpython](https://peps.python.org/pep-0513/#libpythonx-y-so-1)
    - [Python 3.8: extensions are no longer linked to libpython](https://docs.python.org/3/whatsnew/3.8.html#debug-build-uses-the-same-abi-as-release-build)
    """

    code: ClassVar[str] = "NLP301"
    name: ClassVar[str] = "libpython-needed"
    fact: ClassVar[type] = Needed
    fixable: ClassVar[str] = "sometimes"

    def judge(self, fact: Needed, path: str) -> Finding | None:
        libraries = ", ".join(f"`{library}`" for library in fact.libraries)
        module = file_name(path, fact.member)
        what = "library" if fact.library else "extension module"
        through = f" through `{fact.through}`" if fact.through else ""
        return Finding(
            code=self.code,
            message=f"{what} `{module}` needs {libraries}{through}: {fact.fails_on}",
            path=path_with_member(path, fact.member),
            fix=fact.fix,
            resolved=", ".join(fact.libraries),
            no_fix_reason=fact.no_fix_reason,
        )
