"""Names that come from other modules of a file's project, found and silent."""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import indent

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.finding import Applicability, Finding
from no_libpython_dlopen.model.limits import PYTHON_MODULES, Limit
from no_libpython_dlopen.python import reader

PATHS = """\
import sysconfig

LIBPYTHON = "libpython3.11.so"
OTHER = "libc.so.6"


def libpython():
    return sysconfig.get_config_var("LDLIBRARY")


def named(version):
    return f"libpython{version}.so"


class Names:
    libpython = "libpython3.11.so"
"""
LOAD = "import ctypes\n{0}\napi = ctypes.PyDLL({1})\napi.PyErr_Clear()\n"
BASE = {"pyproject.toml": "", "pkg/__init__.py": "", "pkg/paths.py": PATHS}


def make(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def check(path: Path) -> list[Finding]:
    return api.check_bytes(path.read_bytes(), str(path))


#: An import, what is opened, where, and files beside those of ``BASE``.
FOUND: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "a constant": ("from .paths import LIBPYTHON", "LIBPYTHON", "pkg/app.py", {}),
    "renamed": ("from .paths import LIBPYTHON as name", "name", "pkg/app.py", {}),
    "absolute": ("from pkg.paths import LIBPYTHON", "LIBPYTHON", "pkg/app.py", {}),
    "a module": ("from . import paths", "paths.LIBPYTHON", "pkg/app.py", {}),
    "a module, absolute": ("from pkg import paths", "paths.LIBPYTHON", "pkg/app.py", {}),
    "a module, renamed": ("import pkg.paths as p", "p.LIBPYTHON", "pkg/app.py", {}),
    "a dotted module": ("import pkg.paths", "pkg.paths.LIBPYTHON", "pkg/app.py", {}),
    "in parentheses": ("from .paths import (\n    OTHER,\n    LIBPYTHON,\n)", "LIBPYTHON", "pkg/app.py", {}),
    "a function": ("from .paths import libpython", "libpython()", "pkg/app.py", {}),
    "a function of a module": ("from pkg import paths", "paths.libpython()", "pkg/app.py", {}),
    "a function with an argument": ("from .paths import named", 'named("3.11")', "pkg/app.py", {}),
    "put together": ("from .paths import OTHER, LIBPYTHON", '"/lib/" + LIBPYTHON', "pkg/app.py", {}),
    "a star": ("from .paths import *", "LIBPYTHON", "pkg/app.py", {}),
    "from below": ("from ..paths import LIBPYTHON", "LIBPYTHON", "pkg/sub/app.py", {"pkg/sub/__init__.py": ""}),
    "from a script": ("from pkg.paths import LIBPYTHON", "LIBPYTHON", "tools/app.py", {}),
    "beside a script": ("from names import LIB", "LIB", "tools/app.py", {"tools/names.py": 'LIB = "libpython3.11.so"'}),
    "in src": ("from other.names import LIB", "LIB", "tests/app.py", {"src/other/names.py": 'LIB = "libpython3.11.so"'}),
    "a re-export": ("from pkg import LIBPYTHON", "LIBPYTHON", "tools/app.py", {"pkg/__init__.py": "from .paths import LIBPYTHON\n"}),
    "a star's re-export": ("from pkg import LIBPYTHON", "LIBPYTHON", "tools/app.py", {"pkg/__init__.py": "from .paths import *\n"}),
    "listed in __all__": ("from .listed import *", "_LIB", "pkg/app.py", {"pkg/listed.py": '__all__ = ["_LIB"]\n_LIB = "libpython3.11.so"\n'}),
    "a module called after imports": ("from .fast_import import LIB", "LIB", "pkg/app.py", {"pkg/fast_import.py": 'LIB = "libpython3.11.so"\n'}),
    "a cycle": ("from .one import LIB", "LIB", "pkg/app.py", {"pkg/one.py": 'from . import app\nfrom .two import *\nLIB = "libpython3.11.so"\n', "pkg/two.py": "from .one import *\n"}),
    "by another module": ("from .made import LIB", "LIB", "pkg/app.py", {"pkg/made.py": "from .paths import named\nLIB = named('3.12')\n"}),
    "on this platform": ("from .made import LIB", "LIB", "pkg/app.py", {"pkg/made.py": "import sys\nif sys.platform == 'win32':\n    LIB = 'python3.dll'\nelse:\n    LIB = 'libpython3.11.so'\n"}),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_finds_names_of_other_modules(name: str, tmp_path: Path) -> None:
    imports, opened, where, more = FOUND[name]
    make(tmp_path, BASE | more | {where: LOAD.format(imports, opened)})
    (finding,) = check(tmp_path / where)
    assert finding.code == "NLP101"
    assert finding.start.row == imports.count("\n") + 3


SILENT: dict[str, tuple[str, str, str, dict[str, str]]] = {
    "another constant": ("from .paths import OTHER", "OTHER", "pkg/app.py", {}),
    "a name that is not there": ("from .paths import MISSING", "MISSING", "pkg/app.py", {}),
    "another package's module": ("from other.paths import LIBPYTHON", "LIBPYTHON", "pkg/app.py", {}),
    "not the package's own": ("from paths import LIBPYTHON", "LIBPYTHON", "pkg/app.py", {}),
    "the standard library's": ("from platform import LIB", "LIB", "tools/app.py", {"tools/platform.py": 'LIB = "libpython3.11.so"'}),
    "hidden from a star": ("from .listed import *", "LIB", "pkg/app.py", {"pkg/listed.py": '__all__ = ["A"]\nA = LIB = "libpython3.11.so"\n'}),
    "private to a star": ("from .listed import *", "_LIB", "pkg/app.py", {"pkg/listed.py": '_LIB = "libpython3.11.so"\n'}),
    "for type checkers": ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .paths import LIBPYTHON", "LIBPYTHON", "pkg/app.py", {}),
    "above the project": ("from ...outside import LIB", "LIB", "inner/pkg/app.py", {"inner/pyproject.toml": "", "outside.py": 'LIB = "libpython3.11.so"', "inner/pkg/__init__.py": ""}),
    "a huge module": ("from .huge import LIB", "LIB", "pkg/app.py", {"pkg/huge.py": 'LIB = "libpython3.11.so"\n' + "# much\n" * 20_000}),
    "a broken module": ("from .broken import LIB", "LIB", "pkg/app.py", {"pkg/broken.py": 'LIB = "libpython3.11.so"\ndef (\n'}),
    "a deep module": ("from .deep import LIB", "LIB", "pkg/app.py", {"pkg/deep.py": 'LIB = "libpython3.11.so"\nx = ' + "(" * 5000 + ")" * 5000}),
    "nothing but a cycle": ("from .one import LIB", "LIB", "pkg/app.py", {"pkg/one.py": "from .two import LIB\nX = 'libpython3.11.so'\n", "pkg/two.py": "from .one import LIB\n"}),
    "calls without end": ("from .one import f", "f('libpython')", "pkg/app.py", {"pkg/one.py": "from .two import g\ndef f(x):\n    return g(x + '0')\n", "pkg/two.py": "from .one import f\ndef g(x):\n    return f(x + '1')\n"}),
    "on Windows": ("from .made import LIB, WINDOWS\nif not WINDOWS: raise SystemExit", "LIB", "pkg/app.py", {"pkg/made.py": "import sys\nWINDOWS = sys.platform == 'win32'\nLIB = 'libpython3.11.so'\n"}),
}  # fmt: skip


@pytest.mark.parametrize("name", SILENT)
def test_is_silent_about_others(name: str, tmp_path: Path) -> None:
    imports, opened, where, more = SILENT[name]
    make(tmp_path, BASE | more | {where: LOAD.format(imports, opened)})
    assert check(tmp_path / where) == []


def test_follows_no_link_out_of_the_project(tmp_path: Path) -> None:
    make(
        tmp_path,
        {"elsewhere/paths.py": PATHS, "here/pyproject.toml": "", "here/pkg/__init__.py": ""},
    )
    app = tmp_path / "here/pkg/app.py"
    app.write_text(LOAD.format("from .paths import LIBPYTHON", "LIBPYTHON"))
    os.symlink(tmp_path / "elsewhere/paths.py", tmp_path / "here/pkg/paths.py")
    assert check(app) == []
    os.remove(tmp_path / "here/pkg/paths.py")
    os.symlink(tmp_path / "elsewhere", tmp_path / "here/pkg/paths")
    (tmp_path / "elsewhere/__init__.py").write_text(PATHS)
    assert check(app) == []
    os.remove(tmp_path / "here/pkg/paths")
    (tmp_path / "here/pkg/real.py").write_text(PATHS)
    os.symlink("real.py", tmp_path / "here/pkg/paths.py")
    assert [one.code for one in check(app)] == ["NLP101"]
    os.remove(tmp_path / "here/pkg/paths.py")
    (tmp_path / "here/pkg/paths.py").write_text(PATHS)
    assert [one.code for one in check(app)] == ["NLP101"]


@pytest.mark.parametrize(
    ("link", "target", "found"),
    [
        ("here/pkg/paths", "../real", True),
        ("here/pkg/paths", "../../elsewhere", False),
        ("here/pkg/paths/__init__.py", "../../real/__init__.py", True),
        ("here/pkg/paths/__init__.py", "../../../elsewhere/__init__.py", False),
        ("here/pkg/paths.py", "../real/__init__.py", True),
        ("here/pkg/paths.py", "missing.py", False),
        ("here/pkg/paths.py", "paths.py", False),
        ("here/pkg/paths.py", "../real", False),  # a folder is no module's file
    ],
)
def test_follows_links_within_the_project(
    tmp_path: Path, link: str, target: str, found: bool
) -> None:
    modules = dict.fromkeys(("elsewhere/__init__.py", "here/real/__init__.py"), PATHS)
    app = LOAD.format("from .paths import LIBPYTHON", "LIBPYTHON")
    make(
        tmp_path,
        {**modules, "here/pyproject.toml": "", "here/pkg/__init__.py": "", "here/pkg/app.py": app},
    )
    (tmp_path / link).parent.mkdir(exist_ok=True)
    os.symlink(target, tmp_path / link)
    assert bool(check(tmp_path / "here/pkg/app.py")) is found


def test_needs_no_waiting_for_what_is_no_file(tmp_path: Path) -> None:
    make(tmp_path, {"pyproject.toml": "", "pkg/__init__.py": ""})
    os.mkfifo(tmp_path / "pkg/paths.py")
    app = tmp_path / "pkg/app.py"
    app.write_text(LOAD.format("from .paths import LIBPYTHON", "LIBPYTHON"))
    assert check(app) == []


def test_asks_nothing_for_a_text_without_a_file(tmp_path: Path) -> None:
    make(tmp_path, BASE)
    code = LOAD.format("from .paths import LIBPYTHON", "LIBPYTHON").encode()
    assert api.check_bytes(code, str(tmp_path / "pkg/app.py")) == []


def test_sees_a_module_that_has_changed(tmp_path: Path) -> None:
    make(tmp_path, BASE)
    app = tmp_path / "pkg/app.py"
    app.write_text(LOAD.format("from .paths import LIBPYTHON", "LIBPYTHON"))
    assert len(check(app)) == 1
    (tmp_path / "pkg/paths.py").write_text('LIBPYTHON = "libc.so.6"\n')
    assert check(app) == []


def test_tells_where_the_name_comes_from(tmp_path: Path) -> None:
    make(tmp_path, BASE | {"pkg/__init__.py": "from .paths import LIBPYTHON\n"})
    app = tmp_path / "pkg/app.py"
    app.write_text(LOAD.format("from . import LIBPYTHON", "LIBPYTHON"))
    (finding,) = check(app)
    (related,) = finding.related
    assert related.path == str(tmp_path / "pkg/paths.py")
    assert (related.start.row, related.start.column) == (3, 1)
    assert "LIBPYTHON" in related.message


@pytest.mark.parametrize("opened", ["LIBPYTHON", "paths.LIBPYTHON", "paths.libpython()"])
def test_rewrites_such_a_load_only_when_asked(opened: str, tmp_path: Path) -> None:
    make(tmp_path, BASE)
    app = tmp_path / "pkg/app.py"
    app.write_text(LOAD.format("from . import paths\nfrom .paths import LIBPYTHON", opened))
    (finding,) = check(app)
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.UNSAFE
    assert any("the name is imported" in caveat for caveat in finding.fix.caveats)
    data = app.read_bytes()
    assert api.fix_bytes(data, str(app), unsafe=False).data == data
    assert b"ctypes.pythonapi" in api.fix_bytes(data, str(app), unsafe=True).data


IMPORTING = "import ctypes\nfrom .paths import LIBPYTHON\napi = ctypes.CDLL(LIBPYTHON)\n"


@pytest.mark.parametrize(
    ("code", "known"),
    [(IMPORTING, []), (f"{IMPORTING}ctypes.CDLL('libpython3.11.so')\n", ["NLP102"])],
)
def test_says_that_imports_took_too_long(
    code: str, known: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, BASE | {"pkg/app.py": code})
    assert "NLP900" not in [one.code for one in check(tmp_path / "pkg/app.py")]
    spent = Limit(-1, "milliseconds of a test")
    monkeypatch.setattr(reader, "FOLLOWING_MILLISECONDS", spent)
    told, *others = sorted(check(tmp_path / "pkg/app.py"), key=lambda one: one.code, reverse=True)
    assert (told.code, str(spent) in told.message) == ("NLP900", True)
    assert [one.code for one in others] == known


def test_imports_that_lead_nowhere_take_no_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import ctypes\nfrom .paths import OTHER\napi = ctypes.CDLL(OTHER)\n"
    make(tmp_path, BASE | {"pkg/app.py": code})
    monkeypatch.setattr(reader, "FOLLOWING_MILLISECONDS", Limit(-1, "milliseconds of a test"))
    assert check(tmp_path / "pkg/app.py") == []


def test_tests_leave_modules_for_the_names_of_loads(tmp_path: Path) -> None:
    several = [f"m{number}" for number in range(12)]
    helper = "import sys\n\n\ndef fine(name):\n    return sys.platform == name\n"
    tests = "".join(
        f"from .{one} import fine as {one}\nif {one}(given()):\n    print()\n" for one in several
    )
    code = f"from sys import argv\ndef given(): return argv[1]\n{tests}{IMPORTING}"
    make(tmp_path, BASE | {f"pkg/{one}.py": helper for one in several} | {"pkg/app.py": code})
    assert [one.code for one in check(tmp_path / "pkg/app.py")] == ["NLP101"]


def test_tests_are_followed_through_a_few_modules(tmp_path: Path) -> None:
    files = {
        "pkg/flags.py": "from .systems import IS_WINDOWS\n",
        "pkg/systems.py": "import sys\nfrom .names import OS\nIS_WINDOWS = sys.platform == OS\n",
        "pkg/app.py": f"from .flags import IS_WINDOWS\nif IS_WINDOWS:\n{indent(IMPORTING, '    ')}",
    }
    make(tmp_path, BASE | files | {"pkg/names.py": 'OS = "win32"\n'})
    assert check(tmp_path / "pkg/app.py") == []
    make(tmp_path, {"pkg/names.py": 'OS = "linux"\n'})
    assert [one.code for one in check(tmp_path / "pkg/app.py")] == ["NLP101"]


def test_tells_of_modules_that_are_not_parsed_only_where_a_load_needs_them(tmp_path: Path) -> None:
    numbers = range(PYTHON_MODULES + 4)
    many = {f"pkg/m{n}.py": f"import ctypes\nLIB{n} = 'libpython3.11.so'\n" for n in numbers}
    imports = "".join(f"from .m{n} import LIB{n}\n" for n in numbers)
    calls = "".join(f"print(LIB{n})\n" for n in numbers)
    loads = "".join(f"ctypes.PyDLL(LIB{n}).x()\n" for n in numbers)
    make(tmp_path, BASE | many)
    app = tmp_path / "pkg/app.py"
    app.write_text(f"import ctypes\n{imports}{calls}ctypes.PyDLL('libfoo.so')\n")
    assert check(app) == []
    app.write_text(f"import ctypes\n{imports}{loads}")
    found = check(app)
    assert [one.code for one in found] == ["NLP900"] + ["NLP101"] * PYTHON_MODULES
    assert "modules that are parsed" in found[0].message
