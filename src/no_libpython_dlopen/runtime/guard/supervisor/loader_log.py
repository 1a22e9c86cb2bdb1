"""Which libpython a program mapped by the log of glibc's dynamic loader, and what asked for it.

Where a process crashes, is killed or leaves by ``os._exit``, the guard inside it has no
last word. The loader writes what it maps before it maps it (``LD_DEBUG=files``,
``ld.so(8)``), so the log has it whatever the end. A program's own start comes first in its
part of the log: what is mapped then is the interpreter's own libpython.
"""

from __future__ import annotations

import os
import re
from functools import cache

from no_libpython_dlopen.knowledge.libpython_names import is_libpython
from no_libpython_dlopen.runtime.guard import needed_libraries
from no_libpython_dlopen.runtime.messages import same_file

_LINE = re.compile(r"\s*(\d+):\t(.*)")
_REQUEST = re.compile(r"file=(.*) \[\d+\];  (needed|dynamically loaded) by (.*) \[\d+\]")
_MAPPED = re.compile(r"file=(.*) \[\d+\];  generating link map")
_INIT = re.compile(r"calling init: (.*)")


class MappedLibrary:
    """A library that process ``process`` mapped because the file ``caller`` asked for it.

    ``path`` is empty where the process ended before the loader named the file. ``is_need``
    tells ``DT_NEEDED`` from a call of ``dlopen``. No ``NamedTuple``: the guard asks for it as the
    program ends, and a late import of ``typing`` has free-threaded 3.14 drop the program's open
    files unwritten.
    """

    __slots__ = ("caller", "is_need", "name", "path", "process")

    def __init__(self, process: int, name: str, path: str, caller: str, is_need: bool) -> None:
        self.process = process
        self.name = name
        self.path = path
        self.caller = caller
        self.is_need = is_need

    @property
    def code(self) -> str:
        """The rule's code."""
        return "NLP402" if self.is_need else "NLP401"

    def message(self) -> str:
        """Return the message for the user."""
        file = f" ({self.path})" if self.path and self.path != self.name else ""
        if self.is_need:
            return (
                f"`{self.caller}` needs `{self.name}`{file}, which was mapped with it; "
                "build it without linking to libpython"
            )
        return f"`{self.name}`{file} was mapped; {self.reason()}"

    def reason(self) -> str:
        """Return the clause that tells what asked for it: the log has no caller of ``dlmopen``."""
        if not self.caller:
            return "C code opened it by `dlmopen`"
        if self.is_need:
            return f"`{self.caller}` needs it"
        return f"`{self.caller}` opened it by `dlopen`"


def parse_log(text: str) -> list[MappedLibrary]:
    """Return the libraries in one file of the log, without those of the program's start."""
    found: list[MappedLibrary] = []
    asked: dict[tuple[str, str], tuple[str, bool]] = {}
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        process, words = match.groups()
        if words.startswith("transferring control: "):
            found.clear()
        elif request := _REQUEST.match(words):
            name, how, caller = request.groups()
            asked[process, name] = (caller, how == "needed")
        elif mapped := _MAPPED.match(words):
            name = mapped[1]
            caller, is_need = asked.get((process, name), ("", False))
            path = name if name.startswith("/") else ""
            found.append(MappedLibrary(int(process), name, path, caller, is_need))
        elif init := _INIT.match(words):
            path = init[1]
            for item in found:
                if not item.path and item.name == os.path.basename(path):
                    item.path = path
    return found


def read_logs(folder: str, prefix: str) -> list[MappedLibrary]:
    """Return the libpythons of every log in ``folder``: one of each process and its forks."""
    logs = (name for name in sorted(os.listdir(folder)) if name.startswith(prefix))
    return [item for name in logs for item in read_log(os.path.join(folder, name))]


def read_log(path: str, start: int = 0) -> list[MappedLibrary]:
    """Return the libpythons in the log ``path`` from the byte ``start`` on."""
    with open(path, "rb") as file:
        file.seek(start)
        return list(filter(_is_runtime, parse_log(_decode(file.read()))))


def _is_runtime(item: MappedLibrary) -> bool:
    """Return whether a library is a libpython by its name, the file of a link, or its soname."""
    if is_libpython(item.name):
        return True
    path = item.path or item.name
    return os.path.isabs(path) and "/lib-dynload/" not in path and _leads_to_runtime(path)


@cache
def _leads_to_runtime(path: str) -> bool:
    return is_libpython(os.path.realpath(path)) or is_libpython(needed_libraries.read(path)[0])


def reason(log: str, path: str) -> str:
    """Return the clause that tells what had this process map the file ``path``, ``""`` if unknown.

    A process that was forked has what its parent had mapped.
    """
    try:
        with open(log, "rb") as file:
            items = parse_log(_decode(file.read()))
    except OSError:
        return ""
    found = [item for item in items if item.caller and same_file(item.path or item.name, path)]
    found.sort(key=lambda item: item.process != os.getpid())
    return found[0].reason() if found else ""


def _decode(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
