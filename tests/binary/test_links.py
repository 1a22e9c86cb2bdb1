"""One binary under several names: links in a directory, in packages and in images."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from tests.binary.made_elf import made_elf
from tests.binary.test_shipped_formats import CONTROL, ar, cpio, docker, oci, rpm, tar

#: It defines ``PyInit_x``, and starts no interpreter: a module by any name.
MODULE = made_elf(64, "<", needed=["libpython3.12.so.1.0"])
#: A library that starts Python and defines a module that has not the file's own name.
HOST_CODE = "void Py_Initialize(void); void *PyInit_x(void) { Py_Initialize(); return 0; }\n"
Entries = Mapping[str, "bytes | str | None"]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("host")
    (folder / "host.c").write_text(HOST_CODE)
    (folder / "stub.c").write_text("int stub;\n")
    gcc = ["gcc", "-shared", "-fPIC", "-Wl,--no-as-needed"]
    stub, library = folder / "libpython3.12.so.1.0", folder / "libhost.so.1"
    try:
        subprocess.run(
            [*gcc, folder / "stub.c", f"-Wl,-soname,{stub.name}", "-o", stub], check=True
        )
        subprocess.run([*gcc, folder / "host.c", stub, "-o", library], check=True)
    except OSError:
        pytest.skip("gcc is not installed")
    return library.read_bytes()


def in_tree(folder: Path, entries: Entries) -> Path:
    root = folder / "root"
    for name, data in entries.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(data, bytes):
            path.write_bytes(data)
        else:
            path.symlink_to(data or "")
    return root


def made(name: str, pack: Callable[[bytes], bytes]) -> Callable[[Path, Entries], Path]:
    def make(folder: Path, entries: Entries) -> Path:
        (folder / name).write_bytes(pack(tar(entries)))
        return folder / name

    return make


def two_layers(folder: Path, entries: Entries) -> Path:
    """The files in the lower layer, the links in the upper one."""
    files = {name: data for name, data in entries.items() if isinstance(data, bytes)}
    links = {name: data for name, data in entries.items() if not isinstance(data, bytes)}
    (folder / "image.tar").write_bytes(tar(oci([tar(files), gzip.compress(tar(links))])))
    return folder / "image.tar"


def in_rpm(folder: Path, entries: Entries) -> Path:
    (folder / "a.rpm").write_bytes(rpm(cpio({f"./{n}": d for n, d in entries.items() if d})))
    return folder / "a.rpm"


def in_image(folder: Path, entries: Entries) -> Path:
    if not (shutil.which("mksquashfs") and shutil.which("unsquashfs")):
        pytest.skip("needs squashfs-tools")
    command = ["mksquashfs", str(in_tree(folder, entries)), str(folder / "a.squashfs")]
    subprocess.run([*command, "-quiet", "-no-progress"], check=True)
    return folder / "a.squashfs"


FORMS = {
    "rpm": in_rpm,
    "squashfs": in_image,
    "tree": in_tree,
    "tar": made("a.tar", bytes),
    "tar.xz": made("a.tar.xz", lzma.compress),
    "deb": made("a.deb", lambda data: ar({**CONTROL, "data.tar.xz": lzma.compress(data)})),
    "docker": made("a.tar", lambda data: tar(docker([data]))),
    "layers": two_layers,
}


def found_in(path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, bool]:
    """Return the places of findings below a path, and whether they have a fix."""
    main(["check", "--isolated", "--output-format=json", str(path)])
    findings = json.loads(capsys.readouterr().out)
    assert {finding["code"] for finding in findings} <= {"NLP301"}
    places = [finding["filename"].removeprefix(f"{path}").lstrip("/!") for finding in findings]
    assert len(set(places)) == len(places), places
    return dict(zip(places, [finding["fix"] is not None for finding in findings], strict=True))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("entries", "place"),
    [
        # By its own name, whatever links lead to it and where they stand in the order.
        ({"a/_x.so": "../b/x.so", "b/x.so": MODULE, "c.so": "b/x.so"}, "b/x.so"),
        ({"b/x.so": MODULE, "c.so": "d.so", "d.so": "/b/x.so"}, "b/x.so"),
        # By no name of its own: the first link is told, and the second is not.
        ({"p/x.so": "../libhost.so.1", "p/z/x.so": "../x.so", "libhost.so.1": None}, "p/x.so"),
        ({"p/x.cpython-312-x86_64-linux-gnu.so": "../l/libhost.so.1", "l/libhost.so.1": None},
         "p/x.cpython-312-x86_64-linux-gnu.so"),
        # A library's versioned name is none that Python imports.
        ({"x.so": "x.so.1", "x.so.1": None, "p/x.so": "../x.so.1"}, "p/x.so"),
        ({"x.so.1": None}, ""),
        # What links have no name of a module is none.
        ({"libhost.so": "libhost.so.1", "libhost.so.1": None}, ""),
        # Links that lead nowhere, out, or to themselves.
        ({"x.so": "nowhere", "y.so": "../../../../libhost.so.1", "z.so": "z.so",
          "v.so": "w.so", "w.so": "v.so"}, ""),
    ],
    ids=["own name", "chain", "two links", "tagged", "versioned", "alone", "library", "nowhere"],
)  # fmt: skip
def test_one_file_is_told_once(
    form: str,
    entries: dict[str, bytes | str | None],
    place: str,
    host: bytes,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    whole = {name: host if data is None else data for name, data in entries.items()}
    if form == "tree":  # an absolute link would lead out of it
        whole = {n: d.replace("/b/", "b/") if d == "/b/x.so" else d for n, d in whole.items()}  # type: ignore[union-attr,arg-type]
    found = found_in(FORMS[form](tmp_path, whole), capsys)
    assert set(found) == ({place} if place else set())
    # A host is not edited, nor what an archive of this kind has.
    assert set(found.values()) <= {form == "tree" and None not in entries.values()}


@pytest.mark.parametrize("long", [False, True])
@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_links_of_every_form_of_tar_are_followed(
    form: int, long: bool, host: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if long and form == tarfile.USTAR_FORMAT:
        pytest.skip("it has no long links")
    folder = "d" * 90 + "/" + "e" * 90 if long else "d"
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=form) as archive:
        info = tarfile.TarInfo(f"{folder}/libhost.so.1")
        info.size = len(host)
        archive.addfile(info, io.BytesIO(host))
        for name, kind in (("x.so", tarfile.SYMTYPE), ("hard/x.so", tarfile.LNKTYPE)):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = kind, f"{folder}/libhost.so.1"
            archive.addfile(link)
    (tmp_path / "a.tar").write_bytes(data.getvalue())
    assert set(found_in(tmp_path / "a.tar", capsys)) == {"hard/x.so"}


def test_a_named_link_is_told_and_a_fix_goes_through_it_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The build's folder is passed over: only the link leads to what is in it."""
    root = in_tree(tmp_path, {"build/x.so": MODULE, "pkg/x.so": "../build/x.so", "setup.py": b""})
    (root / "again").mkdir()
    (root / "again/x.so").symlink_to("../build/x.so")
    assert set(found_in(root / "pkg/x.so", capsys)) == {""}
    assert set(found_in(root, capsys)) == {"again/x.so"}
    ran = subprocess.run(
        [sys.executable, "-m", "no_libpython_dlopen", "fix", "--isolated", str(root)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Fixed 1 finding in 1 file" in ran.stdout
    assert os.path.islink(root / "pkg/x.so")
    assert (root / "build/x.so").read_bytes() != MODULE
    assert main(["check", "--isolated", str(root)]) == 0


def hard_linked_cpio(names: list[str], data: bytes) -> bytes:
    """Return a cpio archive of one file with several names: the last one has the content."""
    made = b""
    for number, name in enumerate([*names, "TRAILER!!!"], 1):
        content = data if number == len(names) else b""
        path = b"./" + name.encode() + b"\0" if number <= len(names) else b"TRAILER!!!\0"
        fields = [7, 0o100755, 0, 0, len(names), 0, len(content), 8, 1, 0, 0, len(path), 0]
        made += b"070701" + b"".join(b"%08x" % field for field in fields) + path
        made += b"\0" * (-len(made) % 4) + content
        made += b"\0" * (-len(made) % 4)
    return made


def hard_linked_rpm(folder: Path, names: list[str], data: bytes) -> Path:
    (folder / "a.rpm").write_bytes(rpm(hard_linked_cpio(names, data)))
    return folder / "a.rpm"


def hard_linked_image(folder: Path, names: list[str], data: bytes) -> Path:
    if not (shutil.which("mksquashfs") and shutil.which("unsquashfs")):
        pytest.skip("needs squashfs-tools")
    first, *others = in_tree(folder, {names[0]: data}).rglob("*.so*")
    assert not others
    for name in names[1:]:
        (folder / "root" / name).parent.mkdir(exist_ok=True, parents=True)
        (folder / "root" / name).hardlink_to(first)
    return in_image(folder, {})


@pytest.mark.parametrize("pack", [hard_linked_rpm, hard_linked_image])
@pytest.mark.parametrize("names", [["a/libhost.so.1", "p/x.so"], ["p/x.so", "z/libhost.so.1"]])
def test_hard_links_are_names_of_one_file(
    pack: Callable[[Path, list[str], bytes], Path],
    names: list[str],
    host: bytes,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert set(found_in(pack(tmp_path, names, host), capsys)) == {"p/x.so"}
    other = tmp_path / "other"
    other.mkdir()
    assert not found_in(pack(other, ["a/libhost.so.1", "b/libhost.so"], host), capsys)


@pytest.mark.parametrize("names", [["store/a1", "p/x.py"], ["p/x.py", "store/a1"]])
def test_a_text_in_a_package_is_known_by_one_of_its_names(
    names: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = hard_linked_rpm(tmp_path, names, b"import ctypes\nctypes.PyDLL('libpython3.11.so')\n")
    assert main(["check", "--isolated", "--output-format=concise", str(path)]) == 1
    assert f"{path}!p/x.py:2:" in capsys.readouterr().out
