"""CMake: what a fix writes, and where nothing is changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.buildsystems.cmake.lexer import tokens
from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.finding import Applicability
from tests.buildsystems.rewriting import fixed, found

NAME = "CMakeLists.txt"
HEAD = "cmake_minimum_required(VERSION 3.20)\n"
FIND = "find_package(Python3 COMPONENTS Interpreter Development REQUIRED)\n"
FOUND = "find_package(Python3 COMPONENTS Interpreter Development.Module REQUIRED)\n"
MODULE = "add_library(m MODULE m.c)\n"
PYBIND11 = "pybind11_add_module(m m.cpp)\n"
QUERY = "find_package(PkgConfig REQUIRED)\npkg_check_modules(PY REQUIRED {})\n"
EMBEDDING, FOR_MODULES = QUERY.format("python3-embed"), QUERY.format("python3")


def _link(*items: str) -> str:
    return f"target_link_libraries(m {' '.join(items)})\n"


SAFE = {
    "target and component": (FIND + MODULE + _link("Python3::Python"),
                             FOUND + MODULE + _link("Python3::Module")),
    "variable and component": (FIND + MODULE + _link("PRIVATE", "x", "${Python3_LIBRARIES}"),
                               FOUND + MODULE + _link("PRIVATE", "x", "Python3::Module")),
    "a quoted variable": (FIND + MODULE + _link('"${Python3_LIBRARIES}"'),
                          FOUND + MODULE + _link('"Python3::Module"')),
    "the other prefix": (
        "find_package(Python 3.9 REQUIRED COMPONENTS Development)\n" + MODULE + _link("Python::Python"),
        "find_package(Python 3.9 REQUIRED COMPONENTS Development.Module)\n" + MODULE + _link("Python::Module"),
    ),
    "the component stays for a program": (
        FIND + "add_executable(a a.c)\ntarget_link_libraries(a Python3::Python)\n" + MODULE + _link("Python3::Python"),
        FIND + "add_executable(a a.c)\ntarget_link_libraries(a Python3::Python)\n" + MODULE + _link("Python3::Module"),
    ),
    "the component stays for a library that embeds": (
        FIND + "Python3_add_library(b SHARED b.c)\n" + MODULE + _link("Python3::Python"),
        FIND + "Python3_add_library(b SHARED b.c)\n" + MODULE + _link("Python3::Module"),
    ),
    "the component stays where a link is kept on purpose": (
        FIND + MODULE + _link("Python3::Python")
        + "target_link_libraries(m Python3::Python) # nolibpy: ignore[NLP202] a test\n",
        FIND + MODULE + _link("Python3::Module")
        + "target_link_libraries(m Python3::Python) # nolibpy: ignore[NLP202] a test\n",
    ),
    "the component stays where other listfiles are downloaded": (
        FIND + "FetchContent_MakeAvailable(pybind11 dep)\n" + MODULE + _link("Python3::Python"),
        FIND + "FetchContent_MakeAvailable(pybind11 dep)\n" + MODULE + _link("Python3::Module"),
    ),
    "the component stays beside a package of CPM": (
        FIND + 'CPMAddPackage("gh:a/b@1.0")\n' + MODULE + _link("Python3::Python"),
        FIND + 'CPMAddPackage("gh:a/b@1.0")\n' + MODULE + _link("Python3::Module"),
    ),
    "pybind11 finds its own components": (
        FIND + "FetchContent_MakeAvailable(pybind11)\n" + MODULE + _link("Python3::Python"),
        FOUND + "FetchContent_MakeAvailable(pybind11)\n" + MODULE + _link("Python3::Module"),
    ),
    "the component is embedding only": (
        "find_package(Python3 COMPONENTS Development.Embed)\n" + PYBIND11 + _link("Python3::Python"),
        "find_package(Python3 COMPONENTS Development.Module)\n" + PYBIND11 + _link("Python3::Module"),
    ),
    "the embedding component is needed too": (
        "find_package(Python3 COMPONENTS Development.Embed)\nadd_executable(a a.c)\n"
        "target_link_libraries(a Python3::Python)\n" + PYBIND11 + _link("Python3::Python"),
        "find_package(Python3 COMPONENTS Development.Module Development.Embed)\nadd_executable(a a.c)\n"
        "target_link_libraries(a Python3::Python)\n" + PYBIND11 + _link("Python3::Module"),
    ),
    "a generator expression": (
        FIND + MODULE + _link("$<$<NOT:$<PLATFORM_ID:Windows>>:Python3::Python>"),
        FOUND + MODULE + _link("$<$<NOT:$<PLATFORM_ID:Windows>>:Python3::Module>"),
    ),
    "an item of a list": (
        FIND + MODULE + "list(APPEND LIBS x Python3::Python)\n" + _link("${LIBS}"),
        FOUND + MODULE + "list(APPEND LIBS x Python3::Module)\n" + _link("${LIBS}"),
    ),
    "linked already": (
        FOUND + MODULE + _link("Python3::Module", "Python3::Python"),
        FOUND + MODULE + _link("Python3::Module"),
    ),
    "pybind11::embed": (PYBIND11 + _link("pybind11::embed", "x"), PYBIND11 + _link("pybind11::module", "x")),
    "the old variable": (PYBIND11 + _link("PRIVATE", "${PYTHON_LIBRARIES}") + "x()\n", PYBIND11 + "x()\n"),
    "the old variable beside others": (PYBIND11 + _link("a", "${PYTHON_LIBRARY}", "b"), PYBIND11 + _link("a", "b")),
    "libraries by configuration": (
        PYBIND11 + _link("optimized", "${PYTHON_LIBRARY}", "debug", "${PYTHON_DEBUG_LIBRARY}", "b"),
        PYBIND11 + _link("b"),
    ),
    "a keyword without an item": (
        PYBIND11 + _link("PUBLIC", "a", "PRIVATE", "python3.11"), PYBIND11 + _link("PUBLIC", "a")),
    "a line of its own": (
        PYBIND11 + "target_link_libraries(m\n  PRIVATE\n    a\n    python3.11\n    b\n)\n",
        PYBIND11 + "target_link_libraries(m\n  PRIVATE\n    a\n    b\n)\n",
    ),
    "the first on its line": (
        PYBIND11 + "target_link_libraries(m PRIVATE\n    python3.11 a\n    b\n)\n",
        PYBIND11 + "target_link_libraries(m PRIVATE\n    a\n    b\n)\n",
    ),
    "the last before the parenthesis": (
        PYBIND11 + "target_link_libraries(m PRIVATE\n    a\n    python3.11)\n",
        PYBIND11 + "target_link_libraries(m PRIVATE\n    a)\n",
    ),
    "behind a comment that must not swallow the parenthesis": (
        PYBIND11 + "target_link_libraries(m PRIVATE\n    a # a\n    python3.11)\n",
        PYBIND11 + "target_link_libraries(m PRIVATE\n    a # a\n    )\n",
    ),
    "one of a quoted list": (PYBIND11 + _link('"a;python3.11;b"'), PYBIND11 + _link('"a;b"')),
    "one of several flags": (PYBIND11 + _link('"-la -lpython3.11"'), PYBIND11 + _link('"-la"')),
    "a link option": (
        PYBIND11 + "target_link_options(m PRIVATE -lpython3.11)\n", PYBIND11),
    "one property of several": (
        PYBIND11 + 'set_target_properties(m PROPERTIES A b LINK_FLAGS "-lpython3.11" C d)\n',
        PYBIND11 + "set_target_properties(m PROPERTIES A b C d)\n",
    ),
    "the only property": (
        PYBIND11 + 'set_target_properties(m PROPERTIES LINK_FLAGS "-lpython3.11")\n', PYBIND11),
    "a variable with nothing else": (
        PYBIND11 + "set(LIBS python3.11)\n" + _link("${LIBS}"), PYBIND11 + 'set(LIBS "")\n' + _link("${LIBS}")),
    "a list that gets nothing else": (
        PYBIND11 + "list(APPEND LIBS python3.11)\n" + _link("${LIBS}"), PYBIND11 + _link("${LIBS}")),
    "the flags of a directory": (
        PYBIND11 + 'set(CMAKE_MODULE_LINKER_FLAGS "${CMAKE_MODULE_LINKER_FLAGS} -lpython3.11")\n',
        PYBIND11 + 'set(CMAKE_MODULE_LINKER_FLAGS "${CMAKE_MODULE_LINKER_FLAGS}")\n',
    ),
    "two commands on a line": (
        PYBIND11.rstrip() + " " + _link("python3.11"), PYBIND11.rstrip() + " \n"),
    "pkg-config is asked for the modules' package, and the helper knows macOS": (
        EMBEDDING + PYBIND11 + _link("PRIVATE", "${PY_LIBRARIES}"),
        FOR_MODULES + PYBIND11 + _link("PRIVATE", "${PY_LIBRARIES}"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), SAFE.values(), ids=SAFE)
def test_a_safe_fix_writes(before: str, after: str) -> None:
    assert fixed(HEAD + before, NAME, unsafe=False) == HEAD + after


UNSAFE = {
    "no helper tells macOS that symbols come later": (MODULE + _link("x", "python3.11"), MODULE + _link("x")),
    "a comment goes with the line": (
        PYBIND11 + "target_link_libraries(m\n  x\n  python3.11 # the library\n)\n",
        PYBIND11 + "target_link_libraries(m\n  x\n)\n",
    ),
    "a comment goes with the command": (
        PYBIND11 + "target_link_libraries(m python3.11) # the library\n", PYBIND11),
    "python3-config": (
        MODULE + "execute_process(COMMAND python3-config --ldflags --embed OUTPUT_VARIABLE F)\n" + _link("${F}"),
        MODULE + "execute_process(COMMAND python3-config --ldflags OUTPUT_VARIABLE F)\n" + _link("${F}"),
    ),
    "pkg-config's target": (
        QUERY.format("IMPORTED_TARGET python3-embed>=3.8") + MODULE + _link("PkgConfig::PY"),
        QUERY.format("IMPORTED_TARGET python3>=3.8") + MODULE + _link("PkgConfig::PY"),
    ),
    "pkg-config's variables, of several packages, for several modules": (
        QUERY.format("zlib python-3.11-embed") + MODULE + _link("${PY_LDFLAGS}") + MODULE.replace("m", "n")
        + _link("${PY_LINK_LIBRARIES}").replace("(m", "(n"),
        QUERY.format("zlib python-3.11") + MODULE + _link("${PY_LDFLAGS}") + MODULE.replace("m", "n")
        + _link("${PY_LINK_LIBRARIES}").replace("(m", "(n"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "after"), UNSAFE.values(), ids=UNSAFE)
def test_an_unsafe_fix_has_to_be_asked_for(before: str, after: str) -> None:
    assert fixed(HEAD + before, NAME, unsafe=False) == HEAD + before
    assert fixed(HEAD + before, NAME) == HEAD + after


OLD = "cmake_minimum_required(VERSION 3.12)\n"
EITHER = "$<IF:$<TARGET_EXISTS:Python3::Module>,Python3::Module,Python3::Python>"
#: Where the CMake that runs may lack the counterpart: the text before and after.
OLD_CMAKES = {
    "the project allows a CMake without the target": (
        OLD + FIND + MODULE + _link("Python3::Python"),
        OLD + FIND + MODULE + _link(EITHER),
    ),
    "no minimum is in sight": (
        FIND + MODULE + _link("PRIVATE a", "Python3::Python", "b"),
        FIND + MODULE + _link("PRIVATE a", EITHER, "b"),
    ),
    "another prefix, quoted": (
        OLD + FIND.replace("n3", "n") + MODULE + _link('"Python::Python"'),
        OLD + FIND.replace("n3", "n") + MODULE + _link('"' + EITHER.replace("n3", "n") + '"'),
    ),
    "inside another expression": (
        OLD + FIND + MODULE + _link("$<$<NOT:$<PLATFORM_ID:Windows>>:Python3::Python>"),
        OLD + FIND + MODULE + _link(f"$<$<NOT:$<PLATFORM_ID:Windows>>:{EITHER}>"),
    ),
    "FindPython's own command links what is needed": (
        OLD + FIND + "Python3_add_library(m MODULE m.c)\n" + _link("PRIVATE a", "Python3::Python"),
        OLD + FIND + "Python3_add_library(m MODULE m.c)\n" + _link("PRIVATE a"),
    ),
    "the command of another prefix": (
        OLD + FIND + "Python_add_library(m MODULE m.c)\n" + _link("Python3::Python"),
        OLD + FIND + "Python_add_library(m MODULE m.c)\n" + _link(EITHER),
    ),
}


@pytest.mark.parametrize(("before", "after"), OLD_CMAKES.values(), ids=OLD_CMAKES)
def test_old_cmakes_link_as_before(before: str, after: str) -> None:
    assert fixed(before, NAME, unsafe=False) == after
    assert found(after, NAME) == []


BODY = "  pybind11_add_module(${n} x)\n  target_link_libraries(${n} PRIVATE Python3::Python)\n"
#: A function that makes what it links makes modules, whoever calls it.
FUNCTIONS = {
    "a function": "function(ext n)\n" + BODY + "endfunction()\n",
    "a macro, called for a module": "macro(ext n)\n" + BODY + "endmacro()\next(a)\n",
    "a type that is written there": (
        "function(ext n)\n  add_library(_${n} MODULE ${ARGN})\n"
        "  target_link_libraries(_${n} PRIVATE Python3::Python)\nendfunction()\next(a a.c)\n"
    ),
}


@pytest.mark.parametrize("text", FUNCTIONS.values(), ids=FUNCTIONS)
def test_a_function_that_makes_the_module_is_fixed(text: str) -> None:
    after = FOUND + text.replace("::Python", "::Module")
    assert fixed(HEAD + FIND + text, NAME, unsafe=False) == HEAD + after


def test_a_variable_moves_under_a_condition_inside_a_function() -> None:
    line = "    target_link_libraries(_${n} ${PYTHON_LIBRARIES})\n"
    made = "function(ext n)\n    add_library(_${n} MODULE ${ARGN})\n"
    moved = (
        "    if(WIN32 OR CYGWIN OR ANDROID)\n        target_link_libraries(_${n} ${PYTHON_LIBRARIES})\n"
        "    elseif(APPLE)\n        target_link_options(_${n} PRIVATE "
        '"LINKER:-undefined,dynamic_lookup")\n    endif()\n'
    )
    before = HEAD + made + line + "endfunction()\n"
    assert fixed(before, NAME, unsafe=False) == before
    assert fixed(before, NAME) == HEAD + made + moved + "endfunction()\n"


ALL = {
    "of a directory": (
        "link_libraries(a ${PYTHON_LIBRARIES})\nadd_library(_m MODULE m.c)\n",
        (
            "link_libraries(a)\nif(WIN32 OR CYGWIN OR ANDROID)\n  link_libraries(${PYTHON_LIBRARIES})\n"
            'elseif(APPLE)\n  link_libraries("-undefined dynamic_lookup")\nendif()\n'
            "add_library(_m MODULE m.c)\n"
        ),
    ),
    "of a directory, where each builds itself right": (
        "link_libraries(python3.11)\n" + PYBIND11,
        PYBIND11,
    ),
}


@pytest.mark.parametrize(("before", "after"), ALL.values(), ids=ALL)
def test_what_all_later_modules_link_is_fixed(before: str, after: str) -> None:
    assert fixed(HEAD + before, NAME) == HEAD + after


KEPT = {
    "an old CMake, in a list": OLD + FIND + MODULE + "list(APPEND L Python3::Python)\n" + _link("${L}"),
    "an old CMake without the component": OLD + FIND.replace(" Development", "")
    + MODULE + _link("Python3::Python"),
    "no find_package is in sight": HEAD + MODULE + _link("Python3::Python"),
    "SHARED": HEAD + FIND + "Python3_add_library(_m SHARED m.c)\n"
    'set_target_properties(_m PROPERTIES PREFIX "")\n',
    "link_libraries, a program too": HEAD + "link_libraries(python3.11)\nadd_executable(a a.c)\n" + PYBIND11,
    "link_libraries, and a folder that cannot be read": HEAD + "link_libraries(python3.11)\n"
    "add_subdirectory(a)\n" + PYBIND11,
    "a function for what others make": HEAD + FIND + MODULE + "function(ext n)\n"
    "  target_link_libraries(${n} Python3::Python)\nendfunction()\next(m)\n",
    "a function that is told the type": HEAD + FIND + "function(ext n type)\n  add_library(_${n} ${type} a.c)\n"
    "  target_link_libraries(_${n} Python3::Python)\nendfunction()\next(m MODULE)\n",
    "a program with the same variable": HEAD + FIND + "set(L Python3::Python)\nadd_executable(a a.c)\n"
    "target_link_libraries(a ${L})\n" + MODULE + _link("${L}"),
    "a program with the same variable on Windows": HEAD + FIND + "set(L Python3::Python)\n"
    "if(WIN32)\n  add_executable(a a.c)\n  target_link_libraries(a ${L})\nendif()\n" + MODULE + _link("${L}"),
    "a variable and a file that cannot be read": HEAD + FIND + "add_subdirectory(src)\n"
    "set(L Python3::Python)\n" + MODULE + _link("${L}"),
    "pkg-config's package is a program's, too": HEAD + EMBEDDING + "add_executable(a a.c)\n"
    "target_link_libraries(a ${PY_LDFLAGS})\n" + MODULE + _link("${PY_LIBRARIES}"),
    "the result of pkg-config is kept": HEAD + EMBEDDING + MODULE + _link("${PY_LIBRARIES}")
    + "set(FLAGS ${PY_LDFLAGS} PARENT_SCOPE)\n",
    "CMake fills the result of pkg-config in": HEAD + EMBEDDING + "configure_file(x.pc.in x.pc)\n" + MODULE
    + _link("${PY_LIBRARIES}"),
    "pkg-config is asked twice": HEAD + EMBEDDING + EMBEDDING + MODULE + _link("${PY_LIBRARIES}"),
    "pkg-config is asked for the first of several": HEAD + EMBEDDING.replace("check_modules", "search_module")
    + MODULE + _link("${PY_LIBRARIES}"),
    "pkg-config's package is in a variable": HEAD + "set(P python3-embed)\n" + QUERY.format("${P}")
    + MODULE + _link("${PY_LIBRARIES}"),
    "pkg-config, and a folder that cannot be read": HEAD + EMBEDDING + "add_subdirectory(src)\n"
    + MODULE + _link("${PY_LIBRARIES}"),
    "a name put together": HEAD + FIND + "set(P Python3)\n" + MODULE + _link("${P}::Python"),
}  # fmt: skip


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_nothing_is_changed_but_the_reason_told_where(text: str) -> None:
    (finding,) = found(text, NAME)
    assert finding.fix is None
    assert finding.no_fix_reason


def test_the_component_stays_below_cmake_3_18() -> None:
    old = "cmake_minimum_required(VERSION 3.15...3.29)\n"
    before, after = _link("Python3::Python"), _link("Python3::Module")
    assert fixed(old + FIND + MODULE + before, NAME) == old + FIND + MODULE + after


def _project(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _check(path: Path) -> list[int]:
    return [finding.start.row for finding in api.check_bytes(path.read_bytes(), str(path))]


def test_the_files_of_a_project_know_each_other(tmp_path: Path) -> None:
    _project(
        tmp_path,
        {
            NAME: HEAD + FIND + "include(cmake/ext.cmake)\nadd_subdirectory(src)\nadd_subdirectory(app)\n",
            "cmake/ext.cmake": "macro(ext name)\n  pybind11_add_module(${name} x.cpp)\nendmacro()\n",
            "src/CMakeLists.txt": "ext(m)\n" + _link("Python3::Python"),
            "app/CMakeLists.txt": "add_executable(a a.c)\ntarget_link_libraries(a Python3::Python)\n",
        },
    )  # fmt: skip
    inner = tmp_path / "src" / NAME
    assert _check(inner) == [2]
    assert _check(tmp_path / NAME) == _check(tmp_path / "app" / NAME) == []
    result = api.fix_bytes(inner.read_bytes(), str(inner), unsafe=False).data.decode()
    assert result == "ext(m)\n" + _link("Python3::Module")


def test_a_program_in_another_folder_keeps_the_component(tmp_path: Path) -> None:
    text = HEAD + FIND + MODULE + _link("Python3::Python") + "add_subdirectory(app)\n"
    app = "add_executable(a a.c)\ntarget_link_libraries(a Python3::Python)\n"
    _project(tmp_path, {NAME: text, "app/CMakeLists.txt": app})
    path = tmp_path / NAME
    result = api.fix_bytes(path.read_bytes(), str(path), unsafe=False).data.decode()
    assert FIND in result
    assert _link("Python3::Module") in result


BROKEN = [
    'set(X "python',
    "set(X python",
    "set X python\n",
    "set(X [[python\n",
    "#[[ python\n",
    "(python)\n",
    "set(" + "(" * 500 + "python",
    "{% if python %}\nset(X)\n",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_broken_file_is_told_of_and_not_changed(text: str) -> None:
    (finding,) = found(text, NAME)
    assert finding.code == "NLP900"
    assert finding.message.startswith("not valid CMake: ")
    assert fixed(text, NAME) == text


def test_a_header_that_cmake_fills_in_is_no_listfile() -> None:
    text = "#cmakedefine HAVE_PYTHON\nint python(void) { return 1; }\n"
    assert found(text, "config.h.cmake") == []
    assert found(text, "band.spec-in.cmake") == []
    assert [finding.code for finding in found(text, "config.cmake")] == ["NLP900"]


def test_tokens_joined_are_the_text() -> None:
    text = 'a(b "c\\"d" [=[ e ]] ]=] #[[ f ]] $<g:h> -Di="j k" # l\r\n)\n'
    assert "".join(text[token.start : token.end] for token in tokens(text)) == text


def test_what_is_kept_of_a_project_is_never_stale(tmp_path: Path) -> None:
    module, program = "add_library(m MODULE m.c)\n", "add_executable(m m.c)\n"
    _project(
        tmp_path,
        {
            NAME: HEAD + FIND + "include(kind.cmake)\nadd_subdirectory(src)\n",
            "kind.cmake": module,
            "src/CMakeLists.txt": _link("Python3::Python"),
        },
    )
    inner = tmp_path / "src" / NAME
    assert _check(inner) == [1]
    (tmp_path / "kind.cmake").write_text(program + "# another size\n")
    assert _check(inner) == []
    (tmp_path / "kind.cmake").unlink()
    assert _check(inner) == []
    (tmp_path / "kind.cmake").write_text(module)
    assert _check(inner) == [1]
    data = ("# another text in memory\n" + _link("Python3::Python")).encode()
    assert [f.start.row for f in api.check_bytes(data, str(inner))] == [2]


def test_a_file_that_its_project_does_not_name_is_read_alone(tmp_path: Path) -> None:
    _project(
        tmp_path,
        {
            NAME: HEAD + FIND,
            "cmake/unused.cmake": "function(ext n)\n  add_library(${n} MODULE x)\n"
            "  target_link_libraries(${n} Python3::Python)\nendfunction()\n",
        },
    )
    assert _check(tmp_path / "cmake" / "unused.cmake") == [3]
    assert _check(tmp_path / NAME) == []


TELLING = """\
function(make name kind)
  if("${kind}" STREQUAL "python")
    swig_add_library(${name} LANGUAGE python SOURCES ${name}.i)
    target_link_libraries(${SWIG_MODULE_${name}_REAL_NAME} ${ARGN})
  else()
    add_library(${name} ${kind} ${name}.c)
    target_link_libraries(${name} ${ARGN})
  endif()
endfunction()
"""
LIST = "set(libs\n  core\n  ${PYTHON_LIBRARIES}\n)\n"
MOVED = """\
set(libs
  core
)
if(WIN32 OR CYGWIN OR ANDROID)
  list(APPEND libs ${PYTHON_LIBRARIES})
elseif(APPLE)
  list(APPEND libs "-undefined dynamic_lookup")
endif()
"""


@pytest.mark.parametrize(
    ("call", "is_fixed"),
    [
        ("make(m python ${libs})\n", True),
        ("make(m python ${libs})\nmake(n SHARED ${libs})\n", False),
        ("make(m python ${libs})\nmake(n ${KIND} ${libs})\n", False),
    ],
)
def test_what_a_function_is_told_decides_what_it_links(call: str, is_fixed: bool) -> None:
    text = HEAD + TELLING + LIST + call
    assert fixed(text, NAME) == (HEAD + TELLING + MOVED + call if is_fixed else text)


@pytest.mark.parametrize(
    ("gap", "local", "is_fixed"),
    [
        ("docs/CMakeLists.txt", "", True),
        ("py/inner/CMakeLists.txt", "", False),
        ("py/CMakeLists.txt", "", False),
        ("cmake/tools.cmake", "", False),
        ("docs/CMakeLists.txt", "set(libs ${libs} PARENT_SCOPE)\n", False),
        ("docs/CMakeLists.txt", "set(libs ${libs} CACHE INTERNAL x)\n", False),
    ],
)
def test_a_variable_of_a_folder_is_seen_below_it(
    tmp_path: Path, gap: str, local: str, is_fixed: bool
) -> None:
    link = "swig_add_library(m LANGUAGE python SOURCES m.i)\nswig_link_libraries(m ${libs})\n"
    files = {
        "CMakeLists.txt": HEAD + "include(cmake/tools.cmake)\n"
        "add_subdirectory(docs)\nadd_subdirectory(py)\n",
        "cmake/tools.cmake": "",
        "docs/CMakeLists.txt": "",
        "py/CMakeLists.txt": LIST + link + local + "add_subdirectory(inner)\n",
        "py/inner/CMakeLists.txt": "",
    }
    files[gap] += "include(${CMAKE_BINARY_DIR}/generated.cmake)\n"
    _project(tmp_path, files)
    file = tmp_path / "py" / "CMakeLists.txt"
    (finding,) = found(file.read_text(), str(file))
    assert (finding.fix is not None) is is_fixed
    assert is_fixed or "could not be read" in finding.no_fix_reason


@pytest.mark.parametrize(
    ("root", "is_safe"),
    [
        ("", True),
        ('set(STRICT_Linux "-Wl,--no-undefined")\n', False),
        ("add_link_options(LINKER:-z,defs)\n", False),
    ],
)
def test_the_flags_of_the_outermost_listfile_count(
    tmp_path: Path, root: str, is_safe: bool
) -> None:
    link = "pybind11_add_module(m m.cpp)\ntarget_link_libraries(m PRIVATE Python3::Python)\n"
    _project(
        tmp_path,
        {
            "CMakeLists.txt": HEAD + FIND + root + "add_subdirectory(py)\n",
            "py/CMakeLists.txt": link,
        },
    )
    file = tmp_path / "py" / "CMakeLists.txt"
    (finding,) = found(link, str(file))
    assert finding.fix is not None
    assert (finding.fix.applicability is Applicability.SAFE) is is_safe


def test_the_component_stays_where_the_outermost_listfile_embeds(tmp_path: Path) -> None:
    inner = FIND + PYBIND11 + _link("Python3::Python")
    host = "add_executable(host h.c)\ntarget_link_libraries(host ${Python3_LIBRARIES})\n"
    _project(
        tmp_path,
        {"CMakeLists.txt": HEAD + "add_subdirectory(py)\n" + host, "py/CMakeLists.txt": inner},
    )
    file = str(tmp_path / "py" / "CMakeLists.txt")
    assert fixed(inner, file) == FIND + PYBIND11 + _link("Python3::Module")


@pytest.mark.parametrize("has_other", [False, True])
def test_a_library_in_its_own_directory_s_list_is_no_other_target(has_other: bool) -> None:
    text = (
        "cmake_minimum_required(VERSION 3.20)\n"
        "find_package(Python3 COMPONENTS Interpreter Development)\n"
        "link_libraries(core)\nadd_library(_m MODULE m.c)\nadd_library(core STATIC a.c)\n"
        + ("add_library(other STATIC a.c)\n" if has_other else "")
        + "target_link_libraries(core INTERFACE Python3::Python)\n"
    )
    changed = api.fix_bytes(text.encode(), "CMakeLists.txt", unsafe=True).data.decode()
    assert ("Python3::Module" in changed) is not has_other


def test_a_query_stays_where_a_computed_name_may_read_it() -> None:
    text = (
        EMBEDDING
        + MODULE
        + _link("${PY_LIBRARIES}")
        + "add_executable(app app.c)\nforeach(p PY ZLIB)\n"
        + "  target_link_libraries(app PRIVATE ${${p}_LIBRARIES})\nendforeach()\n"
    )
    assert fixed(text, "CMakeLists.txt") == text
