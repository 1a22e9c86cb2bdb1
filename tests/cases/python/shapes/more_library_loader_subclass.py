import ctypes


class Loader(ctypes.LibraryLoader):
    pass


lib = Loader(ctypes.PyDLL).LoadLibrary("libpython3.11.so")  # expect: NLP101
lib.Py_IsInitialized()
