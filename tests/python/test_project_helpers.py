"""Libraries that another module of a file's project opens, by the names that it is given."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.finding import Finding

LOADER = """\
import ctypes
from functools import partial


def open_library(name, mode=0):
    return ctypes.CDLL(name, mode)


def wrapped(name):
    return open_library(name)


def first(names):
    for name in names:
        try:
            return ctypes.PyDLL(name)
        except OSError:
            pass


def by_default(name="libpython3.12.so.1.0"):
    return ctypes.CDLL(name)


def find(name):
    return ctypes.CDLL(ctypes.util.find_library(name))


def joined(folder, base):
    return ctypes.cdll[f"{folder}/{base}"]


def on(platform, name):
    if platform == "linux":
        return ctypes.CDLL(name)


def nothing(name):
    return len(name)


def ours(name):
    return ctypes.CDLL("libm.so.6", name)


def everywhere(*names, **options):
    return [ctypes.CDLL(one) for one in names] + [ctypes.CDLL(options["name"])]


class Loader:
    def __init__(self, name="libc.so.6"):
        self.name = name

    def open(self):
        return ctypes.PyDLL(self.name)

    def load(self, name):
        return ctypes.PyDLL(name)

    @staticmethod
    def static(name):
        return ctypes.PyDLL(name)

    @classmethod
    def made(cls, name):
        return cls(name).open()

    def __call__(self, name):
        return self.load(name)


class Opened:
    def __init__(self, name):
        self.library = ctypes.CDLL(name)


class Library(ctypes.CDLL):
    pass


loader = Loader()
opener = partial(ctypes.CDLL, mode=ctypes.RTLD_GLOBAL)
alias = ctypes.CDLL
arrow = lambda name: ctypes.CDLL(name)
"""
BASE = {"pyproject.toml": "", "pkg/__init__.py": "", "pkg/loader.py": LOADER}
LIB = '"libpython3.12.so.1.0"'


def make(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def check(path: Path) -> list[Finding]:
    return api.check_bytes(path.read_bytes(), str(path))


#: What a file imports, what it says in its last line, and files beside those of ``BASE``.
FOUND: dict[str, tuple[str, str, dict[str, str]]] = {
    "a function": ("from .loader import open_library", f"open_library({LIB})", {}),
    "absolute": ("from pkg.loader import open_library", f"open_library({LIB})", {}),
    "renamed": ("from .loader import open_library as load", f"load({LIB})", {}),
    "of a module": ("from . import loader", f"loader.open_library({LIB})", {}),
    "of a dotted module": ("import pkg.loader", f"pkg.loader.open_library({LIB})", {}),
    "by keyword": ("from .loader import open_library", f"open_library(mode=0, name={LIB})", {}),
    "in a name": ("from .loader import open_library", f"NAME = {LIB}; lib = open_library(NAME)", {}),
    "with a hole": ("from .loader import open_library", 'lib = open_library(f"libpython{version}.so")', {}),
    "a wrapper": ("from .loader import wrapped", f"wrapped({LIB})", {}),
    "the first of several": ("from .loader import first", f'first(["libc.so.6", {LIB}])', {}),
    "joined": ("from .loader import joined", 'joined("/usr/lib", "libpython3.12.so")', {}),
    "on this platform": ("from .loader import on", f'on("linux", {LIB})', {}),
    "any of all": ("from .loader import everywhere", f'everywhere("libc.so.6", {LIB})', {}),
    "among options": ("from .loader import everywhere", f"everywhere(name={LIB})", {}),
    "star-forwarded": ("from .loader import everywhere", f"names = ({LIB},)\neverywhere(*names)", {}),
    "a method": ("from .loader import Loader", f"Loader().load({LIB})", {}),
    "what a constructor keeps": ("from .loader import Loader", f"Loader({LIB}).open()", {}),
    "a static method": ("from .loader import Loader", f"Loader.static({LIB})", {}),
    "a class method": ("from .loader import Loader", f"Loader.made({LIB})", {}),
    "an object": ("from .loader import loader", f"loader.load({LIB})", {}),
    "a called object": ("from .loader import loader", f"loader({LIB})", {}),
    "a constructor": ("from .loader import Opened", f"Opened({LIB})", {}),
    "a subclass of CDLL": ("from .loader import Library", f"Library({LIB})", {}),
    "a subclass of that": ("from .loader import Library", f"class Mine(Library): pass\nMine({LIB})", {}),
    "an inherited method": ("from .loader import Loader", f"class Mine(Loader):\n  def run(self):\n    self.load({LIB})", {}),
    "a partial here": ("from functools import partial\nfrom .loader import open_library", f"partial(open_library, {LIB})()", {}),
    "a lambda": ("from .loader import arrow", f"arrow({LIB})", {}),
    "mapped": ("from .loader import open_library", f"list(map(open_library, [{LIB}]))", {}),
    "in a thread": ("import threading\nfrom .loader import open_library", f"threading.Thread(target=open_library, args=({LIB},)).start()", {}),
    "through a function here": ("from .loader import open_library", f"def load(name): return open_library(name)\nload({LIB})", {}),
    "re-exported": ("from . import open_library", f"open_library({LIB})", {"pkg/__init__.py": "from .loader import open_library\n"}),
    "re-exported by a star": ("from pkg import open_library", f"open_library({LIB})", {"pkg/__init__.py": "from .loader import *\n"}),
    "re-exported, renamed": ("from . import load", f"load({LIB})", {"pkg/__init__.py": "from .loader import open_library as load\n"}),
    "a star": ("from .loader import *", f"open_library({LIB})", {}),
    "through two modules": ("from .outer import load", f"load({LIB})", {"pkg/outer.py": "from .loader import wrapped\n\ndef load(name):\n    return wrapped(name)\n"}),
    "imported in a function": ("", f"def f():\n    from .loader import open_library\n    open_library({LIB})", {}),
    "a name of a third module": ("from .loader import open_library\nfrom .paths import LIBPYTHON", "open_library(LIBPYTHON)", {"pkg/paths.py": f"LIBPYTHON = {LIB}\n"}),
    "a function of a third module": ("from .loader import open_library\nfrom . import paths", "open_library(paths.find_libpython_path())", {"pkg/paths.py": "import sysconfig\n\ndef find_libpython_path():\n    return sysconfig.get_config_var('INSTSONAME')\n"}),
    "by sysconfig": ("import sysconfig\nfrom .loader import open_library", 'open_library(sysconfig.get_config_var("LDLIBRARY"))', {}),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_finds_what_a_helper_elsewhere_opens(name: str, tmp_path: Path) -> None:
    imports, code, more = FOUND[name]
    make(tmp_path, BASE | more | {"pkg/app.py": f"{imports}\n{code}\n"})
    (finding,) = check(tmp_path / "pkg/app.py")
    assert finding.code == "NLP101"
    assert finding.fix is None
    calls = [
        number for number, line in enumerate(f"{imports}\n{code}".splitlines(), 1) if "(" in line
    ]
    assert finding.start.row in calls
    assert finding.related[0].path == str(tmp_path / "pkg/loader.py")
    assert finding.related[0].message == "opened here"


SILENT: dict[str, tuple[str, str, dict[str, str]]] = {
    "another library": ("from .loader import open_library", 'open_library("libm.so.6")', {}),
    "what opens nothing": ("from .loader import nothing", f"nothing({LIB})", {}),
    "what opens something else": ("from .loader import ours", f"ours({LIB})", {}),
    "not called": ("from .loader import open_library", f"print(open_library, {LIB})", {}),
    "on another platform": ("from .loader import on", 'on("win32", "libpython3.12.so")', {}),
    "the helper's own name": ("from .loader import by_default", "by_default()", {}),
    "another package's": ("from other.loader import open_library", f"open_library({LIB})", {}),
    "a name that is not there": ("from .loader import missing", f"missing({LIB})", {}),
    "a Windows library": ("from .loader import open_library", 'open_library("python312.dll")', {}),
    "a method that is not there": ("from .loader import Loader", f"Loader().missing({LIB})", {}),
    "overridden": ("from .loader import Loader", f"class Mine(Loader):\n  def load(self, name): pass\nMine().load({LIB})", {}),
    "calls without end": ("from .one import f", f"f({LIB})", {"pkg/one.py": "import ctypes\nfrom .two import g\ndef f(x):\n    return g(x)\n", "pkg/two.py": "from .one import f\ndef g(x):\n    return f(x)\n"}),
    "a mock": ("from unittest import mock\nfrom .loader import open_library", f"mock.patch('x', open_library)({LIB})", {}),
    "where it is never run": ("import sys\nfrom .loader import open_library", f"if sys.platform == 'win32':\n    open_library({LIB})", {}),
    "a broken helper": ("from .broken import load", f"load({LIB})", {"pkg/broken.py": "import ctypes\ndef load(name):\n    return ctypes.CDLL(name\n"}),
    "a shadowed helper": ("from .loader import open_library", f"def open_library(name): pass\nopen_library({LIB})", {}),
}  # fmt: skip


@pytest.mark.parametrize("name", SILENT)
def test_is_silent_about_other_helpers(name: str, tmp_path: Path) -> None:
    imports, code, more = SILENT[name]
    make(tmp_path, BASE | more | {"pkg/app.py": f"{imports}\n{code}\n"})
    assert check(tmp_path / "pkg/app.py") == []


def test_the_helper_is_not_at_fault(tmp_path: Path) -> None:
    text = LOADER.replace("libpython3.12", "libm")
    make(tmp_path, BASE | {"pkg/loader.py": text, "pkg/app.py": f"from .loader import wrapped\nwrapped({LIB})\n"})  # fmt: skip
    assert check(tmp_path / "pkg/loader.py") == []
    assert len(check(tmp_path / "pkg/app.py")) == 1


def test_a_helper_with_a_name_of_its_own_is_reported_once(tmp_path: Path) -> None:
    make(tmp_path, BASE | {"pkg/app.py": "from .loader import by_default\nby_default()\n"})
    assert [one.code for one in check(tmp_path / "pkg/loader.py")] == ["NLP101"]
    assert check(tmp_path / "pkg/app.py") == []


@pytest.mark.parametrize("name", ["opener", "alias"])
def test_a_loader_by_another_name_is_one(name: str, tmp_path: Path) -> None:
    make(tmp_path, BASE | {"pkg/app.py": f"from .loader import {name}\nprint({name}({LIB}).Py_IsInitialized())\n"})  # fmt: skip
    (finding,) = check(tmp_path / "pkg/app.py")
    assert "`ctypes.CDLL`" in finding.message
