"""Records every output of the tool, so that two versions can be compared byte for byte.

    python -m tests.golden record FOLDER [--tree PATH ...] [--only GLOB] [--material CHECKOUT]
    python -m tests.golden compare OLD NEW [--lines N]

A recording is one text file a case: each command line that was run, its exit status, and what
it wrote. The cases are the conformance cases, the examples, the texts in the tests' tables, the
corpus of the fuzzed readers, a few notebooks and binaries, the pages that a user can ask for,
and whole trees. Nothing in a recording depends on the machine's folders, on the version number
or on the time. ``compare`` ends with status 1 where anything differs.

The tool that is recorded is the one that the running Python has installed, called as a user
calls it, so that this works for any arrangement of its modules. ``--material`` takes the cases
from another checkout: where two versions differ in their tests, too, both need the same ones.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from textwrap import dedent

from no_libpython_dlopen.__main__ import main as nolibpy

REPOSITORY = Path(__file__).resolve().parents[1]
EQUAL, DIFFERENT, USAGE = 0, 1, 2

RUNS = (
    *(("check", "--output-format", name) for name in ("text", "concise", "json", "sarif")),
    ("fix", "--diff"),
    ("fix", "--diff", "--unsafe-fixes"),
)
FORMATS = ("concise", "github", "gitlab", "json", "junit", "rdjson", "sarif", "text")
SUFFIX = ".cpython-311-x86_64-linux-gnu.so"
#: Where settings are looked for, beside a case: an empty table ends the search.
SETTINGS = "[tool.nolibpy]\n"
#: What a table of texts is about, by a word in its module's name or its folder's: file names.
FILES = {
    "automake": ("Makefile.am", "configure.ac", "Cargo.toml", "build.rs"),
    "bazel": ("BUILD.bazel",),
    "cargo": ("Cargo.toml",),
    "cmake": ("CMakeLists.txt",),
    "configuration": ("nolibpy.toml",),
    "cython": ("module.pyx",),
    "embedded": ("Dockerfile", "Makefile", "build.sh"),
    "make": ("Makefile",),
    "meson": ("meson.build",),
    "notebook": ("notebook.ipynb",),
    "pyproject": ("pyproject.toml",),
    "scons": ("SConstruct",),
    "setup_cfg": ("setup.cfg",),
    "setup": ("setup.py",),
    "shell": ("build.sh",),
    "stream": ("package.conda",),
    "zip": ("package-1.0-cp311-cp311-linux_x86_64.whl",),
}
#: What else a user sees. A misspelt command line is a page like the others.
PAGES = {
    "help": [["--help"], [], ["chekc"], ["--hlep"]],
    "rules": [["rules"], ["rules", "--output-format", "json"]],
    "explain": [["explain", "NLP999"], ["explain", "libpython-load"]],
    "config": [["config"], ["config", "--select", "NLP1", "--exclude", "x"]],
    "completion": [["completion", shell] for shell in ("bash", "zsh", "tcsh")],
    "errors": [
        ["check", "no-such-file.py"],
        ["check", "--select", "XYZ"],
        ["check", "--no-such-option"],
        ["check", "--output-format", "no-such-format"],
        ["check", "--config", "no-such.toml"],
        ["check", "-"],
    ],
}


@dataclass(frozen=True)
class Case:
    """What is recorded in one file: command lines, and a folder whose files are told at the end."""

    name: str
    commands: Sequence[Sequence[str]]
    written: str = ""


# Running the tool


@contextmanager
def streams() -> Iterator[tuple[io.BytesIO, io.BytesIO]]:
    """Put files in memory in the place of the standard streams."""
    before = sys.stdin, sys.stdout, sys.stderr
    out, err = io.BytesIO(), io.BytesIO()
    sys.stdin = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(buffer, encoding="utf-8", newline="\n", write_through=True)
        for buffer in (out, err)
    )
    try:
        yield out, err
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
            stream.detach()
        sys.stdin, sys.stdout, sys.stderr = before


def called(argv: Sequence[str]) -> tuple[int, str, str]:
    """Return status, output and messages of the tool, run in this process."""
    with streams() as (out, err):
        status = nolibpy(list(argv))
    return status, decoded(out.getvalue()), decoded(err.getvalue())


def started(argv: Sequence[str], folder: Path) -> tuple[int, str, str]:
    """Return status, output and messages of the tool, run in a process of its own.

    That is isolated, since what is in the folder is to be read and not to be imported.
    """
    command = [sys.executable, "-I", "-m", "no_libpython_dlopen", *argv]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    return done.returncode, decoded(done.stdout), decoded(done.stderr)


def decoded(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")


def fixed_environment() -> None:
    """Set what decides on the width, the colours and the language of what is written."""
    for name in list(os.environ):
        if name.startswith(("NOLIBPY_", "PYTHONWARN")) or name in ("FORCE_COLOR", "CI"):
            del os.environ[name]
    os.environ.update(COLUMNS="80", LINES="24", NO_COLOR="1", TERM="dumb", LC_ALL="C.UTF-8")


def without_places(text: str, root: Path, version: str) -> str:
    """Return an output with placeholders for the folder it was made in and for the version."""
    for path in dict.fromkeys((str(root.resolve()), str(root))):
        text = text.replace(path, "ROOT")
    number = re.escape(version)
    return re.sub(rf'("(?:semanticVersion|version)": ?)"{number}"', r'\1"VERSION"', text)


def shown(argv: Sequence[str], result: tuple[int, str, str]) -> str:
    """Return what a recording holds of one run."""
    status, out, err = result
    parts = [f"$ nolibpy {' '.join(argv)}\n", f"= {status}\n"]
    for mark, text in (("output", out), ("messages", err)):
        if text:
            end = "" if text.endswith("\n") else "\n(no line end)\n"
            parts.append(f"--- {mark}\n{text}{end}")
    return "".join(parts) + "\n"


# The cases


def lay_out(material: Path, scratch: Path) -> list[Case]:
    """Copy all that is looked at into a folder, and return the cases in it."""
    (scratch / "pyproject.toml").write_text(SETTINGS)
    shutil.copytree(material / "tests" / "cases", scratch / "cases")
    shutil.copytree(material / "examples", scratch / "examples")
    return [
        *python_cases(scratch),
        *folders(scratch, "cases/build"),
        *folders(scratch, "examples"),
        *tables(material / "tests", scratch),
        *corpus(material / "tests" / "fuzz" / "corpus", scratch),
        *notebooks(scratch),
        *binaries(scratch),
        *pages(),
    ]


def looked_at(name: str, *paths: str, more: Sequence[str] = ()) -> Case:
    """Return the case of some paths that are checked and fixed."""
    return Case(name, [(*run, "-j", "1", *more, *paths) for run in RUNS])


def python_cases(scratch: Path) -> Iterator[Case]:
    """Yield each case of Python files, with the file that all fixes make of it."""
    for path in sorted((scratch / "cases" / "python").rglob("*.py")):
        if not path.name.endswith(".fixed.py"):
            both = [one for one in (path, path.with_suffix(".fixed.py")) if one.exists()]
            name = path.relative_to(scratch).with_suffix("").as_posix()
            yield looked_at(name, *(one.relative_to(scratch).as_posix() for one in both))


def folders(scratch: Path, below: str) -> Iterator[Case]:
    """Yield each file and folder in a folder as a case."""
    for path in sorted((scratch / below).iterdir()):
        name = path.relative_to(scratch).as_posix()
        yield looked_at(name, name)


def tables(tests: Path, scratch: Path) -> Iterator[Case]:
    """Yield the texts of some lines that stand in each module of the tests, as files.

    A text's folder is named by its content, so that its neighbours may come and go.
    """
    for path in sorted(tests.rglob("*.py")):
        module = path.relative_to(tests).with_suffix("")
        if module.parts[0] == "cases":
            continue
        name = f"texts/{module.as_posix()}"
        for text in texts(ast.parse(path.read_text(encoding="utf-8"))):
            data = text.encode("utf-8", "surrogatepass")
            folder = scratch / name / hashlib.sha256(data).hexdigest()[:12]
            folder.mkdir(parents=True, exist_ok=True)
            for file in file_names(module.name, text):
                (folder / file).write_bytes(data)
        if (scratch / name).exists():
            yield looked_at(name, name, more=["--isolated"])


def texts(tree: ast.Module) -> list[str]:
    """Return the texts of more than one line in a module, docstrings left out."""
    constants = {
        target.id: value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and (value := folded(node.value, {})) is not None
    }
    found: list[str] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        value = folded(node, constants)
        if value is None:
            waiting += ast.iter_child_nodes(node)
        elif "\n" in value:
            found.append(dedent(value).lstrip("\n"))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            waiting.remove(node.value)
    return found


def folded(node: ast.AST, constants: Mapping[str, str]) -> str | None:
    """Return the text that an expression of literals, names and ``+`` stands for."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Name):
        return constants.get(node.id)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = folded(node.left, constants), folded(node.right, constants)
        return None if left is None or right is None else left + right
    return None


def file_names(about: str, text: str = "") -> Sequence[str]:
    """Return what files with a text of a module, or of a corpus, are called."""
    for word, names in FILES.items():
        if word in about:
            return names
    return ("module.py",) if is_python(text) else ("CMakeLists.txt", "Makefile", "build.sh")


def is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def corpus(kept: Path, scratch: Path) -> Iterator[Case]:
    """Yield each input that once broke a reader."""
    for path in sorted(kept.glob("*/*")):
        name = f"corpus/{path.parent.name}/{path.name}"
        (scratch / name).mkdir(parents=True)
        for file in file_names(path.parent.name):
            shutil.copyfile(path, scratch / name / file)
        if path.parent.name == "configuration":
            config = f"{name}/nolibpy.toml"
            yield Case(name, [["config", "--config", config], ["check", "--config", config]])
        else:
            yield looked_at(name, name, more=["--isolated"])


def notebooks(scratch: Path) -> Iterator[Case]:
    """Yield Python cases as cells of notebooks."""
    (scratch / "notebooks").mkdir()
    for path in sorted((scratch / "cases" / "python").glob("*.py")):
        if not path.name.endswith(".fixed.py"):
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            cell: dict[str, object] = {
                "cell_type": "code",
                "execution_count": None,
                "metadata": {},
                "outputs": [],
            }
            book = {
                "cells": [{**cell, "source": ["%matplotlib inline\n"]}, {**cell, "source": lines}],
                "metadata": {"language_info": {"name": "python"}},
                "nbformat": 4,
                "nbformat_minor": 4,
            }
            name = f"notebooks/{path.stem}"
            (scratch / f"{name}.ipynb").write_text(json.dumps(book, indent=1) + "\n")
            yield looked_at(name, f"{name}.ipynb")


def binaries(scratch: Path) -> Iterator[Case]:
    """Yield modules of each class and byte order, and wheels with them; also as repaired."""
    from tests.binary.made_elf import LAYOUTS, made_elf

    needs = {
        "needed": ["libpython3.11.so.1.0", "libc.so.6"],
        "abi3": ["libc.so.6", "libpython3.so"],
        "clean": ["libc.so.6"],
    }
    for kind, needed in needs.items():
        name = f"binaries/{kind}"
        folder = scratch / name
        folder.mkdir(parents=True)
        for bits, order in LAYOUTS:
            data = made_elf(bits, order, needed=needed)
            stem = f"{bits}{'big' if order == '>' else 'little'}"
            (folder / f"{stem}{SUFFIX}").write_bytes(data)
            tag = f"{stem}-1.0-cp311-cp311-linux_x86_64"
            with zipfile.ZipFile(folder / f"{tag}.whl", "w") as wheel:
                for member, content in wheel_members(stem, data).items():
                    wheel.writestr(zipfile.ZipInfo(member), content)
        fix = ["fix", "--unsafe-fixes", "-j", "1", "--output-dir", f"repaired/{kind}", name]
        case = looked_at(name, name)
        yield Case(name, [*case.commands, fix], written=f"repaired/{kind}")


def wheel_members(stem: str, module: bytes) -> dict[str, bytes]:
    """Return the files of a wheel with one extension module."""
    info = f"{stem}-1.0.dist-info"
    return {
        f"x{SUFFIX}": module,
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: x\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\n"
        b"Tag: cp311-cp311-linux_x86_64\n",
        f"{info}/RECORD": b"",
    }


def pages() -> Iterator[Case]:
    """Yield what the tool says of itself, and all of its formats."""
    commands = re.findall(r"^  ([a-z]\w*) ", called(["--help"])[1], re.MULTILINE)
    codes = re.findall(r"^(NLP\d+)", called(["rules"])[1], re.MULTILINE)
    for name, lines in PAGES.items():
        yield Case(f"pages/{name}", lines)
    for name in commands:
        yield Case(f"pages/help/{name}", [[name, "--help"]])
    for code in codes:
        yield Case(f"pages/explain/{code}", [["explain", code], ["explain", "--no-color", code]])
    some = ["-j", "1", "cases/python", "cases/build"]
    for name in FORMATS:
        yield Case(f"formats/{name}", [["check", "--output-format", name, *some]])
    counted = ["check", "--statistics", "-v", "--ignore", "NLP102", *some]
    yield Case("formats/counted", [counted, ["check", "-q", "--exit-zero", *some]])


# Recording and comparing


def record(folder: Path, trees: Sequence[Path], only: str, material: Path) -> None:
    """Write a recording into an empty folder."""
    fixed_environment()
    version = called(["--version"])[1].split()[1]
    with tempfile.TemporaryDirectory(prefix="golden-") as scratch, inside(Path(scratch)):
        for case in lay_out(material, Path(scratch)):
            if fnmatchcase(case.name, only):
                text = "".join(shown(argv, called(argv)) for argv in case.commands)
                text += told(Path(case.written)) if case.written else ""
                write(folder, case.name, without_places(text, Path(scratch), version))
    for number, tree in enumerate(trees, 1):
        text = "".join(shown(argv, started(argv, tree)) for argv in tree_commands())
        write(folder, f"trees/{number}-{tree.name}", without_places(text, tree, version))


def tree_commands() -> list[list[str]]:
    return [[*run, "--isolated", "--no-respect-gitignore", "."] for run in RUNS]


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Work in a folder. (``contextlib.chdir`` is of Python 3.11.)"""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def told(folder: Path) -> str:
    """Return name and digest of each file in a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.as_posix()}\n" for path in files
    )


def write(folder: Path, name: str, text: str) -> None:
    path = folder / f"{name}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "backslashreplace"))


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the files of a recording by their names."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def compare(old: Path, new: Path, limit: int) -> int:
    """Print what differs between two recordings, and return the exit status."""
    before, after = files_of(old), files_of(new)
    names = sorted(
        name for name in {*before, *after} if before.get(name, None) != after.get(name, None)
    )
    for name in names:
        if name not in before or name not in after:
            print(f"only in {old if name in before else new}: {name}")
        else:
            print_difference(name, before[name], after[name], limit)
    total = len({*before, *after})
    print(f"{len(names)} of {total} cases differ" if names else f"{total} cases are equal")
    return DIFFERENT if names else EQUAL


def print_difference(name: str, old: bytes, new: bytes, limit: int) -> None:
    """Print the first lines of the difference between two files."""
    # Split at line feeds alone, and shown escaped: other line ends are part of what is compared.
    before, after = (decoded(data).split("\n") for data in (old, new))
    lines = list(difflib.unified_diff(before, after, f"old/{name}", f"new/{name}", lineterm=""))
    for line in lines[:limit]:
        shown = line.replace("\r", "\\r")
        print(shown.encode(sys.stdout.encoding or "utf-8", "backslashreplace").decode())
    if len(lines) > limit:
        print(f"... {len(lines) - limit} more lines")


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return what was asked for; ends with status 2 where that cannot be done."""
    parser = argparse.ArgumentParser(
        prog="tests.golden", description=(__doc__ or "").split("\n")[0]
    )
    ways = parser.add_subparsers(dest="way", required=True)
    recorder = ways.add_parser("record", help="write a recording")
    recorder.add_argument("folder", type=Path, help="where to; outside the repository")
    recorder.add_argument("--tree", type=Path, action="append", default=[], help="and this tree")
    recorder.add_argument("--only", default="*", metavar="GLOB", help="cases of such names only")
    recorder.add_argument("--material", type=Path, default=REPOSITORY, metavar="CHECKOUT")
    comparer = ways.add_parser("compare", help="print what differs between two recordings")
    comparer.add_argument("old", type=Path)
    comparer.add_argument("new", type=Path)
    comparer.add_argument("--lines", type=int, default=60, help="of each difference, at most")
    args = parser.parse_args(argv)
    if fault := fault_of(args):
        parser.error(fault)
    return args


def fault_of(args: argparse.Namespace) -> str:
    """Return what is wrong with the folders that were named."""
    wanted = [args.old, args.new] if args.way == "compare" else [*args.tree, args.material]
    for path in wanted:
        if not path.is_dir():
            return f"{path} is no folder"
    if args.way == "record":
        folder = args.folder.resolve()
        if folder == REPOSITORY or REPOSITORY in folder.parents:
            return f"{args.folder} is in the repository"
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            return f"{args.folder} is not empty"
    return ""


def main(argv: Sequence[str] | None = None) -> int:
    """Record or compare, and return the exit status."""
    args = arguments(argv)
    if args.way == "compare":
        return compare(args.old, args.new, args.lines)
    trees = [path.resolve() for path in args.tree]
    record(args.folder.resolve(), trees, args.only, args.material.resolve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
