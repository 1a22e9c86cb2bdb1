"""What the doctor finds, as values that can cross a process boundary as JSON.

An inspection is made inside the interpreter that it is about, which may be another one
than the user's, and is judged and shown by the one that the user called.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Library:
    """One libpython file around the interpreter.

    ``version`` is what the file says of itself, or its name. ``places`` tell how it was
    found. ``names`` are those that lead to it if they are opened. A ``stub`` (PEP 384's
    ``libpython3.so``) holds no runtime, ``own`` is what the interpreter runs from.
    """

    path: str
    version: str
    places: tuple[str, ...]
    names: tuple[str, ...]
    own: bool
    stub: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """A mapped file that holds a Python runtime; ``needed_by`` are mapped files that ask for it.

    ``preloaded_by`` is ``LD_PRELOAD`` or the file that had the loader map it first.
    """

    path: str
    own: bool
    needed_by: tuple[str, ...] = ()
    preloaded_by: str = ""


@dataclass(frozen=True, slots=True)
class Module:
    """An installed extension module that needs libpython, or carries a static copy of it.

    ``through`` is the library beside it whose need it is. ``leads_to`` is ``own``,
    ``second``, ``missing`` or ``embedded``.
    """

    distribution: str
    path: str
    libraries: tuple[str, ...]
    leads_to: str
    through: str = ""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """How an interpreter came to its runtime.

    ``linkage`` is ``static`` (the runtime lies in the executable), ``shared`` (in
    libpython or a framework), ``embedded`` (in another file), ``none`` (a process without
    Python) or ``unknown``. ``runtime`` is that file. ``pythonapi`` is the file that
    ``ctypes.pythonapi`` leads to, and ``expected`` the library that belongs to the
    interpreter's prefix, where there is one. ``found_by`` is the variable that led the loader
    to another. ``hidden_symbol`` is a function of Python's that extension modules do not see,
    and ``opened`` says that a libpython was opened by a program that does not need one, and that
    nothing shows whether its symbols are global.
    """

    executable: str
    real_executable: str
    version: str
    prefix: str
    linkage: str
    runtime: str
    pythonapi: str = ""
    expected: str = ""
    rpath: tuple[str, ...] = ()
    runpath: tuple[str, ...] = ()
    found_by: str = ""
    hidden_symbol: str = ""
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Program:
    """An executable that was looked at and not run: what it needs and where that leads.

    ``needed`` pairs each libpython that it asks for with the file found, or ``""``.
    ``origin_only`` are those found beside the file itself but not beside the symbolic
    link that it was called by. ``folders`` have a library that it needs and does not find.
    """

    path: str
    needed: tuple[tuple[str, str], ...]
    holds_runtime: bool
    origin_only: tuple[str, ...] = ()
    complaint: str = ""
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that was found. ``process`` is the number of another process, if one was examined.

    ``unreadable`` are mapped libraries that could not be read, and ``sees_mapped_files`` is
    false where the system does not list them.
    """

    interpreter: Interpreter | None = None
    program: Program | None = None
    process: int = 0
    libraries: tuple[Library, ...] = ()
    copies: tuple[Copy, ...] = ()
    modules: tuple[Module, ...] | None = None
    sysconfig: dict[str, str] = field(default_factory=dict)
    contradictions: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    sees_mapped_files: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return plain values for ``json``."""
        return asdict(self)


def from_json(values: dict[str, Any]) -> Inspection:
    """Return the inspection that ``as_json`` was made from. Raises ``KeyError``, ``TypeError``."""
    interpreter, program, modules = (values[key] for key in ("interpreter", "program", "modules"))
    return Inspection(
        interpreter=interpreter and Interpreter(**_tuples(interpreter)),
        program=program and Program(**_tuples(program)),
        process=values["process"],
        libraries=tuple([Library(**_tuples(item)) for item in values["libraries"]]),
        copies=tuple([Copy(**_tuples(item)) for item in values["copies"]]),
        modules=None if modules is None else tuple([Module(**_tuples(item)) for item in modules]),
        sysconfig=values["sysconfig"],
        contradictions=tuple(values["contradictions"]),
        unreadable=tuple(values["unreadable"]),
        sees_mapped_files=values["sees_mapped_files"],
    )


def _tuples(values: dict[str, Any]) -> dict[str, Any]:
    """Return ``values`` with tuples where JSON has lists."""
    return {name: _from_dict(value) for name, value in values.items()}


def _from_dict(value: Any) -> Any:
    return tuple([_from_dict(item) for item in value]) if isinstance(value, list) else value
