"""CMake: libraries that hand libpython on to the extension modules which link them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.buildsystems.rewriting import assert_marked_lines_are_reported, marked, text_of

HEAD = """\
cmake_minimum_required(VERSION 3.18)
project(band CXX)
"""

REPORTED: dict[str, dict[str, str]] = {
    "functions that are called by a name": {
        "CMakeLists.txt": """
    find_package(PythonLibs REQUIRED)
    function(bind_band name)
      python_add_module(${name} ${name}.c)
      cmake_language(CALL target_link_libraries ${name} ${PYTHON_LIBRARIES})  # expect: NLP202
    endfunction()
    set(what band)
    cmake_language(CALL "bind_${what}" ${what})
    cmake_language(CALL ${unknown} a)
    cmake_language(CALL)
    cmake_language(EVAL CODE "message(STATUS python3.11)")
    """
    },
    "a copy of UseCython": {
        "CMakeLists.txt": """
    list(APPEND CMAKE_MODULE_PATH ${CMAKE_SOURCE_DIR}/cmake)
    find_package(PythonLibs REQUIRED)
    include(UseCython)
    cython_add_module(band band.pyx)
    """,
        "cmake/UseCython.cmake": """
    function(cython_add_module _name)
      compile_pyx(${_name} generated_file ${ARGN})
      python_add_module(${_name} ${generated_file})
      if(APPLE)
        set_target_properties(${_name} PROPERTIES LINK_FLAGS "-undefined dynamic_lookup")
      else()
        target_link_libraries(${_name} ${PYTHON_LIBRARIES})  # expect: NLP202
      endif()
    endfunction()
    function(cython_add_standalone_executable _name)
      add_executable(${_name} ${ARGN})
      target_link_libraries(${_name} ${PYTHON_LIBRARIES})
    endfunction()
    """,
    },
    "an alias of the embedding target": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    if(NOT TARGET band::python)
      add_library(band::python ALIAS Python3::Python)  # expect: NLP202
    endif()
    add_subdirectory(python)
    """,
        "python/CMakeLists.txt": """
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE band::python)
    """,
    },
    "an alias of pybind11::embed, handed on": {
        "CMakeLists.txt": """
    find_package(pybind11 REQUIRED)
    add_library(py ALIAS pybind11::embed)  # expect: NLP202
    add_library(all INTERFACE)
    target_link_libraries(all INTERFACE py)
    pybind11_add_module(band band.cpp)
    target_link_libraries(band PRIVATE all)
    """
    },
    "properties of an imported interface": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(py INTERFACE IMPORTED)
    set_target_properties(py PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES "${Python3_INCLUDE_DIRS}"
      INTERFACE_LINK_LIBRARIES "${Python3_LIBRARIES}"  # expect: NLP202
      INTERFACE_LINK_OPTIONS -lpython3.11)  # expect: NLP201
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE py)
    """
    },
    "a chain of four interface libraries": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(a INTERFACE)
    target_link_libraries(a INTERFACE Python3::Python)  # expect: NLP202
    add_library(b INTERFACE)
    target_link_libraries(b INTERFACE a)
    add_library(c INTERFACE)
    target_link_libraries(c INTERFACE b)
    add_library(d INTERFACE)
    target_link_libraries(d INTERFACE c)
    add_subdirectory(python)
    """,
        "python/CMakeLists.txt": """
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE d)
    """,
    },
    "legacy keyword": {
        "CMakeLists.txt": """
    find_package(PythonLibs REQUIRED)
    add_library(core STATIC core.cpp)
    target_link_libraries(core LINK_PUBLIC ${PYTHON_LIBRARIES})  # expect: NLP202
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band LINK_PRIVATE core)
    """
    },
    "without a keyword": {
        "CMakeLists.txt": """
    find_package(PythonLibs REQUIRED)
    add_library(core core.cpp)
    target_link_libraries(core ${PYTHON_LIBRARIES})
    add_library(util STATIC util.cpp)
    target_link_libraries(util ${PYTHON_LIBRARIES})  # expect: NLP202
    python_add_module(band band.cpp)
    target_link_libraries(band util)
    """
    },
    "INTERFACE_LINK_LIBRARIES by set_property append": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(core INTERFACE)
    set_property(TARGET core APPEND PROPERTY INTERFACE_LINK_LIBRARIES Python3::Python)  # expect: NLP202
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band core)
    """
    },
    "interface link options": {
        "CMakeLists.txt": """
    add_library(core INTERFACE)
    target_link_options(core INTERFACE -lpython3.11)  # expect: NLP201
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band core)
    """
    },
    "an imported library of the project with a path": {
        "CMakeLists.txt": """
    add_library(py UNKNOWN IMPORTED)
    set_target_properties(py PROPERTIES IMPORTED_LOCATION /usr/lib/libpython3.11.so)
    add_library(base INTERFACE)
    target_link_libraries(base INTERFACE /usr/lib/libpython3.11.so)  # expect: NLP201
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band base)
    """
    },
    "an OBJECT library by its objects and a link": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(objs OBJECT a.cpp)
    target_link_libraries(objs INTERFACE Python3::Python)  # expect: NLP202
    add_library(_band MODULE $<TARGET_OBJECTS:objs>)
    target_link_libraries(_band PRIVATE objs)
    """
    },
    "an alias with a namespace in another file": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_subdirectory(core)
    add_subdirectory(python)
    """,
        "core/CMakeLists.txt": """
    add_library(bandcore INTERFACE)
    add_library(band::core ALIAS bandcore)
    target_link_libraries(bandcore INTERFACE ${Python3_LIBRARIES})  # expect: NLP202
    """,
        "python/CMakeLists.txt": """
    pybind11_add_module(band band.cpp)
    target_link_libraries(band PRIVATE band::core)
    """,
    },
    "a list of dependencies in a variable": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(pydeps INTERFACE)
    target_link_libraries(pydeps INTERFACE Python3::Python)  # expect: NLP202
    set(BAND_DEPS m)
    list(APPEND BAND_DEPS pydeps)
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band ${BAND_DEPS})
    """
    },
    "a generator expression around the library": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(pydeps INTERFACE)
    target_link_libraries(pydeps INTERFACE Python3::Python)  # expect: NLP202
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE $<BUILD_INTERFACE:pydeps>)
    """
    },
    "LINK_ONLY": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(pydeps STATIC a.cpp)
    target_link_libraries(pydeps PUBLIC $<LINK_ONLY:Python3::Python>)  # expect: NLP202
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE pydeps)
    """
    },
    "a function makes the carrier": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    function(band_library name)
      add_library(${name} STATIC ${ARGN})
      target_link_libraries(${name} PUBLIC Python3::Python)  # expect: NLP202
    endfunction()
    band_library(util util.cpp)
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE util)
    """
    },
    "a loop links modules to the carrier": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(util STATIC util.cpp)
    target_link_libraries(util PUBLIC Python3::Python)  # expect: NLP202
    foreach(m tune pitch)
      Python3_add_library(${m} MODULE ${m}.cpp)
      target_link_libraries(${m} PRIVATE util)
    endforeach()
    """
    },
    "pybind11::embed in the carrier": {
        "CMakeLists.txt": """
    find_package(pybind11 REQUIRED)
    add_library(util INTERFACE)
    target_link_libraries(util INTERFACE pybind11::embed)  # expect: NLP202
    pybind11_add_module(band band.cpp)
    target_link_libraries(band PRIVATE util)
    """
    },
    "whole archive": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(util STATIC util.cpp)
    target_link_libraries(util PUBLIC Python3::Python)  # expect: NLP202
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE "$<LINK_LIBRARY:WHOLE_ARCHIVE,util>")
    """
    },
    "a type-less library is static unless BUILD_SHARED_LIBS is set off": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    set(BUILD_SHARED_LIBS OFF)
    add_library(util util.cpp)
    target_link_libraries(util PUBLIC Python3::Python)  # expect: NLP202
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE util)
    """
    },
    "the module comes before the carrier": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE util)
    add_library(util STATIC util.cpp)
    target_link_libraries(util PUBLIC Python3::Python)  # expect: NLP202
    """
    },
    "swig_link_libraries brings it": {
        "CMakeLists.txt": """
    find_package(PythonLibs REQUIRED)
    add_library(util STATIC util.cpp)
    target_link_libraries(util ${PYTHON_LIBRARIES})  # expect: NLP202
    swig_add_library(band LANGUAGE python SOURCES band.i)
    swig_link_libraries(band util)
    """
    },
    "through an include": {
        "CMakeLists.txt": """
    include(cmake/deps.cmake)
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE deps)
    """,
        "cmake/deps.cmake": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(deps INTERFACE IMPORTED GLOBAL)
    target_link_libraries(deps INTERFACE Python3::Python)  # expect: NLP202
    """,
    },
    "a SHARED library dressed as a module": {
        "CMakeLists.txt": """
    find_package(PythonLibs REQUIRED)
    add_library(util STATIC util.cpp)
    target_link_libraries(util ${PYTHON_LIBRARIES})  # expect: NLP202
    add_library(band SHARED band.cpp)
    set_target_properties(band PROPERTIES PREFIX "" SUFFIX ".abi3.so")
    target_link_libraries(band util)
    """
    },
}

SILENT: dict[str, dict[str, str]] = {
    "a copy of UseCython that links on Windows only": {
        "CMakeLists.txt": """
    list(APPEND CMAKE_MODULE_PATH ${CMAKE_SOURCE_DIR}/cmake)
    find_package(PythonLibs REQUIRED)
    include(UseCython)
    cython_add_module(band band.pyx)
    """,
        "cmake/UseCython.cmake": """
    function(cython_add_module _name)
      python_add_module(${_name} ${ARGN})
      if(WIN32)
        target_link_libraries(${_name} ${PYTHON_LIBRARIES})
      endif()
    endfunction()
    """,
    },
    "an alias of what modules link": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(py ALIAS Python3::Module)
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE py)
    """
    },
    "an alias that a program links, or nothing": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(py ALIAS Python3::Python)
    add_library(unused ALIAS Python3::Python)
    add_executable(band band.cpp)
    target_link_libraries(band PRIVATE py)
    add_library(_band MODULE band.cpp)
    """
    },
    "an alias of a target of the project": {
        "CMakeLists.txt": """
    add_library(Python3::Python INTERFACE IMPORTED)
    add_library(py ALIAS Python3::Python)
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE py)
    """
    },
    "programs over four libraries": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(a INTERFACE)
    target_link_libraries(a INTERFACE Python3::Python)
    add_library(b INTERFACE)
    target_link_libraries(b INTERFACE a)
    add_library(c STATIC c.cpp)
    target_link_libraries(c PUBLIC b)
    add_executable(band main.cpp)
    target_link_libraries(band c)
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band m)
    """
    },
    "the module takes the include folders only": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(util STATIC util.cpp)
    target_link_libraries(util PUBLIC Python3::Python)
    add_executable(run main.cpp)
    target_link_libraries(run util)
    add_library(_band MODULE band.cpp)
    target_include_directories(_band PRIVATE $<TARGET_PROPERTY:util,INTERFACE_INCLUDE_DIRECTORIES>)
    add_dependencies(_band util)
    """
    },
    "objects alone bring no libraries": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(objs OBJECT a.cpp)
    target_link_libraries(objs PUBLIC Python3::Python)
    add_library(_band MODULE $<TARGET_OBJECTS:objs>)
    """
    },
    "Module target over a chain": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(util INTERFACE)
    target_link_libraries(util INTERFACE Python3::Module)
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE util)
    """
    },
    "a generator expression on Windows only": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(util INTERFACE)
    target_link_libraries(util INTERFACE $<$<PLATFORM_ID:Windows>:Python3::Python>)
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE util)
    """
    },
    "static library keeps what it needs to compile": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(util STATIC util.cpp)
    target_link_libraries(util PRIVATE $<COMPILE_ONLY:Python3::Python>)
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE util)
    """
    },
    "two carriers, the module takes the right one": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(util_module INTERFACE)
    target_link_libraries(util_module INTERFACE Python3::Module)
    add_library(util_embed INTERFACE)
    target_link_libraries(util_embed INTERFACE Python3::Python)
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE util_module)
    add_executable(band main.cpp)
    target_link_libraries(band PRIVATE util_embed)
    """
    },
    "a shared library between keeps it private": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(util STATIC util.cpp)
    target_link_libraries(util PUBLIC Python3::Python)
    add_library(host SHARED host.cpp)
    target_link_libraries(host PRIVATE util)
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE host)
    """
    },
    "a type-less library where shared ones are built": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    set(BUILD_SHARED_LIBS ON)
    add_library(util util.cpp)
    target_link_libraries(util PRIVATE Python3::Python)
    add_library(_band MODULE band.cpp)
    target_link_libraries(_band PRIVATE util)
    """
    },
    "a test program of the carrier": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development REQUIRED)
    add_library(util STATIC util.cpp)
    target_link_libraries(util PUBLIC Python3::Python)
    add_executable(test_util test.cpp)
    target_link_libraries(test_util util)
    add_library(_band MODULE band.cpp)
    set_target_properties(_band PROPERTIES PREFIX "")
    """
    },
    "Java module": {
        "CMakeLists.txt": """
    find_package(PythonLibs REQUIRED)
    add_library(util STATIC util.cpp)
    target_link_libraries(util ${PYTHON_LIBRARIES})
    swig_add_library(band LANGUAGE java SOURCES band.i)
    swig_link_libraries(band util)
    """
    },
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_the_marked_lines_of_a_project_are_reported(tmp_path: Path, name: str) -> None:
    files = {path: text_of(text) for path, text in {**REPORTED, **SILENT}[name].items()}
    files["CMakeLists.txt"] = HEAD + files["CMakeLists.txt"]
    assert_marked_lines_are_reported(tmp_path, files)
    assert any(map(marked, files.values())) == (name in REPORTED)
