"""A folder of many small artefacts, really built: wheels, sdists, packages, and damaged ones.

Each file is named for a project of its own; its content is that of one of ``KINDS`` in turn, by a
hard link.
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
import zipfile
from collections import Counter
from pathlib import Path

LOAD = b'import ctypes\nctypes.PyDLL("libpython3.11.so").Py_IsInitialized()\n'
SETUP = (
    b'from setuptools import Extension, setup\next = Extension("x", ["x.c"], libraries=["%s"])\n'
)
SETUP += b'setup(name="x", ext_modules=[ext])\n'

#: For each kind: what follows the project's name in the file's name; the rule that it breaks; and
#: whether the survey counts it as a wheel, as a failed wheel, or only as a package (``None``).
KINDS: dict[str, tuple[str, str, bool | None]] = {
    "plain wheel": ("-1.0-py3-none-any.whl", "", True),
    "loading wheel": ("-1.0-py3-none-any.whl", "NLP101", True),
    "wheel with a module": ("-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", "", True),
    "wheel with a linked module": ("-1.0-cp311-cp311-manylinux_2_17_x86_64.whl", "NLP301", True),
    "wheel with a linked stable module": ("-1.0-cp39-abi3-linux_x86_64.whl", "NLP301", True),
    "wheel that is cut off": ("-1.0-cp311-cp311-linux_x86_64.whl", "NLP900", False),
    "wheel without a byte": ("-1.0-py3-none-any.whl", "NLP900", False),
    "wheel that is a text": ("-1.0-py3-none-any.whl", "NLP900", False),
    "source": ("-1.0.tar.gz", "", None),
    "source that links": ("-1.0.tar.gz", "NLP201", None),
    "zipped source that links": ("-1.0.zip", "NLP201", None),
    "source that is cut off": ("-1.0.tar.gz", "NLP900", None),
    "package": ("_1.0_amd64.deb", "", None),
    "package with a linked module": ("_1.0_amd64.deb", "NLP301", None),
    "package that is cut off": ("_1.0_amd64.deb", "NLP900", None),
}


def name_of(number: int) -> str:
    """Return the file name of an artefact, below the folder."""
    suffix = list(KINDS.values())[number % len(KINDS)][0]
    return f"{number // 1000:03}/package{number:06}{suffix}"


def write_artefacts(folder: Path, number: int, scratch: Path) -> None:
    """Write so many artefacts below ``folder``, a thousand in each directory."""
    models = build_models(scratch)
    for each in range(number):
        path = folder / name_of(each)
        if each % 1000 == 0:
            path.parent.mkdir(parents=True)
        os.link(models[list(KINDS)[each % len(KINDS)]], path)


def build_models(scratch: Path) -> dict[str, Path]:
    """Return a file for each kind, built in ``scratch``."""
    gcc = ["gcc", "-shared", "-fPIC", "-xc", "-", "-o"]
    runtime, plain, linked = (scratch / name for name in ("libpython3.11.so", "p.so", "l.so"))
    soname = "-Wl,-soname,libpython3.11.so.1.0"
    for output, code, options in (
        (runtime, "int Py_IsInitialized(void) { return 0; }", [soname]),
        (plain, "void *PyInit_x(void) { return 0; }", []),
        (linked, "void *PyInit_x(void) { return 0; }", ["-xnone", "-Wl,--no-as-needed", runtime]),
    ):
        subprocess.run([*gcc, output, *options], input=code, text=True, check=True)
    module, stable = "p/x.cpython-311-x86_64-linux-gnu.so", "p/x.abi3.so"
    contents = {
        "plain wheel": {"p/__init__.py": b"x = 1\n"},
        "loading wheel": {"p/__init__.py": LOAD},
        "wheel with a module": {module: plain.read_bytes()},
        "wheel with a linked module": {module: linked.read_bytes()},
        "wheel with a linked stable module": {stable: linked.read_bytes()},
        "source": {"p/setup.py": SETUP % b"m"},
        "source that links": {"p/setup.py": SETUP % b"python3.11"},
        "zipped source that links": {"p/setup.py": SETUP % b"python3.11"},
        "package": {f"usr/lib/python3/dist-packages/{module}": plain.read_bytes()},
        "package with a linked module": {
            f"usr/lib/python3/dist-packages/{module}": linked.read_bytes()
        },
    }
    models = {}
    for kind in KINDS:
        models[kind] = scratch / f"{kind.replace(' ', '-')}"
        if kind in contents:
            models[kind].write_bytes(_packed(kind, contents[kind], scratch))
    for kind, whole, size in (
        ("wheel that is cut off", "wheel with a linked module", -40),
        ("wheel without a byte", "plain wheel", 0),
        ("source that is cut off", "source that links", -60),
        ("package that is cut off", "package with a linked module", -200),
    ):
        models[kind].write_bytes(models[whole].read_bytes()[:size])
    models["wheel that is a text"].write_bytes(b"<html>404</html>\n")
    return models


def _packed(kind: str, members: dict[str, bytes], scratch: Path) -> bytes:
    """Return an archive of its kind with ``members``."""
    suffix = KINDS[kind][0]
    packed = io.BytesIO()
    if suffix.endswith((".whl", ".zip")):
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
            for name, data in members.items():
                made.writestr(name, data)
            if suffix.endswith(".whl"):
                made.writestr("p-1.0.dist-info/RECORD", "")
    elif suffix.endswith(".tar.gz"):
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            for name, data in members.items():
                about = tarfile.TarInfo(name)
                about.size = len(data)
                tar.addfile(about, io.BytesIO(data))
    else:
        root = scratch / f"{kind} root"
        control = "Package: p\nVersion: 1.0\nArchitecture: amd64\nMaintainer: p\nDescription: p\n"
        for name, data in {"DEBIAN/control": control.encode(), **members}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(data)
        built = scratch / "p.deb"
        build = ["dpkg-deb", "--build", root, built]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
        return built.read_bytes()
    return packed.getvalue()


def wanted_of_survey(number: int) -> tuple[int, int, int, int]:
    """Return the expected numbers of packages, failures, wheels that were read, and findings."""
    kinds = list(KINDS.values())
    all_of = [kinds[each % len(kinds)] for each in range(number)]
    counted = [kind for kind in all_of if not kind[0].endswith(".deb")]
    read = [kind for kind in counted if kind[2]]
    failed = [kind for kind in counted if kind[2] is False]
    return len(counted), len(failed), len(read), sum(bool(kind[1]) for kind in read)


def differences_of_check(report: Path, number: int) -> list[str]:
    """Return what is lost, doubled or wrong in a report (``json-lines``) of all artefacts."""
    found: Counter[tuple[str, str]] = Counter()
    with open(report, encoding="utf-8") as lines:
        for line in lines:
            finding = json.loads(line)
            found[
                "/".join(Path(finding["filename"].partition("!")[0]).parts[-2:]), finding["code"]
            ] += 1
    wanted = Counter(
        (name_of(each), kind[1])
        for each in range(number)
        if (kind := list(KINDS.values())[each % len(KINDS)])[1]
    )
    return [
        *(f"lost: {each}" for each in (wanted - found)),
        *(f"more than wanted: {each}" for each in (found - wanted)),
    ]
