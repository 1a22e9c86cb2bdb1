import ctypes

name = "libpython3.11.so"
del name
