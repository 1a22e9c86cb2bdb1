import ctypes, pathlib
def candidates(folder):
    for path in pathlib.Path(folder).iterdir():
        if path.match("libpython3*.so"):
            yield path
for path in candidates("/usr/lib"):
    api = ctypes.CDLL(str(path))  # expect: NLP101
    api.Py_IsInitialized()
