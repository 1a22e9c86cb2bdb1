"""CMake: links that several listfiles of a project make together."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from tests.buildsystems.rewriting import marked, text_of

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
        """,
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
        """,
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
        """,
    },
    "a bridge whose prefix is emptied on Windows, beside a module": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        add_library(bridge SHARED bridge.cpp)
        if(WIN32)
          set_target_properties(bridge PROPERTIES PREFIX "" SUFFIX ".pyd")
        endif()
        target_link_libraries(bridge ${PYTHON_LIBRARIES})
        add_library(_band MODULE band.cpp)
        target_link_libraries(_band bridge ${PYTHON_LIBRARIES})  # expect: NLP202
        """,
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
    "SWIG writes for another language": {
        "CMakeLists.txt": """
        find_package(PythonLibs REQUIRED)
        string(TOLOWER "TCL" lang)
        swig_add_library(band LANGUAGE "${lang}" SOURCES band.i)
        swig_link_libraries(band ${PYTHON_LIBRARIES})
        """,
    },
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_the_marked_lines_of_a_project_are_reported(tmp_path: Path, name: str) -> None:
    files = {path: text_of(text) for path, text in {**REPORTED, **SILENT}[name].items()}
    files["CMakeLists.txt"] = HEAD + files["CMakeLists.txt"]
    for path, text in files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for path, text in files.items():
        findings = api.check_bytes(text.encode(), str(tmp_path / path))
        assert [(each.start.row, each.code) for each in findings] == marked(text), path
    assert any(map(marked, files.values())) == (name in REPORTED)
