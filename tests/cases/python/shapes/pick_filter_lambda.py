import ctypes, os
names = filter(lambda name: name.startswith("libpython3."), os.listdir("/usr/lib"))
api = ctypes.CDLL(next(names))  # expect: NLP101
api.Py_IsInitialized()
