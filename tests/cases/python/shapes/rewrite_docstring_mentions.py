"""Opens the runtime through CDLL."""
from ctypes import CDLL

api = CDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
