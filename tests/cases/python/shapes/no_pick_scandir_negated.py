import ctypes, os
for entry in os.scandir("/usr/lib"):
    if not entry.name.startswith("libpython3."):
        ctypes.CDLL(entry.path)
