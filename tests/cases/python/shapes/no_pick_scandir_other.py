import ctypes, os
for entry in os.scandir("/usr/lib"):
    if entry.name.startswith("libpng"):
        ctypes.CDLL(entry.path)
    elif entry.name.startswith("libpython3."):
        print(entry.path)
