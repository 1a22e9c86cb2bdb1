from typing import cast
from ctypes import CDLL
api = cast("CDLL", CDLL("libpython3.11.so"))  # expect: NLP101
api.Py_IsInitialized()
