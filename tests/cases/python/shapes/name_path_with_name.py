import ctypes
from pathlib import Path

lib = ctypes.PyDLL(str(Path("/usr/lib/libc.so").with_name("libpython3.11.so")))  # expect: NLP101
lib.Py_IsInitialized()
