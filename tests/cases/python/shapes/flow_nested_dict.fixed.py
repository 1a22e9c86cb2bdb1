import ctypes

CFG = {"libs": {"python": "libpython3.11.so", "c": "libc.so.6"}}
ctypes.pythonapi.Py_IsInitialized()  # expect: NLP101
