import ctypes
from pathlib import Path

path = Path("/usr")
path /= "lib"
path /= "libpython3.11.so"
ctypes.pythonapi.Py_IsInitialized()  # expect: NLP101
