"""What sources in C and C++ say of the extension module that they define.

The interpreter asks a module for the function ``PyInit_NAME``, without the mangling of C++. It is
defined with the macro ``PyMODINIT_FUNC``, with the type that the macro stands for, or by the macro
of a binding library.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_DEFINES = re.compile(
    r"(?:\b|__Pyx_)PyMODINIT_FUNC(?:\s*\n[ \t]*#[ \t]*if[^\n]*\bPY_(?:MAJOR_)?VERSION[^\n]*)?"
    r"\s+PyInit_(?P<macro>\w+)\s*\([^();]{0,99}\)(?!\s*;)"
    r"|\b(?:PYBIND11|NB|BOOST_PYTHON)_MODULE\s*\(\s*(?P<binding>\w+)"
    r"|\bPyObject\s*\*\s*PyInit_(?P<plain>\w+)\s*\(\s*(?:void\s*)?\)\s*\{"
)
#: What a declaration follows: a brace, a semicolon, a line of the preprocessor.
_BEFORE_DECLARATION = re.compile(r"[;{}]|^[ \t]*#[^\n]*$", re.MULTILINE)
#: What stands before the type of a function that a library exports.
_SPECIFIER = re.compile(
    r"extern\b|__declspec\s*\(\s*dllexport\s*\)|\w*(?:EXPORT|PUBLIC)\w*"
    r"|__attribute__\s*\(\(\s*(?:visibility\s*\(\s*\"default\"\s*\)|used)\s*\)\)"
)
_MOST_SPECIFIERS = 200
_C_LINKAGE = re.compile(r"\bextern\s*\"C\"")
#: Braces, and what a function inside of them may still be exported from.
_BRACE = re.compile(r"(?P<c>\bextern\s*\"C\"\s*\{)|(?P<name>\bnamespace\s+[\w:]{1,99}\s*\{)|\{|\}")

#: A part of each name that the three patterns below find, for which a text is searched faster.
_OF_INTERPRETERS = (
    *("Py_Initialize", "Py_PreInitialize", "Py_NewInterpreter", "Py_Finalize", "Py_EndInterpreter"),
    *("Py_Main", "Py_BytesMain", "Py_RunMain", "Inittab", "Config_", "PyRun_", "_interpreter"),
    *("PYBIND11_EMBEDDED_MODULE", "_freethreaded_python", "Python::initialize"),
)
#: Functions of the C API, and of pybind11, for a program that has an interpreter of its own.
_EMBEDS = re.compile(
    r"\bPy_(?:Initialize|NewInterpreter|Finalize|EndInterpreter|(?:Bytes|Run)?Main\b)"
    r"|\bPyImport_(?:Append|Extend)Inittab\b|\bPy(?:Pre)?Config_|\bPyRun_"
    r"|\b(?:scoped|initialize|finalize)_interpreter\b|\bPYBIND11_EMBEDDED_MODULE\b"
)
#: Those that start the interpreter, or name what it starts with; PyO3's among them.
_STARTS = re.compile(
    r"\bPy_(?:(?:Pre)?Initialize|NewInterpreter|(?:Bytes|Run)?Main\b)"
    r"|\bPyImport_(?:Append|Extend)Inittab\b|\bPy(?:Pre)?Config_Init"
    r"|\b(?:scoped|initialize)_interpreter\b|\bPYBIND11_EMBEDDED_MODULE\b"
    r"|\bprepare_freethreaded_python\b|\bwith_embedded_python_interpreter\b|\bPython::initialize\b"
)
_CALLS_START = re.compile(
    r"\bPy_(?:Initialize(?:Ex|FromConfig)?|(?:Bytes|Run)?Main)\s*\("
    r"|\b(?:initialize_interpreter\s*\(|scoped_interpreter\b)"
    r"|\b(?:prepare_freethreaded_python|with_embedded_python_interpreter|Python::initialize)\s*\("
)
#: What may define a module, and a part of each such name.
_DEFINING = (
    *("PyInit_", "PyModule", "Py_InitModule", "_PLUGIN", "MODULE", "MODINIT", "MOD_INIT"),
    *("pymodule", "py_module_"),
)
_MAY_DEFINE = re.compile(
    r"PyInit_|PyModule_Create|PyModuleDef|Py_InitModule|(?:PYBIND11|NB)_PLUGIN"
    r"|(?<!EMBEDDED_)MODULE\w{0,40}\s{0,9}\(|MODINIT|MOD_INIT|pymodule|py_module_"
)
#: A macro of the project's own that may do so.
_OWN_MACRO = re.compile(
    r"^(?!PYBIND11_EMBEDDED)[A-Z0-9_]{0,40}(?:PY|INIT|DEFINE|EXPORT|DECLARE)[A-Z0-9_]{0,40}\s*\(\s*\w",
    re.MULTILINE,
)
#: Comments, and what is between quotation marks; what has no end goes on to that of the file.
_NO_CODE = re.compile(
    r"//[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/|\Z)"
    r"|\b(?:u8|[uUL])?R\"(?P<mark>[^()\\\s\"]{0,16})\([\s\S]*?(?:\)(?P=mark)\"|\Z)"
    r"|'(?:[^'\\\n]|\\[^\n]{1,9}?)'|\"(?:[^\"\\\n]|\\(?:[\s\S]|\Z))*(?:\"|(?=\n)|\Z)"
)
#: The texts that stand in the declaration of a function.
_DECLARING = frozenset({'"C"', '"default"'})
#: A condition of the preprocessor, and its end; one on Python's version holds in one branch.
_CONDITION = re.compile(r"^[ \t]*#[ \t]*(?:(if(?:n?def)?)\b(.*)|endif\b)", re.MULTILINE)
_ON_VERSION = re.compile(r"\bPY_(?:MAJOR_)?VERSION|PY(?:THON)?_?3")


def defined_modules(source: str, *, mangled: bool = True) -> set[str]:
    """Return the names of the extension modules that a source certainly defines.

    ``mangled`` says that names are mangled as in C++, unless their linkage is that of C.

    >>> defined_modules("PyMODINIT_FUNC PyInit_spam(void) {")
    {'spam'}
    >>> defined_modules("PyMODINIT_FUNC PyInit_spam(void);\\n// PYBIND11_MODULE(spam, m)")
    set()
    >>> defined_modules("PyObject *PyInit_spam(void) {", mangled=False)
    {'spam'}
    """
    code = _NO_CODE.sub(lambda part: part[0] if part[0] in _DECLARING else " ", source)
    found: set[str] = set()
    at, conditions, braces = 0, list[bool](), list[str]()
    for definition in _DEFINES.finditer(code):
        for condition in _CONDITION.finditer(code, at, definition.start()):
            if condition[1]:
                conditions.append(_ON_VERSION.search(condition[2]) is not None)
            elif conditions:
                conditions.pop()
        _follow(braces, code, at, definition.start())
        exported = not definition["plain"] or _is_exported(
            code[at : definition.start()], braces, mangled=mangled
        )
        at = definition.start()
        if all(conditions) and exported:
            found.add(definition[definition.lastgroup or 0])
    return found


def _follow(braces: list[str], code: str, start: int, end: int) -> None:
    """Add the braces that a part of the code opens, named by what precedes them; remove closed ones."""
    for brace in _BRACE.finditer(code, start, end):
        if brace[0] != "}":
            braces.append(brace.lastgroup or "")
        elif braces:
            braces.pop()


def _is_exported(before: str, braces: list[str], *, mangled: bool) -> bool:
    """Return whether a library exports the function behind some code by the name it has there."""
    start = 0
    for end in _BEFORE_DECLARATION.finditer(before):
        start = end.end()
    specifiers, own = _C_LINKAGE.subn(" ", before[start : start + _MOST_SPECIFIERS])
    if _SPECIFIER.sub("", specifiers).strip() or len(before) - start > _MOST_SPECIFIERS:
        return False
    return "" not in braces and (own > 0 or not mangled or "c" in braces)


class Role(NamedTuple):
    """What a source says of the library that it is a part of.

    It ``embeds`` if it has to do with an interpreter of the library's own; it ``may_start`` one,
    or ``starts`` one for certain; it ``may_define`` a module.
    """

    embeds: bool
    may_start: bool
    starts: bool
    may_define: bool


def role_of(source: str) -> Role:
    """Return the role of a source in C, C++ or Rust in its library.

    >>> role_of("void boot(void) { Py_Initialize(); }")
    Role(embeds=True, may_start=True, starts=True, may_define=False)
    >>> role_of("/* before Py_Initialize() */ PyMODINIT_FUNC PyInit_spam(void) {")
    Role(embeds=True, may_start=False, starts=False, may_define=True)
    """
    code = source
    embeds = may_start = starts = False
    if any(word in source for word in _OF_INTERPRETERS):
        embeds = _EMBEDS.search(source) is not None
        may_start = _STARTS.search(source) is not None
    if may_start:
        texts = _NO_CODE.sub(lambda part: " " if part[0][0] == "/" else part[0], source)
        may_start = _STARTS.search(texts) is not None
        code = _NO_CODE.sub(" ", source)
        starts = _CALLS_START.search(code) is not None
    is_named = any(word in code for word in _DEFINING) and _MAY_DEFINE.search(code) is not None
    return Role(embeds, may_start, starts, is_named or _OWN_MACRO.search(code) is not None)
