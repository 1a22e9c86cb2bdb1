import ctypes, os, re
PATTERN = re.compile(r"^libpython3\.\d+m?\.so")
for entry in os.scandir("/usr/lib"):
    if PATTERN.match(entry.name):
        api = ctypes.CDLL(entry.path)  # expect: NLP101
        api.Py_IsInitialized()
