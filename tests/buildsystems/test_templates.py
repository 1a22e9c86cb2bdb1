"""Templates of build files: what is no CMake or Meson yet is not reported as broken."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.engine import api

CMAKE = """\
find_package(Python3 COMPONENTS Development)
{% if cookiecutter.module %}
Python3_add_library(tally MODULE tally.c)
{%- endif %}
set(FLAGS "-lpython{{ cookiecutter.python }}")
"""
MESON = """\
project('tally', 'c')
{% if cookiecutter.embed %}
dep = dependency('python3-embed')
{% endif %}
"""


def codes(name: str, text: str) -> list[str]:
    return [one.code for one in api.check_bytes(text.encode(), name)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("{{ cookiecutter.name }}/CMakeLists.txt", CMAKE),
        ("templates/toolchain.cmake", CMAKE),
        ("x.tmpl.cmake", CMAKE),
        ("{{cookiecutter.name}}/meson.build", MESON),
    ],
)
def test_a_template_of_jinja_is_silent(name: str, text: str) -> None:
    assert codes(name, text) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CMakeLists.txt", CMAKE),
        ("meson.build", MESON),
        ("template/CMakeLists.txt", "set(FLAGS -lpython3.11)\n{ if }\n"),
        ("CMakeLists.txt", "set(FLAGS -lpython3.11)\n{ if }\n"),
        ("CMakeLists.txt", "set(FLAGS -lpython3.11)\n% if %\n"),
        ("meson.build", "project('tally', 'c')\ndep = dependency('python3-embed'\n"),
    ],
)
def test_what_only_looks_alike_is_broken(name: str, text: str) -> None:
    assert codes(name, text) == ["NLP900"]


def test_a_listfile_that_writes_a_template_is_read() -> None:
    text = """\
file(WRITE page.html [[
{% if tally %}
]])
pybind11_add_module(tally tally.cpp)
target_link_libraries(tally PRIVATE pybind11::embed)
"""
    assert codes("CMakeLists.txt", text) == ["NLP202"]
