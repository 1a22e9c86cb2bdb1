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
    `libpython3.x.so` if it reaches the linker command of an extension module: in
    `setup.py`, `setup.cfg`, `pyproject.toml`, Cython's directives, CMake, Meson,
    Make, shell scripts, Dockerfiles, Automake, SCons, Waf, Bazel and Cargo, and in the
    commands of workflows, package recipes, `tox.ini` and Python code. Links that are
    required are not reported: those of programs and libraries that embed Python, and
    those in branches for Windows, Cygwin, Android or iOS. Nor is `python311` without a dot,
    the Windows import library.

    ## Why is this bad?
    Since Python 3.8 an extension module resolves Python's symbols from the process that
    imports it. A module that also needs `libpython3.x.so` cannot be imported if that
    file is not found. If a statically linked interpreter (Debian,
    uv, and conda on Linux and macOS) does find it, it loads a second
    copy of the runtime, which crashes or hangs the process. The manylinux policies
    forbid the link.

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
    The flag or item is deleted; an emptied Python list stays `[]`, an emptied CMake command
    is deleted, too. If a makefile tests for Windows or macOS, the fix uses that test to keep
    the flag for Windows.

    - **Safe** if the build system passes `-undefined dynamic_lookup` to the macOS linker
      (setuptools, pybind11, nanobind, FindPython, Meson).
    - **Unsafe** otherwise, since that option may have to replace the flag; and if the deleted
      text contains a comment.
    - **Unsafe** in `build.rs`, unless the line is for the `cdylib` alone
      (`cargo:rustc-cdylib-link-arg`): what `cargo test` builds may need the link.
    - **Unsafe** if the linker forbids undefined symbols (`-Wl,--no-undefined`, `-z defs`): the
      fix deletes that flag as well; CMake undoes it for the module alone.
    - **No fix** if a program uses the same variable, or if the flag comes from a helper that
      others call.

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
        return self.finding(fact, path, message)
