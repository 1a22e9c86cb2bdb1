import ctypes
import sys

NAMES = {"win32": "libpython3.11.so", "linux": "libc.so.6", "darwin": "libSystem.dylib"}
lib = ctypes.PyDLL(NAMES[sys.platform])
lib.Py_IsInitialized()
