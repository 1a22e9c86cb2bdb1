"""A link that refuses undefined symbols fails without libpython: no safe fix, an unsafe one."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.knowledge import link_references
from no_libpython_dlopen.model.finding import Applicability
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
def test_a_strict_flag_goes_with_the_link_or_nothing_does(name: str, flags: str) -> None:
    text = _text(name, flags)
    (finding,) = found(text, name)
    assert api.fix_bytes(text.encode(), name, unsafe=False).data == text.encode()
    after = api.fix_bytes(text.encode(), name, unsafe=True)
    if name == "pyproject.toml":
        assert finding.fix is None
        assert "forbids undefined symbols" in finding.no_fix_reason
        assert after.data == text.encode()
        return
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.UNSAFE
    assert any("no longer refuses other symbols" in each for each in finding.fix.caveats)
    assert not after.findings
    assert not link_references.forbids_undefined(after.data.decode())
    kept = [flag for flag in ("-s", "-lm") if f'"{flag}"' in flags]
    assert all(flag in after.data.decode() for flag in kept)


#: A list or text with strict flags, and what the unsafe fix makes of it.
REWRITTEN = [
    ("['-lm', '-Wl,-O1,--no-undefined']", "['-lm', '-Wl,-O1']"),
    ("['-Wl,-z,defs,-O1', '-lm']", "['-Wl,-O1', '-lm']"),
    ("['-Xlinker', '-z', '-Xlinker', 'defs', '-lm']", "['-lm']"),
    ("['-lm', '-Wl,--no-undefined',]", "['-lm',]"),
    ("['-lm',\n    '-Wl,--no-undefined',\n    '-s']", "['-lm',\n    '-s']"),
    ("'-s -Wl,--no-undefined -lm'.split()", "'-s -lm'.split()"),
    ("'-Wl,--no-undefined -lm'.split()", "'-lm'.split()"),
    ("('-lm', '-Wl,-z', '-Wl,defs')", "('-lm',)"),
]
#: Code of which no single edit takes the strict flag.
KEPT = [
    "['-Wl,-z,' + kind for kind in ('now', 'defs')]",
    "['-Wl,--no-%s' % kind for kind in ('undefined',)]",
    "[','.join(('-Wl', '-z', 'defs'))]",
    "['-lm', STRICT]\nSTRICT = '-Wl,--no-undefined'",
    "[\n    '-Wl,--no-undefined',  # for the distribution\n    '-lm',\n]",
]


@pytest.mark.parametrize(("before", "after"), REWRITTEN)
def test_what_is_left_of_a_list(before: str, after: str) -> None:
    text = SETUP.replace("[{flags}]", before)
    fixed = api.fix_bytes(text.encode(), "setup.py", unsafe=True)
    expected = SETUP.replace("[{flags}]", after).replace('["python3.11"]', "[]")
    assert fixed.data.decode() == expected
    (finding,) = found(text, "setup.py")
    assert finding.fix is not None
    assert finding.fix.message.endswith(", and the flags that refuse undefined symbols")


@pytest.mark.parametrize("code", KEPT)
def test_a_flag_that_is_put_together_stays(code: str) -> None:
    (finding,) = found(SETUP.replace("[{flags}]", code), "setup.py")
    assert finding.fix is None
    assert "forbids undefined symbols" in finding.no_fix_reason


#: The same, in statements before the call; ``flags`` is what the extension gets.
READ_OTHERWISE = [
    "flags = ['-Wl,--no-undefined']\nassert len(flags) == 1\n",
    "flags = ['-Wl,--no-undefined', '-lm']\nfirst = flags[0]\n",
    "flags = ['-lm']\nflags[0:0] = ['-Wl,--no-undefined']\n",
    "first, second = ['-Wl,--no-undefined', '-lm']\nflags = [first, second]\n",
    "pairs = [('linux', '-Wl,--no-undefined')]\nflags = [flag for _, flag in pairs]\n",
    "strict = '-Wl,--no-undefined'\nflags = [strict]\n",
]


@pytest.mark.parametrize("lines", READ_OTHERWISE)
def test_a_flag_whose_place_matters_stays(lines: str) -> None:
    text = SETUP.replace("flags = [{flags}]\n", lines)
    (finding,) = found(text, "setup.py")
    assert finding.fix is None


def test_a_variable_of_the_environment_may_be_empty() -> None:
    lines = "import os\nos.environ['LDFLAGS'] = '{}'\nflags = []\n"
    text = SETUP.replace("flags = [{flags}]\n", lines.format("-Wl,--no-undefined"))
    fixed = api.fix_bytes(text.encode(), "setup.py", unsafe=True).data.decode()
    after = SETUP.replace("flags = [{flags}]\n", lines.format(""))
    assert fixed == after.replace('["python3.11"]', "[]")


@pytest.mark.parametrize(
    "lines",
    [
        "f = ['-Wl,--no-undefined']\nx = f[0]\n",
        "f = ['-Wl,--no-undefined']\nassert(f.length() == 1)\n",
        "f = ['-lm']\nforeach pair : [['a', '-Wl,--no-undefined']]\n  f += pair[1]\nendforeach\n",
        "f = '-Wl,--no-undefined'\n",
    ],
)
def test_a_flag_of_meson_whose_place_matters_stays(lines: str) -> None:
    text = MESON.replace("[{flags}]", "f").replace("dep =", lines + "dep =")
    (finding,) = found(text, "meson.build")
    assert finding.fix is None


MODULE_LIBRARY = (
    "project('a', 'c'{project})\npy = import('python').find_installation()\n"
    "dep = py.dependency(embed: true)\n"
    "{kind}('a', 'a.c', name_prefix: '', dependencies: dep,\n"
    "  install_dir: py.get_install_dir(){more})\n"
)
OPTION = "override_options: ['b_lundef=false']"


def _module_library(kind: str = "shared_library", project: str = "", more: str = "") -> str:
    return MODULE_LIBRARY.format(kind=kind, project=project, more=more)


def test_meson_itself_forbids_undefined_symbols_in_shared_libraries() -> None:
    text = _module_library()
    assert api.fix_bytes(text.encode(), "meson.build", unsafe=False).data == text.encode()
    fixed = api.fix_bytes(text.encode(), "meson.build", unsafe=True).data.decode()
    expected = _module_library(more=f",\n  {OPTION}").replace("embed: true", "")
    assert fixed == expected


@pytest.mark.parametrize(
    "text",
    [
        _module_library("shared_module"),
        _module_library(project=", default_options: ['b_lundef=false']"),
        _module_library(project=", default_options: {'b_lundef': 'false'}"),
        _module_library(more=f", {OPTION}"),
    ],
)
def test_where_meson_does_not_the_fix_is_safe(text: str) -> None:
    fixed = api.fix_bytes(text.encode(), "meson.build", unsafe=False).data.decode()
    assert fixed == text.replace("embed: true", "")


@pytest.mark.parametrize("more", [", override_options: ['c_std=c99']", ", kwargs: more"])
def test_options_that_the_library_has_are_not_touched(more: str) -> None:
    (finding,) = found(_module_library(more=more), "meson.build")
    assert finding.fix is None


MAKE = "{variables}tally.abi3.so: tally.c\n\t$(CC) -shared {flags} -o $@ $< -lpython3.11\n"
MAKEFILES = [
    ("", "-Wl,--no-undefined -s", "", "-s"),
    ("LDFLAGS = -s -Wl,-z,defs\n", "$(LDFLAGS)", "LDFLAGS = -s\n", "$(LDFLAGS)"),
    ("LDFLAGS = -Wl,-O1,--no-undefined\n", "$(LDFLAGS)", "LDFLAGS = -Wl,-O1\n", "$(LDFLAGS)"),
    ("", "-Wl,-z -Wl,defs -s", "", "-s"),
    ("tally.abi3.so: F = -Wl,-z,defs\n", "$(F)", "tally.abi3.so: F =\n", "$(F)"),
]


@pytest.mark.parametrize(("variables", "flags", "variables_after", "flags_after"), MAKEFILES)
def test_a_makefile_s_strict_flags_go_with_the_link(
    variables: str, flags: str, variables_after: str, flags_after: str
) -> None:
    text = MAKE.format(variables=variables, flags=flags)
    assert api.fix_bytes(text.encode(), "Makefile", unsafe=False).data == text.encode()
    fixed = api.fix_bytes(text.encode(), "Makefile", unsafe=True).data.decode()
    after = MAKE.format(variables=variables_after, flags=flags_after)
    assert fixed == after.replace(" -lpython3.11", "")


def test_a_makefile_s_flag_that_a_variable_completes_stays() -> None:
    text = MAKE.format(variables="WHAT = defs\n", flags="-Wl,-z,$(WHAT)")
    (finding,) = found(text, "Makefile")
    assert finding.fix is None


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
    "Makefile": "all:\n\tLDFLAGS=-Wl,-z,defs python3 -m build\n",
    "debian/rules": "export DEB_LDFLAGS_MAINT_APPEND = -Wl,-z,defs\n",
    "tox.ini": "[testenv]\nsetenv = LDFLAGS=-Wl,--no-undefined\n",
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
    (tmp_path / sibling).parent.mkdir(exist_ok=True)
    (tmp_path / sibling).write_text(SIBLINGS[sibling])
    (finding,) = found(LINKS[name], str(file))
    if name == "CMakeLists.txt":
        assert finding.fix is not None
        assert "ignore-all" in "".join(edit.new for edit in finding.fix.edits)
        assert finding.fix.applicability is Applicability.UNSAFE
    else:
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


SCRIPT = "#!/bin/sh\n{}gcc -shared $LDFLAGS -o a.cpython-311-x86_64-linux-gnu.so a.c -lpython3.11\n"
MAKE_OF_LINUX = (
    "{}a.cpython-311-x86_64-linux-gnu.so: a.c\n\tgcc -shared $(LDFLAGS) -o $@ $< -lpython3.11\n"
)
SETUP_OF_FLAGS = SETUP.replace("flags = [{flags}]\n", "from build_flags import flags\n")
BUILD = BAZEL.format(flags="")
#: A build file, and others of its project that reach it: by an import, a command, a setting.
REACHED = {
    "module": ("setup.py", SETUP_OF_FLAGS, "build_flags.py", 'flags = ["-Wl,--no-undefined"]\n'),
    "function": ("setup.py", SETUP_OF_FLAGS, "tools/f.py", 'def f(): return ["-Wl,-z,defs"]\n'),
    "text": ("setup.py", SETUP_OF_FLAGS, "ldflags.txt", "-Wl,--no-undefined\n"),
    "workflow": ("setup.cfg", CFG, ".github/workflows/a.yml", "env:\n  LDFLAGS: -Wl,-z,defs\n"),
    "recipe": ("setup.cfg", CFG, "conda/build.sh", "export LDFLAGS=-Wl,-z,defs\n"),
    "direnv": ("setup.cfg", CFG, ".envrc", "export LDFLAGS=-Wl,-z,defs\n"),
    "cython": ("src/a.pyx", PYX, "src/a.pxd", "# distutils: extra_link_args = -Wl,-z,defs\n"),
    "script": ("build.sh", SCRIPT.format(". ./flags\n"), "flags", "LDFLAGS=-Wl,--no-undefined\n"),
    "make": (
        "Makefile",
        MAKE_OF_LINUX.format("include flags.mk\n"),
        "flags.mk",
        "LDFLAGS=-zdefs\n",
    ),
    "above": ("python/Makefile", MAKE_OF_LINUX.format(""), "Makefile", "export LDFLAGS=-zdefs\n"),
    "bazelrc": ("BUILD", BUILD, ".bazelrc", "build --linkopt=-Wl,--no-undefined\n"),
    "bzl": ("src/BUILD", BUILD, "defs.bzl", 'FLAGS = ["-Wl,--no-undefined"]\n'),
    "native": ("meson.build", MESON.format(flags=""), "a.ini", "c_link_args = ['-Wl,-z,defs']\n"),
    "xlinker": ("setup.cfg", CFG, "flags", "-Xlinker -no-undefined\n"),
    "toolchain": ("CMakeLists.txt", CMAKE, "ci/env.sh", "export LDFLAGS=-Wl,--no-undefined\n"),
    "listfile": ("py/CMakeLists.txt", CMAKE, "cfg/a.cmake", "add_link_options(-Wl,-z,defs)\n"),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return the folder of a project that nothing above belongs to."""
    (tmp_path / ".git").mkdir()
    return tmp_path


def _write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _applicability(file: Path) -> Applicability:
    (finding,) = found(file.read_text(), str(file))
    assert finding.fix is not None
    return finding.fix.applicability


@pytest.mark.parametrize(("name", "text", "other", "content"), REACHED.values(), ids=REACHED)
def test_a_fix_is_safe_only_if_no_file_of_the_project_is_strict(
    project: Path, name: str, text: str, other: str, content: str
) -> None:
    file = _write(project, name, text)
    strict = _write(project, other, content)
    (finding,) = found(text, str(file))
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.UNSAFE
    assert f"`{other}` may have the linker refuse undefined symbols" in finding.fix.caveats
    strict.write_text(
        content.replace("defs", "now").replace("no-undefined", "no-undefined-version")
    )
    assert _applicability(file) is Applicability.SAFE


@pytest.mark.parametrize(
    ("other", "content"),
    [
        ("README.md", "Linked with `-Wl,--no-undefined`.\n"),
        ("changelog", "  * Link with -Wl,-z,defs.\n"),
        ("NEWS.2014", "-Wl,-z,defs\n"),
        ("a.patch", "+LDFLAGS=-Wl,-z,defs\n"),
        ("a.c", "/* gcc -Wl,-z,defs\n */\n"),
        ("a.html", "-Wl,-z,defs\n"),
        ("flags.sh", "# LDFLAGS=-Wl,-z,defs\n"),
        ("flags.py", "    # '-Wl,--no-undefined'\n"),
        ("lib/Makefile.am", "liba_la_LDFLAGS = -no-undefined -version-info 1:0:0\n"),
        (
            "configure",
            "#! /bin/sh\n# Generated by GNU Autoconf 2.71.\nno_undefined_flag='-z defs'\n",
        ),
        ("m4/libtool.m4", "# libtool.m4 - Configure libtool for the host system.\nx=' -z defs'\n"),
        (".git/config", "[flags]\n-Wl,-z,defs\n"),
        (".tox/py/flags.py", "flags = ['-Wl,--no-undefined']\n"),
        ("binary", "\0-Wl,-z,defs\n"),
    ],
)
def test_what_no_build_reads_takes_no_safe_fix_away(
    project: Path, other: str, content: str
) -> None:
    file = _write(project, "setup.cfg", CFG)
    _write(project, other, content)
    assert _applicability(file) is Applicability.SAFE


def test_the_listfiles_of_a_project_are_judged_for_each_target(project: Path) -> None:
    file = _write(project, "CMakeLists.txt", CMAKE + "add_subdirectory(lib)\n")
    strict = "add_library(b SHARED b.c)\ntarget_link_options(b PRIVATE -Wl,--no-undefined)\n"
    _write(project, "lib/CMakeLists.txt", strict)
    assert _applicability(file) is Applicability.SAFE


def test_a_project_ends_at_its_repository(project: Path) -> None:
    _write(project, "Makefile", "export LDFLAGS = -Wl,-z,defs\n")
    (project / "inner" / ".git").mkdir(parents=True)
    file = _write(project / "inner", "python/Makefile", MAKE_OF_LINUX.format(""))
    assert _applicability(file) is Applicability.SAFE


@pytest.mark.parametrize(
    ("name", "text", "strict"),
    [
        ("a/b/c/d/e/a.pyx", PYX, "setup/flags.py"),
        ("py/build.sh", SCRIPT.format(". ../flags\n"), "flags"),
        ("a/b/build.sh", SCRIPT.format('. "$(dirname "$0")/../../flags"\n'), "c/flags"),
        ("py/setup.cfg", f"{CFG}include_dirs = '..'\n", "todo.sh"),
    ],
)
def test_a_project_without_a_repository_reaches_up_to_its_build_files(
    tmp_path: Path, name: str, text: str, strict: str
) -> None:
    if name.endswith(".pyx"):
        _write(tmp_path, "setup.py", "from setuptools import setup\nsetup()\n")
    file = _write(tmp_path, name, text)
    assert _applicability(file) is Applicability.SAFE
    _write(tmp_path, strict, "LDFLAGS='-Wl,-z,defs'\n")
    assert _applicability(file) is Applicability.UNSAFE


@pytest.mark.parametrize(("levels", "has_fix"), [(4, False), (5, True)])
def test_the_flags_of_four_folders_above_are_asked_for(
    project: Path, levels: int, has_fix: bool
) -> None:
    _write(project, "Makefile", SIBLINGS["Makefile"])
    file = _write(project, "a/" * levels + "a.pyx", PYX)
    (finding,) = found(PYX, str(file))
    assert (finding.fix is not None) is has_fix
    if finding.fix is not None:
        assert finding.fix.applicability is Applicability.UNSAFE


def test_a_directive_of_cython_forbids_undefined_symbols(project: Path) -> None:
    for line in ("# distutils: extra_link_args = {}", "#distutils:extra_link_args=-s {}"):
        text = f"{line.format('-Wl,--no-undefined')}\n{PYX}"
        (finding,) = found(text, str(_write(project, "a.pyx", text)))
        assert finding.fix is None
        assert "forbids undefined symbols" in finding.no_fix_reason
    text = f"# it was linked with -Wl,--no-undefined\n{PYX}"
    assert _applicability(_write(project, "a.pyx", text)) is Applicability.SAFE
