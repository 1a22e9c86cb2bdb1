"""A message says what is wrong, then what to do."""

from __future__ import annotations

import pytest

from tests.buildsystems.rewriting import found, text_of

AS_IF = "to libpython as if it embedded Python"

#: File, text, and the messages in the order of the text.
MESSAGES = {
    "a flag is to be deleted": (
        "setup.py",
        """
        from setuptools import Extension, setup

        setup(ext_modules=[Extension("tally", ["tally.c"], libraries=["python3.11"])])
        """,
        ['`"python3.11"` links extension module `tally` to libpython; delete it'],
    ),
    "an embedding target has its counterpart": (
        "CMakeLists.txt",
        """
        cmake_minimum_required(VERSION 3.18)
        find_package(Python3 COMPONENTS Development.Module Development.Embed)
        Python3_add_library(tally MODULE tally.c)
        target_link_libraries(tally PRIVATE Python3::Python)
        """,
        [f"`Python3::Python` links extension module `tally` {AS_IF}; use `Python3::Module`"],
    ),
    "a variable that is deleted has none": (
        "CMakeLists.txt",
        """
        find_package(pybind11)
        pybind11_add_module(tally tally.cpp)
        target_link_libraries(tally PRIVATE ${PYTHON_LIBRARIES})
        """,
        [f"`${{PYTHON_LIBRARIES}}` links extension module `tally` {AS_IF}; delete it"],
    ),
    "a variable that some platforms need has a condition": (
        "CMakeLists.txt",
        """
        find_package(PythonLibs)
        python_add_module(tally tally.cpp)
        target_link_libraries(tally ${PYTHON_LIBRARIES})
        """,
        [
            (
                f"`${{PYTHON_LIBRARIES}}` links extension module `tally` {AS_IF}; "
                "link `${PYTHON_LIBRARIES}` only where the platform needs it"
            )
        ],
    ),
    "a shared library becomes a module": (
        "CMakeLists.txt",
        """
        find_package(pybind11)
        pybind11_add_module(tally SHARED tally.cpp)
        """,
        [f"`SHARED` links extension module `tally` {AS_IF}; use `MODULE`"],
    ),
    "a preload links nothing": (
        "run.sh",
        "LD_PRELOAD=/usr/lib/libpython3.11.so exec python3 app.py\n",
        [
            (
                "`/usr/lib/libpython3.11.so` is preloaded into Python, which has a runtime of its "
                "own; build the module that needs it without the link"
            )
        ],
    ),
    "pkg-config has a package for modules": (
        "meson.build",
        """
        project('tally', 'c')
        py = import('python').find_installation()
        embed = dependency('python3-embed')
        py.extension_module('tally', 'tally.c', dependencies: [embed, py.dependency(embed: true)])
        """,
        [
            f"`'python3-embed'` links extension module `tally` {AS_IF}; use `python3`",
            f"`embed: true` links extension module `tally` {AS_IF}; delete it",
        ],
    ),
    "so has a command": (
        "build.sh",
        """
        cc -shared tally.c -o tally.abi3.so $(pkg-config --libs python-3.11-embed)
        cc -shared scale.c -o scale.abi3.so $(python3-config --ldflags --embed)
        """,
        [
            f"`python-3.11-embed` links extension module `tally.abi3.so` {AS_IF}; use `python-3.11`",
            f"`--embed` links extension module `scale.abi3.so` {AS_IF}; delete it",
        ],
    ),
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_says_what_is_wrong_and_then_what_to_do(name: str) -> None:
    file, text, messages = MESSAGES[name]
    assert [finding.message for finding in found(text_of(text), file)] == messages


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("cc -shared -o m.abi3.so m.c $NAME\n", "it is linked here"),
        ("LD_PRELOAD=$NAME python3 app.py\n", "it is preloaded into this Python"),
    ],
)
def test_the_place_that_a_name_leads_to_is_called_what_it_is(text: str, place: str) -> None:
    (finding,) = found(f"NAME=/usr/lib/libpython3.11.so\n{text}", "run.sh")
    assert [one.message for one in finding.related] == [place]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("_a_la_LDFLAGS = -module\n_a_la_LIBADD = $(PYTHON_EMBED_LIBS) -lm\n", []),
        ("L = -lpython3.11\n_a_la_LDFLAGS = -module\n_a_la_LIBADD = $(L) -lm\n", [4]),
    ],
)
def test_a_link_is_shown_apart_only_if_it_is_on_another_line(text: str, rows: list[int]) -> None:
    (finding,) = found(f"pyexec_LTLIBRARIES = _a.la\n{text}", "Makefile.am")
    assert [each.start.row for each in finding.related] == rows
