"""The hosts in an archive: what imports its modules, and has loaded a libpython before them.

A host is the interpreter in the archive, as in Python's images, or else a program or plug-in that
embeds Python, in whose prefix the modules are. For these modules its libpython is no second runtime.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from no_libpython_dlopen.binary.plug_ins import find_plug_ins
from no_libpython_dlopen.files.prefixes import is_installed, prefix_above

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from no_libpython_dlopen.binary.shared_object import SharedObject

#: The file name of a Python: ``python3.13t``.
_INTERPRETER = re.compile(r"python3(?:\.\d+[a-z]*)?")
#: The directory into which auditwheel copies the libraries of a package.
_GRAFTED = re.compile(r"/[^/]+\.libs/[^/]*\Z")


class RuntimeHosts:
    """The hosts among the ``objects`` of an archive.

    ``copies_of`` returns the libpythons of the archive that the object at a path loads.
    """

    def __init__(
        self, objects: Mapping[str, SharedObject], copies_of: Callable[[str], Iterable[str]]
    ) -> None:
        programs = [path for path, found in objects.items() if found.program]
        hosts = [one for one in programs if _INTERPRETER.fullmatch(one.rpartition("/")[2])]
        self._has_interpreter = bool(hosts)
        if not hosts:
            machines = {found.machine for found in objects.values()}
            hosts = [*programs, *(path for one in machines for path in find_plug_ins(objects, one))]
        self._hosts: dict[str, list[str]] = {}
        for host in hosts:
            for copy in copies_of(host):
                self._hosts.setdefault(copy, []).append(host)

    def has_loaded(self, copy: str, module: str) -> bool:
        """Return whether what imports the ``module`` has loaded the libpython at ``copy``.

        Without an interpreter in the archive, a prefix that has neither a host nor the libpython
        belongs to an interpreter outside of it, and so do packages that have a libpython inside.
        """
        if self._has_interpreter:
            return copy in self._hosts
        if is_installed(f"/{copy}") or _GRAFTED.search(f"/{copy}"):
            return False
        prefix = f"{prefix_above(f'/{module}')}/"
        hosts = self._hosts.get(copy, ())
        return any(f"/{one}".startswith(prefix) for host in hosts for one in (copy, host))
