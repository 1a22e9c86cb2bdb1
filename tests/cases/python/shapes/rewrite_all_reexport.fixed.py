from ctypes import CDLL, pythonapi

__all__ = ["CDLL", "api"]
api = pythonapi  # expect: NLP101
api.Py_IsInitialized()
