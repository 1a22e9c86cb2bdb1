"""Makes facts of the loads in programs that a file hands to a Python; they are only reported."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from no_libpython_dlopen.model import analysis
from no_libpython_dlopen.model.facts import Load
from no_libpython_dlopen.model.finding import Location
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.limits import PYTHON_DEPTH, PYTHON_PROGRAMS
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.python import prefilter
from no_libpython_dlopen.python.evaluator.protocol import Evaluator
from no_libpython_dlopen.python.programs.doctests import find_examples
from no_libpython_dlopen.python.programs.program import Program
from no_libpython_dlopen.python.programs.program_sinks import ProgramSinks
from no_libpython_dlopen.python.programs.program_text import ProgramTexts
from no_libpython_dlopen.python.syntax.parse_ast import TOO_DEEP
from no_libpython_dlopen.python.syntax.positions import Positions

_REASON = "programs in strings are not rewritten"


def find_loads(
    source: Source,
    evaluator: Evaluator,
    positions: Positions,
    read: Callable[[Source], Iterable[Load]],
) -> Iterator[Load]:
    """Yield the loads of the programs in a file's strings, each of which ``read`` reads.

    What does not parse is no program.
    """
    texts = ProgramTexts(evaluator, positions)
    seen: set[tuple[int, ...]] = set()
    places: set[Location] = set()
    several = [
        *ProgramSinks(evaluator, texts, source.path).programs(),
        *find_examples(evaluator.dataflow, texts),
    ]
    known: dict[bytes, tuple[Source, list[Load]]] = {}
    for program in analysis.watch(several):
        data = program.text.encode("utf-8", "surrogatepass")
        if program.origin in seen or not prefilter.may_contain_embedded_load(data):
            continue
        seen.add(program.origin)
        if data not in known:
            if len(known) == PYTHON_PROGRAMS:
                analysis.note_limit(PYTHON_PROGRAMS)
                return
            inner = Source("", Kind.PYTHON, data)
            known[data] = inner, loads_of(inner, read)
        inner, loads = known[data]
        for load in loads:
            located = locate(load, inner, program, source)
            if located.start not in places:
                places.add(located.start)
                yield located


def loads_of(inner: Source, read: Callable[[Source], Iterable[Load]]) -> list[Load]:
    """Return the loads of a program, none for what does not parse; a limit is noted."""
    try:
        with analysis.until_limit():
            return list(read(inner))
    except Unreadable as error:
        if error.reason == TOO_DEEP:
            analysis.note_limit(PYTHON_DEPTH)
    return []


def locate(load: Load, inner: Source, program: Program, source: Source) -> Load:
    """Return a load of a program as one of the file that holds it."""
    origin = (*program.origin, program.origin[-1] + 1)

    def place(location: Location) -> Location:
        return source.locate(origin[min(inner.offset(location), len(program.text))])

    return load.in_program(place, _REASON)
