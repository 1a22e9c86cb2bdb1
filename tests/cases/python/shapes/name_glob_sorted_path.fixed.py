import ctypes
from pathlib import Path

*_, newest = sorted(Path("/usr/lib").glob("libpython3.*.so"))
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
