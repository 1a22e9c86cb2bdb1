import sys
from ctypes import CDLL
if sys.platform == "win32":
    api = CDLL("python311.dll")
else:
    api = CDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
