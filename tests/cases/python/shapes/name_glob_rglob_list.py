import ctypes
from pathlib import Path

found = list(Path("/usr").rglob("libpython3.*.so.1.0"))
lib = ctypes.PyDLL(str(found[0]))  # expect: NLP101
lib.Py_IsInitialized()
