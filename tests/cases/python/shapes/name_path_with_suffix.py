import ctypes
from pathlib import Path

lib = ctypes.PyDLL(str(Path("/usr/lib/libpython3.11.a").with_suffix(".so")))  # expect: NLP101
lib.Py_IsInitialized()
