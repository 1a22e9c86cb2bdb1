"""``nolibpy run``: the program runs as under Python itself, and is watched."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.runtime.interpreters import SRC, Compiler, Interpreter
from tests.runtime.test_guard import SILENT

Write = Callable[..., Path]

#: What a program can see of how it was started. Its environment has what guards its children.
MIRROR = """
import os, sys
shown = {name: globals().get(name) for name in ("__name__", "__file__", "__package__", "__doc__")}
print(sys.argv, sys.path, shown, __spec__ and __spec__.name)
print(sorted(name for name in os.environ if "PYTHON" in name or "NOLIBPY_START" in name))
entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
print([entry for entry in entries if "bootstrap" not in entry], sys.flags, sys.warnoptions)
print(sys.modules["__main__"].__dict__ is globals(), __builtins__, sys.stdin.read())
"""

#: A child of the program is started as the program is.
CHILD = """
import subprocess, sys
code = "import sys; print(sys.path, sys.argv, sys.flags, sys.warnoptions)"
subprocess.run([sys.executable, "-c", code])
"""


def nolibpy(
    python: Interpreter, *arguments: str | Path, check: bool = False, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run ``nolibpy run`` under an interpreter, without installing anything there."""
    return python("-m", "no_libpython_dlopen", "run", *arguments, check=check, **variables)


def same(left: subprocess.CompletedProcess[str], right: subprocess.CompletedProcess[str]) -> None:
    assert (left.returncode, left.stdout, left.stderr) == (
        right.returncode,
        right.stdout,
        right.stderr,
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ([], ["script.py"]),
        (["--error"], ["script.py", "--error", "-m", "--", "--report", "x", "-W", "-h"]),
        ([], ["package", "a"]),
        ([], ["archive.zip", "--version"]),
        (["--error"], ["-m", "module", "-m", "--help"]),
        ([], ["-m", "package"]),
        (["--error"], ["-c", MIRROR, "-c", "--python"]),
        ([], ["-", "--error"]),
        ([], ["missing.py"]),
        (["--error"], ["-m", "missing"]),
        (["--error"], ["broken.py"]),
    ],
    ids=lambda words: " ".join(words[:2])[:20],
)
def test_a_program_sees_what_it_would_see_under_python(
    version: Interpreter,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    error: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "package").mkdir()
    for name in ("script.py", "module.py", "package/__main__.py"):
        Path(name).write_text(MIRROR)
    Path("broken.py").write_text("def f(:\n")
    with zipfile.ZipFile("archive.zip", "w") as archive:
        archive.writestr("__main__.py", MIRROR)
    same(nolibpy(version, *error, *words), version(*words, check=False))


@pytest.mark.parametrize(
    ("python", "error"), [("static", ["--error"]), ("shared", [])], indirect=["python"]
)
@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    1 / 0\nf()",
        "raise SystemExit(7)",
        "raise SystemExit('message')",
        "import sys; sys.exit()",
        "raise KeyboardInterrupt",
        "import os; os._exit(9)",
        "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import atexit; atexit.register(print, 'last'); print('first')",
        "import sys; sys.excepthook = lambda *a: print(a[0]); 1 / 0",
        "import threading; threading.Thread(target=lambda: print('thread')).start()",
        CHILD,
    ],
)
def test_it_ends_as_it_would_end_under_python(
    python: Interpreter, script: Write, code: str, error: list[str]
) -> None:
    path = script(code)
    same(nolibpy(python, *error, path), python(path, check=False))


def test_a_spawned_worker_finds_the_programs_main(version: Interpreter, script: Write) -> None:
    path = script(
        "import multiprocessing as m\n"
        "def work(x): return x + 1\n"
        "if __name__ == '__main__':\n"
        "    with m.get_context('spawn').Pool(1) as pool: print(pool.map(work, [1, 2]))\n"
    )
    assert nolibpy(version, path).stdout == "[2, 3]\n"


def test_options_of_the_interpreter_hold_for_the_program(
    version: Interpreter, script: Write, tmp_path: Path
) -> None:
    path = script("import sys; print(sys.flags, sys.warnoptions, sys._xoptions.get('utf8'))")
    for flags in (["-O", "-X", "utf8", "-b", "-B"], ["-W", "error::ImportWarning"]):
        got = version(*flags, "-m", "no_libpython_dlopen", "run", path)
        assert got.stdout == version(*flags, path).stdout


@pytest.mark.parametrize(
    "options",
    [
        ["-X", "dev", "-u", "-OO", "-B", "-s"],
        ["-Xutf8", "-W", "error::ImportWarning", "-W", "ignore", "-bb"],
        ["-uBO"],
    ],
    ids=" ".join,
)
def test_it_takes_the_options_of_the_interpreter(
    version: Interpreter, script: Write, options: list[str]
) -> None:
    path = script("import sys; print(sys.flags, sys.warnoptions, sys._xoptions, __debug__)")
    same(nolibpy(version, *options, path), version(*options, path))


@pytest.mark.parametrize("option", ["-E", "-I"])
def test_the_environment_is_ignored_and_the_guard_is_not(
    version: Interpreter, script: Write, stray: Path, option: str
) -> None:
    path = script(
        "import ctypes, os, subprocess, sys\nprint(sys.warnoptions, sys.path, flush=True)\n"
        "ctypes.CDLL(sys.argv[1])\nsubprocess.run([sys.executable, '-c', 'import sys; print(sys.warnoptions)'])"
    )
    ours, theirs = (
        run(option, path, stray, PYTHONWARNINGS="ignore::UserWarning")
        for run in (lambda *words, **more: nolibpy(version, *words, **more), version)
    )
    assert ours.stdout == theirs.stdout
    assert ours.stderr.count("NLP401") == 1


@pytest.mark.parametrize("form", ["script", "directory", "-c", "-m"])
def test_an_isolated_program_imports_nothing_from_beside_it(
    version: Interpreter, script: Write, form: str
) -> None:
    code = "import sys; print(sys.path[:2]); import beside"
    script("print('imported')", "beside.py")
    path = script(code, "__main__.py")
    words: dict[str, list[str | Path]] = {
        "script": [path],
        "directory": [path.parent],
        "-c": ["-c", code],
        "-m": ["-m", "site"],
    }
    ours, theirs = (
        run("-I", *words[form], check=False) for run in (partial(nolibpy, version), version)
    )
    assert (ours.returncode, ours.stdout) == (theirs.returncode, theirs.stdout)
    assert ("imported" in ours.stdout) == (form == "directory")


def test_ignoring_the_environment_is_kept_from_start_up_only(
    version: Interpreter, script: Write
) -> None:
    path = script("import os, sys; print(os.environ['PYTHONWARNINGS'], sys.warnoptions)")
    code = f"import sys; sys.path.append({str(SRC)!r}); "
    code += "from no_libpython_dlopen.__main__ import main; main(['run', *sys.argv[1:]])"
    for flag in ("-E", "-I"):
        result = version(flag, "-c", code, path, PYTHONWARNINGS="error")
        assert result.stdout == "error []\n"


def test_without_site_there_is_no_guard_and_one_line_says_so(
    version: Interpreter, script: Write
) -> None:
    result = version("-S", "-m", "no_libpython_dlopen", "run", script("print('ran')"), check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert (
        result.stderr
        == "nolibpy: error: -S cannot be used: it skips the module `site`, which loads the guard\n"
    )


def test_a_sitecustomize_that_was_there_runs_as_before(
    version: Interpreter, script: Write, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/sitecustomize.py").write_text(
        "import sys\nsys.customized = getattr(sys, 'customized', []) + [__name__, __file__]\n"
    )
    path = script("import sitecustomize, sys; print(sitecustomize.__file__, sys.customized)")
    source = str(SRC)
    pythonpath = os.pathsep.join([str(tmp_path / "own"), source])
    result = nolibpy(version, path, PYTHONPATH=pythonpath)
    same(result, version(path, PYTHONPATH=pythonpath))
    assert result.stdout.count("own/sitecustomize.py") == 2


def test_every_module_is_warned_about(static: Interpreter, script: Write, stray: Path) -> None:
    helper = script("import ctypes, sys\nctypes.CDLL(sys.argv[1])\n", "helper.py")
    result = nolibpy(static, script("import helper\nprint('went on')\n"), stray)
    assert f"{helper}:2: LibpythonWarning: NLP401" in result.stderr
    assert (result.returncode, result.stdout) == (0, "went on\n")


@pytest.mark.parametrize(
    ("filters", "shown", "status"),
    [
        ("error::DeprecationWarning", True, 1),
        ("error", True, 1),
        ("ignore", False, 0),
        ("ignore::DeprecationWarning", False, 0),
        ("error::UserWarning", True, 0),
        ("ignore:NLP401", False, 0),
    ],
)
def test_the_users_own_filters_come_first(
    static: Interpreter, script: Write, stray: Path, filters: str, shown: bool, status: int
) -> None:
    script("import ctypes, sys\nctypes.CDLL(sys.argv[1])\n", "helper.py")
    path = script("import helper\n")
    by_variable = nolibpy(static, path, stray, PYTHONWARNINGS=filters)
    by_option = nolibpy(static, "-W", filters, path, stray)
    for result in (by_variable, by_option):
        assert result.returncode == status, result.stderr
        assert ("LibpythonWarning" in result.stderr) == shown


def test_with_error_the_program_stops_before_the_map(
    static: Interpreter, script: Write, stray: Path
) -> None:
    path = script("import ctypes, sys\nctypes.CDLL(sys.argv[1])\nprint('went on')\n")
    result = nolibpy(static, "--error", path, stray)
    assert (result.returncode, result.stdout) == (1, "")
    assert "no_libpython_dlopen.runtime.LibpythonWarning: NLP401" in result.stderr


@pytest.mark.parametrize(("ending", "status"), [("", 1), ("raise SystemExit(3)", 3)])
def test_with_error_what_is_found_too_late_fails_a_successful_program(
    static: Interpreter, script: Write, stray: Path, compiler: Compiler, ending: str, status: int
) -> None:
    opener = compiler.library("libopener.so", source=SILENT)
    path = script(
        "import ctypes, sys\nopener = ctypes.CDLL(sys.argv[1])\n"
        f"opener.open_silently(sys.argv[2].encode())\nfile = open(sys.argv[3], 'w')\n"
        f"file.write('kept')\n{ending}\n"
    )
    target = stray.with_name("written")
    result = nolibpy(static, "--error", path, opener, stray, target)
    assert result.returncode == status
    assert "nolibpy: at exit: NLP401" in result.stderr
    assert target.read_text() == "kept"  # the interpreter was finalized as always


CATEGORY = "no_libpython_dlopen.runtime.LibpythonWarning"


@pytest.mark.parametrize(
    ("filters", "status", "shown"),
    [(f"error::{CATEGORY}", 1, 1), (f"ignore::{CATEGORY}", 0, 0), (f"always::{CATEGORY}", 0, 3)],
)
def test_a_filter_may_name_the_category(
    version: Interpreter, script: Write, stray: Path, filters: str, status: int, shown: int
) -> None:
    path = script("import ctypes, sys\nfor _ in range(3):\n    ctypes.CDLL(sys.argv[1])\n")
    by_variable = nolibpy(version, path, stray, PYTHONWARNINGS=filters)
    by_option = nolibpy(version, "-W", filters, path, stray)
    for result in (by_variable, by_option):
        assert result.returncode == status, result.stderr
        assert result.stderr.count("LibpythonWarning: NLP401") == shown
        assert "Invalid -W" not in result.stderr


NAME = "sys.argv[1]"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (f"ctypes.CDLL({NAME})  # noqa: NLP401", False),
        (f"ctypes.CDLL({NAME})  # NoQA", False),
        (f"ctypes.CDLL({NAME})  # noqa: E501, NLP4", False),
        (f"ctypes.CDLL({NAME})  # nolibpy: ignore[NLP401] on purpose", False),
        (f"ctypes.CDLL(  # a call\n    {NAME},\n)  # noqa: NLP401", False),
        (f"# é\nctypes.CDLL({NAME})  # nolibpy: ignore", False),
        (f"# nolibpy: ignore-file\nctypes.CDLL({NAME})", False),
        (f"# -*- coding: latin-1 -*-\nctypes.CDLL({NAME})  # noqa: NLP401 'é'", False),
        (f"ctypes.CDLL({NAME})  # noqa: E501", True),
        (f"ctypes.CDLL({NAME})  # noqa: NLP101", True),
        (f"ctypes.CDLL({NAME}) or '# noqa'", True),
        (f"# noqa: NLP401\nctypes.CDLL({NAME})", True),
        (f"x = 'no\\x00qa'  # noqa\nctypes.CDLL({NAME})", True),
    ],
)
def test_a_comment_suppresses_a_finding_as_it_does_for_check(
    static: Interpreter, tmp_path: Path, stray: Path, line: str, found: bool
) -> None:
    path = tmp_path / "script.py"
    encoding = "latin-1" if "latin-1" in line else "utf-8"
    path.write_bytes(f"import ctypes, sys\n{line}\n".encode(encoding))
    if "latin-1" in line:
        path.write_bytes(f"{line}\n".replace("\n", "\nimport ctypes, sys\n", 1).encode(encoding))
    result = nolibpy(static, "--exit-code", path, stray)
    assert (result.returncode, "NLP401" in result.stderr) == (int(found), found), result.stderr


@pytest.mark.parametrize("what", ["ctypes.CDLL(sys.argv[1])", "call(sys.argv[1].encode())"])
def test_a_program_may_empty_the_list_of_modules(
    static: Interpreter, script: Write, stray: Path, compiler: Compiler, what: str
) -> None:
    opener = compiler.library("libopener.so", source=SILENT)
    path = script(
        "import ctypes, sys\ncall = ctypes.CDLL(sys.argv[2]).open_silently\n"
        "for name in set(sys.modules) - {'sys', 'builtins', '__main__'}:\n"
        f"    del sys.modules[name]\nimport ctypes\n{what}\n"
    )
    result = nolibpy(static, "--exit-code", path, stray, opener)
    assert result.returncode == 1
    assert "LibpythonWarning: NLP401" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "start",
    [
        "import sys; sys.path.clear()",
        "import sys; sys.path[:] = []; sys.path_importer_cache.clear()",
        "pass",
        "import re, json, fnmatch, linecache",
        "import sys; sys.meta_path.clear(); sys.path_hooks.clear(); sys.path_importer_cache.clear()",
        "import sys; sys.meta_path = []; sys.path = None; sys.path_hooks = None",
    ],
)
def test_the_guard_depends_on_no_module_of_the_program(
    version: Interpreter, script: Write, stray: Path, start: str
) -> None:
    """A program that ctypes works in may have modules with names of the standard library."""
    for name in ("re", "json", "fnmatch", "enum", "functools", "linecache", "logging", "typing"):
        script(f"print('{name} of the program')\n", f"{name}.py")
    path = script(f"import ctypes\n{start}\nimport sys\nctypes.CDLL(sys.argv[1])\n")
    report = path.with_name("report.json")
    theirs = version(path, stray, check=False)
    if theirs.returncode:
        pytest.skip("the program does not run under this Python")
    result = nolibpy(version, "--exit-code", "--allow", "x", "--report", report, path, stray)
    assert result.stdout == theirs.stdout
    assert result.returncode == 1
    assert "LibpythonWarning: NLP401" in result.stderr
    assert [entry["location"]["row"] for entry in json.loads(report.read_text())] == [4]


@pytest.mark.parametrize("what", ["ctypes.CDLL(sys.argv[1])", "call(sys.argv[1].encode())"])
@pytest.mark.parametrize(
    "start",
    [
        "os.open = os.write = os.close = os.readlink = os.listdir = builtins.open = no",
        "os.open = os.write = os.stat = os.path.realpath = os.fsdecode = no",
        "builtins.__import__ = no",
        "sys.audit = sys._getframe = no",
    ],
)
def test_functions_that_the_program_replaces_hide_nothing(
    static: Interpreter, script: Write, stray: Path, compiler: Compiler, start: str, what: str
) -> None:
    """A file system that a test fakes does it; where the guard cannot look, the loader's log has it."""
    opener = compiler.library("libopener.so", source=SILENT)
    path = script(
        "import builtins, ctypes, os, sys\ncall = ctypes.CDLL(sys.argv[2]).open_silently\n"
        f"def no(*_, **__): raise RuntimeError('no such thing')\n{start}\n{what}\nprint('end')\n"
    )
    theirs = static(path, stray, opener, check=False)
    result = nolibpy(static, "--exit-code", path, stray, opener)
    assert result.stdout == theirs.stdout == "end\n"
    assert result.returncode == 1
    assert "NLP401" in result.stderr
    assert "Traceback" not in result.stderr


SWALLOWED = [
    "try: ctypes.CDLL(sys.argv[1])\nexcept Exception: pass",
    (
        "import threading\nt = threading.Thread(target=ctypes.CDLL, args=sys.argv[1:])\n"
        "t.start(); t.join()"
    ),
    (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor() as pool: pool.submit(ctypes.CDLL, sys.argv[1])"
    ),
    (
        "import os\nif os.fork() == 0:\n    try: ctypes.CDLL(sys.argv[1])\n"
        "    finally: os._exit(0)\nos.wait()"
    ),
    "try: ctypes.CDLL(sys.argv[1])\nexcept Exception: import os; os._exit(0)",
]


@pytest.mark.parametrize("option", ["--error", "--exit-code"])
@pytest.mark.parametrize("code", SWALLOWED)
def test_a_finding_fails_the_run_whatever_becomes_of_the_exception(
    static: Interpreter, script: Write, stray: Path, code: str, option: str
) -> None:
    path = script(f"import ctypes, sys\n{code}\n")
    assert nolibpy(static, option, path, stray).returncode == 1
    if option == "--error":
        allowed = nolibpy(static, option, "--allow", "libpython3.99*", path, stray)
        assert allowed.returncode == 0


@pytest.mark.parametrize("stream", ["2>/dev/full", "2>&-", "2>&1 >/dev/null | true"])
@pytest.mark.parametrize(("ending", "status"), [("os._exit(0)", 1), ("sys.exit(5)", 5)])
def test_messages_that_cannot_be_written_change_no_status(
    static: Interpreter, script: Write, stray: Path, stream: str, ending: str, status: int
) -> None:
    path = script(f"import ctypes, os, sys\n{SWALLOWED[0]}\n{ending}\n")
    words = f"'{static.path}' -m no_libpython_dlopen run --error '{path}' '{stray}'"
    result = subprocess.run(
        ["sh", "-c", f"({words}; echo $? >'{path}.status') {stream}"],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        stdout=subprocess.PIPE,
        check=True,
    )
    assert Path(f"{path}.status").read_text() == f"{status}\n"
    assert result.stdout == b""


@pytest.mark.parametrize(("ending", "status"), [("", 0), ("raise SystemExit(3)", 3)])
def test_without_a_finding_the_status_is_the_programs_own(
    static: Interpreter, script: Write, ending: str, status: int
) -> None:
    path = script(f"import ctypes\nctypes.CDLL('libc.so.6')\n{ending}\n")
    for option in ("--error", "--exit-code"):
        assert nolibpy(static, option, path).returncode == status


@pytest.mark.parametrize(
    ("code", "option", "row"),
    [
        ("import warnings\nwarnings.simplefilter('ignore')\nctypes.CDLL(sys.argv[1])", "", 4),
        ("try: ctypes.CDLL(sys.argv[1])\nfinally: import os; os._exit(0)", "--error", 2),
        ("sys.stderr = None\nctypes.CDLL(sys.argv[1])", "", 3),
        (
            (
                "import subprocess\ncode = 'import ctypes, sys; ctypes.CDLL(sys.argv[1])'\n"
                "subprocess.run([sys.executable, '-Wignore', '-c', code, sys.argv[1]])"
            ),
            "",
            0,
        ),
    ],
)
def test_the_status_has_a_line_where_the_program_shows_no_warning(
    static: Interpreter, script: Write, stray: Path, code: str, option: str, row: int
) -> None:
    path = script(f"import ctypes, sys\n{code}\n")
    result = nolibpy(static, option or "--exit-code", path, stray)
    place = f"{path}:{row}" if row else "<string>:1"
    verb = "tried to load" if option else "loaded"
    why = f"nolibpy: exit status 1, since the program {verb} {stray.name} at {place}\n"
    assert result.returncode == 1
    assert result.stderr.endswith(why)


def test_a_status_of_the_programs_own_is_kept_in_spite_of_a_finding(
    static: Interpreter, script: Write, stray: Path
) -> None:
    path = script("import ctypes, sys\nctypes.CDLL(sys.argv[1])\nraise SystemExit(3)\n")
    assert nolibpy(static, "--exit-code", path, stray).returncode == 3
    path = script("import ctypes, sys\nctypes.CDLL(sys.argv[1])\n")
    assert nolibpy(static, path, stray).returncode == 0


@pytest.mark.parametrize(
    "name",
    [
        *("SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1"),
        *("SIGALRM", "SIGTTIN", "SIGWINCH", "SIGRTMIN"),  # timers, gunicorn, Apache, systemd
    ],
)
def test_a_signal_for_the_parent_alone_reaches_the_program(
    static: Interpreter, script: Write, tmp_path: Path, name: str
) -> None:
    python = static
    path = script(
        "import signal, sys, time, pathlib\n"
        f"signal.signal(signal.{name}, lambda *_: sys.exit(5))\n"
        "pathlib.Path(sys.argv[1]).touch()\ntime.sleep(60)\n"
    )
    source = str(SRC)
    ready = tmp_path / "ready"
    parent = subprocess.Popen(
        [python.path, "-m", "no_libpython_dlopen", "run", "--error", str(path), str(ready)],
        env={**os.environ, "PYTHONPATH": source},
    )
    while not ready.exists() and parent.poll() is None:
        time.sleep(0.01)
    time.sleep(0.05)
    parent.send_signal(getattr(signal, name))
    assert parent.wait(timeout=30) == 5


#: What a program inherits: descriptors, signals, limits, its session, what a manager says of it.
INHERITED = """
import os, resource, signal
listed = [name for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name)]
links = {name: os.readlink("/proc/self/fd/" + name) for name in listed}
print({name: link for name, link in links.items() if "nolibpy-run-" not in link})
status = open("/proc/self/status").read().splitlines()
print([line for line in status if line.startswith(("SigIgn", "SigBlk", "Umask", "Cpus_a", "Cap"))])
limits = [name for name in dir(resource) if name.startswith("RLIMIT_")]
print({name: resource.getrlimit(getattr(resource, name)) for name in limits})
print(os.nice(0), os.getcwd(), os.getpgrp() == os.getsid(0), open("/proc/self/cgroup").read())
for name in ("LISTEN_PID", "WATCHDOG_PID", "SYSTEMD_EXEC_PID", "OTHER_PID"):
    print(name, {str(os.getpid()): "this process"}.get(os.environ.get(name), "another"))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="what is inherited is there")
@pytest.mark.parametrize("options", [[], ["--error", "-E"]])
def test_a_program_inherits_what_it_would_inherit(
    python: Interpreter, script: Write, options: list[str]
) -> None:
    path = script(INHERITED)
    told = []
    for words in (["-s"], ["-m", "no_libpython_dlopen", "run", *options]):
        shell = "trap '' CHLD USR1; umask 027; ulimit -n 700; ulimit -c 0; exec 5</dev/null\n"
        shell += "export LISTEN_PID=$$ SYSTEMD_EXEC_PID=$$ WATCHDOG_PID=1 OTHER_PID=$$\n"
        command = ["setsid", "--wait", "sh", "-c", f'{shell}exec nice -n 3 "$@"', "sh"]
        result = subprocess.run(
            [*command, python.path, *words, str(path)],
            env={**os.environ, "PYTHONPATH": str(SRC)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        )
        told.append(re.sub(r"pipe:\S+", "", result.stdout))
    assert told[0].replace("OTHER_PID this process", "OTHER_PID another") == told[1]


def test_what_a_terminal_sends_to_both_reaches_the_program_once(
    static: Interpreter, script: Write
) -> None:
    path = script(
        "import signal, sys, time\ncount = 0\n"
        "def handle(*_):\n    global count\n    count += 1\n"
        "signal.signal(signal.SIGINT, handle)\nprint('ready', flush=True)\n"
        "end = time.monotonic() + 2\nwhile time.monotonic() < end: time.sleep(0.1)\nprint(count)\n"
    )
    child, terminal = pty.fork()
    if child == 0:
        os.environ["PYTHONPATH"] = str(SRC)
        os.execv(static.path, [static.path, "-m", "no_libpython_dlopen", "run", str(path)])
    shown = b""
    while b"ready" not in shown:
        shown += os.read(terminal, 100)
    os.write(terminal, b"\x03")  # Ctrl-C
    with contextlib.suppress(OSError):  # the terminal is closed
        while part := os.read(terminal, 100):
            shown += part
    os.close(terminal)
    assert os.waitpid(child, 0)[1] == 0
    assert re.findall(rb"\d+", shown)[-1] == b"1"  # a terminal echoes ^C before it


def test_the_report_has_the_shape_of_check(
    python: Interpreter, script: Write, stray: Path, tmp_path: Path
) -> None:
    path = script("import ctypes, sys\nfor _ in range(3):\n    'é'; ctypes.CDLL(sys.argv[1])\n")
    report = tmp_path / "report.json"
    nolibpy(python, "--report", report, path, stray, check=True)
    (entry,) = json.loads(report.read_text())
    column, end = (10, 34) if python.version >= (3, 11) else (1, 1)
    assert entry == {
        "code": "NLP401",
        "name": "libpython-load-at-runtime",
        "severity": "error",
        "message": entry["message"],
        "filename": str(path),
        "location": {"row": 3, "column": column},
        "end_location": {"row": 3, "column": end},
        "fix": None,
        "url": "https://no-libpython-dlopen.readthedocs.io/rules/libpython-load-at-runtime/",
        "noqa_row": 3,
    }
    assert str(stray) in entry["message"]


def test_the_report_is_complete_whatever_the_end_and_holds_what_forked_workers_found(
    static: Interpreter, script: Write, stray: Path, tmp_path: Path
) -> None:
    path = script(
        "import ctypes, os, sys\n"
        "children = []\n"
        "for number in range(4):\n"
        "    if (child := os.fork()) == 0:\n"
        "        exec(compile('\\n' * number + 'ctypes.CDLL(sys.argv[1])', 'generated.py', 'exec'))\n"
        "        os._exit(0)\n"
        "    children.append(child)\n"
        "for child in children: os.waitpid(child, 0)\n"
        "os.chdir('/')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    report = tmp_path / "report.json"
    result = nolibpy(static, "--report", report, path, stray)
    assert result.returncode == -9
    rows = sorted(entry["location"]["row"] for entry in json.loads(report.read_text()))
    assert rows == [1, 2, 3, 4]


@pytest.mark.parametrize("content", ["{}", "3", "null", "[", "\\0"])
def test_a_report_that_is_none_is_replaced_and_never_breaks_the_program(
    static: Interpreter, script: Write, stray: Path, tmp_path: Path, content: str
) -> None:
    path = script(
        "import ctypes, pathlib, sys\npathlib.Path(sys.argv[2]).write_text(sys.argv[3])\n"
        "ctypes.CDLL(sys.argv[1])\nprint('went on')\n"
    )
    report = tmp_path / "report.json"
    result = nolibpy(static, "--report", report, path, stray, report, content)
    assert (result.returncode, result.stdout) == (0, "went on\n")
    assert [entry["code"] for entry in json.loads(report.read_text())] == ["NLP401"]


def test_the_report_names_a_program_that_goes_to_another_directory(
    static: Interpreter,
    script: Write,
    stray: Path,
    compiler: Compiler,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opener = compiler.library("libopener.so", source=SILENT)
    code = (
        "import ctypes, os, sys\nos.chdir('/')\n"
        "ctypes.CDLL(sys.argv[1]).open_silently(sys.argv[2].encode())\n"
    )
    path = script(code)
    report = path.with_name("report.json")
    monkeypatch.chdir(path.parent)
    # Code on the command line has no file, and is called as CPython calls it.
    for program, name in ((path.name, str(path)), (("-c", code), "sys")):
        words = [program] if isinstance(program, str) else program
        nolibpy(static, "--report", report, *words, opener, stray)
        (entry,) = json.loads(report.read_text())
        assert entry["filename"] == name


def test_a_clean_program_has_an_empty_report(
    python: Interpreter, script: Write, tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    report.write_text("old")
    nolibpy(python, "--report", report, script("import json"), check=True)
    assert json.loads(report.read_text()) == []


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ([], "nolibpy: error: run needs a SCRIPT, -m MODULE, -c CODE or -\n"),
        (
            ["--python", "/nowhere/python", "x.py"],
            "nolibpy: error: cannot run /nowhere/python: No such",
        ),
        (
            ["--error", "--python", "/nowhere/python", "x.py"],
            "nolibpy: error: cannot run /nowhere/pyth",
        ),
        (["--python", "/bin/echo", "x.py"], "nolibpy: error: /bin/echo is not a working Python"),
        (["-S", "x.py"], "nolibpy: error: no such option: -S"),
        (["python3.11", "x"], "nolibpy: error: python3.11: no such file; `nolibpy run` starts Py"),
        (
            ["pytest", "-q"],
            "nolibpy: error: pytest: no such file; for a module, `nolibpy run -m py",
        ),
        (
            ["--report", "/nowhere/x.json", "x.py"],
            "nolibpy: error: /nowhere/x.json: cannot be written: No s",
        ),
    ],
)
def test_what_cannot_be_run_is_one_line(static: Interpreter, words: list[str], line: str) -> None:
    result = nolibpy(static, *words)
    assert result.returncode == 2
    assert result.stderr.startswith(line)
    assert result.stderr.count("\n") == 1


def test_another_interpreter_runs_the_program_with_the_guard_of_this_one(
    static: Interpreter, shared: Interpreter, script: Write, stray: Path
) -> None:
    path = script("import ctypes, sys\nprint(sys.executable)\nctypes.CDLL(sys.argv[1])\n")
    for one, other in ((static, shared), (shared, static)):
        result = nolibpy(one, "--python", other.path, path, stray, PYTHONHOME="")
        assert result.stdout.strip() == other.path
        assert "LibpythonWarning: NLP401" in result.stderr


def test_what_is_allowed_on_the_command_line_is_silent(
    static: Interpreter, script: Write, stray: Path
) -> None:
    path = script("import ctypes, sys\nctypes.CDLL(sys.argv[1])\n")
    assert nolibpy(static, "--allow", "libpython3.99*", path, stray).stderr == ""
    assert nolibpy(static, "--allow", "a", "--allow", "__main__", path, stray).stderr == ""
    assert "NLP401" in nolibpy(static, "--allow", "other", path, stray).stderr


def test_a_subinterpreter_of_the_program_is_watched_and_clean(
    version: Interpreter, script: Write, stray: Path
) -> None:
    path = script(
        """
import sys
code = '''
import sys, _ctypes
print([entry for entry in sys.path if "bootstrap" in entry], flush=True)
_ctypes.dlopen(%r, 2)
''' % sys.argv[1]
try:
    import _interpreters as interpreters
    interpreters.exec(interpreters.create("legacy"), code)
except ModuleNotFoundError:
    import _xxsubinterpreters as interpreters
    try:
        one = interpreters.create(isolated=False)
    except TypeError:
        one = interpreters.create()
    interpreters.run_string(one, code)
"""
    )
    result = nolibpy(version, path, stray)
    assert result.stdout == "[]\n"
    assert "LibpythonWarning: NLP401" in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["bash", "--norc", "-c", "python3 -I x.py"],
        ["sh", "-c", "cd /\npython3 -I x.py"],
        ["sh", "-c", "if true; then python3 -I x.py; fi"],
        ["sh", "-ec", "{ python3 -I x.py; }"],
    ],
)
def test_a_python_in_a_command_of_the_shell_is_found(words: list[str]) -> None:
    from no_libpython_dlopen.runtime.guard.under_run.child_pythons import unguarded_command

    found = unguarded_command("subprocess.Popen", (words[0], words, None, {}))
    assert found == "python3 -I x.py"
