"""NLP402: the runtime guard saw an extension module imported that needs libpython."""

from __future__ import annotations

from typing import ClassVar

from no_libpython_dlopen.model.rule import Rule


class LibpythonNeededAtRuntime(Rule):
    """A running program imports an extension module that needs libpython.

    ## What it does
    The runtime guard reads the libraries that an extension module needs (`DT_NEEDED` on
    ELF, load commands on macOS) before they are mapped, and warns at the line of the
    import. Modules whose *dependencies* need libpython, and libraries that ctypes opens,
    are reported, too.

    ## Why is this bad?
    On a statically linked interpreter the import fails (`ImportError: libpython3.x.so.1.0:
    cannot open shared object file`), or loads a second copy of the runtime if a libpython
    is installed: see [NLP301](libpython-needed.md), which finds the same in a built wheel.
    An extension module resolves the runtime's symbols from the interpreter that imports
    it and needs no library for them (PEP 513).

    `undefined symbol: Py…` or `_Py…` in an import looks similar but is the opposite: an
    extension module for another version of Python, or an interpreter whose executable
    does not export its symbols. Linking to libpython does not fix it.
    `error while loading shared libraries: libpython3.x.so.1.0` names a *program* that
    embeds Python, or an interpreter that does not find its own library; `nolibpy doctor
    --python PROGRAM` inspects it.

    ## Example
    ```toml
    # pyproject.toml of the extension
    [[tool.setuptools.ext-modules]]
    name = "fast"
    sources = ["fast.c"]
    libraries = ["python3.11"]
    ```

    ## Use instead
    ```toml
    # pyproject.toml of the extension
    [[tool.setuptools.ext-modules]]
    name = "fast"
    sources = ["fast.c"]
    ```
    For a third-party wheel, `nolibpy fix WHEEL` removes the entry.

    ## Fix safety
    There is no fix for an import seen at run time; see [NLP301](libpython-needed.md).

    ## References
    - [PEP 513: `libpythonX.Y.so.1`](https://peps.python.org/pep-0513/#libpythonx-y-so-1)
    - [PEP 578: audit hooks](https://peps.python.org/pep-0578/)
    """

    code: ClassVar[str] = "NLP402"
    name: ClassVar[str] = "libpython-needed-at-runtime"
    fixable: ClassVar[str] = "none"
    suppressions_are_checked: ClassVar[bool] = False
