import ctypes


def soname(major, minor, flags=""):
    return f"libpython{major}.{minor}{flags}.so"


lib = ctypes.PyDLL(soname(minor=11, major=3))  # expect: NLP101
lib.Py_IsInitialized()
