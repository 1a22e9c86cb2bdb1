import ctypes


class Runtime(ctypes.CDLL):
    def __init__(self, version):
        super(Runtime, self).__init__("libpython%s.so" % version)  # expect: NLP101


Runtime("3.11").Py_IsInitialized()
