"""How far the search path of one binary leads, against what this machine's loader does."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from no_libpython_dlopen.binary.archives import reading
from no_libpython_dlopen.binary.reader import read
from no_libpython_dlopen.model.facts import Needed
from no_libpython_dlopen.model.kind import Kind
from tests.binary.made_elf import made_elf

LIBPYTHON = "libpython3.11.so.1.0"
MODULE = "_x.cpython-311-x86_64-linux-gnu.so"
INIT = "void *PyInit__x(void) { return 0; }"
RPATH, RUNPATH = "-Wl,--disable-new-dtags", "-Wl,--enable-new-dtags"


def link(path: Path, code: str, *options: str | Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    command = ["gcc", "-xc", "-", "-xnone", "-shared", "-fPIC", "-Wl,--no-as-needed"]
    more = ("-Wl,--unresolved-symbols=ignore-all", f"-Wl,-soname,{path.name}")
    subprocess.run([*command, "-o", path, *more, *options], input=code, text=True, check=True)
    return path


def loaded(path: Path) -> str:
    """Return what the loader says that it maps, or misses, for a file."""
    return subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout


#: The kind of the module's search path, the entry, that of the library between, and where the last
#: library is; whether the loader finds it there.
CHAINS = [
    pytest.param(RPATH, "$ORIGIN/libs", (), "libs", True, id="an RPATH counts for libraries"),
    pytest.param(RUNPATH, "$ORIGIN/libs", (), "libs", False, id="a RUNPATH does not"),
    pytest.param(
        *(RPATH, "$ORIGIN/libs", (RUNPATH, "-Wl,-rpath,$ORIGIN/none"), "libs", False),
        id="a library with a RUNPATH",
    ),
    pytest.param(
        *(RPATH, "$ORIGIN/libs", (RUNPATH, "-Wl,-rpath,$ORIGIN/sub"), "libs/sub", True),
        id="its own RUNPATH",
    ),
    pytest.param(
        *(RPATH, "$ORIGIN/libs:$ORIGIN/more", (RPATH, "-Wl,-rpath,$ORIGIN/none"), "more", True),
        id="two RPATHs",
    ),
]


@pytest.mark.skipif(
    shutil.which("gcc") is None or not sys.platform.startswith("linux"),
    reason="needs gcc and glibc's loader",
)
@pytest.mark.parametrize(("kind", "entry", "between", "place", "found"), CHAINS)
def test_a_search_path_counts_as_far_as_for_the_loader(
    tmp_path: Path, kind: str, entry: str, between: tuple[str, ...], place: str, found: bool
) -> None:
    stub = link(tmp_path / LIBPYTHON, "int stub;")
    last = link(tmp_path / place / "liblast.so", "int last;", stub)
    library = link(tmp_path / "libs/libfirst.so", "int first;", last, *between)
    module = link(tmp_path / MODULE, INIT, library, kind, f"-Wl,-rpath,{entry}")
    assert (f"/{place}/liblast.so (0x" in loaded(module)) is found
    assert [
        fact.through for fact in read(str(module), Kind.BINARY) if isinstance(fact, Needed)
    ] == ([f"{place}/liblast.so"] if found else [])


@pytest.mark.skipif(
    shutil.which("gcc") is None or not sys.platform.startswith("linux"),
    reason="needs gcc and glibc's loader",
)
def test_a_path_that_a_module_needs_is_the_loaders(tmp_path: Path) -> None:
    stub = link(tmp_path / LIBPYTHON, "int stub;")
    named = "-Wl,-soname,$ORIGIN/libs/libfirst.so"
    library = link(tmp_path / "libs/libfirst.so", "int first;", stub, named)
    module = link(tmp_path / MODULE, INIT, library)
    assert f"{tmp_path}/libs/libfirst.so (0x" in loaded(module)
    (fact,) = read(str(module), Kind.BINARY)
    assert isinstance(fact, Needed)
    assert fact.through == "libs/libfirst.so"


@pytest.mark.skipif(
    shutil.which("gcc") is None or os.uname().machine != "x86_64", reason="needs gcc on x86-64"
)
@pytest.mark.parametrize("token", ["$LIB", "${LIB}"])
def test_lib_is_what_the_loader_puts_for_it(tmp_path: Path, token: str) -> None:
    stub = link(tmp_path / LIBPYTHON, "int stub;")
    library = link(tmp_path / "libhelp.so", "int help;", stub)
    module = link(tmp_path / "pkg" / MODULE, INIT, library, f"-Wl,-rpath,$ORIGIN/../{token}")
    places = [tmp_path / name for name in ("lib64", "lib", "lib/x86_64-linux-gnu")]
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
    for place in places:
        shutil.copy(library, place)
        if "libhelp.so => not found" not in loaded(module):
            break
        (place / "libhelp.so").unlink()
    else:
        pytest.fail("the loader found it nowhere")
    (fact,) = read(str(module), Kind.BINARY)
    assert isinstance(fact, Needed)
    assert fact.through == f"../{place.relative_to(tmp_path)}/libhelp.so"


def module(bits: int = 64, runpath: str = "") -> bytes:
    return made_elf(bits, "<", needed=["libhelp.so"], runpath=runpath)


def library(bits: int = 64, needed: str = LIBPYTHON) -> bytes:
    made = made_elf(bits, "<", needed=[needed], soname="libhelp.so")
    return made.replace(b"PyInit_x", b"helps_it")


def clean(bits: int = 64) -> bytes:
    return library(bits, "libm.so.6")


#: The members of an archive with several libraries of one name, and which modules are reported.
LEVEL = "lib/glibc-hwcaps/x86-64"
SEVERAL = [
    pytest.param(
        {"a/libhelp.so": clean(), "a/x.abi3.so": module(), "b/libhelp.so": library()},
        [],
        id="that of its own directory",
    ),
    pytest.param(
        {"a/libhelp.so": clean(), "b/x.abi3.so": module(), "b/libhelp.so": library()},
        ["b/x.abi3.so"],
        id="that of its own directory, the second",
    ),
    pytest.param(
        {
            "a/libhelp.so": clean(),
            "a/x.abi3.so": module(runpath="$ORIGIN/../b.libs"),
            "b.libs/libhelp.so": library(),
        },
        ["a/x.abi3.so"],
        id="that of its search path",
    ),
    pytest.param(
        {
            "a/x.abi3.so": module(runpath="/usr/lib/none:/usr/lib/b"),
            "usr/lib/a/libhelp.so": clean(),
            "usr/lib/b/libhelp.so": library(),
        },
        ["a/x.abi3.so"],
        id="that of an absolute search path",
    ),
    pytest.param(
        {"lib32/libhelp.so": library(32), "lib64/libhelp.so": clean(), "p/x.abi3.so": module()},
        [],
        id="that of its machine",
    ),
    pytest.param(
        {"lib64/libhelp.so": clean(), "lib32/libhelp.so": library(32), "p/x.abi3.so": module(32)},
        ["p/x.abi3.so"],
        id="that of its machine, the second",
    ),
    pytest.param(
        {"lib32/libhelp.so": library(32), "p/x.abi3.so": module()}, [], id="none of its machine"
    ),
    pytest.param(
        {"far/libhelp.so": library(), "p/x.abi3.so": module(runpath="/nowhere")},
        ["p/x.abi3.so"],
        id="the only one there is",
    ),
    *(
        pytest.param(
            {"p/x.abi3.so": module(), **libraries}, found, id=f"for newer processors: {case}"
        )
        for case, libraries, found in (
            ("one", {f"{LEVEL}-v3/libhelp.so": library()}, ["p/x.abi3.so"]),
            (
                "the variant",
                {"lib/libhelp.so": clean(), f"{LEVEL}-v3/libhelp.so": library()},
                ["p/x.abi3.so"],
            ),
            (
                "what others take",
                {f"{LEVEL}-v2/libhelp.so": clean(), "lib/libhelp.so": library()},
                ["p/x.abi3.so"],
            ),
            (
                "one of three",
                {
                    f"{LEVEL}-v4/libhelp.so": clean(),
                    f"{LEVEL}-v2/libhelp.so": library(),
                    "lib/libhelp.so": clean(),
                },
                ["p/x.abi3.so"],
            ),
            ("none", {f"{LEVEL}-v3/libhelp.so": clean(), "lib/libhelp.so": clean()}, []),
            (
                "of another directory",
                {
                    "p/libhelp.so": clean(),
                    f"{LEVEL}-v3/libhelp.so": library(),
                    "lib/libhelp.so": clean(),
                },
                [],
            ),
            (
                "no level of glibc's",
                {"lib/libhelp.so": clean(), f"{LEVEL}-v1/libhelp.so": library()},
                [],
            ),
        )
    ),
]


@pytest.mark.parametrize(("members", "reported"), SEVERAL)
def test_of_several_libraries_of_one_name_the_right_one_counts(
    tmp_path: Path, members: dict[str, bytes], reported: list[str]
) -> None:
    path = tmp_path / "x-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    found = [fact.member for fact in reading.read(str(path)) if isinstance(fact, Needed)]
    assert found == reported
