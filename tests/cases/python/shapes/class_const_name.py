import ctypes


class Runtime:
    SONAME = "libpython3.11.so.1.0"


lib = ctypes.PyDLL(Runtime.SONAME)  # expect: NLP101
lib.Py_IsInitialized()
