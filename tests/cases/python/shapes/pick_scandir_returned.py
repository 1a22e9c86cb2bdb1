import ctypes, os
def find():
    for entry in os.scandir("/usr/lib"):
        if entry.name.startswith("libpython3."):
            return entry.path
    raise FileNotFoundError
api = ctypes.CDLL(find())  # expect: NLP101
api.Py_IsInitialized()
