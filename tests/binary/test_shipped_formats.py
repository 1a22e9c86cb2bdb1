"""What distributors ship beside wheels, made by their own tools where these are there."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import marshal
import random
import shutil
import struct
import subprocess
import sys
import tarfile
import time
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.binary.archives import one_file_programs, reading, seekable_stream
from no_libpython_dlopen.binary.archives.texts import TextMembers
from no_libpython_dlopen.binary.formats.random_access import bytes_reader
from no_libpython_dlopen.engine.discover import kind_by_content
from no_libpython_dlopen.model.facts import Bundled, Embedded, Needed, Unread
from no_libpython_dlopen.model.kind import Kind, kind_of
from tests.binary.made_elf import made_elf

MODULE = made_elf(64, "<", needed=["libpython3.12.so.1.0"])
LIBPYTHON = made_elf(64, "<", needed=[], soname="libpython3.12.so.1.0")
PLACE = "usr/lib/python3/dist-packages/spam"
EXTENSION = f"{PLACE}/_x.cpython-312-x86_64-linux-gnu.so"
#: What every package here installs: a module that needs libpython, a text, and prose.
FILES = {EXTENSION: MODULE, f"{PLACE}/a.py": b"x = 1\n", "usr/share/doc/spam": b"prose"}


def read(path: Path) -> tuple[list[str], dict[str, str]]:
    """Return the texts in an archive, and the facts of its members: their kind, by place."""
    assert (kind_of(str(path)) or kind_by_content(str(path))) is Kind.ARCHIVE or path.is_dir()
    facts = {}
    with TextMembers() as texts:
        for fact in reading.read(str(path), texts):
            assert isinstance(fact, Needed | Unread | Embedded | Bundled)
            facts[fact.member] = fact.reason if isinstance(fact, Unread) else type(fact).__name__
        return sorted(texts.kinds), facts


def write_tree(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


class HardLink(str):
    """The path of the file that a hard link in a tar archive is."""


def tar(entries: Mapping[str, bytes | str | None]) -> bytes:
    """Return a tar archive: bytes are files, a string is where a link leads, a folder ``None``."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, data in entries.items():
            info = tarfile.TarInfo(name)
            if isinstance(data, bytes):
                info.size = len(data)
            else:
                info.type = tarfile.DIRTYPE if data is None else tarfile.SYMTYPE
                info.linkname = data or ""
                if isinstance(data, HardLink):
                    info.type = tarfile.LNKTYPE
            archive.addfile(info, io.BytesIO(data) if isinstance(data, bytes) else None)
    return made.getvalue()


def ar(entries: Mapping[str, bytes]) -> bytes:
    """Return an ar archive, as ``.deb`` files are."""
    made = b"!<arch>\n"
    for name, data in entries.items():
        made += f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode()
        made += data + b"\n" * (len(data) % 2)
    return made


def needs(program: str) -> Callable[[str], str]:
    """Return a mark that skips a test where a program is missing."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"needs {program}")


EXPECTED = ([f"{PLACE}/a.py"], {EXTENSION: "Needed"})


# Debian


@needs("dpkg-deb")
@pytest.mark.parametrize("method", ["xz", "zstd", "gzip", "none"])
def test_a_debian_package_is_read(tmp_path: Path, method: str) -> None:
    control = (
        "Package: spam\nVersion: 1\nArchitecture: amd64\nMaintainer: a <a@b.c>\nDescription: x\n"
    )
    root = write_tree(tmp_path / "root", {**FILES, "DEBIAN/control": control.encode()})
    (root / "DEBIAN" / "postinst").write_text("#!/usr/bin/python3\n")
    (root / "DEBIAN" / "postinst").chmod(0o755)
    path = tmp_path / "spam.deb"
    command = ["dpkg-deb", "--root-owner-group", f"-Z{method}", "-b", str(root), str(path)]
    if subprocess.run(command, capture_output=True, check=False).returncode and method == "zstd":
        pytest.skip("this dpkg-deb has no zstd")
    assert read(path) == (["DEBIAN/postinst", *EXPECTED[0]], EXPECTED[1])
    path = path.rename(tmp_path / "without_suffix")
    assert read(path)[1] == EXPECTED[1]


CONTROL = {"debian-binary": b"2.0\n", "control.tar.xz": lzma.compress(tar({"./control": b""}))}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "the file is empty"),
        (b"x", "not an ar archive"),
        (ar({"x.tar": b"1" * 500})[:300], "truncated: it ends inside `x.tar`"),
        (ar(CONTROL) + b"\0" * 9, "truncated: it ends inside an entry's header"),
        (ar(CONTROL), "it has no data.tar"),
        (ar(CONTROL) + b"\0" * 60, "header is corrupt"),
        (ar({**CONTROL, "data.tar.xz": lzma.compress(tar(FILES))[:200]}), "data end too early"),
        (ar({**CONTROL, "data.tar.xz": b""}), "truncated: its compressed data end too early"),
        (ar({**CONTROL, "data.tar": b"x" * 2000}), "not a readable archive"),
    ],
    ids=[
        *("empty", "text", "cut entry", "cut header", "no data", "header", "truncated", "nothing"),
        "no tar",
    ],
)
def test_a_damaged_debian_package_is_told(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "x.deb"
    path.write_bytes(data)
    (reason,) = read(path)[1].values()
    assert problem in reason


def test_members_that_leave_the_package_are_not_read(tmp_path: Path) -> None:
    hostile = {"../../etc/a.py": b"x", "/abs/b.py": b"x", "ok/c.py": b"x", "ok/l.py": "../c.py"}
    path = tmp_path / "x.deb"
    path.write_bytes(ar({**CONTROL, "data.tar": tar(hostile)}))
    texts, facts = read(path)
    assert texts == ["ok/c.py"]
    assert facts == {
        "../../etc/a.py": "has a path that leaves the archive",
        "/abs/b.py": "has an absolute path",
    }


# RPM


def cpio(files: Mapping[str, bytes | str], magic: bytes = b"070701", mode: int = 0o100644) -> bytes:
    """Return a cpio archive: bytes are files, a string is where a link leads."""
    made, kind = b"", mode
    for name, content in [*files.items(), ("TRAILER!!!", b"")]:
        mode = kind if isinstance(content, bytes) else 0o120777
        data = content if isinstance(content, bytes) else content.encode()
        path = name.encode() + b"\0"
        fields = [1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path), 0]
        made += magic + b"".join(b"%08x" % field for field in fields) + path
        made += b"\0" * (-len(made) % 4) + data
        made += b"\0" * (-len(made) % 4)
    return made


def rpm(payload: bytes) -> bytes:
    def table(store: int) -> bytes:
        return b"\x8e\xad\xe8\x01" + struct.pack(">4xII", 1, store) + bytes(16 + store)

    signatures = table(5)
    return (
        b"\xed\xab\xee\xdb".ljust(96, b"\0")
        + signatures
        + b"\0" * (-len(signatures) % 8)
        + table(7)
        + payload
    )


@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress], ids=["cpio", "gz", "xz"])
def test_an_rpm_package_is_read(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    path = tmp_path / "spam.rpm"
    path.write_bytes(rpm(pack(cpio({f"./{name}": data for name, data in FILES.items()}))))
    assert read(path) == EXPECTED


@needs("rpmbuild")
@pytest.mark.slow
@pytest.mark.parametrize("method", ["w3.zstdio", "w9.gzdio", "w2.xzdio", "w9.bzdio"])
def test_a_package_of_rpmbuild_is_read(tmp_path: Path, method: str) -> None:
    root = write_tree(tmp_path / "root", FILES)
    spec = tmp_path / "spam.spec"
    spec.write_text(
        "Name: spam\nVersion: 1\nRelease: 1\nSummary: x\nLicense: MIT\n%description\nx\n"
        f"%install\nmkdir -p %{{buildroot}}; cp -r {root}/* %{{buildroot}}/\n%files\n/usr\n"
    )
    macros = {
        "_topdir": str(tmp_path / "top"),
        "_binary_payload": method,
        "debug_package": "%{nil}",
        "__os_install_post": "%{nil}",
        "_build_id_links": "none",
    }
    defined = [word for name, text in macros.items() for word in ("--define", f"{name} {text}")]
    subprocess.run(["rpmbuild", "-bb", "--quiet", *defined, str(spec)], check=True)
    (path,) = (tmp_path / "top" / "RPMS").rglob("*.rpm")
    assert read(path) == EXPECTED


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\xed\xab\xee\xdb", "truncated"),
        (rpm(b"")[:100], "truncated: it ends inside the tables before its payload"),
        (rpm(cpio(FILES, magic=b"07070X")), "not a cpio archive in the `newc` format"),
        (rpm(cpio(FILES)[:300]), "truncated: it ends after "),
        (rpm(cpio(FILES)[:50]), "truncated: its payload ends after 50 bytes"),
        (rpm(b""), "truncated: its payload ends after 0 bytes"),
        (rpm(cpio(FILES).replace(b"0", b"g", 20)), "not a cpio archive"),
        (
            rpm(cpio({"a": b""}).replace(b"00000002" + b"0" * 8, b"7fffffff" + b"0" * 8)),
            "a name of its payload is too long",
        ),
    ],
    ids=["lead", "table", "large files", "truncated", "header", "payload", "digits", "name"],
)
def test_a_damaged_rpm_package_is_told(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "x.rpm"
    path.write_bytes(data)
    assert any(problem in reason for reason in read(path)[1].values())


# Alpine


def test_an_alpine_package_is_read(tmp_path: Path) -> None:
    def segment(entries: Mapping[str, bytes]) -> bytes:
        return tar(entries).rstrip(b"\0")

    signed = tar({".SIGN.RSA.key": b"s"})[:1024]
    control = tar({".PKGINFO": b"p"})[:1024]
    path = tmp_path / "spam.apk"
    path.write_bytes(b"".join(map(gzip.compress, (signed, control, tar(FILES)))))
    assert read(path) == EXPECTED


def test_a_package_of_apk_tools_3_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.apk").write_bytes(b"ADBd" + bytes(200))
    (reason,) = read(tmp_path / "a.apk")[1].values()
    assert reason.startswith("a package of apk-tools 3, which is not read")


# Images of containers

LOWER = {
    "usr/": None,
    "usr/replaced.py": b"1",
    "usr/removed.py": b"1",
    "usr/folder/below.py": b"1",
    "usr/emptied/old.py": b"1",
    "usr/linked.py": b"1",
    "usr/becomes_file/x.py": b"1",
    "usr/kept.py": b"1",
    EXTENSION: MODULE,
}
UPPER = {
    "usr/replaced.py": b"2",
    "usr/.wh.removed.py": b"",
    "usr/.wh.folder": b"",
    "usr/emptied/.wh..wh..opq": b"",
    "usr/emptied/new.py": b"2",
    "usr/linked.py": "kept.py",
    "usr/becomes_file": b"2",
}
MERGED = (["usr/emptied/new.py", "usr/kept.py", "usr/replaced.py"], {EXTENSION: "Needed"})


def oci(*images: list[bytes], platform: bool = False) -> dict[str, bytes]:
    """Return the files of an OCI layout of images, each given by its layers."""
    files = {}

    def blob(data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        files[f"blobs/sha256/{digest}"] = data
        return f"sha256:{digest}"

    entries = []
    for number, layers in enumerate(images):
        kind = "application/vnd.oci.image.layer.v1.tar"
        described = [{"mediaType": kind, "digest": blob(layer)} for layer in layers]
        manifest: dict[str, object] = {"digest": blob(json.dumps({"layers": described}).encode())}
        if platform:
            manifest["platform"] = {"os": "linux", "architecture": f"a{number}"}
        entries.append(manifest)
    files["index.json"] = json.dumps({"manifests": entries}).encode()
    files["oci-layout"] = b"{}"
    return files


def docker(layers: list[bytes]) -> dict[str, bytes]:
    """Return the files of ``docker save`` before version 25."""
    names = [f"{number:064x}/layer.tar" for number in range(len(layers))]
    manifest = [{"Config": "c", "RepoTags": ["spam:1"], "Layers": names}]
    return {**dict(zip(names, layers, strict=True)), "manifest.json": json.dumps(manifest).encode()}


def crane(layers: list[bytes]) -> dict[str, bytes]:
    """Return the files that crane, kaniko and ko write, in their order."""
    config = f"sha256:{hashlib.sha256(b'{}').hexdigest()}"
    names = [f"{hashlib.sha256(layer).hexdigest()}.tar.gz" for layer in layers]
    manifest = [{"Config": config, "RepoTags": ["spam:1"], "Layers": names}]
    blobs = dict(zip(names, layers, strict=True))
    return {config: b"{}", **blobs, "manifest.json": json.dumps(manifest).encode()}


def jib(layers: list[bytes]) -> dict[str, bytes]:
    """Return the files that Jib writes, in its order."""
    names = [f"{hashlib.sha256(layer).hexdigest()}.tar.gz" for layer in layers]
    manifest = [{"Config": "config.json", "RepoTags": ["spam:1"], "Layers": names}]
    blobs = dict(zip(names, layers, strict=True))
    return {**blobs, "config.json": b"{}", "manifest.json": json.dumps(manifest).encode()}


def skopeo(layers: list[bytes], **more: bytes) -> dict[str, bytes]:
    """Return the files that skopeo writes to `dir:`."""
    blobs = {hashlib.sha256(blob).hexdigest(): blob for blob in (b"{}", *layers)}
    kind = "application/vnd.docker.image.rootfs.diff.tar.gzip"
    listed = [{"mediaType": kind, "digest": f"sha256:{digest}"} for digest in [*blobs][1:]]
    manifest = json.dumps({"schemaVersion": 2, "layers": listed}).encode()
    version = b"Directory Transport Version: 1.1\n"
    return {**blobs, "manifest.json": manifest, "version": version, **more}


def test_an_image_of_skopeo_in_a_directory_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load = b"import ctypes\nctypes.PyDLL('libpython3.11.so').Py_IsInitialized()\n"
    layer = gzip.compress(tar({"usr/a.py": load}))
    no_images = {"manifest.json": json.dumps({"manifests": []}).encode()}
    found = ":2:1: NLP101"
    for name, files, told, status in (
        ("image", skopeo([layer]), f"image!usr/a.py{found}", 1),
        ("two", skopeo([layer, gzip.compress(tar({"usr/.wh.a.py": b""}))]), "", 0),
        (
            "more",
            {**skopeo([layer]), **no_images},
            "more:1:1: NLP900 has images of several platforms",
            2,
        ),
        ("none", {"manifest.json": b"{}", "version": b"1\n", "a.py": load}, f"none/a.py{found}", 1),
    ):
        write_tree(tmp_path / name, files)
        assert (
            main(["check", "--isolated", "--output-format=concise", str(tmp_path / name)]) == status
        )
        assert told in capsys.readouterr().out


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["tar", "gz"])
@pytest.mark.parametrize("make", [oci, docker, crane, jib, skopeo])
@pytest.mark.parametrize("name", ["image.tar", "image.tar.gz"])
def test_upper_layers_hide_lower_ones(
    tmp_path: Path, name: str, make: Callable[..., dict[str, bytes]], pack: Callable[[bytes], bytes]
) -> None:
    data = tar(make([pack(tar(LOWER)), pack(tar(UPPER))]))
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    assert read(path) == MERGED


A, B, BELOW = b"1", b"2", "usr/x.py/y.py"
USR = "usr/lib/x.py"
MERGED_USR = {"lib": "usr/lib", USR: A}
#: As ``uv pip install`` leaves it: installed files are those of its cache.
UNLINKED = {"root/x.py": A, "usr/y.py": HardLink("root/x.py"), "usr/z.py": HardLink("root/x.py")}


@pytest.mark.parametrize(
    ("layers", "left"),
    [
        pytest.param([{"usr/x.py": A}, {"usr/x.py/": None}], [], id="file to folder"),
        pytest.param(
            [{"usr/x.py": A}, {"usr/x.py/": None, BELOW: B}], [BELOW], id="file to full folder"
        ),
        pytest.param([{"usr/x.py": A}, {BELOW: B}], [BELOW], id="folder without an entry"),
        pytest.param([{"usr/x.py": A}, {f"./{BELOW}": B}], [BELOW], id="with a dot"),
        pytest.param([{BELOW: A}, {"usr/x.py": B}], ["usr/x.py"], id="folder to file"),
        pytest.param([{BELOW: A}, {"usr/x.py": "z.py"}], [], id="folder to link"),
        pytest.param([{"usr/x.py": "z.py"}, {BELOW: B}], [BELOW], id="link to folder"),
        pytest.param([{"usr/x.py": A}, {"usr/x.py": "z.py"}], [], id="file to link"),
        pytest.param([{"usr/x.py": "z.py"}, {"usr/x.py": B}], ["usr/x.py"], id="link to file"),
        pytest.param([{BELOW: A}, {"usr/x.py": B}, {"usr/x.py/": None}], [], id="and back"),
        pytest.param(
            [{BELOW: A}, {"usr/x.py": B}, {"usr/x.py/z.py": B}], ["usr/x.py/z.py"], id="and filled"
        ),
        pytest.param(
            [{BELOW: A}, {"usr/x.py": "z.py"}, {"usr/x.py/": None}], [], id="a link between"
        ),
        pytest.param(
            [{BELOW: A}, {"usr/.wh.x.py": b""}, {"usr/x.py/": None}], [], id="removed, made anew"
        ),
        pytest.param([{BELOW: A}, {"usr/x.py/": None}], [BELOW], id="the folder again"),
        pytest.param(
            [{BELOW: A}, {"usr/x.py/": None, "usr/x.py/.wh..wh..opq": b""}], [], id="opaque"
        ),
        pytest.param(
            [{BELOW: A}, {"usr/.wh.x.py": b"", "usr/x.py/z.py": B}],
            ["usr/x.py/z.py"],
            id="removed and filled in one layer",
        ),
        pytest.param(
            [{"usr/x.py": A}, {"usr/.wh.x.py": b"", "usr/x.py": B}], ["usr/x.py"], id="same layer"
        ),
        pytest.param([{BELOW: A}, {".wh.usr": b""}], [], id="a folder above"),
        pytest.param([{BELOW: A}, {".wh..wh..opq": b""}], [], id="the root"),
        pytest.param([{BELOW: A}, {"usr/x.py/.wh.y": b""}], [BELOW], id="another name"),
        pytest.param([{BELOW: A}, {"usr//./x.py": B}], ["usr//./x.py"], id="another spelling"),
        pytest.param([{BELOW: A}, {"usr": A}, {BELOW: B}], [BELOW], id="a file far above"),
        pytest.param([{"usr/x.py": A}, {"usr/x.pyc": B}], ["usr/x.py"], id="a longer name"),
        pytest.param([MERGED_USR, {"lib/.wh.x.py": b""}], [], id="through a link, removed"),
        pytest.param([MERGED_USR, {"lib/.wh..wh..opq": b""}], [], id="through a link, emptied"),
        pytest.param([MERGED_USR, {"lib/x.py": B}], ["lib/x.py"], id="through a link, replaced"),
        pytest.param([MERGED_USR, {".wh.lib": b""}], [USR], id="only the link is removed"),
        pytest.param([MERGED_USR, {"lib/.wh.y.py": b""}], [USR], id="through a link, another"),
        pytest.param([MERGED_USR, {"lib/a/.wh.x.py": b""}], [USR], id="through a link, below"),
        pytest.param(
            [MERGED_USR, {"lib/": None, "lib/x.py": B}],
            ["lib/x.py", USR],
            id="a link to folder, full",
        ),
        pytest.param(
            [MERGED_USR, {".wh.lib": b""}, {"lib/.wh.x.py": b""}], [USR], id="a removed link"
        ),
        pytest.param(
            [{USR: A}, {"lib": "/usr/lib"}, {"lib/.wh.x.py": b""}], [], id="through a later link"
        ),
        pytest.param([{"a": "lib", **MERGED_USR}, {"a/.wh.x.py": b""}], [], id="through two links"),
        pytest.param(
            [{"lib": HardLink("usr/lib"), USR: A}, {"lib/.wh.x.py": b""}], [USR], id="no such link"
        ),
        pytest.param([UNLINKED, {"root/.wh.x.py": b""}], ["usr/y.py"], id="hard link, removed"),
        pytest.param([UNLINKED, {".wh.root": b""}], ["usr/y.py"], id="hard link, folder removed"),
        pytest.param(
            [UNLINKED, {"root/.wh..wh..opq": b""}], ["usr/y.py"], id="hard link, folder emptied"
        ),
        pytest.param(
            [UNLINKED, {"root/x.py": b""}], ["root/x.py", "usr/y.py"], id="hard link, replaced"
        ),
        pytest.param(
            [UNLINKED, {"usr/.wh.y.py": b""}], ["root/x.py"], id="hard link itself removed"
        ),
        pytest.param(
            [{"a1": A, "a2": HardLink("a1"), "usr/y.py": HardLink("a1")}, {".wh.a1": b""}],
            ["usr/y.py"],
            id="hard link, the removed file has no suffix",
        ),
        pytest.param(
            [UNLINKED, {".wh.root": b"", ".wh.usr": b""}], [], id="hard link, both removed"
        ),
        pytest.param([UNLINKED, {".wh.root": b""}, {".wh.usr": b""}], [], id="both, one by one"),
        pytest.param(
            [UNLINKED, {".wh.root": b""}, {"root/a.py": b""}],
            ["root/a.py", "usr/y.py"],
            id="hard link, removed folder made anew",
        ),
        pytest.param(
            [UNLINKED, {"a.py": b""}], ["a.py", "root/x.py"], id="hard link, nothing removed"
        ),
    ],
)
def test_a_layer_replaces_files_by_folders_and_back(
    tmp_path: Path, layers: list[dict[str, bytes | str | None]], left: list[str]
) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(tar(oci([tar(layer) for layer in layers])))
    assert read(path) == (left, {})


def zipped(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return made.getvalue()


LAYERS = [tar(LOWER), gzip.compress(tar(UPPER))]
NO_IMAGE = {"index.json": b"{}", "a.py": A}


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (oci(LAYERS), MERGED),
        ({f"layout/{name}": data for name, data in oci(LAYERS).items()}, MERGED),
        (docker(LAYERS), MERGED),
        (crane(LAYERS), MERGED),
        (jib(LAYERS), MERGED),
        (skopeo(LAYERS), MERGED),
        ({f"dd/{name}": data for name, data in skopeo(LAYERS).items()}, MERGED),
        (NO_IMAGE, (["a.py"], {})),
        ({**oci(LAYERS), "a.py": A}, (["a.py"], {})),
        ({"info/index.json": b"{}", "info/manifest.json": b"{}"}, ([], {})),
    ],
)
def test_an_image_in_a_zip_archive_is_read(
    tmp_path: Path, files: dict[str, bytes], found: tuple[list[str], dict[str, str]]
) -> None:
    path = tmp_path / "image.zip"
    path.write_bytes(zipped(files))
    assert read(path) == found
    outer = tmp_path / "outer.zip"
    outer.write_bytes(zipped({"image.zip": path.read_bytes()}))
    texts, facts = found
    assert read(outer) == (
        [f"image.zip!/{text}" for text in texts],
        {f"image.zip!{place}": kind for place, kind in facts.items()},
    )


SCRIPT = b"#!/usr/bin/python3\n"


@pytest.mark.parametrize("image", [False, True], ids=["tar", "image"])
@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ({"store/a1": A, "p/x.py": HardLink("store/a1")}, ["p/x.py"]),
        ({"./store/a1": A, "./p/x.py": HardLink("./store/a1")}, ["p/x.py"]),
        ({"store/a1": A, "p/a": HardLink("store/a1"), "p/x.py": HardLink("store/a1")}, ["p/x.py"]),
        ({"p/x.py": A, "store/a1": HardLink("p/x.py")}, ["p/x.py"]),
        ({"p/x.py": A, "p/y.py": HardLink("p/x.py")}, ["p/x.py"]),
        ({"store/a.txt": A, "p/CMakeLists.txt": HardLink("store/a.txt")}, ["p/CMakeLists.txt"]),
        ({"store/a1": A, "p/x.py": "../store/a1"}, ["p/x.py"]),
        ({"p/x.py": "../store/a1", "store/a1": A}, ["p/x.py"]),
        ({"bin/tool": SCRIPT, "p/tool.py": HardLink("bin/tool")}, ["bin/tool"]),
        ({"store/a1": A, "p/x.dat": HardLink("store/a1")}, []),
        ({"p/x.py": HardLink("store/a1")}, []),
        ({"p/x.py": "../../../etc/a1", "etc/a1": A}, []),
        ({"p/x.py": "x.py"}, []),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_text_is_known_by_the_name_of_a_link(
    tmp_path: Path,
    entries: dict[str, bytes | str | None],
    found: list[str],
    pack: Callable[[bytes], bytes],
    image: bool,
) -> None:
    data = tar(oci([tar(entries)])) if image else tar(entries)
    path = tmp_path / ("a.tar" if pack is bytes else "a.tar.gz")
    path.write_bytes(pack(data))
    assert read(path) == (found, {})


def test_a_module_whose_other_name_an_upper_layer_removes_is_read(tmp_path: Path) -> None:
    lower = {"root/_x.cpython-312-x86_64-linux-gnu.so": MODULE, EXTENSION: HardLink("")}
    lower[EXTENSION] = HardLink(next(iter(lower)))
    path = tmp_path / "image.tar"
    path.write_bytes(tar(oci([tar(lower), tar({".wh.root": b""})])))
    assert read(path) == ([], {EXTENSION: "Needed"})


def test_a_layer_that_comes_again_as_a_link_is_read(tmp_path: Path) -> None:
    """As ``docker save`` before version 25 writes what ``WORKDIR`` and the like make twice."""
    files = docker([tar({"etc/a": b""}), tar({"b.py": A}), b""])
    first, _, third, *_ = files
    path = tmp_path / "image.tar"
    path.write_bytes(tar({**files, third: f"../{first}"}))
    assert read(path) == (["b.py"], {})
    path.write_bytes(
        tar({f"layout/{name}": data for name, data in {**files, third: f"../{first}"}.items()})
    )
    assert read(path) == (["b.py"], {})
    path.write_bytes(tar({**files, third: "../../etc/passwd"}))
    assert read(path) == ([], {"": f"a file of the image is missing: {third}"})


def test_a_layout_in_a_folder_is_read(tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "layout", oci([tar(LOWER), tar(UPPER)]))
    assert read(folder) == MERGED


@pytest.mark.parametrize("kind", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT], ids=["gnu", "pax"])
@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz"])
@pytest.mark.parametrize("top", [".", "layout", "./layout"])
def test_a_layout_that_was_packed_as_a_folder_is_read(
    tmp_path: Path, name: str, kind: int, top: str
) -> None:
    """As ``tar -C layout -cf x.tar .`` does: the first entry is the folder, or its times."""
    folder = write_tree(tmp_path / "layout", oci([tar(LOWER), tar(UPPER)]))
    path = tmp_path / name
    mode = "w:gz" if name.endswith("gz") else "w"
    with tarfile.open(path, mode, format=kind) as packed:
        packed.add(folder, arcname=top)
    assert read(path) == MERGED


def test_several_images_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(tar(oci([tar({"a.py": b""})], [tar({"b.py": b""})], platform=True)))
    assert read(path)[0] == ["linux-a0/a.py", "linux-a1/b.py"]


def index_of(manifest: object, **more: bytes) -> bytes:
    return tar({"index.json": json.dumps(manifest).encode(), "oci-layout": b"{}", **more})


SELF = hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (index_of([]), "a manifest of the image is corrupt"),
        (index_of({"manifests": [{"digest": "sha256:../../../etc"}]}), "without a known digest"),
        (tar({**docker([tar(LOWER)]), "manifest.json": b'[{"Layers": ["../../x"]}]'}), "missing"),
        (tar({"manifest.json": b"{"}), "not valid JSON"),
        (tar({"manifest.json": b"[" * 100_000}), "not valid JSON"),
        (tar({"manifest.json": b'{"a": 1}'}), "corrupt"),
        (tar(docker([b"no tar" * 200])), "not a readable archive"),
        (tar(docker([gzip.compress(tar(LOWER))[:90]])), "truncated: its compressed data"),
    ],
    ids=["list", "digest", "path", "json", "deep", "object", "layer", "truncated"],
)
def test_a_damaged_image_is_told(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(data)
    (reason,) = read(path)[1].values()
    assert problem in reason


def test_a_truncated_image_that_is_compressed_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.tar.gz"
    path.write_bytes(gzip.compress(tar(docker([random.Random(1).randbytes(1 << 20)])))[:-5000])
    assert set(read(path)[1].values()) == {"truncated: its compressed data end too early"}


def test_indexes_that_lead_to_themselves_end(tmp_path: Path) -> None:
    files = {f"blobs/sha256/{SELF}": json.dumps({"manifests": [{"digest": f"sha256:{SELF}"}]})}
    encoded = {name: text.encode() for name, text in files.items()}
    path = tmp_path / "x.tar"
    path.write_bytes(index_of({"manifests": [{"digest": f"sha256:{SELF}"}] * 200}, **encoded))
    (reason,) = read(path)[1].values()
    assert "nested too deeply" in reason


@pytest.mark.parametrize("name", ["x.tar", "x.tar.gz"])
@pytest.mark.parametrize("top", ["info/index.json", "./app/manifest.json", "x/repositories"])
@pytest.mark.parametrize("more", [{}, {f"{PLACE}/a.py": b"x = 1\n"}], ids=["alone", "first"])
def test_a_folder_with_a_file_of_an_image_s_name_is_no_image(
    tmp_path: Path, name: str, top: str, more: dict[str, bytes]
) -> None:
    """As in packages of conda: ``info/index.json``."""
    path = tmp_path / name
    data = tar({top: b"{}", **more})
    path.write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    assert read(path) == (list(more), {})


CONFIG, PLAIN, LAYER = b"{}", tar({"a.py": A}), f"{'0' * 64}.tar"
FOUND_PLAIN: tuple[list[str], dict[str, str]] = ([f"{LAYER}!/a.py"], {})


def saved(manifest: object) -> dict[str, bytes]:
    """Return the files of what may be an image: a layer, ``config.json``, and a manifest."""
    files = {LAYER: PLAIN, "config.json": CONFIG}
    return {**files, "manifest.json": json.dumps(manifest).encode()}


@pytest.mark.parametrize("first", ["", "config.json"])
@pytest.mark.parametrize("folder", ["", "./", "app/"])
@pytest.mark.parametrize(
    ("files", "found"),
    [
        (saved([{"Config": "config.json", "Layers": [LAYER]}]), (["a.py"], {})),
        (saved([{"Config": "other.json", "Layers": [LAYER]}]), FOUND_PLAIN),
        (saved([{"Config": "config.json", "Layers": ["x.tar"]}]), FOUND_PLAIN),
        (saved([{"Config": "config.json", "Layers": []}]), FOUND_PLAIN),
        (saved([{"Config": "config.json"}]), FOUND_PLAIN),
        (saved([{"Config": "config.json", "Layers": [[]]}]), FOUND_PLAIN),
        (saved({"Config": "config.json", "Layers": [LAYER]}), FOUND_PLAIN),
        (saved([]), FOUND_PLAIN),
        (saved([1]), FOUND_PLAIN),
        (saved(None), FOUND_PLAIN),
        ({**saved([]), "manifest.json": b"no json"}, FOUND_PLAIN),
        ({LAYER: PLAIN, "config.json": CONFIG}, FOUND_PLAIN),
        ({LAYER: PLAIN, "config.json": CONFIG, "index.json": b"{}"}, FOUND_PLAIN),
        ({"config.json": CONFIG, "manifest.json": b"{}"}, ([], {})),
        ({"config.json": CONFIG, "manifest.json": b"{}", "a.py": A}, (["a.py"], {})),
        ({"config.json": CONFIG, "rootfs/a.py": A}, (["rootfs/a.py"], {})),
    ],
)
def test_only_a_manifest_makes_an_archive_with_a_config_an_image(
    tmp_path: Path,
    files: dict[str, bytes],
    found: tuple[list[str], dict[str, str]],
    folder: str,
    first: str,
) -> None:
    path = tmp_path / "x.tar"
    if first:
        files = {**{name: data for name, data in files.items() if name == first}, **files}
    path.write_bytes(tar({folder + name: data for name, data in files.items()}))
    texts, facts = found
    inside = "" if texts == ["a.py"] and LAYER in files else folder.removeprefix("./")
    assert read(path) == ([inside + text for text in texts], facts)


def test_a_package_of_conda_without_its_files_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x-1-0.conda"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("metadata.json", "{}")
    assert read(path) == ([], {"": "not a package of conda: it has no pkg-….tar.zst"})


def test_an_archive_with_a_manifest_further_behind_is_no_image(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(tar({"a.py": b"", "manifest.json": b"[]"}))
    assert read(path) == (["a.py"], {})
    path.write_bytes(tar({"manifest.json": b"[]", "a.py": b""}))
    assert read(path) == (["a.py"], {})


# squashfs

squashfs = [needs("mksquashfs"), needs("unsquashfs")]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    root = write_tree(tmp_path / "root", {**FILES, "a b/c\\d.py": b"1", "usr/big": bytes(300_000)})
    (root / "usr" / "hard.py").hardlink_to(root / PLACE / "a.py")
    (root / "usr" / "link.py").symlink_to("hard.py")
    path = tmp_path / "spam.snap"
    subprocess.run(["mksquashfs", str(root), str(path), "-quiet", "-no-progress"], check=True)
    return path


@needs("mksquashfs")
@needs("unsquashfs")
def test_a_path_in_an_image_may_have_a_line_break(tmp_path: Path) -> None:
    root = tmp_path / "root/folder R 1 2 3 4 5 6"
    root.mkdir(parents=True)
    (root / "two\nlines\\ R.py").write_text('import ctypes\nctypes.CDLL("libpython3.12.so")\n')
    (root / "b\n# START OF DATA").write_bytes(b"x")
    path = tmp_path / "a.squashfs"
    subprocess.run(["mksquashfs", root.parent, path, "-quiet", "-no-progress"], check=True)
    (told,) = subprocess.run(
        [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated", "-q",
         "--output-format=concise", "a.squashfs"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    ).stdout.splitlines()  # fmt: skip
    assert told.startswith(r"a.squashfs!folder R 1 2 3 4 5 6/two\nlines\ R.py:2:"), told


@needs("mksquashfs")
@needs("unsquashfs")
def test_links_of_many_words_take_no_square_of_their_length(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    for number in range(60):
        (root / f"a{number}").symlink_to("a\n" + " D" * 2000 + "  \nb")
    path = tmp_path / "a.squashfs"
    subprocess.run(["mksquashfs", root, path, "-quiet", "-no-progress"], check=True)
    begun = time.process_time()
    assert read(path) == ([], {})
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("mark", "names", "told"),
    [
        # It has an ISO image; without a suffix it is no program that is passed over.
        (b"AI\x01", ("a.AppImage", "a"), "an AppImage of type 1, which is not read"),
        (b"\0\0\0", ("a.AppImage", "a.appimage"), "not an AppImage, since `AI` is not at its byte 8"),
    ],
)  # fmt: skip
def test_an_appimage_that_is_not_read_is_named(
    mark: bytes, names: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    program = bytearray(Path(sys.executable).read_bytes()[:4096])
    program[8:11] = mark
    for name in names:
        (tmp_path / name).write_bytes(program)
        ran = subprocess.run(
            [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated", tmp_path / name],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 2
        assert f"NLP900 {told}" in ran.stdout


@needs("mksquashfs")
@needs("unsquashfs")
def test_a_squashfs_image_is_read(image: Path) -> None:
    texts, facts = read(image)
    assert facts == EXPECTED[1]
    assert len(texts) == 2
    assert "a b/c\\d.py" in texts
    appimage = image.with_name("spam")
    program = bytearray(Path("/bin/true").read_bytes())
    program[8:11] = b"AI\x02"
    appimage.write_bytes(bytes(program) + image.read_bytes())
    assert read(appimage) == (texts, facts)


NO_IMAGE = "not a readable squashfs image, perhaps truncated, or `unsquashfs` is too old"


@needs("mksquashfs")
@needs("unsquashfs")
@pytest.mark.parametrize("size", [4, 90, 96, 300])
def test_a_truncated_image_is_told(image: Path, size: int) -> None:
    image.write_bytes(image.read_bytes()[:size])
    assert read(image)[1] == {"": NO_IMAGE}


def test_a_missing_tool_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.snap"
    path.write_bytes(b"hsqs" + bytes(200))
    monkeypatch.setenv("PATH", "/nowhere")
    (reason,) = read(path)[1].values()
    assert reason.startswith("reading squashfs images needs the program `unsquashfs`")
    assert "install squashfs-tools" in reason


def test_a_system_without_numbers_of_open_files_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows, where a process cannot be given an open file by its number either."""
    path = tmp_path / "x.snap"
    path.write_bytes(b"hsqs" + bytes(200))
    name = "no_libpython_dlopen.binary.archives.squashfs._OPEN_FILES"
    monkeypatch.setattr(name, str(tmp_path / "none"))
    (reason,) = read(path)[1].values()
    assert reason.startswith("squashfs images are read on Unix only")


# PyInstaller


def one_file(files: Mapping[str, bytes], *, behind: bytes = b"", packed: bool = True) -> bytes:
    """Return a program of one file, as PyInstaller makes them."""
    data, table = b"", b""
    for name, content in {**files, "PYZ.pyz": b"PYZ\0"}.items():
        stored = zlib.compress(content) if packed else content
        kind = b"b" if ".so" in name else b"z" if name == "PYZ.pyz" else b"x"
        path = name.encode() + b"\0"
        path += b"\0" * (-(18 + len(path)) % 16)
        table += struct.pack(
            "!IIIIBc", 18 + len(path), len(data), len(stored), len(content), packed, kind
        )
        table += path
        data += stored
    length = len(data) + len(table) + 88
    name = b"libpython3.12.so.1.0".ljust(64, b"\0")
    record = struct.pack(
        "!8sIIII64s", b"MEI\014\013\012\013\016", length, len(data), len(table), 312, name
    )
    return Path(sys.executable).read_bytes()[:5000] + data + table + record + behind


PROGRAM = {"base_library.zip": b"PK\5\6" + bytes(18), "libpython3.12.so.1.0": LIBPYTHON}
#: No PyInstaller of today makes programs of this version.
OTHER = made_elf(64, "<", needed=["libpython3.7m.so.1.0"])


@pytest.mark.parametrize("packed", [True, False])
def test_a_program_of_one_file_is_read(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "app"
    files = {**PROGRAM, "spam/_x.abi3.so": MODULE, "_y.abi3.so": OTHER, "spam/a.py": b"x = 1\n"}
    path.write_bytes(one_file(files, behind=bytes(3000), packed=packed))
    # What the program loads itself is there when a module asks for it; another version is not.
    assert read(path) == (["spam/a.py"], {"_y.abi3.so": "Needed"})


def test_a_program_of_one_file_in_an_archive_is_read(tmp_path: Path) -> None:
    files = {**PROGRAM, "_y.abi3.so": OTHER, "a.bin": random.Random(1).randbytes(4 << 20)}
    program = one_file(files, packed=False)
    path = tmp_path / "release.tar.gz"
    path.write_bytes(
        gzip.compress(tar({"release/app": program, "release/small": program[:4000]}), 1)
    )
    assert read(path)[1] == {"release/app!_y.abi3.so": "Needed"}


def test_a_member_is_named_without_the_archive_that_it_is_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {**PROGRAM, "_y.abi3.so": OTHER, "a.bin": random.Random(1).randbytes(4 << 20)}
    (tmp_path / "a.tar").write_bytes(tar({"app": one_file(files, packed=False)}))
    assert main(["check", "--isolated", "--output-format=concise", str(tmp_path / "a.tar")]) == 1
    assert "a.tar!app!_y.abi3.so:1:1: NLP301 extension module `_y.abi3.so` needs" in (
        capsys.readouterr().out
    )


def test_a_program_of_one_folder_is_read(tmp_path: Path) -> None:
    inside = {**PROGRAM, "spam/_x.abi3.so": MODULE, "_y.abi3.so": OTHER}
    files = {f"app/_internal/{name}": data for name, data in inside.items()}
    path = tmp_path / "app.tar.gz"
    path.write_bytes(gzip.compress(tar(files)))
    assert read(path)[1] == {"app/_internal/_y.abi3.so": "Needed"}
    from no_libpython_dlopen.binary import reader

    folder = write_tree(tmp_path, files) / "app/_internal"
    assert list(reader.read(str(folder / "spam/_x.abi3.so"), Kind.BINARY)) == []
    assert list(reader.read(str(folder / "_y.abi3.so"), Kind.BINARY)) != []
    (folder / "libpython3.12.so.1.0").unlink()
    assert list(reader.read(str(folder / "spam/_x.abi3.so"), Kind.BINARY)) != []


#: A module of the standard library by PyInstaller 6 and 5: it tells the program's own version.
DYNLOAD = [
    "python3.12/lib-dynload/_bz2.cpython-312-x86_64-linux-gnu.so",
    "lib-dynload/_bz2.cpython-312-x86_64-linux-gnu.so",
]


@pytest.mark.parametrize("standard_module", DYNLOAD)
def test_a_second_libpython_that_was_packed_for_a_module_is_reported(
    tmp_path: Path, standard_module: str
) -> None:
    clean = made_elf(64, "<", needed=["libm.so.6"])
    other_libpython = made_elf(64, "<", needed=[], soname="libpython3.7m.so.1.0")
    files = {
        **PROGRAM,
        "libpython3.7m.so.1.0": other_libpython,
        "_x.abi3.so": MODULE,
        "_y.abi3.so": OTHER,
        "_z.abi3.so": made_elf(64, "<", needed=["libpython3.so"]),
        "libpython3.so": made_elf(64, "<", needed=[], soname="libpython3.so"),
        standard_module: clean,
    }
    (tmp_path / "app").write_bytes(one_file(files))
    both = {"_y.abi3.so": "Needed", "libpython3.7m.so.1.0": "Bundled"}
    assert read(tmp_path / "app") == ([], both)
    from no_libpython_dlopen.binary import reader

    folder = write_tree(tmp_path / "folder", {f"[app]/{name}": files[name] for name in files})
    reported = {
        path.name: fact.fails_on
        for path in (folder / "[app]").glob("*.so")
        for fact in reader.read(str(path), Kind.BINARY)
        if isinstance(fact, Needed)
    }
    told = "it loads the shipped copy as a second runtime on every interpreter"
    assert reported == {"_y.abi3.so": told}


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["--onefile", "--onedir"])
def test_a_program_of_pyinstaller_is_read(tmp_path: Path, mode: str) -> None:
    pytest.importorskip("PyInstaller")
    write_tree(tmp_path, {"app.py": b"print()\n", "_x.abi3.so": OTHER})
    command = [sys.executable, "-m", "PyInstaller", mode, "--log-level=ERROR", "app.py"]
    command += ["--add-binary=_x.abi3.so:.", "--add-data=app.py:."]
    subprocess.run(command, cwd=tmp_path, check=True)
    path = tmp_path / "dist" / "app"
    if mode == "--onefile":
        assert read(path) == (["app.py"], {"_x.abi3.so": "Needed"})
        return
    packed = tmp_path / "app.tar"
    with tarfile.open(packed, "w") as made:
        made.add(path, "app")
    assert read(packed)[1] == {"app/_internal/_x.abi3.so": "Needed"}


@pytest.mark.slow
@pytest.mark.parametrize("tool", ["shiv", "pex"])
def test_the_zipapps_of_tools_are_read(tmp_path: Path, tool: str) -> None:
    pytest.importorskip(tool)
    site = write_tree(tmp_path / "site", {"spam/_x.abi3.so": MODULE, "spam/a.py": b"x = 1\n"})
    path = tmp_path / "app"
    options = ["--site-packages", str(site)] if tool == "shiv" else ["-D", str(site)]
    command = [sys.executable, "-m", tool, *options, "-o", str(path)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    texts, facts = read(path)
    prefix = "site-packages/" if tool == "shiv" else ""
    assert f"{prefix}spam/a.py" in texts
    assert facts == {f"{prefix}spam/_x.abi3.so": "Needed"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda data: data.replace(struct.pack("!I", 32), bytes(4)), "contradicts itself"),
        (lambda data: data.replace(b"\x78\x9c", b"\x78\x00"), ""),
    ],
)
def test_a_damaged_program_is_told(
    tmp_path: Path, change: Callable[[bytes], bytes], problem: str
) -> None:
    path = tmp_path / "app"
    path.write_bytes(change(one_file({"_x.abi3.so": MODULE})))
    (reason,) = read(path)[1].values()
    assert problem in reason


_ONE, _OTHER = {"a.py": b"x = 1\n"}, {"spam/_x.abi3.so": MODULE}
#: What is behind the end of an archive, and whether the module in it is seen. tar leaves it unread:
#: it may be left of an older archive in the same file.
BEHIND_THE_END = {
    "x.apk": (b"".join(gzip.compress(tar(one)) for one in (_ONE, {".PKGINFO": b""}, _OTHER)), True),
    "far.apk": (gzip.compress(tar(_ONE) + bytes(1 << 19) + tar(_OTHER)), True),
    "note.apk": (gzip.compress(tar(_ONE) + b"a note\n" * 200), False),
    "x.tar": (tar(_ONE) + tar(_OTHER), False),
    "same.tar": (tar(_ONE) + tar(_ONE) + tar(_OTHER)[:700], False),
    "x.tar.gz": (gzip.compress(tar(_ONE)) + gzip.compress(tar(_OTHER)), False),
    "zeros.tar": (tar(_ONE) + bytes(2 << 20), False),
    "text.tar": (tar(_ONE) + b"a note\n" * 200, False),
    "short.tar": (tar(_ONE) + b"a note", False),
}


@pytest.mark.parametrize("name", BEHIND_THE_END)
def test_what_follows_the_end_of_a_tar_archive_is_read_in_packages_of_alpine(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    data, is_seen = BEHIND_THE_END[name]
    path.write_bytes(data)
    assert read(path) == (["a.py"], {"spam/_x.abi3.so": "Needed"} if is_seen else {})


#: How the files begin in a program that Nuitka made in one file, and what only looks so.
PAYLOADS = {
    "names": (b"KAXprog.bin\0\1\0\0\1\0\0\0\0\0", True),
    "compressed": (b"KAY\x28\xb5\x2f\xfd", True),
    "no name": (b"KAX\0", False),
    "a word": (b"KAXATSU and OKAY", False),
}


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("where", ["file", "in an archive"])
def test_a_one_file_program_of_nuitka_is_told(
    tmp_path: Path, payload: str, where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    begin, is_program = PAYLOADS[payload]
    data = Path("/bin/true").read_bytes() + bytes(50_000) + begin + bytes(4 << 20)
    path = tmp_path / "app"
    path.write_bytes(data)
    if where == "in an archive":
        path = tmp_path / "app.tar"
        path.write_bytes(tar({"bin/app": data}))
    status = main(["check", "--isolated", "--output-format=concise", str(path)])
    told = (
        "a one-file program of Nuitka, which is not read: check the folder"
        in capsys.readouterr().out
    )
    assert (status, told) == ((2, True) if is_program else (0, False))


BYTE_CODE = bytes.fromhex("a70d0d0a") + bytes(12) + marshal.dumps(compile("x = 1", "a.py", "exec"))
CLEAN = made_elf(64, "<", needed=["libc.so.6"])
#: The members of archives, and what NLP900 says of them if none can be checked.
NOT_READ: dict[str, tuple[dict[str, bytes], str]] = {
    "byte code": ({"spam/a.pyc": BYTE_CODE}, "byte code is not read"),
    "a wheel": (
        {
            "a.pyc": BYTE_CODE,
            "a-1.dist-info/RECORD": b"",
            "a-1.dist-info/WHEEL": b"",
            "x.png": b"P",
        },
        "byte code is not read",
    ),
    "in a zip": ({"library.zip": b"", "README": b"x"}, "byte code is not read"),
    "an archive": ({"a.7z": b"7z\xbc\xaf\x27\x1c"}, "archives of other formats are not read"),
    "a package": ({"a/x.nupkg": b"PK\3\4", "a/README.md": b""}, "archives of other formats"),
    "a tar archive": ({"a.tar.lz4": b'\4"M\x18'}, "archives of other formats are not read"),
    "both": ({"x.rar": b"Rar!", "a.pyo": BYTE_CODE}, "archives of other formats are not read and"),
    "an installer": (
        {"setup.msi": b"\xd0\xcf", "LICENSE": b"x", "x.txt": b"x"},
        "archives of other",
    ),
    "byte code beside data": ({"a.7z": b"7z", "a.pyc": BYTE_CODE, "x.png": b"P"}, "byte code is"),
    "an image of a disk beside data": ({"scan.iso": b"CD001", "table.csv": b"1,2"}, ""),
    "a wheel with an archive as data": (
        {"a/x.7z": b"7z", "a/__init__.pyi": b"x: int\n", "a-1.dist-info/METADATA": b"x"},
        "",
    ),
    "with its source": ({"a.py": b"x = 1\n", "__pycache__/a.cpython-311.pyc": BYTE_CODE}, ""),
    "beside a library": ({"a.pyc": BYTE_CODE, "_x.abi3.so": CLEAN}, ""),
    "beside a build file": ({"a.pyc": BYTE_CODE, "setup.cfg": b""}, ""),
    "beside a script": ({"a.pyc": BYTE_CODE, "run": b"#!/bin/sh\n"}, ""),
    "beside an archive that is read": ({"a.iso": b"", "in.zip": zipped({"a.py": b"x = 1\n"})}, ""),
    "data": ({"a.png": b"P", "METADATA": b"x", "x.txt": b"x"}, ""),
    "pages of a manual": ({"usr/share/man/a.1.gz": gzip.compress(b"x"), "a.npz": b"PK\3\4"}, ""),
    "nothing": ({}, ""),
}


@pytest.mark.parametrize("what", NOT_READ)
def test_an_archive_in_which_nothing_is_read_is_told(
    tmp_path: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files, told = NOT_READ[what]
    if "library.zip" in files:
        files = {**files, "library.zip": zipped({"spam/a.pyc": BYTE_CODE})}
    path = tmp_path / "x.tar"
    path.write_bytes(tar(files))
    for given in (path, tmp_path):
        is_reported = bool(told) and given == path  # what nobody names may be data
        assert main(["check", "--isolated", str(given)]) == (2 if is_reported else 0)
        out = capsys.readouterr().out
        assert f"nothing in it was checked: {told}" in out if is_reported else "NLP900" not in out
        assert ("No findings" in out) is not is_reported


def test_a_zip_archive_of_byte_code_is_told_where_it_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """PyInstaller and cx_Freeze leave one in what they build; in a wheel it is what is shipped."""
    path = tmp_path / "dist/app/base_library.zip"
    path.parent.mkdir(parents=True)
    path.write_bytes(zipped({"os.pyc": BYTE_CODE}))
    assert main(["check", "--isolated", str(tmp_path)]) == 0
    assert "NLP900" not in capsys.readouterr().out
    assert main(["check", "--isolated", str(path)]) == 2
    path.rename(path.with_name("a-1-py3-none-any.whl"))
    assert main(["check", "--isolated", str(tmp_path)]) == 2
    assert capsys.readouterr().out.count("nothing in it was checked: byte code is not read") == 2


def test_pyinstaller_s_archive_of_byte_code_is_no_zipapp(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """PyInstaller leaves it in ``build``."""
    path = write_tree(tmp_path, {"build/app/PYZ-00.pyz": b"PYZ\0" + bytes(99), "a.py": b""})
    assert main(["check", "--isolated", str(path)]) == 0
    assert main(["check", "--isolated", str(path / "build/app/PYZ-00.pyz")]) == 2
    assert "PyInstaller's archive of byte code, which is not read" in capsys.readouterr().out
    (path / "build/app/b.pyz").write_bytes(b"PK")
    assert main(["check", "--isolated", str(path)]) == 2


#: What stands at a program's end, and whether that is a zip archive.
ENDS = {
    "an archive": (zipped({"a.py": b"x = 1\n"}), True),
    "an archive with bytes behind it": (zipped({"a.py": b"x = 1\n"}) + b"signature", True),
    "an archive without members": (zipped({}), False),
    "the record alone": (zipped({"a.py": b"x = 1\n"})[-22:], False),
    "its first bytes": (b"PK\5\6", False),
    "its first bytes in a text": (
        b"no PK\5\6 in here, which a program may have\0" + bytes(99),
        False,
    ),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_program_that_ends_in_a_zip_archive_is_one_on_disk_and_in_archives(
    tmp_path: Path, end: str
) -> None:
    data, is_archive = ENDS[end]
    for name, begin in (("app", CLEAN + bytes(4 << 20)), ("run", b"#!/bin/sh\nexit\n")):
        (tmp_path / name).write_bytes(begin + data)
        (tmp_path / "x.tar").write_bytes(tar({f"bin/{name}": begin + data}))
        assert (kind_by_content(str(tmp_path / name)) is Kind.ARCHIVE) is is_archive
        assert (f"bin/{name}!/a.py" in read(tmp_path / "x.tar")[0]) is is_archive


def test_a_record_that_leads_nowhere_is_none(tmp_path: Path) -> None:
    record = struct.pack("!8sIIII64s", b"MEI\014\013\012\013\016", 1 << 31, 0, 0, 312, b"")
    assert (
        one_file_programs.find_program(bytes_reader(b"\x7fELF" + record), 4 + len(record)) is None
    )
    assert one_file_programs.find_program(bytes_reader(record[:40]), 40) is None


# Bounds


def test_the_number_of_archives_in_an_archive_is_bounded() -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as made:
        made.writestr("a", b"")
    data = tar({f"{number}.zip": inner.getvalue() for number in range(5_100)})
    facts = list(reading.facts("x.tar", io.BytesIO(data), len(data), texts=None))
    assert [type(fact) for fact in facts] == [Unread]
    assert "holds more than 5,000 archives" in str(facts)


def test_an_inner_archive_is_not_kept_in_memory() -> None:
    inner = gzip.compress(tar({"a.bin": random.Random(1).randbytes(40 << 20)}), 0)
    data = tar({"x.tar.gz": inner})
    tracemalloc.start()
    try:
        assert list(reading.facts("x.tar", io.BytesIO(data), len(data))) == []
        assert tracemalloc.get_traced_memory()[1] < 32 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["a.py", "usr/.wh.a"])
def test_paths_that_no_system_takes_are_not_climbed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(tar(docker([tar({}), tar({f"{'d/' * 30_000}{name}": b"", "b.py": b""})])))
    texts, facts = read(path)
    assert texts == ["b.py"]
    assert set(facts.values()) == {"has a path of more than 4,096 characters"}


def test_a_program_s_folders_are_looked_up_at_once() -> None:
    files = {f"{number}/base_library.zip": b"" for number in range(3_000)}
    files |= {f"x/{number}.abi3.so": MODULE for number in range(3_000)}
    data = tar(files)
    started = time.process_time()
    facts = list(reading.facts("x.tar", io.BytesIO(data), len(data)))
    assert sum(isinstance(fact, Needed) for fact in facts) == 3_000
    assert time.process_time() - started < 20


# All of them, damaged


MADE = {
    "x.deb": ar({**CONTROL, "data.tar.xz": lzma.compress(tar(FILES))}),
    "x.rpm": rpm(cpio(FILES)),
    "y.rpm": rpm(gzip.compress(cpio(FILES))),
    "x.tar": tar(oci([tar(LOWER), tar(UPPER)])),
    "y.tar": tar(docker([tar(LOWER), gzip.compress(tar(UPPER))])),
    "app": one_file({**PROGRAM, "_x.abi3.so": MODULE}),
}


@pytest.mark.parametrize("name", MADE)
def test_damage_is_told_and_never_a_traceback(name: str) -> None:
    chance = random.Random(7)
    for _ in range(60):
        data = bytearray(MADE[name])
        for _ in range(chance.randrange(1, 20)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        cut = data[: chance.randrange(len(data)) if chance.random() < 0.3 else len(data)]
        with TextMembers() as texts:
            for fact in reading.facts(name, io.BytesIO(bytes(cut)), len(cut), texts=texts):
                assert isinstance(fact, Needed | Unread | Embedded | Bundled)


BOMB = {"a.py": bytes(8 << 20)}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.deb", ar({**CONTROL, "data.tar.xz": lzma.compress(tar(BOMB))})),
        ("x.rpm", rpm(gzip.compress(cpio(BOMB)))),
        ("x.tar", tar(docker([gzip.compress(tar(BOMB))]))),
        ("x.tar.gz", gzip.compress(tar(docker([tar(BOMB)])))),
        ("app", one_file(BOMB)),
        ("x.tar.xz", lzma.compress(tar({"x.deb": ar({"data.tar.xz": lzma.compress(tar(BOMB))})}))),
    ],
    ids=["deb", "rpm", "layer", "image", "program", "inner"],
)
def test_what_is_inflated_is_bounded(
    name: str, data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seekable_stream, "_ARCHIVE_FLOOR", 1 << 20)
    with TextMembers() as texts:
        facts = list(reading.facts(name, io.BytesIO(data), len(data), texts=texts))
    reasons = [fact.reason for fact in facts if isinstance(fact, Unread)]
    assert any("inflates to more than 50 times its size" in reason for reason in reasons)


def test_every_inner_archive_can_be_sought_in() -> None:
    zstandard = pytest.importorskip("zstandard")
    conda, lzma_zip = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(conda, "w") as made:
        made.writestr("pkg-x.tar.zst", zstandard.compress(tar({"lib/a.py": b"x"})))
    with zipfile.ZipFile(lzma_zip, "w", zipfile.ZIP_LZMA) as made:
        made.writestr("b.py", "x")
    data = tar({"x.conda": conda.getvalue(), "y.zip": lzma_zip.getvalue()})
    with TextMembers() as texts:
        assert list(reading.facts("x.tar", io.BytesIO(data), len(data), texts=texts)) == []
        assert list(texts.kinds) == ["x.conda!/lib/a.py", "y.zip!/b.py"]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("x.deb", MADE["x.deb"], "`md5sums` and the index of its repository contain its hashes"),
        ("x.rpm", MADE["x.rpm"], "its header contains hashes of its files, and a signature"),
        ("x.tar", MADE["x.tar"], "hashes of what it contains may be kept"),
        ("x.tar.bz2", bz2.compress(tar(FILES)), "`info/paths.json` of a conda package"),
        ("x.tgz", gzip.compress(tar(FILES)), "hashes of what it contains may be kept"),
    ],
    ids=["deb", "rpm", "image", "conda", "tar"],
)
def test_why_it_is_not_rewritten_is_told(
    name: str, data: bytes, reason: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-m", "no_libpython_dlopen", "fix", "--isolated", name]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert f"no fix: it is not rewritten, since {reason}" in done.stdout
    assert "build it again from fixed sources" in done.stdout
    assert (tmp_path / name).read_bytes() == data
