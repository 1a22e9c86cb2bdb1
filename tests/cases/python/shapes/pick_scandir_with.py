import ctypes, os
with os.scandir("/usr/lib") as entries:
    for entry in entries:
        if entry.is_file() and entry.name.startswith("libpython3"):
            api = ctypes.CDLL(os.path.join("/usr/lib", entry.name))  # expect: NLP101
            api.Py_IsInitialized()
