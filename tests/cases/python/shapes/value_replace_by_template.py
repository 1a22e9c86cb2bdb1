import ctypes
import sys

PATTERN = "libVERSION.so.1.0"
api = ctypes.PyDLL(PATTERN.replace("VERSION", f"python3.{sys.version_info[1]}"))  # expect: NLP101
print(api.Py_IsInitialized())
