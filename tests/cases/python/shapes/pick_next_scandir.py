import ctypes, os
path = next(e.path for e in os.scandir("/usr/lib") if e.name.startswith("libpython3."))
api = ctypes.CDLL(path)  # expect: NLP101
api.Py_IsInitialized()
