"""A link that refuses undefined symbols fails without libpython: reported, and left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import found

STRICT = [
    '"-Wl,--no-undefined"',
    '"-Wl,-no-undefined"',
    '"-Wl,-z,defs"',
    '"-z", "defs"',
    '"-zdefs"',
    '"-Wl,-undefined,error"',
    '"-s", "-Wl,--no-undefined", "-lm"',
    '"-Wl,-z", "-Wl,defs"',
    '"-Xlinker", "-z", "-Xlinker", "defs"',
    '"-Wl,--unresolved-symbols=report-all"',
]
LENIENT = [
    '"-Wl,--allow-shlib-undefined"',
    '"-undefined", "dynamic_lookup"',
    '"-Wl,-z,now"',
    '"-Wl,-z,nodefs"',
    '"-Wl,--no-undefined-version"',
    '"-Wl,--undefined=defs"',
    '"-lm"',
    '"-Wl,--unresolved-symbols=ignore-all"',
]
SETUP = (
    "from setuptools import Extension, setup\nflags = [{flags}]\n"
    'setup(ext_modules=[Extension("a", ["a.c"], libraries=["python3.11"], extra_link_args=flags)])\n'
)
PYPROJECT = (
    '[[tool.setuptools.ext-modules]]\nname = "a"\nsources = ["a.c"]\nlibraries = ["python3.11"]\n'
    "extra-link-args = [{flags}]\n"
)
BAZEL = (
    'FLAGS = [{flags}]\npybind_extension(\n    name = "a",\n    srcs = ["a.cc"],\n'
    '    linkopts = FLAGS + ["-lpython3.11"],\n)\n'
)
MESON = (
    "project('a', 'c')\npy = import('python').find_installation()\n"
    "dep = dependency('python3-embed')\n"
    "py.extension_module('a', 'a.c', dependencies: dep, link_args: [{flags}])\n"
)
PROJECT = MESON.replace("py =", "add_project_link_arguments({flags}, language: 'c')\npy =").replace(
    "[{flags}]", "[]"
)
TEXTS = {
    "setup.py": SETUP,
    "pyproject.toml": PYPROJECT,
    "BUILD.bazel": BAZEL,
    "a/meson.build": MESON,
    "meson.build": PROJECT,
}


def _text(name: str, flags: str) -> str:
    return TEXTS[name].format(flags=flags.replace('"', "'") if "meson" in name else flags)


@pytest.mark.parametrize("flags", STRICT)
@pytest.mark.parametrize("name", TEXTS)
def test_a_strict_link_is_reported_and_not_edited(name: str, flags: str) -> None:
    text = _text(name, flags)
    (finding,) = found(text, name)
    assert finding.fix is None
    assert "forbids undefined symbols" in finding.no_fix_reason
    assert api.fix_bytes(text.encode(), name, unsafe=True).data == text.encode()


@pytest.mark.parametrize("flags", LENIENT)
@pytest.mark.parametrize("name", TEXTS)
def test_other_flags_do_not_stop_a_fix(name: str, flags: str) -> None:
    (finding,) = found(_text(name, flags), name)
    assert finding.fix is not None


@pytest.mark.parametrize("name", TEXTS)
def test_a_comment_does_not_stop_a_fix(name: str) -> None:
    (finding,) = found("# without -Wl,--no-undefined it works\n" + _text(name, '"-lm"'), name)
    assert finding.fix is not None


def test_flags_of_the_project_s_other_files_count(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "meson.build").write_text(
        "project('a', 'c')\nstrict = ['-Wl,--no-undefined']\nsubdir('src')\n"
    )
    text = MESON.partition("\n")[2].replace("[{flags}]", "strict")
    file = tmp_path / "src" / "meson.build"
    file.write_text(text)
    (finding,) = found(text, str(file))
    assert finding.fix is None
    (tmp_path / "meson.build").write_text("project('a', 'c')\nstrict = []\nsubdir('src')\n")
    (finding,) = found(text, str(file))
    assert finding.fix is not None


CFG = "[build_ext]\nlink_objects = x.o\nlibraries = python3.11\n"
PYX = "# distutils: libraries = python3.11\nx = 1\n"
CMAKE = (
    "cmake_minimum_required(VERSION 3.18)\nproject(a C)\n"
    "find_package(Python3 COMPONENTS Development)\nPython3_add_library(a MODULE a.c)\n"
    "target_link_libraries(a PRIVATE Python3::Python)\n"
)
LINKS = {
    "setup.py": SETUP.format(flags=""),
    "pyproject.toml": PYPROJECT.format(flags=""),
    "setup.cfg": CFG,
    "src/a.pyx": PYX,
    "CMakeLists.txt": CMAKE,
}
SIBLINGS = {
    "setup.py": "flags = ['-Wl,--no-undefined']\n",
    "setup.cfg": "[build_ext]\nlink_args = -Wl,-z,defs\n",
    "pyproject.toml": '[tool.cibuildwheel.linux]\nenvironment = { LDFLAGS = "-Wl,--no-undefined" }\n',
}


@pytest.mark.parametrize("sibling", SIBLINGS)
@pytest.mark.parametrize("name", LINKS)
def test_the_flags_of_a_sibling_file_count(tmp_path: Path, name: str, sibling: str) -> None:
    if name == sibling:
        pytest.skip("it is the file itself")
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(LINKS[name])
    (tmp_path / sibling).write_text(SIBLINGS[sibling])
    (finding,) = found(LINKS[name], str(file))
    assert finding.fix is None
    assert "forbids undefined symbols" in finding.no_fix_reason
    (tmp_path / sibling).write_text("# " + SIBLINGS[sibling].replace("\n", " ") + "\n")
    (finding,) = found(LINKS[name], str(file))
    assert finding.fix is not None


def test_another_project_s_flags_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text(SIBLINGS["setup.cfg"])
    inner = tmp_path / "inner" / "src"
    inner.mkdir(parents=True)
    (inner.parent / "pyproject.toml").write_text("[project]\nname = 'a'\n")
    file = inner / "a.pyx"
    file.write_text(PYX)
    (finding,) = found(PYX, str(file))
    assert finding.fix is not None
