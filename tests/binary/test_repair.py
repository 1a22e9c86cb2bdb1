"""Removing libpython from what built modules need, in a file and in a wheel."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from struct import pack

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.binary import reader
from no_libpython_dlopen.binary.archives import reading
from no_libpython_dlopen.binary.formats import dynamic_section
from no_libpython_dlopen.binary.formats.elf import read_elf
from no_libpython_dlopen.binary.formats.random_access import MalformedBinary, bytes_reader
from no_libpython_dlopen.binary.repair import repair as repairing
from no_libpython_dlopen.binary.repair import wheel
from no_libpython_dlopen.binary.repair.repair import Repair, repair
from no_libpython_dlopen.files.atomic_write import WriteRefused
from no_libpython_dlopen.model.facts import Needed
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Unreadable
from tests.binary.index_wheels import COPY, Modules, write_wheel

LIBRARY = "libpython3.12.so.1.0"
MODULE = "pkg/_x.abi3.so"


def written(path: Path, data: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def record_of(members: dict[str, bytes]) -> list[str]:
    lines = []
    for name, data in members.items():
        row = [name, "", ""]
        if not name.endswith("/RECORD"):
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            row[1:] = f"sha256={digest}", str(len(data))
        line = io.StringIO()
        csv.writer(line, lineterminator="\n").writerow(row)
        lines.append(line.getvalue().removesuffix("\n"))
    return lines


INFO = "spam-1.0.dist-info"


def build_wheel(
    folder: Path, given: Mapping[str, bytes | None], *, method: int = zipfile.ZIP_DEFLATED
) -> Path:
    """Write a wheel whose ``RECORD`` is right, with different times and modes; ``None`` is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "spam-1.0-cp312-cp312-manylinux_2_17_x86_64.whl"
    content = {name: data for name, data in given.items() if data is not None}
    content[f"{INFO}/METADATA"] = b"Name: spam\n"
    if f"{INFO}/RECORD" not in given:
        content[f"{INFO}/RECORD"] = b""
        content[f"{INFO}/RECORD"] = ("\n".join(record_of(content)) + "\n").encode()
    with zipfile.ZipFile(path, "w", method) as made:
        made.comment = b"a comment"
        for number, (name, data) in enumerate(content.items()):
            entry = zipfile.ZipInfo(name, (2000 + number, 1, 2, 3, 4, 6))
            entry.compress_type = method
            entry.external_attr = (0o755 if name.endswith(".so") else 0o644) << 16
            made.writestr(entry, data)
    return path


def test_only_the_dynamic_section_of_a_module_changes(tmp_path: Path, modules: Modules) -> None:
    before = modules.needing(LIBRARY)
    path = written(tmp_path / "_x.abi3.so", before)
    os.chmod(path, 0o750)
    result = repair(path)
    assert (result.repaired, result.refused, result.written) == (("",), (), path)
    after = Path(path).read_bytes()
    elf = read_elf(bytes_reader(before))
    start, end = elf.dynamic_offset, elf.dynamic_offset + elf.dynamic_size
    assert len(after) == len(before)
    assert after[:start] + after[end:] == before[:start] + before[end:]
    assert read_elf(bytes_reader(after)).needed == tuple(n for n in elf.needed if n != LIBRARY)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o750
    assert os.listdir(tmp_path) == ["_x.abi3.so"]
    assert repair(path).repaired == ()  # there is nothing left to do
    assert Path(path).read_bytes() == after


@pytest.mark.skipif(shutil.which("patchelf") is None, reason="patchelf is not installed")
def test_patchelf_removes_the_entry_in_the_same_way(tmp_path: Path, modules: Modules) -> None:
    ours = written(tmp_path / "ours.abi3.so", modules.needing(LIBRARY))
    theirs = written(tmp_path / "theirs.abi3.so", modules.needing(LIBRARY))
    repair(ours)
    subprocess.run(["patchelf", "--remove-needed", LIBRARY, theirs], check=True)
    assert Path(ours).read_bytes() == Path(theirs).read_bytes()


@pytest.mark.skipif(shutil.which("readelf") is None, reason="readelf is not installed")
def test_readelf_finds_nothing_wrong_with_a_repaired_module(
    tmp_path: Path, modules: Modules
) -> None:
    path = written(tmp_path / "_x.abi3.so", modules.needing(LIBRARY))
    repair(path)
    shown = subprocess.run(["readelf", "-dW", path], check=True, capture_output=True, text=True)
    assert "libpython" not in shown.stdout
    assert shown.stderr == ""


def test_what_became_of_a_file_is_told(tmp_path: Path, modules: Modules) -> None:
    needing = written(tmp_path / "_x.abi3.so", modules.needing(LIBRARY))
    clean = written(tmp_path / "_y.abi3.so", modules.clean())
    versioned = written(tmp_path / "_z.abi3.so", with_version_need(tmp_path / "built"))
    out = str(tmp_path / "out")
    refused = repair(versioned).refused
    told = [
        (repair(needing, dry_run=True), Repair(needing, repaired=("",))),
        (repair(clean, dry_run=True), Repair(clean)),
        (repair(clean), Repair(clean)),
        (repair(clean, out), Repair(clean, f"{out}/_y.abi3.so")),
        (repair(versioned), Repair(versioned, refused=refused)),
        (repair(needing), Repair(needing, needing, repaired=("",))),
    ]
    assert [got for got, _ in told] == [expected for _, expected in told]


def test_an_edit_that_would_not_be_right_is_not_made(
    tmp_path: Path, modules: Modules, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = modules.needing(LIBRARY)
    path = written(tmp_path / "_x.abi3.so", data)
    right = dynamic_section.plan(read_elf(bytes_reader(data)))
    nothing = dynamic_section.Patch(right.offset, right.old, right.old)
    header = dynamic_section.Patch(0, data[:20], b"\x7fELF" + bytes(16))
    for wrong, reason in ((nothing, "not those that were planned"), (header, "")):
        monkeypatch.setattr(dynamic_section, "plan", lambda _, wrong=wrong: wrong)
        ((_, told),) = repair(path).refused
        assert told.startswith("the repaired file would be wrong: ")
        assert reason in told
        assert not told.endswith("None")
        assert Path(path).read_bytes() == data


def test_a_symbolic_link_stays_one(tmp_path: Path, modules: Modules) -> None:
    target = written(tmp_path / "real" / "_x.abi3.so", modules.needing(LIBRARY))
    link = tmp_path / "_x.abi3.so"
    link.symlink_to(target)
    assert repair(str(link)).repaired == ("",)
    assert link.is_symlink()
    assert LIBRARY not in read_elf(bytes_reader(Path(target).read_bytes())).needed


def test_a_dry_run_writes_nothing(tmp_path: Path, modules: Modules) -> None:
    path = written(tmp_path / "_x.abi3.so", modules.needing(LIBRARY))
    built = build_wheel(tmp_path / "w", {MODULE: modules.needing(LIBRARY)})
    for place in (path, str(built)):
        before = Path(place).read_bytes()
        result = repair(place, str(tmp_path / "out"), dry_run=True)
        assert result.repaired
        assert result.written is None
        assert Path(place).read_bytes() == before
    assert not (tmp_path / "out").exists()


def test_the_result_may_go_elsewhere(tmp_path: Path, modules: Modules) -> None:
    needing, clean = modules.needing(LIBRARY), modules.clean()
    path = written(tmp_path / "_x.abi3.so", needing)
    other = written(tmp_path / "_y.abi3.so", clean)
    out = tmp_path / "new" / "folder"
    assert repair(path, str(out)).written == str(out / "_x.abi3.so")
    assert repair(other, str(out)).written == str(out / "_y.abi3.so")
    assert Path(path).read_bytes() == needing
    assert (out / "_y.abi3.so").read_bytes() == clean
    assert LIBRARY not in read_elf(bytes_reader((out / "_x.abi3.so").read_bytes())).needed


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_a_repaired_wheel_differs_in_the_module_and_record_only(
    tmp_path: Path, modules: Modules, method: int
) -> None:
    content = {
        "pkg/__init__.py": b"import pkg._x\n" * 50,
        MODULE: modules.needing(LIBRARY),
        "pkg/data.bin": bytes(range(256)) * 20,
    }
    path = build_wheel(tmp_path, content, method=method)
    os.chmod(path, 0o640)
    before = members(path)
    with zipfile.ZipFile(path) as opened:
        old = opened.infolist()
    result = repair(str(path))
    assert (result.repaired, result.refused, result.notes) == ((MODULE,), (), ())
    after = members(path)
    assert list(after) == list(before)
    assert {name for name in before if before[name] != after[name]} == {
        MODULE,
        "spam-1.0.dist-info/RECORD",
    }
    assert after["spam-1.0.dist-info/RECORD"].decode().splitlines() == record_of(after)
    assert len(after[MODULE]) == len(before[MODULE])
    with zipfile.ZipFile(path) as opened:
        assert opened.comment == b"a comment"
        for was, now in zip(old, opened.infolist(), strict=True):
            for field in ("filename", "date_time", "compress_type", "external_attr", "extra"):
                assert getattr(was, field) == getattr(now, field)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(reading.read(str(path))) == []
    assert os.listdir(tmp_path) == [path.name]


def test_signatures_are_dropped_and_told(tmp_path: Path, modules: Modules) -> None:
    info = "spam-1.0.dist-info"
    content = {MODULE: modules.needing(LIBRARY), f"{info}/RECORD.jws": b"{}"}
    content[f"{info}/RECORD.p7s"] = b"x"
    path = build_wheel(tmp_path, content)
    result = repair(str(path))
    assert [note for note in result.notes if "RECORD.jws" in note and "deleted" in note]
    assert [note for note in result.notes if "RECORD.p7s" in note and "deleted" in note]
    after = members(path)
    assert not [name for name in after if name.endswith((".jws", ".p7s"))]
    assert after[f"{info}/RECORD"].decode().splitlines() == record_of(after)


def test_a_signature_beside_a_wheel_is_told(tmp_path: Path, modules: Modules) -> None:
    path = build_wheel(tmp_path, {MODULE: modules.needing(LIBRARY)})
    for suffix in (".asc", ".publish.attestation"):
        path.with_name(path.name + suffix).write_text("a signature")
    assert repair(str(path), dry_run=True).notes == ()
    assert repair(str(path), str(tmp_path / "out")).notes == ()  # where there is none
    assert repair(str(path)).notes == tuple(
        f"`{path.name}{suffix}` no longer matches: sign the archive again"
        for suffix in (".asc", ".publish.attestation")
    )


@pytest.mark.parametrize("listed", [f"./{MODULE}", MODULE.replace("/", "//"), f'"{MODULE}"'])
def test_a_module_has_one_row_however_its_path_is_written(
    tmp_path: Path, modules: Modules, listed: str
) -> None:
    data, info = modules.needing(LIBRARY), "spam-1.0.dist-info"
    path = tmp_path / "spam-1.0-cp312-cp312-linux_x86_64.whl"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(MODULE, data)
        made.writestr(f"{info}/RECORD", f"{listed},,\n{info}/RECORD,,\n")
    assert repair(str(path)).notes == ()
    row, _ = members(path)[f"{info}/RECORD"].decode().splitlines()
    (right,) = record_of({MODULE: members(path)[MODULE]})
    assert row == right


@pytest.mark.parametrize(
    ("row", "is_told"),
    [
        ("sha256=AAAA,1", True),
        ("sha256={sha256},", False),
        ("sha512={sha512},1", False),
        ("sha512={sha256},1", True),
        ("sha256={sha256}==,1", False),
        ("sha256={digits},1", False),
        ("sha512={digits},1", True),
        ("md5={md5},1", False),
        ("unknown=1,1", False),
        (",", False),
    ],
)
def test_a_module_with_another_hash_is_told(
    tmp_path: Path, modules: Modules, row: str, *, is_told: bool
) -> None:
    """Its new hash is right, and nothing else would tell that the wheel had been damaged."""
    data, info = modules.needing(LIBRARY), "spam-1.0.dist-info"
    path = tmp_path / "spam-1.0-cp312-cp312-linux_x86_64.whl"
    hashes = {
        name: base64.urlsafe_b64encode(hashlib.new(name, data).digest()).decode().rstrip("=")
        for name in ("sha256", "sha512", "md5")
    }
    hashes["digits"] = hashlib.sha256(data).hexdigest()
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(MODULE, data)
        made.writestr(f"{info}/RECORD", f"{MODULE},{row.format(**hashes)}\n{info}/RECORD,,\n")
    told = f"`{MODULE}` had another hash in `RECORD`: it was changed after the archive was built"
    assert repair(str(path)).notes == ((told,) if is_told else ())


def test_a_module_that_record_does_not_list_is_listed(tmp_path: Path, modules: Modules) -> None:
    path = write_wheel(tmp_path, "spam", {MODULE: modules.needing(LIBRARY)})
    result = repair(str(path))
    assert "was not listed" in result.notes[0]
    record = members(path)["spam-1.0.dist-info/RECORD"].decode()
    assert record.startswith(f"{MODULE},sha256=")


@pytest.mark.parametrize(
    "name",
    [
        "pkg/new\nline.abi3.so",
        "pkg/lines\u2028\x0b\x85.abi3.so",
        'pkg/a "quote", a comma.abi3.so',
        "pkg/\x1b[31mred.abi3.so",
        "pkg/\u00e9\U0001f40d.abi3.so",
    ],
)
def test_a_member_s_name_may_hold_anything(tmp_path: Path, modules: Modules, name: str) -> None:
    content = {"pkg/a.py": b"", name: modules.needing(LIBRARY), "pkg/b.py": b""}
    path = build_wheel(tmp_path, content)
    result = repair(str(path))
    assert (result.repaired, result.notes) == ((name,), ())
    after = members(path)
    rows = list(csv.reader(io.StringIO(after["spam-1.0.dist-info/RECORD"].decode(), newline="")))
    assert [row[0] for row in rows] == list(after)
    digest = base64.urlsafe_b64encode(hashlib.sha256(after[name]).digest()).decode().rstrip("=")
    assert [name, f"sha256={digest}", str(len(after[name]))] in rows


@pytest.mark.parametrize("record", [b'"' + b"\n" * 300_000, b"x" * 300_000, b'"\n' * 300_000])
def test_a_record_of_noise_is_carried_on(tmp_path: Path, modules: Modules, record: bytes) -> None:
    path = tmp_path / "spam-1.0-cp312-cp312-linux_x86_64.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(MODULE, modules.needing(LIBRARY))
        made.writestr("spam-1.0.dist-info/RECORD", record)
    assert repair(str(path)).repaired == (MODULE,)
    assert members(path)["spam-1.0.dist-info/RECORD"].startswith(record)


def test_a_clean_wheel_is_copied_as_it_is(tmp_path: Path, modules: Modules) -> None:
    path = build_wheel(tmp_path, {MODULE: modules.clean()})
    before = path.read_bytes()
    assert repair(str(path)).written is None
    assert repair(str(path), str(tmp_path / "out")).written == str(tmp_path / "out" / path.name)
    assert (tmp_path / "out" / path.name).read_bytes() == before == path.read_bytes()


def test_a_library_is_repaired_only_when_that_is_asked_for(
    tmp_path: Path, modules: Modules
) -> None:
    content = {
        MODULE: modules.needing("libmid.so.1"),
        "pkg.libs/libmid.so.1": modules.library("libmid.so.1", LIBRARY),
    }
    path = build_wheel(tmp_path, content)
    before = path.read_bytes()
    assert repair(str(path)).repaired == ()
    assert path.read_bytes() == before
    assert repair(str(path), unsafe=True).repaired == ("pkg.libs/libmid.so.1",)
    assert list(reading.read(str(path))) == []


def test_needs_of_a_grafted_copy_go_and_the_copy_stays(tmp_path: Path, modules: Modules) -> None:
    content = {MODULE: modules.needing(COPY), f"pkg.libs/{COPY}": modules.copy()}
    path = build_wheel(tmp_path, content)
    assert repair(str(path)).repaired == (MODULE,)
    assert members(path)[f"pkg.libs/{COPY}"] == content[f"pkg.libs/{COPY}"]
    assert list(reading.read(str(path))) == []


def test_a_copy_is_told_to_be_idle_only_where_nothing_asks_for_it(
    tmp_path: Path, modules: Modules
) -> None:
    content = {
        MODULE: modules.needing(COPY, "libmid.so.1"),
        "pkg.libs/libmid.so.1": modules.library("libmid.so.1", COPY),
        f"pkg.libs/{COPY}": modules.copy(),
    }
    path = build_wheel(tmp_path, content)
    assert repair(str(path), dry_run=True).notes == ()
    (note,) = repair(str(path), dry_run=True, unsafe=True).notes
    assert note == f"`pkg.libs/{COPY}` is kept, but no module needs it any more"


def with_version_need(folder: Path) -> bytes:
    """Return a module whose symbols carry a version need on libpython."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    folder.mkdir()
    (folder / "runtime.c").write_text("int Py_IsInitialized(void) { return 0; }\n")
    (folder / "runtime.map").write_text("PYTHON_3.12 { global: *; };\n")
    (folder / "spam.c").write_text(
        "int Py_IsInitialized(void); int PyInit_spam(void) { return Py_IsInitialized(); }\n"
    )
    shared = ["gcc", "-shared", "-fPIC"]
    options = [f"-Wl,-soname,{LIBRARY}", "-Wl,--version-script,runtime.map"]
    subprocess.run([*shared, *options, "-o", LIBRARY, "runtime.c"], cwd=folder, check=True)
    subprocess.run([*shared, "-o", "spam.so", "spam.c", LIBRARY], cwd=folder, check=True)
    return (folder / "spam.so").read_bytes()


def test_a_version_need_is_a_reason_to_refuse(tmp_path: Path, modules: Modules) -> None:
    data = with_version_need(tmp_path / "built")
    path = written(tmp_path / "_x.abi3.so", data)
    result = repair(path, str(tmp_path / "out"))
    ((name, reason),) = result.refused
    assert (name, result.written, result.repaired) == ("", None, ())
    assert "DT_VERNEED" in reason
    assert Path(path).read_bytes() == data
    built = build_wheel(tmp_path / "w", {MODULE: data, "pkg/_y.abi3.so": modules.needing(LIBRARY)})
    mixed = repair(str(built))
    assert mixed.repaired == ("pkg/_y.abi3.so",)
    assert [name for name, _ in mixed.refused] == [MODULE]
    assert members(built)[MODULE] == data
    (fact,) = reading.read(str(built))
    assert isinstance(fact, Needed)
    assert "DT_VERNEED" in fact.no_fix_reason


@pytest.mark.parametrize("option", ["--filter", "--auxiliary"])
@pytest.mark.parametrize("needed", [True, False])
def test_a_filter_of_libpython_is_a_need_without_a_repair(
    tmp_path: Path, option: str, needed: bool
) -> None:
    """The loader maps what a filter names, whether or not ``DT_NEEDED`` has it too."""
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    gcc = ["gcc", "-shared", "-fPIC", "-Wl,--no-as-needed"]
    (tmp_path / "runtime.c").write_text("int Py_IsInitialized(void) { return 0; }\n")
    (tmp_path / "spam.c").write_text("void *PyInit_spam(void) { return 0; }\n")
    subprocess.run([*gcc, "-o", LIBRARY, "runtime.c"], cwd=tmp_path, check=True)
    options = [f"-Wl,{option}={LIBRARY}", *([LIBRARY] if needed else [])]
    subprocess.run([*gcc, "-o", "spam.so", "spam.c", *options], cwd=tmp_path, check=True)
    (fact,) = reader.read(str(tmp_path / "spam.so"), Kind.BINARY)
    assert isinstance(fact, Needed)
    assert set(fact.libraries) == {LIBRARY}
    assert fact.no_fix_reason.startswith("`DT_FILTER` or `DT_AUXILIARY` names it")
    assert repair(str(tmp_path / "spam.so")).repaired == ()
    loading = [sys.executable, "-c", "import ctypes; ctypes.CDLL('./spam.so')"]
    shown = subprocess.run(
        loading,
        cwd=tmp_path,
        env={**os.environ, "LD_LIBRARY_PATH": ".", "LD_DEBUG": "files"},
        capture_output=True,
        text=True,
        check=True,
    )
    if "file=" in shown.stderr:  # other loaders than glibc's say nothing
        assert f"file={LIBRARY}" in shown.stderr


def test_a_program_is_left_alone(tmp_path: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed")
    (tmp_path / "runtime.c").write_text("int Py_BytesMain(void) { return 0; }\n")
    (tmp_path / "main.c").write_text("int Py_BytesMain(void); int main() { Py_BytesMain(); }\n")
    library = ["-shared", "-fPIC", f"-Wl,-soname,{LIBRARY}", "-o", LIBRARY, "runtime.c"]
    subprocess.run(["gcc", *library], cwd=tmp_path, check=True)
    subprocess.run(["gcc", "-o", "main", "main.c", LIBRARY], cwd=tmp_path, check=True)
    before = (tmp_path / "main").read_bytes()
    assert LIBRARY in read_elf(bytes_reader(before)).needed
    assert repair(str(tmp_path / "main")).repaired == ()
    assert (tmp_path / "main").read_bytes() == before


def test_other_archives_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "spam-1.0.tar.gz", b"x")
    ((_, reason),) = repair(path).refused
    assert reason == (
        "it is not rewritten, since hashes of what it contains may be kept in it or elsewhere: "
        "build it again from fixed sources"
    )


@pytest.mark.parametrize("name", ["_x.abi3.so", "spam-1.0-cp312-cp312-linux_x86_64.whl"])
def test_what_cannot_be_read_is_one_clause(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unreadable, match=r"^No such file or directory$"):
        repair(str(tmp_path / name))
    broken = b"\x7fELF\2\1" if name.endswith(".so") else b"PK"
    with pytest.raises(Unreadable, match="truncated" if name.endswith(".so") else "zip"):
        repair(written(tmp_path / name, broken))
    assert (tmp_path / name).read_bytes() == broken


def test_an_output_folder_that_cannot_be_made_is_told(tmp_path: Path, modules: Modules) -> None:
    path = written(tmp_path / "_x.abi3.so", modules.needing(LIBRARY))
    (tmp_path / "file").write_text("")
    with pytest.raises(Unreadable, match=r"file/out: Not a directory$"):
        repair(path, str(tmp_path / "file" / "out"))


def test_a_file_that_changes_meanwhile_is_not_replaced(
    tmp_path: Path, modules: Modules, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "_x.abi3.so"
    written(path, modules.needing(LIBRARY))
    real = repairing.plan_patch

    def changing(*args: object) -> object:
        plan = real(*args)  # type: ignore[arg-type]
        os.utime(path, ns=(1, 1))
        return plan

    before = path.read_bytes()
    monkeypatch.setattr(repairing, "plan_patch", changing)
    with pytest.raises(WriteRefused, match="has changed"):
        repair(str(path))
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]


def test_a_write_that_fails_leaves_the_wheel_as_it_was(
    tmp_path: Path, modules: Modules, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build_wheel(tmp_path, {MODULE: modules.needing(LIBRARY)})
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(wheel, "_copy", full)
    with pytest.raises(WriteRefused, match="No space left"):
        repair(str(path))
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == [path.name]


def test_the_time_of_the_result_may_be_fixed(
    tmp_path: Path, modules: Modules, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    path = written(tmp_path / "_x.abi3.so", modules.needing(LIBRARY))
    repair(path)
    assert os.stat(path).st_mtime == 1_000_000_000
    first = build_wheel(tmp_path / "a", {MODULE: modules.needing(LIBRARY)})
    second = build_wheel(tmp_path / "b", {MODULE: modules.needing(LIBRARY)})
    repair(str(first))
    repair(str(second))
    assert first.read_bytes() == second.read_bytes()


def test_a_corrupt_wheel_is_not_rewritten(tmp_path: Path, modules: Modules) -> None:
    data = modules.needing(LIBRARY)
    path = build_wheel(tmp_path, {MODULE: data}, method=zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[content.index(data) + len(data) - 1] ^= 1  # its checksum no longer holds
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="checksum"):
        repair(str(path))
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("content", "method", "words"),
    [
        ({"../evil.py": b""}, zipfile.ZIP_DEFLATED, "leaves the archive"),
        ({"other-1.dist-info/RECORD": b""}, zipfile.ZIP_DEFLATED, "2 RECORD files"),
        ({f"{INFO}/RECORD": None}, zipfile.ZIP_DEFLATED, "no RECORD"),
        ({}, zipfile.ZIP_BZIP2, "compression method 12"),
        ({}, zipfile.ZIP_LZMA, "compression method 14"),
    ],
)
def test_a_wheel_that_is_odd_is_refused_and_not_said_to_be_fixable(
    tmp_path: Path,
    modules: Modules,
    content: dict[str, bytes | None],
    method: int,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = build_wheel(tmp_path, {MODULE: modules.needing(LIBRARY), **content}, method=method)
    before = path.read_bytes()
    ((_, reason),) = repair(str(path)).refused
    assert words in reason
    assert path.read_bytes() == before
    (need,) = [fact for fact in reader.read(str(path), Kind.ARCHIVE) if isinstance(fact, Needed)]
    assert (need.fix, need.no_fix_reason) == (None, reason)
    main(["check", "--isolated", str(path)])
    assert "fixable" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("extra", "left"),
    [
        (b"", b""),
        (b"UT\x01\x00x", b"UT\x01\x00x"),
        (b"\x01\x00\x10\x00" + bytes(16), b""),
        (b"UT\x01\x00x\x01\x00\x08\x00" + bytes(8) + b"ux\x00\x00", b"UT\x01\x00xux\x00\x00"),
        (b"UT\xff\xffx", b"UT\xff\xffx"),  # padding, which is nobody's field
        (b"\x01\x00\x11\x00" + bytes(16), None),
    ],
)
def test_sizes_of_64_bits_are_taken_out_of_a_local_header(extra: bytes, left: bytes | None) -> None:
    def header(extra: bytes) -> bytes:
        return b"PK\x03\x04" + bytes(22) + pack("<2H", 4, len(extra)) + b"x.so" + extra

    if left is None:
        with pytest.raises(MalformedBinary, match="contradict each other"):
            wheel._without_zip64(bytearray(header(extra)))
    else:
        assert wheel._without_zip64(bytearray(header(extra))) == header(left)
