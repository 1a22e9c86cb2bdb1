"""The situations in which a program that embeds Python runs with another Python than it needs.

Two messages look like one of these and are none: what ``ldd`` says of a sound extension module,
and Windows' messages about ``python3xx.dll``.
"""

from __future__ import annotations

import re

from no_libpython_dlopen.knowledge.situations.dynamic_loader import explain_undefined_symbol
from no_libpython_dlopen.knowledge.situations.explanation import (
    Explanation,
    base_name,
    is_interpreter,
)


def explain_lookup_error(match: re.Match[str]) -> Explanation:
    """Return the explanation of a symbol of Python that a running program does not find."""
    program, file = match["program"], match["file"]
    is_module = is_interpreter(program) and not is_interpreter(file)
    if is_module or "lib-dynload" in file or "site-packages" in file:
        return explain_undefined_symbol(match)
    return Explanation(
        "program-gets-another-libpython",
        f"`{base_name(program)}` gets another libpython than it was linked to: that one has no "
        f"`{match['symbol']}`.",
        "The program embeds Python, or is Python itself. The loader finds a libpython of the same "
        "name, but of another version or build, in a directory that comes first: LD_LIBRARY_PATH, "
        "as conda and module systems set it, or a Python that was installed over the system's.",
        (
            f"`nolibpy doctor --python {program}` says which libpython the loader finds.",
            f"Without the directories of another Python: `env -u LD_LIBRARY_PATH {program}`.",
        ),
    )


def explain_unknown_function(match: re.Match[str]) -> Explanation:
    """Return the explanation of a function that a program does not find in the libpython it opened."""
    return Explanation(
        "libpython-is-not-what-the-program-expects",
        f"A program opened a libpython, and did not find `{match['symbol']}` in it.",
        "Either the library is of a Python that the program does not know: each version removes "
        "functions, and adds some. Or what was opened is no shared libpython at all, but a static "
        "archive or the interpreter itself, because this Python has no shared one.",
        (
            "`nolibpy doctor --print-path` prints the library of a Python, or says that it has none.",
            "Name that library, or a Python of a version that the program supports, in its settings.",
            "Or update the program.",
        ),
    )


def explain_no_standard_library(match: re.Match[str]) -> Explanation:
    """Return the explanation of a runtime that does not find its standard library."""
    home = re.search(r"PYTHONHOME = '(?P<folder>[^'\n]+)'", match.string)
    title = "A Python runtime was started and does not find its standard library."
    if home:
        title = (
            f"PYTHONHOME names `{home['folder']}`, where the Python that was started does not find "
            "its standard library."
        )
    return Explanation(
        "python-finds-no-standard-library",
        title,
        "A Python looks for its modules in PYTHONHOME if that is set, else beside its executable. In a "
        "program that embeds Python the executable is that program, so the search fails unless the "
        "program names the directory. PYTHONHOME or PYTHONPATH of another version, a virtual "
        "environment whose Python is gone, and a libpython that was copied without its modules give "
        "the same message. It tells nothing of a second runtime.",
        (
            "`env | grep ^PYTHON` shows the variables; unset those that another Python needs.",
            (
                "A program that embeds Python: set PYTHONHOME, or `PyConfig.home` in its code, to what "
                '`python3 -c "import sys; print(sys.base_prefix)"` prints under the Python of its '
                "libpython."
            ),
            "A virtual environment: create it anew.",
        ),
    )


def explain_other_standard_library(_: re.Match[str]) -> Explanation:
    """Return the explanation of a runtime with the standard library of another version."""
    return Explanation(
        "python-uses-another-standard-library",
        "A Python runtime uses the standard library of another version.",
        "The runtime contains the built-in modules, which are written in C. The modules written in "
        "Python come from the directory that PYTHONHOME or PYTHONPATH names, or from beside the "
        "executable, and here that directory belongs to another version. This often happens to "
        "programs that embed Python (gdb, Vim, a web server) in a conda environment, or with the "
        "environment modules of a cluster. It is no sign of a second runtime.",
        (
            "`env | grep ^PYTHON` shows the variables; unset those that another Python needs.",
            "`nolibpy doctor --python PROGRAM` says which libpython a program that embeds Python gets.",
        ),
    )


def explain_ldd(match: re.Match[str]) -> Explanation:
    """Return the explanation of symbols of Python that ``ldd`` does not find."""
    return Explanation(
        "ldd-knows-no-interpreter",
        f"`ldd` does not find `{match['symbol']}` for `{base_name(match['file'])}`, which is as it "
        "should be.",
        "An extension module gets Python's functions from the interpreter that imports it, and `ldd` "
        "looks at the file without one. This is no fault of the module. If its import fails, that "
        "message tells why.",
        (
            "Do not link the module to libpython: on other Pythons it gets a second runtime.",
            f"`nolibpy check {match['file']}` says whether it is linked to one.",
        ),
    )


#: What Windows, the linker, .NET and Python say of that file.
_ABOUT_DLL = re.compile(
    r"LoadLibrary|was not found|conflicts with this version|Could not load|cannot open file"
    r"|(?:load|loading) Python DLL|is missing from your|not designed to run on Windows"
    r"|in the dynamic link library"
)


def explain_windows_library(match: re.Match[str]) -> Explanation | None:
    """Return the explanation of a message about ``python3xx.dll`` or its import library."""
    if not _ABOUT_DLL.search(match.string):
        return None
    name = base_name(match["dll"].replace("\\", "/"))
    cause = (
        "On Windows programs and extension modules are linked to that file by design, so there is no "
        "second runtime, and nothing that nolibpy finds or repairs."
    )
    steps: tuple[str, ...] = (
        "Install that version of Python for all users, or repair its installation.",
        "A program that brings its own Python: unpack or install all of it anew.",
    )
    if re.search(r"_MEI|(?:load|loading) Python DLL", match.string):
        cause += (
            " A program made by PyInstaller brings the file along: it was started alone, outside "
            "its directory, a virus scanner removed the file, or the system lacks a library that "
            "Python needs."
        )
        steps = (
            "Unpack the whole program, and start it where its files are.",
            "Install Microsoft's Visual C++ redistributable.",
        )
    elif re.search(r"conflicts with this version|in the dynamic link library", match.string):
        steps = ("The module was built for another version of Python: reinstall it for this one.",)
    elif name.endswith(".lib"):
        steps = (
            "Install Python with its development files, whose directory is `libs` (`/LIBPATH:`).",
        )
    return Explanation(
        "windows-python-library",
        f"Windows does not find or does not accept `{name}`.",
        cause,
        steps,
    )
