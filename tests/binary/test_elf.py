"""The ELF reader: every class and byte order, held against pyelftools, and hostile input."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSection, DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from elftools.elf.sections import SymbolTableSection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from no_libpython_dlopen.binary.formats.dynamic_section import contradiction, plan, repair_blocker
from no_libpython_dlopen.binary.formats.elf import read_elf
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, bytes_reader
from no_libpython_dlopen.binary.shared_object import SharedObject, read_shared_object
from tests.binary.index_wheels import Modules
from tests.binary.made_elf import LAYOUTS, made_elf

LIBRARY = "libpython3.12.so.1.0"


def outcome(name: str, data: bytes) -> SharedObject | str | None:
    """Return what a binary is, or the clause that says why that cannot be told."""
    try:
        return read_shared_object(name, bytes_reader(data))
    except MalformedBinary as malformed:
        return str(malformed)


@pytest.mark.parametrize(("bits", "order"), LAYOUTS)
def test_each_class_and_byte_order_is_read(bits: int, order: str) -> None:
    data = made_elf(bits, order, needed=["libm.so.6", LIBRARY], soname="_x.so", runpath="$ORIGIN")
    elf = read_elf(bytes_reader(data))
    assert (elf.bits, elf.order) == (bits, order)
    assert elf.needed == ("libm.so.6", LIBRARY)
    assert (elf.soname, elf.runpath, elf.rpath) == ("_x.so", "$ORIGIN", "")
    assert elf.symbols((b"PyInit_",)) == {"PyInit_x": True}
    assert elf.symbols((b"Py_",)) == {"Py_IncRef": False}
    assert not elf.executable
    found = read_shared_object("x.so", bytes_reader(data))
    assert found is not None
    assert found.libpython == (LIBRARY,)


@pytest.mark.parametrize(("bits", "order"), LAYOUTS)
def test_each_class_and_byte_order_is_edited(bits: int, order: str) -> None:
    data = made_elf(bits, order, needed=[LIBRARY, "libm.so.6", "libpython3.so"])
    elf = read_elf(bytes_reader(data))
    assert repair_blocker(elf) == ""
    patch = plan(elf)
    assert data[patch.offset : patch.offset + len(patch.old)] == patch.old
    after = patch.apply_to(0, data)
    assert len(after) == len(data)
    assert read_elf(bytes_reader(after)).needed == ("libm.so.6",)
    assert contradiction(elf, read_elf(bytes_reader(after))) == ""


def test_an_edit_in_pieces_is_the_same_edit() -> None:
    data = made_elf(64, "<", needed=[LIBRARY])
    patch = plan(read_elf(bytes_reader(data)))
    whole = patch.apply_to(0, data)
    for size in (1, 7, 64, 1000):
        pieces = [patch.apply_to(at, data[at : at + size]) for at in range(0, len(data), size)]
        assert b"".join(pieces) == whole


def test_an_edit_that_goes_wrong_is_noticed() -> None:
    kept, run = "libm.so.6", "$ORIGIN"
    before = made_elf(64, "<", needed=[kept, LIBRARY], soname="a", runpath=run, more=[(15, 1)])
    right = made_elf(64, "<", needed=[kept], soname="a", runpath=run, more=[(15, 1)])
    machine, kind = bytearray(right), bytearray(right)
    machine[18], kind[16] = 0x3F, 2
    for after, words in (
        (made_elf(64, "<", needed=[], soname="a", runpath=run, more=[(15, 1)]), "needed libraries"),
        (before, "needed libraries"),
        (made_elf(64, "<", needed=["libc.so.6"], soname="a", runpath=run), "needed libraries"),
        (made_elf(64, "<", needed=[kept], soname="b", runpath=run, more=[(15, 1)]), "soname"),
        (made_elf(64, "<", needed=[kept], soname="a", runpath="/", more=[(15, 1)]), "runpath"),
        (made_elf(64, "<", needed=[kept], soname="a", runpath=run), "rpath"),
        (made_elf(32, "<", needed=[kept], soname="a", runpath=run, more=[(15, 1)]), "bits"),
        (made_elf(64, ">", needed=[kept], soname="a", runpath=run, more=[(15, 1)]), "order"),
        (bytes(machine), "machine"),
        (bytes(kind), "type"),
    ):
        said = contradiction(read_elf(bytes_reader(before)), read_elf(bytes_reader(after)))
        assert said == f"its {words} changed" or (words in said and said.endswith("planned"))


def test_a_count_of_program_headers_that_does_not_fit_stands_in_the_first_section_header() -> None:
    for bits, order in LAYOUTS:
        wide = bits == 64
        data = bytearray(made_elf(bits, order, needed=[LIBRARY]))
        section = bytearray(64 if wide else 40)
        struct.pack_into(f"{order}I", section, 44 if wide else 28, 2)
        struct.pack_into(f"{order}{'Q' if wide else 'I'}", data, 40 if wide else 32, len(data))
        struct.pack_into(f"{order}HH", data, 56 if wide else 44, 0xFFFF, len(section))
        assert read_elf(bytes_reader(bytes(data + section))).needed == (LIBRARY,)
        struct.pack_into(f"{order}H", data, 58 if wide else 46, 8)
        with pytest.raises(MalformedBinary, match=r"^the first section header is too short$"):
            read_elf(bytes_reader(bytes(data + section)))


def test_of_entries_that_stand_twice_the_last_counts() -> None:
    data = made_elf(64, "<", needed=[LIBRARY], soname="a", more=[(14, 1), (29, 1)])
    elf = read_elf(bytes_reader(data))
    assert (elf.soname, elf.runpath) == (LIBRARY, LIBRARY)


@pytest.mark.parametrize("tag", [0x70000035, 0x6FFFFDFD, 0x6FFFFEFF])
def test_an_entry_that_knows_its_own_place_is_an_obstacle(tag: int) -> None:
    data = made_elf(32, ">", needed=[LIBRARY], more=[(tag, 1)])
    said = "its dynamic section holds an entry that cannot be moved"
    assert repair_blocker(read_elf(bytes_reader(data))) == said


def test_a_section_without_an_end_mark_is_an_obstacle() -> None:
    for bits, order in LAYOUTS:
        data = bytearray(made_elf(bits, order, needed=[LIBRARY]))
        elf = read_elf(bytes_reader(bytes(data)))
        assert repair_blocker(elf) == ""
        unit = bits // 4
        at = 64 + 56 + 32 if bits == 64 else 52 + 32 + 16  # PT_DYNAMIC's size in the file
        size = elf.dynamic_size - 2 * unit
        struct.pack_into(f"{order}{'Q' if bits == 64 else 'I'}", data, at, size)
        cut = read_elf(bytes_reader(bytes(data)))
        assert (cut.entries, cut.dynamic_size) == (elf.entries, size)
        assert repair_blocker(cut) == "its dynamic section has no end"


def test_headers_that_disagree_are_an_obstacle() -> None:
    data = made_elf(64, "<", needed=[LIBRARY], dynamic_shift=8)
    said = "its program headers disagree about the location of the dynamic section"
    assert repair_blocker(read_elf(bytes_reader(data))) == said
    data = made_elf(64, "<", needed=[LIBRARY], dynamic_shift=1 << 20)
    assert repair_blocker(read_elf(bytes_reader(data))) == "the dynamic section lies in no segment"


def test_names_that_stand_in_the_dynamic_section_are_an_obstacle() -> None:
    """A needed name's index leads behind the strings, to the entry that is removed."""
    data = made_elf(64, "<", needed=["libm.so.6", LIBRARY])
    elf = read_elf(bytes_reader(data))
    inside = elf.dynamic_offset + 16 - data.index(b"libm.so.6") + 1
    damaged = elf.pack_entries([(1, inside), *elf.entries[1:]])
    data = data.replace(elf.pack_entries(elf.entries), damaged)
    said = "the repaired file would be wrong: the needed libraries are not those that were planned"
    assert repair_blocker(read_elf(bytes_reader(data))) == said


@pytest.mark.parametrize(("bits", "order"), LAYOUTS)
def test_a_file_that_ends_anywhere_is_one_clause(bits: int, order: str) -> None:
    data = made_elf(bits, order, needed=[LIBRARY])
    for end in range(len(data)):
        said = outcome("_x.abi3.so", data[:end])
        assert said is None if end < 4 else isinstance(said, str) and "\n" not in said


@given(
    st.sampled_from(LAYOUTS),
    st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=12),
)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@example((64, ">"), [(2207, 109)])
def test_damaged_files_raise_nothing_but_malformed(
    layout: tuple[int, str], damage: list[tuple[int, int]]
) -> None:
    data = bytearray(made_elf(*layout, needed=["libm.so.6", LIBRARY]))
    for place, value in damage:
        data[place % len(data)] = value
    largest = 0

    def read(offset: int, size: int) -> bytes:
        nonlocal largest
        largest = max(largest, size)
        return bytes(data[offset : offset + size])

    try:
        found = read_shared_object("_x.abi3.so", read)
        if found is not None and found.libpython and not found.no_repair:
            elf = read_elf(read)
            patch = plan(elf)
            assert contradiction(elf, read_elf(bytes_reader(patch.apply_to(0, bytes(data))))) == ""
    except MalformedBinary:
        pass
    assert largest <= 8 << 20


@given(st.sampled_from(LAYOUTS), st.binary(max_size=300))
@settings(max_examples=200)
def test_noise_raises_nothing_but_malformed(layout: tuple[int, str], noise: bytes) -> None:
    ident = b"\x7fELF" + bytes([layout[0] // 32, 1 if layout[1] == "<" else 2])
    outcome("_x.abi3.so", noise)
    outcome("_x.abi3.so", ident + noise)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (32, 1 << 63, "outside the file"),  # where the program headers are
        (32, 1 << 40, "truncated"),
        (54, 3, "program headers of 3 bytes"),
        (56, 0xFFFF, "first section header"),
    ],
)
def test_what_is_wrong_is_said(place: int, value: int, words: str) -> None:
    data = bytearray(made_elf(64, "<", needed=[LIBRARY]))
    struct.pack_into("<Q" if place == 32 else "<H", data, place, value)
    with pytest.raises(MalformedBinary, match=words):
        read_elf(bytes_reader(bytes(data)))


def test_a_position_independent_program_is_no_module(tmp_path: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    (tmp_path / "x.c").write_text("int main(void) { return 0; }\n")
    for option, name in (("-pie", "pie"), ("-no-pie", "fixed")):
        subprocess.run(["gcc", option, "-o", name, "x.c"], cwd=tmp_path, check=True)
        elf = read_elf(bytes_reader((tmp_path / name).read_bytes()))
        assert elf.executable
        assert elf.interpreter


@pytest.mark.parametrize("hash_style", ["gnu", "sysv", "both"])
def test_gcc_s_modules_are_read_as_pyelftools_reads_them(tmp_path: Path, hash_style: str) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    (tmp_path / "x.c").write_text(
        "#include <math.h>\n#include <stdio.h>\n"
        'int PyInit_x(double a) { return printf("%f", cos(a)); }\n'
        "int _PyRuntime, Py_other(void); int f(void) { return Py_other(); }\n"
    )
    command = ["gcc", "-shared", "-fPIC", f"-Wl,--hash-style={hash_style}", "-Wl,-rpath,/a:/b"]
    subprocess.run([*command, "-o", "x.so", "x.c", "-lm"], cwd=tmp_path, check=True)
    compare(tmp_path / "x.so")


def test_the_machine_s_modules_are_read_as_pyelftools_reads_them() -> None:
    """Everything binary in the environment that runs the tests, up to a hundred files."""
    import sysconfig

    places = [
        place
        for place in sorted(Path(sysconfig.get_path("platlib")).rglob("*.so*"))
        if place.is_file() and place.read_bytes()[:4] == b"\x7fELF"
    ]
    small = [place for place in places if place.stat().st_size < 2 << 20]
    if not small:
        pytest.skip("there is no binary in this environment")
    for place in small[:: max(1, len(small) // 40)]:
        compare(place)


@pytest.mark.parametrize(("bits", "order"), LAYOUTS)
def test_made_files_are_read_as_pyelftools_reads_them(bits: int, order: str) -> None:
    data = made_elf(bits, order, needed=["libm.so.6", LIBRARY], soname="_x.so", runpath="$ORIGIN")
    ours, theirs = read_elf(bytes_reader(data)), ELFFile(io.BytesIO(data))
    assert (ours.bits, ours.order) == (theirs.elfclass, "<" if theirs.little_endian else ">")
    (part,) = [part for part in theirs.iter_segments() if isinstance(part, DynamicSegment)]
    tags = list(part.iter_tags())
    assert ours.needed == tuple([tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED"])
    assert [ours.soname] == [tag.soname for tag in tags if tag.entry.d_tag == "DT_SONAME"]
    assert [ours.runpath] == [tag.runpath for tag in tags if tag.entry.d_tag == "DT_RUNPATH"]


def compare(path: Path) -> None:
    """Hold our reader against pyelftools on one file."""
    elf = read_elf(bytes_reader(path.read_bytes()))
    with path.open("rb") as file:
        theirs = ELFFile(file)
        assert elf.bits == theirs.elfclass
        assert (elf.order == "<") == theirs.little_endian
        dynamic = next(part for part in theirs.iter_sections() if isinstance(part, DynamicSection))
        tags = list(dynamic.iter_tags())
        assert elf.needed == tuple([tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED"])
        for field in ("soname", "rpath", "runpath"):
            values = [getattr(t, field) for t in tags if t.entry.d_tag == f"DT_{field.upper()}"]
            assert getattr(elf, field) == (values[0] if values else "")
        needs: dict[str, set[str]] = {}
        for part in theirs.iter_sections():
            if isinstance(part, GNUVerNeedSection):
                for need, versions in part.iter_versions():
                    needs.setdefault(need.name, set()).update(each.name for each in versions)
        assert {name: set(names) for name, names in elf.version_needs().items()} == needs
        expected: dict[str, bool] = {}
        table = theirs.get_section_by_name(".dynsym")
        assert isinstance(table, SymbolTableSection)
        for symbol in table.iter_symbols():
            if symbol.name.startswith(("PyInit_", "Py_", "_Py")):
                defined = symbol["st_shndx"] != "SHN_UNDEF"
                expected[symbol.name] = expected.get(symbol.name, False) or defined
        assert elf.symbols((b"PyInit_", b"Py_", b"_Py")) == expected


def test_a_symbol_version_that_changes_is_noticed(modules: Modules) -> None:
    data = modules.needing(LIBRARY)
    before = read_elf(bytes_reader(data))
    after = plan(before).apply_to(0, data)
    assert "libc.so.6" in before.version_needs()
    assert contradiction(before, read_elf(bytes_reader(after))) == ""
    other = read_elf(bytes_reader(after.replace(b"GLIBC_", b"GLIBD_")))
    assert contradiction(before, other) == "its version references changed"


def test_an_android_module_is_nobody_s_business(modules: Modules) -> None:
    data = modules.needing(LIBRARY)
    assert read_shared_object("x.cpython-313-aarch64-linux-android.so", bytes_reader(data)) is None
