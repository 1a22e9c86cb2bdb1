"""``nolibpy run`` guards the processes that the program starts: one action, one report, one list."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("tree", TREES)
def test_a_finding_of_any_process_fails_the_run_and_is_in_the_one_report(
    python: Interpreter, script: Write, stray: Path, folder: Path, tree: str
) -> None:
    path = script(TREES[tree])
    for option in ("--error", "--exit-code"):
        result = nolibpy(python, option, "--report", "report.json", path, stray)
        assert result.returncode == 1, result.stderr
        assert "exit status 1, since the program loaded libpython3.99.so.1.0" in result.stderr
        (entry,) = json.loads((folder / "report.json").read_text())
        assert (entry["filename"], entry["location"]["row"]) == (str(folder / "load.py"), 2)
    allowed = nolibpy(python, "--error", "--allow", "libpython3.99*", path, stray)
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


def test_one_report_holds_what_many_processes_find_at_once(
    python: Interpreter, script: Write, stray: Path, folder: Path
) -> None:
    path = script(
        "import subprocess, sys\n"
        "def code(number): return '\\n' * number + 'import ctypes, sys; ctypes.CDLL(sys.argv[1])'\n"
        "all = [subprocess.Popen([sys.executable, '-c', code(number), sys.argv[1]])\n"
        "       for number in range(8)]\n"
        "for one in all: one.wait()\n"
    )
    nolibpy(python, "--report", "report.json", path, stray, check=True)
    rows = [entry["location"]["row"] for entry in json.loads((folder / "report.json").read_text())]
    assert sorted(rows) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_a_report_is_added_to_and_never_written_anew(
    python: Interpreter, script: Write, stray: Path, folder: Path
) -> None:
    """What is in the file stays in its place, so an end in the middle loses nothing of it."""
    script(LOAD, "other.py")
    nolibpy(python, "--report", "report.json", "load.py", stray, check=True)
    first = (folder / "report.json").read_bytes()
    code = "import runpy, sys; runpy.run_path('other.py')"
    python("-c", START, "report.json", code, stray)
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
    python: Interpreter, script: Write, folder: Path
) -> None:
    old = folder / "python2"
    old.write_text('#!/bin/sh\necho $# "$1"\n')
    old.chmod(0o755)
    path = script("import subprocess\nsubprocess.run(['./python2', 'x'])\n")
    result = nolibpy(python, "--error", path)
    assert (result.returncode, result.stdout, result.stderr) == (0, "1 x\n", "")


def test_the_bootstrap_is_valid_for_every_python(python: Interpreter, script: Write) -> None:
    """Python 2 and 3.6 have neither annotations of the future nor f-strings."""
    folder = SRC / "no_libpython_dlopen/runtime/guard/bootstrap"
    code = (folder / "sitecustomize.py").read_text()
    assert "from __future__" not in code.partition('"""\n\n')[2]
    assert "->" not in code
    assert ' f"' not in code
    fake = "import sys; sys.version_info = (3, 9, 0, 'final', 0)\n"
    result = subprocess.run(
        [python.path, "-S", "-c", f"{fake}import sitecustomize; print(len(sys.modules))"],
        env={**os.environ, "PYTHONPATH": str(folder), "NOLIBPY_GUARD": "error"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stderr == ""


def test_nested_runs_have_the_inner_ones_settings(
    python: Interpreter, script: Write, stray: Path, folder: Path
) -> None:
    inner = (
        "import subprocess, sys\nprefix = [sys.executable, '-m', 'no_libpython_dlopen', 'run']\n"
    )
    inner += "sys.exit(subprocess.run([*prefix, '--error', 'load.py', sys.argv[1]]).returncode)\n"
    result = nolibpy(python, script(inner), stray)
    assert result.returncode == 1
    assert "raised at" in result.stderr
