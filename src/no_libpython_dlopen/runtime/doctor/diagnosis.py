"""From what was found to a verdict: one sentence first, then what else is worth knowing.

A libpython that merely lies around is no trouble: Debian installs one beside its
statically linked interpreter. Trouble is a second runtime in a process, an interpreter
that runs from a library that is not its own, one that cannot find its library, or an
installed extension module that will bring one of these about.
"""

from __future__ import annotations

from dataclasses import dataclass

from no_libpython_dlopen.runtime.doctor.inspection import (
    Copy,
    Inspection,
    Interpreter,
    Module,
    Program,
)
from no_libpython_dlopen.runtime.messages import same_file

EMBEDDER = (
    "A program that embeds Python does need libpython: give it an RPATH (-Wl,-rpath, "
    "patchelf --set-rpath) or add the directory to LD_LIBRARY_PATH."
)
WRAPPER = (
    "Wrappers that start the loader themselves (valgrind, profilers; glibc bug 25263) look for "
    "the library beside the symbolic link and do not find it: pass them the real file."
)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A verdict: ``sentence`` comes first, ``notes`` are whole sentences for after it."""

    healthy: bool
    sentence: str
    notes: tuple[str, ...] = ()


def diagnose(found: Inspection) -> Diagnosis:
    """Return the verdict on an inspection: its first trouble, with the others as notes."""
    if found.program is not None:
        return _of_program(found.program)
    assert found.interpreter is not None  # an inspection has one or the other
    troubles = _troubles(found, found.interpreter)
    notes = _notes(found, found.interpreter)
    if troubles:
        return Diagnosis(False, troubles[0], (*troubles[1:], *notes))
    return Diagnosis(True, _healthy(found, found.interpreter), notes)


def _troubles(found: Inspection, interpreter: Interpreter) -> list[str]:
    subject = f"process {found.process}" if found.process else "this process"
    foreign = [copy for copy in found.copies if not copy.own]
    troubles = []
    if interpreter.runtime and foreign:
        troubles.append(_second_runtime(foreign, interpreter, subject))
    api = interpreter.pythonapi
    if api and interpreter.runtime and not same_file(api, interpreter.runtime):
        troubles.append(
            f"ctypes.pythonapi is not the running interpreter: it leads to {api}, and the "
            f"running code is in {interpreter.runtime}."
        )
    if _runs_from_stray(interpreter):
        troubles.append(
            f"This interpreter runs from a stray libpython: {interpreter.runtime} instead of its "
            f"own {interpreter.expected}; see LD_LIBRARY_PATH and the loader's configuration."
        )
    bad = [module for module in found.modules or () if module.leads_to != "own"]
    if bad:
        troubles.append(_modules(bad))
    return troubles


def _runs_from_stray(interpreter: Interpreter) -> bool:
    return (
        interpreter.linkage == "shared"
        and bool(interpreter.expected)
        and not same_file(interpreter.expected, interpreter.runtime)
    )


def _second_runtime(foreign: list[Copy], interpreter: Interpreter, subject: str) -> str:
    one = foreign[0]
    count = "Two" if len(foreign) == 1 else str(len(foreign) + 1)
    others = ", ".join(copy.path for copy in foreign)
    if one.needed_by:
        whose = f"{one.needed_by[0]} needs it, and should be built without linking to libpython"
    else:
        whose = "no mapped file needs it, so code opened it (ctypes, cffi, dlopen)"
    return (
        f"{count} Python runtimes are in {subject}: it runs from {interpreter.runtime}, and "
        f"{others} is also mapped; {whose}."
    )


def _modules(bad: list[Module]) -> str:
    names = sorted({module.distribution or module.path for module in bad})
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    first = bad[0]
    what = {
        "second": "loads a second runtime when it is imported",
        "missing": "cannot be imported, since that library is not found",
        "embedded": "statically links a second runtime",
    }[first.leads_to]
    if len(bad) == 1:
        return f"An installed extension module {what}: {first.path} ({shown})."
    return f"{len(bad)} installed extension modules need libpython ({shown}); {first.path} {what}."


def _healthy(found: Inspection, interpreter: Interpreter) -> str:
    if found.process:
        if not interpreter.runtime:
            return f"Healthy: process {found.process} has no Python runtime in it."
        return (
            f"Healthy: process {found.process} runs from {interpreter.runtime}, the only Python "
            "runtime in it."
        )
    return {
        "static": (
            "Healthy: this interpreter is statically linked, its runtime is in the executable, "
            "and no other is mapped."
        ),
        "shared": (
            f"Healthy: this interpreter is linked to {interpreter.runtime}, the only runtime in "
            "the process."
        ),
        "embedded": (
            f"Healthy: this interpreter is embedded; its runtime is in {interpreter.runtime}, "
            "and no other is mapped."
        ),
        "unknown": (
            "No problem was found, but this system does not report which files are mapped."
        ),
    }[interpreter.linkage]


def _notes(found: Inspection, interpreter: Interpreter) -> tuple[str, ...]:
    notes = [f"sysconfig disagrees: {sentence}." for sentence in found.contradictions]
    strays = [item for item in found.libraries if item.by_name and not item.own and not item.stub]
    notes += [
        f"Loading libpython by name would open {library.path} (Python {library.version}) as "
        "a second runtime."
        for library in strays
    ]
    own = [module for module in found.modules or () if module.leads_to == "own"]
    for module in own:
        names = ", ".join(module.libraries)
        notes.append(
            f"{module.path} ({module.distribution or 'no distribution'}) needs {names}, which is "
            "this interpreter's own library; on a statically linked Python it fails."
        )
    if interpreter.linkage == "shared" and not found.process:
        notes.append(
            "Code that opens libpython by name works here by chance: the next build of Python "
            "may be linked statically. ctypes.pythonapi works with both."
        )
    return tuple(notes)


def _of_program(program: Program) -> Diagnosis:
    missing = [name for name, place in program.needed if not place]
    if missing:
        return Diagnosis(
            False,
            f"{program.path} cannot start: it needs {', '.join(missing)}, and the loader does not "
            "find it. That is a wrong search path, not a second runtime.",
            (
                EMBEDDER,
                "Reinstall an interpreter whose lib directory is missing.",
                *_quote_complaint(program),
            ),
        )
    if program.complaint:
        return Diagnosis(False, f"{program.path} does not run: {program.complaint}.")
    if program.origin_only:
        return Diagnosis(
            True,
            f"Healthy when started directly: {program.path} finds its libpython beside the file "
            "that the symbolic link leads to.",
            (WRAPPER,),
        )
    if program.needed:
        shown = ", ".join(f"{name} at {place}" for name, place in program.needed)
        return Diagnosis(True, f"Healthy: {program.path} needs {shown}.")
    if program.holds_runtime:
        return Diagnosis(True, f"Healthy: {program.path} statically links its Python runtime.")
    return Diagnosis(True, f"Healthy: {program.path} does not use libpython.")


def _quote_complaint(program: Program) -> tuple[str, ...]:
    return (f"Its error message: {program.complaint}.",) if program.complaint else ()
