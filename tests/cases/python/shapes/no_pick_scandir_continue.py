import ctypes, os
for entry in os.scandir("/usr/lib"):
    if entry.name.startswith("libpython3."):
        continue
    ctypes.CDLL(entry.path)
