"""Mapped files and the loader's search, on recorded inputs of Linux and macOS."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from no_libpython_dlopen.runtime import binary_info, loader_search, mapped_files
from no_libpython_dlopen.runtime.doctor import libpython_inventory
from no_libpython_dlopen.runtime.guard import audit_events
from tests.runtime.interpreters import Compiler

MAPS = b"""\
00400000-0041f000 r--p 00000000 fe:00 260811                             /usr/bin/python3.11
0041f000-006bc000 r-xp 0001f000 fe:00 260811                             /usr/bin/python3.11
006d5000-006d6000 rw-p 00000000 00:00 0
01b6c000-01c71000 rw-p 00000000 00:00 0                                  [heap]
7f8e1c000000-7f8e1c021000 r-xp 00000000 00:1f 77                         /opt/a b/libpython3.13t.so.1.0
7f8e1d000000-7f8e1d021000 r-xp 00000000 00:1f 78                         /opt/new\\012line.so
7f8e1e000000-7f8e1e021000 r-xp 00000000 00:1f 79                         /opt/libpython3.12.so.1.0 (deleted)
7f8e1f000000-7f8e1f021000 r-xp 00000000 00:1f 77                         /opt/other/name/of/77.so
7f8e20000000-7f8e20021000 r-xp 00000000 00:01 5                          /memfd:x (deleted)
7f8e21000000-7f8e21021000 r--s 00000000 00:1f 80                         /opt/read/libpython3.13.so.1.0
7f8e22000000-7f8e22021000 r--p 00000000 00:1f 81                         /opt/read/twice.so
7f8e23000000-7f8e23021000 r--s 00000000 00:1f 81                         /opt/read/twice.so
7f8e24000000-7f8e24021000 rw-p 00000000 00:1f 82                         /opt/edited.so
7f8e25000000-7f8e25021000 r--p 00000000 00:1f 83                         /opt/code/in/large/pages.so
7f8e25021000-7f8e25022000 rw-p 00021000 00:1f 83                         /opt/code/in/large/pages.so
7ffd3a9f2000-7ffd3aa13000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
"""


def test_each_loaded_file_is_listed_once() -> None:
    assert [file.path for file in mapped_files.parse(MAPS)] == [
        "/usr/bin/python3.11",
        "/opt/a b/libpython3.13t.so.1.0",
        "/opt/new\nline.so",
        "/opt/libpython3.12.so.1.0",
        "/memfd:x",
        "/opt/code/in/large/pages.so",
    ]
    assert [file.name for file in mapped_files.parse(MAPS)][1] == "libpython3.13t.so.1.0"


@pytest.mark.parametrize(
    ("address", "path"),
    [
        (0x0041F000, "/usr/bin/python3.11"),
        (0x006BC000, None),
        (0x01B6C000, None),
        (0x7F8E1E020FFF, "/opt/libpython3.12.so.1.0"),
        (1, None),
    ],
)
def test_an_address_leads_to_its_file(address: int, path: str | None) -> None:
    found = mapped_files.file_at_address(MAPS, address)
    assert (found and found.path) == path


def test_this_process_agrees_with_the_dynamic_loader() -> None:
    import ctypes

    loader = mapped_files._dladdr(mapped_files.runtime_address())
    own = mapped_files.runtime()
    assert own is not None
    assert os.path.samefile(loader, own.path)
    address = ctypes.cast(ctypes.pythonapi.Py_Initialize, ctypes.c_void_p).value
    found = mapped_files.file_of_process_at(address or 0)
    assert found is not None
    assert found.identity == own.identity
    assert mapped_files._dladdr(1) == ""


def test_where_there_are_no_maps_the_loader_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    own = mapped_files.runtime()
    monkeypatch.setattr(mapped_files, "read_maps", lambda: b"")
    found = mapped_files.runtime()
    assert own is not None
    assert found is not None
    assert os.path.samefile(found.path, own.path)
    assert mapped_files.file_of_process_at(1) is None


def test_a_process_that_is_gone_has_no_maps() -> None:
    assert mapped_files.read_maps(99999999) == b""
    assert mapped_files.parse(b"") == []


DYLD = [
    b"/usr/local/bin/python3.13",
    b"/Library/Frameworks/Python.framework/Versions/3.13/Python",
    b"/usr/lib/libSystem.B.dylib",
    None,  # an image that went away while they were counted
    b"/opt/conda/lib/libpython3.12.dylib",
    b"/usr/lib/libSystem.B.dylib",
]


def test_the_images_of_dyld_are_listed_once() -> None:
    files = mapped_files.read_dyld_images(lambda: len(DYLD), lambda index: DYLD[index])
    assert [file.path.encode() for file in files] == [name for name in DYLD[:5] if name]


@pytest.fixture
def mac(monkeypatch: pytest.MonkeyPatch) -> list[mapped_files.MappedFile]:
    """This process taken for one on a Mac, with the images recorded above."""
    files = mapped_files.read_dyld_images(lambda: len(DYLD), lambda index: DYLD[index])
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(mapped_files, "files", lambda: files)
    monkeypatch.setattr(mapped_files, "runtime", lambda: files[1])
    return files


def test_on_a_mac_the_other_dylib_is_the_second_copy(mac: list[mapped_files.MappedFile]) -> None:
    (sighting,) = audit_events.Detector().look()
    assert (sighting.code, sighting.library) == ("NLP401", "libpython3.12.dylib")
    assert "libpython3.12.dylib" in sighting.message()


def macho(*commands: bytes) -> bytes:
    """Return a 64-bit bundle with load commands, as dyld reads it."""
    table = b"".join(commands)
    return struct.pack("<8I", 0xFEEDFACF, 0x0100000C, 0, 8, len(commands), len(table), 0, 0) + table


def load(name: str, command: int = 0xC) -> bytes:
    """Return LC_LOAD_DYLIB, or another command, of an install name."""
    text = name.encode() + b"\0" * (8 - len(name) % 8)
    return struct.pack("<6I", command, 24 + len(text), 24, 0, 0, 0) + text


FRAMEWORK = "/Library/Frameworks/Python.framework/Versions/3.12/Python"


def new_detector() -> audit_events.Detector:
    """Return a detector that has reported the copies that are mapped already."""
    detector = audit_events.Detector()
    detector.look()
    return detector


@pytest.mark.parametrize(
    "name", [FRAMEWORK, "@rpath/libpython3.12.dylib", "@loader_path/.dylibs/Python"]
)
def test_on_a_mac_a_module_that_needs_the_framework_is_caught(
    mac: list[mapped_files.MappedFile], tmp_path: Path, name: str
) -> None:
    module = tmp_path / "needy.cpython-313-darwin.so"
    module.write_bytes(macho(load("/usr/lib/libSystem.B.dylib"), load(name)))
    arguments = ("needy", str(module), None, None, None)
    (sighting,) = new_detector().detect("import", arguments)
    assert (sighting.code, sighting.library, sighting.name) == ("NLP402", name, "needy")
    found = binary_info.read(str(module))
    assert found is not None
    assert found.libpython == (name,)


def test_on_a_mac_a_clean_module_is_silent(
    mac: list[mapped_files.MappedFile], tmp_path: Path
) -> None:
    module = tmp_path / "clean.so"
    module.write_bytes(macho(load("/usr/lib/libSystem.B.dylib")))
    look = new_detector()
    assert look.detect("import", ("clean", str(module), None, None, None)) == []
    (tmp_path / "broken.so").write_bytes(macho(load("x"))[:50])
    broken = ("broken", str(tmp_path / "broken.so"), None, None, None)
    assert look.detect("import", broken) == []


@pytest.mark.usefixtures("mac")
def test_on_a_mac_the_framework_is_opened_by_its_path() -> None:
    (sighting,) = new_detector().detect("ctypes.dlopen", (FRAMEWORK,))
    assert sighting.code == "NLP401"
    assert "Python.framework" in sighting.message()


def test_on_a_mac_the_search_is_that_of_dyld(
    mac: list[mapped_files.MappedFile], tmp_path: Path
) -> None:
    (tmp_path / "libpython3.12.dylib").touch()
    variables = {"DYLD_LIBRARY_PATH": str(tmp_path), "LD_LIBRARY_PATH": "/nowhere"}
    assert loader_search.library_path(variables) == [str(tmp_path)]
    assert loader_search.locate("libpython3.12.dylib", (), variables=variables) == str(
        tmp_path / "libpython3.12.dylib"
    )
    assert loader_search.locate("libpython3.12.dylib", mac, variables={}).startswith("/opt/conda")
    assert loader_search.default_folders() == ("/usr/local/lib", "/usr/lib")


@pytest.mark.parametrize(
    ("name", "stub"),
    [
        ("libpython3.so", True),
        ("/usr/lib/libpython3.so.1.0", True),
        ("libpython3-0a1b2c3d.so", True),
        ("libpython3t.so", True),
        ("libpython3.dylib", True),
        ("libpython3.11.so", False),
        ("libpython3.11.so.1.0", False),
        (FRAMEWORK, False),
    ],
)
def test_the_stub_of_the_stable_abi_is_told_by_its_name(name: str, stub: bool) -> None:
    assert libpython_inventory.is_stub(name) == stub


def test_the_version_of_a_framework_is_in_its_path() -> None:
    assert libpython_inventory.version_of(FRAMEWORK) == "3.12"
    assert libpython_inventory.version_of("/lib/libfoo.so") == ""


def test_the_cache_reads_as_ldconfig_prints_it() -> None:
    ldconfig = shutil.which("ldconfig", path="/sbin:/usr/sbin") or pytest.skip("no ldconfig")
    if not Path("/etc/ld.so.cache").exists():
        pytest.skip("no cache of the loader")
    printed = subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=True).stdout
    expected = re.findall(r"^\t(\S+) \(.*\) => (.*)$", printed, re.MULTILINE)
    assert len(expected) > 20
    assert loader_search.read_cache() == expected


def cache(prefix: bytes = b"") -> bytes:
    strings = b"libpython3.11.so.1.0\0/lib/libpython3.11.so.1.0\0"
    start = 48 + 24
    entry = struct.pack("=iIIIQ", 0x303, start, start + 21, 0, 0)
    return (
        prefix
        + struct.pack("=20sII20x", b"glibc-ld.so.cache1.1", 1, len(strings))
        + entry
        + strings
    )


@pytest.mark.parametrize(
    ("data", "entries"),
    [
        (cache(), 1),
        (cache(b"ld.so-1.7.0\0\0\0\0\0"), 1),  # with the table of older loaders before it
        (cache()[:60], 0),
        (cache()[:48] + b"\xff" * 24, 1),  # offsets that lead nowhere
        (b"", 0),
        (b"something else", 0),
        (struct.pack("=20sII20x", b"glibc-ld.so.cache1.1", 0xFFFFFFFF, 0), 0),
    ],
)
def test_a_cache_is_read_as_far_as_it_goes(data: bytes, entries: int) -> None:
    assert len(loader_search.parse_cache(data)) == entries


def test_a_name_is_looked_for_in_the_loaders_order(compiler: Compiler, tmp_path: Path) -> None:
    name = "libpython3.99.so.1.0"
    for folder in ("rpath", "variable", "runpath"):
        compiler.library(f"{folder}/{name}")
    rpath = compiler.library("a.so", "-Wl,--disable-new-dtags", f"-Wl,-rpath,{tmp_path}/rpath")
    runpath = compiler.library("b.so", "-Wl,--enable-new-dtags", "-Wl,-rpath,$ORIGIN/runpath")
    variables = {"LD_LIBRARY_PATH": f"/nowhere:{tmp_path}/variable"}

    def found(caller: Path | str, variables: dict[str, str]) -> str:
        path = loader_search.locate(name, (), caller=str(caller), variables=variables)
        return os.path.basename(os.path.dirname(path))

    assert found(rpath, variables) == "rpath"
    assert found(runpath, variables) == "variable"
    assert found(runpath, {}) == "runpath"
    assert found("", variables) == "variable"
    assert found("", {}) == ""
    assert found("/nowhere", {}) == ""
    loaded = [mapped_files.MappedFile(f"/already/{name}", ("0", 1))]
    assert loader_search.locate(name, loaded, variables=variables) == f"/already/{name}"
    assert loader_search.locate(f"{tmp_path}/rpath/{name}", ()) == f"{tmp_path}/rpath/{name}"
    assert loader_search.locate(f"/nowhere/{name}", ()) == ""


def test_the_folder_of_the_c_library_is_searched_for_what_is_not_in_the_cache() -> None:
    """Links between a soname and a file, such as ``libpython3.11.so.1``, are in no cache."""
    libc = [file for file in mapped_files.files() if file.name == "libc.so.6"]
    if not libc or sys.platform == "darwin":
        pytest.skip("another C library than glibc")
    folder = Path(libc[0].path).parent
    known = {name for name, _ in loader_search.read_cache()}
    names = sorted(path.name for path in folder.glob("lib*.so.*") if path.name not in known)
    code = "import ctypes, os, sys\nctypes.CDLL(sys.argv[1])\nprint(open('/proc/self/maps').read())"
    for name in names[:20]:
        found = loader_search.locate(name, [])
        assert os.path.realpath(found) == os.path.realpath(folder / name)
        command = [sys.executable, "-c", code, name]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode == 0:
            assert os.path.realpath(found) in result.stdout
            return
    pytest.skip("no such file here")


def test_without_proc_the_cache_tells_the_folder_of_the_c_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folders = loader_search.default_folders()
    if not any(name == "libc.so.6" for name, _ in loader_search.read_cache()):
        pytest.skip("another C library than glibc")
    monkeypatch.setattr(mapped_files, "files", list)
    assert [os.path.realpath(folder) for folder in loader_search.default_folders()] == [
        os.path.realpath(folder) for folder in folders
    ]


def test_a_library_for_another_machine_is_passed_over(compiler: Compiler, tmp_path: Path) -> None:
    name = "libpython3.99.so.1.0"
    library = compiler.library(name)
    other = bytearray(library.read_bytes())
    other[18:20] = b"\xf3\x00"  # RISC-V
    library.write_bytes(bytes(other))
    assert loader_search.locate(name, (), variables={"LD_LIBRARY_PATH": str(tmp_path)}) == ""
    library.write_bytes(b"no ELF")
    assert not loader_search.fits_process(str(library))


def test_the_environment_is_the_one_that_the_loader_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/set/later")
    assert loader_search.environment().get("LD_LIBRARY_PATH") != "/set/later"
    assert loader_search.environment(99999999) == {}
    assert loader_search.library_path({"LD_LIBRARY_PATH": "/a::/b;/c"}) == ["/a", ".", "/b", "/c"]
    assert loader_search.library_path({}) == []
