import ctypes


class Runtime(ctypes.PyDLL):
    def __init__(self):
        ctypes.PyDLL.__init__(self, "libpython3.11.so")  # expect: NLP101


Runtime().Py_IsInitialized()
