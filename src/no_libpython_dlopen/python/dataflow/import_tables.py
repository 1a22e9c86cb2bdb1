"""The modules and names that only other platforms have, and the names that star imports bring.

``mentions`` uses these tables before libcst is imported, so nothing here imports it.
"""

from __future__ import annotations

import ast

#: Modules that can be imported on Windows only, or on Android.
WINDOWS_ONLY = frozenset(
    {"winreg", "_winreg", "msvcrt", "_winapi", "winsound", "nt", "win32api", "win32con"}
    | {"android", "androidembed", "_overlapped", "winerror", "win32event", "win32gui_struct"}
    | {"pywintypes", "win32file", "win32gui", "win32com", "pythoncom", "win32process"}
)

#: Beginnings of the names of Java classes that Android's Pythons import.
_ANDROID_CLASSES = ("com.chaquo.", "java.chaquopy", "java.android.", "android.")
#: Beginnings of the names of those that a program gets by ``CLASS_GETTERS``.
_ANDROID_ASKED_FOR = (
    *("android.", "androidx.", "dalvik.", "org.kivy.android.", "org.renpy.android."),
    *("org.libsdl.app.", "org.beeware.android.", "com.chaquo."),
)
#: Functions that return a Java class by its name, and fail where the virtual machine has none.
CLASS_GETTERS = frozenset(
    {"jnius.autoclass", "jnius.find_javaclass", "jnius.cast", "rubicon.java.JavaClass"}
)

#: What ctypes has on Windows only: its import ends a program elsewhere.
WINDOWS_NAMES = frozenset(
    {"windll", "oledll", "WinDLL", "OleDLL", "WINFUNCTYPE", "WinError", "FormatError"}
    | {"GetLastError", "get_last_error", "set_last_error", "DllGetClassObject", "HRESULT"}
)
#: The same of other modules: Jython has a package ``java`` too, without these.
_FOREIGN_NAMES = {
    "ctypes": WINDOWS_NAMES,
    "java": frozenset({"jclass", "jarray", "jint", "cast", "static_proxy", "dynamic_proxy"}),
}

#: What a star import brings that can matter to a load.
STAR_NAMES: dict[str, tuple[str, ...]] = {
    "ctypes": (
        *("CDLL", "PyDLL", "OleDLL", "WinDLL", "cdll", "pydll", "windll", "oledll"),
        *("LibraryLoader", "pythonapi", "RTLD_GLOBAL", "RTLD_LOCAL", "DEFAULT_MODE"),
        *("py_object", "c_int", "c_char_p", "c_void_p", "POINTER", "byref", "cast"),
    ),
    "ctypes.util": ("find_library",),
    "os": ("path", "environ", "getenv", "name", "sep", "fspath", "uname"),
    "os.path": ("join", "basename", "dirname", "exists", "isfile", "abspath", "realpath"),
    "sys": ("platform", "version_info", "version", "prefix", "executable", "exit", "argv"),
    "sysconfig": ("get_config_var", "get_config_vars", "get_path", "get_platform"),
    "distutils.sysconfig": ("get_config_var", "get_config_vars", "get_python_lib"),
    "platform": ("system", "machine", "python_version", "python_version_tuple"),
    "pathlib": ("Path", "PurePath", "PosixPath"),
    "glob": ("glob", "iglob"),
    "cffi": ("FFI",),
    "find_libpython": ("find_libpython", "candidate_paths", "candidate_names"),
    "functools": ("partial", "lru_cache"),
    "itertools": ("chain", "product"),
}


def is_foreign_module(name: str) -> bool:
    """Return whether a module, by its dotted name, can be imported on other platforms only."""
    return name.partition(".")[0] in WINDOWS_ONLY or name.startswith(_ANDROID_CLASSES)


def is_foreign_name(module: str, name: str) -> bool:
    """Return whether a module has a name on other platforms only."""
    return name in _FOREIGN_NAMES.get(module, ())


def is_foreign_class(name: str) -> bool:
    """Return whether only Android's virtual machine has a Java class."""
    return name.replace("/", ".").startswith(_ANDROID_ASKED_FOR)


def is_foreign_import(node: ast.stmt) -> bool:
    """Return whether a statement imports what only another platform has, or a Java class of it."""
    if isinstance(node, (ast.Expr, ast.Assign)):
        value = node.value
        while isinstance(value, ast.Attribute):
            value = value.value
        first = value.args[0] if isinstance(value, ast.Call) and value.args else None
        text = first.value if isinstance(first, ast.Constant) else None
        return isinstance(text, str) and is_foreign_class(text)
    if isinstance(node, ast.ImportFrom):
        module = node.module or ""
        several = (is_foreign_name(module, one.name) for one in node.names)
        return is_foreign_module(module) or any(several)
    names = node.names if isinstance(node, ast.Import) else ()
    return any(is_foreign_module(one.name) for one in names)
