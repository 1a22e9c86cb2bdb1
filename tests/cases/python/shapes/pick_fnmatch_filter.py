import ctypes, fnmatch, os
for name in fnmatch.filter(os.listdir("/usr/lib"), "libpython3.*.so"):
    api = ctypes.CDLL("/usr/lib/" + name)  # expect: NLP101
    api.Py_IsInitialized()
