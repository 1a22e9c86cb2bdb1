"""Compares the report on real wheels and Debian packages with verdicts that reading reached.

    python -m tests.real.artefacts [--folder FOLDER] [--record] [NAME ...]

``artefacts.tsv`` names each: what is fetched (``pip download`` of ``pypi:NAME==VERSION``, after a
space for another Python, or ``apt-get download`` of the packages of one system, which are unpacked
to one root), the number of findings of each code with the kind of their fix, and the verdict.
``apache:NAME==VERSION`` is built from its source distribution, with unpacked headers of Apache.
``--record`` writes the numbers anew.
Ends with status 1 where they differ, with 2 where something cannot be had.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

TABLE = Path(__file__).parent / "artefacts.tsv"
FIELDS = ("name", "source", "findings", "verdict")
CHECK = (sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated")

PIP = (sys.executable, "-m", "pip")
MANYLINUX = ("1", "2010", "2014", "_2_17", "_2_27", "_2_28", "_2_34")
APACHE = ("apache2-dev", "libapr1-dev", "libaprutil1-dev")
#: Answers as Debian's ``apxs`` does, for headers that were unpacked beside it.
APXS = """\
#!/bin/sh
root=$(dirname "$0")/headers/usr
case "$2" in
INCLUDEDIR) echo "$root/include/apache2" ;;
AP?_INCLUDEDIR) echo "$root/include/apr-1.0" ;;
CPPFLAGS|EXTRA_INCLUDES) echo "-I$root/include/apr-1.0 -I$root/include/apache2" ;;
PROGNAME|progname|target) echo apache2 ;;
MPM_NAME) echo event ;;
SHLIBPATH_VAR) echo LD_LIBRARY_PATH ;;
*DIR|*dir) echo /usr/lib/apache2 ;;
esac
"""


def fetch(source: str, folder: Path) -> str:
    """Fetch an artefact into ``folder``; return why that failed, or nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    kind, _, wanted = source.rpartition(":")
    if kind == "pypi":
        requirement, _, python = wanted.partition(" ")
        options = ["--quiet", "--no-deps", "--only-binary=:all:", "--dest", "."]
        if python:
            options += [f"--python-version={python}", "--implementation=cp"]
            options += [f"--platform=manylinux{tag}_x86_64" for tag in MANYLINUX]
        command = [*PIP, "download", *options, requirement]
    else:
        command = ["apt-get", "download", "-q", *(APACHE if kind == "apache" else source.split())]
    if reason := run(command, folder):
        return reason
    root = folder / ("headers" if kind == "apache" else "root")
    for package in sorted(folder.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, root], check=True)
    if kind == "apache":
        (folder / "apxs").write_text(APXS)
        (folder / "apxs").chmod(0o755)
        options = ["--quiet", "--no-deps", "--no-binary=:all:", "--wheel-dir", "."]
        return run([*PIP, "wheel", *options, wanted], folder, APXS=str(folder / "apxs"))
    return ""


def run(command: Sequence[str], folder: Path, **variables: str) -> str:
    """Run a command in ``folder``; return the last line of its error, or nothing."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stderr.strip().rpartition("\n")[2] or "it failed" if done.returncode else ""


def findings_in(folder: Path) -> str:
    """Return how many findings of each code there are, and how they are fixed."""
    root = folder / "root"
    command = ["--root", root, root] if root.is_dir() else sorted(folder.glob("*.whl"))
    done = subprocess.run(
        [*CHECK, "--output-format", "json", *command], stdout=subprocess.PIPE, check=False
    )
    counts = Counter(
        f"{finding['code']}:{(finding['fix'] or {}).get('applicability', 'none')}"
        for finding in json.loads(done.stdout)
    )
    return " ".join(f"{key}={counts[key]}" for key in sorted(counts)) or "none"


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch, check, compare, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("build/real-artefacts"))
    parser.add_argument("--record", action="store_true", help="write the numbers to the table")
    parser.add_argument("names", nargs="*", help="only these (default: all)")
    options = parser.parse_args(arguments)
    with TABLE.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    status = 0
    for row in rows:
        if options.names and row["name"] not in options.names:
            continue
        folder = (options.folder / row["name"]).resolve()
        reason = "" if folder.is_dir() else fetch(row["source"], folder)
        if reason:
            print(f"{row['name']}: cannot be had: {reason}")
            shutil.rmtree(folder)
            status = 2
            continue
        found = findings_in(folder)
        if options.record:
            row["findings"] = found
        same = found == row["findings"]
        status = status or int(not same)
        print(f"{row['name']}: {found}" + ("" if same else f", expected {row['findings']}"))
    if options.record:
        with TABLE.open("w", encoding="utf-8", newline="") as table:
            writer = csv.writer(
                table, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_NONE, quotechar=None
            )
            writer.writerows([FIELDS, *([row[field] for field in FIELDS] for row in rows)])
    return status


if __name__ == "__main__":
    raise SystemExit(main())
