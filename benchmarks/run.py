"""What checking costs, each work against what it is measured by, as one table.

    python benchmarks/run.py [--quick] [--turns N] [--trees FOLDER] [--write-readme]

The tree is what pip installs of some large packages (``--quick``: of a few small ones), kept
in a cache folder from run to run. Whole processes are timed, ours and the peer's in turns,
and the median of the ratios of neighbouring runs counts, so that what else the machine does
falls on both. Processor time, which hardly depends on other programs, is shown beside it.
A peer that is not installed has its row say so: ripgrep (``rg``), ruff and flake8 (of the
running Python's environment or the path), ast-grep. For all rows, install ripgrep from the
distribution and the others beside this package, with its plugin:

    pip install '.[fast]' ./flake8_plugin flake8 ruff ast-grep-cli

``--write-readme`` puts the table between its marks in the README. Ends with status 1 where a
row is over its target.
"""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = (
    *("sympy", "django", "botocore", "scipy", "pandas", "numpy", "matplotlib", "sqlalchemy"),
    *("ansible-core", "scikit-learn", "networkx", "astropy", "statsmodels", "scikit-image"),
    *("transformers", "fonttools", "pygments"),
)
QUICK = ("sqlalchemy", "networkx", "pygments")
FILES = 14_000
BEGIN, END = "<!-- benchmark table: begin -->", "<!-- benchmark table: end -->"

NOLIBPY = (sys.executable, "-m", "no_libpython_dlopen")
CHECK = (*NOLIBPY, "check", "--isolated")
#: As the script does that uv and newer releases of pip install: ``python -m`` takes 4 ms more.
SCRIPT = "import sys\nfrom no_libpython_dlopen.__main__ import main\nsys.exit(main())"
RUFF = ("check", "--no-cache", "--isolated", "--no-respect-gitignore", "--quiet", "--select=TID251")
FINDING = 'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\nprint(api.Py_IsInitialized())\n'
#: Analyses each file, or parses it, in one process that has everything imported: "files" are
#: asked whether something in them may open libpython, "cases" are checked, fixes and all.
ANALYSE = """
import sys, time
import libcst
from pathlib import Path
from no_libpython_dlopen.engine.api import check_bytes
from no_libpython_dlopen.engine.check_file import raise_gc_thresholds
from no_libpython_dlopen.python.syntax import parse
from no_libpython_dlopen.python.evaluator.interpreter import AbstractInterpreter
from no_libpython_dlopen.python.library_loads import find_loads
from no_libpython_dlopen.python.mentions import mentions_of
from no_libpython_dlopen.model.source import Kind, Source

def analysed(name, data):
    source = Source(name, Kind.PYTHON, data)
    with parse.deep_recursion():
        find_loads(AbstractInterpreter(parse.parse(source), mentions_of(source)))

ways = {
    "files": analysed,
    "cases": lambda name, data: check_bytes(data, name),
    "parse": lambda name, data: libcst.parse_module(data),
}
work = ways[sys.argv[1]]
raise_gc_thresholds()  # as the command does
files = [(name, Path(name).read_bytes()) for name in sys.argv[2:]]
work(*files[0])
start = time.process_time()
for name, data in files:
    work(name, data)
print(time.process_time() - start)
"""
#: Names the files in which a loader may be called.
NEED_ANALYSIS = """
import sys
from pathlib import Path
from no_libpython_dlopen.python.mentions import mentions_of
from no_libpython_dlopen.model.source import Kind, Source, Unreadable

words = (b"CDLL", b"PyDLL", b"cdll", b"dlopen", b"LoadLibrary", b"load_library")
for path in sorted(Path(sys.argv[1]).rglob("*.py")):
    data = path.read_bytes()
    if any(word in data for word in words):
        try:
            mentions = mentions_of(Source(str(path), Kind.PYTHON, data))
        except Unreadable:
            continue
        if not isinstance(mentions, SyntaxError) and mentions.may_load:
            print(path)
"""


@dataclass(frozen=True)
class Used:
    """What a process used: seconds by the clock and of the processors, and KiB at its peak."""

    wall: float
    cpu: float
    peak: int


@dataclass(frozen=True)
class Row:
    """One line of the table. ``missing`` says why there are no figures."""

    work: str
    against: str
    target: float
    ours: str = ""
    peer: str = ""
    ratio: float | None = None
    processor: float | None = None
    missing: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met, ``None`` where it was not measured."""
        return None if self.ratio is None else round(self.ratio, 2) <= self.target


def used(command: tuple[str, ...], folder: Path | None = None) -> Used:
    """Run a command, its output thrown away, and return what it used."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)[:200]}: exit status {process.returncode}")
    return Used(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)


def in_turns(
    ours: tuple[str, ...], peer: tuple[str, ...], turns: int, folder: Path | None = None
) -> list[tuple[Used, Used]]:
    """Return what both commands used in each turn, after one that fills the caches."""
    used(ours, folder), used(peer, folder)
    return [(used(ours, folder), used(peer, folder)) for _ in range(turns)]


def row(
    work: str, against: str, target: float, pairs: list[tuple[Used, Used]], missing: str = ""
) -> Row:
    """Return the line of two commands' times."""
    if not pairs:
        return Row(work, against, target, missing=missing)
    first = statistics.median(ours.wall for ours, _ in pairs)
    second = statistics.median(peer.wall for _, peer in pairs)
    ratio = statistics.median(ours.wall / peer.wall for ours, peer in pairs)
    processor = statistics.median(ours.cpu / peer.cpu for ours, peer in pairs if peer.cpu)
    return Row(work, against, target, seconds(first), seconds(second), ratio, processor)


def seconds(value: float) -> str:
    """Show a time with three figures."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"


def mebibytes(kib: float) -> str:
    return f"{kib / 1024:.0f} MiB"


# What is measured


def installed(folder: Path, packages: tuple[str, ...]) -> Path:
    """Return a tree of what pip installs, made once. Raises ``SystemExit`` where pip fails."""
    target = folder / ("quick" if packages == QUICK else "large")
    if not (target / ".complete").exists():
        shutil.rmtree(target, ignore_errors=True)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"]
        done = subprocess.run([*command, "--target", str(target), *packages], check=False)
        if done.returncode:
            raise SystemExit("pip could not install the packages that are measured")
        (target / ".complete").touch()
    return target


def part_of(tree: Path, folder: Path, count: int) -> Path:
    """Return a folder of links to every nth Python file of a tree, ``count`` of them."""
    files = sorted(tree.rglob("*.py"))
    for number, path in enumerate(files[:: max(1, len(files) // count)][:count]):
        below = folder / str(number % 100)
        below.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, below / f"{number}.py")
    return folder


def clean_tree(tree: Path, turns: int) -> list[Row]:
    """Measure the check of a whole tree against other programs that read all of it."""
    work = "clean tree"
    loaders = "ctypes|dlopen|cppyy|load_library"
    peers: tuple[tuple[str, float, tuple[str, ...], str], ...] = (
        ("`rg -l`", 3, ("rg", "-l", loaders, str(tree)), "ripgrep"),
        ("`ruff check --no-cache`, one rule", 0.25, ("ruff", *RUFF, str(tree)), "ruff"),
        (
            "`ast-grep run -p 'ctypes.$X($$$A)'`",
            0.05,
            ("ast-grep", "run", "-l", "python", "-p", "ctypes.$X($$$A)", str(tree)),
            "ast-grep-cli",
        ),
    )
    rows = []
    for name, target, command, package in peers:
        found = program(command[0])
        pairs = in_turns((*CHECK, str(tree)), (found, *command[1:]), turns) if found else []
        rows.append(row(work, name, target, pairs, f"{package} is not installed"))
    return rows


def program(name: str) -> str:
    """Return the path of a program of this environment, or of the search path; or nothing."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name) or ""


def few_files(scratch: Path, turns: int) -> list[Row]:
    """Measure what is started for a commit: ten clean files, and one with a finding."""
    names = [f"clean{number}.py" for number in range(10)]
    for name in names:
        (scratch / name).write_text("import os\n\n\ndef here() -> str:\n    return os.getcwd()\n")
    (scratch / "load.py").write_text(FINDING)
    python = (sys.executable, "-c")
    script = (*python, SCRIPT, "check", "--isolated")
    clean = in_turns((*script, *names), (*python, "pass"), turns * 5, scratch)
    one = in_turns((*CHECK, "load.py"), (*python, "import libcst"), turns * 5, scratch)
    return [
        row("ten clean files", "`python -c pass`", 1.9, clean),
        row("one file with a finding, as text", '`python -c "import libcst"`', 1.6, one),
    ]


def full_analysis(tree: Path, turns: int) -> list[Row]:
    """Measure what is left where no prefilter ends a file.

    The small cases miss their target of 2.5: nearly each of them has a finding with a fix. By a
    profile in processor time 25 % goes to libcst's parser, 17 % to the search of loads, 15 % to
    the fixes, 10 % to places in the text, most of it libcst's code generation, 8 % to reaching
    definitions, 7 % to ``ast`` and the pass over it, 6 % to the prefilters, and the rest to small
    parts. No function of ours takes more than 2 % by itself.
    """
    asked = subprocess.run(
        [sys.executable, "-c", NEED_ANALYSIS, str(tree)], capture_output=True, text=True, check=True
    )
    cases = sorted((ROOT / "tests" / "cases" / "python").rglob("*.py"))
    both = {
        "files": asked.stdout.splitlines(),
        "cases": [str(path) for path in cases if b"expect:" in path.read_bytes()],
    }
    names = {"files": "analysis of {} files of the tree", "cases": "{} small cases, fixes and all"}
    rows = []
    for way, files in both.items():
        pairs = [(analysed(way, files), analysed("parse", files)) for _ in range(turns)]
        ours, peer = (statistics.median(values) for values in zip(*pairs, strict=True))
        ratio = statistics.median(first / second for first, second in pairs)
        name, against = names[way].format(len(files)), "`libcst.parse_module`"
        rows.append(Row(name, against, 2.5, seconds(ours), seconds(peer), ratio, ratio))
    return rows


def analysed(way: str, files: list[str]) -> float:
    """Return the seconds of processor time that one way to take files takes."""
    command = [sys.executable, "-c", ANALYSE, way, *files]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def plugin(tree: Path, scratch: Path, turns: int) -> list[Row]:
    """Measure flake8 with the plugin, and with all plugins of its environment but ours."""
    work, against = "flake8 with the plugin", "flake8 without it"
    names = subprocess.run(
        [sys.executable, "-m", "flake8", "--version"], capture_output=True, text=True, check=False
    ).stdout
    if "no-libpython-dlopen" not in names and "nolibpy" not in names:
        return [row(work, against, 1.05, [], "flake8 or the plugin is not installed")]
    some = part_of(tree, scratch / "flake8", 60)
    common = (sys.executable, "-m", "flake8", "--isolated", "--jobs=1", "--exit-zero")
    without = (sys.executable, "-c", WITHOUT_PLUGIN, *common[3:], str(some))
    started = (sys.executable, "-c", WITH_PLUGIN, *common[3:], str(some))
    return [row(work, against, 1.05, in_turns(started, without, turns))]


#: Starts flake8; the second hides our distribution from its search for plugins.
WITH_PLUGIN = "from flake8.main.cli import main; raise SystemExit(main())"
WITHOUT_PLUGIN = """
import importlib.metadata as metadata
every = metadata.distributions
metadata.distributions = lambda **more: (
    one for one in every(**more) if one.metadata["name"] != "flake8-no-libpython-dlopen"
)
from flake8.main.cli import main
raise SystemExit(main())
"""


def memory(tree: Path, turns: int) -> list[Row]:
    """Measure the largest process of a check of the whole tree."""
    pairs = in_turns((*CHECK, str(tree)), (sys.executable, "-c", "import libcst"), turns)
    ours = statistics.median(first.peak for first, _ in pairs)
    peer = statistics.median(second.peak for _, second in pairs)
    against = 'that of `python -c "import libcst"`'
    return [Row("peak memory", against, 2.5, mebibytes(ours), mebibytes(peer), ours / peer)]


def growth(tree: Path, scratch: Path, turns: int) -> list[Row]:
    """Measure what a file costs in a large tree against what it costs in a small one.

    In processor time less that of a start, since only large trees are checked in parallel.
    """
    count = min(FILES, sum(1 for _ in tree.rglob("*.py")))
    small = part_of(tree, scratch / "small", max(count // 14, 10))
    large = part_of(tree, scratch / "large", count)
    few, many = (sum(1 for _ in folder.rglob("*.py")) for folder in (small, large))
    one = ("--jobs", "1")
    (scratch / "empty.py").touch()
    empty = (*CHECK, *one, str(scratch / "empty.py"))
    start = statistics.median(used(empty).cpu for _ in range(turns))
    pairs = in_turns((*CHECK, *one, str(large)), (*CHECK, *one, str(small)), turns)
    each = [((big.cpu - start) / many, (little.cpu - start) / few) for big, little in pairs]
    ours, peer = (statistics.median(values) * 1e6 for values in zip(*each, strict=True))
    ratio = statistics.median(big / little for big, little in each)
    work, against = f"each of {many:,} files", f"each of {few:,} files"
    return [Row(work, against, 1.1, f"{ours:.0f} us", f"{peer:.0f} us", ratio, ratio)]


# The table


def table(rows: list[Row]) -> str:
    """Return the rows as a table in Markdown."""
    lines = ["| work | against | ours | theirs | ratio | processor time | target | |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for one in rows:
        if one.ratio is None:
            lines.append(f"| {one.work} | {one.against} | {one.missing} | | | | {one.target} | |")
            continue
        processor = f"{one.processor:.2f}" if one.processor is not None else ""
        verdict = "met" if one.met else "**missed**"
        lines.append(
            f"| {one.work} | {one.against} | {one.ours} | {one.peer} | {one.ratio:.2f} "
            f"| {processor} | {one.target} | {verdict} |"
        )
    return "\n".join(lines)


def machine() -> str:
    """Return on what is measured, in one line."""
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
        model = models[0] if models else model
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors ({model})"
    scan = "with" if find_spec("hyperscan") else "without"
    return f"{system}, Python {platform.python_version()}, {scan} the extra `fast`"


def write_readme(text: str) -> None:
    """Put the text between the marks of the README. Raises ``SystemExit`` where there are none."""
    path = ROOT / "README.md"
    readme = path.read_text(encoding="utf-8")
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"README.md has no {BEGIN} and {END}")
    path.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> int:
    """Measure, print, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=7, help="pairs of runs (default: 7)")
    parser.add_argument("--quick", action="store_true", help="a small tree")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nolibpy-benchmarks"
    parser.add_argument("--trees", type=Path, default=cache, help="where trees are kept")
    parser.add_argument("--write-readme", action="store_true", help="put the table there")
    args = parser.parse_args()
    # As pip does what it installs: from a checkout, each run may have to do it again.
    compileall.compile_dir(ROOT / "src", quiet=2)
    tree = installed(args.trees, QUICK if args.quick else PACKAGES)
    sizes = [path.stat().st_size for path in tree.rglob("*.py")]
    print(f"{len(sizes):,} Python files, {sum(sizes) / 1e6:.0f} MB; {machine()}\n", flush=True)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        parts: list[Callable[[], list[Row]]] = [
            lambda: clean_tree(tree, args.turns),
            lambda: few_files(scratch, args.turns),
            lambda: full_analysis(tree, args.turns),
            lambda: plugin(tree, scratch, args.turns),
            lambda: memory(tree, args.turns),
            lambda: growth(tree, scratch, args.turns),
        ]
        rows: list[Row] = []
        for part in parts:
            rows += part()
            print(table(rows).splitlines()[-1], file=sys.stderr, flush=True)
    text = (
        f"{table(rows)}\n\n"
        f"Medians of {args.turns} pairs of runs in turns; {len(sizes):,} Python files, "
        f"{sum(sizes) / 1e6:.0f} MB; {machine()}."
    )
    print(text)
    if args.write_readme:
        write_readme(text)
    return int(any(one.met is False for one in rows))


if __name__ == "__main__":
    sys.exit(main())
