import ctypes

name = "libpython3.11.so"
while name:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
    name = None
