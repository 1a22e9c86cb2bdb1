import ctypes, os
paths = [entry.path for entry in os.scandir("/usr/lib") if entry.name.startswith("libpython3.")]
api = ctypes.CDLL(paths[0])  # expect: NLP101
api.Py_IsInitialized()
