"""Nothing of the tree that is checked is imported, whatever its modules are called."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

NAMES = ["tomllib", "libcst", "re", "signal", "json", "dataclasses", "typing", "rich", "argparse"]


@pytest.mark.parametrize(
    "command",
    [[sys.executable, "-m", "no_libpython_dlopen"], [str(Path(sys.executable).parent / "nolibpy")]],
    ids=["python -m", "nolibpy"],
)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_modules_of_the_tree_are_read_and_never_run(
    command: list[str], jobs: str, tmp_path: Path
) -> None:
    for name in NAMES:
        (tmp_path / f"{name}.py").write_text(f"open('ran-{name}', 'w')\n")
    (tmp_path / "pyproject.toml").write_text("[tool.nolibpy]\n")
    (tmp_path / "load.py").write_text("import ctypes\nctypes.PyDLL('libpython3.11.so')\n")
    done = subprocess.run(
        [*command, "check", f"--jobs={jobs}", "--output-format=text", "."],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "NLP102" in done.stdout
    assert list(tmp_path.glob("ran-*")) == []


#: What starts other interpreters, each with something for one of them to do.
CHILDREN = {
    "workers": """
from no_libpython_dlopen.engine import worker_pool
worker_pool.sys.platform = "darwin"
import multiprocessing
multiprocessing.set_start_method("spawn")
pool = worker_pool._executor(1)
print(pool.submit(abs, -7).result())
pool.shutdown()
""",
    "survey": """
from no_libpython_dlopen.survey import executors
pool = executors.Processes(1).executor
print(pool.submit(abs, -7).result())
pool.shutdown()
""",
    "server": """
from no_libpython_dlopen.server import analysis
started = analysis.Analyser()
assert started._ensure_process() is not None
started._process.join(1)
print(7)
started.close()
""",
}


@pytest.mark.parametrize("child", CHILDREN)
def test_processes_that_are_started_import_nothing_of_the_tree(child: str, tmp_path: Path) -> None:
    for name in (*NAMES, "multiprocessing", "pickle", "socket", "threading", "runpy"):
        (tmp_path / f"{name}.py").write_text(f"open('ran-{name}', 'w')\n")
    script = tmp_path.parent / f"{tmp_path.name}-script.py"
    lines = "".join(f"    {line}\n" for line in CHILDREN[child].splitlines())
    script.write_text(f"if __name__ == '__main__':\n{lines}")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "7\n"), done.stderr
    assert list(tmp_path.glob("ran-*")) == []


def test_an_interpreter_that_is_asked_imports_nothing_of_the_tree(tmp_path: Path) -> None:
    for name in (*NAMES, "ctypes", "site", "platform", "enum"):
        (tmp_path / f"{name}.py").write_text(f"open('ran-{name}', 'w')\n")
    command = [sys.executable, "-m", "no_libpython_dlopen", "doctor", "--python", sys.executable]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "does not run" not in done.stdout + done.stderr
    assert list(tmp_path.glob("ran-*")) == []
