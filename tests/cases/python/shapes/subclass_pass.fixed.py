import ctypes


class Runtime(ctypes.PyDLL):
    """The runtime."""


lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
