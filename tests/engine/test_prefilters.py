"""No prefilter drops a file in which the analysis would find something."""

from __future__ import annotations

import random
import re
import sys
import sysconfig
import threading
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from no_libpython_dlopen.buildsystems.python_syntax.setup_scripts.setup_prefilter import (
    may_contain_link,
)
from no_libpython_dlopen.config import Settings
from no_libpython_dlopen.engine import check_source, dispatch, prefilter
from no_libpython_dlopen.engine.syntax_check import is_parsable
from no_libpython_dlopen.files import byte_search
from no_libpython_dlopen.model.kind import Kind, kind_of
from no_libpython_dlopen.model.source import Source, Unreadable
from no_libpython_dlopen.python import loader_tables, reader
from no_libpython_dlopen.python import prefilter as python_prefilter
from no_libpython_dlopen.python.project.modules import imports_of

CASES = Path(__file__).parents[1] / "cases"
PACKAGES = Path(sysconfig.get_path("purelib"))
BINARY = dispatch.BINARY_KINDS


def texts_below(folder: Path) -> Iterator[Path]:
    """Yield the text files that are read, without those inside of archives."""
    for path in sorted(folder.rglob("*")):
        kind = kind_of(path.name)
        if kind is not None and kind not in BINARY and path.is_file():
            yield path


@pytest.fixture(autouse=True, scope="module")
def scan() -> Iterator[byte_search.PatternScan]:
    """The one pass for all words, from the first file on, so that all tests hold for it too."""
    scan = prefilter.PYTHON_SCAN
    scan._asked = byte_search.WORTHWHILE
    yield scan
    scan._asked, scan._matches = 0, None


def passes_prefilter(kind: Kind, data: bytes) -> bool:
    return prefilter.prefilter(kind, data).may_contain_finding


def found(path: str, data: bytes, *, filtered: bool) -> list[tuple[str, int]]:
    """Return codes and rows with the prefilters, or without; what cannot be parsed aside."""
    kind = kind_of(path)
    assert kind is not None
    if filtered and not passes_prefilter(kind, data):
        return []
    findings = check_source.check_source(
        dispatch.source_of(path, kind, data), Settings(), always=not filtered
    )
    return [(one.code, one.start.row) for one in findings if one.code != "NLP900"]


@pytest.mark.parametrize(
    "path", list(texts_below(CASES)), ids=lambda path: path.relative_to(CASES).as_posix()
)
def test_every_finding_of_the_cases_gets_past(path: Path) -> None:
    data = path.read_bytes()
    without = found(str(path), data, filtered=False)
    assert found(str(path), data, filtered=True) == without


@pytest.mark.parametrize(
    "path",
    [path for path in sorted((CASES / "python").rglob("*.py")) if b"expect:" in path.read_bytes()],
    ids=lambda path: path.relative_to(CASES).as_posix(),
)
def test_the_pass_over_ast_drops_no_load(path: Path) -> None:
    source = Source(str(path), Kind.PYTHON, path.read_bytes())
    closer = [one.start for one in reader._loads(source, None, imports_of(source))]
    assert sorted(one.start for one in reader.read(source)) == sorted(closer)


def test_every_finding_in_a_part_of_installed_packages_gets_past() -> None:
    files = [path for path in texts_below(PACKAGES) if b"ctypes" in path.read_bytes()]
    assert files
    _compare(random.Random(0).sample(files, min(len(files), 60)))


@pytest.mark.network  # nothing is downloaded, but it takes its time
def test_every_finding_in_all_installed_packages_gets_past() -> None:
    _compare(list(texts_below(PACKAGES)))


def _compare(files: list[Path]) -> None:
    for path in files:
        data = path.read_bytes()
        if not passes_prefilter(kind_of(path.name) or Kind.PYTHON, data):
            assert found(str(path), data, filtered=False) == [], path


def test_every_known_loader_holds_a_word_that_is_searched_for() -> None:
    known = {
        *loader_tables.LOADERS,
        *loader_tables.COLLECTIONS,
        *loader_tables.FOREIGN,
        *loader_tables.CFFI,
    }
    assert [
        name
        for name in known
        if not byte_search.contains_any(name.encode(), python_prefilter.MODULE_WORDS)
    ] == []
    words = {name.decode() for name in python_prefilter.ITS_MODULES}
    assert words == loader_tables.MODULES_OF_SHARED_WORD


# Findings that are made up

LOADERS = [
    "import ctypes\nlib = ctypes.{cls}({name})\n",
    "import ctypes as c\nlib = c.{cls}({name})\n",
    "from ctypes import {cls}\nlib = {cls}({name})\n",
    "from ctypes import *\nlib = {cls}({name})\n",
    "from ctypes import {cls} as Open\nname = {name}\nlib = Open(name)\n",
    "import ctypes\nlib = getattr(ctypes, '{cls}')({name})\n",
    "import ctypes\nkind = '{kind}'\nlib = getattr(ctypes, f'{{kind}}DLL')({name})\n",
    "import importlib\nlib = importlib.import_module('ctypes').{cls}({name})\n",
    "import ctypes\nlib = ctypes.{lower}.LoadLibrary({name})\n",
    "import ctypes\nlib = ctypes.{lower}[{name}]\n",
    "import ctypes\nclass Lib(ctypes.{cls}):\n    pass\nlib = Lib({name})\n",
    "from cffi import FFI\nlib = FFI().dlopen({name})\n",
    "import cppyy\ncppyy.load_library({name})\n",
    "import ROOT\nROOT.gSystem.Load({name})\n",
]
CONFIGURED = [
    "sysconfig.get_config_var('LDLIBRARY')",
    'sysconfig.get_config_var("INSTSONAME")',
    "sysconfig.get_config_vars()['LDLIBRARY']",
]
NAMES = ["libpython3.11.so", "libpython3.so", "/usr/lib/libpython3.12.so.1.0", "libpython3.13t.so"]
LINKS = [
    "from setuptools import Extension\nExtension('m', ['m.c'], {given}=[{flag}])\n",
    "from distutils.core import Extension as E\nE('m', ['m.c'], **{{'{given}': [{flag}]}})\n",
    "import setuptools\next = setuptools.Extension('m', ['m.c'])\next.{given}.append({flag})\n",
    "from setuptools import Extension\nwith_this = dict({given}" + " " * 60 + "=[{flag}])\n"
    "Extension('m', ['m.c'], **with_this)\n",
]


def spelled(name: str, how: int, at: int) -> str:
    """Return an expression for a name, cut in two at ``at`` in one of several ways."""
    left, right = name[:at], name[at:]
    return [
        repr(name),
        f"{left!r} + {right!r}",
        f"{left!r} {right!r}",
        f"''.join([{left!r}, {right!r}])",
        f"{left + '%s'!r} % {right!r}",
        f"{left + '{}'!r}.format({right!r})",
        f"f{left + '{part}'!r}".replace("{part}", '{"' + right + '"}'),
        f"{name.upper()!r}.lower()",
        "'" + "".join(f"\\x{ord(c):02x}" if i == at else c for i, c in enumerate(name)) + "'",
    ][how]


@st.composite
def programs(draw: st.DrawFn) -> str:
    kind = draw(st.sampled_from(["C", "Py"]))
    spelling = draw(st.integers(0, 8))
    name = draw(st.sampled_from(NAMES))
    at = draw(st.integers(1, len(name) - 1))
    if draw(st.booleans()):
        template = draw(st.sampled_from(LOADERS))
        values = {"cls": f"{kind}DLL", "kind": kind, "lower": f"{kind.lower()}dll"}
        text = template.format(name=spelled(name, spelling, at), **values)
        if draw(st.integers(0, 4)) == 0:
            configured = draw(st.sampled_from(CONFIGURED))
            text = "import sysconfig\n" + template.format(name=configured, **values)
    else:
        given_as = draw(st.sampled_from(["libraries", "extra_link_args"]))
        flag = "python3.11" if given_as == "libraries" else "-lpython3.11"
        at = draw(st.sampled_from([flag.index("py") or 1, flag.index("3"), len(flag) - 1]))
        cut = spelled(flag, min(spelling, 5), at) if flag[:at] != "p" else repr(flag)
        text = draw(st.sampled_from(LINKS)).format(given=given_as, flag=cut)
    return draw(st.sampled_from(["", "# Python\n", "'''A module.'''\n"])) + text


@given(programs(), st.sampled_from(["\n", "\r\n"]), st.sampled_from([b"", b"\xef\xbb\xbf"]))
def test_made_up_findings_get_past(text: str, ending: str, bom: bytes) -> None:
    data = bom + text.replace("\n", ending).encode()
    assert found("m.py", data, filtered=True) == found("m.py", data, filtered=False)


@given(st.sampled_from(NAMES), st.integers(0, 8), st.data())
def test_what_is_made_up_is_found(name: str, how: int, data: st.DataObject) -> None:
    at = data.draw(st.integers(1, len(name) - 1))
    text = LOADERS[0].format(cls="PyDLL", name=spelled(name, how, at))
    assert [code for code, _ in found("m.py", text.encode(), filtered=True)] == ["NLP101"]


@pytest.mark.parametrize(
    "glue", [" + ", " ", "\n    ", "  # comment\n    ", " '' ", " + (r", " \\\n u"]
)
@pytest.mark.parametrize("name", ["libpython3.11.so", "LDLIBRARY"])
def test_a_word_in_three_pieces_gets_past(name: str, glue: str) -> None:
    given = "{}" if name != "LDLIBRARY" else "sysconfig.get_config_var({})"
    for first, second in combinations(range(1, 11 if name != "LDLIBRARY" else len(name)), 2):
        pieces = (name[:first], name[first:second], name[second:])
        closed = ")" * (glue.count("(") * 2 + 1)
        text = "(" + glue.join('"' + one + '"' for one in pieces) + closed
        text = LOADERS[0].format(cls="PyDLL", name=given.format(text))
        data = f"import sysconfig\n{text}".encode()
        assert passes_prefilter(Kind.PYTHON, data), text
    if "(" not in glue:  # sums in sums are not put together
        assert [code for code, _ in found("m.py", data, filtered=True)] == ["NLP101"]


@pytest.mark.parametrize("call", ["run(", "run (", "check_output(", "Popen(", "popen(", "system("])
@pytest.mark.parametrize("flag", ["-lpython3.11", "-l' 'python3.11", "-lpyth' + 'on3.11"])
def test_a_command_is_found_whoever_runs_it(call: str, flag: str) -> None:
    link = "cc -shared m.c -o m.cpython-311-x86_64-linux-gnu.so"
    text = f"import subprocess\nsubprocess.{call}'{link} {flag}')\n"
    assert [code for code, _ in found("m.py", text.encode(), filtered=True)] == ["NLP201"]


@given(
    st.sampled_from(
        ["# noqa: NLP101", "#noqa:E501, nlp101", "# nolibpy: ignore[NLP101]", "# nolibpy:ignore"]
    ),
    st.data(),
)
def test_a_comment_that_silences_nothing_gets_past_in_any_case(
    comment: str, data: st.DataObject
) -> None:
    upper = data.draw(st.lists(st.booleans(), min_size=len(comment), max_size=len(comment)))
    mixed = "".join(c.upper() if up else c.lower() for c, up in zip(comment, upper, strict=True))
    text = f"x = 1  {mixed}\n".encode()
    assert found("m.py", text, filtered=True) == found("m.py", text, filtered=False) != []


@pytest.mark.parametrize(
    "data",
    [
        *(
            b"\xff = 1\n",
            b"x = 1\0\n",
            b"# coding: latin-1\nx = '\xe9'\n",
            b"# coding: utf-7\nx = 1\n",
        ),
        b"# coding: rot13\nvzcbeg pglcrf\n",
    ],
)
def test_what_is_no_plain_text_gets_past(data: bytes) -> None:
    assert passes_prefilter(Kind.PYTHON, data)


@pytest.mark.parametrize(
    "text",
    [
        "import ctypes\nsize = ctypes.sizeof(ctypes.c_int)\n",
        "import ctypes\nlib = ctypes.CDLL('libm.so.6')  # as Python does\n",
        "import ctypes\nlib = ctypes.WinDLL('python311.dll')\n",
        "from setuptools import Extension\nExtension('m', ['m.c'], libraries=['m'])\n",
        "from jinja2.ext import Extension\n'''Python's extension'''\n",
        "'''Made for Python 3, CPython-only.'''\nx = 1  # noqa: E501\n",
        "lib = PyDLL(pick('h', 'o', 'y', 't'))  # of python\n",
        "lib = PyDLL(get_config_var('LIBDIR'))\n",
        "lib = PyDLL(name)\nkeys = {'h': 'on', 'o': 'n'}\n",
        "backend.load_library(f'libpython{version}.so')\n",
        "import sys\nsys.setdlopenflags(258)\nopen_it('libpython3.11.so')\n",
        "class FFI:\n    def dlopen(self, name='libpython3.so'):\n        return name\n",
        "import subprocess\nsubprocess.run(['python3', '-m', 'numpy.f2py', 'm.f90'])\n",
        "with open('f2py.txt') as file:\n    print('python3', 'f2py')\n",
    ],
)
def test_what_cannot_be_a_finding_ends_on_its_bytes(text: str) -> None:
    assert not passes_prefilter(Kind.PYTHON, text.encode())


#: Lines of a file that imports libpython's name, and whether one may open it.
IMPORTED = {
    "ctypes.CDLL(NAME)": True,
    "ctypes.CDLL( # a comment\n    NAME)": True,
    "ctypes.CDLL(f'{NAME}')": True,
    "ctypes.CDLL('' + NAME)": True,
    "ctypes.CDLL('%s' % NAME)": True,
    "ctypes.CDLL(name=NAME)": True,
    "ctypes.cdll[NAME]": True,
    "ctypes.cdll.LoadLibrary(NAME)": True,
    "ctypes.cdll.LoadLibrary(ctypes.util.find_library(NAME))": True,
    "ctypes.LibraryLoader(ctypes.PyDLL).LoadLibrary(NAME)": True,
    "load = ctypes.CDLL\nload(NAME)": True,
    "getattr(ctypes, 'CDLL')(NAME)": True,
    "ctypes.CDLL(None).dlopen(NAME)": True,
    "ctypes.CDLL(None)": False,
    "ctypes.CDLL(None, use_errno=True)": False,
    "ctypes.CDLL('libc.so.6')": False,
    "ctypes.CDLL('libc.so.6', mode=ctypes.RTLD_GLOBAL)": False,
    "ctypes.cdll.LoadLibrary(ctypes.util.find_library('c'))": False,
    "ctypes.sizeof(ctypes.c_int)  # as CDLL(NAME) does": False,
    "def size():\n    '''Return as CDLL(NAME) does.'''\n    return ctypes.sizeof(NAME)": False,
    "ctypes.LibraryLoader(ctypes.WinDLL).kernel32.Beep(NAME)": False,
    "ctypes.WinDLL(NAME)": False,
    "sys.setdlopenflags(ctypes.RTLD_GLOBAL)": False,
}


def may_load_in_project(folder: Path, text: str) -> bool:
    """Return whether a file passes as one with a load, beside the other modules of its project."""
    (folder / "pyproject.toml").touch()
    path = folder / "app.py"
    path.write_text(text)
    return prefilter.prefilter(Kind.PYTHON, text.encode(), str(path)).may_load


@pytest.mark.parametrize("line", IMPORTED)
def test_a_name_that_is_imported_takes_a_call_that_is_given_it(line: str, tmp_path: Path) -> None:
    (tmp_path / "names.py").write_text("NAME = 'libpython3.11.so'\n")
    text = f"import ctypes.util, sys\nfrom names import NAME\n{line}\n"
    assert may_load_in_project(tmp_path, text) is IMPORTED[line]


#: Modules that name a loader in a string, and whether a caller may open libpython through one.
NAMED = {
    "LOADERS = frozenset({'ctypes.CDLL', 'ctypes.PyDLL'})": False,
    "def is_loader(name):\n    return name.endswith('PyDLL')": False,
    "import ctypes\nload = getattr(ctypes, 'PyDLL')": True,
    "load = __import__('ctypes').__dict__.get('PyDLL')": True,
    "import importlib\nload = getattr(importlib.import_module('ctypes'), 'PyDLL')": True,
    "import sys\nload = getattr(sys.modules['ctypes'], 'PyDLL')": True,
}


@pytest.mark.parametrize("text", NAMED)
def test_a_table_with_the_names_of_loaders_opens_nothing(text: str, tmp_path: Path) -> None:
    (tmp_path / "loaders.py").write_text(text + "\n")
    app = "import loaders\n\nlibrary = loaders.load('libpython3.11.so')\n"
    assert may_load_in_project(tmp_path, app) is NAMED[text]


@given(st.binary(max_size=40), st.lists(st.binary(min_size=1, max_size=3), max_size=3))
def test_both_ways_to_search_agree(data: bytes, words: list[bytes]) -> None:
    plain = byte_search._search
    expected = any(word in data for word in words)
    assert byte_search.contains_any(data, words) is expected
    try:
        byte_search.use_memmem()
        assert byte_search.contains_any(data, words) is expected
    finally:
        byte_search._search = plain


@given(st.binary(max_size=300), st.integers(0, 300), st.integers(0, 20))
def test_what_is_near_a_word_is_found(data: bytes, at: int, blanks: int) -> None:
    pattern = re.compile(rb"a\s*(?:=|\s{8})")
    data = data[:at] + b"a" + b" " * blanks + b"=" + data[at:]
    assert byte_search.matches_near(pattern, data, data, [b"a"])
    assert not byte_search.matches_near(pattern, b"b=" + b"a" * 90, b"b=" + b"a" * 90, [b"b", b"a"])


@given(st.text("pythonx=\n", max_size=60), st.integers(30, 40))
def test_words_behind_one_another_are_found_as_by_the_pattern(text: str, blanks: int) -> None:
    data = (text + "python" + " " * blanks + "=" + text).encode()
    for pattern in (rb"hon\s*=", rb"pyt\w*\s*=", rb"x?\w{0,9}on", rb"[^p]yt?hon\s{36}"):
        near = byte_search.matches_near(pattern, data, data, [b"pyt", b"hon"])
        found = re.compile(pattern).search(data)
        is_short = found is not None and len(found[0]) <= byte_search.REACH
        assert near or not is_short or not re.search(rb"pyt|hon", found[0])
        assert found or not near


def dropped_word_by_word(data: bytes) -> bool:
    return not prefilter.prefilter_text(Kind.PYTHON, data).may_contain_finding


PIECES = [
    *(b"ctypes", b".CDLL(", b"WinDLL", b"cdll", b"dlopen", b"gSystem", b"x.load_library"),
    *(b"python3", b"'lib' 'python'", b"CPython", b"requires-python'", b'"PYTHON"', b"-lpython{v}"),
    *(b"get_config_var", b"'LDLIBRARY'", b"--embed", b"setuptools", b"MyExtension(", b"Cython"),
    *(
        b"libraries=",
        b"extra_link_args'",
        b"build_ext",
        b"set_source",
        b"NOQA",
        b"nlp101",
        b"NoLibPy",
    ),
    *(b"\n", b" ", b"_", b"\0", b"\xc3\xa9"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_one_pass_drops_nothing_that_the_searches_keep(
    scan: byte_search.PatternScan, pieces: list[bytes]
) -> None:
    pytest.importorskip("hyperscan", reason="the extra `fast` is not installed")
    data = b"".join(pieces)
    assert dropped_word_by_word(data) >= scan.rejects(data)


@pytest.mark.parametrize(("owner", "dropped"), [("ROOT.g", False), ("ROOT.Rewriting", True)])
def test_only_a_whole_word_is_the_loader_of_root(owner: str, dropped: bool) -> None:
    code = f"import ROOT\n{owner}System.Load('libpython3.11.so')\n"
    assert dropped_word_by_word(code.encode()) is dropped


@pytest.mark.parametrize(
    ("data", "dropped"),
    [
        (b"", True),
        (b"import os\n" * 100, True),
        # What is imported may give the name; a single pass does not ask of which module.
        (b"import ctypes\nctypes.windll.kernel32\nctypes.WinDLL('m')\n", False),
        (b"import ctypes\nfrom .paths import NAME\nctypes.CDLL(NAME)\n", False),
        (b"import ctypes\nctypes.CDLL('libpython3.11.so')\n", False),
        (b"from setuptools import Extension\nExtension('m', libraries=['python3.11'])\n", False),
        (b"from setuptools import Extension\nExtension('m', libraries=['m'])\n", True),
        (b"x = 1  # NoQA: NLP101\n", False),
        (b"x = 1  # noqa: E501\n", True),
    ],
)
def test_one_pass_drops_what_is_clean(
    scan: byte_search.PatternScan, data: bytes, dropped: bool
) -> None:
    pytest.importorskip("hyperscan", reason="the extra `fast` is not installed")
    assert scan.rejects(data) is dropped


def test_one_pass_is_begun_only_when_it_pays_and_only_where_it_can_be_had(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "hyperscan", None)  # importing it raises ImportError
    scan = byte_search.PatternScan((byte_search.one_of([b"a(b"]),))
    assert not any(scan.rejects(b"") for _ in range(byte_search.WORTHWHILE + 1))
    scan.compile_in_background()
    assert scan.matches is not None


def test_one_pass_is_started_beside_what_is_done_meanwhile() -> None:
    pytest.importorskip("hyperscan", reason="the extra `fast` is not installed")
    running = threading.active_count()
    scan = byte_search.PatternScan((byte_search.one_of([b"a(b", b"c"]), byte_search.one_of([b"d"])))
    scan.compile_in_background()
    scan.compile_in_background()
    assert threading.active_count() <= running + 1
    assert [scan.rejects(data) for data in (b"a(b d", b"dc", b"axb d", b"c")] == [
        *(False, False, True, True)
    ], "the first question is answered by the pass, however few are asked"
    assert scan.matches is not None
    scan.wait()
    assert threading.active_count() == running, "another process may be forked now"


def test_one_pass_is_started_at_once_where_no_thread_may_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    scan = byte_search.PatternScan((byte_search.one_of([b"a(b"]),))
    scan.compile_in_background()
    assert scan.matches is not None
    assert not scan.rejects(b"a(b")


def test_a_file_that_no_codec_reads_is_said_to_be_unreadable() -> None:
    with pytest.raises(Unreadable):
        _ = Source("m.py", Kind.PYTHON, b"\xff").text


@pytest.mark.parametrize(
    ("name", "text", "passes"),
    [
        ("a.sh", "# Python\napt install sqlite-libs ncurses-libs\n", False),
        ("a.sh", "gcc -shared -fPIC m.c -lpython3.11\n", True),
        ("a.sh", "F='-shared -fPIC'\ngcc $F-lpython3.11 m.c\n", True),
        ("a.sh", "gcc -shared -fPIC m.c -Wl,-lpython3.11\n", True),
        ("Makefile", "F = python\nall:\n\tcp b-list a-list\n", False),
        ("Makefile", "m.so: m.c\n\tgcc -shared -o $@ $<$(F)-lpython3.11\n", True),
        ("Dockerfile", "FROM python\nRUN apt-get install gtk-layer\n", False),
        ("a.sh", "gcc -shared -fPIC m.c -lpy\\\nthon3.11\n", True),
        ("Makefile", "m.so: m.c\n\tgcc -shared -o $@ $< -lpy\\\r\nthon3.11\n", True),
    ],
)
def test_a_flag_is_told_from_the_end_of_a_word(name: str, text: str, passes: bool) -> None:
    assert passes_prefilter(kind_of(name) or Kind.PYTHON, text.encode()) is passes


def test_code_that_defines_what_makes_extensions_makes_none_by_it() -> None:
    text = (
        "class FFI:\n"
        "    def set_source(self, name, source, **kwds):\n"
        "        kwds.setdefault('libraries', []).append('python3.11')\n"
        "    def set_source_pkgconfig(self, name, source):\n"
        "        self.set_source(name, source)\n"
    )
    assert found("api.py", text.encode(), filtered=False) == []
    assert not may_contain_link(Source("api.py", Kind.PYTHON, text.encode()))
    derived = text.replace("class FFI:", "class Own(FFI):").replace(
        "    def set_source(", "    def make("
    )
    assert may_contain_link(Source("own.py", Kind.PYTHON, derived.encode()))


MESON = "project('m', 'c')\npy = import('python').find_installation('python3', pure: false)\n"


@pytest.mark.parametrize(
    ("text", "passes"),
    [
        ("py.extension_module('m', 'm.c', dependencies: py.dependency())", False),
        ("# -lpython3.11\nerror('needs Python>=3.11 and meson-python')", False),
        ("py.extension_module('m', 'm.c', link_args: '-lpython3.11')", True),
        ("flag = '-lpython@0@'.format('3.11')", True),
        ("flag = f'-lpython@version@'", True),
        ("flag = '-lpy' 'thon3.11'", True),
        ("flag = '-l' + 'python' + '3.11'", True),
        ("flag = '''-lpython3.11'''", True),
        ("dep = dependency('python3')", True),
        ("dep = dependency('python-3.11-embed')", True),
        ("dep = py.dependency(embed: true)", True),
        ("dep = py.dependency(kwargs: {'embed': true})", True),
        ("flag = py.get_variable('LDLIBRARY')", True),
        ("flag = 'it\n-lpython3.11'", True),
    ],
)
def test_a_meson_build_that_only_asks_for_the_interpreter_is_not_parsed(
    text: str, passes: bool
) -> None:
    assert passes_prefilter(Kind.MESON, f"{MESON}{text}\n".encode()) is passes


@pytest.mark.parametrize(
    ("text", "parses"),
    [
        (MESON, True),
        (f"{MESON}x = (\n", False),
        (f"{MESON}# \xff", False),
        ("project('m', 'c')\nx = (\n", True),
    ],
)
def test_where_few_are_looked_at_a_meson_build_about_python_is_parsed(
    text: str, parses: bool
) -> None:
    assert is_parsable(Kind.MESON, text.encode("latin-1")) is parses
