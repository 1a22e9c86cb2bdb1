import ctypes, os
for entry in os.scandir("/usr/lib"):
    if entry.name.startswith("libpython3.") and entry.name.endswith(".so"):
        api = ctypes.CDLL(entry.path)  # expect: NLP101
        api.Py_IsInitialized()
