"""CMake: long loops that only compute are read in part, those that link something as a whole."""

from __future__ import annotations

from no_libpython_dlopen.engine import api

HEAD = "cmake_minimum_required(VERSION 3.18)\nfind_package(PythonLibs REQUIRED)\n"
#: Each of a list's items is looked for among those before it.
UNIQUE = """\
macro(append_unique list_ item)
  set(is_new ON)
  foreach(known IN LISTS ${list_})
    if("~${known}" STREQUAL "~${item}")
      set(is_new OFF)
    endif()
  endforeach()
  if(is_new)
    list(APPEND ${list_} ${item})
  endif()
endmacro()
"""
LINK = (
    "add_library(_band MODULE band.c)\ntarget_link_libraries(_band PRIVATE ${PYTHON_LIBRARIES})\n"
)


def found(text: str) -> list[tuple[str, str]]:
    return [
        (one.code, one.message.partition(" ")[0])
        for one in api.check_bytes((HEAD + text).encode(), "CMakeLists.txt")
    ]


def test_a_list_of_unique_tests_does_not_stop_the_analysis() -> None:
    calls = "".join(f"append_unique(TESTS test{number})\n" for number in range(700))
    assert found(UNIQUE + calls + LINK) == [("NLP202", "`${PYTHON_LIBRARIES}`")]


def test_tests_of_each_kind_do_not_stop_the_analysis() -> None:
    tests = " ".join(f"test{number}" for number in range(900))
    loops = f"""\
set(TESTS {tests})
function(test_name out kind test)
  string(REPLACE "-" "_" name "${{kind}}-${{test}}")
  set(${{out}} ${{name}} PARENT_SCOPE)
endfunction()
foreach(kind {" ".join(f"kind{number}" for number in range(60))})
  foreach(test IN LISTS TESTS)
    test_name(name ${{kind}} ${{test}})
    execute_process(COMMAND ${{CMAKE_CPP}} ${{name}} OUTPUT_VARIABLE expected)
    add_test(NAME ${{name}} COMMAND run ${{name}})
  endforeach()
endforeach()
"""
    assert found(loops + LINK) == [("NLP202", "`${PYTHON_LIBRARIES}`")]


def test_libpython_is_collected_behind_a_thousand_items() -> None:
    items = " ".join(f"lib{number}" for number in range(2_500))
    text = f"""\
foreach(library {items} ${{PYTHON_LIBRARIES}} last)
  list(APPEND ALL ${{library}})
endforeach()
add_library(_band MODULE band.c)
target_link_libraries(_band PRIVATE ${{ALL}})
"""
    assert found(text) == [("NLP202", "`${PYTHON_LIBRARIES}`")]


def test_a_long_loop_that_links_is_walked_to_its_end() -> None:
    names = " ".join(f"m{number}" for number in range(1_200))
    text = f"""\
set(LIBRARIES_OF_m1199 python3.11)
foreach(name {names})
  add_library(${{name}} MODULE ${{name}}.c)
  target_link_libraries(${{name}} PRIVATE ${{LIBRARIES_OF_${{name}}}})
endforeach()
"""
    assert found(text) == [("NLP201", "`python3.11`")]


def test_a_loop_that_calls_a_function_which_links_is_walked_to_its_end() -> None:
    names = " ".join(f"m{number}" for number in range(800))
    text = f"""\
function(bind name)
  add_library(${{name}} MODULE ${{name}}.c)
  target_link_libraries(${{name}} PRIVATE ${{LIBRARIES_OF_${{name}}}})
endfunction()
set(LIBRARIES_OF_m799 python3.11)
foreach(name {names})
  bind(${{name}})
endforeach()
"""
    assert found(text) == [("NLP201", "`python3.11`")]


def test_items_that_are_not_known_equal_nothing() -> None:
    text = """\
foreach(kind ${KINDS})
  if(kind STREQUAL "module")
    add_library(_${kind} MODULE m.c)
  else()
    add_executable(_${kind} m.c)
  endif()
  if(NOT kind STREQUAL "module")
    target_link_libraries(_${kind} PRIVATE python3.11)
  endif()
endforeach()
"""
    assert found(text) == []
    assert found(text.replace("NOT ", "").replace("${KINDS}", "module")) == [
        ("NLP201", "`python3.11`")
    ]
