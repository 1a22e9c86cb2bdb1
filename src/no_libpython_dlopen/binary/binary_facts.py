"""From one judged shared object to facts, and to words on where it fails."""

from __future__ import annotations

from no_libpython_dlopen.binary.host_clues import PLUG_IN, TOO_MANY, UNREAD
from no_libpython_dlopen.binary.shared_object import SharedObject
from no_libpython_dlopen.model.facts import Embedded, Fact, Needed
from no_libpython_dlopen.model.finding import Applicability, Fix


def facts_of(
    name: str, found: SharedObject, *, member: str = "", shipped: bool = False, no_repair: str = ""
) -> list[Fact]:
    """Return the facts that a shared object amounts to by itself.

    ``member`` is its path inside an archive; ``shipped`` tells that the archive ships the
    libpython it needs, ``no_repair`` why its entry must not be removed.
    """
    facts: list[Fact] = []
    if not found.module:
        return facts
    if found.libpython:
        reason = found.no_repair or no_repair
        fix = None
        if not reason:
            caveats = caveats_of(found)
            level = Applicability.UNSAFE if caveats else Applicability.SAFE
            fix = Fix(level, describe_removal(found.libpython), caveats=caveats)
        clause = failure_clause(name, found.libpython, shipped=shipped)
        facts.append(Needed(member, found.libpython, clause, fix, reason))
    if found.core or found.hidden:
        facts.append(Embedded(member, found.core))
    return facts


def caveats_of(module: SharedObject) -> tuple[str, ...]:
    """Return why the repair of a module is unsafe; for a safe one, nothing."""
    caveats = [module.doubt] if module.doubt else []
    if function := module.start_name:
        caveats.append(
            f"it names `{function}`: if it looks that up to start Python, it needs the entry"
        )
    return tuple(caveats)


def loader_caveat(shown: str, doubt: str) -> str:
    """Return why a module's repair is unsafe, of which a file, ``shown`` so, leaves a ``doubt``."""
    if doubt == PLUG_IN:
        opened = "if a program opens it for itself alone (`RTLD_LOCAL`)"
        return f"`{shown}` {doubt}: {opened}, the entry is needed"
    it = "a file in it" if doubt in (TOO_MANY, UNREAD) else "it"
    return f"`{shown}` {doubt}: if {it} loads this module without Python, the entry is needed"


def host_blocker(host: SharedObject, shown: str) -> str:
    """Return the reason why a module is not repaired on which a ``host``, ``shown`` so, depends."""
    if host.program:
        return f"the program `{shown}` gets libpython through it"
    return f"`{shown}`, which starts Python, gets libpython through it"


def lookup_blocker(host: str, function: str) -> str:
    """Return the reason why a module is not repaired that a host may open as a plug-in."""
    return f"`{host}` looks up `{function}`, and may find it through this module"


def describe_removal(libraries: tuple[str, ...], place: str = "") -> str:
    """Return the description of a repair, in the imperative; ``place`` has the needs."""
    names = ", ".join(f"`{library}`" for library in libraries)
    return f"remove {names} from `DT_NEEDED`" + (f" of `{place}`" if place else "")


def indirect_need(
    module: str, through: str, library: SharedObject, *, member: str = "", shipped: bool = False
) -> Needed:
    """Return the need of ``module`` that stands in the ``library`` at ``through``."""
    return Needed(
        member,
        library.libpython,
        failure_clause(module, library.libpython, shipped=shipped),
        no_fix_reason=f"the entry is in `{through}`, which is not an extension module",
        through=through,
    )


def opened_need(path: str, library: SharedObject, no_repair: str) -> Needed:
    """Return the need of a wheel's library that Python opens at run time."""
    clause = (
        "no module of the wheel needs it, so Python opens it at run time, and on a statically "
        "linked interpreter that fails, or loads a second runtime if libpython is installed"
    )
    reason = library.no_repair or no_repair
    fix = None
    if not reason:
        caveat = "a program that embeds Python may load the library as well"
        description = describe_removal(library.libpython, path)
        fix = Fix(Applicability.UNSAFE, description, caveats=(caveat,))
    return Needed(path, library.libpython, clause, fix, reason, library=True)


def failure_clause(name: str, libraries: tuple[str, ...], *, shipped: bool) -> str:
    """Return in one clause on which interpreters a module that needs ``libraries`` fails."""
    if shipped:
        return "it loads the shipped copy as a second runtime on every interpreter"
    if all(library.startswith("/") for library in libraries):
        return "it works only with the interpreter installed there"
    clause = (
        "on a statically linked interpreter it fails to import, or loads a second runtime "
        "if that library is installed"
    )
    if name.endswith((".abi3.so", ".abi3t.so")) and not all(map(_is_stub, libraries)):
        clause += "; on any other Python version it also loads a second runtime"
    return clause


def _is_stub(library: str) -> bool:
    """Return whether ``library`` is the stable ABI's, which any Python 3 may install."""
    base = library.rpartition("/")[2]
    return base.startswith(("libpython3.so", "libpython3t.so", "libpython3-"))
