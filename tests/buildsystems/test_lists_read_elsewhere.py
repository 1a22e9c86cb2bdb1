"""A word is deleted only from a list that nobody counts, and not away from its option."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine.api import check_bytes, fix_bytes

SETUP = "from setuptools import setup, Extension\n"
IMPORTS = f"import sys\n{SETUP}from setuptools.command.build_ext import build_ext\n"
END = "setup(ext_modules=[Extension('a', ['a.c'], libraries=A)])\n"
#: What a ``setup.py`` does with the list besides, which another length or value would change.
BLOCKED = (
    "A = ['m', 'python3.11']\nprint(A[:1])\n",
    "A = ['m', 'python3.11']\nprint(A[-1])\n",
    "A = ['python3.11']\nB = A[0:1]\n",
    "A = []\nif A:\n    A.append('python3.11')\n",
    "A = ['python3.11']\nB = A or ['z']\nprint(B)\n",
    "A = ['python3.11']\nB = ['z'] if not A else []\n",
    "A = ['python3.11', 'python3']\nassert A\n",
    "A = ['python3.11']\nwhile not A:\n    A.append('z')\n",
    "A = ['python3.11']\nif A:\n    x()\n",
    "A = ['python3.11']\nif any(A):\n    x()\n",
    "A = ['m', 'python3.11']\nif len(A) > 1:\n    x()\n",
    "A = ['m', 'python3.11']\nif 'python3.11' in A:\n    x()\n",
    "A = ['m', 'python3.11']\nif name in A:\n    x()\n",
    "A = ['m', 'python3.11']\nassert A == ['m', 'python3.11']\n",
    "A = ['m', 'python3.11']\nA.insert(A.index('m'), 'z')\n",
    "A = ['m', 'python3.11']\nA.pop()\nA.append('python3.11')\n",
    "A = ['m', 'python3.11']\nx, y = A\n",
    "A = ['m', 'python3.11']\ndel A[0]\n",
    "if (A := ['python3.11']):\n    x()\nif not A:\n    y()\n",
)
#: And what stays as it is.
ALLOWED = (
    "A = ['m', 'python3.11']\nprint(A)\n",
    "A = ['m', 'python3.11']\nif A:\n    x()\n",
    "A = ['m', 'python3.11']\nif not A or not any(A):\n    x()\n",
    "A = ['m', 'python3.11']\nassert A\n",
    "A = ['m', 'python3.11']\nA = A[:]\n",
    "A = ['m', 'python3.11']\nif 'm' in A:\n    x()\n",
    "A = ['m', 'python3.11']\nA.append('z')\nA += ['y']\n",
)


@pytest.mark.parametrize("code", BLOCKED)
def test_a_list_that_is_counted_keeps_its_items(code: str) -> None:
    data = (SETUP + code + END).encode()
    found = [one for one in check_bytes(data, "setup.py") if one.code == "NLP201"]
    assert found
    assert {one.fix for one in found} == {None}
    assert fix_bytes(data, "setup.py", unsafe=True).data == data


@pytest.mark.parametrize("code", ALLOWED)
def test_a_list_that_is_looked_at_loses_its_item(code: str) -> None:
    fixed = fix_bytes((SETUP + code + END).encode(), "setup.py", unsafe=False).data
    assert fixed == (SETUP + code.replace(", 'python3.11'", "") + END).encode()


#: What else may read a list, also on Windows alone, by another name or in another function. A loss
#: of an item makes it fail, or gives it another one: the fix is not safe.
LIST = "A = ['m', 'python3.11']\n"
WINDOWS = "if sys.platform == 'win32':\n    "
READERS = {
    "remove win": LIST + WINDOWS + "A.remove('python3.11')\n" + END,
    "del": LIST + WINDOWS + "del A[1]\n" + END,
    "pop": LIST + WINDOWS + "A.pop()\n" + END,
    "unpack": LIST + WINDOWS + "x, y = A\n" + END,
    "len": LIST + WINDOWS + "assert len(A) == 2\n" + END,
    "compare": LIST + WINDOWS + "assert A == ['m', 'python3.11']\n" + END,
    "member": LIST + WINDOWS + "assert 'python3.11' in A\n" + END,
    "loop": LIST + WINDOWS + "for n in A:\n        if n == 'python3.11': x = 1\n" + END,
    "alias": LIST + WINDOWS + "B = A; B.remove('python3.11')\n" + END,
    "two names": LIST + WINDOWS + "B = C = A; C.pop()\n" + END,
    "walrus": LIST + WINDOWS + "(B := A).pop()\n" + END,
    "walrus2": LIST + WINDOWS + "print(B := A); B.pop()\n" + END,
    "tuple of lists": LIST + WINDOWS + "P = (A, ['z']); P[0].pop()\n" + END,
    "list of lists": LIST + WINDOWS + "P = [A]\n    for one in P: one.pop()\n" + END,
    "dict": LIST + WINDOWS + "P = {'k': A}; P['k'].pop()\n" + END,
    "dict computed": LIST + WINDOWS + "P = {'k': A}; P[key].pop()\n" + END,
    "dict values": LIST + WINDOWS + "P = {'k': A}\n    for v in P.values(): v.pop()\n" + END,
    "dict items": LIST + WINDOWS + "P = dict(k=A)\n    for k, v in P.items(): v.pop()\n" + END,
    "dict get computed": LIST + WINDOWS + "P = dict(k=A)\n    P.get(k)[0]\n" + END,
    "attr": LIST + WINDOWS + "o.names = A; o.names.pop()\n" + END,
    "getattr computed": LIST + WINDOWS + "getattr(o, n).pop()\n" + END,
    "vars": LIST + WINDOWS + "vars()['A'].pop()\n" + END,
    "globals": LIST + WINDOWS + "globals()['A'].pop()\n" + END,
    "exec": LIST + WINDOWS + 'exec("A.pop()")\n' + END,
    "param": LIST + "def f(x):\n    x.pop()\n" + WINDOWS + "f(A)\n" + END,
    "param keyword": LIST + "def f(*, x):\n    x.pop()\n" + WINDOWS + "f(x=A)\n" + END,
    "star args": LIST + "def f(*x):\n    x[0].pop()\n" + WINDOWS + "f(A)\n" + END,
    "star kwargs": LIST + "def f(**x):\n    x['q'].pop()\n" + WINDOWS + "f(q=A)\n" + END,
    "spread args": LIST + WINDOWS + "f(*A)\n" + END,
    "lambda": LIST + "f = lambda x: x.pop()\n" + WINDOWS + "f(A)\n" + END,
    "foreign call": LIST + WINDOWS + "mymod.fix(A)\n" + END,
    "method": LIST
    + "class C:\n    def fix(self, x):\n        x.pop()\n"
    + WINDOWS
    + "C().fix(A)\n"
    + END,
    "ctor": LIST
    + "class C:\n    def __init__(self, x):\n        self.x = x\n"
    + WINDOWS
    + "C(A).x.pop()\n"
    + END,
    "return": "def libs():\n    return ['m', 'python3.11']\nA = libs()\n"
    + WINDOWS
    + "libs()[1]\n"
    + END,
    "return pop": "def libs():\n    return ['m', 'python3.11']\nA = libs()\n"
    + WINDOWS
    + "A.pop()\n"
    + END,
    "yield": "def libs():\n    x = ['m', 'python3.11']\n    yield x\nfor A in libs():\n    pass\n"
    + WINDOWS
    + "A.pop()\n"
    + END,
    "default": "def f(x=['m', 'python3.11']):\n    if sys.platform == 'win32': x.pop()\n    return x\nA = f()\n"
    + END,
    "augmented": "A = []\nA += ['m', 'python3.11']\n" + WINDOWS + "A.pop()\n" + END,
    "append": "A = ['m']\nA.append('python3.11')\n" + WINDOWS + "A.remove('python3.11')\n" + END,
    "append2": "A = ['m']\nA.append('python3.11')\nB = ['z'] + A\n" + WINDOWS + "B[2]\n" + END,
    "extend other": LIST + "B = ['z']\nB.extend(A)\n" + WINDOWS + "B.pop()\n" + END,
    "copy": LIST + "B = A[:]\n" + WINDOWS + "B.pop()\n" + END,
    "set": LIST + WINDOWS + "set(A).remove('python3.11')\n" + END,
    "join compare": LIST + WINDOWS + "assert ' '.join(A) == 'm python3.11'\n" + END,
    "comp": LIST + "B = ['-l' + n for n in A]\n" + WINDOWS + "B.pop()\n" + END,
    "comp of lists": LIST + WINDOWS + "P = [A for n in D]; x = P[0][1]\n" + END,
    "comp any": LIST + WINDOWS + "assert any(n.startswith('py') for n in A)\n" + END,
    "next": LIST + WINDOWS + "next(n for n in A if n.startswith('py'))\n" + END,
    "next iter": LIST + WINDOWS + "next(iter(A))\n" + END,
    "enumerate": LIST + WINDOWS + "for i, n in enumerate(A): A[i] = n\n" + END,
    "zip": LIST + WINDOWS + "for i, n in zip(A, D): x(i, n)\n" + END,
    "count": LIST + WINDOWS + "A.count('python3.11')\n" + END,
    "while": "A = ['python3.11', 'm']\n" + WINDOWS + "while A: A.pop()\n" + END,
    "or": "A = ['python3.11']\n" + WINDOWS + "x = A or ['z']\n" + END,
    "ext attr": LIST
    + "e = Extension('a', ['a.c'], libraries=A)\n"
    + WINDOWS
    + "e.libraries.pop()\nsetup(ext_modules=[e])\n",
    "ext in build_ext": "class B(build_ext):\n    def build_extension(self, ext):\n        "
    + WINDOWS
    + "        ext.libraries.remove('python3.11')\nA = ['m', 'python3.11']\n"
    + END,
    "ext positional": "e = Extension('a', ['a.c'], [], [], [], [], ['m', 'python3.11'])\n"
    + WINDOWS
    + "e.libraries.pop()\nsetup(ext_modules=[e])\n",
    "kwargs": "K = {'libraries': ['m', 'python3.11']}\n"
    + WINDOWS
    + "K['libraries'].pop()\nsetup(ext_modules=[Extension('a', ['a.c'], **K)])\n",
    "kwargs setdefault": "K = {}\nK.setdefault('libraries', []).append('python3.11')\n"
    + WINDOWS
    + "K['libraries'].pop()\nsetup(ext_modules=[Extension('a', ['a.c'], **K)])\n",
    "kwargs update": "K = {}\nK.update(libraries=['m', 'python3.11'])\n"
    + WINDOWS
    + "K['libraries'].pop()\nsetup(ext_modules=[Extension('a', ['a.c'], **K)])\n",
    "nested kwargs": "K = {'x': {'libraries': ['m', 'python3.11']}}\n"
    + WINDOWS
    + "K['x']['libraries'].pop()\nsetup(ext_modules=[Extension('a', ['a.c'], **K['x'])])\n",
    "nested kwargs computed": "K = {'x': {'q': ['m', 'python3.11']}}\n"
    + WINDOWS
    + "K[a][b].pop()\nsetup(ext_modules=[Extension('a', ['a.c'], libraries=K['x']['q'])])\n",
    "with": LIST + WINDOWS + "with A: pass\n" + END,
    "match": LIST + "match A:\n    case [x, y]: pass\n" + END,
    "nonlocal": "def f():\n    a = ['m', 'python3.11']\n    def g():\n        nonlocal a\n        a.pop()\n    if sys.platform == 'win32': g()\n    return a\nA = f()\n"
    + END,
    "global": "def f():\n    global A\n    A = ['m', 'python3.11']\nf()\n"
    + WINDOWS
    + "A.pop()\n"
    + END,
    "class body": "class C:\n    libs = ['m', 'python3.11']\n    libs2 = libs[1:] if sys.platform == 'win32' else libs\nA = C.libs2\n"
    + END,
    "inherit": "class C:\n    libs = ['m', 'python3.11']\nclass D(C):\n    def f(self):\n        return self.libs.pop()\nA = C.libs\n"
    + END,
    "text index": "A = 'm python3.11'.split()\n" + WINDOWS + "A.pop()\n" + END,
    "text": "F = '-lm -lpython3.11'\n"
    + WINDOWS
    + "F.index('python3.11')\nsetup(ext_modules=[Extension('a', ['a.c'], extra_link_args=F.split())])\n",
    "reduce": LIST + "import functools\n" + WINDOWS + "functools.reduce(x, A)\n" + END,
    "partial": LIST
    + "import functools\ndef f(x):\n    x.pop()\n"
    + WINDOWS
    + "functools.partial(f, A)()\n"
    + END,
    "star import": LIST
    + "from helper import *\nsetup(ext_modules=[Extension('a', ['a.c'], libraries=A + fix(A))])\n",
    "decorated": "@fix\ndef libs():\n    return ['m', 'python3.11']\nA = libs()\n" + END,
    "property": "class C:\n    @property\n    def libs(self):\n        return ['m', 'python3.11']\nA = C().libs\n"
    + WINDOWS
    + "C().libs.pop()\n"
    + END,
    "callback": "def libs():\n    return ['m', 'python3.11']\nA = libs()\n"
    + WINDOWS
    + "f(libs)\n"
    + END,
    "loop append": "A = []\nfor n in ('m', 'python3.11'):\n    A.append(n)\n"
    + WINDOWS
    + "A.pop()\n"
    + END,
    "keys": LIST + "D = dict.fromkeys(A)\n" + WINDOWS + "del D['python3.11']\n" + END,
    "key": LIST + "D = dict.fromkeys(A)\n" + WINDOWS + "D.pop('python3.11')\n" + END,
    "loop looks": "A = []\nfor n in ('m', 'python3.11'):\n    A.append(n)\n    if n == 'python3.11' and sys.platform == 'win32': x = 1\n"
    + END,
    "loop counts": "A = []\ni = 0\nfor n in ('m', 'python3.11'):\n    A.append(n)\n    i += 1\n"
    + WINDOWS
    + "A[i]\n"
    + END,
    "async": LIST + "async def f():\n    return A.pop()\n" + END,
    "sys.modules": LIST + WINDOWS + "sys.modules[__name__].A.pop()\n" + END,
    "operator": LIST + "import operator\n" + WINDOWS + "operator.delitem(A, 1)\n" + END,
    "import alias": LIST + "from x import A as C\n" + WINDOWS + "C.pop()\n" + END,
    "a setter": "class C:\n    @property\n    def libs(self): return self._l\n    @libs.setter\n"
    "    def libs(self, v): self._l = [v[0], v[1]]\nc = C()\nc.libs = ['m', 'python3.11']\nA = c.libs\n"
    + END,
    "a method that an index runs": "class D(dict):\n    def __setitem__(self, k, v): v[1]\n"
    "d = D()\nd['A'] = ['m', 'python3.11']\nA = d['A']\n" + END,
}
#: What nothing is amiss in without the item.
KEEPERS = {
    "plain": LIST + END,
    "literal": "setup(ext_modules=[Extension('a', ['a.c'], libraries=['m', 'python3.11'])])\n",
    "append else": LIST + WINDOWS + "A.append('ws2_32')\n" + END,
    "augment else": LIST + WINDOWS + "A += ['ws2_32']\n" + END,
    "rebind": LIST + WINDOWS + "A = ['python311']\n" + END,
    "keys in order": LIST + "A = list(dict.fromkeys(A))\n" + END,
    "print": LIST + "print(A)\n" + END,
    "no use": LIST + "A\n" + END,
    "set": "A = {'m'}\nA.update(['z', 'python3.11'])\nA = list(A)\n" + END,
    "isinstance": LIST + "assert isinstance(A, list)\n" + END,
    "remove other": LIST + WINDOWS + "A.remove('m')\n" + END,
    "in other": LIST + WINDOWS + "if 'm' in A: x = 1\n" + END,
    "truth filled": LIST + WINDOWS + "if A: x = 1\n" + END,
    "or empty": LIST + "A = A or []\n" + END,
    "param ok": LIST + "def f(x):\n    return x + ['z']\nA = f(A)\n" + END,
    "local same name": LIST + "def f(A):\n    return A[0]\n" + END,
    "kwargs": "K = {'libraries': ['m', 'python3.11']}\nif sys.platform == 'win32': K['libraries'].append('z')\nsetup(ext_modules=[Extension('a', ['a.c'], **K)])\n",
    "function": "def make(name, libraries=()):\n    return Extension(name, [name + '.c'], libraries=['m'] + list(libraries))\nsetup(ext_modules=[make('a', ['python3.11'])])\n",
    "cythonize": "from Cython.Build import cythonize\nE = [Extension('a', ['a.pyx'], libraries=['m', 'python3.11'])]\nsetup(ext_modules=cythonize(E, language_level=3))\n",
    "build_ext": "class B(build_ext):\n    def build_extensions(self):\n        for e in self.extensions:\n            e.extra_compile_args.append('-O2')\n            e.libraries.append('z')\n        super().build_extensions()\nA = ['m', 'python3.11']\n"
    + END,
    "loop ext": "E = [Extension('a', ['a.c'], libraries=['m', 'python3.11'])]\nfor e in E:\n    e.include_dirs.append('x')\nprint(len(E))\nsetup(ext_modules=E)\n",
    "comp": "A = ['-l' + n for n in ['m', 'python3.11']]\nsetup(ext_modules=[Extension('a', ['a.c'], extra_link_args=A)])\n",
    "comp exts": "setup(ext_modules=[Extension(n, [n + '.c'], libraries=['m', 'python3.11']) for n in ('a', 'b')])\n",
    "loop exts": LIST
    + "E = []\nfor n in ('a', 'b'):\n    E.append(Extension(n, [n + '.c'], libraries=A))\nsetup(ext_modules=E)\n",
    "exec ns": LIST + "about = {}\nexec(open('v.py').read(), about)\n" + END,
    "getattr literal": LIST
    + "if hasattr(sys, 'real_prefix') or getattr(sys, 'base_prefix', None): x = 1\n"
    + END,
    "text": "F = '-lm -lpython3.11'\nsetup(ext_modules=[Extension('a', ['a.c'], extra_link_args=F.split())])\n",
    "environ": "import os\nos.environ['LDFLAGS'] = '-lm -lpython3.11'\nos.environ['CC']\nos.environ.get('X')\nsetup(ext_modules=[Extension('a', ['a.c'])])\n",
    "returned dict": "def opts():\n    return dict(libraries=['m', 'python3.11'])\nsetup(ext_modules=[Extension('a', ['a.c'], **opts())])\n",
    "other index": LIST + "S = ['a.c', 'b.c']\nS[0]\nS.pop()\nlen(S)\n" + END,
    "argv": LIST + "if '--x' in sys.argv: sys.argv.remove('--x')\n" + END,
}
#: Modules of the project that a ``setup.py`` gives its lists to, or whose classes build it.
HELPERS = {
    "a function": (
        LIST + "from tools import fix\n" + WINDOWS + "fix(A)\n" + END,
        "import sys\ndef fix(l):\n    if sys.platform == 'win32':\n        l.pop()\n",
    ),
    "a function under another name": (
        LIST + "from tools import fix as mend\n" + WINDOWS + "mend(A)\n" + END,
        "import sys\ndef fix(l):\n    if sys.platform == 'win32':\n        l.pop()\n",
    ),
    "a base class": (
        LIST + "from tools import B\nclass C(B):\n    pass\n" + END,
        "class B:\n    def build_extension(self, ext):\n        ext.libraries.remove('python3.11')\n",
    ),
    "a module that cannot be parsed": (LIST + "import tools\n" + END, "def f(:\n"),
}


ENVIRONMENT = "import os\nos.environ.setdefault('LDFLAGS', '-lpython3.11 -lz')\n"
MADE = "setup(ext_modules=[Extension('a', ['a.c'])])\n"
PASSED = "setup({}ext_modules=[Extension('a', ['a.c'], extra_link_args=os.environ['LDFLAGS'].split())])\n"
LINKED = "setup(ext_modules=[Extension('a', ['a.c'], libraries=[{}, 'z'], define_macros=[{}])])\n"
READERS |= {
    "the environment": ENVIRONMENT + PASSED.format("description=os.environ['LDFLAGS'], "),
    "the environment, by another way": f"{ENVIRONMENT}print(os.getenv('LDFLAGS'))\n{MADE}",
    "a variable that is set": (
        f"import os\nos.environ['LDFLAGS'] = '-lpython3.11'\nprint(os.environ['LDFLAGS'])\n{MADE}"
    ),
    "a program": f"{ENVIRONMENT}import subprocess\nsubprocess.run(['make'])\n{MADE}",
    "a shell": f"{ENVIRONMENT}os.system('make')\n{MADE}",
    "a default of the environment": (
        "import os\nflags = os.environ.get('LDFLAGS', '-lpython3.11 -lz')\n"
        + PASSED.format("description=flags, ").replace("os.environ['LDFLAGS']", "flags")
    ),
    "an item that is set": "d = {}\n"
    + LINKED.format("d.setdefault('a', 'python3.11')", "('P', d)"),
    "a name in an expression": LINKED.format("(p := 'python3.11')", "('P', p)"),
    "the effect of a call": (
        f"def f():\n    print(1)\n    return 'python3.11'\n{LINKED.format('f()', '')}"
    ),
    "the effect on a global name": (
        "n = 0\ndef f():\n    global n\n    n += 1\n    return 'python3.11'\n"
        f"{LINKED.format('f()', '(str(n), 1)')}"
    ),
}
KEEPERS |= {
    "only distutils reads the environment": ENVIRONMENT + MADE,
    "a variable that is extended": (
        "import os\nos.environ['LDFLAGS'] = os.environ.get('LDFLAGS', '') + ' -lpython3.11'\n"
        + MADE
    ),
    "a default that is only linked": (
        "import os\nflags = os.environ.get('LDFLAGS', '-lpython3.11 -lz')\n"
        + PASSED.format("").replace("os.environ['LDFLAGS']", "flags")
    ),
    "another variable is read": f"{ENVIRONMENT}print(os.environ['HOME'])\n{MADE}",
    "a call that computes": (
        "def f():\n    'Return it.'\n    v = '3.11'\n    return 'python' + v\n"
        + LINKED.format("f()", "")
    ),
}


def applicabilities(code: str, path: str = "setup.py") -> set[str]:
    found = check_bytes((IMPORTS + code).encode(), path)
    assert found
    return {one.fix.applicability.value if one.fix else "none" for one in found}


@pytest.mark.parametrize("code", READERS.values(), ids=READERS)
def test_a_list_that_other_code_may_read_is_not_safe_to_edit(code: str) -> None:
    assert "safe" not in applicabilities(code)


@pytest.mark.parametrize("code", KEEPERS.values(), ids=KEEPERS)
def test_a_list_that_other_code_does_not_read_is_safe_to_edit(code: str) -> None:
    assert applicabilities(code) == {"safe"}


@pytest.mark.parametrize(("code", "helper"), HELPERS.values(), ids=HELPERS)
def test_another_module_may_read_the_list(tmp_path: Path, code: str, helper: str) -> None:
    path = tmp_path / "setup.py"
    path.write_text(IMPORTS + code)
    (tmp_path / "tools.py").write_text(helper)
    assert applicabilities(code, str(path)) <= {"unsafe", "none"}
    (tmp_path / "tools.py").write_text("def fix(l):\n    print(l)\nclass B:\n    pass\n")
    assert applicabilities(code, str(path)) == {"safe"}


def test_a_module_that_imports_the_list_may_read_it(tmp_path: Path) -> None:
    build = tmp_path / "build_tools.py"
    code = (
        "def made(libs=['m', 'python3.11']):\n    return Extension('a', ['a.c'], libraries=libs)\n"
    )
    build.write_text(IMPORTS + code)
    (tmp_path / "setup.py").write_text("from build_tools import made\nmade().libraries.pop()\n")
    assert applicabilities(code, str(build)) == {"unsafe"}
    (tmp_path / "setup.py").write_text("from build_tools import made\nprint(made())\n")
    assert applicabilities(code, str(build)) == {"safe"}


def test_a_slice_that_is_linked_would_be_another_one() -> None:
    data = (SETUP + "A = ['python3.11', 'm']\n" + END.replace("=A", "=A[:1]")).encode()
    assert fix_bytes(data, "setup.py", unsafe=True).data == data


MESON = "project('a', 'c')\npy = import('python').find_installation()\nmodule = 1\n"
TARGET = "py.extension_module('m', 'm.c', link_args: a)\n"


@pytest.mark.parametrize(
    "use",
    [
        *("message(a[1])\n", "message(a.length())\n", "if a.contains('-lm')\nendif\n"),
        *("if '-lm' in a\nendif\n", "if a == ['-lm']\nendif\n", "x = a[0]\n"),
    ],
)
def test_an_array_of_meson_that_is_counted_keeps_its_items(use: str) -> None:
    data = f"{MESON}a = ['-lpython3.11', '-lm']\n{TARGET}{use}".encode()
    assert [one.fix for one in check_bytes(data, "meson.build")] == [None]
    plain = data[: -len(use)]
    assert b"a = ['-lm']" in fix_bytes(plain, "meson.build", unsafe=True).data


#: What is linked, and how an array, or what holds it, is asked for an item in another way.
OTHER_WAYS = (
    ("a = {'l': ['-lz', '-lpython3.11']}\n", "a['l']", "message(a['l'][1])\n"),
    ("a = {'l': ['-lpython3.11']}\nb = a['l']\n", "b", "message(b[0])\n"),
    ("a = {'l': ['-lpython3.11']}\n", "a.get('l')", "message(a.get('l')[0])\n"),
    ("a = {'l': ['-lpython3.11']}\n", "a['l']", "assert(a['l'].length() == 1)\n"),
    ("a = {'l': ['-lpython3.11']}\n", "a['l']", "foreach k, v : a\nmessage(v[0])\nendforeach\n"),
    ("a = [['-lpython3.11']]\n", "a[0]", "message(a[0][0])\n"),
    ("a = ['-lpython3.11']\nb = a\n", "a", "message(b[0])\n"),
    ("a = ['-lpython3.11']\nb = {'l': a}\n", "a", "message(b['l'][0])\n"),
    ("a = ['-lpython3.11']\nb = true ? a : []\n", "a", "message(b[0])\n"),
    ("a = ['-lpython3.11']\nset_variable('b', a)\n", "a", "message(b[0])\n"),
    ("a = ['-lpython3.11']\nb = get_variable('a')\n", "a", "message(b[0])\n"),
    ("a = ['-lpython3.11']\n", "a", "message(get_variable('a')[0])\n"),
    ("a = ['-lpython3.11']\n", "a", "message(','.join(a).split('n')[1])\n"),
    ("set_variable('a', ['-lpython3.11'])\n", "a", "message(a[0])\n"),
)


@pytest.mark.parametrize(("made", "linked", "use"), OTHER_WAYS)
def test_an_array_of_meson_that_is_counted_by_another_name_is_not_changed_safely(
    made: str, linked: str, use: str
) -> None:
    data = (MESON + made + TARGET.replace("a)", f"{linked})") + use).encode()
    assert [one.code for one in check_bytes(data, "meson.build")] == ["NLP201"]
    assert fix_bytes(data, "meson.build", unsafe=False).data == data


@pytest.mark.parametrize(
    ("made", "linked"),
    [
        ("a = {'l': ['-lpython3.11', '-lm']}\n", "a['l']"),
        ("a = {'l': ['-lpython3.11', '-lm']}\nb = a.get('l')\nmessage(b)\n", "b"),
        ("a = ['-lpython3.11', '-lm']\nb = {'l': a}\nmessage(b)\n", "a"),
        ("a = ['-lpython3.11', '-lm']\nc = ['x']\nmessage(c[0])\n", "a"),
    ],
)
def test_an_array_of_meson_that_is_passed_on_is_changed_safely(made: str, linked: str) -> None:
    data = (MESON + made + TARGET.replace("a)", f"{linked})")).encode()
    fixed = fix_bytes(data, "meson.build", unsafe=False).data
    assert fixed == data.replace(b"'-lpython3.11', ", b"")


def test_an_array_of_meson_that_another_file_counts_is_not_changed_safely(tmp_path: Path) -> None:
    data = f"{MESON}a = ['-lpython3.11']\n{TARGET}subdir('s')\n".encode()
    (tmp_path / "s").mkdir()
    for use, is_safe in (("message(a)\n", True), ("message(a[0])\n", False)):
        (tmp_path / "s" / "meson.build").write_text(use)
        (tmp_path / "meson.build").write_bytes(data)
        fixed = fix_bytes(data, str(tmp_path / "meson.build"), unsafe=False).data
        assert (fixed != data) is is_safe


@pytest.mark.parametrize("names", ["'python3-embed', 'python3'", "'python3', 'python3-embed'"])
def test_no_package_of_meson_is_asked_for_twice(names: str) -> None:
    target = TARGET.replace("link_args", "dependencies")
    data = f"{MESON}a = dependency({names})\n{target}".encode()
    assert [one.fix for one in check_bytes(data, "meson.build")] == [None]
    other = data.replace(b"'python3'", b"'python-3.11'")
    assert b"-embed" not in fix_bytes(other, "meson.build", unsafe=False).data


CC = "gcc -shared -o m.abi3.so m.o"
CMAKE = "find_package(Python3 COMPONENTS Development)\nPython3_add_library(m MODULE m.c)\n"
EXTENSION = "setup(ext_modules=[Extension('a', ['a.c'], extra_link_args=[{}])])\n"
TOML = '[[tool.setuptools.ext-modules]]\nname = "a"\nsources = ["a.c"]\nextra-link-args = [{}]\n'
#: Options that take the next word: both go, or none.
HALVES = (
    ("setup.py", SETUP + EXTENSION.format("'-Xlinker', '-lpython3.11'")),
    ("setup.py", SETUP + EXTENSION.format("'-lm',\n  '-Xlinker',\n  '-lpython3.11'")),
    ("setup.py", SETUP + EXTENSION.format("'-l', 'python3.11'")),
    ("pyproject.toml", TOML.format('"-Xlinker", "-lpython3.11"')),
    ("pyproject.toml", TOML.format('"-Xlinker",\n  "-lpython3.11",\n')),
    ("meson.build", MESON + TARGET.replace("a)", "['-Xlinker', '-lpython3.11'])")),
    ("CMakeLists.txt", f"{CMAKE}target_link_libraries(m -Xlinker -lpython3.11 z)\n"),
    ("CMakeLists.txt", f'{CMAKE}target_link_options(m PRIVATE "SHELL:-Xlinker -lpython3.11")\n'),
    ("build.sh", f"{CC} -Xlinker -lpython3.11 -lm\n"),
    ("build.sh", f"{CC} -l python3.11 -lm\n"),
    ("build.sh", f"{CC} --for-linker -lpython3.11 -lm\n"),
    ("build.sh", f'F="-l python3.11"\n{CC} $F\n'),
    ("Makefile", f"L = -Xlinker -lpython3.11\nm.abi3.so: m.o\n\t{CC} $(L)\n"),
    ("Makefile", f"m.abi3.so: m.o\n\t{CC} -Xlinker \\\n\t  -lpython3.11\n"),
    ("Dockerfile", f"FROM a\nRUN {CC} -Xlinker -lpython3.11 -lm\n"),
    ("Dockerfile", f'FROM a\nENV L="-l python3.11"\nRUN {CC} $L\n'),
)


@pytest.mark.parametrize(("name", "text"), HALVES)
def test_no_option_is_left_without_its_value(name: str, text: str) -> None:
    fixed = fix_bytes(text.encode(), name, unsafe=True).data.decode()
    assert fixed == text or not ("linker" in fixed or "-l'" in fixed or "-l " in fixed), fixed


#: A program that embeds Python by a name which is put together; what is shared with it stays.
EMBEDDING = (
    ("app ${V}::Python", "m ${V}::Python", ""),
    ("app ${L}", "m ${L}", "set(L ${${V}_LIBRARIES})\n"),
)


@pytest.mark.parametrize(("program", "module", "variable"), EMBEDDING)
def test_a_program_that_embeds_python_keeps_its_link(
    program: str, module: str, variable: str
) -> None:
    links = f"target_link_libraries({program})\ntarget_link_libraries({module})\n"
    text = f"{CMAKE}set(V Python3)\n{variable}add_executable(app a.c)\n{links}"
    data = text.encode()
    assert check_bytes(data, "CMakeLists.txt")
    assert fix_bytes(data, "CMakeLists.txt", unsafe=True).data == data
