"""Packages that the tools of distributors make: of Alpine, Arch, conda, Debian and RPM."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.binary.archives import members, reading, seekable_stream
from no_libpython_dlopen.binary.archives.texts import TextMembers
from no_libpython_dlopen.model.facts import Unread
from tests.binary.made_elf import made_elf
from tests.binary.test_shipped_formats import MODULE, needs, tar, write_tree

LOAD = b'import ctypes\n\nlib = ctypes.CDLL("libpython3.12.so.1.0")\n'
CLEAN = made_elf(64, "<", needed=["libc.so.6"])
PACKAGE = "lib/python3.12/site-packages/spam"
FILES = {
    f"{PACKAGE}/_x.cpython-312-x86_64-linux-musl.so": MODULE,
    f"{PACKAGE}/_clean.cpython-312-x86_64-linux-musl.so": CLEAN,
    f"{PACKAGE}/load.py": LOAD,
    f"{PACKAGE}/other.py": b'print("libpython3.12.so.1.0")\n',
}
FOUND = {
    (f"{PACKAGE}/_x.cpython-312-x86_64-linux-musl.so", "NLP301"),
    (f"{PACKAGE}/load.py", "NLP101"),
}


def tool(name: str) -> str:
    """Return the path of a tool that is installed beside this Python, or skip."""
    beside = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
    found = shutil.which(name, path=beside)
    if found is None:
        pytest.skip(f"needs {name}")
    return found


def check(path: Path, capsys: pytest.CaptureFixture[str]) -> set[tuple[str, str]]:
    """Return the members of an archive with findings, each with the rule."""
    assert main(["check", "--isolated", "--quiet", "--output-format=concise", str(path)]) == 1
    lines = (line.partition("!")[2] for line in capsys.readouterr().out.splitlines())
    return {(line.partition(":")[0], line.split()[1]) for line in lines}


@pytest.mark.parametrize("packager", ["apk", "archlinux", "deb", "rpm"])
def test_a_package_of_nfpm_is_read(
    tmp_path: Path, packager: str, capsys: pytest.CaptureFixture[str]
) -> None:
    nfpm = tool("nfpm")
    write_tree(tmp_path / "tree", FILES)
    recipe = {
        "name": "spam",
        "version": "1.2.3",
        "arch": "amd64",
        "maintainer": "Spam <spam@example.org>",
        "description": "A package.",
        "contents": [{"src": "tree/lib", "dst": "/usr/lib", "type": "tree"}],
    }
    if shutil.which("openssl"):  # a signed package begins with an archive of its own
        command = ["openssl", "genrsa", "-out", "key.pem", "2048"]
        subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
        recipe["apk"] = {"signature": {"key_file": "key.pem", "key_name": "spam"}}
    (tmp_path / "nfpm.yaml").write_text(json.dumps(recipe))  # JSON is YAML
    made = [nfpm, "package", "--packager", packager, "--target", "."]
    subprocess.run(made, cwd=tmp_path, check=True, capture_output=True)
    (path,) = tmp_path.glob("spam[-_]*")
    assert check(path, capsys) == {(f"usr/{name}", code) for name, code in FOUND}


def package_of_conda(folder: Path, suffix: str, prefix: Path) -> Path:
    """Pack a prefix with conda's own tool, with the hashes of its files."""
    cph = tool("cph")
    files = sorted(str(path.relative_to(prefix)) for path in prefix.rglob("*") if path.is_file())
    index = {"name": "spam", "version": "1.2.3", "build": "py312_0", "build_number": 0}
    hashes = [(name, hashlib.sha256((prefix / name).read_bytes()).hexdigest()) for name in files]
    paths = [{"_path": name, "path_type": "hardlink", "sha256": digest} for name, digest in hashes]
    about = {
        "info/index.json": {**index, "subdir": "linux-64", "depends": ["python >=3.12"]},
        "info/paths.json": {"paths": paths, "paths_version": 1},
    }
    write_tree(prefix, {name: json.dumps(value).encode() for name, value in about.items()})
    write_tree(prefix, {"info/files": "\n".join(files).encode()})
    path = folder / f"spam-1.2.3-py312_0.{suffix}"
    command = [cph, "create", str(prefix), path.name, "--out-folder", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return path


@pytest.mark.parametrize("suffix", ["conda", "tar.bz2"])
def test_a_package_of_conda_is_read(
    tmp_path: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = package_of_conda(tmp_path, suffix, write_tree(tmp_path / "prefix", FILES))
    assert check(path, capsys) == FOUND


RUNTIME, HELP = "lib/libpython3.12.so.1.0", "lib/libhelp.so"
#: What gcc makes, in order: its path, source, and what it is linked to.
BUILT = {
    RUNTIME: ("int Py_IsInitialized(void) { return 0; }", ()),
    HELP: ("int Py_IsInitialized(void); int f(void) { return Py_IsInitialized(); }", (RUNTIME,)),
    f"{PACKAGE}/_x.abi3.so": ("void *PyInit__x(void) { return 0; }", (RUNTIME,)),
    f"{PACKAGE}/_y.abi3.so": ("int f(void); void *PyInit__y(void) { f(); return 0; }", (HELP,)),
    f"{PACKAGE}/_z.abi3.so": ("void *PyInit__z(void) { return 0; }", ()),
}


@needs("gcc")
@pytest.mark.parametrize("suffix", ["conda", "tar.bz2"])
@pytest.mark.parametrize("ships", [False, True], ids=["", "with libpython"])
def test_a_package_of_conda_is_reported_and_not_rewritten(
    tmp_path: Path, suffix: str, ships: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    prefix = write_tree(tmp_path / "prefix", {f"{PACKAGE}/load.py": LOAD, RUNTIME: b""})
    for name, (code, needed) in BUILT.items():
        options = ["-shared", "-fPIC", "-Wl,--no-as-needed", f"-Wl,-soname,{Path(name).name}"]
        options += ["-Wl,-rpath,$ORIGIN/../../..", "-Wl,-rpath,$ORIGIN/../../../.."]
        places = [str(prefix / place) for place in needed]
        command = ["gcc", "-xc", "-", "-xnone", *options, *places, "-o", str(prefix / name)]
        subprocess.run(command, input=code.encode(), check=True)
    if not ships:
        (prefix / RUNTIME).unlink()
    path = package_of_conda(tmp_path, suffix, prefix)
    expected = {(f"{PACKAGE}/{name}.abi3.so", "NLP301") for name in ("_x", "_y")}
    expected |= {(f"{PACKAGE}/load.py", "NLP101")}
    assert check(path, capsys) == expected | ({(RUNTIME, "NLP302")} if ships else set())
    before = path.read_bytes()
    for options in (
        [],
        ["--unsafe-fixes"],
        ["--unsafe-fixes", "--output-dir", str(tmp_path / "o")],
    ):
        assert main(["fix", "--isolated", *options, str(path)]) == 1
        told = capsys.readouterr().out
        assert "`info/paths.json`" in told
        assert f"the entry is in `{HELP}`" in told
        assert path.read_bytes() == before
    assert not (tmp_path / "o" / path.name).exists()
    assert main(["survey", "--store", str(tmp_path / "s"), "--offline", str(path)]) == 2
    assert "neither a wheel, a source distribution nor" in capsys.readouterr().err


# Bombs


def conda(data: bytes) -> bytes:
    """Return a conda package of the second format around a tar archive."""
    zstandard = pytest.importorskip("zstandard")
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("pkg-x-1-0.tar.zst", zstandard.compress(data))
    return made.getvalue()


def reasons(name: str, data: bytes) -> list[tuple[str, str]]:
    """Return what is not read of an archive: the place of each, and why."""
    with TextMembers() as texts:
        facts = list(reading.facts(name, io.BytesIO(data), len(data), texts=texts))
    return [(fact.member, fact.reason) for fact in facts if isinstance(fact, Unread)]


PACKERS = {"x.apk": gzip.compress, "x.conda": conda}


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("member", ["a.py", "x.abi3.so"])
def test_a_package_that_inflates_without_end_is_told(
    name: str, member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seekable_stream, "_ARCHIVE_FLOOR", 1 << 20)
    head = MODULE if member.endswith(".so") else b""
    data = PACKERS[name](tar({member: head + bytes(16 << 20)}))
    assert ("", "inflates to more than 50 times its size") in reasons(name, data)


@pytest.mark.parametrize("name", PACKERS)
def test_a_package_of_too_many_members_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "_MOST_MEMBERS", 2_000)
    data = PACKERS[name](tar({f"{number}.py": b"" for number in range(2_100)}))
    assert reasons(name, data) == [("", "has more than 2,000 members")]


@pytest.mark.parametrize("name", PACKERS)
def test_a_name_that_is_too_long_is_told_by_its_beginning(name: str) -> None:
    data = PACKERS[name](tar({"n" * 900_000 + ".py": b"", "x.abi3.so": MODULE}))
    ((place, reason),) = reasons(name, data)
    assert place == "n" * 200 + "…"
    assert reason == "has a path of more than 4,096 characters"


def test_conda_packages_in_each_other_are_read_to_a_depth() -> None:
    data = tar({"x.abi3.so": MODULE})
    for number in range(9):
        data = tar({f"{number}.conda": conda(data)})
    ((place, reason),) = reasons("x.tar", data)
    assert place.count("!") == reading.MOST_DEPTH - 1
    assert reason == "archives are nested more than 5 deep"


def test_an_alpine_package_with_holes_is_told() -> None:
    info = tarfile.TarInfo("x.abi3.so")
    info.type = tarfile.GNUTYPE_SPARSE
    data = gzip.compress(info.tobuf() + bytes(1024))
    assert reasons("x.apk", data) == [("x.abi3.so", "is a sparse file, which is not supported")]


@needs("mksquashfs")
@needs("unsquashfs")
@pytest.mark.parametrize("member", ["a.py", "x.abi3.so"])
def test_an_image_of_holes_is_told(
    tmp_path: Path, member: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seekable_stream, "_ARCHIVE_FLOOR", 1 << 20)
    root = write_tree(tmp_path / "root", {member: MODULE if member.endswith(".so") else b""})
    os.truncate(root / member, 32 << 20)
    path = tmp_path / "x.squashfs"
    command = ["mksquashfs", str(root), str(path), "-quiet", "-no-progress"]
    subprocess.run(command, check=True)
    with TextMembers() as texts:
        facts = [one for one in reading.read(str(path), texts) if isinstance(one, Unread)]
    assert "inflates to more than 50 times its size" in [fact.reason for fact in facts]
