import ctypes

print(f"{ctypes.PyDLL('libpython3.11.so').Py_IsInitialized()}")  # expect: NLP101
