"""CMake: which lines are reported. A line that is says so in a comment at its end."""

from __future__ import annotations

import pytest

from tests.buildsystems.rewriting import found, marked, text_of

HEAD = """
cmake_minimum_required(VERSION 3.20)
project(demo CXX)
"""
FIND = "find_package(Python3 COMPONENTS Interpreter Development REQUIRED)\n"

REPORTED = {
    "the embedding target on a MODULE library": FIND
    + """
    add_library(m MODULE m.c)
    target_link_libraries(m PRIVATE Python3::Python)  # expect: NLP202
    """,
    "the embedding variable on a MODULE library": FIND
    + """
    add_library(m MODULE m.c)
    target_link_libraries(m ${Python3_LIBRARIES})  # expect: NLP202
    """,
    "the embedding target on Python3_add_library without a type": FIND
    + """
    Python3_add_library(m m.c)
    target_link_libraries(m PRIVATE Python3::Python)  # expect: NLP202
    """,
    "pybind11::embed on a module": """
    find_package(pybind11 CONFIG REQUIRED)
    pybind11_add_module(m m.cpp)
    target_link_libraries(m PRIVATE pybind11::embed)  # expect: NLP202
    """,
    "pybind11_add_module SHARED": """
    find_package(pybind11 CONFIG REQUIRED)
    pybind11_add_module(m SHARED m.cpp)  # expect: NLP202
    """,
    "pybind11_add_module SHARED, which has a module's name, though a test links it": """
    find_package(pybind11 CONFIG REQUIRED)
    pybind11_add_module(m SHARED m.cpp)  # expect: NLP202
    add_executable(test test.cpp)
    target_link_libraries(test PRIVATE m)
    """,
    "Python3_add_library SHARED that is named as Python names modules": FIND
    + """
    Python3_add_library(_m SHARED m.c)  # expect: NLP202
    set_target_properties(_m PROPERTIES PREFIX "")
    """,
    "Python3_add_library SHARED for SWIG, in a folder of Python's": FIND
    + """
    Python3_add_library(m SHARED m_wrap.c)  # expect: NLP202
    target_link_libraries(m PRIVATE Python3::Python)  # expect: NLP202
    install(TARGETS m LIBRARY DESTINATION ${Python3_SITEARCH})
    """,
    "link_libraries before a later one and a module": """
    link_libraries(python3.11)  # expect: NLP201
    link_libraries(m)
    add_library(_a MODULE m.c)
    """,
    "libraries that link each other, and a module": """
    add_library(a INTERFACE)
    add_library(b INTERFACE)
    target_link_libraries(a INTERFACE b python3.11)  # expect: NLP201
    target_link_libraries(b INTERFACE a)
    add_library(_a MODULE m.c)
    target_link_libraries(_a PRIVATE b)
    """,
    "a static library keeps what it links only for its own": """
    add_library(a STATIC a.c)
    target_link_libraries(a PRIVATE python3.11)  # expect: NLP201
    add_library(b ALIAS a)
    add_library(c STATIC c.c)
    target_link_libraries(c PRIVATE b)
    add_library(_a MODULE m.c)
    target_link_libraries(_a PRIVATE c)
    """,
    "a flag, a bare name and a path": """
    add_library(m MODULE m.c)
    target_link_libraries(m PRIVATE
      -lpython3.11  # expect: NLP201
      python3.12  # expect: NLP201
      /usr/lib/x86_64-linux-gnu/libpython3.11.so)  # expect: NLP201
    """,
    "a link option": """
    add_library(m MODULE m.c)
    target_link_options(m PRIVATE -lpython3.11)  # expect: NLP201
    """,
    "LINK_FLAGS as a property": """
    add_library(m MODULE m.c)
    set_target_properties(m PROPERTIES PREFIX "" LINK_FLAGS "-Wl,-s -lpython3.11")  # expect: NLP201
    """,
    "LINK_FLAGS by set_property": """
    add_library(m MODULE m.c)
    set_property(TARGET m APPEND_STRING PROPERTY LINK_FLAGS " -lpython3.11")  # expect: NLP201
    """,
    "the directory's flags for modules": """
    set(CMAKE_MODULE_LINKER_FLAGS "${CMAKE_MODULE_LINKER_FLAGS} -lpython3.11")  # expect: NLP201
    add_library(m MODULE m.c)
    """,
    "a list that is linked": FIND
    + """
    add_library(m MODULE m.c)
    list(APPEND LIBS Python3::Python)  # expect: NLP202
    target_link_libraries(m PRIVATE ${LIBS})
    """,
    "a variable set in an open branch": FIND
    + """
    option(WITH_X "x" ON)
    if(WITH_X)
      set(LIBS x ${Python3_LIBRARIES})  # expect: NLP202
    endif()
    add_library(m MODULE m.c)
    target_link_libraries(m ${LIBS})
    """,
    "link_libraries ahead of a module": FIND
    + """
    link_libraries(${Python3_LIBRARIES})  # expect: NLP202
    add_library(m MODULE m.c)
    """,
    "a name with the version in a variable": """
    add_library(m MODULE m.c)
    target_link_libraries(m python3.${Python3_VERSION_MINOR})  # expect: NLP201
    target_link_libraries(m "-lpython${Python3_VERSION_MAJOR}.${Python3_VERSION_MINOR}")  # expect: NLP201
    """,
    "SWIG for Python": """
    find_package(PythonLibs REQUIRED)
    swig_add_library(demo LANGUAGE python SOURCES demo.i)
    swig_link_libraries(demo ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "SWIG's real name": """
    find_package(PythonLibs REQUIRED)
    swig_add_module(demo python demo.i)
    target_link_libraries(${SWIG_MODULE_demo_REAL_NAME} ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "a SHARED library named as Python names modules": FIND
    + """
    add_library(demo SHARED demo.c)
    set_target_properties(demo PROPERTIES PREFIX "" SUFFIX ".${Python3_SOABI}.so")
    target_link_libraries(demo PRIVATE Python3::Python)  # expect: NLP202
    """,
    "a SHARED library with an underscore and without a prefix": FIND
    + """
    add_library(demo SHARED demo.c)
    set_target_properties(demo PROPERTIES PREFIX "" OUTPUT_NAME "_demo")
    target_link_libraries(demo ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "a generator expression for all but Windows": FIND
    + """
    add_library(m MODULE m.c)
    target_link_libraries(m PRIVATE $<$<NOT:$<PLATFORM_ID:Windows>>:Python3::Python>)  # expect: NLP202
    """,
    "the else of a Windows guard": FIND
    + """
    add_library(m MODULE m.c)
    if(WIN32)
      target_link_libraries(m PRIVATE Python3::Python)
    elseif(APPLE)
      target_link_libraries(m PRIVATE "-undefined dynamic_lookup")
    else()
      target_link_libraries(m PRIVATE Python3::Python)  # expect: NLP202
    endif()
    """,
    "if(NOT WIN32)": FIND
    + """
    add_library(m MODULE m.c)
    if(NOT WIN32 AND NOT CYGWIN)
      target_link_libraries(m PRIVATE Python3::Python)  # expect: NLP202
    endif()
    """,
    "if(UNIX AND NOT APPLE)": FIND
    + """
    add_library(m MODULE m.c)
    if(UNIX AND NOT APPLE)
      target_link_libraries(m PRIVATE Python3::Python)  # expect: NLP202
    endif()
    """,
    "CMAKE_SYSTEM_NAME is Linux": FIND
    + """
    add_library(m MODULE m.c)
    if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
      target_link_libraries(m PRIVATE Python3::Python)  # expect: NLP202
    endif()
    """,
    "a function that makes the module": FIND
    + """
    function(add_ext name)
      add_library(${name} MODULE ${ARGN})
      target_link_libraries(${name} PRIVATE Python3::Python)  # expect: NLP202
    endfunction()
    """,
    "a function that is called": FIND
    + """
    function(link_it name)
      target_link_libraries(${name} PRIVATE Python3::Python)  # expect: NLP202
    endfunction()
    add_library(m MODULE m.c)
    link_it(m)
    """,
    "a macro that links what it is given": FIND
    + """
    macro(ext name)
      pybind11_add_module(${name} ${name}.cpp)
      target_link_libraries(${name} PRIVATE ${ARGN})
    endmacro()
    ext(m ${Python3_LIBRARIES})  # expect: NLP202
    """,
    "a loop over modules": FIND
    + """
    foreach(name IN ITEMS a b)
      pybind11_add_module(${name} ${name}.cpp)
      target_link_libraries(${name} PRIVATE Python3::Python)  # expect: NLP202
    endforeach()
    """,
    "find_library": """
    find_library(PYLIB NAMES python3.11)
    add_library(m MODULE m.c)
    target_link_libraries(m ${PYLIB})  # expect: NLP201
    """,
    "python3-config --embed": """
    execute_process(COMMAND python3-config --ldflags --embed OUTPUT_VARIABLE FLAGS)  # expect: NLP202
    add_library(m MODULE m.c)
    target_link_libraries(m ${FLAGS})
    """,
    "pkg-config's python3-embed": """
    find_package(PkgConfig)
    pkg_check_modules(PY REQUIRED python3-embed)
    add_library(m MODULE m.c)
    target_link_libraries(m ${PY_LIBRARIES})  # expect: NLP202
    """,
    "the debug and the optimised library": """
    add_library(m MODULE m.c)
    target_link_libraries(m
      optimized ${PYTHON_LIBRARY}  # expect: NLP202
      debug ${PYTHON_DEBUG_LIBRARY})  # expect: NLP202
    """,
    "an old wrapper for modules": """
    find_package(PythonLibs)
    python_add_module(m m.c)
    target_link_libraries(m ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "a module with an alias": FIND
    + """
    add_library(m MODULE m.c)
    add_library(demo::m ALIAS m)
    target_link_libraries(m PUBLIC Python3::Python)  # expect: NLP202
    """,
    "commands in capital letters": FIND
    + """
    ADD_LIBRARY(m MODULE m.c)
    TARGET_LINK_LIBRARIES(m Python3::Python)  # expect: NLP202
    """,
    "two targets, one of which embeds": FIND
    + """
    add_executable(app app.c)
    target_link_libraries(app Python3::Python)
    add_library(m MODULE m.c)
    target_link_libraries(m Python3::Python)  # expect: NLP202
    """,
    "a cached list": FIND
    + """
    add_library(m MODULE m.c)
    set(PYLIBS ${Python3_LIBRARIES})  # expect: NLP202
    target_link_libraries(m PRIVATE ${PYLIBS})
    """,
}

SILENT = {
    "link_libraries after the module": """
    link_libraries(m)
    add_library(_a MODULE m.c)
    link_libraries(python3.11)
    add_executable(tool tool.c)
    """,
    "libraries that link each other, and no module": """
    add_library(a INTERFACE)
    add_library(b INTERFACE)
    target_link_libraries(a INTERFACE b python3.11)
    target_link_libraries(b INTERFACE a)
    add_executable(tool tool.c)
    target_link_libraries(tool PRIVATE b)
    add_library(_a MODULE m.c)
    """,
    "a shared library between keeps it": """
    link_libraries(python3.11)
    add_library(core SHARED core.c)
    add_executable(tool tool.c)
    target_link_libraries(tool PRIVATE core)
    """,
    "an executable": FIND
    + """
    add_executable(app app.c)
    target_link_libraries(app Python3::Python pybind11::embed ${PYTHON_LIBRARIES} python3.11)
    """,
    "a plain shared library": FIND
    + """
    add_library(bridge SHARED bridge.c)
    target_link_libraries(bridge PUBLIC Python3::Python)
    """,
    "a library of FindPython's that embeds": FIND
    + """
    Python3_add_library(scripting SHARED scripting.cpp)
    target_link_libraries(scripting PUBLIC Python3::Python)
    add_executable(app main.cpp)
    target_link_libraries(app scripting)
    """,
    "Python3_add_library STATIC": FIND
    + """
    Python3_add_library(_m STATIC m.c)
    target_link_libraries(_m PRIVATE Python3::Python)
    set_target_properties(_m PROPERTIES PREFIX "")
    """,
    "a plain static, object or interface library": FIND
    + """
    add_library(a STATIC a.c)
    add_library(b OBJECT b.c)
    add_library(c INTERFACE)
    target_link_libraries(a Python3::Python)
    target_link_libraries(b PUBLIC Python3::Python)
    target_link_libraries(c INTERFACE Python3::Python)
    """,
    "a library without a type": FIND
    + """
    add_library(bridge bridge.c)
    target_link_libraries(bridge Python3::Python)
    """,
    "a plug-in of a host program": FIND
    + """
    add_library(script-plugin MODULE a.c)
    target_link_libraries(script-plugin Python3::Python)
    """,
    "what is right": FIND
    + """
    Python3_add_library(m MODULE WITH_SOABI m.c)
    target_link_libraries(m PRIVATE Python3::Module pybind11::module)
    """,
    "variables that are empty without the embedding component": """
    find_package(Python3 COMPONENTS Interpreter Development.Module REQUIRED)
    add_library(m MODULE m.c)
    target_link_libraries(m ${Python3_LIBRARIES})
    """,
    "SWIG for another language": """
    swig_add_library(demo LANGUAGE java SOURCES demo.i)
    swig_link_libraries(demo ${PYTHON_LIBRARIES})
    """,
    "guards for Windows": FIND
    + """
    add_library(m MODULE m.c)
    if(MSVC)
      target_link_libraries(m ${Python3_LIBRARIES})
    endif()
    if(MINGW OR CYGWIN)
      target_link_libraries(m ${Python3_LIBRARIES})
    endif()
    if(ANDROID)
      target_link_libraries(m ${Python3_LIBRARIES})
    endif()
    if(${CMAKE_SYSTEM_NAME} MATCHES "Windows")
      target_link_libraries(m ${Python3_LIBRARIES})
    endif()
    if(CMAKE_SYSTEM_NAME STREQUAL "Windows")
      target_link_libraries(m ${Python3_LIBRARIES})
    endif()
    if(NOT UNIX)
      target_link_libraries(m ${Python3_LIBRARIES})
    endif()
    if(UNIX)
    else()
      target_link_libraries(m ${Python3_LIBRARIES})
    endif()
    """,
    "generator expressions for Windows": FIND
    + """
    add_library(m MODULE m.c)
    target_link_libraries(m PRIVATE
      $<$<PLATFORM_ID:Windows>:Python3::Python>
      $<$<BOOL:${WIN32}>:${Python3_LIBRARIES}>
      $<$<OR:$<PLATFORM_ID:Windows>,$<PLATFORM_ID:CYGWIN>>:Python3::Python>
      $<$<CXX_COMPILER_ID:MSVC>:Python3::Python>)
    """,
    "a guard that returns": FIND
    + """
    add_library(m MODULE m.c)
    if(NOT WIN32)
      return()
    endif()
    target_link_libraries(m ${Python3_LIBRARIES})
    """,
    "a list that is filled on Windows only": FIND
    + """
    if(WIN32)
      list(APPEND LIBS ${Python3_LIBRARIES})
    endif()
    add_library(m MODULE m.c)
    target_link_libraries(m ${LIBS})
    """,
    "the fallback for old versions of CMake": FIND
    + """
    add_library(m MODULE m.c)
    if(TARGET Python3::Module)
      target_link_libraries(m Python3::Module)
    else()
      target_link_libraries(m Python3::Python)
    endif()
    """,
    "what links nothing": FIND
    + """
    add_library(m MODULE m.c)
    if(TARGET Python3::Python)
      message(STATUS "${Python3_LIBRARIES} Python3::Python")
    endif()
    get_target_property(LOC Python3::Python LOCATION)
    target_include_directories(m PRIVATE $<TARGET_PROPERTY:Python3::Python,INTERFACE_INCLUDE_DIRECTORIES>)
    add_library(py ALIAS Python3::Python)
    # target_link_libraries(m Python3::Python)
    #[[ target_link_libraries(m Python3::Python) ]]
    set(TEXT [[target_link_libraries(m Python3::Python)]])
    file(WRITE x.txt "target_link_libraries(m Python3::Python)")
    """,
    "a target of the project's own": """
    add_library(Python3::Python INTERFACE IMPORTED)
    add_library(m MODULE m.c)
    target_link_libraries(m Python3::Python)
    """,
    "the import library and look-alikes": """
    add_library(m MODULE m.c)
    target_link_libraries(m python311 boost_python311 Boost::python3 pythonqt python3api
      -lpython2.7 -L/usr/lib/python3.11 /usr/include/python3.11)
    """,
    "interface of a module only": FIND
    + """
    add_library(m MODULE m.c)
    target_link_libraries(m INTERFACE Python3::Python)
    """,
    "a target that another file makes": FIND
    + """
    target_link_libraries(somewhere PRIVATE Python3::Python)
    """,
    "a function for programs": FIND
    + """
    function(add_app name)
      add_executable(${name} ${ARGN})
      target_link_libraries(${name} PRIVATE Python3::Python)
    endfunction()
    """,
    "python3-config without --embed": """
    execute_process(COMMAND python3-config --ldflags OUTPUT_VARIABLE FLAGS)
    add_library(m MODULE m.c)
    target_link_libraries(m ${FLAGS})
    """,
    "a variable that was emptied": FIND
    + """
    set(LIBS ${Python3_LIBRARIES})
    set(LIBS "")
    add_library(m MODULE m.c)
    target_link_libraries(m ${LIBS})
    """,
    "an item that is removed again": FIND
    + """
    set(LIBS m Python3::Python)
    list(REMOVE_ITEM LIBS Python3::Python)
    add_library(x MODULE m.c)
    target_link_libraries(x ${LIBS})
    """,
    "a branch by a flag that is off on Unix": FIND
    + """
    add_library(m MODULE m.c)
    set(NEED_LIB OFF)
    if(WIN32)
      set(NEED_LIB ON)
    endif()
    if(NEED_LIB)
      target_link_libraries(m ${Python3_LIBRARIES})
    endif()
    """,
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_the_marked_lines_are_reported_and_no_others(name: str) -> None:
    text = HEAD + "".join(map(text_of, [*_parts({**REPORTED, **SILENT}[name])]))
    assert [(f.start.row, f.code) for f in found(text, "CMakeLists.txt")] == marked(text)
    assert bool(marked(text)) == (name in REPORTED)


def _parts(text: str) -> list[str]:
    """Return the shared first line of a case and its block, to be dedented apart."""
    return [FIND, text[len(FIND) :]] if text.startswith(FIND) else [text]
