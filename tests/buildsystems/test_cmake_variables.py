"""CMake: how a library gets to an extension module's link through variables and commands.

A line that is reported says so in a comment at its end.
"""

from __future__ import annotations

import pytest

from tests.buildsystems.rewriting import found, marked

NAME = "CMakeLists.txt"
HEAD = """\
cmake_minimum_required(VERSION 3.20)
project(demo CXX)
find_package(Python3 COMPONENTS Interpreter Development REQUIRED)
add_library(m MODULE m.c)
"""
LINK = "target_link_libraries(m PRIVATE ${LIBS})\n"
#: The variable with the library, what is done to it before it is linked follows.
FILLED = "set(LIBS z ${Python3_LIBRARIES})"

#: What one command, with the library in it, leaves in ``LIBS``.
KEEPS = [
    FILLED,
    "set(LIBS z)\nset(LIBS ${LIBS} ${Python3_LIBRARIES})",
    'set(LIBS ${Python3_LIBRARIES} CACHE STRING "libraries")',
    *("list(APPEND LIBS ${Python3_LIBRARIES})", "list(PREPEND LIBS ${Python3_LIBRARIES})"),
    "list(INSERT LIBS 0 ${Python3_LIBRARIES})",
    *('string(APPEND LIBS " ${Python3_LIBRARIES}")', 'string(PREPEND LIBS "${Python3_LIBRARIES} ")'),
    *("string(CONCAT LIBS z ${Python3_LIBRARIES})", 'string(JOIN " " LIBS z ${Python3_LIBRARIES})'),
    'string(STRIP "${Python3_LIBRARIES}" LIBS)',
    'string(REPLACE ";" " " LIBS "${Python3_LIBRARIES}")',
    'string(REGEX REPLACE "[.]so" "" LIBS "${Python3_LIBRARIES}")',
]  # fmt: skip
LOSES = [
    "set(LIBS ${Python3_LIBRARIES} PARENT_SCOPE)",  # of which there is none
    'string(REPLACE "python3.11" "" LIBS "${Python3_LIBRARIES}")',
    'string(REGEX REPLACE ".*python.*" "" LIBS "${Python3_LIBRARIES}")',
    'string(TOUPPER "${Python3_LIBRARIES}" LIBS)',
    "execute_process(COMMAND echo ${Python3_LIBRARIES} RESULT_VARIABLE LIBS)",
    "get_filename_component(LIBS ${Python3_LIBRARIES} NAME)",
    "find_library(LIBS NAMES z HINTS ${Python3_LIBRARIES})",
]


@pytest.mark.parametrize("command", KEEPS)
def test_a_command_puts_the_library_into_a_variable(command: str) -> None:
    text = f"{HEAD}{command}  # expect: NLP202\n{LINK}"
    assert [(one.start.row, one.code) for one in found(text, NAME)] == marked(text)


@pytest.mark.parametrize("command", LOSES)
def test_what_a_command_leaves_is_not_the_library(command: str) -> None:
    assert found(f"{HEAD}{command}\n{LINK}", NAME) == []


#: Commands on the variable that holds the library: does it hold it afterwards?
DONE = {
    "list(REMOVE_ITEM LIBS z)": True,
    "list(REMOVE_ITEM LIBS ${Python3_LIBRARIES})": False,
    'list(FILTER LIBS EXCLUDE REGEX "^z$")': True,
    'list(FILTER LIBS EXCLUDE REGEX "python")': False,
    "list(REMOVE_DUPLICATES LIBS)": True,
    "list(REVERSE LIBS)": True,
    "list(SORT LIBS)": True,
    "list(POP_BACK LIBS)": False,
    "list(POP_FRONT LIBS FIRST)": True,
    "list(LENGTH LIBS COUNT)": True,
    "list(LENGTH OTHER LIBS)": False,
    "list(FIND OTHER z LIBS)": False,
    "list(GET OTHER 0 LIBS)": False,
    "list(SUBLIST OTHER 0 1 LIBS)": False,
    'list(JOIN OTHER " " LIBS)': False,
    'list(JOIN LIBS " " TEXT)\nset(LIBS ${TEXT})': True,
    "list(TRANSFORM LIBS STRIP)": True,
    "list(TRANSFORM LIBS TOUPPER)": False,
    'string(LENGTH "text" LIBS)': False,
    'string(FIND "text" "t" AT)': True,
    "math(EXPR LIBS 1)": False,
    "unset(LIBS)": False,
    "set(LIBS)": False,
    'set(LIBS "")': False,
    "option(WITH_X)": True,
    # In a function, where nothing but PARENT_SCOPE reaches the caller.
    "function(f)\n  set(LIBS z)\nendfunction()\nf()": True,
    "function(f)\n  unset(LIBS)\nendfunction()\nf()": True,
    "function(f)\n  set(LIBS z PARENT_SCOPE)\nendfunction()\nf()": False,
    "function(f)\n  set(LIBS PARENT_SCOPE)\nendfunction()\nf()": False,
    "function(f)\n  unset(LIBS PARENT_SCOPE)\nendfunction()\nf()": False,
    "macro(f)\n  set(LIBS z)\nendmacro()\nf()": False,
    # In a branch that may be taken.
    "if(WITH_X)\n  set(LIBS z)\nendif()": True,
    "if(WITH_X)\n  set(LIBS z)\nelse()\n  unset(LIBS)\nendif()": False,
    "if(WITH_X)\n  set(OTHER z)\nelse()\n  set(OTHER y)\nendif()": True,
    # CMake refuses these, which is its business.
    **dict.fromkeys(
        [
            *("set()", "unset()", "list(APPEND)", "string(APPEND)"),
            *("find_package()", "project()", "cmake_minimum_required(VERSION x)", "option()"),
            *("cmake_minimum_required(FATAL_ERROR)", "pkg_check_modules(A)", "find_library()"),
            *("execute_process()", "include()", "add_subdirectory()", "add_library()"),
            *("target_link_libraries()", "target_link_options()", "set_property(TARGET m)"),
            *("set_target_properties(m)", "set_property(DIRECTORY PROPERTY A)", "math(EXPR)"),
            *("function()\nendfunction()", "foreach()\nendforeach()", "cmake_parse_arguments(A)"),
        ],
        True,
    ),
}


@pytest.mark.parametrize(("command", "kept"), DONE.items(), ids=DONE)
def test_a_variable_holds_the_library_until_it_is_changed(command: str, kept: bool) -> None:
    text = f"{HEAD}{FILLED}{'  # expect: NLP202' * kept}\n{command}\n{LINK}"
    assert [(one.start.row, one.code) for one in found(text, NAME)] == marked(text)


#: Whole texts behind ``HEAD``.
REPORTED = {
    "keywords of a function": """
function(ext)
  cmake_parse_arguments(E "WITH_SOABI" "NAME" "SOURCES;LIBS" ${ARGN})
  add_library(${E_NAME} MODULE ${E_SOURCES})
  target_link_libraries(${E_NAME} PRIVATE ${E_LIBS})
endfunction()
ext(NAME x ignored WITH_SOABI SOURCES x.c LIBS z Python3::Python)  # expect: NLP202
""",
    "keywords of the arguments themselves": """
function(ext name)
  cmake_parse_arguments(PARSE_ARGV 1 E "" "" "LIBS")
  add_library(${name} MODULE ${name}.c)
  target_link_libraries(${name} PRIVATE ${E_LIBS})
endfunction()
ext(x LIBS z Python3::Python)  # expect: NLP202
ext(y LIBS)
""",
    "an option of a function is given": """
function(ext)
  cmake_parse_arguments(E "EMBED" "" "" ${ARGN})
  if(E_EMBED)
    target_link_libraries(m Python3::Python)  # expect: NLP202
  endif()
endfunction()
ext()
ext(EMBED)
""",
    "an option may be given": """
function(ext)
  cmake_parse_arguments(E "EMBED" "" "" ${ARGN})
  if(E_EMBED)
    target_link_libraries(m Python3::Python)  # expect: NLP202
  endif()
endfunction()
ext(${options})
""",
    "what is under no keyword": """
function(ext name)
  cmake_parse_arguments(E "" "" "SOURCES" ${ARGN})
  target_link_libraries(${name} ${E_UNPARSED_ARGUMENTS})
endfunction()
ext(m Python3::Python SOURCES a.c)  # expect: NLP202
""",
    "the macro of CMake's wiki for keywords": """
macro(PARSE_ARGUMENTS prefix arg_names option_names)
  foreach(arg ${ARGN})
    list_contains(is_arg_name ${arg} ${arg_names})
  endforeach()
endmacro()
macro(ext)
  parse_arguments(E "SOURCES;LIBS" "STATIC" ${ARGN})
  if(E_STATIC)
    add_library(${E_DEFAULT_ARGS} STATIC ${E_SOURCES})
  else()
    add_library(${E_DEFAULT_ARGS} MODULE ${E_SOURCES})
  endif()
  target_link_libraries(${E_DEFAULT_ARGS} ${E_LIBS})
endmacro()
ext(x SOURCES x.c LIBS z Python3::Python)  # expect: NLP202
ext(y STATIC SOURCES y.c LIBS z Python3::Python)
""",
    "a loop over a list": """
set(LIBS z Python3::Python)  # expect: NLP202
foreach(lib IN LISTS NOWHERE LIBS)
  target_link_libraries(m PRIVATE ${lib})
endforeach()
""",
    "a loop over words, of which one is not known": """
foreach(lib ${UNKNOWN} Python3::Python)  # expect: NLP202
  target_link_libraries(m PRIVATE ${lib})
endforeach()
""",
    "a loop over numbers": """
foreach(minor RANGE 3)
  target_link_libraries(m PRIVATE Python3::Python)  # expect: NLP202
endforeach()
""",
    "a loop that goes on": """
foreach(lib a b)
  if(lib STREQUAL a)
    continue()
  endif()
  target_link_libraries(m PRIVATE Python3::Python)  # expect: NLP202
endforeach()
""",
    "other blocks": """
while(WITH_X)
  target_link_libraries(m PRIVATE python3.10)  # expect: NLP201
  break()
endwhile()
block(SCOPE_FOR VARIABLES)
  target_link_libraries(m PRIVATE python3.11)  # expect: NLP201
endblock()
""",
    "a function that calls itself": """
function(f)
  target_link_libraries(m PRIVATE Python3::Python)  # expect: NLP202
  f()
endfunction()
f()
""",
    "a macro's parameter hides a variable while it runs": """
set(name m)
macro(f name)
  add_library(${name} STATIC ${name}.c)
endmacro()
f(other)
target_link_libraries(${name} PRIVATE Python3::Python)  # expect: NLP202
""",
    "a variable's name in a variable": """
set(WHICH Python3)
target_link_libraries(m ${${WHICH}_LIBRARIES})  # expect: NLP202
""",
    "a library that is linked through an alias": """
add_library(n ALIAS m)
target_link_libraries(n PRIVATE Python3::Python)  # expect: NLP202
""",
    "pybind11 names the library": """
add_library(s SHARED s.cpp)
pybind11_extension(s)
target_link_libraries(s PRIVATE Python3::Python)  # expect: NLP202
""",
    "a module among the packages of Python": """
add_library(s MODULE s.c)
install(TARGETS s DESTINATION ${Python3_SITEARCH})
target_link_libraries(s PRIVATE Python3::Python)  # expect: NLP202
""",
    "features of the link": """
target_link_libraries(m PRIVATE
  $<LINK_LIBRARY:WHOLE_ARCHIVE,Python3::Python>  # expect: NLP202
  $<LINK_GROUP:RESCAN,z,python3.11>  # expect: NLP201
  $<LINK_ONLY:python3.12>)  # expect: NLP201
""",
    "an option for the shell": """
target_link_options(m PRIVATE SHELL:-lpython3.11)  # expect: NLP201
""",
    "strings and brackets": """
target_link_libraries(m [[Python3::Python]] [[]] "" ;;)  # expect: NLP202
target_link_libraries(m "z;python3.11;")  # expect: NLP201
""",
    "a library that is named by hand": """
set(PYTHON_LIBRARY /usr/lib/libpython3.11.so)
target_link_libraries(m ${PYTHON_LIBRARY})  # expect: NLP202
""",
    "a variable that find_package sets anew": """
set(PYTHON_LIBRARIES z)
find_package(PythonLibs)
target_link_libraries(m ${PYTHON_LIBRARIES})  # expect: NLP202
""",
    "every library of the folder": """
link_libraries(Python3::Python)  # expect: NLP202
add_executable(app app.c)
add_library(n MODULE n.c)
""",
    "a target of pkg-config's": """
pkg_check_modules(PY IMPORTED_TARGET python3-embed)
target_link_libraries(m PkgConfig::PY)  # expect: NLP202
""",
    "sysconfig's name of the library": """
execute_process(COMMAND python3 -c "import sysconfig as s; print(s.get_config_var('LDLIBRARY'))"
                OUTPUT_VARIABLE LIB)
target_link_libraries(m ${LIB})  # expect: NLP202
""",
    "blocks that are not closed, or by another's end": """
endif()
if(WITH_X)
endforeach()
foreach(lib a)
  target_link_libraries(m PRIVATE Python3::Python)  # expect: NLP202
""",
    "a placeholder where a command may be": """
@PACKAGE_INIT@
target_link_libraries(m PRIVATE Python3::Python)  # expect: NLP202
""",
}
SILENT = {
    "an option of a function is not given": """
function(ext name)
  cmake_parse_arguments(E "EMBED" "" "" ${ARGN})
  if(E_EMBED)
    add_executable(${name} ${E_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} Python3::Python)
  else()
    Python3_add_library(${name} MODULE ${E_UNPARSED_ARGUMENTS})
  endif()
endfunction()
ext(band EMBED main.c)
ext(tune tune.c)
""",
    "a loop that returns": """
function(f)
  foreach(lib a b)
    return()
  endforeach()
  target_link_libraries(m PRIVATE Python3::Python)
endfunction()
f()
""",
    "a copy of a known helper": """
function(pybind11_add_module name)
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE Python3::Python)
endfunction()
pybind11_add_module(x x.cpp)
""",
    "the name of the macro's parameter is a variable's again": """
set(name app)
macro(f name)
  add_library(${name} MODULE ${name}.c)
endmacro()
f(other)
target_link_libraries(${name} PRIVATE Python3::Python)
""",
    "the project's own target of that name": """
add_library(Python3::Python ALIAS stub)
target_link_libraries(m PRIVATE Python3::Python)
""",
    "the target is emptied": """
set_target_properties(Python3::Python PROPERTIES INTERFACE_LINK_LIBRARIES "")
target_link_libraries(m PRIVATE Python3::Python)
""",
    "a plug-in of a host": """
add_library(s MODULE s.c)
install(TARGETS s DESTINATION lib/plugins)
target_link_libraries(s PRIVATE Python3::Python)
""",
    "expressions that link nothing": """
target_link_libraries(m PRIVATE $<TARGET_OBJECTS:Python3::Python> $<Python3::Python> $<CONFIG>)
target_link_libraries(m PRIVATE $<Python3::Python)
""",
    "a library that is emptied by hand": """
set(PYTHON_LIBRARY "")
target_link_libraries(m ${PYTHON_LIBRARY})
""",
    "a library that somebody else chooses": """
set(PYTHON_LIBRARY ${CHOSEN})
target_link_libraries(m ${PYTHON_LIBRARY})
""",
    "flags of other kinds of libraries": """
set(CMAKE_SHARED_LINKER_FLAGS "-lpython3.11")
""",
    "pkg-config's package for modules": """
pkg_check_modules(PY python3)
target_link_libraries(m ${PY_LIBRARIES})
""",
    "another library": """
find_library(LIB NAMES z)
target_link_libraries(m ${LIB})
""",
    "the folder that sysconfig names": """
execute_process(COMMAND python3 -c "import sysconfig as s; print(s.get_config_var('LIBDIR'))"
                OUTPUT_VARIABLE LIB)
target_link_libraries(m ${LIB})
""",
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_the_marked_lines_are_reported_and_no_others(name: str) -> None:
    text = HEAD + {**REPORTED, **SILENT}[name].removeprefix("\n")
    assert [(one.start.row, one.code) for one in found(text, NAME)] == marked(text)
    assert bool(marked(text)) == (name in REPORTED)
