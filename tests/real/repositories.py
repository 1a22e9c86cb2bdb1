"""Compares the findings in real repositories with a table that people made by reading them.

Clones each repository at its commit; a folder of clones may be given instead.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

TABLE = Path(__file__).with_suffix(".tsv")


def clone(repository: str, commit: str, folder: Path) -> None:
    """Bring one commit of a repository into a folder."""
    subprocess.run(["git", "init", "-q", folder], check=True)
    address = f"https://github.com/{repository}"
    subprocess.run(["git", "fetch", "-q", "--depth=1", address, commit], cwd=folder, check=True)
    subprocess.run(["git", "checkout", "-q", "FETCH_HEAD"], cwd=folder, check=True)


def findings(folder: Path) -> str:
    """Return what is found in a folder, as the table has it."""
    command = [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated"]
    command += ["--ignore=NLP900", "--output-format=concise", "."]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found = []
    for line in run.stdout.splitlines():
        path, _, rest = line.partition(": NLP")
        path, row, _ = path.rsplit(":", 2) if rest else ("", "", "")
        if rest:
            found.append(f"NLP{rest[:3]}:{path.replace(' ', '%20')}:{row}")
    return " ".join(one for one in found if not one.startswith("NLP900"))


def main() -> int:
    """Return 1 where a repository's findings are not those of the table, 2 if it cannot be had."""
    given = Path(sys.argv[1]) if sys.argv[1:] else None
    wrong = absent = 0
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for row in rows:
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            if given is not None:
                folder = given / row["repository"].replace("/", "+")
                if not folder.is_dir():
                    absent += 1
                    continue
            else:
                try:
                    clone(row["repository"], row["commit"], folder)
                except subprocess.CalledProcessError:
                    absent += 1
                    continue
            found = findings(folder)
        if found != row["findings"]:
            wrong += 1
            print(f"{row['repository']}: {found or 'nothing'}, not {row['findings'] or 'nothing'}")
    read = len(rows) - absent
    print(f"{read - wrong} of {read} repositories as in the table, {absent} cannot be had")
    return 2 if absent else int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
