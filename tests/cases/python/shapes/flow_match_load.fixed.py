import ctypes
import sys

match sys.platform:
    case "linux":
        lib = ctypes.pythonapi  # expect: NLP101
    case "darwin":
        lib = ctypes.pythonapi  # expect: NLP101
    case "win32":
        lib = ctypes.PyDLL("python311.dll")
lib.Py_IsInitialized()
