import ctypes

names = ["libpython3.12.so", "libpython3.11.so"]
path = next(name for name in names if name)
lib = ctypes.PyDLL(path)  # expect: NLP101
lib.Py_IsInitialized()
