"""Which sources in C and C++ define an extension module."""

from __future__ import annotations

import pytest

from no_libpython_dlopen.knowledge.module_definitions import defined_modules

PLAIN = "PyObject *PyInit_spam(void) { return 0; }"
C = {
    "the macro": "PyMODINIT_FUNC PyInit_spam(void) {",
    "the macro, on a line of its own": "PyMODINIT_FUNC\nPyInit_spam(void)\n{",
    "the macro, and a version": "PyMODINIT_FUNC\n#if PY_MAJOR_VERSION >= 3\nPyInit_spam(void)\n",
    "Cython's macro": "__Pyx_PyMODINIT_FUNC PyInit_spam(void)\n#if CYTHON_PEP489\n{",
    "the type": PLAIN,
    "the type, behind another function": f"static int one(void) {{ if (1) {{}} return 1; }}\n{PLAIN}",
    "the type, behind much else": "int one;\n" * 50 + PLAIN,
    "the type on a line of its own": "PyObject *\nPyInit_spam(void)\n{",
    "no parameter written": "PyObject* PyInit_spam() {",
    "behind a declaration": f"PyObject *PyInit_spam(void);\n{PLAIN}",
    "behind a directive": f"#include <Python.h>\n{PLAIN}",
    "behind a comment": f"/* static */\n{PLAIN}",
    "the default visibility": f'__attribute__((visibility("default"))) {PLAIN}',
    "a macro that exports": f"SPAM_EXPORT {PLAIN}",
    "for C++ as well": f'#ifdef __cplusplus\nextern "C" {{\n#endif\n{PLAIN}',
}
CPP = {
    "the linkage of C": f'extern "C" {PLAIN}',
    "a block of C": f'extern "C" {{\nint one();\n{PLAIN}\n}}',
    "in a namespace": f'namespace one {{\nint f() {{ return 1; }}\nextern "C" {PLAIN}\n}}',
    "exported": f'extern "C" __declspec(dllexport) {PLAIN}',
    "macro": "PYBIND11_MODULE(spam, m) {",
}
SILENT_C = {
    "only declared": "PyObject *PyInit_spam(void);",
    "static": f"static {PLAIN}",
    "static above": "static\nPyObject *\nPyInit_spam(void)\n{",
    "inline": f"inline {PLAIN}",
    "hidden": f'__attribute__((visibility("hidden"))) {PLAIN}',
    "an unknown macro": f"LOCAL {PLAIN}",
    "with parameters": "PyObject *PyInit_spam(int one) {",
    "called": "void f(void) { PyObject *one = PyInit_spam(); }",
    "a pointer": "PyObject *(*init)(void) = PyInit_spam;",
    "inside of another function": f"void f(void) {{ {PLAIN} }}",
    "a comment": f"/* {PLAIN} */\n// {PLAIN}",
    "switched off": f"#if 0\n{PLAIN}\n#endif",
    "for one build": f"#ifdef STANDALONE\n{PLAIN}\n#endif",
    "a text": f'char *text = "{PLAIN}";',
    "another type": "MyPyObject *PyInit_spam(void) {",
    "another macro": "MY_PyMODINIT_FUNC PyInit_spam(void) {",
    "the macro, and another test": "PyMODINIT_FUNC\n#if WITH_SPAM\nPyInit_spam(void)\n",
}
SILENT_CPP = {
    "mangled": PLAIN,
    "mangled in a namespace": f"namespace one {{ {PLAIN} }}",
    "behind a block of C": f'extern "C" {{ int one(); }}\n{PLAIN}',
    "a namespace without a name": f'namespace {{ extern "C" {PLAIN} }}',
    "a method": f"struct One {{ {PLAIN} }};",
    "a method outside": "PyObject *One::PyInit_spam() {",
}


@pytest.mark.parametrize("name", [*C, *CPP])
def test_a_source_that_defines_a_module(name: str) -> None:
    code = C.get(name) or CPP[name]
    assert defined_modules(code, mangled=name in CPP) == {"spam"}


@pytest.mark.parametrize("name", [*SILENT_C, *SILENT_CPP])
def test_a_source_that_defines_none(name: str) -> None:
    code = SILENT_C.get(name) or SILENT_CPP[name]
    assert defined_modules(code, mangled=name in SILENT_CPP) == set()


@pytest.mark.parametrize("piece", ['"\\', "'\\", 'R"(', 'R"a(R"b(', "/**", '"\\\\', '"\n'])
def test_what_has_no_end_takes_no_time(piece: str) -> None:
    assert defined_modules(piece * 20_000) == set()
