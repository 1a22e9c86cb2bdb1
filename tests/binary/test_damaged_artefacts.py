"""Artefacts that distributors' own tools made, truncated and with wrong lengths."""

from __future__ import annotations

import bz2
import gzip
import importlib.util
import io
import lzma
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.binary.test_shipped_formats import (
    FILES,
    MODULE,
    OTHER,
    PROGRAM,
    docker,
    oci,
    one_file,
    tar,
    write_tree,
)

resource = pytest.importorskip("resource")
pytestmark = pytest.mark.slow

CONDA = {"lib/python3.12/site-packages/spam/_x.cpython-312-x86_64-linux-gnu.so": MODULE}
INFO = {"info/index.json": b'{"name": "spam"}', "info/paths.json": b'{"paths": []}'}
CONTROL = "Package: spam\nVersion: 1\nArchitecture: amd64\nMaintainer: a <a@b.c>\nDescription: x\n"
SPEC = (
    "Name: spam\nVersion: 1\nRelease: 1\nSummary: x\nLicense: MIT\n%description\nx\n"
    "%install\nmkdir -p %{{buildroot}}; cp -r {root}/* %{{buildroot}}/\n%files\n/usr\n"
)


def pax(files: Mapping[str, bytes], *, cut: bool = False) -> bytes:
    """Return a tar archive with extended headers; ``cut`` as Alpine's are, without an end mark."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(data), 1.5  # type: ignore[assignment]
            archive.addfile(info, io.BytesIO(data))
        end = archive.offset
    return made.getvalue()[:end] if cut else made.getvalue()


def run(*command: str | Path) -> None:
    subprocess.run([str(word) for word in command], check=True, capture_output=True)


@pytest.fixture(scope="module")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """One of each format for which the tools are installed; each has a finding."""
    folder = tmp_path_factory.mktemp("artefacts")
    root = write_tree(folder / "root", FILES)
    made = {
        "spam.apk": gzip.compress(pax({".SIGN.RSA.x": b"s" * 256}, cut=True))
        + gzip.compress(pax({".PKGINFO": b"pkgname = spam\n"}, cut=True))
        + gzip.compress(pax(FILES)),
        "spam-1-0.tar.bz2": bz2.compress(pax({**CONDA, **INFO})),
        "oci.tar": tar(oci([gzip.compress(tar(FILES)), tar({"etc/x": b"1"})])),
        "docker.tar": tar(docker([tar(FILES), gzip.compress(tar({"etc/x": b"1"}))])),
        "docker.tar.gz": gzip.compress(tar(docker([tar(FILES)]))),
        "plain.tar.xz": lzma.compress(pax(FILES)),
        "app": one_file({**PROGRAM, "_x.abi3.so": OTHER}),
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    with zipfile.ZipFile(folder / "spam-1-cp312-cp312-linux_x86_64.whl", "w", zipfile.ZIP_DEFLATED) as wheel:  # fmt: skip
        for name, data in FILES.items():
            wheel.writestr(name, data)
    if importlib.util.find_spec("zstandard"):
        import zstandard

        with zipfile.ZipFile(folder / "spam-1-0.conda", "w") as package:
            package.writestr("metadata.json", '{"conda_pkg_format_version": 2}')
            package.writestr("pkg-spam-1-0.tar.zst", zstandard.compress(pax(CONDA)))
            package.writestr("info-spam-1-0.tar.zst", zstandard.compress(pax(INFO)))
    if shutil.which("mksquashfs") and shutil.which("unsquashfs"):
        run("mksquashfs", root, folder / "spam.snap", "-quiet", "-no-progress")
        if shutil.which("gcc"):
            (folder / "main.c").write_text("int main(void) { return 0; }\n")
            run("gcc", "-s", "-o", folder / "program", folder / "main.c")
            program = bytearray((folder / "program").read_bytes())
            program[8:11] = b"AI\2"
            image = (folder / "spam.snap").read_bytes()
            (folder / "spam.AppImage").write_bytes(program + image)
    if shutil.which("rpmbuild"):
        (folder / "spam.spec").write_text(SPEC.format(root=root))
        macros = {
            "_topdir": str(folder / "top"),
            "_binary_payload": "w9.gzdio",
            "debug_package": "%{nil}",
            "__os_install_post": "%{nil}",
        }
        defined = [word for name, text in macros.items() for word in ("-D", f"{name} {text}")]
        run("rpmbuild", "-bb", "--quiet", *defined, folder / "spam.spec")
        (package_file,) = (folder / "top/RPMS").rglob("*.rpm")
        package_file.rename(folder / "spam.rpm")
    if shutil.which("dpkg-deb"):
        write_tree(root, {"DEBIAN/control": CONTROL.encode()})
        for method in ("xz", "gzip", "none"):
            run("dpkg-deb", "--root-owner-group", f"-Z{method}", "-b", root, folder / f"{method}.deb")  # fmt: skip
    rest = {"root", "top", "spam.spec", "main.c", "program"}
    return sorted(path for path in folder.iterdir() if path.name not in rest)


def test_damage_is_told_in_bounded_memory_and_time(artefacts: list[Path]) -> None:
    command = [sys.executable, "-m", "tests.binary.damaged_artefacts", "50", "80"]
    done = subprocess.run(
        [*command, *map(str, artefacts)], capture_output=True, text=True, check=False, timeout=300
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_directory_that_ends_early_is_told(tmp_path: Path) -> None:
    """The length of one entry's name hides the entries behind it, and zipfile does not mind."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as wheel:
        for name in ("a.txt", "b.txt"):
            wheel.writestr(name, "x")
    data = bytearray(made.getvalue())
    at = data.index(b"PK\1\2") + 28
    data[at : at + 2] = b"\xff\xff"
    (tmp_path / "a-1-py3-none-any.whl").write_bytes(data)
    command = [sys.executable, "-m", "no_libpython_dlopen"]
    for verb in ("check", "fix"):
        done = subprocess.run(
            [*command, verb, "--isolated", str(tmp_path / "a-1-py3-none-any.whl")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert "NLP900 its central directory is corrupt: it has fewer entries" in done.stdout


def test_an_image_without_its_manifest_is_told(tmp_path: Path) -> None:
    """An index may name manifests of other platforms that are not there, but not only such."""
    files = oci([tar(FILES)])
    manifests = [name for name, data in files.items() if b'"layers"' in data]
    assert manifests
    (tmp_path / "image.tar").write_bytes(tar({k: v for k, v in files.items() if k not in manifests}))  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "no_libpython_dlopen", "check", "--isolated", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "NLP900 the image has no layers, or their manifest is missing" in done.stdout
