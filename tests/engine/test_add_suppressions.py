"""Comments on findings of continued lines, where each language takes them for comments."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.buildsystems import registry
from no_libpython_dlopen.engine.add_suppressions import reason_without_comment
from no_libpython_dlopen.engine.api import check_bytes
from no_libpython_dlopen.model.kind import Kind
from no_libpython_dlopen.model.source import Source

OURS = "# nolibpy: ignore[{}]"
ONE, TWO = OURS.format("NLP201"), OURS.format("NLP202")
LINE_OF_SHELL = "gcc -shared -o a.cpython-311-x86_64-linux-gnu.so a.o \\\n  -lpython3.11 \\\n  -lm"

#: A file, its text, and where `--add-noqa` puts the comment: `@` is its place.
PLACES = {
    "shell": ("a.sh", f"{LINE_OF_SHELL}@\necho\n", f"  {ONE}"),
    "shell, no last line end": ("a.sh", f"{LINE_OF_SHELL}@", f"  {ONE}"),
    "shell, one line": ("a.sh", "gcc -shared -o a.abi3.so a.o -lpython3.11@\n", f"  {ONE}"),
    "shell, several lines quoted": (
        "a.sh",
        'LIBS="-lpython3.11\n -lm"@\ngcc -shared -o a.abi3.so a.o $LIBS\n',
        f"  {ONE}",
    ),
    "make, recipe": (
        "Makefile",
        "a.abi3.so: a.o\n\tgcc -shared -o $@ $^ \\\n\t  -lpython3.11 \\\n\t  -lm{}\n",
        f"  {ONE}",
    ),
    "make, variable": (
        "Makefile",
        "@LIBS = -lm \\\n  -lpython3.11 \\\n  -lz\na.abi3.so: a.o\n\tgcc -shared -o a.abi3.so $^ $(LIBS)\n",
        f"{ONE}\n",
    ),
    **{
        f"make, recipe for another shell: {setting}": (
            "Makefile",
            f"{setting}\na.abi3.so: a.o\n@\tgcc -shared -o a.abi3.so a.o -lpython3.11\n",
            f"{ONE}\n",
        )
        for setting in ("SHELL = cmd.exe", "a.abi3.so: SHELL := cmd", ".ONESHELL:", "include a.mk")
    },
    "make, variable of a target": (
        "Makefile",
        "@a.abi3.so: LIBS += -lpython3.11\na.abi3.so: a.o\n\tgcc -shared -o a.abi3.so a.o $(LIBS)\n",
        f"{ONE}\n",
    ),
    "docker": (
        "Dockerfile",
        "FROM debian\n@RUN gcc -shared -o a.abi3.so a.o \\\n  # why\n  -lpython3.11 \\\n  -lm\n",
        f"{ONE}\n",
    ),
    "docker, setting": (
        "Dockerfile",
        "FROM debian\n@ENV LIBS=-lpython3.11\nRUN gcc -shared -o a.abi3.so a.o $LIBS\n",
        f"{ONE}\n",
    ),
    "cmake": (
        "CMakeLists.txt",
        (
            "find_package(Python3)\nPython3_add_library(a MODULE a.c)\n"
            "target_link_libraries(\n  a PRIVATE\n  Python3::Python@\n  m\n)\n"
        ),
        f"  {TWO}",
    ),
    "meson": (
        "meson.build",
        (
            "project('a', 'c')\npy = import('python').find_installation()\n"
            "py.extension_module('a', 'a.c',\n  dependencies: py.dependency(embed: true),@\n)\n"
        ),
        f"  {TWO}",
    ),
    "cython": ("a.pyx", "@# distutils: libraries = python3.11\nx = 1\n", f"{ONE}\n"),
    "cython, below a licence": (
        "a.pyx",
        "# cython: language_level=3\n# MIT\n@# distutils: libraries = m python3.11\nx = 1\n",
        f"{ONE}\n",
    ),
    "cython in Python": (
        "a.py",
        '# MIT\n@# distutils: extra_link_args = -lpython3.11\n"""Docs."""\n',
        f"{ONE}\n",
    ),
    "scons": (
        "SConstruct",
        (
            "env = Environment()\nenv.SharedLibrary(\n    'a',\n    ['a.c'],\n"
            "    SHLIBPREFIX='',\n    LIBS=['python3.11'],@\n)\n"
        ),
        "  # noqa: NLP201",
    ),
    "pyproject": (
        "pyproject.toml",
        (
            '[[tool.setuptools.ext-modules]]\nname = "a"\nsources = ["a.c"]\n'
            'libraries = [\n  "m",\n  "python3.11",@\n]\n'
        ),
        f"  {ONE}",
    ),
    "workflow, script": (
        ".github/workflows/a.yml",
        (
            "a:\n  - run: |\n      gcc -shared -o ${{ x }}.abi3.so a.o \\\n        -lpython3.11 \\\n"
            "        -lm@\n      echo\n"
        ),
        f"  {ONE}",
    ),
    "workflow, one line": (
        ".github/workflows/a.yml",
        'a:\n  - run: "gcc -shared -o a.abi3.so a.o -lpython3.11"@\n',
        f"  {ONE}",
    ),
    "workflow, folded": (
        ".github/workflows/a.yml",
        "a:\n@  - run: >\n      gcc -shared -o a.abi3.so a.o\n      -lpython3.11\n      && echo\n",
        f"  {ONE}\n",
    ),
    "workflow, value": (
        ".github/workflows/a.yml",
        "a:\n  env:\n@    LDFLAGS: |\n      -lpython3.11\n  run: pip install --no-binary :all: x\n",
        f"    {ONE}\n",
    ),
    "Nix": (
        "a.nix",
        "buildPythonPackage {\n  LDFLAGS = ''\n    -lpython3.11\n    -lm\n  '';@\n}\n",
        f"  {ONE}",
    ),
    "RPM": (
        "a.spec",
        "%build\ngcc -shared -o a.abi3.so a.o \\\n  -lpython3.11 \\\n  -lm@\nls\n",
        f"  {ONE}",
    ),
    "RPM, macro": (
        "a.spec",
        "%build\n@%global run %( \\\n  gcc -shared -o a.abi3.so a.o -lpython3.11 )\n%{run}\n",
        f"{ONE}\n",
    ),
    "setup.cfg": ("setup.cfg", "[build_ext]\n@libraries = python3.11\n", f"{ONE}\n"),
}


@pytest.mark.parametrize("case", PLACES)
def test_a_comment_is_put_where_the_language_takes_it_for_one(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name, text, comment = PLACES[case]
    monkeypatch.chdir(tmp_path)
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    mark = "{}" if "{}" in text else "@"
    plain = text.replace(mark, "")
    Path(name).write_text(plain)
    assert check_bytes(plain.encode(), name), "there is nothing to suppress"
    assert main(["check", "--add-noqa", name]) == 0, capsys.readouterr()
    assert Path(name).read_text() == text.replace(mark, comment)
    assert main(["check", name]) == 0
    capsys.readouterr()


_CMAKE = (
    "find_package(Python3)\nPython3_add_library(a MODULE a.c)\n"
    "{0}target_link_libraries({1}\n  a PRIVATE{2}\n  Python3::Python{3}\n  m{4}\n){5}\n{6}\n"
)
_SHELL = "{0}gcc -shared -o a.abi3.so \\\n  a.o \\\n  -lpython3.11 \\\n  -lm{1}\n{2}\n"
_MAKE = (
    "{0}LIBS = -lm \\\n -lpython3.11 \\\n -lz{1}\n{2}\na.abi3.so: a\n\tgcc -shared -o $@ $(LIBS)\n"
)
_DOCKER = (
    "FROM x\n{0}RUN true && \\\n{1}  gcc -shared -o a.abi3.so -lpython3.11 \\\n{2}  -lm{3}\n{4}\n"
)
#: A text, its name, its code, and for each place whether a comment there counts.
COUNTS = [
    ("CMakeLists.txt", _CMAKE, TWO, (True, True, False, True, False, True, False)),
    ("a.sh", _SHELL, ONE, (True, True, False)),
    ("Makefile", _MAKE, ONE, (True, True, False)),
    ("Dockerfile", _DOCKER, ONE, (True, True, False, True, False)),
]


@pytest.mark.parametrize(
    ("name", "text", "comment", "place", "counts"),
    [
        (name, text, comment, place, counts)
        for name, text, comment, all_count in COUNTS
        for place, counts in enumerate(all_count)
    ],
)
def test_a_comment_counts_on_the_first_and_last_line_of_a_command(
    name: str, text: str, comment: str, place: int, counts: bool
) -> None:
    index = text.index(f"{{{place}}}")
    alone = index == 0 or text[index - 1] == "\n"
    ends_line = text[index + 3 : index + 4] == "\n"
    said = (comment if ends_line else f"{comment}\n") if alone else f"  {comment}"
    places = ["", "", "", "", "", "", ""]
    assert {f.code for f in check_bytes(text.format(*places).encode(), name)} == {comment[-7:-1]}
    places[place] = said
    codes = {finding.code for finding in check_bytes(text.format(*places).encode(), name)}
    assert codes == (set() if counts else {comment[-7:-1], "NLP901"})


def test_comments_of_a_line_of_their_own_may_be_several() -> None:
    text = f"{OURS.format('NLP101')}\n{ONE}\ngcc -shared -o a.abi3.so -lpython3.11 \\\n -lm\n"
    assert [finding.code for finding in check_bytes(text.encode(), "a.sh")] == ["NLP901"]


def test_one_finding_without_a_place_does_not_keep_others_from_theirs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    link = "gcc -shared -o a.abi3.so a.o -lpython3.11\n"
    text = f"define build\n{link}endef\na.abi3.so:\n\t$(build)\n\t{link}\t{link}"
    Path("Makefile").write_text(text)
    assert main(["check", "--add-noqa", "Makefile"]) == 1
    out = capsys.readouterr().out
    assert out.count("= no comment added: ") == 1
    assert "Suppressed 2 findings in 1 file." in out
    commented = f"\t{link}".replace("\n", f"  {ONE}\n")
    assert Path("Makefile").read_text() == text.replace(f"\t{link}", commented)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.spec", "%build\n%global run %{expand:\n  gcc -shared -o a.abi3.so -lpython3.11\n}\n"),
        (
            "b.spec",
            "%build\n%define a %{expand:\n  gcc -shared -o a.abi3.so -lpython3.11\n}\n%define b 1\n",
        ),
        (
            "Dockerfile",
            'FROM a\nRUN <<EOF\nL="-lm\n -lpython3.11"\ngcc -shared -o a.abi3.so $L\nEOF\n',
        ),
    ],
)
def test_no_comment_is_put_into_a_value(
    name: str,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(text)
    assert main(["check", "--add-noqa", name]) == 1
    assert "= no comment added: " in capsys.readouterr().out
    assert Path(name).read_text() == text


@pytest.mark.parametrize(
    ("text", "without"),
    [
        (f"a:\n  - run: |\n      echo  {ONE}\n", "a:\n  - run: |\n      echo\n"),
        (f"a:\n  - run: echo  {ONE}\n", "a:\n  - run: echo\n"),
        (f"a:\n  - run: >\n      echo  {ONE}\n      b\n", ""),
        (f"a:\n  - run: 'a\n    {ONE}\n    b'\n", ""),
        (f"a:\n  env:\n    A: |\n      {ONE}\n", ""),
        (f'a: ["x {ONE}"]\n', ""),
        (f"a: {{b:'x {ONE}'}}\n", ""),
        (f"a: it's  {ONE}\n", "a: it's\n"),
        (f'a: ["x"]  {ONE}\n', 'a: ["x"]\n'),
    ],
)
def test_an_unused_comment_in_a_workflow_is_deleted_where_it_is_no_text(
    text: str, without: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(".github/workflows/a.yml")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    main(["fix", "."])
    assert path.read_text() == (without or text)


def test_why_no_comment_was_added_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("b.py").write_bytes(
        b"# coding: iso2022_jp\nimport ctypes\nctypes.PyDLL('libpython3.11.so') # \x1b(B\n"
    )
    status = main(["check", "--add-noqa", "b.py"])
    out = capsys.readouterr().out
    assert status == 1
    assert out.splitlines()[0].startswith("b.py:3:1: NLP102 ")
    assert out.splitlines()[1] == (
        "  = no comment added: writing iso2022_jp would change other bytes of the file as well"
    )
    assert reason_without_comment(None) == "binaries and archives have no comments"


YAML_PARTS = ['a"b', "a\"b' ", "'a' #b\n", "a: |\n  # b\nc: # d\n", '["', "[' "]
NIX_PARTS = ["/*", '"\\', '\\"', "''$", "'''", "'' ''", "'\n"]


@pytest.mark.parametrize(
    ("kind", "part"),
    [*((Kind.YAML, part) for part in YAML_PARTS), *((Kind.NIX, part) for part in NIX_PARTS)],
)
def test_the_comments_of_a_long_file_are_found_in_time(kind: Kind, part: str) -> None:
    source = Source("a", kind, (part * 20_000 + ' "x').encode())
    begun = time.process_time()
    list(registry.comments(source))
    with contextlib.suppress(ValueError):
        list(registry.code_tokens(source))
    assert time.process_time() - begun < 5
