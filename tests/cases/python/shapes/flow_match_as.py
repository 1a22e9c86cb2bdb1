import ctypes

match "libpython3.11.so":
    case str() as name:
        ctypes.PyDLL(name).Py_IsInitialized()  # expect: NLP101
