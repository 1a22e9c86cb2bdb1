import ctypes, os, re
for name in os.listdir("/usr/lib"):
    if re.match(r"libpython3\.\d+\.so", name):
        api = ctypes.CDLL(os.path.join("/usr/lib", name))  # expect: NLP101
        api.Py_IsInitialized()
