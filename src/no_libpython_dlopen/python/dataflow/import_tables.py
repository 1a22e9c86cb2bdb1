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

#: What ctypes has on Windows only: its import ends a program elsewhere.
WINDOWS_NAMES = frozenset(
    {"windll", "oledll", "WinDLL", "OleDLL", "WINFUNCTYPE", "WinError", "FormatError"}
    | {"GetLastError", "get_last_error", "set_last_error", "DllGetClassObject", "HRESULT"}
)

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


def is_foreign_import(node: ast.stmt) -> bool:
    """Return whether a statement imports what only another platform has."""
    if isinstance(node, ast.ImportFrom) and node.module == "ctypes":
        return any(one.name in WINDOWS_NAMES for one in node.names)
    if isinstance(node, ast.ImportFrom):
        return is_foreign_module(node.module or "")
    names = node.names if isinstance(node, ast.Import) else ()
    return any(is_foreign_module(one.name) for one in names)
