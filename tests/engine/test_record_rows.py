"""`nolibpy fix` and the `RECORD` files of hand-made environments."""

from __future__ import annotations

import csv
import hashlib
import os
import re
import shutil
import stat
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.engine.installed import record_rows, sites
from no_libpython_dlopen.engine.installed.backup import Backup
from tests.engine.test_installed_files import BACKUP, LOADS, nolibpy, state

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="needs scripts")]

SITE = "lib/python3.12/site-packages"
SCRIPT = "../../../bin/spam"
HEAD = "#!/usr/bin/python3\n"


def write_record(site: Path, package: str, names: Sequence[str]) -> None:
    """List files in the ``RECORD`` of a package, as pip does."""
    info = site / f"{package}-1.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "INSTALLER").write_text("pip\n")
    record = f"{package}-1.dist-info/RECORD"
    lines = [*(f"{name},{hash_of(site / name)}\n" for name in names), f"{record},,\n"]
    (site / record).write_text("".join(lines))


def hash_of(path: Path) -> str:
    data = path.read_bytes()
    digest = urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return f"sha256={digest},{len(data)}"


def assert_rows_are_right(site: Path) -> None:
    """Assert that each row of each ``RECORD`` has the hash and the size of its file."""
    for record in site.glob("*.dist-info/RECORD"):
        with open(record, newline="") as file:
            for name, *rest in csv.reader(file):
                if any(rest):
                    assert ",".join(rest) == hash_of(site / name), name


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    """A prefix with a script that loads libpython."""
    folder = tmp_path / "env"
    (folder / SITE).mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "bin/spam").write_text(HEAD + LOADS)
    return folder


@pytest.mark.parametrize(
    ("listed", "end"),
    [
        ("./spam/core.py", "\n"),
        ('"./spam/core.py"', "\r"),
        ("../../../lib/python3.12/site-packages/spam/core.py", "\r\n"),
        ("SITE/spam/core.py", "\n"),
        ('"SITE/../site-packages/spam/core.py"', "\r"),
    ],
)
def test_a_row_is_found_however_its_path_is_written(prefix: Path, listed: str, end: str) -> None:
    site = prefix / SITE
    (site / "spam").mkdir()
    (site / "spam/core.py").write_text(LOADS)
    write_record(site, "spam", ["spam/core.py", SCRIPT])
    record = site / "spam-1.dist-info/RECORD"
    said = listed.replace("SITE", str(site))
    text = record.read_text().replace("spam/core.py", said, 1).replace("\n", end)
    record.write_bytes(text.encode())
    before = state(prefix)
    assert nolibpy("fix", "--unsafe-fixes", site, prefix / "bin/spam").returncode == 0
    changed = {name for name, data in state(prefix).items() if before.get(name, data) != data}
    assert changed == {"bin/spam", f"{SITE}/spam/core.py", str(record.relative_to(prefix))}
    now = record.read_bytes().decode()
    assert (now.startswith(said.strip('"')), now.count(end)) == (True, text.count(end))
    assert_rows_are_right(site)
    assert nolibpy("fix", "--undo", prefix).returncode == 0
    assert state(prefix) == before


@pytest.mark.parametrize(
    ("packages", "given"),
    [
        (SITE, ""),
        (SITE, "bin/spam"),
        ("lib/python3/dist-packages", "bin"),
        ("Lib/site-packages", ""),
    ],
)
def test_a_script_is_fixed_with_its_row(prefix: Path, packages: str, given: str) -> None:
    site = prefix / packages
    site.mkdir(parents=True, exist_ok=True)
    script = os.path.relpath(prefix / "bin/spam", site)
    write_record(site, "ham", [])
    write_record(site, "spam", [script])
    before = state(prefix)
    ran = nolibpy("fix", "--unsafe-fixes", prefix / given)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"`nolibpy fix --undo {prefix}`" in ran.stderr
    assert LOADS not in (prefix / "bin/spam").read_text()
    assert_rows_are_right(site)
    ran = nolibpy("fix", "--undo", prefix / given)
    assert ran.returncode == 0, ran.stderr
    assert state(prefix) == before


def test_a_file_beside_that_no_record_lists_is_nobodys(prefix: Path) -> None:
    write_record(prefix / SITE, "spam", [])
    ran = nolibpy("fix", "--unsafe-fixes", prefix)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert LOADS not in (prefix / "bin/spam").read_text()
    assert not (prefix / SITE / BACKUP).exists()


def test_a_script_of_another_prefix_is_not_restored(prefix: Path, tmp_path: Path) -> None:
    """The backup names it, no RECORD does."""
    site = prefix / SITE
    write_record(site, "spam", [SCRIPT])
    assert nolibpy("fix", "--unsafe-fixes", prefix).returncode == 0
    write_record(site, "spam", [])
    fixed = (prefix / "bin/spam").read_text()
    ran = nolibpy("fix", "--undo", prefix)
    assert ran.returncode == 2
    assert "not restored" in ran.stderr
    assert (prefix / "bin/spam").read_text() == fixed


def test_the_records_of_others_are_read_once(
    prefix: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    site = prefix / SITE
    names = [f"m{number}.py" for number in range(30)]
    for name in names:
        (site / name).write_text(LOADS)
    write_record(site, "spam", [*names, SCRIPT])
    for number in range(20):
        write_record(site, f"other{number}", [])
    read: list[str] = []

    def read_file(path: str) -> bytes:
        read.append(path)
        return Path(path).read_bytes()

    monkeypatch.setattr(record_rows, "read_file", read_file)
    assert main(["fix", "--isolated", "--unsafe-fixes", str(prefix)]) == 0
    assert "31" in capsys.readouterr().out
    assert_rows_are_right(site)
    assert len([path for path in read if "/other" in path]) == 20


def test_what_is_installed_meanwhile_is_seen(prefix: Path) -> None:
    site = prefix / SITE
    (site / "m.py").write_text(LOADS)
    write_record(site, "spam", [])
    assert record_rows.find_row(str(site), "m.py") == ("", "")
    write_record(site, "ham", ["m.py"])
    assert record_rows.find_row(str(site), "m.py")[0] == "ham-1.dist-info/RECORD"
    shutil.rmtree(site / "ham-1.dist-info")
    assert record_rows.find_row(str(site), "m.py") == ("", "")
    write_record(site, "spam", ["m.py"])  # the RECORD that is there already
    assert record_rows.find_row(str(site), "m.py")[0] == "spam-1.dist-info/RECORD"


def test_an_environment_that_is_made_meanwhile_is_seen(prefix: Path) -> None:
    script = str(prefix / "bin/spam")
    assert sites.site_of(script) == ""
    later = prefix / "lib/python3.13/site-packages"
    later.mkdir(parents=True)
    write_record(later, "spam", [SCRIPT])
    assert sites.site_of(script) == str(later)


def make_unreadable(record: Path) -> None:
    record.unlink()
    record.mkdir()


@pytest.mark.parametrize("listed", [True, False])
def test_a_record_that_cannot_be_read_is_one_line(prefix: Path, listed: bool) -> None:
    """It is named only where no other one lists the file."""
    site = prefix / SITE
    (site / "spam.py").write_text(LOADS)
    write_record(site, "spam", ["spam.py"] if listed else [])
    write_record(site, "ham", [])
    make_unreadable(site / "ham-1.dist-info/RECORD")
    shutil.rmtree(prefix / "bin")
    ran = nolibpy("fix", "--unsafe-fixes", "--output-format", "concise", prefix)
    if listed:
        assert (ran.returncode, "ham" in ran.stdout + ran.stderr) == (0, False)
        assert_rows_are_right(site / "spam-1.dist-info")
        return
    assert ran.returncode == 2
    lines = [line for line in (ran.stdout + ran.stderr).splitlines() if "NLP900" in line]
    assert len(lines) == 1
    assert "`ham-1.dist-info/RECORD`, which may list it, cannot be read" in lines[0]
    assert (site / "spam.py").read_text() == LOADS
    assert not (site / BACKUP).exists()


def test_the_mode_of_a_script_stays(prefix: Path) -> None:
    write_record(prefix / SITE, "spam", [SCRIPT])
    (prefix / "bin/spam").chmod(0o755)
    for command in ("--unsafe-fixes", "--undo"):
        assert nolibpy("fix", command, prefix).returncode == 0
        assert stat.S_IMODE((prefix / "bin/spam").stat().st_mode) == 0o755


def test_dpkg_is_asked_once_for_all_files(
    prefix: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of one of them it knows a diversion, one is in two packages, one has a line break."""
    site = prefix / SITE
    packages = {"a.py": "py-a", "b.py": "py-b:amd64, py-c", "sub/d.py": "py-d", "e\v.py": "py-e"}
    for name in (*packages, "own.py"):
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text(LOADS)
    listed = [f"diversion by py-x from: {site}/a.py", f"local diversion to: {site}/b.py"]
    listed += [f"{package}: {site / name}" for name, package in packages.items()]
    (prefix / "listed").write_text("\n".join(listed) + "\n")
    asked = prefix / "programs/dpkg-query"
    asked.parent.mkdir()
    asked.write_text(f'#!/bin/sh\necho "$3" >> {prefix}/asked\ncat {prefix}/listed\n')
    asked.chmod(0o755)
    monkeypatch.setenv("PATH", f"{asked.parent}{os.pathsep}{os.environ['PATH']}")
    assert main(["fix", "--isolated", "--unsafe-fixes", "--output-format=concise", str(site)]) == 2
    told = capsys.readouterr()
    refused = [line for line in told.out.splitlines() if "Debian package" in line]
    assert [re.findall("package `(.*?)`", line)[0] for line in refused] == [
        *("py-a", "py-b", "py-e", "py-d")
    ]
    assert (site / "own.py").read_text() != LOADS
    assert (prefix / "asked").read_text() == f"{site}/*\n"


@pytest.mark.skipif(shutil.which("rpmbuild") is None, reason="rpmbuild is not installed")
def test_what_rpm_installed_is_refused(prefix: Path, tmp_path: Path) -> None:
    """A real package in a real database, which ``rpm`` finds by the user's macros."""
    site = prefix / SITE
    (site / "spam.py").write_text(LOADS)
    spec = tmp_path / "spam.spec"
    spec.write_text(
        "Name: python3-spam\nVersion: 1\nRelease: 1\nSummary: x\nLicense: x\nBuildArch: noarch\n"
        f"%description\n%install\nmkdir -p %{{buildroot}}{site}\n"
        f"cp {site}/spam.py %{{buildroot}}{site}\n%files\n{site}/spam.py\n"
    )
    (tmp_path / ".rpmmacros").write_text(
        f"%_topdir {tmp_path}/top\n%_dbpath {tmp_path}/database\n%__os_install_post %{{nil}}\n"
    )
    home = {**os.environ, "HOME": str(tmp_path)}
    for command in (
        ["rpmbuild", "-bb", "--quiet", spec],
        ["rpm", "-i", "--nodeps", "--justdb", tmp_path / "top/RPMS/noarch/python3-spam-1-1.noarch.rpm"],
    ):  # fmt: skip
        subprocess.run(command, env=home, check=True, capture_output=True)
    ran = nolibpy("fix", "--unsafe-fixes", site, HOME=str(tmp_path))
    told = " ".join((ran.stdout + ran.stderr).split())
    assert ran.returncode == 2
    assert "it belongs to the RPM package `python3-spam`: fix and rebuild its source" in told
    assert "`dnf download --source python3-spam`" in told
    assert (site / "spam.py").read_text() == LOADS
    (site / "ham.py").write_text(LOADS)  # in no package
    assert nolibpy("fix", "--unsafe-fixes", site / "ham.py", HOME=str(tmp_path)).returncode == 0
    ran = nolibpy("fix", "--unsafe-fixes", "--include-managed", site, HOME=str(tmp_path))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (site / "spam.py").read_text() != LOADS


def test_a_file_that_changes_meanwhile_keeps_its_row(
    prefix: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written to after it was read and before it would be replaced."""
    site = prefix / SITE
    write_record(site, "spam", [SCRIPT])
    record = (site / "spam-1.dist-info/RECORD").read_bytes()
    edited = HEAD + LOADS + "# edited\n"
    real = Backup.prepare

    def prepare(self: Backup, path: str, fixed: IO[bytes]) -> None:
        real(self, path, fixed)
        assert (site / "spam-1.dist-info/RECORD").read_bytes() != record
        (prefix / "bin/spam").write_text(edited)

    monkeypatch.setattr(Backup, "prepare", prepare)
    assert main(["fix", "--isolated", "--unsafe-fixes", "--include-managed", str(prefix)]) == 2
    assert (prefix / "bin/spam").read_text() == edited
    assert (site / "spam-1.dist-info/RECORD").read_bytes() == record
    assert not (site / BACKUP).exists()
