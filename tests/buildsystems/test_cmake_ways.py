"""CMake: libraries on their way through lists, loops, functions and Find modules."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.buildsystems.rewriting import assert_marked_lines_are_reported, marked, text_of

HEAD = """\
cmake_minimum_required(VERSION 3.18)
project(band CXX)
"""

REPORTED: dict[str, dict[str, str]] = {
    "list append in a Find module": {
        "CMakeLists.txt": """
        list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_SOURCE_DIR}/cmake)
        find_package(Band REQUIRED)

        add_library(_band MODULE band.cpp)
        target_link_libraries(_band ${BAND_LIBRARIES})
        """,
        "cmake/FindBand.cmake": """
        find_package(PythonLibs REQUIRED)
        list(APPEND BAND_LIBRARIES m ${PYTHON_LIBRARIES})  # expect: NLP202
        """,
    },
    "module path by set and source dir": {
        "CMakeLists.txt": """
        set(CMAKE_MODULE_PATH "${PROJECT_SOURCE_DIR}/cmake;${CMAKE_MODULE_PATH}")
        find_package(Band REQUIRED)

        add_library(_band MODULE band.cpp)
        target_link_libraries(_band ${BAND_LIBRARIES})
        """,
        "cmake/FindBand.cmake": """
        find_package(PythonLibs REQUIRED)
        find_package(Boost COMPONENTS python)
        set(BAND_LIBRARIES ${PYTHON_LIBRARIES} ${Boost_PYTHON_LIBRARY})  # expect: NLP202
        """,
    },
    "an imported target that the Find module makes": {
        "CMakeLists.txt": """
        list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_SOURCE_DIR}/cmake)
        find_package(Band REQUIRED)

        Python3_add_library(band MODULE band.cpp)
        target_link_libraries(band PRIVATE Band::Band)
        """,
        "cmake/FindBand.cmake": """
        find_package(Python3 COMPONENTS Development REQUIRED)
        if(NOT TARGET Band::Band)
          add_library(Band::Band INTERFACE IMPORTED)
          set_target_properties(Band::Band PROPERTIES INTERFACE_LINK_LIBRARIES "m;Python3::Python")  # expect: NLP202
        endif()
        """,
    },
    "uppercase function with cmake_parse_arguments in another file": {
        "CMakeLists.txt": """
        include(cmake/AddBand.cmake)
        find_package(PythonLibs REQUIRED)
        ADD_BAND(NAME core SOURCES a.cpp b.cpp LIBS m ${PYTHON_LIBRARIES})  # expect: NLP202
        """,
        "cmake/AddBand.cmake": """
        function(ADD_BAND)
          cmake_parse_arguments(ARG "STATIC" "NAME" "SOURCES;LIBS" ${ARGN})
          add_library(_${ARG_NAME} MODULE ${ARG_SOURCES})
          target_link_libraries(_${ARG_NAME} ${ARG_LIBS})
        endfunction()
        """,
    },
    "a function that does nothing at first, and one that is defined by another": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        function(finish name)
          message(STATUS ${name})
        endfunction()
        function(define)
          function(finish name)
            target_link_libraries(${name} ${PYTHON_LIBRARIES})  # expect: NLP202
          endfunction()
        endfunction()
        add_library(_tune MODULE tune.c)
        finish(_tune)
        define()
        finish(_tune)
        """
    },
    "functions and macros that only set variables": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        macro(choose)
          set(chosen ${PYTHON_LIBRARIES})  # expect: NLP202
        endmacro()
        function(choose_for result)
          choose()
          helper(${chosen})
          set(${result} ${chosen} PARENT_SCOPE)
        endfunction()
        macro(indirect)
          choose_for(several)
        endmacro()
        function(helper)
          message(STATUS "${ARGN}")
        endfunction()
        indirect()
        add_library(_tune MODULE tune.c)
        target_link_libraries(_tune ${several})
        """
    },
    "functions that call one another in a circle": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        function(ping name count)
          if(count)
            pong(${name} 0)
          endif()
        endfunction()
        function(pong name count)
          ping(${name} ${count})
          target_link_libraries(${name} ${PYTHON_LIBRARIES})  # expect: NLP202
        endfunction()
        add_library(_tune MODULE tune.c)
        ping(_tune 1)
        """
    },
    "while loop over ARGV": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        function(band_module name)
          set(mode)
          foreach(arg IN LISTS ARGN)
            if(arg STREQUAL "LIBS" OR arg STREQUAL "SRCS")
              set(mode ${arg})
            elseif(mode STREQUAL "LIBS")
              list(APPEND libs ${arg})
            else()
              list(APPEND srcs ${arg})
            endif()
          endforeach()
          add_library(${name} SHARED ${srcs})
          target_link_libraries(${name} ${libs})
          set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX ".abi3.so")
        endfunction()
        band_module(tune SRCS a.c b.c LIBS ${PYTHON_LIBRARIES})  # expect: NLP202
        """
    },
    "a macro that sets the names in the parent": {
        "CMakeLists.txt": """
        macro(find_band_libs)
          find_package(PythonLibs REQUIRED)
          set(BAND_LIBS ${PYTHON_LIBRARIES})  # expect: NLP202
        endmacro()
        find_band_libs()
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band ${BAND_LIBS})
        """
    },
    "a function that sets the parent's variable": {
        "CMakeLists.txt": """
        function(find_band_libs out)
          find_package(Python3 COMPONENTS Development REQUIRED)
          set(${out} m ${Python3_LIBRARIES} PARENT_SCOPE)  # expect: NLP202
        endfunction()
        find_band_libs(BAND_LIBS)
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band ${BAND_LIBS})
        """
    },
    "suffix printed by distutils": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        execute_process(COMMAND ${PYTHON_EXECUTABLE} -c "from distutils.sysconfig import get_config_var as g; print(g('EXT_SUFFIX') or g('SO'))"
          OUTPUT_VARIABLE TAIL OUTPUT_STRIP_TRAILING_WHITESPACE)
        add_library(band SHARED band.cpp)
        set_target_properties(band PROPERTIES PREFIX "" SUFFIX "${TAIL}")
        target_link_libraries(band ${PYTHON_LIBRARIES})  # expect: NLP202
        """
    },
    "suffix that is stripped": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        execute_process(COMMAND ${PYTHON_EXECUTABLE} -c "import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))" OUTPUT_VARIABLE TAIL)
        string(STRIP "${TAIL}" TAIL)
        add_library(band SHARED band.cpp)
        set_target_properties(band PROPERTIES SUFFIX "${TAIL}")
        target_link_libraries(band ${PYTHON_LIBRARIES})  # expect: NLP202
        """
    },
    "suffix by importlib": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        execute_process(COMMAND ${PYTHON_EXECUTABLE} -c "import importlib.machinery as m; print(m.EXTENSION_SUFFIXES[0])" OUTPUT_VARIABLE TAIL OUTPUT_STRIP_TRAILING_WHITESPACE)
        add_library(band SHARED band.cpp)
        set_target_properties(band PROPERTIES PREFIX "" SUFFIX "${TAIL}")
        target_link_libraries(band ${PYTHON_LIBRARIES})  # expect: NLP202
        """
    },
    "suffix by string REGEX REPLACE": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        execute_process(COMMAND ${PYTHON_EXECUTABLE} -c "import sysconfig; print(sysconfig.get_config_var('EXT_SUFFIX'))" OUTPUT_VARIABLE TAIL)
        string(REGEX REPLACE "\\n" "" TAIL "${TAIL}")
        add_library(band SHARED band.cpp)
        set_target_properties(band PROPERTIES SUFFIX "${TAIL}")
        target_link_libraries(band ${PYTHON_LIBRARIES})  # expect: NLP202
        """
    },
    "SWIG language from a loop": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        foreach(lang python java)
          swig_add_library(band_${lang} LANGUAGE ${lang} SOURCES band.i)
        endforeach()
        swig_link_libraries(band_python ${PYTHON_LIBRARIES})  # expect: NLP202
        """
    },
    "SWIG language as an argument": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        function(bind language)
          swig_add_library(band_${language} TYPE SHARED LANGUAGE ${language} SOURCES band.i)
          swig_link_libraries(band_${language} ${ARGN})
        endfunction()
        bind(python ${PYTHON_LIBRARIES})  # expect: NLP202
        """
    },
    "SWIG language upper case": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        swig_add_library(band LANGUAGE Python SOURCES band.i)
        target_link_libraries(band PRIVATE ${PYTHON_LIBRARIES})  # expect: NLP202
        """
    },
    "list GET with a negative index": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(LIBS m ${PYTHON_LIBRARIES})  # expect: NLP202
        list(GET LIBS -1 last)
        add_library(_tune MODULE tune.c)
        target_link_libraries(_tune ${last})
        """
    },
    "list SUBLIST": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(LIBS m ${PYTHON_LIBRARIES})  # expect: NLP202
        list(SUBLIST LIBS 1 -1 rest)
        add_library(_tune MODULE tune.c)
        target_link_libraries(_tune ${rest})
        """
    },
    "list POP_BACK": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(LIBS m ${PYTHON_LIBRARIES})  # expect: NLP202
        list(POP_BACK LIBS last)
        add_library(_tune MODULE tune.c)
        target_link_libraries(_tune ${last})
        """
    },
    "list TRANSFORM leaves": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(LIBS m ${PYTHON_LIBRARIES})  # expect: NLP202
        list(TRANSFORM LIBS STRIP)
        list(REMOVE_DUPLICATES LIBS)
        list(REVERSE LIBS)
        add_library(_tune MODULE tune.c)
        target_link_libraries(_tune ${LIBS})
        """
    },
    "while with list LENGTH": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(LIBS m ${PYTHON_LIBRARIES})  # expect: NLP202
        list(LENGTH LIBS n)
        math(EXPR last "${n}-1")
        add_library(_tune MODULE tune.c)
        foreach(i RANGE ${last})
          list(GET LIBS ${i} each)
          target_link_libraries(_tune ${each})
        endforeach()
        """
    },
    "OpenBSD branch links": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        add_library(_tune MODULE tune.c)
        if(CMAKE_SYSTEM_NAME STREQUAL "OpenBSD")
          target_link_libraries(_tune ${PYTHON_LIBRARIES})  # expect: NLP202
        elseif(NOT WIN32)
          target_link_libraries(_tune ${PYTHON_LIBRARIES})  # expect: NLP202
        endif()
        """
    },
    "a while loop takes item after item": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        function(band_module name)
          set(left ${ARGN})
          while(left)
            list(POP_FRONT left each)
            if(each STREQUAL "SRC" OR each STREQUAL "LIB")
              set(mode ${each})
            else()
              list(APPEND ${mode}S ${each})
            endif()
          endwhile()
          add_library(_${name} MODULE ${SRCS})
          target_link_libraries(_${name} ${LIBS})
        endfunction()
        band_module(tune SRC a.c b.c LIB m ${PYTHON_LIBRARIES})  # expect: NLP202
        """
    },
    "flags made of names": {
        "CMakeLists.txt": """
        set(LIBS m python3.11)  # expect: NLP201
        list(TRANSFORM LIBS PREPEND "-l" OUTPUT_VARIABLE FLAGS)
        add_library(_tune MODULE tune.c)
        target_link_options(_tune PRIVATE ${FLAGS})
        """
    },
    "foreach ZIP_LISTS": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(NAMES tune pitch)
        set(LIBS ${PYTHON_LIBRARIES} m)  # expect: NLP202
        foreach(name lib IN ZIP_LISTS NAMES LIBS)
          add_library(_${name} MODULE ${name}.c)
          target_link_libraries(_${name} ${lib})
        endforeach()
        """
    },
}

SILENT: dict[str, dict[str, str]] = {
    "a Find module that only programs use": {
        "CMakeLists.txt": """
        list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_SOURCE_DIR}/cmake)
        find_package(Band REQUIRED)

        add_executable(band band.cpp)
        target_link_libraries(band ${BAND_LIBRARIES})
        add_library(_band MODULE band.cpp)
        """,
        "cmake/FindBand.cmake": """
        find_package(PythonLibs REQUIRED)
        find_package(Boost COMPONENTS python)
        set(BAND_LIBRARIES ${PYTHON_LIBRARIES} ${Boost_PYTHON_LIBRARY})
        """,
    },
    "a Find module of another package": {
        "CMakeLists.txt": """
        list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_SOURCE_DIR}/cmake)
        find_package(Band REQUIRED)

        find_package(Tune REQUIRED)
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band ${TUNE_LIBRARIES})
        """,
        "cmake/FindBand.cmake": """
        find_package(PythonLibs REQUIRED)
        find_package(Boost COMPONENTS python)
        set(BAND_LIBRARIES ${PYTHON_LIBRARIES} ${Boost_PYTHON_LIBRARY})
        """,
    },
    "suffix printed by another program": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        execute_process(COMMAND ruby -e "puts RbConfig::CONFIG['DLEXT']" OUTPUT_VARIABLE TAIL)
        add_library(band SHARED band.cpp)
        set_target_properties(band PROPERTIES PREFIX "" SUFFIX "${TAIL}")
        target_link_libraries(band ${PYTHON_LIBRARIES})
        """
    },
    "python prints the suffix of shared libraries": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        execute_process(COMMAND ${PYTHON_EXECUTABLE} -c "import sysconfig; print(sysconfig.get_config_var('SHLIB_SUFFIX'))" OUTPUT_VARIABLE TAIL)
        add_library(band SHARED band.cpp)
        set_target_properties(band PROPERTIES PREFIX "" SUFFIX "${TAIL}")
        target_link_libraries(band ${PYTHON_LIBRARIES})
        """
    },
    "SWIG loop without Python": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        foreach(lang ruby java)
          swig_add_library(band_${lang} LANGUAGE ${lang} SOURCES band.i)
          swig_link_libraries(band_${lang} ${PYTHON_LIBRARIES})
        endforeach()
        """
    },
    "SWIG function called for Java": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        function(bind language)
          swig_add_library(band_${language} LANGUAGE ${language} SOURCES band.i)
          swig_link_libraries(band_${language} ${ARGN})
        endfunction()
        bind(java ${PYTHON_LIBRARIES})
        """
    },
    "SWIG static": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        swig_add_library(band TYPE STATIC LANGUAGE python SOURCES band.i)
        swig_link_libraries(band ${PYTHON_LIBRARIES})
        """
    },
    "list GET the first": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(LIBS m ${PYTHON_LIBRARIES})
        list(GET LIBS 0 first)
        add_library(_tune MODULE tune.c)
        target_link_libraries(_tune ${first})
        """
    },
    "list POP_BACK takes it away": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(LIBS m ${PYTHON_LIBRARIES})
        list(POP_BACK LIBS)
        add_library(_tune MODULE tune.c)
        target_link_libraries(_tune ${LIBS})
        """
    },
    "a while loop leaves the rest to a program": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(left tune.c ${PYTHON_LIBRARIES})
        list(POP_FRONT left source)
        add_library(_tune MODULE ${source})
        add_executable(run run.c)
        while(left)
          list(POP_FRONT left each)
          target_link_libraries(run ${each})
        endwhile()
        """
    },
    "the other list of ZIP_LISTS": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(NAMES tune pitch)
        set(LIBS ${PYTHON_LIBRARIES} m)
        foreach(name lib IN ZIP_LISTS NAMES LIBS)
          add_library(_${name} MODULE ${name}.c)
          add_executable(run${name} run.c)
          target_link_libraries(run${name} ${lib})
        endforeach()
        """
    },
    "list SUBLIST without it": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(LIBS m ${PYTHON_LIBRARIES})
        list(SUBLIST LIBS 0 1 first)
        add_library(_tune MODULE tune.c)
        target_link_libraries(_tune ${first})
        """
    },
    "only on Windows by list": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        set(LIBS m)
        if(WIN32 OR CYGWIN)
          list(APPEND LIBS ${PYTHON_LIBRARIES})
        endif()
        add_library(_tune MODULE tune.c)
        target_link_libraries(_tune ${LIBS})
        """
    },
    "only on Android and iOS": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        add_library(_tune MODULE tune.c)
        if(ANDROID OR CMAKE_SYSTEM_NAME STREQUAL "iOS")
          target_link_libraries(_tune ${PYTHON_LIBRARIES})
        endif()
        """
    },
    "the function filters it out": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        function(band_module name)
          set(libs ${ARGN})
          list(REMOVE_ITEM libs ${PYTHON_LIBRARIES})
          add_library(_${name} MODULE ${name}.c)
          target_link_libraries(_${name} ${libs})
        endfunction()
        band_module(tune m ${PYTHON_LIBRARIES})
        """
    },
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_the_marked_lines_of_a_project_are_reported(tmp_path: Path, name: str) -> None:
    files = {path: text_of(text) for path, text in {**REPORTED, **SILENT}[name].items()}
    files["CMakeLists.txt"] = HEAD + files["CMakeLists.txt"]
    assert_marked_lines_are_reported(tmp_path, files)
    assert any(map(marked, files.values())) == (name in REPORTED)


def test_a_function_that_only_adds_tests_is_not_walked_for_each(tmp_path: Path) -> None:
    body = "set(command ${command} --flag)\nif(verbose)\nset(command ${command} -v)\nendif()\n" * 80
    files = {
        "CMakeLists.txt": HEAD
        + f"function(add_check name)\n{body}add_test(NAME ${{name}} COMMAND ${{command}})\nendfunction()\n"
        + "".join(f"add_check(check{number})\n" for number in range(1500))
        + "find_package(PythonLibs REQUIRED)\nadd_library(_tune MODULE tune.c)\n"
        + "target_link_libraries(_tune ${PYTHON_LIBRARIES})  # expect: NLP202\n"
    }
    assert_marked_lines_are_reported(tmp_path, files)
