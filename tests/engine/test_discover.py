"""Which files a run looks at, and what it takes them for."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.engine.discover import kind_by_content
from no_libpython_dlopen.model.kind import Kind

LOAD = 'import ctypes\n\napi = ctypes.PyDLL("libpython3.11.so")\napi.PyErr_Clear()\n'
DEPENDENCIES = '# /// script\n# requires-python = ">=3.10"\n# dependencies = ["cffi"]\n# ///\n'

SCRIPTS = [
    ("/usr/bin/python3", Kind.PYTHON),
    (" /usr/bin/env python", Kind.PYTHON),
    ("/usr/bin/env python3.13t", Kind.PYTHON),
    ("/usr/bin/python3 -Es", Kind.PYTHON),
    ("/usr/bin/env -S python3 -u", Kind.PYTHON),
    ("/usr/bin/env -S PYTHONUTF8=1 python3", Kind.PYTHON),
    ("/usr/bin/env -S uv run --script", Kind.PYTHON),
    ("/usr/bin/env -S uv run --python 3.12 --script", Kind.PYTHON),
    ("/usr/bin/env -S pipx run", Kind.PYTHON),
    ("/usr/bin/pypy3", Kind.PYTHON),
    ("/bin/sh", Kind.SHELL),
    ("/usr/bin/make -f", Kind.MAKE),
    ("/usr/bin/env -S gmake -f", Kind.MAKE),
    ("/bin/sh -e", Kind.SHELL),
    ("/bin/bash -eu -o pipefail", Kind.SHELL),
    ("/usr/bin/env bash", Kind.SHELL),
    ("/opt/python/bin/bash", Kind.SHELL),
    ("/usr/bin/perl", None),
    ("/usr/bin/env node", None),
    ("/opt/python/bin/perl -w", None),
    ("", None),
    ("/usr/bin/env", None),
]


@pytest.mark.parametrize(("line", "kind"), SCRIPTS, ids=[line for line, _ in SCRIPTS])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_script_without_suffix_is_what_its_first_line_says(
    line: str, kind: Kind | None, end: str, tmp_path: Path
) -> None:
    path = tmp_path / "script"
    path.write_bytes(f"#!{line}{end}x".encode())
    assert kind_by_content(str(path)) is kind


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("tool", "#!/usr/bin/env python3\n"),
        ("tool", "#!/usr/bin/env -S uv run --script\n" + DEPENDENCIES),
        ("tool.py", DEPENDENCIES),
        ("tool.pyw", ""),
    ],
    ids=["shebang", "uv", "PEP 723", "pyw"],
)
def test_a_script_is_found_and_fixed(
    name: str,
    first: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(first + LOAD)
    (tmp_path / name).chmod(0o755)
    row = 3 + first.count("\n")
    assert main(["check", "--output-format", "concise"]) == 1
    assert capsys.readouterr().out.startswith(f"{name}:{row}:7: NLP101 ")
    assert main(["fix"]) == 0
    fixed = LOAD.replace('PyDLL("libpython3.11.so")', "pythonapi")
    assert (tmp_path / name).read_text() == first + fixed
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("given", [[], ["a.pyi"]], ids=["walked", "named"])
def test_stubs_are_passed_over(
    given: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pyi").write_text("#!/usr/bin/python3\n" + LOAD)
    assert main(["check", *given]) == (2 if given else 0)
    out, err = capsys.readouterr()
    assert ("a.pyi:1:1: NLP900 unsupported file type" in out) == bool(given)
    assert ("warning: no files to check" in err) == (not given)


def test_python_inside_a_shell_script_is_reported_and_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    text = "#!/bin/sh -e\npython3 - <<EOF\n" + LOAD + "EOF\n"
    (tmp_path / "tool").write_text(text)
    assert main(["fix", "--unsafe-fixes", "--output-format", "concise"]) == 1
    assert capsys.readouterr().out.startswith("tool:5:7: NLP101 ")
    assert (tmp_path / "tool").read_text() == text


@pytest.mark.parametrize("option", [[], ["--force-exclude"]], ids=["given", "forced"])
def test_a_path_that_is_given_is_excluded_only_by_force(
    option: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.nolibpy]\nexclude = ["vendor"]\n')
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "a.py").write_text("x = 1  # noqa: NLP101\n")
    assert main(["check", "."]) == 0
    assert main(["check", *option, "vendor/a.py"]) == (0 if option else 1)
    capsys.readouterr()


#: A folder's own ``.gitignore``, and which of its files are checked if the folder is given. Those of
#: uv, of ``python -m venv`` and of build tools ignore all that is in the folder.
OWN_IGNORE_FILES = {
    "*": ["a.py", "lib/b.py"],
    "*\r": ["a.py", "lib/b.py"],
    "# made by a tool\n/*\n": ["a.py", "lib/b.py"],
    "**": ["a.py", "lib/b.py"],
    "*\n!.gitignore\n": ["a.py", "lib/b.py"],
    "*.py\n*.txt\nlib/": ["a.py", "lib/b.py"],
    "*\n!a.py": ["a.py"],
    "*\n!*/": [],
    "*.py": [],
    "a.py": ["lib/b.py"],
    "lib": ["a.py"],
}


@pytest.mark.parametrize("text", OWN_IGNORE_FILES)
@pytest.mark.parametrize("way", ["given", "below", "own folder"])
def test_what_a_folder_ignores_is_checked_if_that_is_all_and_the_folder_is_given(
    text: str,
    way: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "made"
    (folder / "lib").mkdir(parents=True)
    for name in ("a.py", "lib/b.py", "c.txt"):
        (folder / name).write_text(LOAD)
    (tmp_path / "d.py").write_text("")
    (folder / ".gitignore").write_text(text)
    monkeypatch.chdir(folder if way == "own folder" else tmp_path)
    path = {"given": "made", "below": ".", "own folder": "."}[way]
    main(["check", "--show-files", path])
    shown = capsys.readouterr().out.split()
    ignores_all = OWN_IGNORE_FILES[text] == OWN_IGNORE_FILES["*"]
    expected = [] if way == "below" and ignores_all else OWN_IGNORE_FILES[text]
    assert [one.removeprefix("made/") for one in shown if one != "d.py"] == expected


def test_a_folder_whose_content_the_repository_ignores_is_checked_if_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (".git", "made"):
        (tmp_path / name).mkdir()
    (tmp_path / ".gitignore").write_text("made/*\n")
    (tmp_path / "made" / "a.py").write_text(LOAD)
    monkeypatch.chdir(tmp_path)
    main(["check", "--show-files", "."])
    assert capsys.readouterr().out == ""
    main(["check", "--show-files", "made"])
    assert capsys.readouterr().out == "made/a.py\n"


def test_a_text_named_like_a_package_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Sources have notes ``README.rpm`` and scripts ``configure.rpm``; a named file is read.

    Panda3D's models are texts with the suffix of an egg.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.rpm").write_text("How to build the package\n")
    (tmp_path / "box.egg").write_text("<CoordinateSystem> { Z-Up }\n")
    (tmp_path / "configure.deb").write_text(
        "#!/bin/sh\ngcc -shared -o _a.abi3.so a.c -lpython3.11\n"
    )
    assert main(["check", "--output-format", "concise", "."]) == 1
    assert capsys.readouterr().out.startswith("configure.deb:2:31: NLP201 ")
    assert main(["check", "README.rpm"]) == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"\xed\xab\xee\xdb\x03", b"\x00damaged", b"version https://git-lfs.github.com/spec/v1\n"],
    ids=["empty", "truncated", "damaged", "not downloaded"],
)
@pytest.mark.parametrize("name", ["a.rpm", "a.deb"])
def test_a_package_that_cannot_be_read_is_never_taken_for_a_text(
    name: str, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(content)
    assert main(["check"]) == 2


@pytest.mark.parametrize(
    ("name", "is_reported_below"),
    [
        ("a.so", False),
        ("a.cpython-311-x86_64-linux-gnu.so", False),
        ("a.whl", True),
        ("a.tar.gz", True),
        ("a.deb", True),
    ],
)
def test_what_git_lfs_has_not_fetched_is_reported(
    name: str,
    is_reported_below: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'4d' * 32}\nsize 9\n"
    (tmp_path / name).write_text(pointer)
    reported = (
        f"{name}:1:1: NLP900 Git LFS has left a pointer in its place; `git lfs pull` fetches it"
    )
    assert main(["check", name]) == 2
    assert reported in capsys.readouterr().out
    assert main(["check", "."]) == (2 if is_reported_below else 0)
    assert (reported in capsys.readouterr().out) == is_reported_below
