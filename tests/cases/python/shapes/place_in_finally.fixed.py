import ctypes

try:
    pass
finally:
    ctypes.pythonapi.Py_IsInitialized()  # expect: NLP101
