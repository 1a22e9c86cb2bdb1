import ctypes
import sys

NAMES = {"darwin": "libpython3.11.dylib", "win32": "python311.dll"}
lib = ctypes.PyDLL(NAMES.get(sys.platform, "libpython3.11.so"))  # expect: NLP101
lib.Py_IsInitialized()
