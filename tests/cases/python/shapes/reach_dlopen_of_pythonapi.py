import ctypes
handle = ctypes.pythonapi.dlopen(b"libpython3.11.so", 2)  # expect: NLP103
print(handle)
