import ctypes
libdl = ctypes.CDLL("libdl.so.2")
handle = libdl.dlopen("libpython3.11.so".encode(), 1)  # expect: NLP103
print(handle)
