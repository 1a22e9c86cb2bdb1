import ctypes, os
for entry in os.scandir("/usr/lib"):
    if entry.name.startswith("libpython3."):
        for other in os.scandir(entry.path):
            ctypes.CDLL(other.path)
