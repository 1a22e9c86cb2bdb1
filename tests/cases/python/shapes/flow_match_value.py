import ctypes
import platform


def soname(system):
    match system:
        case "Linux":
            return "libpython3.11.so"
        case "Darwin":
            return "libpython3.11.dylib"
        case "Windows":
            return "python311.dll"


lib = ctypes.PyDLL(soname(platform.system()))  # expect: NLP101
lib.Py_IsInitialized()
