import ctypes, os
path = next(e.path for e in os.scandir("/usr/lib") if not e.name.startswith("libpython3."))
ctypes.CDLL(path)
