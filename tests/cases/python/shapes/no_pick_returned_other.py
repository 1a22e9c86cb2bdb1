import ctypes, os
def find():
    for entry in os.scandir("/usr/lib"):
        if entry.name.startswith("libpython3."):
            continue
        return entry.path
ctypes.CDLL(find())
