import sys
from ctypes import CDLL, pythonapi
if sys.platform == "win32":
    api = CDLL("python311.dll")
else:
    api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
