"""Files that are no files, folders that cannot be read, names that are no text."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.engine.api import check_bytes
from no_libpython_dlopen.engine.installed import backup
from no_libpython_dlopen.report import formats
from tests.end_to_end.commands import run

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="makes pipes, sockets and odd names"
)

LOAD = b'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
COMMAND = (sys.executable, "-m", "no_libpython_dlopen")


def lines(*arguments: str | Path, cwd: Path, status: int) -> list[str]:
    """Return what the command says, both streams, as lines; nothing may be a traceback."""
    done = run(*COMMAND, *arguments, cwd=cwd)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == status, said
    assert "Traceback" not in said
    return said.splitlines()


def check(folder: Path, *names: str, status: int) -> list[str]:
    return lines(
        "check", "--isolated", "--output-format=concise", *names, cwd=folder, status=status
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "found.py").write_bytes(LOAD)
    return tmp_path


FOUND = "found.py:3:7: NLP101"


@pytest.fixture
def a_socket(folder: Path) -> Iterator[str]:
    with socket.socket(socket.AF_UNIX) as listening:
        here = os.getcwd()
        os.chdir(folder)  # the path of a socket has 108 characters at most
        listening.bind("socket.py")
        os.chdir(here)
        yield "socket.py"


def test_pipes_sockets_and_devices_in_a_folder_are_passed_over(folder: Path, a_socket: str) -> None:
    os.mkfifo(folder / "pipe.py")
    os.mkfifo(folder / "pyproject.toml")
    os.mkfifo(folder / ".gitignore")
    os.mkfifo(folder / "no_suffix")
    (folder / "device.py").symlink_to("/dev/zero")
    (folder / "terminal.py").symlink_to("/dev/tty")
    found = lines("check", "--output-format=concise", ".", cwd=folder, status=2)
    assert [line[: len(FOUND)] for line in found[:1]] == [FOUND]
    assert sorted(found[1:]) == [  # a file of settings that cannot be read is an error
        "nolibpy: error: .gitignore: it is not a regular file",
        "nolibpy: error: pyproject.toml: it is not a regular file",
    ]


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (os.mkfifo, "a named pipe"),
        (lambda path: path.symlink_to("/dev/zero"), "a device"),
        (lambda path: path.symlink_to("/dev/stdin"), ""),
    ],
    ids=["pipe", "device", "standard input"],
)
def test_one_that_is_asked_for_is_told_and_the_others_are_checked(folder, make, what) -> None:
    make(folder / "odd.py")
    found = check(folder, "odd.py", "found.py", status=2)
    assert len(found) == 2
    assert found[0].startswith("odd.py:1:1: NLP900")
    assert what in found[0]
    assert found[1].startswith(FOUND)


def test_a_socket_that_is_asked_for_is_told(folder: Path, a_socket: str) -> None:
    found = check(folder, a_socket, status=2)
    assert found == ["socket.py:1:1: NLP900 not a regular file: a socket"]


def test_links_that_lead_nowhere_or_in_circles_are_passed_over(folder: Path) -> None:
    (folder / "dangling.py").symlink_to("nowhere.py")
    (folder / "itself.py").symlink_to("itself.py")
    (folder / "one.py").symlink_to("two.py")
    (folder / "two.py").symlink_to("one.py")
    (folder / "up").symlink_to("..")
    (folder / "here").symlink_to(".")
    assert len(check(folder, ".", status=1)) == 1
    *found, missing = check(folder, "dangling.py", "itself.py", "one.py", "no.py", status=2)
    assert len(found) == 3
    assert all("NLP900" in line for line in found)
    assert missing == "nolibpy: error: no.py: no such file or directory"


def test_a_fix_through_a_link_changes_the_file_and_keeps_the_link(folder: Path) -> None:
    (folder / "link.py").symlink_to("found.py")
    lines("fix", "--isolated", "-q", "link.py", cwd=folder, status=0)
    assert (folder / "link.py").is_symlink()
    assert b"ctypes.pythonapi" in (folder / "found.py").read_bytes()


def unprivileged(folder: Path, *arguments: str, status: int) -> list[str]:
    """Run the command bound by the modes of files, as everybody but root is."""
    command: tuple[str, ...] = COMMAND
    if os.getuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root needs setpriv to be bound by the modes of files")
        command = (setpriv, "--bounding-set=-dac_override,-dac_read_search", *COMMAND)
    done = run(*command, *arguments, cwd=folder)
    said = (done.stdout + done.stderr).decode()
    assert done.returncode == status, said
    assert "Traceback" not in said
    return said.splitlines()


@pytest.fixture
def open_folder(folder: Path) -> Iterator[Path]:
    """A folder whose modes are put right when the test is over."""
    yield folder
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)


def test_what_may_not_be_read_is_told_and_the_rest_is_checked(open_folder: Path) -> None:
    secret = open_folder / "secret.py"
    secret.write_bytes(LOAD)
    secret.chmod(0)
    closed = open_folder / "closed"
    closed.mkdir()
    (closed / "inside.py").write_bytes(LOAD)
    closed.chmod(0)
    arguments = ("check", "--isolated", "--output-format=concise", ".")
    assert [line.rpartition(":")[0] for line in unprivileged(open_folder, *arguments, status=2)] == [
        "closed:1:1: NLP900 cannot be read",
        "found.py:3:7: NLP101 `ctypes.PyDLL` opens `libpython3.11.so`; use `ctypes.pythonapi`"
        .rpartition(":")[0],
        "secret.py:1:1: NLP900 cannot be read",
    ]  # fmt: skip


def test_a_file_that_may_not_be_written_is_left_and_told(open_folder: Path) -> None:
    found = open_folder / "found.py"
    found.chmod(0o444)
    said = unprivileged(open_folder, "fix", "--isolated", "--output-format=concise", ".", status=2)
    assert len(said) == 2
    assert said[0] == "found.py:1:1: NLP900 not written: the file is read-only"
    assert said[1].startswith(FOUND)
    assert found.read_bytes() == LOAD


def test_a_file_in_a_folder_that_may_not_be_written_is_left_and_told(open_folder: Path) -> None:
    found = open_folder / "found.py"
    found.chmod(0o666)
    open_folder.chmod(0o555)
    said = unprivileged(open_folder, "fix", "--isolated", "--output-format=concise", ".", status=2)
    assert said[0].startswith("found.py:1:1: NLP900 cannot be written: Permission denied")
    assert found.read_bytes() == LOAD
    assert sorted(os.listdir(open_folder)) == ["found.py"]


NAMES = {
    "bytes that are no text": b"caf\xe9.py",
    "a line feed": b"a\nb.py",
    "an escape sequence": b"\x1b[2J\x1b]0;title\x07.py",
    "a carriage return": b"harmless\rpath.py",
    "text that runs backwards": "\u202egnp.py".encode(),
    "a leading dash": b"-rf.py",
    "quotes": b"'\"`$(id).py",
    "255 bytes": b"x" * 252 + b".py",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_file_of_any_name_is_checked_shown_in_one_line_and_fixed(
    tmp_path: Path, name: bytes
) -> None:
    path = os.path.join(os.fsencode(tmp_path), name)
    with open(path, "wb") as file:
        file.write(LOAD)
    found = check(tmp_path, ".", status=1)
    assert len(found) == 1
    assert found[0].isprintable()
    assert "NLP101" in found[0]
    lines("fix", "--isolated", "-q", ".", cwd=tmp_path, status=0)
    with open(path, "rb") as file:
        assert b"ctypes.pythonapi" in file.read()
    assert os.listdir(os.fsencode(tmp_path)) == [name]


FORMATS = ("text", "concise", "json", "sarif", "github", "gitlab", "junit", "rdjson")


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_passes_on_what_moves_a_terminal(tmp_path: Path, form: str) -> None:
    """Neither from a name nor from a source line, in one job or in several."""
    name = b"\x1b[31mred\x07\xe9.py"
    with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
        file.write(
            b"x = '\x1b[2J\x9b'; "
            + LOAD.replace(b"\n\n", b"; ", 1).replace(b"import", b"import", 1)
        )
    done = run(*COMMAND, "check", "--isolated", f"--output-format={form}", ".", cwd=tmp_path)
    said = (done.stdout + done.stderr).decode()
    moving = [c for c in said if not c.isprintable() and c != "\n"]
    assert moving == []
    assert "NLP" in said
    if form in ("json", "sarif", "rdjson", "gitlab"):
        json.loads(done.stdout)


ENCODINGS = {
    "a codec that is none": b"# coding: no-such-codec\n" + LOAD,
    "a codec of bytes": b"# coding: base64\n" + LOAD,
    "a codec that turns letters": b"# coding: rot13\n" + LOAD,
    "a codec that inflates": b"# coding: zlib\n" + LOAD,
    "a codec that is a path": b"# coding: ../../etc/passwd\n" + LOAD,
    "a codec of a very long name": b"# coding: " + b"a" * 100_000 + b"\n" + LOAD,
    "bytes that are not of the codec": b"# coding: ascii\n# \xff\n" + LOAD,
    "bytes that are not UTF-8": b"# \xff\xfe\n" + LOAD,
    "two codecs": b"\xef\xbb\xbf# coding: latin-1\n" + LOAD,
    "UTF-16": LOAD.decode().encode("utf-16"),
    "undefined": b"# coding: undefined\n" + LOAD,
    "a codec of names of hosts": b"# coding: idna\n" + LOAD,
}  # fmt: skip


#: What is said of a declared encoding, and where; ``None`` if it can be read.
SAID = {
    "no-such-codec": "unknown encoding: no-such-codec",
    "a\\u0130": None,  # the comment ends before it, and no encoding of this name is known
    **{
        name: f"{name} is not an encoding of text"
        for name in ("rot13", "rot_13", "zlib", "bz2", "hex", "base64", "uu", "quopri")
    },
    **{name: f"{name} is not an encoding of text" for name in ("undefined", "idna", "punycode")},
    "ascii": "not ascii text: ordinal not in range(128)",
    "utf-7": None,
    "latin-1": None,
}


@pytest.mark.parametrize("row", [1, 2])
@pytest.mark.parametrize("name", SAID)
def test_what_is_said_of_an_encoding_is_ours_and_names_its_line(name: str, row: int) -> None:
    code = b"#\n" * (row - 1) + b"# coding: " + name.encode() + b"\n" + LOAD + b"# \xe9\n"
    found = [one for one in check_bytes(code, "a.py") if one.code == "NLP900"]
    said = SAID[name]
    if said is None:
        assert "internal error" not in "".join(one.message for one in found)
        return
    assert [one.message for one in found] == [said]
    last = code.count(b"\n")
    assert found[0].start.row == (last if name == "ascii" else row)


@pytest.mark.parametrize("data", ENCODINGS.values(), ids=ENCODINGS)
def test_text_that_cannot_be_decoded_is_told_once_and_left_alone(folder: Path, data: bytes) -> None:
    (folder / "odd.py").write_bytes(data)
    found = check(folder, ".", status=2)
    assert found[0].startswith(FOUND)
    assert len(found) == 2
    assert found[1].startswith("odd.py:")
    assert "NLP900" in found[1]
    lines("fix", "--isolated", "-q", "--output-format=concise", ".", cwd=folder, status=2)
    assert (folder / "odd.py").read_bytes() == data


@pytest.fixture
def deep(folder: Path) -> Iterator[Path]:
    """A file in more folders than Python's recursion limit.

    They are removed by ``rm``: what pytest removes old folders with has that limit.
    """
    (folder / "found.py").unlink()
    here = os.getcwd()
    os.chdir(folder)
    try:
        for _ in range(1100):
            os.mkdir("d")
            os.chdir("d")
        Path("found.py").write_bytes(LOAD)
    finally:
        os.chdir(here)
    yield folder / ("d/" * 1100)
    subprocess.run(["rm", "-rf", str(folder / "d")], check=True)


def test_a_file_in_very_many_folders_is_checked(folder: Path, deep: Path) -> None:
    assert lines("check", deep, cwd=folder, status=1)
    for form in formats():
        assert lines("check", f"--output-format={form}", ".", cwd=folder, status=1)


def test_a_file_in_very_many_folders_is_fixed(folder: Path, deep: Path) -> None:
    assert lines("config", deep, cwd=folder, status=0)
    assert lines("fix", deep / "found.py", cwd=folder, status=0)
    assert b"PyDLL" not in (deep / "found.py").read_bytes()
    assert lines("fix", "--undo", folder, cwd=folder, status=2)
    [said] = lines("survey", folder, cwd=folder, status=2)
    assert said.endswith("no wheels or source distributions in this directory")


@pytest.mark.parametrize("place", ["lib/python3.12/site-packages", "spam-1"])
def test_a_directory_of_packages_that_somebody_keeps_locked_is_not_waited_for_without_end(
    tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever may read it can lock it. An unpacked wheel has no backup."""
    fcntl = pytest.importorskip("fcntl")
    site = tmp_path / place
    (site / "spam-1.dist-info").mkdir(parents=True)
    (site / "spam-1.dist-info/RECORD").write_text("spam.py,,\neggs.py,,\n")
    for name in ("spam.py", "eggs.py"):
        (site / name).write_bytes(LOAD)
    monkeypatch.setattr(backup, "PATIENCE", 0.3)
    descriptor = os.open(site, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        assert main(["fix", "--isolated", str(site)]) == 2
        said = [line for line in capsys.readouterr().out.splitlines() if ": NLP900 " in line]
        assert ["another process has locked" in line for line in said] == [True, True]
        assert main(["fix", "--isolated", "--undo", str(site)]) == 2
        assert (site / "spam.py").read_bytes() == LOAD
    finally:
        os.close(descriptor)
    assert main(["fix", "--isolated", str(site)]) == 0
    is_installed = place.endswith("site-packages")
    assert main(["fix", "--isolated", "--undo", str(site)]) == (0 if is_installed else 2)
    assert ((site / "spam.py").read_bytes() == LOAD) is is_installed
