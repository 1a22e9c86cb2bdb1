import ctypes

if lib := ctypes.PyDLL("libpython3.11.so"):  # expect: NLP101
    lib.Py_IsInitialized()
