"""Which paths led to files, and which files are counted in the closing line."""

from __future__ import annotations

import io
import os
import tarfile
import venv
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.config import Configuration
from no_libpython_dlopen.engine import discover

EMPTY = "nolibpy: warning: no files to check\n"
BROKEN = 'import ctypes\nctypes.PyDLL("libpython3.11.so"\n'


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    for name in ("empty", "x.whl", "oci"):
        (tmp_path / name).mkdir()
    (tmp_path / "oci" / "oci-layout").write_text("{}")
    (tmp_path / "none.txt").write_text("# nothing yet\n")
    venv.create(tmp_path / "venv", symlinks=True)
    (tmp_path / "prose").mkdir()
    (tmp_path / "prose" / "a.txt").write_text("libpython\n")
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.py").write_text("x = 1\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def warned(*folders: str) -> str:
    return "".join(f"nolibpy: warning: {one}: no files to check\n" for one in folders)


#: What is asked for, the exit status, and what standard error says.
ASKED = [
    (["empty"], 2, warned("empty")),
    (["empty/"], 2, warned("empty/")),
    (["prose"], 2, warned("prose")),
    (["empty", "prose"], 2, warned("empty", "prose")),
    (["x.whl/"], 2, warned("x.whl/").replace("\n", ": it is a directory\n")),
    (
        ["oci"],
        2,
        warned("oci").replace("\n", ": it is an OCI layout without `index.json` and `blobs`\n"),
    ),
    (["src", "empty"], 2, warned("empty")),
    (["-q", "src", "empty"], 2, warned("empty")),
    (["src", "src/a.py", "./src"], 0, ""),
    (["--exclude", "src", "src"], 2, warned("src")),
    (["--exclude", "src", "--force-exclude", "src"], 0, EMPTY),
    (["--exclude", "src", "--force-exclude", "src/a.py"], 0, EMPTY),
    (["-q", "--exclude", "src"], 0, ""),
    (["--exclude", "src"], 0, EMPTY),
]
NO_PACKAGES = "nolibpy: error: none.txt: no packages in this file\n"
OFF = "nolibpy: warning: nothing was checked: all rules are disabled for 1 file\n"
#: The same, with what only `check` takes.
NAMED = [
    (["-r", "none.txt"], 2, NO_PACKAGES),
    (["-q", "-r", "none.txt"], 2, NO_PACKAGES),
    (["-r", "none.txt", "src"], 2, NO_PACKAGES),
    (["--environment", "venv"], 2, EMPTY),
    (["-q", "--environment", "venv"], 2, EMPTY),
    (["--environment", "venv", "src"], 0, ""),
    (["--environment", "venv", "--force-exclude"], 0, EMPTY),
    (["--ignore", "ALL", "src"], 0, OFF),
]
COMMANDS = [["check"], ["fix"], ["check", "--show-files"]]


@pytest.mark.parametrize(
    ("command", "argv", "status", "said"),
    [
        *((command, *row) for command in COMMANDS for row in ASKED),
        *((command, *row) for command in COMMANDS[::2] for row in NAMED),
    ],
)
def test_a_folder_that_leads_to_no_file_is_told(
    command: list[str], argv: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, *argv]) == status
    out, err = capsys.readouterr()
    assert err == said, argv
    assert "0 files" not in out


def test_the_root_of_the_file_system_has_files(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tops = {entry.name for entry in os.scandir("/") if entry.is_dir(follow_symlinks=False)}
    opened = []
    monkeypatch.setattr(
        discover,
        "_open_folder",
        lambda folder, shown, configuration, **_: (
            opened.append(shown) or (folder.open(configuration) if shown in ("/", ".") else None)
        ),
    )
    for path in ("/", "."):
        monkeypatch.chdir("/")
        opened.clear()
        assert not any(found.problem for found in discover.discover(path, Configuration()))
        walked = {shown.strip("/") for shown in opened[1:]}
        assert walked
        assert walked <= tops
    monkeypatch.chdir(here)


LOADS = 'import ctypes\na = ctypes.PyDLL("libpython3.11.so")\nb = ctypes.CDLL("libpython3.12.so")\n'


def cut_tar(*texts: str) -> str:
    """Return an archive of modules that ends inside of another member."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for number, text in enumerate((*texts, "x" * 2000)):
            about = tarfile.TarInfo(f"{number}.py" if text in texts else "data")
            about.size = len(text)
            tar.addfile(about, io.BytesIO(text.encode()))
    return made.getvalue()[: len(texts) * 1024 + 1000].decode()


@pytest.mark.parametrize("options", [[], ["--select", "NLP1"], ["--jobs", "2"]])
@pytest.mark.parametrize("command", ["check", "fix"])
@pytest.mark.parametrize(
    ("files", "status", "said"),
    [
        ({"a.py": BROKEN}, 2, ["1 file (or archive member) could not be read."]),
        (
            {"a.py": BROKEN, "b.py": "x = 1\n"},
            2,
            ["1 file (or archive member) could not be read.", "No findings in 1 file."],
        ),
        ({"a.py": BROKEN, "b.py": "\0"}, 2, ["2 files (or archive members) could not be read."]),
        (
            {"a.py": f"# nolibpy: ignore-file\n{BROKEN}"},
            0,
            ["1 file could not be analysed; NLP900, which says why, is disabled there."],
        ),
        ({"a.py": f"# nolibpy: ignore-file\n{BROKEN}", "b.py": "x"}, 0, ["No findings in 1 file."]),
        ({"a.whl": "no archive"}, 2, ["1 file (or archive member) could not be read."]),
        (
            {"a.tar": cut_tar(LOADS), "b.py": BROKEN},
            2,
            ["2 files (or archive members) could not be read.", "2 findings in 1 file"],
        ),
        (
            {"a.tar": cut_tar(LOADS, LOADS), "b.py": "x = 1\n"},
            2,
            ["1 file (or archive member) could not be read.", "4 findings in 2 files"],
        ),
        ({"a.so": "\x7fELF"}, 2, ["1 file (or archive member) could not be read."]),
        ({"a.py": BROKEN, "a.txt": ""}, 2, ["1 file (or archive member) could not be read."]),
        (
            {"a.py": BROKEN, "b.py": 'import ctypes\nctypes.PyDLL(f"libpython{x}.so")\n'},
            2,
            ["1 file (or archive member) could not be read.", "1 finding in 1 file"],
        ),
    ],
)
def test_no_findings_is_said_only_of_what_was_analysed(
    command: str,
    options: list[str],
    files: dict[str, str],
    status: int,
    said: list[str],
    here: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tree = here / "tree"
    tree.mkdir()
    for name, text in files.items():
        (tree / name).write_text(text)
    assert main([command, *options, "tree"]) == status
    last = capsys.readouterr().out.rpartition("\n\n")[2].splitlines()
    assert [line[: len(wanted)] for line, wanted in zip(last, said, strict=True)] == said


@pytest.mark.parametrize("name", ["a.so", "a.cpython-311-x86_64-linux-gnu.so", "a.dylib"])
@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 0),
        (b"\n", 0),
        (b"/* a linker script */\nGROUP ( liba.so.1 )\n", 0),
        ("/* für ld \u2014 */ ".encode() * 40, 0),
        ("/* f\xfcr ld */".encode("latin-1"), 0),
        ("\u2014".encode() * 100, 0),  # a character is cut
        (b"MZ\x90\0\3\0", 0),
        (b"!<arch>\n", 0),
        (b"!<thin>\n", 0),
        (b"\0asm\1\0\0\0", 0),
        (bytes(500), 2),
        (b"\0", 2),
        (b"\1\2\3", 2),
        (bytes(range(256)), 2),
        (b"\x1f\x8b\x08\0\0\0\0\0", 2),
        (b"\x7fEL", 2),
        (b"text\0text", 2),
    ],
)
def test_a_given_library_that_is_none_is_told(
    name: str, data: bytes, status: int, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / name).write_bytes(data)
    assert main(["check", name]) == status
    out = capsys.readouterr().out
    assert ("its first bytes are not those of" in out) is bool(status)
    assert ("No findings" in out) is not bool(status)


def test_what_is_ignored_on_purpose_is_no_error(here: Path) -> None:
    (here / "src" / "a.py").write_text(BROKEN)
    assert main(["check", "src"]) == 2
    assert main(["check", "--select", "NLP101", "src"]) == 2
    for ignored in ("NLP900", "NLP9", "NLP"):
        assert main(["check", "--ignore", ignored, "src"]) == 0


PROSE = ["prose/a.txt", "README.md", "LICENSE", "a.png", "src/a.py"]


@pytest.fixture
def prose() -> None:
    for name in PROSE[1:-1]:
        Path(name).write_bytes(b"\0libpython\n")


@pytest.mark.usefixtures("prose")
@pytest.mark.parametrize(
    "command", [["check"], ["fix"], ["check", "--show-files"], ["fix", "--diff"]]
)
def test_files_of_unsupported_types_are_told_in_one_line(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, *PROSE]) == 2
    out, err = capsys.readouterr()
    assert (out + err).count("unsupported file type: ") == 1
    (line,) = (line for line in err.splitlines() if "not checked either" in line)
    assert line == (
        "nolibpy: error: unsupported file types, not checked either: README.md, LICENSE, a.png; "
        "directories are searched for supported files only"
    )


@pytest.mark.usefixtures("prose")
@pytest.mark.parametrize(
    "options",
    [["--output-format=json"], ["--output=sarif=-", "-o=a"], ["--output-format=json-lines", "-q"]],
)
def test_programs_are_told_of_each_file_of_an_unsupported_type(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *options, *PROSE]) == 2
    out, err = capsys.readouterr()
    assert out.count("unsupported file type: ") == 4
    assert "not checked either" not in err


@pytest.mark.usefixtures("prose")
def test_one_file_of_an_unsupported_type_is_reported_as_others_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["check", "-q", "README.md"]) == 2
    out, err = capsys.readouterr()
    assert out.startswith("README.md:1:1: NLP900 unsupported file type: ")
    assert not err


@pytest.mark.usefixtures("prose")
@pytest.mark.parametrize("options", [["--ignore=NLP900"], ["--per-file-ignores=*:NLP9"]])
def test_nothing_is_told_of_unsupported_types_where_their_rule_is_off(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", *options, *PROSE]) == 0
    assert capsys.readouterr() == ("No findings in 1 file.\n", "")


def test_an_environment_of_links_to_a_cache_is_checked_and_the_cache_not_fixed(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site,) = (here / "venv").glob("lib/python3*/site-packages")
    cached = here / "src" / "a.py"
    cached.write_text("import ctypes\nctypes.PyDLL('libpython3.11.so')\n")
    before = cached.read_bytes()
    (site / "a.py").symlink_to(cached)
    assert main(["check", "--isolated", "--environment", "venv"]) == 1
    assert "a.py:2:" in capsys.readouterr().out
    assert main(["fix", "--isolated", "--unsafe-fixes", "--environment", "venv"]) == 2
    assert "it is a link to a file outside of the given paths" in capsys.readouterr().out
    assert cached.read_bytes() == before
