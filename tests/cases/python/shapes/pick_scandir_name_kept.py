import ctypes, os
for entry in os.scandir("/usr/lib"):
    name = entry.name
    if name.startswith("libpython3."):
        api = ctypes.CDLL(entry.path)  # expect: NLP101
        api.Py_IsInitialized()
