"""A library that a module keeps is a private view where another module may use it."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model import limits
from no_libpython_dlopen.model.finding import Applicability
from no_libpython_dlopen.model.limits import Limit
from no_libpython_dlopen.python.fixes import importing_modules
from no_libpython_dlopen.python.project import ctypes_changes, importers

OPEN = "import ctypes\nlib = ctypes.CDLL('libpython3.11.so')\ndef clear(): lib.PyErr_Clear()\n"
INSIDE = "import ctypes\n{}\n"
CLEAR = "def clear(): ctypes.PyDLL('libpython3.11.so').PyErr_Clear()"
FROM = "from ctypes import PyDLL\ndef clear(): PyDLL('libpython3.11.so').PyErr_Clear()\n"
CLEARS = "\n    def clear(self): self.lib.PyErr_Clear()"
HOST = INSIDE.format(
    "class Host:\n    name = 'libpython3.11.so'\n    def clear(self): ctypes.PyDLL(self.name).PyErr_Clear()"
)
ASKED = HOST.replace("self.name)", "self.find())").replace("name =", "def find(self): return")
TABLE = INSIDE.format(
    "NAMES = {'py': 'libpython3.11.so'}\ndef clear(): ctypes.PyDLL(NAMES['py']).PyErr_Clear()"
)
LIST = INSIDE.format(
    "NAMES = ['libpython3.11.so']\ndef clear():\n    for name in NAMES: ctypes.PyDLL(name).PyErr_Clear()"
)
FIELD = (
    HOST.replace("class", "@dataclass\nclass")
    .replace("name =", "name: str =")
    .replace("\n", "\nfrom dataclasses import dataclass\n", 1)
)
AT_IMPORT = INSIDE.format(
    "_api = ctypes.PyDLL('libpython3.11.so')\ndef clear(): _api.PyErr_Clear()"
)
INDIRECT = FROM.replace("clear", "_clear") + "def clear(): _clear()\n"
METHOD = INSIDE.format(
    "class A:\n    def clear(self): ctypes.PyDLL('libpython3.11.so').PyErr_Clear()"
)
MADE = METHOD.replace("clear", "__init__")
VIEW, ITSELF = "open a private view of `ctypes.pythonapi`", "use `ctypes.pythonapi`"

#: The module, another file of the project, and that one's text.
VIEWS = {
    "a name": (OPEN, "pkg/b.py", "from .a import lib\nprint(lib._name)"),
    "renamed": (OPEN, "pkg/b.py", "from .a import (clear,\n  lib as it)\nit.PyErr_Clear.restype = None"),
    "of the module": (OPEN, "pkg/b.py", "from . import a\na.lib.PyErr_Clear.restype = None"),
    "of the module by another name": (OPEN, "b.py", "import pkg.a as m\nprint(m.lib._name)"),
    "of the package": (OPEN, "b.py", "import pkg\nprint(pkg.a.lib.__class__)"),
    "by a text": (OPEN, "b.py", "import sys, pkg.a\nprint(getattr(sys.modules['pkg.a'], 'lib'))"),
    "patched": (OPEN, "tests/test_a.py", "def test(mocker): mocker.patch('pkg.a.lib')"),
    "re-exported": (OPEN, "pkg/__init__.py", "from .a import lib"),
    "with all names": (OPEN, "pkg/__init__.py", "from .a import *"),
    "of a script": (OPEN, "tools/run", "#!/usr/bin/env python3\nfrom pkg.a import lib\nprint(lib)"),
    "of a notebook's second line": (OPEN, "n.ipynb", '{"cells": [{"source": "import os\\nfrom pkg.a import\\\\\\nlib"}]}'),
    "of a notebook": (OPEN, "n.ipynb", '{"cells": [{"source": ["from pkg.a import lib"]}]}'),
    "of Cython": (OPEN, "pkg/c.pyx", "from pkg.a import lib"),
    "a private name": (OPEN.replace("lib.", "_l.").replace("lib =", "_l ="), "b.py", "from pkg.a import _l"),
    "another name of it": (INSIDE.format("_l = ctypes.PyDLL('libpython3.11.so')\nlib = _l\nlib.PyErr_Clear()"), "b.py", "from pkg.a import lib"),
    "a function of it": (INSIDE.format("lib = ctypes.PyDLL('libpython3.11.so')\nclear = lib.PyErr_Clear\nclear()"), "b.py", "from pkg.a import clear\nclear.restype = None"),
    "one of two": (INSIDE.format("import sys\nlib = ctypes.PyDLL('libpython3.11.so') if sys.argv else None\nif lib: lib.PyErr_Clear()"), "b.py", "from pkg.a import lib"),
    "set by a function": (INSIDE.format("def get():\n    global lib\n    lib = ctypes.CDLL('libpython3.11.so')\n    lib.PyErr_Clear()"), "b.py", "from pkg import a\nprint(a.lib._name)"),
    "in an expression": (INSIDE.format("if lib := ctypes.PyDLL('libpython3.11.so'): lib.PyErr_Clear()"), "b.py", "from pkg.a import lib"),
    "prototypes of the shared object": (INSIDE.format(CLEAR), "b.py", "import ctypes\nctypes.pythonapi.PyErr_Clear.restype = None"),
    "prototypes by another name": (INSIDE.format(CLEAR), "b.py", "from ctypes import pythonapi as api\ndef declare(f): f.argtypes = []\ndeclare(api.PyErr_Clear)"),
    "prototypes in a loop": (INSIDE.format(CLEAR), "pkg/__init__.py", "import ctypes\nfor n in ('PyErr_Clear',): setattr(getattr(ctypes.pythonapi, n), 'errcheck', print)"),
    "a class's": (INSIDE.format("class A:\n    lib = ctypes.PyDLL('libpython3.11.so')" + CLEARS), "b.py", "from pkg.a import A\nprint(A.lib._name)"),
}  # fmt: skip
ITSELVES = {
    "alone": (OPEN, "pkg/b.py", ""),
    "a function that uses it": (OPEN, "pkg/b.py", "from .a import clear\nclear()"),
    "a function of the module": (OPEN, "pkg/b.py", "from . import a\na.clear()"),
    "prototypes of other functions": (INSIDE.format(CLEAR), "b.py", "import ctypes\nctypes.pythonapi.PyErr_Print.restype = None"),
    "prototypes of another library": (INSIDE.format(CLEAR), "b.py", "lib = CDLL(None)\nlib.PyErr_Clear.restype = None"),
    "calls of the shared object": (INSIDE.format(CLEAR), "b.py", "import ctypes\nctypes.pythonapi.PyErr_Clear()"),
    "a subclass that says nothing of the name": (HOST, "b.py", "from pkg.a import Host\nclass B(Host):\n    names = 1\n    def run(self): self.clear()"),
    "a subclass of another class": (HOST, "b.py", "from pkg.a import Host\nclass B(dict):\n    name = 'b'\nHost().clear()"),
    "its own attribute of a module's name": (INSIDE.format("import sys\ndef clear(): ctypes.PyDLL(sys.prefix + '/lib/libpython3.11.so').PyErr_Clear()"), "b.py", "from pkg import a\nclass B:\n    def __init__(self, prefix): self.prefix = prefix"),
    "another class with a method of that name": (TABLE.replace("NAMES['py']", "NAMES.get('py')"), "b.py", "from pkg import a\nclass B(View):\n    def get(self): a.clear()"),
    "a handled import of another class": (AT_IMPORT, "b.py", "try: from pkg.a import clear\nexcept ImportError: clear = None"),
    "a handler that raises": (AT_IMPORT, "b.py", "try: from pkg.a import clear\nexcept Exception:\n    print()\n    raise"),
    "a handled import of another module": (AT_IMPORT, "b.py", "from pkg.a import clear\ntry: import c\nexcept OSError: c = None"),
    "a handled import for a call": (FROM, "b.py", "try: from pkg.a import clear\nexcept OSError: clear = None"),
    "a handled call of a module that is imported": (AT_IMPORT, "b.py", "from pkg import a\ntry: a.clear()\nexcept OSError: pass"),
    "a handled call of another": (FROM, "b.py", "import json\nfrom pkg import a\na.clear()\ntry: json.clear()\nexcept OSError: pass"),
    "a call in a handler": (FROM, "b.py", "from pkg import a\ntry: pass\nexcept OSError: a.clear()"),
    "a function that is made in a try": (FROM, "b.py", "from pkg import a\ntry:\n    def f(): a.clear()\nexcept OSError: pass"),
    "a call under another manager": (FROM, "b.py", "from pkg import a\nwith suppress(KeyError), open('x'): a.clear()"),
    "a method of another class": (METHOD, "b.py", "import pkg.b\na = 'pkg.a'\ntry: b.clear()\nexcept OSError: pass"),
    "a table that is read": (TABLE, "b.py", "from pkg.a import NAMES, clear\nprint(NAMES['py'], len(NAMES), *NAMES.values())\nclear()"),
    "a field that is read": (FIELD, "b.py", "from pkg.a import Host\nprint(Host().name)\nHost().clear()"),
    "a word in a longer one": (OPEN, "pkg/b.py", "from .a import clear\nlibs = mylib = clear()"),
    "another module's": (OPEN, "pkg/b.py", "from .c import lib"),
    "another module's, of a longer name": (OPEN, "pkg/b.py", "from .aa import lib"),
    "all names without a private one": (OPEN.replace("lib.", "_l.").replace("lib =", "_l ="), "pkg/__init__.py", "from .a import *"),
    "all names of another": (OPEN, "pkg/__init__.py", "from .c import *  # not a"),
    "not of the project": (OPEN, "../b.py", "from pkg.a import lib"),
    "what is installed": (OPEN, ".venv/lib/b.py", "from pkg.a import lib"),
    "prose": (OPEN, "docs/a.md", "import a and take lib"),
    "a local name": (INSIDE.format("def get():\n    lib = ctypes.PyDLL('libpython3.11.so')\n    lib.PyErr_Clear()"), "b.py", "from pkg import a\nlib = a.get()"),
    "a mock of another": (FROM, "tests/test_a.py", "from pkg import a\n@mock.patch('pkg.a.clear')\ndef test(m): PyDLL = a.clear()"),
    "a mock of its user": (FROM, "tests/test_a.py", "from pkg import a\ndef test(monkeypatch):\n    monkeypatch.setattr(a, 'clear', PyDLL)"),
    "an attribute called like a local name": (INSIDE.format("def clear():\n    name = 'libpython3.11.so'\n    ctypes.PyDLL(name).PyErr_Clear()"), "b.py", "from pkg import a\nclass B:\n    def __init__(self): self.name = a.clear()"),
    **{
        f"ctypes, {text}": (INSIDE.format(CLEAR), "c.py", f"import ctypes, sys\n{text}")
        for text in (
            "lib = ctypes.PyDLL('liba.so')\nlib.f.restype = None",
            "PyDLL = ctypes.PyDLL",
            "if ctypes.PyDLL == 1: pass",
            "fake.ctypes.PyDLL = 1",
            "ctypes.pydll.a.f.restype = None",
            "setattr(sys, 'a', ctypes)",
            "mock.patch('c.PyDLL').start()",
            "print(sys.modules['ctypes'])",
            "class A(ctypes.PyDLL):\n    def __init__(self): super().__init__('a')",
        )
    },
    "a submodule ctypes": (INSIDE.format(CLEAR), "pkg/ctypes.py", "PyDLL = print"),
    "a mock in an unrelated file": (FROM, "tests/test_c.py", "@mock.patch('pkg.c.PyDLL')\ndef test(m): pass"),
    "what a function answers": (INSIDE.format("state = ctypes.PyDLL('libpython3.11.so').PyErr_Occurred()\nprint(state)"), "b.py", "from pkg.a import state"),
}  # fmt: skip
#: A copy that asks itself, starts an interpreter or gives its variables is told from the process.
UNSAFE = {
    "a question": (OPEN, "pkg/b.py", "from .a import lib\nprint(lib.Py_IsInitialized())"),
    "a question by the package": (OPEN, "b.py", "import pkg.a\nprint(pkg.a.lib.PyGILState_Check())"),
    "an interpreter": (OPEN, "pkg/b.py", "from .a import lib\nlib.Py_InitializeEx(0)"),
    "a variable": (OPEN, "pkg/b.py", "import ctypes\nfrom .a import lib\nprint(ctypes.c_int.in_dll(lib, 'Py_VerboseFlag'))"),
    "its handle": (OPEN, "pkg/b.py", "from .a import lib\nprint(lib._handle)"),
    "of what is returned": (INSIDE.format("def get():\n    return ctypes.PyDLL('libpython3.11.so')\nget().PyErr_Clear()"), "b.py", "from pkg import a\nprint(a.get().Py_IsInitialized())"),
    "of a class": (INSIDE.format("class A:\n    lib = ctypes.PyDLL('libpython3.11.so')" + CLEARS), "b.py", "from pkg.a import A\nprint(A.lib.Py_GetPath())"),
    "of an object": (INSIDE.format("class A:\n    def __init__(self): self.lib = ctypes.PyDLL('libpython3.11.so')" + CLEARS), "b.py", "from pkg.a import A\nprint(A().lib.Py_GetPath())"),
    "a mock of the loader": (FROM, "tests/test_a.py", "from pkg import a\n@mock.patch('pkg.a.PyDLL')\ndef test(m): a.clear()"),
    "a mock of the loader's module": (INSIDE.format(CLEAR), "tests/test_a.py", "from pkg import a\n@mock.patch('pkg.a.ctypes')\ndef test(m): a.clear()"),
    "a mock of ctypes": (INSIDE.format(CLEAR), "tests/test_a.py", "import pkg.a\ndef test(monkeypatch):\n    monkeypatch.setattr(\n        ctypes,\n        'PyDLL', fake)"),
    "a mock of several": (FROM, "tests/test_a.py", "from pkg import a\nwith patch.multiple(a, PyDLL=DEFAULT): a.clear()"),
    **{
        f"a loader of ctypes: {text}": (INSIDE.format(CLEAR), "c.py", f"import ctypes, sys\n{text}")
        for text in (
            "ctypes.PyDLL = fake",
            "import ctypes as ct\nct.CDLL = fake",
            "for n in ('PyDLL', 'CDLL'): setattr(ctypes, n, fake)",
            "ctypes.pydll._dlltype = fake",
            "ctypes.pydll.__init__(fake)",
            "vars(ctypes)['PyDLL'] = fake",
            "ctypes.__dict__.update(PyDLL=fake)",
            "sys.modules['ctypes'] = fake",
            "monkeypatch.setitem(sys.modules, 'ctypes', fake)",
            "mock.patch('ctypes.PyDLL', fake).start()",
            "mock.patch.object(ctypes, 'PyDLL').start()",
        )
    },
    "a module ctypes of its own": (INSIDE.format(CLEAR), "ctypes.py", "PyDLL = print"),
    "a package ctypes of its own": (INSIDE.format(CLEAR), "ctypes/__init__.py", "PyDLL = print"),
    "a loader of its own": (FROM, "b.py", "from pkg import a\na.PyDLL = fake"),
    "a library of its own": (FROM.replace("('libpython3.11.so')", "(LIB)") + "LIB = 'libpython3.11.so'\n", "b.py", "import pkg.a as m\nm.LIB = 'libc.so.6'"),
    "a library of a loop": (FROM.replace("('libpython3.11.so')", "(LIB)") + "LIB = 'libpython3.11.so'\n", "b.py", "import pkg.a as m\nfor m.LIB in ['libc.so.6']: pass"),
    "a library among others": (FROM.replace("('libpython3.11.so')", "(LIB)") + "LIB = 'libpython3.11.so'\n", "b.py", "import pkg.a as m\nm.LIB, x = 'libc.so.6', 1"),
    "a search of its own": (INSIDE.format(CLEAR.replace("'libpython3.11.so'", "ctypes.util.find_library('python3.11')")).replace("\n", ", ctypes.util\n", 1), "b.py", "from pkg import a\nwith patch('ctypes.util.find_library', return_value=None): a.clear()"),
    "a subclass": (HOST, "b.py", "from pkg.a import Host\nclass B(Host):\n    name = 'libz.so.1'"),
    "a subclass of the module": (HOST, "pkg/b.py", "from . import a\nclass B(a.Host):\n    name: str = 'libz.so.1'"),
    "a subclass with a property": (HOST, "b.py", "from pkg.a import *\nclass B(Host):\n    @property\n    def name(self): return 'libz.so.1'"),
    "a subclass with a method": (ASKED, "b.py", "from pkg.a import Host as H\nclass B(H):\n    def find(self): return 'libz.so.1'"),
    "a subclass of a subclass": (HOST, "b.py", "from pkg.a import Host\nclass B(Host): pass\nclass C(B): name = 'libz.so.1'"),
    "a subclass of what a package gives": (HOST, "b.py", "from lib import Host\nclass B(Host): name = 'libz.so.1'"),
    "what a function asks for": (INSIDE.format("NAME = 'libpython3.11.so'\ndef find(): return NAME\ndef clear():\n    name = find()\n    ctypes.PyDLL(name).PyErr_Clear()"), "b.py", "from pkg import a\na.NAME = 'libz.so.1'"),
    "a mock of what a local name is": (INSIDE.format("import sysconfig\ndef clear():\n    name = sysconfig.get_config_var('LDLIBRARY')\n    ctypes.PyDLL(name).PyErr_Clear()"), "tests/test_a.py", "from pkg import a\nwith patch('sysconfig.get_config_var', return_value='libz.so.1'): a.clear()"),
    "a configuration variable": (INSIDE.format("import sysconfig\ndef clear(): ctypes.PyDLL(sysconfig.get_config_var('LDLIBRARY')).PyErr_Clear()"), "b.py", "import pkg.a, sysconfig\nsysconfig.get_config_vars()['LDLIBRARY'] = 'libz.so.1'"),
    "a handled import": (AT_IMPORT, "b.py", "try:\n    from pkg.a import clear\nexcept (ImportError, OSError):\n    clear = None"),
    "a handled import of the module": (AT_IMPORT, "pkg/b.py", "try: from . import a\nexcept Exception: a = None"),
    "a handled import in a function": (AT_IMPORT, "b.py", "def f():\n    try:\n        import pkg.a\n    except: return"),
    "a suppressed import": (AT_IMPORT, "b.py", "with suppress(Exception): import pkg.a"),
    "a handled import by a text": (AT_IMPORT, "b.py", "for name in ('pkg.a', 'pkg.c'):\n    try: import_module(name)\n    except Exception: continue"),
    "a handled call": (FROM, "b.py", "from pkg.a import clear as c\ntry: c()\nexcept OSError: pass"),
    "a handled call by the module": (INDIRECT, "b.py", "import pkg.a as m\ntry:\n    if x: m.clear()\nexcept OSError: pass"),
    "a handled call of a test": (FROM, "tests/test_a.py", "from pkg import a\nwith pytest.raises(OSError): a.clear()"),
    "a call that a test makes": (FROM, "tests/test_a.py", "from pkg import a\nclass T:\n    def test(self): self.assertRaises(OSError, a.clear)"),
    "a handled call of a method": (METHOD, "b.py", "from pkg.a import A\na = A()\ntry: a.clear()\nexcept OSError: pass"),
    "a handled constructor": (MADE, "b.py", "from pkg import a\ntry: a.A()\nexcept OSError: pass"),
    "a class that is made": (HOST, "b.py", "from pkg import a\nB = type('B', (a.Host,), {'name': 'libz.so.1'})"),
    "a class with such a name": (HOST, "b.py", "from pkg import a\nB = type('B', (a.Host,), dict(name='libz.so.1'))"),
    "a field": (FIELD, "b.py", "from pkg.a import Host\nHost(name='libz.so.1').clear()"),
    "a field by its place": (FIELD, "b.py", "from pkg.a import Host\nHost('libz.so.1').clear()"),
    "a replaced field": (FIELD, "b.py", "import dataclasses\nfrom pkg.a import Host\ndataclasses.replace(Host(), name='libz.so.1').clear()"),
    "an item": (TABLE, "b.py", "from pkg import a\na.NAMES['py'] = 'libz.so.1'"),
    "an item of the name": (TABLE, "b.py", "from pkg.a import NAMES\nNAMES['py'] = 'libz.so.1'"),
    "other items": (TABLE, "b.py", "from pkg.a import NAMES\nNAMES.update(py='libz.so.1')"),
    "merged items": (TABLE, "b.py", "from pkg.a import NAMES as N\nN |= {'py': 'libz.so.1'}"),
    "patched items": (TABLE, "tests/test_a.py", "from pkg import a\nwith mock.patch.dict(a.NAMES, py='libz.so.1'): a.clear()"),
    "patched items by a text": (TABLE, "tests/test_a.py", "import pkg.a\nwith mock.patch.dict('pkg.a.NAMES', py='libz.so.1'): pkg.a.clear()"),
    "one more": (LIST, "b.py", "from pkg import a\na.NAMES.append('libz.so.1')"),
    "the first one": (LIST, "b.py", "from pkg import a\na.NAMES[0] = 'libz.so.1'"),
    "passed on": (LIST, "b.py", "from pkg import a\nfill(a.NAMES)"),
    "what takes no handle": (OPEN.replace("CDLL('libpython3.11.so')", "cdll['libpython3.11.so']"), "b.py", "from pkg.a import lib"),
}  # fmt: skip


def fix_of(root: Path, module: str, other: str, text: str) -> tuple[str, Applicability]:
    for name, content in {"pyproject.toml": "", "pkg/__init__.py": "", other: text}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    path = root / "pkg/a.py"
    path.write_text(module)
    (finding,) = api.check_bytes(path.read_bytes(), str(path))
    assert finding.fix is not None
    return finding.fix.message, finding.fix.applicability


@pytest.mark.parametrize("name", VIEWS)
def test_others_get_a_view_of_their_own(name: str, tmp_path: Path) -> None:
    assert fix_of(tmp_path / "p", *VIEWS[name]) == (VIEW, Applicability.SAFE)


@pytest.mark.parametrize("name", ITSELVES)
def test_what_no_other_module_uses_becomes_the_shared_object(name: str, tmp_path: Path) -> None:
    assert fix_of(tmp_path / "p", *ITSELVES[name]) == (ITSELF, Applicability.SAFE)


@pytest.mark.parametrize("name", UNSAFE)
def test_what_others_ask_of_it_makes_a_rewrite_unsafe(name: str, tmp_path: Path) -> None:
    assert fix_of(tmp_path / "p", *UNSAFE[name]) == (ITSELF, Applicability.UNSAFE)


#: Another file of the project, and whether the loader's name stays in the module for it.
LOADER_READERS = {
    "from pkg.a import PyDLL": True,
    "from .a import (clear,\n    PyDLL as P)": True,
    "from pkg import a\nprint(isinstance(lib, a.PyDLL))": True,
    "from pkg import a\nprint(getattr(a, 'PyDLL'))": True,
    "from pkg.a import *\nprint(PyDLL)": True,
    "from pkg.a import clear\nclear()": False,
    "from ctypes import PyDLL\nfrom pkg.c import clear": False,
}


@pytest.mark.parametrize("text", LOADER_READERS)
def test_a_loader_that_another_module_imports_stays(text: str, tmp_path: Path) -> None:
    assert fix_of(tmp_path, FROM, "pkg/b.py", text) == (ITSELF, Applicability.SAFE)
    fixed = api.fix_bytes(FROM.encode(), str(tmp_path / "pkg/a.py"), unsafe=False).data.decode()
    stays = "from ctypes import PyDLL, pythonapi\n" in fixed
    assert stays is LOADER_READERS[text], fixed


def test_packages_and_scripts_without_a_project_are_searched(tmp_path: Path) -> None:
    (tmp_path / "beside.py").write_text("from pkg import a\nprint(a.lib)\n")
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/__init__.py").touch()
    for name, found in {"pkg/a.py": VIEW, "a.py": VIEW, "c.py": ITSELF}.items():
        path = tmp_path / name
        path.write_text(OPEN)
        (finding,) = api.check_bytes(path.read_bytes(), str(path))
        assert finding.fix is not None
        assert finding.fix.message == found, name


def test_a_package_gives_its_own_names(tmp_path: Path) -> None:
    package = tmp_path / "pkg/__init__.py"
    package.parent.mkdir()
    (tmp_path / "pyproject.toml").touch()
    package.write_text(OPEN)
    (tmp_path / "pkg/b.py").write_text("from . import lib\nprint(lib._name)\n")
    (finding,) = api.check_bytes(OPEN.encode(), str(package))
    assert finding.fix is not None
    assert finding.fix.message == VIEW


def test_a_project_that_is_too_large_is_taken_to_use_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importers, "PROJECT_FILES", Limit(2, "files of a test"))
    assert fix_of(tmp_path / "p", *ITSELVES["alone"]) == (VIEW, Applicability.SAFE)
    assert limits.PROJECT_FILES > 2


@pytest.mark.parametrize(
    ("where", "text", "expected"),
    [
        (importing_modules, "from .a import clear\nclear()", (VIEW, Applicability.SAFE)),
        (ctypes_changes, "import ctypes\nctypes.pythonapi.A.restype = None", (ITSELF, Applicability.UNSAFE)),
    ],
)  # fmt: skip
def test_words_of_other_files_that_are_too_many_are_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: ModuleType, text: str, expected: object
) -> None:
    """Sixty files of 4 MB would take some gigabytes. Limits are numbers of each module."""
    module = OPEN if where is importing_modules else INSIDE.format(CLEAR)
    monkeypatch.setattr(where, "PROJECT_WORDS", Limit(3, "words of a test"))
    assert fix_of(tmp_path / "p", module, "pkg/b.py", text) == expected
    monkeypatch.undo()
    assert fix_of(tmp_path / "q", module, "pkg/b.py", text) == (ITSELF, Applicability.SAFE)
