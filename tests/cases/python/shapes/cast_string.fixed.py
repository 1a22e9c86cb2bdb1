from typing import cast
from ctypes import CDLL, pythonapi
api = cast("CDLL", pythonapi)  # expect: NLP101
api.Py_IsInitialized()
