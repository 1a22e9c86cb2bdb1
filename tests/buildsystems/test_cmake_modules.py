"""CMake: which libraries are extension modules. A reported line says so at its end."""

from __future__ import annotations

import pytest

from tests.buildsystems.rewriting import found, marked, text_of

HEAD = """\
cmake_minimum_required(VERSION 3.5)
project(band CXX)
find_package(PythonLibs REQUIRED)
"""

REPORTED = {
    "a library without a type that catkin builds into Python's folder": """
    add_library(band_wrapper src/wrapper.cpp)
    target_link_libraries(band_wrapper band ${Boost_LIBRARIES} ${PYTHON_LIBRARIES})  # expect: NLP202
    set_target_properties(band_wrapper PROPERTIES
      PREFIX ""
      LIBRARY_OUTPUT_DIRECTORY ${CATKIN_DEVEL_PREFIX}/${CATKIN_PACKAGE_PYTHON_DESTINATION})
    """,
    "the same with the folder by set_property": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    set_property(TARGET tune PROPERTY LIBRARY_OUTPUT_DIRECTORY ${BUILD}/lib/site-packages/band)
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "an underscore as the prefix, after link_libraries": """
    if(NOT APPLE)
      link_libraries(${PYTHON_LIBRARIES})  # expect: NLP202
    endif()
    add_library(tf2 src/tf2.cpp)
    if(WIN32)
      set_target_properties(tf2 PROPERTIES OUTPUT_NAME "_tf2" SUFFIX ".pyd")
    else()
      set_target_properties(tf2 PROPERTIES OUTPUT_NAME tf2 PREFIX "_" SUFFIX ".so")
    endif()
    """,
    "a prefix that is emptied in a branch": """
    add_library(tune SHARED tune_wrap.cxx)
    if(UNIX)
      set_target_properties(tune PROPERTIES PREFIX "")
    endif()
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "one output name of two begins with an underscore": """
    if(OLD_PYTHON)
      set(NAME "_tunemodule")
    else()
      set(NAME "_tune")
    endif()
    add_library(tunemodule SHARED tune.cpp)
    set_target_properties(tunemodule PROPERTIES PREFIX "" OUTPUT_NAME ${NAME})
    target_link_libraries(tunemodule ${PYTHON_LIBRARY})  # expect: NLP202
    """,
    "a module of FindPython's whose sources are in a variable": """
    set(PARTS tune.cpp band.cpp)
    Python_add_library(tune ${PARTS} WITH_SOABI)
    target_link_libraries(tune LINK_PUBLIC Band::Band Python::Python)  # expect: NLP202
    """,
    "the same with sources that are not known": """
    Python3_add_library(tune ${PROJECT_SOURCES})
    target_link_libraries(tune PRIVATE Python3::Python)  # expect: NLP202
    """,
    "types of Python's own helpers in a list with sources": """
    set(given SHARED tune.cpp)  # expect: NLP202
    Python3_add_library(tune ${given})
    pybind11_add_module(band ${given})
    """,
    "a type behind another keyword": """
    pybind11_add_module(tune NO_EXTRAS SHARED tune.cpp)  # expect: NLP202
    """,
    "a branch for newer versions links the program's library": """
    Python3_add_library(tune MODULE tune.cpp)
    if("${pybind11_VERSION}" VERSION_GREATER_EQUAL "2.6.0")
      target_link_libraries(tune PRIVATE pybind11::embed)  # expect: NLP202
    else()
      target_link_libraries(tune PRIVATE pybind11::module)
    endif()
    if(NOT band_VERSION VERSION_LESS 2)
      target_link_libraries(tune PRIVATE pybind11::embed)  # expect: NLP202
    else()
      target_link_libraries(tune PRIVATE pybind11::module)
    endif()
    if(band_VERSION VERSION_LESS_EQUAL 2)
      target_link_libraries(tune PRIVATE pybind11::module)
    else()
      target_link_libraries(tune PRIVATE pybind11::embed)  # expect: NLP202
    endif()
    """,
    "Boost.Python among the libraries": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${Boost_PYTHON_LIBRARY} ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "Boost.Python among Boost's components": """
    find_package(Boost REQUIRED COMPONENTS system python3)
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${Boost_LIBRARIES} ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "Boost::python311": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune Boost::python311 ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "pybind11::module": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune pybind11::module ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "a Cython source in Python's folder": """
    add_library(tune SHARED tune.pyx)
    install(TARGETS tune LIBRARY DESTINATION ${Python3_SITEARCH}/band)
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "a package that was searched for twice": """
    unset(PYTHON_LIBRARY CACHE)
    unset(PYTHONLIBS_FOUND CACHE)
    find_package(PythonLibs 3)
    if(PYTHONLIBS_FOUND)
      set(PYTHON3_LIBRARY ${PYTHON_LIBRARY})  # expect: NLP202
    endif()
    python_add_module(tune tune.c)
    target_link_libraries(tune ${PYTHON3_LIBRARY})
    """,
    "the suffix is Python's on Windows": """
    add_library(tune SHARED tune.cpp)
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    if(APPLE)
      set_target_properties(tune PROPERTIES SUFFIX ".so")
    elseif(WIN32)
      set_target_properties(tune PROPERTIES SUFFIX ".pyd")
    endif()
    """,
    **{
        f"installed to {folder}": f"""
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${{PYTHON_LIBRARIES}})  # expect: NLP202
    install(TARGETS tune EXPORT e RUNTIME DESTINATION bin LIBRARY DESTINATION {folder})
    """
        for folder in (
            "${Python3_SITEARCH}",
            "${Python_SITELIB}/band",
            "lib/python3/dist-packages",
            "${PYTHON_INSTALL_DIR}/band",
            "${PYTHON_DEST}",
            "${PYTHON_INSTDIR}",
            "${CATKIN_GLOBAL_PYTHON_DESTINATION}/band",
            "${CMAKE_INSTALL_PYTHON_ARCH_LIB}/band",
            "${SKBUILD_PLATLIB_DIR}/band",
        )
    },
    "a folder that a variable for all libraries names": """
    set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${PYTHON_SITELIB})
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "a folder in a variable that is only called after what it is": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    install(TARGETS tune DESTINATION ${SITEARCH})
    """,
    "a prefix that a variable for all libraries empties": """
    set(CMAKE_SHARED_LIBRARY_PREFIX "")
    add_library(_tune SHARED tune.cpp)
    target_link_libraries(_tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "scikit-build's add_cython_target": """
    add_cython_target(tune tune.pyx CXX)
    add_library(tune SHARED ${tune})
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "cython-cmake's cython_transpile": """
    cython_transpile(tune.pyx LANGUAGE CXX OUTPUT_VARIABLE tune_cxx)
    add_library(tune SHARED ${tune_cxx})
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "Cython as a custom command": """
    add_custom_command(OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/tune.c
      COMMAND ${CYTHON_EXECUTABLE} -3 ${CMAKE_CURRENT_SOURCE_DIR}/tune.pyx)
    add_library(tune SHARED ${CMAKE_CURRENT_BINARY_DIR}/tune.c)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "SWIG for Python as a custom command": """
    add_custom_command(OUTPUT tune_py.cxx COMMAND swig -python -c++ -o tune_py.cxx tune.swg)
    add_library(tune SHARED tune_py.cxx)
    set_target_properties(tune PROPERTIES PREFIX "_")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "what SIP generates": """
    add_library(tune SHARED siptunecmodule.cpp siptunepart0.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "KDE's macro for SIP": """
    add_sip_python_module(band.tune tune.sip band ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "ament installs a Python package": """
    ament_python_install_package(${PROJECT_NAME})
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "ament says where Python's packages are": """
    ament_get_python_install_dir(FOLDER)
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    install(TARGETS tune DESTINATION ${FOLDER}/band)
    """,
    "catkin installs a Python package": """
    catkin_python_setup()
    add_library(tune tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "rosbuild with Boost.Python": """
    rosbuild_add_boost_directories()
    rosbuild_add_library(${PROJECT_NAME}_wrapper src/wrapper.cpp)
    set_target_properties(${PROJECT_NAME}_wrapper PROPERTIES PREFIX "")
    target_link_libraries(${PROJECT_NAME}_wrapper ${PYTHON_LIBRARIES})  # expect: NLP202
    rosbuild_link_boost(${PROJECT_NAME}_wrapper python)
    """,
    "rosbuild with SWIG": """
    rosbuild_add_library(python_tune src/tune_wrap.cpp)
    set_target_properties(python_tune PROPERTIES OUTPUT_NAME tune PREFIX "_" SUFFIX ".so")
    target_link_libraries(python_tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "an item of a list that a loop takes out": """
    set(LIBS ${PYTHON_LIBRARIES} m)  # expect: NLP202
    foreach(index RANGE 1)
      list(GET LIBS ${index} library)
      add_library(_tune${index} MODULE tune.c)
      target_link_libraries(_tune${index} ${library})
    endforeach()
    """,
    "the first item of a list": """
    set(LIBS ${PYTHON_LIBRARIES} m)  # expect: NLP202
    list(GET LIBS 0 library)
    add_library(_tune MODULE tune.c)
    target_link_libraries(_tune ${library})
    """,
}

SILENT = {
    "a library beside the modules keeps its prefix": """
    add_library(tune SHARED tune.cpp)
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    install(TARGETS tune LIBRARY DESTINATION ${Python3_SITEARCH}/band)
    """,
    "a library without a prefix and without a sign of Python's": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    install(TARGETS tune LIBRARY DESTINATION lib/band)
    """,
    "a bridge to Boost.Python": """
    add_library(tune SHARED tune.cpp)
    target_link_libraries(tune ${Boost_PYTHON_LIBRARY} ${PYTHON_LIBRARIES})
    """,
    "Boost without Python": """
    find_package(Boost REQUIRED COMPONENTS system)
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${Boost_LIBRARIES} ${PYTHON_LIBRARIES})
    """,
    "a host's plug-in for scripts": """
    add_library(script MODULE script.cpp)
    set_target_properties(script PROPERTIES PREFIX "")
    target_link_libraries(script ${Boost_PYTHON_LIBRARY} ${PYTHON_LIBRARIES})
    install(TARGETS script DESTINATION ${PLUGIN_DIR})
    """,
    "a host's plug-in that is no MODULE": """
    add_library(script SHARED script.cpp)
    set_target_properties(script PROPERTIES PREFIX "")
    target_link_libraries(script pybind11::module ${PYTHON_LIBRARIES})
    install(TARGETS script DESTINATION lib/host/plugins)
    """,
    "a plug-in in a folder of the host's Python plug-ins": """
    add_library(script SHARED script.cpp)
    set_target_properties(script PROPERTIES PREFIX "")
    target_link_libraries(script ${PYTHON_LIBRARIES})
    install(TARGETS script DESTINATION ${PYTHON_PLUGIN_INSTALL_DIR})
    """,
    "a program's library that is called so, with Boost.Python": """
    add_library(libtune SHARED tune.cpp)
    set_target_properties(libtune PROPERTIES PREFIX "")
    target_link_libraries(libtune ${Boost_PYTHON_LIBRARY} ${PYTHON_LIBRARIES})
    """,
    "a helper that links nothing where symbols may stay undefined": """
    macro(target_link_libraries_with_dynamic_lookup target)
      if(UNDEFINED_SYMBOLS_ALLOWED)
      else()
        target_link_libraries(${target} ${ARGN})
      endif()
    endmacro()
    swig_add_library(tune LANGUAGE python SOURCES tune.i)
    target_link_libraries_with_dynamic_lookup(tune ${PYTHON_LIBRARIES})
    """,
    "another library goes to Python's folder": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    install(TARGETS pitch LIBRARY DESTINATION ${Python3_SITEARCH})
    """,
    "a program in Python's folder": """
    add_executable(tune tune.cpp)
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    install(TARGETS tune DESTINATION ${PYTHON_INSTALL_DIR})
    """,
    "the other item of a list": """
    set(LIBS ${PYTHON_LIBRARIES} m)
    list(GET LIBS 1 library)
    add_library(_tune MODULE tune.c)
    target_link_libraries(_tune ${library})
    """,
    "SWIG for Java as a custom command": """
    add_custom_command(OUTPUT tune_java.cxx COMMAND swig -java -c++ -o tune_java.cxx tune.swg)
    add_library(tune SHARED tune_java.cxx)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    """,
    "a program that Cython writes": """
    add_custom_command(OUTPUT tune.c COMMAND cython --embed tune.pyx)
    add_executable(tune tune.c)
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    """,
    "a library of a ROS package that installs Python, too": """
    catkin_python_setup()
    add_library(tune tune.cpp)
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    """,
    "a program and a library of rosbuild": """
    rosbuild_add_executable(play play.cpp)
    target_link_libraries(play ${PYTHON_LIBRARIES})
    rosbuild_add_library(tune tune.cpp)
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    """,
    "a type of FindPython's libraries that is not known, and one that is no module's": """
    set(kind STATIC)
    Python3_add_library(band ${kind} ${PARTS})
    Python3_add_library(tune ${type} tune.cpp)
    target_link_libraries(band Python3::Python)
    target_link_libraries(tune Python3::Python)
    """,
    "a branch for older versions": """
    Python3_add_library(tune MODULE tune.cpp)
    if(band_VERSION VERSION_LESS 2)
      target_link_libraries(tune PRIVATE pybind11::embed)
    else()
      target_link_libraries(tune PRIVATE pybind11::module)
    endif()
    if(NOT band_VERSION VERSION_LESS 2)
      target_link_libraries(tune PRIVATE pybind11::module)
    else()
      target_link_libraries(tune PRIVATE pybind11::embed)
    endif()
    """,
    "modules of other programs, by the folder": """
    foreach(name tune play call)
      add_library(${name} MODULE ${name}.c)
      set_target_properties(${name} PROPERTIES PREFIX "")
      target_link_libraries(${name} ${PYTHON_LIBRARIES})
    endforeach()
    install(TARGETS tune DESTINATION lib/gstreamer-1.0)
    install(TARGETS play LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/lua/5.4)
    install(TARGETS call DESTINATION ${PG_PKGLIBDIR})
    """,
    "libraries without a prefix that a host looks for in its own folder": """
    set(CMAKE_SHARED_LIBRARY_PREFIX "")
    set(CMAKE_LIBRARY_OUTPUT_DIRECTORY lib/band/effects)
    add_library(tune SHARED tune.cpp)
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    """,
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_the_marked_lines_are_reported_and_no_others(name: str) -> None:
    text = HEAD + text_of({**REPORTED, **SILENT}[name])
    assert [(f.start.row, f.code) for f in found(text, "CMakeLists.txt")] == marked(text)
    assert bool(marked(text)) == (name in REPORTED)
