"""A survey of 100,000 packages that is killed in its middle and resumed: memory, file, speed.

The index is a directory of tiny pages, so that no network is measured. A fifth of the packages
has a wheel of Python code, every hundredth of these opens libpython, the others have only a source
distribution. Once the half is done the survey is killed (SIGKILL), and once more a worker is; the
same command then resumes. With ``--served`` the index is the tests' server, which answers some
requests with an error, breaks some off, and lets some wait until they time out; what fails by
that is retried by a third run. With ``--folder`` there is no index but a folder of so many files,
built with gcc and dpkg-deb: wheels, source distributions, Debian packages and damaged files. It is
surveyed, and checked by ``nolibpy check``, each killed half way and run again. Ends with status 1
where a package is lost, counted twice or failed.

    python benchmarks/survey.py [--names N] [--jobs N] [--served | --folder]
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
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from benchmarks.artefacts import differences_of_check, wanted_of_survey, write_artefacts
from tests.binary.index_server import Index, serving

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
    """One run of the command in ``folder``, watched until it ends."""

    def __init__(self, folder: Path, index: str, *command: str) -> None:
        self.store = folder / "s.sqlite"
        self.parent = self.worker = self.log = 0
        environment = {**os.environ, "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
        environment |= {"PIP_INDEX_URL": index, "PIP_DEFAULT_TIMEOUT": "2", "PIP_RETRIES": "2"}
        program = [sys.executable, "-m", "no_libpython_dlopen", *command]
        self.process = subprocess.Popen(program, cwd=folder, env=environment)

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

    def watch(self, *, seconds: float) -> None:
        """Wait for so long, or until the run has ended."""
        end = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < end:
            self.look()
            time.sleep(0.2)

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


class ServedIndex(Index):
    """The index over HTTP: a page is made of the name, since there are too many files to list."""

    def page(self, name: str) -> tuple[str, bytes] | None:
        """Return the page of a project."""
        page = self.folder.parent / "simple" / name / "index.html"
        return ("text/html", page.read_bytes()) if page.is_file() else None

    def break_some(self, names: list[str]) -> int:
        """Let requests for some names fail; return for how many the survey cannot have an answer."""
        lasting = 0
        for number, name in enumerate(names):
            page, file = f"/simple/{name}/", f"/files/{name}-1.0-py3-none-any.whl"
            fault = number % 1000
            if fault == 5:
                self.statuses[file] = [500] * 999
            elif fault == 6:
                self.statuses[page] = [503] * 999
            elif fault == 7:
                self.statuses[page] = [503]  # once: the request is repeated
            elif fault == 10:
                self.cut.add(file)  # once, too
            elif number % 10_000 == 11:
                self.stall.add(page)
            lasting += fault in {5, 6} or number % 10_000 == 11
        return lasting

    def mend(self) -> None:
        """Answer all requests from now on."""
        self.statuses.clear()
        self.stall.clear()


@contextmanager
def index_of(folder: Path, served: bool) -> Iterator[tuple[str, ServedIndex | None]]:
    """Yield the address of the index in ``folder``, and the index if it is served."""
    if not served:
        yield (folder / "simple").as_uri(), None
        return
    with serving(folder / "files", ServedIndex) as index:
        assert isinstance(index, ServedIndex)
        yield index.simple, index


def examine_folder(scratch: Path, files: int, jobs: str) -> int:
    """Survey and check a folder of so many artefacts; return the exit status."""
    (scratch / "models").mkdir()
    write_artefacts(scratch / "folder", files, scratch / "models")
    survey = ("survey", "folder", "--store", "s.sqlite", "--jobs", jobs, "--quiet")
    wanted = wanted_of_survey(files)
    started = time.perf_counter()
    first = Run(scratch, "", *survey)
    first.wait(wanted[0] // 2)
    first.process.kill()
    first.process.wait()
    half = first.done()
    second = Run(scratch, "", *survey)
    second.wait(files + 1)
    status = second.process.wait()
    queries = ("package", "package WHERE status = 'failed'", "wheel WHERE problem = ''", "finding")
    found = tuple(number(second.store, f"SELECT count(*) FROM {what}") for what in queries)
    tell("survey", files, started, (first, second))
    print(f"killed after {half:,}; status {status}, wanted 0")
    print(f"packages, failed, wheels, findings: {found}, wanted {wanted}")
    report = scratch / "report.jsonl"
    check = ("check", "folder", "--isolated", "--jobs", jobs, "--quiet", "--output-format")
    started = time.perf_counter()
    killed = Run(scratch, "", *check, "json-lines", "--output-file", report.name)
    killed.watch(seconds=10)
    killed.process.kill()
    killed.process.wait()
    left = sorted(path.name for path in scratch.glob("*report*"))
    whole = Run(scratch, "", *check, "json-lines", "--output-file", report.name)
    whole.watch(seconds=86_400)
    differences = differences_of_check(report, files)
    tell("check", files, started, (killed, whole))
    print(f"status {whole.process.returncode}, wanted 2: some are damaged; ", end="")
    print(f"left by the killed run: {', '.join(left) or 'nothing'}")
    print(
        f"lost, doubled or wrong: {len(differences)}, wanted 0",
        *differences[:5],
        sep="\n  ",
        flush=True,
    )
    right = (status, found, whole.process.returncode, differences) == (0, wanted, 2, [])
    return 0 if right else 1


def tell(what: str, files: int, started: float, runs: tuple[Run, ...]) -> None:
    """Print how long the runs of a command took, and how much memory."""
    seconds = time.perf_counter() - started
    parent, worker = (max(getattr(run, of) for run in runs) / 1024 for of in ("parent", "worker"))
    print(f"{what}: {files:,} files in {seconds:.0f} s, {files / seconds:.0f} a second; ", end="")
    print(f"peak MiB: the parent {parent:.0f}, a worker {worker:.0f}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--served", action="store_true")
    parser.add_argument("--folder", action="store_true")
    args = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    if args.folder:
        with tempfile.TemporaryDirectory() as scratch:
            return examine_folder(Path(scratch), args.names, str(args.jobs))
    names = [f"package{number:06}" for number in range(args.names)]
    survey = ("survey", "names.txt", "--store", "s.sqlite", "--jobs", str(args.jobs), "--quiet")
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as opened:
        folder = Path(scratch)
        write_index(folder, names)
        address, index = opened.enter_context(index_of(folder, args.served))
        lasting = index.break_some(names) if index else 0
        (folder / "names.txt").write_text("\n".join(names))
        started = time.perf_counter()
        first = Run(folder, address, *survey)
        first.wait(args.names // 2)
        first.process.kill()
        first.process.wait()
        half, half_size = first.done(), first.store.stat().st_size
        second = Run(folder, address, *survey)
        second.wait(args.names * 3 // 4)
        for child in children_of(second.process.pid)[-1:]:
            os.kill(child, signal.SIGKILL)
        second.wait(args.names + 1)
        status = second.process.wait()
        if index:
            broken = number(second.store, "SELECT count(*) FROM package WHERE status = 'failed'")
            print(f"failed until the index is mended: {broken}, wanted {lasting}")
            index.mend()
            status |= Run(folder, address, *survey, "--retry-failed").process.wait()
            status |= int(broken != lasting)
        seconds = time.perf_counter() - started
        size = second.store.stat().st_size
        kept = number(second.store, "SELECT count(*) FROM package")
        failed = number(second.store, "SELECT count(*) FROM package WHERE status = 'failed'")
        wheels = number(second.store, "SELECT count(*) FROM wheel")
        hits = number(second.store, "SELECT count(*) FROM finding")
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
