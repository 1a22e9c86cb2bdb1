import ctypes

get = lambda name: ctypes.PyDLL(name)  # expect: NLP101
get("libpython3.11.so").Py_IsInitialized()
