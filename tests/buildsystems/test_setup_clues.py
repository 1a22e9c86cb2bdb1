"""Which Python files are parsed by libcst, since they may make an extension with libpython."""

from __future__ import annotations

import ast
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from no_libpython_dlopen.buildsystems.python_syntax.analysis import find_links
from no_libpython_dlopen.buildsystems.python_syntax.setup_py import read
from no_libpython_dlopen.buildsystems.python_syntax.setup_scripts.setup_prefilter import (
    may_contain_link,
)
from no_libpython_dlopen.buildsystems.python_syntax.setup_scripts.setup_sinks import SetupSinks
from no_libpython_dlopen.model.source import Kind, Source, Unreadable, kind_of

CASES = Path(__file__).parents[1] / "cases"
PYTHON = [path for path in sorted(CASES.rglob("*.py")) if kind_of(path.name) is Kind.PYTHON]


def is_parsed(text: str) -> bool:
    return may_contain_link(Source("setup.py", Kind.PYTHON, text.encode()))


def links(text: str) -> list[tuple[int, int]]:
    """Return where links begin, by full analysis alone."""
    source = Source("setup.py", Kind.PYTHON, text.encode())
    found = find_links(source, lambda script: SetupSinks(script).all())
    return sorted((one.start.row, one.start.column) for one in found)


#: Each makes an extension that is given a name of libpython in another way.
LINKED = {
    "a keyword": "from setuptools import Extension\nExtension('m', [], libraries=['python3.11'])",
    "a word in pieces": "from setuptools import Extension\n"
    "Extension('m', [], libraries=['py' + 'tho' + 'n3.11', 'z'])",
    "by position": "from setuptools import Extension\n"
    "Extension('m', [], [], [], [], [], ['python3.11'])",
    "an alias by position": "from setuptools import Extension as E\n"
    "E('m', [], [], [], [], [], ['python3.11'])",
    "a class of the file by position": "from setuptools import Extension as E\n"
    "class Own(E):\n    pass\nOwn('m', [], [], [], [], [], ['python3.11'])",
    "a dictionary": "from setuptools import Extension\n"
    "kw = {'libraries': ['python3.11']}\nExtension('m', [], **kw)",
    "a member": "import setuptools\nsetuptools.Extension('m', [], libraries=['python3.11'])",
    "a star import": "from setuptools import *\nExtension('m', [], libraries=['python3.11'])",
    "an alias": "from setuptools import Extension as E\nE('m', [], libraries=['python3.11'])",
    "another name": "from setuptools import Extension\nmake = Extension\n"
    "make('m', [], libraries=['python3.11'])",
    "a partial": "from functools import partial\nfrom setuptools import Extension\n"
    "make = partial(Extension, libraries=['python3.11'])\nmake('m', [])",
    "a parameter": "from setuptools import Extension\n"
    "def make(kind, libs):\n    return kind('m', [], libraries=libs)\n"
    "make(Extension, ['python3.11'])",
    "a class": "from setuptools import Extension\nclass Own(Extension):\n"
    "    def __init__(self, name):\n        super().__init__(name, [], libraries=['python3.11'])",
    "an attribute of a class": "from setuptools import Extension\nclass Own(Extension):\n"
    "    def __init__(self, name):\n        Extension.__init__(self, name, [])\n"
    "        self.libraries = ['python3.11']",
    "an attribute": "from setuptools import Extension\next = Extension('m', [])\n"
    "ext.libraries = ['python3.11']",
    "an attribute that grows": "from setuptools import Extension\next = Extension('m', [])\n"
    "ext.libraries.append('python3.11')",
    "an attribute that is added to": "from setuptools import Extension\n"
    "ext = Extension('m', [])\next.extra_link_args += ['-lpython3.11']",
    "an attribute with a type": "from setuptools import Extension\n"
    "ext: Extension = Extension('m', [])\next.libraries: list = ['python3.11']",
    "one that is looked at": "import setuptools\ndef change(extension):\n"
    "    if isinstance(extension, setuptools.Extension):\n"
    "        extension.libraries.append('python3.11')",
    "one that is annotated": "import setuptools\ndef change(ext: setuptools.Extension):\n"
    "    ext.libraries.append('python3.11')",
    "a loop over Cython's": "from Cython.Build import cythonize\nfor each in cythonize('m.pyx'):\n"
    "    each.libraries.append('python3.11')",
    "a loop over the numbered ones of Cython": "from Cython.Build.Dependencies import cythonize\n"
    "made = cythonize(['m.pyx'])\nfor i, each in enumerate(made):\n"
    "    each.extra_link_args = ['-lpython3.11']",
    "one of Cython's": "import Cython.Build\nmade = Cython.Build.cythonize('m.pyx')\n"
    "made[0].libraries += ['python3.11']",
    "a function that is given Cython's": "from Cython.Build import cythonize\ndef tune(several):\n"
    "    for each in several:\n        each.libraries.append('python3.11')\ntune(cythonize('m.pyx'))",
    "the environment": "import os\nfrom setuptools import Extension\n"
    "os.environ['LDFLAGS'] = '-lpython3.11'\nExtension('m', [])",
    "an update of the environment": "import os\nfrom setuptools import Extension\n"
    "os.environ.update(LDFLAGS='-lpython3.11')\nExtension('m', [])",
    "a command": "from setuptools.command.build_ext import build_ext as base\nclass Own(base):\n"
    "    def get_libraries(self, ext):\n        return ['python3.11']",
    "a command's attribute": "from setuptools.command.build_ext import build_ext\n"
    "class Own(build_ext):\n    def finalize_options(self):\n"
    "        self.libraries.append('python3.11')",
    "options": "from setuptools import setup\n"
    "setup(options={'build_ext': {'libraries': ['python3.11']}})",
    "cffi": "from cffi import FFI\nFFI().set_source('m', '', libraries=['python3.11'])",
    "torch": "from torch.utils.cpp_extension import load\n"
    "load(name='m', sources=[], extra_ldflags=['-lpython3.11'])",
}


@pytest.mark.parametrize("way", LINKED)
def test_whatever_links_is_parsed(way: str) -> None:
    assert links(LINKED[way])
    assert is_parsed(LINKED[way])


def test_a_loop_beside_cython_s_modules_links_none() -> None:
    text = (
        "from Cython.Build import cythonize\nmade = cythonize('m.pyx')\n"
        "for program in programs:\n    program.libraries.append('python3.11')\n"
    )
    assert links(text) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            """
            class FFI:
                def verify(self, libraries):
                    self.set_source(libraries, 'python3')
                def set_source(self, libraries):
                    self.libraries = libraries
            """,
            id="cffi's own class",
        ),
        pytest.param(
            """
            from jinja2.ext import Extension
            class Own:
                def parse(self, parser: Extension):
                    return Extension('python3'), self.tags
            """,
            id="another kind of extension, given nothing",
        ),
        pytest.param(
            """
            from setuptools.command.build_ext import build_ext
            class Part:
                pass
            def make(name, kind, size, flags, comment, first, fields):
                return Part(name, kind, size, flags, comment, first, fields, build_ext)
            make('python3', 1, 2, 3, 4, 5, ['python3.11'])
            """,
            id="functions and classes of the file with many arguments",
        ),
        pytest.param(
            """
            import subprocess
            KEPT = ('PATH', 'LDFLAGS', 'LD_LIBRARY_PATH')
            def run(version):
                return subprocess.Popen([f'python{version}'], env={name: '' for name in KEPT})
            """,
            id="a variable of the environment where nothing makes an extension",
        ),
    ],
)
def test_what_only_speaks_of_extensions_is_not(text: str) -> None:
    assert links(dedent(text)) == []
    assert not is_parsed(dedent(text))


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: path.relative_to(CASES).as_posix())
def test_the_pass_over_ast_drops_no_link(path: Path) -> None:
    source = Source(str(path), Kind.PYTHON, path.read_bytes())
    try:
        ast.parse(source.text)
        without = links(source.text)
    except (SyntaxError, Unreadable, ValueError):
        return
    assert sorted((one.start.row, one.start.column) for one in read(source)) == without


PIECES = [
    *("from setuptools import Extension", "import setuptools", "from setuptools import *"),
    *("from setuptools import Extension as E", "from setuptools.command.build_ext import *"),
    *("ext = Extension('m', [])", "ext = E('m', [])", "ext = setuptools.Extension('m', [])"),
    *("libs = ['python3.11']", "kw = dict(libraries=libs)", "ext = Extension('m', [], **kw)"),
    *("ext.libraries = libs", "ext.libraries += libs", "ext.libraries.extend(libs)"),
    *("for ext in (ext,): ext.libraries.append('python3.11')", "kind = Extension"),
    *("ext = kind('m', [], libraries=libs)", "def make(k, **kw): return k('m', [], **kw)"),
    *("ext = make(Extension, libraries=libs)", "ext = make(kind, **kw)", "make = kind"),
    *("class Own(Extension): pass", "ext = Own('m', [], libraries=libs)", "kind = Own"),
    *("class Cmd(build_ext):\n    def get_libraries(self, ext): return libs",),
    *("class Cmd(build_ext):\n    def run(self): self.libraries = libs", "libs = ext.libraries"),
    *("setuptools.setup(ext_modules=[ext])", "libs.append('-lpython3.11')"),
    *("import os; os.environ['LDFLAGS'] = '-lpython3.11'", "ext.extra_link_args = libs"),
    *("if isinstance(ext, Extension): ext.libraries = libs", "assert isinstance(ext, kind)"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_made_up_links_are_parsed(pieces: list[str]) -> None:
    text = "\n".join(["from setuptools import Extension", *pieces, ""])
    if not is_parsed(text):
        assert links(text) == []
