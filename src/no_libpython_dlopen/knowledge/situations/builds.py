"""The situations in which a build, or a tool that looks for libpython, complains of it."""

from __future__ import annotations

import re

from no_libpython_dlopen.knowledge.situations.explanation import (
    Explanation,
    base_name,
    install_step,
)


def explain_link_error(match: re.Match[str]) -> Explanation:
    """Return the explanation of a link to a libpython that is not there."""
    return Explanation(
        "linker-finds-no-libpython",
        f"The linker does not find `{match['name']}`, which a build asks for.",
        "Build settings name the directory of Python's configuration (LIBDIR), which does not "
        "exist in relocated builds (`/install/lib` of uv's Pythons), or a Python without a shared "
        "library. An extension module must not be linked to libpython at all; only a program "
        "that embeds Python must.",
        (
            (
                "An extension module: `nolibpy check .` finds the link in its build files, "
                "`nolibpy fix .` removes it."
            ),
            (
                "A program that embeds Python: link to the file that `nolibpy doctor --print-path` "
                "prints, or use `python3-config --embed --ldflags`."
            ),
        ),
    )


def explain_unset_variable(_: re.Match[str]) -> Explanation:
    """Return the explanation of a variable of Python's own build that was not replaced.

    CPython's issue 116745: the pkg-config files of the pre-releases of 3.13.
    """
    return Explanation(
        "pkg-config-file-of-python-is-broken",
        "Python's pkg-config file names `@LIBPYTHON@`, a variable that its own build did not set.",
        "Pre-releases of Python 3.13 install a `python-3.13.pc` in which the variable is still "
        "there (CPython issue 116745). On Linux its value is empty: an extension module is not "
        "linked to libpython.",
        (
            "Update Python, and its development package.",
            (
                "If there is no newer version, find the file by `pkg-config --variable=pcfiledir "
                "python3`, and delete `@LIBPYTHON@` from the line that begins with `Libs:`."
            ),
        ),
    )


def explain_reference_error(match: re.Match[str]) -> Explanation:
    """Return the explanation of a link without a libpython."""
    return Explanation(
        "embedder-is-linked-without-libpython",
        f"The file being linked uses `{match['symbol']}` without libpython.",
        "A program that embeds Python, or a test program that contains a module's code, has to "
        "be linked to libpython. For an extension module the cause is "
        "`-Wl,--no-undefined` or `-Wl,-z,defs`, which it must not be linked with.",
        (
            "A program: add `python3-config --embed --ldflags`, or `Python3::Python` in CMake.",
            (
                "An extension module: drop the strict flag; `nolibpy fix .` does, and keeps libpython "
                "out."
            ),
        ),
    )


def explain_no_shared_library(match: re.Match[str]) -> Explanation:
    """Return the explanation of a tool that finds no libpython to embed."""
    archive = re.search(r"(?<!\S)\S*?libpython[\w.]*?\.a\b", match.string)
    only = (
        f" There is only the archive `{archive[0].strip(chr(34))}`, which cannot be opened."
        if archive
        else ""
    )
    return Explanation(
        "no-shared-library-to-embed",
        "A tool that embeds Python looks for a shared libpython, and this Python has none.",
        "PyInstaller, Julia's PyCall and PythonCall, R's reticulate and cocotb start Python from "
        f"a shared library. Many interpreters are linked statically and install none.{only}",
        (
            "`nolibpy doctor --print-path` prints the library, if there is one after all.",
            install_step(match.string),
        ),
    )


def explain_no_static_library(_: re.Match[str]) -> Explanation:
    """Return the explanation of Nuitka's search for a static libpython."""
    return Explanation(
        "no-static-library-to-compile-in",
        "Nuitka looks for a static libpython to link into the program, and finds none.",
        "A static libpython (`libpython3.x.a`) comes with the development files of a Python. It makes "
        "the program faster, but the program works without it. The program embeds Python, so its "
        "libpython is not a second runtime.",
        (
            "To build without it, pass `--static-libpython=no` to Nuitka.",
            (
                "To install it: `apt install libpython3.x-dev` (Debian, Ubuntu), `conda install "
                "libpython-static` (Anaconda)."
            ),
        ),
    )


def explain_static_library(match: re.Match[str]) -> Explanation:
    """Return the explanation of a static libpython in a shared library or a program."""
    name = base_name(match["name"])
    if match["kind"] == "E":
        return Explanation(
            "static-libpython-in-program",
            f"A position-independent program is linked to `{name}`, which was not compiled for that.",
            "Compilers make position-independent programs by default, and this static libpython "
            "is not made for them.",
            ("Link with `-no-pie`.", f"Or link to a shared libpython. {install_step(name)}"),
        )
    return Explanation(
        "static-libpython-in-shared-library",
        f"A shared library is linked to `{name}`, which was not compiled for that.",
        "The build asks for libpython, and this Python has only a static one. Inside an extension "
        "module it would be a second Python runtime, which `-fPIC` does not change. A plug-in that "
        "embeds Python needs a shared libpython.",
        (
            (
                "An extension module: `nolibpy check .` finds the link in its build files, "
                "`nolibpy fix .` removes it."
            ),
            f"A plug-in that embeds Python: {install_step(name)}",
        ),
    )


def explain_cmake_error(match: re.Match[str]) -> Explanation:
    """Return the explanation of a libpython, or its component, that CMake does not find."""
    parts = match["parts"]
    headers = ("The headers are missing as well: `apt install python3-dev` (Debian, Ubuntu).",)
    return Explanation(
        "cmake-asks-for-libpython",
        f"CMake looks for libpython (`{match['part']}`) and does not find it.",
        "The component Development, and PythonLibs of older projects, ask for the library that only "
        "a program that embeds Python needs. Containers of manylinux and many interpreters have "
        "none. Extension modules need the headers only, which is the component Development.Module.",
        (
            (
                "An extension module: `find_package(Python3 COMPONENTS Interpreter "
                "Development.Module)` and `Python3::Module`; `nolibpy check .` finds the places."
            ),
            (
                "A program that embeds Python: `cmake -DPython3_LIBRARY=$(nolibpy doctor "
                "--print-path)`."
            ),
            *(headers if "INCLUDE" in parts.upper() else ()),
        ),
    )


def explain_wheel_error(match: re.Match[str]) -> Explanation:
    """Return the explanation of a wheel that auditwheel or delocate cannot repair."""
    return Explanation(
        "wheel-needs-libpython",
        f"A module in the wheel is linked to `{base_name(match['library'])}`, and the tool that "
        "repairs the wheel does not find it.",
        "Such a tool copies the libraries of modules into the wheel. An extension module must not be "
        "linked to libpython at all: a copy in the wheel would be a second Python runtime in every "
        "program that imports it.",
        (
            "In the module's sources, `nolibpy check .` finds the link, `nolibpy fix .` removes it.",
            "`nolibpy fix WHEEL` removes it from a wheel that is already built; then repair that wheel.",
        ),
    )


def explain_linked_library(match: re.Match[str]) -> Explanation:
    """Return the explanation of a library that ld is given and that needs libpython itself."""
    needing = match["needing"]
    return Explanation(
        "linked-library-needs-libpython",
        f"The link contains `{needing}`, which is linked to `{base_name(match['library'])}`, and the "
        "linker does not find that.",
        "The linker follows what the given libraries need, to see whether all symbols are there. If "
        "that library is an extension module, it must not be linked to libpython. If it embeds "
        "Python, libpython is needed, and outside the directories that the linker searches.",
        (
            (
                f"`nolibpy check {needing}` says whether it is a module; `nolibpy fix {needing}` "
                "removes the link from one."
            ),
            (
                "A library that embeds Python: `-Wl,-rpath-link,DIR`, with the directory of the file "
                "that `nolibpy doctor --print-path` prints."
            ),
        ),
    )


def explain_crate(match: re.Match[str]) -> Explanation:
    """Return the explanation of a crate that links a static libpython which is not there."""
    return Explanation(
        "crate-links-static-libpython",
        f"A Rust crate links the static library `{match['name']}`, and rustc does not find it.",
        "The build scripts of PyO3 and rust-cpython ask for a static libpython where Python has no "
        "shared one. Only a program that embeds Python, or a test program, needs it; extension "
        "modules are linked to none.",
        (
            (
                "An extension module: turn on PyO3's feature `extension-module`, or build with a new "
                "maturin, which does the same; `nolibpy check .` finds other links."
            ),
            (
                "A program: set PYO3_PYTHON to a Python with a shared library (`nolibpy doctor "
                "--print-path` says whether it has one), or install the static one (`conda install "
                "libpython-static`)."
            ),
        ),
    )


def explain_package(match: re.Match[str]) -> Explanation:
    """Return the explanation of a package whose need of libpython nobody provides."""
    library, needing = base_name(match["library"]), match["needing"]
    file = needing if "/" in needing else "FILE"
    return Explanation(
        "package-needs-libpython",
        f"`{needing}` needs `{library}`, which no package that the packager knows provides.",
        "dpkg and rpm make the dependencies of a package from what its files are linked to. An "
        "extension module must not be linked to libpython at all. A program that embeds Python needs "
        "it, but a libpython of pyenv, conda or uv, or of another version of the system, belongs to "
        "no package here.",
        (
            (
                f"An extension module: `nolibpy fix {file}` removes the link before the package is "
                "made; `nolibpy check .` finds it in the sources."
            ),
            (
                "A program that embeds Python: build it with the system's library "
                f"(`apt install {_package(library)}`; `dnf provides '{library}*'` names a package)."
            ),
        ),
    )


def _package(library: str) -> str:
    """Return the name of Debian's package to link to a libpython."""
    version = re.search(r"python(3\.\d+)", library)
    return f"libpython{version[1]}-dev" if version else "libpython3-dev"


def explain_pkg_config_error(match: re.Match[str]) -> Explanation:
    """Return the explanation of a package of pkg-config that only programs which embed Python need."""
    name = match["name"]
    module = name.removesuffix("-embed")
    return Explanation(
        "pkg-config-has-no-embedding-package",
        f"A build asks pkg-config for `{name}`, which is not there.",
        "That package links to libpython, which only a program that embeds Python needs. The "
        f"development package of a Python brings it. Extension modules need `{module}` at most.",
        (
            (
                f"An extension module: ask for `{module}` (in Meson `import('python')."
                "find_installation().extension_module()`); `nolibpy check .` finds the places."
            ),
            (
                "A program that embeds Python: `apt install python3-dev` (Debian, Ubuntu), `dnf install "
                "python3-devel` (Fedora), or PKG_CONFIG_PATH=PREFIX/lib/pkgconfig."
            ),
        ),
    )
