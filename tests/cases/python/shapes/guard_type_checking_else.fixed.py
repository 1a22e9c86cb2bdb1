import ctypes
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    lib = None
else:
    lib = ctypes.pythonapi  # expect: NLP101
    lib.Py_IsInitialized()
