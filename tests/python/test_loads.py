"""Which calls open libpython, how far their rewrite may be trusted, and what is written."""

from __future__ import annotations

import ast
import textwrap

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.finding import Finding


def check(code: str) -> list[Finding]:
    return api.check_bytes(textwrap.dedent(code).lstrip("\n").encode(), "module.py")


def fixed(code: str, *, unsafe: bool = True) -> str:
    data = textwrap.dedent(code).lstrip("\n").encode()
    text = api.fix_bytes(data, "module.py", unsafe=unsafe).data.decode()
    ast.parse(text)
    assert api.fix_bytes(text.encode(), "module.py", unsafe=unsafe).data.decode() == text
    return text


USE = "\napi.PyErr_Clear()\n"

#: Ways to reach a loader: all of them open libpython3.11.so in a line that ends in "# here".
LOADERS = {
    "module": 'import ctypes\napi = ctypes.PyDLL("libpython3.11.so")  # here',
    "alias": 'import ctypes as c\napi = c.CDLL("libpython3.11.so")  # here',
    "star": 'from ctypes import *\napi = PyDLL("libpython3.11.so")  # here',
    "from import": 'from ctypes import CDLL as Open\napi = Open("libpython3.11.so")  # here',
    "LoadLibrary": 'import ctypes\napi = ctypes.cdll.LoadLibrary("libpython3.11.so")  # here',
    "subscript": 'from ctypes import pydll\napi = pydll["libpython3.11.so"]  # here',
    "getattr": 'import ctypes\napi = getattr(ctypes.cdll, "libpython3.11.so")  # here',
    "getattr of the class": 'import ctypes\napi = getattr(ctypes, "CDLL")("libpython3.11.so")  # here',
    "LibraryLoader": "from ctypes import LibraryLoader, PyDLL\nloader = LibraryLoader(PyDLL)\n"
    'api = loader.LoadLibrary("libpython3.11.so")  # here',
    "subclass": "import ctypes\nclass Lib(ctypes.PyDLL):\n    pass\n"
    'api = Lib("libpython3.11.so")  # here',
    "partial": "import ctypes, functools\n"
    'load = functools.partial(ctypes.PyDLL, "libpython3.11.so")\napi = load()  # here',
    "import_module": 'import importlib\nct = importlib.import_module("ctypes")\n'
    'api = ct.PyDLL("libpython3.11.so")  # here',
    "assigned": 'import ctypes\nLoad = ctypes.PyDLL\napi = Load(name="libpython3.11.so")  # here',
    "bytes": 'import ctypes\napi = ctypes.PyDLL(b"libpython3.11.so")  # here',
}


@pytest.mark.parametrize("code", LOADERS.values(), ids=LOADERS)
def test_a_loader_is_known_by_what_it_is(code: str) -> None:
    found = check(code + USE)
    row = next(i for i, line in enumerate(code.splitlines(), 1) if line.endswith("# here"))
    assert [(one.code, one.start.row, one.resolved) for one in found] == [
        ("NLP101", row, "libpython3.11.so")
    ]
    after = fixed(code + USE)
    assert "pythonapi" in after.splitlines()[-2]
    assert check(after) == []


#: Expressions that give libpython's name; ``{}`` lines before the load.
NAMES = {
    "implicit concatenation": '"lib" "python3" ".11.so"',
    "explicit concatenation": '"libpython" + "3.11" + ".so"',
    "f-string": 'f"libpython{sys.version_info.major}.{sys.version_info[1]}.so"',
    "percent": '"libpython%d.%d.so" % sys.version_info[:2]',
    "percent with keys": '"libpython%(v)s.so" % {"v": "3.11"}',
    "format": '"libpython{0}.{1}.so".format(*sys.version_info[:2])',
    "format with names": '"libpython{v}.so".format(v="3.11")',
    "format of an item": '"libpython{v[0]}.{v[1]}.so".format(v=sys.version_info)',
    "join": '"".join(["lib", "python3", ".11", ".so"])',
    "os.path.join": 'os.path.join(sys.prefix, "lib", "libpython3.11.so")',
    "pathlib": 'str(pathlib.Path(sys.prefix) / "lib" / "libpython3.11.so")',
    "joinpath": 'os.fspath(pathlib.Path("/usr").joinpath("libpython3.11.so"))',
    "conditional": '"libpython3.11.dylib" if sys.platform == "darwin" else "libpython3.11.so"',
    "dictionary": '{"darwin": "libpython3.11.dylib", "linux": "libpython3.11.so"}[sys.platform]',
    "get of a dictionary": '{"a": "libpython3.11.so"}.get("a")',
    "LDLIBRARY": 'sysconfig.get_config_var("LDLIBRARY")',
    "INSTSONAME": 'sysconfig.get_config_vars()["INSTSONAME"]',
    "two variables": 'os.path.join(*sysconfig.get_config_vars("LIBDIR", "LDLIBRARY"))',
    "VERSION": '"libpython" + sysconfig.get_config_var("VERSION") + ".so"',
    "abiflags": 'f"libpython3.7{sys.abiflags}.so.1.0"',
    "python_version": '"libpython%s.so" % platform.python_version()[:4]',
    "parts of a version": '"libpython%s.so" % ".".join(platform.python_version_tuple()[:2])',
    "find_library": 'ctypes.util.find_library("python3.11")',
    "find_library of a version": 'ctypes.util.find_library("python%d.%d" % sys.version_info[:2])',
    "find_library without a version": 'ctypes.util.find_library("python")',
    "find_library of a framework": 'ctypes.util.find_library("Python")',
    "replace": '"libNAME.so".replace("NAME", "python3.11")',
    "walrus": '(name := "libpython3.11.so")',
    "lambda": '(lambda v: f"libpython{v}.so")("3.11")',
    "two unknown parts side by side": 'f"libpython3.11.so{sys.argv[1]}{sys.argv[2]}"',
    "first of a list": '["libpython3.11.so", "libc.so"][0]',
    "helper": "helper('3.11')",
    "method": "Place().name()",
    "attribute": "Place.LIBRARY",
    "module constant": "CONSTANT",
    "name set in branches": "BRANCHED",
    "augmented": "GROWN",
    "generator": "next(generated())",
    "property": "Place().path",
    "unpacked": "SECOND",
    "match": "MATCHED",
    "environment with default": 'os.environ.get("LIB", "libpython3.11.so")',
}
BEFORE = """
import ctypes, ctypes.util, os, pathlib, platform, sys, sysconfig

CONSTANT = "/usr/lib/libpython3.11.so.1"
FIRST, SECOND = "libc.so.6", "libpython3.11.so"
if sys.argv:
    BRANCHED = "libpython3.11.so"
else:
    BRANCHED = "libpython3.12.so"
GROWN = "libpython"
GROWN += "3.11.so"
match sys.platform:
    case "win32":
        MATCHED = "python311.dll"
    case _:
        MATCHED = "libpython3.11.so"

def helper(version):
    if version == "2":
        return "libc.so.6"
    return f"libpython{version}.so"

def generated():
    yield "libpython3.11.so"

class Place:
    LIBRARY = "libpython3.11.so"
    def name(self):
        return self.LIBRARY
    @property
    def path(self):
        return "/usr/lib/" + self.LIBRARY

"""


@pytest.mark.parametrize("expression", NAMES.values(), ids=NAMES)
def test_a_name_is_resolved(expression: str) -> None:
    code = f"{BEFORE}api = ctypes.PyDLL({expression}){USE}"
    found = check(code)
    assert [one.code for one in found] == ["NLP101"], expression
    assert found[0].resolved.startswith(("libpython", "Python"))


SILENT = {
    "a local class": 'class CDLL:\n    def __init__(self, n): ...\nCDLL("libpython3.11.so")',
    "another library": 'import ctypes\nctypes.CDLL("libpythonqt.so.3")',
    "unknown": "import ctypes, sys\nctypes.CDLL(sys.argv[1])",
    "a library that only begins like it": "import ctypes\nfrom ctypes.util import find_library\n"
    'ctypes.CDLL(find_library("Python.Runtime"))\nctypes.CDLL(find_library("pythonqt"))\n'
    'ctypes.CDLL(find_library("py"))\nctypes.CDLL(find_library("python27"))',
    "pythonapi": "import ctypes\nctypes.pythonapi.PyErr_Clear()\nctypes.PyDLL(None)",
    "a handle": 'import ctypes\nx = ctypes.PyDLL("libpython3.so", handle=1)\nx.f()',
    "Windows, os.name": 'import ctypes, os\nif os.name == "nt":\n    ctypes.CDLL("libpython3.11.so")',
    "Windows, early exit": 'import ctypes, sys\nif sys.platform != "win32":\n    sys.exit()\n'
    'ctypes.CDLL("libpython3.11.so")',
    "Windows, early exit by a builtin": 'import ctypes, sys\nif sys.platform != "win32":\n    exit()\n'
    'ctypes.CDLL("libpython3.11.so")',
    "Windows, platform": 'import ctypes, platform\nif platform.system() == "Windows":\n'
    '    ctypes.CDLL("libpython3.11.so")',
    "Windows, constant": 'import ctypes, sys\nWIN = sys.platform.startswith("win")\nif WIN:\n'
    '    ctypes.CDLL("libpython3.11.so")',
    "Windows, winreg": 'import ctypes\ntry:\n    import winreg\n    ctypes.CDLL("libpython3.11.so")\n'
    "except ImportError:\n    pass",
    "Windows, in an f-string": 'import ctypes, sys\nif f"on {sys.platform}" == "on win32":\n'
    '    ctypes.CDLL("libpython3.11.so")',
    "never": 'import ctypes\nif 0:\n    ctypes.CDLL("libpython3.11.so")',
    "Android": 'import ctypes, sys\nif hasattr(sys, "getandroidapilevel"):\n'
    '    ctypes.CDLL("libpython3.11.so")',
    "Android, environment": 'import ctypes, os\nif "ANDROID_ROOT" in os.environ:\n'
    '    ctypes.CDLL("libpython3.11.so")',
    "Windows, and": 'import ctypes, os\nos.name == "nt" and ctypes.CDLL("libpython3.11.so")',
    "Windows, a branch of an expression": "import ctypes, os\n"
    'api = ctypes.CDLL("libpython3.11.so") if os.name == "nt" else None',
    "Windows, the other branch": "import ctypes, os\n"
    'api = None if os.name == "posix" else ctypes.CDLL("libpython3.11.so")',
    "left out of a comprehension": "import ctypes\n"
    'a = [ctypes.CDLL(n) for n in ("libc.so.6", "libpython3.11.so") if "python" not in n]',
    "a test that Unix skips": "import ctypes, sys, unittest\n"
    '@unittest.skipUnless(sys.platform == "win32", "")\ndef test():\n'
    '    ctypes.CDLL("libpython3.11.so")',
    "a test that pytest skips on Unix": "import ctypes, sys, pytest\n"
    '@pytest.mark.skipif(sys.platform != "win32", reason="")\ndef test():\n'
    '    ctypes.CDLL("libpython3.11.so")',
    "another branch of a helper": "import ctypes\ndef name(kind):\n    if kind == 'python':\n"
    '        return "libpython3.11.so"\n    return "libc.so.6"\nctypes.CDLL(name("c"))',
    "overwritten": 'import ctypes\nn = "libpython3.11.so"\nn = "libc.so.6"\nctypes.CDLL(n)',
    "type checking": "import ctypes\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n"
    '    ctypes.CDLL("libpython3.11.so")',
    "only called for Windows": "import ctypes, os\ndef _load():\n"
    '    return ctypes.CDLL("libpython3.11.so")\nif os.name == "nt":\n    x = _load()',
}


@pytest.mark.parametrize("code", SILENT.values(), ids=SILENT)
def test_what_is_no_load_of_libpython_is_silent(code: str) -> None:
    assert check(code + "\n") == []


@pytest.mark.parametrize(
    "load",
    [
        "ctypes.CDLL(n)",
        "ctypes.CDLL(name=n)",
        "ctypes.CDLL(mode=other, name=n)",
        "ctypes.cdll.LoadLibrary(n)",
        "ctypes.cdll[n]",
        "getattr(ctypes.cdll, n)",
        "ctypes.CDLL.__init__(self, n)",
    ],
)
@pytest.mark.parametrize(
    ("several", "test", "opened"),
    [
        ('("libc.so.6", "libpython3.11.so")', '"python" in n', ["libpython3.11.so"]),
        ('("libc.so.6", "libpython3.11.so")', '"python" not in n', []),
        ("other", 'n.startswith("libpython3.") and n.endswith(".so")', ["libpython3.*.so"]),
        ("other", 'n.startswith("libpython3.")', ["libpython3.*"]),
        ("other", 'n.endswith(".so")', []),
    ],
)
def test_tests_on_the_way_to_a_load_tell_which_names_reach_it(
    load: str, several: str, test: str, opened: list[str]
) -> None:
    code = (
        "import ctypes, other\nclass Lib(ctypes.CDLL):\n    def __init__(self):\n"
        f"        for n in {several}:\n            if {test}:\n                kept = {load}\n"
    )
    assert [one.resolved for one in check(code)] == opened


@pytest.mark.parametrize(
    "load",
    [
        'ctypes.CDLL("libpython3.11.so") if os.name == "posix" else None',
        'None if os.name == "nt" else ctypes.CDLL("libpython3.11.so")',
        '[ctypes.CDLL(n) for n in ("libc.so.6", "libpython3.11.so") if "python" in n]',
    ],
)
def test_what_unix_reaches_in_an_expression_is_a_load(load: str) -> None:
    assert [one.code for one in check(f"import ctypes, os\nprint({load})\n")] == ["NLP101"]


LOAD = 'import ctypes\napi = ctypes.PyDLL("libpython3.11.so")\n'
CDLL = LOAD.replace("PyDLL", "CDLL")
VERDICTS = {
    "only called": (LOAD + "api.PyErr_Clear()", "safe"),
    "CDLL, only called": (CDLL + "api.PyErr_Clear()", "safe"),
    "CDLL that waits": (CDLL + "api.PyThread_acquire_lock(x, 1)", "safe"),
    "prototype": (LOAD + "api.PyErr_Clear.restype = None", "safe"),
    "prototype of a kept function": (LOAD + "f = api.PyErr_Clear\nf.argtypes = []", "safe"),
    "passed on": (LOAD + "print(api)", "safe"),
    "handle": (LOAD + "print(api._handle)", "unsafe"),
    "isinstance": (LOAD + "isinstance(api, ctypes.CDLL)", "safe"),
    "exported": (LOAD + '__all__ = ["api"]\napi.f()', "safe"),
    "mode": (
        'import ctypes\napi = ctypes.PyDLL("libpython3.so", ctypes.RTLD_GLOBAL)\napi.f()',
        "unsafe",
    ),
    "the default mode": (
        'import ctypes\napi = ctypes.PyDLL("libpython3.so", mode=ctypes.RTLD_LOCAL)\napi.f()',
        "safe",
    ),
    "use_errno": (
        'import ctypes\napi = ctypes.PyDLL("libpython3.so", use_errno=True)\napi.f()',
        "safe",
    ),
    "except OSError": (
        (
            'import ctypes\ntry:\n    api = ctypes.PyDLL("libpython3.so")\nexcept OSError:\n'
            "    raise SystemExit(1)\napi.f()"
        ),
        "unsafe",
    ),
    "a comment inside": (
        'import ctypes\napi = ctypes.PyDLL(  # why\n    "libpython3.so"\n)\napi.f()',
        "unsafe",
    ),
    "or": (
        (
            "import ctypes\nfrom ctypes.util import find_library as find\n"
            'api = ctypes.PyDLL(find("python3.11") or "libpython3.so")\napi.f()'
        ),
        "unsafe",
    ),
    "initialises": (LOAD + "api.Py_Initialize()", None),
    "finalises": (LOAD + "api.Py_FinalizeEx()", None),
    "saves a thread": (LOAD + "s = api.PyEval_SaveThread()", None),
    "probed": (LOAD + 'hasattr(api, "Py_X")', None),
    "replaces pythonapi": ('import ctypes\nctypes.pythonapi = ctypes.PyDLL("libpython3.so")', None),
    "fallback of pythonapi": (
        (
            "import ctypes\ntry:\n    api = ctypes.pythonapi\n    api.Py_X\nexcept AttributeError:\n"
            '    api = ctypes.PyDLL("libpython3.so")\napi.f()'
        ),
        None,
    ),
    "candidates": (
        (
            'import ctypes\nfor n in ("libpython3.11.so", "libpython3.so"):\n'
            "    api = ctypes.PyDLL(n)\n    api.f()"
        ),
        None,
    ),
    "candidates in handlers": (
        (
            'import ctypes\ntry:\n    api = ctypes.PyDLL("libpython3.11.so")\nexcept OSError:\n'
            '    api = ctypes.PyDLL("libpython3.so")\napi.f()'
        ),
        None,
    ),
    "a parameter": (
        'import ctypes\ndef load(name):\n    return ctypes.CDLL(name)\nload("libpython3.so").f()',
        None,
    ),
    "a parameter of a lambda": (
        'import ctypes\nload = lambda name: ctypes.CDLL(name)\nload("libpython3.so").f()',
        None,
    ),
    "perhaps another": (
        (
            "import ctypes, sys\nn = 'libpython3.so' if sys.argv else 'libc.so.6'\n"
            "api = ctypes.CDLL(n)\napi.f()"
        ),
        None,
    ),
    "a subclass that does more": (
        (
            "import ctypes\nclass Lib(ctypes.PyDLL):\n    def g(self): ...\n"
            'api = Lib("libpython3.so")\napi.f()'
        ),
        None,
    ),
}


@pytest.mark.parametrize(("code", "verdict"), VERDICTS.values(), ids=VERDICTS)
def test_how_far_a_fix_may_be_trusted(code: str, verdict: str | None) -> None:
    found = check(code + "\n")
    assert found
    assert {one.fix and one.fix.applicability.value for one in found} == {verdict}
    for one in found:
        assert bool(one.no_fix_reason) == (verdict is None)
        assert verdict != "unsafe" or (one.fix and one.fix.caveats)
    if verdict != "safe":
        assert fixed(code + "\n", unsafe=False) == textwrap.dedent(code) + "\n"


REWRITES = {
    "the only use of an import": (
        'from ctypes import PyDLL\napi = PyDLL("libpython3.so")\napi.f()\n',
        "from ctypes import pythonapi\napi = pythonapi\napi.f()\n",
    ),
    "two uses and no other": (
        (
            'from ctypes import PyDLL, c_int\na = PyDLL("libpython3.so")\n'
            'b = PyDLL("libpython3.so")\na.f(), b.f()\n'
        ),
        "from ctypes import c_int, pythonapi\na = pythonapi\nb = pythonapi\na.f(), b.f()\n",
    ),
    "a sorted list stays sorted": (
        'from ctypes import PyDLL, c_int, sizeof\napi = PyDLL("libpython3.so")\napi.f()\nPyDLL\n',
        "from ctypes import PyDLL, c_int, pythonapi, sizeof\napi = pythonapi\napi.f()\nPyDLL\n",
    ),
    "pythonapi is there already": (
        'from ctypes import PyDLL, pythonapi as p\napi = PyDLL("libpython3.so")\napi.f()\n',
        "from ctypes import pythonapi as p\napi = p\napi.f()\n",
    ),
    "a re-export": (
        'from ctypes import PyDLL as PyDLL\napi = PyDLL("libpython3.so")\napi.f()\n',
        "from ctypes import PyDLL as PyDLL, pythonapi\napi = pythonapi\napi.f()\n",
    ),
    "the name is taken": (
        'from ctypes import PyDLL\npythonapi = 1\napi = PyDLL("libpython3.so")\napi.f()\n',
        "import ctypes\npythonapi = 1\napi = ctypes.pythonapi\napi.f()\n",
    ),
    "a preload among others": (
        'import ctypes\nctypes.CDLL("libpython3.so")  # why\nprint(1)\n',
        "import ctypes\nprint(1)\n",
    ),
    "a preload alone in its block": (
        'import ctypes\ndef f():\n    ctypes.CDLL("libpython3.so")\n',
        "import ctypes\ndef f():\n    pass\n",
    ),
    "Windows line ends": (
        'import ctypes\r\napi = ctypes.PyDLL(\r\n    "libpython3.so"\r\n)\r\napi.f()\r\n',
        "import ctypes\r\napi = ctypes.pythonapi\r\napi.f()\r\n",
    ),
    "cffi": (
        'from cffi import FFI\nlib = FFI().dlopen("libpython3.so", 2)\nlib.f()\n',
        "from cffi import FFI\nlib = FFI().dlopen(None, 2)\nlib.f()\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), REWRITES.values(), ids=REWRITES)
def test_what_is_written(before: str, after: str) -> None:
    assert fixed(before) == after


@pytest.mark.parametrize(
    "code",
    [
        'import ctypes\nctypes.CDLL("libpython3.so")\n',
        'import ctypes\n_keep = ctypes.CDLL("libpython3.so", mode=ctypes.RTLD_GLOBAL)\n',
        'import ctypes\ndef f():\n    lib = ctypes.CDLL("libpython3.so")\n',
    ],
)
def test_a_result_that_nothing_reads_is_a_preload(code: str) -> None:
    assert [one.code for one in check(code)] == ["NLP102"]


@pytest.mark.parametrize(
    "loader",
    [
        'import _ctypes\nh = _ctypes.dlopen("libpython3.11.so", 2)\nprint(h)\n',
        'import numpy\nh = numpy.ctypeslib.load_library("libpython3.11", ".")\nprint(h)\n',
        'import cppyy\ncppyy.load_library("libpython3.11.so")\n',
    ],
)
def test_other_loaders_are_reported_without_a_fix(loader: str) -> None:
    found = check(loader)
    assert [(one.code, one.fix) for one in found] == [("NLP103", None)]
    assert found[0].no_fix_reason


def test_the_chain_that_led_to_a_name_is_told() -> None:
    found = check('import ctypes\nN = "libpython3.so"\nM = N\napi = ctypes.PyDLL(M)\napi.f()\n')
    told = [(one.message, one.start.row) for one in found[0].related]
    assert told == [("`M` is assigned here", 3), ("`N` is assigned here", 2)]


def test_a_name_set_within_an_expression_is_told() -> None:
    found = check('import ctypes\nif N := "libpython3.so":\n    ctypes.PyDLL(N).f()\n')
    assert [(one.message, one.start.row) for one in found[0].related] == [
        ("`N` is assigned here", 2)
    ]


def test_the_calls_that_passed_a_name_are_told() -> None:
    code = (
        'import ctypes\nN = "libpython3.so"\n\n\ndef load(name, mode=0):\n'
        "    return ctypes.PyDLL(name).f()\n\n\nload(N)\nload('libpython3.12.so', mode=1)\n"
    )
    told = [(one.message, one.start.row) for one in check(code)[0].related]
    assert told == [("called from here", 9), ("called from here", 10), ("`N` is assigned here", 2)]


def test_of_several_names_the_first_in_the_text_is_told_in_every_process() -> None:
    code = (
        "import ctypes, os\nname = 'libpython3.11.so'\nif os.path.exists('/x'):\n"
        "    name = 'libpython3.12.so'\nelif os.path.exists('/y'):\n    name = 'libpython3.13.so'\n"
        "api = ctypes.PyDLL(name)\napi.f()\n"
    )
    ballast = []
    for number in range(30):  # where bindings lie in memory differs each time
        ballast.append([object()] * (number * 37))
        assert "`libpython3.11.so`" in check(code)[0].message
