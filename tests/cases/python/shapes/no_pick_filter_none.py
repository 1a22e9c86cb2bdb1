import ctypes, os
for name in filter(None, os.listdir("plugins")):
    ctypes.CDLL(name)
print("libpython3.so")
