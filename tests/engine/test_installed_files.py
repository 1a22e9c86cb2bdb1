"""`nolibpy fix` on environments: wheels of modules built by gcc, installed by pip."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.binary.index_wheels import Modules
from tests.binary.test_repair import MODULE

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.name != "posix", reason="needs gcc")]

LIBRARY = "libpython3.12.so.1.0"
LOADS = "import ctypes\nctypes.CDLL('libpython3.12.so.1.0', mode=ctypes.RTLD_GLOBAL)\nx = 1\n"
BACKUP = ".nolibpy-backup"


def nolibpy(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "no_libpython_dlopen", *map(str, arguments), "--isolated"],
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment in which pip installed a module that needs libpython."""
    folder = tmp_path_factory.mktemp("environment")
    contents = {
        MODULE: Modules(folder).needing(LIBRARY),
        "pkg/__init__.py": LOADS.encode(),
        "pkg/clean.py": b"x = 1\n",
        "spam-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
        "spam-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: spam\nVersion: 1.0\n",
        "spam-1.0.dist-info/RECORD": b"",
    }
    wheel = folder / "spam-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, data in contents.items():
            archive.writestr(name, data)
    venv.create(folder / "env", symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "env/bin/python"), "install"]
    options = ["--no-index", "--no-deps", "--no-compile"]
    subprocess.run([*pip, *options, str(wheel)], check=True, capture_output=True)
    return folder / "env"


@pytest.fixture
def site(original: Path, tmp_path: Path) -> Path:
    """The packages of a copy of it."""
    shutil.copytree(original, tmp_path / "env", symlinks=True)
    (found,) = (tmp_path / "env").glob("lib/python3*/site-packages")
    return found


def state(site: Path) -> dict[str, bytes]:
    return {str(p.relative_to(site)): p.read_bytes() for p in sorted(site.rglob("*")) if p.is_file()}  # fmt: skip


def assert_record_is_right(site: Path) -> None:
    with open(site / "spam-1.0.dist-info/RECORD", newline="") as file:
        listed = {row[0]: row[1:] for row in csv.reader(file)}
    assert {MODULE, "pkg/__init__.py", "pkg/clean.py"} <= listed.keys()
    for name, (value, size) in listed.items():
        if value:
            data = (site / name).read_bytes()
            digest = urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            assert (name, f"sha256={digest}", str(len(data))) == (name, value, size)


def environment_of(site: Path) -> Path:
    return site.parents[2]


@pytest.mark.parametrize("as_environment", [True, False], ids=["environment", "directory"])
def test_an_environment_is_fixed_and_undone(site: Path, as_environment: bool) -> None:
    assert_record_is_right(site)
    before = state(site)
    given = ["--environment", environment_of(site)] if as_environment else [site]
    ran = nolibpy("fix", "--unsafe-fixes", *given)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"nolibpy fix --undo {site}" in ran.stderr
    fixed = state(site)
    assert {name for name in before if fixed[name] != before[name]} == {
        *(MODULE, "pkg/__init__.py", "spam-1.0.dist-info/RECORD")
    }
    assert_record_is_right(site)
    assert nolibpy("check", *given).returncode == 0
    undone = nolibpy("fix", "--undo", *given)
    assert (undone.returncode, undone.stderr) == (0, "")
    assert "Restored 2 files." in undone.stdout
    assert state(site) == before
    assert not (site / BACKUP).exists()
    again = nolibpy("fix", "--undo", *given)
    assert again.returncode == 2
    assert "there is no fix to undo" in again.stderr


def test_runs_at_the_same_time_lose_no_original(site: Path) -> None:
    names = [f"m{number}.py" for number in range(12)]
    for name in names:
        (site / "pkg" / name).write_text(LOADS + f"# {name}\n")
    before = state(site)
    with ThreadPoolExecutor(4) as pool:
        parts = [[site / "pkg" / name for name in names[start::4]] for start in range(4)]
        runs = list(pool.map(lambda part: nolibpy("fix", "--unsafe-fixes", *part), parts))
    assert [run.returncode for run in runs] == [0] * 4, [run.stderr for run in runs]
    manifest = json.loads((site / BACKUP / "manifest.json").read_text())
    assert sorted(manifest) == sorted(f"pkg/{name}" for name in names)
    assert nolibpy("fix", "--undo", site).returncode == 0
    assert state(site) == before


def test_what_was_fixed_twice_goes_back_to_the_first(site: Path) -> None:
    before = state(site)
    module = site / "pkg/__init__.py"
    assert nolibpy("fix", site).returncode in (0, 1)
    module.write_bytes(module.read_bytes())
    assert nolibpy("fix", "--unsafe-fixes", site).returncode == 0
    assert nolibpy("fix", "--undo", site).returncode == 0
    assert state(site) == before


def test_a_file_that_has_changed_since_is_left_and_the_rest_restored(site: Path) -> None:
    before = state(site)
    assert nolibpy("fix", "--unsafe-fixes", site).returncode == 0
    module = site / "pkg/__init__.py"
    module.write_text(module.read_text() + "# changed\n")
    changed = module.read_bytes()
    ran = nolibpy("fix", "--undo", site)
    assert ran.returncode == 2
    assert "it has changed since it was fixed" in ran.stderr
    assert module.read_bytes() == changed
    assert (site / MODULE).read_bytes() == before[MODULE]
    (kept,) = [p for p in (site / BACKUP).iterdir() if p.name != "manifest.json"]
    assert kept.read_bytes() == before["pkg/__init__.py"]
    assert str(kept) in ran.stderr


@pytest.mark.parametrize("uninstalled", [True, False])
def test_what_is_gone_is_forgotten_only_if_it_was_uninstalled(
    site: Path, uninstalled: bool
) -> None:
    assert nolibpy("fix", "--unsafe-fixes", site).returncode == 0
    (site / MODULE).unlink()
    if uninstalled:
        (site / "pkg/__init__.py").unlink()
        shutil.rmtree(site / "spam-1.0.dist-info")
    undone = nolibpy("fix", "--undo", site)
    assert undone.returncode == 2
    assert ("there is no fix to undo" in undone.stderr) is uninstalled
    assert ("it has been deleted since it was fixed (" in undone.stderr) is not uninstalled
    assert (site / BACKUP).exists() is not uninstalled
    if not uninstalled:
        original = undone.stderr.rpartition("(")[2].partition(")")[0]
        assert LIBRARY.encode() in Path(original).read_bytes()


def test_undo_of_one_file_leaves_the_others(site: Path) -> None:
    before = state(site)
    assert nolibpy("fix", "--unsafe-fixes", site).returncode == 0
    ran = nolibpy("fix", "--undo", site / MODULE)
    assert ran.returncode == 0
    assert "Restored 1 file." in ran.stdout
    assert (site / MODULE).read_bytes() == before[MODULE]
    assert (site / "pkg/__init__.py").read_bytes() != before["pkg/__init__.py"]


def test_a_diff_and_a_check_leave_everything(site: Path) -> None:
    before = state(site)
    nolibpy("fix", "--diff", "--unsafe-fixes", site)
    nolibpy("check", "--environment", environment_of(site))
    assert state(site) == before


def test_a_hostile_manifest_restores_nothing_outside(site: Path, tmp_path: Path) -> None:
    assert nolibpy("fix", "--unsafe-fixes", site).returncode == 0
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    manifest = site / BACKUP / "manifest.json"
    entries = json.loads(manifest.read_text())
    entry = {**entries[MODULE], "new": hashlib.sha256(b"mine").hexdigest()}
    path = os.path.relpath(victim, site)
    (site / "link").symlink_to(victim)
    manifest.write_text(json.dumps({path: entry, "link": entry}))
    ran = nolibpy("fix", "--undo", tmp_path)
    assert ran.returncode == 2
    assert victim.read_bytes() == b"mine"
    manifest.write_text('{"a": {"old": "../../x"}}')
    ran = nolibpy("fix", "--undo", site)
    assert ran.returncode == 2
    assert "manifest.json` is corrupt" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("row", ["{row}\nother.py,,\n", "other.py,,", "\ud800,,", ""])
def test_a_hostile_row_does_not_reach_record(site: Path, row: str) -> None:
    assert nolibpy("fix", "--unsafe-fixes", site).returncode == 0
    manifest = site / BACKUP / "manifest.json"
    entries = json.loads(manifest.read_text())
    entries[MODULE]["row"] = row.format(row=entries[MODULE]["row"].strip())
    manifest.write_text(json.dumps(entries))
    before = state(site)
    ran = nolibpy("fix", "--undo", site)
    assert ran.returncode == 2
    assert "manifest.json` is corrupt" in ran.stderr
    assert state(site) == before


@pytest.mark.parametrize("name", ["a-1.dist-info/RECORD", f"{BACKUP}/manifest.json"])
def test_a_pipe_is_not_waited_for(site: Path, name: str) -> None:
    (site / name).parent.mkdir()
    os.mkfifo(site / name)
    done = nolibpy("fix", "--unsafe-fixes", site)
    assert done.returncode == (2 if BACKUP in name else 0)


def test_what_a_package_brings_along_is_in_its_own_record(site: Path) -> None:
    inner = site / "pkg/_vendor"
    (inner / "ham-1.dist-info").mkdir(parents=True)
    (inner / "ham-1.dist-info/INSTALLER").write_text("pip\n")
    (inner / "ham-1.dist-info/RECORD").write_text("ham.py,,\n")
    (inner / "ham.py").write_text(LOADS)
    with open(site / "spam-1.0.dist-info/RECORD", "a") as record:
        record.write("pkg/_vendor/ham.py,sha256=x,1\n")
    before = state(site)
    assert nolibpy("fix", "--unsafe-fixes", site).returncode == 0
    assert_record_is_right(site)
    assert not (inner / BACKUP).exists()
    assert nolibpy("fix", "--undo", inner / "ham.py").returncode == 0
    assert (inner / "ham.py").read_bytes() == before["pkg/_vendor/ham.py"]


def test_a_backup_that_is_a_link_is_not_filled(site: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (site / BACKUP).symlink_to(tmp_path / "elsewhere")
    before = (site / MODULE).read_bytes()
    ran = nolibpy("fix", "--unsafe-fixes", site)
    assert ran.returncode == 2
    assert f"`{BACKUP}` is a link" in ran.stdout + ran.stderr
    assert (site / MODULE).read_bytes() == before
    assert list((tmp_path / "elsewhere").iterdir()) == []


def refused(site: Path, words: str, **more: str) -> None:
    before = state(site)
    ran = nolibpy("fix", "--unsafe-fixes", site, **more)
    assert ran.returncode == 2
    told = " ".join((ran.stdout + ran.stderr).split())
    assert words in told
    assert "--include-managed" in told
    assert (site / MODULE).read_bytes() == before[MODULE]
    ran = nolibpy("fix", "--unsafe-fixes", "--include-managed", site, **more)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert (site / MODULE).read_bytes() != before[MODULE]


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="dpkg is not installed")
def test_what_dpkg_installed_is_refused(site: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    shutil.copytree(site / "pkg", tree / site.relative_to("/") / "pkg")
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(
        "Package: python3-spam\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.c>\nDescription: x\n"
    )
    admin = tmp_path / "admin"
    for folder in ("info", "updates", "triggers"):
        (admin / folder).mkdir(parents=True)
    for name in ("status", "available"):
        (admin / name).touch()
    subprocess.run(["dpkg-deb", "-b", tree, tmp_path / "a.deb"], check=True, capture_output=True)
    install = ["dpkg", f"--admindir={admin}", "--force-not-root", "--force-bad-path", "--log=/dev/null"]  # fmt: skip
    done = subprocess.run([*install, "-i", tmp_path / "a.deb"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"dpkg cannot install here: {done.stderr.decode()[-200:]}")
    refused(site, "Debian package `python3-spam`", DPKG_ADMINDIR=str(admin))


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="dpkg is not installed")
def test_what_the_dpkg_of_a_chroot_installed_is_refused(site: Path, tmp_path: Path) -> None:
    root = tmp_path / "chroot"
    inside = Path("usr/lib/python3/dist-packages")
    shutil.copytree(site / "pkg", root / inside / "pkg")
    lists = root / "var/lib/dpkg"
    (lists / "info").mkdir(parents=True)
    (lists / "info/spam.list").write_text(f"/{inside}/{MODULE}\n")
    (lists / "status").write_text(
        "Package: spam\nStatus: install ok installed\nMaintainer: a <a@b.c>\nArchitecture: all\n"
        "Version: 1\nDescription: x\n"
    )
    refused(root / inside, "Debian package `spam`")
    # What pip put there is in no list.
    shutil.copytree(site / "pkg", root / inside / "other")
    sums = root / "DEBIAN/md5sums"
    sums.parent.mkdir()
    sums.touch()
    done = nolibpy("fix", "--unsafe-fixes", root / inside / "other")
    assert done.returncode == 0
    told = f"{sums}: has the old hashes; renew it before you pack the directory"
    assert told in done.stderr
    assert "is not kept" not in done.stderr
    # A program's plug-in is in no directory of packages, so no original of it is kept.
    shutil.copytree(site / "pkg", root / "usr/lib/spam")
    shutil.copytree(site / "pkg", root / inside / "more")
    done = nolibpy("fix", root / "usr/lib/spam" / Path(MODULE).name, root / inside / "more")
    plug_in = root / "usr/lib/spam" / Path(MODULE).name
    assert f"{plug_in}: outside of site-packages no original is kept\n" in done.stderr
    done = nolibpy("fix", "--unsafe-fixes", root / "usr/lib/spam")
    assert (told in done.stderr, "is not kept" in done.stderr) == (True, False)


@pytest.mark.parametrize("listed", [True, False])
def test_a_copy_of_a_module_is_told_to_lack_its_package(
    site: Path, tmp_path: Path, listed: bool
) -> None:
    copy = shutil.copy(site / MODULE, tmp_path)
    done = nolibpy("fix", f"--output-dir={tmp_path / 'out'}", site if listed else copy)
    told = "nolibpy: note: 1 file copied without the package around: without --output-dir"
    assert (told in done.stderr) is listed


@pytest.mark.parametrize(
    ("program", "question", "words"),
    [
        ("rpm", "-qf --queryformat %{NAME}\\n", "RPM package `py-spam`"),
        ("pacman", "-Qqo --", "Arch package `py-spam`"),
        ("apk", "info -qW", "Alpine package `py-spam`"),
    ],
)
def test_what_other_systems_installed_is_refused(
    site: Path, tmp_path: Path, program: str, question: str, words: str
) -> None:
    """pacman 6.0 and apk-tools 2.14 answer so; a file of nobody is an error and a status of 1."""
    asked = tmp_path / "bin" / program
    asked.parent.mkdir()
    asked.write_text(
        f"#!/bin/sh\ncase \"$*\" in '{question} {site}'*) echo py-spam;; *) echo no >&2; exit 1; esac\n"
    )
    asked.chmod(0o755)
    path = os.pathsep.join([str(asked.parent), os.environ["PATH"]])
    refused(site, words, PATH=path)
    asked.write_text("#!/bin/sh\necho error: No package owns it >&2\nexit 1\n")
    assert nolibpy("fix", "--undo", site).returncode == 0
    assert nolibpy("fix", "--unsafe-fixes", site, PATH=path).returncode == 0


def test_what_conda_installed_is_refused_and_what_pip_did_is_not(site: Path) -> None:
    meta = environment_of(site) / "conda-meta"
    meta.mkdir()
    others = {"name": "other", "files": ["lib/other.so"]}
    (meta / "other-1-0.json").write_text(json.dumps(others))
    before = (site / MODULE).read_bytes()
    assert nolibpy("fix", "--unsafe-fixes", site).returncode == 0
    assert nolibpy("fix", "--undo", site).returncode == 0
    assert (site / MODULE).read_bytes() == before
    prefix = site.relative_to(environment_of(site)).as_posix()
    owned = {"name": "spam", "files": [f"{prefix}/{MODULE}", f"{prefix}/pkg/__init__.py"]}
    (meta / "spam-1.0-0.json").write_text(json.dumps(owned))
    refused(site, "conda package `spam-1.0-0`")
    assert nolibpy("fix", "--undo", site).returncode == 0
    unread = meta / "spam-1.0-0.json"
    for content in ("null", '{"files": [{}', '{"files": ["\udcff"]}', ""):
        unread.write_text(content, errors="surrogateescape")
        if not content:
            unread.unlink()
            unread.symlink_to("gone")
        ran = nolibpy("fix", "--unsafe-fixes", site)
        told = f"it may belong to a conda package, since `{unread}` cannot be read: repair that"
        assert told in " ".join((ran.stdout + ran.stderr).split())
        assert (site / MODULE).read_bytes() == before


def test_a_record_that_cannot_be_renewed_is_named(site: Path, tmp_path: Path) -> None:
    before = (site / MODULE).read_bytes()
    (record,) = site.glob("*.dist-info/RECORD")
    name = record.relative_to(site)
    record.chmod(0o444)
    ran = nolibpy("fix", "--unsafe-fixes", site)
    assert f"not written: `{name}` is read-only" in ran.stdout + ran.stderr
    record.chmod(0o644)
    record.rename(tmp_path / "RECORD")
    record.symlink_to(tmp_path / "RECORD")
    ran = nolibpy("fix", "--unsafe-fixes", site)
    assert f"not written: `{name}`: it is a link to a file" in ran.stdout + ran.stderr
    assert (site / MODULE).read_bytes() == before


@pytest.mark.parametrize(("asked", "words"), [([], "there is no fix to undo"), (["none"], "no such file")])  # fmt: skip
def test_undo_where_nothing_was_fixed_is_one_line(
    tmp_path: Path, asked: list[str], words: str
) -> None:
    ran = nolibpy("fix", "--undo", *[tmp_path / name for name in asked or [""]])
    assert ran.returncode == 2
    assert words in ran.stderr
    assert ran.stderr.count("\n") == 1


def test_what_record_lists_outside_of_the_packages_is_checked(site: Path, tmp_path: Path) -> None:
    place = environment_of(site).relative_to(tmp_path)
    prefix = environment_of(site).rename(tmp_path / ".venv")
    site = prefix / site.relative_to(tmp_path / place)
    files = {
        "bin/run": "#!/usr/bin/env python3\n" + LOADS,
        "share/spam/k.py": LOADS,
        "share/spam/data.txt": LOADS,
        "lib/spam/plugins/" + MODULE.rpartition("/")[2]: "",
        "share/__pycache__/k.py": LOADS,
        "share/other.py": LOADS,  # in no list
    }
    for name, text in files.items():
        path = prefix / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() or (site / MODULE).read_bytes())
    elsewhere = prefix.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "x.py").write_text(LOADS)
    (prefix / "share/link.py").symlink_to(elsewhere / "x.py")
    (prefix / "share/linked").symlink_to(elsewhere)
    (prefix / "share/twice").symlink_to(site / "pkg")
    listed = [os.path.relpath(prefix / name, site) for name in list(files)[:5]]
    listed += [str(prefix / "share/spam/k.py")]
    listed += ["../../../share/link.py", "../../../share/linked/x.py", str(elsewhere / "x.py")]
    listed += ["../../../../elsewhere/x.py", "../../../share/twice/__init__.py", "../../../gone.py"]
    listed += ["../../..", "/etc/passwd", "../../../\0.py", "../../../share"]
    with open(site / "spam-1.0.dist-info/RECORD", "a", newline="") as file:
        csv.writer(file).writerows([name, "", ""] for name in listed)
    before = state(prefix)
    found = nolibpy("check", "--output-format", "concise", "--environment", prefix)
    places = [line.split(":")[0] for line in found.stdout.splitlines()]
    outside = [
        name for name in files if name in ("bin/run", "share/spam/k.py") or "plugins" in name
    ]
    wanted = [*map(prefix.joinpath, outside), site / MODULE, site / "pkg/__init__.py"]
    assert sorted(places) == sorted(map(str, wanted)), found.stdout + found.stderr
    assert found.returncode == 1
    # A path is checked as it is given.
    inside = nolibpy("check", "--output-format", "concise", site).stdout
    assert [line.split(":")[0] for line in inside.splitlines()] == sorted(map(str, wanted[3:]))
    fixed = nolibpy("fix", "--unsafe-fixes", "--environment", prefix)
    assert fixed.returncode == 0, fixed.stdout + fixed.stderr
    assert_record_is_right(site)
    undone = nolibpy("fix", "--undo", "--environment", prefix)
    assert (undone.returncode, "Restored 5 files." in undone.stdout) == (0, True), undone.stderr
    changed = {name for name, data in state(prefix).items() if data != before.get(name)}
    assert changed == set()


def row_of(name: str, data: bytes) -> list[str]:
    digest = urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
    return [name, f"sha256={digest}", str(len(data))]


def write_record(path: Path, rows: list[list[str]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows(rows)


def read_record(path: Path) -> list[list[str]]:
    with open(path, newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize("first_is_right", [True, False])
@pytest.mark.parametrize("other_is_right", [True, False])
def test_each_record_that_was_right_is_right_after_a_fix(
    site: Path, first_is_right: bool, other_is_right: bool
) -> None:
    """As opencv-python and opencv-python-headless, which install the same files."""
    data = (site / MODULE).read_bytes()
    right, stale = row_of(MODULE, data), row_of(MODULE, b"another version")
    first, other = site / "aaa-1.dist-info/RECORD", site / "zzz-1.dist-info/RECORD"
    write_record(first, [right if first_is_right else stale, [MODULE + ".txt", "", ""]])
    write_record(other, [["x.py", "", ""], right if other_is_right else stale])
    before = state(site)
    assert nolibpy("fix", "--unsafe-fixes", site / MODULE).returncode == 0
    now = row_of(MODULE, (site / MODULE).read_bytes())
    assert now != right
    assert read_record(first)[0] == (now if first_is_right else stale)
    assert read_record(other)[1] == (now if other_is_right else stale)
    assert_record_is_right(site)
    assert nolibpy("fix", "--undo", site).returncode == 0
    assert state(site) == before


@pytest.mark.parametrize(
    ("place", "renewed"),
    [("spam-1.0", True), (".deps/spam-1.0-py3-none-any.whl", True), ("stale", False)],
)
def test_the_record_of_an_unpacked_wheel_follows_a_fix(
    site: Path, tmp_path: Path, place: str, renewed: bool
) -> None:
    """As after ``wheel unpack``, and in a folder that pex makes."""
    folder = tmp_path / place
    contents = {MODULE: (site / MODULE).read_bytes(), "pkg/__init__.py": LOADS.encode()}
    for name, data in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    record = folder / "spam-1.0.dist-info/RECORD"
    rows = [row_of(name, data if renewed else b"other") for name, data in contents.items()]
    write_record(record, [*rows, ["spam-1.0.dist-info/RECORD", "", ""]])
    ran = nolibpy("fix", "--unsafe-fixes", folder)
    assert (ran.returncode, BACKUP in ran.stderr) == (0, False), ran.stdout + ran.stderr
    assert not list(tmp_path.rglob(BACKUP))
    assert all((folder / name).read_bytes() != data for name, data in contents.items())
    now = [row_of(name, (folder / name).read_bytes()) for name in contents]
    assert read_record(record)[:2] == (now if renewed else rows)
    undone = nolibpy("fix", "--undo", folder / "pkg")
    assert undone.returncode == 2
    assert "no fix to undo (an unpacked wheel has no backup: unpack the wheel" in undone.stderr


HASHES = {
    "sha384": "sha384",
    "sha512": "sha512",
    "blake2b": "sha256",
    "md5": "sha256",
    "shake_128": "sha256",
    "unknown": "sha256",
}


def row_with(method: str, name: str, data: bytes) -> list[str]:
    """Return a row with a hash of another kind, a made-up one where there is none."""
    known = method in hashlib.algorithms_available and not method.startswith("shake")
    digest = hashlib.new(method, data).digest() if known else b"x"
    value = urlsafe_b64encode(digest).decode().rstrip("=")
    return [name, f"{method}={value}", str(len(data))]


@pytest.mark.parametrize("method", HASHES)
def test_every_hash_that_was_right_is_right_after_a_fix(
    site: Path, tmp_path: Path, method: str
) -> None:
    """As PEP 376 allows: in an unpacked wheel, and in two ``RECORD`` files of an environment."""
    old = (site / MODULE).read_bytes()
    rows = [row_with(method, MODULE, old), row_with(method, MODULE + ".txt", b"")]
    unpacked = tmp_path / "spam-1.0"
    (unpacked / MODULE).parent.mkdir(parents=True)
    (unpacked / MODULE).write_bytes(old)
    records = [site / "aaa-1.dist-info/RECORD", site / "zzz-1.dist-info/RECORD"]
    for record in (*records, unpacked / "spam-1.0.dist-info/RECORD"):
        write_record(record, rows)
    before = state(site)
    assert nolibpy("fix", "--unsafe-fixes", site / MODULE, unpacked).returncode == 0
    now = row_with(HASHES[method], MODULE, (unpacked / MODULE).read_bytes())
    assert now[1:] != rows[0][1:]
    for record in (*records, unpacked / "spam-1.0.dist-info/RECORD"):
        assert read_record(record) == [now, rows[1]]
    assert nolibpy("fix", "--undo", site).returncode == 0
    assert read_record(records[0]) == rows
    assert read_record(records[1]) == [row_with(HASHES[method], MODULE, old), rows[1]]
    left = {name for name, data in state(site).items() if before[name] != data}
    assert left <= {"zzz-1.dist-info/RECORD"}


@pytest.mark.parametrize("method", ["sha512", ""])
def test_a_row_that_was_not_right_stays(site: Path, tmp_path: Path, method: str) -> None:
    data = (site / MODULE).read_bytes()
    stale = row_with(method, MODULE, b"other") if method else [MODULE, "", ""]
    record = tmp_path / "spam-1.0/spam-1.0.dist-info/RECORD"
    module = tmp_path / "spam-1.0" / MODULE
    module.parent.mkdir(parents=True)
    module.write_bytes(data)
    write_record(record, [stale])
    assert nolibpy("fix", "--unsafe-fixes", module).returncode == 0
    assert module.read_bytes() != data
    assert read_record(record) == [stale]


def test_a_wheel_that_pex_info_has_the_hash_of_is_left(original: Path, tmp_path: Path) -> None:
    """As in pex's packed layout."""
    wheel = original.parent / "spam-1.0-py3-none-any.whl"
    for place in (".deps", "deps"):
        folder = tmp_path / "app" / place
        folder.mkdir(parents=True)
        shutil.copy(wheel, folder)
    (tmp_path / "app/PEX-INFO").write_text("{}")
    before = wheel.read_bytes()
    assert nolibpy("fix", "--unsafe-fixes", tmp_path / "app").returncode == 1
    assert (tmp_path / "app/.deps" / wheel.name).read_bytes() == before
    assert (tmp_path / "app/deps" / wheel.name).read_bytes() != before
    told = nolibpy("check", tmp_path / "app/.deps").stdout
    assert "since `PEX-INFO` contains its hash" in told
