"""NLP202: an extension module is built with the settings of a program that embeds Python."""

from __future__ import annotations

from typing import ClassVar

from no_libpython_dlopen.model.facts import Link
from no_libpython_dlopen.model.finding import Finding
from no_libpython_dlopen.model.rule import FactRule


class EmbeddingLink(FactRule[Link]):
    """An extension module is linked as if it embedded Python.

    ## What it does
    Finds targets, variables and options made for programs that embed Python, if they
    are used for an extension module: `Python3::Python`,
    `${Python3_LIBRARIES}`, `${PYTHON_LIBRARIES}`, `pybind11::embed`,
    `pybind11_add_module(… SHARED …)`, `embed: true`, `python3-embed`,
    `python3-config --embed`, and sysconfig's `LDLIBRARY` and `BLDLIBRARY`.
    sysconfig's `LIBPYTHON` (empty if no link is needed) and `Python3::Module` are right
    for modules and are not reported.

    ## Why is this bad?
    All of these add libpython to the linker command. The extension module then fails to
    import if that file is missing, or loads a second copy of the runtime into a
    statically linked interpreter. See [NLP201](libpython-link-flag.md).

    ## Example
    ```cmake
    cmake_minimum_required(VERSION 3.18)
    project(tally C)
    find_package(Python3 COMPONENTS Interpreter Development REQUIRED)
    Python3_add_library(tally MODULE tally.c)
    target_link_libraries(tally PRIVATE Python3::Python)
    ```

    ## Use instead
    ```cmake
    cmake_minimum_required(VERSION 3.18)
    project(tally C)
    find_package(Python3 COMPONENTS Interpreter Development.Module REQUIRED)
    Python3_add_library(tally MODULE tally.c)
    target_link_libraries(tally PRIVATE Python3::Module)
    ```

    ## Fix safety
    - **Safe**: the setting is replaced by its counterpart for extension modules
      (`Python3::Module`, `pybind11::module`, no `--embed`, no `embed: true`). On Windows it
      still links the import library. If the project allows a CMake without `Python3::Module`
      (before 3.15), a generator expression tests for it. `Development` becomes
      `Development.Module` if nothing else in the project embeds Python and CMake 3.18 is
      required, unless the project reads `Python3_Development_FOUND`.
    - **Safe**: `${PYTHON_LIBRARIES}`, which has no counterpart, is deleted if pybind11 or
      nanobind links what is needed.
    - **Unsafe** elsewhere: `${PYTHON_LIBRARIES}` moves into an `if` for Windows, Cygwin and
      Android, with `-undefined dynamic_lookup` for macOS.
    - **Unsafe** in Automake and libtool: variables that configure sets, such as
      `$(PYTHON_LIBS)`, may contain other libraries. They are deleted, or moved with
      `-no-undefined` under the project's own conditional for Windows.
    - **Unsafe** if a file of the project has the linker forbid undefined symbols: where the fix
      knows the flag, it also lets the module leave some undefined.
    - **Unsafe** for what other projects get by an exported target.
    - **No fix** for `SHARED` (other targets may link the library), in a function or macro that
      links targets defined elsewhere, or if a program uses the same variable or links the
      library itself.

    ## References
    - [CMake: FindPython3](https://cmake.org/cmake/help/latest/module/FindPython3.html)
    - [pybind11: build systems](https://pybind11.readthedocs.io/en/stable/compiling.html)
    - [Meson: `dependency(embed:)`](https://mesonbuild.com/Python-module.html)
    - [gh-92158: an extension built with `--embed` crashes](https://github.com/python/cpython/issues/92158)
    """

    code: ClassVar[str] = "NLP202"
    name: ClassVar[str] = "embedding-link"
    fact: ClassVar[type] = Link
    fixable: ClassVar[str] = "sometimes"

    def judge(self, fact: Link, path: str) -> Finding | None:
        if not fact.embedding:
            return None
        module = f"extension module `{fact.target}`" if fact.target else "an extension module"
        fixed = fact.fix.message if fact.fix is not None else "delete"
        advice = "delete it" if fixed.startswith("delete") else fixed
        advice = f"use `{fact.instead}`" if fact.instead else advice
        message = f"`{fact.spelled}` links {module} to libpython as if it embedded Python; {advice}"
        return self.finding(fact, path, message)
