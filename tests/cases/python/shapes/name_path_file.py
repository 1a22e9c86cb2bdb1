import ctypes
from pathlib import Path

api = ctypes.PyDLL(Path(__file__).parent / "libpython3.11.so.1.0")  # expect: NLP101
api.Py_IsInitialized()
