"""A word is deleted only from a list that nobody counts, and not away from its option."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine.api import check_bytes, fix_bytes

SETUP = "from setuptools import setup, Extension\n"
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
    ("build.sh", f'F="-l python3.11"\n{CC} $F\n'),
    ("Makefile", f"L = -Xlinker -lpython3.11\nm.abi3.so: m.o\n\t{CC} $(L)\n"),
    ("Makefile", f"m.abi3.so: m.o\n\t{CC} -Xlinker \\\n\t  -lpython3.11\n"),
    ("Dockerfile", f"FROM a\nRUN {CC} -Xlinker -lpython3.11 -lm\n"),
    ("Dockerfile", f'FROM a\nENV L="-l python3.11"\nRUN {CC} $L\n'),
)


@pytest.mark.parametrize(("name", "text"), HALVES)
def test_no_option_is_left_without_its_value(name: str, text: str) -> None:
    fixed = fix_bytes(text.encode(), name, unsafe=True).data.decode()
    assert fixed == text or not ("Xlinker" in fixed or "-l'" in fixed or "-l " in fixed), fixed


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
