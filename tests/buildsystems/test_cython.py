"""Cython's directives: what a source file says of the extension module that is made of it."""

from __future__ import annotations

import pytest

from tests.buildsystems.rewriting import fixed, reported

NAME = "a.pyx"

#: Text, what is marked, and the text after the fix.
REWRITES = [
    ("# distutils: libraries = m python3.11\n", "python3.11", "# distutils: libraries = m\n"),
    ("# distutils: libraries = python3.11\nx = 1\n", "python3.11", "x = 1\n"),
    (
        '# distutils: libraries = ["m", "python3.11"]\n',
        "python3.11",
        '# distutils: libraries = ["m"]\n',
    ),
    ("# distutils: libraries = [python3.11]\n", "python3.11", ""),
    ('# distutils: libraries = "python3.11" m\n', "python3.11", "# distutils: libraries = m\n"),
    (
        '# distutils: extra_link_args = "-L/x -lpython3.11"\n',
        "-lpython3.11",
        '# distutils: extra_link_args = "-L/x"\n',
    ),
    ("# distutils: extra_objects = /lib/libpython3.11.a\n", "/lib/libpython3.11.a", ""),
    ("# cython: libraries = python3.11\n", "python3.11", ""),
]


@pytest.mark.parametrize(("before", "marked", "after"), REWRITES)
def test_the_word_goes_and_an_empty_directive_with_it(before: str, marked: str, after: str) -> None:
    assert reported(before, NAME) == [("NLP201", marked)]
    assert fixed(before, NAME) == after


@pytest.mark.parametrize(
    "text",
    [
        "# distutils: libraries = python311\n",
        "# distutils: libraries = boost_python311 pythonqt\n",
        "# distutils: library_dirs = /usr/lib/python3.11\n",
        "# distutils: language = c++\n# python3.11\n",
        "x = 1\n# distutils: libraries = python3.11\n",  # not at the top: Cython reads none of it
        "libraries = 'python3.11'\n",
    ],
)
def test_what_links_nothing_is_silent(text: str) -> None:
    assert reported(text, NAME) == []
