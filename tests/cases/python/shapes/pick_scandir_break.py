import ctypes, os
path = None
for entry in os.scandir("/usr/lib"):
    if entry.name.startswith("libpython3."):
        path = entry.path
        break
api = ctypes.CDLL(path)  # expect: NLP101
api.Py_IsInitialized()
