"""CMake: what tells a shared library that is an extension module from one that is not."""

from __future__ import annotations

import pytest

from tests.buildsystems.rewriting import found, marked, text_of

HEAD = """\
cmake_minimum_required(VERSION 3.5)
project(band CXX)
find_package(PythonLibs REQUIRED)
"""

REPORTED = {
    "Boost.Python with the prefix lib, among Python's modules": """
    function(add_python_export_library TARGET_NAME)
      find_package(Boost REQUIRED COMPONENTS python3)
      add_library(${TARGET_NAME} ${ARGN})
      target_link_libraries(${TARGET_NAME} ${PYTHON_LIBRARY})  # expect: NLP202
      target_link_libraries(${TARGET_NAME} ${Boost_LIBRARIES})
      install(TARGETS ${TARGET_NAME}
        LIBRARY DESTINATION ${CATKIN_GLOBAL_PYTHON_DESTINATION}/${TARGET_NAME})
    endfunction()
    add_python_export_library(${PROJECT_NAME}_python tune.cpp)
    """,
    "a source of SWIG that is added afterwards": """
    add_library(tune SHARED)
    target_sources(tune PRIVATE tune_wrap.cxx)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune PRIVATE ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "a source that f2py writes": """
    add_custom_command(OUTPUT tunemodule.c
      COMMAND ${PYTHON_EXECUTABLE} -m numpy.f2py tune.f90 -m tune --lower)
    add_library(tune SHARED tunemodule.c tune.f90)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune PRIVATE ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "a source that another project's helper for Cython writes": """
    find_package(Helpers)
    CYTHON_ADD_MODULE_PYX(tune types.pyx)
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "" OUTPUT_NAME tune)
    target_link_libraries(tune PRIVATE ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "an imported library with libpython's file": """
    add_library(py SHARED IMPORTED)
    set_target_properties(py PROPERTIES IMPORTED_LOCATION "${PYTHON_LIBRARY}")
    python_add_module(tune tune.c)
    target_link_libraries(tune py)  # expect: NLP202
    """,
    "module prefix and extension of FindPythonLibs": """
    add_library(tune SHARED tune.cpp)
    target_link_libraries(tune PRIVATE ${PYTHON_LIBRARIES})  # expect: NLP202
    set_property(TARGET tune PROPERTY SUFFIX ${PYTHON_MODULE_EXTENSION})
    set_property(TARGET tune PROPERTY PREFIX "${PYTHON_MODULE_PREFIX}")
    """,
    "an option decides the type": """
    function(add_band_module _NAME)
      if(PYTHON_MODULE_${_NAME}_SHARED)
        set(PY_MODULE_TYPE SHARED)
      else()
        set(PY_MODULE_TYPE STATIC)
      endif()
      add_library(${_NAME} ${PY_MODULE_TYPE} ${ARGN})
      target_link_libraries(${_NAME} ${PYTHON_LIBRARIES})  # expect: NLP202
      if(PYTHON_MODULE_${_NAME}_SHARED)
        set_target_properties(${_NAME} PROPERTIES PREFIX "")
        set_target_properties(${_NAME} PROPERTIES SUFFIX ${PYTHON_MODULE_EXTENSION})
      endif()
    endfunction()
    add_band_module(tune tune.c)
    """,
    "a macro around SWIG's program": """
    macro(swig_python MODULE)
      set(MODULE_SOURCE "${CMAKE_CURRENT_BINARY_DIR}/${MODULE}.cpp")
      add_custom_command(OUTPUT ${MODULE_SOURCE} ${MODULE}.py
        COMMAND ${SWIG_COMMAND} -python -c++ -o ${MODULE_SOURCE} ${${MODULE}_INFO})
      set(MODULE_LIB m_${MODULE})
      add_library(${MODULE_LIB} SHARED ${MODULE_SOURCE})
      set_target_properties(${MODULE_LIB} PROPERTIES PREFIX "" OUTPUT_NAME _${MODULE})
      target_link_libraries(${MODULE_LIB} ${PYTHON_LIBRARIES})  # expect: NLP202
    endmacro()
    swig_python(tune)
    """,
    "folder that sysconfig prints": """
    execute_process(COMMAND "${PYTHON_EXECUTABLE}" -c "import sysconfig; print(sysconfig.get_path('platlib'))"
      OUTPUT_VARIABLE WHERE OUTPUT_STRIP_TRAILING_WHITESPACE)
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    install(TARGETS tune LIBRARY DESTINATION ${WHERE}/band)
    """,
    "folder that distutils prints": """
    execute_process(COMMAND ${PYTHON_EXECUTABLE} -c
      "from distutils.sysconfig import get_python_lib; print(get_python_lib(plat_specific=True, prefix=''))"
      OUTPUT_VARIABLE MODDIR OUTPUT_STRIP_TRAILING_WHITESPACE)
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    install(TARGETS tune DESTINATION ${MODDIR})
    """,
    "an empty prefix by set_property without a value": """
    add_library(tune SHARED tune_wrap.cxx)
    set_property(TARGET tune PROPERTY PREFIX)
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "suffix by python3-config": """
    execute_process(COMMAND python3-config --extension-suffix OUTPUT_VARIABLE EXT OUTPUT_STRIP_TRAILING_WHITESPACE)
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "" SUFFIX "${EXT}")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "suffix with SOABI": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "" SUFFIX ".${Python3_SOABI}${CMAKE_SHARED_MODULE_SUFFIX}")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "output name with SOABI": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "" OUTPUT_NAME "tune.${Python_SOABI}")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "Boost target with version": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune Boost::python${Python3_VERSION_MAJOR}${Python3_VERSION_MINOR} ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "Boost component with version": """
    find_package(Boost REQUIRED COMPONENTS python${PYTHON_VERSION_MAJOR}${PYTHON_VERSION_MINOR} numpy${PYTHON_VERSION_MAJOR}${PYTHON_VERSION_MINOR})
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${Boost_LIBRARIES} ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "Boost optional component": """
    find_package(Boost OPTIONAL_COMPONENTS python3)
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${Boost_LIBRARIES} ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "boost by plain name": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune boost_python3 ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "boost by a flag": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune -lboost_python39 ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "output folder of a configuration": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY_RELEASE ${CMAKE_BINARY_DIR}/lib/site-packages)
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "several targets in a list": """
    set(MODULES tune pitch)
    add_library(tune SHARED tune.cpp)
    add_library(pitch SHARED pitch.cpp)
    set_target_properties(${MODULES} PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    install(TARGETS ${MODULES} LIBRARY DESTINATION ${PYTHON_SITEARCH})
    """,
    "a loop over targets": """
    foreach(each tune pitch)
      add_library(${each} SHARED ${each}.cpp)
      target_link_libraries(${each} ${PYTHON_LIBRARIES})  # expect: NLP202
    endforeach()
    foreach(each IN ITEMS tune pitch)
      set_target_properties(${each} PROPERTIES PREFIX "")
    endforeach()
    install(TARGETS tune pitch DESTINATION ${PYTHON_SITE_PACKAGES}/band)
    """,
    "install FILES of target file": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    install(FILES $<TARGET_FILE:tune> DESTINATION ${PYTHON_SITE_PACKAGES}/band)
    """,
    "Shiboken": """
    add_library(tune SHARED ${generated_sources})
    set_target_properties(tune PROPERTIES PREFIX "" OUTPUT_NAME "tune${SHIBOKEN_PYTHON_EXTENSION_SUFFIX}")
    target_link_libraries(tune ${SHIBOKEN_LIBRARIES} ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "Shiboken6": """
    add_library(tune SHARED ${generated_sources})
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune PRIVATE Shiboken6::libshiboken PySide6::pyside6 ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "pycxx under a prefix in a macro": """
    macro(ttrack_package package)
      set(target_name "py${package}")
      file(GLOB src RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} "py*.cc")
      add_library(${target_name} ${src})
      target_link_libraries(${target_name} ${package} ${PYTHON_LIBRARIES})  # expect: NLP202
      set_target_properties(${target_name} PROPERTIES OUTPUT_NAME "${package}")
      set_target_properties(${target_name} PROPERTIES PREFIX "_")
      set_target_properties(${target_name} PROPERTIES SUFFIX ".so")
    endmacro()
    ttrack_package(tune)
    """,
    "folder under SP_DIR-like env": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    install(TARGETS tune DESTINATION $ENV{SP_DIR}/band)
    """,
    "scikit-build's python_extension_module on a SHARED library": """
    find_package(PythonExtensions REQUIRED)
    add_library(tune SHARED tune.cpp)
    python_extension_module(tune)
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "file glob of pyx": """
    file(GLOB sources *.pyx)
    add_library(tune SHARED ${sources})
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
    "cython by cython_compile result": """
    add_custom_command(OUTPUT tune.cpp COMMAND ${Python_EXECUTABLE} -m cython --cplus tune.pyx -o tune.cpp DEPENDS tune.pyx)
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "" SUFFIX ".so")
    target_link_libraries(tune ${PYTHON_LIBRARIES})  # expect: NLP202
    """,
}

SILENT = {
    "Boost.Python with the prefix lib, among other libraries": """
    find_package(Boost REQUIRED COMPONENTS python3)
    add_library(tune SHARED tune.cpp)
    target_link_libraries(tune ${PYTHON_LIBRARY} ${Boost_LIBRARIES})
    install(TARGETS tune LIBRARY DESTINATION lib)
    """,
    "another library of Boost with the prefix lib, among Python's modules": """
    find_package(Boost REQUIRED COMPONENTS thread)
    add_library(tune SHARED tune.cpp)
    target_link_libraries(tune ${PYTHON_LIBRARY} ${Boost_LIBRARIES})
    install(TARGETS tune LIBRARY DESTINATION lib/python3/site-packages/tune)
    """,
    "a source of Lua's that is added afterwards": """
    add_library(tune SHARED)
    target_sources(tune PRIVATE tune_lua.cxx)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune PRIVATE ${PYTHON_LIBRARIES})
    """,
    "a helper for Cython that writes another source": """
    CYTHON_ADD_MODULE_PYX(core types.pyx)
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune PRIVATE ${PYTHON_LIBRARIES})
    """,
    "an imported library with libpython's file for a program": """
    add_library(py SHARED IMPORTED)
    set_target_properties(py PROPERTIES IMPORTED_LOCATION "${PYTHON_LIBRARY}")
    add_executable(tune tune.c)
    target_link_libraries(tune py)
    """,
    "an imported library with another file": """
    add_library(py SHARED IMPORTED)
    set_target_properties(py PROPERTIES IMPORTED_LOCATION /usr/lib/libpyside6.so)
    python_add_module(tune tune.c)
    target_link_libraries(tune py)
    """,
    "lua module": """
    add_library(python SHARED python.c)
    set_target_properties(python PROPERTIES PREFIX "")
    target_link_libraries(python ${LUA_LIBRARIES} ${PYTHON_LIBRARIES})
    install(TARGETS python DESTINATION lib/lua/5.1)
    """,
    "mex": """
    add_library(pymex SHARED pymex.cpp)
    set_target_properties(pymex PROPERTIES PREFIX "" SUFFIX ".mexa64")
    target_link_libraries(pymex Boost::python3 ${PYTHON_LIBRARIES})
    """,
    "octave": """
    add_library(pytave SHARED pytave.cc)
    set_target_properties(pytave PROPERTIES PREFIX "" SUFFIX ".oct")
    target_link_libraries(pytave ${Boost_PYTHON_LIBRARY} ${PYTHON_LIBRARIES})
    """,
    "lib prefix in site-packages": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "lib")
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    install(TARGETS tune DESTINATION ${PYTHON_SITE_PACKAGES})
    """,
    "underscore name with prefix": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES OUTPUT_NAME "_tune")
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    """,
    "static in site folder": """
    add_library(tune STATIC tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    install(TARGETS tune DESTINATION ${PYTHON_SITE_PACKAGES})
    """,
    "extension of a file manager": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    install(TARGETS tune DESTINATION lib/nautilus/extensions-3.0)
    """,
    "JNI bridge": """
    add_library(jtune SHARED jtune.cpp)
    target_link_libraries(jtune ${JNI_LIBRARIES} ${PYTHON_LIBRARIES})
    set_target_properties(jtune PROPERTIES SUFFIX ".jnilib")
    """,
    "several targets, one is not in the list": """
    set(MODULES tune pitch)
    add_library(tune SHARED tune.cpp)
    add_library(pitch SHARED pitch.cpp)
    add_library(bridge SHARED bridge.cpp)
    set_target_properties(${MODULES} PROPERTIES PREFIX "")
    target_link_libraries(bridge ${PYTHON_LIBRARIES})
    install(TARGETS ${MODULES} LIBRARY DESTINATION ${PYTHON_SITEARCH})
    """,
    "folder that another program prints": """
    execute_process(COMMAND pkg-config --variable=moduledir host OUTPUT_VARIABLE WHERE OUTPUT_STRIP_TRAILING_WHITESPACE)
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    install(TARGETS tune LIBRARY DESTINATION ${WHERE}/band)
    """,
    "python prints its prefix": """
    execute_process(COMMAND ${PYTHON_EXECUTABLE} -c "import sys; print(sys.prefix)" OUTPUT_VARIABLE WHERE)
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    install(TARGETS tune LIBRARY DESTINATION ${WHERE}/lib/host)
    """,
    "install FILES of another library": """
    add_library(tune SHARED tune.cpp)
    set_target_properties(tune PROPERTIES PREFIX "")
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    install(FILES $<TARGET_FILE:pitch> ${CMAKE_CURRENT_SOURCE_DIR}/tune.py DESTINATION ${PYTHON_SITE_PACKAGES}/band)
    """,
    "an option decides between two libraries": """
    if(BUILD_SHARED)
      set(KIND SHARED)
    else()
      set(KIND STATIC)
    endif()
    add_library(tune ${KIND} tune.c)
    target_link_libraries(tune ${PYTHON_LIBRARIES})
    """,
    "shiboken host": """
    add_library(tune SHARED tune.cpp)
    target_link_libraries(tune Shiboken6::libshiboken PySide6::pyside6 ${PYTHON_LIBRARIES})
    """,
    "emacs module": """
    add_library(emacs-python SHARED py.c)
    set_target_properties(emacs-python PROPERTIES PREFIX "" SUFFIX ".so")
    target_link_libraries(emacs-python ${PYTHON_LIBRARIES})
    """,
}


@pytest.mark.parametrize("name", [*REPORTED, *SILENT])
def test_the_marked_lines_are_reported_and_no_others(name: str) -> None:
    text = HEAD + text_of({**REPORTED, **SILENT}[name])
    assert [(f.start.row, f.code) for f in found(text, "CMakeLists.txt")] == marked(text)
    assert bool(marked(text)) == (name in REPORTED)
