"""A survey of 100,000 packages that is killed in its middle and resumed: memory, file, speed.

The index is a directory of tiny pages, so that no network is measured. A fifth of the packages
has a wheel of Python code, every hundredth of these opens libpython, the others have only a source
distribution. Once the half is done the survey is killed (SIGKILL), and once more a worker is; the
same command then resumes. Ends with status 1 where a package is lost, counted twice or failed.

    python benchmarks/survey.py [--names N] [--jobs N]
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

LOAD = 'import ctypes\nctypes.PyDLL("libpython3.11.so").Py_IsInitialized()\n'


def write_index(folder: Path, names: list[str]) -> None:
    """Write a page for each name, and the wheels to which pages lead."""
    (folder / "files").mkdir()
    models = {}
    for kind, code in (("plain", "x = 1\n"), ("loading", LOAD)):
        models[kind] = folder / f"{kind}.whl"
        with zipfile.ZipFile(models[kind], "w") as made:
            made.writestr("p/__init__.py", code)
            made.writestr("p-1.0.dist-info/RECORD", "")
    for number, name in enumerate(names):
        filename = f"{name}-1.0.tar.gz"
        if number % 5 == 0:
            filename = f"{name}-1.0-py3-none-any.whl"
            model = models["loading" if number % 500 == 0 else "plain"]
            os.link(model, folder / "files" / filename)
        page = folder / "simple" / name
        page.mkdir(parents=True)
        (page / "index.html").write_text(f'<a href="../../files/{filename}">{filename}</a>\n')


def children_of(process: int) -> list[int]:
    """Return the processes that a process has started."""
    try:
        listed = Path(f"/proc/{process}/task/{process}/children").read_text()
    except OSError:
        return []
    return [int(word) for word in listed.split()]


def peak_of(process: int) -> int:
    """Return the most memory that a process has had, in KiB."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return max((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), default=0)


class Run:
    """One run of the command, watched until it ends."""

    def __init__(self, folder: Path, jobs: int) -> None:
        self.store = folder / "s.sqlite"
        self.parent = self.worker = self.log = 0
        environment = {**os.environ, "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
        environment["PIP_INDEX_URL"] = (folder / "simple").as_uri()
        command = [sys.executable, "-m", "no_libpython_dlopen", "survey", "names.txt"]
        command += ["--store", "s.sqlite", "--jobs", str(jobs), "--quiet"]
        self.process = subprocess.Popen(command, cwd=folder, env=environment)

    def look(self) -> None:
        """Note how much memory and disk are in use."""
        self.parent = max(self.parent, peak_of(self.process.pid))
        for child in children_of(self.process.pid):
            self.worker = max(self.worker, peak_of(child))
        log = self.store.with_name("s.sqlite-wal")
        if log.exists():
            self.log = max(self.log, log.stat().st_size)

    def done(self) -> int:
        """Return how many packages are done."""
        try:
            return number(self.store, "SELECT count(*) FROM package WHERE status != 'pending'")
        except sqlite3.Error:  # it is not there yet
            return 0

    def wait(self, until: int) -> None:
        """Wait until so many packages are done, or the run has ended."""
        while self.process.poll() is None and self.done() < until:
            self.look()
            time.sleep(0.2)


def number(store: Path, query: str) -> int:
    connection = sqlite3.connect(store, timeout=30)
    try:
        return int(connection.execute(query).fetchone()[0])
    finally:
        connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    args = parser.parse_args()
    names = [f"package{number:06}" for number in range(args.names)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_index(folder, names)
        (folder / "names.txt").write_text("\n".join(names))
        started = time.perf_counter()
        first = Run(folder, args.jobs)
        first.wait(args.names // 2)
        first.process.kill()
        first.process.wait()
        half, half_size = first.done(), first.store.stat().st_size
        second = Run(folder, args.jobs)
        second.wait(args.names * 3 // 4)
        for child in children_of(second.process.pid)[-1:]:
            os.kill(child, signal.SIGKILL)
        second.wait(args.names + 1)
        status = second.process.wait()
        seconds = time.perf_counter() - started
        size = second.store.stat().st_size
        kept = number(second.store, "SELECT count(*) FROM package")
        failed = number(second.store, "SELECT count(*) FROM package WHERE status = 'failed'")
        wheels = number(second.store, "SELECT count(*) FROM wheel")
        hits = number(second.store, "SELECT count(*) FROM finding")
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    print(f"{args.names:,} packages with {args.jobs} jobs in {seconds:.0f} s: ", end="")
    print(f"{args.names / seconds:.0f} a second; killed after {half:,}")
    print(f"peak MiB: the parent {max(first.parent, second.parent) / 1024:.0f}, ", end="")
    print(f"a worker {max(first.worker, second.worker) / 1024:.0f}")
    print(f"the file: {half_size / 1e6:.1f} MB half way, {size / 1e6:.1f} MB in the end, ", end="")
    print(
        f"{size / args.names:.0f} bytes a package; its log {max(first.log, second.log) / 1e6:.1f} MB"
    )
    found = (status, kept, failed, wheels, hits)
    wanted = (0, args.names, 0, -(-args.names // 5), -(-args.names // 500))
    print(f"status, packages, failed, wheels, findings: {found}, wanted {wanted}")
    return 0 if found == wanted else 1


if __name__ == "__main__":
    sys.exit(main())
