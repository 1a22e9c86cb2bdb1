"""Whatever ends the program: ``nolibpy run`` names the libpython and who asked for it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from no_libpython_dlopen.runtime.doctor import doctor
from no_libpython_dlopen.runtime.guard.supervisor.crash_trace import read_crash
from no_libpython_dlopen.runtime.guard.supervisor.loader_log import parse_log
from tests.runtime.interpreters import SRC, Compiler, Interpreter
from tests.runtime.test_guard import SILENT
from tests.runtime.test_run import nolibpy, same

Write = Callable[..., Path]

pytestmark = pytest.mark.skipif(
    "CS_GNU_LIBC_VERSION" not in getattr(os, "confstr_names", {}), reason="no log of glibc's loader"
)

OPENS = """import ctypes, os, signal, sys, time
silent = ctypes.CDLL(sys.argv[1]).open_silently
silent(sys.argv[2].encode())
"""
ENDINGS = [
    ("ctypes.string_at(0)", -signal.SIGSEGV, "the program was ended by SIGSEGV at {path}:4"),
    ("os.abort()", -signal.SIGABRT, "the program was ended by SIGABRT at {path}:4"),
    ("os.kill(os.getpid(), 15)", -signal.SIGTERM, "the program was ended by SIGTERM"),
    ("os.kill(os.getpid(), 9)", -signal.SIGKILL, "the program was ended by SIGKILL"),
    ("os._exit(0)", 0, ""),
    ("os._exit(3)", 3, ""),
]


@pytest.fixture
def opener(compiler: Compiler) -> Path:
    """A C library that calls ``dlopen``, as cffi does."""
    return compiler.library("libopener.so", source=SILENT)


@pytest.mark.parametrize(("ending", "status", "sentence"), ENDINGS)
def test_the_culprit_is_named_whatever_ends_the_program(
    python: Interpreter,
    script: Write,
    stray: Path,
    opener: Path,
    ending: str,
    status: int,
    sentence: str,
) -> None:
    path = script(OPENS + ending)
    report = path.with_name("report.json")
    result = nolibpy(python, "--exit-code", "--report", report, path, opener, stray)
    assert result.returncode == (status or 1)
    first = f"nolibpy: {sentence.format(path=path)}\n" if sentence else ""
    message = f"`{stray}` was mapped; `{opener}` opened it by `dlopen`"
    last = f"nolibpy: exit status 1, since the program loaded {stray.name}\n" if not status else ""
    assert result.stderr == f"{first}nolibpy: NLP401 {message}\n{last}"
    (entry,) = json.loads(report.read_text())
    assert (entry["code"], entry["message"]) == ("NLP401", message)
    assert entry["filename"] == str(path)


def test_the_program_is_started_twice_only_by_way_of_a_script(
    python: Interpreter, script: Write, stray: Path, opener: Path, tmp_path: Path
) -> None:
    """The shell that pyenv's shims are must not get the loader's variables."""
    asks = "import site; print(site.getusersitepackages())"
    site = Path(python("-c", asks, PYTHONUSERBASE=str(tmp_path)).stdout.strip())
    site.mkdir(parents=True)
    start = "import os, sys; open('starts', 'a').write('run' in sys.orig_argv and ' ' or 'x')\n"
    (site / "start.pth").write_text(start.replace("'starts'", repr(str(tmp_path / "starts"))))
    shim = script(f"#!/bin/sh\nenv > '{tmp_path}/variables'\nexec '{python.path}' \"$@\"\n")
    shim = shim.rename(tmp_path / "shim")
    shim.chmod(0o755)
    path = script(OPENS + "os._exit(0)")
    for command in ([], ["--python", python.path], ["--python", shim]):
        result = nolibpy(python, *command, path, opener, stray, PYTHONUSERBASE=str(tmp_path))
        assert result.stderr.endswith(f"`{opener}` opened it by `dlopen`\n")
    assert (tmp_path / "starts").read_text() == " x x xx"
    assert "LD_DEBUG" not in (tmp_path / "variables").read_text()


def test_a_run_in_a_run_names_the_culprit_as_well(
    static: Interpreter, script: Write, stray: Path, opener: Path
) -> None:
    path = script(OPENS + "os._exit(0)")
    inner = ("-m", "no_libpython_dlopen", "run", path, opener, stray)
    code = "import subprocess, sys\nsubprocess.run([sys.executable, *sys.argv[1:]])\n"
    for outer in ((), (script(code, "outer.py"),)):
        result = nolibpy(static, *outer, *inner)
        assert result.stderr.endswith(f"`{opener}` opened it by `dlopen`\n")
        assert result.stderr.count("NLP401") == 1


def test_a_program_that_hangs_is_stopped_and_named(
    static: Interpreter, script: Write, stray: Path, opener: Path
) -> None:
    path = script(OPENS + "open(sys.argv[0] + '.ready', 'w').close(); time.sleep(100)\n")
    for seconds in ("3", "30"):  # a busy machine may not come so far in the first
        result = nolibpy(static, "--timeout", seconds, path, opener, stray)
        assert result.returncode == 124
        if path.with_name("script.py.ready").exists():
            break
    first, second = result.stderr.splitlines()
    why = f"the program did not end within {seconds} s and was stopped at {path}:4"
    assert first == f"nolibpy: {why}"
    assert second.startswith("nolibpy: NLP401")
    assert nolibpy(static, "--timeout", "60", script("raise SystemExit(7)")).returncode == 7


REFUSED = """import ctypes, os, sys
def refused():
    try: ctypes.CDLL(sys.argv[2])
    except Exception: pass
def silent(): ctypes.CDLL(sys.argv[1]).open_silently(sys.argv[2].encode())
"""


@pytest.mark.parametrize(
    ("code", "refusals", "mappings", "verb"),
    [
        ("refused(); os._exit(3)", 1, 0, ""),
        ("refused(); os._exit(0)", 1, 0, "tried to load"),
        ("refused(); refused(); ctypes.string_at(0)", 1, 0, ""),
        ("refused(); silent(); os._exit(3)", 1, 1, ""),
        ("refused(); silent(); os._exit(0)", 1, 1, "loaded"),
        ("silent(); os._exit(0)", 0, 1, "loaded"),
        ("if os.fork(): os.wait()\nelse: refused(); silent(); os._exit(3)", 1, 1, "loaded"),
        ("if os.fork(): refused(); os.wait()\nelse: silent(); os._exit(3)", 0, 1, "loaded"),
        ("refused()", 0, 0, "tried to load"),
        ("os._exit(0)", 0, 0, ""),
    ],
)
def test_a_refused_attempt_is_told_and_hides_no_later_mapping(
    static: Interpreter,
    script: Write,
    stray: Path,
    opener: Path,
    code: str,
    refusals: int,
    mappings: int,
    verb: str,
) -> None:
    path = script(REFUSED + code + "\n")
    report = path.with_name("report.json")
    result = nolibpy(static, "--error", "--report", report, path, opener, stray)
    told = f"nolibpy: `{stray.name}` was refused at {path}:3, in process "
    assert result.stderr.count(told) == refusals
    assert result.stderr.count(f"`{stray}` was mapped; `{opener}` opened it") == mappings
    assert result.stderr.count(f"exit status 1, since the program {verb} ") == bool(verb)
    entries = [entry["message"] for entry in json.loads(report.read_text())]
    assert len([message for message in entries if "was mapped;" in message]) == mappings
    if mappings:
        allowed = nolibpy(static, "--error", "--allow", "libpython3*", path, opener, stray)
        assert allowed.stderr == ""


def test_a_library_that_brings_it_is_named(
    static: Interpreter, script: Write, stray: Path, opener: Path, compiler: Compiler
) -> None:
    middle = compiler.library("libmiddle.so", "-l:libpython3.99.so.1.0")
    result = nolibpy(static, script(OPENS + "os._exit(0)"), opener, middle)
    assert result.stderr == (
        f"nolibpy: NLP402 `{middle}` needs `libpython3.99.so.1.0` ({stray}), which was mapped "
        "with it; build it without linking to libpython\n"
    )


def test_a_library_that_crashes_while_it_is_mapped_is_named_with_the_line(
    python: Interpreter, script: Write, opener: Path, compiler: Compiler
) -> None:
    source = "#include <stdlib.h>\n__attribute__((constructor)) void start(void) { abort(); }\n"
    fatal = compiler.library("libpython3.98.so.1.0", source=source)
    path = script(OPENS)
    result = nolibpy(python, path, opener, fatal)
    assert result.returncode == -signal.SIGABRT
    assert f"ended by SIGABRT at {path}:3\n" in result.stderr
    assert f"`{fatal}` was mapped; `{opener}` opened it" in result.stderr


AT_EXIT = """
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
static const char *name;
static void load(void) { dlopen(name, RTLD_NOW); }
void load_at_exit(const char *given) { name = strdup(given); atexit(load); }
"""
TEAR_DOWN = """import contextlib, ctypes, os, subprocess, sys
from no_libpython_dlopen.runtime import allow
library, name = ctypes.CDLL(sys.argv[1]), sys.argv[2]
class Pool:
    def __init__(self, end=int, block=contextlib.nullcontext):
        self.load, self.name, self.end, self.block = ctypes.CDLL, name, end, block
    def __del__(self):
        with contextlib.suppress(Exception), self.block():
            self.load(self.name)
        self.end(0)
class Accepted(Pool):
    def __del__(self): self.load(self.name)  # noqa: NLP401
def suspend(load, name):
    try: yield
    finally: load(name)
"""


@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("one = Pool()", 9),
        ("one = Pool(os._exit)", 9),
        ("one = Pool(); sys.exit(0)", 9),
        ("one = suspend(ctypes.CDLL, name); next(one)", 15),
        ("library.load_at_exit(name.encode())", 0),
        ("if sys.argv[3:]: one = Pool()\nelse: subprocess.run([sys.executable, *sys.argv, 'x'])", 9),
        ("if os.fork(): os.wait()\nelse: one = Pool()", 9),
        ("one = Accepted()", None),
        ("one = Pool(block=allow)", None),
        ("with allow(): ctypes.CDLL(name)\none = Pool()", None),
        ("library.load_at_exit(b'libm.so.6')", None),
        ("library.load_at_exit(b'/no/libpython3.99.so.1.0')", None),
    ],
)  # fmt: skip
def test_what_is_opened_while_the_process_is_torn_down_is_told(
    static: Interpreter, script: Write, stray: Path, compiler: Compiler, code: str, row: int | None
) -> None:
    """The guard's last look is over, or it cannot import any more what it looks with."""
    library = compiler.library("libatexit.so", source=AT_EXIT)
    path = script(TEAR_DOWN + code + "\n")
    report = path.with_name("report.json")
    result = nolibpy(static, "--error", "--report", report, path, library, stray)
    is_told = row is not None
    assert result.returncode == is_told, result.stderr
    assert result.stderr.count("NLP401") == is_told
    assert ("exit status 1, since the program loaded" in result.stderr) == is_told
    assert (f" opened it by `dlopen` at {path}:{row}" in result.stderr) == bool(row)
    entries = json.loads(report.read_text())
    assert [entry["location"]["row"] for entry in entries] == ([row or 1] if is_told else [])
    if is_told:
        allowed = nolibpy(static, "--error", "--allow", stray, path, library, stray)
        assert (allowed.returncode, allowed.stderr) == (0, "")


#: How a program starts ``work``, whose code is the child's.
STARTS = {
    "subprocess": "import subprocess, sys\n"
    "subprocess.run([sys.executable, 'child.py', *sys.argv[1:]], capture_output=True)\n",
    "a grandchild": "import subprocess, sys\n"
    "code = 'import subprocess, sys; '\n"
    "code += 'subprocess.run([sys.executable, \"child.py\", *sys.argv[1:]])'\n"
    "subprocess.run([sys.executable, '-c', code, *sys.argv[1:]], capture_output=True)\n",
    "exec": "import os, sys\n"
    "if os.fork() == 0:\n"
    "    os.execv(sys.executable, [sys.executable, 'child.py', *sys.argv[1:]])\n"
    "os.wait()\n",
    **{
        method: "import multiprocessing, runpy, sys\n"
        "def work(*words):\n    sys.argv[1:] = words\n    runpy.run_path('child.py')\n"
        "if __name__ == '__main__':\n"
        f"    context = multiprocessing.get_context('{method}')\n"
        "    one = context.Process(target=work, args=sys.argv[1:])\n"
        "    one.start(); one.join()\n"
        for method in ("spawn", "forkserver", "fork")
    },
}
CHILD_ENDINGS = {"ctypes.string_at(0)": "SIGSEGV", "os.kill(os.getpid(), 9)": "", "os._exit(0)": ""}


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("ending", CHILD_ENDINGS)
def test_the_culprit_is_named_whatever_ends_a_child(
    static: Interpreter,
    script: Write,
    stray: Path,
    opener: Path,
    monkeypatch: pytest.MonkeyPatch,
    start: str,
    ending: str,
) -> None:
    child = script(OPENS + ending, "child.py")
    monkeypatch.chdir(child.parent)
    path = script(STARTS[start])
    report = path.with_name("report.json")
    result = nolibpy(static, "--exit-code", "--report", report, path, opener, stray)
    assert result.returncode == 1
    *first, second, last = result.stderr.splitlines()
    assert last.startswith("nolibpy: exit status 1")
    assert f"NLP401 `{stray}` was mapped; `{opener}` opened it by `dlopen`, in process " in second
    assert second.endswith(")") == (start not in {"fork", "forkserver"})
    signal_name = CHILD_ENDINGS[ending]
    assert len(first) == bool(signal_name)
    if signal_name:
        assert re.search(rf" was ended by {signal_name} at (.*/)?child\.py:4$", first[0])
    (entry,) = json.loads(report.read_text())
    place = (Path(entry["filename"]).name, entry["location"]["row"])
    program = {"spawn": "sys", "forkserver": "sys", "fork": "script.py"}.get(start, "child.py")
    assert place == (("child.py", 4) if signal_name else (program, 1))


@pytest.mark.parametrize("start", STARTS)
def test_a_child_that_hangs_is_stopped_and_named(
    static: Interpreter,
    script: Write,
    stray: Path,
    opener: Path,
    monkeypatch: pytest.MonkeyPatch,
    start: str,
) -> None:
    waits = "open('ready', 'w').write(str(os.getpid())); time.sleep(100)\n"
    child = script(OPENS + waits, "child.py")
    monkeypatch.chdir(child.parent)
    path = script(STARTS[start])
    for seconds in ("3", "30"):  # a busy machine may not come so far in the first
        result = nolibpy(static, "--timeout", seconds, path, opener, stray)
        assert result.returncode == 124
        if Path("ready").exists() and Path("ready").read_text():
            break
    assert re.search(r"process \d+.* was stopped at (.*/)?child\.py:4\n", result.stderr)
    assert result.stderr.count("NLP401") == 1
    status = Path("/proc", (child.parent / "ready").read_text(), "stat")
    assert not status.exists() or ") Z " in status.read_text()


@pytest.mark.parametrize("where", ["the program", "a child"])
def test_what_starts_while_the_program_is_stopped_is_stopped_as_well(
    static: Interpreter, script: Write, tmp_path: Path, where: str
) -> None:
    """A supervisor that is asked to end may start a process first, and leave it behind."""
    ready, last = tmp_path / "ready", tmp_path / "last"
    code = (
        "import os, signal, subprocess, sys, time\n"
        "def leave(*_):\n"
        "    one = subprocess.Popen([sys.executable, '-IS', '-c', 'import time; time.sleep(100)'])\n"
        f"    open({str(last)!r}, 'w').write(str(one.pid)); os._exit(1)\n"
        "for number in (signal.SIGABRT, signal.SIGTERM): signal.signal(number, leave)\n"
        f"open({str(ready)!r}, 'w').close()\n"
        "while True: time.sleep(0.05)\n"
    )
    path = script(code)
    if where == "a child":
        start = f"import subprocess, sys\nsubprocess.run([sys.executable, {str(path)!r}])\n"
        path = script(start, "start.py")
    for seconds in ("3", "30"):
        assert nolibpy(static, "--timeout", seconds, path).returncode == 124
        if ready.exists():
            break
    process = Path("/proc", last.read_text(), "stat")
    is_left = process.exists() and ") Z " not in process.read_text()
    if is_left:
        os.kill(int(last.read_text()), signal.SIGKILL)
    assert not is_left


def test_a_child_that_is_linked_to_its_own_libpython_is_silent(
    static: Interpreter, shared: Interpreter, script: Write
) -> None:
    code = f"import subprocess\nsubprocess.run([{shared.path!r}, '-c', 'import os; os.abort()'])\n"
    result = nolibpy(static, "--exit-code", script(code))
    assert (result.returncode, result.stderr) == (0, "")


def test_children_that_are_no_python_never_see_the_log(
    static: Interpreter, script: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell that opens a file under the lowest free number finds only its own words there."""
    monkeypatch.chdir(tmp_path)
    code = "import subprocess, sys\nsubprocess.run(['sh', '-c', 'exec 3>own; echo hi >&3; env'])\n"
    result = nolibpy(static, "--exit-code", script(code), LD_LIBRARY_PATH="")
    assert "LD_DEBUG" not in result.stdout
    assert Path("own").read_text() == "hi\n"


def test_a_child_starts_as_without_the_log(static: Interpreter, script: Write) -> None:
    """Arguments, environment, files, the name of the process: all as the program gave them."""
    show = (
        "import os, sys\nprint(sys.orig_argv[1:], sys.flags, os.read(int(sys.argv[1]), 9))\n"
        "print(open('/proc/self/comm').read(), sys.executable, sys.prefix, repr(os.environ['X']))\n"
        "print(os.dup(0), sys.stdin.read(), [n for n in os.environ if n.startswith('_NOLIBPY_S')])"
    )
    code = (
        "import os, subprocess, sys\nreading, writing = os.pipe()\nos.write(writing, b'hi')\n"
        f"words = [sys.executable, '-u', '-Xdev', '-c', {show!r}, str(reading), 'a b', '']\n"
        "env = {**os.environb, b'X': b'\\xff', b'LC_ALL': b'C'}\n"
        "subprocess.run(words, pass_fds=[reading], input=b'text', env=env, check=True)\n"
    )
    path = script(code)
    same(nolibpy(static, path), static(path))


#: Opens the libpython in its first argument, and runs the code in the second one.
HOST = """
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
static void handle(int number) { (void)number; _exit(7); }
int main(int count, char **words) {
    void *python = dlopen(words[1], RTLD_NOW | RTLD_GLOBAL);
    if (count != 3 || !python) return 2;
    if (getenv("HANDLES")) signal(SIGSEGV, handle);
    ((void (*)(void))dlsym(python, "Py_Initialize"))();
    int failed = ((int (*)(const char *))dlsym(python, "PyRun_SimpleString"))(words[2]);
    ((int (*)(void))dlsym(python, "Py_FinalizeEx"))();
    return failed ? 1 : 0;
}
"""
UNSEEN = "ended before the guard's final check and left no log of the dynamic loader"


def test_the_end_of_an_embedding_program_is_told_where_it_was_not_seen(
    shared: Interpreter, compiler: Compiler, script: Write
) -> None:
    """It is not started anew, and its own handlers of signals stay."""
    host, code = compiler.folder / "host", compiler.folder / "host.c"
    code.write_text(HOST)
    subprocess.run([compiler.gcc, str(code), "-o", str(host), "-ldl"], check=True)
    library = doctor.path_for_embedding(shared.path)
    path = script(
        "import os, subprocess, sys\n"
        "env = {**os.environ, 'PYTHONHOME': sys.base_prefix}\n"
        f"sys.exit(abs(subprocess.run([{str(host)!r}, {library!r}, sys.argv[1]], env=env).returncode))"
    )
    crash = "import ctypes; ctypes.string_at(0)"
    for ending, handles, status, lines in (
        ("pass", "", 0, 0),
        ("pass", "1", 0, 0),
        ("import os; os._exit(0)", "", 1, 1),
        ("import os; os._exit(0)", "1", 1, 1),
        ("import os; os._exit(5)", "", 5, 1),
        (crash, "", 11, 2),
        (crash, "1", 7, 1),
    ):
        variables = {"HANDLES": handles} if handles else {}
        result = nolibpy(shared, "--exit-code", path, ending, **variables)
        said = [
            line
            for line in result.stderr.splitlines()
            if f"({host})" in line and "since" not in line
        ]
        assert (result.returncode, len(said)) == (status, lines), result.stderr
        assert not said or UNSEEN in said[-1]
        assert lines != 2 or "was ended by SIGSEGV at <string>:1" in said[0]
        end = "was not watched to its end (`--allow host` accepts that)\n"
        assert result.stderr.endswith(end) == (status == 1), result.stderr
        if lines:
            shown = nolibpy(shared, path, ending, **variables).stderr
            assert (UNSEEN in shown) == (lines == 2)
    allowed = nolibpy(shared, "--error", "--allow=hos?", path, "import os; os._exit(0)")
    assert (allowed.returncode, allowed.stderr) == (0, "")


def test_where_there_is_no_log_the_line_of_a_crash_is_told(
    python: Interpreter, script: Write, stray: Path, opener: Path
) -> None:
    """As with musl; a variable of the user's for the loader keeps ours out as well."""
    path = script(OPENS + "ctypes.string_at(0)")
    result = nolibpy(python, path, opener, stray, LD_DEBUG="unused")
    assert result.returncode == -signal.SIGSEGV
    first, second = result.stderr.splitlines()
    assert first == f"nolibpy: the program was ended by SIGSEGV at {path}:4"
    assert second.startswith(f"nolibpy: the program {UNSEEN}")


WITHOUT_PROC = ("unshare", "-rm", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh")


@pytest.mark.parametrize(
    ("code", "option", "status", "lines"),
    [
        ("pass", "--exit-code", 1, 2),
        ("os._exit(0)", "--error", 1, 2),
        ("silent(); os._exit(3)", "--exit-code", 3, 1),
        ("silent()", "", 0, 0),
        ("ctypes.string_at(0)", "", -signal.SIGSEGV, 2),
        ("pass", "--error --allow=python*", 0, 0),
    ],
)
def test_without_proc_nothing_passes_unseen(
    static: Interpreter,
    script: Write,
    stray: Path,
    opener: Path,
    code: str,
    option: str,
    status: int,
    lines: int,
) -> None:
    """A chroot or a container without ``/proc`` hides the mapped files from the guard."""
    if subprocess.run([*WITHOUT_PROC, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no right to hide /proc")
    path = script(REFUSED + code + "\n")
    command = [static.path, "-m", "no_libpython_dlopen", "run", *option.split(), str(path)]
    result = subprocess.run(
        [*WITHOUT_PROC, *command, str(opener), str(stray)],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == status, result.stderr
    said = result.stderr.splitlines()
    assert len(said) == lines
    assert sum("the program ran without /proc, where the guard looks" in line for line in said) == (
        lines > 0
    )


def test_a_program_that_removes_temporary_files_does_not_pass(
    static: Interpreter, script: Write, tmp_path: Path
) -> None:
    path = script("import os, shutil; shutil.rmtree(os.environ['_NOLIBPY_RUN']); os._exit(0)")
    result = nolibpy(static, "--exit-code", path)
    assert result.returncode == 1
    assert result.stderr.startswith("nolibpy: exit status 1, since the program removed ")
    shown = nolibpy(static, path)
    assert (shown.returncode, shown.stderr) == (0, "")
    path = script("import os, shutil; shutil.rmtree(os.environ['_NOLIBPY_RUN']); os.abort()")
    crashed = nolibpy(static, path)
    assert crashed.returncode == -signal.SIGABRT
    assert crashed.stderr.startswith("nolibpy: the program removed ")


def test_directories_of_killed_parents_are_removed_by_the_next_run(
    static: Interpreter, script: Write, tmp_path: Path
) -> None:
    """A parent that runs keeps its own, and what holds other files is nobody's."""
    folders = tmp_path / "temporary"
    folders.mkdir()
    environment = {**os.environ, "PYTHONPATH": str(SRC), "TMPDIR": str(folders)}
    command = [static.path, "-m", "no_libpython_dlopen", "run"]
    waiting = [*command, str(script("print('up', flush=True); input()"))]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(waiting, env=environment, **pipes) as killed:
        assert killed.stdout
        assert killed.stdout.readline() == b"up\n"
        killed.kill()
    (abandoned,) = folders.iterdir()
    with subprocess.Popen(waiting, env=environment, **pipes) as running:
        assert running.stdout
        assert running.stdout.readline() == b"up\n"
        held = set(folders.iterdir()) - {abandoned}
        for name in ("nolibpy-run-own", "nolibpy-run-empty", "nolibpy-other"):
            (folders / name).mkdir()
        for name in ("notes", "letter"):
            (folders / "nolibpy-run-own" / name).touch()
        (folders / "nolibpy-run-link").symlink_to("nolibpy-other")
        empty = [*command, "-c", "pass"]
        subprocess.run(empty, env=environment, check=True)
        assert abandoned.exists()  # it might be one that is just being made
        for folder in folders.iterdir():
            os.utime(folder, (0, 0))
        subprocess.run(empty, env=environment, check=True)
        names = {"nolibpy-run-own", "nolibpy-run-empty", "nolibpy-other", "nolibpy-run-link"}
        assert set(folders.iterdir()) == {*held, *(folders / name for name in names)}
        assert (folders / "nolibpy-run-own" / "letter").exists()
        running.communicate(b"\n")
    assert {folder.name for folder in folders.iterdir()} == names


def test_a_forked_worker_is_named(
    python: Interpreter, script: Write, stray: Path, opener: Path
) -> None:
    path = script(
        "import os\nif (child := os.fork()) == 0:\n"
        + "".join(f"    {line}\n" for line in [*OPENS.splitlines(), "os._exit(0)"])
        + "os.waitpid(child, 0)\n"
    )
    result = nolibpy(python, "--exit-code", path, opener, stray)
    assert result.returncode == 1
    assert result.stderr.count("NLP401") == 1


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ([], "import ctypes; ctypes.string_at(0)"),
        ([], OPENS.replace("sys.argv[2]", "'libpython3.97.so.1.0'") + "os.abort()"),  # not found
        (["--allow", "libpython3.99*"], OPENS + "os._exit(0)"),
        (["--allow", "libopener"], OPENS + "os._exit(0)"),
        ([], OPENS.replace("sys.argv[2]", "'libm.so.6'") + "os.kill(os.getpid(), 15)"),
    ],
)
def test_an_end_without_a_libpython_is_silent(
    shared: Interpreter, script: Write, stray: Path, opener: Path, options: list[str], code: str
) -> None:
    """The interpreter's own stands in the log of each of them."""
    path = script(code)
    same(nolibpy(shared, *options, path, opener, stray), shared(path, opener, stray, check=False))


SAME_NAME = """import ctypes, os, shutil, sys
from no_libpython_dlopen.runtime import allow
silent, first, other, link = ctypes.CDLL(sys.argv[1]).open_silently, *sys.argv[2:5]
def quiet(path): silent(path.encode())
def needy(): sys.path.insert(0, os.path.dirname(first)); import needy
"""
ONE, TWO = {"first"}, {"other"}


@pytest.mark.parametrize("ending", ["", "os._exit(0)"])
@pytest.mark.parametrize(
    ("code", "allowed", "told"),
    [
        ("ctypes.CDLL(first); quiet(other)", "{first}", TWO),
        ("quiet(first); quiet(other)", "{first}", TWO),
        ("quiet(other); quiet(first)", "{first}", TWO),
        ("with allow(): ctypes.CDLL(first)\nquiet(other)", "", TWO),
        ("with allow(): quiet(first)\nquiet(other)", "", TWO),
        ("with allow(): quiet(first)\nos.fork\nctypes.CDLL(other)", "", TWO),
        ("ctypes.CDLL(first)  # noqa: NLP401\nquiet(other)", "", TWO),
        ("needy(); quiet(other)", "needy", TWO),
        ("ctypes.CDLL(first); needy(); quiet(other)", "{first} needy", TWO),
        ("quiet(first); quiet(other)", "", ONE | TWO),
        ("ctypes.CDLL(link); quiet(first); quiet(link); quiet(first)", "{link}", set()),
        ("quiet(first); quiet(link); needy()", "{first} needy", set()),
        ("with allow(): ctypes.CDLL(link)\nshutil.rmtree(os.path.dirname(link))", "", set()),
        ("with allow(): quiet(other)\nshutil.rmtree(os.path.dirname(other))", "", set()),
        ("os.chdir(os.path.dirname(other))\nwith allow(): quiet('./' + other.split('/')[-1])", "", set()),
        ("os.link(first, first + '.1')\nwith allow(): quiet(first)\nquiet(first + '.1')", "", set()),
        ("quiet(first); quiet(other)", "libpython3.99*", set()),
        ("needy(); quiet(first)", "needy", set()),
    ],
)  # fmt: skip
def test_a_copy_elsewhere_is_told_whatever_of_its_name_came_before(
    static: Interpreter,
    script: Write,
    stray: Path,
    opener: Path,
    compiler: Compiler,
    code: str,
    allowed: str,
    told: set[str],
    ending: str,
) -> None:
    other, link = (stray.parent / name / stray.name for name in ("other", "link"))
    for path in (other, link):
        path.parent.mkdir()
    shutil.copy(stray, other)
    link.symlink_to(stray)
    compiler.module("needy", f"-l:{stray.name}")
    patterns = allowed.format(first=stray, link=link).split()
    options = [word for pattern in patterns for word in ("--allow", pattern)]
    program = script(SAME_NAME + f"{code}\n{ending}\n")
    result = nolibpy(static, "--exit-code", *options, program, opener, stray, other, link)
    paths = re.findall(r"of the Python runtime \((.*?);|`(\S*)` was mapped", result.stderr)
    names = {str(stray): "first", str(other): "other"}
    assert sorted(names[one or two] for one, two in paths) == sorted(told), result.stderr
    assert result.returncode == bool(told)


def test_what_the_program_said_is_not_repeated_where_it_ends_in_order(
    python: Interpreter, script: Write, stray: Path, opener: Path
) -> None:
    result = nolibpy(python, script(OPENS), opener, stray)
    assert result.stderr.count("NLP401") == 1
    assert f"({stray}; this one runs" in result.stderr
    assert result.stderr.endswith(f"; `{opener}` opened it by `dlopen`\n")
    in_fork = OPENS + "if os.fork(): os.waitpid(-1, 0); os._exit(0)\n"
    result = nolibpy(python, script(in_fork), opener, stray)
    assert f"; `{opener}` opened it by `dlopen`\n" in result.stderr
    result = nolibpy(python, script("import ctypes, sys\nctypes.CDLL(sys.argv[1])\n"), stray)
    assert result.stderr.count("NLP401") == 1


def test_a_program_that_closes_all_files_and_opens_its_own_finds_nothing_in_them(
    python: Interpreter, script: Write, stray: Path, opener: Path
) -> None:
    path = script(
        "import os, sys\nbefore = os.open('/dev/null', os.O_RDONLY)\nos.closerange(3, 65536)\n"
        "files = [open(sys.argv[3] + str(n), 'w') for n in range(20)]\n" + OPENS + "print(before)\n"
        "os._exit(sys.stdout.flush() or 0)\n"
    )
    target = path.with_name("own")
    result = nolibpy(python, path, opener, stray, target)
    assert result.stdout == python(path, opener, stray, target).stdout  # the number it gets
    written = list(path.parent.glob("own*"))
    assert len(written) == 20
    assert {file.read_text() for file in written} == {""}


@pytest.mark.parametrize("limit", ["ulimit -S -n 1024", "ulimit -n 1024", "ulimit -n 300"])
def test_a_daemon_that_closes_all_files_gets_its_own_standard_streams(
    static: Interpreter, script: Write, tmp_path: Path, limit: str
) -> None:
    path = script(
        "import os, sys\nos.closerange(0, 65536)\n"
        "numbers = os.open(os.devnull, os.O_RDWR), os.open(sys.argv[1], os.O_RDWR), os.dup(1)\n"
        "print(numbers, flush=True)\nraise SystemExit('end')\n"
    )
    log = tmp_path / "daemon.log"
    log.touch()
    command = f"{limit}; exec '{static.path}' -m no_libpython_dlopen run \"$@\""
    words = ["sh", "-c", command, "sh", str(path), str(log)]
    environment = {**os.environ, "PYTHONPATH": str(SRC)}
    assert subprocess.run(words, env=environment, check=False).returncode == 1
    assert log.read_text() == "(0, 1, 2)\nend\n"


@pytest.mark.parametrize(
    ("limit", "first"),
    [
        ("ulimit -S -n 1024", "pass"),
        ("ulimit -S -n 300", "pass"),
        ("ulimit -S -n 4000", "pass"),
        ("ulimit -S -n 1024", "resource.setrlimit(number, (2048, hard))"),
        ("ulimit -n 1024", "open(os.devnull)"),
        ("ulimit -n 1024", "one = socket.socket()"),
        ("ulimit -S -n 5000", "os.close(os.open(os.devnull, os.O_RDONLY))"),
        ("ulimit -S -n $(ulimit -H -n)", "import runpy"),
        ("ulimit -S -n 1024", "os.fork() and os._exit(os.wait()[1] >> 8); open('/dev/null')"),
    ],
)
def test_the_log_is_written_to_no_file_of_the_program(
    static: Interpreter, script: Write, stray: Path, opener: Path, limit: str, first: str
) -> None:
    """It closes all its files and opens as many as it may; the guard sees only ``first`` of that.

    Without an event after it closed the log the rest is not seen.
    """
    path = script(
        "import ctypes, os, resource, socket, sys\n"
        "number, silent = resource.RLIMIT_NOFILE, ctypes.CDLL(sys.argv[1]).open_silently\n"
        "soft, hard = resource.getrlimit(number)\n"
        f"os.closerange(3, 65536)\n{first}\n"
        "try:\n    for _ in range(4200): last = os.dup(1)\n"
        "except OSError: pass\n"
        "os.closerange(last - 9, last - 1)\n"
        "silent(sys.argv[2].encode())\nos.write(2, b'limit %d\\n' % soft)\nos._exit(0)\n"
    )
    command = f"{limit}; exec '{static.path}' -m no_libpython_dlopen run --exit-code \"$@\""
    result = subprocess.run(
        ["sh", "-c", command, "sh", str(path), str(opener), str(stray)],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
    )
    is_seen = first != "pass"
    assert (result.returncode, result.stdout) == (is_seen, "")
    number = limit.rpartition(" ")[2]
    assert result.stderr.startswith(f"limit {number}\n" if number.isdecimal() else "limit ")
    assert (f"`{stray}` was mapped; `{opener}` opened it by `dlopen`" in result.stderr) == is_seen


@pytest.mark.parametrize(
    ("ending", "status"),
    [("os._exit(0)", 1), ("os.kill(os.getpid(), 9)", -9), ("os._exit(3)", 3), ("pass", 0)],
)
def test_a_program_that_closes_the_log_is_known_to_be_unwatched(
    static: Interpreter, script: Write, opener: Path, ending: str, status: int
) -> None:
    path = script(f"import os\nos.closerange(3, 65536)\n{OPENS}{ending}\n")
    result = nolibpy(static, "--exit-code", path, opener, "libm.so.6")
    assert result.returncode == status, result.stderr
    assert ("left no log of the dynamic loader" in result.stderr) == (ending != "pass")


def test_a_program_that_closes_others_than_the_log_is_watched(
    static: Interpreter, script: Write, opener: Path
) -> None:
    for harmless in ("os.closerange(3, 900)", "os.closerange(0, 3)"):
        path = script(f"import os\n{harmless}\n{OPENS}os._exit(0)\n")
        result = nolibpy(static, "--exit-code", path, opener, "libm.so.6")
        assert (result.returncode, result.stderr) == (0, "")
    path = script(
        "import os\nos.closerange(3, 65536)\nos.execv('/bin/sh', ['sh', '-c', 'exit 0'])\n"
    )
    assert nolibpy(static, "--exit-code", path).returncode == 0


def test_descriptors_of_the_shell_reach_the_program(
    static: Interpreter, script: Write, tmp_path: Path
) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"hi")
    os.close(writing)
    command = [static.path, "-m", "no_libpython_dlopen", "run", "--error"]
    code = script(f"import os; print(os.read({reading}, 9), 'LD_DEBUG' in os.environ)")
    result = subprocess.run(
        [*command, str(code)],
        pass_fds=[reading],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(reading)
    assert result.stdout == "b'hi' False\n"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_stay_closed(
    static: Interpreter, script: Write, tmp_path: Path, closed: str
) -> None:
    told = tmp_path / "told"
    path = script(
        "import os, sys\ntold = [stream is None for stream in (sys.stdin, sys.stdout, sys.stderr)]\n"
        f"number = os.open({str(told)!r}, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)\n"
        "os.write(number, f'{told} {number}'.encode())\n"
    )
    words = []
    for start in ("", "-m no_libpython_dlopen run"):
        command = f"exec '{static.path}' {start} '{path}' {closed}"
        environment = {**os.environ, "PYTHONPATH": str(SRC)}
        subprocess.run(["sh", "-c", command], env=environment, check=True)
        words.append(told.read_text())
    assert words[0] == words[1]


def test_a_parent_that_is_killed_takes_the_program_along(
    static: Interpreter, script: Write, tmp_path: Path
) -> None:
    path = script(
        "import os, pathlib, sys, time\n"
        "pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))\ntime.sleep(60)\n"
    )
    ready = tmp_path / "ready"
    parent = subprocess.Popen(
        [static.path, "-m", "no_libpython_dlopen", "run", str(path), str(ready)],
        env={**os.environ, "PYTHONPATH": str(SRC)},
    )
    while not (ready.exists() and ready.read_text()) and parent.poll() is None:
        time.sleep(0.01)
    parent.kill()
    parent.wait()
    status = Path(f"/proc/{ready.read_text()}/stat")
    for _ in range(500):
        if not status.exists() or ") Z " in status.read_text():
            return
        time.sleep(0.01)
    pytest.fail("the program goes on alone")


def test_a_log_is_read_as_the_loader_writes_it() -> None:
    start = "    7:\tfile=libpython3.12.so.1.0 [0];  needed by /usr/bin/python3.12 [0]\n"
    start += "    7:\tfile=libpython3.12.so.1.0 [0];  generating link map\n"
    later = "    7:\tfile=libpython3.99.so [0];  dynamically loaded by /a b/x.so [0]\n"
    mapped = "    7:\tfile=libpython3.99.so [0];  generating link map\n"
    control = "    7:\ttransferring control: /usr/bin/python3.12\n"
    assert parse_log(start + control) == []
    assert parse_log(start + control + later) == []  # asked for, and not found
    (one,) = parse_log(
        start + control + later + mapped + "    7:\tcalling init: /l/libpython3.99.so\n"
    )
    told = (one.process, one.name, one.path, one.caller, one.is_need)
    assert told == (7, "libpython3.99.so", "/l/libpython3.99.so", "/a b/x.so", False)
    assert parse_log(later + mapped + control) == []  # of a shell script before the program
    assert parse_log("\n\x00 garbage\n    x:\t\n") == []


@pytest.mark.parametrize("ending", ["os._exit(0)", "os.kill(os.getpid(), 9)", "pass"])
def test_a_libpython_by_another_name_is_named_whatever_ends_the_program(
    static: Interpreter, script: Write, compiler: Compiler, opener: Path, ending: str
) -> None:
    stray = compiler.library("libpython3.99.so.1.0", "-Wl,-soname,libpython3.99.so.1.0")
    link = stray.with_name("runtime.so")
    link.symlink_to(stray)
    copy = stray.with_name("copy.so")
    copy.write_bytes(stray.read_bytes())
    harmless = compiler.library("libpythonic.so", "-Wl,-soname,libpythonic.so.1")
    path = script(OPENS + ending)
    for library, named in (link, True), (copy, True), (harmless, False):
        result = nolibpy(static, "--exit-code", path, opener, library)
        assert result.returncode == (-9 if "kill" in ending else named), result.stderr
        assert (f"`{opener}` opened it by `dlopen`" in result.stderr) == named
    patterns = [(link, stray.name), (link, str(stray)), (copy, copy.name)]
    for library, pattern in patterns if ending == "os._exit(0)" else patterns[:1]:
        result = nolibpy(static, "--exit-code", "--allow", pattern, path, opener, library)
        assert result.returncode == (-9 if "kill" in ending else 0)
        assert result.stderr == ""


#: Opens a library and closes it at once.
BRIEF = """
#include <dlfcn.h>
void open_briefly(const char *name) { void *one = dlopen(name, RTLD_NOW); if (one) dlclose(one); }
"""


@pytest.mark.parametrize(
    ("code", "ending", "is_told"),
    [
        ("brief(name)", "", True),
        ("brief(name)", "os._exit(0)", True),
        ("ctypes.CDLL(None); brief(name); import _json", "os._exit(0)", True),
        ("with allow(): brief(b'libm.so.6')\nbrief(name)", "os._exit(0)", True),
        ("brief(name)\nwith allow(): brief(b'libm.so.6')", "", True),
        ("with allow(): brief(other)\nbrief(name)", "os._exit(0)", True),
        ("if os.fork(): os.wait()\nelse: brief(name)", "", True),
        ("os.symlink(name, link); silent(link); os.remove(link)", "", True),
        ("shutil.copy(name, link); silent(link); os.replace(link, link + b'.1')", "os._exit(0)", True),
        ("os.mkdir('d'); os.symlink(name, 'd/l.so'); silent(b'd/l.so'); shutil.rmtree('d')", "", True),
        ("with allow(): brief(name)", "", False),
        ("with allow(): brief(name)\nbrief(b'libm.so.6')", "os._exit(0)", False),
        ("with allow():\n    with allow(): brief(name)\n    brief(name)", "", False),
        ("brief(b'libm.so.6'); brief(b'/no/libpython3.99.so.1.0')", "os._exit(0)", False),
        ("shutil.copy('/bin/true', 'a.so'); os.remove('a.so')", "os._exit(0)", False),
        ("with allow(): silent(name)\nos.symlink(name, link); os.remove(link)", "", False),
    ],
)  # fmt: skip
def test_what_c_code_opens_and_closes_or_hides_is_told(
    static: Interpreter,
    script: Write,
    stray: Path,
    opener: Path,
    compiler: Compiler,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    code: str,
    ending: str,
    is_told: bool,
) -> None:
    monkeypatch.chdir(tmp_path)
    other = compiler.library("libpython3.97.so")
    brief = compiler.library("libbrief.so", source=BRIEF)
    path = script(
        "import ctypes, os, shutil, sys\nfrom no_libpython_dlopen.runtime import allow\n"
        "silent, brief = ctypes.CDLL(sys.argv[1]).open_silently, ctypes.CDLL(sys.argv[2]).open_briefly\n"
        f"name, other, link = map(os.fsencode, ({str(stray)!r}, {str(other)!r}, './link.so'))\n"
        f"{code}\n{ending}\n"
    )
    result = nolibpy(static, "--exit-code", path, opener, brief)
    assert result.returncode == is_told, result.stderr
    assert result.stderr.count("NLP401") == is_told, result.stderr
    assert (stray.name in result.stderr or "link.so" in result.stderr) == is_told


@pytest.mark.parametrize("ending", ["", "os._exit(0)"])
def test_the_interpreters_own_file_is_told_where_it_is_opened_twice(
    shared: Interpreter, script: Write, compiler: Compiler, ending: str
) -> None:
    source = "#define _GNU_SOURCE\n#include <dlfcn.h>\n"
    source += "void open_apart(const char *name) { dlmopen(LM_ID_NEWLM, name, RTLD_NOW); }\n"
    apart = compiler.library("libapart.so", source=source)
    own = doctor.path_for_embedding(shared.path)
    assert own
    code = "import ctypes, os, sys\none = ctypes.CDLL(sys.argv[1])\n"
    path = script(f"{code}one.open_apart(sys.argv[2].encode())\n{ending}\n")
    result = nolibpy(shared, "--exit-code", path, apart, own)
    assert result.returncode == 1
    assert f"NLP401 `{own}` was mapped; C code opened it by `dlmopen`\n" in result.stderr
    assert nolibpy(shared, "--exit-code", path, apart, "libm.so.6").stderr == ""
    path = script(f"{code}ctypes.CDLL(sys.argv[2])\n{ending}\n")
    assert "was mapped" not in nolibpy(shared, "--exit-code", path, apart, own).stderr


@pytest.mark.parametrize(
    ("python", "options"),
    [("static", ["--error"]), ("shared", ["--exit-code"])],
    indirect=["python"],
)
def test_a_libpython_that_is_preloaded_is_named_whatever_ends_the_program(
    python: Interpreter, script: Write, stray: Path, options: list[str]
) -> None:
    code = "import os, subprocess, sys\nos.environ['LD_PRELOAD'] = sys.argv[1]\n"
    ends = "import os; os._exit(0)"
    path = script(f"{code}subprocess.run([sys.executable, '-c', {ends!r}])\n")
    copy = stray.with_name("runtime.so")
    copy.write_bytes(stray.read_bytes())
    for library in (stray, copy):
        result = nolibpy(python, *options, path, library)
        assert (result.returncode, result.stderr.count("LD_PRELOAD loads it")) == (1, 1)
        assert nolibpy(python, *options, "--allow", library.name, path, library).returncode == 0
    assert nolibpy(python, *options, path, "libm.so.6").stderr == ""


def test_the_line_of_a_crash_is_the_users() -> None:
    text = 'Fatal Python error: Aborted\n\nThread 0x1 (most recent call first):\n  File "/t.py", '
    text += "line 1 in t\n\nCurrent thread 0x2 (most recent call first):\n"
    text += '  File "/usr/lib/python3.11/ctypes/__init__.py", line 3 in x\n'
    text += '  File "<frozen importlib._bootstrap>", line 5 in _call\n'
    text += '  File "/a b/app.py", line 9 in f\n'
    assert read_crash("\n" + text) == ("SIGABRT", "/a b/app.py", 9)
    assert read_crash("") == ("", "", 0)
