import ctypes
print(1)
