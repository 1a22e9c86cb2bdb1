"""The Pythons of this machine by how they are linked, and a C compiler's small libraries."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

SRC = Path(__file__).parents[2] / "src"

#: Asks the dynamic loader which file holds the runtime: the only answer that is not a guess.
_LINKAGE = """
import ctypes, sys

class Info(ctypes.Structure):
    _fields_ = [("file", ctypes.c_char_p), ("base", ctypes.c_void_p),
                ("name", ctypes.c_char_p), ("address", ctypes.c_void_p)]

info = Info()
address = ctypes.cast(ctypes.pythonapi.Py_Initialize, ctypes.c_void_p)
assert ctypes.CDLL(None).dladdr(address, ctypes.byref(info))
print("shared" if b"libpython" in info.file else "static", *sys.version_info[:2])
"""

#: An extension module without Python.h: what follows the head of an object in PyModuleDef is
#: the same since 3.5, and the head differs in free-threaded builds only (PEP 703).
_MODULE = """
#include <stddef.h>
#include <stdint.h>
extern void *PyModule_Create2(void *, int);
extern void _Py_MergeZeroLocalRefcount(void *) __attribute__((weak));
extern int PyUnstable_Module_SetGIL(void *, void *) __attribute__((weak));
struct rest {
    void *init; ptrdiff_t index; void *copy;
    const char *name, *doc; ptrdiff_t size; void *methods, *slots, *traverse, *clear, *free;
};
#define REST {0, 0, 0, "NAME", "", -1, 0, 0, 0, 0, 0}
static struct {
    ptrdiff_t refcount; void *type; struct rest rest;
} with_gil = {1, 0, REST};
static struct {
    uintptr_t thread; uint32_t marks, local; ptrdiff_t shared; void *type; struct rest rest;
} free_threaded = {0, 0, UINT32_MAX, 0, 0, REST};
void *PyInit_NAME(void) {
    void *definition = _Py_MergeZeroLocalRefcount ? (void *)&free_threaded : (void *)&with_gil;
    void *module = PyModule_Create2(definition, 1013);
    if (module && PyUnstable_Module_SetGIL)
        PyUnstable_Module_SetGIL(module, (void *)1);  /* Py_MOD_GIL_NOT_USED */
    return module;
}
"""


class Interpreter(NamedTuple):
    """A Python found on this machine."""

    path: str
    linkage: str
    version: tuple[int, int]

    def __call__(
        self, *arguments: str | Path, check: bool = True, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run it on ``arguments`` with our sources on its path, in a clean environment."""
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "NOLIBPY", "COV", "LD_"))
            or name == "PYTHONDONTWRITEBYTECODE"
        }
        environment |= {"PYTHONPATH": str(SRC)}
        environment |= measured() if self.version == sys.version_info[:2] else {}
        environment |= variables
        result = subprocess.run(
            [self.path, *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert not check or result.returncode == 0, result.stderr
        return result


@cache
def measured() -> dict[str, str]:
    """Return the variables that let ``coverage`` see an interpreter of our own version.

    Empty where nothing is measured. A ``.pth`` file of the user's own site-packages is read
    ahead of ``sitecustomize``, in which the guard starts.
    """
    settings = os.environ.get("COVERAGE_PROCESS_CONFIG")
    if settings is None:
        return {}
    import coverage

    home = Path(tempfile.mkdtemp(prefix="measured-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    folder = home / "lib/python{}.{}/site-packages".format(*sys.version_info)
    folder.mkdir(parents=True)
    (folder / "coverage").symlink_to(Path(coverage.__file__).parent)
    shutil.copy(Path(__file__).with_name("measuring.py"), folder)
    (folder / "measuring.pth").write_text("import measuring\n")
    return {"PYTHONUSERBASE": str(home), "COVERAGE_PROCESS_CONFIG": settings}


def _candidates() -> Iterator[str]:
    names = [
        "python3",
        *(f"python3.{minor}{flag}" for minor in range(10, 16) for flag in ("", "t")),
    ]
    folders = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/bin", "/usr/local/bin"]
    folders += [str(path) for path in sorted((Path.home() / ".pyenv/versions").glob("3.*/bin"))]
    yield sys.executable
    for folder in folders:
        for name in names:
            path = shutil.which(name, path=folder)
            if path and "shims" not in path:
                yield path


@cache
def interpreters() -> tuple[Interpreter, ...]:
    """Return the interpreters of this machine, one of each linkage and version."""
    found: dict[tuple[str, tuple[int, int]], Interpreter] = {}
    seen: set[str] = set()
    for path in _candidates():
        real = os.path.realpath(path)
        if real in seen:
            continue
        seen.add(real)
        command = [real, "-I", "-c", _LINKAGE]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if result.returncode == 0:
            linkage, *version = result.stdout.split()
            key = (linkage, (int(version[0]), int(version[1])))
            if key[1] >= (3, 10):
                found.setdefault(key, Interpreter(real, *key))
    return tuple(found.values())


def relinked(version: str, folder: Path) -> tuple[Interpreter, Path] | None:
    """Return a Python that is linked statically, and a libpython of the same build.

    It is made of the static library that pyenv's shared builds install as well, so it is
    what python-build-standalone and Debian ship. ``None`` where there is none, or no gcc.
    """
    gcc = shutil.which("gcc")
    for home in sorted(Path.home().glob(f".pyenv/versions/{version}.*")):
        for library in home.glob(f"lib/python{version}/config-*/libpython{version}.a"):
            shared = home / "lib" / f"libpython{version}.so.1.0"
            if gcc is None or not shared.exists():
                return None
            python = folder / f"python{version}"
            command = [gcc, "-o", str(python), str(library.parent / "python.o"), str(library)]
            subprocess.run(
                [*command, "-Wl,--export-dynamic", "-ldl", "-lutil", "-lm", "-lpthread"], check=True
            )
            major, minor = version.split(".")
            return Interpreter(str(python), "static", (int(major), int(minor))), shared
    return None


class Compiler:
    """Makes shared libraries in one folder."""

    def __init__(self, gcc: str, folder: Path) -> None:
        self.gcc = gcc
        self.folder = folder

    def library(self, name: str, *options: str, source: str = "int answer = 42;\n") -> Path:
        """Return a new library; its name is its soname unless ``options`` say otherwise."""
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        code = self.folder / f"{name}.c"
        code.write_text(source)
        # A copy of libpython that was opened in vain is not to be dropped by the linker.
        command = [self.gcc, "-shared", "-fPIC", "-o", str(target), str(code)]
        command += [f"-Wl,-soname,{name}", f"-Wl,-rpath,{self.folder}", f"-L{self.folder}"]
        subprocess.run([*command, "-Wl,--no-as-needed", *options], check=True, capture_output=True)
        return target

    def module(self, name: str, *options: str) -> Path:
        """Return a new extension module that any Python can import."""
        return self.library(f"{name}.so", *options, source=_MODULE.replace("NAME", name))
