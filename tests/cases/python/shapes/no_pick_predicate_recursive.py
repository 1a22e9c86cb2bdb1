import ctypes, os
def is_library(name):
    return is_library(name[1:])
for name in os.listdir("/usr/lib"):
    if is_library(name):
        ctypes.CDLL("/usr/lib/" + name)
print("libpython3.so")
