import ctypes
import platform
lib = ctypes.PyDLL({"Linux": "libpython3.11.so", "Darwin": "libpython3.11.dylib"}.get(platform.system()))  # expect: NLP101
lib.Py_IsInitialized()
