"""Repairs of what each linker, and each tool that edits its result, makes of one module.

Before the repair no loader finds libpython; afterwards the module loads, no byte outside of the
dynamic section differs, and pyelftools reads what is left. Tools that are missing are skipped.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from struct import pack_into
from typing import Any

import pytest
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile

from no_libpython_dlopen.binary.repair.repair import repair

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("gcc") is None or not sys.platform.startswith("linux"),
        reason="gcc that writes ELF is not installed",
    ),
]

#: Of a version that no machine has.
LIBRARY = "libpython3.99.so.1.0"
CODE = (
    "int Py_IsInitialized(void);\n__thread int counted = 1;\nstatic int made;\n"
    "int *PyInit__x(void) { made = counted + Py_IsInitialized(); return &made; }\n"
)
#: Its names share their ends with that of libpython: linkers store ``n3.99.so.1.0`` once.
SHARED_NAMES = ("-Wl,-O2", "-Wl,-soname,n3.99.so.1.0", "-Wl,-rpath,.so.1.0")
LOAD = "import ctypes; assert ctypes.CDLL('./_x.abi3.so').PyInit__x"


def run(folder: Path, *command: str) -> None:
    """Run a command; skips the test where there is no such program."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def build(folder: Path, *options: str, compiler: str = "gcc") -> Path:
    (folder / "x.c").write_text(CODE)
    (folder / "stub.c").write_text("int Py_IsInitialized(void) { return 0; }\n")
    shared = (compiler, "-shared", "-fPIC", "-nostdlib", "-Wl,--no-as-needed")
    run(folder, *shared, "stub.c", "-o", "stub.so", f"-Wl,-soname,{LIBRARY}")
    run(folder, *shared, "x.c", "-o", "_x.abi3.so", *options, "./stub.so")
    return folder / "_x.abi3.so"


def dynamic_of(data: bytes) -> tuple[list[str], int, int]:
    """Return the needed libraries, and the start and the end of the dynamic section."""
    segments = ELFFile(io.BytesIO(data)).iter_segments()
    (dynamic,) = [each for each in segments if isinstance(each, DynamicSegment)]
    tags: list[Any] = list(dynamic.iter_tags())
    needed = [tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED"]
    start = dynamic["p_offset"]
    return needed, start, start + dynamic["p_filesz"]


def assert_repaired(module: Path) -> None:
    before = module.read_bytes()
    needed, start, end = dynamic_of(before)
    assert LIBRARY in needed
    assert repair(str(module)).repaired == ("",)
    after = module.read_bytes()
    assert dynamic_of(after) == ([name for name in needed if name != LIBRARY], start, end)
    assert (after[:start], after[end:]) == (before[:start], before[end:])
    assert len(after) == len(before)


def loads(module: Path) -> bool:
    command = [sys.executable, "-I", "-c", LOAD]
    return not subprocess.run(
        command, cwd=module.parent, capture_output=True, check=False
    ).returncode


@pytest.mark.parametrize(
    "options",
    [
        *((f"-fuse-ld={linker}",) for linker in ("bfd", "gold", "lld", "mold")),
        ("-fuse-ld=lld", "-Wl,-z,rodynamic"),
        ("-Wl,-z,relro,-z,now",),
        ("-Wl,-z,norelro,-z,lazy",),
        ("-Wl,-z,noseparate-code",),
        ("-Wl,-z,max-page-size=65536",),
        ("-Wl,--hash-style=gnu",),
        ("-Wl,--hash-style=sysv",),
        ("-Wl,--spare-dynamic-tags=0",),
        SHARED_NAMES,
        ("-fuse-ld=gold", *SHARED_NAMES),
    ],
    ids=lambda words: " ".join(words)[:60],
)
def test_what_linkers_write(tmp_path: Path, options: tuple[str, ...]) -> None:
    try:
        module = build(tmp_path, *options)
    except subprocess.CalledProcessError as error:
        if "-fuse-ld" not in options[0]:
            raise
        pytest.skip(f"this linker is missing or too old: {error.stderr.decode()[-200:]}")
    assert not loads(module)
    assert_repaired(module)
    assert loads(module)


@pytest.mark.parametrize(
    "command",
    [
        ("strip", "--strip-all"),
        ("llvm-objcopy", "--strip-sections"),
        ("objcopy", "--compress-debug-sections"),
        ("patchelf", "--set-rpath", "/" + "x" * 300),
        ("patchelf", "--page-size", "65536", "--force-rpath", "--set-rpath", "/" + "y" * 300),
        ("patchelf", "--add-needed", LIBRARY, "--add-needed", LIBRARY),
        ("patchelf", "--set-soname", "libx.so.1"),
    ],
    ids=lambda words: " ".join(words)[:60],
)
def test_what_tools_make_of_it_before_and_after(tmp_path: Path, command: tuple[str, ...]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    module = build(tmp_path, "-g")
    run(tmp_path, *command, module.name)
    assert not loads(module)
    assert_repaired(module)
    assert loads(module)
    module = build(tmp_path, "-g")
    assert_repaired(module)
    if LIBRARY not in command:
        run(tmp_path, *command, module.name)
        assert loads(module)


def test_a_module_without_section_headers_and_with_trailing_data(tmp_path: Path) -> None:
    module = build(tmp_path)
    data = bytearray(module.read_bytes())
    if data[4] != 2:
        pytest.skip("the numbers below are those of 64-bit files")
    pack_into("<Q", data, 40, 0)  # e_shoff
    pack_into("<3H", data, 58, 0, 0, 0)  # e_shentsize, e_shnum, e_shstrndx
    module.write_bytes(bytes(data) + b"PK" + bytes(5000) + b"~Module signature appended~\n")
    assert not loads(module)
    assert_repaired(module)
    assert loads(module)


@pytest.mark.parametrize(
    "machine",
    ["i686-linux-gnu", "arm-linux-gnueabihf", "s390x-linux-gnu", "powerpc-linux-gnu", "riscv64-linux-gnu"],
)  # fmt: skip
def test_other_word_sizes_and_byte_orders(tmp_path: Path, machine: str) -> None:
    if shutil.which(f"{machine}-gcc") is None:
        pytest.skip(f"gcc for {machine} is not installed")
    assert_repaired(build(tmp_path, compiler=f"{machine}-gcc"))


class Unseekable(io.RawIOBase):
    """Makes ``zipfile`` write sizes behind the data, as tools do that write to a pipe."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._file.write(data)

    def close(self) -> None:
        self._file.close()
        super().close()


@pytest.mark.parametrize("streamed", [False, True], ids=["sizes before", "sizes behind"])
@pytest.mark.parametrize("wide", [False, True], ids=["32 bits", "64 bits"])
@pytest.mark.parametrize(
    "installer", [("pip", "install"), ("uv", "pip", "install", "--python", sys.executable)]
)
def test_a_repaired_wheel_is_installed(
    tmp_path: Path, streamed: bool, wide: bool, installer: tuple[str, ...]
) -> None:
    module, info = build(tmp_path), "spam-1.0.dist-info"
    wheel = tmp_path / "spam-1.0-1local-py3-none-any.whl"
    members = {
        "_x.abi3.so": module.read_bytes(),
        f"{info}/METADATA": b"Metadata-Version: 2.1\nName: spam\nVersion: 1.0\n",
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    output: Any = Unseekable(wheel) if streamed else wheel
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            with archive.open(name, "w", force_zip64=wide) as member:
                member.write(data)
    if streamed:
        output.close()
    assert repair(str(wheel)).repaired == ("_x.abi3.so",)
    run(tmp_path, *installer, "--no-index", "--no-deps", "--target", "there", str(wheel))
    assert loads(tmp_path / "there/_x.abi3.so")
