"""Report how an interpreter is linked to libpython, and which copies are installed.

The verdict comes first. The exit status is 0 for a healthy interpreter and 1 for a problem:
a second runtime in a process, a library that is not the interpreter's own, a program that
cannot find its library, or an installed extension module that needs libpython.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from no_libpython_dlopen.cli import UsageError, _numbers, active_python

if TYPE_CHECKING:
    from no_libpython_dlopen.runtime.doctor.diagnosis import Diagnosis
    from no_libpython_dlopen.runtime.doctor.inspection import Copy, Inspection, Library, Module


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to examine and how to show it."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--python",
        metavar="PYTHON",
        default="",
        help="Inspect another interpreter, or a program that embeds Python (which is not run)",
    )
    which.add_argument(
        "--pid",
        metavar="PID",
        type=_numbers.positive,
        default=0,
        help="Inspect a running process you own",
    )
    parser.add_argument(
        "--environment",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="Check every installed extension module (the default, except with --pid)",
    )
    parser.add_argument(
        "--print-path",
        action="store_true",
        help="Print only the path of the libpython for programs that embed this Python",
    )
    parser.add_argument("--json", action="store_true", help="Print the full report as JSON")


def run(args: argparse.Namespace) -> int:
    """Examine, show, and return 0 for health and 1 for trouble."""
    if args.pid and (args.environment or args.print_path):
        raise UsageError("--environment and --print-path cannot be used with --pid")
    try:
        return _run(args)
    except ImportError as error:  # of a module of Python's own, in a program that embeds it
        from no_libpython_dlopen.knowledge.error_messages import explain

        found = explain(f"ImportError: {error}")
        if found is None:
            raise
        print("\n".join([found.title, *(f"  - {step}" for step in found.steps)]))
        return 1


def _run(args: argparse.Namespace) -> int:
    from no_libpython_dlopen.runtime.doctor import doctor
    from no_libpython_dlopen.runtime.doctor.diagnosis import diagnose

    python = "" if args.pid else args.python or active_python()
    if args.print_path:
        return _print_path(python)
    found = doctor.examine(
        python=python, process=args.pid, environment=args.environment is not False
    )
    diagnosis = diagnose(found)
    if args.json:
        import json

        print(json.dumps(as_json(found, diagnosis), indent=2))
    else:
        print("\n".join(lines(found, diagnosis)))
    return 0 if diagnosis.healthy else 1


def _print_path(python: str) -> int:
    import sys

    from no_libpython_dlopen.runtime.doctor import doctor

    path = doctor.path_for_embedding(python)
    if path:
        print(path)
        return 0
    archive = doctor.static_archive(python)
    only = "install it, or build Python with --enable-shared"
    if archive:
        only = f"there is only the archive {archive}: `python3-config --embed --ldflags` links it"
    print(f"nolibpy: no libpython of this interpreter's version found; {only}", file=sys.stderr)
    return 1


def as_json(found: Inspection, diagnosis: Diagnosis) -> dict[str, object]:
    """Return the verdict and all that was found, for ``json``."""
    verdict = {
        "healthy": diagnosis.healthy,
        "sentence": diagnosis.sentence,
        "notes": list(diagnosis.notes),
    }
    return {"verdict": verdict, **found.as_json()}


def lines(found: Inspection, diagnosis: Diagnosis) -> list[str]:
    """Return the text for a reader: the verdict, notes, then what was found."""
    from no_libpython_dlopen.report import one_line

    text = [diagnosis.sentence, *(f"  - {note}" for note in diagnosis.notes)]
    for title, rows in _sections(found):
        if rows:
            text += ["", title]
            width = max(len(name) for name, _ in rows)
            text += [f"  {name:<{width}}  {value}".rstrip() for name, value in rows]
    return [one_line(line) for line in text]


def _sections(found: Inspection) -> list[tuple[str, list[tuple[str, str]]]]:
    interpreter = found.interpreter
    rows = []
    if interpreter is not None:
        rows = [
            ("executable", interpreter.executable),
            ("real file", interpreter.real_executable),
            ("version", interpreter.version),
            ("linkage", interpreter.linkage),
            ("runtime", interpreter.runtime),
            ("ctypes.pythonapi", interpreter.pythonapi),
            ("RPATH", ":".join(interpreter.rpath)),
            ("RUNPATH", ":".join(interpreter.runpath)),
        ]
    return [
        ("interpreter", [(name, value) for name, value in rows if value]),
        ("sysconfig", [(name, value) for name, value in found.sysconfig.items() if value]),
        ("runtimes in the process", [row for copy in found.copies for row in _copy_rows(copy)]),
        ("installed copies of libpython", [_library_row(one) for one in found.libraries]),
        (
            "installed modules that need libpython",
            [_module_row(module) for module in found.modules or ()],
        ),
    ]


def _copy_rows(copy: Copy) -> list[tuple[str, str]]:
    rows = [("own" if copy.own else "OTHER", copy.path)]
    if not copy.own:
        rows += [("", f"needed by {path}") for path in copy.needed_by]
    return [*rows, ("", f"loaded by {copy.preloaded_by}")] if copy.preloaded_by else rows


def _library_row(library: Library) -> tuple[str, str]:
    shown = f"{library.path} ({', '.join(library.places)})"
    marks = (
        " [own]" * library.own,
        " [found by name]" * (bool(library.names) and not library.own),
        " [stub]" * library.stub,
    )
    return library.version or "?", shown + "".join(marks)


def _module_row(module: Module) -> tuple[str, str]:
    needs = f" needs {', '.join(module.libraries)}" if module.libraries else ""
    through = f" through {module.through}" if module.through else ""
    shown = f"{module.path} ({module.distribution or 'no distribution'}){needs}{through}"
    return module.leads_to, shown
