"""Files of one piece of text, again and again up to the limit of their size: for each language.

Behind a finding there are blanks, say, or quotation marks: what a lexer meets without end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from no_libpython_dlopen.model.limits import (
    CHARACTERS,
    PATH_CONFIGURATION_BYTES,
    SETTINGS_CHARACTERS,
)

#: Bytes of a file that is refused at once, unless that takes long.
BEYOND = 15_000_000

GCC = "gcc -shared -o _m$(python3-config --extension-suffix) m.o "
LINKED = "gcc -shared -o _m.cpython-311.so m.o -lpython3.11"
CTYPES = "import ctypes\nctypes.PyDLL('libpython3.11.so').Py_X()\n"
SETUP = "from setuptools import Extension\nExtension('m', ['m.c'], libraries=['python3.11'])\n"
MESON = (
    "project('a', 'c')\npy = import('python').find_installation()\n"
    "py.extension_module('m', 'm.c', dependencies: dependency('python3-embed'))\n"
)
#: The beginning of a file of each language, in which something is found, and its end.
HEADS = {
    "CMakeLists.txt": (
        "python_add_library(m MODULE m.c)\ntarget_link_libraries(m PRIVATE python3.11)\n",
        "",
    ),
    "meson.build": (MESON, ""),
    "Makefile": ("_m$(EXT_SUFFIX): m.o\n\tgcc -shared -o $@ $< -lpython3.11\n", ""),
    "Makefile.am": ("pyexec_LTLIBRARIES = m.la\nm_la_LIBADD = -lpython3.11\n", ""),
    "build.sh": (GCC + "-lpython3.11\n", ""),
    "Dockerfile": ("FROM a\nRUN " + GCC + "-lpython3.11\n", ""),
    "SConstruct": ("e = Environment()\ne.LoadableModule('m', 'm.c', LIBS=['python3.11'])\n", ""),
    "wscript": ("def build(b):\n    b(features='c cshlib pyext pyembed', target='m')\n", ""),
    "BUILD.bazel": ("cc_binary(name='_m.so', linkshared=1, linkopts=['-lpython3.11'])\n", ""),
    "build.rs": ('fn main() { println!("cargo:rustc-link-lib=python3.11"); }\n', ""),
    "m.pyx": ("# distutils: libraries = python3.11\n", ""),
    "setup.cfg": ("[build_ext]\nlibraries = python3.11\n", ""),
    "pyproject.toml": (
        '[[tool.setuptools.ext-modules]]\nname = "m"\nlibraries = ["python3.11"]\n',
        "",
    ),
    ".cargo/config.toml": ('[build]\nrustflags = ["-lpython3.11"]\n', ""),
    "meta.yaml": ("build:\n  script: " + LINKED + "\n", ""),
    ".github/workflows/a.yml": (
        "on: push\njobs:\n  a:\n    steps:\n    - run: " + LINKED + "\n",
        "",
    ),
    "a.spec": ("Name: a\n%build\n" + LINKED + "\n", ""),
    "tox.ini": ("[testenv]\ncommands = " + LINKED + "\n", ""),
    "default.nix": (
        'buildPythonPackage {\n  pname = "a";\n  NIX_LDFLAGS = "-lpython3.11";\n',
        "}\n",
    ),
    "setup.py": (SETUP, ""),
    "a.py": (CTYPES, ""),
    "a.pth": ("import ctypes; ctypes.PyDLL('libpython3.11.so').Py_X()\n", ""),
    "a.ipynb": (
        """{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
{"cell_type": "code", "metadata": {}, "outputs": [], "source":
["import ctypes\\n", "ctypes.PyDLL('libpython3.11.so').Py_X()\\n"]}""",
        "]}\n",
    ),
}

#: Pieces for all of them …
PIECES = (
    *("\n", "\r", "\r\n", " ", "\t", "\f", "\\", "\\\n", "#", "# a\n", "#\r", "# noqa\n"),
    *("'", '"', "''", '""', "'''", "`", "(", ")", "[", "{", "{}", "<", ">", "=", ",", ";"),
    *("$", "$(", "${", "${a}", "@", "%", "&", "|", "*", "-", "-la ", ".", "a", "a ", "a\n"),
    *("python ", "libpython3.11.so", "é", "\u3000", "\ufeff", "\u2028", "1", "0x"),
)
#: … and the openers of each, by the end of its name.
OWN = {
    "CMakeLists.txt": ("if(A)\n", "set(a b)\n", "a(", "#[[", "[=[", "$<"),
    "meson.build": ("if a\n", "a = 'b'\n", "foreach a : b\n", "f'@a@'\n", "a += 1\n"),
    "Makefile": ("if a\n", "ifdef A\n", "define A\n", "a: b\n", "\ta\n", "A += b\n", "$(call "),
    "Makefile.am": ("if A\n", "A += b\n", "a: b\n", "\ta\n", "@A@", "include a\n"),
    "build.sh": (
        "if a; then\n",
        "a() {\n",
        "cat <<E\n",
        "$((",
        "a && ",
        "[[ a ]]\n",
        "case a in\n",
    ),
    "Dockerfile": (
        "RUN a\n",
        "FROM a\n",
        "ENV A=b\n",
        "RUN <<E\n",
        "ARG A\n",
        "COPY --from=a b c\n",
    ),
    "build.rs": ("//\n", "/*", 'r#"', "println!(", "fn a() {\n", "r##", "'a"),
    "m.pyx": ("# distutils: a = b\n", "cdef a\n", "if a:\n"),
    "setup.cfg": ("[a]\n", "a = b\n", " a\n", "%(a)s"),
    "pyproject.toml": ("[a]\n", "a=1\n", "[[a]]\n", "a.b", "[a", "1,", "'''a'''"),
    "config.toml": ("[a]\n", "[[a]]\n", "a.b", "[a", "1,"),
    "meta.yaml": ("- ", "a:\n", "- a\n", "{% if a %}", "{{ a }}", "|\n", "&a ", "*a ", "? ", "!a "),
    "a.yml": ("- ", "    - run: a\n", "${{ a }}", "|\n", "&a ", "*a ", "? ", "!a "),
    "a.spec": ("%if a\n", "%{", "%{a}", "%(", "%global a b\n", "%package a\n", "%build\n"),
    "tox.ini": ("[testenv:a]\n", "a = b\n", " a\n", "{[a]b}", "{a,b}"),
    "default.nix": ("a = 1;\n", "/*", "''${", "let a = 1; in ", "rec {", "a: ", "a.b.", "[ ]"),
    "a.pth": ("import a\n", "import a;", "/a/b\n"),
    "a.ipynb": (
        *(', {"cell_type": "code", "metadata": {}, "outputs": [], "source": ["a\\n"]}',),
        *(', {"cell_type": "markdown", "metadata": {}, "source": []}', ", {}", ", 1", ', "a"'),
    ),
}
PYTHON = (
    *("if a:\n", "a = b\n", "a()\n", "def f(): a\n", "lambda: ", "f'{", "a[b]", "a.b", "not "),
    *("import a\n", "@a\n", "class A: a\n", "a,", "b'", "async ", "a if b else "),
)
IN_PYTHON = ("SConstruct", "wscript", "BUILD.bazel", "setup.py", "a.py")


class OfPieces(NamedTuple):
    """A file of one piece of text again and again."""

    name: str
    piece: str

    @property
    def longest(self) -> int:
        """How many characters of such a file are read, or bytes."""
        if self.name.endswith(".pth"):
            return PATH_CONFIGURATION_BYTES
        is_settings = self.name.endswith((".toml", ".cfg", ".ini"))
        return SETTINGS_CHARACTERS if is_settings else CHARACTERS

    def text(self, size: int) -> bytes:
        """Return the file's content, of so many bytes or somewhat less."""
        head, tail = (part.encode() for part in HEADS[self.name])
        piece = self.piece.encode()
        return head + piece * ((size - len(head) - len(tail)) // len(piece)) + tail


def files_of_pieces() -> Iterator[OfPieces]:
    """Yield all of them."""
    for name in HEADS:
        own = PYTHON if name in IN_PYTHON else OWN[name.rpartition("/")[2]]
        for piece in (*PIECES, *own):
            yield OfPieces(name, piece)
