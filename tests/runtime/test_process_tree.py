"""``nolibpy run`` guards the processes that the program starts: one action, one report, one list."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from no_libpython_dlopen.runtime import binary_info
from no_libpython_dlopen.runtime.guard.under_run import child_pythons
from tests.runtime.interpreters import SRC, Compiler, Interpreter
from tests.runtime.test_guard import SILENT
from tests.runtime.test_run import nolibpy

Write = Callable[..., Path]

LOAD = "import ctypes, sys\ntry: ctypes.CDLL(sys.argv[-1])\nexcept Exception: pass\n"

#: Programs that start LOAD, the file ``load.py``, in another process; their argument is a library.
TREES = {
    "subprocess": "import subprocess, sys\n"
    "subprocess.run([sys.executable, 'load.py', sys.argv[1]], check=True)",
    "a copied environment, as of a kernel or a reloader": "import os, subprocess, sys\n"
    "env = {**os.environ, 'RUN_MAIN': 'true'}\n"
    "subprocess.run([sys.executable, 'load.py', sys.argv[1]], env=env, check=True)",
    "a shell": "import os, shlex, sys\n"
    "os.system(shlex.join(['sh', '-c', shlex.join([sys.executable, 'load.py', sys.argv[1]])]))",
    "exec": "import os, sys\nos.execv(sys.executable, [sys.executable, 'load.py', sys.argv[1]])",
    "a grandchild": "import subprocess, sys\n"
    "code = 'import subprocess, sys; subprocess.run([sys.executable, \"load.py\", sys.argv[1]])'\n"
    "subprocess.run([sys.executable, '-c', code, sys.argv[1]], check=True)",
    **{
        method: "import multiprocessing, sys\n"
        "def work(name):\n    import load\n"
        "if __name__ == '__main__':\n"
        f"    with multiprocessing.get_context('{method}').Pool(1) as pool:\n"
        "        pool.map(work, [sys.argv[1]])\n        pool.close(); pool.join()\n"
        for method in ("spawn", "forkserver", "fork")
    },
    "asyncio": "import asyncio, sys\nasync def main():\n"
    "    child = await asyncio.create_subprocess_exec(sys.executable, 'load.py', sys.argv[1])\n"
    "    await child.wait()\nasyncio.run(main())",
    "a sub-interpreter": "import sys\ncode = 'import sys; sys.argv = %r; ' % sys.argv\n"
    "code += 'sys.path.insert(0, \"\"); import load'\n"
    "try:\n    import _interpreters as one\n    number = one.create('legacy')\n"
    "    one.exec(number, code)\n"
    "except ModuleNotFoundError:\n    import _xxsubinterpreters as one\n"
    "    try: number = one.create(isolated=False)\n    except TypeError: number = one.create()\n"
    "    one.run_string(number, code)\none.destroy(number)\n",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "load.py").write_text(LOAD)
    return tmp_path


@pytest.mark.parametrize(
    ("python", "option", "verb"),
    [("static", "--error", "tried to load"), ("shared", "--exit-code", "loaded")],
    indirect=["python"],
)
@pytest.mark.parametrize("tree", TREES)
def test_a_finding_of_any_process_fails_the_run_and_is_in_the_one_report(
    python: Interpreter, script: Write, stray: Path, folder: Path, tree: str, option: str, verb: str
) -> None:
    path = script(TREES[tree])
    result = nolibpy(python, option, "--report", "report.json", path, stray)
    assert result.returncode == 1, result.stderr
    assert f"exit status 1, since the program {verb} libpython3.99.so.1.0" in result.stderr
    (entry,) = json.loads((folder / "report.json").read_text())
    assert (entry["filename"], entry["location"]["row"]) == (str(folder / "load.py"), 2)
    if option == "--error":
        allowed = nolibpy(python, option, "--allow", "libpython3.99*", path, stray)
        assert (allowed.returncode, allowed.stderr) == (0, "")


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_a_worker_tells_at_its_end_of_what_raised_no_event(
    version: Interpreter, script: Write, stray: Path, compiler: Compiler, method: str
) -> None:
    opener = compiler.library("libopener.so", source=SILENT)
    path = script(
        "import ctypes, multiprocessing, sys\n"
        "def work(): ctypes.CDLL(sys.argv[1]).open_silently(sys.argv[2].encode())\n"
        "if __name__ == '__main__':\n"
        f"    one = multiprocessing.get_context('{method}').Process(target=work)\n"
        "    one.start(); one.join()\n"
    )
    result = nolibpy(version, "--exit-code", path, opener, stray)
    assert result.returncode == 1
    assert result.stderr.count("NLP401") == 1


def test_what_a_program_has_opened_is_not_told_again_by_its_workers(
    python: Interpreter, script: Write, stray: Path, compiler: Compiler
) -> None:
    opener = compiler.library("libopener.so", source=SILENT)
    path = script(
        "import ctypes, os, sys\n"
        "ctypes.CDLL(sys.argv[1]).open_silently(sys.argv[2].encode())\n"
        "for worker in range(3):\n    if os.fork() == 0: sys.exit()\n"
        "for worker in range(3): os.wait()\n"
    )
    result = nolibpy(python, "--exit-code", path, opener, stray)
    assert (result.returncode, result.stderr.count("NLP401")) == (1, 1)


def test_one_report_holds_what_many_processes_find_at_once(
    static: Interpreter, script: Write, stray: Path, folder: Path
) -> None:
    path = script(
        "import subprocess, sys\n"
        "def code(number): return '\\n' * number + 'import ctypes, sys; ctypes.CDLL(sys.argv[1])'\n"
        "all = [subprocess.Popen([sys.executable, '-c', code(number), sys.argv[1]])\n"
        "       for number in range(8)]\n"
        "for one in all: one.wait()\n"
    )
    nolibpy(static, "--report", "report.json", path, stray, check=True)
    rows = [entry["location"]["row"] for entry in json.loads((folder / "report.json").read_text())]
    assert sorted(rows) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_report_is_added_to_and_never_written_anew(
    static: Interpreter, script: Write, stray: Path, folder: Path
) -> None:
    """What is in the file stays in its place, so an end in the middle loses nothing of it."""
    script(LOAD, "other.py")
    nolibpy(static, "--report", "report.json", "load.py", stray, check=True)
    first = (folder / "report.json").read_bytes()
    code = "import runpy, sys; runpy.run_path('other.py')"
    static("-c", START, "report.json", code, stray)
    both = (folder / "report.json").read_bytes()
    assert both.startswith(first.rstrip().removesuffix(b"]").rstrip())
    assert len(json.loads(both)) == 2


START = """
import sys
from no_libpython_dlopen.runtime.guard import startup
startup.from_environment({"NOLIBPY_GUARD": "warn", "NOLIBPY_REPORT": sys.argv.pop(1)})
exec(sys.argv.pop(1))
"""


def test_a_child_that_no_guard_can_watch_runs_as_ever(
    static: Interpreter, script: Write, folder: Path
) -> None:
    old = folder / "python2"
    old.write_text('#!/bin/sh\necho $# "$1"\n')
    old.chmod(0o755)
    path = script("import subprocess\nsubprocess.run(['./python2', 'x'])\n")
    result = nolibpy(static, "--error", path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "1 x\n", "")


def test_the_bootstrap_is_valid_for_every_python(static: Interpreter, script: Write) -> None:
    """Python 2 and 3.6 have neither annotations of the future nor f-strings."""
    folder = SRC / "no_libpython_dlopen/runtime/guard/bootstrap"
    code = (folder / "sitecustomize.py").read_text()
    assert "from __future__" not in code.partition('"""\n\n')[2]
    assert "->" not in code
    assert ' f"' not in code
    fake = "import sys; sys.version_info = (3, 9, 0, 'final', 0)\n"
    result = subprocess.run(
        [static.path, "-S", "-c", f"{fake}import sitecustomize; print(len(sys.modules))"],
        env={**os.environ, "PYTHONPATH": str(folder), "NOLIBPY_GUARD": "error"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stderr == ""


def test_nested_runs_have_the_inner_ones_settings(
    static: Interpreter, script: Write, stray: Path, folder: Path
) -> None:
    inner = (
        "import subprocess, sys\nprefix = [sys.executable, '-m', 'no_libpython_dlopen', 'run']\n"
    )
    inner += "sys.exit(subprocess.run([*prefix, '--error', 'load.py', sys.argv[1]]).returncode)\n"
    result = nolibpy(static, script(inner), stray)
    assert result.returncode == 1
    assert "raised at" in result.stderr


#: Starts a child for each of these, which is called by its name; True where the guard is kept out.
CHILDREN = {
    "run([exe, name])": False,
    "run([exe, '-u', '-Wdefault', '-W', 'ignore', '-X', 'dev', name])": False,
    "run([exe, name, '-I'])": False,
    "run([exe, '-c', 'pass', '-E', name])": False,
    "run([exe, '-mjson.tool', '-h', '-S', name], stdout=-3)": False,
    "run(f'{exe} {name}', shell=True)": False,
    "run([exe, name], env={**env, 'PYTHONPATH': '/nowhere:' + env['PYTHONPATH']})": False,
    "run(['sh', '-c', 'true', name], env={})": False,
    "os.waitpid(os.posix_spawn(exe, [exe, name], env), 0)": False,
    "os.fork() or os.execvp(exe, [exe, name])": False,
    "os.fork() or os.execvpe('python3', ['python3', name], {'PATH': '/nowhere'})": False,
    "run([exe, '-I', name])": True,
    "run([exe, '-uE', name])": True,
    "run([exe, '-W', 'default', '-S', name])": True,
    "run([exe, name], env={})": True,
    "run([exe, name], env={**env, 'PYTHONPATH': '/nowhere'})": True,
    "run([os.fsencode(exe), name], env={b'NOLIBPY_GUARD': b'warn'})": True,
    "run(['anything', name], executable=exe, env={})": True,
    "os.waitpid(os.posix_spawn(exe, [exe, name], {}), 0)": True,
    "os.fork() or os.execve(exe, [exe, name], {})": True,
    "run([exe, name], env=without_own)": True,
    "run([exe, name], env={**env, '_NOLIBPY_RUN': '/tmp'})": True,
    "run([renamed, name])": False,
    "run([renamed, '-I', name])": True,
    "run([debug, '-E', name])": True,
    "run(['python-renamed', '-I', name], env={**env, 'PATH': here})": True,
    "run([exe, '--check-hash-based-pycs', 'always', '-I', name])": True,
    "run([exe, '--', name, '-I'])": False,
    # By a script's first line, or a command of the shell
    "run([start_of(name, exe)])": False,
    "run([start_of(name, f'/usr/bin/env -S {exe}')])": False,
    "run([start_of(name, '/bin/sh'), '-I'])": False,
    "os.system(f'{exe} {name} -I; true -E')": False,
    "run(f'PYTHONDONTWRITEBYTECODE=1 exec {exe} {name}', shell=True)": False,
    "run(f'echo {exe} -I \\'{name}', shell=True, stderr=-3)": False,
    "run([start_of(name, f'{exe} -E')])": True,
    "run([os.path.basename(start_of(name, f'{exe} -sE'))], env={**env, 'PATH': here})": True,
    "run(['./' + os.path.basename(start_of(name, f'{exe} -E'))], cwd=here)": True,
    "run([start_of(name, f'/usr/bin/env -S {exe} -I')])": True,
    "run(['/usr/bin/env', 'PYTHONPATH=', exe, name])": True,
    "run(f'cd / && {exe} -I {name}', shell=True)": True,
    "os.system(f'PYTHONPATH= {exe} {name} </dev/null')": True,
    "run(['bash', '-c', f'(true; exec {exe} -E {name})'])": True,
    "run(['sh', '-ec', f'{exe} -I {name}'])": True,
}


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.8", "3.9"])
def test_a_child_that_is_too_old_is_named_where_the_status_counts(
    static: Interpreter, script: Write, version: str
) -> None:
    found = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    if not found:
        pytest.skip(f"no Python {version} under pyenv")
    child = script("print('ran')\n", "child.py")
    path = script(
        f"import subprocess\nfor _ in range(2): subprocess.run([{str(found[0])!r}, {str(child)!r}])\n"
    )
    result = nolibpy(static, "--exit-code", path)
    why = "not guarded, because the guard needs Python 3.10 or later"
    assert result.stderr == f"nolibpy: {why}: {found[0]} (Python {version})\n"
    assert (result.returncode, result.stdout) == (0, "ran\nran\n")
    if version == "3.9":
        assert nolibpy(static, path).stderr == ""


#: Names by which nobody knows an interpreter, and of Debian's debug build.
RENAMED = ("python-renamed", "python3.99-dbg")


def copy_as(python: Interpreter, folder: Path, name: str) -> Path:
    """Return the interpreter's own file under another name."""
    return Path(shutil.copy(python.path, folder / name))


#: Makes a script executable, with a first line.
START_OF = """
here = os.path.dirname(os.path.abspath(__file__))
def start_of(name, line):
    path = name + "-start"
    with open(path, "w") as file:
        file.write("#!" + line + "\\n")
    os.chmod(path, 0o755)
    return path
"""


def test_children_that_keep_the_guard_out_are_named_where_the_status_counts(
    static: Interpreter, script: Write, tmp_path: Path
) -> None:
    code = (
        "import os, subprocess, sys\nexe, env, run = sys.executable, os.environ, subprocess.run\n"
    ) + START_OF
    code += f"renamed, debug = {[str(copy_as(static, tmp_path, name)) for name in RENAMED]}\n"
    code += "without_own = {key: text for key, text in env.items() if key[0] != '_'}\n"
    for number, start in enumerate(CHILDREN):
        guarded = script("import os; os._exit(0)\n", f"child{number}.py")
        code += f"name = {str(guarded)!r}\n"
        code += f"try:\n    {start}\nexcept OSError: os._exit(0)\n"
    path = script(code + "while True:\n    try: os.wait()\n    except OSError: break\n")
    result = nolibpy(static, "--exit-code", path)
    said = [line for line in result.stderr.splitlines() if line.startswith("nolibpy: not guarded")]
    named = {int(re.findall(r"child(\d+)", line)[0]) for line in said}
    assert named == {number for number, out in enumerate(CHILDREN.values()) if out}
    assert len(said) == len(named), said
    assert result.returncode == 0
    assert "not guarded" not in nolibpy(static, path).stderr


@pytest.mark.parametrize(
    ("start", "status"),
    [
        ("os.execv(exe, [exe, '-I', name])", 1),
        ("os.fork() or os.execv(exe, [exe, '-I', name]); os.wait()", 0),
        ("os.execv(exe, [exe, name])", 0),
        ("os.execve(exe, [exe, name], {k: v for k, v in os.environ.items() if k[0] != '_'})", 1),
        ("try: os.execv(exe + '0', [exe, '-I', name])\nexcept OSError: pass", 0),
    ],
)
def test_a_program_that_is_replaced_by_an_unguarded_python_is_no_success(
    static: Interpreter, script: Write, start: str, status: int
) -> None:
    name = script("", "other.py")
    path = script(f"import os, sys\nexe, name = sys.executable, {str(name)!r}\n{start}\n")
    result = nolibpy(static, "--exit-code", path)
    assert result.returncode == status, result.stderr
    assert ("the program was not watched to its end" in result.stderr) == (status == 1)
    assert ("the program replaced itself with a Python without the guard" in result.stderr) == (
        status == 1
    )
    if status:
        allow = os.path.basename(static.path)
        assert nolibpy(static, "--exit-code", "--allow", allow, path).returncode == 0
        assert nolibpy(static, path).returncode == 0
    shim = script(f"#!/bin/sh\n'{static.path}' \"$@\"\n", "shim")
    shim.chmod(0o755)
    assert nolibpy(static, "--exit-code", "--python", shim, path).returncode == status


@pytest.mark.parametrize(
    ("start", "status"),
    [
        ("exec '{python}' -I \"$@\"", 1),
        ("exec '{python}' -sE \"$@\"", 1),
        ("exec env -i '{python}' \"$@\"", 1),
        ("PYTHONPATH= '{python}' \"$@\"", 1),
        ("exec '{python}' -s \"$@\"", 0),
        ("'{python}' \"$@\"", 0),
    ],
)
def test_an_interpreter_whose_script_keeps_the_guard_out_is_no_success(
    static: Interpreter, script: Write, start: str, status: int
) -> None:
    shim = script("#!/bin/sh\n" + start.format(python=static.path) + "\n", "shim")
    shim.chmod(0o755)
    path = script("print('ran')\n")
    for options, expected in (["--error"], status), ([], 0):
        result = nolibpy(static, *options, "--python", shim, path)
        assert (result.returncode, result.stdout) == (expected, "ran\n"), result.stderr
        assert ("the program ran without the guard" in result.stderr) == (status == 1)
        assert bool(result.stderr) == (status == 1)


#: C's own ``execv``, which no audit event announces.
EXECUTES = "import ctypes; c = ctypes.CDLL(None)\nwords = (ctypes.c_char_p * 4)(exe, b'-I', name)\n"
IN_THREAD = """import ctypes, threading
one = threading.Thread(target=ctypes.CDLL(None).system, args=[b"sh " + waiting])
one.start(); one.join()"""
#: Puts a title in place of its arguments and variables, as setproctitle does.
TITLE = """import ctypes, time
fields = open("/proc/self/stat").read().rpartition(")")[2].split()
ctypes.memset(int(fields[45]), 0, int(fields[48]) - int(fields[45]))
ctypes.memmove(int(fields[45]), exe + b"\\0-I", len(exe) + 3)
time.sleep(0.3); print("ran")"""
#: A program by which the tree ends in a Python without the guard, and the exit status.
CHAINS = {
    "C's execv": (EXECUTES + "c.execv(exe, words)", 1),
    "C's execve without variables": (
        EXECUTES.replace("b'-I', name", "name") + "c.execve(exe, words, (ctypes.c_char_p * 1)())",
        1,
    ),
    "C's execv of a shell": ("c = __import__('ctypes').CDLL(None)\nc.execl(b'/bin/sh', b'sh', shell, None)", 1),
    "a shell script": ("os.execv('/bin/sh', ['sh', shell])", 1),
    "a shell script that waits": ("os.execv('/bin/sh', ['sh', waiting])", 1),
    "a shell in a shell": ("os.execv('/bin/sh', ['sh', '-c', 'sh \"$0\"; true', waiting])", 1),
    "a guarded Python last": ("os.execv('/bin/sh', ['sh', last])", 0),
    "a child": ("subprocess.run(['sh', shell])", 0),
    "a child that waits": ("subprocess.run(['sh', waiting])", 0),
    "C's child": ("c = __import__('ctypes').CDLL(None)\nc.system(b'sh ' + waiting)", 0),
    "C's child of a thread": (IN_THREAD, 0),
    "C's execv in a fork": (
        EXECUTES + "if os.fork(): os.wait()\nelse: c.execv(exe, words)",
        0,
    ),
    "C's execv of a debug build": (EXECUTES + "c.execv(debug, words)", 1),
    "a shell that starts a renamed Python": (
        "os.execv('/bin/sh', ['sh', '-c', '\"$0\" -I \"$1\"; true', renamed, name])",
        1,
    ),
    "a child that is renamed": ("subprocess.run([renamed, '-I', name])", 0),
    # What is no shell goes on as itself, unless its own words are the command.
    "awk": ("os.execvp('awk', ['awk', 'BEGIN { system(\"sh ./waiting\") }'])", 0),
    "make": ("os.execvp('make', ['make', '-s', '-f', makefile])", 0),
    "make in a shell": ("os.execv('/bin/sh', ['sh', '-c', 'make -s -f \"$0\"; true', makefile])", 0),
    "make by a shell script": ("os.execvp('make', ['make', '-s', '-f', makefile, 'script'])", 0),
    "timeout": ("os.execvp('timeout', ['timeout', '60', exe, '-I', name])", 1),
    "timeout of a shell": ("os.execvp('timeout', ['timeout', '60', 'sh', waiting])", 1),
    "timeout of a script": ("os.execvp('timeout', ['timeout', '60', executable])", 1),
    "timeout of a script by PATH": (
        "os.environ['PATH'] += ':.'; os.execvp('timeout', ['timeout', '60', 'executable'])",
        1,
    ),
    "a shell of timeout": (
        "os.execv('/bin/sh', ['sh', '-c', 'timeout 60 \"$0\" -I \"$1\"; true', exe, name])",
        1,
    ),
    "flock": ("os.execvp('flock', [b'flock', name, b'-c', exe + b' -I ' + name])", 1),
    "nice": ("os.execvp('nice', ['nice', exe, '-I', name])", 1),
    "a title": (TITLE, 0),
    "a title in a fork": ("if os.fork(): os.wait(); sys.exit()\n" + TITLE, 0),
}  # fmt: skip


@pytest.mark.parametrize("chain", CHAINS)
def test_a_python_that_runs_unguarded_in_the_programs_place_is_no_success(
    static: Interpreter, script: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chain: str
) -> None:
    """Its children that do so are named: nobody announces those of a script or of C code."""
    code, status = CHAINS[chain]
    if "make" in code and shutil.which("make") is None:
        pytest.skip("no make")
    monkeypatch.chdir(tmp_path)
    sleeps = script("import time; time.sleep(0.5); print('ran')\n", "other.py")
    run = f"'{static.path}' -I '{sleeps}'"
    guarded = script("print('ran')\n", "guarded.py")
    executable = script(f"#!{static.path} -I\n{sleeps.read_text()}", "executable")
    executable.chmod(0o755)
    recipe = f"all:\n\t{static.path} -I {sleeps}\nscript:\n\tsh ./waiting\n"
    names = {
        "exe": static.path,
        "executable": executable,
        "makefile": script(recipe, "makefile"),
        "renamed": copy_as(static, tmp_path, RENAMED[0]),
        "debug": copy_as(static, tmp_path, RENAMED[1]),
        "name": sleeps,
        "shell": script(f"exec {run}\n", "shell"),
        "waiting": script(f"{run}; true\n", "waiting"),
        "last": script(f"{run} >/dev/null; exec '{static.path}' '{guarded}'\n", "last"),
    }
    path = script(
        "import os, subprocess, sys\n"
        + "".join(f"{name} = {os.fsencode(value)!r}\n" for name, value in names.items())
        + code
        + "\n"
    )
    result = nolibpy(static, "--exit-code", path)
    assert (result.returncode, result.stdout) == (status, "ran\n"), result.stderr
    told = "the program went on as a Python without the guard"
    assert result.stderr.count(told) == status
    children = status == 0 and "title" not in chain
    assert result.stderr.count("nolibpy: not guarded") == children, result.stderr
    if status:
        accepted = nolibpy(static, "--exit-code", "--allow=python*", path)
        assert accepted.returncode == 0
        assert "the program" not in accepted.stderr


@pytest.mark.parametrize(
    ("start", "status"),
    [
        ("{python} -c 'import os'; exec {python} -I \"$@\"", 1),
        ("{python} -c 'import os'; {python} -I \"$@\"; exit $?", 1),
        ("{python} -I -c 'import time; time.sleep(0.3)'; exec {python} \"$@\"", 0),
        ("{python} -I -c 'import time; time.sleep(0.3)'; {python} \"$@\"", 0),
        ("{python} -c 'import os'; {python} \"$@\"", 0),
    ],
)
def test_a_guarded_helper_of_an_interpreters_script_does_not_stand_for_the_program(
    static: Interpreter, script: Write, start: str, status: int
) -> None:
    shim = script("#!/bin/sh\n" + start.format(python=static.path) + "\n", "shim")
    shim.chmod(0o755)
    path = script("import time; time.sleep(0.3); print('ran')\n")
    result = nolibpy(static, "--error", "--python", shim, path, "word")
    assert (result.returncode, result.stdout) == (status, "ran\n"), result.stderr
    assert result.stderr.count("without the guard") == 2 * status


def test_a_child_that_gets_the_guard_by_its_environment_is_guarded(
    static: Interpreter, script: Write, stray: Path, tmp_path: Path
) -> None:
    home = tmp_path / "venv"
    static("-m", "venv", "--without-pip", home)
    static("-m", "no_libpython_dlopen", "guard", "enable", "--python", home / "bin/python")
    child = script(f"import ctypes\nctypes.CDLL({str(stray)!r})\n", "child.py")
    path = script(
        "import os, subprocess\nenv = {**os.environ, 'PYTHONPATH': ''}\n"
        f"subprocess.run([{str(home / 'bin/python')!r}, {str(child)!r}], env=env, check=True)\n"
    )
    result = nolibpy(static, "--exit-code", path)
    assert result.returncode == 1
    assert f"{child}:2: LibpythonWarning" in result.stderr
    assert "not guarded" not in result.stderr


def test_what_becomes_a_python_while_it_is_read_is_none_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the file behind /proc/PID/exe does: what was started there, a wrapper, was none."""
    wrapper, link, interpreter = tmp_path / "wrapper", tmp_path / "exe", sys.executable
    wrapper.write_text("")
    link.symlink_to(wrapper)

    def become_python(path: str) -> bool:
        link.unlink()
        link.symlink_to(interpreter)
        return True

    with monkeypatch.context() as change:
        change.setattr(binary_info, "is_interpreter", become_python)
        child_pythons.is_python("wrapper", str(link))
    assert not child_pythons.is_python("wrapper", str(wrapper))
