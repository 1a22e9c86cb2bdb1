import ctypes

first, *rest = ["libc.so.6", "libpython3.11.so"]
ctypes.pythonapi.Py_IsInitialized()  # expect: NLP101
