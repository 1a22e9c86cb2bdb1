"""The situations in which a process with libpython in it crashes."""

from __future__ import annotations

import re

from no_libpython_dlopen.knowledge.situations.explanation import DOCTOR_STEP, Explanation

#: A frame with a function of Python's, of gdb and coredumpctl, and what names its library.
_FRAME = re.compile(
    r"(?<!\S)#\d+ +(?:0x[0-9a-f]+ )?(?:in )?(?P<function>_?Py[A-Z_]\w*) "
    r"(?P<rest>\([^\n]*(?:\n(?![^\n]*#\d+ )[^\n]*){0,8})"
)
_SOURCE = re.compile(
    r"(?:\bfrom |^\()(?P<library>[^\s()]*libpython\d[\w.]*)|\bfrom \S|^\(\S+\.so\S* \+ 0x"
)
#: The state of a runtime (``Py_FatalError``), or its beginning, and what that says of the call.
_BY_STATE = (
    ("unknown", "Python code ran in a runtime that was never started: {} found no thread state."),
    ("initialized", "{} was called without {}, or in the wrong runtime."),
    ("finalizing", "{} was called without {} while Python was ending."),
    ("", "{} was called without {}, or in a second runtime that was never started."),
)


def explain_fatal_error(match: re.Match[str]) -> Explanation:
    """Return the explanation of a call without a thread state."""
    found = re.search(r"Python runtime state: (.+)", match.string)
    state = found[1].strip() if found else ""
    title = next(title for start, title in _BY_STATE if state.startswith(start))
    function = f"`{match['function']}`" if match["function"] else "A function of Python's API"
    held = "a thread state" if "an active thread state" in match[0] else "the GIL"
    second = (
        "Two Python runtimes in one process have separate states. A module that is linked to "
        "libpython calls the second one, which nobody initialized, and dies at the first call. "
    )
    steps = (
        (
            "`nolibpy run app.py` names the library that loaded a second runtime, if there is "
            "one, even if the program crashes."
        ),
        DOCTOR_STEP,
    )
    if state.startswith("finalizing"):
        return Explanation(
            "call-while-python-ends",
            title.format(function, held),
            "C code, in a thread of its own or in a destructor, calls Python at the end of the process "
            f"without {held}. This runtime was started, so a second one is not the cause.",
            ("Stop such threads, and free what they use, before the program ends.",),
        )
    other = f"Code that calls Python without {held} gives the same message."
    if state.startswith("initialized"):
        other = (
            "The message says that the runtime is initialized, so it is just as likely that C code "
            f"calls Python without {held}."
        )
    return Explanation("second-runtime-crash", title.format(function, held), second + other, steps)


def explain_backtrace(match: re.Match[str]) -> Explanation | None:
    """Return the explanation of a backtrace of gdb's or coredumpctl's with frames of a libpython.

    gdb names the library of a frame unless it is the program, or has debugging symbols.
    """
    frames = [
        (frame["function"], _SOURCE.search(frame["rest"]))
        for frame in _FRAME.finditer(match.string)
    ]
    inside = [(name, source["library"]) for name, source in frames if source and source["library"]]
    outside = [name for name, source in frames if source is None]
    if not inside or not outside:
        return explain_segmentation_fault(match)
    function, library = inside[0]
    return Explanation(
        "second-runtime-in-backtrace",
        f"Two Python runtimes are in the backtrace: `{function}` ran in `{library}`, and "
        f"`{outside[0]}` in another file.",
        "The interpreter's API is in its executable, but a module called the API of a separate "
        "libpython, to which the module is linked or which code opened by name. That second runtime "
        "was never started, so the first use of it crashes.",
        (f"`nolibpy run app.py` names what loaded `{library}`.", DOCTOR_STEP),
    )


def explain_segmentation_fault(match: re.Match[str]) -> Explanation | None:
    """Return the explanation of a crash in whose report a libpython is named."""
    library = re.search(r"(?<![^\s(])[^\s(]*?libpython\d[\w.]*?\.(?:so|dylib)[\d.]*", match.string)
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
