import ctypes, fnmatch, os
for name in os.listdir("/usr/lib"):
    if fnmatch.fnmatch(name, "libpython3*.so*"):
        api = ctypes.CDLL("/usr/lib/" + name)  # expect: NLP101
        api.Py_IsInitialized()
