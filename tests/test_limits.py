"""The limits of an analysis: one module has them, one page lists them, none is silent."""

from __future__ import annotations

import ast
import functools
import itertools
import string
import time
from pathlib import Path

import pytest

from no_libpython_dlopen.buildsystems.common import source_roles
from no_libpython_dlopen.engine import api
from no_libpython_dlopen.knowledge import module_definitions
from no_libpython_dlopen.model import analysis, limits
from no_libpython_dlopen.model.finding import Finding
from tests.hostile.confined import confined

ROOT = Path(__file__).parent.parent
LIMITS = {name: value for name, value in vars(limits).items() if isinstance(value, limits.Limit)}
#: Readers of files: these parts of the package have no limits of their own, but for the following.
READERS = ("buildsystems", "notebook", "python", "suppressions")
#: What bounds the search of other files' names, or chooses between ways that both find all.
NO_LIMITS_OF_AN_ANALYSIS = {
    # Beyond them something else is done that finds as much, or more.
    *("_FREE_LOOP_DEPTH", "_LONGEST_LIST", "_MAX_COPIES", "_MAX_NAMES", "_MAX_STEPS"),
    *("_MAX_CANDIDATES", "_MAX_CHOICES", "_MAX_FAILED_CASES", "_MAX_WAYS", "_MOST_REACHED"),
    *("_MAX_STORES", "_MAX_FOR_TESTS", "_MAX_NESTED", "_MAX_REEXPORTS", "_MAX_SHOWN", "MAX_NUMBER"),
    # A function's later calls find what is bound at the end, as most calls do.
    "_MAX_EARLY",
    # The file is refused, and told to be unreadable.
    *("_MAX_LINE_TOKENS", "_RECURSION_LIMIT"),
    # Names that nothing has, and folders that are too far away.
    *("_LONGEST_DEFINITION", "_LONGEST_NAME", "_MAX_LEVELS", "_MAX_NAME", "MAX_GAP"),
    *("MAX_LEVELS", "MAX_MACRO_FILES"),
    *("MAX_MAKEFILES", "MAX_MEMBERS", "_MOST", "_MOST_FOLDERS", "_MOST_NAMES"),
    *("_MOST_HEADERS", "_MOST_TURNS", "_MOST_TURNS_OF_ALL"),
    *("_MOST_ABOVE", "MOST_ASKED", "_MOST_PARTS"),
    # A rule that is meant is not suggested.
    *("_LONGEST_ITEM", "_MOST_HINTS"),
    # A fix is not offered, or a comment is not deleted.
    *("_MAX_ANNOTATION", "_MAX_DEPTH", "_MAX_FAILURES", "_MAX_FORMATTED", "MAX_LENGTH", "MAX_WORK"),
}
#: Words in the names of limits.
WORDS = {"BYTES", "DEPTH", "FEW", "LIMIT", "LONGEST", "MAX", "MOST", "SIZE"}
#: What is no limit in spite of its name.
OTHERS = {"_FEW", "_MORE", "_RUN_BYTES"}


def test_the_page_lists_the_limits() -> None:
    page = (ROOT / "docs" / "limits.md").read_text(encoding="utf-8")
    rows = [
        f"| `{name}` | {int(limit):,} | {limit.unit} "
        f"| {'silent' if limit.is_silent else 'NLP900'} |"
        for name, limit in LIMITS.items()
    ]
    assert [line for line in page.splitlines() if line.startswith("| `")] == rows


def test_limits_of_one_number_are_told_apart() -> None:
    with analysis.begin() as running:
        for limit in (limits.TIME_MILLISECONDS, limits.FOLLOWING_MILLISECONDS) * 2:
            analysis.note_limit(limit)
    assert running.reason.count("milliseconds") == 2
    assert running.reason.count("imports") == 1
    assert limits.TIME_MILLISECONDS != limits.FOLLOWING_MILLISECONDS
    assert limits.TIME_MILLISECONDS not in ("1,700 milliseconds", None)


def test_every_limit_is_used() -> None:
    package = ROOT / "src" / "no_libpython_dlopen"
    text = "".join(
        path.read_text(encoding="utf-8")
        for path in package.rglob("*.py")
        if path.name != "limits.py"
    )
    assert [name for name in LIMITS if name not in text] == []


def test_readers_have_no_limits_of_their_own() -> None:
    package = ROOT / "src" / "no_libpython_dlopen"
    found = set()
    for part in READERS:
        for path in (package / part).rglob("*.py"):
            for node in ast.parse(path.read_text(encoding="utf-8")).body:
                if isinstance(node, ast.Assign):
                    targets = [one for target in node.targets for one in ast.walk(target)]
                    names = {one.id for one in targets if isinstance(one, ast.Name)}
                    found |= {name for name in names if WORDS & set(name.split("_"))}
    assert found - OTHERS == NO_LIMITS_OF_AN_ANALYSIS


def check(name: str, text: str) -> list[Finding]:
    return api.check_bytes(text.encode(), name)


def told(findings: list[Finding]) -> list[str]:
    return [one.message for one in findings if one.code == "NLP900"]


MODULE = "python_add_library(m MODULE m.c)\n"
LINK = "target_link_libraries(m PRIVATE python3.11)\n"
GCC = "gcc -shared -o _m$(python3-config --extension-suffix) m.o "
MAKE = "_m$(EXT_SUFFIX): m.o\n\tgcc -shared -o $@ $< "
MESON = "project('a', 'c')\npy = import('python').find_installation()\n"

PYDLL = 'import ctypes\nctypes.PyDLL("libpython3.11.so").Py_X()\n'
#: A ``setup.py`` with statements, whose last module is linked with a list.
SETUP = (
    "import sys\nfrom setuptools import Extension, setup\n{}"
    "one = Extension('a', ['a.c'], libraries=['python3.10'])\n"
    "two = Extension('b', ['b.c'], libraries=['python3.11'])\n"
    "last = Extension('c', ['c.c'], libraries={})\n"
    "if sys.platform == 'win32':\n    last.libraries.append('ws2_32')\n"
    "setup(ext_modules=[one, two, last])\n"
)

EMBEDDED = "py.extension_module('m', 'm.c', dependencies: dependency('python3-embed'))\n"

#: Files that reach a limit after something was found: the limit's name, the file, its text.
CUT = {
    "cmake: nested foreach": (
        "CMAKE_STEPS",
        "CMakeLists.txt",
        MODULE + LINK + "foreach(i RANGE 9)\n" * 2
        + "foreach(j 1 2 3 4 5 6 7 8 9)\n" * 7
        + "set_target_properties(m PROPERTIES A b)\n" + "message()\n" * 200 + "endforeach()\n" * 9,
    ),
    "cmake: functions": (
        "CMAKE_CALLS",
        "CMakeLists.txt",
        "function(f0 a)\ntarget_link_libraries(m PRIVATE ${a})\nendfunction()\n" + MODULE + LINK
        + "".join(f"function(f{n} a)\nf{n - 1}(${{a}})\nendfunction()\n" for n in range(1, 30))
        + "f29(python3.12)\n",
    ),
    "cmake: items": (
        "CMAKE_WORDS",
        "CMakeLists.txt",
        MODULE + LINK + "set(L " + " ".join(f"a{n}" for n in range(10_001)) + " python3.12)\n"
        + "target_link_libraries(m PRIVATE ${L})\n",
    ),
    "cmake: foreach": (
        "CMAKE_ITERATIONS",
        "CMakeLists.txt",
        MODULE + LINK + "foreach(i " + " ".join(f"a{n}" for n in range(5001)) + " python3.12)\n"
        + "target_link_libraries(m PRIVATE ${i})\nendforeach()\n",
    ),
    "cmake: generator expressions": (
        "CMAKE_NESTING",
        "CMakeLists.txt",
        MODULE + LINK + f"target_link_libraries(m PRIVATE {'$<1:' * 50}python3.12{'>' * 50})\n",
    ),
    "cmake: libraries": (
        "CMAKE_LINKS",
        "CMakeLists.txt",
        MODULE + LINK + "set(L " + " ".join(f"a{n}" for n in range(400)) + ")\n"
        + "target_link_libraries(m PRIVATE ${L})\n" * 400,
    ),
    "make: variables": (
        "MAKE_DEPTH",
        "Makefile",
        "L0 = -lpython3.12\n" + "".join(f"L{n} = $(L{n - 1})\n" for n in range(1, 60))
        + MAKE + "-lpython3.11\n" + "_n$(EXT_SUFFIX):\n\tgcc -shared -o $@ $(L59)\n",
    ),
    "make: text": (
        "MAKE_TEXT",
        "Makefile",
        MAKE + "-lpython3.11\n" + "A = " + "a.o " * 1000 + "\nB = " + "$(A) " * 100 + "\n"
        + "_n$(EXT_SUFFIX):\n\tgcc -shared -o $@ $(B) -lpython3.12\n",
    ),
    "make: foreach": (
        "MAKE_LOOP",
        "Makefile",
        MAKE + "-lpython3.11\n" + "A = " + "a " * 1500 + "python3.12\n"
        + "_n$(EXT_SUFFIX):\n\tgcc -shared -o $@ $(foreach i,$(A),-l$(i))\n",
    ),
    "shell: a long variable": (
        "SHELL_VALUE",
        "build.sh",
        GCC + "-lpython3.11\nL='" + "-lz " * 60_000 + " -lpython3.12'\n" + GCC + "$L\n",
    ),
    "shell: sh in sh": (
        "SHELL_DEPTH",
        "build.sh",
        GCC + "-lpython3.11\nL=" + "$(echo " * 12 + "-lpython3.12" + ")" * 12 + "\n" + GCC + "$L\n",
    ),
    "meson: foreach": (
        "MESON_STEPS",
        "meson.build",
        MESON + "py.extension_module('m', 'm.c', dependencies: dependency('python3-embed'))\n"
        + "foreach i : [1, 2, 3, 4, 5, 6, 7, 8, 9]\n" * 7 + "a = 1\n" * 200 + "endforeach\n" * 7,
    ),
    "yaml: keys in keys": (
        "YAML_DEPTH",
        "meta.yaml",
        "build:\n  script: gcc -shared -o _m.cpython-311.so m.o -lpython3.11\n"
        + "".join(f"{' ' * n}a{n}:\n" for n in range(120))
        + " " * 120 + "run: gcc -shared -o _m.cpython-311.so m.o -lpython3.12\n",
    ),
    "meson: an item of a loop": (
        "MESON_ITEMS",
        "meson.build",
        MESON + EMBEDDED + "foreach i : [" + "'m', " * 1000 + "'python3.12']\n"
        + "py.extension_module('n', 'n.c', link_args: '-l' + i)\nendforeach\n",
    ),
    "meson: a text": (
        "MESON_TEXT",
        "meson.build",
        MESON + EMBEDDED + "t = '" + "-lm " * 4100 + "' + '-lpython3.12'\n"
        + "py.extension_module('n', 'n.c', link_args: t.split())\n",
    ),
    "make: branches": (
        "COMMANDS_PATHS",
        "Makefile",
        MAKE + "-lpython3.11\nifeq ($(A),0)\nL=-lm\n"
        + "".join(f"else ifeq ($(A),{n})\nL=-lm{n}\n" for n in range(80))
        + "else ifeq ($(A),z)\nL=-lpython3.12\nendif\n_n$(EXT_SUFFIX):\n\tgcc -shared -o $@ $(L)\n",
    ),
    "shell: branches": (
        "COMMANDS_PATHS",
        "build.sh",
        GCC + "-lpython3.11\ncase $1 in\n" + "".join(f"a{n}) L=-lm{n};;\n" for n in range(80))
        + "z) L=-lpython3.12;;\nesac\n" + GCC + "$L\n",
    ),
    "cmake: references in references": (
        "CMAKE_REFERENCES",
        "CMakeLists.txt",
        MODULE + LINK + "set(a0 python3.12)\n" + "".join(f"set(a{n} a{n - 1})\n" for n in range(1, 30))
        + "target_link_libraries(m PRIVATE " + "${" * 30 + "a29" + "}" * 30 + ")\n",
    ),
    "cmake: a long text": (
        "CMAKE_TEXT",
        "CMakeLists.txt",
        MODULE + LINK + 'set(L "' + "a" * 17_000 + '")\nset(P python3.12)\n'
        + 'set_target_properties(m PROPERTIES LINK_FLAGS "-Wl,${L},-l${P}")\n',
    ),
    "meson: items": (
        "MESON_ATOMS",
        "meson.build",
        MESON + "py.extension_module('m', 'm.c', dependencies: dependency('python3-embed'))\n"
        + "L = [" + ", ".join(f"'a{n}'" for n in range(5001)) + ", '-lpython3.12']\n"
        + "py.extension_module('n', 'n.c', link_args: L)\n",
    ),
    "make: parents": (
        "MAKE_PARENTS",
        "Makefile",
        MAKE + "-lpython3.11\n_n.cpython-311.so: n.o\n\tgcc -shared -o $@ $(L)\n"
        + "".join(f"a{n}: _n.cpython-311.so\na{n}: L = -lm\n" for n in range(120))
        + "z: _n.cpython-311.so\nz: L = -lpython3.12\n",
    ),
    "tox: lines of commands": (
        "INI_LINES",
        "tox.ini",
        "[testenv]\ncommands =\n    gcc -shared -o _m.cpython-311.so m.o -lpython3.11\n"
        + "    a\n" * limits.INI_LINES
        + "    gcc -shared -o _m.cpython-311.so m.o -lpython3.12\n",
    ),
    "shell: arithmetic": (
        "SHELL_ARITHMETIC",
        "build.sh",
        GCC + "-lpython3.11\n((" + "a+" * 1_500 + "1))\n" + GCC + "-lpython3.12\n",
    ),
    "setup.py: calls": (
        "PYTHON_CALLS",
        "setup.py",
        SETUP.format(
            "def f0(a): return a\n"
            + "".join(f"def f{n}(a): return f{n - 1}(a)\n" for n in range(1, 12)),
            "[f11('python3.12')]",
        ),
    ),
    "setup.py: alternatives": (
        "PYTHON_ALTERNATIVES",
        "setup.py",
        SETUP.format(
            "x = 'm'\n"
            + "".join(f"if a == {n}:\n    x = 'python3.{n}'\n" for n in range(99)),
            "[x]",
        ),
    ),
    "SConstruct: calls": (
        "PYTHON_CALLS",
        "SConstruct",
        "env = Environment()\nenv.SharedLibrary('a', 'a.c', SHLIBPREFIX='', LIBS=['python3.11'])\n"
         "def f0(a): return a\n"
        + "".join(f"def f{n}(a): return f{n - 1}(a)\n" for n in range(1, 12))
        + "env.LoadableModule('b', 'b.c', SHLIBPREFIX='', LIBS=[f11('python3.12')])\n",
    ),
    "shell: braces of a program in Python": (
        "PYTHON_BRACES",
        "build.sh",
        GCC + f"-lpython3.11\npython3 - <<'E'\n{PYDLL}x = '{'{' * 30_001}'\nE\n",
    ),
    "docker: brackets of a program in Python": (
        "PYTHON_DEPTH",
        "Dockerfile",
        f"FROM a\nRUN {GCC}-lpython3.11\nRUN python3 - <<'E'\n{PYDLL}x = {'[' * 1600}{']' * 1600}\nE\n",
    ),
    "bazel: alternatives": (
        "PYTHON_ALTERNATIVES",
        "defs.bzl",
        "def m(a):\n    native.cc_binary(name = 'a.so', linkshared = True, linkopts = ['-lpython3.11'])\n"
         "    x = 'm'\n"
        + "".join(f"    if a == {n}:\n        x = '-lpython3.{n}'\n" for n in range(99))
        + "    native.cc_binary(name = 'b.so', linkshared = True, linkopts = [x])\n",
    ),
}  # fmt: skip

PTH = PYDLL.replace("\n", "; ", 1)
#: The same of Python: nothing is known of a load because of the limit.
CUT_LOADS = {
    "alternatives": (
        "PYTHON_ALTERNATIVES",
        PYDLL + "x = 1\n"
        + "".join(f"if a == {n}:\n    x = 'libpython3.{n}.so'\n" for n in range(99))
        + "ctypes.PyDLL(x)\n",
    ),
    "calls": (
        "PYTHON_CALLS",
        PYDLL + "def f0(a): return a\n"
        + "".join(f"def f{n}(a): return f{n - 1}(a)\n" for n in range(1, 20))
        + "ctypes.PyDLL(f19('libpython3.12.so'))\n",
    ),
    "calls of a loader": (
        "PYTHON_CALLS",
        PYDLL + "def f0(): return ctypes.PyDLL\n"
        + "".join(f"def f{n}(): return f{n - 1}()\n" for n in range(1, 20))
        + "f19()('libpython3.12.so')\n",
    ),
    "functions that test a name": (
        "PYTHON_CALLS",
        PYDLL + "import os\ndef f0(a): return a.startswith('libpython3.')\n"
        + "".join(f"def f{n}(a): return f{n - 1}(a)\n" for n in range(1, 20))
        + "for x in os.listdir('/usr/lib'):\n    if f19(x): ctypes.PyDLL(x)\n",
    ),
    "beginnings of a name": (
        "PYTHON_ALTERNATIVES",
        PYDLL + "import os\nfor x in os.listdir('/usr/lib'):\n"
        + "    if x.startswith((" + "".join(f"'lib{n}', " for n in range(64))
        + "'libpython3.')): ctypes.PyDLL(x)\n",
    ),
    "a name under another test": (
        "PYTHON_ALTERNATIVES",
        PYDLL + "x = 1\n"
        + "".join(f"if a == {n}:\n    x = 'libpython3.{n}.so'\n" for n in range(99))
        + "if x.endswith('.so'): ctypes.PyDLL(x)\n",
    ),
    "iterations": (
        "PYTHON_ITERATIONS",
        PYDLL + "for x in (" + "".join(f"'lib{n}.so', " for n in range(1000)) + "'libpython3.12.so'):\n"
        + "    if 'python' in x: ctypes.PyDLL(x)\n",
    ),
    "items of a comprehension": (
        "PYTHON_ITERATIONS",
        PYDLL + "L = ['lib' + x for x in (" + "".join(f"'{n}.so', " for n in range(1000)) + "'python3.12.so')]\n"
        + "ctypes.PyDLL(L[-1])\n",
    ),
    "a word of a long string": (
        "PYTHON_TEXT",
        PYDLL + f"x = '{'a' * 17_000} libpython3.12.so'\nctypes.PyDLL(x.split()[1])\n",
    ),
    "the end of a long string": (
        "PYTHON_TEXT",
        PYDLL + f"x = '{'a' * 17_000} libpython3.12.so'\nctypes.PyDLL(x[-16:])\n",
    ),
    "the end of a long sum": (
        "PYTHON_TEXT",
        PYDLL + f"x = '{'a' * 17_000} libpython' + '3.12.so'\nctypes.PyDLL(x[-16:])\n",
    ),
    "bases": (
        "PYTHON_BASES",
        PYDLL + "class A0(ctypes.PyDLL): pass\n"
        + "".join(f"class A{n}(A{n - 1}): pass\n" for n in range(1, 80))
        + "A79('libpython3.12.so')\n",
    ),
    "subclasses": (
        "PYTHON_SUBCLASSES",
        PYDLL + "class A:\n    name = 'libm.so'\n    def m(self): ctypes.PyDLL(self.name)\n"
        + "".join(f"class B{n}(A): pass\n" for n in range(70))
        + "class C(A): name = 'libpython3.12.so'\n",
    ),
    "programs in strings": (
        "PYTHON_PROGRAMS",
        PYDLL
        + "".join(
            f"exec('import ctypes; x = \"libpython3.{n}.so\"; ctypes.CDLL(y)')\n" for n in range(51)
        ),
    ),
    "a program in a string with brackets": (
        "PYTHON_DEPTH",
        PYDLL + f"exec('import ctypes; ctypes.PyDLL(\"libpython3.11.so\"); x = {'[' * 1600}{']' * 1600}')\n",
    ),
    "a long program in a string": (
        "PYTHON_PROGRAM_TEXT",
        PYDLL + f"exec('import ctypes; ctypes.PyDLL(\"libpython3.11.so\")  # {'x' * 64_000}')\n",
    ),
    "collections": (
        "PYTHON_ITEMS",
        PYDLL + "x0 = ['libpython3.12.so']\n"
        + "".join(f"x{n} = x{n - 1} + x{n - 1}\n" for n in range(1, 20))
        + "ctypes.PyDLL(x19[0])\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CUT.values(), ids=CUT)
def test_a_build_file_beyond_a_limit_says_so_once(case: tuple[str, str, str]) -> None:
    limit, name, text = case
    found = check(name, text)
    (message,) = told(found)
    assert f"{LIMITS[limit]}" in message
    assert {one.code for one in found} & {"NLP201", "NLP202"}, "what was found is reported"
    assert not any(one.fix for one in found)
    assert api.fix_bytes(text.encode(), name, unsafe=True).data == text.encode()


def test_a_limit_of_a_script_is_told_for_each_file_with_its_text() -> None:
    depth = limits.SHELL_NESTING + 1
    text = GCC + "-lpython3.11\n((" + "(" * depth + "1" + ")" * depth + "))\n"
    first, second = check("a.sh", text), check("b.sh", text)
    assert len(told(first)) == 1
    assert told(first) == told(second)


@pytest.mark.parametrize("case", CUT_LOADS.values(), ids=CUT_LOADS)
def test_a_load_beyond_a_limit_says_so_once(case: tuple[str, str]) -> None:
    limit, text = case
    found = check("a.py", text)
    assert [f"{LIMITS[limit]}" in message for message in told(found)] == [True]
    assert [one.start.row for one in found if one.code == "NLP101"] == [2]


#: Files that no reader analyses, for they are too long or nest too deeply: what each is told.
REFUSED = {
    "cmake: blocks in blocks": (
        "nested too deeply",
        "CMakeLists.txt",
        MODULE + LINK + "if(A)\n" * 60 + "target_link_libraries(m PRIVATE python3.12)\n"
        + "endif()\n" * 60,
    ),
    "cmake: parentheses": (
        "nested too deeply",
        "CMakeLists.txt",
        MODULE + LINK + "if(" + "(" * 120 + "A" + ")" * 120 + ")\n"
        + "target_link_libraries(m PRIVATE python3.12)\nendif()\n",
    ),
    "make: conditions in conditions": (
        "nested too deeply",
        "Makefile",
        MAKE + "-lpython3.11\n" + "ifdef A\n" * 120 + "L = -lpython3.12\n" + "endif\n" * 120,
    ),
    "meson: brackets": (
        "nested too deeply",
        "meson.build",
        MESON + EMBEDDED + "a = " + "[" * 60 + "'-lpython3.12'" + "]" * 60 + "\n",
    ),
    "pyproject: arrays in arrays": (
        "nested too deeply",
        "pyproject.toml",
        '[[tool.setuptools.ext-modules]]\nname = "m"\nlibraries = ["python3.11"]\n[a]\nb = '
        + "[" * 120 + "]" * 120 + "\n",
    ),
    "cmake: marks": (
        f"{limits.LEXER_MARKS}",
        "CMakeLists.txt",
        MODULE + LINK + '""' * 260_000 + "\n",
    ),
    "setup.cfg: lines": (
        f"{limits.INI_LINES}",
        "setup.cfg",
        "[build_ext]\nlibraries = python3.11\n" + "\n" * 10_001,
    ),
    "meson: marks": (f"{limits.LEXER_MARKS}", "meson.build", MESON + EMBEDDED + "''" * 260_000),
    "python: braces": (f"{limits.PYTHON_BRACES}", "a.py", PYDLL + "x = '" + "{" * 30_001 + "'\n"),
    "python: quotes": (f"{limits.PYTHON_QUOTES}", "a.py", PYDLL + "x = '" + '"' * 1_000_001 + "'\n"),
    "python: marks": (f"{limits.PYTHON_MARKS}", "a.py", PYDLL + "\n" * 300_001),
    "python: blanks": (f"{limits.PYTHON_BLANKS}", "a.py", PYDLL + "x =" + " \\\n\t" * 130_000 + "1\n"),
    "python: brackets": ("nested too deeply", "a.py", PYDLL + "x = " + "[" * 1600 + "]" * 1600 + "\n"),
    "python: attributes": ("nested too deeply", "a.py", PYDLL + "x" + ".a" * 1600 + "\n"),
    "make: characters": (f"{limits.CHARACTERS}", "Makefile", MAKE + "-lpython3.11\n" + "#" * (1 << 24)),
    "python: characters": (f"{limits.CHARACTERS}", "a.py", PYDLL + "#" * (1 << 24)),
    "a .pth file: bytes": (
        f"{limits.PATH_CONFIGURATION_BYTES}",
        "a.pth",
        PTH + "/opt/spam\n" * (limits.PATH_CONFIGURATION_BYTES // 10),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_not_analysed_says_so_once(case: tuple[str, str, str]) -> None:
    reason, name, text = case
    (found,) = check(name, text)
    assert (found.code, found.fix) == ("NLP900", None)
    assert reason in found.message


#: The same shapes within the limits: found, and nothing else is said.
WHOLE = {
    "cmake: a comment of 600 kB": ("CMakeLists.txt", MODULE + LINK + f"# {'a' * 600_000}\n"),
    "cmake: 3,000 appends": (
        "CMakeLists.txt",
        MODULE + "".join(f"list(APPEND L a{n})\n" for n in range(3000))
        + "list(APPEND L python3.11)\ntarget_link_libraries(m PRIVATE ${L})\n",
    ),
    "cmake: 400 items of all of 400 targets": (
        "CMakeLists.txt",
        "".join(f"link_libraries(a{n})\n" for n in range(400)) + "link_libraries(python3.11)\n"
        + "".join(f"add_library(b{n} SHARED b.c)\n" for n in range(400)) + MODULE,
    ),
    "cmake: 1,500 libraries that link each other": (
        "CMakeLists.txt",
        "add_library(l0 INTERFACE)\ntarget_link_libraries(l0 INTERFACE python3.11)\n"
        + "".join(
            f"add_library(l{n} INTERFACE)\ntarget_link_libraries(l{n} INTERFACE l{n - 1})\n"
            for n in range(1, 1500)
        )
        + MODULE + "target_link_libraries(m PRIVATE l1499)\n",
    ),
    "cmake: 300 items of a loop": (
        "CMakeLists.txt",
        MODULE + "foreach(i " + " ".join(f"a{n}" for n in range(300)) + " python3.11)\n"
        + "target_link_libraries(m PRIVATE ${i})\nendforeach()\n",
    ),
    "cmake: functions": (
        "CMakeLists.txt",
        "function(f0 a)\ntarget_link_libraries(m PRIVATE ${a})\nendfunction()\n" + MODULE
        + "".join(f"function(f{n} a)\nf{n - 1}(${{a}})\nendfunction()\n" for n in range(1, 12))
        + "f11(python3.11)\n",
    ),
    "make: a command of 100 kB": ("Makefile", MAKE + "abcdefgh.o " * 9_000 + "-lpython3.11\n"),
    "shell: a command of 100 kB": ("build.sh", GCC + "abcdefgh.o " * 9_000 + "-lpython3.11\n"),
    "make: a word of 16 kB in a branch": (
        "Makefile", "ifdef A\nX = " + "py_a-" * 3200 + "\nendif\n" + MAKE + "-lpython3.11\n",
    ),
    "shell: a word of 16 kB in a branch": (
        "build.sh", "if a; then\nX='" + "py_a-" * 3200 + "'\nfi\n" + GCC + "-lpython3.11\n",
    ),
    "shell: 24 kB of functions": (
        "build.sh",
        "".join(f"f{n}() {{\n  echo {n}\n}}\n" for n in range(1000)) + GCC + "-lpython3.11\n",
    ),
    "shell: a pipeline of 12 kB": ("build.sh", GCC + "-lpython3.11" + " | tee a" * 1500 + "\n"),
    "docker: 30 kB of RUN": (
        "Dockerfile",
        "FROM a\n" + "RUN apt-get install abcdefgh\n" * 1000 + "RUN " + GCC + "-lpython3.11\n",
    ),
    "make: the 50th target of a rule": (
        "Makefile",
        "_m50.cpython-311.so: L = -lpython3.11\n"
        + " ".join(f"_m{n}.cpython-311.so" for n in range(51)) + ":\n\tgcc -shared -o $@ $(L)\n",
    ),
    "make: the last of twelve branches": (
        "Makefile",
        "ifeq ($(A),0)\nL=-lm\n" + "".join(f"else ifeq ($(A),{n})\nL=-lm\n" for n in range(10))
        + "else ifeq ($(A),z)\nL=-lpython3.11\nendif\n" + MAKE + "$(L)\n",
    ),
    "make: what is for all else": (
        "Makefile",
        "ifeq ($(A),0)\nL=-lm\n" + "".join(f"else ifeq ($(A),{n})\nL=-lm\n" for n in range(10))
        + "else\nL=-lpython3.11\nendif\n" + MAKE + "$(L)\n",
    ),
    "shell: the last of 60 patterns": (
        "build.sh",
        "case $1 in\n" + "".join(f"a{n}) X=1;;\n" for n in range(60))
        + "z) L=-lpython3.11;;\nesac\n" + GCC + "$L\n",
    ),
    "shell: the last of twelve branches": (
        "build.sh",
        "if a; then :\n" + "".join(f"elif a{n}; then :\n" for n in range(10))
        + "elif z; then " + GCC + "-lpython3.11; fi\n",
    ),
    "cmake: references in references": (
        "CMakeLists.txt",
        MODULE + "set(a0 python3.11)\n" + "".join(f"set(a{n} a{n - 1})\n" for n in range(1, 12))
        + "target_link_libraries(m PRIVATE " + "${" * 12 + "a11" + "}" * 12 + ")\n",
    ),
    "cmake: a variable with itself, which is not known": (
        "CMakeLists.txt",
        MODULE + 'set(F "${F} -lz")\n' * 9
        + 'set_target_properties(m PROPERTIES LINK_FLAGS "${F} -lpython3.11")\n',
    ),
    "meson: 400 items of a loop": (
        "meson.build",
        MESON + "foreach i : [" + "'m', " * 400 + "'python3.11']\n"
        + "py.extension_module('n', 'n.c', link_args: '-l' + i)\nendforeach\n",
    ),
    "meson: a text of 12,000 characters": (
        "meson.build",
        MESON + "t = '" + "-lm " * 3000 + "' + '-lpython3.11'\n"
        + "py.extension_module('n', 'n.c', link_args: t.split())\n",
    ),
    "meson: 1,000 items": (
        "meson.build",
        MESON + "L = [" + ", ".join(f"'a{n}'" for n in range(1000)) + ", '-lpython3.11']\n"
        + "py.extension_module('n', 'n.c', link_args: L)\n",
    ),
    "python: 300 items of a loop": (
        "a.py",
        PYDLL + "for x in (" + "'libm.so', " * 300 + "'libpython3.11.so'):\n"
        + "    if 'python' in x: continue\n    ctypes.PyDLL(x)\n",
    ),
    "python: a name that twenty names lead to": (
        "a.py",
        PYDLL + "for x in ('libm.so', 'libpython3.11.so'):\n    y0 = x\n"
        + "".join(f"    y{n} = y{n - 1}\n" for n in range(1, 20))
        + "    if 'python' in y19: continue\n    ctypes.PyDLL(y19)\n",
    ),
    "python: a test that calls itself": (
        "a.py",
        PYDLL + "import os\ndef f(a): return f(a[1:])\n"
        + "for x in os.listdir('/usr/lib'):\n    if f(x): ctypes.PyDLL(x)\n",
    ),
    "python: a base of 30 classes": (
        "a.py",
        "import ctypes\nclass A0(ctypes.PyDLL): pass\n"
        + "".join(f"class A{n}(A{n - 1}): pass\n" for n in range(1, 30))
        + "A29('libpython3.12.so').Py_X()\n",
    ),
    "cmake: a variable with its own name in it, 200 times": (
        "CMakeLists.txt",
        "".join(f'set(CMAKE_CXX_FLAGS "${{CMAKE_CXX_FLAGS}} -W{n}")\n' for n in range(200))
        + 'string(APPEND OTHER " ${OTHER} x")\n' * 200
        + MODULE
        + LINK,
    ),
    "make: a call for each letter": (
        "Makefile",
        "UPPER = " + "".join(f"$(subst {a},{a.upper()}," for a in string.ascii_lowercase) + "$(1)"
        + ")" * 26 + "\nL_AB = -lpython3.11\n" + MAKE + "$(L_$(call UPPER,ab))\n",
    ),
    "make: 3,000 modules that compilers pass on by pipes": (
        "Makefile",
        "CFLAGS = -pipe" + " -W" * 40 + "\n" + MAKE + "-lpython3.11\n"
        + "lib%.so: %.c\n\tcc -shared $(CFLAGS) -o $@ $< -lm\nall:"
        + "".join(f" lib{n}.so" for n in range(3000)) + "\n",
    ),
    "a .pth file of 6,000 directories": ("a.pth", PTH + "/opt/spam\n" * 6000),
    "python: 200,000 blanks": ("a.py", PYDLL + "x =" + " \t" * 100_000 + "1\n"),
    "python: a name that no limit is in the way of": ("a.py", PYDLL + "ctypes.PyDLL(unknown)\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", WHOLE.values(), ids=WHOLE)
def test_a_large_file_is_analysed_to_its_end(case: tuple[str, str]) -> None:
    assert [one.code[:4] for one in check(*case)] in (["NLP1"], ["NLP2"])


#: A link in each language, behind which there are many comments.
LEXED = {
    "CMakeLists.txt": MODULE + LINK,
    "Makefile": MAKE + "-lpython3.11\n",
    "build.sh": GCC + "-lpython3.11\n",
    "Dockerfile": "FROM a\nRUN " + GCC + "-lpython3.11\n",
    "meson.build": MESON
    + "py.extension_module('m', 'm.c', dependencies: dependency('python3-embed'))\n",
    "build.rs": 'fn main() { println!("cargo:rustc-link-lib=python3.11"); }\n',
    "m.pyx": "# distutils: libraries = python3.11\n",
    "meta.yaml": "build:\n  script: gcc -shared -o _m.cpython-311.so m.o -lpython3.11\n",
}


@pytest.mark.parametrize(
    ("kibibytes", "times"),
    [(0, 1), (1, 1), (64, 1), (65, 2), (128, 2), (256, 4), (1024, 4), (1025, 0.75)],
)
def test_a_larger_file_has_more_time(
    kibibytes: int, times: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "thread_time", lambda: 0.0)
    with analysis.begin(kibibytes * 1024) as running:
        assert running.deadline == times * 1.7
        running.restart(limits.FOLLOWING_MILLISECONDS)
        assert running.deadline == times * 1.7


def test_the_time_is_of_the_file_that_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock runs for a file of 100 KiB after a share of its time, for one of 10 not."""
    text = LEXED["CMakeLists.txt"]
    for size, cut in ((10, True), (100, False)):
        times = itertools.chain([0.0], itertools.repeat(2.0))
        monkeypatch.setattr(time, "thread_time", functools.partial(next, times))
        long = text + "# more\n" * (size * 1024 // 7)
        assert bool(told(check("CMakeLists.txt", long))) is cut


def test_sources_that_are_read_take_no_time_of_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As all other files of the project: of 3 seconds, none counts."""
    seconds = [0.0]

    def role_in_three_seconds(text: str) -> module_definitions.Role:
        seconds[0] += 3.0
        return module_definitions.role_of(text)

    monkeypatch.setattr(time, "thread_time", lambda: seconds[0])
    monkeypatch.setattr(source_roles, "role_of", role_in_three_seconds)
    (tmp_path / "m.c").write_text("#include <Python.h>\nPyMODINIT_FUNC PyInit_m(void) {}\n")
    text = LEXED["CMakeLists.txt"]
    (tmp_path / "CMakeLists.txt").write_text(text)
    path = str(tmp_path / "CMakeLists.txt")
    assert [one.code for one in api.check_bytes(text.encode(), path)] == ["NLP201"]
    assert seconds[0] >= 3.0


#: Files whose findings depend on a later analysis, or are in a program that is a part of the file.
QUESTIONS = {
    "setup.py": "import sys\nfrom setuptools import Extension, setup\nlibs = ['python3.11']\n"
    "if sys.platform not in ('linux', 'darwin'):\n    libs.append('python3.12')\n"
    "setup(ext_modules=[Extension('a', ['a.c'], libraries=libs)])\n",
    "Makefile.in": MAKE + "-lpython3.11\n",
    "run.sh": f"python3 - <<'E'\n{PYDLL}E\n",
    "a.py": "import ctypes, sys\nname = 'libm.so'\n"
    "if sys.platform not in ('linux', 'darwin'):\n    name = 'libpython3.11.so'\n"
    "ctypes.PyDLL(name).Py_X()\nctypes.PyDLL('libpython3.12.so').Py_X()\n",
}


@pytest.mark.parametrize("times", [1, 1_000_000], ids=["once", "for good"])
@pytest.mark.parametrize("name", sorted(LEXED.keys() - {"build.rs"} | QUESTIONS.keys()))
def test_a_file_whose_time_ends_anywhere_says_so(
    name: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The time ends before each look at the clock in turn, for good or until it is renewed."""
    text = {**LEXED, **QUESTIONS}[name]  # a build.rs has links beside a Cargo.toml
    whole, looks, begun = check(name, text), [0], 0

    def read_clock() -> float:
        looks[0] += 1
        return 9.0 * min(max(looks[0] - begun, 0), times)

    monkeypatch.setattr(time, "thread_time", read_clock)
    while looks[0] >= begun:
        looks[0], begun = 0, begun + 1
        found = check(name, text)
        assert found == whole or told(found), f"after {begun} looks"
    assert whole


@pytest.mark.parametrize("name", ["CMakeLists.txt", "meson.build"])
def test_a_walk_that_is_cut_keeps_its_links(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a question about the modules, for which no time is left, take them away."""
    more = "set(a b)\n" if name == "CMakeLists.txt" else "a = 'b'\n"
    times = itertools.chain([0.0] * 6, itertools.repeat(2.0))  # the seventh look is the walk's
    monkeypatch.setattr(time, "thread_time", functools.partial(next, times))
    found = {one.code for one in check(name, LEXED[name] + more * 1000)}
    assert len(found) == 2
    assert "NLP900" in found


@pytest.mark.parametrize("name", LEXED)
def test_a_lexer_looks_at_the_clock(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = LEXED[name] + ("//\n" if name.endswith(".rs") else "#\n") * 5000
    assert told(check(name, text)) == []

    def restart_late(running: analysis.Analysis, **_: object) -> None:
        running.clock, running.deadline, running.is_shared = limits.TIME_MILLISECONDS, -1.0, True

    monkeypatch.setattr(analysis.Analysis, "restart", restart_late)
    assert f"{limits.TIME_MILLISECONDS}" in told(check(name, text))[0]


#: The comment that suppresses a finding of each language, and a language whose lexer has no tokens.
SUPPRESSED = {
    **LEXED,
    "setup.cfg": "[build_ext]\nlibraries = python3.11\n",
    "pyproject.toml": '[[tool.setuptools.ext-modules]]\nname = "m"\nlibraries = ["python3.11"]\n',
    "a.spec": "Name: a\n%build\ngcc -shared -o _m.cpython-311.so m.o -lpython3.11\n",
    "a.py": "import ctypes\nctypes.PyDLL('libpython3.11.so').Py_X()\n",
}


@pytest.mark.parametrize("name", SUPPRESSED)
def test_the_search_for_comments_looks_at_the_clock(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = "//" if name.endswith(".rs") else "#"
    text = SUPPRESSED[name] + f"{mark} nolibpy: ignore[NLP201, NLP101]\n" * 99
    unused = len([one for one in check(name, text) if one.code == "NLP901"])
    assert unused == 99
    monkeypatch.setattr(
        analysis.Analysis, "leave_time", lambda running: setattr(running, "deadline", -1.0)
    )
    found = check(name, text)
    assert [f"{limits.TIME_MILLISECONDS}" in message for message in told(found)] == [True]
    known = {one.code for one in check(name, SUPPRESSED[name])}
    assert {one.code for one in found} == {*known, "NLP900"}, "what was found is reported"
    assert not any(one.fix for one in found)


def test_a_file_out_of_time_keeps_its_suppressions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comments are found after the time is over, as long as that does not take long."""
    text = LEXED["CMakeLists.txt"].replace(LINK, LINK.rstrip() + " # nolibpy: ignore[NLP201]\n")
    times = itertools.chain([0.0], itertools.repeat(2.0))
    monkeypatch.setattr(time, "thread_time", functools.partial(next, times))
    found = check("CMakeLists.txt", text + "# more\n" * 1000)
    assert [one.code for one in found] == ["NLP900"]


@pytest.mark.parametrize(
    ("name", "head", "piece", "tail"),
    [
        pytest.param("pyproject.toml", "[tool.nolibpy]\na = [", "1,", "]\n", id="array of TOML"),
        pytest.param("Makefile", LEXED["Makefile"] + "A = ", "\\\n", "\n", id="line of make"),
        pytest.param("Makefile", MAKE + "-lpython3.11 $(a", "()", ")\n", id="reference of make"),
        pytest.param("build.sh", LEXED["build.sh"], "$", "\n", id="word of the shell"),
        pytest.param("build.sh", LEXED["build.sh"] + 'a="', "$a ", '"\n', id="quotation"),
        pytest.param("a.inc", LEXED["Makefile"], "if a\n", "", id="tests of Automake, perhaps"),
    ],
)
def test_what_is_long_looks_at_the_clock(
    name: str, head: str, piece: str, tail: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    monkeypatch.setattr(analysis, "check_time", lambda: looks.append(1))
    for items in (10, 5000):
        assert told(check(name, head + piece * items + tail)) == []
        looks.append(0)
    few, many, _ = "".join(map(str, looks)).split("0")
    assert len(many) > len(few)


@pytest.mark.parametrize(("characters", "is_fixed"), [(1_000, True), (1_000_000, False)])
def test_a_project_of_too_many_characters_is_not_complete(
    characters: int, is_fixed: bool, tmp_path: Path
) -> None:
    """One of its files may use the variable as well."""
    folders = ("a", "b", "c", "d")
    for name in folders:
        (tmp_path / name).mkdir()
        (tmp_path / name / "CMakeLists.txt").write_text("#" * characters)
    text = "project(a C)\nfind_package(Python COMPONENTS Interpreter Development)\n" + MODULE
    text += "set(L Python::Python)\ntarget_link_libraries(m PRIVATE ${L})\n"
    text += "".join(f"add_subdirectory({name})\n" for name in folders)
    path = tmp_path / "CMakeLists.txt"
    path.write_text(text)
    (found,) = api.check_bytes(text.encode(), str(path))
    assert (found.fix is not None) is is_fixed


#: Pieces of which a file took seconds, or a gigabyte, where no clock is looked at.
PIECES = {
    "line ends of old Macs": ("CMakeLists.txt", "\r" * 4_000_000),
    "blank lines": ("CMakeLists.txt", "\n" * 4_000_000),
    "blanks": ("CMakeLists.txt", " " * 4_000_000),
    "dollar signs": ("Makefile", "$" * 60_000 + "\n"),
    "objects": ("Makefile", ".o:" * 20_000 + "\n"),
    "one command of marks": ("build.sh", "@" * 4_000_000),
    "a comment that goes on": ("CMakeLists.txt", "#\r" * 2_000_000),
}


@pytest.mark.parametrize("pieces", PIECES)
def test_pieces_take_little_more_than_a_loop(pieces: str) -> None:
    name, more = PIECES[pieces]

    def compare() -> tuple[float, set[str]]:
        api.check_bytes(LEXED[name].encode(), name)  # imports do not count
        begun = time.process_time()
        for _ in range(4_000_000):
            pass
        looped = time.process_time()
        found = {one.code for one in api.check_bytes((LEXED[name] + more).encode(), name)}
        return (time.process_time() - looped) / (looped - begun), found

    # What else the machine does falls on one of both loops at times, hardly on all three pairs.
    several = (confined(compare, memory=200 << 20) for _ in range(3))
    loops, found = next((one for one in several if one[0] < 14), (14.0, set()))
    assert loops < 14
    assert found == {"NLP201"}
