"""Examining the interpreter that runs this, or another process of the same user.

Whether an interpreter is linked to libpython is asked of the addresses of its own code
and data. ``sysconfig`` tells how the build was configured, and on Debian and in relocated
builds that is not what is running; where they differ, the difference is reported.
"""

from __future__ import annotations

import os
import platform
import re
import sys
import sysconfig
from typing import TYPE_CHECKING

from no_libpython_dlopen.knowledge.libpython_names import is_libpython
from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.runtime import binary_info, loader_search, mapped_files
from no_libpython_dlopen.runtime.doctor import libpython_inventory
from no_libpython_dlopen.runtime.doctor.inspection import Copy, Inspection, Interpreter
from no_libpython_dlopen.runtime.doctor.process_view import ProcessView

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

    from no_libpython_dlopen.runtime.binary_info import BinaryInfo

_INTERPRETER = re.compile(r"(?:python|pypy)[\d.]*[a-z]*")
_VARIABLES = ("Py_ENABLE_SHARED", "LDLIBRARY", "INSTSONAME", "LIBDIR", "PYTHONFRAMEWORK")


class NothingToInspect(NolibpyError):
    """There is nothing to look at; the text says why."""


def inspect_interpreter(*, environment: bool = False) -> Inspection:
    """Return the inspection of the running interpreter.

    ``environment`` also looks at every installed extension module.
    """
    own = mapped_files.runtime()
    runtime = own.path if own else ""
    loaded = mapped_files.files()
    view = _own_view()
    pythonapi, hidden = _pythonapi()
    rpath, runpath = loader_search.run_paths(mapped_files.executable())
    interpreter = Interpreter(
        executable=sys.executable,
        real_executable=mapped_files.executable(),
        version=f"{platform.python_implementation()} {platform.python_version()}",
        prefix=sys.prefix,
        linkage=_linkage(runtime),
        runtime=runtime,
        pythonapi=pythonapi,
        expected=libpython_inventory.shared_library_of_prefix(),
        rpath=tuple(rpath),
        runpath=tuple(runpath),
        found_by=view.search_variable(runtime) if view else "",
        hidden_symbol=hidden,
    )
    modules = None
    if environment:
        from no_libpython_dlopen.runtime.doctor import installed_modules

        modules = installed_modules.find_modules(runtime)
    return Inspection(
        interpreter=interpreter,
        libraries=libpython_inventory.find_libraries(runtime, loader_search.environment(), loaded),
        copies=copies(loaded, lambda file: own is not None and file.identity == own.identity, view),
        modules=modules,
        sysconfig={name: str(sysconfig.get_config_var(name)) for name in _VARIABLES},
        contradictions=sysconfig_contradictions(interpreter),
        unreadable=tuple(view.unreadable) if view else (),
        sees_mapped_files=bool(loaded),
    )


def _own_view() -> ProcessView | None:
    try:
        return ProcessView("self")
    except OSError:  # pragma: no cover - no /proc, as on macOS
        return None


def _linkage(runtime: str) -> str:
    if not runtime:
        return "unknown"
    if is_libpython(runtime):
        return "shared"
    found = binary_info.read(runtime)
    if found is not None and is_libpython(found.soname):
        return "shared"
    same = os.path.realpath(runtime) == os.path.realpath(mapped_files.executable())
    return "static" if same else "embedded"


def _pythonapi() -> tuple[str, str]:
    """Return the file that ``ctypes.pythonapi`` finds the API in, and a symbol it does not find.

    It asks the whole process, executable first; a program that opened its libpython
    privately (without RTLD_GLOBAL) has no API there, or another library's, and ctypes itself
    may not find a symbol.
    """
    try:
        import ctypes

        function = ctypes.pythonapi.Py_Initialize
        address = ctypes.cast(function, ctypes.c_void_p).value or 0
    except AttributeError:
        return "", "Py_Initialize"
    except ImportError as error:
        hidden = re.search(r"(?:undefined symbol: |not found[^']*'?_?)(_?Py\w+)", str(error))
        return "", hidden[1] if hidden else ""
    found = mapped_files.file_of_process_at(address)
    return (found.path if found else ""), ""


def sysconfig_contradictions(interpreter: Interpreter) -> tuple[str, ...]:
    """Return the false statements of ``sysconfig``, each as one sentence."""
    found = []
    get = sysconfig.get_config_var
    if get("Py_ENABLE_SHARED") and interpreter.linkage == "static":
        found.append("Py_ENABLE_SHARED is 1, but the runtime is linked into the executable")
    if (
        not get("Py_ENABLE_SHARED")
        and interpreter.linkage == "shared"
        and not get("PYTHONFRAMEWORK")
    ):
        found.append("Py_ENABLE_SHARED is 0, but the runtime is in a libpython")
    folder, name = get("LIBDIR") or "", get("LDLIBRARY") or ""
    if folder and not os.path.isdir(folder):
        found.append(f"LIBDIR is {folder}, which does not exist")
    elif is_libpython(name) and folder and not get("PYTHONFRAMEWORK"):
        multiarch = os.path.join(folder, get("MULTIARCH") or "")
        if not any(os.path.exists(os.path.join(place, name)) for place in (folder, multiarch)):
            found.append(f"LDLIBRARY is {name}, which is not in LIBDIR ({folder})")
    return tuple(found)


def copies(
    loaded: list[mapped_files.MappedFile],
    is_own: Callable[[mapped_files.MappedFile], bool],
    view: ProcessView | None,
) -> tuple[Copy, ...]:
    """Return the mapped files that hold a runtime, and which mapped files ask for each.

    Without a ``view`` of the process its files are read by their paths. A plain name that is
    needed leads to the file of that name that is mapped already: where that is the own one,
    no need has brought another file of that name.
    """
    runtimes: list[mapped_files.MappedFile] = []
    asking: list[tuple[str, tuple[str, ...]]] = []
    for file in loaded:
        found = view.read(file) if view else binary_info.read(file.path)
        named = is_libpython(file.name) or (found is not None and is_libpython(found.soname))
        holds = found is not None and found.holds_runtime
        if (is_own(file) or holds or named) and not libpython_inventory.is_stub(file.path):
            runtimes.append(file)
        if found is not None and found.libpython:
            asking.append((file.path, found.libpython))
    taken = {file.name for file in runtimes if is_own(file)}
    return tuple(
        Copy(
            path=file.path,
            own=is_own(file),
            needed_by=tuple(
                [
                    path
                    for path, names in asking
                    if _needs_file(names, file, set() if is_own(file) else taken)
                    and path != file.path
                ]
            ),
            preloaded_by=view.find_preloader(file.path) if view else "",
        )
        for file in sorted(runtimes, key=lambda file: not is_own(file))
    )


def _needs_file(
    names: Iterable[str], file: mapped_files.MappedFile, taken: Container[str] = ()
) -> bool:
    """Return whether one of the needed ``names``, without plain ones that are ``taken``, is it."""
    return any(name.rpartition("/")[2] == file.name and name not in taken for name in names)


def inspect_process(number: int) -> Inspection:
    """Return the inspection of another process. Raises ``NothingToInspect``.

    Its own runtime is the executable if that holds one, else the libpython that the
    executable needs, else, in a program that opens its libpython itself, the first one.
    """
    if not os.path.isdir("/proc/self"):  # pragma: no cover - as on macOS
        raise NothingToInspect("other processes can be inspected only on systems with /proc")
    try:
        view = ProcessView(number)
    except PermissionError:
        raise NothingToInspect(
            f"process {number} is protected or belongs to another user"
        ) from None
    except OSError:
        raise NothingToInspect(f"no such process: {number}") from None
    if not view.files:
        raise NothingToInspect(f"no such process: {number}")
    program = next((file for file in view.files if file.path == view.executable), None)
    executable = (program and view.readable_path(program)) or f"/proc/{number}/exe"
    needed = binary_info.read_program(executable)
    own = _runtime_of(view, program, needed)
    linkage = "none" if own is None else "static" if own is program else "shared"
    rpath, runpath = loader_search.run_paths(executable)
    path = own and view.readable_path(own)
    found_by = view.search_variable(own.path) if own else ""
    interpreter = Interpreter(
        executable=view.executable,
        real_executable=view.executable,
        version=libpython_inventory.version_of(path) if path else "",
        prefix="",
        linkage=linkage,
        runtime=own.path if own else "",
        expected=_expected_library(own, executable, view) if own and own is not program else "",
        rpath=tuple(rpath),
        runpath=tuple(runpath),
        found_by=found_by,
        opened=linkage == "shared"
        and not (needed and needed.libpython)
        and found_by in {"", "LD_LIBRARY_PATH"}  # what is preloaded has global symbols
        and not _has_importable_modules(view),
    )
    return Inspection(
        interpreter=interpreter,
        process=number,
        copies=copies(view.files, lambda file: file is own, view),
        unreadable=tuple(view.unreadable),
    )


def _has_importable_modules(view: ProcessView) -> bool:
    """Return whether a module of Python's own is mapped that gets Python's symbols from the process.

    Where libpython was opened without RTLD_GLOBAL the loader maps none: they need data of it.
    """
    return any(
        not found.libpython
        for file in view.files
        if os.path.basename(os.path.dirname(file.path)) == "lib-dynload"
        if (found := view.read(file))
    )


def _expected_library(own: mapped_files.MappedFile, executable: str, view: ProcessView) -> str:
    """Return the library that belongs to a process's interpreter, ``""`` where none is known.

    That is the one of its prefix, else the one that the loader would find without a variable
    that leads elsewhere. Programs that embed Python may run from any.
    """
    if not is_interpreter(view.executable) or not view.search_variable(own.path):
        return ""
    prefix = os.path.dirname(os.path.dirname(view.executable))
    for folder in (
        "lib",
        "lib64",
        os.path.join("lib", os.path.basename(os.path.dirname(own.path))),
    ):
        path = os.path.join(prefix, folder, own.name)
        if os.path.isfile(path):
            return path
    return loader_search.locate(own.name, (), caller=executable, variables={})


def is_interpreter(path: str) -> bool:
    """Return whether a file is called like a Python, itself or by its symbolic link."""
    names = {os.path.basename(path), os.path.basename(os.path.realpath(path))}
    return any(_INTERPRETER.fullmatch(name) for name in names)


def _runtime_of(
    view: ProcessView, program: mapped_files.MappedFile | None, needed: BinaryInfo | None
) -> mapped_files.MappedFile | None:
    if program is not None and needed is not None and needed.holds_runtime:
        return program
    named = [
        file
        for file in view.files
        if is_libpython(file.name) and not libpython_inventory.is_stub(file.path)
    ]
    # The loader maps what the program needs before the rest, mostly each below what is mapped.
    asked = [file for file in reversed(named) if needed and _needs_file(needed.libpython, file)]
    if len(asked) > 1:
        name, caller = asked[0].name, view.executable
        path = loader_search.locate(name, (), caller=caller, variables=view.variables)
        asked.sort(key=lambda file: not path or file.path != os.path.realpath(path))
    return next(iter(asked or named), None)
