import ctypes, os
found = []
for entry in os.scandir("/usr/lib"):
    if entry.name.startswith("libpython3."):
        found.append(entry.path)
api = ctypes.CDLL(found[0])  # expect: NLP101
api.Py_IsInitialized()
