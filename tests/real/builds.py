"""Builds a module of real packages before and after its build files are fixed.

    python -m tests.real.builds [--folder FOLDER] [PACKAGE ...]

``builds.tsv`` names the packages (of ``sources.tsv``), the build files that are fixed, the module
and the commands that build no more than it needs. ``apt-get build-dep PACKAGE/bookworm`` installs
what these ask for (without the suite, apt takes the newest that it has sources of). A module has to need libpython before and not after, and each Python 3.11 of this
machine has to import it afterwards: the static one that it is built for, and shared ones.
The column ``verdict`` holds what came out when it was last run. Ends with status 1 if a package
comes out otherwise, and with 2 if one cannot be had or built as it is.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile

from tests.real.__main__ import fetch, rows
from tests.runtime.interpreters import Interpreter, interpreters

VERSION = (3, 11)
FIX = (sys.executable, "-m", "no_libpython_dlopen", "fix", "--isolated", "--unsafe-fixes")


class BuildError(Exception):
    """A package that cannot be built, with the last lines of the output."""


def build(row: dict[str, str], tree: Path, python: Interpreter) -> Path:
    """Build the module of a package; return its path. Raises ``BuildError``."""
    for old in tree.glob(row["module"]):
        old.unlink()
    environment = {**os.environ, "PYTHON": python.path, "PATH": f"/usr/bin:/bin:{os.defpath}"}
    command = ["bash", "-c", row["commands"]]
    done = subprocess.run(
        command, check=False, cwd=tree, env=environment, capture_output=True, text=True
    )
    found = sorted(tree.glob(row["module"]))
    if done.returncode or not found:
        lines = [f"status {done.returncode}", *(done.stdout + done.stderr).splitlines()[-12:]]
        raise BuildError("\n".join(lines))
    return found[0]


def needed(module: Path) -> list[str]:
    """Return the libpythons that a module needs."""
    with module.open("rb") as file:
        sections = [s for s in ELFFile(file).iter_sections() if isinstance(s, DynamicSection)]
        tags = [tag for section in sections for tag in section.iter_tags("DT_NEEDED")]
        return [tag.needed for tag in tags if tag.needed.startswith("libpython")]


def imports(module: Path, tree: Path, python: Interpreter) -> bool:
    """Return whether a Python imports a module, with the libraries that were built beside it."""
    name = module.name.partition(".")[0]
    libraries = sorted({str(path.parent) for path in tree.rglob("*.so*")})
    code = (
        "import importlib.util as u, sys\n"
        "spec = u.spec_from_file_location(*sys.argv[1:])\n"
        "u.module_from_spec(spec)\n"
    )
    done = python("-c", code, name, module, check=False, LD_LIBRARY_PATH=os.pathsep.join(libraries))
    if done.returncode:
        print(done.stderr.strip().rpartition("\n")[2])
    return done.returncode == 0


def judge(row: dict[str, str], tree: Path, pythons: Sequence[Interpreter]) -> str:
    """Return what comes of a package: what its module needs before and after, who imports it."""
    before = needed(build(row, tree, pythons[0]))
    files = [tree / file for file in row["files"].split(" ")]
    subprocess.run([*FIX, *map(str, files)], check=False, stdout=subprocess.DEVNULL)
    module = build(row, tree, pythons[0])
    importing = [python.linkage for python in pythons if imports(module, tree, python)]
    return "{} -> {}; imported by {}".format(
        *(", ".join(names) or "none" for names in (before, needed(module), importing))
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch what is missing, build, fix, build again, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("build/real-sources"))
    parser.add_argument("packages", nargs="*", help="only these (default: all)")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    known = [python for python in interpreters() if python.version == VERSION]
    pythons = sorted(known, key=lambda python: python.linkage, reverse=True)
    if not pythons or pythons[0].linkage != "static":
        print("There is no Python 3.11 without a shared libpython.")
        return 2
    sources = {row["package"]: row for row in rows("sources.tsv")}
    status = 0
    for row in rows("builds.tsv"):
        name = row["package"]
        if options.packages and name not in options.packages:
            continue
        source = options.folder / name
        reason = None if source.is_dir() else fetch(sources[name], source)
        if reason:
            print(f"{name}: {reason}")
            status = 2
            continue
        with tempfile.TemporaryDirectory() as folder:
            tree = shutil.copytree(source, Path(folder, name), symlinks=True)
            try:
                verdict = judge(row, tree, pythons)
            except BuildError as error:
                print(f"{name}: the build failed\n{error}")
                status = 2
                continue
        print(f"{name}: {verdict}", flush=True)
        if verdict != row["verdict"]:
            print(f"  was: {row['verdict']}")
            status = max(status, 1)
    return status


if __name__ == "__main__":
    raise SystemExit(main())
