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
]
LENIENT = [
    '"-Wl,--allow-shlib-undefined"',
    '"-undefined", "dynamic_lookup"',
    '"-Wl,-z,now"',
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
