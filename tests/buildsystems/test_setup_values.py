"""``setup.py``: how a library gets into an extension's arguments, and what a fix leaves there."""

from __future__ import annotations

import ast

import pytest

from tests.buildsystems.rewriting import fixed, reported

NAME = "setup.py"

#: What stands before, the arguments of the extension, and both after the fix.
REWRITTEN = [
    (
        "b = {'libraries': ['m', 'python3.11']}\n",
        "**copy.deepcopy(b)",
        "b = {'libraries': ['m']}\n",
        "**copy.deepcopy(b)",
    ),
    ("", "libraries=(libs := ['m', 'python3.11'])", "", "libraries=(libs := ['m'])"),
    ("l=['m','python3.11']\n", "libraries=copy.copy(l)", "l=['m']\n", "libraries=copy.copy(l)"),
    ("l=['m','python3.11']\n", "libraries=l[:]", "l=['m']\n", "libraries=l[:]"),
    ("l=['m','python3.11']\n", "libraries=l.copy()", "l=['m']\n", "libraries=l.copy()"),
    (
        "def g():\n    yield from ['m','python3.11']\n",
        "libraries=list(g())",
        "def g():\n    yield from ['m']\n",
        "libraries=list(g())",
    ),
    ("s='python3.11'\n", "libraries=[str(s)]", "s='python3.11'\n", "libraries=[]"),
    ("n='3.11'\n", "libraries=['python' + n]", "n='3.11'\n", "libraries=[]"),
    (
        "n='python3.11'\n",
        "extra_link_args=['-l' + n, '-lm']",
        "n='python3.11'\n",
        "extra_link_args=['-lm']",
    ),
    ("l=[]\nl.append('python3.11'); print(1)\n", "libraries=l", "l=[]\nprint(1)\n", "libraries=l"),
    ("l=[]\nprint(1); l.append('python3.11')\n", "libraries=l", "l=[]\nprint(1)\n", "libraries=l"),
    ("l=[]\nif x: l.append('python3.11')\n", "libraries=l", "l=[]\nif x: pass\n", "libraries=l"),
    ("l=[]\nl.append('python3.11')\n", "libraries=l", "l=[]\n", "libraries=l"),
    (
        "l=['m']\nl += ['python3.11'] if sys.argv else []\n",
        "libraries=l",
        "l=['m']\nl += [] if sys.argv else []\n",
        "libraries=l",
    ),
    ("kw = {'libraries': ['python3.11']}\n", "**kw", "kw = {'libraries': []}\n", "**kw"),
    (
        "kw = dict(dict(libraries=['python3.11']), define=1)\n",
        "**kw",
        "kw = dict(dict(libraries=[]), define=1)\n",
        "**kw",
    ),
    (
        "kw = {'libraries': ['python3.11']}.copy()\n",
        "**kw",
        "kw = {'libraries': []}.copy()\n",
        "**kw",
    ),
    (
        "kw = {} or {'libraries': ['python3.11']}\n",
        "**kw",
        "kw = {} or {'libraries': []}\n",
        "**kw",
    ),
    (
        "kw = {'libraries': ['python3.11']} if sys.argv else {}\n",
        "**kw",
        "kw = {'libraries': []} if sys.argv else {}\n",
        "**kw",
    ),
    (
        "kw = {'define': 1} | {'libraries': ['python3.11']}\n",
        "**kw",
        "kw = {'define': 1} | {'libraries': []}\n",
        "**kw",
    ),
    (
        "class C:\n    kw = {'libraries': ['python3.11']}\n",
        "**C.kw",
        "class C:\n    kw = {'libraries': []}\n",
        "**C.kw",
    ),
    (
        "def mk(**kw):\n    return Extension('b', ['b.c'], **kw)\nmore={'libraries':['python3.11']}\nsetup(ext_modules=[mk(**more)])\n",
        "libraries=[]",
        "def mk(**kw):\n    return Extension('b', ['b.c'], **kw)\nmore={'libraries':[]}\nsetup(ext_modules=[mk(**more)])\n",
        "libraries=[]",
    ),
    (
        "def mk(*, libraries=()):\n    return Extension('b', ['b.c'], libraries=libraries)\nsetup(ext_modules=[mk(libraries=['python3.11'])])\n",
        "libraries=[]",
        "def mk(*, libraries=()):\n    return Extension('b', ['b.c'], libraries=libraries)\nsetup(ext_modules=[mk(libraries=[])])\n",
        "libraries=[]",
    ),
    ("", "libraries=['m',\n  # why\n  'python3.11',\n]", "", "libraries=['m',\n  # why\n]"),
    ("", "libraries=['m',  # math\n  'python3.11'  # py\n]", "", "libraries=['m',  # math\n]"),
    ("", "libraries=[\n  'python3.11'\n]", "", "libraries=[]"),
    ("", "libraries=['m', # math\n 'python3.11', 'z']", "", "libraries=['m', # math\n 'z']"),
    ("", "libraries=['m',\n  'python3.11', 'z',\n]", "", "libraries=['m',\n  'z',\n]"),
    ("", "libraries=['python3.11' # x\n]", "", "libraries=[ # x\n]"),
    ("", "libraries=['m'\n , 'python3.11'\n , 'z']", "", "libraries=['m'\n , 'z']"),
    ("", "extra_link_args='-lm -lpython3.11'.split()", "", "extra_link_args='-lm'.split()"),
    (
        "",
        "extra_link_args='-lpython3.11'.strip().split()",
        "",
        "extra_link_args=''.strip().split()",
    ),
    (
        "f='-lm'\nf += ' -lpython3.11'\n",
        "extra_link_args=f.split()",
        "f='-lm'\nf += ''\n",
        "extra_link_args=f.split()",
    ),
    ("", "extra_link_args=[*'-lm -lpython3.11'.split()]", "", "extra_link_args=[*'-lm'.split()]"),
    (
        "",
        "extra_link_args=shlex.split('-lm -lpython3.11')",
        "",
        "extra_link_args=shlex.split('-lm')",
    ),
    (
        "",
        "extra_link_args=('-lm' + ' -lpython3.11').split()",
        "",
        "extra_link_args=('-lm' + '').split()",
    ),
    (
        "",
        "extra_link_args=['-lm'] + '-lpython3.11'.split()",
        "",
        "extra_link_args=['-lm'] + ''.split()",
    ),
    (
        "",
        "extra_link_args=' '.join(['-lm', '-lpython3.11']).split()",
        "",
        "extra_link_args=' '.join(['-lm']).split()",
    ),
    (
        "",
        "extra_link_args=('-lm' ' -lpython3.11').split()",
        "",
        "extra_link_args=('-lm' '').split()",
    ),
]
KEPT = [
    ("def f():\n    yield 'm'\n    yield 'python3.11'\n", "libraries=list(f())"),
    ("l=[]\nx = l.append('python3.11')\n", "libraries=l"),
]


def script(before: str, arguments: str) -> str:
    """Return a setup script with one extension."""
    return (
        "import copy, shlex, sys\nfrom setuptools import Extension, setup\n"
        f'{before}setup(ext_modules=[Extension("a", ["a.c"], {arguments})])\n'
    )


@pytest.mark.parametrize(("before", "arguments", "lines", "left"), REWRITTEN)
def test_the_item_goes_where_it_is_written(
    before: str, arguments: str, lines: str, left: str
) -> None:
    text = script(before, arguments)
    assert [code for code, _ in reported(text, NAME)] == ["NLP201"]
    after = fixed(text, NAME)
    assert after == script(lines, left)
    ast.parse(after)


@pytest.mark.parametrize(("before", "arguments"), KEPT)
def test_what_cannot_be_cut_out_is_reported_and_left(before: str, arguments: str) -> None:
    text = script(before, arguments)
    assert [code for code, _ in reported(text, NAME)] == ["NLP201"]
    assert fixed(text, NAME) == text


def test_the_attribute_of_another_class_is_another() -> None:
    classes = "class C:\n    libs = ['python3.11']\nclass D:\n    libs = ['m']\nx = D()\n"
    assert reported(script(classes, "libraries=x.libs"), NAME) == []


CLASS = "from setuptools.command.build_ext import build_ext\nclass B(build_ext):\n"
RUN = "setup(ext_modules=[Extension('a', ['a.c'])], cmdclass={'build_ext': B})\n"

#: Texts behind the imports, and whether an extension module is linked to the library.
SCRIPTS = {
    "libraries of the command": (
        CLASS + "    def get_libraries(self, ext):\n        return ['python3.11']\n" + RUN,
        True,
    ),
    "the compiler's own libraries": (
        CLASS + "    def run(self):\n        self.compiler.set_libraries(['python3.11'])\n" + RUN,
        True,
    ),
    "one more of the compiler's": (
        CLASS + "    def run(self):\n        self.compiler.add_library('python3.11')\n" + RUN,
        True,
    ),
    "every extension of the command": (
        CLASS + "    def run(self):\n        for ext in self.extensions:\n"
        "            ext.libraries.append('python3.11')\n" + RUN,
        True,
    ),
    "the first extension of the command": (
        CLASS + "    def run(self):\n        self.extensions[0].libraries.append('python3.11')\n" + RUN,
        True,
    ),
    "a class of the file": (
        "class E(Extension):\n    pass\nsetup(ext_modules=[E('a', ['a.c'], libraries=['python3.11'])])\n",
        True,
    ),
    "arguments given ahead": (
        ("import functools\nE = functools.partial(Extension, libraries=['python3.11'])\n"
         "setup(ext_modules=[E('a', ['a.c'])])\n"),
        True,
    ),
    "flags of the environment": (
        ("import os\nos.environ.setdefault('LDFLAGS', '-lpython3.11')\n"
         "setup(ext_modules=[Extension('a', ['a.c'])])\n"),
        True,
    ),
    "an option of build_ext": (
        "setup(ext_modules=[Extension('a', ['a.c'])], options={'bdist': {}, 'build_ext': {'libraries': 'python3.11'}})\n",
        True,
    ),
    "numpy's extra information": (
        ("from numpy.distutils.misc_util import Configuration\nc = Configuration()\n"
         "c.add_extension('a', ['a.c'], extra_info={'libraries': ['python3.11']})\nsetup(**c.todict())\n"),
        True,
    ),
    "another class of that name": (
        ("class get:\n    def get_libraries(self):\n        return ['python3.11']\n"
         "setup(ext_modules=[Extension('a', ['a.c'])])\n"),
        False,
    ),
    "another variable of the environment": (
        ("import os\nos.environ.setdefault('OTHER', '-lpython3.11')\n"
         "setup(ext_modules=[Extension('a', ['a.c'])])\n"),
        False,
    ),
    "a C library": ("setup(libraries=[('a', {'sources': ['a.c'], 'libraries': ['python3.11']})])\n", False),
}  # fmt: skip


@pytest.mark.parametrize(("lines", "links"), SCRIPTS.values(), ids=SCRIPTS)
def test_what_reaches_an_extension_by_other_ways(lines: str, links: bool) -> None:
    text = f"from setuptools import Extension, setup\n{lines}"
    assert [code for code, _ in reported(text, NAME)] == ["NLP201"] * links


#: As ``REWRITTEN``, without what stands before, which stays.
COMPOSED = [
    ("", "extra_link_args=['-lpython{}'.format('3.11')]", "extra_link_args=[]"),
    ("v='3.11'\n", "extra_link_args=[f'-L/x -lpython{v}']", "extra_link_args=[f'-L/x']"),
    ("v='3.11'\n", "extra_link_args=f'-lm -lpython{v}'.split()", "extra_link_args=f'-lm'.split()"),
    ("def f(l):\n    return l\n", "libraries=[f('python3.11')]", "libraries=[]"),
    ("class A:\n    l='python3.11'\n", "libraries=[A.l]", "libraries=[]"),
    ("x, y = 'm', 'python3.11'\n", "libraries=[y]", "libraries=[]"),
    ("for l in ['python3.11']:\n    x = l\n", "libraries=[x]", "libraries=[]"),
    ("", "libraries=[l for l in ['m', 'python3.11']]", "libraries=[l for l in ['m']]"),
    (
        "",
        "extra_link_args=['-l' + l for l in ['m', 'python3.11'] if l]",
        "extra_link_args=['-l' + l for l in ['m'] if l]",
    ),
    # Put together where nothing can be cut out.
    ("", "extra_link_args='-lm -lpython{}'.format('3.11').split()", ""),
    ("v='3.11'\n", "extra_link_args=('-lm -lpython%s' % v).split()", ""),
    ("v='3.11 -lz'\n", "extra_link_args=('-lm -lpython%s' % v).split()", ""),
]


@pytest.mark.parametrize(("before", "arguments", "left"), COMPOSED)
def test_a_text_that_is_put_together_goes_as_a_whole_or_stays(
    before: str, arguments: str, left: str
) -> None:
    text = script(before, arguments)
    assert [code for code, _ in reported(text, NAME)] == ["NLP201"]
    assert fixed(text, NAME) == script(before, left or arguments)


#: Commands that an extension is linked with, and whether the embedding library is.
COMMANDS = {
    "subprocess.check_output(['python3-config', '--ldflags', '--embed']).decode().split()": True,
    "subprocess.check_output(['python3-config', '--ldflags']).decode().split()": False,
    "os.popen('python3-config --ldflags --embed').read().split()": True,
    "['--embed']": False,
    "['-l' + name for name in ['m', 'pythonqt']]": False,
}


@pytest.mark.parametrize(("value", "links"), COMMANDS.items(), ids=COMMANDS)
def test_what_python_config_prints_is_linked(value: str, links: bool) -> None:
    text = script("import os, subprocess\n", f"extra_link_args={value}")
    assert [code for code, _ in reported(text, NAME)] == ["NLP202"] * links
    assert "--embed" not in fixed(text, NAME) or not links
