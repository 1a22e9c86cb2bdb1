"""NLP201: a build file names libpython on the link line of an extension module."""

from __future__ import annotations

from typing import ClassVar

from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.rule import FactRule


class LibpythonLinkFlag(FactRule[Link]):
    """A build file links an extension module to libpython by name.

    ## What it does
    Finds `-lpython3.x`, `libraries=["python3.x"]`, `python3.x` or a path to
    `libpython3.x.so` where it reaches the link line of an extension module: in
    `setup.py`, `setup.cfg`, `pyproject.toml`, Cython's header comments, CMake, Meson,
    Make, shell scripts, Dockerfiles, Automake, SCons, Bazel and Cargo. Programs and
    libraries that embed Python, and branches for Windows, Cygwin or Android, which
    need the link, are silent; so is `python311` without a dot, the Windows import
    library.

    ## Why is this bad?
    Since Python 3.8 an extension module takes Python's symbols from the process that
    imports it. A module that asks for `libpython3.x.so` as well cannot be imported
    where no such file is found, and on a statically linked interpreter (Debian,
    python-build-standalone and so uv, conda on macOS) that does find one it maps a
    second copy of the runtime, which crashes or hangs the process. The manylinux
    policies forbid the link.

    ## Example
    ```python
    from setuptools import Extension, setup

    setup(
        name="fastsum",
        ext_modules=[Extension("fastsum", ["fastsum.c"], libraries=["m", "python3.11"])],
    )
    ```

    ## Use instead
    ```python
    from setuptools import Extension, setup

    setup(
        name="fastsum",
        ext_modules=[Extension("fastsum", ["fastsum.c"], libraries=["m"])],
    )
    ```

    ## Fix safety
    The flag or item is deleted; an emptied Python list stays `[]`, an emptied CMake
    command goes away. Safe where the build system itself tells the macOS linker that
    symbols come later (setuptools, pybind11, nanobind, FindPython, Meson). Unsafe
    elsewhere, since there `-undefined dynamic_lookup` may have to take the flag's
    place on macOS, and where a comment stands inside the deleted range. There is no
    fix where a program uses the same variable, or where the flag comes out of a
    helper that others call.

    ## References
    - [What's new in Python 3.8: build changes](https://docs.python.org/3/whatsnew/3.8.html#debug-build-uses-the-same-abi-as-release-build)
    - [PEP 513: manylinux wheels must not link to libpython](https://peps.python.org/pep-0513/#libpythonx-y-so-1)
    - [PEP 738: Android, where the link is needed](https://peps.python.org/pep-0738/)
    """

    code: ClassVar[str] = "NLP201"
    name: ClassVar[str] = "libpython-link-flag"
    fact: ClassVar[type] = Link
    fixable: ClassVar[str] = "sometimes"

    def judge(self, fact: Link, path: str) -> Finding | None:
        if fact.embedding:
            return None
        module = f"extension module `{fact.target}`" if fact.target else "an extension module"
        message = f"`{fact.spelled}` links {module} to libpython; delete it"
        if fact.preloaded:
            message = (
                f"`{fact.spelled}` is preloaded into Python, which has a runtime of its own; "
                "build the module that needs it without the link"
            )
        return Finding(
            code=self.code,
            message=message,
            path=path,
            start=fact.start,
            end=fact.end,
            fix=fact.fix,
            noqa_row=fact.start.row,
            no_fix_reason=fact.no_fix_reason,
            related=fact.related,
        )
