"""What texts, lists and paths come to where a library is opened."""

from __future__ import annotations

import ast

import pytest

from no_libpython_dlopen.engine import api

HEAD = """\
import ctypes, ctypes.util, functools, glob, os, pathlib, platform, sys, sysconfig
import find_libpython
"""

#: Expressions, and the library that they name; ``*`` is a part that is not known.
NAMES = {
    "libpython3.11.so": [
        '"lib" "python3" ".11.so"',
        'b"libpython3.11.so".decode()',
        '*["libpython3.11.so"]',
        # Methods of texts.
        '"libx.so".replace("x", "python3.11")',
        '"libpython3.11.so".expandtabs()',
        '"LIBPYTHON3.11.SO".strip().lower()',
        '"libpython3.11.so libc.so".split()[0]',
        '"libc.so;libpython3.11.so".split(";")[-1]',
        '"/usr/lib/libpython3.11.so".rpartition("/")[2]',
        '"xlibpython3.11.so"[1:]',
        'f"libpython3.11.so{sys.argv[1]}"[:16]',
        '"".join(reversed(["11.so", "libpython3."]))',
        '"libpython3.11.so" if "py" in f"lib{sys.argv[0]}" else "libc.so"',
        # Formats.
        '"lib{}.so".format("python3.11")',
        '"lib{0[0]}.so".format(["python3.11"])',
        '"lib{0[k]}.so".format({"k": "python3.11"})',
        '"libpython3.{:>2}.so".format(11)',
        '"libpython{v}.so".format(**{"v": "3.11"})',
        '"libpython%s.so" % ("3.11",)',
        '"libpython%(v)s.so" % dict(v="3.11")',
        # Lists and dictionaries.
        '{"a": "libpython3.11.so"}.pop("a")',
        '["libc.so", "libpython3.11.so"].pop()',
        '{"a": "libc.so"}.get("b", "libpython3.11.so")',
        'list({"a": "libpython3.11.so"}.values())[0]',
        '({"a": "libc.so"} | {"a": "libpython3.11.so"})["a"]',
        '[*map(str, ["libpython3.11.so"])][0]',
        'sorted(["libpython3.11.so", "libc.so"])[-1]',
        'max(["libpython3.11.so"], key=len)',
        'tuple(x for x in ["libpython3.11.so"])[0]',
        '[x + ".so" for x in ("libpython3.11",)][0]',
        # Paths.
        'pathlib.Path.cwd() / "libpython3.11.so"',
        'str(pathlib.Path.home().joinpath("lib", "libpython3.11.so"))',
        'pathlib.Path("/usr", "/lib/libpython3.11.so")',
        'str(pathlib.Path("libc.so").with_name("libpython3.11.so"))',
        'str(pathlib.Path("/usr/lib/libc.so").with_stem("libpython3.11"))',
        'pathlib.Path("libpython3.11.dylib").with_suffix(".so").name',
        'os.getcwd() + "/libpython3.11.so"',
        'os.path.expanduser("~/libpython3.11.so")',
        'os.path.join("", "libpython3.11.so")',
        # Functions.
        '(lambda n="libpython3.11.so": n)()',
        'functools.partial(str, "libpython3.11.so")()',
        'platform.win32_ver()[0] or "libpython3.11.so"',
        'ctypes.util.find_library("python3.11")',
    ],
    "libpython3.*.so": [
        "find_libpython.find_libpython()",
        "next(find_libpython.candidate_names())",
        "list(find_libpython.candidate_paths())[0]",
        'sysconfig.get_config_vars().get("LDLIBRARY")',
        'sorted([f"libpython3.{sys.argv[1]}.so", "libc.so"])[0]',
        # Wider than any name, or refused by Python: the hole stays.
        '"libpython3.{:99999}.so".format(11)',
        '"libpython3.{:x}.so".format("a")',
    ],
    "libpython3*.so": ['glob.glob("/usr/lib/libpython3*.so")[0]'],
    "libpython*.*.so": ['glob.glob("/usr/lib/libpython[23].*.so")[0]'],
}
UNKNOWN = [
    *("None", 'os.environ["LIB"]', 'sysconfig.get_config_var(f"LD{sys.argv[0]}")'),
    *('ctypes.util.find_library("c")', "pathlib.Path.cwd()", "os.getcwd()"),
    'f"lib{sys.argv[1]}.so".replace("x", "y")',
    '"libpython3.11.so".replace(sys.argv[1], "y")',
    '"libpython3.11.so".zfill(100_000_000)',  # never made
    '"libpython3.11.so".index("z")',  # raises
    'f"{sys.argv[1]}libpython3.11.so"[3:]',
    'f"libpython3.11.so{sys.argv[1]}"[-3:]',
    '"lib{0.minor}.so".format(sys.version_info)',
    '"lib{".format("x")',  # raises
    '{"a": "libpython3.11.so"}[sys.argv[0]:]',
]


def resolved(expression: str) -> list[str]:
    text = f"{HEAD}api = ctypes.PyDLL({expression})\napi.PyErr_Clear()\n"
    ast.parse(text)
    return [finding.resolved for finding in api.check_bytes(text.encode(), "module.py")]


@pytest.mark.parametrize(
    ("expression", "name"),
    [(expression, name) for name, several in NAMES.items() for expression in several],
)
def test_an_expression_names_the_library(expression: str, name: str) -> None:
    assert resolved(expression) == [name]


@pytest.mark.parametrize("expression", UNKNOWN)
def test_what_an_expression_names_is_not_known(expression: str) -> None:
    assert resolved(expression) == []


#: The import of the loader, and the text after the fix of ``LOAD(…)`` below it.
IMPORTS = {
    "import ctypes\napi = ctypes.PyDLL({})": "import ctypes\napi = ctypes.pythonapi",
    "import ctypes as c\napi = c.PyDLL({})": "import ctypes as c\napi = c.pythonapi",
    "from ctypes import PyDLL\napi = PyDLL({})": "from ctypes import pythonapi\napi = pythonapi",
    "from ctypes import PyDLL, c_int\napi = PyDLL({})\nc_int()": (
        "from ctypes import c_int, pythonapi\napi = pythonapi\nc_int()"
    ),
    "from ctypes import PyDLL, pythonapi\napi = PyDLL({})\npythonapi.x": (
        "from ctypes import pythonapi\napi = pythonapi\npythonapi.x"
    ),
    "from ctypes import PyDLL, pythonapi as p\napi = PyDLL({})\np.x": (
        "from ctypes import pythonapi as p\napi = p\np.x"
    ),
    "from ctypes import *\napi = PyDLL({})": "from ctypes import *\napi = pythonapi",
    "'''Open a PyDLL.'''\nfrom ctypes import PyDLL\napi = PyDLL({})\nprint('no PyDLL here')": (
        "'''Open a PyDLL.'''\nfrom ctypes import pythonapi\napi = pythonapi\nprint('no PyDLL here')"
    ),
    "from ctypes import (  # why\n    PyDLL,\n    c_int,\n)\napi = PyDLL({})\nc_int()": (
        "from ctypes import (  # why\n    c_int,\n    pythonapi,\n)\napi = pythonapi\nc_int()"
    ),
    "from ctypes import PyDLL\napi = PyDLL({})\nPyDLL(None)": (
        "from ctypes import PyDLL, pythonapi\napi = pythonapi\nPyDLL(None)"
    ),
    **{
        f"from ctypes import PyDLL\napi = PyDLL({{}})\n{then}": (
            f"from ctypes import PyDLL, pythonapi\napi = pythonapi\n{then}"
        )
        for then in (
            "exec('a = PyDLL(None); b = a')",
            "exec(code)",
            "eval(code)",
            "print(globals()[name])",
            "import __main__\nprint(__main__.PyDLL)",
            "import importlib\nprint(importlib.import_module('__main__').PyDLL)",
            "import sys\nprint(getattr(sys.modules[__name__], 'Py' + 'DLL'))",
            "import inspect\nprint(inspect.getmembers(inspect.getmodule(f)))",
            "__all__ = [name for name in dir() if name[0] != '_']",
            "print(vars())",
            "import timeit\ntimeit.timeit('l = PyDLL', 'from __main__ import PyDLL')",
            "run('python', '-c', 'from module import PyDLL; PyDLL(None)')",
            "def f():\n    '''\n    >>> isinstance(lib, PyDLL)\n    True\n    '''",
            "__test__ = {'a': '>>> lib = PyDLL(None)\\n' + more}",
            "class A:\n    __doc__ = '''\n    >>> PyDLL(None)\n    '''",
        )
    },
}


@pytest.mark.parametrize(("before", "after"), IMPORTS.items(), ids=IMPORTS)
def test_the_import_goes_with_the_loader(before: str, after: str) -> None:
    text = before.replace("{}", '"libpython3.11.so"') + "\napi.PyErr_Clear()\n"
    fixed = api.fix_bytes(text.encode(), "module.py", unsafe=True).data.decode()
    assert fixed == f"{after}\napi.PyErr_Clear()\n"
    assert api.check_bytes(fixed.encode(), "module.py") == []
