"""CMake: links that move into a condition, strict links, hosts' plug-ins.

Each shape is what FindPythonLibs and old FindPythons left in real projects: a variable
linked to a library that is made by hand, by SWIG or from a list.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.finding import Applicability
from tests.buildsystems.rewriting import fixed, found, text_of
from tests.buildsystems.test_real_builds import LIBRARY, needed

NAME = "CMakeLists.txt"
UNDEFINED = '"-Wl,--unresolved-symbols=ignore-all"'

MOVED = {
    "a module made by hand": (
        """
        cmake_minimum_required(VERSION 3.10)
        add_library(m MODULE m.c)
        target_link_libraries(m ${PYTHON_LIBRARIES})
        """,
        """
        cmake_minimum_required(VERSION 3.10)
        add_library(m MODULE m.c)
        if(WIN32 OR CYGWIN OR ANDROID)
          target_link_libraries(m ${PYTHON_LIBRARIES})
        elseif(APPLE)
          set_property(TARGET m APPEND_STRING PROPERTY LINK_FLAGS " -undefined dynamic_lookup")
        endif()
        """,
    ),
    "the author's letters, blanks and indentation": (
        """
        CMAKE_MINIMUM_REQUIRED(VERSION 3.13)
        IF (UNIX)
            ADD_LIBRARY (_m MODULE m.c)
            TARGET_LINK_LIBRARIES (_m PRIVATE a
                optimized ${PYTHON_LIBRARY} debug ${PYTHON_DEBUG_LIBRARY}
                b)
        ENDIF (UNIX)
        """,
        """
        CMAKE_MINIMUM_REQUIRED(VERSION 3.13)
        IF (UNIX)
            ADD_LIBRARY (_m MODULE m.c)
            TARGET_LINK_LIBRARIES (_m PRIVATE a
                b)
            IF (CYGWIN OR ANDROID)
                TARGET_LINK_LIBRARIES (_m PRIVATE optimized ${PYTHON_LIBRARY} debug ${PYTHON_DEBUG_LIBRARY})
            ELSEIF (APPLE)
                TARGET_LINK_OPTIONS (_m PRIVATE "LINKER:-undefined,dynamic_lookup")
            ENDIF ()
        ENDIF (UNIX)
        """,
    ),
    "SWIG": (
        """
        cmake_minimum_required(VERSION 3.8)
        swig_add_library(m LANGUAGE python SOURCES m.i)
        swig_link_libraries(m core ${PYTHON_LIBRARIES})
        """,
        """
        cmake_minimum_required(VERSION 3.8)
        swig_add_library(m LANGUAGE python SOURCES m.i)
        swig_link_libraries(m core)
        if(WIN32 OR CYGWIN OR ANDROID)
          swig_link_libraries(m ${PYTHON_LIBRARIES})
        elseif(APPLE)
          set_property(TARGET ${SWIG_MODULE_m_REAL_NAME} APPEND_STRING PROPERTY LINK_FLAGS " -undefined dynamic_lookup")
        endif()
        """,
    ),
    "an item of a list": (
        """
        cmake_minimum_required(VERSION 3.8)
        set(LIBS a ${PYTHON_LIBRARIES})
        add_library(_m MODULE m.c)
        target_link_libraries(_m ${LIBS})
        """,
        """
        cmake_minimum_required(VERSION 3.8)
        set(LIBS a)
        if(WIN32 OR CYGWIN OR ANDROID)
          list(APPEND LIBS ${PYTHON_LIBRARIES})
        elseif(APPLE)
          list(APPEND LIBS "-undefined dynamic_lookup")
        endif()
        add_library(_m MODULE m.c)
        target_link_libraries(_m ${LIBS})
        """,
    ),
    "an argument of a function of the project": (
        """
        cmake_minimum_required(VERSION 3.8)
        function(swig_module name)
          swig_add_module(${name} python ${name}.i)
          foreach(lib ${ARGN})
            swig_link_libraries(${name} ${lib})
          endforeach()
        endfunction()
        swig_module(error core ${PYTHON_LIBRARY})
        """,
        """
        cmake_minimum_required(VERSION 3.8)
        function(swig_module name)
          swig_add_module(${name} python ${name}.i)
          foreach(lib ${ARGN})
            swig_link_libraries(${name} ${lib})
          endforeach()
        endfunction()
        swig_module(error core)
        if(WIN32 OR CYGWIN OR ANDROID)
          swig_link_libraries(error ${PYTHON_LIBRARY})
        elseif(APPLE)
          set_property(TARGET ${SWIG_MODULE_error_REAL_NAME} APPEND_STRING PROPERTY LINK_FLAGS " -undefined dynamic_lookup")
        endif()
        """,
    ),
    "two of one command at once": (
        """
        cmake_minimum_required(VERSION 3.8)
        add_library(_m MODULE m.c)
        target_link_libraries(_m ${PYTHON_LIBRARIES} ${PYTHON_LIBRARY})
        """,
        """
        cmake_minimum_required(VERSION 3.8)
        add_library(_m MODULE m.c)
        if(WIN32 OR CYGWIN OR ANDROID)
          target_link_libraries(_m ${PYTHON_LIBRARIES} ${PYTHON_LIBRARY})
        elseif(APPLE)
          set_property(TARGET _m APPEND_STRING PROPERTY LINK_FLAGS " -undefined dynamic_lookup")
        endif()
        """,
    ),
    "a guard that is there already": (
        """
        cmake_minimum_required(VERSION 3.8)
        add_library(_m MODULE m.c)
        if(WIN32)
          target_link_libraries(_m ${PYTHON_LIBRARIES})
        elseif(APPLE)
          set_target_properties(_m PROPERTIES LINK_FLAGS "-undefined dynamic_lookup")
        else()
          target_link_libraries(_m ${PYTHON_LIBRARIES})
        endif()
        """,
        """
        cmake_minimum_required(VERSION 3.8)
        add_library(_m MODULE m.c)
        if(WIN32)
          target_link_libraries(_m ${PYTHON_LIBRARIES})
        elseif(APPLE)
          set_target_properties(_m PROPERTIES LINK_FLAGS "-undefined dynamic_lookup")
        else()
          if(CYGWIN OR ANDROID)
            target_link_libraries(_m ${PYTHON_LIBRARIES})
          endif()
        endif()
        """,
    ),
    "a system that needs nothing": (
        """
        cmake_minimum_required(VERSION 3.8)
        add_library(_m MODULE m.c)
        if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
          target_link_libraries(_m a ${PYTHON_LIBRARIES})
        endif()
        """,
        """
        cmake_minimum_required(VERSION 3.8)
        add_library(_m MODULE m.c)
        if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
          target_link_libraries(_m a)
        endif()
        """,
    ),
    "macOS's flag is set for all": (
        """
        cmake_minimum_required(VERSION 3.8)
        set(CMAKE_MODULE_LINKER_FLAGS "-undefined dynamic_lookup")
        add_library(_m MODULE m.c)
        target_link_libraries(_m a ${PYTHON_LIBRARIES})
        """,
        """
        cmake_minimum_required(VERSION 3.8)
        set(CMAKE_MODULE_LINKER_FLAGS "-undefined dynamic_lookup")
        add_library(_m MODULE m.c)
        target_link_libraries(_m a)
        if(WIN32 OR CYGWIN OR ANDROID)
          target_link_libraries(_m ${PYTHON_LIBRARIES})
        endif()
        """,
    ),
    "SWIG and a FindPython that has a target for modules": (
        """
        cmake_minimum_required(VERSION 3.18)
        find_package(Python3 COMPONENTS Interpreter Development)
        swig_add_library(m LANGUAGE python SOURCES m.i)
        swig_link_libraries(m core ${Python3_LIBRARIES})
        """,
        """
        cmake_minimum_required(VERSION 3.18)
        find_package(Python3 COMPONENTS Interpreter Development.Module)
        swig_add_library(m LANGUAGE python SOURCES m.i)
        swig_link_libraries(m core Python3::Module)
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), MOVED.values(), ids=MOVED)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_link_moves_to_where_it_is_needed(before: str, after: str, end: str) -> None:
    text = text_of(before).replace("\n", end)
    assert fixed(text, NAME) == text_of(after).replace("\n", end)


@pytest.mark.parametrize("name", [name for name in MOVED if "target for modules" not in name])
def test_a_link_moves_only_if_asked_to(name: str) -> None:
    for finding in found(text_of(MOVED[name][0]), NAME):
        assert finding.fix is not None
        assert finding.fix.applicability is Applicability.UNSAFE


STAYS = {
    "an argument that the function asks for": (
        "function(ext name lib)\n  add_library(${name} MODULE m.c)\n"
        "  target_link_libraries(${name} ${lib})\nendfunction()\next(_m ${PYTHON_LIBRARIES})\n"
    ),
    "a list of the parent's": (
        "set(LIBS ${PYTHON_LIBRARIES} PARENT_SCOPE)\nset(LIBS ${PYTHON_LIBRARIES})\n"
        "add_library(_m MODULE m.c)\nadd_executable(a a.c)\ntarget_link_libraries(a ${LIBS})\n"
        "target_link_libraries(_m ${LIBS})\n"
    ),
    "a comment that would go": (
        "add_library(_m MODULE m.c)\ntarget_link_libraries(_m\n  # Python\n  ${PYTHON_LIBRARIES})\n"
    ),
}


@pytest.mark.parametrize("text", STAYS.values(), ids=STAYS)
def test_what_cannot_be_written_twice_stays(text: str) -> None:
    text = f"cmake_minimum_required(VERSION 3.8)\n{text}"
    assert fixed(text, NAME) == text
    assert all(finding.no_fix_reason for finding in found(text, NAME))


RENAMED = (
    "set(PY3 ${{PYTHON_LIBRARY}}{})\nif({})\n  add_library(m MODULE m.c)\n"
    "  target_link_libraries(m z ${{PY3}})\nendif()\n"
)


@pytest.mark.parametrize("question", ["PY3", "INCLUDES AND PY3", "NOT DEFINED X OR ${PY3}"])
def test_a_variable_that_is_asked_for_keeps_its_value(question: str) -> None:
    text = RENAMED.format("", question)
    after = fixed(text, NAME)
    assert after == text.replace(
        "(m z ${PY3})\n",
        "(m z)\n  if(WIN32 OR CYGWIN OR ANDROID)\n    target_link_libraries(m ${PY3})\n"
        "  elseif(APPLE)\n    set_property(TARGET m APPEND_STRING PROPERTY LINK_FLAGS "
        '" -undefined dynamic_lookup")\n  endif()\n',
    )
    assert found(after, NAME) == []


def test_a_variable_that_several_commands_link_is_not_emptied() -> None:
    text = (
        RENAMED.format("", "PY3") + "add_library(n MODULE n.c)\ntarget_link_libraries(n ${PY3})\n"
    )
    (finding,) = found(text, NAME)
    assert finding.fix is None
    assert finding.no_fix_reason == "`PY3` is used for something else as well"


@pytest.mark.parametrize(("more", "question"), [("", "INCLUDES"), (" m", "PY3"), ("", "PY30")])
def test_a_variable_that_keeps_a_value_or_is_not_asked_for_is_fixed(
    more: str, question: str
) -> None:
    (finding,) = found(RENAMED.format(more, question), NAME)
    assert finding.fix is not None


STRICT = [
    'set(CMAKE_MODULE_LINKER_FLAGS "-Wl,--no-undefined")',
    'set(CMAKE_MODULE_LINKER_FLAGS "${CMAKE_MODULE_LINKER_FLAGS} -Wl,-z,defs")',
    'string(APPEND CMAKE_C_FLAGS " x")\nadd_link_options(-Wl,-z -Wl,defs)',
    "add_link_options(LINKER:--no-undefined)",
    'add_link_options("LINKER:-z,defs")',
    "set(STRICT -Wl,--no-undefined)",
    'target_link_options(m PRIVATE "LINKER:--no-undefined")',
    'set_target_properties(other m PROPERTIES LINK_FLAGS "-Wl,-z,defs")',
    'set_property(TARGET m APPEND PROPERTY LINK_OPTIONS "-Wl,--no-undefined")',
    'set_property(DIRECTORY APPEND PROPERTY LINK_OPTIONS "-Wl,--no-undefined")',
    "target_link_libraries(m -Wl,--no-undefined)",
    "foreach(each m n)\n  target_link_options(${each} PRIVATE -Wl,--no-undefined)\nendforeach()",
    "include(KDECompilerSettings NO_POLICY_SCOPE)",
    (
        'set(CMAKE_SHARED_LINKER_FLAGS "-Wl,-z,defs")\n'
        'set(CMAKE_MODULE_LINKER_FLAGS "${CMAKE_SHARED_LINKER_FLAGS}")'
    ),
    'set(CMAKE_SHARED_LINKER_FLAGS "-Wl,-z,defs")\nadd_link_options(${CMAKE_SHARED_LINKER_FLAGS})',
    'string(APPEND CMAKE_MODULE_LINKER_FLAGS " -Wl,-z,defs")',
    'string(CONCAT FLAGS "-s " "-Wl,-z,defs")',
]
LENIENT = [
    "add_link_options(-Wl,--no-undefined-version)",
    "add_link_options(-Wl,-z,nodefs)",
    'target_link_options(other PRIVATE "-Wl,--no-undefined")',
    'set_target_properties(other PROPERTIES LINK_FLAGS "-Wl,-z,defs")',
    'set(CMAKE_SHARED_LINKER_FLAGS "${CMAKE_SHARED_LINKER_FLAGS} -Wl,--no-undefined")',
    'set(CMAKE_EXE_LINKER_FLAGS_DEBUG "-Wl,-z,defs")',
    'message(STATUS "-Wl,--no-undefined is not used")',
    'check_c_linker_flag("-Wl,--no-undefined" HAS)',
    'string(REPLACE "-Wl,--no-undefined" "" CMAKE_MODULE_LINKER_FLAGS "${CMAKE_MODULE_LINKER_FLAGS}")',
]
LINKS = {
    "safe otherwise": "find_package(Python3 COMPONENTS Development)\n{}\nadd_library(m MODULE m.c)\n"
    "target_link_libraries(m Python3::Python)\n",
    "unsafe otherwise": "{}\nadd_library(m MODULE m.c)\ntarget_link_libraries(m ${{PYTHON_LIBRARIES}})\n",
}


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
@pytest.mark.parametrize("flags", STRICT)
def test_the_fix_of_a_strict_link_undoes_the_flag_for_the_module(flags: str, link: str) -> None:
    text = "cmake_minimum_required(VERSION 3.20)\n" + link.format(flags)
    (finding,) = found(text, NAME)
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.UNSAFE
    assert fixed(text, NAME, unsafe=False) == text
    after = fixed(text, NAME)
    assert after.count(f"  target_link_libraries(m {UNDEFINED})\n") == 1
    assert found(after, NAME) == []


STRICT_EDITS = {
    "a variable moves": (
        """
        link_libraries(-Wl,-z,defs)
        add_library(m MODULE m.c)
          TARGET_LINK_LIBRARIES (m PUBLIC ${PYTHON_LIBRARIES} z)
        """,
        """
        link_libraries(-Wl,-z,defs)
        add_library(m MODULE m.c)
          TARGET_LINK_LIBRARIES (m PUBLIC z)
          IF (WIN32 OR CYGWIN OR ANDROID)
            TARGET_LINK_LIBRARIES (m PUBLIC ${PYTHON_LIBRARIES})
          ELSEIF (APPLE)
            SET_PROPERTY (TARGET m APPEND_STRING PROPERTY LINK_FLAGS " -undefined dynamic_lookup")
          ELSE ()
            TARGET_LINK_LIBRARIES (m PRIVATE "-Wl,--unresolved-symbols=ignore-all")
          ENDIF ()
        """,
    ),
    "other platforms are excluded": (
        """
        link_libraries(-Wl,-z,defs)
        add_library(m MODULE m.c)
        if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
          target_link_libraries(m ${PYTHON_LIBRARIES} z)
        endif()
        """,
        """
        link_libraries(-Wl,-z,defs)
        add_library(m MODULE m.c)
        if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
          target_link_libraries(m z)
          target_link_libraries(m "-Wl,--unresolved-symbols=ignore-all")
        endif()
        """,
    ),
    "macOS has its flag": (
        """
        link_libraries(-Wl,-z,defs)
        if(APPLE)
          set(CMAKE_MODULE_LINKER_FLAGS "-undefined dynamic_lookup")
        endif()
        add_library(m MODULE m.c)
        target_link_libraries(m ${PYTHON_LIBRARIES})
        """,
        """
        link_libraries(-Wl,-z,defs)
        if(APPLE)
          set(CMAKE_MODULE_LINKER_FLAGS "-undefined dynamic_lookup")
        endif()
        add_library(m MODULE m.c)
        if(WIN32 OR CYGWIN OR ANDROID)
          target_link_libraries(m ${PYTHON_LIBRARIES})
        elseif(NOT APPLE)
          target_link_libraries(m "-Wl,--unresolved-symbols=ignore-all")
        endif()
        """,
    ),
    "a target has a counterpart": (
        """
        cmake_minimum_required(VERSION 3.15)
        find_package(Python3 COMPONENTS Development)
        add_link_options(LINKER:--no-undefined)
        add_library(m MODULE m.c)
        target_link_libraries(m PRIVATE Python3::Python)
        """,
        """
        cmake_minimum_required(VERSION 3.15)
        find_package(Python3 COMPONENTS Development)
        add_link_options(LINKER:--no-undefined)
        add_library(m MODULE m.c)
        target_link_libraries(m PRIVATE Python3::Module)
        if(NOT (WIN32 OR CYGWIN OR ANDROID OR APPLE))
          target_link_libraries(m PRIVATE "-Wl,--unresolved-symbols=ignore-all")
        endif()
        """,
    ),
}


@pytest.mark.parametrize(("before", "after"), STRICT_EDITS.values(), ids=STRICT_EDITS)
def test_a_strict_link_is_edited_as_its_author_writes(before: str, after: str) -> None:
    assert fixed(text_of(before), NAME) == text_of(after)


@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
@pytest.mark.parametrize("flags", LENIENT)
def test_what_only_looks_strict_does_not_stop_a_fix(flags: str, link: str) -> None:
    text = "cmake_minimum_required(VERSION 3.20)\n" + link.format(flags)
    (finding,) = found(text, NAME)
    assert finding.fix is not None


def test_the_flags_of_shared_libraries_are_for_shared_libraries() -> None:
    flags = 'set(CMAKE_SHARED_LINKER_FLAGS "-Wl,--no-undefined")\n'
    made = (
        'add_library(m SHARED m.c)\nset_target_properties(m PROPERTIES PREFIX "" OUTPUT_NAME _m)\n'
    )
    text = flags + made + "target_link_libraries(m ${PYTHON_LIBRARIES})\n"
    assert UNDEFINED in fixed(text, NAME)
    assert UNDEFINED not in fixed(text.replace("SHARED m.c", "MODULE m.c"), NAME)


ASKED = [
    "if(Python3_Development_FOUND)\n  set(x 1)\nendif()",
    "if(NOT PYTHON3_DEVELOPMENT_FOUND)\n  set(x 1)\nendif()",
    'message(STATUS "found: ${Python3_Development_FOUND}")',
    'cmake_dependent_option(WITH_PYTHON "" ON "Python3_Development_FOUND" OFF)',
    "set(HAVE_PYTHON ${Python3_Development_FOUND})",
]


@pytest.mark.parametrize("question", ASKED)
def test_a_component_that_is_asked_for_stays(question: str) -> None:
    find = "find_package(Python3 COMPONENTS Interpreter Development)\n"
    head = f"cmake_minimum_required(VERSION 3.20)\n{find}{question}\n"
    module = "Python3_add_library(m MODULE m.c)\ntarget_link_libraries(m PRIVATE Python3::{})\n"
    assert fixed(head + module.format("Python"), NAME, unsafe=False) == head + module.format(
        "Module"
    )


EMBED = "find_package(Python3 COMPONENTS Development.Embed)\n"
HOSTS = {
    "a prefix alone, in a folder of plug-ins": (
        "plugins/python/CMakeLists.txt",
        (
            'add_library(python MODULE p.c)\nset_target_properties(python PROPERTIES PREFIX "")\n'
            "target_link_libraries(python ${Python3_LIBRARIES})\n"
        ),
    ),
    "the component of embedding programs": (
        "src/CMakeLists.txt",
        (
            f"{EMBED}add_library(script MODULE s.c)\n"
            'set_target_properties(script PROPERTIES PREFIX "")\n'
            "target_link_libraries(script PRIVATE Python3::Python)\n"
        ),
    ),
    "installed where a host looks for plug-ins": (
        "src/CMakeLists.txt",
        (
            'add_library(python MODULE p.c)\nset_target_properties(python PROPERTIES PREFIX "")\n'
            "target_link_libraries(python ${PYTHON_LIBRARIES})\n"
            "install(TARGETS python LIBRARY DESTINATION ${LIBDIR}/weechat/plugins)\n"
        ),
    ),
    "installed where a host looks for scripts": (
        "src/CMakeLists.txt",
        (
            'add_library(python MODULE p.c)\nset_target_properties(python PROPERTIES PREFIX "")\n'
            "target_link_libraries(python ${PYTHON_LIBRARIES})\n"
            "install(TARGETS python DESTINATION lib/irc/loadable)\n"
        ),
    ),
    "a plug-in by its name": (
        "src/CMakeLists.txt",
        (
            'add_library(pyplugin MODULE p.c)\nset_target_properties(pyplugin PROPERTIES PREFIX "")\n'
            "target_link_libraries(pyplugin ${PYTHON_LIBRARIES})\n"
        ),
    ),
}
MODULES = {
    "installed in a folder with Python's name": (
        "src/CMakeLists.txt",
        (
            'add_library(m MODULE m.c)\nset_target_properties(m PROPERTIES PREFIX "")\n'
            "target_link_libraries(m ${PYTHON_LIBRARIES})\n"
            "install(TARGETS m DESTINATION lib/tune/python)\n"
        ),
    ),
    "installed in a folder of the project's": (
        "src/CMakeLists.txt",
        (
            'add_library(m MODULE m.c)\nset_target_properties(m PROPERTIES PREFIX "")\n'
            "target_link_libraries(m ${PYTHON_LIBRARIES})\n"
            "install(TARGETS m DESTINATION lib/tune)\n"
        ),
    ),
    "a name with an underscore": (
        "plugins/CMakeLists.txt",
        (
            'add_library(_m MODULE m.c)\nset_target_properties(_m PROPERTIES PREFIX "")\n'
            "target_link_libraries(_m ${PYTHON_LIBRARIES})\n"
        ),
    ),
    "Python's suffix": (
        "plugins/CMakeLists.txt",
        (
            "add_library(m MODULE m.c)\n"
            'set_target_properties(m PROPERTIES PREFIX "" SUFFIX ".abi3.so")\n'
            "target_link_libraries(m ${PYTHON_LIBRARIES})\n"
        ),
    ),
    "a source of SWIG's": (
        "plugins/CMakeLists.txt",
        "add_library(m MODULE m_wrap.cxx)\ntarget_link_libraries(m ${PYTHON_LIBRARIES})\n",
    ),
    "no sign of a host": (
        "src/CMakeLists.txt",
        "add_library(m MODULE m.c)\ntarget_link_libraries(m ${PYTHON_LIBRARIES})\n",
    ),
}


@pytest.mark.parametrize(("path", "text"), HOSTS.values(), ids=HOSTS)
def test_a_plug_in_of_a_host_is_silent(path: str, text: str, tmp_path: Path) -> None:
    assert checked(tmp_path / path, text) == []


@pytest.mark.parametrize(("path", "text"), MODULES.values(), ids=MODULES)
def test_a_module_beside_plug_ins_is_found(path: str, text: str, tmp_path: Path) -> None:
    assert checked(tmp_path / path, text) == ["NLP202"]


def checked(path: Path, text: str) -> list[str]:
    """Return the codes of the findings in a file of this text."""
    path.parent.mkdir(parents=True)
    path.write_text(f"cmake_minimum_required(VERSION 3.20)\n{text}")
    return [finding.code for finding in api.check_bytes(path.read_bytes(), str(path))]


# -- built -----------------------------------------------------------------------

C = """
#include <Python.h>
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_tally", "", -1, NULL};
PyMODINIT_FUNC PyInit__tally(void) { return PyModule_Create(&definition); }
"""
PROJECT = """
cmake_minimum_required(VERSION 3.10)
project(tally C)
if(POLICY CMP0148)
  cmake_policy(SET CMP0148 OLD)
endif()
"""
BY_HAND = (
    PROJECT
    + """
add_library(_tally MODULE tally.c)
target_include_directories(_tally PRIVATE ${PYTHON_INCLUDE_DIRS})
set_target_properties(_tally PROPERTIES PREFIX "")
target_link_libraries(_tally m ${PYTHON_LIBRARIES})
"""
)
FROM_A_LIST = (
    PROJECT
    + """
set(LIBS ${PYTHON_LIBRARIES} m)
include_directories(${PYTHON_INCLUDE_DIRS})
add_library(_tally MODULE tally.c)
set_target_properties(_tally PROPERTIES PREFIX "")
target_link_libraries(_tally ${LIBS})
"""
)
SWIG = (
    PROJECT
    + """
find_package(SWIG REQUIRED)
include(${SWIG_USE_FILE})
include_directories(${PYTHON_INCLUDE_DIRS})
swig_add_library(tally LANGUAGE python SOURCES tally.i)
swig_link_libraries(tally ${PYTHON_LIBRARIES})
"""
)
#: Of its suffix for Windows it follows that the flag is for MinGW, too.
FLAG = (
    PROJECT
    + f"""
add_library(_tally SHARED tally.c)
target_include_directories(_tally PRIVATE ${{PYTHON_INCLUDE_DIRS}})
set_target_properties(_tally PROPERTIES PREFIX "")
if(WIN32)
  set_target_properties(_tally PROPERTIES SUFFIX ".pyd")
endif()
target_link_libraries(_tally "-L{LIBRARY.parent}" m -lpython{sysconfig.get_config_var("LDVERSION")})
"""
)
INTERFACE = "%module tally\n%inline %{ int sum(int a, int b) { return a + b; } %}\n"
SOURCES = {"tally.c": C, "tally.i": INTERFACE}
SETTINGS = [
    "-DCMAKE_POLICY_VERSION_MINIMUM=3.5",
    f"-DPYTHON_INCLUDE_DIRS={sysconfig.get_path('include')}",
]
#: Where a strict flag may be: for all modules, for all targets, last on the line, on the target.
STRICT_LINES = {
    "strict, by hand": 'set(CMAKE_MODULE_LINKER_FLAGS "-Wl,--no-undefined")\n' + BY_HAND,
    "strict, from a list": FROM_A_LIST.replace("set(LIBS", "link_libraries(-Wl,-z,defs)\nset(LIBS"),
    "strict, swig": SWIG.replace(
        "include(", 'set(CMAKE_MODULE_LINKER_FLAGS "-Wl,-z,defs")\ninclude('
    ),
    "strict, on the target": BY_HAND
    + 'set_property(TARGET _tally APPEND_STRING PROPERTY LINK_FLAGS " -Wl,--no-undefined")\n',
}
SHAPES = {
    "by hand": BY_HAND,
    "from a list": FROM_A_LIST,
    "swig": SWIG,
    "a flag": FLAG,
    **STRICT_LINES,
}

built = pytest.mark.skipif(
    not shutil.which("cmake") or not shutil.which("make") or not shutil.which("gcc"),
    reason="no CMake, make or gcc",
)


def configured(folder: Path, build: str, *settings: str) -> Path:
    """Configure a project and return its build folder."""
    environment = {**os.environ, "LDFLAGS": "-Wl,--no-as-needed"}
    command = ["cmake", "-GUnix Makefiles", f"-S{folder}", f"-B{folder / build}"]
    done = subprocess.run(
        [*command, *SETTINGS, *settings],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / build


def project(folder: Path, shape: str) -> Path:
    """Write a project of a shape into a folder."""
    if "swig" in shape and not shutil.which("swig"):
        pytest.skip("no swig")
    for name, text in SOURCES.items():
        (folder / name).write_text(text)
    (folder / NAME).write_text(shape)
    return folder


def fix(folder: Path) -> None:
    """Make all fixes."""
    command = [sys.executable, "-m", "no_libpython_dlopen", "fix", "--unsafe-fixes", NAME]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@built
@pytest.mark.skipif(
    LIBRARY.suffix != ".so" or not LIBRARY.exists(), reason="no libpython to link to"
)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_built_module_needs_libpython_before_and_not_after(shape: str, tmp_path: Path) -> None:
    folder = project(tmp_path, shape)
    setting = f"-DPYTHON_LIBRARIES={LIBRARY}"
    for build, expected in (("before", 1), ("after", 0)):
        if build == "after":
            fix(folder)
        made = configured(folder, build, setting)
        subprocess.run(["make", "-s", "-C", made], check=True, capture_output=True)
        assert len(needed(made, "_tally*.so")) == expected
    code = "import sys; sys.path.insert(0, sys.argv[1]); import _tally"
    subprocess.run([sys.executable, "-c", code, made], check=True)


#: Settings with which a system is configured for on this one, and whether it links Python.
SYSTEMS = {
    "Darwin": (["-DCMAKE_INSTALL_NAME_TOOL=/bin/true", "-DCMAKE_OSX_SYSROOT="], False),
    "Windows": ([], True),
    "FreeBSD": ([], False),
}


@built
@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(
    "shape",
    [BY_HAND, FROM_A_LIST, FLAG, STRICT_LINES["strict, by hand"]],
    ids=["by hand", "from a list", "a flag", "strict, by hand"],
)
def test_each_system_gets_what_it_needs(system: str, shape: str, tmp_path: Path) -> None:
    folder = project(tmp_path, shape)
    fix(folder)
    settings, linked = SYSTEMS[system]
    forced = ["-DCMAKE_C_COMPILER=gcc", "-DCMAKE_C_COMPILER_WORKS=1"]
    made = configured(
        folder,
        "build",
        f"-DCMAKE_SYSTEM_NAME={system}",
        *forced,
        *settings,
        "-DPYTHON_LIBRARIES=/elsewhere/libpython3.11.a",
    )
    files = [*made.rglob("link.txt"), *made.rglob("linkLibs.rsp")]
    line = "".join(path.read_text() for path in files)
    linking = "-lpython3" if shape is FLAG else "/elsewhere/libpython3.11.a"
    assert (linking in line) == linked
    assert ("-undefined dynamic_lookup" in line) == (system == "Darwin")
    is_strict = shape in STRICT_LINES.values()
    assert (UNDEFINED.strip('"') in line) == (is_strict and system == "FreeBSD")
