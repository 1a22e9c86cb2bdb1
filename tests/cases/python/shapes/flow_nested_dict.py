import ctypes

CFG = {"libs": {"python": "libpython3.11.so", "c": "libc.so.6"}}
ctypes.PyDLL(CFG["libs"]["python"]).Py_IsInitialized()  # expect: NLP101
