import ctypes
import platform

api = ctypes.PyDLL("libpython" + ".".join(platform.python_version().split(".")[:2]) + ".so")  # expect: NLP101
api.Py_IsInitialized()
