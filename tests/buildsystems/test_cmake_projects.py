"""CMake: links that several listfiles of a project make together."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import (
    assert_marked_lines_are_reported,
    fixed,
    found,
    marked,
    text_of,
)

HEAD = """\
cmake_minimum_required(VERSION 3.18)
project(band CXX)
"""

Files = dict[str, str]

#: Listfiles of a project by their paths, without the head of the outermost one.
REPORTED: dict[str, Files] = {
    "a folder without a listfile lies between": {
        "CMakeLists.txt": """
        add_library(band SHARED band.cpp)
        add_subdirectory(bindings/python)
        """,
        "bindings/python/CMakeLists.txt": """
        find_package(Python COMPONENTS Interpreter Development)
        set(NAME band)
        swig_add_library(${NAME} TYPE MODULE LANGUAGE python SOURCES band.i)
        target_link_libraries(_${PROJECT_NAME} ${Python_LIBRARIES})  # expect: NLP202
        """,
    },
    "SWIG's target has the name of the program": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        list(APPEND LIBRARIES ${PYTHON_LIBRARIES})
        add_executable(band main.cpp)
        target_link_libraries(band ${LIBRARIES})
        swig_add_module(band python band.i)
        swig_link_libraries(band ${PYTHON_LIBRARIES})  # expect: NLP202
        """
    },
    "SWIG's target has the name of the program's library": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        add_library(band SHARED band.cpp)
        swig_add_library(band LANGUAGE python SOURCES band.i)
        if(APPLE)
          swig_link_libraries(band "-undefined dynamic_lookup")
        else(APPLE)
          swig_link_libraries(band ${PYTHON_LIBRARIES})  # expect: NLP202
        endif(APPLE)
        """
    },
    "a function takes the language, and the libraries as a quoted list": {
        "CMakeLists.txt": """
        include(functions.cmake)
        add_subdirectory(python)
        """,
        "functions.cmake": """
        function(build_library library library_type sources libraries)
          if("${library_type}" STREQUAL "MODULE" OR "${library_type}" STREQUAL "SHARED")
            add_library(${library} ${library_type} ${sources})
            target_link_libraries(${library} PUBLIC ${libraries})
          else()
            string(TOLOWER "${library_type}" language)
            swig_add_library(${library} LANGUAGE "${language}" TYPE MODULE SOURCES ${sources})
            target_link_libraries(${SWIG_MODULE_${library}_REAL_NAME} PUBLIC ${libraries})
          endif()
        endfunction()
        """,
        "python/CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(LIST
          Band::band
          ${PYTHON_LIBRARIES}  # expect: NLP202
        )
        build_library(bandc Python bandc.i "${LIST}")
        set(LIST_OF_QT Band::qt ${PYTHON_LIBRARIES})  # expect: NLP202
        build_library(bandqt MODULE "a.cpp;b.cpp" "${LIST_OF_QT}")
        """,
    },
    "SWIG's language is computed": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        list(GET LANGUAGES 0 lang)
        swig_add_library(band LANGUAGE "${lang}" SOURCES band.i)
        swig_link_libraries(band ${PYTHON_LIBRARIES})  # expect: NLP202
        """
    },
    "a target is another one on Windows": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        if(WIN32)
          add_library(band SHARED band.cpp)
          install(TARGETS band DESTINATION plugins)
        else()
          add_library(band MODULE band.cpp)
        endif()
        target_link_libraries(band ${PYTHON_LIBRARIES})  # expect: NLP202
        """
    },
    "a bridge whose prefix is emptied on Windows, beside a module": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        add_library(bridge SHARED bridge.cpp)
        if(WIN32)
          set_target_properties(bridge PROPERTIES PREFIX "")
        endif()
        target_link_libraries(bridge ${PYTHON_LIBRARIES})
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band bridge ${PYTHON_LIBRARIES})  # expect: NLP202
        """
    },
    "an INTERFACE library carries it to a module of another file": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        add_library(python_base INTERFACE)
        target_link_libraries(python_base INTERFACE ${PYTHON_LIBRARIES})  # expect: NLP202
        add_subdirectory(python)
        """,
        "python/CMakeLists.txt": """
        python_add_module(band band.cpp)
        target_link_libraries(band PRIVATE python_base)
        """,
    },
    "over two libraries and an alias": {
        "CMakeLists.txt": """
        find_package(Python3 COMPONENTS Development REQUIRED)
        add_library(python INTERFACE IMPORTED)
        set_target_properties(python PROPERTIES INTERFACE_LINK_LIBRARIES "Python3::Python")  # expect: NLP202
        add_library(core OBJECT core.cpp)
        target_link_libraries(core PUBLIC python)
        add_library(Band::core ALIAS core)
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band Band::core)
        """
    },
    "a static library hands on its private items": {
        "CMakeLists.txt": """
        find_package(Python3 COMPONENTS Development REQUIRED)
        add_library(core STATIC core.cpp)
        target_link_libraries(core PRIVATE Python3::Python)  # expect: NLP202
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band PRIVATE core)
        """
    },
    "link_libraries brings the library that carries it": {
        "CMakeLists.txt": """
        find_package(Python3 COMPONENTS Development REQUIRED)
        add_library(python INTERFACE)
        target_link_libraries(python INTERFACE Python3::Python)  # expect: NLP202
        link_libraries(python)
        add_library(_band MODULE band.cpp)
        """
    },
    "SIP makes a module of an INTERFACE library": {
        "CMakeLists.txt": """
        find_package(Python COMPONENTS Interpreter Development)
        if(TARGET cpython::cpython)
          add_library(Python::Python ALIAS cpython::python)
        endif()
        add_library(pyBand INTERFACE)
        target_link_libraries(pyBand INTERFACE Band Python::Python)  # expect: NLP202
        add_sip_module(pyBand)
        """
    },
    "an option makes a module or a program": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(LIBRARIES m ${PYTHON_LIBRARIES})  # expect: NLP202
        add_subdirectory(src)
        """,
        "src/CMakeLists.txt": """
        if(PYTHON_MODULE)
          add_library(band SHARED band.cpp)
          set_target_properties(band PROPERTIES PREFIX "")
          install(TARGETS band DESTINATION ${PYTHON_SITE_DIR})
        else()
          add_executable(band band.cpp main.cpp)
        endif()
        target_link_libraries(band ${LIBRARIES})
        """,
    },
    "a Find module collects the libraries for a function with a loop over its arguments": {
        "CMakeLists.txt": """
        set(CMAKE_MODULE_PATH ${CMAKE_MODULE_PATH} ${band_SOURCE_DIR}/config)
        find_package(BAND_DEPENDENCIES)
        include(ADD_BAND_MODULE)
        if(BAND_DEPENDENCIES_FOUND)
          add_subdirectory(python)
        endif()
        """,
        "config/FindBAND_DEPENDENCIES.cmake": """
        find_package(PythonInterp)
        execute_process(COMMAND ${PYTHON_EXECUTABLE} -c
          "from sysconfig import *; print(get_config_var('LDLIBRARY'))" OUTPUT_VARIABLE NAME)
        find_library(PYTHON_LIBRARIES ${NAME} HINTS "${PREFIX}" PATH_SUFFIXES lib)
        SET(BAND_LIBRARIES ${PYTHON_LIBRARIES} ${Boost_PYTHON_LIBRARY})  # expect: NLP202
        """,
        "config/ADD_BAND_MODULE.cmake": """
        FUNCTION(ADD_BAND_MODULE target)
          set(v SOURCES)
          foreach(i ${ARGN})
            if(${i} MATCHES "^SOURCES$")
              set(v SOURCES)
            elseif(${i} MATCHES "^LIBRARIES$")
              set(v LIBRARIES)
            else()
              set(${v} ${${v}} ${i})
            endif()
          endforeach(i)
          ADD_LIBRARY(${target} SHARED ${SOURCES})
          TARGET_LINK_LIBRARIES(${target} ${LIBRARIES} ${BAND_LIBRARIES})
          SET_TARGET_PROPERTIES(${target} PROPERTIES PREFIX "")
        ENDFUNCTION(ADD_BAND_MODULE)
        """,
        "python/CMakeLists.txt": """
        ADD_BAND_MODULE(core SOURCES a.cxx b.cxx LIBRARIES m)
        """,
    },
    "sysconfig's EXT_SUFFIX is the suffix": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        execute_process(COMMAND ${PYTHON_EXECUTABLE} -c
          "import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))"
          OUTPUT_VARIABLE TAIL OUTPUT_STRIP_TRAILING_WHITESPACE)
        add_library(band SHARED band.cpp)
        set_target_properties(band PROPERTIES SUFFIX "${TAIL}")
        target_link_libraries(band ${PYTHON_LIBRARIES})  # expect: NLP202
        """
    },
    "a loop is left where the list is set": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(LIBS UNRESOLVED)
        foreach(candidate a b)
          find_library(${candidate}_LIBRARY ${candidate})
          if(${candidate}_LIBRARY)
            set(LIBS ${PYTHON_LIBRARIES})  # expect: NLP202
            break()
          endif()
        endforeach()
        if(LIBS STREQUAL "UNRESOLVED")
          message(FATAL_ERROR "nothing found")
        endif()
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band ${LIBS})
        """
    },
}

SILENT: dict[str, Files] = {
    "the listfile above the gap is of another project": {
        "CMakeLists.txt": """
        add_library(_tune MODULE tune.cpp)
        add_subdirectory(other)
        """,
        "bindings/python/CMakeLists.txt": """
        target_link_libraries(_tune ${Python_LIBRARIES})
        """,
    },
    "the program has the name of SWIG's module, which is linked to nothing": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(LIBRARIES ${PYTHON_LIBRARIES})
        add_executable(band main.cpp)
        target_link_libraries(band ${LIBRARIES})
        swig_add_module(band python band.i)
        """
    },
    "SWIG writes for another language": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        string(TOLOWER "TCL" lang)
        swig_add_library(band LANGUAGE "${lang}" SOURCES band.i)
        swig_link_libraries(band ${PYTHON_LIBRARIES})
        """
    },
    "only programs use the library that carries it": {
        "CMakeLists.txt": """
        find_package(Python3 COMPONENTS Development REQUIRED)
        add_library(python INTERFACE)
        target_link_libraries(python INTERFACE Python3::Python)
        add_library(core STATIC core.cpp)
        target_link_libraries(core PUBLIC python)
        add_executable(band band.cpp)
        target_link_libraries(band core)
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band other)
        """
    },
    "only a host's plug-in uses it": {
        "CMakeLists.txt": """
        find_package(Python3 COMPONENTS Development REQUIRED)
        add_library(python INTERFACE)
        target_link_libraries(python INTERFACE Python3::Python)
        add_library(script_plugin MODULE script.cpp)
        target_link_libraries(script_plugin python)
        """
    },
    "a shared library embeds for the module": {
        "CMakeLists.txt": """
        find_package(Python3 COMPONENTS Development REQUIRED)
        add_library(bridge SHARED bridge.cpp)
        target_link_libraries(bridge PUBLIC Python3::Python)
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band bridge)
        """
    },
    "an OBJECT library keeps its private items": {
        "CMakeLists.txt": """
        find_package(Python3 COMPONENTS Development REQUIRED)
        add_library(core OBJECT core.cpp)
        target_link_libraries(core PRIVATE Python3::Python)
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band core)
        """
    },
    "the module uses it on Windows only": {
        "CMakeLists.txt": """
        find_package(Python3 COMPONENTS Development REQUIRED)
        add_library(python INTERFACE)
        target_link_libraries(python INTERFACE Python3::Python)
        add_library(_band MODULE band.cpp)
        if(WIN32)
          target_link_libraries(_band python)
        endif()
        """
    },
    "a Find module collects them for a plug-in": {
        "CMakeLists.txt": """
        set(CMAKE_MODULE_PATH "${CMAKE_SOURCE_DIR}/cmake")
        find_package(BandScripting)
        add_library(script_plugin MODULE script.cpp)
        target_link_libraries(script_plugin ${BandScripting_LIBRARIES})
        """,
        "cmake/FindBandScripting.cmake": """
        find_package(PythonLibs)
        set(BandScripting_LIBRARIES ${PYTHON_LIBRARIES})
        """,
    },
    "another suffix that a program prints": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        execute_process(COMMAND uname -m OUTPUT_VARIABLE TAIL)
        add_library(band SHARED band.cpp)
        set_target_properties(band PROPERTIES SUFFIX "${TAIL}")
        target_link_libraries(band ${PYTHON_LIBRARIES})
        """
    },
    "an option makes a library or a program": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        if(AS_LIBRARY)
          add_library(band SHARED band.cpp)
        else()
          add_executable(band band.cpp main.cpp)
        endif()
        target_link_libraries(band ${PYTHON_LIBRARIES})
        """
    },
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_the_marked_lines_of_a_project_are_reported(tmp_path: Path, name: str) -> None:
    files = {path: text_of(text) for path, text in {**REPORTED, **SILENT}[name].items()}
    files["CMakeLists.txt"] = HEAD + files["CMakeLists.txt"]
    assert_marked_lines_are_reported(tmp_path, files)
    assert any(map(marked, files.values())) == (name in REPORTED)


FIXED = {
    "all users are modules": (
        """
        find_package(Python3 COMPONENTS Interpreter Development REQUIRED)
        add_library(python INTERFACE)
        target_link_libraries(python INTERFACE Python3::Python)
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band python)
        """,
        """
        find_package(Python3 COMPONENTS Interpreter Development.Module REQUIRED)
        add_library(python INTERFACE)
        target_link_libraries(python INTERFACE Python3::Module)
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band python)
        """,
    ),
    "the guarded link keeps the scope": (
        """
        find_package(PythonLibs REQUIRED)
        add_library(python INTERFACE)
        target_link_libraries(python INTERFACE ${PYTHON_LIBRARIES})
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band python)
        """,
        """
        find_package(PythonLibs REQUIRED)
        add_library(python INTERFACE)
        if(WIN32 OR CYGWIN OR ANDROID)
          target_link_libraries(python INTERFACE ${PYTHON_LIBRARIES})
        elseif(APPLE)
          target_link_libraries(python INTERFACE "-undefined dynamic_lookup")
        endif()
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band python)
        """,
    ),
    "a program uses it as well": (
        """
        find_package(Python3 COMPONENTS Interpreter Development REQUIRED)
        add_library(python INTERFACE)
        target_link_libraries(python INTERFACE Python3::Python)
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band python)
        add_executable(band band.cpp)
        target_link_libraries(band python)
        """,
        "",
    ),
}


@pytest.mark.parametrize("name", FIXED)
def test_what_a_library_carries_is_mended_where_only_modules_use_it(name: str) -> None:
    before, after = (text_of(text) for text in FIXED[name])
    text = HEAD + before
    assert len(found(text, "CMakeLists.txt")) == 1
    assert fixed(text, "CMakeLists.txt") == HEAD + (after or before)


def test_the_outermost_listfile_in_an_editor_is_judged_by_its_own_text(tmp_path: Path) -> None:
    """Its project is kept for the others, which are judged by what is on disk."""
    outermost = tmp_path / "CMakeLists.txt"
    inner = tmp_path / "src" / "CMakeLists.txt"
    inner.parent.mkdir()
    data = (
        b"Python3_add_library(m MODULE m.c)\ntarget_link_libraries(m PRIVATE ${LIBS})\n"
        b"if(EMBED)\n  target_link_libraries(m PRIVATE Python3::Python)\nendif()\n"
    )
    inner.write_bytes(data)
    head = HEAD.encode() + b"find_package(Python3 COMPONENTS Development)\n"
    wrong = head + b"set(EMBED ON)\nset(LIBS ${Python3_LIBRARIES})\nadd_subdirectory(src)\n"
    right = head + b"set(EMBED OFF)\nset(LIBS m)\nadd_subdirectory(src)\n"
    outermost.write_bytes(wrong)
    for text, expected in ((wrong, ["NLP202"]), (right, []), (wrong, ["NLP202"])):
        found = api.check_bytes(text, str(outermost))
        assert [finding.code for finding in found] == expected
        assert [finding.code for finding in api.check_bytes(data, str(inner))] == ["NLP202"]
    outermost.write_bytes(right)
    assert api.check_bytes(right, str(outermost)) == []
    assert api.check_bytes(data, str(inner)) == []
