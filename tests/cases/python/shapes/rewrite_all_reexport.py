from ctypes import CDLL

__all__ = ["CDLL", "api"]
api = CDLL("libpython3.11.so")  # expect: NLP101
api.Py_IsInitialized()
