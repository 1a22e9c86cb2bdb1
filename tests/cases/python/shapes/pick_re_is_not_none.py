import ctypes, os, re
for name in os.listdir("/usr/lib"):
    if re.match("libpython3", name) is not None:
        api = ctypes.CDLL("/usr/lib/" + name)  # expect: NLP101
        api.Py_IsInitialized()
