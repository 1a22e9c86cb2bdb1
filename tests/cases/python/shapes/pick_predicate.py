import ctypes, os
def is_library(name):
    return name.startswith("libpython3.")
for name in os.listdir("/usr/lib"):
    if is_library(name):
        api = ctypes.CDLL("/usr/lib/" + name)  # expect: NLP101
        api.Py_IsInitialized()
