import ctypes, os, re
for name in os.listdir("/usr/lib"):
    if re.fullmatch(r"libpython(3\.[0-9]+)[a-z]*\.(so|dylib)", name):
        api = ctypes.CDLL(os.path.join("/usr/lib", name))  # expect: NLP101
        api.Py_IsInitialized()
