"""Extension modules built by gcc in the test, and wheels of them."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

_INIT = "void *PyInit_spam(void) { return 0; }\n"
_CORE = "int _PyRuntime; void Py_Initialize(void) { _PyRuntime = 1; }\n"
#: A libpython as auditwheel grafts it.
COPY = "libpython3-4f2b1c9e.13t.so.1.0"


class Modules:
    """Builds each kind of module once. Skips the test where there is no gcc."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._built: dict[str, bytes] = {}
        if shutil.which("gcc") is None:
            pytest.skip("gcc is not installed")

    def clean(self) -> bytes:
        """Return a module that needs nothing."""
        return self._module("clean")

    def needing(self, *libraries: str) -> bytes:
        """Return a module that needs ``libraries`` by these names."""
        stubs = [
            str(self._link(f"stub{number}.so", "int stub;", f"-Wl,-soname,{library}"))
            for number, library in enumerate(libraries)
        ]
        return self._module(f"needing {libraries}", *stubs)

    def spread(self, library: str, data: bytes) -> bytes:
        """Return a module that needs ``library``, with ``data`` between its tables."""
        (self._folder / "data").write_bytes(data)
        stub = self._link("stub.so", "int stub;", f"-Wl,-soname,{library}")
        data_section = f'asm(".section .rodata\\n.incbin \\"{self._folder}/data\\"\\n.text");\n'
        return self._link("spread.so", _INIT + data_section, str(stub)).read_bytes()

    def static(self) -> bytes:
        """Return a module that holds a runtime."""
        return self._module("static", code=_INIT + _CORE)

    def library(self, soname: str, *needed: str) -> bytes:
        """Return a library that is no module."""
        stubs = [
            str(self._link(f"need{number}.so", "int stub;", f"-Wl,-soname,{name}"))
            for number, name in enumerate(needed)
        ]
        code = "int library(void) { return 1; }"
        return self._link("library.so", code, f"-Wl,-soname,{soname}", *stubs).read_bytes()

    def plug_in(self, library: str) -> bytes:
        """Return a library that starts Python, and needs ``library``."""
        stub = self._link("stub.so", "int stub;", f"-Wl,-soname,{library}")
        code = "void Py_Initialize(void);\nvoid start(void) { Py_Initialize(); }\n"
        return self._link("plug.so", code, str(stub)).read_bytes()

    def program(self, library: str, option: str) -> bytes:
        """Return a program that needs ``library``."""
        stub = self._link("stub.so", "int stub;", f"-Wl,-soname,{library}")
        made = self._folder / "program"
        command = ["gcc", "-xc", "-", "-xnone", "-Wl,--no-as-needed", str(stub), "-o", str(made)]
        command += [option] if option else []
        subprocess.run(command, input=b"int main(void) { return 0; }", check=True)
        return made.read_bytes()

    def copy(self) -> bytes:
        """Return a libpython under the name ``COPY``."""
        return self._link("copy.so", _CORE, f"-Wl,-soname,{COPY}").read_bytes()

    def _module(self, name: str, *options: str, code: str = _INIT) -> bytes:
        if name not in self._built:
            self._built[name] = self._link("module.so", code, *options).read_bytes()
        return self._built[name]

    def _link(self, name: str, code: str, *options: str) -> Path:
        source, made = self._folder / "code.c", self._folder / name
        source.write_text(code)
        command = ["gcc", "-shared", "-fPIC", "-Wl,--no-as-needed", "-o", str(made), str(source)]
        subprocess.run([*command, *options], check=True)
        return made


def write_wheel(
    folder: Path,
    project: str,
    members: dict[str, bytes],
    *,
    version: str = "1.0",
    tags: str = "cp312-cp312-manylinux_2_17_x86_64",
    method: int = zipfile.ZIP_DEFLATED,
) -> Path:
    """Write a wheel and return its path; it has the files that every wheel has."""
    folder.mkdir(parents=True, exist_ok=True)
    name = project.replace("-", "_")
    path = folder / f"{name}-{version}-{tags}.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w", method) as archive:
        for member, data in members.items():
            archive.writestr(member, data)
        archive.writestr(f"{info}/METADATA", f"Name: {project}\nVersion: {version}\n")
        archive.writestr(f"{info}/RECORD", "")
    return path
