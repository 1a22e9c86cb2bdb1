"""Wheels, eggs, source distributions and conda packages; and those who mean ill."""

from __future__ import annotations

import io
import random
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from no_libpython_dlopen.binary.archives import reading
from no_libpython_dlopen.binary.reader import read
from no_libpython_dlopen.binary.repair.repair import repair
from no_libpython_dlopen.model.facts import Bundled, Embedded, Fact, Needed, Unread
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.model.source import Unreadable
from tests.binary.index_wheels import COPY, Modules, write_wheel
from tests.binary.made_elf import made_elf

LIBRARY = "libpython3.12.so.1.0"
MODULE = "pkg/_x.abi3.so"
#: PEP 783, and what Pyodide and Emscripten used before it.
WASM = ["pyemscripten_2025_0_wasm32", "pyodide_2024_0_wasm32", "emscripten_3_1_58_wasm32"]
WHEEL = "spam-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"


def facts(path: Path) -> list[Fact]:
    assert kind_of(str(path)) is Kind.ARCHIVE
    return list(read(str(path), Kind.ARCHIVE))


def tar(members: dict[str, bytes]) -> bytes:
    """Return a tar archive."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archived:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archived.addfile(info, io.BytesIO(data))
    return made.getvalue()


def packed(folder: Path, name: str, members: dict[str, bytes]) -> Path:
    """Write an archive of the kind that its name says."""
    path = folder / name
    if name.endswith((".whl", ".egg")):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archived:
            for member, data in members.items():
                archived.writestr(member, data)
    elif name.endswith((".tar.gz", ".tgz")):
        import gzip

        path.write_bytes(gzip.compress(tar(members)))
    elif name.endswith(".tar.bz2"):
        import bz2

        path.write_bytes(bz2.compress(tar(members)))
    else:
        zstandard = pytest.importorskip("zstandard")
        with zipfile.ZipFile(path, "w") as archived:
            archived.writestr("metadata.json", "{}")
            archived.writestr("pkg-x.tar.zst", zstandard.compress(tar(members)))
            archived.writestr("info-x.tar.zst", zstandard.compress(tar({"info/a.json": b"{}"})))
    return path


NAMES = [WHEEL, "spam-1.0-py3.12.egg", "spam-1.0.tar.gz", "spam-1.0-0.tar.bz2", "spam-1.0-0.conda"]


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_archive_is_read(tmp_path: Path, modules: Modules, name: str) -> None:
    members = {"pkg/a.py": b"", MODULE: modules.needing(LIBRARY), "pkg/_y.abi3.so": modules.clean()}
    members["spam-1.0.dist-info/RECORD"] = b""
    (fact,) = facts(packed(tmp_path, name, members))
    assert isinstance(fact, Needed)
    assert (fact.member, fact.libraries) == (MODULE, (LIBRARY,))
    assert bool(fact.fix) == name.endswith((".whl", ".egg"))
    assert bool(fact.fix) != bool(fact.no_fix_reason)
    assert facts(packed(tmp_path, name, {MODULE: modules.clean()})) == []


@pytest.mark.parametrize("name", NAMES)
def test_what_a_grafted_copy_and_a_static_one_are(
    tmp_path: Path, modules: Modules, name: str
) -> None:
    members = {
        MODULE: modules.needing(COPY),
        f"pkg.libs/{COPY}": modules.copy(),
        "pkg/_y.abi3.so": modules.static(),
    }
    needed, embedded, bundled = facts(packed(tmp_path, name, members))
    assert isinstance(needed, Needed)
    assert "second runtime on every interpreter" in needed.fails_on
    assert isinstance(embedded, Embedded)
    assert embedded.member == "pkg/_y.abi3.so"
    assert isinstance(bundled, Bundled)
    assert (bundled.member, bundled.modules) == (f"pkg.libs/{COPY}", (MODULE,))


@pytest.mark.parametrize(
    ("archive", "program", "search", "is_its_own"),
    [
        ("image.tar.gz", "usr/local/bin/python3.12", "-Wl,-rpath,$ORIGIN/../lib", True),
        ("image.tar.gz", "usr/local/bin/python3", "-Wl,-rpath,/usr/local/lib", True),
        ("spam.conda", "bin/python3.12d", "", True),
        ("image.tar.gz", "usr/local/bin/python3.12", "-Wl,-rpath,/opt/lib", False),
        ("image.tar.gz", "usr/local/bin/spam", "", True),
        ("image.tar.gz", "usr/local/bin/spam", "-Wl,-rpath,/opt/lib", False),
        (WHEEL, "usr/local/bin/spam", "", False),
        (WHEEL, "usr/local/bin/python3.12", "", False),
    ],
)
def test_the_runtime_of_the_interpreter_beside_a_module_is_no_second_one(
    tmp_path: Path, modules: Modules, archive: str, program: str, search: str, *, is_its_own: bool
) -> None:
    module = "usr/local/lib/python3.12/site-packages/spam/_x.cpython-312-x86_64-linux-gnu.so"
    members = {
        program: modules.program(LIBRARY, search),
        f"usr/local/lib/{LIBRARY}": modules.library(LIBRARY),
        f"opt/lib/{LIBRARY}": modules.library(LIBRARY),
        module: modules.needing(LIBRARY),
    }
    needed, *bundled = facts(packed(tmp_path, archive, members))
    assert isinstance(needed, Needed)
    assert needed.member == module
    assert ("on every interpreter" in needed.fails_on) != is_its_own
    expected = [] if is_its_own else [(f"usr/local/lib/{LIBRARY}", (module,))]
    assert [(one.member, one.modules) for one in bundled if isinstance(one, Bundled)] == expected


@pytest.mark.parametrize(
    ("interpreter", "is_second"), [("python3.12", True), ("python3-spam", False), ("run", False)]
)
def test_beside_a_static_interpreter_the_runtime_of_another_program_is_a_second_one(
    tmp_path: Path, modules: Modules, interpreter: str, is_second: bool
) -> None:
    """conda's environments may have an editor with Python inside, beside a static Python."""
    members = {
        f"bin/{interpreter}": modules.program("libm.so.6", ""),
        "bin/editor": modules.program("libeditor.so", ""),
        "lib/libeditor.so": modules.library("libeditor.so", LIBRARY),
        f"lib/{LIBRARY}": modules.library(LIBRARY),
        MODULE: modules.needing(LIBRARY),
    }
    found = facts(packed(tmp_path, "environment.tar.gz", members))
    assert any(isinstance(one, Bundled) for one in found) == is_second


DEBIAN = "usr/lib/python3/dist-packages"


@pytest.mark.parametrize(
    ("module", "copy", "host", "is_second"),
    [
        # grafted into a package, one of whose programs is linked to the copy
        (f"{DEBIAN}/spam/_x.so", f"{DEBIAN}/spam.libs/{LIBRARY}", f"{DEBIAN}/spam/bin/tool", True),
        (f"{DEBIAN}/spam/_x.so", f"{DEBIAN}/spam/{LIBRARY}", "usr/bin/tool", True),
        ("spam/_x.so", f"spam.libs/{LIBRARY}", "spam/bin/tool", True),
        # the interpreter of the module is not in the archive
        (f"{DEBIAN}/spam/_x.so", f"opt/v/lib/{LIBRARY}", "opt/v/bin/server", True),
        (f"{DEBIAN}/spam/_x.so", f"opt/v/lib/{LIBRARY}", "opt/v/plug.node", True),
        # it is installed with a host, or only the host can import it
        (f"{DEBIAN}/spam/_x.so", f"usr/lib/{LIBRARY}", "usr/bin/editor", False),
        (f"{DEBIAN}/spam/_x.so", f"usr/lib/{LIBRARY}", "opt/editor", False),
        (f"{DEBIAN}/spam/_x.so", f"usr/lib/{LIBRARY}", "usr/lib/apache2/mod_py.so", False),
        ("lib/python3.12/site-packages/_x.so", f"lib/{LIBRARY}", "plug.node", False),
        ("opt/v/lib/python3.12/lib-dynload/_x.so", f"opt/v/lib/{LIBRARY}", "opt/v/server", False),
        ("opt/v/plugins/_x.so", f"opt/v/lib/{LIBRARY}", "opt/v/bin/server", False),
        # a library that starts nothing is no host
        ("opt/v/plugins/_x.so", f"opt/v/lib/{LIBRARY}", "opt/v/lib/libhelp.so", True),
    ],
)
def test_without_an_interpreter_a_host_of_the_prefix_has_the_runtime(
    tmp_path: Path, modules: Modules, module: str, copy: str, host: str, *, is_second: bool
) -> None:
    is_plug_in = host.endswith(("mod_py.so", ".node"))
    members = {
        copy: modules.library(LIBRARY),
        module: modules.needing(LIBRARY),
        host: modules.plug_in(LIBRARY)
        if is_plug_in
        else modules.library("libhelp.so", LIBRARY)
        if host.endswith(".so")
        else modules.program(LIBRARY, ""),
    }
    found = facts(packed(tmp_path, "environment.tar.gz", members))
    assert [one.member for one in found if isinstance(one, Bundled)] == [copy] * is_second


def test_a_copy_that_only_a_program_needs_is_silent(tmp_path: Path, modules: Modules) -> None:
    members = {f"lib/{COPY}": modules.copy(), MODULE: modules.clean()}
    assert facts(packed(tmp_path, WHEEL, members)) == []


@pytest.mark.parametrize(
    "library", ["libpython3.so", "libpython3.13t.so.1.0", "libpython3.12d.so.1.0", COPY]
)
def test_names_that_auditwheel_misses_are_found(
    tmp_path: Path, modules: Modules, library: str
) -> None:
    (fact,) = facts(packed(tmp_path, WHEEL, {MODULE: modules.needing(library)}))
    assert isinstance(fact, Needed)
    assert fact.libraries == (library,)


@pytest.mark.parametrize(
    ("name", "found"), [("_x.kiface", 0), ("_x.node", 0), ("_x", 0), ("_x.so", 1)]
)
def test_what_python_cannot_import_by_its_name_is_no_module(
    tmp_path: Path, modules: Modules, name: str, found: int
) -> None:
    """KiCad's plug-ins define modules for the Python that they start."""
    members = {f"usr/lib/host/{name}": modules.needing(LIBRARY)}
    assert len(facts(packed(tmp_path, "spam-1.0.tar.gz", members))) == found


@pytest.mark.parametrize("library", ["libboost_python311.so.1.83.0", "libucxx_python.so"])
def test_look_alikes_are_silent(tmp_path: Path, modules: Modules, library: str) -> None:
    assert facts(packed(tmp_path, WHEEL, {MODULE: modules.needing(library)})) == []


@pytest.mark.parametrize(
    "tag", ["android_21_arm64_v8a", "win_amd64", "cygwin_3_x86_64", "ios_13", *WASM]
)
def test_platforms_that_need_the_link_are_silent(
    tmp_path: Path, modules: Modules, tag: str
) -> None:
    name = f"spam-1.0-cp313-cp313-{tag}.whl"
    path = packed(tmp_path, name, {MODULE: modules.needing(LIBRARY)})
    assert facts(path) == []
    before = path.read_bytes()
    assert repair(str(path)).repaired == ()
    assert path.read_bytes() == before


@pytest.mark.parametrize("member", ["../evil.so", "/evil.so", "a/../../evil.so", "C:/evil.so"])
@pytest.mark.parametrize("name", NAMES)
def test_a_member_that_leaves_the_archive_is_one_line(
    tmp_path: Path, modules: Modules, name: str, member: str
) -> None:
    found = facts(
        packed(tmp_path, name, {member: modules.clean(), MODULE: modules.needing(LIBRARY)})
    )
    assert [type(fact) for fact in found] == [Unread, Needed]
    assert isinstance(found[0], Unread)
    assert found[0].member.endswith("evil.so")
    assert "absolute path" in found[0].reason or "leaves the archive" in found[0].reason


def test_a_member_that_stands_twice_is_one_line(tmp_path: Path, modules: Modules) -> None:
    path = tmp_path / WHEEL
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(MODULE, modules.clean())
        with pytest.warns(UserWarning, match="Duplicate"):
            made.writestr(MODULE, modules.needing(LIBRARY))
    (fact,) = facts(path)
    assert isinstance(fact, Unread)
    assert "more than once" in fact.reason
    assert repair(str(path)).refused


def test_an_encrypted_member_is_one_line(tmp_path: Path, modules: Modules) -> None:
    path = packed(tmp_path, WHEEL, {MODULE: modules.needing(LIBRARY)})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    (fact,) = facts(path)
    assert isinstance(fact, Unread)
    assert fact.reason == "is encrypted"


@pytest.mark.parametrize("method", [9, 93])
def test_a_method_that_cannot_be_read_is_one_line(
    tmp_path: Path, modules: Modules, method: int
) -> None:
    path = packed(tmp_path, WHEEL, {MODULE: modules.needing(LIBRARY)})
    data = bytearray(path.read_bytes())
    for magic, at in ((b"PK\3\4", 8), (b"PK\1\2", 10)):
        struct.pack_into("<H", data, data.index(magic) + at, method)
    path.write_bytes(data)
    (fact,) = facts(path)
    assert isinstance(fact, Unread)
    if method != 93:  # Python 3.14 reads Zstandard, which this is not
        assert fact.reason == f"uses the unsupported compression method {method}"


def test_members_that_overlap_are_told(tmp_path: Path, modules: Modules) -> None:
    path = packed(tmp_path, WHEEL, {MODULE: modules.clean(), "pkg/_y.abi3.so": modules.clean()})
    data = bytearray(path.read_bytes())
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 4)
    struct.pack_into("<I", data, second + 42, 0)  # both begin at the start
    path.write_bytes(data)
    found = facts(path)
    assert [fact.reason for fact in found if isinstance(fact, Unread)]


@pytest.mark.parametrize("name", NAMES)
def test_a_small_module_that_is_padded_with_zeros_is_no_bomb(
    tmp_path: Path, modules: Modules, name: str
) -> None:
    """As patchelf leaves pillow's grafted libXau: megabytes that compress to nothing."""
    padded = modules.needing(LIBRARY)
    padded += bytes(8 << 20)
    (fact,) = facts(packed(tmp_path, name, {MODULE: far_tables(padded)}))
    assert isinstance(fact, Needed)


def far_tables(data: bytes) -> bytes:
    """Return the module with its program headers moved to the very end."""
    (start,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    table = data[start : start + size * count]
    return data[:32] + struct.pack("<Q", len(data)) + data[40:] + table


def bomb(size: int) -> bytes:
    """Return ``size`` bytes that begin like a module whose tables lie far behind."""
    head = bytearray(made_elf(64, "<", needed=[LIBRARY])[:64])
    struct.pack_into("<Q", head, 32, size - 4096)  # the program headers
    return bytes(head) + bytes(size - 64)


@pytest.mark.parametrize("name", NAMES)
def test_a_bomb_is_one_line_and_little_memory(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path, name, {MODULE: bomb(420 << 20)})
    code = (
        "import sys\n"
        "from no_libpython_dlopen.binary.reader import read\n"
        "from no_libpython_dlopen.model.kind import Kind\n"
        "print([type(f).__name__ for f in read(sys.argv[1], Kind.ARCHIVE)])\n"
        "print(next(x for x in open('/proc/self/status') if x.startswith('VmHWM')).split()[1])\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    shown, peak = ran.stdout.splitlines()
    assert shown == "['Unread']"
    assert int(peak) < 512 << 10  # KiB; unlike ru_maxrss, not what the parent had


@pytest.mark.parametrize("name", NAMES)
def test_an_archive_that_ends_anywhere_is_one_line(
    tmp_path: Path, modules: Modules, name: str
) -> None:
    path = packed(tmp_path, name, {MODULE: modules.needing(LIBRARY)})
    data = path.read_bytes()
    for end in sorted({0, 1, 10, *range(20, len(data) - 1, max(1, len(data) // 40))}):
        path.write_bytes(data[:end])
        found = facts(path)
        unread = [fact for fact in found if isinstance(fact, Unread)]
        if end > 0.95 * len(data) and any(isinstance(fact, Needed) for fact in found):
            continue  # only padding or a checksum is missing behind the last member
        assert len(unread) == 1
        assert "\n" not in unread[0].reason


def _wheel() -> bytes:
    made = io.BytesIO()
    module = made_elf(64, "<", needed=[LIBRARY])
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archived:
        archived.writestr(MODULE, module)
        archived.writestr("pkg/_y.abi3.so", module, zipfile.ZIP_STORED)
        archived.writestr("spam-1.0.dist-info/RECORD", "")
    return made.getvalue()


@example([(6526, 0)])  # a member without a name
@example([(770, 1)])  # a local header that reaches into the next member
@given(st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=8))
@settings(max_examples=300)
def test_damaged_wheels_raise_nothing_and_repair_as_a_whole_or_not(
    tmp_path_factory: pytest.TempPathFactory, damage: list[tuple[int, int]]
) -> None:
    data = bytearray(_wheel())
    for place, value in damage:
        data[place % len(data)] = value
    for fact in reading.facts(WHEEL, io.BytesIO(data), len(data)):
        assert not isinstance(fact, Unread) or "\n" not in fact.reason
    path = tmp_path_factory.getbasetemp() / WHEEL
    path.write_bytes(data)
    try:
        result = repair(str(path))
    except Unreadable as error:
        assert "\n" not in error.reason  # noqa: PT017
        assert path.read_bytes() == data
        return
    if result.written is None:
        assert path.read_bytes() == data
    else:
        assert repair(str(path)).repaired == ()


@given(st.lists(st.tuples(st.integers(0, 1 << 16), st.integers(0, 255)), max_size=8))
@settings(max_examples=150)
def test_damaged_tar_archives_raise_nothing(damage: list[tuple[int, int]]) -> None:
    data = bytearray(tar({MODULE: made_elf(64, "<", needed=[LIBRARY]), "pkg/a.py": b"x" * 900}))
    for place, value in damage:
        data[place % len(data)] = value
    made = zlib.compressobj(1, zlib.DEFLATED, 31)
    content = made.compress(bytes(data)) + made.flush()
    for fact in reading.facts("spam-1.0.tar.gz", io.BytesIO(content), len(content)):
        assert not isinstance(fact, Unread) or "\n" not in fact.reason


def test_a_member_that_is_only_named_like_a_binary_is_told(tmp_path: Path) -> None:
    broken = b"\x7fELF\2\1\1" + random.Random(5).randbytes(500)
    path = packed(tmp_path, WHEEL, {MODULE: broken, "tests/data/elf": broken, "a.so": b"INPUT(b)"})
    (fact,) = facts(path)
    assert isinstance(fact, Unread)
    assert fact.member == MODULE


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file"):
        facts(tmp_path / WHEEL)
    assert facts(write_wheel(tmp_path, "empty", {})) == []
