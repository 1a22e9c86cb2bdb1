import ctypes
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    lib = None
else:
    lib = ctypes.PyDLL("libpython3.11.so")  # expect: NLP101
    lib.Py_IsInitialized()
