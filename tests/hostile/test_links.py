"""Nothing outside of the given paths is shown or written, unless a link was given by name."""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.engine import check_file
from no_libpython_dlopen.files import safe_open
from tests.binary.made_elf import made_elf
from tests.binary.test_repair import build_wheel

SECRET = b'import ctypes\n\nsecret = ctypes.PyDLL("libpython3.11.so")\nsecret.PyErr_Clear()\n'
NOTEBOOK = json.dumps(
    {"cells": [{"cell_type": "code", "metadata": {}, "source": SECRET.decode(), "outputs": []}]}
).encode()
FORMATS = ["text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson"]
NOTE = "it is a link to a file outside of the given paths"


def _module(path: Path) -> bytes:
    path.write_bytes(made_elf(64, "<", needed=["libpython3.11.so.1.0", "libc.so.6"]))
    return path.read_bytes()


def _wheel(path: Path) -> None:
    module = _module(path.with_name("made"))
    build_wheel(path.parent / "w", {"m.cpython-311-x86_64-linux-gnu.so": module}).rename(path)


#: What may be behind a link, by its name.
TARGETS: dict[str, Callable[[Path], object]] = {
    "a.py": lambda path: path.write_bytes(SECRET),
    "a.ipynb": lambda path: path.write_bytes(NOTEBOOK),
    "build.sh": lambda path: path.write_bytes(b"gcc -shared -o secret.abi3.so a.o -lpython3.11\n"),
    "Makefile": lambda path: path.write_bytes(
        b"secret.abi3.so: a.o\n\tgcc -shared -o $@ a.o -lpython3.11\n"
    ),
    "m.cpython-311-x86_64-linux-gnu.so": _module,
    "a-1-cp311-cp311-linux_x86_64.whl": _wheel,
}
#: Ways from a name in the tree to the file outside.
WAYS: dict[str, Callable[[Path, Path], object]] = {
    "absolute": lambda link, target: link.symlink_to(target),
    "relative": lambda link, target: link.symlink_to(os.path.relpath(target, link.parent)),
    "through `..`": lambda link, target: link.symlink_to(f"./../tree/../elsewhere/{target.name}"),
    "a chain": lambda link, target: (
        link.symlink_to("step"),
        link.with_name("step").symlink_to(target),
    ),
    "through a folder": lambda link, target: (
        link.with_name("folder").symlink_to(target.parent),
        link.symlink_to(f"folder/{target.name}"),
    ),
}


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tree").mkdir()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "tree")
    return tmp_path / "tree"


def _target(tree: Path, name: str) -> Path:
    target = tree.parent / "elsewhere" / name
    TARGETS[name](target)
    return target


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", TARGETS)
def test_what_a_link_leads_to_is_neither_shown_nor_written(
    name: str, way: str, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = _target(tree, name)
    before = target.read_bytes()
    WAYS[way](tree / name, target)
    commands = (["check"], ["fix"], ["fix", "--diff"], ["fix", "--unsafe-fixes"])
    for command in (*commands, ["check", "--add-noqa"], ["check", "--fix", "--jobs=2"]):
        main([*command, "--isolated", "."])
        out, err = capsys.readouterr()
        assert "secret" not in out + err
        assert "NLP" not in out
        assert f"{NOTE}, skipped; name it to check it" in err
    assert target.read_bytes() == before
    assert (tree / name).is_symlink()


@pytest.mark.parametrize("name", TARGETS)
def test_a_link_that_is_named_is_checked_and_fixed(
    name: str, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = _target(tree, name)
    before = target.read_bytes()
    (tree / name).symlink_to(target)
    assert main(["check", "--isolated", name]) == 1
    assert "NLP" in capsys.readouterr().out
    assert main(["fix", "--isolated", "--unsafe-fixes", name]) == 0
    assert target.read_bytes() != before
    assert (tree / name).is_symlink()


def test_a_link_inside_the_given_paths_is_followed(tree: Path, capsys) -> None:
    target = _target(tree, "a.py")
    (tree / "b.py").symlink_to(target)
    assert main(["fix", "--isolated", ".", "../elsewhere"]) == 0
    assert target.read_bytes() != SECRET
    target.write_bytes(SECRET)
    assert main(["check", "--isolated", "-q", ".", "../elsewhere/a.py"]) == 1
    assert "b.py:3" in capsys.readouterr().out


def test_a_folder_that_is_given_may_be_a_link(tree: Path) -> None:
    target = _target(tree, "a.py")
    (tree / "folder").symlink_to(target.parent)
    assert main(["fix", "--isolated", "-q", "folder"]) == 0
    assert target.read_bytes() != SECRET


def test_many_links_are_one_line(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = _target(tree, "a.py")
    for number in range(3):
        (tree / f"{number}.py").symlink_to(target)
    (tree / "own.py").write_text("x = 1\n")
    assert main(["check", "."]) == 0
    out, err = capsys.readouterr()
    assert out == "No findings in 1 file.\n"
    assert err == f"nolibpy: note: 0.py (and 2 more): {NOTE}, skipped; name it to check it\n"


@pytest.mark.parametrize("name", TARGETS)
def test_a_file_with_two_names_is_replaced_under_one_and_that_is_told(
    name: str, tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = _target(tree, name)
    content = target.read_bytes()
    os.link(target, tree / name)
    (tree / f"other-{name}").write_bytes(content)
    main(["fix", "--isolated", "--unsafe-fixes", "."])
    assert target.read_bytes() == content
    assert (tree / name).read_bytes() == content or target.stat().st_ino != (
        tree / name
    ).stat().st_ino
    noted = [line for line in capsys.readouterr().err.splitlines() if "hard links" in line]
    changed = (tree / name).read_bytes() != content
    told = f"nolibpy: note: {name}: it had other names (hard links), which keep the old content"
    assert noted == ([told] if changed else [])
    assert changed or name in ("build.sh", "Makefile")


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_file_whose_names_are_all_given_is_replaced_under_each(
    tree: Path, elsewhere: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    target = _target(tree, "a.py")
    content = target.read_bytes()
    os.link(target, tree / "a.py")
    os.link(target, tree / "b.py")
    if not elsewhere:
        target.unlink()
    main(["fix", "--isolated", "--unsafe-fixes", "."])
    assert content not in ((tree / "a.py").read_bytes(), (tree / "b.py").read_bytes())
    told = "nolibpy: note: a.py: it had other names (hard links), which keep the old content\n"
    assert capsys.readouterr().err == told * elsewhere


def test_a_comment_in_a_file_with_two_names_is_told(
    tree: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = _target(tree, "a.py")
    content = target.read_bytes()
    os.link(target, tree / "a.py")
    (tree / "b.py").write_bytes(content)
    assert main(["check", "--isolated", "--add-noqa", "."]) == 0
    assert target.read_bytes() == content != (tree / "a.py").read_bytes()
    told = "a.py: it had other names (hard links), which keep the old content"
    assert capsys.readouterr().err == f"nolibpy: note: {told}\n"


@pytest.mark.parametrize("output_format", FORMATS)
@pytest.mark.parametrize(
    "command", [["check"], ["fix"], ["fix", "--diff"], ["check", "--add-noqa"]]
)
def test_a_folder_may_become_a_link_between_discovery_and_reading(
    command: list[str], output_format: str, tree: Path, monkeypatch, capsys
) -> None:
    target = _target(tree, "a.py")
    (tree / "sub").mkdir()
    (tree / "sub" / "a.py").write_bytes(SECRET.replace(b"secret", b"public"))
    read_file = safe_open.read_file

    def swap_and_read(path: str, *most: int) -> bytes:
        if path.endswith("sub/a.py") and not (tree / "sub").is_symlink():
            (tree / "sub").rename(tree / "away")
            (tree / "sub").symlink_to(target.parent)
        return read_file(path, *most)

    monkeypatch.setattr(check_file, "read_file", swap_and_read)
    assert main([*command, "--isolated", f"--output-format={output_format}", "sub"]) in (1, 2)
    out, err = capsys.readouterr()
    assert "secret" not in out + err
    assert target.read_bytes() == SECRET


def test_a_folder_may_become_a_link_before_the_writing(tree: Path, monkeypatch, capsys) -> None:
    target = _target(tree, "a.py")
    (tree / "sub").mkdir()
    (tree / "sub" / "a.py").write_bytes(SECRET)
    check = check_file._check_text

    def check_and_swap(*arguments):
        result = check(*arguments)
        given = arguments[0].given
        given.may_show(str(tree))  # real paths are known before the swap
        return result

    def swap(self, path: str) -> bool:
        if not (tree / "sub").is_symlink():
            (tree / "sub").rename(tree / "away")
            (tree / "sub").symlink_to(target.parent)
        return True

    monkeypatch.setattr(check_file, "_check_text", check_and_swap)
    monkeypatch.setattr("no_libpython_dlopen.files.given_paths.GivenPaths.may_show", swap)
    main(["fix", "--isolated", "."])
    assert target.read_bytes() == SECRET
    assert NOTE in capsys.readouterr().out


def test_patterns_behind_a_link_are_not_shown(tree: Path, capsys) -> None:
    (tree.parent / "elsewhere" / "x").write_text("secret[z-a\n")
    (tree / ".git").mkdir()
    (tree / ".gitignore").symlink_to("../elsewhere/x")
    (tree / "a.py").write_text("x = 1\n")
    main(["check", "."])
    assert "secret" not in capsys.readouterr().err


@pytest.mark.parametrize("linked", ["index.json", "blobs", "blobs/sha256", "manifest", "layer"])
def test_an_image_in_a_directory_shows_no_file_outside_of_it(
    tmp_path: Path, linked: str, capsys: pytest.CaptureFixture[str]
) -> None:
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        member = tarfile.TarInfo("a.py")
        member.size = len(SECRET)
        archive.addfile(member, io.BytesIO(SECRET))
    digests = {"layer": hashlib.sha256(layer.getvalue()).hexdigest(), "manifest": "1" * 64}
    tar = {"mediaType": "application/tar", "digest": f"sha256:{digests['layer']}"}
    files = {
        "index.json": json.dumps({"manifests": [{"digest": f"sha256:{'1' * 64}"}]}).encode(),
        "blobs/sha256/" + digests["manifest"]: json.dumps({"layers": [tar]}).encode(),
        "blobs/sha256/" + digests["layer"]: layer.getvalue(),
        "oci-layout": b"{}",
    }
    image = tmp_path / "tree" / "image"
    for name, data in files.items():
        (image / name).parent.mkdir(parents=True, exist_ok=True)
        (image / name).write_bytes(data)
    assert main(["check", "--isolated", str(image.parent)]) == 1
    assert "secret" in capsys.readouterr().out
    place = image / (f"blobs/sha256/{digests[linked]}" if linked in digests else linked)
    place.rename(tmp_path / "outside")
    place.symlink_to(tmp_path / "outside")
    assert main(["check", "--isolated", str(image.parent)]) == 2
    said = capsys.readouterr()
    assert "secret" not in said.out + said.err
    assert "a file of the image is a link that leads out of its directory" in said.out


@pytest.mark.parametrize("name", ["nolibpy.toml", ".nolibpy.toml", "pyproject.toml"])
def test_settings_behind_a_link_that_leaves_the_project_are_not_shown(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tree/shared").mkdir(parents=True)
    (tmp_path / "tree/.git").mkdir()
    (tmp_path / "tree/a.py").touch()
    for target in (tmp_path / "other.toml", tmp_path / "tree/shared/other.toml"):
        target.write_text("[tool.nolibpy]\nhidden = 1\n" if name[0] == "p" else "hidden = 1\n")
        (tmp_path / "tree" / name).symlink_to(target)
        assert main(["check", str(tmp_path / "tree")]) == 2
        told = capsys.readouterr().err
        assert ("hidden" in told) is ("shared" in str(target)), told
        assert ("is outside of the project" in told) is ("shared" not in str(target)), told
        (tmp_path / "tree" / name).unlink()
