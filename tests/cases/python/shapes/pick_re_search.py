import ctypes, os, re
found = [name for name in os.listdir("/usr/lib") if re.search("^libpython3.*so$", name)]
api = ctypes.CDLL(found[0])  # expect: NLP101
api.Py_IsInitialized()
