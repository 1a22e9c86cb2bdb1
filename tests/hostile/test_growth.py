"""Twice the text takes about twice the calls: counted, since seconds depend on the machine."""

from __future__ import annotations

import itertools
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

from no_libpython_dlopen.__main__ import main
from no_libpython_dlopen.buildsystems.cmake.interpreter import Interpreter
from no_libpython_dlopen.buildsystems.cmake.syntax_tree import Listfile
from no_libpython_dlopen.engine import api
from no_libpython_dlopen.engine.prefilter import prefilter
from no_libpython_dlopen.files import file_tree
from no_libpython_dlopen.model.limits import CMAKE_WALKS, MESON_WALKS, TIME_MILLISECONDS
from tests.hostile.confined import confined
from tests.hostile.growing import GROWING, MESON_HEAD, Growing, of_size

#: Files that took the square once, or might: some of each reader. ``nox -s growth`` measures all
#: of them, and their memory.
COUNTED = (
    "automake: libraries of libraries",
    "bazel: a long sum",
    "bazel: a sum of selects",
    "bazel: macros",
    "bazel: select",
    "cmake: a chain of libraries that many link",
    "cmake: appends",
    "cmake: calls of a function of a function",
    "cmake: elseif",
    "cmake: link_libraries before targets",
    "cmake: macros that call each other",
    "cmake: modules and their links",
    "cmake: one link with many words",
    "cmake: targets that link each other",
    "cmake: texts of texts",
    "docker: ARG",
    "docker: ENV with itself",
    "docker: stages that copy each other",
    "make: +=",
    "make: := of two others",
    "make: := with itself",
    "make: := with itself between",
    "make: a word that grows",
    "make: calls of a define",
    "make: static pattern rules",
    "meson: +=",
    "meson: f-strings",
    "meson: ifs that set other variables",
    "meson: project arguments",
    "meson: subdirs",
    "meson: ternaries",
    "meson: texts that grow",
    "nix: variables",
    "notebook: cells",
    "notebook: loads in one cell",
    "pyproject: tables in tables",
    "python: a chain of names from a loop",
    "python: attributes",
    "python: classes whose methods load",
    "python: fixtures and tests",
    "python: functions by the system",
    "python: functions that test a name",
    "python: imports under other names, used",
    "python: loads",
    "python: one dictionary and look-ups",
    "python: options of a command line",
    "python: suppressions on lines",
    "rust: blocks",
    "rust: suppressions in one comment",
    "scons: clones of one",
    "scons: env['LIBS'] = and modules",
    "scons: environments and modules",
    "setup.cfg: libraries",
    "setup.cfg: suppressions",
    "setup.py: Extensions in branches",
    "setup.py: a dictionary that all are given",
    "setup.py: branches of another list each",
    "setup.py: conditional expressions",
    "setup.py: dictionary look-ups",
    "setup.py: functions with branches",
    "setup.py: if with else",
    "setup.py: libs +=",
    "setup.py: libs.append",
    "setup.py: libs.extend with many Extensions",
    "setup.py: match",
    "setup.py: one long list",
    "setup.py: try",
    "shell: a case that many paths lead through",
    "shell: a variable behind more",
    "shell: a variable with itself",
    "shell: calls of a function",
    "shell: exports",
    "shell: functions that call the one before",
    "shell: nested if",
    "spec: conditions",
    "spec: macros of macros",
    "spec: open brackets of definitions",
    "spec: open definitions",
    "tox: environments",
    "workflow: a matrix",
    "workflow: jobs",
    "yaml: anchors of anchors",
)


def calls(check: Callable[[], object]) -> int:
    """Return how many functions a check calls."""
    total = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal total
        total += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        check()
    finally:
        sys.setprofile(before)
    return total


def test_no_text_is_rejected_before_its_reader() -> None:
    def is_read(growing: Growing) -> bool:
        data = growing.made(40).encode()
        kind = api.text_kind(growing.name, data)
        return prefilter(kind, data, growing.name).may_contain_finding

    assert [name for name, growing in GROWING.items() if not is_read(growing)] == []


@pytest.mark.parametrize("name", COUNTED)
def test_twice_the_text_takes_about_twice_the_calls(name: str) -> None:
    growing = GROWING[name]
    ends = itertools.count()  # what is kept of a text does not count

    def check(lines: int) -> Callable[[], object]:
        text = growing.made(lines).encode() + b"\n" * next(ends)
        return lambda: api.check_bytes(text, growing.name)

    check(40)()  # imports do not count
    assert calls(check(80)) < 2.5 * calls(check(40))


CMAKE = "python_add_library(m MODULE m.c)\ntarget_link_libraries(m PRIVATE python3.11)\n"
MESON = "import('python').extension_module('m', dependencies: dependency('python3-embed'))\n"
#: Trees of any number of files: the name of one, its text, and that of the outermost file.
TREES = {
    "cmake: a ring of includes": ("f{n}.cmake", CMAKE + "include(f{next}.cmake)\n", ""),
    "cmake: modules side by side": ("f{n}.cmake", CMAKE, ""),
    "cmake: folders": ("d{n}/CMakeLists.txt", CMAKE, "add_subdirectory(d{n})\n"),
    "meson: folders": ("d{n}/meson.build", MESON, "subdir('d{n}')\n"),
}


@pytest.mark.parametrize("name", TREES)
def test_twice_the_files_take_about_twice_the_calls(name: str, tmp_path: Path) -> None:
    file, text, each = TREES[name]

    def count(files: int) -> int:
        root = tmp_path / str(files)
        paths = [root / file.format(n=at) for at in range(files)]
        for at, path in enumerate(paths):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("{next}", str((at + 1) % files)))
        if each:
            outermost = root / paths[0].name
            head = MESON_HEAD * (outermost.name == "meson.build")
            outermost.write_text(head + "".join(each.format(n=at) for at in range(files)))

        def check() -> None:
            with file_tree.Snapshot():
                for path in paths:
                    found = api.check_bytes(path.read_bytes(), str(path))
                    assert {"NLP201", "NLP202"} & {one.code for one in found}

        check()  # imports do not count
        return calls(check)

    assert count(80) < 2.5 * count(40)


def test_a_folder_of_an_archive_is_listed_once(tmp_path: Path) -> None:
    def count(files: int) -> int:
        path = tmp_path / f"{files}-1-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as made:
            for at in range(files):
                made.writestr(f"a/{at}.py", 'import ctypes\nctypes.PyDLL("libpython3.so").X()\n')
        asked = 0

        def note_question(frame: FrameType, event: str, _: object) -> None:
            nonlocal asked
            asked += event == "call" and frame.f_code.co_name == "is_folder"

        before = sys.getprofile()
        sys.setprofile(note_question)
        try:
            assert main(["check", "--isolated", "--quiet", "--jobs=1", str(path)]) == 1
        finally:
            sys.setprofile(before)
        return asked

    assert count(80) < 2.5 * count(40)


#: Trees of any number of files, each of which gets a fix that is searched for in all of them.
FIXED_TREES = {
    "python": ("a{n}.py", "import ctypes\nctypes.PyDLL('libpython3.so').Py_X()\n"),
    "setup.py": ("s{n}/setup.py", "Extension('m', ['m.c'], libraries=['python3.11'])\n"),
    "cmake": (
        "s{n}/CMakeLists.txt",
        "project(a)\npython_add_library(m MODULE m.c)\ntarget_link_libraries(m python3.11)\n",
    ),
}


@pytest.mark.parametrize("name", FIXED_TREES)
def test_a_diff_of_fixes_searches_a_project_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``fix`` itself searches it anew for each file: it may have written others meanwhile."""
    file, text = FIXED_TREES[name]

    def count(files: int) -> int:
        root = tmp_path / str(files)
        (root / ".git").mkdir(parents=True)
        for at in range(files):
            path = root / file.format(n=at)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        monkeypatch.chdir(root)
        opened = 0

        def note_question(frame: FrameType, event: str, _: object) -> None:
            nonlocal opened
            opened += event == "call" and frame.f_code.co_name in ("safe_open", "_files_below")

        before = sys.getprofile()
        sys.setprofile(note_question)
        try:
            assert main(["fix", "--diff", "--quiet", "--isolated", "--jobs=1", "."]) == 1
        finally:
            sys.setprofile(before)
        return opened

    assert count(24) < 2.5 * count(12)


#: Trees whose files lead to each other in more ways than can be walked.
TANGLED = {
    "cmake: files that include all": (
        "f{n}.cmake", CMAKE + "".join(f"include(f{n}.cmake)\n" for n in range(12)), CMAKE_WALKS
    ),
    "meson: folders that are entered again and again": (
        "{below}meson.build", MESON_HEAD + MESON + "subdir('d')\n" * 10, MESON_WALKS
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TANGLED)
def test_files_are_walked_so_often_at_most(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, text, limit = TANGLED[name]
    monkeypatch.setattr(time, "thread_time", lambda: 0.0)
    for at in range(12):
        path = tmp_path / file.format(n=at, below="d/" * at)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text if at else text + "# the first\n")
    first = tmp_path / file.format(n=0, below="")
    found = api.check_bytes(first.read_bytes(), str(first))
    assert "NLP20" in str(found), "what was found is reported"
    assert [f"{limit}" in one.message for one in found if one.code == "NLP900"] == [True]


def test_a_file_in_a_folder_takes_as_long_as_one_in_memory(tmp_path: Path) -> None:
    growing = GROWING["cmake: appends"]
    path = tmp_path / growing.name
    path.write_text(of_size(growing, 64_000))

    def compare() -> float:
        times = [time.process_time()]
        for name in (growing.name, growing.name, str(path)):
            api.check_bytes(path.read_bytes(), name)
            times.append(time.process_time())
        return (times[3] - times[2]) / (times[2] - times[1])

    assert confined(compare) < 12


def test_the_outermost_listfile_has_its_own_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "CMakeLists.txt"
    path.write_text(CMAKE)
    begun: list[Listfile] = []
    start = Interpreter.start
    monkeypatch.setattr(
        Interpreter, "start", lambda walk, file: begun.append(file) or start(walk, file)
    )
    monkeypatch.setattr(time, "thread_time", lambda: 2.0 if begun else 0.0)
    found = api.check_bytes(path.read_bytes(), str(path))
    assert [one.code for one in found] == ["NLP900"]
    assert str(TIME_MILLISECONDS) in found[0].message
