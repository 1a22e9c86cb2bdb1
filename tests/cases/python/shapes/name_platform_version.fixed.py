import ctypes
import platform

major, minor, _ = platform.python_version_tuple()
lib = ctypes.pythonapi  # expect: NLP101
lib.Py_IsInitialized()
