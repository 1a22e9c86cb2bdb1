"""The grammar of libpython names, whole and with unknown parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.knowledge import libpython_names
from no_libpython_dlopen.knowledge.libpython_names import UNKNOWN_PART

TABLE = Path(__file__).parent.parent / "cases" / "names.tsv"
ROWS = [
    tuple(line.split("\t"))
    for line in TABLE.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("name", "answer"), ROWS)
def test_the_table_of_names(name: str, answer: str) -> None:
    assert libpython_names.is_libpython(name) is (answer == "yes")


@pytest.mark.parametrize(
    "name",
    [
        "libpython3.{}.so",
        "libpython3.{}.so.1.0",
        "libpython{}.{}.so.1.0",
        "libpython{}.so.1.0",
        "libpython{}.so",
        "libpython3.11{}.so",
        "libpython{}{}.so.1.0",
        "libpython{}m.so",
        "libpython3.{}m.so.1.0",
        "libpython3.11.{}",
        "libpython3.{}",
        "libpython3.1{}.dylib",
        "{}/libpython3.11.so",
        "{}libpython3.11.so.1.0",
        "/usr/lib/{}/libpython{}.{}.so",
        "libpython3.11.so.{}",
        "libpython3.11.so{}",
        "{}/Python.framework/Versions/{}/Python",
        "{}/.Python",
        "{}Python.framework/Versions/3.11/Python",
        "libpython2.{}",
        "libpython3.11m{}.so",
        "libpython3.11{}-4f2b1c9e.so",
        "libpython3-{}.11.so.1.0",
        "libpython3-{}.so",
        "libpython{}.11.so",
        "libpython{}.dylib",
        "libpython{}.so{}",
        "libpython{}m{}.so",
    ],
)
def test_fixed_parts_that_settle_it(name: str) -> None:
    assert libpython_names.is_libpython(name.replace("{}", UNKNOWN_PART))
    assert libpython_names.is_libpython(name.replace("{}", UNKNOWN_PART * 3))


@pytest.mark.parametrize(
    "name",
    [
        "{}",
        "lib{}.so",
        "lib{}3.11.so",
        "libpython{}",
        "libpython3{}",
        "libpython_{}.so",
        "libboost_python{}.so",
        "{}python3.11.so",
        "libpython3.11.so/{}",
        "libpython3.11/{}",
        "my{}",
        "{}/Python",
        "libpython{}.a",
        "python{}.dll",
        "libpython{}_bridge.so",
        "libpythonqt.so.{}",
        "libpython{}_11.so",
        "libpython{}_so",
        "libpython{}.so_1",
        "libpython{}_dylib",
        "libpython{}.so.1.0.0.0",
        "libpython{}dmutd.so",
        "libpython3.11_{}",
        "libpython2_{}",
        "libpython4.{}",
        "libpython.{}",
    ],
)
def test_fixed_parts_that_leave_it_open(name: str) -> None:
    assert not libpython_names.is_libpython(name.replace("{}", UNKNOWN_PART))
    assert not libpython_names.is_libpython(name.replace("{}", UNKNOWN_PART * 3))


@pytest.mark.parametrize(
    "name",
    [
        *("libpython3d.so", "libpython3td.so", "libpython3t.dylib", "libpython3.11.so.1.0.0"),
        *("libpython3.7dmu.so", "libpython3-4f2b1c.so", f"libpython3.11-{'0f' * 32}.so"),
        *("/venv/.Python", "Python3.framework/Python3", "dir/libfoo.a(libpython3.9.so)"),
        *("libpython3.6m.so.rh-python36-1.0", "libpython3.8.so.rh-python38-1.0"),
    ],
)
def test_every_part_of_a_name_that_there_may_be(name: str) -> None:
    assert libpython_names.is_libpython(name)


@pytest.mark.parametrize(
    "name",
    [
        # One sign more or less, or another, than such a name has.
        *("libpython3_11.so", "libpython3-11.so", "libpython3.11_so", "libpython3.11-dylib"),
        *("libpython3.11.so-1", "libpython3.11.so.1.0.0.0", "libpython3.11dmut.so", "libpython4.so"),
        *("libpython1.5.so", "libpython2.so", "libpython3.x.so", "libpython3..so", "libpython3dt.so"),
        *("libpython3-4f2b1.11.so", "libpython3-4f2b1c9g.so", f"libpython3-{'0f' * 33}.so"),
        *("xlibpython3.11.so", "libpython3.11.so ", "libpython3.11.so\n", "Libpython3.11.so"),
        *("Python_framework/Python", "Python.framework/Versions/Python", "Python.framework/Python3"),
        *("Python.framework/Versions/3.11/lib/Python", "MyPython.framework/Python", "x.Python"),
        *("Python2.framework/Python2", "my.dylibs/Python", "-dylibs/Python", "/.Python\n", "/_Python"),
        *("libfoo.a(libfoo.so)", "libfoo_a(libpython3.9.so)", "libfoo.a(libpython3.9.so).txt"),
        *("libfoo.a()", "libpython3.9.so.a", "(libpython3.9.so)"),
    ],
)  # fmt: skip
def test_names_that_almost_are(name: str) -> None:
    assert not libpython_names.is_libpython(name)


@pytest.mark.parametrize(
    "word",
    ["python3", "python3.11", "python3.7m", "python3.13t", "python3.13td", "python3.{}",
     "python{}.{}", "python3.11{}", "python{}.{}m", "python3t",
     "python3d", "python3td", "python3.7dmu", "python3.7m{}", "python{}.{}tdu", "python{}.11{}", "python{}.7m{}"],
)  # fmt: skip
def test_libraries_that_link_libpython(word: str) -> None:
    assert libpython_names.is_link_library(word.replace("{}", UNKNOWN_PART))
    assert libpython_names.is_link_library(word.replace("{}", UNKNOWN_PART * 3))
    assert libpython_names.is_link_flag("-l" + word.replace("{}", UNKNOWN_PART))


@pytest.mark.parametrize(
    "word",
    ["python", "python311", "python2.7", "python{}", "python{}{}", "python3{}", "boost_python311", "pythonqt",
     "python3api", "pythonfoo", "python3-dev", "m", "", "boost_python3", "python3_d.lib",
     "pypython3.11", "python3.11-minimal", "python3_11", "python3.11tdmu", "python3m", "python3.", "python4.0",
     "python{}_11", "python{}.11tdmu", "Python3", "python3.11 ", "python3.11\n"],
)  # fmt: skip
def test_libraries_that_do_not(word: str) -> None:
    assert not libpython_names.is_link_library(word.replace("{}", UNKNOWN_PART))
    assert not libpython_names.is_link_library(word.replace("{}", UNKNOWN_PART * 3))
    assert not libpython_names.is_link_flag("-l" + word.replace("{}", UNKNOWN_PART))


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("/usr/lib/x86_64-linux-gnu/libpython3.11.so", True),
        ("libpython3.11.a", True),
        ("-l:libpython3.11.so.1.0", True),
        ("{}/libpython{}.{}.a", True),
        ("/usr/include/python3.11", False),
        ("-L/usr/lib/python3.11", False),
        ("-I/usr/include/python3.11", False),
        ("python3.11", False),
        ("libpython3.11-pic.a", False),
        ("libpython3.11.dll.a", False),
        ("libboost_python311.so", False),
        ("-lpython2.7", False),
        ("-l:libpython3.11.a", True),
        ("-l:libpython3-4f2b1c9e.11.so.1.0", True),
        ("-l:python3.11", False),
        ("-l:libfoo.so", False),
        ("-l", False),
        ("libpython3.a", True),
        ("libpython3t.a", True),
        ("libpython3.7dmu{}.a", True),
        ("libpython{}.{}m{}.{}", True),
        ("libpython3.11.tbd", True),
        ("libpython3.{}", True),
        ("libpython{}.{}.{}", True),
        ("libpython{}.{}", False),
        ("libpython{}.a", False),
        ("libpython3.11dmut.a", False),
        ("libpython3_11.a", False),
        ("libpython{}_11.a", False),
        ("libpython3.11_a", False),
        ("libpython2.7.a", False),
        ("xlibpython3.11.a", False),
        ("libpython3.11.a.txt", False),
        ("Python.framework/Python", True),
    ],
)
def test_flags_and_paths(word: str, answer: bool) -> None:
    assert libpython_names.is_link_flag(word.replace("{}", UNKNOWN_PART)) is answer
    assert libpython_names.is_link_flag(word.replace("{}", UNKNOWN_PART * 3)) is answer


def test_unknown_parts_are_shown_as_stars() -> None:
    assert libpython_names.display_name(f"libpython3.{UNKNOWN_PART}.so") == "libpython3.*.so"


@pytest.mark.parametrize(
    "piece",
    [
        *(
            "libpython3.11.so",
            "lib%s/libpython%d.%d.so",
            "libpythonVERSION.so",
            "python",
            "python3",
        ),
        *(
            "python{}.{}",
            "python%s",
            "%spython",
            "-lpython",
            "m dl python3.11",
            "PYTHON3",
            "-embed",
        ),
        *("/Library/Frameworks/Python.framework/Versions/3.11/Python", "LDLIBRARY", "INSTSONAME"),
        *("libpyth", "hon3.11.so", "ython3.so"),
    ],
)
def test_a_piece_that_may_make_a_name_libpythons(piece: str) -> None:
    assert libpython_names.may_be_part(piece, linked=True)


@pytest.mark.parametrize(
    "piece",
    [
        *("", "lib", "crypt", "cpython-311-x86_64-linux-gnu.so", "a Python that is not CPython"),
        *("a Python-based module", "the Python-level API", "is Python-only"),
        *("IPython", "ipython3", "python_requires", "load_library", "boost_python3", "embedding"),
    ],
)
def test_a_piece_that_can_not(piece: str) -> None:
    assert not libpython_names.may_be_part(piece, linked=True)
    assert not libpython_names.may_be_part(piece)


@pytest.mark.parametrize("piece", ["not available in this python", "-lpython3.11", "python3-embed"])
def test_a_piece_of_a_linkers_words_or_of_prose_is_none_of_a_files_name(piece: str) -> None:
    assert libpython_names.may_be_part(piece, linked=True)
    assert not libpython_names.may_be_part(piece) or piece.startswith("python3")


@pytest.mark.parametrize("cut", range(1, len("libpython3.11.so")))
def test_a_name_cut_in_two_still_has_such_a_piece(cut: int) -> None:
    name = "libpython3.11.so"
    assert libpython_names.may_be_part(name[:cut]) or libpython_names.may_be_part(name[cut:])


@pytest.mark.parametrize(("name", "answer"), ROWS)
def test_every_name_has_such_a_piece(name: str, answer: str) -> None:
    assert answer == "no" or libpython_names.may_be_part(name.replace("{}", UNKNOWN_PART))


#: What stands before and behind the word in a piece of a name, where the word is not all of it.
BEFORE = ["", "b", "ib", "%s", "{}", "name}", "dir/", ".", "lib"]
BEHIND = ["", *"23{%$*?[<-", "{}", ".framework", "T.framework", "3.framework", "T3.framework"]


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("behind", BEHIND)
def test_the_word_as_the_name_goes_on(before: str, behind: str) -> None:
    piece = f"{before}python{behind}".replace("{}", UNKNOWN_PART)
    assert libpython_names.may_be_part(piece)
    assert libpython_names.may_be_part(piece.upper())


@pytest.mark.parametrize("before", [" ", "-l", "m;", "="])
@pytest.mark.parametrize("behind", [*"23{%$*?[<-", "{}", ""])
def test_the_word_among_a_linkers(before: str, behind: str) -> None:
    piece = f"{before}python{behind}".replace("{}", UNKNOWN_PART)
    assert libpython_names.may_be_part(piece, linked=True)
    assert not libpython_names.may_be_part(piece)


@pytest.mark.parametrize(
    "piece", ["ython3", "thon3", "hon3", "%sython3", "%sthon", "}ython3", "}hon"]
)
def test_the_end_of_a_cut_word(piece: str) -> None:
    assert libpython_names.may_be_part(piece)


@pytest.mark.parametrize("behind", ["", "{}", *"{%$"])
@pytest.mark.parametrize("start", ["pyth", "pytho"])
def test_the_start_of_a_cut_word(start: str, behind: str) -> None:
    assert libpython_names.may_be_part(start + behind.replace("{}", UNKNOWN_PART))


@pytest.mark.parametrize(
    "piece",
    [
        *("pythonx", "python_", "python1", "python0", "pythonT", "python.framewor", "python_framework"),
        *("pythonTT.framework", "xpython3", "xbpython3", "xibpython3", "_python", "fibpythonx"),
        *("libpythox", "ythox", "house", "thou", "xython", "sython", "100%hon", "xytho"),
        *("pytha", "pythox", "IBRARY", "LIBRAR", "ONAME", "SONAM", "library", "soname"),
    ],
)  # fmt: skip
def test_a_piece_that_is_almost_one(piece: str) -> None:
    assert not libpython_names.may_be_part(piece)
    assert not libpython_names.may_be_part(piece, linked=True)


@pytest.mark.parametrize(
    "piece", ["0python3", "5python3", "9python3", "-python3", "_python3", "-embe"]
)
def test_a_word_that_no_linker_takes_for_it(piece: str) -> None:
    assert not libpython_names.may_be_part(piece, linked=True)
