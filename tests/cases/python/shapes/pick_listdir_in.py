import ctypes, os
for name in os.listdir("/usr/lib"):
    if "libpython3" in name:
        api = ctypes.CDLL(os.path.join("/usr/lib", name))  # expect: NLP101
        api.Py_IsInitialized()
