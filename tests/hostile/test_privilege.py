"""Replacing a file never gives anybody a right that he had not: texts, binaries, baselines."""

from __future__ import annotations

import os
import shutil
import stat
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from no_libpython_dlopen.files import atomic_write
from no_libpython_dlopen.files.atomic_write import WriteRefused
from tests.binary.made_elf import made_elf
from tests.hostile.test_faults import NEW, OLD

needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="needs files of several owners",
)
OWNER, OTHER = 12345, 23456
FIX = (sys.executable, "-m", "no_libpython_dlopen", "fix", "--isolated", "--output-format=concise")
MODULE = made_elf(64, "<", needed=["libpython3.11.so.1.0", "libc.so.6"])
FILES = {"a.py": OLD, "_a.abi3.so": MODULE}
#: ``security.capability`` with CAP_NET_RAW, permitted and effective.
CAPABILITY = struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0)


def access_list(*entries: tuple[int, int, int]) -> bytes:
    """Return a POSIX access list as the kernel stores it."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


NOBODY = 0xFFFFFFFF
#: The group may nothing, one other user may read and write.
FOR_ONE = access_list((1, 6, NOBODY), (2, 6, OTHER), (4, 0, NOBODY), (0x10, 6, NOBODY), (0x20, 0, NOBODY))  # fmt: skip


@pytest.fixture(params=FILES)
def file(request: pytest.FixtureRequest) -> Iterator[Path]:
    """A file with something to fix, in a folder that everybody may write to.

    That of pytest is closed to other users. It lies too deep for what else is in there, which
    might be a host of the module.
    """
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        folder = Path(name, *"abcde")
        folder.mkdir(parents=True)
        folder.chmod(0o777)
        path = folder / request.param
        path.write_bytes(FILES[request.param])
        yield path


def fixed_by(path: Path, user: int, *arguments: str, group: int = -1) -> str:
    """Fix a file as ``user``, and return what is said."""

    # Another user may not be able to read the interpreter: that is granted, no more.
    reading = ("--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search")
    become = (
        *("setpriv", f"--reuid={user}", f"--regid={group if group >= 0 else user}"),
        *("--clear-groups", *reading),
    )
    command = [*(become if user else ()), *FIX, *arguments, path.name]
    done = subprocess.run(
        command, check=False, cwd=path.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert b"Traceback" not in done.stdout
    assert set(os.listdir(path.parent)) <= {path.name, "out"}
    return done.stdout.decode()


def is_fixed(path: Path) -> bool:
    return path.read_bytes() not in (OLD, MODULE)


def _chown(path: Path, owner: int, group: int, mode: int) -> None:
    os.chown(path, owner, group)
    path.chmod(mode)


@needs_root
@pytest.mark.parametrize("mode", [0o6777, 0o4777, 0o2776])
def test_a_foreign_program_that_is_fixed_by_another_user_runs_as_nobody_else(
    file: Path, mode: int
) -> None:
    _chown(file, OWNER, OWNER, mode)
    fixed_by(file, OTHER)
    assert is_fixed(file)
    after = file.stat()
    assert after.st_uid == OTHER
    assert not after.st_mode & (stat.S_ISUID | stat.S_ISGID)


@needs_root
def test_root_keeps_the_owner_and_with_him_the_bits(file: Path) -> None:
    _chown(file, OWNER, OTHER, 0o6755)
    fixed_by(file, 0)
    assert is_fixed(file)
    after = file.stat()
    assert (after.st_uid, after.st_gid, after.st_mode & 0o7777) == (OWNER, OTHER, 0o6755)


@needs_root
def test_a_group_that_cannot_be_kept_takes_its_rights_along(file: Path) -> None:
    _chown(file, OTHER, OWNER, 0o664)
    fixed_by(file, OTHER)
    assert is_fixed(file)
    after = file.stat()
    assert (after.st_uid, after.st_gid, after.st_mode & 0o777) == (OTHER, OTHER, 0o644)


@needs_root
@pytest.mark.parametrize(("mode", "kept"), [(0o604, 0o600), (0o617, 0o611), (0o646, 0o644)])
def test_a_group_that_might_less_than_all_others_does_not_gain_by_its_loss(
    file: Path, mode: int, kept: int
) -> None:
    """Its members are among all others then."""
    _chown(file, OTHER, OWNER, mode)
    fixed_by(file, OTHER)
    assert is_fixed(file)
    assert file.stat().st_mode & 0o777 == kept


@needs_root
def test_a_member_of_the_group_keeps_it_though_not_the_owner(file: Path) -> None:
    _chown(file, OWNER, OTHER, 0o664)
    fixed_by(file, OTHER + 1, group=OTHER)
    assert is_fixed(file)
    after = file.stat()
    assert (after.st_uid, after.st_gid, after.st_mode & 0o777) == (OTHER + 1, OTHER, 0o664)


@pytest.mark.parametrize("mode", [0o444, 0o555])
def test_a_file_that_is_protected_from_writing_is_left_and_told(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert "not written: the file is read-only" in fixed_by(file, 0)
    assert not is_fixed(file)


def _attributes(path: Path, name: str, value: bytes) -> None:
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        pytest.skip(f"the file system has no such attributes: {error.strerror}")


needs_attributes = pytest.mark.skipif(not hasattr(os, "setxattr"), reason="Linux's attributes")


@needs_attributes
def test_extended_attributes_stay(file: Path) -> None:
    _attributes(file, "user.origin", b"there")
    fixed_by(file, 0)
    assert is_fixed(file)
    assert os.getxattr(file, "user.origin") == b"there"


@needs_root
@needs_attributes
@pytest.mark.parametrize(("user", "kept"), [(0, True), (OTHER, False)])
def test_capabilities_stay_with_the_owner_only(file: Path, user: int, kept: bool) -> None:
    _chown(file, OWNER, OWNER, 0o777)
    _attributes(file, "security.capability", CAPABILITY)
    fixed_by(file, user)
    assert is_fixed(file)
    assert ("security.capability" in os.listxattr(file)) is kept


@needs_root
@needs_attributes
@pytest.mark.parametrize(("kind", "signed"), [(b"\3", True), (b"\6", True), (b"\4", False)])
def test_a_signed_file_is_left_and_a_hash_is_not_given_to_other_content(
    file: Path, kind: bytes, signed: bool
) -> None:
    """A kernel that verifies ``security.ima`` maps no file whose signature is wrong."""
    _attributes(file, "security.ima", kind + b"x" * 33)
    told = fixed_by(file, 0)
    assert is_fixed(file) is not signed
    assert ("not written: the file is signed (`security.ima`)" in told) is signed
    assert ("security.ima" in os.listxattr(file)) is signed


@needs_root
@needs_attributes
def test_an_access_list_stays_and_one_of_the_folder_is_not_put_in_its_place(file: Path) -> None:
    _attributes(file, "system.posix_acl_access", FOR_ONE)
    fixed_by(file, 0)
    assert is_fixed(file)
    assert os.getxattr(file, "system.posix_acl_access") == FOR_ONE


@needs_root
@needs_attributes
def test_what_a_folder_gives_new_files_is_not_given_to_an_old_one(file: Path) -> None:
    file.chmod(0o664)
    _attributes(file.parent, "system.posix_acl_default", FOR_ONE)
    fixed_by(file, 0)
    assert is_fixed(file)
    assert "system.posix_acl_access" not in os.listxattr(file)
    assert file.stat().st_mode & 0o777 == 0o664


@needs_root
@needs_attributes
def test_an_access_list_that_is_lost_takes_the_rights_of_its_mask_along(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise PermissionError

    _attributes(file, "system.posix_acl_access", FOR_ONE)
    monkeypatch.setattr(os, "setxattr", refused)
    before = file.read_bytes()
    atomic_write.replace_content(str(file), before, b"new")
    assert file.stat().st_mode & 0o777 == 0o600


@needs_root
def test_a_repaired_copy_elsewhere_runs_as_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "_a.abi3.so"
    path.write_bytes(MODULE)
    _chown(path, OWNER, OWNER, 0o6755)
    fixed_by(path, 0, "--output-dir", "out")
    assert (tmp_path / "out" / path.name).stat().st_mode & 0o7777 == 0o755
    assert path.read_bytes() == MODULE


def test_without_a_right_to_name_a_nameless_file_the_old_way_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    path = tmp_path / "a.py"
    path.write_bytes(OLD)
    path.chmod(0o640)
    atomic_write.replace_content(str(path), OLD, NEW)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (NEW, 0o640)
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_new_file_has_the_rights_of_any_new_file(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"")
    atomic_write.write_file(str(tmp_path / "new"), lambda file: file.write(b"new"))
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "other").stat().st_mode


NO_FILES: dict[str, Callable[[Path], object]] = {"a pipe": os.mkfifo, "a folder": os.mkdir}


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices are POSIX's")
@pytest.mark.parametrize("make", NO_FILES.values(), ids=NO_FILES)
def test_what_is_no_file_is_not_replaced(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path / "known.json")
    with pytest.raises(WriteRefused, match="not a regular file"):
        atomic_write.write_file(str(tmp_path / "known.json"), lambda file: file.write(b"new"))
    assert os.listdir(tmp_path) == ["known.json"]
