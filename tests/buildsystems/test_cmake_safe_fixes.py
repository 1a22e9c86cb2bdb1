"""Safe fixes of CMake that would break a build elsewhere: each was really built before and after.

A strict flag may reach a module from another target, a file that nothing includes, or in parts;
what only ``Development`` finds may be read under a computed name; and a library that is a module
may be linked by a program, which then lacks libpython.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from no_libpython_dlopen.engine import api
from no_libpython_dlopen.model.finding import Applicability
from tests.buildsystems.rewriting import found

HEAD = (
    "cmake_minimum_required(VERSION 3.18)\nproject(a C)\n"
    "find_package(Python3 COMPONENTS Interpreter Development)\n"
)
MODULE = (
    "Python3_add_library(a MODULE a.c)\ntarget_link_libraries(a PRIVATE Python3::Python)\n{more}"
)
LIBRARY = (
    "add_library(a SHARED a.c)\n"
    'set_target_properties(a PROPERTIES PREFIX "" SUFFIX ".${{Python3_SOABI}}.so")\n'
    "target_link_libraries(a {scope} Python3::Python)\n{more}"
)
STRICT = "add_link_options(-Wl,--no-undefined)\n"

#: What makes a link strict, and further files of the project.
STRICT_LINKS: dict[str, tuple[str, dict[str, str]]] = {
    "an interface library": (
        (
            'add_library(w INTERFACE)\ntarget_link_options(w INTERFACE "LINKER:-z,defs")\n'
            "target_link_libraries(a PRIVATE w)\n"
        ),
        {},
    ),
    "one by its other name": (
        (
            'add_library(w INTERFACE)\nadd_library(w::w ALIAS w)\ntarget_link_options(w INTERFACE "-Wl,'
            '--no-undefined")\nadd_library(v INTERFACE)\ntarget_link_libraries(v INTERFACE w::w)\n'
            "target_link_libraries(a PRIVATE v)\n"
        ),
        {},
    ),
    "one in a variable": (
        (
            "add_library(w INTERFACE)\nset_property(TARGET w PROPERTY INTERFACE_LINK_OPTIONS "
            '"-Wl,--no-undefined")\nset(LIBS w)\ntarget_link_libraries(a PRIVATE ${LIBS})\n'
        ),
        {},
    ),
    "a part in a loop": (
        'foreach(f undefined)\n  target_link_options(a PRIVATE "-Wl,--no-${f}")\nendforeach()\n',
        {},
    ),
    "a part in a variable": ('set(D defs)\nadd_link_options("-Wl,-z,${D}")\n', {}),
    "parts of a list": (
        (
            'set(L as-needed no-undefined)\nlist(TRANSFORM L PREPEND "-Wl,--")\n'
            "target_link_options(a PRIVATE ${L})\n"
        ),
        {},
    ),
    "a joined text": (
        'string(JOIN "," X "-Wl" "-z" "defs")\ntarget_link_options(a PRIVATE ${X})\n',
        {},
    ),
    "a report of what objects lack": (
        "target_link_options(a PRIVATE -Wl,--unresolved-symbols=ignore-in-shared-libs)\n",
        {},
    ),
    "a file of arguments": (
        'target_link_options(a PRIVATE "@${CMAKE_CURRENT_SOURCE_DIR}/ld.rsp")\n',
        {},
    ),
    "specs of GCC": ("target_link_options(a PRIVATE -specs=/usr/lib/rpm/hardened-ld)\n", {}),
    "a file without CMake's suffix": (
        'include("${CMAKE_CURRENT_LIST_DIR}/flags.inc")\n',
        {"flags.inc": STRICT},
    ),
    "a toolchain file": ("", {"toolchain.cmake": STRICT}),
    "a toolchain file in a folder": ("", {"cmake/linux/x86.cmake": STRICT}),
    "presets": ("", {"CMakePresets.json": '{"cacheVariables": {"X": "-Wl,--no-undefined"}}'}),
}
#: What does not, although it looks like it.
LENIENT_LINKS: dict[str, tuple[str, dict[str, str]]] = {
    "an interface library of another target": (
        (
            "add_library(w INTERFACE)\ntarget_link_options(w INTERFACE -Wl,--no-undefined)\n"
            "add_library(core SHARED c.c)\ntarget_link_libraries(core PRIVATE w)\n"
        ),
        {},
    ),
    "a private flag of a library that is linked": (
        (
            "add_library(core SHARED c.c)\ntarget_link_options(core PRIVATE -Wl,--no-undefined)\n"
            "target_link_libraries(a PRIVATE core)\n"
        ),
        {},
    ),
    "words of a text": ('message(STATUS "no-undefined defs")\nset(X undefined)\n', {}),
    "a definition": ("target_compile_definitions(a PRIVATE defs)\n", {}),
    "a flag that is taken away": (
        'string(REPLACE "-Wl,--no-undefined" "" CMAKE_MODULE_LINKER_FLAGS "${CMAKE_X}")\n',
        {},
    ),
    "a file that configure fills in": ('set(X "@PREFIX@")\n', {}),
    "another toolchain file": ("", {"toolchain.cmake": "add_link_options(-Wl,-z,now)\n"}),
}


def _write(folder: Path, text: str, files: dict[str, str]) -> str:
    for name, content in {"CMakeLists.txt": text, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return str(folder / "CMakeLists.txt")


@pytest.mark.parametrize("name", STRICT_LINKS)
def test_a_module_whose_link_is_strict_gets_no_safe_fix(tmp_path: Path, name: str) -> None:
    more, files = STRICT_LINKS[name]
    text = HEAD + MODULE.format(more=more)
    path = _write(tmp_path, text, files)
    (finding,) = found(text, path)
    assert api.fix_bytes(text.encode(), path, unsafe=False).data == text.encode()
    assert finding.fix is not None
    assert '"-Wl,--unresolved-symbols=ignore-all"' in "".join(e.new for e in finding.fix.edits)


@pytest.mark.parametrize("name", LENIENT_LINKS)
def test_a_module_whose_link_is_not_strict_gets_a_safe_one(tmp_path: Path, name: str) -> None:
    more, files = LENIENT_LINKS[name]
    text = HEAD + MODULE.format(more=more)
    (finding,) = found(text, _write(tmp_path, text, files))
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.SAFE


#: What reads something that only ``Development`` finds.
HOST = "add_executable(p p.c)\ntarget_link_libraries(p Python3::Python)\n"
READS: dict[str, tuple[str, dict[str, str]]] = {
    "a prefix in a variable": ("set(P Python3)\nset(S ${${P}_LIBRARIES})\n", {}),
    "a version in a variable": ("set(v 3)\nset(S ${Python${v}_LIBRARIES})\n", {}),
    "what was found": ("foreach(p Python3)\nset(S ${${p}_Development_FOUND})\nendforeach()\n", {}),
    "each component": (
        "foreach(c Interpreter Development)\nif(NOT Python3_${c}_FOUND)\nendif()\nendforeach()\n",
        {},
    ),
    "a half of the component": (
        "foreach(c Embed)\nif(Python3_Development.${c}_FOUND)\nendif()\nendforeach()\n",
        {},
    ),
    "each variable": ("foreach(v LIBRARIES)\nif(NOT Python3_${v})\nendif()\nendforeach()\n", {}),
    "FindPython's own variable": ("set(S ${_Python3_LIBRARY_RELEASE})\n", {}),
    "a target put together": (
        "set(N Python3)\nadd_executable(p p.c)\ntarget_link_libraries(p ${N}::Python)\n",
        {},
    ),
    "a target of two variables": (
        (
            "set(V Python)\nset(W Python)\nadd_executable(p p.c)\n"
            "target_link_libraries(p ${V}3::${W})\n"
        ),
        {},
    ),
    "a target with a part of the prefix": (
        "set(V Python)\nadd_executable(p p.c)\ntarget_link_libraries(p ${V}3::Python)\n",
        {},
    ),
    "a target with a colon of its own": (
        "set(V Python3:)\nadd_executable(p p.c)\ntarget_link_libraries(p ${V}:Python)\n",
        {},
    ),
    "a variable of two": ("set(V Python)\nset(W LIBRARIES)\nset(S ${${V}3_${W}})\n", {}),
    "a variable with the ends from others": (
        "set(V 3)\nset(W RARIES)\nset(S ${Python${V}_LIB${W}})\n",
        {},
    ),
    "a target in parts": (
        (
            'string(CONCAT N "Python3:" ":Python")\nadd_executable(p p.c)\n'
            "target_link_libraries(p ${N})\n"
        ),
        {},
    ),
    "a target in a file": (
        (
            "file(STRINGS libs.txt L)\nadd_executable(p p.c)\ntarget_link_libraries(p PRIVATE ${L})\n"
        ),
        {"libs.txt": "Python3::Python\n"},
    ),
    "what a program prints": (
        (
            "execute_process(COMMAND cat libs.txt OUTPUT_VARIABLE L)\nadd_executable(p p.c)\n"
            "target_link_libraries(p PRIVATE ${L})\n"
        ),
        {"libs.txt": "Python3::Python\n"},
    ),
    "a prefix with its colons in a variable": (
        "set(V Python3::)\nadd_executable(p p.c)\ntarget_link_libraries(p ${V}Python)\n",
        {},
    ),
    "a target of two variables without colons between": (
        (
            "set(V Python3)\nset(W ::Python)\nadd_executable(p p.c)\n"
            "target_link_libraries(p ${V}${W})\n"
        ),
        {},
    ),
    "a target that begins in a variable": (
        "set(V Pyth)\nset(W on3::Python)\nadd_executable(p p.c)\ntarget_link_libraries(p ${V}${W})\n",
        {},
    ),
    "a target that ends in a variable": (
        "set(V thon)\nadd_executable(p p.c)\ntarget_link_libraries(p Python3::Py${V})\n",
        {},
    ),
    "a target with a letter too many": (
        (
            'string(REPLACE x "" N Python3::xPython)\nadd_executable(p p.c)\n'
            "target_link_libraries(p ${N})\n"
        ),
        {},
    ),
    "a target that a list is transformed to": (
        (
            "set(V Python)\nlist(TRANSFORM V PREPEND Python3:: OUTPUT_VARIABLE N)\n"
            "add_executable(p p.c)\ntarget_link_libraries(p ${N})\n"
        ),
        {},
    ),
    "a target that an expression joins": (
        "add_executable(p p.c)\ntarget_link_libraries(p $<JOIN:Python3;Python,::>)\n",
        {},
    ),
    "a target with an empty expression in it": (
        'add_executable(p p.c)\ntarget_link_libraries(p "Python3:$<1::>Python")\n',
        {},
    ),
    "a target in a configured text": (
        (
            'string(CONFIGURE "Python3::@V@" N @ONLY)\nadd_executable(p p.c)\n'
            "target_link_libraries(p ${N})\n"
        ),
        {},
    ),
    "a message of nothing else": ("message(${Python3_LIBRARIES})\n", {}),
    "a file that is generated": (
        "file(GENERATE OUTPUT x.txt INPUT ${CMAKE_CURRENT_SOURCE_DIR}/x.in)\n",
        {"x.in": "$<TARGET_FILE:Python3::Python>\n"},
    ),
    "a file that is read and generated": (
        'file(READ x.in T)\nfile(GENERATE OUTPUT x.txt CONTENT "${T}")\n',
        {"x.in": "$<TARGET_FILE:Python3::Python>\n"},
    ),
    "a file that is configured": (
        'file(CONFIGURE OUTPUT x.txt CONTENT "@Python3_LIBRARIES@")\n',
        {},
    ),
    **{
        code: (f"{code}\n", {"a.cmake": HOST})
        for code in (
            'string(CONCAT F a .cmake)\ninclude("${F}")',
            "execute_process(COMMAND a OUTPUT_VARIABLE O)\ninclude(${O} OPTIONAL)",
            "include(${F})",
            "cmake_language(DEFER CALL include a.cmake)",
            'cmake_language(EVAL CODE "include(a.cmake)")',
        )
    },
    **{
        f"{name}: {code}": (f"{code}\n", {name: HOST})
        for name, code in (
            ("cmake/HostConfig.cmake", "find_package(Host CONFIG PATHS cmake)"),
            ("deps/host/host-config.cmake", "find_package(Host REQUIRED)"),
            ("cmake/FindHost.cmake", "find_package(Host)"),
            ("x/FindHost.cmake", "find_package(${PKG} QUIET)"),
            ("x/HostConfig.cmake", "macro(f n)\n  find_package(${n})\nendmacro()\nf(Host)"),
            ("x/HostConfig.cmake", "ecm_find_package(Host)"),
            ("x/HostConfig.cmake", "include(CMakeFindDependencyMacro)\nfind_dependency(Host)"),
        )
    },
    "a package of several files": (
        "find_package(Host)\n",
        {"p/HostConfig.cmake": "include(HostTargets.cmake)", "p/HostTargets.cmake": HOST},
    ),
    "a package that is not read": ("find_package(Host)\n", {"p/HostConfig.cmake": "if("}),
    "a template": ("configure_file(x.pc.in x.pc)\n", {"x.pc.in": "Libs: @Python3_LIBRARIES@\n"}),
    "a template's definition": (
        "configure_file(${CMAKE_CURRENT_SOURCE_DIR}/x.h.in x.h)\n",
        {"x.h.in": "#cmakedefine Python3_Development_FOUND\n"},
    ),
    "a template that is not there": ("configure_file(${TEMPLATE} x.h)\n", {}),
    "a file without CMake's suffix": ("include(x.inc)\n", {"x.inc": "set(S ${Python3_LIBRARIES})"}),
}
#: What does not.
IGNORES: dict[str, tuple[str, dict[str, str]]] = {
    "the headers": ("set(S ${Python3_INCLUDE_DIRS})\n", {}),
    "a template without it": ("configure_file(x.h.in x.h)\n", {"x.h.in": "@PROJECT_VERSION@\n"}),
    "a variable of CMake's own": (
        (
            "file(STRINGS libs.txt L)\nadd_executable(p p.c)\n"
            "target_link_libraries(p PRIVATE ${CMAKE_DL_LIBS} ${M})\n"
        ),
        {"libs.txt": "m\n"},
    ),
    "other targets of Python's": (
        (
            "add_custom_target(t COMMAND Python3::Interpreter)\nadd_library(b MODULE b.c)\n"
            "target_link_libraries(b $<1:Python3::Module> Python3::NumPy Other::Python3)\n"
        ),
        {},
    ),
    "a message beside a text": (
        'message(STATUS ${Python3_LIBRARIES})\nmessage("${Python3_LIBRARIES}")\n',
        {},
    ),
    "a file that is read for another reason": (
        "file(READ version.txt V)\nfile(STRINGS ${X}/version.txt W)\n",
        {"version.txt": "1.0"},
    ),
    **{
        code: (f"{code}\n", {"a.cmake": "message(a)\n"})
        for code in (
            "include(GNUInstallDirs)",
            "include(${CMAKE_CURRENT_LIST_DIR}/a.cmake)",
            "foreach(f a)\n  include(${f}.cmake)\nendforeach()",
            "cmake_language(CALL message a)",
        )
    },
    **{
        f"{name}: {code}": (f"{code}\n", {name: text})
        for name, code, text in (
            ("x/HostConfig.cmake", "find_package(Host)", "add_library(Host INTERFACE IMPORTED)"),
            ("x/HostConfig.cmake", "find_package(Guest)", HOST),
            ("x/FindPython3.cmake", "find_package(Host)", HOST),
            ("x/pybind11Config.cmake", "find_package(pybind11)", HOST),
            (".git/HostConfig.cmake", "find_package(Host)", HOST),
        )
    },
    "other variables put together": ("set(S ${${P}_VERSION})\n", {}),
}


@pytest.mark.parametrize("name", READS)
def test_the_component_stays_where_its_results_are_read(tmp_path: Path, name: str) -> None:
    more, files = READS[name]
    text = HEAD + MODULE.format(more=more)
    path = _write(tmp_path, text, files)
    fixed = api.fix_bytes(text.encode(), path, unsafe=False).data.decode()
    assert fixed == text.replace("a PRIVATE Python3::Python", "a PRIVATE Python3::Module")


@pytest.mark.parametrize("name", IGNORES)
def test_the_component_becomes_smaller_where_they_are_not(tmp_path: Path, name: str) -> None:
    more, files = IGNORES[name]
    text = HEAD + MODULE.format(more=more)
    path = _write(tmp_path, text, files)
    fixed = api.fix_bytes(text.encode(), path, unsafe=False).data.decode()
    assert "Development.Module" in fixed


#: What links a library that is a module.
LINKING = {
    "a program": "add_executable(p p.c)\ntarget_link_libraries(p a)\n",
    "a program, by a variable": "set(L a)\nadd_executable(p p.c)\ntarget_link_libraries(p ${L})\n",
    "a program, by an alias": (
        "add_library(b::a ALIAS a)\nadd_executable(p p.c)\ntarget_link_libraries(p b::a)\n"
    ),
    "a directory": "link_libraries(a)\nadd_executable(p p.c)\n",
    "a property": "add_executable(p p.c)\nset_property(TARGET p PROPERTY LINK_LIBRARIES a)\n",
    "a library": "add_library(mid STATIC m.c)\ntarget_link_libraries(mid PUBLIC a)\n",
}


@pytest.mark.parametrize("scope", ["PRIVATE", "PUBLIC"])
@pytest.mark.parametrize("name", LINKING)
def test_a_library_that_something_links_keeps_libpython(name: str, scope: str) -> None:
    text = HEAD + LIBRARY.format(scope=scope, more=LINKING[name])
    (finding,) = found(text, "CMakeLists.txt")
    assert finding.fix is None
    assert "links the module" in finding.no_fix_reason


SHARED = (
    'add_library(_a SHARED a.c)\nset_target_properties(_a PROPERTIES PREFIX "")\n'
    "target_link_libraries(_a {scope} Python3::Python)\n"
)
CARRIER = (
    "add_library(core INTERFACE)\ntarget_link_libraries(core INTERFACE Python3::Python)\n"
    "Python3_add_library(a MODULE a.c)\ntarget_link_libraries(a PRIVATE core)\n"
)
EXPORTS = (
    "install(TARGETS {} EXPORT e LIBRARY DESTINATION lib)\ninstall(EXPORT e DESTINATION cmake)\n"
)
#: What links modules, and whether other projects may get libpython by it.
EXPORTED = [
    (SHARED.format(scope="PUBLIC") + EXPORTS.format("_a"), True),
    (SHARED.format(scope="") + EXPORTS.format("x _a"), True),
    (SHARED.format(scope="PUBLIC") + "export(TARGETS x _a FILE a.cmake)\n", True),
    (SHARED.format(scope="PUBLIC") + "set(T _a)\n" + EXPORTS.format("${T}"), True),
    (CARRIER + EXPORTS.format("core"), True),
    (SHARED.format(scope="PRIVATE") + EXPORTS.format("_a"), False),
    (SHARED.format(scope="PUBLIC") + "install(TARGETS _a LIBRARY DESTINATION lib)\n", False),
    (SHARED.format(scope="PUBLIC") + EXPORTS.format("x"), False),
    (CARRIER + EXPORTS.format("a"), False),
    (
        "Python3_add_library(a a.c)\ntarget_link_libraries(a PUBLIC Python3::Python)\n"
        + EXPORTS.format("a"),
        False,
    ),
]


@pytest.mark.parametrize(("lines", "is_exported"), EXPORTED)
def test_what_other_projects_may_link_is_not_changed_safely(lines: str, is_exported: bool) -> None:
    (finding,) = found(HEAD + lines, "CMakeLists.txt")
    assert finding.fix is not None
    assert (finding.fix.applicability is Applicability.UNSAFE) is is_exported
    assert any("exports the target" in each for each in finding.fix.caveats) is is_exported


@pytest.mark.parametrize(
    "more",
    [
        "",
        "Python3_add_library(b MODULE b.c)\ntarget_link_libraries(b PRIVATE a)\n",
        "install(TARGETS a)\nadd_dependencies(p a)\n",
    ],
)
def test_a_library_that_only_modules_link_does_not(more: str) -> None:
    text = HEAD + LIBRARY.format(scope="PRIVATE", more=more)
    (finding,) = found(text, "CMakeLists.txt")
    assert finding.fix is not None
    assert finding.fix.applicability is Applicability.SAFE


LISTED = (
    "set(L Python3::Python)\nPython3_add_library(a a.c)\ntarget_link_libraries(a PRIVATE ${L})\n"
)
FLAGGED = (
    'set(L -lm)\nstring(APPEND L " -lpython3.11")\nPython3_add_library(a a.c)\n'
    'set_target_properties(a PROPERTIES LINK_FLAGS "${L}")\n'
)
PROGRAM = "add_executable(p p.c)\n"
NAMED = (
    "set(K_LIBS Python3::Python)\nPython3_add_library(a a.c)\n"
    "target_link_libraries(a PRIVATE ${K_LIBS})\n"
)
#: What reads the libraries of the module, or the variable with them.
READ = [
    MODULE.format(more=PROGRAM + "target_link_libraries(p $<TARGET_PROPERTY:a,LINK_LIBRARIES>)\n"),
    MODULE.format(more=PROGRAM + "get_target_property(x a LINK_LIBRARIES)\n"),
    MODULE.format(more=PROGRAM + "get_property(x TARGET a PROPERTY INTERFACE_LINK_LIBRARIES)\n"),
    MODULE.format(
        more="function(f t)\nget_target_property(x ${t} LINK_LIBRARIES)\nendfunction()\n"
    ),
    MODULE.format(more='file(GENERATE OUTPUT x CONTENT "$<TARGET_PROPERTY:a,LINK_LIBRARIES>")\n'),
    CARRIER + "get_target_property(x core INTERFACE_LINK_LIBRARIES)\n",
    LISTED + "set(CMAKE_REQUIRED_LIBRARIES ${L})\n",
    LISTED + 'check_c_source_compiles("int main;" X LINK_LIBRARIES ${L})\n',
    LISTED + "set(M ${L} m)\nset(CMAKE_REQUIRED_LIBRARIES ${M})\n",
    LISTED + "list(FIND L Python3::Python at)\n",
    LISTED + "list(LENGTH L count)\n",
    LISTED + "list(GET L 0 first)\n",
    LISTED + 'string(REPLACE ";" " " flags "${L}")\n',
    LISTED
    + "foreach(x IN LISTS L)\nif(x STREQUAL y)\nlist(APPEND Z ${x})\nendif()\nfind_file(F ${x})\nendforeach()\n",
    LISTED + "if(Python3::Python IN_LIST L)\nendif()\n",
    LISTED + "if(L MATCHES Python3)\nendif()\n",
    LISTED + 'if(X AND NOT (L STREQUAL "m;Python3::Python"))\nendif()\n',
    LISTED + "if(X)\nelseif(m STREQUAL L)\nendif()\n",
    LISTED + "while(L STRGREATER M)\nset(L ${M})\nendwhile()\n",
    LISTED + 'if("${L}" MATCHES Python3)\nendif()\n',
    FLAGGED + 'file(WRITE out "${L}")\n',
    LISTED + "my_helper(a ${L})\n",
    LISTED + "configure_file(missing.in out)\n",
    LISTED + "add_custom_command(TARGET a POST_BUILD COMMAND echo ${L})\n",
    NAMED + PROGRAM + "target_link_libraries(p PRIVATE ${${k}_LIBS})\n",
    NAMED + PROGRAM + "target_link_libraries(p PRIVATE ${K_${suffix}})\n",
    NAMED + PROGRAM + "target_link_libraries(p PRIVATE ${${x}_${${y}_LIBS}})\n",
    NAMED + "set(M ${${x}_LIBS})\n",
    NAMED + PROGRAM + "target_link_libraries(p PRIVATE $CACHE{K_LIBS})\n",
    (
        NAMED + "macro(link t l)\ntarget_link_libraries(${t} PRIVATE ${${l}})\nendmacro()\n"
        "link(p K_LIBS)\n"
    ),
    NAMED + "foreach(l K_LIBS OTHER)\nlist(APPEND all ${${l}})\nendforeach()\n",
    (
        "set(${PROJECT_NAME}_LIBS Python3::Python)\nPython3_add_library(a a.c)\n"
        "target_link_libraries(a PRIVATE ${${PROJECT_NAME}_LIBS})\n"
        + PROGRAM
        + "target_link_libraries(p PRIVATE ${${x}_LIBS})\n"
    ),
    (
        "list(APPEND L Python3::Python)\nPython3_add_library(a a.c)\n"
        "target_link_libraries(a PRIVATE ${L})\nset(${x}_LIBRARIES ${L} PARENT_SCOPE)\n"
    ),
    LISTED + PROGRAM + "set(k L)\ntarget_link_libraries(p ${${k}})\n",
    LISTED + PROGRAM + 'set(k L)\ntarget_link_libraries(p "$<$<BOOL:1>:${${k}}>")\n',
    LISTED + PROGRAM + "set(k L)\nlist(APPEND all m ${${k}})\ntarget_link_libraries(p ${all})\n",
    LISTED + PROGRAM + "set(k L)\nset(all ${${k}})\ntarget_link_libraries(p ${all})\n",
    LISTED + PROGRAM + "set(j k)\nset(k L)\ntarget_link_libraries(p ${${${j}}})\n",
    LISTED + PROGRAM + "macro(f t l)\ntarget_link_libraries(${t} ${${l}})\nendmacro()\nf(p L)\n",
    (
        "project(x)\nset(x_LIBS Python3::Python)\nPython3_add_library(a a.c)\n"
        "target_link_libraries(a PRIVATE ${x_LIBS})\nadd_executable(p p.c)\n"
        "target_link_libraries(p ${${PROJECT_NAME}_LIBS})\n"
    ),
    (
        'set(L Python3::Python CACHE INTERNAL "")\nPython3_add_library(a a.c)\n'
        "target_link_libraries(a PRIVATE ${L})\nadd_executable(p p.c)\n"
        "target_link_libraries(p $CACHE{L})\n"
    ),
]
#: What does not.
NOT_READ = [
    MODULE.format(more=PROGRAM + "get_target_property(x p LINK_LIBRARIES)\n"),
    MODULE.format(more="get_target_property(x a SOURCES)\n"),
    MODULE.format(more="message(STATUS $<TARGET_PROPERTY:p,LINK_LIBRARIES>)\n"),
    LISTED,
    LISTED + "list(APPEND L m)\nlist(REMOVE_DUPLICATES L)\n",
    LISTED + "set(L ${L} m)\nmessage(STATUS ${L})\n",
    LISTED + "set(M ${L} m)\nPython3_add_library(b b.c)\ntarget_link_libraries(b PRIVATE ${M})\n",
    LISTED + "list(LENGTH K count)\nset(CMAKE_REQUIRED_LIBRARIES ${K})\n",
    LISTED + "if(L)\nendif()\n",
    LISTED + "if(NOT L OR X STREQUAL y)\nendif()\n",
    LISTED + "if(DEFINED L AND X MATCHES y)\nendif()\n",
    LISTED + "if(X STREQUAL LL)\nendif()\n",
    LISTED + "set(k L)\ntarget_link_libraries(a PRIVATE ${${k}})\n",
    LISTED + PROGRAM + "set(M m)\nset(k M)\ntarget_link_libraries(p ${${k}} $CACHE{M})\n",
    NAMED + PROGRAM + "target_link_libraries(p PRIVATE ${${PROJECT_NAME}_LIBS})\n",
    NAMED
    + "message(STATUS ${${PROJECT_NAME}_LIBS})\nset(x ${${PROJECT_NAME}_FLAGS} ${L_${x}} $CACHE{L} $ENV{K_LIBS})\n",
    NAMED + "foreach(l OTHER MORE)\nlist(APPEND all ${${l}})\nendforeach()\n",
    FLAGGED,
]


@pytest.mark.parametrize("lines", [*READ, *NOT_READ])
def test_libraries_that_the_project_reads_are_not_changed_safely(lines: str) -> None:
    (finding,) = found(HEAD + lines, "CMakeLists.txt")
    safe = finding.fix is not None and finding.fix.applicability is Applicability.SAFE
    assert safe is (lines in NOT_READ)


@pytest.mark.parametrize(
    "more",
    [
        "file(GLOB F *.inc)\nforeach(f ${F})\ninclude(${f})\nendforeach()\n",
        "string(CONCAT x Python3 :: Python)\nadd_executable(p p.c)\ntarget_link_libraries(p ${x})\n",
        "string(JOIN :: x Python3 Python)\nadd_executable(p p.c)\ntarget_link_libraries(p ${x})\n",
    ],
)
def test_what_may_embed_keeps_the_component(tmp_path: Path, more: str) -> None:
    file = tmp_path / "CMakeLists.txt"
    file.write_text(text := HEAD + MODULE.format(more=more))
    fixed = api.fix_bytes(text.encode(), str(file), unsafe=False).data.decode()
    assert fixed == text.replace("Python3::Python", "Python3::Module")
