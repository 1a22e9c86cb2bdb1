"""``pyproject.toml``: setuptools' extension modules, and what TOML allows around them."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.buildsystems.common.lexer_common import LexError
from no_libpython_dlopen.buildsystems.settings_files import toml_positions
from tests.buildsystems.rewriting import fixed, found, reported

NAME = "pyproject.toml"
EXT = '[[tool.setuptools.ext-modules]]\nname = "a"\nsources = ["a.c"]\n'
ALL = "[tool.distutils.build_ext]\n"

#: Text, what is marked, and the text after the fix.
REWRITES = {
    "an item": (
        EXT + 'libraries = ["m", "python3.11", "z"]\n',
        '"python3.11"',
        EXT + 'libraries = ["m", "z"]\n',
    ),
    "an only item": (
        EXT + 'libraries = ["python3.11"]\n',
        '"python3.11"',
        EXT + "libraries = []\n",
    ),
    "a flag": (
        EXT + 'extra-link-args = ["-lpython3.11", "-s"]\n',
        '"-lpython3.11"',
        EXT + 'extra-link-args = ["-s"]\n',
    ),
    "one of several flags in a string": (
        EXT + "extra-link-args = ['-L/usr/lib -lpython3.11 -lm']\n",
        "-lpython3.11",
        EXT + "extra-link-args = ['-L/usr/lib -lm']\n",
    ),
    "one of several libraries in a flag": (
        EXT + 'extra-link-args = ["-Wl,-O1,-lpython3.11"]\n',
        '"-Wl,-O1,-lpython3.11"',
        EXT + 'extra-link-args = ["-Wl,-O1"]\n',
    ),
    "an only item behind a comment": (
        EXT + 'libraries = [ # why\n  "python3.11"\n]\n',
        '"python3.11"',
        EXT + "libraries = [ # why\n]\n",
    ),
    "an only item beside a comment": (
        EXT + 'libraries = ["python3.11" # why\n]\n',
        '"python3.11"',
        EXT + "libraries = [ # why\n]\n",
    ),
    "the last, without a comma, on a line of its own": (
        EXT + 'libraries = [\n  "m",\n  "python3.11"\n]\n',
        '"python3.11"',
        EXT + 'libraries = [\n  "m"\n]\n',
    ),
    "an object": (
        EXT + 'extra-objects = ["/usr/lib/libpython3.11.a", "b.o"]\n',
        '"/usr/lib/libpython3.11.a"',
        EXT + 'extra-objects = ["b.o"]\n',
    ),
    "a string that distutils splits into words": (
        ALL + 'libraries = "m python3.11"\n',
        "python3.11",
        ALL + 'libraries = "m"\n',
    ),
    "a string with commas": (
        ALL + 'libraries = "python3.11, m"\n',
        "python3.11",
        ALL + 'libraries = "m"\n',
    ),
    "the last after a comma": (
        ALL + 'libraries = "m, python3.11"\n',
        "python3.11",
        ALL + 'libraries = "m"\n',
    ),
    "a list of all extensions": (
        ALL + 'libraries = ["python3"]\n',
        '"python3"',
        ALL + "libraries = []\n",
    ),
    "a table in one line": (
        'tool.distutils = { build_ext = { inplace = true, libraries = ["m", "python3.11"] } }\n',
        '"python3.11"',
        'tool.distutils = { build_ext = { inplace = true, libraries = ["m"] } }\n',
    ),
    "tables in a list": (
        (
            "[tool.setuptools]\next-modules = [\n"
            '  { name = "a", libraries = ["python3.11", "m"] },\n'
            '  { name = "b", libraries = ["z"], "py-limited-api" = true },\n]\n'
        ),
        '"python3.11"',
        (
            "[tool.setuptools]\next-modules = [\n"
            '  { name = "a", libraries = ["m"] },\n'
            '  { name = "b", libraries = ["z"], "py-limited-api" = true },\n]\n'
        ),
    ),
    "the second extension, and a table inside the first": (
        EXT + '[tool.setuptools.ext-modules.other]\nkey = 1\n\n' + EXT + 'libraries = ["python3.11"]\n',
        '"python3.11"',
        EXT + '[tool.setuptools.ext-modules.other]\nkey = 1\n\n' + EXT + "libraries = []\n",
    ),
    "a long string": (
        EXT + 'libraries = ["""\npython3.11""", "m"]\n',
        '"""\npython3.11"""',
        EXT + 'libraries = ["m"]\n',
    ),
    "an escape": (
        EXT + 'libraries = ["python3\\u002E11", "m"]\n',
        '"python3\\u002E11"',
        EXT + 'libraries = ["m"]\n',
    ),
    "values of every kind around it": (
        (
            'a = 1979-05-27T07:32:00Z\nb = [1, [2.5, -inf], { c = true }]\n"d e".f = {}\n'
            + EXT
            + 'libraries = ["python3.11"] # why\n'
        ),
        '"python3.11"',
        (
            'a = 1979-05-27T07:32:00Z\nb = [1, [2.5, -inf], { c = true }]\n"d e".f = {}\n'
            + EXT
            + "libraries = [] # why\n"
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "marked", "after"), REWRITES.values(), ids=REWRITES)
def test_the_item_goes_and_nothing_else_moves(before: str, marked: str, after: str) -> None:
    assert reported(before, NAME) == [("NLP201", marked)]
    assert fixed(before, NAME) == after


SILENT = {
    "the Windows import library": EXT + 'libraries = ["python311"]\n',
    "look-alikes": EXT + 'libraries = ["boost_python311", "pythonqt", "python2.7"]\n',
    "folders": EXT + 'library-dirs = ["/usr/lib/python3.11"]\nruntime-library-dirs = ["python3.11"]\n',
    "compiler flags": EXT + 'extra-compile-args = ["-lpython3.11"]\n',
    "another folder in a string of flags": EXT + 'extra-link-args = ["-L/usr/lib/python3.11 -lm"]\n',
    "another tool": '[tool.other.build_ext]\nlibraries = ["python3.11"]\n',
    "an empty string": ALL + 'libraries = ""\n',
    "a number": ALL + "libraries = 3.11\n",
    "numbers in a list": ALL + "libraries = [3, 11]\n# python3.11\n",
    "a comment": ALL + '# libraries = ["python3.11"]\n',
    "words that an escape may hide": ALL + 'libraries = "m\\u0020python3.11"\n',
}  # fmt: skip


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_what_links_nothing_is_silent(text: str) -> None:
    assert reported(text, NAME) == []
    assert fixed(text, NAME) == text


#: Flags that other tools hand on: text, and what is marked.
TOOLS = {
    "flags of Rust's compiler": (
        '[tool.maturin]\nrustc-args = ["-C", "link-arg=-lpython3.11"]\n',
        "-lpython3.11",
    ),
    "a library of Rust's": (
        '[tool.maturin]\nrustc-args = ["-l", "dylib=python3.11"]\n',
        '-l", "dylib=python3.11',
    ),
    "an environment with Rust's flags": (
        '[tool.cibuildwheel.environment]\nRUSTFLAGS = "-Clink-arg=-lpython3.11"\n',
        "-lpython3.11",
    ),
    "arguments of CMake": (
        '[tool.scikit-build]\ncmake.args = ["-DA=1", "-DCMAKE_MODULE_LINKER_FLAGS=-lm -lpython3.11"]\n',
        "-lpython3.11",
    ),
    "arguments of Meson": (
        '[tool.meson-python.args]\nsetup = ["-Dcpp_link_args=-lpython3.11"]\n',
        "-lpython3.11",
    ),
    "settings of a build": (
        '[tool.cibuildwheel.config-settings]\n"cmake.define.CMAKE_MODULE_LINKER_FLAGS" = "-lpython3.11"\n',
        "-lpython3.11",
    ),
    "a definition for a configuration": (
        '[tool.scikit-build.cmake.define]\nCMAKE_MODULE_LINKER_FLAGS_RELEASE = "-s -lpython3.11"\n',
        "-lpython3.11",
    ),
    "a definition's default": (
        (
            "[tool.scikit-build.cmake.define]\n"
            'CMAKE_MODULE_LINKER_FLAGS = {env = "FLAGS", default = "-lpython3.11"}\n'
        ),
        "-lpython3.11",
    ),
    "an override for Linux": (
        (
            '[[tool.cibuildwheel.overrides]]\nselect = "*-musllinux*"\n'
            'environment = {LDFLAGS = "-lpython3.11"}\n'
        ),
        "-lpython3.11",
    ),
    "a command before the build": (
        '[tool.cibuildwheel]\nbefore-build = ["true", "LDFLAGS=-lpython3.11 pip install band"]\n',
        "-lpython3.11",
    ),
    "a task": (
        '[tool.poe.tasks]\nfortran = "f2py -c -m band band.f90 -lpython3.10"\n',
        "-lpython3.10",
    ),
    "a task of hatch": (
        '[tool.hatch.envs.default.scripts]\nwheel = "LDFLAGS=-lpython3.10 python -m build"\n',
        "-lpython3.10",
    ),
}
TOOLS_SILENT = {
    "a program of maturin's": (
        '[tool.maturin]\nbindings = "bin"\nrustc-args = ["-C", "link-arg=-lpython3.11"]\n'
    ),
    "overrides for Windows": (
        '[[tool.cibuildwheel.overrides]]\nselect = "*-win*"\n'
        'environment = {LDFLAGS = "-lpython3.11"}\n'
        '[[tool.scikit-build.overrides]]\nif.platform-system = "^win32"\n'
        'cmake.define.CMAKE_MODULE_LINKER_FLAGS = "-lpython3.11"\n'
    ),
    "programs of CMake": (
        '[tool.scikit-build]\ncmake.args = ["-DCMAKE_EXE_LINKER_FLAGS=-lpython3.11"]\n'
        '[tool.scikit-build.cmake.define]\nCMAKE_EXE_LINKER_FLAGS = "-lpython3.11"\n'
    ),
    "systems of cibuildwheel's that need it": (
        '[tool.cibuildwheel.windows]\nbefore-build = "LDFLAGS=-lpython3.11 pip install band"\n'
        '[tool.cibuildwheel.ios.environment]\nLDFLAGS = "-lpython3.11"\n'
    ),
    "a task that builds nothing": '[tool.poe.tasks]\nx = "LDFLAGS=-lpython3.10 pytest"\n',
    "another variable": '[tool.cibuildwheel.environment]\nFLAGS = "-lpython3.11"\nA = "LDFLAGS"\n',
}


@pytest.mark.parametrize(("text", "marked"), TOOLS.values(), ids=TOOLS)
def test_flags_that_tools_hand_on_are_reported(text: str, marked: str) -> None:
    assert reported(text, NAME) == [("NLP201", marked)]
    assert "python3" not in fixed(text, NAME) or fixed(text, NAME) == text


@pytest.mark.parametrize("text", TOOLS_SILENT.values(), ids=TOOLS_SILENT)
def test_flags_for_programs_and_windows_are_silent(text: str) -> None:
    assert reported(text, NAME) == []


def test_the_extension_is_named_where_it_has_a_name() -> None:
    (named,) = found(EXT + 'libraries = ["python3.11"]\n', NAME)
    assert "extension module `a`" in named.message
    text = '[[tool.setuptools.ext-modules]]\nname = 1\nlibraries = ["python3.11"]\n'
    (nameless,) = found(text, NAME)
    assert "links an extension module to" in nameless.message


def test_a_string_that_would_be_empty_is_left_and_the_reason_told() -> None:
    text = ALL + 'libraries = "python3.11"\n'
    (finding,) = found(text, NAME)
    assert finding.fix is None
    assert finding.no_fix_reason == "an empty string would name an empty library"
    assert fixed(text, NAME) == text


#: Text, and the row and the reason of the one line about it.
BROKEN = [
    ('libraries = ["python3.11"\n', 1, "Unclosed array"),  # tomllib tells no place
    ("libraries = [python3.11]\n", 4, "Invalid value"),
    ("libraries = # python3.11\n", 4, "Invalid value"),
    ('= "python3.11"\n', 4, "Invalid statement"),
    ('name = "b" # python3.11\n', 4, "Cannot overwrite a value"),
    ('x = "python3.11', 1, "Unterminated string"),  # nor here
    (f"x = {'[' * 3000}{']' * 3000} # python3.11\n", 1, "nested too deeply"),
    (f"x = {'[' * 200}{']' * 200} # python3.11\n", 4, "nested too deeply"),
]


@pytest.mark.parametrize(("line", "row", "reason"), BROKEN)
def test_what_is_not_toml_is_one_line(line: str, row: int, reason: str) -> None:
    (finding,) = found(EXT + line, NAME)
    assert (finding.code, finding.start.row) == ("NLP900", row)
    assert f"not valid TOML: {reason}" in finding.message


#: What ``tomllib`` refuses ahead of it: the place where the lexer gives up, and why.
REFUSED = [
    ("a", 1, "expected `=`"),
    ("[a\n", 2, "expected `]`"),
    ("[[a]\n", 3, "expected `]]`"),
    ("= 1\n", 0, "expected a key"),
    ("a. = 1\n", 3, "expected a key"),
    ("a =\n", 3, "expected a value"),
    ("a = [1 2 [\n", 4, "an array is not closed"),
    ("a = { b = 1\n", 4, "an inline table is not closed"),
    ("a = " + "[" * 200, 105, "nested too deeply"),
]


@pytest.mark.parametrize(("text", "offset", "reason"), REFUSED)
def test_the_lexer_refuses_what_is_no_toml(text: str, offset: int, reason: str) -> None:
    with pytest.raises(LexError) as raised:
        list(toml_positions.values(text))
    assert (raised.value.offset, raised.value.reason) == (offset, reason)


CIBW = "[tool.cibuildwheel]\n"
#: Flags of the environment in which wheels are built: text, what is marked, and the text after.
ENVIRONMENTS = {
    "a table": (
        CIBW + 'environment = { LDFLAGS = "-lpython3.11 -lm", X = "1" }\n',
        "-lpython3.11",
        CIBW + 'environment = { LDFLAGS = "-lm", X = "1" }\n',
    ),
    "a table of its own": (
        '[tool.cibuildwheel.environment]\nLDFLAGS = "-lpython3.11"\n',
        "-lpython3.11",
        '[tool.cibuildwheel.environment]\nLDFLAGS = ""\n',
    ),
    "a system's": (
        '[tool.cibuildwheel.linux]\nenvironment = { LDFLAGS = "-L/x -lpython3.11" }\n',
        "-lpython3.11",
        '[tool.cibuildwheel.linux]\nenvironment = { LDFLAGS = "-L/x" }\n',
    ),
    "an override": (
        '[[tool.cibuildwheel.overrides]]\nselect = "cp312-*"\nenvironment.LDFLAGS = "-lpython3.12"\n',
        "-lpython3.12",
        '[[tool.cibuildwheel.overrides]]\nselect = "cp312-*"\nenvironment.LDFLAGS = ""\n',
    ),
    "a string of settings": (
        CIBW + "environment = \"X=1 LDFLAGS='-lpython3.11 -lm' Y=2\"\n",
        "-lpython3.11",
        CIBW + "environment = \"X=1 LDFLAGS='-lm' Y=2\"\n",
    ),
    "a string with one flag": (
        CIBW + 'environment = "LDFLAGS=-lpython3.11 Y=2"\n',
        "-lpython3.11",
        CIBW + 'environment = "LDFLAGS= Y=2"\n',
    ),
    "a definition for CMake": (
        '[tool.scikit-build.cmake.define]\nCMAKE_MODULE_LINKER_FLAGS = "-lpython3.11 -s"\n',
        "-lpython3.11",
        '[tool.scikit-build.cmake.define]\nCMAKE_MODULE_LINKER_FLAGS = "-s"\n',
    ),
    "a definition with a dotted key": (
        '[tool.scikit-build]\ncmake.define.CMAKE_MODULE_LINKER_FLAGS = "-lpython3.11"\n',
        "-lpython3.11",
        '[tool.scikit-build]\ncmake.define.CMAKE_MODULE_LINKER_FLAGS = ""\n',
    ),
}
ENVIRONMENTS_SILENT = [
    '[tool.cibuildwheel.windows]\nenvironment = { LDFLAGS = "-lpython3.11" }\n',
    '[tool.cibuildwheel.android]\nenvironment = { LDFLAGS = "-lpython3.11" }\n',
    CIBW + 'environment = { MYLDFLAGS = "-lpython3.11" }\n',
    CIBW + 'environment = { LDFLAGS = "-L/usr/lib/python3.11" }\n',
    CIBW + "environment = \"X_LDFLAGS='-lpython3.11'\"\n",
    CIBW + 'test-command = "LDFLAGS=-lpython3.11 make"\n',
    CIBW + 'environment = { LDFLAGS = "-lpython311 -lpython2.7" }\n',
    '[tool.scikit-build.cmake.define]\nCMAKE_EXE_LINKER_FLAGS = "-lpython3.11"\n',
    '[tool.other.environment]\nLDFLAGS = "-lpython3.11"\n',
]


@pytest.mark.parametrize(("before", "marked", "after"), ENVIRONMENTS.values(), ids=ENVIRONMENTS)
def test_flags_of_the_environment_are_found(before: str, marked: str, after: str) -> None:
    assert reported(before, NAME) == [("NLP201", marked)]
    assert fixed(before, NAME) == after
    assert fixed(before, NAME, unsafe=False) == before


@pytest.mark.parametrize("text", ENVIRONMENTS_SILENT)
def test_other_environments_are_silent(text: str) -> None:
    assert reported(text, NAME) == []
