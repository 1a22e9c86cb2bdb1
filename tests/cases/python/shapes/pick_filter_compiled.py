import ctypes, os, re
names = list(filter(re.compile("libpython3").match, os.listdir("/usr/lib")))
api = ctypes.CDLL(names[0])  # expect: NLP101
api.Py_IsInitialized()
