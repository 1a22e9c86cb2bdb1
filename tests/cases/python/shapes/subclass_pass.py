import ctypes


class Runtime(ctypes.PyDLL):
    """The runtime."""


lib = Runtime("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
