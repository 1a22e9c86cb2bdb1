"""The doctor, asked about real interpreters, processes and programs."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.runtime.doctor import doctor, inspect_process, libpython_inventory
from no_libpython_dlopen.runtime.doctor.diagnosis import diagnose
from no_libpython_dlopen.runtime.doctor.inspection import (
    Copy,
    Inspection,
    Library,
    Module,
    Program,
    from_json,
)
from no_libpython_dlopen.runtime.doctor.inspection import Interpreter as Examined
from tests.runtime.interpreters import Compiler, Interpreter

Write = Callable[..., Path]

#: The doctor in a process of its own, which may have done something before.
DOCTOR = "import sys; from no_libpython_dlopen.__main__ import main; sys.exit(main(['doctor', *sys.argv[1:]]))"


def asked(python: Interpreter, *options: str | Path, status: int = 0, **variables: str) -> Any:
    """Return what ``nolibpy doctor --json`` says in an interpreter."""
    result = python("-c", DOCTOR, "--json", *options, check=False, **variables)
    assert result.returncode == status, result.stdout + result.stderr
    return json.loads(result.stdout)


def test_an_interpreter_at_hand_is_healthy_and_its_linkage_is_right(python: Interpreter) -> None:
    said = asked(python)
    assert said["interpreter"]["linkage"] == python.linkage
    assert said["verdict"]["healthy"] is True
    (own,) = said["copies"]
    assert own["own"] is True
    if python.linkage == "static":
        assert own["path"] == python.path
        assert "statically linked" in said["verdict"]["sentence"]
    else:
        assert "libpython" in own["path"]
        assert own["path"] in said["verdict"]["sentence"]


def test_one_interpreter_examines_another(static: Interpreter, shared: Interpreter) -> None:
    for one, other in ((static, shared), (shared, static)):
        by_itself, by_another = asked(other), asked(one, "--python", other.path)
        assert by_another["interpreter"] == by_itself["interpreter"]
        assert by_another["verdict"] == by_itself["verdict"]
        assert by_another["libraries"] == by_itself["libraries"]


def test_a_virtual_environment_is_its_own_interpreter(python: Interpreter, tmp_path: Path) -> None:
    python("-m", "venv", "--without-pip", tmp_path / "v")
    said = asked(python, "--python", tmp_path / "v/bin/python")
    assert said["interpreter"]["executable"] == str(tmp_path / "v/bin/python")
    assert said["interpreter"]["linkage"] == python.linkage
    assert said["verdict"]["healthy"] is True


def test_where_sysconfig_lies_it_is_told(static: Interpreter) -> None:
    said = asked(static)
    lies = said["sysconfig"]["Py_ENABLE_SHARED"] == "1"
    notes = " ".join(said["verdict"]["notes"])
    assert ("sysconfig disagrees: Py_ENABLE_SHARED is 1" in notes) == lies


def test_a_stray_libpython_is_listed_and_is_no_trouble(python: Interpreter, stray: Path) -> None:
    said = asked(python, LD_LIBRARY_PATH=str(stray.parent))
    (library,) = [item for item in said["libraries"] if item["path"] == str(stray)]
    assert library == {
        "path": str(stray),
        "version": "3.99",
        "places": ["LD_LIBRARY_PATH"],
        "names": ["libpython3.99.so.1.0"],
        "own": False,
        "stub": False,
    }
    assert any(str(stray) in note for note in said["verdict"]["notes"])
    assert said["verdict"]["healthy"] is True


def test_a_stray_libpython_that_the_interpreter_itself_runs_from_is_trouble(
    shared: Interpreter, tmp_path: Path
) -> None:
    own = Path(asked(shared)["interpreter"]["runtime"])
    shutil.copy(own, tmp_path / own.name)
    said = asked(shared, status=1, LD_LIBRARY_PATH=str(tmp_path))
    sentence = said["verdict"]["sentence"]
    assert "runs from a stray libpython" in sentence
    assert str(tmp_path / own.name) in sentence
    assert said["interpreter"]["expected"] == str(own)


LOADED = "import ctypes, sys; ctypes.CDLL(sys.argv.pop(1)); "


def test_a_process_with_two_copies_is_trouble(python: Interpreter, stray: Path) -> None:
    result = python("-c", LOADED + DOCTOR, stray, check=False)
    assert result.returncode == 1
    first, *rest = result.stdout.splitlines()
    assert first.startswith("Two Python runtimes are in this process: it runs from /")
    assert f"{stray} is also mapped; no mapped file needs it" in first
    assert f"  OTHER  {stray}" in rest


def test_the_library_whose_fault_it_is_is_named(
    python: Interpreter, stray: Path, compiler: Compiler
) -> None:
    middle = compiler.library("libmiddle.so", "-l:libpython3.99.so.1.0")
    result = python("-c", LOADED + DOCTOR, middle, check=False)
    assert result.returncode == 1
    assert f"{middle} needs it" in result.stdout.splitlines()[0]
    assert f"         needed by {middle}" in result.stdout.splitlines()


def test_a_runtime_under_another_name_counts_as_a_copy(
    python: Interpreter, compiler: Compiler
) -> None:
    hidden = compiler.library("libinnocent.so", source="int _PyRuntime = 1;\n")
    result = python("-c", LOADED + DOCTOR, hidden, check=False)
    assert result.returncode == 1
    assert f"{hidden} is also mapped" in result.stdout


def test_the_stub_of_the_stable_abi_is_no_copy(python: Interpreter, compiler: Compiler) -> None:
    stub = compiler.library("libpython3.so")
    assert python("-c", LOADED + DOCTOR, stub).stdout.startswith("Healthy")


@contextmanager
def running(
    python: Interpreter, code: str, *arguments: str | Path, home: str = "", **variables: str
) -> Iterator[int]:
    """Run code that prints a line when it is ready, and give its process number."""
    variables |= {"PYTHONHOME": home} if home else {}
    process = subprocess.Popen(
        [python.path, "-c", code + "; import time; print(1, flush=True); time.sleep(100)"]
        + [str(argument) for argument in arguments],
        stdout=subprocess.PIPE,
        env={**os.environ, **variables},
    )
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_another_process_is_examined(
    python: Interpreter, stray: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with running(python, "pass") as number:
        assert main(["doctor", "--pid", str(number), "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert said["process"] == number
        assert said["interpreter"]["linkage"] == python.linkage
        version = "{}.{}.".format(*python.version)
        assert said["interpreter"]["version"].startswith(version)
    with running(python, LOADED + "pass", stray) as number:
        assert main(["doctor", "--pid", str(number)]) == 1
        out = capsys.readouterr().out
    assert out.startswith(f"Two Python runtimes are in process {number}: it runs from /")
    assert str(stray) in out


def test_a_copy_of_the_own_librarys_name_is_nobodys_need(
    shared: Interpreter, compiler: Compiler, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is mapped under a name that is needed satisfies the need: the interpreter's."""
    code = "import no_libpython_dlopen.runtime.mapped_files as m; print(m.runtime().path)"
    own = Path(shared("-c", code).stdout.strip())
    other = compiler.library(own.name)
    here = shared("-c", LOADED + DOCTOR, other, check=False).stdout
    with running(shared, LOADED + "pass", other) as number:
        assert main(["doctor", "--pid", str(number)]) == 1
    for out in (here, capsys.readouterr().out):
        first, *rest = out.splitlines()
        assert f"it runs from {own}, and {other} is also mapped; no mapped file needs" in first
        assert not [line for line in rest if "needed by" in line]


PROGRAM = """
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv) {
    void *python = dlopen(LIBRARY, RTLD_NOW | HOW);
    if (!python) { puts(dlerror()); return 9; }
    int (*run)(int, char **) = (int (*)(int, char **)) dlsym(python, "Py_BytesMain");
    return run(argc, argv);
}
"""


def embedder(compiler: Compiler, library: str, how: str) -> str:
    """Return a program that opens a libpython itself, and is an interpreter then."""
    source = compiler.folder / "host.c"
    source.write_text(PROGRAM)
    target = compiler.folder / f"host-{how}"
    command = [compiler.gcc, f'-DLIBRARY="{library}"', f"-DHOW={how}", str(source), "-ldl"]
    subprocess.run([*command, "-o", str(target)], check=True)
    return str(target)


def test_a_libpython_that_was_opened_privately_is_told(
    shared: Interpreter, compiler: Compiler, capsys: pytest.CaptureFixture[str]
) -> None:
    """The classical symptom of jep, ROS nodes and plug-ins: undefined symbol: PyTuple_Type."""
    library = asked(shared)["interpreter"]["runtime"]
    home = os.path.dirname(os.path.dirname(library))
    for how, healthy in (("RTLD_LOCAL", False), ("RTLD_GLOBAL", True)):
        host = shared._replace(path=embedder(compiler, library, how))
        result = host("-c", DOCTOR, check=False, PYTHONHOME=home)
        assert result.returncode == (0 if healthy else 1), result.stderr
        assert result.stdout.startswith("Healthy: this interpreter is linked to") == healthy
        assert ("opened libpython privately" in result.stdout.splitlines()[0]) != healthy
        with running(host, "import _ctypes" if healthy else "pass", home=home) as number:
            assert main(["doctor", "--pid", str(number)]) == 0
            first, *rest = capsys.readouterr().out.splitlines()
            assert first.startswith("Healthy: " if healthy else "No problem was found: ")
            note = f"- {host.path} does not need libpython: it, or a library, opened it"
            assert any(note in line for line in rest) != healthy
        with running(host, "pass", home=home, LD_PRELOAD=library) as number:
            assert main(["doctor", "--pid", str(number)]) == 0
            assert capsys.readouterr().out.startswith("Healthy: ")
        assert main(["doctor", "--python", host.path]) == 0
        assert "is not linked to libpython. If it opens one" in capsys.readouterr().out


def test_a_library_that_is_only_read_is_no_second_runtime(
    python: Interpreter, stray: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scanner, a debugger or ``ldd`` in Python maps files to read them; debuggers copy them."""
    for access in ("mmap.ACCESS_READ", "mmap.ACCESS_COPY", "mmap.ACCESS_WRITE"):
        code = "import mmap, sys; file = open(sys.argv[1], 'r+b'); "
        code += f"view = mmap.mmap(file.fileno(), 0, access={access}); file.close()"
        with running(python, code, stray) as number:
            assert str(stray) in Path(f"/proc/{number}/maps").read_text()
            assert main(["doctor", "--pid", str(number)]) == 0
            out = capsys.readouterr().out
            assert out.startswith(f"Healthy: process {number} runs from ")
            assert str(stray) not in out
    code = f"import ctypes, {code.removeprefix('import ')}; ctypes.CDLL(sys.argv[1])"
    with running(python, code, stray) as number:
        assert main(["doctor", "--pid", str(number)]) == 1
        assert capsys.readouterr().out.startswith(f"Two Python runtimes are in process {number}")


def test_a_stray_library_of_another_process_is_trouble(
    shared: Interpreter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = Path(asked(shared)["interpreter"]["runtime"])
    shutil.copy(own, tmp_path / own.name)
    for name, value in (("LD_LIBRARY_PATH", tmp_path), ("LD_PRELOAD", tmp_path / own.name)):
        with running(shared, "pass", **{name: str(value)}) as number:
            assert main(["doctor", "--pid", str(number)]) == 1
        first = capsys.readouterr().out.splitlines()[0]
        assert first == (
            f"Process {number} runs from a stray libpython: {tmp_path / own.name} instead of its "
            f"own {own}; see {name}."
        )
    with running(shared, "pass", LD_LIBRARY_PATH=str(own.parent)) as number:
        assert main(["doctor", "--pid", str(number)]) == 0


def test_a_library_that_is_preloaded_is_named_so(python: Interpreter, stray: Path) -> None:
    said = asked(python, status=1, LD_PRELOAD=str(stray))
    assert "LD_PRELOAD has it loaded first" in said["verdict"]["sentence"]
    assert said["copies"][-1]["preloaded_by"] == "LD_PRELOAD"


@pytest.mark.parametrize("replaced", [True, False])
def test_what_was_replaced_under_a_running_process_is_seen(
    python: Interpreter,
    stray: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    replaced: bool,
) -> None:
    """As by an upgrade: the file on disk is another one, or none."""
    copy = shutil.copy(python.path, tmp_path / "python3")
    (tmp_path / "hidden").mkdir()
    library = tmp_path / "hidden/libplain.so.1"
    shutil.copy(stray, library)
    home = asked(python)["interpreter"]["prefix"]
    with running(python._replace(path=str(copy)), LOADED + "pass", library, home=home) as number:
        for path in (Path(copy), library):
            path.unlink()
            if replaced:
                path.write_bytes(Path("/bin/true").read_bytes())
        status = main(["doctor", "--pid", str(number), "--json"])
        said = json.loads(capsys.readouterr().out)
    assert said["interpreter"]["executable"] == str(copy)
    assert said["interpreter"]["linkage"] == python.linkage
    sees = os.access("/proc/self/map_files", os.X_OK) and os.geteuid() == 0
    if sees:  # its soname is libpython's
        assert status == 1
        assert str(library) in said["verdict"]["sentence"]
    else:
        assert str(library) in said["unreadable"]
        assert said["verdict"]["sentence"].startswith("No problem was found, but")


def test_what_cannot_be_read_any_more_is_not_called_healthy() -> None:
    found = Inspection(interpreter=HEALTHY, process=7, unreadable=("/l/a.so", "/l/b.so"))
    verdict = diagnose(found)
    assert verdict.sentence.startswith("No problem was found, but /l/a.so is mapped, with 1 more,")


def test_where_mapped_files_are_not_listed_none_is_not_claimed() -> None:
    static = Examined("/p", "/p", "", "/", "static", "/p")
    for interpreter in (HEALTHY, static):
        verdict = diagnose(Inspection(interpreter=interpreter, sees_mapped_files=False))
        assert verdict.healthy
        assert not verdict.sentence.startswith("Healthy")
        assert "another runtime would not be seen" in verdict.sentence


RESIDENT = """
#include <stdio.h>
#include <unistd.h>
int _PyRuntime = 1;
int main(void) { puts("1"); fflush(stdout); pause(); }
"""


def test_a_process_in_a_chroot_is_examined(
    stray: Path, compiler: Compiler, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its mapped files have the paths of the outside, unlike those of a container."""
    if os.geteuid() != 0:
        pytest.skip("only root may change its root")
    (tmp_path / "python.c").write_text(RESIDENT)
    program = tmp_path / "python3.99"
    command = [compiler.gcc, "-rdynamic", "-o", str(program), str(tmp_path / "python.c")]
    subprocess.run(command, check=True)
    folder = tmp_path / "root"
    libraries = subprocess.run(["ldd", program], capture_output=True, text=True, check=True)
    for path in [str(program), *re.findall(r"(/\S+) \(", libraries.stdout), str(stray)]:
        target = folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    process = subprocess.Popen(
        [program],
        preexec_fn=lambda: os.chroot(folder),  # noqa: PLW1509 - one thread runs
        env={"LD_PRELOAD": str(stray)},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"1\n"
        status = main(["doctor", "--pid", str(process.pid)])
        first = capsys.readouterr().out.splitlines()[0]
    finally:
        process.kill()
        process.communicate()
    assert status == 1
    assert first == (
        f"Two Python runtimes are in process {process.pid}: it runs from {folder}{program}, and "
        f"{folder}{stray} is also mapped; LD_PRELOAD has it loaded first."
    )


def test_a_process_without_python_is_healthy(capsys: pytest.CaptureFixture[str]) -> None:
    process = subprocess.Popen(["sleep", "100"])
    try:
        while "sleep" not in Path(f"/proc/{process.pid}/maps").read_text():
            time.sleep(0.01)
        assert main(["doctor", "--pid", str(process.pid)]) == 0
    finally:
        process.kill()
        process.wait()
    assert "has no Python runtime in it" in capsys.readouterr().out


def test_a_program_that_exports_nothing_of_its_runtime_has_one(
    shared: Interpreter, compiler: Compiler, stray: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asks = "import sysconfig; print('{LIBPL}/{LIBRARY}'.format_map(sysconfig.get_config_vars()))"
    archive = shared("-c", asks).stdout.strip()
    if not os.path.exists(archive):
        pytest.skip("no static libpython")
    program, code = compiler.folder / "app", compiler.folder / "app.c"
    code.write_text(
        "#include <dlfcn.h>\n#include <unistd.h>\nvoid Py_Initialize(void);\n"
        "int main(int count, char **words) {\n    if (count > 2) Py_Initialize();\n"
        "    if (count > 1) dlopen(words[1], RTLD_NOW);\n    pause();\n}\n"
    )
    libraries = ["-ldl", "-lutil", "-lm", "-lpthread"]
    command = [compiler.gcc, "-s", "-o", str(program), str(code), archive, *libraries]
    subprocess.run(command, check=True)
    assert main(["doctor", "--python", str(program)]) == 0
    assert "statically links its Python runtime" in capsys.readouterr().out
    for library, status, said in (
        ("libm.so.6", 0, "the only Python runtime in it"),
        (str(stray), 1, "Two Python runtimes are in process"),
    ):
        with subprocess.Popen([str(program), library]) as process:
            maps = Path(f"/proc/{process.pid}/maps")
            while Path(library).name.partition(".")[0] not in maps.read_text():
                time.sleep(0.01)
            assert main(["doctor", "--pid", str(process.pid)]) == status
            process.kill()
        assert said in capsys.readouterr().out


def test_a_program_that_only_looks_for_a_crash_holds_no_runtime(
    compiler: Compiler, stray: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    program, code = compiler.folder / "reader", compiler.folder / "reader.c"
    code.write_text(
        '#include <dlfcn.h>\n#include <unistd.h>\nconst char *sought = "Fatal Python error: ";\n'
        "int main(int count, char **words) {\n    dlopen(words[1], RTLD_NOW);\n    pause();\n}\n"
    )
    subprocess.run([compiler.gcc, "-o", str(program), str(code), "-ldl"], check=True)
    with subprocess.Popen([str(program), str(stray)]) as process:
        while stray.name not in Path(f"/proc/{process.pid}/maps").read_text():
            time.sleep(0.01)
        main(["doctor", "--pid", str(process.pid)])
        process.kill()
    assert "the only Python runtime in it" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--pid", "99999999"], "nolibpy: error: no such process: 99999999\n"),
        (["--pid", "-3"], "nolibpy: error: --pid: -3: must be a number above 0 (see"),
        (["--python", "/nowhere/python"], "nolibpy: error: no such file: /nowhere/python\n"),
        (["--python", "/dev/null"], "nolibpy: error: not a regular file: /dev/null\n"),
        (["--pid", "1", "--print-path"], "nolibpy: error: --environment and --print-path cannot"),
        (["--print-path", "--python", "/bin/sh"], "nolibpy: error: /bin/sh: not a Python\n"),
    ],
)
def test_what_cannot_be_examined_is_one_line(
    words: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", *words]) == 2
    error = capsys.readouterr().err
    assert error.startswith(line)
    assert error.count("\n") == 1


def test_an_interpreter_that_is_too_old_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = tmp_path / "python3.6"
    old.write_text("#!/bin/sh\necho nolibpy needs Python 3.10 or later >&2\nexit 1\n")
    old.chmod(0o755)
    assert main(["doctor", "--python", str(old)]) == 2
    assert capsys.readouterr().err == (
        f"nolibpy: error: {old}: nolibpy needs Python 3.10 or later\n"
    )


@pytest.mark.parametrize(
    ("name", "script", "words"),
    [
        ("python3.99", "#!/bin/sh\nexec sleep 60\n", "no answer within 0.2 seconds"),
        ("python3.98", "#!/nowhere/sh\n", "No such file or directory"),
        ("python3.97", "#!/bin/sh\nexit 3\n", "exit status 3"),
        ("python3.96", "#!/bin/sh\nkill -9 $$\n", "ended by signal 9"),
        ("python3.95", "#!/bin/sh\n", "ends without the answer that a Python interpreter gives"),
        ("python3.94", "#!/bin/sh\necho no such module. >&2; exit 1\n", "no such module"),
    ],
)
def test_what_it_says_instead_of_an_answer_is_shown(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    script: str,
    words: str,
) -> None:
    monkeypatch.setattr(doctor, "_SECONDS", 0.2 if "sleep" in script else 60)
    path = tmp_path / name
    path.write_text(script)
    path.chmod(0o755)
    assert main(["doctor", "--python", str(path)]) == 1
    assert words in capsys.readouterr().out


def test_another_answer_than_a_pythons_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "python3.99"
    path.write_text("#!/bin/sh\necho nolibpy:no\n")
    path.chmod(0o755)
    assert main(["doctor", "--python", str(path)]) == 2
    assert capsys.readouterr().err == (
        f"nolibpy: error: {path} is not a working Python interpreter\n"
    )


def test_this_interpreter_says_of_itself_what_it_says_when_asked_from_outside(
    capsys: pytest.CaptureFixture[str],
) -> None:
    said = []
    for words in ([], ["--python", sys.executable]):
        assert main(["doctor", "--json", *words]) == 0
        said.append(json.loads(capsys.readouterr().out))
    assert said[0]["interpreter"] == said[1]["interpreter"]
    assert said[0]["libraries"] == said[1]["libraries"]
    paths = []
    for words in ([], ["--python", sys.executable]):
        status = main(["doctor", "--print-path", *words])
        paths.append((status, capsys.readouterr().out))
    assert paths[0] == paths[1]


@pytest.fixture
def environment(shared: Interpreter, tmp_path: Path, compiler: Compiler) -> Path:
    """A virtual environment with modules of every kind; its interpreter is returned."""
    folder = tmp_path / "environment"
    shared("-m", "venv", "--without-pip", folder)
    (site,) = folder.rglob("site-packages")
    compiler.library("libpython3.99.so.1.0")
    own = asked(shared)["interpreter"]["runtime"]
    options = {
        "plain": [],
        "second": ["-l:libpython3.99.so.1.0"],
        "missing": ["-l:libpython3.98.so.1.0"],
        "own": [f"-L{os.path.dirname(own)}", f"-l:{os.path.basename(own)}"],
    }
    compiler.library("libpython3.98.so.1.0")
    for name, words in options.items():
        shutil.move(compiler.module(name, *words), site / f"{name}.so")
    (tmp_path / "libpython3.98.so.1.0").unlink()
    information = site / "needy-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: needy\nVersion: 1.0\n")
    (information / "RECORD").write_text("second.so,,\nneedy-1.0.dist-info/METADATA,,\n")
    return folder / "bin/python"


def test_installed_modules_that_need_libpython_are_told_with_their_distribution(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--python", str(environment), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    found = {Path(module["path"]).name: module for module in said["modules"]}
    assert {name: module["leads_to"] for name, module in found.items()} == {
        "second.so": "second",
        "missing.so": "missing",
        "own.so": "own",
    }
    assert found["second.so"]["distribution"] == "needy 1.0"
    assert found["second.so"]["libraries"] == ["libpython3.99.so.1.0"]
    assert found["missing.so"]["distribution"] == ""
    assert "2 installed extension modules need libpython" in said["verdict"]["sentence"]
    assert any("own.so" in note for note in said["verdict"]["notes"])


def test_the_verdict_on_a_module_has_the_command_that_repairs_it(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (second,) = environment.parents[1].rglob("second.so")
    (missing,) = environment.parents[1].rglob("missing.so")
    assert main(["doctor", "--python", str(environment)]) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert f"`nolibpy fix {missing} {second}` repairs it" in first
    command = first.partition("`nolibpy ")[2].partition("`")[0]
    assert main(shlex.split(command)) == 0
    capsys.readouterr()
    assert main(["doctor", "--python", str(environment)]) == 0


def test_without_modules_none_is_looked_at(
    environment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor", "--python", str(environment), "--no-environment", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["modules"] is None


def test_the_path_for_embedding_is_the_own_library_or_one_of_the_same_version(
    python: Interpreter,
) -> None:
    result = python("-c", DOCTOR, "--print-path", check=False)
    said = asked(python)
    if python.linkage == "shared":
        assert result.stdout == said["interpreter"]["runtime"] + "\n"
    elif result.returncode == 0:
        assert "libpython{}.{}".format(*python.version) in result.stdout
        assert os.path.exists(result.stdout.strip())
        maps = Path("/proc/self/maps").read_text()
        assert result.stdout.strip() not in maps or python.path == sys.executable
    else:
        assert result.stderr.count("\n") == 1
    other = Interpreter(sys.executable, "", (0, 0))
    asked_by_other = other("-c", DOCTOR, "--print-path", "--python", python.path, check=False)
    assert asked_by_other.stdout == result.stdout


# Troubles that look alike: a program that needs its libpython rightly and does not find it.

MAIN = "int answer(void); int main(void) { return 0; }\n"


def program(compiler: Compiler, name: str, *options: str) -> Path:
    """Return a program that needs the stray libpython, as one that embeds Python would."""
    source = compiler.folder / "main.c"
    source.write_text(MAIN)
    target = compiler.folder / name
    command = [compiler.gcc, "-o", str(target), str(source), f"-L{compiler.folder}"]
    command += ["-Wl,--no-as-needed", "-l:libpython3.99.so.1.0", *options]
    subprocess.run(command, check=True, capture_output=True)
    return target


def test_a_program_that_embeds_python_and_finds_no_library_is_told_apart(
    stray: Path, compiler: Compiler, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = program(compiler, "app")
    assert main(["doctor", "--python", str(lost)]) == 1
    out = capsys.readouterr().out
    assert out.startswith(f"{lost} cannot start: it needs libpython3.99.so.1.0, and the loader")
    assert "not a second runtime" in out
    assert "RPATH" in out  # no folder of this machine has such a library
    found = program(compiler, "other", f"-Wl,-rpath,{compiler.folder}")
    assert main(["doctor", "--python", str(found)]) == 0
    assert f"needs libpython3.99.so.1.0 at {stray}" in capsys.readouterr().out


def test_a_program_of_musl_is_looked_at_as_its_loader_does(
    compiler: Compiler,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A libpython of the other C library is not what it finds, and no cure."""
    library = compiler.library("libpython3.99.so.1.0")
    compiler.library("libc.musl-x86_64.so.1")
    musl = "-l:libc.musl-x86_64.so.1"
    path = ["doctor", "--python", str(program(compiler, "app", musl, "-Wl,-rpath,$ORIGIN"))]
    assert main(path) == 1
    pythons = tmp_path / ".pyenv/versions/3.99.1/lib"
    pythons.mkdir(parents=True)
    library.rename(pythons / library.name)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(path) == 1
    assert "The library is in" not in capsys.readouterr().out
    compiler.library("libpython3.99.so.1.0", musl)
    assert main(path) == 0
    assert f"libpython3.99.so.1.0 at {library}" in capsys.readouterr().out


def test_the_folders_that_have_the_library_are_told_with_the_command(
    shared: Interpreter,
    compiler: Compiler,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiler.library("libpython3.99.so.1.0")
    lost = program(compiler, "app")
    folder = tmp_path / ".pyenv/versions/3.99.1/lib"
    folder.mkdir(parents=True)
    (tmp_path / "libpython3.99.so.1.0").rename(folder / "libpython3.99.so.1.0")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(["doctor", "--python", str(lost)]) == 1
    out = capsys.readouterr().out
    assert f"The library is in {folder}." in out
    assert (
        f"`LD_LIBRARY_PATH={folder} {lost}`. To repair it: `patchelf --set-rpath {folder} {lost}`"
        in out
    )


def test_a_build_with_only_an_archive_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(libpython_inventory, "library_for_embedding", lambda _: "")
    (tmp_path / "libpython3.99.a").touch()
    for folder, said in (
        (tmp_path, f"only the archive {tmp_path}/libpython3.99.a"),
        ("/nowhere", "install it"),
    ):
        values = {"LIBRARY": "libpython3.99.a", "LIBPL": str(folder)}
        monkeypatch.setattr("sysconfig.get_config_var", values.get)
        assert main(["doctor", "--print-path"]) == 1
        assert said in capsys.readouterr().err


def test_an_interpreter_that_lost_its_library_says_what_the_loader_said(
    stray: Path, compiler: Compiler, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = program(compiler, "python3.99")
    assert main(["doctor", "--python", str(lost), "--json"]) == 1
    verdict = json.loads(capsys.readouterr().out)["verdict"]
    assert "cannot start: it needs libpython3.99.so.1.0" in verdict["sentence"]
    assert any("error while loading shared libraries" in note for note in verdict["notes"])


def test_a_library_beside_the_real_file_but_not_beside_the_link_is_told(
    stray: Path, compiler: Compiler, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real = program(compiler, "app", "-Wl,-rpath,$ORIGIN")
    (tmp_path / "venv").mkdir()
    link = tmp_path / "venv/app"
    link.symlink_to(real)
    assert main(["doctor", "--python", str(link)]) == 0
    assert "Healthy when started directly" in capsys.readouterr().out
    assert main(["doctor", "--python", str(real)]) == 0
    assert "when started directly" not in capsys.readouterr().out


@pytest.mark.parametrize("there", [True, False])
def test_a_need_that_is_relative_to_the_program_is_followed(
    compiler: Compiler, tmp_path: Path, there: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """python-build-standalone's interpreters name their library so (uv #6812)."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "bin").mkdir()
    name = "$ORIGIN/../lib/libpython3.99.so.1.0"
    compiler.library("libpython3.99.so.1.0", f"-Wl,-soname,{name}")
    target = program(compiler, "bin/app")
    (tmp_path / "libpython3.99.so.1.0").rename(tmp_path / "lib/libpython3.99.so.1.0")
    if not there:
        shutil.move(target, tmp_path / "app")
        target = tmp_path / "app"
    assert main(["doctor", "--python", str(target)]) == (0 if there else 1)
    out = capsys.readouterr().out
    assert name in out.splitlines()[0]
    assert ("cannot start" in out) != there


def test_what_is_not_called_python_is_never_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "application"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    script.chmod(0o755)
    assert main(["doctor", "--python", str(script)]) == 2
    assert "is a script of /bin/sh" in capsys.readouterr().err
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"#!/usr/bin/python3 -s\nprint()\n", "is a script of /usr/bin/python3; examine that"),
        (b"#!/usr/bin/env -S A=1 python3 -u\n", "is a script of python3; examine that"),
        (b"#!/bin/sh\n", "is a script of /bin/sh, neither an interpreter nor a program\n"),
        (b"import os\n", "is neither an interpreter nor a program"),
        (b"", "is neither an interpreter nor a program"),
        (b"MZ\x90\0", "is neither an interpreter nor a program"),
    ],
)
def test_a_script_or_a_text_is_no_program(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, said: str
) -> None:
    path = tmp_path / "tool"
    path.write_bytes(data)
    assert main(["doctor", "--python", str(path)]) == 2
    assert said in capsys.readouterr().err


def test_a_virtual_environment_is_named_by_its_folder(
    static: Interpreter, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    static("-m", "venv", "--without-pip", tmp_path / "v")
    assert main(["doctor", "--python", str(tmp_path / "v"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["interpreter"]["executable"] == str(tmp_path / "v/bin/python")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("echo no idea >&2; exit 3", "does not run: no idea"),
        ("kill -11 $$", "does not run: ended by signal 11"),
        ("exit 4", "does not run: exit status 4"),
        ("echo hello", "does not run: it ends without the answer that a Python"),
    ],
)
def test_an_interpreter_that_does_not_run_is_trouble(
    tmp_path: Path, body: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "python3"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    assert main(["doctor", "--python", str(script)]) == 1
    assert said in capsys.readouterr().out.splitlines()[0]


def test_an_interpreter_in_the_working_directory_is_the_one_that_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "python3.99").write_text("#!/bin/sh\nexit 7\n")
    (tmp_path / "python3.99").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    assert main(["doctor", "--python", "python3.99"]) == 1
    assert capsys.readouterr().out.startswith("./python3.99 does not run: exit status 7")


def test_an_interpreter_that_gets_another_library_is_told_which(
    static: Interpreter, shared: Interpreter, compiler: Compiler
) -> None:
    found = doctor.examine(python=shared.path, environment=False).interpreter
    assert found is not None
    stray = compiler.library(Path(found.runtime).name)
    words = ("-m", "no_libpython_dlopen", "doctor", "--python", shared.path)
    done = static(*words, LD_LIBRARY_PATH=str(stray.parent), check=False)
    assert done.returncode == 1
    first, note, *_ = done.stdout.splitlines()
    assert first.startswith(f"{shared.path} does not run: ")
    assert f"The loader gives it {stray.name} at {stray}." in note


def test_an_answer_that_is_none_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = tmp_path / "python3"
    script.write_text("#!/bin/sh\necho nolibpy:{}\n")
    script.chmod(0o755)
    assert main(["doctor", "--python", str(script)]) == 2
    assert "is not a working Python interpreter" in capsys.readouterr().err


# The verdict alone.

HEALTHY = Examined("/p", "/p", "CPython 3.13.0", "/", "shared", "/l/libpython3.13.so.1.0")


@pytest.mark.parametrize(
    ("found", "healthy", "words"),
    [
        (Inspection(interpreter=HEALTHY), True, "linked to /l/libpython3.13.so.1.0"),
        (
            Inspection(
                interpreter=Examined("/p", "/p", "", "/", "shared", "/l/a.so", pythonapi="/l/b.so")
            ),
            False,
            "ctypes.pythonapi is not the running interpreter: it leads to /l/b.so",
        ),
        (
            Inspection(interpreter=Examined("/p", "/p", "", "/", "embedded", "/l/plugin.so")),
            True,
            "embedded; its runtime is in /l/plugin.so",
        ),
        (
            Inspection(interpreter=Examined("/p", "/p", "", "/", "unknown", "")),
            True,
            "does not report which files are mapped",
        ),
        (
            Inspection(
                interpreter=HEALTHY,
                copies=(Copy("/a", True), Copy("/b", False, ("/x",)), Copy("/c", False)),
            ),
            False,
            "3 Python runtimes are in this process",
        ),
        (
            Inspection(interpreter=HEALTHY, modules=(Module("d 1", "/m.so", (), "embedded"),)),
            False,
            "module statically links a second runtime: /m.so (d 1); it has to be built without",
        ),
        (
            Inspection(program=Program("/app", (), holds_runtime=True)),
            True,
            "statically links its Python runtime",
        ),
    ],
)
def test_a_verdict_is_one_sentence(found: Inspection, healthy: bool, words: str) -> None:
    verdict = diagnose(found)
    assert verdict.healthy == healthy
    assert words in verdict.sentence
    assert "\n" not in verdict.sentence


def test_an_examination_survives_the_way_through_json() -> None:
    found = Inspection(
        interpreter=HEALTHY,
        libraries=(Library("/l", "3", ("a", "b"), True, False, True),),
        copies=(Copy("/l", True, ("/m",)),),
        modules=(Module("d 1", "/m.so", ("libpython3.so",), "own", "libx.so"),),
        sysconfig={"LIBDIR": "/l"},
        contradictions=("a",),
    )
    program = Inspection(program=Program("/app", (("libpython3.so", ""),), False, ("x",), "y"))
    for one in (found, program):
        assert from_json(json.loads(json.dumps(one.as_json()))) == one


def test_sysconfig_is_held_against_what_is_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values: dict[str, str | int] = {}
    monkeypatch.setattr("sysconfig.get_config_var", values.get)
    static = Examined("/p", "/p", "", "/", "static", "/p")
    assert inspect_process.sysconfig_contradictions(static) == ()
    values.update(Py_ENABLE_SHARED=1, LIBDIR=str(tmp_path), LDLIBRARY="libpython3.13.so")
    assert len(inspect_process.sysconfig_contradictions(static)) == 2
    (tmp_path / "libpython3.13.so").touch()
    assert inspect_process.sysconfig_contradictions(static) == (
        "Py_ENABLE_SHARED is 1, but the runtime is linked into the executable",
    )
    values.update(Py_ENABLE_SHARED=0, LIBDIR="/install/lib")
    assert inspect_process.sysconfig_contradictions(HEALTHY) == (
        "Py_ENABLE_SHARED is 0, but the runtime is in a libpython",
        "LIBDIR is /install/lib, which does not exist",
    )


@pytest.mark.parametrize(
    ("data", "version"),
    [
        (b"\0003.13.2\0", "3.13.2"),
        (b"/opt/13.13.9\0tail of a path/3.13.0rc1\0", "3.13.0rc1"),
        (b"nothing 3.13.x here", "3.13"),
        (b"", "3.13"),
    ],
)
def test_a_libpython_tells_its_exact_version(tmp_path: Path, data: bytes, version: str) -> None:
    library = tmp_path / "libpython3.13.so.1.0"
    library.write_bytes(data)
    assert libpython_inventory.version_of(str(library)) == version


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.9"])
def test_a_python_that_is_too_old_is_told_so(
    version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    if not found:
        pytest.skip(f"no Python {version} under pyenv")
    assert main(["doctor", "--python", str(found[0])]) == 2
    said = f"nolibpy: error: {found[0]}: nolibpy needs Python 3.10 or later\n"
    assert capsys.readouterr().err == said


def test_a_libpython_is_not_called_a_program(
    shared: Interpreter, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shared("-c", "import sysconfig as s; print(*s.get_config_vars('LIBDIR', 'INSTSONAME'))")
    library = "/".join(path.stdout.split())
    assert main(["doctor", "--python", library]) == 0
    assert f"Healthy: {library} is a libpython itself" in capsys.readouterr().out
