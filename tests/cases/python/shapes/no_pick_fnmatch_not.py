import ctypes, fnmatch, os
for name in os.listdir("plugins"):
    if not fnmatch.fnmatch(name, "libpython3*.so"):
        ctypes.CDLL("plugins/" + name)
