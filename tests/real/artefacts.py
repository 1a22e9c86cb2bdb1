"""Compares the report on real wheels and Debian packages with verdicts that reading reached.

    python -m tests.real.artefacts [--folder FOLDER] [--record] [NAME ...]

``artefacts.tsv`` names each: what is fetched (``pip download`` of ``pypi:NAME==VERSION``, or
``apt-get download`` of the packages of one system, which are unpacked to one root), the number of
findings of each code with the kind of their fix, and the verdict. ``--record`` writes the numbers anew.
Ends with status 1 where they differ, with 2 where something cannot be had.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

TABLE = Path(__file__).parent / "artefacts.tsv"
FIELDS = ("name", "source", "findings", "verdict")
CHECK = (sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated")


def fetch(source: str, folder: Path) -> str:
    """Fetch an artefact into ``folder``; return why that failed, or nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    if source.startswith("pypi:"):
        options = ("--quiet", "--no-deps", "--only-binary=:all:", "--dest", ".")
        commands = [["python3", "-m", "pip", "download", *options, source.removeprefix("pypi:")]]
    else:
        commands = [["apt-get", "download", "-q", *source.split()]]
    for command in commands:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr.strip().rpartition("\n")[2]
    for package in sorted(folder.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, folder / "root"], check=True)
    return ""


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
            folder.rmdir()
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
