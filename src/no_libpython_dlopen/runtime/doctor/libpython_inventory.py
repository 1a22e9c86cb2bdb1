"""Every libpython that a name could lead to, or that belongs to the interpreter.

Nothing is opened: the files are looked for where the loader, ``sysconfig`` and the
distributions of Python would have them, and read as bytes where it matters.
"""

from __future__ import annotations

import glob
import mmap
import os
import re
import sys
import sysconfig
from typing import TYPE_CHECKING

from no_libpython_dlopen.files.safe_open import safe_open
from no_libpython_dlopen.knowledge.libpython_names import is_libpython
from no_libpython_dlopen.runtime import loader_search, mapped_files
from no_libpython_dlopen.runtime.doctor.inspection import Library

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSION = re.compile(r"python(?:-[0-9a-f]{6,64})?(\d(?:\.\d+)?)[^/]*$|Versions/(\d+\.\d+)")
_STUB = re.compile(r"libpython3(?:-[0-9a-f]{6,64})?t?d?\.(?:so|dylib)[.\d]*")
_FRAMEWORKS = (
    "/Library/Frameworks/Python*.framework/Versions/*/Python*",
    "/opt/homebrew/Frameworks/Python*.framework/Versions/*/Python*",
    "/usr/local/Frameworks/Python*.framework/Versions/*/Python*",
)


def is_stub(path: str) -> bool:
    """Return whether a path names PEP 384's library, which only asks for the real one."""
    return bool(_STUB.fullmatch(path.rpartition("/")[2]))


def version_of(path: str) -> str:
    """Return the version of a libpython or an executable: as it says inside, else its name.

    >>> version_of("/nowhere/libpython3.11.so.1.0"), version_of("/nowhere/libpython3.so")
    ('3.11', '3')
    """
    match = _VERSION.search(os.path.realpath(path)) or _VERSION.search(path)
    if match is None:
        return ""
    minor: str = match[1] or match[2]
    return (_version_inside(path, minor) if "." in minor else "") or minor


def _version_inside(path: str, minor: str) -> str:
    """Return the text that ``Py_GetVersion`` starts with, from the file's constants."""
    pattern = re.compile(re.escape(minor.encode()) + rb"\.\d+(?:(?:a|b|rc)\d+)?\+?(?=[\0 ])")
    needle = minor.encode() + b"."
    try:
        descriptor, _ = safe_open(path)
        with (
            open(descriptor, "rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        ):
            at = data.find(needle)
            while at >= 0:
                match = pattern.match(data, at)
                if match and data[at - 1 : at] not in b".0123456789":
                    return match[0].decode()
                at = data.find(needle, at + 1)
    except (OSError, ValueError):
        pass
    return ""


def find_libraries(
    own: str, variables: dict[str, str], loaded: list[mapped_files.MappedFile]
) -> tuple[Library, ...]:
    """Return the libraries around this interpreter, each file once, its own first.

    ``own`` is the file of the running runtime, ``variables`` the environment that the
    loader read, ``loaded`` what is mapped.
    """
    places: dict[str, dict[str, None]] = {}
    names: dict[str, set[str]] = {}
    for path, place in _candidates(own, variables):
        real = os.path.realpath(path)
        if is_libpython(path) and os.path.isfile(real):
            places.setdefault(real, {})[place] = None
            names.setdefault(real, set()).add(path.rpartition("/")[2])
    found = [
        Library(
            path=real,
            version=version_of(real),
            places=tuple(places[real]),
            names=tuple(
                [name for name in sorted(names[real]) if _leads_to(name, real, loaded, variables)]
            ),
            own=os.path.realpath(own) == real,
            stub=is_stub(real),
        )
        for real in places
    ]
    return tuple(sorted(found, key=lambda library: not library.own))


def _leads_to(
    name: str, real: str, loaded: list[mapped_files.MappedFile], variables: dict[str, str]
) -> bool:
    path = loader_search.locate(name, loaded, caller=_loader(), variables=variables)
    return bool(path) and os.path.realpath(path) == real


def _loader() -> str:
    """Return the file that opens libraries for ctypes, whose RUNPATH counts."""
    return getattr(sys.modules.get("_ctypes"), "__file__", None) or ""


def _candidates(own: str, variables: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield paths and the place that each was found in."""
    if is_libpython(own):
        yield own, "this interpreter"
    executable = mapped_files.executable()
    rpath, runpath = loader_search.run_paths(executable)
    variable = "DYLD_LIBRARY_PATH" if sys.platform == "darwin" else "LD_LIBRARY_PATH"
    folders = [(folder, variable) for folder in loader_search.library_path(variables)]
    folders += [(folder, "RPATH of the executable") for folder in rpath]
    folders += [(folder, "RUNPATH of the executable") for folder in runpath]
    for name in ("LIBDIR", "LIBPL"):
        folders.append((sysconfig.get_config_var(name) or "", name))
    folders.append((os.path.join(sys.base_prefix, "lib"), "prefix of the interpreter"))
    if variables.get("CONDA_PREFIX"):
        folders.append((os.path.join(variables["CONDA_PREFIX"], "lib"), "CONDA_PREFIX"))
    for folder, place in folders:
        for path in _list_folder(folder):
            yield path, place
    for name, path in loader_search.read_cache():
        if is_libpython(name):
            yield path, "loader cache"
    for folder in loader_search.default_folders():
        for path in _list_folder(folder):
            yield path, "default directories of the loader"
    prefix = sysconfig.get_config_var("PYTHONFRAMEWORKPREFIX")
    if prefix:
        for path in glob.glob(f"{glob.escape(prefix)}/Python*.framework/Versions/*/Python*"):
            yield path, "framework"
    for pattern in _FRAMEWORKS if sys.platform == "darwin" else ():  # pragma: no branch
        for path in glob.glob(pattern):  # pragma: no cover - frameworks are macOS's
            yield path, "frameworks"


def _list_folder(folder: str) -> list[str]:
    return sorted(glob.glob(os.path.join(glob.escape(folder), "libpython*"))) if folder else []


def shared_library_of_prefix() -> str:
    """Return the shared library that belongs to this interpreter's prefix, if it is there.

    Relocated builds have a ``LIBDIR`` that exists nowhere, or a foreign folder's; so the
    prefix comes first.
    """
    name = sysconfig.get_config_var("INSTSONAME") or ""
    framework = sysconfig.get_config_var("PYTHONFRAMEWORKPREFIX") or ""
    if not is_libpython(name):
        return ""
    folders = [os.path.join(sys.base_prefix, "lib"), sysconfig.get_config_var("LIBDIR") or ""]
    for folder in (framework, *folders) if framework else folders:
        path = os.path.join(folder, name)
        if folder and os.path.isfile(path):
            return path
    return ""


def library_for_embedding(libraries: tuple[Library, ...]) -> str:
    """Return the libpython of this interpreter's version for a program that embeds Python.

    That is the one it runs from, else the one in its prefix, else one of the same name that
    the loader would find; ``""`` where there is none.
    """
    for library in libraries:
        if library.own:
            return library.path
    if shared_library_of_prefix():
        return shared_library_of_prefix()
    config = sysconfig.get_config_vars()
    wanted = {config.get("INSTSONAME"), config.get("LDLIBRARY")}
    version = f"{sys.version_info[0]}.{sys.version_info[1]}{getattr(sys, 'abiflags', '')}"
    for library in libraries:
        base = os.path.basename(library.path)
        if base in wanted or base.startswith(f"libpython{version}."):
            return library.path
    return ""


def static_archive() -> str:
    """Return the static libpython of this interpreter, ``""`` where it has none."""
    name = sysconfig.get_config_var("LIBRARY") or ""
    for variable in ("LIBPL", "LIBDIR"):
        path = os.path.join(sysconfig.get_config_var(variable) or "", name)
        if name.endswith(".a") and os.path.isfile(path):
            return path
    return ""


#: Where installers of Python put interpreters, as patterns of their library folders.
_INSTALLATIONS = (
    "~/.pyenv/versions/*/lib",
    "~/.local/share/uv/python/*/lib",
    "~/.asdf/installs/python/*/lib",
    "~/.local/share/mise/installs/python/*/lib",
    "~/*conda*/lib",
    "~/*conda*/envs/*/lib",
    "~/miniforge*/envs/*/lib",
    "/opt/*/lib",
    "/opt/*/*/lib",
    "/usr/local/lib*",
    "/usr/lib/*-linux-gnu*",
    "/opt/hostedtoolcache/Python/*/*/lib",
)


def folders_with(name: str, program: str) -> tuple[str, ...]:
    """Return the folders of this machine's Pythons with a library of that name for a program."""
    is_musl = loader_search.uses_musl(program)
    base = os.path.basename(name)
    patterns = [os.path.join(os.path.expanduser(text), base) for text in _INSTALLATIONS]
    paths = [path for pattern in patterns for path in sorted(glob.glob(pattern))]
    paths += [path for key, path in loader_search.read_cache() if key == base]
    for folder in (os.path.join(sys.base_prefix, "lib"), *loader_search.default_folders()):
        paths.append(os.path.join(folder, base))
    found = {
        os.path.realpath(path): os.path.dirname(path)
        for path in paths
        if os.path.isfile(path) and loader_search.uses_musl(path) == is_musl
    }
    return tuple(dict.fromkeys(found.values()))
