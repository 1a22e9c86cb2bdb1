"""Wheels as they are published: those that need libpython, those that only look like it.

The readers are held against pyelftools and macholib on every binary of numpy and scipy.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from no_libpython_dlopen.binary.archives import reading
from no_libpython_dlopen.binary.repair.repair import repair
from no_libpython_dlopen.model.facts import Fact, Needed
from tests.binary import test_elf, test_macho
from tests.runtime.interpreters import relinked

pytestmark = [pytest.mark.slow, pytest.mark.network]

MANYLINUX = (
    *(f"manylinux_2_{minor}_{{}}" for minor in (31, 28, 27, 24, 17, 12)),
    *("manylinux2014_{}", "manylinux2010_{}"),
)


class Wheels:
    """Fetches wheels by pip, each once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fetch(self, requirement: str, python: str, *platforms: str) -> Path:
        """Return the wheel of ``requirement`` for CPython ``python`` and one of ``platforms``."""
        place = self.folder / re.sub(r"\W+", "-", f"{requirement} {python} {platforms[0]}")
        if not place.is_dir():
            command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(place)]
            command += ["--only-binary=:all:", f"--python-version={python}"]
            command += [f"--abi=cp{python.replace('.', '')}", "--implementation=cp"]
            command += [f"--platform={platform}" for platform in platforms]
            subprocess.run([*command, requirement], check=True)
        (wheel,) = place.glob("*.whl")
        return wheel

    def linux(self, requirement: str, python: str, machine: str = "x86_64") -> Path:
        """Return the wheel for Linux."""
        return self.fetch(requirement, python, *(tag.format(machine) for tag in MANYLINUX))


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Wheels:
    return Wheels(tmp_path_factory.mktemp("wheels"))


def facts(wheel: Path) -> list[Fact]:
    return list(reading.read(str(wheel)))


#: By reading them with pyelftools: members that define PyInit_* and need a libpython.
AFFECTED = {
    ("python-mscl==67.0.1.0", "3.12"): {"python_mscl/_mscl.so"},
    ("python-mscl==67.0.1.0", "3.11"): {"python_mscl/_mscl.so"},
    ("dm-reverb==0.7.0", "3.9"): {"reverb/libpybind.so"},
    ("dm-launchpad==0.5.2", "3.9"): {
        "courier/handlers/python/pybind.so",
        "courier/python/py_client.so",
        "courier/python/pybind.so",
        "courier/python/router.so",
        "courier/python/server.so",
    },
}


@pytest.mark.parametrize(("requirement", "python"), AFFECTED)
def test_a_wheel_that_needs_libpython_is_reported_and_repaired(
    wheels: Wheels, tmp_path: Path, requirement: str, python: str
) -> None:
    wheel = wheels.linux(requirement, python)
    found = facts(wheel)
    assert {fact.member for fact in found if isinstance(fact, Needed)} == AFFECTED[
        requirement, python
    ]
    for fact in found:
        assert isinstance(fact, Needed)
        assert fact.libraries == (f"libpython{python}.so.1.0",)
        assert fact.fix is not None
    done = repair(str(wheel), str(tmp_path), unsafe=True)
    assert done.refused == ()
    assert AFFECTED[requirement, python] <= set(done.repaired)
    assert done.written is not None
    assert facts(Path(done.written)) == []
    with zipfile.ZipFile(wheel) as before, zipfile.ZipFile(done.written) as after:
        assert before.namelist() == after.namelist()
        assert after.testzip() is None


@pytest.mark.parametrize(
    ("requirement", "python"),
    [
        ("eigenpy==3.13.0", "3.11"),  # needs libboost_python311.so
        ("ucxx-cu12==0.48.*", "3.12"),  # ships libucxx_python.so
        ("numpy", "3.12"),
        ("scipy", "3.12"),
    ],
)
def test_a_wheel_that_needs_none_is_silent(wheels: Wheels, requirement: str, python: str) -> None:
    assert facts(wheels.linux(requirement, python)) == []


IMPORT = "import python_mscl._mscl; from python_mscl import mscl; print(mscl.MSCL_VERSION)"


def test_the_repaired_module_is_imported_where_no_libpython_can_be_found(
    wheels: Wheels, tmp_path: Path
) -> None:
    made = relinked("3.12", tmp_path)
    if made is None:
        pytest.skip("no libpython3.12.a under pyenv, or no gcc")
    python, _ = made
    wheel = wheels.linux("python-mscl==67.0.1.0", "3.12")
    repair(str(wheel), str(tmp_path / "out"))
    shown = {}
    for name, path in (("before", wheel), ("after", tmp_path / "out" / wheel.name)):
        with zipfile.ZipFile(path) as opened:
            opened.extractall(tmp_path / name)
        shown[name] = python("-c", IMPORT, check=False, PYTHONPATH=str(tmp_path / name))
    assert "libpython3.12.so.1.0: cannot open shared object" in shown["before"].stderr
    assert shown["after"].stdout.strip() == "67.0.1"


@pytest.mark.parametrize(
    ("package", "machine", "least"),
    [
        ("numpy", "x86_64", 15),
        ("scipy", "x86_64", 100),
        ("numpy", "aarch64", 15),
        ("scipy", "aarch64", 100),
        ("lxml", "i686", 5),  # 32 bit
        ("lxml", "armv7l", 5),
        ("pyyaml", "s390x", 1),  # big-endian
    ],
)
def test_every_binary_is_read_as_pyelftools_reads_it(
    wheels: Wheels, tmp_path: Path, package: str, machine: str, least: int
) -> None:
    read = [
        test_elf.compare(path)
        for path in binaries(wheels.linux(package, "3.12", machine), tmp_path)
    ]
    assert len(read) >= least


@pytest.mark.parametrize("package", ["numpy", "scipy"])
@pytest.mark.parametrize("platform", ["macosx_14_0_arm64", "macosx_10_14_x86_64"])
def test_every_binary_for_a_mac_is_read_as_macholib_reads_it(
    wheels: Wheels, tmp_path: Path, package: str, platform: str
) -> None:
    wheel = wheels.fetch(package, "3.12", platform)
    assert facts(wheel) == []
    count = 0
    for path in binaries(wheel, tmp_path):
        test_macho.compare(path)
        count += 1
    assert count > 15


def binaries(wheel: Path, folder: Path) -> list[Path]:
    """Unpack the libraries and modules of a wheel, and return their paths."""
    with zipfile.ZipFile(wheel) as opened:
        names = [
            info.filename
            for info in opened.infolist()
            if re.search(r"\.(so|dylib)(\.|$)", info.filename) and not info.is_dir()
        ]
        return [Path(opened.extract(name, folder)) for name in names]
