"""The situations in which a dynamic loader, or what called it, complains of libpython."""

from __future__ import annotations

import re

from no_libpython_dlopen.knowledge.situations.explanation import (
    DOCTOR_STEP,
    Explanation,
    base_name,
    install_step,
    is_interpreter,
)


def _missing_for_module(library: str, module: str = "") -> Explanation:
    what = f"`{module}`" if module else "An extension module"
    target = module or "PATH/TO/site-packages"
    return Explanation(
        "extension-needs-libpython",
        f"{what} is linked to `{base_name(library)}`, which is not needed and not found.",
        "The interpreter itself provides the Python API to its extension modules. A module that "
        "names libpython as a dependency fails where Python is linked statically and no such "
        "library is installed; where one is, it gets a second Python runtime and may crash. "
        "Installing libpython, or a symbolic link, only moves the problem there.",
        (
            f"`nolibpy fix {target}` removes the dependency from the file.",
            *(() if module else (DOCTOR_STEP,)),
            (
                "In the module's sources, `nolibpy check .` finds the link: use `Python3::Module`, "
                "`python3-config --ldflags` without `--embed`, or no `-lpython` at all."
            ),
        ),
    )


def explain_import_error(match: re.Match[str]) -> Explanation:
    """Return the explanation of a failed import, or a failed load of ctypes."""
    if match["error"].lower() == "oserror":
        return Explanation(
            "libpython-opened-by-name",
            f"The program opens `{base_name(match['library'])}` by name, and no such library is found.",
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


def explain_musl_error(match: re.Match[str]) -> Explanation:
    """Return the explanation of what musl's loader says."""
    needing = match["needing"]
    if needing and ".so" in base_name(needing):
        return _missing_for_module(match["library"], needing)
    return _cannot_start(needing, match["library"])


def explain_loader_error(match: re.Match[str]) -> Explanation:
    """Return the explanation of a program that glibc's loader cannot start."""
    return _cannot_start(match["program"], match["library"])


#: What those say that load a library which embeds Python: the JVM, node, Apache, uWSGI, .NET,
#: Vim, reticulate.
_HOSTS = re.compile(
    r"UnsatisfiedLinkError|ERR_DLOPEN_FAILED|\.node\b|into server:|uWSGI plugin|E370|py_initialize"
    r"|DllNotFoundException|BadPythonDll|RTLD_"
)


#: The paths of extension modules; another shared library is a plug-in of some program.
_MODULE = re.compile(r"-packages/|/python3\.\d+t?/|cpython-3|\.abi3\.so")


def explain_missing_library(match: re.Match[str]) -> Explanation:
    """Return the explanation of a library that is not found, where nobody says what for."""
    groups = match.groupdict()
    library, program = match["library"], groups.get("program")
    if _HOSTS.search(match.string) or groups.get("host"):
        found = _cannot_start(program, library)
        title = f"A plug-in or a program that embeds Python needs `{base_name(library)}`, and the "
        return found if program else found._replace(title=f"{title}loader does not find it.")
    if program and program.endswith(".so") and not _MODULE.search(program):
        return _cannot_start(program, library)
    if program and "-packages/" in program:
        return _missing_for_module(library, program)
    module = _missing_for_module(library)
    return Explanation(
        "libpython-not-found",
        f"`{base_name(library)}` is not found; an extension module or a program that embeds Python "
        "asks for it.",
        "The whole message tells which: `ImportError` is about an extension module, which must not "
        "be linked to libpython, `OSError` about code that opens it by name. Programs that embed "
        "Python, and their plug-ins, do need it.",
        (*module.steps[:2], f"A program that embeds Python: {install_step(library)}"),
    )


def _cannot_start(program: str | None, library: str) -> Explanation:
    base = base_name(library)
    title = f"`{program}` embeds Python and has to find `{base}`, but the loader does not."
    if program is None:
        program = "PROGRAM"
        title = f"A program is linked to `{base}`, and the loader does not find it."
    elif is_interpreter(program):
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
    started = "PROGRAM" if re.search(r"\.(?:so|node|jnilib)\b", program) else program
    return Explanation(
        "embedder-lacks-library",
        title,
        "A program that starts Python itself has to be linked to libpython. Either that version is "
        "not installed, or it is outside the directories that the loader searches, as those of "
        "pyenv, conda and uv are.",
        (
            (
                f"`nolibpy doctor --python {program}` lists the directories that have it, and the "
                "command to use."
            ),
            install_step(library),
            (
                f"To run it once: `LD_LIBRARY_PATH=DIR {started}`. To repair it: "
                f"`patchelf --set-rpath DIR {program}`."
            ),
        ),
    )


def explain_frozen_error(match: re.Match[str]) -> Explanation:
    """Return the explanation of a program of PyInstaller's that cannot start."""
    library = match["library"] or match["bundled"]
    rest = match.string[match.end() : match.end() + 300].partition("\n")[0]
    other = re.search(
        r"(?P<name>lib(?!python)[\w+.-]+): cannot open shared|(?P<version>\bGLIBC\w*_[\d.]+)"
        r"|Library not loaded: \S*?(?P<image>lib(?!python)[\w+.-]+)",
        rest,
    )
    if other:
        return frozen_lacks(other["name"] or other["version"] or other["image"])
    return Explanation(
        "frozen-program-lacks-library",
        f"The frozen program does not find its own `{base_name(library)}`.",
        "A program made by PyInstaller embeds Python and brings a libpython along. It is missing "
        "from the bundle: the Python that it was made with has no shared library, or has it "
        "under another name, or the temporary directory was cleaned.",
        (
            (
                "`nolibpy doctor --print-path` under the Python that freezes the program prints the "
                "library, or says why there is none."
            ),
            install_step(library),
        ),
    )


def explain_undefined_symbol(match: re.Match[str]) -> Explanation:
    """Return the explanation of a symbol of Python that is not found."""
    file = match["file"] or ""
    if "lib-dynload" in file or base_name(file).startswith("_ctypes."):
        return Explanation(
            "embedder-opened-libpython-privately",
            f"Python's own module `{base_name(file)}` does not see `{match['symbol']}`: the program "
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
    if "AttributeError" in match.string[max(0, match.start() - 200) : match.start() + 20] or (
        is_interpreter(file)
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
        f"{f'`{base_name(file)}`' if file else 'An extension module'} does not find "
        f"`{match['symbol']}` in the process.",
        "Either it was built for another version or kind of Python (see its file name), or the "
        "program that loads it opened libpython without making its symbols global, or does not "
        "contain Python. Linking it to libpython hides the message and brings a second runtime.",
        (
            "Reinstall it for this Python: `python -m pip install --force-reinstall --no-cache-dir`.",
            (
                "In a program that embeds Python: `nolibpy doctor --pid PID` says how libpython is "
                "mapped; open it with RTLD_GLOBAL."
            ),
        ),
    )


def frozen_lacks(missing: str) -> Explanation:
    """Return the explanation of a frozen program that lacks what its libpython needs."""
    steps: tuple[str, ...] = ("Freeze the program on the oldest system that it is to run on.",)
    if missing.startswith("lib"):
        steps = (
            f"Install what provides `{missing}` (`libcrypt.so.1`: `libxcrypt-compat`).",
            f"Or: {steps[0]}",
        )
    return Explanation(
        "frozen-program-lacks-dependency",
        f"The frozen program has its libpython, but that needs `{missing}`, which is missing.",
        "A program made by PyInstaller brings its own libpython, built on another system. "
        "The loader's message names that library, and the dependency that is missing.",
        steps,
    )


def explain_dyld_error(match: re.Match[str]) -> Explanation:
    """Return the explanation of a library that dyld does not find."""
    library = match["library"] or match["bundled"]
    before = match.string[max(0, match.start() - 1000) : match.start()]
    caller = re.search(
        r"Referenced from: (?:<[^>]*> )?(?P<file>[^\n]+)", match.string[match.end() :]
    )
    if caller is None:  # some quote one line of the message
        caller = re.search(r"dlopen\((?P<file>[^(),\n]+\.so), \w+\): \Z", before)
    file = caller["file"].strip() if caller else ""
    is_module = "site-packages" in file or file.endswith(".so")
    if is_module and not _HOSTS.search(before.rpartition("\n")[2]):
        return _missing_for_module(library, file)._replace(name="macos-extension-needs-libpython")
    program = f"`{file}`" if file else "The program"
    return Explanation(
        "macos-library-not-loaded",
        f"{program} needs `{library}`, and dyld does not find it.",
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


def explain_flat_namespace(match: re.Match[str]) -> Explanation:
    """Return the explanation of a symbol that dyld does not find."""
    before = match.string[max(0, match.start() - 300) : match.start()]
    where = "a process without Python"
    if "ImportError" in before or "dlopen(" in before:
        where = "a Python that lacks it, or in a program without Python"
    return Explanation(
        "macos-symbol-not-found",
        f"Code that needs `{match['symbol']}` runs in {where}.",
        "On macOS extension modules are linked with `-undefined dynamic_lookup` and find Python's "
        "functions in the process. A program that is not Python (a test program of PyO3, a ROS "
        "node) has none unless it is linked to libpython; in a Python process, the module was "
        "built for another version.",
        (
            "A program: link it to libpython (PyO3: leave out the feature `extension-module`).",
            "A module in Python: reinstall it for this version.",
        ),
    )
