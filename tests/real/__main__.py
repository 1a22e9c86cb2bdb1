"""Compares the report on Debian source packages with verdicts that people reached by reading.

    python -m tests.real [--folder FOLDER] [PACKAGE ...]

``sources.tsv`` names the packages: version, suite, and whether Debian's package was read or the
upstream tarball alone. What FOLDER lacks is fetched by ``apt-get source``, for which apt needs
``deb-src`` lines for the suites; where a suite has moved on, its present version is taken.

``verdicts.tsv`` names each wrong link of an extension module: the places where a finding may
stand (the link, then the start of its command or where its value is set), and the text of the
first, by which it is found again in another version. Links whose verdict is "arguable" (the
module of a program that embeds Python, a build for Windows or for Python 2) count neither way, nor
do files that are "broken" on purpose, which have no text.
All other findings are false alarms. Ends with status 1 if there are misses or false alarms, and
with 2 if a package cannot be had or its verdict does not fit.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
CHECK = (sys.executable, "-m", "no_libpython_dlopen", "check")
OPTIONS = ("--isolated", "--no-respect-gitignore", "--select", "NLP2,NLP900")

#: A line of a file, below the folder of its package.
Place = tuple[str, int]


class Verdict(NamedTuple):
    """What reading decided about a link, and where a finding about it may stand."""

    package: str
    wrong: bool
    places: tuple[range, ...]
    files: tuple[str, ...]
    text: str

    def covers(self, place: Place) -> bool:
        """Return whether a finding at this place is about this link."""
        return any(
            place[0] == file and place[1] in lines
            for file, lines in zip(self.files, self.places, strict=True)
        )


def rows(name: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a table."""
    with (HERE / name).open(encoding="utf-8", newline="") as table:
        yield from csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)


def verdict_of(row: dict[str, str]) -> Verdict:
    """Return the verdict that a row states: ``CMakeLists.txt:3 Makefile.am:95-808``."""
    files, places = [], []
    for place in row["places"].split(" "):
        file, _, lines = place.rpartition(":")
        first, _, last = lines.partition("-")
        files.append(file)
        places.append(range(int(first), int(last or first) + 1))
    wrong = row["verdict"] == "wrong"
    return Verdict(row["package"], wrong, tuple(places), tuple(files), row["text"])


def in_tree(verdict: Verdict, tree: Path) -> Verdict | None:
    """Return the verdict with the lines that its file has in this tree, ``None`` without them."""
    try:
        text = (tree / verdict.files[0]).read_bytes().decode("latin-1")
    except OSError:
        return None
    if not verdict.text:
        return verdict
    expected = verdict.places[0].start
    numbers = [
        number for number, line in enumerate(text.split("\n"), 1) if line.strip() == verdict.text
    ]
    if not numbers:
        return None
    moved = min(numbers, key=lambda number: abs(number - expected)) - expected
    places = tuple(
        range(lines.start + moved, lines.stop + moved) if file == verdict.files[0] else lines
        for file, lines in zip(verdict.files, verdict.places, strict=True)
    )
    return verdict._replace(places=places)


def fetch(row: dict[str, str], folder: Path) -> str | None:
    """Unpack a package as ``folder``; return the reason if apt cannot provide it."""
    name, whole = row["package"], row["content"] == "whole"
    get = ["apt-get", "source", "-qq", "--download-only", "--only-source"]
    with tempfile.TemporaryDirectory() as downloads:
        for wanted in (f"{name}={row['version']}", f"{name}/{row['suite']}"):
            command = [*get, *(() if whole else ("--tar-only",)), wanted]
            done = subprocess.run(
                command, check=False, cwd=downloads, capture_output=True, text=True
            )
            pattern = "*.dsc" if whole else "*.orig.tar.*[!c]"
            found = sorted(Path(downloads).glob(pattern))
            if found and (done.returncode == 0 or not whole):  # a mirror may lack a component
                unpack(found[0], folder)
                return None
    return done.stderr.strip().rpartition("\n")[2] or "apt-get fetched nothing"


def unpack(file: Path, folder: Path) -> None:
    """Unpack a tarball, or what a ``.dsc`` names with Debian's patches applied."""
    if file.suffix == ".dsc":
        command = ["dpkg-source", "--no-check", "--no-copy", "-x", str(file), str(folder)]
    else:
        folder.mkdir()
        command = ["tar", "-xf", str(file), "-C", str(folder), "--strip-components=1"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.rmtree(folder / ".pc", ignore_errors=True)  # what files were before Debian's patches


def findings(trees: Iterable[Path]) -> Iterator[tuple[str, Place, str]]:
    """Yield the package, the place and the message of each finding."""
    roots = {tree.name: tree for tree in trees}
    command = [*CHECK, *OPTIONS, "--output-format", "json", *map(str, roots.values())]
    report = subprocess.run(command, check=False, stdout=subprocess.PIPE).stdout
    for finding in json.loads(report):
        path = Path(finding["filename"])
        name = next(name for name, root in roots.items() if path.is_relative_to(root))
        place = (path.relative_to(roots[name]).as_posix(), finding["location"]["row"])
        yield name, place, f"{finding['code']} {finding['message']}"


def compare(
    verdicts: Sequence[Verdict], found: Sequence[tuple[str, Place, str]]
) -> tuple[list[str], list[str]]:
    """Return a line for each miss, and one for each false alarm."""
    places: dict[str, list[Place]] = {}
    for package, place, _ in found:
        places.setdefault(package, []).append(place)
    misses = [
        f"{verdict.package}/{verdict.files[0]}:{verdict.places[0].start}: {verdict.text}"
        for verdict in verdicts
        if verdict.wrong and not any(map(verdict.covers, places.get(verdict.package, ())))
    ]
    false = [
        f"{package}/{place[0]}:{place[1]}: {message}"
        for package, place, message in found
        if not any(verdict.package == package and verdict.covers(place) for verdict in verdicts)
    ]
    return misses, false


def main(arguments: Sequence[str] | None = None) -> int:
    """Fetch what is missing, check, compare, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("build/real-sources"))
    parser.add_argument("packages", nargs="*", help="only these (default: all)")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    trees, problems = [], []
    for row in rows("sources.tsv"):
        if options.packages and row["package"] not in options.packages:
            continue
        tree = options.folder / row["package"]
        reason = None if tree.is_dir() else fetch(row, tree)
        if reason:
            problems.append(f"{row['package']} {row['version']}: {reason}")
        else:
            trees.append(tree)
    read = {tree.name for tree in trees}
    placed = []
    for verdict in map(verdict_of, rows("verdicts.tsv")):
        moved = in_tree(verdict, options.folder / verdict.package)
        if moved and verdict.package in read:
            placed.append(moved)
        elif verdict.package in read:
            problems.append(f"{verdict.package}/{verdict.files[0]}: no line {verdict.text!r}")
    misses, false = compare(placed, list(findings(trees)) if trees else [])
    for title, lines in (("Missed", misses), ("False alarms", false), ("Problems", problems)):
        print(f"{title}: {len(lines)}")
        print("".join(f"  {line}\n" for line in lines), end="")
    wrong = sum(verdict.wrong for verdict in placed)
    print(f"{wrong - len(misses)} of {wrong} wrong links were found in {len(trees)} packages.")
    return 2 if problems else int(bool(misses or false))


if __name__ == "__main__":
    raise SystemExit(main())
