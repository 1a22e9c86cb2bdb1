"""Extension modules that only their sources in C or C++ tell from other libraries."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.buildsystems.common.source_files import SOURCE_SUFFIXES
from tests.buildsystems.rewriting import assert_marked_lines_are_reported, found, text_of

CMAKE = """\
cmake_minimum_required(VERSION 3.15)
project(open CXX)
"""
#: Build files and sources of projects; the comments say what is to be found.
PROJECTS: dict[str, dict[str, str]] = {
    "a loop over folders": {
        "build.sh": """
    #!/bin/sh
    for each in a spam; do
      (cd $each && gcc -shared -fPIC $each.c -o $each.so -lpython3.11) # expect: NLP201
    done
    """,
        "a/a.c": "int a;",
        "spam/spam.c": "PyMODINIT_FUNC PyInit_spam(void) { return 0; }",
    },
    "a loop over folders of plug-ins, and one whose body links nothing": {
        "build.sh": """
    #!/bin/sh
    for each in a b; do
      cd $each
      while read line; do echo $line; done < list
      gcc -shared -fPIC $each.c -o $each.so -lpython3.11
      cd ..
    done
    for each in a spam; do
      cd $each
    done
    gcc -shared -fPIC spam.c -o spam.so -lpython3.11
    """,
        "a/a.c": "int a;",
        "b/b.c": "int b;",
        "spam/spam.c": "PyMODINIT_FUNC PyInit_spam(void) { return 0; }",
    },
    "loops in a recipe, one in another": {
        "Makefile": """
    all:
    \tfor d in a b; do for m in c spam; do \\
    \t  (cd $$d; gcc -shared -fPIC $$m.c -o $$m.so -lpython3.11); done; done # expect: NLP201
    """,
        "b/spam.c": "PyMODINIT_FUNC PyInit_spam(void) { return 0; }",
    },
    "static pattern rules whose targets are not known": {
        "Makefile": """
    include modules.mk
    SUFFIX = .cpython-311-x86_64-linux-gnu.so
    $(MODULES): build/%$(SUFFIX): %.o | build
    \tgcc -shared $< -o $@ -lpython3.11 # expect: NLP201
    $(addsuffix $(SUFFIX),$(NAMES)): %$(SUFFIX): %.o
    \tgcc -shared $< -o $@ -lpython3.11 # expect: NLP201
    $(LIBRARIES): lib%.so: %.o
    \tgcc -shared $< -o $@ -lpython3.11
    $(PROGRAMS): %: %.o
    \tgcc $< -o $@ -lpython3.11
    $(OTHERS): $(OBJECTS)
    \tgcc -shared $< -o $@ -lpython3.11
    """
    },
    "pattern rules": {
        "Makefile": """
    FROM = src
    build/%.o: $(FROM)/%.c
    \tgcc -c $< -o $@
    spam.so: build/spam.o
    \tgcc -shared $^ -o $@ -lpython3.11 # expect: NLP201
    plugin.so: build/plugin.o
    \tgcc -shared $^ -o $@ -lpython3.12
    host.so: build/host.o
    \tgcc -shared $^ -o $@ -lpython3.12
    """,
        "src/spam.c": "PyMODINIT_FUNC PyInit_spam(void) { return 0; }",
        "src/plugin.c": "int plugin;",
        "src/host.c": "PyMODINIT_FUNC PyInit_host(void) { Py_Initialize(); }",
        "build/host.c": "PyMODINIT_FUNC PyInit_host(void) { Py_Initialize(); }",
    },
    "a chain of pattern rules": {
        "Makefile": """
    all: spam.so plugin.so
    %.so: build/%.o
    \tgcc -shared $^ -o $@ -lpython3.11 # expect: NLP201
    build/%.o: src/%.c
    \tgcc -c $< -o $@
    """,
        "src/spam.c": "PyMODINIT_FUNC PyInit_spam(void) { return 0; }",
        "src/plugin.c": "int plugin;",
    },
    "vpath of other files, and one that is taken back": {
        "Makefile": """
    vpath %.h src
    vpath %.c src
    vpath %.c
    spam.so: spam.o
    \tgcc -shared $^ -o $@ -lpython3.11
    """,
        "src/spam.c": "PyMODINIT_FUNC PyInit_spam(void) { return 0; }",
    },
    "libraries that a pattern finds": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Interpreter)
    file(GLOB FOUND ${PREFIX}/lib/libpython3*.so) # expect: NLP201
    file(GLOB OTHER ${PREFIX}/lib/libpy*.so)
    file(GLOB OLD ${PREFIX}/lib/libpython2*.so)
    Python3_add_library(spam MODULE spam.c)
    target_link_libraries(spam PRIVATE ${FOUND} ${OTHER} ${OLD})
    """,
        "Makefile": """
    spam.abi3.so: spam.o
    \tgcc -shared $< $(wildcard $(PREFIX)/libpython3*.so) -o $@ # expect: NLP201
    eggs.abi3.so: eggs.o
    \tgcc -shared $< $(wildcard $(PREFIX)/lib*.so $(PREFIX)/libpython2*.so) -o $@
    """,
    },
    "SHARED without the prefix lib": {
        "CMakeLists.txt": """
    set(SRC ${PROJECT_SOURCE_DIR}/SRC)
    find_package(Python COMPONENTS Interpreter Development)
    add_library(OpenPy SHARED EXCLUDE_FROM_ALL ${SRC}/module.cpp ${SRC}/b.cpp)
    set_target_properties(OpenPy PROPERTIES PREFIX "")
    target_link_libraries(OpenPy lib ${Python_LIBRARIES}) # expect: NLP202
    """,
        "SRC/module.cpp": """
    #if PY_MAJOR_VERSION >= 3
    PyMODINIT_FUNC PyInit_open(void) { return 0; }
    #endif
    """,
        "SRC/b.cpp": "int b;",
    },
    "another source starts the interpreter": {
        "CMakeLists.txt": """
    find_package(Python COMPONENTS Interpreter Development)
    add_library(OpenPy SHARED module.cpp start.cpp)
    set_target_properties(OpenPy PROPERTIES PREFIX "")
    target_link_libraries(OpenPy ${Python_LIBRARIES})
    """,
        "module.cpp": """
    PyMODINIT_FUNC PyInit_open(void) { return 0; }
    """,
        "start.cpp": """
    void start() { pybind11::initialize_interpreter(); }
    """,
    },
    "sources that are not known, or added later": {
        "CMakeLists.txt": """
    find_package(Python COMPONENTS Interpreter Development)
    set(CMAKE_SHARED_LIBRARY_PREFIX "")
    add_library(objects OBJECT start.cpp)
    add_library(a SHARED module.cpp $<TARGET_OBJECTS:objects>)
    target_link_libraries(a ${Python_LIBRARIES})
    add_library(b SHARED module.cpp)
    target_sources(b PRIVATE start.cpp)
    target_link_libraries(b ${Python_LIBRARIES})
    add_library(c SHARED module.cpp missing.cpp)
    target_link_libraries(c ${Python_LIBRARIES})
    add_library(d SHARED module.cpp)
    add_library(host::d ALIAS d)
    target_link_libraries(d ${Python_LIBRARIES})
    """,
        "module.cpp": """
    PyMODINIT_FUNC PyInit_open(void) { return 0; }
    """,
        "start.cpp": """
    void start() { Py_InitializeFromConfig(&config); }
    """,
    },
    "sources that are added later, and one that is not known": {
        "CMakeLists.txt": """
    find_package(Python COMPONENTS Interpreter Development)
    set(CMAKE_SHARED_LIBRARY_PREFIX "")
    add_library(a SHARED)
    target_sources(a PRIVATE module.cpp)
    target_link_libraries(a ${Python_LIBRARIES}) # expect: NLP202
    add_library(b SHARED plain.cpp)
    target_sources(b PUBLIC plain.h PRIVATE ./module.cpp)
    target_link_libraries(b ${Python_LIBRARIES}) # expect: NLP202
    add_library(c SHARED)
    target_sources(c PRIVATE module.cpp ${more})
    target_link_libraries(c ${Python_LIBRARIES})
    add_library(d SHARED ${more})
    target_sources(d PRIVATE module.cpp)
    target_link_libraries(d ${Python_LIBRARIES})
    add_library(e SHARED)
    target_sources(e INTERFACE module.cpp)
    target_link_libraries(e ${Python_LIBRARIES})
    add_library(f SHARED)
    target_sources(f PRIVATE $<$<BOOL:ON>:start.cpp> module.cpp)
    target_link_libraries(f ${Python_LIBRARIES})
    add_library(g SHARED)
    target_sources(g PRIVATE module.cpp)
    target_sources(g PRIVATE start.cpp)
    target_link_libraries(g ${Python_LIBRARIES})
    foreach(each h i)
      add_library(${each} SHARED)
      target_sources(${each} PRIVATE ${each}.cpp)
      target_link_libraries(${each} ${Python_LIBRARIES}) # expect: NLP202
    endforeach()
    add_library(j SHARED)
    target_sources(j PRIVATE module.cpp)
    target_link_libraries(j ${Python_LIBRARIES})
    add_executable(app app.cpp)
    target_link_libraries(app j)
    add_library(k SHARED)
    target_sources(k PRIVATE plain.cpp)
    target_link_libraries(k ${Python_LIBRARIES})
    add_subdirectory(l)
    """,
        "l/CMakeLists.txt": """
    add_library(l SHARED)
    target_sources(l PRIVATE l.cpp)
    target_link_libraries(l ${Python_LIBRARIES}) # expect: NLP202
    """,
        "l/l.cpp": "PYBIND11_MODULE(l, m) {}",
        "module.cpp": "PYBIND11_MODULE(module, m) {}",
        "h.cpp": "PYBIND11_MODULE(h, m) {}",
        "i.cpp": "PYBIND11_MODULE(i, m) {}",
        "plain.cpp": "int plain;",
        "start.cpp": "void start() { Py_InitializeFromConfig(&config); }",
    },
    "FindPython's shared libraries, and pybind11's": {
        "CMakeLists.txt": """
    find_package(Python COMPONENTS Interpreter Development)
    find_package(pybind11 CONFIG REQUIRED)
    Python_add_library(a SHARED module.cpp) # expect: NLP202
    set_target_properties(a PROPERTIES PREFIX "")
    Python_add_library(b SHARED module.cpp)
    Python_add_library(c SHARED start.cpp)
    set_target_properties(c PROPERTIES PREFIX "")
    pybind11_add_module(d SHARED start.cpp) # expect: NLP202
    """,
        "module.cpp": "PYBIND11_MODULE(module, m) {}",
        "start.cpp": "PYBIND11_MODULE(c, m) {}\nvoid start() { Py_Initialize(); }",
    },
    "modules that are only spoken of": {
        "CMakeLists.txt": """
    find_package(Python COMPONENTS Interpreter Development)
    set(CMAKE_SHARED_LIBRARY_PREFIX "")
    add_library(a SHARED comment.cpp)
    target_link_libraries(a ${Python_LIBRARIES})
    add_library(b SHARED declared.cpp)
    target_link_libraries(b ${Python_LIBRARIES})
    add_library(c SHARED switched.cpp)
    target_link_libraries(c ${Python_LIBRARIES})
    """,
        "comment.cpp": """
    // formerly: PYBIND11_MODULE(a, m)
    /* PyMODINIT_FUNC PyInit_a(void) { */
    """,
        "declared.cpp": """
    PyMODINIT_FUNC PyInit_b(void);
    """,
        "switched.cpp": """
    #ifdef STANDALONE
    PyMODINIT_FUNC PyInit_c(void) { return 0; }
    #endif
    """,
    },
    "modules in texts that a program writes": {
        "CMakeLists.txt": """
    find_package(Python COMPONENTS Interpreter Development)
    set(CMAKE_SHARED_LIBRARY_PREFIX "")
    add_library(a SHARED lines.c)
    target_link_libraries(a ${Python_LIBRARIES})
    add_library(b SHARED raw.cpp)
    target_link_libraries(b ${Python_LIBRARIES})
    add_library(c SHARED open.c)
    target_link_libraries(c ${Python_LIBRARIES})
    add_library(d SHARED quotes.cpp)
    target_link_libraries(d ${Python_LIBRARIES}) # expect: NLP202
    """,
        "lines.c": """
    const char *lines = "#include <Python.h>\\n"
        "PyMODINIT_FUNC PyInit_a(void) {\\n" "}";
    """,
        "raw.cpp": """
    auto text = R"py(
    extern "C" PyObject *PyInit_b(void) {
    PYBIND11_MODULE(b, m) { }
    )py";
    """,
        "open.c": """
    char c = '"'; const char *text = R"(PyMODINIT_FUNC PyInit_c(void) {
    """,
        "quotes.cpp": """
    char a = '"', b = '\\'', *c = "/*", *d = "\\"R\\"(";
    extern "C" __attribute__((visibility("default"))) PyObject *PyInit_d(void) {
    """,
    },
    "sources in other languages, or by other endings": {
        "CMakeLists.txt": """
    find_package(Python COMPONENTS Interpreter Development)
    set(CMAKE_SHARED_LIBRARY_PREFIX "")
    add_library(a SHARED module.c start.mm)
    target_link_libraries(a ${Python_LIBRARIES})
    file(GLOB several *.c *.c++)
    add_library(b SHARED ${several})
    target_link_libraries(b ${Python_LIBRARIES})
    add_library(c SHARED module.c more.m)
    target_link_libraries(c ${Python_LIBRARIES}) # expect: NLP202
    """,
        "Makefile": """
    module.so: module.c start.mm
    \tgcc -shared -o $@ $^ -lpython3.11
    module.dylib: module.c more.m
    \tgcc -shared -o $@ $^ -lpython3.11 # expect: NLP201
    """,
        "module.c": "PyMODINIT_FUNC PyInit_module(void) { return 0; }",
        "start.mm": "void start() { Py_Initialize(); }",
        "start.c++": "void start() { Py_Initialize(); }",
        "more.m": "int b;",
    },
    "one that starts an interpreter": {
        "CMakeLists.txt": """
    find_package(Python COMPONENTS Interpreter Development)
    add_library(OpenPy SHARED module.cpp)
    set_target_properties(OpenPy PROPERTIES PREFIX "")
    target_link_libraries(OpenPy lib ${Python_LIBRARIES})
    """,
        "module.cpp": """
    PyMODINIT_FUNC PyInit_open(void) { return 0; }
    void start() { PyImport_AppendInittab("open", &PyInit_open); Py_Initialize(); }
    """,
    },
    "one that defines no module": {
        "CMakeLists.txt": """
    find_package(Python COMPONENTS Interpreter Development)
    add_library(OpenPy SHARED module.cpp)
    set_target_properties(OpenPy PROPERTIES PREFIX "")
    target_link_libraries(OpenPy lib ${Python_LIBRARIES})
    """,
        "module.cpp": """
    void hook() { PyRun_SimpleString("x"); }
    """,
    },
    "a module whose name begins with lib": {
        "CMakeLists.txt": """
    find_package(PythonLibs)
    add_library(geo SHARED geo.cpp)
    target_link_libraries(geo ${PYTHON_LIBRARIES}) # expect: NLP202
    add_library(geo2 SHARED geo.cpp)
    target_link_libraries(geo2 ${PYTHON_LIBRARIES})
    add_library(bridge SHARED bridge.cpp)
    target_link_libraries(bridge ${PYTHON_LIBRARIES})
    add_executable(program main.cpp)
    target_link_libraries(program bridge)
    """,
        "geo.cpp": """
    BOOST_PYTHON_MODULE(libgeo) { }
    """,
        "bridge.cpp": """
    PYBIND11_MODULE(libbridge, m) { }
    """,
    },
    "sources behind one of several keywords": {
        "CMakeLists.txt": """
    find_package(Python3 COMPONENTS Development)
    function(python_module name)
      set(options)
      set(one)
      set(several SOURCES LIBRARIES)
      cmake_parse_arguments(its "${options}" "${one}" "${several}" ${ARGN})
      add_library(${name} SHARED ${its_SOURCES})
      target_link_libraries(${name} PUBLIC Python3::Python ${its_LIBRARIES})  # expect: NLP202
      set_target_properties(${name} PROPERTIES PREFIX "")
    endfunction()
    python_module(open SOURCES other.c open.c LIBRARIES m)
    """,
        "open.c": """
    PyMODINIT_FUNC
    PyInit_open(void)
    """,
        "other.c": "int b;",
    },
    "a makefile": {
        "makefile": """
    include=-I/usr/include/python3.5m/
    flags=-lpython3.5m # expect: NLP201
    files=py
    sharedlib=modd.so
    all: $(sharedlib)
    $(sharedlib): $(clean)
    \tg++ -c -fPIC $(include) $(files).cpp
    \tg++ -shared  -o $(@) $(files).cpp $(flags) $(include)
    """,
        "py.cpp": """
    PYBIND11_MODULE(modd, m) { }
    """,
    },
    "the source of an object": {
        "Makefile": """
    spam.so: spam.o
    \tgcc -shared -o $@ $^ -lpython3.11 # expect: NLP201
    """,
        "spam.c": """
    PyMODINIT_FUNC
    PyInit_spam(void)
    {
    """,
    },
    "a source of another module": {
        "Makefile": """
    spam.so: spam.o
    \tgcc -shared -o $@ $^ -lpython3.11
    """,
        "spam.c": """
    PyMODINIT_FUNC PyInit_eggs(void) {
    """,
    },
    "sources by a wildcard": {
        "CMakeLists.txt": """
    find_package(Python COMPONENTS Interpreter Development)
    set(CMAKE_SHARED_LIBRARY_PREFIX "")
    file(GLOB flat CONFIGURE_DEPENDS "src/*.cpp")
    add_library(a SHARED ${flat})
    target_link_libraries(a ${Python_LIBRARIES}) # expect: NLP202
    file(GLOB_RECURSE deep ${CMAKE_CURRENT_SOURCE_DIR}/all/*.cpp)
    add_library(b SHARED ${deep})
    target_link_libraries(b ${Python_LIBRARIES}) # expect: NLP202
    aux_source_directory(src found)
    aux_source_directory(other found)
    add_library(c SHARED ${found})
    target_link_libraries(c ${Python_LIBRARIES}) # expect: NLP202
    file(GLOB relative RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} src/*.cpp)
    add_library(d SHARED ${relative} other/c.c)
    target_link_libraries(d ${Python_LIBRARIES}) # expect: NLP202
    """,
        "src/module.cpp": "PYBIND11_MODULE(open, m) { }",
        "src/more.cpp": "int b;",
        "all/deep/inside/module.cpp": "PYBIND11_MODULE(open, m) { }",
        "other/c.c": "int c;",
    },
    "wildcards that reach an interpreter, or nothing": {
        "CMakeLists.txt": """
    find_package(Python COMPONENTS Interpreter Development)
    set(CMAKE_SHARED_LIBRARY_PREFIX "")
    file(GLOB sources src/*.cpp)
    add_library(a SHARED ${sources})
    target_link_libraries(a ${Python_LIBRARIES})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/src/module.cpp)
    add_library(b SHARED ${sources})
    target_link_libraries(b ${Python_LIBRARIES})
    file(GLOB_RECURSE deep *.cpp)
    add_library(c SHARED ${deep})
    target_link_libraries(c ${Python_LIBRARIES})
    file(GLOB headers src/*.hpp)
    add_library(d SHARED ${headers})
    target_link_libraries(d ${Python_LIBRARIES})
    file(GLOB clean clean/*.cpp)
    list(FILTER clean EXCLUDE REGEX module)
    add_library(e SHARED ${clean})
    target_link_libraries(e ${Python_LIBRARIES})
    file(GLOB missing none/*.cpp)
    add_library(f SHARED ${missing})
    target_link_libraries(f ${Python_LIBRARIES})
    file(GLOB_RECURSE folders ${FOLDER}/*.cpp)
    add_library(g SHARED clean/module.cpp ${folders})
    target_link_libraries(g ${Python_LIBRARIES})
    file(GLOB several cle*n*o*le*.cpp clean/*o*d*u*.cpp)
    add_library(i SHARED clean/module.cpp ${several})
    target_link_libraries(i ${Python_LIBRARIES})
    file(GLOB many many/*.cpp)
    add_library(h SHARED clean/module.cpp ${many})
    target_link_libraries(h ${Python_LIBRARIES})
    file(GLOB classes [a-z]rc/*.cpp clean/[l-n]*.cpp)
    add_library(j SHARED clean/module.cpp ${classes})
    target_link_libraries(j ${Python_LIBRARIES})
    file(GLOB everything src/*)
    add_library(k SHARED clean/module.cpp ${everything})
    target_link_libraries(k ${Python_LIBRARIES})
    file(GLOB_RECURSE versions deep/*.cpp)
    add_library(l SHARED clean/module.cpp ${versions})
    target_link_libraries(l ${Python_LIBRARIES})
    file(GLOB changed clean/*.cpp)
    string(REGEX REPLACE "[^;]*module.cpp" "" changed "${changed}")
    add_library(m SHARED ${changed})
    target_link_libraries(m ${Python_LIBRARIES})
    file(GLOB all clean/*.cpp)
    foreach(one ${all})
      if(NOT one MATCHES module)
        list(APPEND chosen ${one})
      endif()
    endforeach()
    add_library(n SHARED ${chosen})
    target_link_libraries(n ${Python_LIBRARIES})
    """,
        "src/module.cpp": "PYBIND11_MODULE(open, m) { }",
        "src/main.cpp": "void start() { Py_Initialize(); }",
        "deep/v1.2/main.cpp": "void start() { Py_Initialize(); }",
        "clean/module.cpp": "PYBIND11_MODULE(open, m) { }",
        "clean/b.cpp": "int b;",
        **{f"many/{number}.cpp": "int c;" for number in range(9)},
    },
    "sources by a wildcard of make": {
        "Makefile": """
    SRC := $(wildcard src/*.c)
    OBJ := $(patsubst src/%.c,build/%.o,$(SRC))
    spam.so: $(OBJ)
    \tgcc -shared -o $@ $^ -lpython3.11 # expect: NLP201
    eggs.so: $(wildcard src/*.c)
    \tgcc -shared -o $@ $^ -lpython3.11
    ham.so:
    \tgcc -shared -o $@ ham/*.c -lpython3.11
    one.so: $(filter-out one.c,$(wildcard one*.c))
    \tgcc -shared -o $@ $^ -lpython3.11
    """,
        "src/spam.c": "PyMODINIT_FUNC PyInit_spam(void) { return 0; }",
        "src/more.c": "int b;",
        "ham/ham.c": "PyMODINIT_FUNC PyInit_ham(void) { return 0; }",
        "one.c": "PyMODINIT_FUNC PyInit_one(void) { return 0; }",
        "ham/main.c": "int main(void) { Py_BytesMain(0, 0); }",
    },
    "sources that make looks for": {
        "Makefile": """
    VPATH = none:src
    spam.so: spam.o
    \tgcc -shared -o $@ $^ -lpython3.11 # expect: NLP201
    eggs.so: eggs.o
    \tgcc -shared -o $@ $^ -lpython3.11
    """,
        "other/Makefile": """
    vpath %.c ../src ../none
    spam.so: spam.o
    \tgcc -shared -o $@ $^ -lpython3.11 # expect: NLP201
    """,
        "unknown/Makefile": """
    VPATH = $(shell pwd)/src
    vpath %.c
    spam.so: spam.o
    \tgcc -shared -o $@ $^ -lpython3.11
    """,
        "src/spam.c": "PyMODINIT_FUNC PyInit_spam(void) { return 0; }",
        "src/eggs.c": "int main(void) { Py_BytesMain(0, 0); }",
    },
    "objects that are made elsewhere": {
        "Makefile": """
    spam.so: build/spam.o
    \tgcc -shared -o $@ $^ -lpython3.11 # expect: NLP201
    build/spam.o: src/spam.c
    \tgcc -c -o $@ $< $(shell python3-config --includes)
    eggs.so: build/eggs.o
    \tgcc -shared -o $@ $^ -lpython3.11
    build/eggs.o: src/host.c
    \tgcc -c -o $@ $< $(shell python3-config --includes)
    """,
        "src/spam.c": "PyMODINIT_FUNC PyInit_spam(void) { return 0; }",
        "src/host.c": "int b;",
        "build/eggs.c": "int b;",
    },
    "a folder that is changed to": {
        "build.sh": """
    #!/bin/sh
    gcc -shared -o spam.so spam.c -lpython3.11
    (cd src && gcc -shared -o spam.so spam.c -lpython3.11) # expect: NLP201
    gcc -shared -o spam.so spam.c -lpython3.11
    cd src/sub/.. || exit 1
    gcc -shared -o spam.so spam.c -lpython3.11 # expect: NLP201
    cd ..
    gcc -shared -o spam.so spam.c -lpython3.11
    gcc -shared -o spam.so src/spam.c -lpython3.11 # expect: NLP201
    pushd src
    gcc -c spam.c
    gcc -shared -o spam.so spam.o -lpython3.11 # expect: NLP201
    popd
    gcc -shared -o spam.so spam.o -lpython3.11
    sh -c "cd src; gcc -shared -o spam.so spam.c -lpython3.11" # expect: NLP201
    cd "$UNKNOWN"
    cd src
    cd -
    gcc -shared -o spam.so src/spam.c -lpython3.11 # expect: NLP201
    """,
        "Makefile": """
    all:
    \tcd src && gcc -shared -o spam.so spam.c -lpython3.11 # expect: NLP201
    \tgcc -shared -o spam.so spam.c -lpython3.11
    \tcd src; cd ..; gcc -shared -o spam.so spam.c -lpython3.11
    """,
        "Dockerfile": """
    FROM debian
    COPY src src
    RUN cd src && gcc -shared -o spam.so spam.c -lpython3.11 # expect: NLP201
    RUN gcc -shared -o spam.so spam.c -lpython3.11
    """,
        "spam.spec": """
    %build
    cd src
    gcc -shared -o spam.so spam.c -lpython3.11 # expect: NLP201
    %install
    gcc -shared -o spam.so spam.c -lpython3.11
    """,
        "src/spam.c": "PyObject *PyInit_spam(void) { return 0; }",
    },
    "a module called lib in a makefile": {
        "Makefile": """
    libspam.so: spam.c
    \tgcc -shared -o $@ $^ $$(python3-config --embed --ldflags) # expect: NLP202
    """,
        "spam.c": """
    BOOST_PYTHON_MODULE( libspam ) {
    """,
    },
    "a script": {
        "build.sh": """
    #!/bin/sh
    gcc -shared -fPIC -o spam.so spam.c -lpython3.11 # expect: NLP201
    gcc -o spam spam.c -lpython3.11
    gcc -shared -fPIC -o host.so host.c -lpython3.11
    """,
        "spam.c": """
    PyMODINIT_FUNC PyInit_spam(void) {
    """,
        "host.c": """
    int x;
    """,
    },
    "a function called like one of FindPython": {
        "CMakeLists.txt": """
    find_package(PythonLibs)
    include(CMakeParseArguments)
    function(python_add_library)
      cmake_parse_arguments(one "" "TARGET" "SOURCES" ${ARGN})
      add_library(${one_TARGET} SHARED ${one_SOURCES})
      target_link_libraries(${one_TARGET} ${PYTHON_LIBRARIES}) # expect: NLP202
      set_target_properties(${one_TARGET} PROPERTIES PREFIX "" SUFFIX ".cpython-311.so")
    endfunction()
    python_add_library(TARGET yes SOURCES a.cpp)
    """
    },
}


@pytest.mark.parametrize("name", PROJECTS)
def test_what_sources_define_tells_a_module(tmp_path: Path, name: str) -> None:
    files = {path: text_of(text) for path, text in PROJECTS[name].items()}
    for path in [path for path in files if path.endswith(SOURCE_SUFFIXES)]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(files.pop(path))
    if "CMakeLists.txt" in files:
        files["CMakeLists.txt"] = CMAKE + files["CMakeLists.txt"]
    assert_marked_lines_are_reported(tmp_path, files)


MODULE = "PyMODINIT_FUNC PyInit_spam(void) { return 0; }\n"
STARTS = "static void boot(void) { Py_Initialize(); }\n"
NAME = "spam.cpython-311-x86_64-linux-gnu.so"
LINK = f"gcc -shared spam.c -o {NAME} -lpython3.11"
ALONE = {"spam.c": f'#include "names.h"\n{MODULE}', "names.h": "int name;\n"}

#: Commands, other files, and whether the fix is safe.
HOSTS = {
    "the module alone": (f"{LINK}\ngcc main.c -o main", ALONE, True),
    "files that are not there": (LINK, {}, True),
    "libraries of the system": (f"{LINK} -L/usr/lib -lz", ALONE, True),
    "another module": (f"{LINK}\ngcc -shared -o eggs.abi3.so eggs.c", ALONE, True),
    "another library": (f"{LINK}\ngcc -o main main.c libm.so", ALONE, True),
    "a program that links it": (f"{LINK}\ngcc main.c {NAME} -o main", ALONE, False),
    "a program that links it by its path": (f"{LINK}\ngcc -o main main.c ./{NAME}", ALONE, False),
    "a program that links it by its name": (f"{LINK}\ngcc main.c -L. -l:{NAME}", ALONE, False),
    "a program that links all": (f"{LINK}\ngcc -o main main.c *.so", ALONE, False),
    "a library that links it": (f"{LINK}\ngcc -shared -o libx.so x.c {NAME}", ALONE, False),
    "a copy for a linker": (f"{LINK}\ncp {NAME} libspam.so\ngcc main.c -L. -lspam", ALONE, False),
    "a link for it": (f"{LINK}\nln -sf ./*.so lib/libspam.so.1", ALONE, False),
    "an installed copy": (f"{LINK}\nsudo install -m 755 {NAME} $D/libspam.so", ALONE, False),
    "a copy in a folder": (f"{LINK}\ncp {NAME} lib/\ncp libz.so libspam.so", ALONE, True),
    "a variable": (f"M={NAME}\n{LINK}\ngcc -o main main.c $M", ALONE, False),
    "a source": (LINK, {"spam.c": STARTS + MODULE}, False),
    "a header": (LINK, {"spam.c": f'#include "boot.h"\n{MODULE}', "boot.h": STARTS}, False),
    "a header of a header": (
        LINK,
        {**ALONE, "names.h": '# include "in/boot.h"\n', "in/boot.h": STARTS},
        False,
    ),
    "headers that include each other": (
        LINK,
        {**ALONE, "names.h": '#include "more.h"\n', "more.h": '#include "names.h"\n'},
        True,
    ),
    "an archive": (f"{LINK} libboot.a", ALONE, False),
    "an archive by its name": (f"{LINK} -L. -lboot", ALONE, False),
}


@pytest.mark.parametrize(("commands", "files", "is_safe"), HOSTS.values(), ids=HOSTS)
def test_the_fix_of_a_module_is_unsafe_that_may_be_a_host(
    tmp_path: Path, commands: str, files: dict[str, str], is_safe: bool
) -> None:
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    (finding,) = found(f"#!/bin/sh\n{commands}\n", str(tmp_path / "build.sh"))
    assert finding.fix is not None
    assert (finding.fix.applicability.value == "safe") is is_safe
