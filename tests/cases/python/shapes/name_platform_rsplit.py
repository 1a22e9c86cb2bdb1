import ctypes
import platform

lib = ctypes.PyDLL(f"libpython{platform.python_version().rsplit('.', 1)[0]}.so")  # expect: NLP101
lib.Py_IsInitialized()
