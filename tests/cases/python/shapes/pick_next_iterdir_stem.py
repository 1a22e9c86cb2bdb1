import ctypes
from pathlib import Path
path = next(p for p in Path("/usr/lib").iterdir() if p.stem.startswith("libpython3"))
api = ctypes.CDLL(str(path))  # expect: NLP101
api.Py_IsInitialized()
