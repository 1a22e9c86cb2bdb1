"""What a survey says of the code in wheels, and of the build files that they come from."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from no_libpython_dlopen.package_index.pip_settings import Settings
from no_libpython_dlopen.package_index.simple_api import file_at
from no_libpython_dlopen.survey import tables
from no_libpython_dlopen.survey.models import Cause, Item, Outcome, Plan, Status
from no_libpython_dlopen.survey.statistics import Figures, figures_of
from no_libpython_dlopen.survey.store import Store
from no_libpython_dlopen.survey.worker import examine
from tests.binary.index_server import serving
from tests.binary.index_wheels import Modules, write_wheel

LIBRARY = "libpython3.12.so.1.0"
LOAD = b'import ctypes\nctypes.PyDLL("libpython3.11.so").Py_IsInitialized()\n'
SETUP = (
    b"from setuptools import Extension, setup\n"
    b'setup(ext_modules=[Extension("p._x", ["x.c"], libraries=["python3.12"])])\n'
)


def write_sdist(folder: Path, name: str, members: dict[str, bytes]) -> Path:
    path = folder / f"{name}-1.0.tar.gz"
    with tarfile.open(path, "w:gz") as made:
        for member, data in members.items():
            info = tarfile.TarInfo(f"{name}-1.0/{member}")
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
    return path


def examined(name: str, *files: Path) -> Outcome:
    found = [file_at(str(file)) for file in files]
    return examine(Item(name, name, files=tuple(filter(None, found))), Plan(Settings()))


def figures(folder: Path, name: str, outcome: Outcome) -> Figures:
    with Store(str(folder / "s.sqlite")) as store:
        item = Item(name, name)
        store.add([item])
        store.write(item, outcome)
        return figures_of(store)


def test_code_that_opens_libpython_affects_a_package(tmp_path: Path) -> None:
    wheel = write_wheel(tmp_path, "spam", {"p/a.py": LOAD, "p/b.py": b"x = 1\n"})
    outcome = examined("spam", wheel)
    (found,) = outcome.wheels[0].findings
    assert (found.code, found.member, found.cause) == ("NLP101", "p/a.py:2:1", Cause.LOADED)
    assert not found.fixable
    (affected,) = figures(tmp_path, "spam", outcome).affected
    assert (affected.codes, affected.causes, affected.modules) == (("NLP101",), (Cause.LOADED,), 0)


def test_the_build_file_stands_beside_the_module(tmp_path: Path, modules: Modules) -> None:
    wheel = write_wheel(tmp_path, "spam", {"p/_x.abi3.so": modules.needing(LIBRARY)})
    source = write_sdist(tmp_path, "spam", {"setup.py": SETUP, "p/a.py": LOAD})
    outcome = examined("spam", wheel, source)
    assert outcome.status is Status.EXAMINED
    told = figures(tmp_path, "spam", outcome)
    (origin,) = told.origins
    assert origin.module == f"{wheel.name}!p/_x.abi3.so"
    assert (origin.package, origin.library, origin.code) == ("spam", LIBRARY, "NLP201")
    assert origin.build_file == f"{source.name}!spam-1.0/setup.py:2:58"
    assert (told.wheels, [row.platform for row in told.by_platform]) == (1, ["linux x86_64"])
    assert told.affected[0].causes == (Cause.VERSIONED,)
    assert f"| spam | {wheel.name}" in tables.markdown(told).replace("\\", "")


@pytest.mark.parametrize("linked", [True, False])
def test_a_source_distribution_counts_only_as_a_cause(
    tmp_path: Path, modules: Modules, linked: bool
) -> None:
    module = modules.needing(LIBRARY) if linked else modules.clean()
    wheel = write_wheel(tmp_path, "spam", {"p/_x.abi3.so": module})
    source = write_sdist(tmp_path, "spam", {"setup.py": b"x = 1\n" if linked else SETUP})
    told = figures(tmp_path, "spam", examined("spam", wheel, source))
    assert (len(told.affected), told.origins) == (int(linked), ())


def test_a_damaged_source_distribution_fails_nothing(tmp_path: Path, modules: Modules) -> None:
    wheel = write_wheel(tmp_path, "spam", {"p/_x.abi3.so": modules.needing(LIBRARY)})
    source = tmp_path / "spam-1.0.tar.gz"
    source.write_bytes(b"\x1f\x8bno")
    outcome = examined("spam", wheel, source)
    assert outcome.status is Status.EXAMINED
    assert [bool(one.problem) for one in outcome.wheels] == [False, True]


@pytest.mark.parametrize("ranges", ["all", "none"])
def test_texts_of_a_remote_wheel_are_read(tmp_path: Path, ranges: str) -> None:
    with serving(tmp_path) as index:
        index.ranges = ranges
        path = write_wheel(index.folder, "spam", {"p/a.py": LOAD, "p/big.bin": bytes(200_000)})
        file = file_at(index.address_of(path.name))
        assert file is not None
        outcome = examine(Item("spam", "spam", files=(file,)), Plan(Settings()))
    assert [found.code for found in outcome.wheels[0].findings] == ["NLP101"]
