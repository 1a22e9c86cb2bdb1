import ctypes
import sys

match sys.platform:
    case "linux":
        lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    case "darwin":
        lib = ctypes.PyDLL("libpython3.11.dylib")  # expect: NLP101
    case "win32":
        lib = ctypes.PyDLL("python311.dll")
lib.Py_IsInitialized()
