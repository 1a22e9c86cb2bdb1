"""The Mach-O reader: images made by hand, held against macholib, and noise."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from macholib.MachO import MachO as Theirs

from no_libpython_dlopen.binary.archives import reading
from no_libpython_dlopen.binary.formats.macho import read_macho
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, bytes_reader
from no_libpython_dlopen.binary.repair.repair import repair
from no_libpython_dlopen.binary.shared_object import SharedObject, read_shared_object
from no_libpython_dlopen.model.facts import Bundled, Needed
from tests.binary.index_wheels import write_wheel

LAYOUTS = [(32, "<"), (32, ">"), (64, "<"), (64, ">")]
FRAMEWORK = "/Library/Frameworks/Python.framework/Versions/3.12/Python"
_MAGIC = {32: 0xFEEDFACE, 64: 0xFEEDFACF}


def command(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 8)
    return pack(f"{order}II", kind, 8 + len(body)) + body


def image(
    bits: int,
    order: str,
    needed: Sequence[str],
    *,
    kind: int = 8,
    soname: str = "",
    rpath: str = "",
    defined: Sequence[str] = ("PyInit_x",),
    platform: int = 1,
    load: int = 0xC,
) -> bytes:
    """Return a thin image; ``kind`` 8 is a bundle, 6 a library, 2 a program."""

    def library(number: int, name: str) -> bytes:
        body = pack(f"{order}IIII", 24, 0, 0, 0) + name.encode() + b"\0"
        return command(order, number, body)

    commands = [library(load, name) for name in needed]
    commands += [library(0xD, soname)] if soname else []
    if rpath:
        commands.append(command(order, 0x8000001C, pack(f"{order}I", 12) + rpath.encode() + b"\0"))
    commands.append(command(order, 0x32, pack(f"{order}IIII", platform, 0, 0, 0)))
    strings, symbols = b"\0", b""
    for name in (*defined, "Py_Initialize" if kind == 2 else "Py_None"):
        section = 1 if name in defined else 0
        entry = (len(strings), 0x0F if section else 0x01, section, 0, 0)
        symbols += pack(f"{order}IBBH{'Q' if bits == 64 else 'I'}", *entry)
        strings += b"_" + name.encode() + b"\0"
    head = 32 if bits == 64 else 28
    at = head + sum(map(len, commands)) + 24
    table = (at, len(defined) + 1, at + len(symbols), len(strings))
    commands.append(command(order, 0x2, pack(f"{order}IIII", *table)))
    size = sum(map(len, commands))
    header = pack(f"{order}7I", _MAGIC[bits], 0x01000007, 3, kind, len(commands), size, 0)
    return header.ljust(head, b"\0") + b"".join(commands) + symbols + strings


def fat(*images: bytes) -> bytes:
    at = 4096
    head, whole = pack(">II", 0xCAFEBABE, len(images)), b""
    for number, each in enumerate(images):
        head += pack(">IIIII", 7 + number, 3, at + len(whole), len(each), 12)
        whole += each + bytes(-len(each) % 4096)
    return head.ljust(at, b"\0") + whole


def outcome(name: str, data: bytes) -> SharedObject | str | None:
    """Return what a binary is, or the clause that says why that cannot be told."""
    try:
        return read_shared_object(name, bytes_reader(data))
    except MalformedBinary as malformed:
        return str(malformed)


@pytest.mark.parametrize(("bits", "order"), LAYOUTS)
def test_each_class_and_byte_order_is_read(bits: int, order: str) -> None:
    data = image(bits, order, ["/usr/lib/libSystem.B.dylib", FRAMEWORK], rpath="@loader_path/x")
    (found,) = read_macho(bytes_reader(data))
    assert found.needed == ("/usr/lib/libSystem.B.dylib", FRAMEWORK)
    assert found.rpaths == ("@loader_path/x",)
    assert found.symbols((b"PyInit_", b"Py_")) == {"PyInit_x": True, "Py_None": False}
    judged = outcome("x.so", data)
    assert isinstance(judged, SharedObject)
    assert judged.module
    assert judged.libpython == (FRAMEWORK,)
    assert "renumbers" in judged.no_repair


@pytest.mark.parametrize("load", [0xC, 0x80000018, 0x8000001F, 0x20, 0x80000023])
def test_a_library_counts_however_it_is_loaded(load: int) -> None:
    """Plain, weak, exported again, lazily, or from above; and a module is one by its name."""
    name = "x.cpython-312-darwin.so"
    judged = outcome(name, image(64, "<", [FRAMEWORK], load=load, defined=()))
    assert isinstance(judged, SharedObject)
    assert (judged.module, judged.libpython) == (True, (FRAMEWORK,))


def test_every_image_of_a_fat_file_counts() -> None:
    clean, linked = image(64, "<", []), image(64, "<", [FRAMEWORK])
    judged = outcome("x.so", fat(clean, linked))
    assert isinstance(judged, SharedObject)
    assert judged.libpython == (FRAMEWORK,)
    assert isinstance(outcome("Java.class", b"\xca\xfe\xba\xbe\0\0\0\x41" + bytes(99)), str)


@pytest.mark.parametrize(
    "data",
    [image(64, "<", [FRAMEWORK], kind=2), image(64, "<", [FRAMEWORK], platform=2)],
    ids=["a program", "iOS"],
)
def test_what_is_nobody_s_business_is_left_out(data: bytes) -> None:
    assert outcome("x.so", data) is None


def test_a_static_runtime_and_a_copy_are_told_apart() -> None:
    static = outcome("x.so", image(64, "<", [], defined=["PyInit_x", "_PyRuntime"]))
    assert isinstance(static, SharedObject)
    assert (static.module, static.core) == (True, ("_PyRuntime",))
    copy = outcome("p/.dylibs/Python", image(64, "<", [], kind=6, soname=FRAMEWORK))
    assert isinstance(copy, SharedObject)
    assert (copy.runtime, copy.module) == (True, False)


def test_a_delocated_framework_is_reported_and_not_edited(tmp_path: Path) -> None:
    members = {
        "pkg/_x.abi3.so": image(64, "<", ["@loader_path/.dylibs/Python"]),
        "pkg/.dylibs/Python": image(64, "<", [], kind=6, soname="/DLC/pkg/.dylibs/Python"),
    }
    path = write_wheel(tmp_path, "spam", members, tags="cp312-cp312-macosx_11_0_arm64")
    needed, bundled = reading.read(str(path))
    assert isinstance(needed, Needed)
    assert "Mach-O" in needed.no_fix_reason
    assert isinstance(bundled, Bundled)
    before = path.read_bytes()
    ((_, reason),) = repair(str(path)).refused
    assert "Mach-O" in reason
    assert path.read_bytes() == before


@pytest.mark.parametrize(("bits", "order"), LAYOUTS)
def test_made_images_are_read_as_macholib_reads_them(tmp_path: Path, bits: int, order: str) -> None:
    path = tmp_path / "x.so"
    path.write_bytes(image(bits, order, ["/a/b.dylib", FRAMEWORK], rpath="@loader_path"))
    compare(path)


def compare(path: Path) -> None:
    """Hold our reader against macholib on one file."""
    ours = read_macho(bytes_reader(path.read_bytes()))
    theirs = Theirs(str(path)).headers
    assert len(ours) == len(theirs)
    loads = {0xC, 0x80000018, 0x8000001F, 0x20, 0x80000023}
    for mine, header in zip(ours, theirs, strict=True):
        needed, rpaths = [], []
        for load, _, data in header.commands:
            text = data.partition(b"\0")[0].decode() if isinstance(data, bytes) else ""
            if load.cmd in loads:
                needed.append(text)
            elif load.cmd == 0x8000001C:
                rpaths.append(text)
        assert mine.needed == tuple(needed)
        assert mine.rpaths == tuple(rpaths)
        assert mine.type == header.header.filetype


@pytest.mark.network
def test_numpy_s_modules_are_read_as_macholib_reads_them(tmp_path: Path) -> None:
    fetch = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:"]
    options = ["--python-version=3.12", "--platform=macosx_11_0_arm64", "numpy<3"]
    subprocess.run([*fetch, *options, "-d", str(tmp_path)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert list(reading.read(str(wheel))) == []
    with zipfile.ZipFile(wheel) as opened:
        modules = [name for name in opened.namelist() if name.endswith((".so", ".dylib"))]
        assert len(modules) > 10
        for name in modules:
            compare(Path(opened.extract(name, tmp_path / "x")))


@given(
    st.sampled_from(LAYOUTS),
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 6000), st.integers(0, 255)), max_size=12),
)
@settings(max_examples=300)
def test_damaged_images_raise_nothing_but_malformed(
    layout: tuple[int, str], wrapped: bool, damage: list[tuple[int, int]]
) -> None:
    data = bytearray(image(*layout, [FRAMEWORK, "/a/b.dylib"], rpath="@loader_path"))
    if wrapped:
        data = bytearray(fat(bytes(data), bytes(data)))
    for place, value in damage:
        data[place % len(data)] = value
    outcome("_x.abi3.so", bytes(data))


@pytest.mark.parametrize(("bits", "order"), LAYOUTS)
def test_an_image_that_ends_early_is_one_clause(bits: int, order: str) -> None:
    data = image(bits, order, [FRAMEWORK])
    end_of_commands = len(data) - 60
    for end in range(4, end_of_commands):
        said = outcome("_x.abi3.so", data[:end])
        assert isinstance(said, (str, SharedObject))
        assert isinstance(said, str) or end > end_of_commands - 40
