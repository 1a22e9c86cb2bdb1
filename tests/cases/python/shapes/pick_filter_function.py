import ctypes, os
def is_library(name):
    return name.startswith("libpython3.")
for name in filter(is_library, os.listdir("/usr/lib")):
    api = ctypes.CDLL("/usr/lib/" + name)  # expect: NLP101
    api.Py_IsInitialized()
