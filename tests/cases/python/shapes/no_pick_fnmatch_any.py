import ctypes, fnmatch, os
for name in os.listdir("plugins"):
    if fnmatch.fnmatch(name, "*.so"):
        ctypes.CDLL("plugins/" + name)
print("libpython3.so")
