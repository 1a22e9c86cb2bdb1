import ctypes
from pathlib import Path
for path in Path("/usr/lib").iterdir():
    if path.match("libpython3*.so"):
        api = ctypes.CDLL(str(path))  # expect: NLP101
        api.Py_IsInitialized()
