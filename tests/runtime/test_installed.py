"""The extension modules of an environment, by what their need of libpython leads to."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.runtime.doctor import installed_modules
from no_libpython_dlopen.runtime.doctor.inspection import Module
from no_libpython_dlopen.runtime.guard.supervisor import supervise
from tests.runtime.interpreters import Compiler


@pytest.fixture
def packages(compiler: Compiler, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site-packages with modules of every kind, which stands for this environment's."""
    folder = tmp_path / "site-packages"
    (folder / "pkg").mkdir(parents=True)
    own = compiler.library("libpython3.98.so.1.0")
    stray = compiler.library("libpython3.99.so.1.0")
    gone = compiler.library("libpython3.97.so.1.0")
    for name, options in {
        "clean": (),
        "own": (str(own),),
        "second": (str(stray),),
        "missing": (str(gone), "-Wl,-rpath,/nowhere"),
    }.items():
        shutil.move(compiler.module(name, *options), folder / "pkg")
    gone.unlink()
    runtime = (
        "int _PyRuntime; void Py_Initialize(void) {} void *PyInit_embedded(void) { return 0; }"
    )
    shutil.move(compiler.library("embedded.so", source=runtime), folder / "pkg")
    (folder / "pkg/broken.so").write_bytes(b"\x7fELF\x02\x01\x01" + b"libpython3.11.so.1.0" * 9)
    (folder / "pkg/notes.txt").write_text("libpython3.99.so")
    information = folder / "demo-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: Demo\nVersion: 1.0\n")
    (information / "RECORD").write_text("pkg/second.so,,\npkg/notes.txt,,\n")
    monkeypatch.setattr(installed_modules, "folders", lambda: [str(folder)])
    return folder


def test_each_module_is_told_with_what_its_need_leads_to(packages: Path, tmp_path: Path) -> None:
    runtime = str(tmp_path / "libpython3.98.so.1.0")
    assert installed_modules.find_modules(runtime) == (
        Module("", str(packages / "pkg/embedded.so"), (), "embedded"),
        Module("", str(packages / "pkg/missing.so"), ("libpython3.97.so.1.0",), "missing"),
        Module("", str(packages / "pkg/own.so"), ("libpython3.98.so.1.0",), "own"),
        Module("Demo 1.0", str(packages / "pkg/second.so"), ("libpython3.99.so.1.0",), "second"),
    )


def test_folders_are_searched_however_deep_they_are(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before Python 3.12 ``os.walk`` calls itself for each."""
    deepest = packages / "pkg" / Path(*"d" * 1500)
    monkeypatch.chdir(packages / "pkg")
    for _ in range(15):  # a path may be longer than ``mkdir`` takes at once
        os.makedirs("/".join("d" * 100))
        os.chdir("/".join("d" * 100))
    shutil.copy(packages / "pkg/second.so", deepest)
    os.chdir(tmp_path)
    try:
        paths = [module.path for module in installed_modules.find_modules("")]
    finally:
        subprocess.run(["rm", "-rf", packages / "pkg/d"], check=True)
    assert str(deepest / "second.so") in paths


def test_the_doctor_lists_them(packages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--environment", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert [Path(one["path"]).name for one in said["modules"]] == [
        *("embedded.so", "missing.so", "own.so", "second.so")
    ]


def test_the_folders_of_this_environment_are_real_and_listed_once() -> None:
    folders = installed_modules.folders()
    assert str(Path(shutil.__file__).parent) not in folders
    assert [folder for folder in folders if Path(pytest.__file__).is_relative_to(folder)]
    assert len(set(folders)) == len(folders)
    assert all(Path(folder).resolve() == Path(folder) for folder in folders)


def test_a_signal_that_kills_nobody_becomes_the_status_of_a_shell() -> None:
    before = signal.getsignal(signal.SIGWINCH)
    try:
        with pytest.raises(SystemExit) as raised:
            supervise._die(signal.SIGWINCH)
    finally:
        signal.signal(signal.SIGWINCH, before)
    assert raised.value.code == 128 + signal.SIGWINCH
