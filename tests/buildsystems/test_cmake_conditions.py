"""CMake: which branch of a condition an extension module on Unix is linked in.

Where a condition may be either, both branches are. https://cmake.org/cmake/help/latest/command/if.html
"""

from __future__ import annotations

import pytest

from tests.buildsystems.rewriting import found

MODULE = """\
cmake_minimum_required(VERSION 3.20)
project(demo CXX)
find_package(Python3 COMPONENTS Interpreter Development REQUIRED)
add_library(m MODULE m.c)
set(system ${CMAKE_SYSTEM_NAME})
string(TOLOWER "${CMAKE_SYSTEM_NAME}" lower)
string(TOUPPER "${system}" upper)
string(TOLOWER "${CMAKE_SYSTEM_NAME}-${WITH_X}" longer)
"""
BRANCHES = """\
if({})
  target_link_libraries(m PRIVATE Python3::Python)  # then
else()
  target_link_libraries(m PRIVATE Python3::Python)  # else
endif()
"""

#: Conditions that hold on every plain Unix, under a CMake of today.
HOLDS = [
    *("TRUE", "YES", "1", "2.5", "-1", '"ON"'),
    *("UNIX", "${UNIX}", "CMAKE_HOST_UNIX", "DEFINED UNIX", "UNIX OR WITH_X"),
    *("NOT (WIN32 OR CYGWIN)", "NOT MSVC", "UNIX AND NOT ANDROID"),
    'CMAKE_SYSTEM_NAME MATCHES "Linux|Darwin"',
    *(
        'lower MATCHES "linux|darwin|.*bsd"',
        'system MATCHES "Linux|Darwin"',
        'NOT lower STREQUAL "windows"',
    ),
    *("CMAKE_VERSION VERSION_GREATER_EQUAL 3.18", "CMAKE_VERSION VERSION_GREATER 3.12"),
    *("TARGET Python3::Module", "COMMAND Python3_add_library"),
    *("Python3_VERSION VERSION_GREATER_EQUAL 3.8", "${PYTHON_VERSION_MAJOR} EQUAL 3"),
]
FAILS = [
    *("OFF", "0", "00", "FOO-NOTFOUND", '"UNIX"', '"some text"', '"${WIN32}"'),
    *("WIN32", "${WIN32}", "CMAKE_HOST_WIN32", "DEFINED MSVC", "WIN32 AND WITH_X"),
    *("NOT NOT WIN32", "(WIN32 OR CYGWIN)"),
    *("CMAKE_CXX_COMPILER_ID STREQUAL MSVC", "CMAKE_SHARED_LIBRARY_SUFFIX STREQUAL .dll"),
    'CMAKE_GENERATOR MATCHES "Visual Studio"',
    *('lower MATCHES "windows|cygwin"', '"${upper}" STREQUAL WINDOWS', "lower STREQUAL Linux"),
    *('NOT lower STREQUAL "linux" AND NOT lower STREQUAL "darwin"', "system STREQUAL Windows"),
    *("CMAKE_VERSION VERSION_LESS 3.18", "${CMAKE_VERSION} VERSION_LESS 3.12"),
    *(
        "${Python_VERSION} VERSION_LESS 3.8",
        "CMAKE_VERSION VERSION_LESS 3.28.1",
        "PYTHONLIBS_VERSION_STRING VERSION_LESS 3",
    ),
    *("PYTHON_VERSION_MAJOR EQUAL 2", "Python_VERSION_MAJOR STREQUAL 2"),
]
OPEN = [
    *("WITH_X", "${WITH_X}", "WITH_X AND UNIX", "DEFINED WITH_X", "EXISTS /usr", "POLICY CMP0094"),
    *("APPLE", "CMAKE_HOST_APPLE", "(UNIX AND NOT (APPLE))", "TARGET other", "COMMAND other"),
    *("CMAKE_CXX_COMPILER_ID MATCHES Clang", "CMAKE_GENERATOR STREQUAL Ninja"),
    "CMAKE_SHARED_LIBRARY_SUFFIX STREQUAL .so",
    *("CMAKE_VERSION VERSION_LESS 99", "CMAKE_VERSION VERSION_LESS x"),
    *("Python3_VERSION VERSION_LESS 3.12", "a IS_NEWER_THAN b", "Linux IN_LIST SYSTEMS"),
    *("CMAKE_SYSTEM_NAME STREQUAL ${TARGET_SYSTEM}", "CMAKE_SYSTEM_NAME STRLESS Windows"),
    *("UNKNOWN STREQUAL Windows", "WIN32 STREQUAL 1"),
    *(
        "lower STREQUAL linux",
        "NOT upper STREQUAL LINUX",
        "longer MATCHES windows",
        "lower",
        "NOT lower",
    ),
    # An expression that is none, or that could take exponential time, is not tried.
    *('CMAKE_SYSTEM_NAME MATCHES "(Linux"', 'CMAKE_SYSTEM_NAME MATCHES "(L+)+"'),
    f'CMAKE_SYSTEM_NAME MATCHES "{"x" * 500}"',
    # CMake refuses these.
    *("", "(UNIX WIN32)", "UNIX XOR WIN32", "NOT"),
]

#: What stands before, the condition, and the branches.
VARIABLES = [
    ("set(S Windows)", "CMAKE_SYSTEM_NAME STREQUAL S", ["else"]),
    ("set(S Windows)", "S STREQUAL Windows", ["then"]),
    ("set(S Linux)", "S STREQUAL Windows", ["else"]),
    ("set(S ${X})", "S STREQUAL Windows", ["then", "else"]),
    ("set(S ON)", "S", ["then"]),
    ("set(S some)", "S", ["then"]),
    ("set(S OFF)", "S", ["else"]),
    ("set(S OFF)", "${S}", ["else"]),
    ("set(S)", "S", ["else"]),
    ("set(S a)\nunset(S)", "S", ["else"]),
    ("set(S 5)", "S EQUAL 5", ["then"]),
    ("set(S 5)", "S LESS 5", ["else"]),
    ("set(S 5)", "S GREATER_EQUAL 5", ["then"]),
    ("set(S 5)", "S LESS x", ["then", "else"]),
    ("set(L Windows CYGWIN Android)", "CMAKE_SYSTEM_NAME IN_LIST L", ["else"]),
    ("set(L Windows)\nlist(APPEND L CYGWIN)", "NOT CMAKE_SYSTEM_NAME IN_LIST L", ["then"]),
    ("set(L Linux Darwin)", "${CMAKE_SYSTEM_NAME} IN_LIST L", ["then"]),
    ("set(L Windows Darwin)", "CMAKE_SYSTEM_NAME IN_LIST L", ["then", "else"]),
    ("set(L Windows FreeBSD)", "CMAKE_SYSTEM_NAME IN_LIST L", ["then", "else"]),
    ("set(L Windows ${X})", "CMAKE_SYSTEM_NAME IN_LIST L", ["then", "else"]),
    ("set(L Windows)", "X IN_LIST L", ["then", "else"]),
    ("set(L a b)\nset(S b)", "S IN_LIST L", ["then"]),
    ('set(L Windows)\nlist(FIND L "${CMAKE_SYSTEM_NAME}" at)', "at GREATER -1", ["else"]),
    ('set(L Windows)\nlist(FIND L "${CMAKE_SYSTEM_NAME}" at)', "${at} EQUAL -1", ["then"]),
    ('set(L Windows)\nlist(FIND L ${CMAKE_SYSTEM_NAME} at)', "NOT at EQUAL -1", ["else"]),
    ('set(L Windows Linux Darwin)\nlist(FIND L "${CMAKE_SYSTEM_NAME}" at)', "at GREATER 0", ["then"]),
    ('set(L Windows Darwin)\nlist(FIND L "${CMAKE_SYSTEM_NAME}" at)', "at EQUAL -1", ["then", "else"]),
    ('set(L Windows)\nlist(FIND L "${X}" at)', "at GREATER -1", ["then", "else"]),
    ('set(S Linux CACHE STRING "what the user may change")', "S STREQUAL Windows", ["then", "else"]),
    ('option(S "as well" OFF)', "S", ["then", "else"]),
]  # fmt: skip


def linked(condition: str, before: str = "") -> list[str]:
    """Return in which branches the library is reported."""
    text = MODULE + before + "\n" + BRANCHES.format(condition)
    lines = text.splitlines()
    findings = found(text, "CMakeLists.txt")
    assert {finding.code for finding in findings} <= {"NLP202"}
    return [lines[finding.start.row - 1].rpartition("# ")[2] for finding in findings]


@pytest.mark.parametrize("condition", HOLDS)
def test_what_holds_leaves_the_else_to_other_platforms(condition: str) -> None:
    assert linked(condition) == ["then"]


@pytest.mark.parametrize("condition", FAILS)
def test_what_fails_leaves_the_first_branch_to_other_platforms(condition: str) -> None:
    assert linked(condition) == ["else"]


@pytest.mark.parametrize("condition", OPEN)
def test_what_may_be_either_links_in_both(condition: str) -> None:
    assert linked(condition) == ["then", "else"]


@pytest.mark.parametrize(("before", "condition", "branches"), VARIABLES)
def test_a_variable_is_what_it_was_set_to(before: str, condition: str, branches: list[str]) -> None:
    assert linked(condition, before) == branches


#: Around the library in ``target_link_libraries``: is it linked on Unix?
EXPRESSIONS = {
    "$<$<PLATFORM_ID:Linux>:{}>": True,
    "$<$<PLATFORM_ID:Linux,Darwin>:{}>": True,
    "$<$<PLATFORM_ID:Windows>:{}>": False,
    "$<$<NOT:$<PLATFORM_ID:Linux>>:{}>": True,  # on macOS
    "$<$<NOT:$<PLATFORM_ID:Windows>>:{}>": True,
    "$<$<AND:$<BOOL:ON>,$<PLATFORM_ID:Windows>>:{}>": False,
    "$<$<BOOL:ON>:{}>": True,
    "$<$<BOOL:OFF>:{}>": False,
    "$<$<BOOL:${{WITH_X}}>:{}>": True,
    "$<$<CXX_COMPILER_ID:MSVC>:{}>": False,
    "$<$<CXX_COMPILER_ID:GNU,Clang>:{}>": True,
    "$<$<STREQUAL:a,a>:{}>": True,
    "$<$<STREQUAL:a,b>:{}>": False,
    "$<$<STREQUAL:${{A}},b>:{}>": True,
    "$<$<STREQUAL:${{CMAKE_SYSTEM_NAME}},Windows>:{}>": False,
    "$<$<STREQUAL:Windows,${{CMAKE_SYSTEM_NAME}}>:{}>": False,
    "$<$<STREQUAL:$<PLATFORM_ID>,Windows>:{}>": False,
    "$<$<STREQUAL:${{CMAKE_SYSTEM_NAME}},Linux>:{}>": True,
    "$<$<NOT:$<STREQUAL:${{CMAKE_SYSTEM_NAME}},Windows>>:{}>": True,
    "$<$<STREQUAL:$<PLATFORM_ID>,${{X}}>:{}>": True,
    '"$<$<IN_LIST:$<PLATFORM_ID>,Windows;CYGWIN>:{}>"': False,
    "$<$<IN_LIST:$<PLATFORM_ID>,Windows;CYGWIN>:{}>": False,
    "$<$<IN_LIST:${{CMAKE_SYSTEM_NAME}},Windows>:{}>": False,
    '"$<$<IN_LIST:$<PLATFORM_ID>,Windows;Darwin>:{}>"': True,
    '"$<$<IN_LIST:$<PLATFORM_ID>,${{X}}>:{}>"': True,
    "$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:{}>": False,
    "$<$<NOT:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>>:{}>": True,
    "$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,MODULE_LIBRARY>:{}>": True,
    "$<$<STREQUAL:$<TARGET_PROPERTY:other,TYPE>,EXECUTABLE>:{}>": True,
    "$<$<TARGET_EXISTS:Python3::Module>:{}>": True,
    "$<$<NOT:$<TARGET_EXISTS:Python3::Module>>:{}>": False,
    "$<$<TARGET_EXISTS:other>:{}>": True,
    "$<$<CONFIG:Debug>:{}>": True,
    "$<IF:$<PLATFORM_ID:Windows>,{},Python3::Module>": False,
    "$<IF:$<PLATFORM_ID:Windows>,Python3::Module,{}>": True,
    "$<1:{}>": True,
    "$<0:{}>": False,
    "$<BUILD_INTERFACE:{}>": True,
}


@pytest.mark.parametrize(("around", "reported"), EXPRESSIONS.items(), ids=EXPRESSIONS)
def test_a_generator_expression_is_a_condition_too(around: str, reported: bool) -> None:
    item = around.format("Python3::Python")
    text = f"{MODULE}target_link_libraries(m PRIVATE {item})\n"
    assert [one.code for one in found(text, "CMakeLists.txt")] == ["NLP202"] * reported


@pytest.mark.parametrize(("kind", "reported"), [("EXECUTABLE", False), ("MODULE_LIBRARY", True)])
def test_the_type_that_an_interface_library_asks_for_is_that_of_what_links_it(
    kind: str, reported: bool
) -> None:
    item = f"$<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,{kind}>:Python3::Python>"
    text = (
        f"{MODULE}add_library(deps INTERFACE)\n"
        f"target_link_libraries(deps INTERFACE {item})\n"
        "target_link_libraries(m PRIVATE deps)\n"
    )
    assert [one.code for one in found(text, "CMakeLists.txt")] == ["NLP202"] * reported
