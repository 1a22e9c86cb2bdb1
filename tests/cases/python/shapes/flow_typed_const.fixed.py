import ctypes
from typing import Final

LIB: Final = "libpython3.11.so"
ctypes.pythonapi.Py_IsInitialized()  # expect: NLP101
