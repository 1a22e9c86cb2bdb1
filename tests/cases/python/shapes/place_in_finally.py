import ctypes

try:
    pass
finally:
    ctypes.PyDLL("libpython3.11.so").Py_IsInitialized()  # expect: NLP101
