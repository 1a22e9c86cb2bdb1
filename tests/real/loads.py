"""Compares the fixes of real loads of libpython with a table that people made by reading them.

    python -m tests.real.loads [FOLDER]

Each row of ``loads.tsv`` is one load: how it is fixed, or why it is not, what it is for, and what a
person says of that. Its file comes from GitHub, or from a clone in the folder that is given. A row
without a repository was read by hand, in an index that does not say where its text is from: it
counts for the shares, and nothing is compared. Returns 1 where a load comes out otherwise, and 2
where no row could be compared.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

from no_libpython_dlopen.engine.api import check_bytes
from no_libpython_dlopen.model.finding import Finding

TABLE = Path(__file__).with_suffix(".tsv")
WORDS = {
    "use `ctypes.pythonapi`": "pythonapi",
    "open a private view of `ctypes.pythonapi`": "view",
    "delete the preload": "delete",
}


def content(row: dict[str, str], clones: Path | None) -> bytes | None:
    """Return the bytes of a row's file; ``None`` where its repository cannot be had."""
    if clones is not None:
        return _show(row, clones / _folder(row)) if (clones / _folder(row)).is_dir() else None
    address = f"https://github.com/{row['repository']}"
    with tempfile.TemporaryDirectory() as folder:
        for command in (
            ("init", "-q"),
            ("remote", "add", "origin", address),
            ("fetch", "-q", "--depth=1", "--filter=blob:none", "origin", row["commit"]),
        ):
            if subprocess.run(["git", *command], check=False, cwd=folder).returncode:
                return None
        return _show(row, Path(folder))


def _folder(row: dict[str, str]) -> str:
    return row["repository"].replace("/", "+")


def _show(row: dict[str, str], clone: Path) -> bytes:
    command = ["git", "show", f"{row['commit']}:{row['path']}"]
    return subprocess.run(command, cwd=clone, check=True, capture_output=True).stdout


def describe(finding: Finding | None) -> tuple[str, str, str]:
    """Return a finding as the table has it: whether the load is used, its fix, why it has none."""
    if finding is None:
        return "", "not found", ""
    used = "no" if finding.code == "NLP102" else "yes"
    fix = finding.fix
    if finding.code == "NLP900":
        return used, "unreadable", ""
    if fix is None:
        return used, "none", finding.no_fix_reason
    return used, f"{fix.applicability.value} {WORDS[fix.message]}", ""


def main() -> int:
    """Print the rows that come out otherwise, and the share of safe fixes of the used loads."""
    clones = Path(sys.argv[1]) if sys.argv[1:] else None
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    wrong = compared = 0
    for row in rows:
        text = content(row, clones) if row["repository"] else None
        if text is None:
            print(f"not compared: {row['repository']} {row['path']}:{row['line']}")
            continue
        compared += 1
        findings = check_bytes(text, Path(row["path"]).name)
        found = [one for one in findings if str(one.start.row) == row["line"]]
        unread = [one for one in findings if one.code == "NLP900"]
        came = describe(next(iter(found or unread), None))
        if came != (row["used"], row["fix"], row["reason"]):
            wrong += 1
            print(f"{row['repository']} {row['path']}:{row['line']}: {' '.join(came)}")
    used = [row for row in rows if row["used"] == "yes"]
    for purpose in ("", *sorted({row["purpose"] for row in used})):
        of_it = [row["fix"] for row in used if row["purpose"] == purpose or not purpose]
        safe = sum(fix.startswith("safe") for fix in of_it)
        print(
            f"{safe} of {len(of_it)} used loads get a safe fix", f"({purpose})" if purpose else ""
        )
    print(f"{compared} loads were compared; {wrong} come out otherwise")
    return int(wrong > 0) if compared else 2


if __name__ == "__main__":
    sys.exit(main())
