import ctypes, os
path = None
for entry in os.scandir("/usr/lib"):
    if entry.name.startswith("libpython3."):
        print(entry)
    else:
        path = entry.path
ctypes.CDLL(path)
