"""What neighbouring tools say of the same files: the table of `docs/comparison.md`.

Each row is a small project or wheel with one thing in it, right or wrong, and each tool is
run on it as its documentation says: ruff with `ctypes`' loaders banned, Semgrep with a rule
for the same calls, auditwheel and abi3audit on the wheel, find_libpython in the Python that
runs this. A cell says whether the tool
reported it. The wheels are built here, with the compiler and the libpython of the Python
that runs this, which has to be a shared build.

    nox -s comparison
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "comparison.md"
BEGIN, END = "<!-- comparison: begin -->\n", "<!-- comparison: end -->\n"
LIBRARY = sysconfig.get_config_var("INSTSONAME")
LOADERS = ("ctypes.CDLL", "ctypes.PyDLL", "ctypes.cdll.LoadLibrary", "ctypes.pydll.LoadLibrary")

#: What is in the row, whether it is wrong, and its file.
TEXTS = {
    'wrong: `ctypes.PyDLL("libpython3.12.so.1.0")`': (
        "a.py",
        'import ctypes\n\napi = ctypes.PyDLL("libpython3.12.so.1.0")\napi.PyErr_Clear()\n',
    ),
    "wrong: the name is a constant in a variable": (
        "a.py",
        (
            'from ctypes import CDLL\n\nNAME = "libpython3.12.so.1.0"\n'
            "api = CDLL(NAME)\napi.PyErr_Clear()\n"
        ),
    ),
    "wrong: the name is an f-string in a variable": (
        "a.py",
        (
            "import sys\nfrom ctypes import CDLL\n\n"
            'NAME = f"libpython3.{sys.version_info[1]}.so"\napi = CDLL(NAME)\napi.PyErr_Clear()\n'
        ),
    ),
    "wrong: `cffi.FFI().dlopen`": (
        "a.py",
        'import cffi\n\nffi = cffi.FFI()\napi = ffi.dlopen("libpython3.12.so.1.0")\n',
    ),
    'right: `ctypes.CDLL("libm.so.6")`': (
        "a.py",
        'import ctypes\n\nlibm = ctypes.CDLL("libm.so.6")\nlibm.abs(1)\n',
    ),
    "wrong: `Python3::Python` on a module in CMake": (
        "CMakeLists.txt",
        (
            "cmake_minimum_required(VERSION 3.18)\nproject(tally C)\n"
            "find_package(Python3 COMPONENTS Development)\n"
            "Python3_add_library(tally MODULE tally.c)\n"
            "target_link_libraries(tally PRIVATE Python3::Python)\n"
        ),
    ),
    "right: `Python3::Python` on a program in CMake": (
        "CMakeLists.txt",
        (
            "cmake_minimum_required(VERSION 3.18)\nproject(tally C)\n"
            "find_package(Python3 COMPONENTS Development)\n"
            "add_executable(shell shell.c)\ntarget_link_libraries(shell PRIVATE Python3::Python)\n"
        ),
    ),
    "wrong: `libraries=` of an `Extension` in setup.py": (
        "setup.py",
        (
            "from setuptools import Extension, setup\n\n"
            'setup(ext_modules=[Extension("tally", ["tally.c"], libraries=["python3.12"])])\n'
        ),
    ),
}
SOURCE = """#define Py_LIMITED_API 0x030a0000
#include <Python.h>
static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "tally", NULL, -1, NULL};
PyMODINIT_FUNC PyInit_tally(void) { return PyModule_Create(&module); }
"""
RULE = """rules:
  - id: loader
    languages: [python]
    severity: ERROR
    message: opens a library
    pattern-either: [{calls}]
"""
Tool = Callable[[Path], "bool | None"]


def output(*command: str | Path, cwd: Path) -> tuple[int, str]:
    """Return the exit status and all that a command prints."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def program(name: str) -> Path:
    return Path(sysconfig.get_path("scripts"), name)


def nolibpy(path: Path) -> bool:
    status, told = output(program("nolibpy"), "check", "--isolated", path.name, cwd=path.parent)
    assert status in (0, 1), told
    return status == 1


def ruff(path: Path) -> bool | None:
    if path.suffix != ".py":
        return None
    banned = ", ".join(f'"{name}" = {{msg = "no"}}' for name in LOADERS)
    option = f"lint.flake8-tidy-imports.banned-api = {{{banned}}}"
    command = (program("ruff"), "check", "--isolated", "--select", "TID251", "--config", option)
    status, told = output(*command, path.name, cwd=path.parent)
    assert status in (0, 1), told
    return status == 1


def semgrep(path: Path) -> bool | None:
    if path.suffix != ".py":
        return None
    calls = ", ".join(f"{{pattern: '{name}(\"=~/libpython/\", ...)'}}" for name in LOADERS)
    rule = path.parent / "rule.yaml"
    rule.write_text(RULE.format(calls=calls))
    quiet = ("--metrics=off", "--disable-version-check", "--quiet", "--error")
    status, told = output(
        program("semgrep"), "scan", *quiet, "--config", rule, path, cwd=path.parent
    )
    assert status in (0, 1), told
    return status == 1


def auditwheel(path: Path) -> bool | None:
    if path.suffix != ".whl":
        return None
    _, told = output(program("auditwheel"), "show", path.name, cwd=path.parent)
    return "libpython" in told


def abi3audit(path: Path) -> bool | None:
    if path.suffix != ".whl":
        return None
    _, told = output(program("abi3audit"), "--verbose", path.name, cwd=path.parent)
    return "libpython" in told


TOOLS: dict[str, Tool] = {
    "nolibpy": nolibpy,
    "ruff `banned-api`": ruff,
    "Semgrep": semgrep,
    "auditwheel": auditwheel,
    "abi3audit": abi3audit,
}
#: What prints the libpython that belongs to the Python that runs this.
FINDERS: dict[str, tuple[str | Path, ...]] = {
    "`nolibpy doctor --print-path`": (program("nolibpy"), "doctor", "--print-path"),
    "find_libpython": (sys.executable, "-m", "find_libpython"),
}


def own_library() -> str:
    """Return the libpython that this Python is linked to, from its own configuration."""
    return str(Path(sysconfig.get_config_var("LIBDIR"), LIBRARY).resolve())


def built_wheel(folder: Path, *, linked: bool) -> Path:
    """Build a wheel for the stable ABI with one module, linked to libpython or not."""
    source = folder / "tally.c"
    source.write_text(SOURCE)
    module = folder / "tally.abi3.so"
    include, library = sysconfig.get_path("include"), sysconfig.get_config_var("LIBDIR")
    command = ["gcc", "-shared", "-fPIC", f"-I{include}", str(source), "-o", str(module)]
    if linked:
        version = sysconfig.get_config_var("LDVERSION")
        command += [f"-L{library}", "-Wl,--no-as-needed", f"-lpython{version}"]
    subprocess.run(command, check=True)
    tag = "cp310-abi3-linux_x86_64"
    members = {
        module.name: module.read_bytes(),
        "tally-1.dist-info/METADATA": b"Metadata-Version: 2.1\nName: tally\nVersion: 1\n",
        "tally-1.dist-info/WHEEL": (
            f"Wheel-Version: 1.0\nGenerator: by hand\nRoot-Is-Purelib: false\nTag: {tag}\n".encode()
        ),
    }
    record = ""
    for name, data in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        record += f"{name},sha256={digest},{len(data)}\n"
    members["tally-1.dist-info/RECORD"] = f"{record}tally-1.dist-info/RECORD,,\n".encode()
    wheel = folder / f"tally-1-{tag}.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return wheel


def rows(folder: Path) -> list[tuple[str, Path]]:
    """Make the files; return what is in each, and where it is."""
    made: list[tuple[str, Path]] = []
    for number, (said, (name, text)) in enumerate(TEXTS.items()):
        place = folder / str(number)
        place.mkdir()
        (place / name).write_text(text)
        made.append((said, place / name))
    for linked in (True, False):
        place = folder / f"wheel-{linked}"
        place.mkdir()
        wrong = f"wrong: the module of an abi3 wheel needs `{LIBRARY}`"
        said = wrong if linked else "right: the module of an abi3 wheel"
        made.append((said, built_wheel(place, linked=linked)))
    return made


def table() -> str:
    """Run every tool on every row; return the table as Markdown."""
    lines = [f"| | {' | '.join(TOOLS)} |", f"|---|{'---|' * len(TOOLS)}"]
    with tempfile.TemporaryDirectory() as name:
        for said, path in rows(Path(name)):
            wrong = said.startswith("wrong")
            words = {None: "–", True: "reported" if wrong else "**false alarm**", False: "silent"}
            cells = [words[tool(path)] for tool in TOOLS.values()]
            lines.append(f"| {said} | {' | '.join(cells)} |")
    lines += ["", f"| | {' | '.join(FINDERS)} |", f"|---|{'---|' * len(FINDERS)}"]
    found = [
        output(*command, cwd=Path())[1].strip() == own_library() for command in FINDERS.values()
    ]
    cells = ["found" if right else "**not found**" for right in found]
    lines.append(f"| the libpython of a shared Python | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table into its page")
    measured = table()
    print(measured)
    if parser.parse_args().write:
        text = PAGE.read_text(encoding="utf-8")
        start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
        PAGE.write_text(f"{text[:start]}{measured}{text[end:]}", encoding="utf-8")


if __name__ == "__main__":
    main()
