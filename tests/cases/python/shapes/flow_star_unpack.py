import ctypes

first, *rest = ["libc.so.6", "libpython3.11.so"]
ctypes.PyDLL(rest[0]).Py_IsInitialized()  # expect: NLP101
