import ctypes
import os
from pathlib import Path
for path in sorted(Path("/usr/lib").iterdir()):
    if not path.match("libpython3*.so"):
        continue
    api = ctypes.CDLL(os.fspath(path))  # expect: NLP101
    api.Py_IsInitialized()
