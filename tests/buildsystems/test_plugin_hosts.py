"""Plug-ins of other programs than Python, which embed it, beside extension modules like them."""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api

CMAKE = """\
cmake_minimum_required(VERSION 3.18)
project(x C CXX)
find_package(Python3 REQUIRED COMPONENTS Interpreter Development)
"""
MESON = """\
project('x', 'c')
py = import('python').find_installation('python3')
pydep = py.dependency(embed: true)
"""
SETUP = "from setuptools import Extension, setup\n"

#: Build files of plug-ins as people write them, by the program and the build tool.
SILENT = {
    'apache': ('CMakeLists.txt', CMAKE + 'find_path(APACHE_INCLUDE_DIR NAMES httpd.h PATH_SUFFIXES apache2 httpd)\nadd_library(mod_x MODULE mod_x.c)\nset_target_properties(mod_x PROPERTIES PREFIX "")\ntarget_include_directories(mod_x PRIVATE ${APACHE_INCLUDE_DIR})\ntarget_link_libraries(mod_x PRIVATE Python3::Python)\n'),
    'apache apxs': ('CMakeLists.txt', CMAKE + 'find_program(APXS NAMES apxs apxs2)\nexecute_process(COMMAND ${APXS} -q LIBEXECDIR OUTPUT_VARIABLE DIR OUTPUT_STRIP_TRAILING_WHITESPACE)\nadd_library(mod_py MODULE mod_py.c)\nset_target_properties(mod_py PROPERTIES PREFIX "")\ntarget_link_libraries(mod_py ${Python3_LIBRARIES})\ninstall(TARGETS mod_py DESTINATION ${DIR})\n'),
    'apache name only': ('CMakeLists.txt', CMAKE + 'add_library(mod_x MODULE mod_x.c)\nset_target_properties(mod_x PROPERTIES PREFIX "")\ntarget_link_libraries(mod_x PRIVATE Python3::Python)\ninstall(TARGETS mod_x DESTINATION lib/apache2/modules)\n'),
    'nginx': ('CMakeLists.txt', CMAKE + 'add_library(ngx_http_python_module MODULE ngx_http_python_module.c)\nset_target_properties(ngx_http_python_module PROPERTIES PREFIX "")\ntarget_include_directories(ngx_http_python_module PRIVATE ${NGINX_DIR}/src/core ${NGINX_DIR}/objs)\ntarget_link_libraries(ngx_http_python_module Python3::Python)\n'),
    'postgres': ('CMakeLists.txt', CMAKE + 'find_package(PostgreSQL REQUIRED COMPONENTS Server)\nadd_library(plx MODULE plx.c)\nset_target_properties(plx PROPERTIES PREFIX "")\ntarget_include_directories(plx PRIVATE ${PostgreSQL_SERVER_INCLUDE_DIRS})\ntarget_link_libraries(plx PRIVATE Python3::Python)\n'),
    'postgres pg_config': ('CMakeLists.txt', CMAKE + 'find_program(PG_CONFIG pg_config)\nexecute_process(COMMAND ${PG_CONFIG} --includedir-server OUTPUT_VARIABLE INC)\nexecute_process(COMMAND ${PG_CONFIG} --pkglibdir OUTPUT_VARIABLE LIBDIR)\nadd_library(plx MODULE plx.c)\nset_target_properties(plx PROPERTIES PREFIX "")\ninclude_directories(${INC})\ntarget_link_libraries(plx PRIVATE Python3::Python)\ninstall(TARGETS plx LIBRARY DESTINATION ${LIBDIR})\n'),
    'lua': ('CMakeLists.txt', CMAKE + 'find_package(Lua REQUIRED)\nadd_library(lua-python MODULE pythoninlua.c luainpython.c)\nset_target_properties(lua-python PROPERTIES OUTPUT_NAME python PREFIX "")\ninclude_directories(${LUA_INCLUDE_DIR})\ntarget_link_libraries(lua-python ${LUA_LIBRARIES} ${Python3_LIBRARIES})\n'),
    'tcl': ('CMakeLists.txt', CMAKE + 'find_package(TCL REQUIRED)\nadd_library(tclpython MODULE tclpython.c)\nset_target_properties(tclpython PROPERTIES PREFIX "")\ntarget_include_directories(tclpython PRIVATE ${TCL_INCLUDE_PATH})\ntarget_link_libraries(tclpython PRIVATE ${TCL_STUB_LIBRARY} Python3::Python)\n'),
    'jni': ('CMakeLists.txt', CMAKE + 'find_package(JNI REQUIRED)\nadd_library(jep MODULE jep.c)\ntarget_include_directories(jep PRIVATE ${JNI_INCLUDE_DIRS})\ntarget_link_libraries(jep PRIVATE ${JNI_LIBRARIES} Python3::Python)\n'),
    'ruby': ('CMakeLists.txt', CMAKE + 'find_package(Ruby REQUIRED)\nadd_library(pycall MODULE pycall.c)\nset_target_properties(pycall PROPERTIES PREFIX "")\ntarget_include_directories(pycall PRIVATE ${Ruby_INCLUDE_DIRS})\ntarget_link_libraries(pycall PRIVATE ${Ruby_LIBRARIES} Python3::Python)\n'),
    'perl': ('CMakeLists.txt', CMAKE + 'find_package(PerlLibs REQUIRED)\nadd_library(InlinePython MODULE Python.c)\nset_target_properties(InlinePython PROPERTIES PREFIX "" OUTPUT_NAME Python)\ntarget_include_directories(InlinePython PRIVATE ${PERL_INCLUDE_PATH})\ntarget_link_libraries(InlinePython PRIVATE ${PERL_LIBRARY} Python3::Python)\n'),
    'octave': ('CMakeLists.txt', CMAKE + 'find_package(Octave REQUIRED)\nadd_library(py MODULE py.cc)\nset_target_properties(py PROPERTIES PREFIX "" SUFFIX ".oct")\ntarget_link_libraries(py PRIVATE ${OCTAVE_LIBRARIES} Python3::Python)\n'),
    'R': ('CMakeLists.txt', CMAKE + 'find_package(R REQUIRED)\nadd_library(rpy MODULE rpy.c)\nset_target_properties(rpy PROPERTIES PREFIX "")\ntarget_include_directories(rpy PRIVATE ${R_INCLUDE_DIR})\ntarget_link_libraries(rpy PRIVATE ${R_LIBRARIES} Python3::Python)\n'),
    'node': ('CMakeLists.txt', CMAKE + 'add_library(${PROJECT_NAME} SHARED src/node.cc ${CMAKE_JS_SRC})\nset_target_properties(${PROJECT_NAME} PROPERTIES PREFIX "" SUFFIX ".node")\ntarget_include_directories(${PROJECT_NAME} PRIVATE ${CMAKE_JS_INC})\ntarget_link_libraries(${PROJECT_NAME} ${CMAKE_JS_LIB} Python3::Python)\n'),
    'weechat': ('CMakeLists.txt', CMAKE + 'add_library(python MODULE weechat-python.c weechat-python-api.c)\nset_target_properties(python PROPERTIES PREFIX "")\ntarget_link_libraries(python ${Python3_LIBRARIES} weechat_scripts)\ninstall(TARGETS python LIBRARY DESTINATION ${WEECHAT_LIBDIR}/plugins)\n'),
    'pam': ('CMakeLists.txt', CMAKE + 'add_library(pam_python MODULE pam_python.c)\nset_target_properties(pam_python PROPERTIES PREFIX "")\ntarget_link_libraries(pam_python PRIVATE pam Python3::Python)\ninstall(TARGETS pam_python DESTINATION ${CMAKE_INSTALL_LIBDIR}/security)\n'),
    'pam no install': ('CMakeLists.txt', CMAKE + 'add_library(pam_python MODULE pam_python.c)\nset_target_properties(pam_python PROPERTIES PREFIX "")\ntarget_link_libraries(pam_python PRIVATE pam Python3::Python)\n'),
    'nss': ('CMakeLists.txt', CMAKE + 'add_library(nss_python SHARED nss_python.c)\nset_target_properties(nss_python PROPERTIES SOVERSION 2)\ntarget_link_libraries(nss_python PRIVATE Python3::Python)\n'),
    'gstreamer': ('CMakeLists.txt', CMAKE + 'pkg_check_modules(GST REQUIRED gstreamer-1.0 gstreamer-base-1.0)\nadd_library(gstpyfilter MODULE gstpyfilter.c)\ntarget_link_libraries(gstpyfilter ${GST_LIBRARIES} Python3::Python)\n'),
    'vlc': ('CMakeLists.txt', CMAKE + 'pkg_check_modules(VLC REQUIRED IMPORTED_TARGET vlc-plugin)\nadd_library(python_plugin MODULE python.c)\ntarget_link_libraries(python_plugin PRIVATE PkgConfig::VLC Python3::Python)\n'),
    'kodi': ('CMakeLists.txt', CMAKE + 'find_package(Kodi REQUIRED)\nadd_library(audiodecoder.py MODULE src/dec.cpp)\nset_target_properties(audiodecoder.py PROPERTIES PREFIX "")\ntarget_include_directories(audiodecoder.py PRIVATE ${KODI_INCLUDE_DIR})\ntarget_link_libraries(audiodecoder.py PRIVATE Python3::Python)\n'),
    'asterisk': ('CMakeLists.txt', CMAKE + 'add_library(res_python MODULE res_python.c)\nset_target_properties(res_python PROPERTIES PREFIX "")\ntarget_include_directories(res_python PRIVATE ${ASTERISK_INCLUDE_DIR})\ntarget_link_libraries(res_python PRIVATE Python3::Python)\ninstall(TARGETS res_python DESTINATION lib/asterisk/modules)\n'),
    'freeradius': ('CMakeLists.txt', CMAKE + 'add_library(rlm_python3 MODULE rlm_python3.c)\nset_target_properties(rlm_python3 PROPERTIES PREFIX "")\ntarget_link_libraries(rlm_python3 PRIVATE Python3::Python)\ninstall(TARGETS rlm_python3 DESTINATION lib/freeradius)\n'),
    'znc': ('CMakeLists.txt', CMAKE + 'add_library(module_modpython MODULE modpython.cpp)\nset_target_properties(module_modpython PROPERTIES OUTPUT_NAME "modpython" PREFIX "" SUFFIX ".so")\ntarget_link_libraries(module_modpython PRIVATE znc Python3::Python)\ninstall(TARGETS module_modpython LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/znc")\n'),
    'collectd': ('CMakeLists.txt', CMAKE + 'add_library(python MODULE python.c pyvalues.c)\nset_target_properties(python PROPERTIES PREFIX "")\ntarget_link_libraries(python PRIVATE Python3::Python)\ninstall(TARGETS python DESTINATION lib/collectd)\n'),
    'openldap': ('CMakeLists.txt', CMAKE + 'add_library(back_python MODULE init.c search.c)\nset_target_properties(back_python PROPERTIES PREFIX "")\ntarget_link_libraries(back_python PRIVATE Python3::Python ldap)\ninstall(TARGETS back_python DESTINATION lib/ldap)\n'),
    'uwsgi': ('CMakeLists.txt', CMAKE + 'add_library(python_plugin MODULE python_plugin.c)\nset_target_properties(python_plugin PROPERTIES PREFIX "")\ntarget_link_libraries(python_plugin PRIVATE Python3::Python)\n'),
    'nagios': ('CMakeLists.txt', CMAKE + 'add_library(nebpython MODULE neb.c)\nset_target_properties(nebpython PROPERTIES PREFIX "")\ntarget_include_directories(nebpython PRIVATE ${NAGIOS_INCLUDE_DIR})\ntarget_link_libraries(nebpython PRIVATE Python3::Python)\n'),
    'unreal': ('CMakeLists.txt', CMAKE + 'find_package(HDF5)\nadd_library(hexchat_python MODULE python.c)\nset_target_properties(hexchat_python PROPERTIES PREFIX "")\npkg_check_modules(HEXCHAT REQUIRED hexchat-plugin)\ntarget_include_directories(hexchat_python PRIVATE ${HEXCHAT_INCLUDE_DIRS})\ntarget_link_libraries(hexchat_python PRIVATE Python3::Python)\n'),
    'lldb': ('CMakeLists.txt', CMAKE + 'add_library(lldbpy MODULE p.cpp)\nset_target_properties(lldbpy PROPERTIES PREFIX "")\nfind_package(LLDB REQUIRED)\ntarget_include_directories(lldbpy PRIVATE ${LLDB_INCLUDE_DIRS})\ntarget_link_libraries(lldbpy PRIVATE ${LLDB_LIBRARIES} Python3::Python)\ninstall(TARGETS lldbpy DESTINATION lib/lldb/plugins)\n'),
    'obs': ('CMakeLists.txt', CMAKE + 'find_package(libobs REQUIRED)\nadd_library(obs-python MODULE obs-python.c)\nset_target_properties(obs-python PROPERTIES PREFIX "")\ntarget_link_libraries(obs-python PRIVATE OBS::libobs Python3::Python)\n'),
    'vpi': ('CMakeLists.txt', CMAKE + 'add_library(pyvpi MODULE vpi.c)\nset_target_properties(pyvpi PROPERTIES PREFIX "" SUFFIX ".vpi")\ntarget_link_libraries(pyvpi PRIVATE Python3::Python)\n'),
    'module modx': ('CMakeLists.txt', CMAKE + 'add_library(mod_x MODULE mod_x.c)\nset_target_properties(mod_x PROPERTIES PREFIX "")\ntarget_link_libraries(mod_x PRIVATE Python3::Python)\n'),
    'perl folder': ('CMakeLists.txt', CMAKE + 'add_library(fast MODULE fast.c)\nset_target_properties(fast PROPERTIES PREFIX "")\ntarget_link_libraries(fast PRIVATE Python3::Python)\ninstall(TARGETS fast DESTINATION ${PERL_LIBRARY_DIR})\n'),
    'one of two folders': ('CMakeLists.txt', CMAKE + 'add_library(python MODULE python.c)\nset_target_properties(python PROPERTIES PREFIX "")\ntarget_link_libraries(python PRIVATE Python3::Python)\ninstall(TARGETS python DESTINATION lib/tune)\ninstall(TARGETS python DESTINATION examples)\n'),
    'meson apache': ('meson.build', MESON + "httpd = dependency('apr-1')\napxs = find_program('apxs')\nlibexecdir = run_command(apxs, '-q', 'LIBEXECDIR', check: true).stdout().strip()\nshared_module('mod_py', 'mod_py.c', name_prefix: '', dependencies: [pydep, httpd], install: true, install_dir: libexecdir)\n"),
    'meson hexchat': ('meson.build', MESON + "hexchat = dependency('hexchat-plugin')\nshared_module('python', 'python.c', name_prefix: '', dependencies: [hexchat, pydep], install: true, install_dir: plugindir)\n"),
    'meson gst': ('meson.build', MESON + "gst = dependency('gstreamer-1.0')\nshared_module('gstpython', 'gstpython.c', dependencies: [gst, pydep], install: true, install_dir: plugins_install_dir)\n"),
    'meson lua': ('meson.build', MESON + "lua = dependency('lua')\nshared_module('python', 'luapy.c', name_prefix: '', dependencies: [lua, pydep])\n"),
    'meson postgres': ('meson.build', MESON + "shared_module('plx', 'plx.c', name_prefix: '', dependencies: pydep, install_dir: pg_pkglibdir)\n"),
    'make apxs': ('Makefile', 'mod_py.la: mod_py.c\n\tapxs2 -c -I/usr/include/python3.11 mod_py.c -lpython3.11\ninstall:\n\tapxs2 -i -a mod_py.la\n'),
    'make apache gcc': ('Makefile', 'APXS=apxs2\nmod_py.so: mod_py.o\n\t$(CC) -shared -o $@ mod_py.o `python3-config --ldflags --embed`\n%.o: %.c\n\t$(CC) -fPIC -c `$(APXS) -q INCLUDEDIR` $<\n'),
    'make pgxs': ('Makefile', 'MODULES = plx\nEXTENSION = plx\nSHLIB_LINK = -lpython3.11\nPG_CONFIG = pg_config\nPGXS := $(shell $(PG_CONFIG) --pgxs)\ninclude $(PGXS)\n'),
    'make pgxs module_big': ('Makefile', 'MODULE_big = multicorn\nOBJS = src/python.o\nSHLIB_LINK = $(shell python3-config --ldflags --embed)\nPGXS := $(shell pg_config --pgxs)\ninclude $(PGXS)\n'),
    'make pam': ('Makefile', 'pam_python.so: pam_python.o\n\t$(CC) -shared -o $@ $^ -lpam $(shell python3-config --ldflags --embed)\n'),
    'make sqlite': ('Makefile', 'pyext.so: pyext.c\n\tgcc -shared -fPIC -o pyext.so pyext.c -lpython3.11\n'),
    'make R': ('Makevars', 'PKG_CPPFLAGS = $(shell python3-config --includes)\nPKG_LIBS = $(shell python3-config --ldflags --embed)\n'),
    'make R2': ('Makefile', 'rpy.so: rpy.c\n\tPKG_LIBS="-lpython3.11" R CMD SHLIB rpy.c\n'),
    'make lua': ('Makefile', 'python.so: pythoninlua.o luainpython.o\n\t$(CC) -shared -o $@ $^ $(shell pkg-config --libs lua5.3) $(shell python3-config --ldflags --embed)\n'),
    'make tcl': ('Makefile', 'libtclpy0.4.so: generic/py.c\n\tgcc -shared -fPIC -DUSE_TCL_STUBS -o $@ $< -ltclstub8.6 $(shell python3-config --ldflags --embed)\n'),
    'make nss': ('Makefile', 'libnss_python.so.2: nss_python.o\n\t$(CC) -shared -Wl,-soname,libnss_python.so.2 -o $@ $^ -lpython3.11\n'),
    'make octave': ('Makefile', 'py.oct: py.cc\n\tmkoctfile $(shell python3-config --includes) $< -lpython3.11\n'),
    'make jni': ('Makefile', 'libjep.so: jep.o\n\t$(CC) -shared -o $@ $^ -L$(JAVA_HOME)/lib/server -ljvm -lpython3.11\n'),
    'make emacs': ('Makefile', 'emacs-python.so: emacs.o\n\t$(CC) -shared -o $@ $^ $(shell python3-config --ldflags --embed)\n'),
    'make cython embedded host': ('Makefile', 'plug.so: plug.c\n\tcython plug.pyx\n\tgcc -shared -o libplug.so plug.c -lpython3.11\n'),
    'automake pam': ('Makefile.am', 'pamdir = $(libdir)/security\npam_LTLIBRARIES = pam_python.la\npam_python_la_SOURCES = pam_python.c\npam_python_la_LDFLAGS = -module -avoid-version\npam_python_la_LIBADD = -lpam -lpython3.11\n'),
    'automake collectd': ('Makefile.am', 'pkglib_LTLIBRARIES = python.la\npython_la_SOURCES = python.c cpython.h\npython_la_LDFLAGS = -module -avoid-version\npython_la_LIBADD = -lpython3.11\n'),
    'automake apache': ('Makefile.am', 'apachemoddir = $(APXS_LIBEXECDIR)\napachemod_LTLIBRARIES = mod_py.la\nmod_py_la_SOURCES = mod_py.c\nmod_py_la_LDFLAGS = -module\nmod_py_la_LIBADD = -lpython3.11\n'),
    'automake noinst': ('Makefile.am', 'noinst_LTLIBRARIES = mod_py.la\nmod_py_la_SOURCES = mod_py.c\nmod_py_la_LDFLAGS = -module -rpath /x\nmod_py_la_LIBADD = -lpython3.11\n'),
    'setup lua': ('setup.py', SETUP + 'setup(name="lunatic-python", ext_modules=[Extension("lua-python", ["src/pythoninlua.c", "src/luainpython.c"], libraries=["lua5.3", "python3.11"])])\n'),
    'setup pam': ('setup.py', SETUP + 'setup(name="pam_python", ext_modules=[Extension("pam_python", sources=["pam_python.c"], libraries=["pam", "python3.11"])])\n'),
    'setup apxs': ('setup.py', SETUP + 'import subprocess\ninc = subprocess.check_output(["apxs2","-q","INCLUDEDIR"])\nsetup(name="mod_py", ext_modules=[Extension("mod_py.server.mod_py", ["mod_py.c"], include_dirs=[inc], libraries=["python3.11"])])\n'),
    'setup jni': ('setup.py', SETUP + 'setup(name="x", ext_modules=[Extension("x", ["x.c"], include_dirs=["/usr/lib/jvm/include", "jni"], libraries=["jvm","python3.11"])])\n'),
    'scons apache': ('SConstruct', 'env = Environment(SHLIBPREFIX="")\nenv.ParseConfig("apxs2 -q")\nenv.LoadableModule("mod_py", ["mod_py.c"], LIBS=["python3.11"])\n'),
    'scons vpi': ('SConstruct', 'env = Environment()\nenv.SharedLibrary("x.vpi", ["x.c"], SHLIBSUFFIX=".vpi", SHLIBPREFIX="", LIBS=["python3.11"])\n'),
    'shell apxs': ('build.sh', '#!/bin/sh\napxs2 -c mod_py.c $(python3-config --ldflags --embed)\n'),
    'shell r': ('build.sh', '#!/bin/sh\nPKG_LIBS="$(python3-config --ldflags --embed)" R CMD SHLIB rpy.c\n'),
    'shell r2': ('build.sh', '#!/bin/sh\nexport LDFLAGS="-lpython3.11"\nR CMD INSTALL reticulate\n'),
    'shell nginx': ('build.sh', '#!/bin/sh\n./configure --add-dynamic-module=../ngx_python --with-ld-opt="$(python3-config --ldflags --embed)"\nmake\n'),
}  # fmt: skip

#: Extension modules that use the libraries of such programs, or are called nearly like them.
FOUND = {
    'sqlite': ('CMakeLists.txt', CMAKE + 'find_package(SQLite3 REQUIRED)\nadd_library(pyvtab MODULE pyvtab.c)\nset_target_properties(pyvtab PROPERTIES PREFIX "")\ntarget_link_libraries(pyvtab PRIVATE SQLite::SQLite3 Python3::Python)\n'),
    'module plain': ('CMakeLists.txt', CMAKE + 'add_library(fast MODULE fast.c)\nset_target_properties(fast PROPERTIES PREFIX "")\ntarget_link_libraries(fast PRIVATE Python3::Python)\n'),
    'module with pg': ('CMakeLists.txt', CMAKE + 'find_package(PostgreSQL REQUIRED)\nadd_library(_pq MODULE pq.c)\nset_target_properties(_pq PROPERTIES PREFIX "")\ntarget_link_libraries(_pq PRIVATE PostgreSQL::PostgreSQL Python3::Python)\n'),
    'module pq client': ('CMakeLists.txt', CMAKE + 'find_package(PostgreSQL REQUIRED)\nadd_library(pq MODULE pq.c)\nset_target_properties(pq PROPERTIES PREFIX "")\ntarget_include_directories(pq PRIVATE ${PostgreSQL_INCLUDE_DIRS})\ntarget_link_libraries(pq PRIVATE ${PostgreSQL_LIBRARIES} Python3::Python)\n'),
    'module apr': ('CMakeLists.txt', CMAKE + 'add_library(apr MODULE apr.c)\nset_target_properties(apr PROPERTIES PREFIX "")\ntarget_link_libraries(apr PRIVATE apr-1 Python3::Python)\ninstall(TARGETS apr DESTINATION ${Python3_SITEARCH})\n'),
    'module sqlite client': ('CMakeLists.txt', CMAKE + 'find_package(SQLite3 REQUIRED)\nadd_library(pysq MODULE pysq.c)\nset_target_properties(pysq PROPERTIES PREFIX "" SUFFIX ".${Python3_SOABI}.so")\ntarget_link_libraries(pysq PRIVATE SQLite::SQLite3 Python3::Python)\n'),
    'module lua binding': ('CMakeLists.txt', CMAKE + 'find_package(Lua REQUIRED)\nadd_library(lupa MODULE lupa.pyx.c)\nset_target_properties(lupa PROPERTIES PREFIX "")\ntarget_include_directories(lupa PRIVATE ${LUA_INCLUDE_DIR})\ntarget_link_libraries(lupa PRIVATE ${LUA_LIBRARIES} Python3::Python)\ninstall(TARGETS lupa DESTINATION ${Python3_SITELIB})\n'),
    'module gst': ('CMakeLists.txt', CMAKE + 'pkg_check_modules(GST REQUIRED gstreamer-1.0)\nadd_library(_gi_gst MODULE gi_gst.c)\nset_target_properties(_gi_gst PROPERTIES PREFIX "")\ntarget_link_libraries(_gi_gst ${GST_LIBRARIES} Python3::Python)\n'),
    'module jvm': ('CMakeLists.txt', CMAKE + 'find_package(JNI REQUIRED)\nadd_library(_jpype MODULE jp.cpp)\nset_target_properties(_jpype PROPERTIES PREFIX "" SUFFIX ".cpython-311-x86_64-linux-gnu.so")\ntarget_include_directories(_jpype PRIVATE ${JNI_INCLUDE_DIRS})\ntarget_link_libraries(_jpype PRIVATE Python3::Python)\n'),
    'module pg_config client': ('CMakeLists.txt', CMAKE + 'find_program(PG_CONFIG pg_config)\nexecute_process(COMMAND ${PG_CONFIG} --includedir OUTPUT_VARIABLE PG_INCLUDE_DIR)\nexecute_process(COMMAND ${PG_CONFIG} --libdir OUTPUT_VARIABLE PG_LIBDIR)\nadd_library(pq MODULE pq.c)\nset_target_properties(pq PROPERTIES PREFIX "")\ninclude_directories(${PG_INCLUDE_DIR})\ntarget_link_libraries(pq PRIVATE -L${PG_LIBDIR} -lpq Python3::Python)\n'),
    'module gstlearn': ('CMakeLists.txt', CMAKE + 'add_library(gstlearn MODULE gstlearn.cpp)\nset_target_properties(gstlearn PROPERTIES PREFIX "")\ntarget_link_libraries(gstlearn PRIVATE Python3::Python)\n'),
    'module output name': ('CMakeLists.txt', CMAKE + 'add_library(tune-python MODULE tune.c)\nset_target_properties(tune-python PROPERTIES PREFIX "" OUTPUT_NAME tune)\ntarget_link_libraries(tune-python PRIVATE Python3::Python)\n'),
    'module computed name': ('CMakeLists.txt', CMAKE + 'add_library(tune MODULE tune.c)\nset_target_properties(tune PROPERTIES PREFIX "" OUTPUT_NAME "tune-${VARIANT}")\ntarget_link_libraries(tune PRIVATE Python3::Python)\n'),
    'module in its package folder': ('CMakeLists.txt', CMAKE + 'add_library(tune MODULE tune.c)\nset_target_properties(tune PROPERTIES PREFIX "")\ntarget_link_libraries(tune PRIVATE Python3::Python)\ninstall(TARGETS tune DESTINATION lib/tune)\n'),
    'setup module with a dash in its package': ('setup.py', SETUP + 'setup(name="my-tune", ext_modules=[Extension("tune", ["tune.c"], libraries=["python3.11"])])\n'),
    'setup pattern': ('setup.py', SETUP + 'setup(name="tune", ext_modules=[Extension("*", ["*.pyx"], libraries=["python3.11"])])\n'),
    'scons module': ('SConstruct', 'env = Environment(SHLIBPREFIX="")\nenv.LoadableModule("pkg/tune.so", ["tune.c"], LIBS=["python3.11"])\n'),
    'setup module lua': ('setup.py', SETUP + 'setup(name="lupa", ext_modules=[Extension("lupa._lupa", ["lupa/_lupa.pyx"], libraries=["lua5.3", "python3.11"])])\n'),
    'setup module pam': ('setup.py', SETUP + 'setup(name="pypam", ext_modules=[Extension("pypam._pam", ["pam.c"], libraries=["pam", "python3.11"])])\n'),
}  # fmt: skip


def codes(case: tuple[str, str], folder: Path) -> list[str]:
    path = folder / case[0]
    path.write_text(case[1], encoding="utf-8")
    return [one.code for one in api.check_bytes(path.read_bytes(), str(path))]


@pytest.mark.parametrize("case", SILENT.values(), ids=SILENT)
def test_a_plug_in_may_embed_python(case: tuple[str, str], tmp_path: Path) -> None:
    assert codes(case, tmp_path) == []


@pytest.mark.parametrize("case", FOUND.values(), ids=FOUND)
def test_a_module_of_python_may_not(case: tuple[str, str], tmp_path: Path) -> None:
    (code,) = codes(case, tmp_path)
    assert code in ("NLP201", "NLP202")
