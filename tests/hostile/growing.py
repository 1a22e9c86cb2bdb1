"""Texts of any size that took, or might take, more than their share: one list for all readers.

Each is a pattern that is repeated: a reader whose work grows with the square of the
repetitions is seen here before an adversary, or a large generated file, meets it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple


class Growing(NamedTuple):
    """A file of any size: ``made(n)`` repeats its pattern ``n`` times; ``kind`` is its name.

    ``fixed`` says that it is fixed as well, and what that must leave is measured, too.
    """

    name: str
    made: Callable[[int], str]
    fixed: bool = False


def lines(name: str, line: str, *, head: str = "", tail: str = "", fixed: bool = False) -> Growing:
    """Return a file of lines: ``{n}`` in them is their number, ``{m}`` the one before."""

    def made(count: int) -> str:
        body = "".join(
            line.replace("{n}", str(at)).replace("{m}", str(at - 1)) for at in range(1, count + 1)
        )
        return head + body + tail

    return Growing(name, made, fixed)


def nested(name: str, opening: str, closing: str, *, head: str = "", tail: str = "") -> Growing:
    """Return a file of a pattern inside of itself."""
    return Growing(name, lambda count: head + opening * count + closing * count + tail)


cmake, make, shell = (partial(lines, name) for name in ("CMakeLists.txt", "Makefile", "build.sh"))
scons, bazel, rust = (partial(lines, name) for name in ("SConstruct", "BUILD.bazel", "build.rs"))
python, setup = partial(lines, "a.py"), partial(lines, "setup.py")
pyproject = partial(lines, "pyproject.toml")

#: The beginning of a ``meson.build``.
MESON_HEAD = "project('a', 'c')\npy = import('python').find_installation()\n"


def meson(line: str, *, head: str = "", tail: str = "", fixed: bool = False) -> Growing:
    """Return a ``meson.build`` of lines behind its usual beginning."""
    return lines("meson.build", line, head=MESON_HEAD + head, tail=tail, fixed=fixed)


MODULE = "python_add_library(m MODULE m.c)\n"
LINK = "target_link_libraries(m PRIVATE python3.11)\n"
FIND = "find_package(Python3 COMPONENTS Interpreter Development)\n"

CMAKE = {
    "cmake: appends": cmake(
        "list(APPEND L python3.{n})\n", head=MODULE, tail="target_link_libraries(m PRIVATE ${L})\n"
    ),
    "cmake: sets of a variable with itself": cmake(
        "set(L ${L} python3.{n})\n", head=MODULE, tail="target_link_libraries(m PRIVATE ${L})\n"
    ),
    "cmake: elseif": cmake(
        "elseif(A{n})\n  set(L python3.{n})\n",
        head=MODULE + "if(A)\n",
        tail="endif()\ntarget_link_libraries(m PRIVATE ${L})\n",
    ),
    "cmake: ifs that each set another variable": cmake(
        "if(A{n})\nset(L{n} python3.11)\nendif()\n",
        head=MODULE,
        tail="target_link_libraries(m PRIVATE ${L1})\n",
    ),
    "cmake: conditions that name each other": cmake(
        "if(A{m})\nset(A{n} 1)\nendif()\n", head=MODULE, tail=LINK
    ),
    "cmake: link_libraries before targets": cmake(
        "link_libraries(python3.11)\npython_add_library(m{n} MODULE m.c)\n"
    ),
    "cmake: one target with many links": cmake(
        "target_link_libraries(m PRIVATE python3.11)\n", head=MODULE, fixed=True
    ),
    "cmake: one link with many words": cmake(
        " python3.11\n", head=MODULE + "target_link_libraries(m PRIVATE\n", tail=")\n", fixed=True
    ),
    "cmake: one link with many targets of FindPython": cmake(
        " Python3::Python\n",
        head="cmake_minimum_required(VERSION 3.20)\n"
        + FIND
        + MODULE
        + "target_link_libraries(m PRIVATE\n",
        tail=")\n",
        fixed=True,
    ),
    "cmake: modules and their links": cmake(
        "python_add_library(m{n} MODULE m.c)\ntarget_link_libraries(m{n} PRIVATE Python3::Python)\n",
        head="cmake_minimum_required(VERSION 3.20)\n" + FIND,
        fixed=True,
    ),
    "cmake: targets that link each other": cmake(
        "add_library(l{n} INTERFACE)\ntarget_link_libraries(l{n} INTERFACE l{m} python3.11)\n",
        tail=MODULE + "target_link_libraries(m PRIVATE l1 l2 l3)\n",
    ),
    "cmake: a library that many link": cmake(
        "python_add_library(m{n} MODULE m.c)\ntarget_link_libraries(m{n} PRIVATE l)\n",
        head="add_library(l INTERFACE)\ntarget_link_libraries(l INTERFACE python3.11)\n",
    ),
    "cmake: a chain of libraries that many link": cmake(
        "add_library(i{n} INTERFACE)\n"
        "target_link_libraries(i{n} INTERFACE i{m} i0)\ntarget_link_libraries(m PRIVATE i{n})\n",
        head=MODULE + "add_library(i0 INTERFACE)\ntarget_link_libraries(i0 INTERFACE python3.11)\n",
    ),
    "cmake: open bracket arguments": cmake("#[=[\n", head=MODULE + LINK),
    "cmake: closed and open bracket arguments": cmake("message([==[x]=])\n", head=MODULE + LINK),
    "cmake: bracket arguments that open wider": Growing(
        "CMakeLists.txt",
        lambda count: MODULE + LINK + "".join(f"x([{'=' * (n % 300)}[\n" for n in range(count)),
    ),
    "cmake: suppressions": cmake("set(a python3.11) # nolibpy: ignore[NLP201]\n", fixed=True),
    "cmake: open parentheses": cmake("(", head=MODULE + LINK + "set(a"),
    "cmake: quotes": cmake('a"', head=MODULE + LINK + "set(a "),
    "cmake: generator expressions": nested(
        "CMakeLists.txt",
        "$<1:",
        ">",
        head=MODULE + "target_link_libraries(m PRIVATE ",
        tail=")\n" + LINK,
    ),
    "cmake: generator expressions side by side": cmake(
        "$<$<BOOL:${A{n}}>:python3.11>",
        head=MODULE + "target_link_libraries(m PRIVATE ",
        tail=")\n" + LINK,
    ),
    "cmake: open generator expressions": cmake(
        "$<a:", head=MODULE + "target_link_libraries(m PRIVATE ", tail=")\n" + LINK
    ),
    "cmake: references in references": nested(
        "CMakeLists.txt",
        "${",
        "}",
        head=MODULE + "target_link_libraries(m PRIVATE ",
        tail=")\n" + LINK,
    ),
    "cmake: foreach in foreach": nested(
        "CMakeLists.txt", "foreach(i a b c)\n", "endforeach()\n", head=MODULE, tail=LINK
    ),
    "cmake: foreach over many": cmake(
        " python3.{n}",
        head=MODULE + "foreach(i",
        tail=")\ntarget_link_libraries(m PRIVATE ${i})\nendforeach()\n",
    ),
    "cmake: functions that call each other": cmake(
        "function(f{n} a)\nf{m}(${a})\nf{m}(${a})\nendfunction()\n",
        head="function(f0 a)\ntarget_link_libraries(m PRIVATE ${a})\nendfunction()\n" + MODULE,
        tail="f8(python3.11)\n",
    ),
    "cmake: calls of a function": cmake(
        "f(m{n} python3.11)\n",
        head="function(f a)\npython_add_library(${a} MODULE m.c)\ntarget_link_libraries(${a} PRIVATE ${ARGN})\nendfunction()\n",
        fixed=True,
    ),
    "cmake: properties": cmake(
        "set_target_properties(m PROPERTIES LINK_FLAGS -lpython3.11)\n", head=MODULE, fixed=True
    ),
    "cmake: a flag variable that grows": cmake(
        'set(CMAKE_MODULE_LINKER_FLAGS "${CMAKE_MODULE_LINKER_FLAGS} -lpython3.{n}")\n', tail=MODULE
    ),
    "cmake: aliases": cmake(
        "add_library(a{n} ALIAS a{m})\n",
        head="add_library(a0 INTERFACE)\ntarget_link_libraries(a0 INTERFACE python3.11)\n",
        tail=MODULE + "target_link_libraries(m PRIVATE a1 a7 a100)\n",
    ),
    "cmake: finds": cmake(FIND, tail=MODULE + LINK, fixed=True),
}

SO = "_m$(EXT_SUFFIX): m.o\n\tgcc -shared -o $@ $< "
MAKE = {
    "make: +=": make("LIBS += -lpython3.{n}\n", tail=SO + "$(LIBS)\n", fixed=True),
    "make: := with itself": make("LIBS := $(LIBS) -lpython3.{n}\n", tail=SO + "$(LIBS)\n"),
    "make: := with itself between": make(
        "LIBS := -lm{n} $(LIBS) -lpython3.{n}\n", tail=SO + "$(LIBS)\n"
    ),
    "make: two variables with each other": make(
        "A := $(B) -lpython3.{n}\nB := $(A)\n", tail=SO + "$(A)\n"
    ),
    "make: a word that grows": make("L := $(L)a\n", tail=SO + "$(L) -lpython3.11\n"),
    "make: variables of variables": make(
        "L{n} = $(L{m}) $(L{m})\n", head="L0 = -lpython3.11\n", tail=SO + "$(L20)\n"
    ),
    "make: a chain of variables": make(
        "L{n} = $(L{m})\n", head="L0 = -lpython3.11\n", tail=SO + "$(L20)\n"
    ),
    "make: rules": make("_m{n}$(EXT_SUFFIX): m.o\n\tgcc -shared -o $@ -lpython3.11\n", fixed=True),
    "make: a rule of many targets": make(
        " _m{n}.cpython-311.so", tail=":\n\tgcc -shared -o $@ -lpython3.11\n"
    ),
    "make: commands of a rule": make(
        "\tgcc -shared -o $@ -lpython3.11\n", head="_m$(EXT_SUFFIX): m.o\n", fixed=True
    ),
    "make: a long command": make(" a{n}.o", head=SO, tail=" -lpython3.11\n"),
    "make: a command of many flags": make(" -lpython3.11", head=SO, tail="\n", fixed=True),
    "make: a command of continued lines": make(
        " \\\n\t-lpython3.11", head=SO, tail="\n", fixed=True
    ),
    "make: a value of continued lines": make(
        " \\\n -lpython3.{n}", head="L =", tail="\n" + SO + "$(L)\n", fixed=True
    ),
    "make: if": make("ifeq ($(A{n}),1)\nL += -lpython3.{n}\nendif\n", tail=SO + "$(L)\n"),
    "make: else if": make(
        "else ifeq ($(A),{n})\nL = -lpython3.{n}\n",
        head="ifeq ($(A),0)\n",
        tail="endif\n" + SO + "$(L)\n",
    ),
    "make: nested if": nested("Makefile", "ifdef A\n", "endif\n", tail=SO + "-lpython3.11\n"),
    "make: calls in calls": nested(
        "Makefile", "$(strip ", ")", head="L = ", tail="\n" + SO + "$(L) -lpython3.11\n"
    ),
    "make: open references": make("$(", head="L = ", tail="\n" + SO + "$(L) -lpython3.11\n"),
    "make: target-specific variables": make(
        "_m$(EXT_SUFFIX): L += -lpython3.{n}\n", tail=SO + "$(L)\n"
    ),
    "make: target-specific variables of many": make(
        "_m{n}$(EXT_SUFFIX): L = -lpython3.{n}\n_m{n}$(EXT_SUFFIX): m.o\n\tgcc -shared -o $@ $(L)\n"
    ),
    "make: pattern rules": make(
        "%{n}.so: m.o\n\tgcc -shared -o $@ -lpython3.11\n", tail="all: _a1.so _b2.so\n"
    ),
    "make: prerequisites": make(
        "_m{n}$(EXT_SUFFIX): _m{m}$(EXT_SUFFIX)\n", tail=SO + "-lpython3.11\n"
    ),
    "make: suppressions": make("A = -lpython3 # nolibpy: ignore[NLP201]\n", fixed=True),
    "make: defines": make(
        "define D{n}\n\tgcc -shared -o $@ -lpython3.11\nendef\n", tail="_m$(EXT_SUFFIX):\n\t$(D1)\n"
    ),
    "automake: modules": lines(
        "Makefile.am",
        "pyexec_LTLIBRARIES += m{n}.la\nm{n}_la_LDFLAGS = -module\nm{n}_la_LIBADD = -lpython3.11\n",
        head="pyexec_LTLIBRARIES = m.la\n",
        fixed=True,
    ),
    "automake: +=": lines(
        "Makefile.am",
        "m_la_LIBADD += -lpython3.{n}\n",
        head="pyexec_LTLIBRARIES = m.la\nm_la_LDFLAGS = -module\nm_la_LIBADD = -lz\n",
        fixed=True,
    ),
}

GCC = "gcc -shared -o _m$(python3-config --extension-suffix) m.o "
SHELL = {
    "shell: commands": shell(GCC + "-lpython3.11\n", fixed=True),
    "shell: a long command": shell(" a{n}.o", head=GCC, tail=" -lpython3.11\n"),
    "shell: a command of many flags": shell(" -lpython3.11", head=GCC, tail="\n", fixed=True),
    "shell: a long pipeline": shell(" | a", head=GCC + "-lpython3.11", tail="\n"),
    "shell: a long list of &&": shell("a && ", tail=GCC + "-lpython3.11\n"),
    "shell: functions": shell("f{n}() {\n  " + GCC + "-lpython3.11\n}\n"),
    "shell: functions that call each other": shell(
        "f{n}() { f{m} $1; f{m} $1; }\n", tail=GCC + "-lpython3.11\n"
    ),
    "shell: +=": shell('L+=" -lpython3.{n}"\n', tail=GCC + "$L\n"),
    "shell: a variable with itself": shell('L="$L -lpython3.{n}"\n', tail=GCC + "$L\n"),
    "shell: a variable behind more": shell('L="-lpython3.{n} $L"\n', tail=GCC + "$L\n"),
    "shell: exports": shell("export LDFLAGS{n}=-lpython3.11\npip install .\n"),
    "shell: an exported variable that grows": shell(
        'export LDFLAGS="$LDFLAGS -lpython3.11"\n', tail="pip install .\n"
    ),
    "shell: pip after pip": shell("LDFLAGS=-lpython3.11 pip install a{n}\n", fixed=True),
    "shell: arrays": shell("L+=(-lpython3.{n})\n", tail=GCC + '"${L[@]}"\n'),
    "shell: substitutions in substitutions": nested(
        "build.sh", "$(echo ", ")", head="L=", tail="\n" + GCC + "$L -lpython3.11\n"
    ),
    "shell: substitutions": shell("$(python3-config --libs --embed) ", head=GCC, tail="\n"),
    "shell: open substitutions": shell("$(", head=GCC + "-lpython3.11\n"),
    "shell: quotes": shell("\"'", head=GCC + "-lpython3.11\n"),
    "shell: braces": shell("${a:-", head=GCC + "-lpython3.11\nb="),
    "shell: arithmetic": shell("$((1+", head=GCC + "-lpython3.11\nb="),
    "shell: if": shell("if a{n}; then L=-lpython3.{n}; fi\n", tail=GCC + "$L\n"),
    "shell: elif": shell(
        "elif a{n}; then L=-lpython3.{n}\n", head="if a; then L=\n", tail="fi\n" + GCC + "$L\n"
    ),
    "shell: case": shell(
        "a{n}) L=-lpython3.{n};;\n", head="case $1 in\n", tail="esac\n" + GCC + "$L\n"
    ),
    "shell: nested if": nested("build.sh", "if a; then\n", "fi\n", tail=GCC + "-lpython3.11\n"),
    "shell: nested groups": nested("build.sh", "( ", " )", tail="\n" + GCC + "-lpython3.11\n"),
    "shell: here-documents": shell("cat <<EOF{n}\nx\nEOF{n}\n", tail=GCC + "-lpython3.11\n"),
    "shell: open here-documents": shell("cat <<EOF{n}\n", head=GCC + "-lpython3.11\n"),
    "shell: here-documents of one command": shell(
        " <<EOF{n}", head=GCC + "-lpython3.11\ncat", tail="\n"
    ),
    "shell: programs in Python": shell(
        "python3 -c 'import ctypes; ctypes.PyDLL(\"libpython3.11.so\")'\n"
    ),
    "shell: here-documents in Python": shell(
        "python3 <<E\nimport ctypes\nctypes.PyDLL('libpython3.11.so')\nE\n"
    ),
    "shell: one long program in Python": shell(
        "x{n} = ctypes.PyDLL('libpython3.11.so')\n", head="python3 <<E\nimport ctypes\n", tail="E\n"
    ),
    "shell: sh -c": shell("sh -c '" + GCC + "-lpython3.11'\n"),
    "shell: comments": shell("# x\n", tail=GCC + "-lpython3.11\n"),
    "shell: suppressions": shell("a -lpython3 # nolibpy: ignore[NLP201]\n", fixed=True),
    "shell: suppressions in one comment": shell(
        " # nolibpy: ignore[NLP201]", head="a -lpython3 ", tail="\n", fixed=True
    ),
    "docker: RUN": lines(
        "Dockerfile", "RUN " + GCC + "-lpython3.11\n", head="FROM a\n", fixed=True
    ),
    "docker: ENV": lines(
        "Dockerfile",
        "ENV A{n}=-lpython3.{n}\n",
        head="FROM a\n",
        tail="RUN LDFLAGS=$A1 pip install .\n",
    ),
    "docker: ENV with itself": lines(
        "Dockerfile",
        'ENV LDFLAGS="$LDFLAGS -lpython3.{n}"\n',
        head="FROM a\n",
        tail="RUN pip install .\n",
    ),
    "docker: ENV and RUN": lines(
        "Dockerfile", "ENV A{n}=-lpython3.{n}\nRUN pip install a{n}\n", head="FROM a\n"
    ),
    "docker: one ENV of many": lines(
        "Dockerfile", " A{n}=-lpython3.{n}", head="FROM a\nENV", tail="\nRUN pip install .\n"
    ),
    "docker: one long RUN": lines(
        "Dockerfile", " && \\\n a", head="FROM a\nRUN " + GCC + "-lpython3.11", tail="\n"
    ),
    "docker: stages": lines(
        "Dockerfile", "FROM s{m} AS s{n}\nENV LDFLAGS=-lpython3.11\nRUN pip install .\n"
    ),
    "docker: here-documents": lines(
        "Dockerfile", "RUN <<E{n}\n" + GCC + "-lpython3.11\nE{n}\n", head="FROM a\n"
    ),
    "docker: suppressions": lines(
        "Dockerfile", "# nolibpy: ignore[NLP201]\nENV A{n}=-lpython3\n", head="FROM a\n", fixed=True
    ),
}

EXTENSION = "py.extension_module('m', 'm.c', dependencies: "
EMBEDDED = EXTENSION + "py.dependency(embed: true))\n"
MESON = {
    "meson: modules": meson(
        "py.extension_module('m{n}', 'm.c', dependencies: py.dependency(embed: true))\n", fixed=True
    ),
    "meson: +=": meson(
        "d += dependency('python-3.{n}-embed')\n", head="d = []\n", tail=EXTENSION + "d)\n"
    ),
    "meson: one long list": meson(
        "  dependency('python3-embed'),\n",
        head="d = [\n",
        tail="]\n" + EXTENSION + "d)\n",
        fixed=True,
    ),
    "meson: a long sum": meson(
        " + [dependency('python3-embed')]", head="d = []", tail="\n" + EXTENSION + "d)\n"
    ),
    "meson: texts that grow": meson(
        "t += '-lpython3.{n} '\n",
        head="t = ''\n",
        tail="py.extension_module('m', 'm.c', link_args: t.split())\n",
    ),
    "meson: nested foreach": nested(
        "meson.build",
        "foreach i : ['a', 'b', 'c']\n",
        "endforeach\n",
        head=MESON_HEAD,
        tail=EXTENSION + "py.dependency(embed: true))\n",
    ),
    "meson: foreach after foreach": meson(
        "foreach i : ['a', 'b', 'c']\nd += dependency('python3-embed')\nendforeach\n",
        head="d = []\n",
        tail=EXTENSION + "d)\n",
    ),
    "meson: foreach over many": meson(
        " 'python-3.{n}-embed',",
        head="d = []\nforeach i : [",
        tail="]\nd += dependency(i)\nendforeach\n" + EXTENSION + "d)\n",
    ),
    "meson: if": meson(
        "if get_option('a{n}')\nd += dependency('python-3.{n}-embed')\nendif\n",
        head="d = []\n",
        tail=EXTENSION + "d)\n",
    ),
    "meson: ifs that set other variables": meson(
        "if get_option('a')\nd{n} = dependency('python-3.{n}-embed')\nendif\n",
        tail=EXTENSION + "d1)\n",
    ),
    "meson: elif": meson(
        "elif get_option('a{n}')\nd = dependency('python-3.{n}-embed')\n",
        head="if get_option('a')\nd = []\n",
        tail="endif\n" + EXTENSION + "d)\n",
    ),
    "meson: variables of variables": meson(
        "d{n} = [d{m}, d{m}]\n",
        head="d0 = dependency('python3-embed')\n",
        tail=EXTENSION + "d20)\n",
    ),
    "meson: dictionaries": meson(
        "  'a{n}': dependency('python3-embed'),\n",
        head="d = {\n",
        tail="}\n" + EXTENSION + "d['a1'])\n",
    ),
    "meson: dictionaries that grow": meson(
        "d += {'a{n}': dependency('python3-embed')}\n",
        head="d = {}\n",
        tail=EXTENSION + "d['a1'])\n",
    ),
    "meson: brackets": nested(
        "meson.build", "[", "]", head=MESON_HEAD + "a = ", tail="\n" + EMBEDDED
    ),
    "meson: parentheses": nested(
        "meson.build", "(", ")", head=MESON_HEAD + "a = ", tail="\n" + EMBEDDED
    ),
    "meson: not": meson("not ", head="a = ", tail="true\n" + EMBEDDED),
    "meson: and": meson(" and get_option('a')", head="a = true", tail="\n" + EMBEDDED),
    "meson: methods": meson(".strip()", head="a = 'python'", tail="\n"),
    "meson: f-strings": meson(
        "a{n} = f'@a{m}@@a{m}@'\n",
        head="a0 = 'python3-embed'\n",
        tail=EXTENSION + "dependency(a8))\n",
    ),
    "meson: declared dependencies": meson(
        "d{n} = declare_dependency(dependencies: [d{m}, dependency('python-3.{n}-embed')])\n",
        head="d0 = []\n",
        tail=EXTENSION + "d50)\n",
    ),
    "meson: project arguments": meson(
        "add_project_link_arguments('-lpython3.{n}', language: 'c')\npy.extension_module('m{n}', 'm.c')\n"
    ),
    "meson: suppressions": meson("a = 'python' # nolibpy: ignore[NLP202]\n", fixed=True),
}

SETUP = "from setuptools import Extension, setup\n"
END = "setup(ext_modules=[Extension('m', ['m.c'], libraries=L)])\n"
PYTHON_SYNTAX = {
    "setup.py: Extensions": setup(
        "Extension('m{n}', ['m.c'], libraries=['python3.11'])\n", head=SETUP, fixed=True
    ),
    "setup.py: ext.libraries.append": setup(
        "e{n} = Extension('m{n}', ['m.c'])\ne{n}.libraries.append('python3.11')\n", head=SETUP
    ),
    "setup.py: ext.libraries.append in a loop": setup(
        "e.append(Extension('m{n}', ['m.c']))\n",
        head=SETUP + "e = []\n",
        tail="for one in e:\n    one.libraries.append('python3.11')\nsetup(ext_modules=e)\n",
    ),
    "setup.py: libs.append": setup("L.append('python3.{n}')\n", head=SETUP + "L = []\n", tail=END),
    "setup.py: libs +=": setup("L += ['python3.{n}']\n", head=SETUP + "L = []\n", tail=END),
    "setup.py: libs = libs +": setup(
        "L = L + ['python3.{n}']\n", head=SETUP + "L = []\n", tail=END
    ),
    "setup.py: libs.extend with many Extensions": setup(
        "L.extend(['python3.{n}'])\nExtension('m{n}', ['m.c'], libraries=L)\n",
        head=SETUP + "L = []\n",
    ),
    "setup.py: lists of lists": setup(
        "L{n} = L{m} + ['python3.{n}']\n",
        head=SETUP + "L0 = []\n",
        tail="setup(ext_modules=[Extension('m', ['m.c'], libraries=L9)])\n",
    ),
    "setup.py: one long list": setup(
        "    'python3.11',\n", head=SETUP + "L = [\n", tail="]\n" + END, fixed=True
    ),
    "setup.py: one long text": setup(" python3.11", head=SETUP + "L = '", tail="'.split()\n" + END),
    "setup.py: dictionary look-ups": setup(
        "d['k{n}'] = ['python3.{n}']\nExtension('m{n}', ['m.c'], libraries=d['k{n}'])\n",
        head=SETUP + "d = {}\n",
    ),
    "setup.py: dictionaries as arguments": setup(
        "k = dict(libraries=['python3.{n}'])\nExtension('m{n}', ['m.c'], **k)\n", head=SETUP
    ),
    "setup.py: a dictionary that all are given": setup(
        "d['libraries'].append('python3.{n}')\nExtension('m{n}', ['m.c'], **d)\n",
        head=SETUP + "d = {'libraries': []}\n",
    ),
    "setup.py: calls of a helper": setup(
        "make('m{n}', ['python3.{n}'])\n",
        head=SETUP + "def make(name, libs):\n    return Extension(name, ['m.c'], libraries=libs)\n",
    ),
    "setup.py: helpers": setup(
        "def f{n}(a): return f{m}(a) + f{m}(a)\n",
        head=SETUP + "def f0(a): return [a]\n",
        tail="L = f50('python3.11')\n" + END,
    ),
    "setup.py: branches": setup(
        "if a{n}:\n    L.append('python3.{n}')\n", head=SETUP + "L = []\n", tail=END
    ),
    "setup.py: elif": setup(
        "elif a == {n}:\n    L = ['python3.{n}']\n", head=SETUP + "if a:\n    L = []\n", tail=END
    ),
    "setup.py: removals": setup(
        "L.append('python3.{n}')\nL.remove('python3.{n}')\n", head=SETUP + "L = []\n", tail=END
    ),
    "scons: Append": scons(
        "env.Append(LIBS=['python3.{n}'])\n",
        head="env = Environment()\n",
        tail="env.LoadableModule('m', 'm.c', SHLIBPREFIX='')\n",
    ),
    "scons: env['LIBS']": scons(
        "env['LIBS'] += ['python3.{n}']\n",
        head="env = Environment()\n",
        tail="env.LoadableModule('m', 'm.c', SHLIBPREFIX='')\n",
    ),
    "scons: env['LIBS'] = and modules": scons(
        "env['LIBS'] = ['python3.{n}']\nenv.LoadableModule('m{n}', 'm.c', SHLIBPREFIX='')\n",
        head="env = Environment()\n",
    ),
    "scons: modules": scons(
        "env.LoadableModule('m{n}', 'm.c', SHLIBPREFIX='', LIBS=['python3.11'])\n",
        head="env = Environment()\n",
        fixed=True,
    ),
    "scons: clones": scons(
        "e{n} = e{m}.Clone()\ne{n}.Append(LIBS=['python3.{n}'])\n",
        head="e0 = Environment()\n",
        tail="e9.LoadableModule('m', 'm.c', SHLIBPREFIX='')\n",
    ),
    "scons: environments and modules": scons(
        "e{n} = Environment(LIBS=['python3.11'])\ne{n}.LoadableModule('m', 'm.c', SHLIBPREFIX='')\n"
    ),
    "bazel: extensions": bazel(
        "pybind_extension(name = 'm{n}', linkopts = ['-lpython3.11'])\n",
        head="load('@pybind11_bazel//:build_defs.bzl', 'pybind_extension')\n",
        fixed=True,
    ),
    "bazel: a long sum": bazel(
        " + ['-lpython3.{n}']", head="L = []", tail="\npybind_extension(name = 'm', linkopts = L)\n"
    ),
    "bazel: lists of lists": bazel(
        "L{n} = L{m} + ['-lpython3.{n}']\n",
        head="L0 = []\n",
        tail="pybind_extension(name = 'm', linkopts = L99)\n",
    ),
    "waf: features": lines("wscript", "bld(features='c cshlib pyext pyembed', target='m{n}')\n"),
    "cython: directives": lines("m.pyx", "# distutils: libraries = python3.11\n", fixed=True),
    "cython: one long directive": lines(
        "m.pyx", " python3.11", head="# distutils: libraries =", tail="\n", fixed=True
    ),
}

RUST_MAIN = 'fn main() { println!("cargo:rustc-link-lib=python3.11");\n'
SETTINGS = {
    "rust: links": rust(
        '    println!("cargo:rustc-link-lib=python3.11");\n',
        head="fn main() {\n",
        tail="}\n",
        fixed=True,
    ),
    "rust: raw strings": rust(' r#"', head=RUST_MAIN),
    "rust: raw strings of many hashes": Growing(
        "build.rs", lambda count: RUST_MAIN + "r" + "#" * count + '"' + "\n" + "r##" * count
    ),
    "rust: hashes": rust("r#", head=RUST_MAIN),
    "rust: raw strings that open wider": Growing(
        "build.rs", lambda count: RUST_MAIN + "".join(f'r{"#" * (n % 200)}"' for n in range(count))
    ),
    "rust: block comments": rust("/*", head=RUST_MAIN),
    "rust: braces": rust("if a {", head=RUST_MAIN),
    "rust: blocks": rust(
        'if a { println!("cargo:rustc-link-lib=python3.11"); } else ',
        head="fn main() {\n",
        tail="{}}\n",
    ),
    "rust: quotes": rust("'\"", head=RUST_MAIN),
    "rust: suppressions": rust(
        "// nolibpy: ignore[NLP201]\n", head=RUST_MAIN, tail="}\n", fixed=True
    ),
    "rust: suppressions in one comment": rust(
        "// nolibpy: ignore[NLP201] ", head=RUST_MAIN, tail="\n}\n", fixed=True
    ),
    "setup.cfg: libraries": lines(
        "setup.cfg", "  python3.11\n", head="[build_ext]\nlibraries =\n", fixed=True
    ),
    "setup.cfg: libraries on a line": lines(
        "setup.cfg", " python3.11", head="[build_ext]\nlibraries =", tail="\n", fixed=True
    ),
    "setup.cfg: lines that are no options": lines(
        "setup.cfg", "x\n", head="[build_ext]\nlibraries = python3.11\n"
    ),
    "setup.cfg: options": lines(
        "setup.cfg", "a{n} = 1\n", head="[build_ext]\nlibraries = python3.11\n"
    ),
    "setup.cfg: suppressions": lines(
        "setup.cfg", "# nolibpy: ignore[NLP201]\n", head="[build_ext]\n", fixed=True
    ),
    "pyproject: modules": pyproject(
        '[[tool.setuptools.ext-modules]]\nname = "m{n}"\nlibraries = ["python3.11"]\n', fixed=True
    ),
    "pyproject: libraries": pyproject(
        '  "python3.11",\n',
        head='[[tool.setuptools.ext-modules]]\nname = "m"\nlibraries = [\n',
        tail="]\n",
        fixed=True,
    ),
    "pyproject: dotted keys": pyproject(
        ".a{n}",
        head='[[tool.setuptools.ext-modules]]\nname = "m"\nlibraries = ["python3.11"]\na',
        tail=" = 1\n",
    ),
    "pyproject: modules in one array": pyproject(
        "{libraries = ['python3.11']},",
        head="[tool.setuptools]\next-modules = [",
        tail="]\n",
        fixed=True,
    ),
    "pyproject: nested arrays": nested(
        "pyproject.toml",
        "[",
        "]",
        head='[[tool.setuptools.ext-modules]]\nname = "m"\nlibraries = ["python3.11"]\n[b]\na = ',
        tail="\n",
    ),
    "pyproject: suppressions": pyproject(
        "# nolibpy: ignore[NLP201]\na{n} = 'ext-modules python'\n", fixed=True
    ),
}

CTYPES = "import ctypes\n"
LOAD = 'ctypes.PyDLL("libpython3.11.so").Py_X()\n'
PYTHON = {
    "python: loads": python(LOAD, head=CTYPES, fixed=True),
    "python: loads of names": python(
        'a{n} = ctypes.PyDLL("libpython3.11.so")\na{n}.Py_X()\n', head=CTYPES, fixed=True
    ),
    "python: imports under other names": python(
        "from ctypes import PyDLL as P{n}\n", tail="P1('libpython3.11.so').Py_X()\n", fixed=True
    ),
    "python: imports under other names, used": python(
        "from ctypes import PyDLL as P{n}\nP{n}('libpython3.11.so').Py_X()\n", fixed=True
    ),
    "python: one import of many names": python(
        "PyDLL as P{n}, ",
        head="from ctypes import (",
        tail=")\nP1('libpython3.11.so').Py_X()\n",
        fixed=True,
    ),
    "python: options of a command line": python(
        "p.add_argument('--a{n}', default='libpython3.{n}.so')\nctypes.PyDLL(args.a{n}).Py_X()\n",
        head="import argparse\n"
        + CTYPES
        + "p = argparse.ArgumentParser()\nargs = p.parse_args()\n",
    ),
    "python: fixtures and tests": lines(
        "test_a.py",
        "@pytest.fixture\ndef f{n}(f{m}):\n    return f'libpython3.{n}.so'\n"
        "def test_{n}(f{n}):\n    ctypes.PyDLL(f{n}).Py_X()\n",
        head="import pytest\n" + CTYPES,
    ),
    "python: classes whose methods load": python(
        "class A{n}:\n    def f(self, x=ctypes.PyDLL('libpython3.{n}.so')): pass\n",
        head=CTYPES + "setattr(a, 'b', c)\n",
    ),
    "python: objects of a data class": python(
        "A('libpython3.{n}.so').go()\n",
        head=CTYPES + "@dataclass\nclass A:\n    name: str\n"
        "    def go(self):\n        ctypes.PyDLL(self.name).Py_X()\n",
    ),
    "python: look-ups of an object": python(
        "a['libpython3.{n}.so'].Py_X()\n",
        head=CTYPES + "class A:\n    def __getitem__(self, key):\n"
        "        return ctypes.PyDLL(key)\na = A()\n",
    ),
    "python: cases of a match": python(
        "    case 'libpython3.{n}.so': ctypes.PyDLL(x).Py_X()\n", head=CTYPES + "match x:\n"
    ),
    "python: early returns of a helper": python(
        "f('libpython3.{n}.so')\n",
        head=CTYPES + "def f(a):\n    if a == 'b':\n        return\n    ctypes.PyDLL(a).Py_X()\n",
    ),
    "python: attributes of a namespace": python(
        "a.b{n} = 'libpython3.{n}.so'\nctypes.PyDLL(a.b{n}).Py_X()\n",
        head=CTYPES + "from types import SimpleNamespace\na = SimpleNamespace()\n",
    ),
    "python: functions": python(
        "def f{n}(a):\n    return ctypes.PyDLL(a).Py_X()\nf{n}('libpython3.11.so')\n",
        head=CTYPES,
        fixed=True,
    ),
    "python: calls of a function": python(
        "f('libpython3.{n}.so')\n", head=CTYPES + "def f(a):\n    return ctypes.PyDLL(a).Py_X()\n"
    ),
    "python: functions that call each other": python(
        "def f{n}(a): return f{m}(a) + f{m}(a)\n",
        head=CTYPES + "def f0(a): return a\n",
        tail="ctypes.PyDLL(f9('libpython3.11.so'))\n",
    ),
    "python: elif": python(
        'elif b == {n}: x = "libpython3.{n}.so"\n',
        head=CTYPES + "if b: x = 1\n",
        tail="ctypes.PyDLL(x).Py_X()\n",
    ),
    "python: ifs": python(
        'if b == {n}: x = "libpython3.{n}.so"\n',
        head=CTYPES + "x = 1\n",
        tail="ctypes.PyDLL(x).Py_X()\n",
    ),
    "python: dictionary look-ups": python(
        "ctypes.PyDLL(d['k{n}']).Py_X()\n",
        head=CTYPES
        + "d = {'k%d' % n: 'libpython3.11.so' for n in range(9)}\nd['k1'] = 'libpython3.11.so'\n",
    ),
    "python: dictionary entries": python(
        "d['k{n}'] = 'libpython3.{n}.so'\n",
        head=CTYPES + "d = {}\n",
        tail="ctypes.PyDLL(d['k1']).Py_X()\n",
    ),
    "python: dictionary entries and look-ups": python(
        "d['k{n}'] = 'libpython3.{n}.so'\nctypes.PyDLL(d['k{n}']).Py_X()\n",
        head=CTYPES + "d = {}\n",
    ),
    "python: one dictionary": python(
        "  'k{n}': 'libpython3.{n}.so',\n",
        head=CTYPES + "d = {\n",
        tail="}\nctypes.PyDLL(d['k1']).Py_X()\n",
    ),
    "python: functions by the system": Growing(
        "a.py",
        lambda count: (
            CTYPES
            + "def f(): pass\n"
            + "".join(f"d{n} = {{'linux': f, 'win32': f}}\n" for n in range(count))
            + "ctypes.PyDLL('libpython3.11.so').Py_X()\n"
        ),
    ),
    "python: one dictionary and look-ups": Growing(
        "a.py",
        lambda count: (
            CTYPES
            + "d = {"
            + "".join(f"'k{n}': 'libpython3.{n}.so', " for n in range(count))
            + "}\n"
            + "".join(f"ctypes.PyDLL(d['k{n}']).Py_X()\n" for n in range(count))
        ),
    ),
    "python: appends": python(
        "L.append('libpython3.{n}.so')\n",
        head=CTYPES + "L = []\n",
        tail="for x in L: ctypes.PyDLL(x).Py_X()\n",
    ),
    "python: one list": python(
        "'libpython3.{n}.so',\n",
        head=CTYPES + "L = [\n",
        tail="]\nfor x in L: ctypes.PyDLL(x).Py_X()\n",
    ),
    "python: a text that grows": python(
        "x += 'libpython3.{n}.so'\n", head=CTYPES + "x = ''\n", tail="ctypes.PyDLL(x).Py_X()\n"
    ),
    "python: attributes": python(
        "    def m{n}(self):\n        self.a{n} = ctypes.PyDLL('libpython3.11.so')\n        self.a{n}.Py_X()\n",
        head=CTYPES + "class A:\n",
        fixed=True,
    ),
    "python: an attribute of many stores": python(
        "    def m{n}(self):\n        self.a = 'libpython3.{n}.so'\n",
        head=CTYPES + "class A:\n",
        tail="    def m(self):\n        ctypes.PyDLL(self.a).Py_X()\n",
    ),
    "python: classes": python(
        "class A{n}(A{m}): pass\n",
        head=CTYPES + "A0 = ctypes.PyDLL\n",
        tail="A9('libpython3.11.so').Py_X()\n",
    ),
    "python: tries": python(
        "try:\n    x = ctypes.PyDLL('libpython3.{n}.so')\nexcept OSError:\n    x = None\n",
        head=CTYPES,
        tail="x.Py_X()\n",
        fixed=True,
    ),
    "python: loops": python(
        "for x in ('libm.so', 'libpython3.{n}.so'):\n    ctypes.PyDLL(x).Py_X()\n", head=CTYPES
    ),
    "python: suppressions": python("x = 1  # noqa: NLP101\n", head=CTYPES + LOAD, fixed=True),
    "python: suppressions on lines": python(
        "# nolibpy: ignore[NLP101]\n", head=CTYPES + LOAD, fixed=True
    ),
    "python: suppressions in one comment": python(
        " # noqa: NLP101", head=CTYPES + LOAD + "x = 1 ", tail="\n", fixed=True
    ),
    "python: loads and suppressions of other codes on one line": python(
        " # noqa: E{n}",
        head=CTYPES + LOAD.rstrip() + (" ;" + LOAD.rstrip()) * 99,
        tail="\n",
        fixed=True,
    ),
    "python: codes in one suppression": python(
        "NLP101,", head=CTYPES + LOAD + "x = 1  # noqa: ", tail="E501\n", fixed=True
    ),
    "python: suppressions of what does not parse": python(
        "x = 1  # noqa: NLP101\n", head=CTYPES + LOAD + "(\n", fixed=True
    ),
    "python: quotes": python("'", head=CTYPES + LOAD + "# noqa: NLP101\n"),
    "python: parts of one f-string": python("{a}", head=CTYPES + LOAD + "x = f'", tail="'\n"),
    "python: f-strings": python('f"{', head=CTYPES + LOAD + "# noqa: NLP101\n"),
    "python: brackets": nested("a.py", "[", "]", head=CTYPES + LOAD + "x = ", tail="\n"),
    "python: a long sum": python(" + 'a'", head=CTYPES + LOAD + "x = ''", tail="\n"),
    "python: global names": python(
        "def f{n}():\n    global x\n    x = 'libpython3.{n}.so'\n",
        head=CTYPES,
        tail="ctypes.PyDLL(x).Py_X()\n",
    ),
    "python: statements on one line": python("x = 1;", head=CTYPES + LOAD, tail="\n"),
}


def _notebook(count: int) -> str:
    import json

    cells = [
        {
            "cell_type": "code",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": [CTYPES, LOAD],
        }
        for _ in range(count)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=0)


def _long_cell(count: int) -> str:
    import json

    cell = {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": [CTYPES, *[LOAD] * count],
    }
    document = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=0)


NOTEBOOKS = {
    "notebook: loads in one cell": Growing("a.ipynb", _long_cell, fixed=True),
    "notebook: cells": Growing("a.ipynb", _notebook, fixed=True),
    "notebook: magics": Growing(
        "a.ipynb",
        lambda count: _long_cell(1).replace(
            '"import ctypes\\n",', '"import ctypes\\n",' + '"!ls {a} # noqa: NLP101\\n",' * count
        ),
    ),
}

#: Branches, calls and references of each reader, which the lists above have few of.
BRANCHES = {
    "setup.py: match": setup(
        "    case {n}:\n        L = ['python3.{n}']\n", head=SETUP + "L = []\nmatch a:\n", tail=END
    ),
    "setup.py: try": setup(
        "try:\n    L = ['python3.{n}']\nexcept OSError:\n    L = L + ['m{n}']\n",
        head=SETUP + "L = []\n",
        tail=END,
    ),
    "setup.py: if with else": setup(
        "if a{n}:\n    L = L + ['python3.{n}']\nelse:\n    L = L + ['m{n}']\n",
        head=SETUP + "L = []\n",
        tail=END,
    ),
    "setup.py: branches of another list each": setup(
        "if a{n}:\n    L{n} = L{m}\nelse:\n    L{n} = ['python3.{n}']\n",
        head=SETUP + "L0 = []\n",
        tail="setup(ext_modules=[Extension('m', ['m.c'], libraries=L9)])\n",
    ),
    "setup.py: nested if": Growing(
        "setup.py",
        lambda count: (
            SETUP
            + "L = []\n"
            + "".join(f"{' ' * (n % 80)}if a{n}:\n" for n in range(min(count, 80)))
            + f"{' ' * min(count, 80)}L = ['python3.11']\n" * (1 + count // 80)
            + END
        ),
    ),
    "setup.py: conditional expressions": setup(
        "L = (['python3.{n}'] if a{n} else L)\n", head=SETUP + "L = []\n", tail=END
    ),
    "setup.py: one chain of conditional expressions": setup(
        "['python3.{n}'] if a{n} else ", head=SETUP + "L = ", tail="[]\n" + END
    ),
    "setup.py: Extensions in branches": setup(
        "if a{n}:\n    e.append(Extension('m{n}', ['m.c'], libraries=L))\n",
        head=SETUP + "e = []\nL = ['python3.11']\n",
        tail="setup(ext_modules=e)\n",
    ),
    "setup.py: functions with branches": setup(
        "def f{n}(a):\n    if a:\n        return f{m}(a)\n    return ['python3.{n}']\n",
        head=SETUP + "def f0(a): return []\n",
        tail="L = f20(1)\n" + END,
    ),
    "setup.py: loops in a class": setup(
        "        for e in self.extensions:\n            e.libraries.append('python3.{n}')\n",
        head=SETUP
        + "from setuptools.command.build_ext import build_ext\nclass B(build_ext):\n    def run(self):\n",
    ),
    "cmake: macros that call each other": cmake(
        "macro(f{n} a)\nf{m}(${a})\nendmacro()\n",
        head="macro(f0 a)\ntarget_link_libraries(m PRIVATE ${a})\nendmacro()\n" + MODULE,
        tail="f8(python3.11)\n",
    ),
    "cmake: a function that calls itself": cmake(
        "f(${a} ${a})\n",
        head=MODULE + "function(f a)\n",
        tail="target_link_libraries(m PRIVATE ${ARGN})\nendfunction()\nf(python3.11)\n",
    ),
    "cmake: calls of a function of a function": cmake(
        "g(m{n} python3.11)\n",
        head="function(f a)\npython_add_library(${a} MODULE m.c)\n"
        "target_link_libraries(${a} PRIVATE ${ARGN})\nendfunction()\n"
        "function(g a)\nf(${a} ${ARGN})\nendfunction()\n",
    ),
    "cmake: arguments of one call": cmake(
        " python3.{n}",
        head=MODULE
        + "function(f)\nforeach(i ${ARGN})\ntarget_link_libraries(m PRIVATE ${i})\nendforeach()\n"
        + "endfunction()\nf(",
        tail=")\n",
    ),
    "cmake: variables of variables": cmake(
        "set(L{n} ${L{m}} ${L{m}})\n",
        head="set(L0 python3.11)\n" + MODULE,
        tail="target_link_libraries(m PRIVATE ${L99})\n",
    ),
    "cmake: texts of texts": cmake(
        'set(L{n} "x${L{m}}${L{m}}")\n',
        head="set(L0 python3.11)\n" + MODULE,
        tail="target_link_libraries(m PRIVATE ${L9})\n",
    ),
    "cmake: names of names": cmake(
        "set(L{n} L{m})\n",
        head="set(L0 python3.11)\n" + MODULE,
        tail="target_link_libraries(m PRIVATE ${${${${L3}}}})\n",
    ),
    "make: static pattern rules": make(
        "_m{n}.so _n{n}.so: %.so: %.o\n\tgcc -shared -o $@ $< -lpython3.11\n"
    ),
    "make: pattern rules and targets": make(
        "_m{n}%.cpython-311.so: m.o\n\tgcc -shared -o $@ -lpython3.11\nall: _m{n}a.cpython-311.so\n"
    ),
    "make: variables that two name": make(
        "L{n} = $(L{m}) $(K{m})\nK{n} = $(L{m})\n", head="L0 = -lpython3.11\n", tail=SO + "$(L9)\n"
    ),
    "make: := of two others": make(
        "L{n} := $(L{m}) -lm{n}\n", head="L0 := -lpython3.11\n", tail=SO + "$(L{n})\n"
    ),
    "make: substitutions": make(
        "L := $(patsubst %,-l%,$(L))\n", head="L := python3.11\n", tail=SO + "$(L)\n"
    ),
    "make: calls of a define": make(
        "$(eval $(call D,m{n}))\n",
        head="define D\n_$(1)$(EXT_SUFFIX): m.o\n\tgcc -shared -o $$@ -lpython3.11\nendef\n",
    ),
    "make: foreach": make(" python3.{n}", head=SO + "$(foreach i,", tail=",-l$(i))\n"),
    "bazel: select": bazel(
        "    ':a{n}': ['-lpython3.{n}'],\n",
        head="pybind_extension(name = 'm', linkopts = select({\n",
        tail="}))\n",
    ),
    "bazel: a sum of selects": bazel(
        " + select({':a{n}': ['-lpython3.{n}'], '//conditions:default': []})",
        head="L = []",
        tail="\npybind_extension(name = 'm', linkopts = L)\n",
    ),
    "bazel: macros": lines(
        "defs.bzl",
        "def f{n}(name):\n    f{m}(name = name)\n",
        head="def f0(name):\n    pybind_extension(name = name, linkopts = ['-lpython3.11'])\n",
    ),
    "bazel: targets of one list": bazel(
        "pybind_extension(name = 'm{n}', linkopts = L)\n", head="L = ['-lpython3.11']\n"
    ),
    "meson: subdirs": meson("subdir('a{n}')\n", tail=EXTENSION + "py.dependency(embed: true))\n"),
    "meson: nested if": nested(
        "meson.build",
        "if get_option('a')\n",
        "endif\n",
        head=MESON_HEAD,
        tail=EXTENSION + "py.dependency(embed: true))\n",
    ),
    "meson: foreach over one long list": meson(
        " 'python3.{n}',",
        head="d = []\nforeach i : [",
        tail="]\nd += '-l' + i\nendforeach\npy.extension_module('m', 'm.c', link_args: d)\n",
    ),
    "meson: ternaries": meson(
        "d{n} = get_option('a{n}') ? d{m} : dependency('python3-embed')\n",
        head="d0 = []\n",
        tail=EXTENSION + "d9)\n",
    ),
    "shell: a case that many paths lead through": shell(
        "case $a{n} in\nx) L=-lpython3.{n};;\ny) L=;;\nesac\n", tail=GCC + "$L\n"
    ),
    "shell: a case of links": shell(
        "a{n}) " + GCC + "-lpython3.11;;\n", head="case $1 in\n", tail="esac\n"
    ),
    "shell: functions that call the one before": shell(
        "f{n}() { f{m}; }\n", head="f0() { " + GCC + "-lpython3.11; }\n", tail="f99\n"
    ),
    "shell: calls of a function": shell("f a{n}\n", head="f() {\n  " + GCC + "-lpython3.11\n}\n"),
    "docker: stages that copy each other": lines(
        "Dockerfile", "FROM a AS s{n}\nCOPY --from=s{m} /a /a\nRUN " + GCC + "-lpython3.11\n"
    ),
    "docker: ARG": lines(
        "Dockerfile",
        'ARG A{n}="$A{m} -lpython3.{n}"\n',
        head="FROM a\n",
        tail="RUN LDFLAGS=$A9 pip install .\n",
    ),
    "docker: ARG before stages": lines(
        "Dockerfile",
        "ARG A{n}=-lpython3.{n}\n",
        tail="FROM a\nARG A1\nRUN LDFLAGS=$A1 pip install .\n",
    ),
    "workflow: a matrix": lines(
        ".github/workflows/a.yml",
        "          - flags: -lpython3.{n}\n",
        head="on: push\njobs:\n  a:\n    strategy:\n      matrix:\n        include:\n",
        tail="    steps:\n    - run: " + GCC + "${{ matrix.flags }}\n",
    ),
    "workflow: jobs": lines(
        ".github/workflows/a.yml",
        "  a{n}:\n    env:\n      LDFLAGS: -lpython3.11\n    steps:\n    - run: pip install .\n",
        head="on: push\njobs:\n",
    ),
    "workflow: env": lines(
        ".github/workflows/a.yml",
        "      A{n}: -lpython3.{n}\n",
        head="on: push\njobs:\n  a:\n    env:\n",
        tail="    steps:\n    - run: " + GCC + "$A1\n",
    ),
    "yaml: nested keys": Growing(
        "meta.yaml",
        lambda count: (
            "build:\n  script: "
            + GCC
            + "-lpython3.11\n"
            + "".join(f"{' ' * (n % 200)}a{n}:\n" for n in range(count))
        ),
    ),
    "yaml: lists in lists": lines(
        "meta.yaml", "- ", head="build:\n  script: " + GCC + "-lpython3.11\na:\n", tail="b\n"
    ),
    "yaml: anchors of anchors": lines(
        "meta.yaml",
        "a{n}: &a{n} [*a{m}, *a{m}, *a{m}]\n",
        head="build:\n  script: " + GCC + "-lpython3.11\na0: &a0 x\n",
    ),
    "spec: macros of macros": lines(
        "a.spec",
        "%global l{n} %{l{m}} %{l{m}}\n",
        head="Name: a\n%global l0 -lpython3.11\n",
        tail="%build\n" + GCC + "%{l9}\n",
    ),
    "spec: conditions": lines(
        "a.spec",
        "%if 0%{?a{n}}\nexport LDFLAGS=-lpython3.{n}\n%endif\n",
        head="Name: a\n%build\n",
        tail="%py3_build\n",
    ),
    "spec: open definitions": lines(
        "a.spec",
        "%global l{n} {{{{{{((((((\n",
        head="Name: a\n",
        tail="%build\n" + GCC + "-lpython3.11 # nolibpy: ignore[NLP201]\n",
    ),
    "spec: open brackets of definitions": lines(
        "a.spec",
        "%define l{n} %{expand: %(\n  {\n",
        head="Name: a\n%build\n",
        tail=GCC + "-lpython3.11 # nolibpy: ignore[NLP201]\n",
    ),
    "spec: open macros": lines("a.spec", "%{?", head="Name: a\n%build\n" + GCC + "-lpython3.11\n"),
    "nix: variables": lines(
        "default.nix",
        '  NIX_LDFLAGS = "${a}${b} -lpython3.{n}";\n',
        head="buildPythonPackage {\n",
        tail="}\n",
        fixed=True,
    ),
    "tox: environments": lines(
        "tox.ini",
        "[testenv:a{n}]\ncommands = " + GCC + "-lpython3.11\n",
        head="[testenv]\ncommands = {[testenv:a1]commands}\n",
    ),
    "scons: clones of one": scons(
        "e{n} = e.Clone(LIBS=['python3.{n}'])\ne{n}.LoadableModule('m{n}', 'm.c', SHLIBPREFIX='')\n",
        head="e = Environment()\n",
    ),
    "pyproject: a long array": pyproject(
        '  "python3.{n}",\n',
        head='[[tool.setuptools.ext-modules]]\nname = "m"\nlibraries = ["python3.11"]\n[a]\nb = [\n',
        tail="]\n",
    ),
    "pyproject: tables in tables": pyproject(
        "[a.b{n}.c]\nd = 1\n",
        head='[[tool.setuptools.ext-modules]]\nname = "m"\nlibraries = ["python3.11"]\n',
    ),
    "python: a loop over many names and a test": python(
        " 'libm{n}.so',",
        head=CTYPES + "for x in (",
        tail=" 'libpython3.11.so'):\n    if 'python' in x: ctypes.PyDLL(x).Py_X()\n",
    ),
    "python: a chain of names from a loop": python(
        "    y{n} = y{m}\n",
        head=CTYPES + "for y0 in ('libm.so', 'libpython3.11.so'):\n",
        tail="    if 'python' in y9: ctypes.PyDLL(y9).Py_X()\n",
    ),
    "python: a chain of classes": Growing(
        "a.py",
        lambda count: (
            CTYPES
            + "class A0(ctypes.PyDLL): pass\n"
            + "".join(f"class A{n}(A{n - 1}): pass\n" for n in range(1, count + 1))
            + f"A{count}('libpython3.11.so').Py_X()\n"
        ),
    ),
    "python: functions that test a name": python(
        "def f{n}(a): return f{m}(a)\n",
        head=CTYPES + "import os\ndef f0(a): return a.startswith('libpython3.')\n",
        tail="for x in os.listdir(a):\n    if f6(x): ctypes.PyDLL(x).Py_X()\n",
    ),
    "python: matches": python(
        "    case {n}: x = 'libpython3.{n}.so'\n",
        head=CTYPES + "match a:\n",
        tail="ctypes.PyDLL(x).Py_X()\n",
    ),
}

#: What was followed last: branches of scripts, exports, templates and programs in texts.
LATER = {
    "shell: a long word in a branch": lines(
        "build.sh", "py_a-", head="if a; then\nL='", tail="'\nfi\n" + GCC + "-lpython3.11\n"
    ),
    "make: a long word in a branch": lines(
        "Makefile", "py_a-", head="ifdef A\nL = ", tail="\nendif\n" + SO + "-lpython3.11\n"
    ),
    "make: a debian/rules that exports": lines(
        "debian/rules",
        "export LDFLAGS{n} += -lpython3.{n}\n",
        head="#!/usr/bin/make -f\nexport LDFLAGS = -lpython3.11\n",
        tail="%:\n\tdh $@ --buildsystem=pybuild\n",
    ),
    "make: a debian/rules that overrides": lines(
        "debian/rules",
        "override_dh_auto_build-{n}:\n\tLDFLAGS='-lpython3.{n}' dh_auto_build\n",
        head="#!/usr/bin/make -f\n",
        tail=SO + "-lpython3.11\n",
    ),
    "make: a debian/rules of conditions": lines(
        "debian/rules",
        "ifeq ($(DEB_{n}),a)\nexport LDFLAGS += -lpython3.{n}\nendif\n",
        head="#!/usr/bin/make -f\n",
        tail="%:\n\tdh $@ --buildsystem=pybuild\n",
    ),
    "automake: conditionals": lines(
        "Makefile.am",
        "if A{n}\nm_la_LIBADD += -lpython3.{n}\nendif\n",
        head="pyexec_LTLIBRARIES = m.la\nm_la_LDFLAGS = -module\nm_la_LIBADD = -lm\n",
    ),
    "automake: libraries of libraries": lines(
        "Makefile.am",
        "noinst_LTLIBRARIES += l{n}.la\nl{n}_la_LIBADD = l{m}.la\n",
        head="noinst_LTLIBRARIES = l0.la\nl0_la_LIBADD = -lpython3.11\n"
        "pyexec_LTLIBRARIES = m.la\nm_la_LDFLAGS = -module\nm_la_LIBADD = l9.la\n",
    ),
    "cmake: expressions of Jinja": lines(
        "{{cookiecutter.name}}/CMakeLists.txt",
        "{% if a{n} %}\ntarget_link_libraries(m PRIVATE python3.{n})\n{% endif %}\n",
        head=MODULE,
    ),
    "workflow: a matrix of systems": lines(
        ".github/workflows/a.yml",
        "          - os: windows-{n}\n            flags: -lpython3.{n}\n",
        head="on: push\njobs:\n  a:\n    strategy:\n      matrix:\n        include:\n",
        tail="    runs-on: ${{ matrix.os }}\n    steps:\n    - run: "
        + GCC
        + "${{ matrix.flags }}\n",
    ),
    "python: programs in texts": lines(
        "a.py", "exec('import ctypes; ctypes.PyDLL(\"libpython3.{n}.so\").x()')\n", head=CTYPES
    ),
    "python: programs that are handed to an interpreter": lines(
        "a.py",
        "subprocess.run([sys.executable, '-c', P + 'x = {n}'])\n",
        head="import subprocess, sys\nP = 'import ctypes; ctypes.PyDLL(\"libpython3.11.so\").x();'\n",
    ),
}

GROWING: dict[str, Growing] = {
    **CMAKE,
    **MAKE,
    **SHELL,
    **MESON,
    **PYTHON_SYNTAX,
    **SETTINGS,
    **PYTHON,
    **NOTEBOOKS,
    **BRANCHES,
    **LATER,
}


def of_size(growing: Growing, size: int) -> str:
    """Return the longest text of a pattern that has at most ``size`` characters."""
    least, most = 0, size
    while least < most:
        middle = (least + most + 1) // 2
        if len(growing.made(middle)) <= size:
            least = middle
        else:
            most = middle - 1
    return growing.made(max(least, 1))
