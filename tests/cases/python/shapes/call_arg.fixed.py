import ctypes


def soname(version):
    return "libpython" + version + ".so.1.0"


lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
