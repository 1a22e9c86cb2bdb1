import ctypes
from pathlib import Path

lib = ctypes.PyDLL(str(next(Path("/usr/lib").glob("libpython3*.so"))))  # expect: NLP101
lib.Py_IsInitialized()
