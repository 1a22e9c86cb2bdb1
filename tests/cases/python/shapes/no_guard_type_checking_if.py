import ctypes
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    lib = ctypes.PyDLL("libpython3.11.so")
    lib.Py_IsInitialized()
