"""From what was found to a verdict: one sentence first, then what else is worth knowing.

A libpython that merely lies around is no trouble: Debian installs one beside its
statically linked interpreter. Trouble is a second runtime in a process, an interpreter
that runs from a library that is not its own, one that cannot find its library, or an
installed extension module that will bring one of these about.
"""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass

from no_libpython_dlopen.knowledge.libpython_names import is_libpython
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
    if interpreter.hidden_symbol:
        troubles.append(
            f"Extension modules do not find {interpreter.hidden_symbol} in {subject}: the program "
            f"opened {interpreter.runtime or 'libpython'} privately; it has to be opened with "
            "RTLD_GLOBAL, or preloaded (LD_PRELOAD)."
        )
    if _runs_from_stray(interpreter):
        whose = f"Process {found.process}" if found.process else "This interpreter"
        reason = interpreter.found_by or "LD_LIBRARY_PATH and the loader's configuration"
        troubles.append(
            f"{whose} runs from a stray libpython: {interpreter.runtime} instead of its own "
            f"{interpreter.expected}; see {reason}."
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
    if one.preloaded_by:
        whose = f"{one.preloaded_by} has it loaded first"
    elif one.needed_by:
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
    repaired = [module for module in bad if module.leads_to != "embedded"]
    paths = [os.path.join(os.path.dirname(m.path), m.through) if m.through else m.path for m in bad]
    if len(repaired) == len(bad) <= 3:
        cure = (
            f"`nolibpy fix {' '.join(map(shlex.quote, map(os.path.normpath, paths)))}` repairs it"
        )
    elif repaired:
        cure = f"`nolibpy fix {shlex.quote(_common_folder(paths))}` repairs what can be"
    else:
        cure = "it has to be built without libpython.a"
    what = {
        "second": "loads a second runtime when it is imported",
        "missing": "cannot be imported, since that library is not found",
        "embedded": "statically links a second runtime",
    }[first.leads_to]
    if len(bad) == 1:
        return f"An installed extension module {what}: {first.path} ({shown}); {cure}."
    return (
        f"{len(bad)} installed extension modules need libpython ({shown}); {first.path} {what}; "
        f"{cure}."
    )


def _common_folder(paths: list[str]) -> str:
    folder = os.path.commonpath(paths)
    return folder if os.path.isdir(folder) else os.path.dirname(folder)


def _healthy(found: Inspection, interpreter: Interpreter) -> str:
    if found.unreadable:
        return (
            f"No problem was found, but {found.unreadable[0]} is mapped"
            + (f", with {len(found.unreadable) - 1} more," if len(found.unreadable) > 1 else "")
            + " and cannot be read any more: a second runtime in it would not be seen."
        )
    if not found.sees_mapped_files and interpreter.runtime:
        return (
            f"No problem was found: this interpreter runs from {interpreter.runtime}. But this "
            "system does not report which files are mapped (/proc), so another runtime would not "
            "be seen."
        )
    if found.process:
        if not interpreter.runtime:
            return f"Healthy: process {found.process} has no Python runtime in it."
        only = f"process {found.process} runs from {interpreter.runtime}, the only Python runtime in it."
        if interpreter.opened:
            return (
                f"No problem was found: {only} But {interpreter.executable}, or a library, opened it: "
                "whether extension modules find its functions cannot be seen from another process."
            )
        return f"Healthy: {only}"
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


def _alternatives(names: tuple[str, ...]) -> str:
    """Return names as a sentence lists them: `a, b or c`."""
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _notes(found: Inspection, interpreter: Interpreter) -> tuple[str, ...]:
    notes = [f"sysconfig disagrees: {sentence}." for sentence in found.contradictions]
    strays = [item for item in found.libraries if item.names and not item.own and not item.stub]
    notes += [
        f"Opening {_alternatives(library.names)} by name would load {library.path} (Python "
        f"{library.version}) as a second runtime."
        for library in strays
    ]
    if interpreter.opened:
        notes.append(
            f"{interpreter.executable} does not need libpython: it, or a library, opened it. If "
            "modules fail with `undefined symbol: Py...`, it was opened without RTLD_GLOBAL; "
            "`LD_PRELOAD` of the library makes its symbols global."
        )
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
            (*_cures(program), *_quote_complaint(program)),
        )
    shown = ", ".join(f"{name} at {place}" for name, place in program.needed)
    if program.complaint:
        note = (
            f"The loader gives it {shown}. If that is not its own library, see LD_LIBRARY_PATH and "
            "the loader's configuration."
        )
        sentence = f"{program.path} does not run: {program.complaint}."
        return Diagnosis(False, sentence, (note,) if shown else ())
    if program.origin_only:
        return Diagnosis(
            True,
            f"Healthy when started directly: {program.path} finds its libpython beside the file "
            "that the symbolic link leads to.",
            (WRAPPER,),
        )
    if program.needed:
        return Diagnosis(True, f"Healthy: {program.path} needs {shown}.")
    if program.holds_runtime and is_libpython(program.path):
        return Diagnosis(True, f"Healthy: {program.path} is a libpython itself, not a program.")
    if program.holds_runtime:
        return Diagnosis(True, f"Healthy: {program.path} statically links its Python runtime.")
    return Diagnosis(
        True,
        f"No problem was found: {program.path} is not linked to libpython. If it opens one while it "
        "runs, `nolibpy doctor --pid PID` examines that.",
    )


def _cures(program: Program) -> tuple[str, ...]:
    path = shlex.quote(program.path)
    if not program.folders:
        return (EMBEDDER, "Reinstall an interpreter whose lib directory is missing.")
    folder = shlex.quote(program.folders[0])
    return (
        f"The library is in {', '.join(program.folders)}.",
        (
            f"To run it once: `LD_LIBRARY_PATH={folder} {path}`. To repair it: "
            f"`patchelf --set-rpath {folder} {path}`."
        ),
    )


def _quote_complaint(program: Program) -> tuple[str, ...]:
    return (f"Its error message: {program.complaint}.",) if program.complaint else ()
