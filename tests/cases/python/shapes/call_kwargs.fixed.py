import ctypes


def soname(major, minor, flags=""):
    return f"libpython{major}.{minor}{flags}.so"


lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
