"""Words that a compiler hands its linker, and what a project puts into the linker's command."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import assert_marked_lines_are_reported, fixed, text_of

#: Words of a link line, and what is left of them; "" for nothing.
WORDS = {
    "-Wl,--no-as-needed,-lpython3.11": "-Wl,--no-as-needed",
    "-Wl,--no-as-needed,-lpython3.11,--as-needed": "-Wl,--no-as-needed,--as-needed",
    "-Wl,-lpython3.11,-O1": "-Wl,-O1",
    "-Wl,-rpath,/opt/lib,-lpython3": "-Wl,-rpath,/opt/lib",
    "-Wl,-O1,-l,python3.11,-z,now": "-Wl,-O1,-z,now",
    "-Wl,-l,python3.11": "",
    "-Wl,--library=python3.11": "",
    "-Wl,-lpython3.11": "",
    "-Wl,-O1,-l:libpython3.11.so.1.0": "-Wl,-O1",
    "-Wl,-Bdynamic,/usr/lib/libpython3.11.so": "-Wl,-Bdynamic",
    "-Wl,/usr/lib/libpython3.11.so.1.0": "",
}
#: What makefiles can say besides.
MAKE_WORDS = {
    "-Wl,-framework,Python": "",
    "-Xlinker -lpython3.11": "",
    "-Xlinker -z -Xlinker now -Xlinker -l -Xlinker python3.11": "-Xlinker -z -Xlinker now",
    "--library python3.11": "",
    "-Wl,-O1,-lpython$(PYVER),-z,now": "-Wl,-O1,-z,now",
    "-Wl,-rpath,'$$ORIGIN',-lpython3.11": "-Wl,-rpath,'$$ORIGIN'",
    '-Wl,-rpath,"$(DIR)/lib",-lpython3.11,-O1': '-Wl,-rpath,"$(DIR)/lib",-O1',
    '"-Wl,-rpath,/a b,-lpython3.11"': '"-Wl,-rpath,/a b"',
    "-Wl,'-lpython3.11',-O1": "-Wl,'-lpython3.11',-O1",
}
OTHER_WORDS = (
    "-Wl,-soname,libpython3.11.so",
    "-Wl,-rpath,/opt/libpython3.11.so",
    "-Wl,-Map,/tmp/libpython3.11.so",
    "-Wl,--exclude-libs,libpython3.11.a",
    "-Wl,-lpython2.7,-lpythonista3",
    "-Wl,-framework,PythonKit",
    "-Wl,-l,m,python3.11",
)
MAKE = "V = python3 -lm\nm.abi3.so: m.o\n\t$(CC) -shared -o $@ $< {} -lm\n"
#: The same for makefiles: the value is handed on by a flag of its own.
SEPARATE_WORDS = (
    "-Wl,-soname -Wl,libpython3.11.so",
    "-Wl,--exclude-libs -Wl,libpython3.11.a",
    "-Xlinker -rpath -Xlinker /opt/libpython3.11.so",
    "-Wl,-rpath libpython3.11.so",
    "-Wl,-rpath -Xlinker libpython3.11.so",
    "-u libpython3.11.so",
)
#: Items of a list in a setup script: the last one is the value of the option before it.
VALUE_ITEMS = (
    '"-Wl,-rpath", "-Wl,libpython3.11.so"',
    '"-Wl,-rpath", "libpython3.11.so"',
    '"-Wl,-O1,-rpath-link", "-Wl,/usr/lib/libpython3.11.so"',
    '"-Wl,-soname", "-Wl,libpython3.11.so"',
    '"-Wl,--exclude-libs", "-Wl,libpython3.11.a"',
    '"-Wl,-R", "-Wl,libpython3.11.so"',
    '"-L", "/usr/lib/libpython3.11.so"',
    '"-o", "libpython3.11.so"',
    '"-T", "libpython3.11.so"',
    '"-install_name", "@rpath/libpython3.11.dylib"',
    '*"-Wl,-rpath -Wl,libpython3.11.so -lz".split()',
)
#: Those that link libpython with an option before it, which would take the next word as its value.
HALVES = (
    '"-Wl,-rpath"] + ["-Wl,libpython3.11.so", "-lz"',
    '*["-Wl,-rpath"], "-Wl,libpython3.11.so"',
    '"-Wl,-rpath", "-lpython3.11", "-lz"',
    '"-weak_library", "/x/libpython3.11.dylib"',
    '"-force_load", "/x/libpython3.11.a"',
    '"-Wl,-needed_library", "-Wl,/x/libpython3.11.dylib"',
    '"-Xlinker", "-lpython3.11"',
)
#: Options before it that have their value, or none, and what is left.
BEHIND_OPTIONS = {
    '"-Wl,-rpath", "-Wl,/x", "-lpython3.11"': '"-Wl,-rpath", "-Wl,/x"',
    '"-Wl,-rpath,/x", "-Wl,libpython3.11.so"': '"-Wl,-rpath,/x"',
    '"-L", "/usr/lib", "-lpython3.11"': '"-L", "/usr/lib"',
    '"-Wl,--whole-archive", "-lpython3.11", "-Wl,--no-whole-archive"': (
        '"-Wl,--whole-archive", "-Wl,--no-whole-archive"'
    ),
    '"-Wl,-z,origin", "-lpython3.11"': '"-Wl,-z,origin"',
    '"-undefined", "dynamic_lookup", "-lpython3.11"': '"-undefined", "dynamic_lookup"',
    '"-arch", "x86_64", "libpython3.11.so"': '"-arch", "x86_64"',
    '"-framework", "Cocoa", "-lpython3.11"': '"-framework", "Cocoa"',
    '"-l", "m", "-l", "python3.11"': '"-l", "m"',
}
#: Strings of a setup script that are one flag with more in it, of which nothing is cut out.
COMBINED = (
    'f"-Wl,-rpath,{x},-lpython3.11"',
    'r"-Wl,-rpath,$ORIGIN,-lpython3.11"',
    '("-Wl,-rpath,$ORIGIN,-lpython3.11")',
)
CMAKE = "pybind11_add_module(m m.cpp)\ntarget_link_options(m PRIVATE -s {})\n"
SETUP = """\
from setuptools import Extension

e = Extension("m", ["m.c"], extra_link_args=["-s", {}])
"""


@pytest.mark.parametrize(("word", "left"), [*WORDS.items(), *MAKE_WORDS.items()])
def test_a_makefile_loses_no_other_word(word: str, left: str) -> None:
    after = MAKE.format(left) if left else MAKE.replace("{} ", "")
    assert fixed(MAKE.format(word), "Makefile") == after


@pytest.mark.parametrize(("word", "left"), [*WORDS.items(), ("LINKER:-O1,-lpython3.11", "LINKER:-O1"), ("LINKER:-lpython3", "")])  # fmt: skip
def test_a_listfile_loses_no_other_word(word: str, left: str) -> None:
    after = CMAKE.format(left) if left else CMAKE.replace(" {}", "")
    assert fixed(CMAKE.format(word), "CMakeLists.txt") == after


@pytest.mark.parametrize(("word", "left"), WORDS.items())
def test_a_setup_loses_no_other_word(word: str, left: str) -> None:
    after = SETUP.format(f'"{left}"') if left else SETUP.replace(", {}", "")
    assert fixed(SETUP.format(f'"{word}"'), "setup.py") == after


@pytest.mark.parametrize("word", OTHER_WORDS)
def test_other_words_for_the_linker_are_silent(word: str) -> None:
    for name, text in {"Makefile": MAKE, "CMakeLists.txt": CMAKE}.items():
        assert api.check_bytes(text.format(word).encode(), name) == []
    assert api.check_bytes(SETUP.format(f'"{word}"').encode(), "setup.py") == []


@pytest.mark.parametrize("word", SEPARATE_WORDS)
def test_values_of_the_option_before_are_silent(word: str) -> None:
    assert api.check_bytes(MAKE.format(word).encode(), "Makefile") == []


@pytest.mark.parametrize("items", VALUE_ITEMS)
def test_items_that_are_values_of_options_are_silent(items: str) -> None:
    assert api.check_bytes(SETUP.format(items).encode(), "setup.py") == []


@pytest.mark.parametrize("items", HALVES)
def test_no_option_is_left_without_its_value(items: str) -> None:
    text = SETUP.format(items)
    assert [each.code for each in api.check_bytes(text.encode(), "setup.py")] == ["NLP201"]
    assert fixed(text, "setup.py") == text


@pytest.mark.parametrize(("items", "left"), BEHIND_OPTIONS.items())
def test_an_option_keeps_its_own_value(items: str, left: str) -> None:
    assert fixed(SETUP.format(items), "setup.py") == SETUP.format(left)


@pytest.mark.parametrize("flag", COMBINED)
def test_a_combined_flag_stays_whole(flag: str) -> None:
    text = SETUP.format(flag)
    assert [each.code for each in api.check_bytes(text.encode(), "setup.py")] == ["NLP201"]
    assert fixed(text, "setup.py") == text


HOOK = """\
import os, sys, sysconfig
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext


class Builds(build_ext):
    def build_extension(self, ext):
        compiler = self.compiler
        {}
        build_ext.build_extension(self, ext)


setup(ext_modules=[Extension("m", ["m.c"])], cmdclass=dict(build_ext=Builds))
"""
#: Statements of a ``build_ext``, and what is left of them.
HOOKS = {
    'self.compiler.linker_so.append("-lpython3.11")': None,
    'compiler.linker_so.append("-lpython3.11")': None,
    'compiler.linker_so_cxx.insert(1, "-lpython3.11")': None,
    'compiler.linker_so += ["-lm", "-lpython3.11"]': 'compiler.linker_so += ["-lm"]',
    'compiler.linker_so = ["cc", "-shared", "-lpython3.11"]': (
        'compiler.linker_so = ["cc", "-shared"]'
    ),
    'compiler.set_executables(linker_so="cc -shared -lpython3.11", archiver="ar")': (
        'compiler.set_executables(linker_so="cc -shared", archiver="ar")'
    ),
    'compiler.set_executable("linker_so", ["cc", "-shared", "-lpython3.11"])': (
        'compiler.set_executable("linker_so", ["cc", "-shared"])'
    ),
    'self.compiler.libraries.append("python3.11")': None,
    'sysconfig.get_config_vars()["LDSHARED"] = "cc -shared -lpython3.11"': (
        'sysconfig.get_config_vars()["LDSHARED"] = "cc -shared"'
    ),
    'os.environ["LDCXXSHARED"] = "c++ -shared -lpython3.11"': (
        'os.environ["LDCXXSHARED"] = "c++ -shared"'
    ),
}


@pytest.mark.parametrize(("statement", "left"), HOOKS.items())
def test_what_a_hook_gives_the_linker_is_found_and_cut_out(
    statement: str, left: str | None
) -> None:
    after = HOOK.format(left) if left else HOOK.replace("        {}\n", "")
    text = HOOK.format(statement)
    assert [each.code for each in api.check_bytes(text.encode(), "setup.py")] == ["NLP201"]
    assert fixed(text, "setup.py", unsafe=False) == after


def test_a_hook_of_customize_compiler_is_found() -> None:
    text = """\
import distutils.sysconfig
from setuptools import Extension, setup

customize = distutils.sysconfig.customize_compiler


def hook(compiler):
    customize(compiler)
    compiler.linker_so.append("-lpython3.11")


distutils.sysconfig.customize_compiler = hook
setup(ext_modules=[Extension("m", ["m.c"])])
"""
    assert [each.start.row for each in api.check_bytes(text.encode(), "setup.py")] == [9]


@pytest.mark.parametrize(
    "statement",
    [
        'compiler.linker_exe.append("-lpython3.11")',
        'compiler.set_executables(linker_exe="cc -lpython3.11", linker_so="cc -shared")',
        'compiler.set_executable("linker_exe", "cc -lpython3.11")',
        'compiler.linker_so.remove("-lpython3.11")',
        'compiler.compiler_so.append("-I/usr/include/python3.11")',
        'if sys.platform == "win32": compiler.linker_so.append("-lpython3.11")',
        'sysconfig.get_config_vars()["LDFLAGS"] = "-lpython3.11"',  # nobody reads it there
    ],
)
def test_hooks_that_link_no_module_are_silent(statement: str) -> None:
    assert api.check_bytes(HOOK.format(statement).encode(), "setup.py") == []


def test_hooks_for_other_libraries_are_silent() -> None:
    text = HOOK.format('compiler.linker_so.append("-lpython3.11")')
    assert api.check_bytes(text.replace("build_ext", "build_clib").encode(), "setup.py") == []


HEAD = """\
cmake_minimum_required(VERSION 3.18)
project(band C)
find_package(Python3 COMPONENTS Development)
find_package(PythonLibs)
"""
#: How a listfile gets the path of libpython; the last line links it to ``m``.
LOCATIONS = {
    "property of a target": """
    get_target_property(path Python3::Python LOCATION)
    target_link_libraries(m PRIVATE ${path})  # expect: NLP201
    """,
    "property of a configuration": """
    get_target_property(path Python3::Python IMPORTED_LOCATION_RELEASE)
    target_link_libraries(m PRIVATE "${path}")  # expect: NLP201
    """,
    "get_property": """
    get_property(path TARGET Python3::Python PROPERTY IMPORTED_LOCATION)
    target_link_libraries(m PRIVATE ${path})  # expect: NLP201
    """,
    "generator expression": """
    target_link_options(m PRIVATE $<TARGET_FILE:Python3::Python>)  # expect: NLP201
    """,
    "generator expression of the linker's file": """
    target_link_libraries(m PRIVATE $<TARGET_LINKER_FILE:Python3::Python>)  # expect: NLP201
    """,
    "generator expression of a property": """
    target_link_libraries(m PRIVATE $<TARGET_PROPERTY:Python3::Python,LOCATION>)  # expect: NLP201
    """,
    "imported target": """
    add_library(py UNKNOWN IMPORTED)
    set_target_properties(py PROPERTIES IMPORTED_LOCATION "${PYTHON_LIBRARY}")
    target_link_libraries(m PRIVATE py)  # expect: NLP202
    """,
    "imported target in a name space": """
    add_library(deps::python SHARED IMPORTED GLOBAL)
    set_property(TARGET deps::python PROPERTY IMPORTED_LOCATION_RELEASE ${Python3_LIBRARY_RELEASE})
    target_link_libraries(m PRIVATE deps::python)  # expect: NLP202
    """,
    "imported target of what is found": """
    find_library(PYLIB NAMES python3.11 python3.10)
    add_library(deps::python UNKNOWN IMPORTED)
    set_target_properties(deps::python PROPERTIES IMPORTED_LOCATION ${PYLIB})
    target_link_libraries(m PRIVATE deps::python)  # expect: NLP202
    """,
    "location of an imported target": """
    add_library(py UNKNOWN IMPORTED)
    set_target_properties(py PROPERTIES IMPORTED_LOCATION /usr/lib/libpython3.11.so)
    get_target_property(path py LOCATION)
    target_link_libraries(m PRIVATE ${path})  # expect: NLP201
    """,
    "other properties": """
    get_target_property(headers Python3::Python INTERFACE_INCLUDE_DIRECTORIES)
    get_target_property(needed Python3::Python INTERFACE_LINK_LIBRARIES)
    get_property(found GLOBAL PROPERTY Python3::Python LOCATION)
    target_link_libraries(m PRIVATE ${headers} ${needed} ${found})
    target_link_libraries(m PRIVATE $<TARGET_PROPERTY:Python3::Python,INTERFACE_LINK_LIBRARIES>)
    """,
    "other targets": """
    get_target_property(path Python3::Module LOCATION)
    get_target_property(interpreter Python3::Interpreter LOCATION)
    add_library(py SHARED IMPORTED)
    set_target_properties(py PROPERTIES IMPORTED_LOCATION /usr/lib/libboost_python311.so)
    target_link_libraries(m PRIVATE ${path} ${interpreter} py $<TARGET_FILE:py>)
    """,
    "a program": """
    add_executable(program main.c)
    get_target_property(path Python3::Python LOCATION)
    target_link_libraries(program PRIVATE ${path} $<TARGET_FILE:Python3::Python>)
    """,
    "a variable that is set again": """
    get_target_property(path Python3::Python LOCATION)
    get_target_property(other zlib LOCATION)
    set(path ${other})
    target_link_libraries(m PRIVATE ${other})
    """,
}


@pytest.mark.parametrize("name", LOCATIONS)
def test_the_path_of_libpython_is_followed(tmp_path: Path, name: str) -> None:
    module = 'add_library(m MODULE m.c)\nset_target_properties(m PROPERTIES PREFIX "")\n'
    suffix = "set_target_properties(m PROPERTIES SUFFIX .abi3.so)\n"
    text = HEAD + module + suffix + text_of(LOCATIONS[name])
    assert_marked_lines_are_reported(tmp_path, {"CMakeLists.txt": text})
