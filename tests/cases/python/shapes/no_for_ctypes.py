import foo

for ctypes in foo.backends:
    ctypes.CDLL("libpython3.11.so")
