"""Examining the interpreter that runs this, or another process of the same user.

Whether an interpreter is linked to libpython is asked of the addresses of its own code
and data. ``sysconfig`` tells how the build was configured, and on Debian and in relocated
builds that is not what is running; where they differ, the difference is reported.
"""

from __future__ import annotations

import os
import platform
import sys
import sysconfig
from typing import TYPE_CHECKING

from no_libpython_dlopen.knowledge.libpython_names import is_libpython
from no_libpython_dlopen.model.errors import NolibpyError
from no_libpython_dlopen.runtime import binary_info, loader_search, mapped_files
from no_libpython_dlopen.runtime.doctor import libpython_inventory
from no_libpython_dlopen.runtime.doctor.inspection import Copy, Inspection, Interpreter

if TYPE_CHECKING:
    from collections.abc import Callable

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
    rpath, runpath = loader_search.run_paths(mapped_files.executable())
    interpreter = Interpreter(
        executable=sys.executable,
        real_executable=mapped_files.executable(),
        version=f"{platform.python_implementation()} {platform.python_version()}",
        prefix=sys.prefix,
        linkage=_linkage(runtime),
        runtime=runtime,
        pythonapi=_pythonapi(),
        expected=libpython_inventory.shared_library_of_prefix(),
        rpath=tuple(rpath),
        runpath=tuple(runpath),
    )
    modules = None
    if environment:
        from no_libpython_dlopen.runtime.doctor import installed_modules

        modules = installed_modules.find_modules(runtime)
    return Inspection(
        interpreter=interpreter,
        libraries=libpython_inventory.find_libraries(runtime, loader_search.environment(), loaded),
        copies=copies(loaded, lambda file: own is not None and file.identity == own.identity),
        modules=modules,
        sysconfig={name: str(sysconfig.get_config_var(name)) for name in _VARIABLES},
        contradictions=sysconfig_contradictions(interpreter),
    )


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


def _pythonapi() -> str:
    """Return the file that ``ctypes.pythonapi`` finds the API in, ``""`` if it finds none.

    It asks the whole process, executable first; a program that opened its libpython
    privately has no API there, or another library's.
    """
    try:
        import ctypes

        function = ctypes.pythonapi.Py_Initialize
        address = ctypes.cast(function, ctypes.c_void_p).value or 0
    except (ImportError, AttributeError):
        return ""
    found = mapped_files.file_of_process_at(address)
    return found.path if found else ""


def sysconfig_contradictions(interpreter: Interpreter) -> tuple[str, ...]:
    """Return where ``sysconfig`` says what is not so, each as one sentence."""
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
    root: str = "",
) -> tuple[Copy, ...]:
    """Return the mapped files that hold a runtime, and which mapped files ask for each.

    ``root`` stands before the paths of a process in another file system (a container).
    """
    runtimes: list[mapped_files.MappedFile] = []
    asking: list[tuple[str, tuple[str, ...]]] = []
    for file in loaded:
        found = binary_info.read(root + file.path)
        named = is_libpython(file.name) or (found is not None and is_libpython(found.soname))
        holds = found is not None and found.holds_runtime
        if (is_own(file) or holds or named) and not libpython_inventory.is_stub(file.path):
            runtimes.append(file)
        if found is not None and found.libpython:
            asking.append((file.path, found.libpython))
    return tuple(
        Copy(
            path=file.path,
            own=is_own(file),
            needed_by=tuple(
                [path for path, names in asking if _needs_file(names, file) and path != file.path]
            ),
        )
        for file in sorted(runtimes, key=lambda file: not is_own(file))
    )


def _needs_file(names: tuple[str, ...], file: mapped_files.MappedFile) -> bool:
    return any(name.rpartition("/")[2] == file.name for name in names)


def inspect_process(number: int) -> Inspection:
    """Return the inspection of another process. Raises ``NothingToInspect``.

    Its own runtime is the executable if that holds one, else the libpython that the
    executable needs, else, in a program that opens its libpython itself, the first one.
    """
    if not os.path.isdir("/proc/self"):
        raise NothingToInspect("other processes can be inspected only on systems with /proc")
    try:
        maps = mapped_files.read_maps(number)
        executable = os.readlink(f"/proc/{number}/exe")
    except PermissionError:
        raise NothingToInspect(
            f"process {number} is protected or belongs to another user"
        ) from None
    except OSError:
        raise NothingToInspect(f"no such process: {number}") from None
    if not maps:
        raise NothingToInspect(f"no such process: {number}")
    root = f"/proc/{number}/root"
    loaded = mapped_files.parse(maps)
    own = _runtime_of(loaded, executable, root)
    linkage = "none" if own is None else "static" if own.path == executable else "shared"
    rpath, runpath = loader_search.run_paths(root + executable)
    interpreter = Interpreter(
        executable=executable,
        real_executable=executable,
        version=libpython_inventory.version_of(root + own.path) if own else "",
        prefix="",
        linkage=linkage,
        runtime=own.path if own else "",
        rpath=tuple(rpath),
        runpath=tuple(runpath),
    )
    return Inspection(
        interpreter=interpreter,
        process=number,
        copies=copies(loaded, lambda file: file is own, root),
    )


def _runtime_of(
    loaded: list[mapped_files.MappedFile], executable: str, root: str
) -> mapped_files.MappedFile | None:
    program = binary_info.read(root + executable)
    for file in loaded:
        if file.path == executable and program is not None and program.holds_runtime:
            return file
    named = [
        file
        for file in loaded
        if is_libpython(file.name) and not libpython_inventory.is_stub(file.path)
    ]
    for file in named:
        if program is not None and _needs_file(program.libpython, file):
            return file
    return named[0] if named else None
