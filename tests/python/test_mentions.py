"""What a word may reach: never less than what the analysis follows."""

from __future__ import annotations

import sysconfig
import textwrap
from pathlib import Path

import pytest

from no_libpython_dlopen.engine.prefilter import prefilter
from no_libpython_dlopen.model.source import Kind, Source
from no_libpython_dlopen.python.evaluator.interpreter import AbstractInterpreter
from no_libpython_dlopen.python.library_loads import find_loads
from no_libpython_dlopen.python.mentions import Mentions, mentions_of
from no_libpython_dlopen.python.syntax import parse
from no_libpython_dlopen.python.syntax.positions import Positions

CASES = Path(__file__).parent.parent / "cases" / "python"
PACKAGES = Path(sysconfig.get_path("purelib"))


def mentions_in(text: str) -> Mentions:
    mentions = mentions_of(Source("m.py", Kind.PYTHON, text.encode()))
    assert isinstance(mentions, Mentions)
    return mentions


def loads(source: Source, mentions: Mentions | None) -> list[tuple[int, int, str]]:
    """Return where libpython is loaded, with or without the knowledge of mentions."""
    module = parse.parse(source)
    positions = Positions(module, source.text)
    with parse.deep_recursion():
        found = find_loads(AbstractInterpreter(module, mentions))
    return sorted((*positions.span(one.node), one.loader) for one in found if one.libpython_names)


def compare(path: Path) -> int:
    """Check that mentions change nothing that is found; return how much that is."""
    source = Source(str(path), Kind.PYTHON, path.read_bytes())
    mentions = mentions_of(source)
    assert isinstance(mentions, Mentions)
    without = loads(source, None)
    assert loads(source, mentions) == without
    assert (mentions.may_load and mentions.names_libpython) or not without
    return len(without)


@pytest.mark.parametrize("path", sorted(CASES.glob("*.py")), ids=lambda path: path.stem)
def test_mentions_hide_no_load_of_a_case(path: Path) -> None:
    compare(path)


def test_mentions_hide_no_load_in_installed_packages() -> None:
    # Outside of a running analysis there is no clock: without mentions, some take too long.
    words = (b"CDLL", b"PyDLL", b"dlopen", b"LoadLibrary", b"load_library", b"cdll")
    paths = [
        path
        for path in sorted(PACKAGES.rglob("*.py"))
        if path.stat().st_size < 60_000 and any(word in path.read_bytes() for word in words)
    ]
    for path in paths:
        compare(path)
    assert len(paths) > 5


@pytest.mark.parametrize(
    "text",
    [
        'import ctypes\nlib = ctypes.CDLL("libc.so.6")\nlib.puts(b"a")\n',
        'from ctypes import CDLL\nlib = CDLL("libc.so.6", use_errno=True) or CDLL(None)\n',
        'import ctypes.util\nlib = ctypes.CDLL(ctypes.util.find_library("c"))\nlib.abs(1)\n',
        'from ctypes import cdll\nlibm = cdll.LoadLibrary("libm.so.6")\nprint(libm.cos)\n',
        "import ctypes\nprint(ctypes.c_int(3), ctypes.sizeof(ctypes.c_long))\n",
        "import ctypes\nwindll = ctypes.LibraryLoader(ctypes.WinDLL)\nwindll.kernel32.Beep(1, 2)\n",
        'from numpy import ctypeslib as c\nc.load_library\nnames = ["lib", "load_libraries"]\nnames[0]()\n',
        "from ctypes import PyDLL, Structure\n\n\nclass Point(Structure):\n    pass\n\n\nPoint()\n",
    ],
)
def test_what_loads_another_library_outright_needs_no_analysis(text: str) -> None:
    mentions = mentions_in(text)
    assert not mentions.may_load


@pytest.mark.parametrize(
    ("line", "may"),
    [
        ("exec('import ctypes; ctypes.CDLL(name)')", True),
        ("raise SystemExit(exec('import ctypes; ctypes.CDLL(name)'))", True),
        ("raise OSError(exec('import ctypes; ctypes.CDLL(name)'))", True),
        ("raise OSError(1, run(code='import ctypes; ctypes.CDLL(name)'))", True),
        ("raise OSError('import of ctypes: CDLL(name) cannot open it')", False),
        ("raise OSError('import of ctypes: CDLL(%s) cannot open it' % name)", False),
        ("raise ctypes.ArgumentError('import of ctypes: CDLL(name)') from None", False),
    ],
)
def test_what_an_error_says_is_no_program(line: str, may: bool) -> None:
    assert mentions_in(f"name = 'libpython3.11.so'\n{line}\n").holds_program is may


@pytest.mark.parametrize(
    "text",
    [
        "import ctypes\nlib = ctypes.CDLL(name)\n",
        'import ctypes\nlib = ctypes.CDLL("lib" "python3.11.so")\n',
        'import ctypes.util\nlib = ctypes.CDLL(ctypes.util.find_library("python3.11"))\n',
        'import ctypes.util\nlib = ctypes.CDLL(ctypes.util.find_library(f"python{v}"))\n',
        'import ctypes\nlib = ctypes.CDLL(*["libc.so.6"])\n',
        'import ctypes\nlib = ctypes.CDLL("libc.so.6", ctypes.PyDLL("libpython3.11.so").x)\n',
        'import ctypes\nload = ctypes.CDLL\nlib = load("libpython3.11.so")\n',
        'import ctypes\nlib = getattr(ctypes, f"{x}DLL")("libpython3.11.so")\n',
        'import ctypes\nlib = getattr(ctypes, "Py" + "DLL")("libpython3.11.so")\n',
        'import ctypes\nlib = ctypes.LibraryLoader(ctypes.CDLL).LoadLibrary("libpython3.11.so")\n',
        'import ctypes\nlib = ctypes.__dict__["PyDLL"]("libpython3.11.so")\n',
        'import ctypes\n\n\ndef f(g):\n    return g("libpython3.11.so")\n\n\nf(ctypes.CDLL)\n',
        'import ctypes\n\n\nclass A:\n    load = ctypes.PyDLL\n\n\nA().load("libpython3.so")\n',
        'import ctypes\nd = {}\nd["x"] = ctypes.CDLL\nd["x"]("libpython3.11.so")\n',
        'import ctypes\nd = []\nd.append(ctypes.CDLL)\nd[0]("libpython3.11.so")\n',
        'from ctypes import cdll as c\nc["libpython3.11.so"]\n',
        'import numpy\nnumpy.ctypeslib.load_library("libpython3.11", ".")\n',
        'import ctypes\nlib = ctypes.CDLL("libc.so.6", handle=1) or ctypes.CDLL(name="libpython3.so")\n',
    ],
)
def test_a_loader_is_followed_through_names(text: str) -> None:
    mentions = mentions_in(text)
    assert mentions.may_load


@pytest.mark.parametrize(
    "text",
    [
        'kind = {"dll": 1, "type": 2}[key]\nkind("libpython3.11.so")\n',
        'kind = table["type"]\nvars = {}\nkind(f"libpython{x}.so", vars)\n',
        'kind = "dll"\nlib = getattr(kind, "open")("libpython3.11.so")\n',
    ],
)
def test_a_part_of_a_loaders_name_alone_is_no_loader(text: str) -> None:
    assert not mentions_in(text).may_load


#: Each hands the name on in another way; ``NAME`` is a text that the load is given.
HANDED_ON = {
    "outright": "import ctypes\nctypes.CDLL(NAME)\n",
    "by a variable": "import ctypes\nname = NAME\nctypes.CDLL(name)\n",
    "by a parameter": """
        import ctypes
        def load(path, flags=0):
            return ctypes.CDLL(path, flags)
        def outer(name):
            value = name
            return load(value)
        outer(NAME)
        """,
    "by a keyword": """
        import ctypes
        def load(*, path):
            return ctypes.CDLL(path)
        load(path=NAME)
        """,
    "by any keywords": """
        import ctypes
        def load(**given):
            return ctypes.CDLL(given["path"])
        load(path=NAME)
        """,
    "by a default": "import ctypes\ndef load(path=NAME):\n    return ctypes.CDLL(path)\nload()\n",
    "by what is returned": """
        import ctypes
        def name():
            found = NAME
            return found
        ctypes.CDLL(name())
        """,
    "by what is yielded": """
        import ctypes
        def names():
            yield NAME
        for one in names():
            ctypes.CDLL(one)
        """,
    "by another name of the function": """
        import ctypes
        def load(path):
            return ctypes.CDLL(path)
        also = load
        also(NAME)
        """,
    "by a function in a table": """
        import ctypes
        def load(path):
            return ctypes.CDLL(path)
        table = {"linux": load}
        table["linux"](NAME)
        """,
    "by a function that a function gives": """
        import ctypes
        def outer():
            def load(path):
                return ctypes.CDLL(path)
            return load
        outer()(NAME)
        """,
    "by a function that is handed on": """
        import ctypes
        def load(path):
            return ctypes.CDLL(path)
        def each(do, names):
            for name in names:
                do(name)
        each(load, [NAME])
        """,
    "by a partial call": """
        import ctypes, functools
        def load(path, flags):
            return ctypes.CDLL(path)
        functools.partial(load, flags=0)(NAME)
        """,
    "by a lambda": "import ctypes\nload = lambda path: ctypes.CDLL(path)\nload(NAME)\n",
    "by a decorator": """
        import ctypes
        def given(do):
            return lambda: do(NAME)
        @given
        def load(path):
            return ctypes.CDLL(path)
        load()
        """,
    "by the variable of an enclosing function": """
        import ctypes
        def outer():
            path = ""
            def name():
                nonlocal path
                path = NAME
            name()
            return ctypes.CDLL(path)
        outer()
        """,
    "by the module's variable": """
        import ctypes
        path = ""
        def name():
            global path
            path = NAME
        name()
        def load():
            return ctypes.CDLL(path)
        """,
    "by an attribute": """
        import ctypes
        class Library:
            def __init__(self, path):
                self.path = path
            def load(self):
                return ctypes.CDLL(self.path)
        Library(NAME).load()
        """,
    "by an attribute's name": """
        import ctypes
        class Library:
            path = NAME
            def load(self):
                return ctypes.CDLL(getattr(self, "path"))
        """,
    "by a template's attribute": """
        import ctypes
        class Library:
            path = NAME
        ctypes.CDLL("{0.path}".format(Library))
        """,
    "by a property": """
        import ctypes
        class Library:
            @property
            def path(self):
                return NAME
            def load(self):
                return ctypes.CDLL(self.path)
        """,
    "by a base class": """
        import ctypes
        class Base:
            def __init__(self, path):
                self.library = ctypes.CDLL(path)
        class Library(Base):
            def __init__(self, name):
                super().__init__(name)
        Library(NAME)
        """,
    "by what calls an object": """
        import ctypes
        class Load:
            def __call__(self, path):
                return ctypes.CDLL(path)
        load = Load()
        load(NAME)
        """,
    "by the members of a class": """
        import ctypes, enum
        class Names(enum.Enum):
            LINUX = NAME
        for one in Names:
            ctypes.CDLL(one.value)
        """,
    "by a list that grows": """
        import ctypes
        def names():
            found = []
            found.append(NAME)
            return found
        for one in names():
            ctypes.CDLL(one)
        """,
    "by a table": """
        import ctypes
        names = {}
        names["linux"] = NAME
        def load():
            name = names["linux"]
            return ctypes.CDLL(name)
        """,
    "by a comprehension": "import ctypes\n[ctypes.CDLL(one) for one in [NAME]]\n",
    "by what a name begins with": """
        import ctypes, os
        for name in os.listdir("/usr/lib"):
            if name.startswith(NAME[:12]):
                ctypes.CDLL(name)
        """.replace("NAME[:12]", "'libpython3.'"),
    "by a comparison": """
        import ctypes
        def load(path):
            if path == NAME:
                ctypes.CDLL(path)
        """,
    "by a pattern": """
        import ctypes
        def load(path):
            match path:
                case "libpython3.11.so" as name:
                    ctypes.CDLL(name)
        """,
    "by an import and a variable": """
        import ctypes
        def load():
            try:
                from somewhere import path
            except ImportError:
                path = NAME
            ctypes.CDLL(path)
        """,
    "by all local names": """
        import ctypes
        def load():
            path = NAME
            ctypes.CDLL("{path}".format(**locals()))
        """,
    "by a parameter that is called self": """
        import ctypes
        def load(flags, self):
            ctypes.CDLL(self)
        load(0, NAME)
        """,
    "by what finds it": """
        import ctypes
        from find_libpython import find_libpython
        def load():
            path = find_libpython()
            return ctypes.CDLL(path)
        """,
    "by a configuration variable": """
        import ctypes, sysconfig
        def load():
            path = sysconfig.get_config_var("LDLIBRARY")
            return ctypes.CDLL(path)
        """,
    "by a loader that is handed on": """
        import ctypes
        def load(do):
            def closer(path):
                return do(path)
            return closer(NAME)
        load(ctypes.CDLL)
        """,
}


@pytest.mark.parametrize("way", HANDED_ON)
def test_where_a_name_is_handed_on_to_a_loader_the_file_is_analysed(way: str) -> None:
    text = textwrap.dedent(HANDED_ON[way]).lstrip().replace("NAME", "'libpython3.11.so.1.0'")
    mentions = mentions_in(text)
    assert mentions.names_libpython
    assert mentions.may_load
    assert prefilter(Kind.PYTHON, text.encode()).may_load


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("import numpy.ctypeslib as n\nn.load_library(name, '.')\n", True),
        ("from numpy.ctypeslib import load_library\nload_library(name, '.')\n", True),
        ("import torch\ntorch.ops.load_library(name)\n", True),
        ("import tensorflow as tf\ntf.load_library(name)\n", True),
        ("import importlib as i\ni.import_module('cppyy').load_library(name)\n", True),
        ("import _cffi_backend as backend\nbackend.load_library(name, 0)\n", False),
        (
            "import _cffi_backend as backend\nbackend.load_library(name, 0)\nffi.dlopen(name)\n",
            True,
        ),
    ],
)
def test_load_library_is_a_loader_of_some_modules_only(text: str, may: bool) -> None:
    mentions = mentions_in(text)
    assert mentions.may_load is may


def test_text_that_this_interpreter_cannot_parse_is_a_value() -> None:
    source = Source("m.py", Kind.PYTHON, b"def f(:\n")
    assert isinstance(mentions_of(source), SyntaxError)


def test_python_s_warnings_about_a_text_are_not_passed_on() -> None:
    # An invalid escape warns wherever it is compiled; here every warning is an error.
    assert mentions_in("x = '\\d'\n").size
