"""The link graph: one reason against a fix is one sentence, whatever the build language."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.buildsystems.rewriting import found

OTHER_TARGET = (
    "something that is not an extension module uses it, too: give the module one of its own"
)
OTHER_LIBRARY = "it may be another library as well"
ASSEMBLED = "its value is assembled from several places"
NO_EDIT = "no single edit removes it"
UNREAD = "parts of the project that may use it could not be read"

CMAKE = """\
    cmake_minimum_required(VERSION 3.18)
    project(tally C)
    find_package(Python3 COMPONENTS Interpreter Development REQUIRED)
    Python3_add_library(tally MODULE tally.c)
"""
MESON = """\
    project('tally', 'c')
    py = import('python').find_installation()
"""

#: Why there is no fix, the file, and its text.
BLOCKED = {
    "a program uses a variable of CMake": (
        OTHER_TARGET,
        "CMakeLists.txt",
        CMAKE
        + """\
    add_executable(host host.c)
    set(LIBS Python3::Python)
    target_link_libraries(tally PRIVATE ${LIBS})
    target_link_libraries(host PRIVATE ${LIBS})
    """,
    ),
    "a program uses a dependency of Meson": (
        OTHER_TARGET,
        "meson.build",
        MESON
        + """\
    dep = dependency('python3-embed')
    py.extension_module('tally', 'tally.c', dependencies: dep)
    executable('host', 'host.c', dependencies: dep)
    """,
    ),
    "a program uses a variable of make": (
        OTHER_TARGET,
        "Makefile",
        """\
    LIBS = -lpython3.11
    tally.abi3.so: tally.o
    \tcc -shared -o $@ $^ $(LIBS)
    host: host.o
    \tcc -o $@ $^ $(LIBS)
    """,
    ),
    "a library uses a variable of the shell": (
        OTHER_TARGET,
        "build.sh",
        """\
    LIBS=-lpython3.11
    cc -shared -o tally.abi3.so tally.o $LIBS
    cc -shared -o libhost.so host.o $LIBS
    """,
    ),
    "CMake fills in a part of the name": (
        ASSEMBLED,
        "CMakeLists.txt",
        CMAKE + "    set(V 3.11)\n    target_link_libraries(tally PRIVATE python${V})\n",
    ),
    "a word is a library for one target and a flag for another": (
        OTHER_LIBRARY,
        "CMakeLists.txt",
        CMAKE
        + """\
    set(LIB python3.11)
    target_link_libraries(tally PRIVATE ${LIB})
    set_target_properties(tally PROPERTIES LINK_FLAGS ${LIB})
    """,
    ),
    "a folder of CMake is missing": (
        UNREAD,
        "CMakeLists.txt",
        CMAKE
        + """\
    set(LIBS Python3::Python)
    target_link_libraries(tally PRIVATE ${LIBS})
    add_subdirectory(host)
    """,
    ),
    "a folder of Meson is missing": (
        UNREAD,
        "meson.build",
        MESON
        + """\
    dep = dependency('python3-embed')
    py.extension_module('tally', 'tally.c', dependencies: dep)
    subdir('host')
    """,
    ),
    "a set of Python": (
        NO_EDIT,
        "setup.py",
        """\
    from setuptools import Extension, setup
    setup(ext_modules=[Extension("tally", ["tally.c"], libraries={"python3.11", "m"})])
    """,
    ),
}


@pytest.mark.parametrize("name", BLOCKED)
def test_a_reason_against_a_fix_has_one_sentence_in_all_languages(name: str) -> None:
    reason, file, text = BLOCKED[name]
    (finding,) = found(dedent(text), file)
    assert finding.fix is None
    assert finding.no_fix_reason == reason


#: The same links with nothing against the fix.
FIXED = {
    "CMake": (
        "CMakeLists.txt",
        CMAKE + "    set(LIBS Python3::Python)\n    target_link_libraries(tally PRIVATE ${LIBS})\n",
    ),
    "Meson": (
        "meson.build",
        MESON
        + """\
    dep = dependency('python3-embed')
    py.extension_module('tally', 'tally.c', dependencies: dep)
    """,
    ),
    "make": (
        "Makefile",
        "LIBS = -lpython3.11\ntally.abi3.so: tally.o\n\tcc -shared -o $@ $^ $(LIBS)\n",
    ),
    "shell": ("build.sh", "LIBS=-lpython3.11\ncc -shared -o tally.abi3.so tally.o $LIBS\n"),
}


@pytest.mark.parametrize("name", FIXED)
def test_nothing_else_blocks_these_fixes(name: str) -> None:
    file, text = FIXED[name]
    (finding,) = found(dedent(text), file)
    assert finding.fix is not None
    assert [related.message for related in finding.related] == ["it is linked here"]
