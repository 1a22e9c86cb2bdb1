import ctypes

for i in ():
    pass
else:
    ctypes.PyDLL("libpython3.11.so").Py_IsInitialized()  # expect: NLP101
