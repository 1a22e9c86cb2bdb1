import ctypes
import platform

major, minor, _ = platform.python_version_tuple()
lib = ctypes.PyDLL(f"libpython{major}.{minor}.so")  # expect: NLP101
lib.Py_IsInitialized()
