"""The situations in which an error message names libpython: the cause of each, and what to do.

Each function makes the explanation of one kind of message from its match. What is missing,
doubled or hidden bears the same name in opposite situations: an extension module must not
need libpython, and a program that embeds Python must.
"""

from __future__ import annotations

import os
import re
from typing import NamedTuple

#: Program names of interpreters; others embed Python.
_INTERPRETER = re.compile(r"(?:python|pypy)[\d.]*[a-z]*(?:-\S*)?")
_VERSION = re.compile(r"(?:libpython|python|Versions/)(\d\.\d+)")


class Explanation(NamedTuple):
    """One known situation: ``title`` is a sentence, ``cause`` a paragraph, ``steps`` commands.

    ``name`` is stable, for scripts and tests.
    """

    name: str
    title: str
    cause: str
    steps: tuple[str, ...]


def _base(path: str) -> str:
    return os.path.basename(path) or path


def _package(library: str) -> str:
    """Return the sentence that says how to install a libpython, with the name's version if any."""
    match = _VERSION.search(library)
    version = match[1] if match else "3.x"
    return (
        f"Install the library: `apt install libpython{version}` (Debian, Ubuntu), `dnf install "
        f"python3-libs` (Fedora), or a Python {version} built with `--enable-shared` "
        "(`PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install`)."
    )


_DOCTOR = "`nolibpy doctor` names every installed module that needs libpython, and the command."


def _missing_for_module(library: str, module: str = "") -> Explanation:
    what = f"`{module}`" if module else "An extension module"
    target = module or "PATH/TO/site-packages"
    return Explanation(
        "extension-needs-libpython",
        f"{what} is linked to `{_base(library)}`, which is not needed and not found.",
        "The interpreter itself provides the Python API to its extension modules. A module that "
        "names libpython as a dependency fails where Python is linked statically and no such "
        "library is installed; where one is, it gets a second Python runtime and may crash. "
        "Installing libpython, or a symbolic link, only moves the problem there.",
        (
            f"`nolibpy fix {target}` removes the dependency from the file.",
            *(() if module else (_DOCTOR,)),
            (
                "In the module's sources, `nolibpy check .` finds the link: use `Python3::Module`, "
                "`python3-config --ldflags` without `--embed`, or no `-lpython` at all."
            ),
        ),
    )


def explain_import_error(match: re.Match[str], text: str) -> Explanation:
    """Return the explanation of a failed import, or a failed load of ctypes."""
    del text
    if match["error"].lower() == "oserror":
        return Explanation(
            "libpython-opened-by-name",
            f"The program opens `{_base(match['library'])}` by name, and there is none.",
            "Code that opens libpython with ctypes or cffi works only where Python is linked to "
            "a shared library and the loader finds that very one. On a statically linked Python "
            "it fails like this, or opens a second runtime.",
            (
                (
                    "`nolibpy check .` finds the line, `nolibpy fix .` writes `ctypes.pythonapi`, "
                    "which is the API of the running interpreter."
                ),
                "`nolibpy run app.py` names the line in a running program.",
            ),
        )
    return _missing_for_module(match["library"])


def explain_musl_error(match: re.Match[str], text: str) -> Explanation:
    """Return the explanation of what musl's loader says."""
    del text
    needing = match["needing"]
    if needing and ".so" in _base(needing):
        return _missing_for_module(match["library"], needing)
    return _cannot_start(needing, match["library"])


def explain_loader_error(match: re.Match[str], text: str) -> Explanation:
    """Return the explanation of a program that glibc's loader cannot start."""
    del text
    return _cannot_start(match["program"], match["library"])


def _cannot_start(program: str | None, library: str) -> Explanation:
    base = _base(library)
    title = f"`{program}` embeds Python and has to find `{base}`, but the loader does not."
    if program is None:
        program = "PROGRAM"
        title = f"A program is linked to `{base}`, and the loader does not find it."
    elif _INTERPRETER.fullmatch(_base(program)):
        return Explanation(
            "interpreter-lost-its-library",
            f"The interpreter `{program}` is linked to `{base}`, and the loader does not find it.",
            "This Python was built with `--enable-shared` and has lost its own library: its "
            "directory was moved or removed, an upgrade replaced it, or the executable was copied "
            "out of its installation. This is not about a second runtime.",
            (
                f"`nolibpy doctor --python {program}` says where it looks and where one is.",
                "Reinstall that Python, or create the virtual environment anew.",
                (
                    "If the library is there: `ldconfig`, or an RPATH "
                    "(`./configure LDFLAGS='-Wl,-rpath=PREFIX/lib'`)."
                ),
            ),
        )
    return Explanation(
        "embedder-lacks-library",
        title,
        "A program that starts Python itself has to be linked to libpython. Either that version is "
        "not installed, or it is outside the directories that the loader searches, as those of "
        "pyenv, conda and uv are.",
        (
            f"`nolibpy doctor --python {program}` lists the directories that have it, and the command.",
            _package(library),
            (
                f"To run it once: `LD_LIBRARY_PATH=DIR {program}`. To repair it: "
                f"`patchelf --set-rpath DIR {program}`."
            ),
        ),
    )


def explain_frozen_error(match: re.Match[str], text: str) -> Explanation:
    """Return the explanation of a program of PyInstaller's that cannot start."""
    rest = text[match.end() : match.end() + 300].partition("\n")[0]
    other = re.search(
        r"(?P<name>lib(?!python)[\w+.-]+): cannot open shared|(?P<glibc>GLIBC_[\d.]+)", rest
    )
    if other:
        missing = other["name"] or other["glibc"]
        return Explanation(
            "frozen-program-lacks-dependency",
            f"The frozen program has its libpython, but that needs `{missing}`, which is missing.",
            "A program made by PyInstaller brings its own libpython, built on another system. "
            "The loader names that library, and the one that it needs in turn.",
            (
                f"Install what provides `{missing}` (`libcrypt.so.1`: `libxcrypt-compat`).",
                "Or freeze the program on the oldest system that it is to run on.",
            ),
        )
    return Explanation(
        "frozen-program-lacks-library",
        f"The frozen program does not find its own `{_base(match['library'])}`.",
        "A program made by PyInstaller embeds Python and brings a libpython along. It is missing "
        "from the bundle: the Python that it was made with has no shared library, or has it "
        "under another name, or the temporary directory was cleaned.",
        (
            (
                "`nolibpy doctor --print-path` under the Python that freezes the program prints the "
                "library, or says why there is none."
            ),
            _package(match["library"]),
        ),
    )


def explain_link_error(match: re.Match[str], text: str) -> Explanation:
    """Return the explanation of a link to a libpython that is not there."""
    del text
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


def explain_reference_error(match: re.Match[str], text: str) -> Explanation:
    """Return the explanation of a link without a libpython."""
    del text
    return Explanation(
        "embedder-is-linked-without-libpython",
        f"What is linked uses `{match['symbol']}` without libpython.",
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


def explain_fatal_error(match: re.Match[str], text: str) -> Explanation:
    """Return the explanation of a call without a thread state."""
    state = re.search(r"Python runtime state: (.+)", text)
    own = bool(state and state[1].strip() == "initialized")
    return Explanation(
        "second-runtime-crash",
        f"Python code ran in a runtime that was never started: `{match['function']}` found no "
        "thread state."
        if not own
        else f"`{match['function']}` was called without the GIL, or in the wrong runtime.",
        "Two Python runtimes in one process have separate states. A module that is linked to "
        "libpython calls the second one, which nobody initialized, and dies at the first call. "
        + (
            "Here the runtime says that it is initialized: then C code that calls Python without "
            "holding the GIL is as likely."
            if own
            else "Code that calls Python without holding the GIL gives the same message."
        ),
        (
            (
                "`nolibpy run app.py` names the library that brought a second runtime, if there is "
                "one, also after the crash."
            ),
            _DOCTOR,
        ),
    )


def explain_segmentation_fault(match: re.Match[str], text: str) -> Explanation | None:
    """Return the explanation of a crash in whose report a libpython is named."""
    del match
    library = re.search(r"(?<!\S)\S*?libpython\d[\w.]*?\.(?:so|dylib)[\d.]*", text)
    if library is None:
        return None
    return Explanation(
        "second-runtime-suspected",
        f"The process crashed, and `{library[0]}` was loaded.",
        "If the interpreter is linked statically, or to another file, this is a second Python "
        "runtime in the process, and its use ends in a crash. If it is the interpreter's own "
        "library, the cause is elsewhere.",
        (
            "`nolibpy doctor` says which file the interpreter runs from.",
            "`nolibpy run app.py` names whatever opened another one, also after the crash.",
        ),
    )


def explain_undefined_symbol(match: re.Match[str], text: str) -> Explanation:
    """Return the explanation of a symbol of Python that is not found."""
    file = match["file"]
    if "lib-dynload" in file or _base(file).startswith("_ctypes."):
        return Explanation(
            "embedder-opened-libpython-privately",
            f"Python's own module `{_base(file)}` does not see `{match['symbol']}`: the program "
            "opened libpython privately.",
            "A program (Java with jep, a ROS node, a web server, a plug-in host) opened libpython "
            "by `dlopen` without RTLD_GLOBAL, or loaded a plug-in that is linked to it. Extension "
            "modules name no libpython, so they find its symbols only among the global ones.",
            (
                (
                    'The program: `dlopen("libpython3.x.so.1.0", RTLD_NOW | RTLD_GLOBAL)` before '
                    "`Py_Initialize`, or link the executable to libpython."
                ),
                "Without changing it: `LD_PRELOAD=$(nolibpy doctor --print-path) PROGRAM`.",
                "Do not link the modules to libpython: on other Pythons they get a second runtime.",
            ),
        )
    if "AttributeError" in text[max(0, match.start() - 200) : match.start() + 20] or (
        _INTERPRETER.fullmatch(_base(file))
    ):
        return Explanation(
            "function-is-not-in-this-python",
            f"This Python has no function `{match['symbol']}`.",
            "`ctypes.pythonapi` is the running interpreter, and the function was removed from it, "
            "was never in its public API, or is newer. Opening libpython by name would not help.",
            ("Use a function of the stable ABI (https://docs.python.org/3/c-api/stable.html).",),
        )
    return Explanation(
        "module-finds-no-python-symbol",
        f"`{_base(file) or 'An extension module'}` does not find `{match['symbol']}` in the "
        "process.",
        "Either it was built for another version or kind of Python (its file name tells), or it is "
        "loaded by a program in which libpython's symbols are not global, or by none that contains "
        "Python. Linking it to libpython hides the message and brings a second runtime.",
        (
            "Reinstall it for this Python: `python -m pip install --force-reinstall --no-cache-dir`.",
            (
                "In a program that embeds Python: `nolibpy doctor --pid PID` says how libpython is "
                "mapped; open it with RTLD_GLOBAL."
            ),
        ),
    )


def explain_no_shared_library(match: re.Match[str], text: str) -> Explanation:
    """Return the explanation of a tool that finds no libpython to embed."""
    del match
    archive = re.search(r"(?<!\S)\S*?libpython[\w.]*?\.a\b", text)
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
            _package(text),
        ),
    )


def explain_dyld_error(match: re.Match[str], text: str) -> Explanation:
    """Return the explanation of a library that dyld does not find."""
    library = match["library"]
    caller = re.search(r"Referenced from: (?:<[^>]*> )?(?P<file>[^\n]+)", text[match.end() :])
    file = caller["file"].strip() if caller else ""
    if "site-packages" in file or file.endswith((".so", ".abi3.so")):
        return _missing_for_module(library, file)._replace(name="macos-extension-needs-libpython")
    program = file or "The program"
    return Explanation(
        "macos-library-not-loaded",
        f"`{program}` needs `{library}`, and dyld does not find it.",
        "If it is a program that embeds Python, or Python itself, the path was fixed when it was "
        "linked, and Python was moved, upgraded (Homebrew) or never in that place; `@rpath` is "
        "looked up in the program's LC_RPATH.",
        (
            (
                f"`otool -L {file or 'PROGRAM'}` lists what it needs, "
                f"`install_name_tool -add_rpath DIR {file or 'PROGRAM'}` adds a directory."
            ),
            "`nolibpy doctor --print-path` prints the library of a Python.",
            "An extension module must not need it: `nolibpy fix PATH`.",
        ),
    )


def explain_flat_namespace(match: re.Match[str], text: str) -> Explanation:
    """Return the explanation of a symbol that dyld does not find."""
    del text
    return Explanation(
        "macos-symbol-not-found",
        f"Code that needs `{match['symbol']}` runs in a process without Python.",
        "On macOS extension modules are linked with `-undefined dynamic_lookup` and find Python's "
        "functions in the process. A program that is not Python (a test program of PyO3, a ROS "
        "node) has none unless it is linked to libpython; in a Python process, the module was "
        "built for another version.",
        (
            "A program: link it to libpython (PyO3: leave out the feature `extension-module`).",
            "A module in Python: reinstall it for this version.",
        ),
    )
